//! Pages and API under one address.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::api::Api;
use crate::demo::Door;
use crate::pages::{self, Pages, with_caller, with_headers};

/// Everything that a hall answers. A demonstration brings its door.
pub fn app(pages: Pages, api: &Api, demonstration: Option<Arc<Door>>) -> Router {
    let api = api.clone().beside_pages(pages.people.clone(), pages.site.host());
    let machines = api.router().layer(from_fn_with_state(pages.clone(), with_caller));
    let mut people = pages::router(pages.clone());
    if let Some(door) = demonstration {
        people = people.merge(pages::demo::router(pages, door));
    }
    people.layer(from_fn(with_headers)).merge(machines)
}
