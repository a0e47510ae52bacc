use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_record::words::view_in_words;
use landgavel_sale::Viewer;

use super::Pages;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::people::Role;

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage {
    page: Page,
    base: String,
    api: String,
    person: String,
    offset_ms: i64,
    is_bidder: bool,
    words: Vec<String>,
}

on_page!(RoomPage);

pub(super) async fn room(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let lot = state.sale.lot();
    let page = RoomPage {
        base: format!("/sales/{id}"),
        api: format!("/api/v1/sales/{id}"),
        person: visitor.caller.name().map(ToString::to_string).unwrap_or_default(),
        offset_ms: i64::from(lot.rulebook.utc_offset.minutes()) * 60_000,
        is_bidder: visitor.caller.is(Role::Bidder),
        words: view_in_words(&state.sale, Viewer::Public, visitor.language),
        page: visitor.page(&pages.site, &lot.title.zh, &lot.title.en),
    };
    Page::answer(StatusCode::OK, &page)
}
