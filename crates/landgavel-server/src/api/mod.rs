//! The hall for machines: JSON in, JSON out, problem documents, streams and static files.
//!
//! It holds no rule. A command is allowed by its signatures alone; who has logged in matters only for what is
//! shown. `routes` lists all paths, for the router and for the OpenAPI document alike.

mod acts;
mod callers;
mod commands;
mod create;
mod dossier;
mod drafts;
mod fan;
mod files;
mod operations;
mod people;
mod pledges;
mod problem;
mod proxy;
mod reads;
mod routes;
mod stream;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

pub(crate) use dossier::saved;
pub use operations::Metrics;
pub use problem::Problem;
pub(crate) use reads::{sees_entries, viewer};
pub use routes::openapi;

use crate::hall::{Hall, Room};
use crate::http::{ClientAddress, read_body};
use crate::people::{Allowance, Directory, Limiter};
use fan::Fans;
use stream::Places;

/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// Addresses and keys that are counted at once.
const NAMES: usize = 200_000;
/// Commands of one key to pledges: a bureau may hand in a year's figures of all parcels at once.
const PLEDGERS: Allowance = Allowance { burst: 300, period_ms: 10_000 };
/// Archives that are made at once.
const ARCHIVES: usize = 2;

/// How much strangers may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Commands of one address.
    pub address: Allowance,
    /// Commands of one key.
    pub key: Allowance,
    /// Streams opened by one address.
    pub streams: Allowance,
    /// Viewers in all.
    pub viewers: usize,
}

impl Default for Bounds {
    /// An office behind one address may bid with several people; a key bids by hand, or as fast as a rule of
    /// one bid per reaction lets a program.
    fn default() -> Self {
        Self {
            address: Allowance { burst: 400, period_ms: 10 },
            key: Allowance { burst: 60, period_ms: 50 },
            streams: Allowance { burst: 300, period_ms: 20 },
            viewers: 20_000,
        }
    }
}

pub(super) struct Limits {
    addresses: Limiter,
    keys: Limiter,
    streams: Limiter,
    pledgers: Limiter,
}

/// The API of a hall.
#[derive(Clone)]
pub struct Api {
    hall: Arc<Hall>,
    people: Directory,
    /// Host and port of the hall's pages, which a key signs when it is enrolled.
    host: Arc<str>,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
    places: Arc<Places>,
    archives: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    fans: Arc<Fans>,
    closing: Arc<watch::Sender<bool>>,
}

impl Api {
    /// The API of a hall, with bounds for strangers.
    pub fn new(hall: Arc<Hall>, bounds: Bounds) -> Self {
        let limits = Limits {
            addresses: Limiter::new(bounds.address, NAMES),
            keys: Limiter::new(bounds.key, NAMES),
            streams: Limiter::new(bounds.streams, NAMES),
            pledgers: Limiter::new(PLEDGERS, NAMES),
        };
        Self {
            people: Directory::new(hall.setting().store.clone()),
            hall,
            host: Arc::from(""),
            limits: Arc::new(limits),
            metrics: Arc::default(),
            places: Places::new(bounds.viewers),
            archives: Arc::new(Semaphore::new(ARCHIVES)),
            uploads: Arc::new(Semaphore::new(dossier::UPLOADS)),
            fans: Arc::default(),
            closing: Arc::new(watch::Sender::new(false)),
        }
    }

    /// The same with a directory that pages use too, so that tries to log in are counted together, under the host of the
    /// pages. Without it no key is enrolled.
    #[must_use]
    pub fn beside_pages(self, people: Directory, host: &str) -> Self {
        Self { people, host: Arc::from(host), ..self }
    }

    /// All paths of the API. Whoever knows who calls adds a `Caller` to the request's extensions before.
    pub fn router(&self) -> Router {
        routes::router(self.clone()).layer(from_fn(headers))
    }

    /// Ends all streams, so that connections can end.
    pub fn close(&self) {
        self.closing.send_replace(true);
        // Viewers wait for frames alone; one that shows nothing new tells them.
        self.hall.rooms().iter().for_each(|room| room.wake_viewers());
    }

    fn room(&self, sale: &str) -> Result<Arc<Room>, Problem> {
        self.hall.room(sale).ok_or_else(|| Problem::not_found("there is no sale of this id"))
    }

    /// The machine's time for limits: a demonstration's clock may run fast or stand.
    fn now_ms(&self) -> i64 {
        use crate::clock::Clock as _;
        crate::clock::MachineClock.now().millis()
    }
}

/// The JSON of a request of at most so many bytes.
async fn json_body(request: Request<Body>, most: usize) -> Result<Value, Problem> {
    serde_json::from_slice(&body(request, most).await?).map_err(Problem::malformed)
}

/// Where a request comes from.
fn client(request: &Request<Body>) -> IpAddr {
    let address = request.extensions().get::<ClientAddress>();
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

async fn body(request: Request<Body>, most: usize) -> Result<Bytes, Problem> {
    body_within(request, most, BODY_WITHIN).await
}

/// A body that says itself that it is too large is not read at all.
async fn body_within(request: Request<Body>, most: usize, within: Duration) -> Result<Bytes, Problem> {
    let length = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > u64::try_from(most).unwrap_or(u64::MAX)) {
        return Err(Problem::too_large(most));
    }
    read_body(request.into_body(), most, within).await.map_err(|status| match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(most),
        StatusCode::REQUEST_TIMEOUT => Problem::too_slow(),
        _ => Problem::malformed("the body broke off"),
    })
}

fn json_response(value: &Value) -> Result<Response, Problem> {
    let headers = [
        (axum::http::header::CONTENT_TYPE, reads::JSON),
        (axum::http::header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, value.to_string()).into_response())
}

/// Headers that every answer of the API has: nothing of it is ever run, framed or guessed at.
async fn headers(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let fixed = [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}
