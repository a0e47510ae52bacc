//! Bids signed in advance: lodged, looked at, taken back, by whoever signed them.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::callers::Changing;
use super::routes::signatures_schema;
use super::{Api, Problem, json_response};
use crate::hall::{NotLodged, Room};
use crate::people::Account;

/// Most bytes of a request: a thousand bids.
const BODY_MAX: usize = 2 << 20;

/// `POST /api/v1/sales/{sale}/proxy`
pub(super) async fn lodge(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let (key, code) = bidder(&room, &account)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let bids = value["bids"].as_array().ok_or_else(|| Problem::malformed("bids is no list"))?;
    let bids = bids.iter().map(super::commands::submission);
    let lodged = room.lodge(&code, &key, bids.collect::<Result<_, _>>()?).map_err(|why| match why {
        NotLodged::Bid { place, why } => Problem::malformed(format!("bid {place}: {why}")),
        NotLodged::NoStage => Problem::malformed("no stage runs in which bids can be lodged"),
        NotLodged::Full => Problem::too_many(60_000),
    })?;
    json_response(&json!({"proxy": lodged}))
}

/// `DELETE /api/v1/sales/{sale}/proxy`
pub(super) async fn cancel(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let (_, code) = bidder(&room, &account)?;
    if !room.proxies().cancel(&code) {
        return Err(Problem::not_found("nothing is lodged"));
    }
    json_response(&json!({"proxy": null}))
}

/// Key and code of the caller, who must be a bidder here.
fn bidder(room: &Room, account: &Account) -> Result<(String, String), Problem> {
    let key = account.key.clone();
    let code = key.as_deref().and_then(|key| room.code_of_key(key));
    key.zip(code).ok_or_else(Problem::not_allowed)
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object", "required": ["bids"], "additionalProperties": false,
        "properties": {"bids": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {
            "type": "object", "required": ["command", "signatures"], "additionalProperties": false,
            "properties": {"command": {"type": "string"}, "signatures": signatures_schema()},
        }}},
    })
}
