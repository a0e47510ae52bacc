//! Who calls, as handlers ask for it.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::Problem;
use crate::people::{Account, Caller, Role};

/// The session's word in a request that changes something.
const WORD: &str = "landgavel-word";

/// Somebody who has logged in.
pub(super) struct Known(pub Account);

/// Somebody who has logged in and calls to change something.
///
/// A cookie comes with any request that a browser sends, wherever the page is from; so it counts only beside the session's
/// word. A token in `Authorization` is added by its holder alone.
pub(super) struct Changing(pub Account);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let account = parts.extensions.get::<Caller>().and_then(Caller::account);
        account.cloned().map(Self).ok_or_else(Problem::not_logged_in)
    }
}

impl<S: Sync> FromRequestParts<S> for Changing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Known(account) = Known::from_request_parts(parts, state).await?;
        let word = parts.headers.get(WORD).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let caller = parts.extensions.get::<Caller>();
        let is_ours =
            parts.headers.contains_key(AUTHORIZATION) || caller.is_some_and(|caller| caller.check_form(word).is_ok());
        if is_ours { Ok(Self(account)) } else { Err(Problem::not_from_us()) }
    }
}

/// Lets these roles through and nobody else.
pub(super) fn only(account: &Account, roles: &[Role]) -> Result<(), Problem> {
    if roles.contains(&account.role) { Ok(()) } else { Err(Problem::not_allowed()) }
}
