//! Asking for something, and asking again what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Request;
use axum::response::Response;
use landgavel_base::Instant;
use landgavel_log::durable::DurableReceipt;
use landgavel_log::tree::leaf_hash;
use landgavel_record::record::{IntakeRefusal, Refused};
use landgavel_record::verify::Outline;
use landgavel_record::words::{Language, intake_refusal_in_words, refusal_in_words};
use landgavel_sale::event::Event;
use serde_json::{Value, json};

use super::{Api, Problem, client, json_response};
use crate::board;
use crate::desk::Outcome;
use crate::desk::book::Written;
use crate::desk::intake::Submission;
use crate::dossier;
use crate::hall::Room;

/// Most bytes of a request with a command: its text may double as a string in JSON.
pub(super) const BODY_MAX: usize = 80 * 1024;

/// `POST /api/v1/sales/{sale}/commands`
pub(super) async fn ask(
    State(api): State<Api>,
    Path(sale): Path<String>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let now = api.now_ms();
    let address = client(&request).to_string();
    api.limits.addresses.take(&address, now).map_err(Problem::too_many)?;
    let body = super::body(request, BODY_MAX).await?;
    let submission = read(&body)?;
    // What nobody signs, such as a beacon's rounds, counts for the address that brings it.
    let by = submission.signatures.first().map_or(&address, |(key, _)| key);
    api.limits.keys.take(by, now).map_err(Problem::too_many)?;
    // A bond that the hall keeps is entered as its guarantor and its officer saw it, whichever way its command comes.
    match dossier::take_signed(&api.hall, &room, &submission).await? {
        Some(bond) => super::dossier::entered(&api, &room, bond, submission).await,
        None => json_response(&answered(&api, &room, submission).await?),
    }
}

/// Asks the sale's desk, and tells what came of it.
pub(super) async fn answered(api: &Api, room: &Room, submission: Submission) -> Result<Value, Problem> {
    let (text, signatures) = (submission.command.clone(), submission.signatures.clone());
    let began = std::time::Instant::now();
    let outcome = room.ask(submission).await;
    api.metrics.asked(&outcome, began.elapsed());
    match outcome? {
        Outcome::Entered(written) => Ok(entered(api, room, &written)),
        Outcome::Before(number) => {
            let line = stored(api, room, number).await?;
            let outline = Outline::read(&line).map_err(|why| Problem::store(&why))?;
            if outline.text != text || outline.signatures != signatures {
                return Err(Problem::id_repeated());
            }
            Ok(again(api, room, number, &line, &outline))
        }
        Outcome::TurnedAway(fault) => Err(Problem::turned_away(&fault)),
    }
}

/// `GET /api/v1/sales/{sale}/commands?key=…&id=…`: what became of a command whose answer was lost.
pub(super) async fn find(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let (Some(key), Some(id)) = (query.get("key"), query.get("id")) else {
        return Err(Problem::malformed("the query needs key and id"));
    };
    let Some(number) = room.entry_with_id(key, id).await? else {
        return Err(Problem::not_found("no entry has this key and id; the command may be asked again"));
    };
    let line = stored(&api, &room, number).await?;
    let outline = Outline::read(&line).map_err(|why| Problem::store(&why))?;
    json_response(&again(&api, &room, number, &line, &outline))
}

pub(super) fn read(body: &[u8]) -> Result<Submission, Problem> {
    submission(&serde_json::from_slice(body).map_err(Problem::malformed)?)
}

/// A command and its signatures. The command is text within the JSON: what was signed is kept as it came.
pub(super) fn submission(value: &Value) -> Result<Submission, Problem> {
    let wrong = || Problem::malformed("expected {\"command\": text, \"signatures\": [{\"key\", \"signature\"}]}");
    let object = value.as_object().filter(|object| object.len() <= 2).ok_or_else(wrong)?;
    let command = object.get("command").and_then(Value::as_str).ok_or_else(wrong)?.to_owned();
    let signatures = match object.get("signatures") {
        None => Vec::new(),
        Some(list) => {
            let one = |signed: &Value| {
                Some((signed.get("key")?.as_str()?.to_owned(), signed.get("signature")?.as_str()?.to_owned()))
            };
            let list = list.as_array().filter(|list| list.len() <= 8).ok_or_else(wrong)?;
            list.iter().map(one).collect::<Option<Vec<_>>>().ok_or_else(wrong)?
        }
    };
    Ok(Submission { command, signatures })
}

async fn stored(api: &Api, room: &Room, number: u64) -> Result<Vec<u8>, Problem> {
    let store = &api.hall.setting().store;
    let some = store.read(room.id(), number, 1, usize::MAX).await.map_err(|fault| Problem::store(&fault))?;
    some.into_iter().next().ok_or_else(|| Problem::store(&format!("entry {number} is missing")))
}

/// The answer to a command that was just entered.
fn entered(api: &Api, room: &Room, written: &Arc<Written>) -> Value {
    let entry = &written.entry;
    let code = entry.result.as_ref().err().map(Refused::code);
    let tells = tells(room, &entry.command, code, Some(written.events()));
    let refused = entry.result.as_ref().err().map(|refused| {
        let words = if tells { refusal_words(room, refused) } else { withheld() };
        json!({"code": refused.code(), "words": words})
    });
    let events: Vec<Value> =
        room.shown().map_or_else(Vec::new, |shown| board::told(&shown.look(), entry.number, written.events()));
    let receipt = receipt(api, room, entry.number, entry.at, &written.leaf);
    answer(entry.number, entry.at.millis(), refused, events, &receipt, tells.then_some(&entry.line), false)
}

/// Whether the answer may hold the entry's own line: where the rules hide amounts, it could tell one.
fn tells(room: &Room, command: &str, refusal: Option<&str>, events: Option<&[Event]>) -> bool {
    let asked: Value = serde_json::from_str(command).unwrap_or_default();
    let Some(shown) = room.shown() else { return false };
    // Events that are not at hand any more are taken for telling ones; a bid's own are known.
    let known = events.is_some() || refusal.is_some();
    let state = shown.look();
    let tells = board::tells_line(&state, asked["bidder"].as_str(), refusal, events.unwrap_or_default());
    tells && (known || board::tells_line(&state, asked["bidder"].as_str(), Some("bid_below_minimum"), &[]))
}

fn withheld() -> Value {
    json!({"zh": "该报价不符合此刻的要求；按规则，他人的数额此时不公开。",
           "en": "The bid does not meet what is asked at the moment; the rules keep the amounts of others hidden."})
}

/// The same answer, from the journal: what a refusal says in words is known only to the engine at its time.
fn again(api: &Api, room: &Room, number: u64, line: &[u8], outline: &Outline) -> Value {
    let line_text = String::from_utf8_lossy(line).into_owned();
    let value: Value = serde_json::from_slice(line).unwrap_or_default();
    let refused = value.get("refused").map(|refused| {
        let code = refused["code"].as_str().unwrap_or_default();
        let intake = IntakeRefusal::ALL.into_iter().find(|known| known.code() == code);
        let words = intake.map_or_else(|| json!({"zh": "已拒绝", "en": "Refused"}), intake_words);
        json!({"code": code, "words": words})
    });
    let at = Instant::from_millis(outline.at_ms).unwrap_or_else(|| Instant::from_millis(0).expect("the epoch"));
    let receipt = receipt(api, room, number, at, &leaf_hash(line));
    let tells = tells(room, &outline.text, value["refused"]["code"].as_str(), None);
    answer(number, outline.at_ms, refused, Vec::new(), &receipt, tells.then_some(&line_text), true)
}

fn answer(
    entry: u64,
    at_ms: i64,
    refused: Option<Value>,
    events: Vec<Value>,
    receipt: &str,
    line: Option<&String>,
    repeated: bool,
) -> Value {
    let result = if refused.is_some() { "refused" } else { "accepted" };
    json!({"entry": entry, "at_ms": at_ms, "result": result, "refused": refused, "events": events,
           "receipt": receipt, "line": line, "repeated": repeated})
}

/// The log's word that the entry is stored. Made by whichever thread answers, after it is.
fn receipt(api: &Api, room: &Room, entry: u64, at: Instant, leaf: &landgavel_log::tree::Hash) -> String {
    let origin = api.hall.origin(room.id());
    let at_ms = u64::try_from(at.millis()).unwrap_or(0);
    let key = room.log_key();
    let receipt = DurableReceipt { origin, entry, leaf: *leaf, at_ms };
    receipt.sign(key).map(|note| note.to_string()).expect("a receipt of this log reads back the same")
}

fn refusal_words(room: &Room, refused: &Refused) -> Value {
    match refused {
        Refused::Engine(refusal) => {
            let lot = &room.foundation().loaded.lot;
            json!({"zh": refusal_in_words(lot, refusal, Language::Zh), "en": refusal_in_words(lot, refusal, Language::En)})
        }
        Refused::Intake(refusal) => intake_words(*refusal),
    }
}

fn intake_words(refusal: IntakeRefusal) -> Value {
    let [zh, en] = [Language::Zh, Language::En].map(|language| intake_refusal_in_words(refusal, language));
    json!({"zh": zh, "en": en})
}
