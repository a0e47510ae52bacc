//! Bids signed in advance: lodged, looked at, taken back, by whoever signed them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::callers::Changing;
use super::routes::signatures_schema;
use super::{Api, Problem, client, json_response};
use crate::desk::NotAnswered;
use crate::hall::{NotLodged, Room};
use crate::people::Account;

/// Most bytes of a request: a thousand bids.
const BODY_MAX: usize = 2 << 20;
/// So many signatures that are verified at lodging count as one command.
const COUNT_AS_ONE: usize = 25;

/// `POST /api/v1/sales/{sale}/proxy`
pub(super) async fn lodge(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let (key, code) = bidder(&room, &account)?;
    let now = api.now_ms();
    api.limits.addresses.take(&client(&request).to_string(), now).map_err(Problem::too_many)?;
    api.limits.keys.take(&key, now).map_err(Problem::too_many)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let bids = value["bids"].as_array().ok_or_else(|| Problem::malformed("bids is no list"))?;
    let bids = bids.iter().map(super::commands::submission).collect::<Result<Vec<_>, _>>()?;
    for _ in 0..bids.len() / COUNT_AS_ONE {
        api.limits.keys.take(&key, now).map_err(Problem::too_many)?;
    }
    let lodged = room.lodge(&code, &key, bids).await.map_err(problem)?;
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
    let asked = room.take_back(&code).await.map_err(problem)?;
    // A bid that is at the desk already may be entered after this answer.
    json_response(&json!({"proxy": null, "asked": asked}))
}

/// Key and code of the caller, who must be a bidder here.
fn bidder(room: &Arc<Room>, account: &Account) -> Result<(String, String), Problem> {
    let key = account.key.clone();
    let code = key.as_deref().and_then(|key| room.code_of_key(key));
    key.zip(code).ok_or_else(Problem::not_allowed)
}

fn problem(why: NotLodged) -> Problem {
    match why {
        NotLodged::Bid { place, why } => Problem::malformed(format!("bid {place}: {why}")),
        NotLodged::NotAdmitted => Problem::not_allowed(),
        NotLodged::NoStage => Problem::malformed("no stage runs in which bids can be lodged"),
        NotLodged::Full => Problem::too_many(60_000),
        NotLodged::Elsewhere => Problem::from(NotAnswered::Elsewhere),
        NotLodged::Nothing => Problem::not_found("nothing is lodged"),
        NotLodged::Vault(why) => Problem::store(&why),
    }
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
