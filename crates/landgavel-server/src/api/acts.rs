//! Acts that need two officers: the first signature waits for the second.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Request;
use axum::response::Response;
use serde_json::{Value, json};

use super::callers::{Changing, Known, only};
use super::commands::read;
use super::drafts::{mark, one_signature};
use super::{Api, Problem, json_response};
use crate::hall::{Act, ActStands, Acts, Room};
use crate::people::Role;

/// Most bytes of a request with an act.
const BODY_MAX: usize = 80 * 1024;

fn acts(api: &Api, sale: &str) -> Result<Acts<Room>, Problem> {
    Ok(Acts::of(&api.hall, &api.room(sale)?))
}

pub(super) fn told(act: &Act) -> Value {
    let (stands, entry, refused) = match &act.stands {
        ActStands::Waiting => ("waiting", None, None),
        ActStands::Withdrawn { .. } => ("withdrawn", None, None),
        ActStands::TurnedAway { code } => ("turned_away", None, Some(code.as_str())),
        ActStands::Entered { entry, refused } => ("entered", Some(*entry), refused.as_deref()),
    };
    let withdrawn = match &act.stands {
        ActStands::Withdrawn { by, shown, at_ms } => json!({"account": by, "shown": shown, "at_ms": at_ms}),
        ActStands::Waiting | ActStands::TurnedAway { .. } | ActStands::Entered { .. } => Value::Null,
    };
    json!({"act": act.id, "command": act.text, "signatures": act.marks.iter().map(mark).collect::<Vec<Value>>(),
           "stands": stands, "entry": entry, "refused": refused, "withdrawn": withdrawn})
}

pub(super) fn answer(act: &Act) -> Result<Response, Problem> {
    let mut told = told(act);
    let (result, zh, en) = match &act.stands {
        ActStands::Waiting => {
            ("pending", "已签名，等待另一名工作人员签名。", "Signed. Another officer must sign the same text.")
        }
        ActStands::Entered { refused: None, .. } => {
            ("accepted", "两人已签名，已列入记录。", "Two have signed; it is in the record.")
        }
        ActStands::Entered { .. } => {
            ("refused", "已列入记录，但被规则拒绝。", "It is in the record, and the rules refuse it.")
        }
        ActStands::Withdrawn { .. } => ("withdrawn", "已撤回。", "It was taken back."),
        ActStands::TurnedAway { .. } => ("turned_away", "不能列入记录。", "It cannot enter the record."),
    };
    told["result"] = json!(result);
    told["words"] = json!({"zh": zh, "en": en});
    json_response(&told)
}

/// `GET /api/v1/sales/{sale}/acts`
pub(super) async fn list(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Known(account): Known,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer, Role::Auditor])?;
    let all = acts(&api, &sale)?.all().await?;
    json_response(&json!({"acts": all.iter().map(told).collect::<Vec<Value>>()}))
}

/// `POST /api/v1/sales/{sale}/acts`: a command that one officer has signed and a second one must.
pub(super) async fn begin(
    State(api): State<Api>,
    Path(sale): Path<String>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let (command, signature) = first_signature(account.key.as_deref(), request).await?;
    answer(&acts(&api, &sale)?.begin(&account, &command, &signature).await?)
}

/// A command that one has signed with the caller's key, and another must.
pub(super) async fn first_signature(key: Option<&str>, request: Request<Body>) -> Result<(String, String), Problem> {
    let submission = read(&super::body(request, BODY_MAX).await?)?;
    let [(signed_by, signature)] = submission.signatures.as_slice() else {
        return Err(Problem::malformed("expected one signature; another person adds the other"));
    };
    if key != Some(signed_by) {
        return Err(crate::not_done::NotDone::signature().into());
    }
    Ok((submission.command.clone(), signature.clone()))
}

/// `POST /api/v1/sales/{sale}/acts/{act}/signatures`
pub(super) async fn sign(
    State(api): State<Api>,
    Path((sale, act)): Path<(String, String)>,
    Changing(account): Changing,
    request: Request<Body>,
) -> Result<Response, Problem> {
    only(&account, &[Role::Officer])?;
    let signature = one_signature(account.key.as_deref(), request).await?;
    answer(&acts(&api, &sale)?.sign(&account, &act, &signature).await?)
}

/// `DELETE /api/v1/sales/{sale}/acts/{act}`
pub(super) async fn withdraw(
    State(api): State<Api>,
    Path((sale, act)): Path<(String, String)>,
    Changing(account): Changing,
) -> Result<Response, Problem> {
    answer(&acts(&api, &sale)?.withdraw(&account, &act).await?)
}
