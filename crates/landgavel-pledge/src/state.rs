//! The state of a pledge: a fold of its events.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Digest, Instant, LocalTime, Money, Ratio, SAFE_INTEGER_MAX};

use crate::bond::Bond;
use crate::contract::{Contract, ContractError};
use crate::evidence::{Evidence, Subject};
use crate::stopped::Stopped;
use crate::verdict::{IdleLevel, Verdict};

/// How a pledge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Running,
    /// All is kept, paid or waived.
    Discharged,
    /// The land was taken back. Nothing more is judged; open claims are still paid, disputed, settled and called.
    TakenBack,
}

/// A bond and what became of its money: `amount = held + released + called + lapsed + forfeited`, all in fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBond {
    /// As lodged, with its last extension.
    pub bond: Bond,
    /// What went back to the winner, in fen.
    pub released: Money,
    /// What was called, in fen.
    pub called: Money,
    /// What was lost when it ended, in fen.
    pub lapsed: Money,
    /// Hashes of the letters that amended it, in order.
    pub amendments: Vec<Digest>,
    /// The last demand to extend or replace it.
    pub extension: Option<ExtensionDemand>,
    /// What was forfeited when the land was taken back, in fen.
    pub forfeited: Money,
}

impl HeldBond {
    /// What it still holds, in fen.
    pub fn held(&self) -> Money {
        let gone = [self.released, self.called, self.lapsed, self.forfeited];
        saturated([self.bond.amount].into_iter(), gone.into_iter())
    }
}

/// A guarantee ends before what it backs: it must be extended or replaced by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionDemand {
    /// The end of the guarantee that was told of.
    pub ends: Date,
    /// Last day to extend or replace it; after it the whole may be called.
    pub due: Date,
}

/// What had to be lodged by a day: the contract's amount first, then each top-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// How much, in fen.
    pub amount: Money,
    /// Last day to lodge it; `None` when the calendar does not reach so far.
    pub due: Option<Date>,
    /// It was told that something was missing when its day had passed.
    pub was_missed: bool,
}

/// How a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    /// Notified and owed.
    Open,
    /// Disputed, even when it is paid: what is settled may be less.
    Disputed,
    /// Paid, called in full, settled at no more than was paid, or withdrawn.
    Closed,
}

/// A claim (索赔). At any time, in fen: `amount + fee + refund = paid + from_bond + owed`, and one of `refund` and
/// `owed` is zero. A claim that was withdrawn keeps as its amount what was paid on it by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What for.
    pub subject: Subject,
    /// What is owed without late fees, in fen; after a settlement, what was settled.
    pub amount: Money,
    /// Late fees that were owed so far, in fen.
    pub fee: Money,
    /// What the winner paid, in fen.
    pub paid: Money,
    /// What bonds paid, in fen.
    pub from_bond: Money,
    /// What was paid or called beyond what was settled, in fen: it must go back to the winner.
    pub refund: Money,
    /// Last day to cure, and to dispute.
    pub cure_until: Date,
    /// How it stands.
    pub state: ClaimState,
    /// It is or was disputed; a claim is disputed once.
    pub disputed: bool,
    /// Share of what is unpaid of the amount that each day costs; fees bear no fees. From the contract's formula S2.
    pub per_day: Option<Ratio>,
    /// Days after this one cost a late fee that is not in `fee` yet.
    pub fee_after: Date,
    /// Day on which it was notified.
    pub raised: Date,
    /// What was paid or called, in fen, with its day.
    pub moves: Vec<(Date, Money)>,
}

impl Claim {
    /// What is owed in fen, late fees after the last payment not counted; nothing once it is closed.
    pub fn owed(&self) -> Money {
        saturated([self.amount, self.fee].into_iter(), [self.paid, self.from_bond].into_iter())
    }

    /// What was paid and what bonds paid, in fen.
    pub(crate) fn moved(&self) -> core::array::IntoIter<Money, 2> {
        [self.paid, self.from_bond].into_iter()
    }

    /// Whether money has moved on it.
    pub(crate) fn has_moved(&self) -> bool {
        self.paid > Money::ZERO || self.from_bond > Money::ZERO
    }
}

/// A verdict, the last day against which a day was judged, the day of the verdict, and whether a claim was raised with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) due: Option<Date>,
    pub(crate) on: Date,
    pub(crate) is_charged: bool,
}

/// An extended last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extended {
    pub(crate) until: Date,
    /// Decisions to stop time before it; only later ones move it.
    pub(crate) stops_before: usize,
}

/// A pledge at some point of its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pledge {
    pub(crate) contract: Arc<Contract>,
    pub(crate) last: Instant,
    pub(crate) status: Status,
    pub(crate) evidence: BTreeMap<Subject, Evidence>,
    /// Days on which the seller's milestones were entered: what is owed after them does not run before.
    pub(crate) entered: BTreeMap<usize, Date>,
    pub(crate) judged: BTreeMap<Subject, Judged>,
    /// Milestones whose term was extended, by index.
    pub(crate) extended: BTreeMap<usize, Extended>,
    pub(crate) stopped: Stopped,
    pub(crate) bonds: Vec<HeldBond>,
    /// The first is the contract's amount.
    pub(crate) demands: Vec<Demand>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) idle: Option<IdleLevel>,
    /// What went back for each milestone, in fen.
    pub(crate) released: BTreeMap<usize, Money>,
    /// What is still to be forfeited, in fen, once open claims leave it.
    pub(crate) forfeits: Money,
}

impl Pledge {
    /// Opens a pledge on a contract.
    ///
    /// # Errors
    /// When the terms make no sense together.
    pub fn open(contract: Arc<Contract>, now: Instant) -> Result<Self, ContractError> {
        contract.check()?;
        let first = Demand {
            amount: contract.bond.amount,
            due: contract.term(contract.bond.lodge_within, contract.signed),
            was_missed: false,
        };
        Ok(Self {
            contract,
            last: now,
            status: Status::Running,
            evidence: BTreeMap::new(),
            entered: BTreeMap::new(),
            judged: BTreeMap::new(),
            extended: BTreeMap::new(),
            stopped: Stopped::default(),
            bonds: Vec::new(),
            demands: vec![first],
            claims: Vec::new(),
            idle: None,
            released: BTreeMap::new(),
            forfeits: Money::ZERO,
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

    /// The verdict on something, when there is one. Sums over years stand under the last year.
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

    /// What had to be lodged, in the order in which it was demanded; the contract's amount is the first.
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// How far idleness has gone.
    pub fn idle(&self) -> Option<IdleLevel> {
        self.idle
    }

    /// Spans of days that do not count, in order and apart from each other: first day, first day that counts again.
    pub fn stopped(&self) -> impl Iterator<Item = (Date, Date)> {
        self.stopped.spans()
    }

    /// What all bonds hold together, in fen; held at the largest amount of money.
    pub fn held(&self) -> Money {
        saturated(self.bonds.iter().map(HeldBond::held), [].into_iter())
    }

    /// What all open claims are owed together, in fen; held at the largest amount of money.
    pub fn owed(&self) -> Money {
        let open = self.claims.iter().filter(|claim| claim.state != ClaimState::Closed);
        saturated(open.map(Claim::owed), [].into_iter())
    }

    /// What must still be lodged, in fen, whether or not its day has passed: the contract's amount and all top-ups
    /// demanded, less the amounts of all bonds lodged. Nothing once the pledge is over.
    pub fn missing(&self) -> Money {
        match self.status {
            Status::Running => {
                let demanded = self.demands.iter().map(|demand| demand.amount);
                saturated(demanded, self.bonds.iter().map(|held| held.bond.amount))
            }
            Status::Discharged | Status::TakenBack => Money::ZERO,
        }
    }

    /// What is missing of all that had to be lodged by a day.
    pub(crate) fn missing_by(&self, day: Date) -> Money {
        let demanded = self.demands.iter().filter(|demand| demand.due.is_some_and(|due| due <= day));
        saturated(demanded.map(|demand| demand.amount), self.bonds.iter().map(|held| held.bond.amount))
    }

    /// The demand, by its day and index, of which it is next to be told that something is missing.
    pub(crate) fn next_missing(&self) -> Option<(Date, usize)> {
        let open = self.demands.iter().enumerate().filter(|(_, demand)| !demand.was_missed);
        let dated = open.filter_map(|(index, demand)| Some((demand.due?, index)));
        dated.filter(|(due, _)| self.missing_by(*due) > Money::ZERO).min()
    }

    /// Time of the last event or of the opening.
    pub fn last(&self) -> Instant {
        self.last
    }

    pub(crate) fn day(&self, now: Instant) -> Date {
        now.local(self.contract.utc_offset).date
    }

    /// The first moment after a day; `None` beyond the calendar or before 1970.
    pub(crate) fn after(&self, day: Date) -> Option<Instant> {
        LocalTime { date: day.plus_days(1)?, millis_of_day: 0 }.instant(self.contract.utc_offset)
    }
}

/// A sum less another, held between nothing and the largest amount of money: it never falls to nothing by overflow.
pub(crate) fn saturated(plus: impl Iterator<Item = Money>, minus: impl Iterator<Item = Money>) -> Money {
    let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.map(|amount| i128::from(amount.minor())).sum::<i128>();
    let (mut plus, mut minus) = (plus, minus);
    let rest = (sum(&mut plus) - sum(&mut minus)).clamp(0, i128::from(SAFE_INTEGER_MAX));
    i64::try_from(rest).ok().and_then(Money::from_minor).unwrap_or(Money::ZERO)
}
