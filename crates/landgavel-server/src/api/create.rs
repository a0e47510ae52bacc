//! Publishing a sale: what officers sign, and what they signed.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use landgavel_record::record::Officer;
use landgavel_store::SaleId;
use serde_json::{Value, json};

use super::callers::{Changing, Known, only};
use super::routes::signatures_schema;
use super::{Api, Problem, json_response};
use crate::desk::foundation::load;
use crate::desk::intake::Submission;
use crate::hall::NoticeSettings;
use crate::people::Role;

/// Most bytes of a request with the files of a sale.
const BODY_MAX: usize = 6 << 20;

/// `POST /api/v1/sales`: two officers have signed the notice; both must be officers of this hall.
pub(super) async fn create(
    State(api): State<Api>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let value = super::json_body(request, BODY_MAX).await?;
    let text = |name: &str| text(&value, name);
    let signatures = value["signatures"].as_array().ok_or_else(|| Problem::malformed("signatures is no list"))?;
    let one = |signed: &Value| Some((signed["key"].as_str()?.to_owned(), signed["signature"].as_str()?.to_owned()));
    let signatures = signatures.iter().map(one).collect::<Option<Vec<_>>>();
    let signatures = signatures.ok_or_else(|| Problem::malformed("a signature needs key and signature"))?;
    for (key, _) in &signatures {
        if !api.hall.is_officer(key).await.map_err(|fault| Problem::store(&fault))? {
            return Err(Problem::not_allowed());
        }
    }
    let signed = Submission { command: text("notice")?.to_owned(), signatures };
    let (rulebook, lot) = (text("rulebook")?.as_bytes(), text("lot")?.as_bytes());
    let room = api.hall.create(text("sale")?, rulebook, lot, text("policy")?, &signed).await?;
    json_response(&json!({"sale": room.id().as_str(), "origin": api.hall.origin(room.id())}))
}

/// `POST /api/v1/notices`: what would be signed; nothing is kept.
pub(super) async fn draft(
    State(api): State<Api>,
    Known(account): Known,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let value = super::json_body(request, BODY_MAX).await?;
    let id = SaleId::parse(text(&value, "sale")?).ok_or_else(|| Problem::malformed("sale is no id"))?;
    let (rulebook, lot) = (text(&value, "rulebook")?.as_bytes(), text(&value, "lot")?.as_bytes());
    let loaded = load(rulebook, lot).map_err(|findings| {
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Problem::malformed(texts.join("; "))
    })?;
    let officers = value["officers"].as_array().ok_or_else(|| Problem::malformed("officers is no list"))?;
    let one = |officer: &Value| {
        let (name, key) = (officer["name"].as_str()?, officer["key"].as_str()?);
        let key = landgavel_record::keys::PublicKey::parse(key).ok()?;
        Some(Officer { name: name.to_owned(), key })
    };
    let officers = officers.iter().map(one).collect::<Option<Vec<_>>>();
    let officers = officers.ok_or_else(|| Problem::malformed("an officer needs name and key"))?;
    let settings = NoticeSettings { officers, ..api.hall.notice_settings() };
    let (notice, policy) = api.hall.notice(&id, &loaded.lot.id, rulebook, lot, &settings);
    json_response(&json!({"notice": notice, "policy": policy}))
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Problem> {
    value[name].as_str().ok_or_else(|| Problem::malformed(format!("{name} is missing or no text")))
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object", "required": ["sale", "rulebook", "lot", "policy", "notice", "signatures"],
        "properties": {
            "sale": {"type": "string", "description": "Letters, digits, `.`, `_` and `-`"},
            "rulebook": {"type": "string"}, "lot": {"type": "string"}, "policy": {"type": "string"},
            "notice": {"type": "string", "description": "As it was signed"},
            "signatures": signatures_schema(),
        },
    })
}

pub(super) fn draft_schema() -> Value {
    json!({
        "type": "object", "required": ["sale", "rulebook", "lot", "officers"],
        "properties": {
            "sale": {"type": "string"}, "rulebook": {"type": "string"}, "lot": {"type": "string"},
            "officers": {"type": "array", "items": {"type": "object", "required": ["name", "key"],
                "properties": {"name": {"type": "string"}, "key": {"type": "string"}}}},
        },
    })
}
