//! The officer's desk: what waits, drafts, sales.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Pages;
use super::facts::{Card, card};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::tasks::{TaskRow, waiting};
use crate::hall::{Draft, Drafts, Stands};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};

#[derive(Template)]
#[template(path = "officer.html")]
struct Desk {
    page: Page,
    tasks: Vec<TaskRow>,
    drafts: Vec<DraftCard>,
    sales: Vec<Card>,
    lacks_key: bool,
    lacks_code: bool,
}

on_page!(Desk);

struct DraftCard {
    href: String,
    title: String,
    state: String,
    tone: &'static str,
    by: String,
}

/// The officer who looks.
pub(super) fn officer(visitor: &Visitor) -> Option<Account> {
    visitor.caller.account().filter(|account| account.role == Role::Officer).cloned()
}

/// A page that says why something was not done.
pub(super) fn not_done(pages: &Pages, visitor: Visitor, why: &NotDone) -> Response {
    let status = match why.kind {
        Kind::NotAllowed => StatusCode::FORBIDDEN,
        Kind::Absent => return ErrorPage::not_found(&pages.site, visitor),
        Kind::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Store => StatusCode::SERVICE_UNAVAILABLE,
    };
    ErrorPage::answer(&pages.site, visitor, status, ["未办理", "Not done"], [&why.zh, &why.en])
}

pub(super) async fn desk(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let Some(account) = officer(&visitor) else { return ErrorPage::forbidden(&pages.site, visitor) };
    let drafts = match Drafts::of(&pages.hall).all().await {
        Ok(drafts) => drafts,
        Err(why) => return not_done(&pages, visitor, &why),
    };
    let desk = Desk {
        tasks: waiting(&pages, &visitor).await,
        drafts: drafts.iter().map(|draft| draft_card(draft, &visitor)).collect(),
        sales: pages.hall.rooms().iter().filter_map(|room| officer_card(room, &visitor)).collect(),
        lacks_key: account.key.is_none(),
        lacks_code: !account.has_code() && !pages.hall.is_demonstration(),
        page: visitor.page(&pages.site, "工作台", "Officer's desk"),
    };
    Page::answer(StatusCode::OK, &desk)
}

fn officer_card(room: &crate::hall::Room, visitor: &Visitor) -> Option<Card> {
    let card = card(room, visitor)?;
    Some(Card { href: format!("/officer/sales/{}", room.id()), ..card })
}

fn draft_card(draft: &Draft, visitor: &Visitor) -> DraftCard {
    let title = draft.check().map_or_else(|_| draft.sale.clone(), |loaded| visitor.pick(&loaded.lot.title));
    let (state, tone) = match (draft.stands, draft.signatures()) {
        (Stands::Published, _) => (visitor.say("已发布", "published"), "good"),
        (Stands::Dropped, _) => (visitor.say("已作废", "dropped"), ""),
        (Stands::Open, 0) => (visitor.say("起草中", "being written"), "wait"),
        (Stands::Open, 1) => (visitor.say("待会签", "waits for a second signature"), "wait"),
        (Stands::Open | Stands::Publishing, _) => {
            (visitor.say("两人已签名，待发布", "signed by two, to be published"), "bad")
        }
    };
    DraftCard {
        href: format!("/officer/drafts/{}", draft.id),
        title,
        state,
        tone,
        by: format!("{} · {}", draft.sale, draft.by_shown),
    }
}
