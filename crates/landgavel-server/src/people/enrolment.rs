use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_record::keys::PublicKey;
use sha2::{Digest as _, Sha256};

use super::account::{AccountName, to_hex};

/// A key, with the proof that whoever enrols it holds it: public keys stand in finished records for everybody to copy, and an
/// account sees what the code of its key sees.
#[derive(Debug, Clone, Copy)]
pub struct Enrolment<'a> {
    /// The key in the record's text form.
    pub key: &'a str,
    /// Its signature in base64 over [`Enrolment::text`].
    pub signature: &'a str,
    /// Host (and port) of the hall, so that no other hall can use the signature here.
    pub host: &'a str,
    /// The word of the session that enrols, so that nobody can bring the signature again.
    pub word: &'a str,
}

/// Why a key is not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotHeld {
    /// The key is none.
    Key,
    /// The signature does not hold.
    Signature,
}

impl Enrolment<'_> {
    /// What the key signs.
    pub fn text(host: &str, account: &AccountName, word: &str) -> String {
        format!("landgavel-enrol/1\n{host}\n{account}\n{word}")
    }

    /// The key, once its signature holds for this account.
    pub(super) fn check(&self, account: &AccountName) -> Result<PublicKey, NotHeld> {
        let key = PublicKey::parse(self.key).map_err(|_| NotHeld::Key)?;
        let signature = BASE64_STANDARD.decode(self.signature).map_err(|_| NotHeld::Signature)?;
        let text = Self::text(self.host, account, self.word);
        let is_bound = !self.host.is_empty() && !self.word.is_empty();
        if is_bound && key.verify(text.as_bytes(), &signature) { Ok(key) } else { Err(NotHeld::Signature) }
    }
}

/// Under which name the vault keeps who holds a key.
pub(super) fn id_of(key: &PublicKey) -> String {
    to_hex(&Sha256::new_with_prefix(b"landgavel/key/v1\0").chain_update(key.text()).finalize())
}
