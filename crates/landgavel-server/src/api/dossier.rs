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
use super::{Api, Problem, json_response};
use crate::dossier::{self, Bond, PAPER_MAX, Said, Terms};
use crate::people::Role;

/// Most bytes of a request without a paper.
const BODY_MAX: usize = 16 << 10;
/// How long a paper may take: 10 MB over a slow line.
const PAPER_WITHIN: Duration = Duration::from_secs(180);
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
    let answer = bond.answer.as_ref();
    json!({"sale": bond.sale.as_str(), "bidder": bond.code, "form": form, "amount": amount, "issuer": issuer,
           "guarantor": guarantor, "valid_until": valid_until, "beneficiary": beneficiary, "on_demand": on_demand,
           "paper": {"kind": bond.paper.kind, "size": bond.paper.size, "sha256": bond.paper.sha256}, "at_ms": bond.at_ms,
           "is_backed": bond.is_backed(),
           "answer": answer.map(|one| json!({"confirms": one.confirms, "reason": one.reason, "at_ms": one.at_ms}))})
}

/// `PUT /api/v1/sales/{sale}/bond`: the paper is the body, its terms stand in the query.
pub(super) async fn lodge(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Bidder])?;
    let room = api.room(&sale)?;
    api.limits.keys.take(account.name.as_str(), api.now_ms()).map_err(Problem::too_many)?;
    let bytes = super::body_within(request, PAPER_MAX, PAPER_WITHIN).await?;
    let field = |name: &str| query.get(name).cloned().unwrap_or_default();
    let terms = Terms {
        form: field("form"),
        amount: field("amount"),
        issuer: field("issuer"),
        guarantor: field("guarantor"),
        valid_until: field("valid_until"),
        beneficiary: field("beneficiary"),
        on_demand: field("on_demand") == "yes",
    };
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

/// `GET /api/v1/sales/{sale}/bonds/{bidder}/paper`
pub(super) async fn paper(
    State(api): State<Api>,
    Path((sale, code)): Path<(String, String)>,
    Known(account): Known,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let (kind, bytes) = dossier::paper(&api.hall, &room, &account, &code).await?;
    // A stranger's file is saved, never shown under the hall's own name.
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
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
    json_response(&told(&dossier::answer(&api.hall, &room, &account, &code, confirms, reason).await?))
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
    json!({"type": "object", "required": ["confirms"], "properties": {
        "confirms": {"type": "boolean"}, "reason": {"type": "string"},
    }})
}

/// A paper as it is.
pub(super) fn paper_schema() -> Value {
    json!({"type": "string", "format": "binary", "description": "A PDF, PNG or JPEG of at most 10 MiB"})
}
