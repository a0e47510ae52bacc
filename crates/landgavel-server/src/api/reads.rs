//! What can be read: sales, frames, entries and proofs.

use std::collections::BTreeMap;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use landgavel_log::note::Note;
use landgavel_log::proof::Proof;
use landgavel_sale::Viewer;
use landgavel_sale::rulebook::Item;
use landgavel_store::MAX_ENTRY;
use serde_json::{Value, json};

use super::{Api, Problem, json_response};
use crate::desk::shown::State as Shown;
use crate::people::{Caller, Role};

/// Entries in one answer, and their bytes, at most.
const ENTRIES: usize = 1000;
const ENTRIES_BYTES: usize = 4 << 20;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FRESH: HeaderValue = HeaderValue::from_static("no-store");

/// `GET /api/v1/sales`
pub(super) async fn sales(State(api): State<Api>) -> Result<Response, Problem> {
    let sales: Vec<Value> = api
        .hall
        .rooms()
        .iter()
        .filter(|room| room.is_public())
        .map(|room| {
            let frame: Value = serde_json::from_slice(&room.frames().borrow().json).unwrap_or_default();
            let title = &room.foundation().loaded.lot.title;
            json!({"id": room.id().as_str(), "title": {"zh": title.zh, "en": title.en},
                   "lot_id": room.foundation().notice.lot, "status": frame["status"], "paused": frame["paused"],
                   "entries": frame["entries"], "closes_ms": frame["phase"]["closes_ms"]})
        })
        .collect();
    json_response(&json!({"sales": sales}))
}

/// `GET /api/v1/register`: all sales as the register names them, and how far witnesses have seen it.
pub(super) async fn register(State(api): State<Api>) -> Result<Response, Problem> {
    let register = api.hall.register();
    let shown = register.shown();
    let mut value = shown.entries.json();
    value["key"] = json!(register.log_key().to_string());
    value["witnessed"] = json!(shown.witnessed.map(|at| json!({"size": at.size, "root": at.root.to_string()})));
    // What exactly is wrong stands in the log.
    value["is_damaged"] = json!(shown.damaged.is_some());
    for sale in value["sales"].as_array_mut().into_iter().flatten() {
        sale["is_served"] = json!(sale["sale"].as_str().is_some_and(|id| is_served(&api, id)));
    }
    json_response(&value)
}

/// Whether a sale can be shown: one that is registered and damaged cannot.
fn is_served(api: &Api, id: &str) -> bool {
    api.hall.room(id).is_some_and(|room| room.shown().is_some())
}

/// `GET /api/v1/sales/{sale}`: the frame that everybody sees.
pub(super) async fn frame(State(api): State<Api>, Path(sale): Path<String>) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let json: Bytes = room.frames().borrow().json.clone();
    if room.shown().is_none() {
        return Err(Problem::opening());
    }
    Ok(([(CONTENT_TYPE, JSON), (CACHE_CONTROL, FRESH)], json).into_response())
}

/// `GET /api/v1/sales/{sale}/mine`: what the caller sees beside it.
pub(super) async fn binding(State(api): State<Api>, Path(sale): Path<String>) -> Result<Response, Problem> {
    let binding = api.room(&sale)?.binding();
    json_response(&binding.ok_or_else(|| Problem::not_found("the sale is being read back"))?)
}

/// `GET /api/v1/sales/{sale}/mine`
pub(super) async fn mine(
    State(api): State<Api>,
    Path(sale): Path<String>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let key = caller.as_ref().and_then(|caller| caller.account()).map(|account| account.key.clone());
    let key = key.ok_or_else(Problem::not_logged_in)?;
    let code = key.and_then(|key| room.code_of_key(&key));
    let frame = code.and_then(|code| room.own_frame(&code));
    json_response(&frame.ok_or_else(|| Problem::not_found("this account's key has applied for nothing here"))?)
}

/// How a caller looks at a sale.
pub(crate) fn viewer(state: &Shown, caller: Option<&Caller>) -> Viewer {
    match caller.and_then(Caller::role) {
        Some(Role::Officer) => Viewer::Officer,
        Some(Role::Auditor) => Viewer::Auditor,
        Some(Role::Bidder | Role::Guarantor | Role::Source) | None => {
            let key = caller.and_then(Caller::account).and_then(|account| account.key.as_deref());
            let code = key.and_then(|key| state.enrolled.get(key));
            code.and_then(|code| state.sale.bidder_named(code)).map_or(Viewer::Public, Viewer::Bidder)
        }
    }
}

/// Whether entries themselves may be read: they tell all that the sale knows.
pub(crate) fn sees_entries(state: &Shown, viewer: Viewer) -> bool {
    state.sale.status().is_final() || Item::ALL.into_iter().all(|item| state.sale.is_shown(item, viewer, false))
}

/// `GET /api/v1/sales/{sale}/entries?from=…&limit=…`
pub(super) async fn entries(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let shown = room.shown().ok_or_else(Problem::opening)?;
    let known = {
        let state = shown.look();
        let viewer = viewer(&state, caller.as_deref());
        if !sees_entries(&state, viewer) {
            return Err(Problem::hidden());
        }
        state.entries
    };
    let number = |name: &str, default: u64| match query.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<u64>().map_err(|_| Problem::malformed(format!("{name} is not a whole number"))),
    };
    let from = number("from", 0)?;
    let limit = usize::try_from(number("limit", 100)?).unwrap_or(ENTRIES).min(ENTRIES);
    let limit = limit.min(usize::try_from(known.saturating_sub(from)).unwrap_or(0));
    let some = match limit {
        0 => Vec::new(),
        limit => {
            let store = &api.hall.setting().store;
            store.read(room.id(), from, limit, ENTRIES_BYTES).await.map_err(|fault| Problem::store(&fault))?
        }
    };
    let lines: Vec<String> = some.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    json_response(&json!({"from": from, "size": known, "entries": lines}))
}

/// `GET /api/v1/sales/{sale}/entries/{entry}/proof`: a receipt; without the entry itself where the caller may not
/// read it, since its holder has it.
pub(super) async fn proof(
    State(api): State<Api>,
    Path((sale, entry)): Path<(String, u64)>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let shown = room.shown().ok_or_else(Problem::opening)?;
    let (published, entries, sees) = {
        let state = shown.look();
        let sees = sees_entries(&state, viewer(&state, caller.as_deref()));
        (state.published.clone(), state.entries, sees)
    };
    if entry >= entries {
        return Err(Problem::not_found(format!("the sale has {entries} entries")));
    }
    let tree = published.map(|published| published.tree).filter(|tree| entry < tree.size());
    let tree = tree.ok_or_else(Problem::not_witnessed_yet)?;
    let store = api.hall.setting().store.clone();
    let checkpoint = store.checkpoints(room.id(), tree.size(), 1).await.map_err(|fault| Problem::store(&fault))?;
    let note = checkpoint.first().and_then(|checkpoint| Note::parse(checkpoint.note.as_bytes()).ok());
    let note = note.ok_or_else(|| Problem::store(&"the last checkpoint is missing"))?;
    let some = store.read(room.id(), entry, usize::from(sees), MAX_ENTRY).await;
    let line = some.map_err(|fault| Problem::store(&fault))?.into_iter().next().filter(|_| sees);
    let hashes = tree.hashes();
    let proof = tokio::task::spawn_blocking(move || {
        let proof = Proof::new(&hashes, entry, note)?;
        line.map_or(Ok(proof.clone()), |line| proof.with_extra(line))
    });
    let proof = proof.await.map_err(|error| Problem::store(&error))?.map_err(|error| Problem::store(&error))?;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind)], proof.to_string()).into_response())
}
