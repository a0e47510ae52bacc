//! The page of a demonstration: which role to take.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::Pages;
use super::door::comes_from_us;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::demo::{Door, PLEDGE, SALE, VISITOR, visitor_code};

/// A session's cookie lives no longer than the session.
const COOKIE_S: u32 = 12 * 60 * 60;

#[derive(Template)]
#[template(path = "demo.html")]
struct Demo {
    page: Page,
    base: String,
    api: String,
    role: &'static str,
    /// The visitor's account and the code that it bids under.
    bidder: Option<(String, String)>,
    is_over: bool,
    /// The page of the winner's pledge, once it is opened.
    pledge: Option<String>,
}

on_page!(Demo);

/// Pages of a demonstration.
pub fn router(pages: Pages, door: Arc<Door>) -> Router {
    Router::new()
        .route("/demo", get(demo))
        .route("/demo/as/{person}", post(take))
        .route("/demo/begin", post(start))
        .layer(Extension(door))
        .with_state(pages)
}

async fn demo(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let name = visitor.caller.name().map(ToString::to_string);
    let bidder = name.and_then(|name| visitor_code(&name).map(|code| (name, code)));
    let shown = pages.hall.room(SALE).and_then(|room| room.shown());
    let is_over = shown.is_some_and(|shown| shown.look().sale.status().is_final());
    let page = visitor.page(&pages.site, "演示", "Demonstration");
    let pledge = pages.hall.pledge(PLEDGE).map(|_| format!("/pledges/{PLEDGE}"));
    let (base, api) = (format!("/sales/{SALE}"), format!("/api/v1/sales/{SALE}"));
    Page::answer(StatusCode::OK, &Demo { page, base, api, role: VISITOR, bidder, is_over, pledge })
}

async fn take(
    State(pages): State<Pages>,
    Path(person): Path<String>,
    Extension(door): Extension<Arc<Door>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    match door.enter(&pages.people, &person, pages.now_ms()).await {
        Ok(token) => {
            let mut answer = StatusCode::SEE_OTHER.into_response();
            let to = if person == VISITOR { "/demo#bid" } else { "/" };
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static(to));
            if let Ok(cookie) = HeaderValue::from_str(&pages.site.cookie(token.text(), COOKIE_S)) {
                answer.headers_mut().append(SET_COOKIE, cookie);
            }
            answer
        }
        Err(_) => ErrorPage::not_found(&pages.site, visitor),
    }
}

async fn start(
    State(pages): State<Pages>,
    Extension(door): Extension<Arc<Door>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    door.begin();
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/sales/demo/room"));
    answer
}
