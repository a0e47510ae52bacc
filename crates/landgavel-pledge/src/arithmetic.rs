//! What is owed, with every step. Fractions stay exact to the end; one rounding, half up to the fen.

use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Area, Money, Quantity, Ratio};

use crate::contract::{Buildings, Direction, Formula, Measure, Promise};

/// A step of a computation, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The promise, in its quanta; for sums over years, of all of them.
    Committed(i64),
    /// The figure, in the same quanta.
    Actual(i64),
    /// What is missing.
    Gap(i64),
    /// Fen in one quantum.
    FenPerQuantum(i64),
    /// The area, which is exact in mu.
    Area(Area),
    /// The price.
    Price(Money),
    /// What is unpaid of a claim, fees not counted.
    Unpaid(Money),
    /// Days late.
    Days(i64),
    /// A share: of the price for each day, or of what is unpaid.
    Share(Ratio),
    /// At most this.
    AtMost(Money),
    /// A share that each year takes off.
    PerYear(Ratio),
    /// Years that have begun.
    Years(i64),
    /// What years have taken off the price.
    Less(Money),
    /// Days without work.
    Halted(i64),
    /// Land that was built on, of all that was to be.
    Built(Area, Area),
    /// What was invested, of all that was to be.
    Of(Money, Money),
    /// What was shown to be invested.
    Invested(Money),
    /// What is paid for buildings.
    Buildings(Money),
    /// The result.
    Amount(Money),
}

/// An amount and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computation {
    /// Steps in order.
    pub steps: Vec<Step>,
    /// What is owed; zero when nothing is.
    pub amount: Money,
}

impl Computation {
    /// Nothing is owed, and nothing was computed.
    pub const NOTHING: Self = Self { steps: Vec::new(), amount: Money::ZERO };
}

/// What falls short between promise and figure; zero when it is kept. `None` when a value is beyond what a record holds.
pub(crate) fn gap(direction: Direction, committed: i64, actual: i64) -> Option<i64> {
    let (committed, actual) = (Quantity::new(committed)?, Quantity::new(actual)?);
    let gap = match direction {
        Direction::AtLeast => committed.checked_sub(actual)?,
        Direction::AtMost => actual.checked_sub(committed)?,
    };
    Some(gap.quanta().max(0))
}

/// What a promise owes for a promised and an actual value (of one period, or summed over several).
///
/// `None` when the amount leaves the range of money, or a value or the gap that of a [`Quantity`].
pub fn shortfall(promise: &Promise, committed: i64, actual: i64, area: Area, price: Money) -> Option<Computation> {
    let gap = gap(promise.direction, committed, actual)?;
    let mut steps = vec![Step::Committed(committed), Step::Actual(actual), Step::Gap(gap)];
    let amount = match (promise.formula, promise.measure) {
        _ if gap == 0 => Money::ZERO,
        (Formula::Nothing, _) => Money::ZERO,
        (Formula::Gap | Formula::GapWithLateFee { .. }, Measure::MoneyPerMu(fen)) => {
            steps.extend([Step::FenPerQuantum(fen), Step::Area(area)]);
            let mu = area.mu();
            let (numerator, denominator) = (i128::try_from(mu.numerator).ok()?, i128::try_from(mu.denominator).ok()?);
            Money::from_minor(gap.checked_mul(fen)?)?.scale_half_up(numerator, denominator)?
        }
        (Formula::Gap | Formula::GapWithLateFee { .. }, Measure::MoneyPerLot(fen)) => {
            steps.push(Step::FenPerQuantum(fen));
            Money::from_minor(gap.checked_mul(fen)?)?
        }
        // The contract's check keeps this out.
        (Formula::Gap | Formula::GapWithLateFee { .. }, Measure::Other) => return None,
        (Formula::ShareOfPrice, _) => {
            steps.push(Step::Price(price));
            // Never more than the price: a figure below zero owes no more than none.
            price.scale_half_up(i128::from(gap.min(committed)), i128::from(committed))?
        }
    };
    steps.push(Step::Amount(amount));
    Some(Computation { steps, amount })
}

/// What being late costs: days · share · price, bounded.
pub(crate) fn delay(price: Money, days: i64, per_day: Ratio, at_most: Ratio) -> Option<Computation> {
    let bound = price.scale_half_up(i128::from(at_most.ppm()), PPM)?;
    let exact = price.scale_half_up(i128::from(per_day.ppm()) * i128::from(days), PPM);
    let amount = exact.map_or(bound, |exact| exact.min(bound));
    let steps =
        vec![Step::Price(price), Step::Days(days), Step::Share(per_day), Step::AtMost(bound), Step::Amount(amount)];
    Some(Computation { steps, amount })
}

/// The first number of days late for which [`delay`] reaches its bound; `None` when none does.
pub(crate) fn days_to_bound(price: Money, per_day: Ratio, at_most: Ratio) -> Option<i64> {
    let bound = i128::from(price.scale_half_up(i128::from(at_most.ppm()), PPM)?.minor());
    let each = i128::from(price.minor()) * i128::from(per_day.ppm());
    if bound <= 0 || each <= 0 {
        return None;
    }
    // Half up: each · days / PPM + 1/2 must not be below the bound.
    let needed = (2 * bound - 1) * PPM;
    i64::try_from((needed + 2 * each - 1) / (2 * each)).ok()
}

/// The late fee on what is unpaid for some days, and never more than some bound; half up to the fen.
pub(crate) fn late_fee(unpaid: Money, days: i64, per_day: Ratio, at_most: Money) -> Computation {
    let days = days.max(0);
    let exact = unpaid.scale_half_up(i128::from(per_day.ppm()) * i128::from(days), PPM);
    let amount = exact.map_or(at_most, |exact| exact.min(at_most));
    let mut steps = vec![Step::Unpaid(unpaid), Step::Days(days), Step::Share(per_day)];
    if exact != Some(amount) {
        steps.push(Step::AtMost(at_most));
    }
    steps.push(Step::Amount(amount));
    Computation { steps, amount }
}

/// A share of the price: the fee for idle land (国土资源部令第53号, 2012, art. 14), or what a breach of a ban costs. `None` when
/// it is beyond money.
pub fn part_of_price(price: Money, share: Ratio) -> Option<Computation> {
    let amount = price.scale_half_up(i128::from(share.ppm()), PPM)?;
    Some(Computation { steps: vec![Step::Price(price), Step::Share(share), Step::Amount(amount)], amount })
}

/// What years take off an amount: years · share, never more than all of it.
pub(crate) fn worn(amount: Money, per_year: Ratio, years: i64) -> Option<Money> {
    amount.scale_half_up((i128::from(per_year.ppm()) * i128::from(years)).min(PPM), PPM)
}

/// What is paid for buildings in which so much was invested.
pub(crate) fn buildings(invested: Money, rule: Buildings, years: i64) -> Option<Computation> {
    let left = (PPM - i128::from(rule.per_year.ppm()) * i128::from(years)).max(0);
    let amount = invested.scale_half_up(i128::from(rule.share.ppm()) * left, PPM * PPM)?;
    let steps = vec![
        Step::Invested(invested),
        Step::Share(rule.share),
        Step::PerYear(rule.per_year),
        Step::Years(years),
        Step::Buildings(amount),
    ];
    Some(Computation { steps, amount })
}

/// A figure of a promise in money for the whole lot; `None` when it is none, or beyond money.
pub(crate) fn in_money(measure: Measure, figure: i64, area: Area) -> Option<Money> {
    let whole = |fen: i64| Money::from_minor(figure.checked_mul(fen)?);
    match measure {
        Measure::MoneyPerMu(fen) => {
            let mu = area.mu();
            whole(fen)?.scale_half_up(i128::try_from(mu.numerator).ok()?, i128::try_from(mu.denominator).ok()?)
        }
        Measure::MoneyPerLot(fen) => whole(fen),
        Measure::Other => None,
    }
}

const PPM: i128 = 1_000_000;

/// What a deposit is in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepositSplit {
    /// Earnest money (定金): forfeited, or returned twofold.
    pub earnest: Money,
    /// Prepayment: goes back or is set off, whoever broke the contract.
    pub prepayment: Money,
}

/// Splits a deposit: up to 20 % of the contract's amount it is earnest money, beyond that prepayment.
///
/// Source: 民法典 (2020), art. 586. The bound is rounded down to the fen.
pub fn split_deposit(price: Money, deposit: Money) -> Option<DepositSplit> {
    let bound = Money::from_minor(price.minor().max(0) / 5)?;
    let earnest = deposit.min(bound);
    Some(DepositSplit { earnest, prepayment: deposit.checked_sub(earnest)? })
}
