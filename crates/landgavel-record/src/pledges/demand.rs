//! Demands on banks (索付): what a bond in the form of a guarantee was called for, as the paper that goes to its issuer.
//!
//! An independent guarantee is paid against a demand that conforms to it and says in which respect the applicant is in breach.
//! Sources: 法释〔2016〕24号, art. 6; URDG 758 (2010), art. 15.

use std::collections::BTreeMap;

use landgavel_base::{Bilingual, Date, Money, capital_amount};
use landgavel_pledge::{BondForm, Event, Happened, HeldBond, Subject};

use serde_json::{Value, json};

use super::Opened;
use super::words::subject_in_words;

/// A demand on the issuer of a guarantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankDemand {
    /// Day of the call.
    pub day: Date,
    /// Index of the bond.
    pub bond: usize,
    /// What is demanded, in minor units.
    pub amount: Money,
    /// What was demanded under the same guarantee before, in minor units.
    pub before: Money,
    /// Last day of the guarantee on the day of the call.
    pub valid_until: Option<Date>,
    /// In which respect the winner is in breach, or why the guarantee is called all the same.
    pub statement: Bilingual,
}

/// What is known of a claim when it is called.
struct Raised {
    subject: Subject,
    day: Date,
    amount: Money,
    cure_until: Date,
    how: Option<Bilingual>,
}

/// All demands on banks that a pledge has led to, in order.
pub fn bank_demands<'a>(opened: &Opened, events: impl IntoIterator<Item = &'a Event>) -> Vec<BankDemand> {
    let offset = opened.pledge.contract().utc_offset;
    let mut told = Told::new(opened);
    for event in events {
        told.hear(event.at.local(offset).date, &event.happened);
    }
    told.demands
}

/// What was told up to an event.
struct Told<'a> {
    opened: &'a Opened,
    /// Form and last day of each bond.
    bonds: Vec<(BondForm, Option<Date>)>,
    /// The last day to extend, of each bond that was to be.
    extend_by: BTreeMap<usize, (Date, Date)>,
    /// The last arithmetic of each verdict.
    how: BTreeMap<Subject, Bilingual>,
    claims: Vec<Raised>,
    demands: Vec<BankDemand>,
}

impl<'a> Told<'a> {
    fn new(opened: &'a Opened) -> Self {
        Self {
            opened,
            bonds: Vec::new(),
            extend_by: BTreeMap::new(),
            how: BTreeMap::new(),
            claims: Vec::new(),
            demands: Vec::new(),
        }
    }

    fn hear(&mut self, day: Date, happened: &Happened) {
        match happened {
            Happened::BondLodged(bond) => self.bonds.push((bond.form, bond.valid_until)),
            Happened::BondExtended { bond, valid_until, .. } => {
                if let Some((_, until)) = self.bonds.get_mut(*bond) {
                    *until = Some(*valid_until);
                }
            }
            Happened::BondExpiring { bond, needed_until, due, .. } => {
                self.extend_by.insert(*bond, (*due, *needed_until));
            }
            Happened::Judged { subject, computation: Some(computation), .. } => {
                self.how.insert(*subject, self.opened.arithmetic(*subject, computation));
            }
            Happened::ClaimRaised { subject, amount, cure_until } => {
                let how = self.how.get(subject).cloned();
                self.claims.push(Raised { subject: *subject, day, amount: *amount, cure_until: *cure_until, how });
            }
            Happened::ClaimSettled { claim, amount, .. } | Happened::ClaimReduced { claim, amount, .. } => {
                if let Some(raised) = self.claims.get_mut(*claim) {
                    raised.amount = *amount;
                }
            }
            Happened::BondCalled { claim, from, .. } => {
                for (bond, amount) in from {
                    let statement = self.breach(*claim);
                    self.demand(day, *bond, *amount, statement);
                }
            }
            Happened::BondTurnedToCash { bond, amount } => {
                let statement = self.unextended(*bond);
                self.demand(day, *bond, *amount, statement);
                if let Some(held) = self.bonds.get_mut(*bond) {
                    *held = (BondForm::Cash, None);
                }
            }
            _ => {}
        }
    }

    /// Cash is held by the beneficiary: nothing is demanded of anybody.
    fn demand(&mut self, day: Date, bond: usize, amount: Money, statement: Bilingual) {
        let Some((BondForm::Guarantee, valid_until)) = self.bonds.get(bond).copied() else { return };
        let same = self.demands.iter().filter(|demand| demand.bond == bond);
        let before = same.fold(Money::ZERO, |sum, demand| sum.checked_add(demand.amount).unwrap_or(sum));
        self.demands.push(BankDemand { day, bond, amount, before, valid_until, statement });
    }

    fn breach(&self, claim: usize) -> Bilingual {
        let Some(raised) = self.claims.get(claim) else { return Bilingual::default() };
        let name = subject_in_words(&self.opened.pledge, raised.subject);
        let amount = self.opened.money(raised.amount);
        let how = raised.how.as_ref();
        let (how_zh, how_en) = how.map(|how| (format!("（{}）", how.zh), format!(" ({})", how.en))).unwrap_or_default();
        let (number, day, cure) = (claim + 1, raised.day, raised.cure_until);
        Bilingual {
            zh: format!(
                "申请人未履行“{}”{how_zh}。第{number}项索赔 {amount} 已于 {day} 通知申请人，整改期至 {cure} 届满，申请人未足额支付。",
                name.zh
            ),
            en: format!(
                "The applicant is in breach of “{}”{how_en}. Claim no. {number} for {amount} was notified on {day}; the time to cure ended on {cure}, and it was not paid in full.",
                name.en
            ),
        }
    }

    fn unextended(&self, bond: usize) -> Bilingual {
        let Some((due, needed)) = self.extend_by.get(&bond) else { return Bilingual::default() };
        Bilingual {
            zh: format!(
                "所担保的义务须担保至 {needed}；已要求申请人于 {due} 前展期或更换保函，逾期未办。款项将作为现金保证留存。"
            ),
            en: format!(
                "What it backs must be backed until {needed}; the applicant was asked to extend or replace the guarantee by {due} and did neither. The money will be held as a bond in cash."
            ),
        }
    }
}

impl BankDemand {
    /// The bond that is called.
    pub fn bond<'a>(&self, opened: &'a Opened) -> Option<&'a HeldBond> {
        opened.pledge.bonds().get(self.bond)
    }

    /// What stands on the paper, by name; the applicant by its code, since a record names nobody.
    pub fn facts(&self, opened: &Opened) -> Vec<(Bilingual, Bilingual)> {
        let same = |text: String| Bilingual { zh: text.clone(), en: text };
        let Some(held) = self.bond(opened) else { return Vec::new() };
        let bond = &held.bond;
        let fact = |zh: &str, en: &str, value: Bilingual| (Bilingual::new(zh, en), value);
        let code = &opened.pledge.contract().winner;
        let applicant = Bilingual::new(format!("竞得人（代号 {code}）"), format!("the winner (code {code})"));
        let mut facts = vec![
            fact("担保人", "Issuer", same(bond.issuer.clone())),
            fact("保函编号", "Guarantee no.", same(bond.number.clone().unwrap_or_default())),
            fact("申请人", "Applicant", applicant),
            fact("受益人", "Beneficiary", same(bond.beneficiary.clone())),
            fact("保函金额", "Amount of the guarantee", same(opened.money(bond.amount))),
        ];
        if self.before > Money::ZERO {
            facts.push(fact("此前已索付", "Demanded before", same(opened.money(self.before))));
        }
        if let Some(day) = self.valid_until {
            facts.push(fact("有效期至", "Valid until", same(day.to_string())));
        }
        facts.push(fact("索付日期", "Day of the demand", same(self.day.to_string())));
        if let Some(letter) = bond.letter {
            facts.push(fact("保函文件SHA-256", "SHA-256 of the letter", same(letter.to_string())));
        }
        facts
    }

    /// What it says, for machines; amounts in minor units, the bond counted from 1.
    pub fn json(&self, opened: &Opened) -> Value {
        let bond = self.bond(opened).map(|held| &held.bond);
        json!({"day": self.day.to_string(), "bond": self.bond + 1, "issuer": bond.map(|bond| &bond.issuer),
               "number": bond.and_then(|bond| bond.number.as_ref()), "amount": self.amount.minor(),
               "before": self.before.minor(), "valid_until": self.valid_until.map(|day| day.to_string()),
               "zh": self.statement.zh, "en": self.statement.en})
    }

    /// The amount in figures, and in capitals where its currency has them.
    pub fn amount(&self, opened: &Opened) -> (String, Option<String>) {
        let currency = &opened.pledge.contract().currency;
        (opened.money(self.amount), (currency == "CNY").then(|| capital_amount(self.amount)))
    }
}
