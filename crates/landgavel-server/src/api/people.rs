//! Accounts and sessions for programs: a token in `Authorization: Bearer`, in place of a browser's cookie.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::callers::{Changing, Known};
use super::create::text;
use super::{Api, Problem, client, json_response};
use crate::dossier;
use crate::people::{Account, Caller, Enrolment, NewAccount, Token};

/// Most bytes of a request about an account.
const BODY_MAX: usize = 16 << 10;

fn told(account: &Account) -> Value {
    json!({"name": account.name.as_str(), "shown": account.shown, "role": account.role.as_str(), "key": account.key,
           "has_code": account.has_code()})
}

fn with_token(account: &Account, token: &Token) -> Result<Response, Problem> {
    let mut told = told(account);
    told["token"] = json!(token.text());
    told["word"] = json!(token.form_word());
    json_response(&told)
}

/// `POST /api/v1/accounts`: a bidder's account, or with an invitation one of another role.
pub(super) async fn join(State(api): State<Api>, request: Request<Body>) -> Result<Response, Problem> {
    let address = client(&request).to_string();
    api.limits.addresses.take(&address, api.now_ms()).map_err(Problem::too_many)?;
    let value = super::json_body(request, BODY_MAX).await?;
    let shown = value["shown"].as_str().unwrap_or_default();
    let new = NewAccount { name: text(&value, "name")?, shown, password: text(&value, "password")? };
    let now_ms = api.now_ms();
    let account = match value["invitation"].as_str() {
        Some(invitation) => api.people.accept(invitation, new, &address, now_ms).await?,
        None => api.people.join(new, &address, now_ms).await?,
    };
    let token = api.people.begin_session(&account.name, now_ms).await.map_err(|error| Problem::store(&error))?;
    with_token(&account, &token)
}

/// `POST /api/v1/session`
pub(super) async fn log_in(State(api): State<Api>, request: Request<Body>) -> Result<Response, Problem> {
    let address = client(&request).to_string();
    let value = super::json_body(request, BODY_MAX).await?;
    let code = value["code"].as_str().unwrap_or_default();
    let now_ms = api.now_ms();
    let (account, token) =
        api.people.log_in(text(&value, "name")?, text(&value, "password")?, code, &address, now_ms).await?;
    with_token(&account, &token)
}

/// `DELETE /api/v1/session`
pub(super) async fn log_out(
    State(api): State<Api>,
    _: Changing,
    caller: Option<Extension<Caller>>,
) -> Result<Response, Problem> {
    if let Some(token) = caller.as_deref().and_then(Caller::token) {
        let now_ms = api.now_ms();
        api.people.log_out(token, now_ms).await.map_err(|error| Problem::store(&error))?;
    }
    json_response(&json!({}))
}

/// `GET /api/v1/account`
pub(super) async fn own(Known(account): Known) -> Result<Response, Problem> {
    json_response(&told(&account))
}

/// `PUT /api/v1/account/key`
pub(super) async fn enrol(
    State(api): State<Api>,
    Changing(account): Changing,
    caller: Option<Extension<Caller>>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let value = super::json_body(request, BODY_MAX).await?;
    let word = caller.as_deref().map(Caller::form_word).unwrap_or_default();
    let (key, signature) = (text(&value, "key")?, text(&value, "signature")?);
    let enrolment = Enrolment { key, signature, host: &api.host, word: &word };
    json_response(&told(&api.people.enrol(&account.name, &enrolment).await?))
}

/// `POST /api/v1/account/code`: without digits it offers a secret for one-time codes, with them it takes the first code.
pub(super) async fn code(
    State(api): State<Api>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let value = super::json_body(request, BODY_MAX).await?;
    match value["digits"].as_str() {
        Some(digits) => {
            let now_ms = api.now_ms();
            json_response(&told(&api.people.confirm_code(&account.name, digits, now_ms).await?))
        }
        // Whoever holds a session alone must not take the second factor away.
        None if account.has_code() => Err(Problem::not_allowed()),
        None => {
            let secret = api.people.offer_code(&account.name).await?;
            let address = secret.address("Landgavel", account.name.as_str());
            json_response(&json!({"secret": secret.base32(), "address": address}))
        }
    }
}

/// `GET /api/v1/tasks`: what waits for the caller.
pub(super) async fn tasks(State(api): State<Api>, Known(account): Known) -> Result<Response, Problem> {
    let tasks = dossier::tasks(&api.hall, &account).await?;
    let one = |task: &dossier::Task| {
        json!({"kind": task.kind, "words": {"zh": task.words[0], "en": task.words[1]}, "href": task.href, "of": task.of,
               "until_ms": task.until_ms})
    };
    json_response(&json!({"tasks": tasks.iter().map(one).collect::<Vec<Value>>()}))
}

pub(super) fn join_schema() -> Value {
    json!({"type": "object", "required": ["name", "password"], "properties": {
        "name": {"type": "string"}, "shown": {"type": "string"}, "password": {"type": "string", "minLength": 12},
        "invitation": {"type": "string", "description": "For a role that an operator gives"},
    }})
}

pub(super) fn login_schema() -> Value {
    json!({"type": "object", "required": ["name", "password"], "properties": {
        "name": {"type": "string"}, "password": {"type": "string"},
        "code": {"type": "string", "description": "Six digits, once one-time codes are in use"},
    }})
}

pub(super) fn key_schema() -> Value {
    let signed = "Base64, by the key over the UTF-8 text of four lines parted by LF: `landgavel-enrol/1`; host and port of the hall's \
                  pages as in `Origin`; the account's name; the session's `word`, from the answer to log-in";
    json!({"type": "object", "required": ["key", "signature"], "properties": {
        "key": {"type": "string", "description": "ed25519:BASE64"},
        "signature": {"type": "string", "description": signed},
    }})
}

pub(super) fn code_schema() -> Value {
    json!({"type": "object", "properties": {"digits": {"type": "string"}}})
}
