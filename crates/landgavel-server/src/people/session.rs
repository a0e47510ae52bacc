use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::account::{AccountName, to_hex};
use super::chance;
use super::code::is_same;

/// A session ends after so long without use. Source: OWASP ASVS 4.0.3, 3.3.2 (level 2: 30 minutes); a listing
/// is watched for hours, and the open stream of a live room counts as use.
const IDLE_MS: i64 = 30 * 60 * 1000;
/// A session ends after so long in any case. Source: ASVS 3.3.2 (12 hours).
const WHOLE_MS: i64 = 12 * 60 * 60 * 1000;

/// What a browser holds: a secret of 256 bits. The hall keeps its hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(super) fn make() -> Self {
        Self(chance::secret())
    }

    /// A token as it comes back.
    pub fn received(text: &str) -> Self {
        Self(text.chars().take(64).collect())
    }

    /// The text for the cookie.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Under which name the vault keeps it.
    pub(super) fn id(&self) -> String {
        to_hex(&Sha256::new_with_prefix(b"landgavel/session/v1\0").chain_update(&self.0).finalize())
    }

    /// The word that each form must bring back (CSRF). It follows from the token, so nothing more is kept.
    pub fn form_word(&self) -> String {
        to_hex(&Sha256::new_with_prefix(b"landgavel/form/v1\0").chain_update(&self.0).finalize()[..16])
    }

    /// Whether a form brought it.
    pub fn is_form_word(&self, word: &str) -> bool {
        is_same(self.form_word().as_bytes(), word.as_bytes())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Somebody who has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub account: AccountName,
    /// When it began (milliseconds since 1970).
    pub began_ms: i64,
    /// When it was last used.
    pub used_ms: i64,
}

impl Session {
    pub(super) fn begin(account: AccountName, now_ms: i64) -> Self {
        Self { account, began_ms: now_ms, used_ms: now_ms }
    }

    /// Whether it still counts.
    pub fn is_alive(&self, now_ms: i64) -> bool {
        now_ms - self.used_ms < IDLE_MS && now_ms - self.began_ms < WHOLE_MS
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        json!({"account": self.account.as_str(), "began_ms": self.began_ms, "used_ms": self.used_ms})
            .to_string()
            .into_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let fields: Value = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            account: AccountName::parse(fields["account"].as_str()?).ok()?,
            began_ms: fields["began_ms"].as_i64()?,
            used_ms: fields["used_ms"].as_i64()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_rest_and_by_age() {
        let mut session = Session::begin(AccountName::parse("bidder").unwrap(), 0);
        assert!(session.is_alive(IDLE_MS - 1));
        assert!(!session.is_alive(IDLE_MS));
        session.used_ms = WHOLE_MS - 1;
        assert!(session.is_alive(WHOLE_MS - 1));
        assert!(!session.is_alive(WHOLE_MS));
    }

    #[test]
    fn a_form_word_is_of_its_token() {
        let (one, other) = (Token::make(), Token::make());
        assert!(one.is_form_word(&one.form_word()));
        assert!(!other.is_form_word(&one.form_word()));
        assert!(!one.is_form_word(""));
        assert_ne!(one.id(), one.form_word());
    }
}
