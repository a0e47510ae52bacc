//! Pages for people: HTML from templates, Chinese first, English beside it.
//!
//! They hold no rule and no text of a rule: what may be done comes from the board, what the rule says from
//! `landgavel_record::words`. Each sentence of a page stands in both languages at one place. Modules, each importing
//! only from those before it: `assets`, `page`, `facts`, `verifier`, `map`, `tasks`, `public`, `register`, `scores`, `room`, `record`, `papers`, `door`,
//! `officer`, `draft`, `offers`, `officer_sale`, `apply`, `guarantor`, `auditor`, `chart`, `pledge_forms`, `demands`, `pledge`, `pledges`, `opening`.

mod apply;
mod assets;
mod auditor;
mod chart;
mod demands;
pub mod demo;
mod door;
mod draft;
mod facts;
mod guarantor;
mod map;
mod offers;
mod officer;
mod officer_sale;
mod opening;
mod page;
mod papers;
mod pledge;
mod pledge_act;
mod pledge_forms;
mod pledges;
mod public;
mod record;
mod register;
mod room;
mod scores;
mod tasks;
mod verifier;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};

use crate::clock::{Clock, MachineClock};
use crate::hall::Hall;
use crate::people::Directory;

pub use page::Site;
pub use papers::Printer;
pub use verifier::VerifierPage;

/// What pages are made from.
#[derive(Clone)]
pub struct Pages {
    /// The sales.
    pub hall: Arc<Hall>,
    /// The people.
    pub people: Directory,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What every page needs to know of where it stands.
    pub site: Arc<Site>,
}

impl Pages {
    /// The machine's time, which sessions and codes go by: a demonstration's clock may run fast, or skip days.
    fn now_ms(&self) -> i64 {
        MachineClock.now().millis()
    }
}

/// Adds who calls to a request, for whoever answers it.
pub async fn with_caller(
    State(pages): State<Pages>,
    visitor: page::Visitor,
    mut request: Request,
    next: Next,
) -> Response {
    let _ = pages;
    request.extensions_mut().insert(visitor.caller);
    next.run(request).await
}

/// Headers that every page has: only what comes from here is run, shown or sent.
pub async fn with_headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in HEADERS {
        answer.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    answer
}

const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // Browsers heed it over TLS alone, which a proxy in front of the hall brings.
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// All pages.
pub fn router(pages: Pages) -> Router {
    Router::new()
        .route("/", get(public::home))
        .route("/sales/{id}", get(public::sale))
        .route("/sales/{id}/room", get(room::room))
        .route("/sales/{id}/record", get(record::record))
        .route("/sales/{id}/result", get(papers::result))
        .route("/sales/{id}/confirmation", get(papers::confirmation))
        .route("/sales/{id}/result.pdf", get(papers::result_pdf))
        .route("/sales/{id}/confirmation.pdf", get(papers::confirmation_pdf))
        .route("/sales/{id}/files/{name}", get(public::file))
        .route("/register", get(register::register))
        .route("/scores", get(scores::list))
        .route("/scores/{id}", get(scores::document))
        .route("/scores/{id}/firm", get(scores::firm))
        .route("/scores/{id}/firms.csv", get(scores::table))
        .route("/help", get(public::help))
        .route("/verify", get(verifier::verifier))
        .route("/login", get(door::login_form).post(door::log_in))
        .route("/logout", post(door::log_out))
        .route("/join", get(door::join_form).post(door::join))
        .route("/invitation/{name}/{secret}", get(door::invitation_form).post(door::accept))
        .route("/sales/{id}/apply", get(apply::page).post(apply::say))
        .route("/officer", get(officer::desk))
        .route("/officer/drafts/new", get(draft::new))
        .route("/officer/drafts", get(officer::desk).post(draft::begin))
        .route("/officer/drafts/{draft}", get(draft::draft).post(draft::save))
        .route("/officer/sales/{id}", get(officer_sale::sale))
        .route("/officer/sales/{id}/identities/{code}", get(officer_sale::back).post(officer_sale::look))
        .route("/officer/sales/{id}/bonds/{code}/paper", get(officer_sale::back).post(guarantor::paper))
        .route("/pledges", get(pledges::board))
        .route("/pledges/{id}", get(pledge::pledge))
        .route("/pledges/{id}/demands/{number}", get(demands::demand))
        .route("/pledges/{id}/demands/{number}/pdf", get(demands::demand_pdf))
        .route("/my/pledges", get(pledges::mine))
        .route("/officer/pledges", get(pledges::supervisor))
        .route("/officer/pledges/new", get(opening::new).post(opening::begin))
        .route("/officer/openings/{opening}", get(opening::opening))
        .route("/guarantor", get(guarantor::list))
        .route("/guarantor/{sale}/{code}/paper", get(guarantor::list).post(guarantor::paper))
        .route("/guarantor/{sale}/{code}", get(guarantor::list).post(guarantor::answer))
        .route("/auditor", get(auditor::audit))
        .route("/account", get(door::account))
        .route("/account/key", get(door::account).post(door::enrol))
        .route("/account/code/offer", get(door::account).post(door::offer_code))
        .route("/account/code", get(door::account).post(door::confirm_code))
        .route("/assets/{*path}", get(assets::asset))
        .fallback(public::not_found)
        .with_state(pages)
}
