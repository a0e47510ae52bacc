//! Demands on banks (索付): what a bond in the form of a guarantee was called for, as the paper that goes to its issuer.
//!
//! An independent guarantee is paid against a demand that conforms to it and says in which respect the applicant is in breach.
//! Sources: 法释〔2016〕24号, art. 6; URDG 758 (2010), art. 15.

use std::collections::BTreeMap;

use landgavel_base::{Bilingual, Date, Digest, Money, capital_amount};
use landgavel_pledge::{BondForm, Computation, Event, Happened, HeldBond, Subject};

use serde_json::{Value, json};

use super::Opened;
use super::demand_words::{Call, Raised, Taken, add};

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
    /// Letters that had amended the guarantee by then.
    pub amendments: Vec<Amendment>,
    /// In which respect the winner is in breach, or why the guarantee is called all the same.
    pub statement: Bilingual,
}

/// A letter by which a guarantee runs longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amendment {
    /// Day on which it was entered.
    pub day: Date,
    /// The new last day.
    pub valid_until: Date,
    /// Hash of the letter.
    pub letter: Digest,
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

/// What was told of a bond.
struct Lodged {
    form: BondForm,
    valid_until: Option<Date>,
    amendments: Vec<Amendment>,
}

/// What was told up to an event.
struct Told<'a> {
    opened: &'a Opened,
    bonds: Vec<Lodged>,
    /// The last day to extend, of each bond that was to be.
    extend_by: BTreeMap<usize, (Date, Date)>,
    /// The last arithmetic of each verdict.
    how: BTreeMap<Subject, Computation>,
    claims: Vec<Raised>,
    taken: Option<Taken>,
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
            taken: None,
            demands: Vec::new(),
        }
    }

    fn hear(&mut self, day: Date, happened: &Happened) {
        match happened {
            Happened::BondLodged(bond) => {
                self.bonds.push(Lodged { form: bond.form, valid_until: bond.valid_until, amendments: Vec::new() });
            }
            Happened::BondExtended { bond, valid_until, letter } => {
                if let Some(lodged) = self.bonds.get_mut(*bond) {
                    lodged.valid_until = Some(*valid_until);
                    lodged.amendments.push(Amendment { day, valid_until: *valid_until, letter: *letter });
                }
            }
            Happened::BondExpiring { bond, needed_until, due, .. } => {
                self.extend_by.insert(*bond, (*due, *needed_until));
            }
            Happened::Judged { subject, computation: Some(computation), .. } => {
                self.how.insert(*subject, computation.clone());
            }
            Happened::ClaimRaised { subject, amount, cure_until } => self.claims.push(Raised {
                subject: *subject,
                day,
                notified: *amount,
                cure_until: *cure_until,
                how: self.how(*subject, *amount),
                amount: *amount,
                later: Vec::new(),
                settled_fee: Money::ZERO,
                fees: Vec::new(),
                paid: Money::ZERO,
                from_bonds: Money::ZERO,
            }),
            Happened::BondCalled { claim, from, fee, remainder } => {
                self.call(day, *claim, from, fee, *remainder);
            }
            Happened::BondTurnedToCash { bond, amount } => {
                let statement = self.unextended(*bond);
                self.demand(day, *bond, *amount, statement);
                if let Some(lodged) = self.bonds.get_mut(*bond) {
                    (lodged.form, lodged.valid_until) = (BondForm::Cash, None);
                }
            }
            Happened::TakenBack { ground, forfeits, .. } => {
                self.taken = Some(Taken { day, ground: *ground, forfeits: *forfeits });
            }
            Happened::Forfeited { from } => {
                for (bond, amount) in from {
                    let taken = self.taken.as_ref();
                    let statement = taken.map(|taken| taken.statement(self.opened, *amount)).unwrap_or_default();
                    self.demand(day, *bond, *amount, statement);
                }
            }
            other => self.hear_of_claim(day, other),
        }
    }

    /// What changes a claim.
    fn hear_of_claim(&mut self, day: Date, happened: &Happened) {
        let (Happened::ClaimPaid { claim, .. }
        | Happened::ClaimDisputed { claim, .. }
        | Happened::ClaimSettled { claim, .. }
        | Happened::ClaimReduced { claim, .. }) = happened
        else {
            return;
        };
        let reduced = match (happened, self.claims.get(*claim)) {
            (Happened::ClaimReduced { amount, .. }, Some(raised)) => self.how(raised.subject, *amount),
            _ => None,
        };
        let Some(raised) = self.claims.get_mut(*claim) else { return };
        match happened {
            Happened::ClaimPaid { amount, fee, .. } => {
                raised.grow(day, fee);
                raised.paid = add(raised.paid, *amount);
            }
            Happened::ClaimDisputed { .. } => raised.dispute(day),
            Happened::ClaimSettled { amount, fee, cure_until, .. } => {
                raised.settle(self.opened, day, *amount, *fee, *cure_until);
            }
            Happened::ClaimReduced { amount, .. } => raised.reduce(self.opened, day, *amount, reduced.as_ref()),
            _ => {}
        }
    }

    /// The arithmetic of an amount: the last one on its subject, if it gave this amount.
    fn how(&self, subject: Subject, amount: Money) -> Option<Bilingual> {
        let computation = self.how.get(&subject).filter(|computation| computation.amount == amount)?;
        Some(self.opened.arithmetic(subject, computation))
    }

    /// Bonds are called for a claim; each issuer hears what its part of it is.
    fn call(&mut self, day: Date, claim: usize, from: &[(usize, Money)], fee: &Computation, remainder: Money) {
        let called = from.iter().fold(Money::ZERO, |sum, (_, amount)| add(sum, *amount));
        if let Some(raised) = self.claims.get_mut(claim) {
            raised.grow(day, fee);
        }
        for (bond, here) in from {
            let others = called.checked_sub(*here).unwrap_or(Money::ZERO);
            let call = Call { day, number: claim + 1, here: *here, others, remainder };
            let raised = self.claims.get(claim);
            let statement = raised.map(|raised| raised.statement(self.opened, &call)).unwrap_or_default();
            self.demand(day, *bond, *here, statement);
        }
        if let Some(raised) = self.claims.get_mut(claim) {
            raised.from_bonds = add(raised.from_bonds, called);
        }
    }

    /// Cash is held by the beneficiary: nothing is demanded of anybody.
    fn demand(&mut self, day: Date, bond: usize, amount: Money, statement: Bilingual) {
        let Some(lodged) = self.bonds.get(bond).filter(|lodged| lodged.form == BondForm::Guarantee) else { return };
        let (valid_until, amendments) = (lodged.valid_until, lodged.amendments.clone());
        let same = self.demands.iter().filter(|demand| demand.bond == bond);
        let before = same.fold(Money::ZERO, |sum, demand| add(sum, demand.amount));
        self.demands.push(BankDemand { day, bond, amount, before, valid_until, amendments, statement });
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
        for Amendment { day, valid_until, letter } in &self.amendments {
            let (zh, en) = (
                format!("修改函SHA-256（{day} 录入，延期至 {valid_until}）"),
                format!("SHA-256 of the amendment entered on {day}, valid until {valid_until}"),
            );
            facts.push((Bilingual { zh, en }, same(letter.to_string())));
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
