//! Applications, bonds and identities: what stands beside the record.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::callers::{Changing, Known, only};
use super::{Api, Problem, commands, json_response};
use crate::desk::intake::Submission;
use crate::dossier::{self, Answer, Bond, PAPER_MAX, Past, Reply, Said, Terms};
use crate::hall::Room;
use crate::people::Role;

/// Most bytes of a request without a paper.
const BODY_MAX: usize = 16 << 10;
/// How long a paper may take: 10 MB over a slow line.
const PAPER_WITHIN: Duration = Duration::from_secs(180);
/// Papers that are read at once: each takes its bytes twice.
pub(super) const UPLOADS: usize = 8;
/// When to come back while all of them are.
const UPLOAD_AGAIN_MS: i64 = 5000;
/// The header with the terms of a bond.
pub(super) const TERMS: &str = "landgavel-terms";
/// Traces in one answer.
const READINGS: usize = 500;

/// `POST /api/v1/sales/{sale}/application`: who applies; answered with what its signed application must say.
pub(super) async fn apply(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let said = Said {
        company: field("company"),
        credit_code: field("credit_code"),
        contact: field("contact"),
        group: field("group"),
    };
    let application = dossier::apply(&api.hall, &room, &account, said).await?;
    json_response(&json!({"bidder": application.code, "identity": application.commitment, "group": application.group}))
}

/// `GET /api/v1/sales/{sale}/application`: the caller's own.
pub(super) async fn application(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let store = &api.hall.setting().store;
    let application = dossier::code_of(store, room.id(), &account.name).await?;
    let application = application.ok_or_else(|| Problem::not_found("this account has not applied"))?;
    let bond = dossier::bond_of(store, room.id(), &application.code).await?;
    json_response(&json!({"bidder": application.code, "identity": application.commitment, "group": application.group,
                          "bond": bond.as_ref().map(told)}))
}

fn told(bond: &Bond) -> Value {
    let Terms { form, amount, issuer, guarantor, valid_until, beneficiary, on_demand } = &bond.terms;
    let said = |one: &Answer| json!({"confirms": one.confirms, "reason": one.reason, "at_ms": one.at_ms});
    let past = |one: &Past| json!({"guarantor": one.guarantor, "amount": one.amount, "sha256": one.sha256, "answer": said(&one.answer)});
    json!({"sale": bond.sale.as_str(), "bidder": bond.code, "form": form, "amount": amount, "issuer": issuer,
           "is_self_declared": bond.terms.is_self_declared(), "guarantor": guarantor, "valid_until": valid_until,
           "beneficiary": beneficiary, "on_demand": on_demand, "digest": bond.digest(),
           "paper": {"kind": bond.paper.kind, "size": bond.paper.size, "sha256": bond.paper.sha256}, "at_ms": bond.at_ms,
           "is_backed": bond.is_backed(), "is_confirmed": bond.taken.is_some(), "answer": bond.answer.as_ref().map(said),
           "past": bond.past.iter().map(past).collect::<Vec<Value>>()})
}

/// The terms of a bond, in a header: the paper is the body, and addresses are written into logs.
fn terms(request: &Request<Body>) -> Result<Terms, Problem> {
    let text = request.headers().get(TERMS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value: Value = serde_json::from_str(text).map_err(|why| Problem::malformed(format!("{TERMS}: {why}")))?;
    let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Ok(Terms {
        form: field("form"),
        amount: field("amount"),
        issuer: field("issuer"),
        guarantor: field("guarantor"),
        valid_until: field("valid_until"),
        beneficiary: field("beneficiary"),
        on_demand: field("on_demand") == "yes",
    })
}

/// `PUT /api/v1/sales/{sale}/bond`: the paper is the body, its terms stand in a header.
pub(super) async fn lodge(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Bidder])?;
    let room = api.room(&sale)?;
    api.limits.keys.take(account.name.as_str(), api.now_ms()).map_err(Problem::too_many)?;
    let terms = terms(&request)?;
    // Ten megabytes are read of nobody whose bond would not be taken, and of a few at a time.
    dossier::may_lodge(&api.hall, &room, &account, terms.clone()).await?;
    let _place = api.uploads.clone().try_acquire_owned().map_err(|_| Problem::too_many(UPLOAD_AGAIN_MS))?;
    let bytes = super::body_within(request, PAPER_MAX, PAPER_WITHIN).await?;
    let bond = dossier::lodge(&api.hall, &room, &account, terms, &bytes).await?;
    let mut told = told(&bond);
    told["words"] = json!({"zh": "保证金材料已提交。", "en": "The bond was handed in."});
    json_response(&told)
}

/// `GET /api/v1/sales/{sale}/bonds`: without papers; for officers and auditors.
pub(super) async fn bonds(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer, Role::Auditor])?;
    let bonds = dossier::bonds(&api.hall.setting().store, api.room(&sale)?.id()).await?;
    json_response(&json!({"bonds": bonds.iter().map(told).collect::<Vec<Value>>()}))
}

/// `POST /api/v1/sales/{sale}/bonds/{bidder}/paper`: leaves a trace with its reason, so it is no mere read.
pub(super) async fn paper(
    State(api): State<Api>,
    Path((sale, code)): Path<(String, String)>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let reason = value["reason"].as_str().unwrap_or_default();
    let (kind, bytes) = dossier::paper(&api.hall, &room, &account, &code, reason).await?;
    Ok(saved(kind, bytes))
}

/// A stranger's file: saved, never shown under the hall's own name.
pub(crate) fn saved(kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}

/// `POST /api/v1/sales/{sale}/bonds/{bidder}/confirmation`: an officer's signed command that enters the bond; refused when
/// its note does not name the bond that is kept.
pub(super) async fn confirm(
    State(api): State<Api>,
    Path((sale, code)): Path<(String, String)>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let room = api.room(&sale)?;
    let submission = commands::read(&super::body(request, commands::BODY_MAX).await?)?;
    let bond = dossier::take(&api.hall, &room, &account, &code, &submission.command).await?;
    entered(&api, &room, bond, submission).await
}

/// Enters a bond that was taken, and lets it go if the record does not accept it.
pub(super) async fn entered(api: &Api, room: &Room, bond: Bond, submission: Submission) -> Result<Response, Problem> {
    let answered = commands::answered(api, room, submission).await;
    let is_refused = match &answered {
        Ok(told) => told["result"] != "accepted",
        // What came of it is not known where the desk did not answer.
        Err(problem) => !problem.is_passing(),
    };
    if is_refused {
        dossier::let_go(&api.hall, bond).await?;
    }
    json_response(&answered?)
}

/// `GET /api/v1/guarantees`: those that name the caller.
pub(super) async fn guarantees(State(api): State<Api>, Known(account): Known) -> Result<Response, Problem> {
    let bonds = dossier::guarantees(&api.hall, &account).await?;
    json_response(&json!({"guarantees": bonds.iter().map(told).collect::<Vec<Value>>()}))
}

/// `POST /api/v1/sales/{sale}/bonds/{bidder}/answer`: the guarantor confirms or denies.
pub(super) async fn answer(
    State(api): State<Api>,
    Path((sale, code)): Path<(String, String)>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let confirms = value["confirms"].as_bool().ok_or_else(|| Problem::malformed("confirms is missing or no flag"))?;
    let reason = value["reason"].as_str().unwrap_or_default();
    let of = value["of"].as_str().ok_or_else(|| Problem::malformed("of is missing or no text"))?;
    let reply = Reply { of, confirms, reason };
    json_response(&told(&dossier::answer(&api.hall, &room, &account, &code, reply).await?))
}

/// `POST /api/v1/sales/{sale}/identities/{bidder}`: who it is; leaves a trace, so it is no mere read.
pub(super) async fn identity(
    State(api): State<Api>,
    Path((sale, code)): Path<(String, String)>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let identity = dossier::identity(&api.hall, &room, &account, &code).await?;
    let said = &identity.said;
    json_response(&json!({"company": said.company, "credit_code": said.credit_code, "contact": said.contact,
                          "group": said.group, "salt": identity.salt.to_string(), "is_committed": identity.is_committed}))
}

/// `GET /api/v1/readings?after=…`: who read which identity, for auditors.
pub(super) async fn readings(
    State(api): State<Api>,
    Query(query): Query<BTreeMap<String, String>>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Auditor])?;
    let after = query.get("after").and_then(|text| text.parse().ok()).unwrap_or(0);
    let readings = api.hall.setting().store.readings(after, READINGS).await.map_err(|fault| Problem::store(&fault))?;
    let one = |reading: &landgavel_store::Reading| json!({"number": reading.number, "who": reading.who, "why": reading.why, "at_ms": reading.at_ms});
    json_response(&json!({"readings": readings.iter().map(one).collect::<Vec<Value>>()}))
}

pub(super) fn application_schema() -> Value {
    json!({"type": "object", "required": ["company", "credit_code", "contact"], "properties": {
        "company": {"type": "string"}, "credit_code": {"type": "string"}, "contact": {"type": "string"},
        "group": {"type": "string", "description": "The same text for all enterprises under one control"},
    }})
}

pub(super) fn answer_schema() -> Value {
    json!({"type": "object", "required": ["of", "confirms"], "properties": {
        "of": {"type": "string", "description": "The `digest` of the bond that was looked at; another one is refused"},
        "confirms": {"type": "boolean"}, "reason": {"type": "string"},
    }})
}

pub(super) fn reading_schema() -> Value {
    json!({"type": "object", "properties": {
        "reason": {"type": "string", "description": "Why it is read; kept for the auditor. The bidder itself needs none"},
    }})
}

/// A paper as it is.
pub(super) fn paper_schema() -> Value {
    json!({"type": "string", "format": "binary", "description": "A PDF, PNG or JPEG of at most 10 MiB"})
}
