//! What was promised, and what follows when it is not kept. Fixed when the pledge is opened.

use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Area, Bilingual, Date, Money, Obligation, Period, Ratio, UtcOffset, WorkingCalendar};

use crate::bond::BondForm;

/// The terms of a pledge: the supervision agreement (履约监管协议) as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Id of the pledge.
    pub id: String,
    /// Code of the winner, from the award.
    pub winner: String,
    /// Currency of all amounts; what is said in fen here are its minor units.
    pub currency: String,
    /// Price of the land, in fen.
    pub price: Money,
    /// What the winner paid in cash to take part in the sale (竞买保证金), in fen. It decides nothing here.
    pub deposit: Option<Money>,
    /// Its area, in hundredths of a square metre.
    pub area: Area,
    /// Day of the contract: first terms run from it.
    pub signed: Date,
    /// Offset from UTC in which days are counted.
    pub utc_offset: UtcOffset,
    /// Working days.
    pub calendar: WorkingCalendar,
    /// Milestones, each after one before it.
    pub milestones: Vec<Milestone>,
    /// Indicators promised.
    pub promises: Vec<Promise>,
    /// Dated duties from the sale.
    pub duties: Vec<Duty>,
    /// What must not be done for a time.
    pub bans: Vec<Ban>,
    /// The performance bond.
    pub bond: BondRule,
    /// Idle land, when it is watched.
    pub idle: Option<IdleRule>,
    /// Land that was begun and then left, when it is watched.
    pub halt: Option<HaltRule>,
    /// Taking back after a breach; `None`: only idle land is taken back.
    pub take_back: Option<TakeBackRule>,
    /// Time to cure after a claim is notified.
    pub cure: Period,
}

/// Who owes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The winner.
    Winner,
    /// The seller: handing over the land.
    Seller,
}

/// From when a term runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The day of the contract.
    Signed,
    /// A milestone, by index; an earlier one.
    Milestone(usize),
}

/// A step on the way: handover, start, completion, operation, output attainment (达产).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Who owes it.
    pub owed_by: Party,
    /// From when its term runs.
    pub after: Start,
    /// Its term.
    pub within: Period,
    /// What lateness costs.
    pub delay: Option<Delay>,
    /// What of the bond is released when it is reached.
    pub tranche: Option<Tranche>,
    /// Who may sign that it is reached.
    pub source: String,
}

/// What lateness costs: a share of the price for each day, rounded half up to the fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// Share of the price for each day late: 1‰ is 1,000 ppm.
    pub per_day: Ratio,
    /// Never more than this share of the price.
    pub at_most: Ratio,
}

/// A share of the bond that a milestone releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tranche {
    /// Share of the required amount, rounded down to the fen; what that leaves goes back at the end.
    pub share: Ratio,
    /// Released even when the milestone comes late.
    pub also_late: bool,
}

/// Which way an indicator is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// At least the promise: tax, investment.
    AtLeast,
    /// At most the promise: energy per output.
    AtMost,
}

/// An indicator promised: tax per mu, investment intensity, R&D share, energy, floor-area ratio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// What its quanta are.
    pub measure: Measure,
    /// Promised value, in quanta of the measure, for each period.
    pub committed: i64,
    /// Which way it is better.
    pub direction: Direction,
    /// Milestone (by index) after which it is counted.
    pub after: usize,
    /// For how long.
    pub span: Span,
    /// After a period ends, evidence is awaited so long; then it is judged.
    pub evidence_within: Period,
    /// What a shortfall costs.
    pub formula: Formula,
    /// Whether years offset each other.
    pub accounting: Accounting,
    /// Who may sign its figures.
    pub source: String,
}

/// What a quantum of an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Money per mu: so many fen.
    MoneyPerMu(i64),
    /// Money for the whole lot: so many fen.
    MoneyPerLot(i64),
    /// Anything else, such as a ratio.
    Other,
}

/// For how long a promise is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Once, at its milestone.
    Once,
    /// For so many years, 1 to 70, from its milestone.
    Years(u16),
}

/// What a shortfall costs. `c` is the promise, `a` the figure, `A` the area in mu, `P` the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formula {
    /// S1: `max(0, c − a) · A` (差额补缴). Source: Wenzhou, Lucheng.
    Gap,
    /// S2: S1, and for each day after the notice a share of what is unpaid of it. Source: Hefei, Binhu.
    GapWithLateFee {
        /// Share for each day: 1‰ is 1,000 ppm.
        per_day: Ratio,
    },
    /// S3: `P · (c − a) ÷ c` (按地价比例), never more than `P`. Source: GF-2008-2601, for investment.
    ShareOfPrice,
    /// No money is owed; only the verdict counts.
    Nothing,
}

/// Whether years offset each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounting {
    /// Each year by itself; a good year offsets nothing.
    Yearly,
    /// S4: the sum over all years at their end; surplus offsets.
    Cumulative,
}

/// A dated duty from the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The obligation.
    pub obligation: Obligation,
    /// Who may sign that it is done.
    pub source: String,
    /// It is to lodge the performance bond: that alone meets it, in full and by its day, and it is never money beside the
    /// bond.
    pub is_bond: bool,
}

/// Something that must not be done for a time, such as to transfer or to let the land (转让、出租限制). It is forbidden from
/// the day of the contract to the end of a term. Source: Wenling, five years from the title that follows acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// From when the term runs: the day of the contract, or the day on which a milestone was reached. Before that day the
    /// ban has no end.
    pub after: Start,
    /// The term.
    pub lasts: Period,
    /// What doing it costs, as a share of the price; `None`: no money, only the verdict counts.
    pub penalty: Option<Ratio>,
    /// Who may sign that it was done.
    pub source: String,
}

/// The performance bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondRule {
    /// Amount required, in fen: 10 to 20 % of the price in Zhejiang since 2015. Source: zjnews.zjol.com.cn, 2014-03-26.
    pub amount: Money,
    /// Forms accepted.
    pub forms: Vec<BondForm>,
    /// Who must be its beneficiary.
    pub beneficiary: String,
    /// It must be lodged within this term from the contract.
    pub lodge_within: Period,
    /// A guarantee must outlast what it backs by this many calendar days.
    pub outlasts_by: u16,
    /// The end of a guarantee is told this many calendar days ahead.
    pub warn_before: u16,
    /// After a call or a lapse it must be topped up within this term.
    pub top_up_within: Period,
}

/// Idle land (闲置土地). Source: 国土资源部令第53号 (2012), art. 2, 8, 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleRule {
    /// The milestone of starting, by index.
    pub start: usize,
    /// Months late after which the fee is owed: 12.
    pub fee_after: u16,
    /// The fee as a share of the price: 20 %.
    pub fee: Ratio,
    /// Months late after which the land may be taken back without payment: 24.
    pub take_back_after: u16,
}

/// Land that was begun and then left (中止开发建设), which is idle too: less than a third of it is built on, or less than a
/// quarter of the investment made, and nothing was done for a year. Source: 国土资源部令第53号 (2012), art. 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltRule {
    /// Months without work after which the land lies idle: 12.
    pub after: u16,
    /// The promise of the whole investment, by index: money, once.
    pub investment: usize,
    /// The milestone with which building is complete, by index: what is complete is not left.
    pub completion: Option<usize>,
    /// What it costs, as a share of the price. Art. 14 of the order names the fee for land that was not begun.
    pub fee: Ratio,
    /// Who may sign it.
    pub source: String,
}

/// S6: taking the land back after a breach, against its price less what its use has taken off. Source: Wenzhou, Lucheng
/// (限期整改、土地收回).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeBackRule {
    /// What is a ground when it is breached and its claim is not paid.
    pub grounds: Vec<Ground>,
    /// Time to make it good after the verdict.
    pub rectify: Period,
    /// From when years of use count.
    pub used_from: Start,
    /// What each year of use that has begun takes off, as a share of the price.
    pub per_year: Ratio,
    /// What is paid for buildings; `None`: nothing.
    pub buildings: Option<Buildings>,
    /// What is forfeited of the bonds.
    pub forfeits: Forfeit,
}

/// What the terms name as a ground to take the land back, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// A milestone.
    Milestone(usize),
    /// A promise, in any of its periods.
    Promise(usize),
    /// A ban.
    Ban(usize),
}

/// What buildings are worth: a share of the figure shown for a promise of investment, less so much for each year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buildings {
    /// The promise, by index: money, once.
    pub promise: usize,
    /// Share of the figure shown.
    pub share: Ratio,
    /// What each year that has begun since its milestone was reached takes off, as a share.
    pub per_year: Ratio,
}

/// What is forfeited of the bonds when the land is taken back. Open claims come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forfeit {
    /// The tranches of milestones that were not met.
    Unmet,
    /// All that is held.
    All,
}

/// Why terms make no contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractError {
    /// A milestone, promise or ban names a milestone that is not before it.
    NotBefore {
        /// Index of the milestone, promise or ban.
        index: usize,
    },
    /// A promise is not above zero.
    PromiseNotPositive {
        /// Index of the promise.
        index: usize,
    },
    /// Tranches are more than the whole.
    TranchesBeyondWhole,
    /// The formula counts money, and the measure is no money.
    NoMoney {
        /// Index of the promise.
        index: usize,
    },
    /// More than can be kept, or terms whose cost or last day leaves the range of money, shares or the calendar.
    TooLarge,
}
