//! First pass: who is evaluated, benchmarks, mean points. Then the total of each row by itself.

use alloc::vec;
use alloc::vec::Vec;

use crate::base::{Base, Rows};
use crate::card::{Card, DIMENSIONS_MAX, GradeId, Grading, ItemRole, Missing};
use crate::fault::{Fault, Faults};
use crate::indicator::figure;
use crate::number::{Cell, Exact, half_away};
use crate::points::{ItemPoints, Site, Why};
use crate::rule::{Known, RuleJudgement};
use crate::table::Table;

/// A table, its card, and what the first pass found.
#[derive(Debug)]
pub struct Survey<'a> {
    pub(crate) card: &'a Card,
    pub(crate) table: &'a Table,
    /// Index of the exemption that holds, by row.
    pub(crate) exempt: Vec<Option<u8>>,
    /// By item, way and slot.
    bases: Vec<Vec<Vec<Base>>>,
    /// Mean points by item and group, where the card asks for them.
    means: Vec<Vec<Option<i64>>>,
}

/// The sums of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The total, rounded, in its quanta.
    pub total: i64,
    /// The exact sum, in quanta of points.
    pub sum: i64,
    /// Points of each dimension, in quanta of points.
    pub dimensions: [i64; DIMENSIONS_MAX],
    /// How base points were converted because items were left out.
    pub converted: Option<Conversion>,
}

/// Base points of the items that are left, converted to the full points: `earned · full ÷ kept = result`, in quanta of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// Base points of the items that are left.
    pub earned: i64,
    /// Full points of all base items.
    pub full: i64,
    /// Full points of those that are left; zero when nothing is.
    pub kept: i64,
    /// Base points that count.
    pub result: i64,
}

/// What grading needs to know of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The total; missing for those who are not evaluated.
    pub total: Cell,
    /// All gates hold.
    pub qualifies: bool,
    /// No better grade than this, by a veto.
    pub not_above: Option<GradeId>,
}

/// A row's score, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the exemption that holds; nothing else follows then.
    pub exempt: Option<usize>,
    /// Points of each item.
    pub items: Vec<ItemPoints>,
    /// What each item's way was measured against.
    pub bases: Vec<Base>,
    /// Of each item that value itself whose rounding would give other points: by steps, and for each full unit.
    pub exacts: Vec<Option<Exact>>,
    /// The sums.
    pub total: Option<Total>,
    /// Each gate.
    pub gates: Vec<RuleJudgement>,
    /// Each veto.
    pub vetoes: Vec<RuleJudgement>,
}

impl<'a> Survey<'a> {
    /// The first pass.
    ///
    /// # Errors
    /// Benchmarks that nothing can be divided by, and sums that are too large.
    pub fn of(card: &'a Card, table: &'a Table) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let exempt: Vec<_> = (0..table.rows())
            .map(|row| {
                exemption(card, table, row).unwrap_or_else(|fault| {
                    faults.add(fault);
                    None
                })
            })
            .collect();
        if !faults.list.is_empty() {
            return Err(faults.list);
        }
        let rows = Rows { card, table, exempt: &exempt };
        let mut bases = Vec::with_capacity(card.items.len());
        for (index, item) in card.items.iter().enumerate() {
            bases.push(item.ways.iter().map(|way| rows.bases(index, way, &mut faults)).collect());
        }
        if !faults.list.is_empty() {
            return Err(faults.list);
        }
        let mut survey = Self { card, table, exempt, bases, means: Vec::new() };
        survey.means = (0..card.items.len()).map(|index| survey.mean_points(index)).collect();
        Ok(survey)
    }

    pub(crate) fn site(&self, row: usize) -> Site<'_> {
        Site { indicators: &self.card.indicators, table: self.table, row }
    }

    fn mean_points(&self, index: usize) -> Vec<Option<i64>> {
        let item = &self.card.items[index];
        if item.missing != Missing::MeanPoints {
            return Vec::new();
        }
        let mut sums = vec![(0i128, 0i128); self.table.names.len().max(1)];
        for row in (0..self.table.rows()).filter(|row| self.exempt[*row].is_none()) {
            if let Ok(Some(earned)) = self.site(row).earned(index, item, &self.bases[index]) {
                let (sum, count) = &mut sums[self.table.groups[row] as usize];
                *sum += i128::from(earned.points);
                *count += 1;
            }
        }
        sums.into_iter().map(|(sum, count)| half_away(sum, count)).collect()
    }

    /// Whether a row is not evaluated, and by which exemption.
    pub fn exemption(&self, row: usize) -> Option<usize> {
        self.exempt.get(row).copied().flatten().map(usize::from)
    }

    /// The points of an item in a row.
    ///
    /// # Errors
    /// What the card does not allow of the row's figures.
    pub fn item(&self, row: usize, index: usize) -> Result<ItemPoints, Fault> {
        let site = self.site(row);
        let item = &self.card.items[index];
        match site.earned(index, item, &self.bases[index])? {
            Some(points) => Ok(points),
            None => {
                let group = self.table.groups[row] as usize;
                site.missing(index, item, self.means[index].get(group).copied().flatten())
            }
        }
    }

    /// The total of a row, from the points of its items.
    fn total_of(&self, row: usize, mut each: impl FnMut(ItemPoints)) -> Result<Total, Fault> {
        let (mut base, mut around, mut weight, mut left_out) = (0i128, 0i128, 0i128, 0i128);
        let mut dimensions = [0i64; DIMENSIONS_MAX];
        for (index, item) in self.card.items.iter().enumerate() {
            let points = self.item(row, index)?;
            each(points);
            let signed = match item.role {
                ItemRole::Base => {
                    base += i128::from(points.points);
                    weight += i128::from(item.weight);
                    if points.why == Why::LeftOut {
                        left_out += i128::from(item.weight);
                    }
                    points.points
                }
                ItemRole::Bonus => {
                    around += i128::from(points.points);
                    points.points
                }
                ItemRole::Malus => {
                    around -= i128::from(points.points);
                    -points.points
                }
            };
            if let Some(sum) = item.dimension.and_then(|dimension| dimensions.get_mut(dimension)) {
                *sum = sum.saturating_add(signed);
            }
        }
        let too_large = Fault::TooLarge { row, item: 0 };
        let converted = match left_out {
            0 => None,
            left_out => {
                let kept = weight - left_out;
                let scaled = base.checked_mul(weight).ok_or(too_large)?;
                // Everything is left out: nothing was earned.
                let result = if kept > 0 { half_away(scaled, kept) } else { Some(0) };
                let narrow = |wide: i128| i64::try_from(wide).map_err(|_| too_large);
                let result = result.ok_or(too_large)?;
                Some(Conversion { earned: narrow(base)?, full: narrow(weight)?, kept: narrow(kept.max(0))?, result })
            }
        };
        let base = converted.map_or(base, |converted| i128::from(converted.result));
        let sum = base + around;
        let coarser = 10i128.pow(u32::from(self.card.points_decimals.saturating_sub(self.card.total_decimals)));
        let total = half_away(sum, coarser).ok_or(too_large)?;
        Ok(Total { total, sum: i64::try_from(sum).map_err(|_| too_large)?, dimensions, converted })
    }

    /// The total of a row; `None` when it is not evaluated. Each row stands by itself, so rows may be asked in
    /// any order and at the same time.
    ///
    /// # Errors
    /// What the card does not allow of the row's figures.
    pub fn total(&self, row: usize) -> Result<Option<Total>, Fault> {
        if self.exemption(row).is_some() {
            return Ok(None);
        }
        self.total_of(row, |_| {}).map(Some)
    }

    /// What grading needs to know of a row.
    ///
    /// # Errors
    /// What the card does not allow of the row's figures.
    pub fn mark(&self, row: usize) -> Result<Mark, Fault> {
        let Some(total) = self.total(row)? else {
            return Ok(Mark { total: Cell::MISSING, qualifies: false, not_above: None });
        };
        let known = self.known(row, &total);
        let (mut qualifies, mut not_above) = (true, None);
        for gate in &self.card.gates {
            qualifies &= known.holds(gate)?;
        }
        for (rule, grade) in &self.card.vetoes {
            if known.holds(rule)? {
                not_above = not_above.max(Some(*grade));
            }
        }
        if let Grading::Quantile { tie_break, .. } = &self.card.grading {
            for id in tie_break {
                figure(&self.card.indicators, *id, self.table, row)?;
            }
        }
        let total = Cell::known(total.total).ok_or(Fault::TooLarge { row, item: 0 })?;
        Ok(Mark { total, qualifies, not_above })
    }

    fn known<'b>(&'b self, row: usize, total: &'b Total) -> Known<'b> {
        Known { card: self.card, table: self.table, row, scores: Some((total.total, &total.dimensions)) }
    }

    /// A row's score, line by line.
    ///
    /// # Errors
    /// What the card does not allow of the row's figures.
    pub fn explain(&self, row: usize) -> Result<Explanation, Fault> {
        let mut explanation = Explanation {
            exempt: self.exemption(row),
            items: Vec::new(),
            bases: Vec::new(),
            exacts: Vec::new(),
            total: None,
            gates: Vec::new(),
            vetoes: Vec::new(),
        };
        if explanation.exempt.is_some() {
            return Ok(explanation);
        }
        let total = self.total_of(row, |points| explanation.items.push(points))?;
        for (index, points) in explanation.items.iter().enumerate() {
            explanation.bases.push(points.way.map_or(Base::None, |way| self.base(row, index, way)));
            let way = points.way.and_then(|way| self.card.items[index].ways.get(way));
            explanation.exacts.push(way.zip(points.value).and_then(|(way, value)| self.site(row).exact(way, value)));
        }
        let known = self.known(row, &total);
        explanation.gates = self.card.gates.iter().map(|gate| known.judge(gate)).collect::<Result<_, _>>()?;
        explanation.vetoes = self.card.vetoes.iter().map(|(veto, _)| known.judge(veto)).collect::<Result<_, _>>()?;
        explanation.total = Some(total);
        Ok(explanation)
    }

    /// What a way of an item is measured against in a row.
    pub fn base(&self, row: usize, item: usize, way: usize) -> Base {
        let bases = self.bases.get(item).and_then(|ways| ways.get(way));
        let group = self.table.group(row).unwrap_or(0) as usize;
        bases.and_then(|bases| bases.get(if bases.len() == 1 { 0 } else { group })).copied().unwrap_or(Base::None)
    }
}

fn exemption(card: &Card, table: &Table, row: usize) -> Result<Option<u8>, Fault> {
    let known = Known { card, table, row, scores: None };
    for (index, (rule, _)) in card.exemptions.iter().enumerate() {
        if known.holds(rule)? {
            return Ok(u8::try_from(index).ok());
        }
    }
    Ok(None)
}
