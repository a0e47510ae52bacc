//! The paper behind a bid bond: a bank's confirmation of cash, or a letter of guarantee that its guarantor confirms.
//!
//! The bond itself enters the record by an officer's act. Here is what the officer decides on.

use landgavel_record::language::{format_money, parse_money};
use landgavel_record::record::sha256;
use landgavel_record::wire::read_time;
use landgavel_record::words::{Language, refusal_in_words};
use landgavel_sale::command::{Bond as Lodged, Command};
use landgavel_sale::rulebook::BondForm;
use landgavel_sale::{Sale, Standing};
use landgavel_store::{Content, Marking, Reader, SaleId, Store, VaultError};
use serde_json::{Value, json};

use super::application::{code_of, may_see_identities, standing};
use super::name;
use crate::hall::{Hall, Room};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, AccountName, Directory, Role, secret_word};

/// Bonds, by sale and code.
const BONDS: &str = "bond";
/// Papers behind them, and the records whose reading leaves a trace before a paper is given out.
const PAPERS: &str = "bond-paper";
/// Most bytes of a paper: a scanned letter of some pages.
pub const PAPER_MAX: usize = 10 << 20;
/// Longest text of a field, in characters.
const FIELD_MAX: usize = 100;
/// Bonds of a sale that are listed.
const LISTED: usize = 1000;

/// What is said of a bond when it is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// `cash`, `guarantee` or `insurance`.
    pub form: String,
    /// Its amount, such as `360 万元`.
    pub amount: String,
    /// Who issued it, in words; with a guarantor's account its name.
    pub issuer: String,
    /// The guarantor's account in this hall, when it has one.
    pub guarantor: String,
    /// The last day on which it can be called, `2026-12-31`.
    pub valid_until: String,
    /// To whom it is payable.
    pub beneficiary: String,
    /// It is payable on demand and cannot be revoked.
    pub on_demand: bool,
}

/// A file as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Name of the document in the vault.
    id: String,
    /// What it is, by its content.
    pub kind: &'static str,
    /// Bytes.
    pub size: usize,
    /// SHA-256.
    pub sha256: String,
}

/// What a guarantor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// It stands behind the guarantee.
    pub confirms: bool,
    /// Why not, or a remark.
    pub reason: String,
    /// When (milliseconds since 1970).
    pub at_ms: i64,
}

/// A bond as the hall keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// The sale.
    pub sale: SaleId,
    /// Whose it is.
    pub code: String,
    /// Its terms.
    pub terms: Terms,
    /// Its paper.
    pub paper: Paper,
    /// When it was handed in (milliseconds since 1970).
    pub at_ms: i64,
    /// What its guarantor says.
    pub answer: Option<Answer>,
    version: u64,
}

/// The kind of a file by its first bytes; what it calls itself counts for nothing.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 3] =
        [(b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg")];
    KINDS.into_iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, kind)| kind)
}

fn form_of(word: &str) -> Option<BondForm> {
    match word {
        "cash" => Some(BondForm::Cash),
        "guarantee" => Some(BondForm::Guarantee),
        "insurance" => Some(BondForm::Insurance),
        _ => None,
    }
}

fn wrong(code: &'static str, zh: &'static str, en: &'static str) -> NotDone {
    NotDone::new(Kind::Wrong, code, zh, en)
}

/// The bond that the rule asks for, as an amount, when it is a fixed one.
pub fn due_amount(sale: &Sale) -> Option<String> {
    let rulebook = &sale.lot().rulebook;
    let rule = rulebook.admission.bond.as_ref().filter(|rule| rule.amount.parts.is_empty())?;
    Some(format_money(rule.amount.constant, &rulebook.currency))
}

impl Terms {
    /// The moment at which it ends, in the sale's zone: the end of its last day.
    pub fn ends(&self, sale: &Sale) -> Option<String> {
        let day = self.valid_until.trim();
        (!day.is_empty()).then(|| format!("{day}T23:59:59{}", sale.lot().rulebook.utc_offset))
    }

    fn lodged(&self, sale: &Sale) -> Result<Lodged, NotDone> {
        let form = form_of(&self.form)
            .ok_or_else(|| wrong("bond_form", "请选择保证金形式。", "Choose the form of the bond."))?;
        let amount = parse_money(&self.amount, &sale.lot().rulebook.currency);
        let amount =
            amount.map_err(|why| NotDone::told(Kind::Wrong, "bond_amount", format!("金额有误：{why}"), why))?;
        let valid_until = match self.ends(sale) {
            None => None,
            Some(text) => {
                let at = read_time(&text)
                    .ok_or_else(|| wrong("bond_until", "有效期不是日期。", "The last day is no date."))?;
                Some(at)
            }
        };
        if form != BondForm::Cash {
            if self.issuer.is_empty() || self.beneficiary.is_empty() || valid_until.is_none() {
                let zh = "保函须填写开立机构、有效期与受益人。";
                return Err(wrong(
                    "bond_letter",
                    zh,
                    "A guarantee names its issuer, its last day and its beneficiary.",
                ));
            }
            if !self.on_demand {
                let zh = "只接受见索即付、不可撤销的保函。";
                return Err(wrong(
                    "bond_on_demand",
                    zh,
                    "Only a guarantee payable on demand that cannot be revoked is taken.",
                ));
            }
        }
        let issuer = Some(self.issuer.clone()).filter(|issuer| !issuer.is_empty());
        Ok(Lodged { form, amount, valid_until, issuer })
    }
}

impl Bond {
    /// Whether an officer may confirm it: nobody named, or the guarantor stands behind it.
    pub fn is_backed(&self) -> bool {
        self.terms.guarantor.is_empty() || self.answer.as_ref().is_some_and(|answer| answer.confirms)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let Terms { form, amount, issuer, guarantor, valid_until, beneficiary, on_demand } = &self.terms;
        let answer = self.answer.as_ref();
        let answer = answer.map(|one| json!({"confirms": one.confirms, "reason": one.reason, "at_ms": one.at_ms}));
        json!({"form": form, "amount": amount, "issuer": issuer, "guarantor": guarantor, "valid_until": valid_until,
               "beneficiary": beneficiary, "on_demand": on_demand, "paper": self.paper.id, "size": self.paper.size,
               "kind": self.paper.kind, "sha256": self.paper.sha256, "at_ms": self.at_ms, "answer": answer})
        .to_string()
        .into_bytes()
    }

    fn read(sale: &SaleId, code: &str, bytes: &[u8], version: u64) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let terms = Terms {
            form: text("form")?,
            amount: text("amount")?,
            issuer: text("issuer")?,
            guarantor: text("guarantor")?,
            valid_until: text("valid_until")?,
            beneficiary: text("beneficiary")?,
            on_demand: value["on_demand"].as_bool()?,
        };
        let kind = ["application/pdf", "image/png", "image/jpeg"].into_iter().find(|kind| value["kind"] == *kind)?;
        let size = usize::try_from(value["size"].as_u64()?).ok()?;
        let answer = value["answer"].as_object().and_then(|answer| {
            Some(Answer {
                confirms: answer.get("confirms")?.as_bool()?,
                reason: answer.get("reason")?.as_str()?.to_owned(),
                at_ms: answer.get("at_ms")?.as_i64()?,
            })
        });
        Some(Self {
            sale: sale.clone(),
            code: code.to_owned(),
            terms,
            paper: Paper { id: text("paper")?, kind, size, sha256: text("sha256")? },
            at_ms: value["at_ms"].as_i64()?,
            answer,
            version,
        })
    }
}

/// Hands in a bond with its paper. Until an officer confirms it, another may take its place.
///
/// # Errors
///
/// Why not: what the rules would refuse is said at once.
pub async fn lodge(hall: &Hall, room: &Room, account: &Account, terms: Terms, bytes: &[u8]) -> Result<Bond, NotDone> {
    let store = &hall.setting().store;
    let application = code_of(store, room.id(), &account.name).await?;
    let code = application.filter(|_| account.role == Role::Bidder).ok_or_else(NotDone::not_allowed)?.code;
    if standing(room, &code) != Some(Standing::Applicant) {
        let zh = "请先签名提交申请；已准入或已拒绝的申请不再收保证金。";
        return Err(NotDone::new(
            Kind::Conflict,
            "no_application",
            zh,
            "Sign the application first; a decided one takes no bond.",
        ));
    }
    let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut terms = Terms {
        amount: clean(&terms.amount),
        issuer: clean(&terms.issuer),
        beneficiary: clean(&terms.beneficiary),
        ..terms
    };
    if terms.form == "cash" {
        terms = Terms { guarantor: String::new(), valid_until: String::new(), on_demand: false, ..terms };
    } else if !terms.guarantor.is_empty() {
        let name = AccountName::parse(&terms.guarantor).ok();
        let guarantors = Directory::new(store.clone()).accounts(Role::Guarantor).await?;
        let known = guarantors.into_iter().find(|known| Some(&known.name) == name.as_ref());
        let known =
            known.ok_or_else(|| wrong("guarantor", "没有此担保人账户。", "There is no guarantor of this account."))?;
        terms.issuer = known.shown;
    }
    if [&terms.amount, &terms.issuer, &terms.beneficiary].iter().any(|text| text.chars().count() > FIELD_MAX) {
        return Err(wrong("bond_field", "每项最多 100 个字符。", "Each field has at most 100 characters."));
    }
    would_be_taken(hall, room, &code, &terms)?;
    if bytes.len() > PAPER_MAX {
        return Err(VaultError::TooLarge { most: PAPER_MAX }.into());
    }
    let zh = "文件须为 PDF、PNG 或 JPEG（按内容识别）。";
    let kind =
        kind_of(bytes).ok_or_else(|| wrong("paper_kind", zh, "The file must be a PDF, PNG or JPEG by its content."))?;
    let now_ms = hall.setting().clock.now().millis();
    let id = name(room.id(), &format!("{code}:{}", secret_word()));
    store.document_put(PAPERS, &id, bytes, PAPER_MAX).await?;
    // Read with a trace before the paper is given out: it tells who the applicant is.
    store.vault_put(PAPERS, &id, Marking::Identity, code.as_bytes()).await?;
    let before = bond_of(store, room.id(), &code).await?;
    let paper = Paper { id, kind, size: bytes.len(), sha256: sha256(bytes).to_string() };
    let bond = Bond { sale: room.id().clone(), code, terms, paper, at_ms: now_ms, answer: None, version: 0 };
    let bond = put(store, bond, before.as_ref().map(|before| before.version)).await?;
    if let Some(before) = before {
        store.document_erase(PAPERS, &before.paper.id, now_ms).await?;
    }
    Ok(bond)
}

/// Asks the rules whether they would take the bond now.
fn would_be_taken(hall: &Hall, room: &Room, code: &str, terms: &Terms) -> Result<(), NotDone> {
    let Some(shown) = room.shown() else {
        return Err(NotDone::new(Kind::Store, "opening", "正在启动。", "The sale is being opened."));
    };
    let state = shown.look();
    let sale = &state.sale;
    let bond = terms.lodged(sale)?;
    let Some(bidder) = sale.bidder_named(code) else { return Err(VaultError::Absent.into()) };
    let now = hall.setting().clock.now().max(sale.last());
    sale.decide(now, &Command::LodgeBond { bidder, bond }).map(drop).map_err(|refusal| {
        let words = |language| refusal_in_words(sale.lot(), &refusal, language);
        NotDone::told(Kind::Conflict, refusal.reason.code(), words(Language::Zh), words(Language::En))
    })
}

async fn put(store: &Store, bond: Bond, version: Option<u64>) -> Result<Bond, NotDone> {
    let id = name(&bond.sale, &bond.code);
    let version = store.vault_put_if(BONDS, &id, Marking::Plain, &bond.to_bytes(), version).await?;
    Ok(Bond { version, ..bond })
}

/// The bond of a code.
///
/// # Errors
///
/// When the store fails.
pub async fn bond_of(store: &Store, sale: &SaleId, code: &str) -> Result<Option<Bond>, NotDone> {
    match store.vault_get(BONDS, &name(sale, code)).await {
        Ok(record) => Ok(match &record.content {
            Content::Bytes(bytes) => Bond::read(sale, code, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        }),
        Err(VaultError::Absent) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// All bonds of a sale, by code.
///
/// # Errors
///
/// When the store fails.
pub async fn bonds(store: &Store, sale: &SaleId) -> Result<Vec<Bond>, NotDone> {
    let prefix = name(sale, "");
    let mut found = Vec::new();
    let mut after = prefix.clone();
    loop {
        let some = store.vault_list(BONDS, Some(&after), LISTED).await?;
        let Some(last) = some.last() else { return Ok(found) };
        after.clone_from(&last.id);
        for record in some {
            let Some(code) = record.id.strip_prefix(&prefix) else { return Ok(found) };
            if let Content::Bytes(bytes) = &record.content {
                found.extend(Bond::read(sale, code, bytes, record.version));
            }
        }
    }
}

/// The guarantees of all sales that name a guarantor.
///
/// # Errors
///
/// When the store fails.
pub async fn guarantees(hall: &Hall, account: &Account) -> Result<Vec<Bond>, NotDone> {
    if account.role != Role::Guarantor {
        return Err(NotDone::not_allowed());
    }
    let mut found = Vec::new();
    for room in hall.rooms() {
        let all = bonds(&hall.setting().store, room.id()).await?;
        found.extend(all.into_iter().filter(|bond| bond.terms.guarantor == account.name.as_str()));
    }
    Ok(found)
}

/// A guarantor says whether it stands behind a guarantee; once for each that is handed in.
///
/// # Errors
///
/// Why not.
pub async fn answer(
    hall: &Hall,
    room: &Room,
    account: &Account,
    code: &str,
    confirms: bool,
    reason: &str,
) -> Result<Bond, NotDone> {
    let store = &hall.setting().store;
    let bond = bond_of(store, room.id(), code).await?;
    let bond = bond.filter(|bond| account.role == Role::Guarantor && bond.terms.guarantor == account.name.as_str());
    let bond = bond.ok_or_else(NotDone::not_allowed)?;
    if !account.has_code() && !hall.is_demonstration() {
        let zh = "担保人须先在账户页启用动态验证码。";
        return Err(NotDone::new(
            Kind::Conflict,
            "no_code",
            zh,
            "A guarantor first sets up one-time codes on the account page.",
        ));
    }
    if bond.answer.is_some() {
        return Err(NotDone::new(Kind::Conflict, "answered", "此保函已答复。", "This guarantee was answered already."));
    }
    let reason: String = reason.trim().chars().filter(|c| !c.is_control()).take(FIELD_MAX).collect();
    if !confirms && reason.is_empty() {
        return Err(wrong("reason", "请说明不予确认的理由。", "Say why it is not confirmed."));
    }
    let at_ms = hall.setting().clock.now().millis();
    let version = bond.version;
    put(store, Bond { answer: Some(Answer { confirms, reason, at_ms }), ..bond }, Some(version)).await
}

/// The paper of a bond: for its bidder, for its guarantor, and for those whom the rulebook shows identities by now. All but
/// the bidder leave a trace.
///
/// # Errors
///
/// Why not.
pub async fn paper(
    hall: &Hall,
    room: &Room,
    account: &Account,
    code: &str,
) -> Result<(&'static str, Vec<u8>), NotDone> {
    let store = &hall.setting().store;
    let bond = bond_of(store, room.id(), code).await?.ok_or_else(|| NotDone::from(VaultError::Absent))?;
    let is_own = match account.role {
        Role::Bidder => {
            let application = code_of(store, room.id(), &account.name).await?;
            if application.is_none_or(|application| application.code != code) {
                return Err(NotDone::not_allowed());
            }
            true
        }
        Role::Guarantor if bond.terms.guarantor == account.name.as_str() => false,
        Role::Guarantor => return Err(NotDone::not_allowed()),
        Role::Officer | Role::Auditor => {
            let may = room.shown().is_some_and(|shown| may_see_identities(&shown.look().sale, account.role));
            if !may {
                let zh = "规则在此时不向您的角色公开身份，凭证会透露身份。";
                let en = "The rule hides identities from your role at this time, and the paper would tell one.";
                return Err(NotDone::new(Kind::NotAllowed, "hidden", zh, en));
            }
            false
        }
    };
    if !is_own {
        let why = format!("sale {}, paper of the bond of {code}", room.id());
        let reader = Reader { who: account.name.as_str(), why: &why, now_ms: hall.setting().clock.now().millis() };
        store.read_identity(PAPERS, &bond.paper.id, reader).await?;
    }
    Ok((bond.paper.kind, store.document_get(PAPERS, &bond.paper.id).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(kind_of(b"%PDF-1.7 ..."), Some("application/pdf"));
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [&b"<html>"[..], b"MZ", b"", b"PK\x03\x04", b" %PDF-1.7"] {
            assert_eq!(kind_of(other), None);
        }
    }
}
