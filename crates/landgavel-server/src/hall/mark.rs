//! A signature of a person of the hall, kept until the second one comes.

use serde_json::{Value, json};

use super::Hall;
use crate::desk::intake::Submission;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};

/// Who signed a text, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The account that signed: nobody signs twice, whatever keys it has.
    pub account: String,
    /// How the signer is called.
    pub shown: String,
    /// Its key.
    pub key: String,
    /// The signature in base64.
    pub signature: String,
    /// When it came (milliseconds since 1970).
    pub at_ms: i64,
}

impl Mark {
    pub(super) fn json(&self) -> Value {
        json!({"account": self.account, "shown": self.shown, "key": self.key, "signature": self.signature, "at_ms": self.at_ms})
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            account: text("account")?,
            shown: text("shown")?,
            key: text("key")?,
            signature: text("signature")?,
            at_ms: value["at_ms"].as_i64()?,
        })
    }

    pub(super) fn read_all(value: &Value) -> Option<Vec<Self>> {
        value.as_array()?.iter().map(Self::read).collect()
    }
}

/// The text with all signatures that it has.
pub(super) fn submission(text: &str, marks: &[Mark]) -> Submission {
    let signatures = marks.iter().map(|mark| (mark.key.clone(), mark.signature.clone())).collect();
    Submission { command: text.to_owned(), signatures }
}

/// An officer whose log-in is as strong as its signature must be: it has a key, and one-time codes.
pub(super) fn signing_officer(hall: &Hall, account: &Account) -> Result<String, NotDone> {
    if account.role != Role::Officer {
        return Err(NotDone::not_allowed());
    }
    signing_key(hall, account)
}

/// The key of an account whose log-in is as strong as its signature must be.
pub(super) fn signing_key(hall: &Hall, account: &Account) -> Result<String, NotDone> {
    if !account.has_code() && !hall.is_demonstration() {
        let zh = "签名前须先在账户页启用动态验证码。";
        let en = "Set up one-time codes on the account page before you sign.";
        return Err(NotDone::new(Kind::Conflict, "no_code", zh, en));
    }
    account.key.clone().ok_or_else(NotDone::no_key)
}

/// Adds a signature to those that a text has, of somebody who has not signed it yet.
pub(super) fn sign(
    hall: &Hall,
    text: &str,
    marks: &mut Vec<Mark>,
    account: &Account,
    signature: &str,
    now_ms: i64,
) -> Result<(), NotDone> {
    let key = signing_key(hall, account)?;
    let name = account.name.to_string();
    if marks.iter().any(|mark| mark.account == name || mark.key == key) {
        let zh = "您已签名；须由另一名工作人员签名。";
        return Err(NotDone::new(
            Kind::NotAllowed,
            "signed_by_same",
            zh,
            "You have signed this already. Another officer must sign it.",
        ));
    }
    let mark =
        Mark { account: name, shown: account.shown.clone(), key, signature: signature.to_owned(), at_ms: now_ms };
    let alone = submission(text, std::slice::from_ref(&mark));
    let setting = hall.setting();
    setting.gate.check(setting.clock.now(), alone).map_err(|_| NotDone::signature())?;
    marks.push(mark);
    Ok(())
}
