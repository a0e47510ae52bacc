//! The points of one item in one row, and why.

use core::cmp::Ordering;

use crate::base::Base;
use crate::card::{Indicator, IndicatorId, Item, Missing, Scope, Way};
use crate::fault::Fault;
use crate::indicator::{Unrounded, figure};
use crate::number::{Exact, half_away};
use crate::table::Table;

/// The points of an item in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemPoints {
    /// Points that count.
    pub points: i64,
    /// Points before floor and cap, rounded once.
    pub raw: i64,
    /// Index of the way that counts.
    pub way: Option<usize>,
    /// The value that it looked at: an indicator's, or a cell. Without a way, a zero which all others have too, so that it
    /// is measured against nothing.
    pub value: Option<i64>,
    /// How the points came about.
    pub why: Why,
}

/// How points came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// As computed.
    Counted,
    /// Cut to the cap.
    Capped,
    /// Raised to zero.
    Floored,
    /// Nothing to measure: zero.
    MissingZero,
    /// Nothing to measure: the mean points of the group.
    MissingMean,
    /// Nothing to measure: left out, the other items count for more.
    LeftOut,
}

/// What a row's points are computed from.
pub(crate) struct Site<'a> {
    pub(crate) indicators: &'a [Indicator],
    pub(crate) table: &'a Table,
    pub(crate) row: usize,
}

impl Site<'_> {
    /// The points of an item; `Ok(None)` when no way has a value.
    pub(crate) fn earned(
        &self,
        index: usize,
        item: &Item,
        bases: &[alloc::vec::Vec<Base>],
    ) -> Result<Option<ItemPoints>, Fault> {
        let mut best: Option<ItemPoints> = None;
        for (number, (way, bases)) in item.ways.iter().zip(bases).enumerate() {
            let slot = match way.scope() {
                Scope::All => 0,
                Scope::Group => self.table.groups[self.row] as usize,
            };
            let base = bases.get(slot).copied().unwrap_or(Base::None);
            let Some((value, raw)) = self.way(index, way, base)? else { continue };
            if best.is_some_and(|best| best.raw >= raw) {
                continue;
            }
            let most = item.most.unwrap_or(i64::MAX);
            let (points, why) = match raw {
                raw if raw < 0 => (0, Why::Floored),
                raw if raw > most => (most, Why::Capped),
                raw => (raw, Why::Counted),
            };
            best = Some(ItemPoints { points, raw, way: Some(number), value: Some(value), why });
        }
        Ok(best)
    }

    fn value(&self, way: &Way) -> Result<Option<i64>, Fault> {
        way.indicator().map_or(Ok(None), |id| figure(self.indicators, id, self.table, self.row))
    }

    /// Value and points of a way, before floor and cap.
    fn way(&self, item: usize, way: &Way, base: Base) -> Result<Option<(i64, i64)>, Fault> {
        let too_large = Fault::TooLarge { row: self.row, item };
        if let Way::Choice { column, points, otherwise } = way {
            let Some(value) = self.table.cell(self.row, column.0).get() else { return Ok(None) };
            let chosen = points.iter().find(|(word, _)| *word == value).map_or(*otherwise, |(_, points)| *points);
            return Ok(Some((value, chosen)));
        }
        let Some(value) = self.value(way)? else { return Ok(None) };
        let points = match (way, base) {
            (Way::Linear { .. }, Base::Ratio { points_per_quantum, .. }) => {
                points_per_quantum.of(value).ok_or(too_large)?
            }
            (Way::MinMax { at_least, at_greatest, .. }, Base::Range { least, greatest }) => {
                let (span, way) = (i128::from(greatest) - i128::from(least), i128::from(value) - i128::from(least));
                match span {
                    0 => *at_greatest,
                    span => {
                        let rise = i128::from(*at_greatest) - i128::from(*at_least);
                        let exact = rise
                            .checked_mul(way)
                            .and_then(|rise| rise.checked_add(i128::from(*at_least).checked_mul(span)?));
                        exact.and_then(|exact| half_away(exact, span)).ok_or(too_large)?
                    }
                }
            }
            (Way::Steps { indicator, .. } | Way::PerUnit { indicator, .. }, _) => {
                let points = match self.unrounded(*indicator) {
                    Some(unrounded) => by_thresholds(way, |bound| unrounded.cmp(bound)),
                    None => by_thresholds(way, |bound| value.cmp(&bound)),
                };
                points.ok_or(too_large)?
            }
            _ => return Ok(None),
        };
        Ok(Some((value, points)))
    }

    fn unrounded(&self, id: IndicatorId) -> Option<Unrounded> {
        Unrounded::of_indicator(self.indicators.get(id.0)?, self.table, self.row)
    }

    /// The value of a way itself, where the rounded one would give other points.
    pub(crate) fn exact(&self, way: &Way, value: i64) -> Option<Exact> {
        let unrounded = self.unrounded(way.indicator()?)?;
        let by_value = by_thresholds(way, |bound| value.cmp(&bound));
        let by_itself = by_thresholds(way, |bound| unrounded.cmp(bound));
        (by_value != by_itself).then(|| unrounded.exact())?
    }

    /// What holds for an item of which the row has no value; `mean` is that of its group.
    pub(crate) fn missing(&self, index: usize, item: &Item, mean: Option<i64>) -> Result<ItemPoints, Fault> {
        let value = item.ways.iter().find_map(|way| self.value(way).transpose()).transpose()?;
        let without = |points, why| Ok(ItemPoints { points, raw: points, way: None, value, why });
        match (item.missing, mean) {
            (Missing::Refuse, _) => Err(Fault::ValueMissing { row: self.row, item: index }),
            (Missing::Renormalise, _) => without(0, Why::LeftOut),
            (Missing::MeanPoints, Some(mean)) => without(mean, Why::MissingMean),
            (Missing::Zero, _) | (Missing::MeanPoints, None) => without(0, Why::MissingZero),
        }
    }
}

/// The points of a way that asks which bounds are reached; `order` tells how the value stands to one.
fn by_thresholds(way: &Way, order: impl Fn(i64) -> Ordering) -> Option<i64> {
    match way {
        Way::Steps { steps, .. } => {
            let step = steps.steps.iter().find(|step| steps.comparison.holds(order(step.bound)));
            Some(step.map_or(steps.otherwise, |step| step.points))
        }
        Way::PerUnit { each, points, .. } => {
            let each = (*each).max(1);
            // The most units that the value holds, by halving: how far it is from its rounded self nobody knows, since a
            // divisor may have been rounded too.
            let (mut low, mut high) = (i128::from(i64::MIN / each), i128::from(i64::MAX / each));
            while low < high {
                let middle = (low + high + 1).div_euclid(2);
                if order(i64::try_from(middle).ok()?.checked_mul(each)?).is_lt() {
                    high = middle - 1
                } else {
                    low = middle
                }
            }
            let units = i64::try_from(low).ok()?;
            units.checked_mul(*points)
        }
        Way::Linear { .. } | Way::MinMax { .. } | Way::Choice { .. } => None,
    }
}
