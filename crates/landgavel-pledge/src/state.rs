//! The state of a pledge: a fold of its events.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use landgavel_base::{Date, Instant, LocalTime, Money, Ratio};

use crate::bond::Bond;
use crate::contract::{Contract, ContractError};
use crate::evidence::{Evidence, Subject};
use crate::verdict::{IdleLevel, Verdict};

/// How a pledge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Running,
    /// All is kept, paid or waived.
    Discharged,
    /// The land was taken back.
    TakenBack,
}

/// A bond and what became of its money: `amount = held + released + called + lapsed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBond {
    /// As lodged, with its last extension.
    pub bond: Bond,
    /// What went back.
    pub released: Money,
    /// What was called.
    pub called: Money,
    /// What was lost when it ended.
    pub lapsed: Money,
    /// The last day of which the end was told ahead.
    pub(crate) warned_of: Option<Date>,
}

impl HeldBond {
    /// What it still holds.
    pub fn held(&self) -> Money {
        let gone = self.released.minor() + self.called.minor() + self.lapsed.minor();
        Money::from_minor(self.bond.amount.minor() - gone).unwrap_or(Money::ZERO)
    }
}

/// How a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    /// Notified and owed.
    Open,
    /// Disputed.
    Disputed,
    /// Paid, called in full, or withdrawn.
    Closed,
}

/// A claim (索赔). `amount + fee = paid + from_bond + owed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What for.
    pub subject: Subject,
    /// What is owed without late fees.
    pub amount: Money,
    /// Late fees that were owed so far.
    pub fee: Money,
    /// What the winner paid.
    pub paid: Money,
    /// What bonds paid.
    pub from_bond: Money,
    /// Last day to cure.
    pub cure_until: Date,
    /// How it stands.
    pub state: ClaimState,
    /// Share of what is unpaid that each day costs.
    pub(crate) per_day: Option<Ratio>,
    /// Days after this one cost a late fee.
    pub(crate) fee_after: Date,
}

impl Claim {
    /// What is owed, late fees after the last payment not counted.
    pub fn owed(&self) -> Money {
        let owed = self.amount.minor() + self.fee.minor() - self.paid.minor() - self.from_bond.minor();
        Money::from_minor(owed.max(0)).unwrap_or(Money::ZERO)
    }
}

/// A verdict, and the last day against which a day was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) due: Option<Date>,
}

/// A pledge at some point of its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pledge {
    pub(crate) contract: Arc<Contract>,
    pub(crate) last: Instant,
    pub(crate) status: Status,
    pub(crate) evidence: BTreeMap<Subject, Evidence>,
    pub(crate) judged: BTreeMap<Subject, Judged>,
    /// Extended last days of milestones, before any time that does not count.
    pub(crate) extended: BTreeMap<usize, Date>,
    pub(crate) stopped_days: i32,
    pub(crate) bonds: Vec<HeldBond>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) idle: Option<IdleLevel>,
    pub(crate) bond_was_missed: bool,
    /// Milestones whose tranche went back.
    pub(crate) released: Vec<usize>,
}

impl Pledge {
    /// Opens a pledge on a contract.
    ///
    /// # Errors
    /// When the terms make no sense together.
    pub fn open(contract: Arc<Contract>, now: Instant) -> Result<Self, ContractError> {
        contract.check()?;
        Ok(Self {
            contract,
            last: now,
            status: Status::Running,
            evidence: BTreeMap::new(),
            judged: BTreeMap::new(),
            extended: BTreeMap::new(),
            stopped_days: 0,
            bonds: Vec::new(),
            claims: Vec::new(),
            idle: None,
            bond_was_missed: false,
            released: Vec::new(),
        })
    }

    /// The terms.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The verdict on something, when there is one.
    pub fn verdict(&self, subject: Subject) -> Option<Verdict> {
        self.judged.get(&subject).map(|judged| judged.verdict)
    }

    /// The evidence on something.
    pub fn evidence(&self, subject: Subject) -> Option<&Evidence> {
        self.evidence.get(&subject)
    }

    /// Bonds in the order in which they came.
    pub fn bonds(&self) -> &[HeldBond] {
        &self.bonds
    }

    /// Claims in the order in which they were raised.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// How far idleness has gone.
    pub fn idle(&self) -> Option<IdleLevel> {
        self.idle
    }

    /// What all bonds hold together.
    pub fn held(&self) -> Money {
        let sum = self.bonds.iter().map(|bond| bond.held().minor()).sum();
        Money::from_minor(sum).unwrap_or(Money::ZERO)
    }

    /// What all open claims are owed together.
    pub fn owed(&self) -> Money {
        let open = self.claims.iter().filter(|claim| claim.state != ClaimState::Closed);
        Money::from_minor(open.map(|claim| claim.owed().minor()).sum()).unwrap_or(Money::ZERO)
    }

    /// Time of the last event or of the opening.
    pub fn last(&self) -> Instant {
        self.last
    }

    pub(crate) fn day(&self, now: Instant) -> Date {
        now.local(self.contract.utc_offset).date
    }

    /// The first moment after a day; `None` beyond the calendar.
    pub(crate) fn after(&self, day: Date) -> Option<Instant> {
        LocalTime { date: day.plus_days(1)?, millis_of_day: 0 }.instant(self.contract.utc_offset)
    }
}
