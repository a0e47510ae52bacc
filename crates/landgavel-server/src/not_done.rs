//! Why something that a person asked of the hall was not done: a sentence in both languages, a stable code.
//!
//! Refusals of the rules are another thing: they come from the engine and stand in the record.

use std::borrow::Cow;
use std::fmt;

use landgavel_store::{Fault, VaultError};

/// What kind of no it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This person may not.
    NotAllowed,
    /// There is no such thing.
    Absent,
    /// What was handed in is wrong.
    Wrong,
    /// It does not fit how things stand by now.
    Conflict,
    /// It is larger than what is kept.
    TooLarge,
    /// It was done too often.
    TooMany,
    /// The store failed.
    Store,
}

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDone {
    /// What kind of no.
    pub kind: Kind,
    /// Stable, for programs.
    pub code: &'static str,
    /// In Chinese.
    pub zh: Cow<'static, str>,
    /// In English.
    pub en: Cow<'static, str>,
}

impl NotDone {
    /// A no in fixed words.
    pub const fn new(kind: Kind, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { kind, code, zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A no that names what it is about.
    pub fn told(kind: Kind, code: &'static str, zh: String, en: String) -> Self {
        Self { kind, code, zh: Cow::Owned(zh), en: Cow::Owned(en) }
    }

    /// The role does not permit it.
    pub const fn not_allowed() -> Self {
        Self::new(Kind::NotAllowed, "not_allowed", "您的角色不能办理此事。", "Your role may not do this.")
    }

    /// Somebody wrote it meanwhile.
    pub const fn changed() -> Self {
        let zh = "其他人刚刚作了修改，请刷新后重试。";
        Self::new(Kind::Conflict, "changed_meanwhile", zh, "Somebody changed it meanwhile. Reload and try again.")
    }

    /// Too often.
    pub const fn too_many() -> Self {
        let zh = "操作过于频繁，请稍后再试。";
        Self::new(Kind::TooMany, "too_many_requests", zh, "Too often. Try again in a while.")
    }

    /// The account has no key yet.
    pub const fn no_key() -> Self {
        let zh = "您的账户尚未登记签名密钥，请先在账户页登记。";
        Self::new(Kind::Conflict, "no_key", zh, "Your account has no signing key yet. Enrol one on the account page.")
    }

    /// A signature that does not hold for the text.
    pub const fn signature() -> Self {
        let zh = "签名与账户登记的密钥或所示文本不符。";
        let en = "The signature is not that of your enrolled key over the text that is shown.";
        Self::new(Kind::NotAllowed, "signature_invalid", zh, en)
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for NotDone {}

impl From<VaultError> for NotDone {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Changed { .. } => Self::changed(),
            VaultError::Absent | VaultError::Erased { .. } | VaultError::Audited => {
                Self::new(Kind::Absent, "not_found", "没有此内容。", "There is nothing here.")
            }
            VaultError::TooLarge { most } => {
                let zh = format!("内容过大，最多 {most} 字节。");
                Self::told(Kind::TooLarge, "too_large", zh, format!("Too large: at most {most} bytes."))
            }
            VaultError::Full | VaultError::Fault(_) => {
                tracing::error!(%error, "the vault failed");
                Self::new(
                    Kind::Store,
                    "store_failed",
                    "存储故障，请稍后再试。",
                    "The store does not answer. Try again later.",
                )
            }
        }
    }
}

impl From<Fault> for NotDone {
    fn from(fault: Fault) -> Self {
        Self::from(VaultError::Fault(fault))
    }
}
