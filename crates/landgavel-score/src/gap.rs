//! What a row lacks: by gate, alternative and test, how much, and which figure would be enough.

use alloc::vec::Vec;

use crate::card::{Comparison, Indicator, ItemRole, Rule, Subject, Test, Way};
use crate::number::{Cell, Exact};
use crate::rule::TestJudgement;
use crate::survey::{Explanation, Survey};

/// A gate that does not hold, and what each of its alternatives lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Index of the gate.
    pub gate: usize,
    /// The tests of each alternative that do not hold, in the card's order.
    pub alternatives: Vec<Vec<Need>>,
}

/// A test that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Index of the test in its alternative.
    pub test: usize,
    /// What it looks at, and what would make it hold.
    pub target: Target,
    /// For points: what would bring more of them, one step each.
    pub raises: Vec<Raise>,
}

/// A value that is short of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// What is looked at.
    pub subject: Subject,
    /// How the value must compare with `wanted`.
    pub comparison: Comparison,
    /// The value, in the subject's quanta, rounded; `None` when it is missing.
    pub value: Option<i64>,
    /// The value itself, where the rounded one would be enough.
    pub exact: Option<Exact>,
    /// The bound.
    pub wanted: i64,
    /// For a quotient of one figure: the figure that is enough, all others as they are.
    pub figure: Option<Figure>,
}

/// A figure that would be enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Index of the column.
    pub column: usize,
    /// The figure as it is.
    pub value: i64,
    /// The figure that is enough.
    pub wanted: i64,
}

/// The next step of an item that gives more points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raise {
    /// Index of the item.
    pub item: usize,
    /// What must change.
    pub target: Target,
    /// Points more, in quanta of points.
    pub gain: i64,
}

impl Survey<'_> {
    /// What a row lacks to pass all gates; nothing when they hold.
    ///
    /// `explanation` is that of the same row.
    pub fn gaps(&self, row: usize, explanation: &Explanation) -> Vec<Gap> {
        let gates = self.card.gates.iter().zip(&explanation.gates).enumerate().filter(|(_, (_, judged))| !judged.holds);
        gates
            .map(|(gate, (rule, judged))| {
                let Rule { any_of, .. } = rule;
                let alternatives = any_of.iter().zip(&judged.alternatives).map(|(tests, judged)| {
                    let open = tests.iter().zip(judged).enumerate().filter(|(_, (_, judged))| !judged.holds);
                    open.map(|(index, (test, judged))| self.need(row, index, test, *judged, explanation)).collect()
                });
                Gap { gate, alternatives: alternatives.collect() }
            })
            .collect()
    }

    fn need(&self, row: usize, index: usize, test: &Test, judged: TestJudgement, explanation: &Explanation) -> Need {
        let target = self.target(row, test.subject, test.comparison, judged.value, test.value);
        let target = Target { exact: judged.exact, ..target };
        let raises = match test.subject {
            Subject::Total => self.raises(row, None, explanation),
            Subject::Dimension(dimension) => self.raises(row, Some(dimension), explanation),
            Subject::Indicator(_) | Subject::Column(_) => Vec::new(),
        };
        Need { test: index, target, raises }
    }

    fn target(&self, row: usize, subject: Subject, comparison: Comparison, value: Option<i64>, wanted: i64) -> Target {
        let figure = match subject {
            Subject::Indicator(id) => self.card.indicators.get(id.0).and_then(|indicator| {
                let figure = self.figure(row, indicator, comparison, wanted)?;
                // A figure that is enough already is held up by another test.
                (figure.value != figure.wanted).then_some(figure)
            }),
            Subject::Total | Subject::Dimension(_) | Subject::Column(_) => None,
        };
        Target { subject, comparison, value, exact: None, wanted, figure }
    }

    /// The figure that makes a quotient reach `wanted`; only for the quotient of one figure that is not in its own divisor.
    fn figure(&self, row: usize, indicator: &Indicator, comparison: Comparison, wanted: i64) -> Option<Figure> {
        let over = indicator.over.as_ref()?;
        let [(column, term)] = indicator.of.terms.as_slice() else { return None };
        if *term <= 0 || over.terms.iter().any(|(other, _)| other == column) {
            return None;
        }
        let value = self.table.cell(row, column.0).get()?;
        let (over, parts) = over.exact_sum(self.table, row).filter(|(over, _)| *over > 0)?;
        // wanted ≤ figure · term ÷ over · factor.
        let above = i128::from(wanted).checked_mul(over)?.checked_mul(indicator.factor.denominator())?;
        let below = i128::from(*term).checked_mul(indicator.factor.numerator())?.checked_mul(parts)?;
        if below <= 0 {
            return None;
        }
        let (whole, is_whole) = (above.div_euclid(below), above.rem_euclid(below) == 0);
        let wanted = match comparison {
            Comparison::AtLeast => whole + i128::from(!is_whole),
            Comparison::Above => whole + 1,
            Comparison::AtMost => whole,
            Comparison::Below => whole - i128::from(is_whole),
            Comparison::Equal | Comparison::Unequal => return None,
        };
        let wanted = i64::try_from(wanted).ok().and_then(Cell::known)?.get()?;
        Some(Figure { column: column.0, value, wanted })
    }

    /// For each item (of a dimension), the next step that gives more points, by each of its ways.
    fn raises(&self, row: usize, dimension: Option<usize>, explanation: &Explanation) -> Vec<Raise> {
        let mut raises = Vec::new();
        for (index, (item, points)) in self.card.items.iter().zip(&explanation.items).enumerate() {
            let counts = item.role != ItemRole::Malus && (dimension.is_none() || item.dimension == dimension);
            if !counts {
                continue;
            }
            for way in &item.ways {
                let Some((target, raw)) = self.next_step(row, way, points.points) else { continue };
                let gain = raw.min(item.most.unwrap_or(i64::MAX)).saturating_sub(points.points);
                if gain > 0 {
                    raises.push(Raise { item: index, target, gain });
                }
            }
        }
        raises
    }

    /// The least change of a way's value that gives more points than `now`, and the points that it gives.
    fn next_step(&self, row: usize, way: &Way, now: i64) -> Option<(Target, i64)> {
        match way {
            Way::Steps { indicator, steps } => {
                let better = steps.steps.iter().filter(|step| step.points > now);
                let step = better.min_by_key(|step| step.points)?;
                let value = self.value(row, way);
                let subject = Subject::Indicator(*indicator);
                let exact = value.and_then(|value| self.site(row).exact(way, value));
                let target = self.target(row, subject, steps.comparison, value, step.bound);
                Some((Target { exact, ..target }, step.points))
            }
            Way::PerUnit { indicator, each, points } => {
                let value = self.value(row, way);
                let units = now.div_euclid((*points).max(1)).saturating_add(1);
                let subject = Subject::Indicator(*indicator);
                let exact = value.and_then(|value| self.site(row).exact(way, value));
                let target = self.target(row, subject, Comparison::AtLeast, value, units.checked_mul(*each)?);
                Some((Target { exact, ..target }, units.checked_mul(*points)?))
            }
            Way::Choice { column, points, .. } => {
                let better = points.iter().filter(|(_, points)| *points > now);
                let (word, points) = better.min_by_key(|(_, points)| *points)?;
                let value = self.table.cell(row, column.0).get();
                let subject = Subject::Column(*column);
                Some((self.target(row, subject, Comparison::Equal, value, *word), *points))
            }
            // Their steps have no size.
            Way::Linear { .. } | Way::MinMax { .. } => None,
        }
    }

    fn value(&self, row: usize, way: &Way) -> Option<i64> {
        let indicator = self.card.indicators.get(way.indicator()?.0)?;
        indicator.value(self.table, row).get()
    }
}
