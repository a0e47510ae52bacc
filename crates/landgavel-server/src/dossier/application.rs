//! Under which code an account takes part in a sale, and who it said that it is.

use std::collections::BTreeMap;

use landgavel_base::{CreditCode, Digest};
use landgavel_record::canonical;
use landgavel_record::record::stated_identity;
use landgavel_sale::rulebook::Item;
use landgavel_sale::{Bidder, Sale, Viewer};
use landgavel_store::{Content, Marking, Reader, Record, SaleId, Store, VaultError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::name;
use crate::hall::{Hall, Room};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, AccountName, Role, salt, secret_word};

/// Accounts' applications, by sale and account.
const APPLICATIONS: &str = "application";
/// What applicants said of themselves, by sale, code and commitment: saying it anew overwrites nothing that may be signed.
const IDENTITIES: &str = "identity";
/// The salt of a sale's groups, by sale.
const GROUP_SALTS: &str = "group-salt";
/// Applications that are read at once.
const LISTED: usize = 1000;
/// Longest text of an identity's field, in characters.
const FIELD_MAX: usize = 100;

/// What an applicant says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Name of the enterprise.
    pub company: String,
    /// Unified social credit code, or a foreign register's number.
    pub credit_code: String,
    /// Contact and telephone.
    pub contact: String,
    /// Corporate group; empty when the enterprise stands alone.
    pub group: String,
}

/// An application as far as it is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The code under which it takes part.
    pub code: String,
    /// Salted digest of the identity, for the record.
    pub commitment: String,
    /// What stands in the record for the group: equal for equal groups of one sale, and nothing else.
    pub group: String,
}

/// An identity as somebody read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the applicant said.
    pub said: Said,
    /// The salt of the commitment, so that the reader can check it.
    pub salt: Digest,
    /// Whether it is what the record's digest was made of, and the record's group is that of this identity.
    pub is_committed: bool,
}

/// How what a bidder signed stands to what the hall gave it to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It signed what the hall gave.
    Same,
    /// It signed another digest or group under the code that the hall gave.
    Other,
    /// The hall gave nobody this code: the application came from a program of its own, and no identity is kept for it.
    Nothing,
}

impl Said {
    /// The group whose mark counts: who names none stands alone.
    fn group(&self) -> &str {
        if self.group.is_empty() { &self.company } else { &self.group }
    }

    /// The one text of it that the commitment is made over.
    fn text(&self) -> String {
        canonical::encode(&json!({"company": self.company, "contact": self.contact, "credit_code": self.credit_code,
                                  "group": self.group}))
    }

    fn checked(self) -> Result<Self, NotDone> {
        let clean = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = Self {
            company: clean(self.company),
            credit_code: clean(self.credit_code).to_ascii_uppercase(),
            contact: clean(self.contact),
            group: clean(self.group),
        };
        let wrong = |code, zh, en| Err(NotDone::new(Kind::Wrong, code, zh, en));
        let fields = [&said.company, &said.credit_code, &said.contact, &said.group];
        if fields.iter().any(|field| field.chars().count() > FIELD_MAX || field.chars().any(char::is_control)) {
            return wrong("identity_field", "每项最多 100 个字符。", "Each field has at most 100 characters.");
        }
        if said.company.is_empty() || said.contact.is_empty() {
            return wrong(
                "identity_field",
                "请填写企业名称与联系人。",
                "Give the name of the enterprise and a contact.",
            );
        }
        // The check character is a matter for people: codes in official use fail it.
        let is_chinese = said.credit_code.chars().count() == 18;
        if said.credit_code.len() < 4 || (is_chinese && CreditCode::parse(&said.credit_code).is_err()) {
            let zh = "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）；境外企业填写注册号。";
            let en = "A credit code has 18 digits or capitals without I, O, S, V, Z; foreign enterprises give their register's number.";
            return wrong("credit_code", zh, en);
        }
        Ok(said)
    }
}

/// Gives an account its code in a sale and keeps what it says of itself. Until the application is signed it may say it anew.
///
/// # Errors
///
/// Why not.
pub async fn apply(hall: &Hall, room: &Room, account: &Account, said: Said) -> Result<Application, NotDone> {
    if account.role != Role::Bidder {
        return Err(NotDone::not_allowed());
    }
    let said = said.checked()?;
    hall.count_identity(&account.name)?;
    let store = &hall.setting().store;
    let known = read(store, room.id(), &account.name).await?;
    let code = known.as_ref().map(|(application, _)| application.code.clone());
    if code.as_deref().is_some_and(|code| is_entered(room, code)) {
        let zh = "申请已签名提交，身份信息不能再改。";
        return Err(NotDone::new(
            Kind::Conflict,
            "already_applied",
            zh,
            "The application was signed; its identity cannot be changed.",
        ));
    }
    let code = code.unwrap_or_else(new_code);
    let salt = Digest(salt());
    let text = said.text();
    let lot = &room.foundation().notice.lot;
    let application = Application {
        commitment: stated_identity(lot, &code, salt, &text),
        group: group_mark(store, room.id(), said.group()).await?,
        code,
    };
    let identity = json!({"text": text, "salt": salt.to_string()}).to_string();
    let kept = identity_name(room.id(), &application.code, &application.commitment);
    store.vault_put(IDENTITIES, &kept, Marking::Identity, identity.as_bytes()).await?;
    let row =
        json!({"code": application.code, "commitment": application.commitment, "group": application.group}).to_string();
    let version = known.as_ref().map(|(_, version)| *version);
    let id = name(room.id(), account.name.as_str());
    let now_ms = hall.setting().clock.now().millis();
    if let Err(error) = store.vault_put_if(APPLICATIONS, &id, Marking::Plain, row.as_bytes(), version).await {
        // Said twice at once: the other counts, and nobody would find this one any more.
        if matches!(error, VaultError::Changed { .. }) {
            store.vault_erase(IDENTITIES, &kept, now_ms).await?;
        }
        return Err(error.into());
    }
    // Signed meanwhile, the record holds the digest of what was said before.
    if let Some((before, _)) = known.filter(|(before, _)| !is_entered(room, &before.code)) {
        store.vault_erase(IDENTITIES, &identity_name(room.id(), &before.code, &before.commitment), now_ms).await?;
    }
    Ok(application)
}

fn identity_name(sale: &SaleId, code: &str, commitment: &str) -> String {
    name(sale, &format!("{code}:{commitment}"))
}

/// The applications of a sale, by code.
///
/// # Errors
///
/// When the store fails.
pub async fn applications(store: &Store, sale: &SaleId) -> Result<BTreeMap<String, Application>, NotDone> {
    let prefix = name(sale, "");
    let (mut found, mut after) = (BTreeMap::new(), prefix.clone());
    loop {
        let some = store.vault_list(APPLICATIONS, Some(&after), LISTED).await?;
        let Some(last) = some.last() else { return Ok(found) };
        after.clone_from(&last.id);
        for record in some {
            if !record.id.starts_with(&prefix) {
                return Ok(found);
            }
            found.extend(row(&record).map(|application| (application.code.clone(), application)));
        }
    }
}

/// Compares what a bidder signed with what the hall gave it to sign.
pub fn given(bidder: &Bidder, application: Option<&Application>) -> Given {
    let Some(application) = application else { return Given::Nothing };
    let is_same = bidder.identity() == Some(&*application.commitment) && bidder.group() == Some(&*application.group);
    if is_same { Given::Same } else { Given::Other }
}

/// The application of an account in a sale, when it has begun one.
///
/// # Errors
///
/// When the store fails.
pub async fn code_of(store: &Store, sale: &SaleId, account: &AccountName) -> Result<Option<Application>, NotDone> {
    Ok(read(store, sale, account).await?.map(|(application, _)| application))
}

async fn read(store: &Store, sale: &SaleId, account: &AccountName) -> Result<Option<(Application, u64)>, NotDone> {
    let record = match store.vault_get(APPLICATIONS, &name(sale, account.as_str())).await {
        Ok(record) => record,
        Err(VaultError::Absent) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(row(&record).map(|application| (application, record.version)))
}

fn row(record: &Record) -> Option<Application> {
    let Content::Bytes(bytes) = &record.content else { return None };
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Some(Application { code: text("code")?, commitment: text("commitment")?, group: text("group")? })
}

/// A code that nobody can guess before it is used, so that nobody takes it first.
fn new_code() -> String {
    let word: String = secret_word().to_ascii_uppercase().chars().take(8).collect();
    format!("B-{word}")
}

/// Whether a code stands in the record.
fn is_entered(room: &Room, code: &str) -> bool {
    room.shown().is_some_and(|shown| shown.look().sale.bidder_named(code).is_some())
}

/// Names of groups are guessable, so their mark is salted with what only this hall knows.
async fn group_mark(store: &Store, sale: &SaleId, group: &str) -> Result<String, NotDone> {
    let salt_of = |record: Record| match record.content {
        Content::Bytes(bytes) => Ok(bytes),
        Content::Withheld | Content::Erased { .. } => Err(NotDone::from(VaultError::Absent)),
    };
    let kept = match store.vault_get(GROUP_SALTS, sale.as_str()).await {
        Ok(record) => salt_of(record)?,
        Err(VaultError::Absent) => {
            let made = salt();
            match store.vault_put_if(GROUP_SALTS, sale.as_str(), Marking::Plain, &made, None).await {
                Ok(_) => made.to_vec(),
                Err(VaultError::Changed { .. }) => salt_of(store.vault_get(GROUP_SALTS, sale.as_str()).await?)?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) => return Err(error.into()),
    };
    let plain: String = group.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let hash = Sha256::new_with_prefix(b"landgavel/group/v1\0").chain_update(&kept).chain_update(plain).finalize();
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("G-{hex}"))
}

/// Whether the rulebook shows identities to this role by now.
pub fn may_see_identities(sale: &Sale, role: Role) -> bool {
    let viewer = match role {
        Role::Officer => Viewer::Officer,
        Role::Auditor => Viewer::Auditor,
        Role::Bidder | Role::Guarantor | Role::Source => return false,
    };
    sale.is_shown(Item::Identities, viewer, !sale.ended_stages().is_empty())
}

/// Reads an identity and leaves a trace of who did; hidden where the rulebook hides it.
///
/// # Errors
///
/// Why not.
pub async fn identity(hall: &Hall, room: &Room, account: &Account, code: &str) -> Result<Identity, NotDone> {
    let (committed, group) = {
        let Some(shown) = room.shown() else {
            return Err(NotDone::new(Kind::Store, "opening", "正在启动。", "The sale is being opened."));
        };
        let state = shown.look();
        if !may_see_identities(&state.sale, account.role) {
            let zh = "规则在此时不向您的角色公开身份。";
            return Err(NotDone::new(
                Kind::NotAllowed,
                "hidden",
                zh,
                "The rule hides identities from your role at this time.",
            ));
        }
        let bidder = state.sale.bidder_named(code).and_then(|id| state.sale.bidder(id));
        let text = |text: Option<&str>| text.map(str::to_owned);
        (text(bidder.and_then(|bidder| bidder.identity())), text(bidder.and_then(|bidder| bidder.group())))
    };
    let why = format!("sale {}, identity of {code}", room.id());
    let reader = Reader { who: account.name.as_str(), why: &why, now_ms: hall.setting().clock.now().millis() };
    let store = &hall.setting().store;
    // What the record's digest was made of; when it is of nothing that was said here, what was said last.
    let last = applications(store, room.id()).await?.remove(code).map(|application| application.commitment);
    let mut record = Err(VaultError::Absent);
    for commitment in committed.iter().chain(&last) {
        record = store.read_identity(IDENTITIES, &identity_name(room.id(), code, commitment), reader).await;
        if matches!(&record, Ok(record) if matches!(record.content, Content::Bytes(_))) {
            break;
        }
    }
    let Content::Bytes(bytes) = record?.content else { return Err(VaultError::Absent.into()) };
    let kept: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = kept["text"].as_str().unwrap_or_default();
    let salt = kept["salt"].as_str().and_then(Digest::from_hex).unwrap_or(Digest([0; 32]));
    let said: Value = serde_json::from_str(text).unwrap_or_default();
    let field = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let digest = stated_identity(&room.foundation().notice.lot, code, salt, text);
    let said = Said {
        company: field("company"),
        credit_code: field("credit_code"),
        contact: field("contact"),
        group: field("group"),
    };
    let mark = group_mark(store, room.id(), said.group()).await?;
    let is_committed = committed.as_deref() == Some(&digest) && group.as_deref() == Some(&mark);
    Ok(Identity { said, salt, is_committed })
}
