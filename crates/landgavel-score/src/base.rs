//! Benchmarks: what values are measured against, found in the first pass over a table.

use alloc::vec;
use alloc::vec::Vec;

use crate::card::{Benchmark, Card, Indicator, Scope, Way};
use crate::fault::{Fault, Faults};
use crate::number::Exact;
use crate::table::Table;

/// What a way of earning points measures values against, for one group or for all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Nothing is needed, or no row has a value.
    None,
    /// Points are `value · points_per_quantum`.
    Ratio {
        /// The benchmark, in quanta of the indicator.
        benchmark: Exact,
        /// Weight over benchmark.
        points_per_quantum: Exact,
    },
    /// The least and the greatest value.
    Range {
        /// Least value.
        least: i64,
        /// Greatest value.
        greatest: i64,
    },
}

/// The rows that count towards benchmarks.
pub(crate) struct Rows<'a> {
    pub(crate) card: &'a Card,
    pub(crate) table: &'a Table,
    pub(crate) exempt: &'a [Option<u8>],
}

impl Rows<'_> {
    fn slots(&self, scope: Scope) -> usize {
        match scope {
            Scope::All => 1,
            Scope::Group => self.table.names.len().max(1),
        }
    }

    fn slot(&self, scope: Scope, row: usize) -> usize {
        match scope {
            Scope::All => 0,
            Scope::Group => self.table.groups[row] as usize,
        }
    }

    fn counted(&self) -> impl Iterator<Item = usize> {
        (0..self.table.rows()).filter(|row| self.exempt[*row].is_none())
    }

    fn values(&self, indicator: &Indicator) -> impl Iterator<Item = (usize, i64)> {
        self.counted().filter_map(|row| Some((row, indicator.value(self.table, row).get()?)))
    }

    /// The bases of one way, by slot.
    pub(crate) fn bases(&self, item: usize, way: &Way, faults: &mut Faults) -> Vec<Base> {
        let Some(indicator) = way.indicator().and_then(|id| self.card.indicators.get(id.0)) else {
            return vec![Base::None];
        };
        match way {
            Way::Linear { benchmark, .. } => {
                let scope = benchmark.scope();
                let Some(found) = self.benchmarks(indicator, benchmark) else {
                    faults.add(Fault::SumTooLarge { item });
                    return vec![Base::None; self.slots(scope)];
                };
                let weight = self.card.items[item].weight;
                let mut has_some = vec![false; self.slots(scope)];
                if found.iter().flatten().any(|benchmark| benchmark.numerator() == 0) {
                    for (row, value) in self.values(indicator) {
                        has_some[self.slot(scope, row)] |= value != 0;
                    }
                }
                let bases = found.into_iter().enumerate().map(|(slot, benchmark)| {
                    let Some(benchmark) = benchmark else { return Base::None };
                    // All have zero: nobody is ahead of anybody, and the item's missing rule says what that means.
                    if benchmark.numerator() == 0 && !has_some.get(slot).copied().unwrap_or_default() {
                        return Base::None;
                    }
                    if benchmark.numerator() <= 0 {
                        let group = match scope {
                            Scope::Group => u32::try_from(slot).ok(),
                            Scope::All => None,
                        };
                        faults.add(Fault::BenchmarkNotPositive { item, group });
                        return Base::None;
                    }
                    let inverse = Exact::new(benchmark.denominator(), benchmark.numerator());
                    let weight = Exact::new(i128::from(weight), 1);
                    match inverse.zip(weight).and_then(|(inverse, weight)| inverse.times(weight)) {
                        Some(points_per_quantum) => Base::Ratio { benchmark, points_per_quantum },
                        None => {
                            faults.add(Fault::SumTooLarge { item });
                            Base::None
                        }
                    }
                });
                bases.collect()
            }
            Way::MinMax { scope, .. } => {
                let mut bases = vec![Base::None; self.slots(*scope)];
                for (row, value) in self.values(indicator) {
                    let base = &mut bases[self.slot(*scope, row)];
                    *base = match *base {
                        Base::Range { least, greatest } => {
                            Base::Range { least: least.min(value), greatest: greatest.max(value) }
                        }
                        Base::None | Base::Ratio { .. } => Base::Range { least: value, greatest: value },
                    };
                }
                bases
            }
            Way::Steps { .. } | Way::PerUnit { .. } | Way::Choice { .. } => vec![Base::None],
        }
    }

    /// Benchmarks by slot, `None` where no row has a value; no list at all when a sum is too large.
    fn benchmarks(&self, indicator: &Indicator, benchmark: &Benchmark) -> Option<Vec<Option<Exact>>> {
        let scope = benchmark.scope();
        let slots = self.slots(scope);
        match benchmark {
            Benchmark::Fixed(value) => Some(vec![Exact::new(i128::from(*value), 1)]),
            Benchmark::MeanOfRows { times, .. } => {
                let mut sums = vec![(0i128, 0i128); slots];
                for (row, value) in self.values(indicator) {
                    let (sum, count) = &mut sums[self.slot(scope, row)];
                    *sum += i128::from(value);
                    *count += 1;
                }
                means(&sums, *times)
            }
            Benchmark::MeanOfTotals { times, .. } => {
                let mut sums = vec![(0i128, 0i128); slots];
                for row in self.counted() {
                    if indicator.value(self.table, row).get().is_none() {
                        continue;
                    }
                    let of = indicator.of.sum(self.table, row)?;
                    let over = indicator.over.as_ref().map_or(Some(1), |over| over.sum(self.table, row))?;
                    let (all_of, all_over) = &mut sums[self.slot(scope, row)];
                    *all_of = all_of.checked_add(of)?;
                    *all_over = all_over.checked_add(over)?;
                }
                means(&sums, times.times(indicator.factor)?)
            }
            Benchmark::Quantile { share, times, .. } => {
                let mut values = vec![Vec::new(); slots];
                for (row, value) in self.values(indicator) {
                    values[self.slot(scope, row)].push(value);
                }
                values.iter_mut().map(|values| quantile(values, *share, *times)).collect()
            }
        }
    }
}

fn means(sums: &[(i128, i128)], times: Exact) -> Option<Vec<Option<Exact>>> {
    sums.iter()
        .map(|(sum, count)| match Exact::new(*sum, *count) {
            None => Some(None),
            Some(mean) => mean.times(times).map(Some),
        })
        .collect()
}

/// The value at `share` of the list from below, by nearest rank. The outer `None` is a number too large.
#[expect(clippy::option_option, reason = "too large and absent are two things")]
fn quantile(values: &mut [i64], share: u32, times: Exact) -> Option<Option<Exact>> {
    if values.is_empty() {
        return Some(None);
    }
    let rank = (values.len() as u64 * u64::from(share)).div_ceil(1_000_000).max(1);
    let index = usize::try_from(rank - 1).ok()?.min(values.len() - 1);
    let (_, value, _) = values.select_nth_unstable(index);
    Exact::new(i128::from(*value), 1)?.times(times).map(Some)
}

impl Benchmark {
    /// Over whom it is taken.
    pub const fn scope(&self) -> Scope {
        match self {
            Self::Fixed(_) => Scope::All,
            Self::MeanOfRows { scope, .. } | Self::MeanOfTotals { scope, .. } | Self::Quantile { scope, .. } => *scope,
        }
    }
}

impl Way {
    /// Over whom its base is taken.
    pub(crate) const fn scope(&self) -> Scope {
        match self {
            Self::Linear { benchmark, .. } => benchmark.scope(),
            Self::MinMax { scope, .. } => *scope,
            Self::Steps { .. } | Self::PerUnit { .. } | Self::Choice { .. } => Scope::All,
        }
    }
}
