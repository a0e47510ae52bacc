//! Drafts of sales: shipped rulebooks, writing, checking, two signatures.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use landgavel_record::language::Finding;
use serde_json::{Value, json};

use super::callers::{Changing, Known, only};
use super::create::text;
use super::{Api, Problem, json_response};
use crate::hall::{Draft, Drafts, Mark, TEMPLATES, Written, outline, with_outline};
use crate::people::Role;

/// Most bytes of a request with a draft: JSON may double its texts.
const BODY_MAX: usize = 1 << 20;

pub(super) fn finding(finding: &Finding) -> Value {
    json!({"file": finding.file, "line": finding.line, "column": finding.column, "field": finding.field,
           "severity": finding.severity().as_str(), "code": finding.code.as_str(),
           "words": {"zh": finding.message_zh, "en": finding.message_en}, "expected": finding.expected})
}

pub(super) fn mark(mark: &Mark) -> Value {
    json!({"account": mark.account, "shown": mark.shown, "key": mark.key, "at_ms": mark.at_ms})
}

async fn told(api: &Api, draft: &Draft) -> Result<Value, Problem> {
    let (findings, is_sound) = match draft.check() {
        Ok(loaded) => (loaded.findings, true),
        Err(findings) => (findings, false),
    };
    let notice = Drafts::of(&api.hall).text(draft).await?.map(|(notice, _)| notice);
    let marks = draft.offer.as_ref().map_or_else(Vec::new, |offer| offer.marks.iter().map(mark).collect());
    Ok(json!({"draft": draft.id, "sale": draft.sale, "rulebook": draft.rulebook, "lot": draft.lot, "by": draft.by,
              "changed_ms": draft.changed_ms, "version": draft.version, "stands": draft.stands.as_str(),
              "is_sound": is_sound, "findings": findings.iter().map(finding).collect::<Vec<Value>>(),
              "notice": notice, "signatures": marks}))
}

/// `GET /api/v1/rulebooks`: the shipped ones, to begin from.
pub(super) async fn rulebooks() -> Result<Response, Problem> {
    let one = |template: &crate::hall::Template| json!({"id": template.id, "rulebook": template.text});
    json_response(&json!({"rulebooks": TEMPLATES.iter().map(one).collect::<Vec<Value>>()}))
}

/// `GET /api/v1/drafts`
pub(super) async fn list(State(api): State<Api>, Known(account): Known) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let drafts = Drafts::of(&api.hall).all().await?;
    let one = |draft: &Draft| {
        json!({"draft": draft.id, "sale": draft.sale, "by": draft.by, "changed_ms": draft.changed_ms,
               "stands": draft.stands.as_str(), "signatures": draft.signatures()})
    };
    json_response(&json!({"drafts": drafts.iter().map(one).collect::<Vec<Value>>()}))
}

/// `GET /api/v1/drafts/{draft}`
pub(super) async fn get(
    State(api): State<Api>,
    Path(id): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    json_response(&told(&api, &Drafts::of(&api.hall).get(&id).await?).await?)
}

async fn read(request: Request<Body>) -> Result<(Written, u64), Problem> {
    let value = super::json_body(request, BODY_MAX).await?;
    let mut lot = text(&value, "lot")?.to_owned();
    if let Some(geojson) = value["geojson"].as_str().filter(|text| !text.trim().is_empty()) {
        let put = outline(geojson).and_then(|corners| with_outline(&lot, &corners));
        lot = put.map_err(|[_, en]| Problem::malformed(en))?;
    }
    let written =
        Written { sale: text(&value, "sale")?.to_owned(), rulebook: text(&value, "rulebook")?.to_owned(), lot };
    Ok((written, value["version"].as_u64().unwrap_or(0)))
}

/// `POST /api/v1/drafts`
pub(super) async fn begin(
    State(api): State<Api>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let (written, _) = read(request).await?;
    let draft = Drafts::of(&api.hall).begin(&account, written).await?;
    json_response(&told(&api, &draft).await?)
}

/// `PUT /api/v1/drafts/{draft}`: signatures that it had are dropped.
pub(super) async fn change(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let (written, version) = read(request).await?;
    let draft = Drafts::of(&api.hall).change(&account, &id, version, written).await?;
    json_response(&told(&api, &draft).await?)
}

/// `DELETE /api/v1/drafts/{draft}`
pub(super) async fn discard(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    let draft = Drafts::of(&api.hall).discard(&account, &id).await?;
    json_response(&told(&api, &draft).await?)
}

/// `POST /api/v1/drafts/{draft}/signatures`: with the second one the sale is published.
pub(super) async fn sign(
    State(api): State<Api>,
    Path(id): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let signature = one_signature(account.key.as_deref(), request).await?;
    let draft = Drafts::of(&api.hall).sign(&account, &id, &signature).await?;
    let mut told = told(&api, &draft).await?;
    told["words"] = if draft.stands == crate::hall::Stands::Published {
        json!({"zh": "两人已签名，公告已发布。", "en": "Two have signed; the sale is published."})
    } else {
        json!({"zh": "已签名，等待另一名工作人员签名。", "en": "Signed. Another officer must sign the same text."})
    };
    json_response(&told)
}

/// A signature that is handed in: the caller's key and it, as browsers make both.
pub(super) async fn one_signature(key: Option<&str>, request: Request<Body>) -> Result<String, Problem> {
    let body = super::body(request, 4096).await?;
    let value: Value = serde_json::from_slice(&body).map_err(Problem::malformed)?;
    match value["key"].as_str() {
        Some(signed_by) if key.is_some_and(|key| key != signed_by) => Err(crate::not_done::NotDone::signature().into()),
        _ => Ok(text(&value, "signature")?.to_owned()),
    }
}

pub(super) fn schema() -> Value {
    json!({"type": "object", "required": ["sale", "rulebook", "lot"], "properties": {
        "sale": {"type": "string", "description": "The id that the sale will have"},
        "rulebook": {"type": "string"}, "lot": {"type": "string"},
        "geojson": {"type": "string", "description": "A polygon that becomes the lot's outline"},
        "version": {"type": "integer", "description": "The version that is changed; a newer one is kept"},
    }})
}

pub(super) fn signature_schema() -> Value {
    json!({"type": "object", "required": ["signature"], "properties": {
        "key": {"type": "string"}, "signature": {"type": "string", "description": "Base64, over the bytes of the text"},
    }})
}
