//! A bid bond as the hall keeps it: its terms, its paper, what was said of it.
//!
//! The bond itself enters the record by an officer's act. Here is what the officer decides on.

use landgavel_record::canonical;
use landgavel_record::language::{format_money, parse_money};
use landgavel_record::record::sha256;
use landgavel_record::wire::read_time;
use landgavel_sale::Sale;
use landgavel_sale::command::Bond as Lodged;
use landgavel_sale::rulebook::BondForm;
use landgavel_store::{Content, Marking, SaleId, Store, VaultError};
use serde_json::{Value, json};

use super::name;
use crate::hall::Hall;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};

/// Bonds, by sale and code.
const BONDS: &str = "bond";
/// Longest text of a field, in characters.
pub(super) const FIELD_MAX: usize = 100;
/// Bonds of a sale that are read at once.
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
    pub(super) id: String,
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

/// What a guarantor said of a bond whose place another one took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The guarantor's account.
    pub guarantor: String,
    /// The amount that it was of.
    pub amount: String,
    /// SHA-256 of its paper.
    pub sha256: String,
    /// What was said.
    pub answer: Answer,
}

/// Who enters a bond in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The officer's account.
    pub by: String,
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
    /// What guarantors said of those that this one took the place of, the oldest first.
    pub past: Vec<Past>,
    /// An officer has taken it to enter it in the record: nothing takes its place any more.
    pub taken: Option<Taken>,
    pub(super) version: u64,
}

fn form_of(word: &str) -> Option<BondForm> {
    match word {
        "cash" => Some(BondForm::Cash),
        "guarantee" => Some(BondForm::Guarantee),
        "insurance" => Some(BondForm::Insurance),
        _ => None,
    }
}

pub(super) fn wrong(code: &'static str, zh: &'static str, en: &'static str) -> NotDone {
    NotDone::new(Kind::Wrong, code, zh, en)
}

/// The bond that the rule asks for, as an amount, when it is a fixed one.
pub fn due_amount(sale: &Sale) -> Option<String> {
    let rulebook = &sale.lot().rulebook;
    let rule = rulebook.admission.bond.as_ref().filter(|rule| rule.amount.parts.is_empty())?;
    Some(format_money(rule.amount.constant, &rulebook.currency))
}

impl Terms {
    /// Whether its issuer stands only in the bidder's own words.
    pub fn is_self_declared(&self) -> bool {
        self.guarantor.is_empty() && !self.issuer.is_empty()
    }

    fn json(&self) -> Value {
        let Self { form, amount, issuer, guarantor, valid_until, beneficiary, on_demand } = self;
        json!({"form": form, "amount": amount, "issuer": issuer, "guarantor": guarantor, "valid_until": valid_until,
               "beneficiary": beneficiary, "on_demand": on_demand})
    }

    /// The moment at which it ends, in the sale's zone: the end of its last day.
    pub fn ends(&self, sale: &Sale) -> Option<String> {
        let day = self.valid_until.trim();
        (!day.is_empty()).then(|| format!("{day}T23:59:59{}", sale.lot().rulebook.utc_offset))
    }

    pub(super) fn lodged(&self, sale: &Sale) -> Result<Lodged, NotDone> {
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

impl Answer {
    fn json(&self) -> Value {
        json!({"confirms": self.confirms, "reason": self.reason, "at_ms": self.at_ms})
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            confirms: value["confirms"].as_bool()?,
            reason: value["reason"].as_str()?.to_owned(),
            at_ms: value["at_ms"].as_i64()?,
        })
    }
}

impl Past {
    fn json(&self) -> Value {
        json!({"guarantor": self.guarantor, "amount": self.amount, "sha256": self.sha256, "answer": self.answer.json()})
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let answer = Answer::read(&value["answer"])?;
        Some(Self { guarantor: text("guarantor")?, amount: text("amount")?, sha256: text("sha256")?, answer })
    }
}

impl Bond {
    /// Whether an officer may confirm it: nobody named, or the guarantor stands behind it.
    pub fn is_backed(&self) -> bool {
        self.terms.guarantor.is_empty() || self.answer.as_ref().is_some_and(|answer| answer.confirms)
    }

    /// What whoever confirms it confirms: these terms with this paper, and no other.
    pub fn digest(&self) -> String {
        let mut said = self.terms.json();
        said["sale"] = json!(self.sale.as_str());
        said["bidder"] = json!(self.code);
        said["paper"] = json!(self.paper.sha256);
        sha256(canonical::encode(&said).as_bytes()).to_string()
    }

    /// The fields of the officer's act that enters it. The note binds the officer's signature to the paper too.
    pub fn act(&self, sale: &Sale) -> Vec<(String, String)> {
        let mut fields = vec![
            ("bidder".to_owned(), self.code.clone()),
            ("form".to_owned(), self.terms.form.clone()),
            ("amount".to_owned(), self.terms.amount.clone()),
            ("note".to_owned(), format!("landgavel-bond/1 sha256:{}", self.digest())),
        ];
        fields.extend(self.terms.ends(sale).map(|ends| ("valid_until".to_owned(), ends)));
        if !self.terms.issuer.is_empty() {
            fields.push(("issuer".to_owned(), self.terms.issuer.clone()));
        }
        fields
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut value = self.terms.json();
        value["paper"] = json!(self.paper.id);
        value["size"] = json!(self.paper.size);
        value["kind"] = json!(self.paper.kind);
        value["sha256"] = json!(self.paper.sha256);
        value["at_ms"] = json!(self.at_ms);
        value["answer"] = self.answer.as_ref().map_or(Value::Null, Answer::json);
        value["past"] = self.past.iter().map(Past::json).collect();
        value["taken"] = self.taken.as_ref().map_or(Value::Null, |taken| json!({"by": taken.by, "at_ms": taken.at_ms}));
        value.to_string().into_bytes()
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
        let past = value["past"].as_array().map_or(&[][..], Vec::as_slice);
        let taken = &value["taken"];
        let taken = taken["by"].as_str().zip(taken["at_ms"].as_i64());
        Some(Self {
            sale: sale.clone(),
            code: code.to_owned(),
            terms,
            paper: Paper { id: text("paper")?, kind, size, sha256: text("sha256")? },
            at_ms: value["at_ms"].as_i64()?,
            answer: Answer::read(&value["answer"]),
            past: past.iter().map(Past::read).collect::<Option<Vec<_>>>()?,
            taken: taken.map(|(by, at_ms)| Taken { by: by.to_owned(), at_ms }),
            version,
        })
    }
}

/// Writes a bond if its version in the vault is the expected one.
pub(super) async fn put(store: &Store, bond: Bond, version: Option<u64>) -> Result<Bond, VaultError> {
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
