//! Pages and API under one address.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::sync::Notify;

use crate::api::Api;
use crate::pages::{self, Pages, with_caller, with_headers};

/// Everything that a hall answers. A demonstration brings what wakes its sale.
pub fn app(pages: Pages, api: &Api, demonstration: Option<Arc<Notify>>) -> Router {
    let api = api.clone().with_people(pages.people.clone());
    let machines = api.router().layer(from_fn_with_state(pages.clone(), with_caller));
    let mut people = pages::router(pages.clone());
    if let Some(begin) = demonstration {
        people = people.merge(pages::demo::router(pages, begin));
    }
    people.layer(from_fn(with_headers)).merge(machines)
}
