//! The page of a demonstration: which role to take.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::sync::Notify;

use super::Pages;
use super::door::comes_from_us;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::demo::{SALE, VISITOR, enter};

/// A session's cookie lives no longer than the session.
const COOKIE_S: u32 = 12 * 60 * 60;

#[derive(Template)]
#[template(path = "demo.html")]
struct Demo {
    page: Page,
    base: String,
    api: String,
    person: &'static str,
}

on_page!(Demo);

/// Pages of a demonstration. `begin` wakes the sale when a visitor does not want to wait.
pub fn router(pages: Pages, begin: Arc<Notify>) -> Router {
    Router::new()
        .route("/demo", get(demo))
        .route("/demo/as/{person}", post(take))
        .route("/demo/begin", post(start))
        .layer(Extension(begin))
        .with_state(pages)
}

async fn demo(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let page = visitor.page(&pages.site, "演示", "Demonstration");
    let base = format!("/sales/{SALE}");
    Page::answer(StatusCode::OK, &Demo { page, base, api: format!("/api/v1/sales/{SALE}"), person: VISITOR })
}

async fn take(
    State(pages): State<Pages>,
    Path(person): Path<String>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    match enter(&pages.people, &person, pages.clock.now().millis()).await {
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
    Extension(begin): Extension<Arc<Notify>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    begin.notify_one();
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/sales/demo/room"));
    answer
}
