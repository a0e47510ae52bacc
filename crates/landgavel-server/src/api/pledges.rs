//! Pledges: what everybody sees of them, commands with all their signatures, acts that wait for a second one, openings.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Request;
use axum::response::Response;
use landgavel_base::{Bilingual, Instant};
use landgavel_log::durable::DurableReceipt;
use landgavel_log::tree::{Hash, leaf_hash};
use landgavel_pledge::Reason;
use landgavel_record::pledges::record::{Change, PLEDGE_COMMAND_FORMAT, Role as Signs};
use landgavel_record::pledges::{Opened, event_in_words, standing_json};
use landgavel_record::record::Received;
use serde_json::{Value, json};

use super::acts::{answer as act_answer, first_signature, told as act_told};
use super::callers::{Changing, Known, only};
use super::commands::{BODY_MAX, read};
use super::create::text;
use super::drafts::{mark, one_signature};
use super::{Api, Problem, client, json_response};
use crate::desk::intake::Submission;
use crate::export::Exported as _;
use crate::hall::{Acts, AskedOpening, Opening, Openings, Stands, TERMS_TEMPLATES, may_see};
use crate::people::Role;
use crate::pledges::{Outcome, Past, Pledge, Shown, State as PledgeState};

/// Most bytes of a request with an opening: JSON may double its terms.
const OPENING_MAX: usize = 1 << 20;
/// Most entries of one answer, and most bytes.
const ENTRIES: usize = 256;
const ENTRIES_BYTES: usize = 4 << 20;
/// Entries of the past in the answer to one pledge; the log has all.
const HISTORY: usize = 200;

fn pledge(api: &Api, id: &str) -> Result<Arc<Pledge>, Problem> {
    api.hall.pledge(id).ok_or_else(|| Problem::not_found("there is no pledge of this id"))
}

fn both(words: &Bilingual) -> Value {
    json!({"zh": words.zh, "en": words.en})
}

/// What changed, in words.
pub(crate) fn change_words(opened: &Opened, change: &Change) -> Bilingual {
    match change {
        Change::Pledge(event) => event_in_words(opened, &event.happened),
        Change::Rekeyed { of, key, approval } => Bilingual {
            zh: format!("“{of}”改用新密钥 {key}：{}", approval.reason),
            en: format!("“{of}” signs with another key {key} from now on: {}", approval.reason),
        },
    }
}

fn past_told(opened: &Opened, past: &Past) -> Value {
    let events: Vec<Value> = past.result.iter().flatten().map(|change| both(&change_words(opened, change))).collect();
    let refused = past.result.as_ref().err().map(|reason| refused_told(opened, *reason));
    json!({"entry": past.entry, "at_ms": past.at.millis(), "by": past.by, "events": events, "refused": refused})
}

fn refused_told(opened: &Opened, reason: Reason) -> Value {
    json!({"code": reason.code(), "words": both(&opened.reason_in_words(reason))})
}

fn binding_told(state: &PledgeState) -> Value {
    json!({"format": PLEDGE_COMMAND_FORMAT, "pledge": state.record.opening().pledge,
           "opening": state.record.digest().to_string()})
}

/// What is stored of a pledge, or why nothing is shown.
fn shown(pledge: &Pledge) -> Result<Arc<Shown>, Problem> {
    if pledge.is_damaged() {
        return Err(Problem::damaged());
    }
    pledge.shown().ok_or_else(Problem::opening)
}

/// `GET /api/v1/pledges`
pub(super) async fn list(State(api): State<Api>) -> Result<Response, Problem> {
    let pledges: Vec<Value> = api.hall.pledges().iter().map(|pledge| summary(&api, pledge)).collect();
    json_response(&json!({"pledges": pledges}))
}

fn summary(api: &Api, pledge: &Pledge) -> Value {
    let title = &pledge.foundation().terms.title;
    let mut told = json!({"pledge": pledge.id(), "sale": pledge.sale().as_str(), "title": both(title)});
    if let Some(shown) = pledge.shown() {
        let state = shown.look();
        let standing = standing_json(state.record.opened(), state.today(api.hall.setting().clock.now()));
        for name in ["winner", "status", "status_zh", "status_en", "bond_required", "bond_held", "bond_missing"] {
            told[name] = standing[name].clone();
        }
        told["next_ms"] = json!(state.record.opened().pledge.due().map(Instant::millis));
        told["entries"] = json!(state.entries);
    }
    told
}

/// `GET /api/v1/pledges/{pledge}`
pub(super) async fn get(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Problem> {
    let pledge = pledge(&api, &id)?;
    let shown = shown(&pledge)?;
    let state = shown.look();
    let opened = state.record.opened();
    let opening = state.record.opening();
    let of = |role: Signs| {
        let holders = state.record.holders().filter(move |(of, _)| *of == role);
        holders.map(|(_, holder)| json!({"name": holder.name, "key": holder.key.to_string()})).collect::<Vec<_>>()
    };
    let today = state.today(api.hall.setting().clock.now());
    let from = state.history.len().saturating_sub(HISTORY);
    let history: Vec<Value> = state.history[from..].iter().map(|past| past_told(opened, past)).collect();
    json_response(&json!({
        "pledge": pledge.id(), "sale": pledge.sale().as_str(), "title": both(&pledge.foundation().terms.title),
        "origin": opening.origin, "binding": binding_told(&state), "standing": standing_json(opened, today),
        "winner": of(Signs::Winner), "officers": of(Signs::Officer), "sources": of(Signs::Source),
        "guarantors": of(Signs::Guarantor), "entries": state.entries,
        "witnessed": state.published.as_ref().map(|published| published.tree.size()), "history": history,
    }))
}

/// `GET /api/v1/pledges/{pledge}/binding`
pub(super) async fn binding(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Problem> {
    let pledge = pledge(&api, &id)?;
    let shown = shown(&pledge)?;
    let told = binding_told(&shown.look());
    json_response(&told)
}

/// `POST /api/v1/pledges/{pledge}/commands`
pub(super) async fn ask(
    State(api): State<Api>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let pledge = pledge(&api, &id)?;
    let now = api.now_ms();
    api.limits.addresses.take(&client(&request).to_string(), now).map_err(Problem::too_many)?;
    let submission = read(&super::body(request, BODY_MAX).await?)?;
    let received = pledge.receive(submission.clone())?;
    // A pledge hears of somebody a few times a year: whoever writes more often fills the log. Only what would be an entry
    // counts, so that nobody is kept out by others who claim its key or send again what it has signed before.
    let would_enter = pledge.shown().is_some_and(|shown| {
        let keys: Vec<_> = received.signatures.iter().map(|signed| signed.key.clone()).collect();
        shown.look().record.fits(received.text(), &keys).is_ok_and(|fitting| fitting.is_signed)
    });
    if let Some(signed) = received.signatures.first().filter(|_| would_enter) {
        api.limits.pledgers.take(signed.key.text(), now).map_err(Problem::too_many)?;
    }
    json_response(&answered(&pledge, submission, received).await?)
}

async fn answered(pledge: &Pledge, submission: Submission, received: Received) -> Result<Value, Problem> {
    let Submission { command: asked, signatures } = submission;
    match pledge.ask(received).await? {
        Outcome::Entered(written) => {
            let entry = &written.entry;
            let receipt = receipt(pledge, entry.number, entry.at, &written.leaf);
            let shown = shown(pledge)?;
            let state = shown.look();
            let past = Past {
                entry: entry.number,
                at: entry.at,
                command: entry.command.clone(),
                by: written.by.clone(),
                result: entry.result.clone(),
            };
            Ok(answer(past_told(state.record.opened(), &past), &receipt, &entry.line, false))
        }
        Outcome::Before(number) => {
            let line = pledge.line(number).await.map_err(|fault| Problem::store(&fault))?;
            let outline = landgavel_record::verify::Outline::read(&line).map_err(|why| Problem::store(&why))?;
            if outline.text != asked || outline.signatures != signatures {
                return Err(Problem::id_repeated());
            }
            let at = Instant::from_millis(outline.at_ms).ok_or_else(|| Problem::store(&"an entry has no time"))?;
            let receipt = receipt(pledge, number, at, &leaf_hash(&line));
            let shown = shown(pledge)?;
            let state = shown.look();
            let known = state.history.iter().rfind(|past| past.entry == number);
            // What is too old to be at hand is told from its line alone.
            let told = known.map_or_else(
                || {
                    let stored: Value = serde_json::from_slice(&line).unwrap_or_default();
                    json!({"entry": number, "at_ms": outline.at_ms, "by": [], "events": [], "refused": stored.get("refused")})
                },
                |past| past_told(state.record.opened(), past),
            );
            Ok(answer(told, &receipt, &String::from_utf8_lossy(&line), true))
        }
        Outcome::TurnedAway(fault) => Err(Problem::turned_away(&fault)),
    }
}

fn answer(mut told: Value, receipt: &str, line: &str, repeated: bool) -> Value {
    told["result"] = json!(if told["refused"].is_null() { "accepted" } else { "refused" });
    told["receipt"] = json!(receipt);
    told["line"] = json!(line);
    told["repeated"] = json!(repeated);
    told
}

/// The log's word that the entry is stored.
fn receipt(pledge: &Pledge, entry: u64, at: Instant, leaf: &Hash) -> String {
    let origin = pledge.foundation().opening.origin.clone();
    let at_ms = u64::try_from(at.millis()).unwrap_or(0);
    let receipt = DurableReceipt { origin, entry, leaf: *leaf, at_ms };
    receipt.sign(pledge.log_key()).map(|note| note.to_string()).expect("a receipt of this log reads back the same")
}

/// `GET /api/v1/pledges/{pledge}/entries`
pub(super) async fn entries(
    State(api): State<Api>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let pledge = pledge(&api, &id)?;
    let known = shown(&pledge)?.look().entries;
    let number = |name: &str, default: u64| match query.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<u64>().map_err(|_| Problem::malformed(format!("{name} is not a whole number"))),
    };
    let from = number("from", 0)?;
    let limit = usize::try_from(number("limit", 100)?).unwrap_or(ENTRIES).min(ENTRIES);
    let limit = limit.min(usize::try_from(known.saturating_sub(from)).unwrap_or(0));
    let store = &api.hall.setting().store;
    let some = match limit {
        0 => Vec::new(),
        limit => store.read(pledge.log(), from, limit, ENTRIES_BYTES).await.map_err(|fault| Problem::store(&fault))?,
    };
    let lines: Vec<String> = some.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    json_response(&json!({"from": from, "size": known, "entries": lines}))
}

/// `GET /api/v1/pledges/{pledge}/acts`
pub(super) async fn acts(
    State(api): State<Api>,
    Path(id): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer, Role::Guarantor, Role::Auditor])?;
    let pledge = pledge(&api, &id)?;
    let all = Acts::of(&api.hall, &pledge).all().await?;
    let shown = shown(&pledge)?;
    let state = shown.look();
    let all = all.iter().filter(|act| may_see(&state, &account, act));
    json_response(&json!({"acts": all.map(act_told).collect::<Vec<Value>>()}))
}

/// `POST /api/v1/pledges/{pledge}/acts`
pub(super) async fn begin_act(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let (command, signature) = first_signature(account.key.as_deref(), request).await?;
    act_answer(&Acts::of(&api.hall, &pledge(&api, &id)?).begin(&account, &command, &signature).await?)
}

/// `POST /api/v1/pledges/{pledge}/acts/{act}/signatures`
pub(super) async fn sign_act(
    State(api): State<Api>,
    Path((id, act)): Path<(String, String)>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer, Role::Guarantor])?;
    let signature = one_signature(account.key.as_deref(), request).await?;
    act_answer(&Acts::of(&api.hall, &pledge(&api, &id)?).sign(&account, &act, &signature).await?)
}

/// `DELETE /api/v1/pledges/{pledge}/acts/{act}`
pub(super) async fn withdraw_act(
    State(api): State<Api>,
    Path((id, act)): Path<(String, String)>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    act_answer(&Acts::of(&api.hall, &pledge(&api, &id)?).withdraw(&account, &act).await?)
}

/// `GET /api/v1/terms`
pub(super) async fn terms() -> Result<Response, Problem> {
    let one = |template: &crate::hall::Template| json!({"id": template.id, "terms": template.text});
    json_response(&json!({"terms": TERMS_TEMPLATES.iter().map(one).collect::<Vec<Value>>()}))
}

fn opening_told(opening: &Opening) -> Value {
    let asked = &opening.asked;
    json!({"opening": opening.id, "pledge": asked.pledge, "sale": asked.sale, "winner": asked.winner,
           "signed": asked.signed, "by": opening.by_shown, "changed_ms": opening.changed_ms,
           "stands": opening.stands.as_str(), "signatures": opening.marks.iter().map(mark).collect::<Vec<Value>>()})
}

fn opening_answer(opening: &Opening) -> Result<Response, Problem> {
    let mut told = opening_told(opening);
    told["text"] = json!(opening.text.opening);
    told["terms"] = json!(opening.asked.terms);
    told["policy"] = json!(opening.text.policy);
    told["words"] = match opening.stands {
        Stands::Published => {
            json!({"zh": "两人已签名，履约记录已开立。", "en": "Two have signed; the pledge has its record."})
        }
        Stands::Dropped => json!({"zh": "已作废。", "en": "It was dropped."}),
        Stands::Open | Stands::Publishing => {
            json!({"zh": "已签名，等待另一名监管人员签名。", "en": "Signed. Another officer must sign the same text."})
        }
    };
    json_response(&told)
}

/// `GET /api/v1/openings`
pub(super) async fn openings(State(api): State<Api>, Known(account): Known) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let all = Openings::of(&api.hall).all().await?;
    json_response(&json!({"openings": all.iter().map(opening_told).collect::<Vec<Value>>()}))
}

/// `GET /api/v1/openings/{opening}`
pub(super) async fn opening(
    State(api): State<Api>,
    Path(id): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    opening_answer(&Openings::of(&api.hall).get(&id).await?)
}

/// `POST /api/v1/openings`
pub(super) async fn begin_opening(
    State(api): State<Api>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let value = super::json_body(request, OPENING_MAX).await?;
    let optional = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let asked = AskedOpening {
        pledge: text(&value, "pledge")?.to_owned(),
        sale: text(&value, "sale")?.to_owned(),
        winner: optional("winner"),
        terms: text(&value, "terms")?.to_owned(),
        signed: optional("signed"),
        sources: holders(&value, "sources")?,
        guarantors: holders(&value, "guarantors")?,
    };
    opening_answer(&Openings::of(&api.hall).begin(&account, asked).await?)
}

fn holders(value: &Value, name: &str) -> Result<Vec<(String, String)>, Problem> {
    let one = |holder: &Value| Some((holder["name"].as_str()?.to_owned(), holder["key"].as_str()?.to_owned()));
    let list = match &value[name] {
        Value::Null => return Ok(Vec::new()),
        list => list.as_array(),
    };
    let all = list.and_then(|list| list.iter().map(one).collect::<Option<Vec<_>>>());
    all.ok_or_else(|| Problem::malformed(format!("{name} is no list of {{\"name\", \"key\"}}")))
}

/// `DELETE /api/v1/openings/{opening}`
pub(super) async fn discard_opening(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    opening_answer(&Openings::of(&api.hall).discard(&account, &id).await?)
}

/// `POST /api/v1/openings/{opening}/signatures`
pub(super) async fn sign_opening(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let signature = one_signature(account.key.as_deref(), request).await?;
    opening_answer(&Openings::of(&api.hall).sign(&account, &id, &signature).await?)
}

/// `GET /pledges/{pledge}/bundle.zip`
pub(super) async fn archive(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Problem> {
    let bundle = pledge(&api, &id)?.bundle().ok_or_else(Problem::not_witnessed_yet)?;
    super::files::packed(&api, bundle, &id)
}

/// `GET /pledges/{pledge}/calendar.ics`
pub(super) async fn calendar(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Problem> {
    let pledge = pledge(&api, &id)?;
    let shown = shown(&pledge)?;
    let text = crate::notices::pledge_calendar(&pledge, &shown.look());
    Ok(super::files::as_calendar(text))
}

/// `GET /pledges/{pledge}/log/…`
pub(super) async fn file(
    State(api): State<Api>,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let bundle = pledge(&api, &id)?.bundle().ok_or_else(Problem::not_witnessed_yet)?;
    let bytes = bundle.file(&path).await.map_err(|fault| Problem::store(&fault))?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("the record has no such file"))?;
    Ok(super::files::sent(&path, bytes, true))
}

pub(super) fn opening_schema() -> Value {
    let holders = json!({"type": "array", "maxItems": 64, "items": {"type": "object", "required": ["name", "key"],
        "properties": {"name": {"type": "string"}, "key": {"type": "string"}}}});
    json!({"type": "object", "required": ["pledge", "sale", "terms", "sources"], "properties": {
        "pledge": {"type": "string", "description": "The id that the pledge will have"},
        "sale": {"type": "string", "description": "The id of the awarded sale"},
        "winner": {"type": "string", "description": "The winner's code, where there are several"},
        "terms": {"type": "string", "description": "terms.toml"},
        "signed": {"type": "string", "description": "Day of the contract, 2027-05-31"},
        "sources": holders.clone(), "guarantors": holders,
    }})
}
