//! A second book of the money, kept from the events alone and by other code than the engine's.

use std::collections::BTreeMap;

use landgavel_base::Money;
use landgavel_pledge::{Event, Happened};

/// Bonds: lodged, released, called, lapsed, forfeited. Claims: amount, fee, paid, from bonds, refund, and whether it fell.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) bonds: Vec<[i64; 5]>,
    pub(crate) claims: Vec<Entry>,
    /// What is still to be forfeited.
    forfeits: i64,
    /// What is wrong, in words.
    pub(crate) faults: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) paid: i64,
    pub(crate) from_bond: i64,
    pub(crate) refund: i64,
    pub(crate) has_fallen: bool,
}

impl Entry {
    pub(crate) fn owed(self) -> i64 {
        if self.has_fallen { 0 } else { self.amount + self.fee + self.refund - self.paid - self.from_bond }
    }
}

impl Ledger {
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut ledger = Self::default();
        events.iter().for_each(|event| ledger.enter(&event.happened));
        ledger
    }

    fn fault(&mut self, is_wrong: bool, happened: &Happened) {
        if is_wrong {
            self.faults.push(format!("{happened:?}"));
        }
    }

    pub(crate) fn held(&self) -> i64 {
        self.bonds.iter().map(left).sum()
    }

    fn owed(&self) -> i64 {
        self.claims.iter().map(|claim| claim.owed()).sum()
    }

    fn take(&mut self, from: &[(usize, Money)], place: usize) -> i64 {
        from.iter().for_each(|(bond, amount)| self.bonds[*bond][place] += amount.minor());
        from.iter().map(|(_, amount)| amount.minor()).sum()
    }

    fn enter(&mut self, happened: &Happened) {
        match happened {
            Happened::BondLodged(bond) => self.bonds.push([bond.amount.minor(), 0, 0, 0, 0]),
            Happened::BondLapsed { bond, amount } => self.bonds[*bond][3] += amount.minor(),
            Happened::Released { milestone, from } => {
                let sum = self.take(from, 1);
                // What open claims are owed stays; at the end nothing is owed, and nothing stays.
                let is_short = self.held() < self.owed();
                let is_left = milestone.is_none() && (self.held() != 0 || self.owed() != 0);
                self.fault(sum <= 0 || is_short || is_left, happened);
            }
            Happened::Forfeited { from } => {
                let sum = self.take(from, 4);
                self.forfeits -= sum;
                // Open claims come first.
                let is_wrong = sum <= 0 || self.forfeits < 0 || self.held() < self.owed();
                self.fault(is_wrong, happened);
            }
            Happened::TakenBack { forfeits, .. } => self.forfeits = forfeits.minor(),
            Happened::ClaimRaised { amount, .. } => {
                self.claims.push(Entry { amount: amount.minor(), ..Entry::default() });
            }
            Happened::ClaimWithdrawn { claim } => self.claims[*claim].has_fallen = true,
            Happened::ClaimPaid { claim, amount, fee } => {
                let entry = &mut self.claims[*claim];
                (entry.paid, entry.fee) = (entry.paid + amount.minor(), entry.fee + fee.amount.minor());
                let is_wrong = entry.owed() < 0 || amount.minor() <= 0;
                self.fault(is_wrong, happened);
            }
            Happened::ClaimSettled { claim, amount, refund, .. } | Happened::ClaimReduced { claim, amount, refund } => {
                let entry = &mut self.claims[*claim];
                (entry.amount, entry.refund) = (amount.minor(), refund.minor());
                if let Happened::ClaimSettled { fee, .. } = happened {
                    entry.fee = fee.minor();
                }
                let is_wrong = entry.owed() < 0 || refund.minor() < 0 || (entry.owed() > 0 && refund.minor() > 0);
                self.fault(is_wrong, happened);
            }
            Happened::BondCalled { claim, from, fee, remainder } => {
                let called = self.take(from, 2);
                let entry = &mut self.claims[*claim];
                (entry.from_bond, entry.fee) = (entry.from_bond + called, entry.fee + fee.amount.minor());
                let is_wrong = called <= 0 || entry.owed() != remainder.minor();
                self.fault(is_wrong || (remainder.minor() > 0 && self.held() > 0), happened);
            }
            Happened::BondExtended { .. }
            | Happened::BondMissing { .. }
            | Happened::BondExpiring { .. }
            | Happened::BondTurnedToCash { .. }
            | Happened::TopUpDemanded { .. }
            | Happened::EvidenceEntered(_)
            | Happened::EvidenceRetracted { .. }
            | Happened::Judged { .. }
            | Happened::ClaimDisputed { .. }
            | Happened::Extended { .. }
            | Happened::TimeStopped { .. }
            | Happened::Waived { .. }
            | Happened::Idle(_)
            | Happened::Discharged => {}
        }
        let is_overdrawn = self.bonds.iter().any(|bond| left(bond) < 0);
        self.fault(is_overdrawn, happened);
    }
}

fn left([lodged, released, called, lapsed, forfeited]: &[i64; 5]) -> i64 {
    lodged - released - called - lapsed - forfeited
}

/// How often each kind of event happened, by the first word of its form.
pub(crate) fn kinds(events: &[Event], into: &mut BTreeMap<String, u32>) {
    for event in events {
        let form = format!("{:?}", event.happened);
        let word = form.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        *into.entry(word.to_owned()).or_default() += 1;
    }
}
