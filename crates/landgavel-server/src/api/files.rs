//! The log and bundle of a sale as static files, in the layout that strangers' tools read.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

use super::reads::{sees_entries, viewer};
use super::{Api, Problem};
use crate::export::{Bundle, Exported, archive as archive_of, holds_entries};
use crate::hall::Room;
use crate::notices;
use crate::people::Caller;

/// `GET /sales/{sale}/bundle.zip`
pub(super) async fn archive(
    State(api): State<Api>,
    Path(sale): Path<String>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let bundle = bundle(&api, &room, caller.as_deref(), true)?;
    packed(&api, bundle, room.id().as_str())
}

/// Files as an archive of a name; at most a few are made at once.
pub(super) fn packed(api: &Api, files: impl Exported, name: &str) -> Result<Response, Problem> {
    let turn = api.archives.clone().try_acquire_owned().map_err(|_| Problem::too_many(5000))?;
    let pieces = unfold((archive_of(files), turn), |(mut pieces, turn)| async move {
        let piece = pieces.recv().await?;
        Some((piece, (pieces, turn)))
    });
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}.zip\""));
    let name = name.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/zip")), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// `GET /sales/{sale}/checkpoint`, `/sales/{sale}/tile/…` and the other files of the bundle.
pub(super) async fn file(
    State(api): State<Api>,
    Path((sale, path)): Path<(String, String)>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let tells = holds_entries(&path) || path == "outcome.json";
    let bundle = bundle(&api, &room, caller.as_deref(), tells)?;
    let bytes = bundle.file(&path).await.map_err(|fault| Problem::store(&fault))?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("the record has no such file"))?;
    Ok(sent(&path, bytes, !tells))
}

/// A file of a log. A full tile never changes, everything else grows; what is not for everybody is kept by nobody.
pub(super) fn sent(path: &str, bytes: impl IntoResponse, is_public: bool) -> Response {
    let is_fixed = path.starts_with("tile/") && !path.contains(".p/") && is_public;
    let keep = if is_fixed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = if path.starts_with("tile/") { "application/octet-stream" } else { "text/plain; charset=utf-8" };
    let headers = [(CONTENT_TYPE, HeaderValue::from_static(kind)), (CACHE_CONTROL, HeaderValue::from_static(keep))];
    (headers, bytes).into_response()
}

/// `GET /register/log/{path}`: the files of the register.
pub(super) async fn register(State(api): State<Api>, Path(path): Path<String>) -> Result<Response, Problem> {
    let shown = api.hall.register().shown();
    if let Some(why) = &shown.damaged {
        return Err(Problem::store(why));
    }
    if shown.files.is_empty() {
        return Err(Problem::not_witnessed_yet());
    }
    let bytes = shown.files.get(&path).cloned();
    let bytes = bytes.ok_or_else(|| Problem::not_found("the register has no such file"))?;
    Ok(sent(&path, bytes, true))
}

/// `GET /sales/{sale}/calendar.ics`
pub(super) async fn calendar(State(api): State<Api>, Path(sale): Path<String>) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let shown = room.shown().ok_or_else(Problem::opening)?;
    let text = notices::calendar(&room, &shown.look());
    Ok(as_calendar(text))
}

/// A calendar as an answer.
pub(super) fn as_calendar(text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}

/// `GET /sales/{sale}/ocds.json`
pub(super) async fn open_contracting(State(api): State<Api>, Path(sale): Path<String>) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let shown = room.shown().ok_or_else(Problem::opening)?;
    let package = notices::release_package(&room, &shown.look());
    super::json_response(&package)
}

fn bundle(api: &Api, room: &Room, caller: Option<&Caller>, tells_entries: bool) -> Result<Bundle, Problem> {
    let shown = room.shown().ok_or_else(Problem::opening)?;
    let state = shown.look();
    if tells_entries && !sees_entries(&state, viewer(&state, caller)) {
        return Err(Problem::hidden());
    }
    let published = state.published.clone().ok_or_else(Problem::not_witnessed_yet)?;
    Ok(Bundle::new(api.hall.setting().store.clone(), room.id().clone(), published))
}
