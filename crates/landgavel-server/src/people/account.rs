use serde_json::{Value, json};

use super::code::CodeSecret;
use super::password::PasswordHash;
use super::role::Role;

/// Longest name of an account, in characters.
const NAME_MAX: usize = 32;
/// Longest name to be shown, in characters.
const SHOWN_MAX: usize = 80;

/// Name under which somebody logs in: letters a–z, digits, `-`, `_`, `.`; small, and at least three.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountName(String);

/// Why a text is no name of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameError;

impl AccountName {
    /// Reads a name; capitals are made small.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim().to_ascii_lowercase();
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_good = (3..=NAME_MAX).contains(&name.len())
            && name.starts_with(is_letter)
            && name.chars().all(|c| is_letter(c) || matches!(c, '-' | '_' | '.'));
        if is_good { Ok(Self(name)) } else { Err(NameError) }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Under which name.
    pub name: AccountName,
    /// What others see of it: an office, or the name that the person chose.
    pub shown: String,
    /// What it may do.
    pub role: Role,
    /// The key with which it signs, once enrolled, in the record's text form.
    pub key: Option<String>,
    /// When it was made (milliseconds since 1970).
    pub made_ms: i64,
    pub(super) password: Option<PasswordHash>,
    /// The secret of its one-time codes, once confirmed.
    pub(super) code: Option<CodeSecret>,
    /// The secret that waits for its first code.
    pub(super) code_offered: Option<CodeSecret>,
    /// The last period whose code was used.
    pub(super) code_used: Option<u64>,
    /// Hash of the invitation that was not used yet.
    pub(super) invitation: Option<String>,
    /// An operator has closed it.
    pub(super) is_closed: bool,
}

impl Account {
    /// An account that nobody can enter yet.
    pub(super) fn new(name: AccountName, shown: &str, role: Role, made_ms: i64) -> Self {
        Self {
            name,
            shown: shown.chars().filter(|c| !c.is_control()).take(SHOWN_MAX).collect(),
            role,
            key: None,
            made_ms,
            password: None,
            code: None,
            code_offered: None,
            code_used: None,
            invitation: None,
            is_closed: false,
        }
    }

    /// Whether it asks for a one-time code at log-in.
    pub fn has_code(&self) -> bool {
        self.code.is_some()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let hex = |secret: &Option<CodeSecret>| secret.as_ref().map(|secret| to_hex(secret.bytes()));
        let fields = json!({
            "name": self.name.as_str(), "shown": self.shown, "role": self.role.as_str(), "key": self.key,
            "made_ms": self.made_ms, "password": self.password.as_ref().map(PasswordHash::text), "code": hex(&self.code),
            "code_offered": hex(&self.code_offered), "code_used": self.code_used, "invitation": self.invitation,
            "closed": self.is_closed,
        });
        fields.to_string().into_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let fields: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| fields[name].as_str().map(str::to_owned);
        let secret = |name: &str| fields[name].as_str().and_then(from_hex).and_then(|b| CodeSecret::from_bytes(&b));
        Some(Self {
            name: AccountName::parse(fields["name"].as_str()?).ok()?,
            shown: text("shown")?,
            role: Role::parse(fields["role"].as_str()?)?,
            key: text("key"),
            made_ms: fields["made_ms"].as_i64()?,
            password: fields["password"].as_str().and_then(PasswordHash::from_text),
            code: secret("code"),
            code_offered: secret("code_offered"),
            code_used: fields["code_used"].as_u64(),
            invitation: text("invitation"),
            is_closed: fields["closed"].as_bool()?,
        })
    }
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_small_and_plain() {
        assert_eq!(AccountName::parse(" Officer-1 ").unwrap().as_str(), "officer-1");
        for wrong in ["ab", "-abc", "a b c", "管理员", "a<script>", "", &"a".repeat(33)] {
            assert!(AccountName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_account_reads_back_as_it_was_written() {
        let mut account = Account::new(AccountName::parse("notary").unwrap(), "公证处（示例）\n", Role::Auditor, 7);
        account.code = Some(CodeSecret::make());
        account.code_used = Some(9);
        account.password = Some(PasswordHash::make("correct horse battery").unwrap());
        assert_eq!(Account::from_bytes(&account.to_bytes()), Some(account.clone()));
        assert_eq!(account.shown, "公证处（示例）");
        assert_eq!(Account::from_bytes(b"{}"), None);
    }
}
