//! Whether a rule holds for a row, test by test.

use alloc::vec::Vec;

use crate::card::{Card, DIMENSIONS_MAX, Rule, Subject, Test};
use crate::fault::Fault;
use crate::indicator::{Unrounded, figure};
use crate::number::Exact;
use crate::table::Table;

/// What tests may look at besides the table: nothing before the totals are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) card: &'a Card,
    pub(crate) table: &'a Table,
    pub(crate) row: usize,
    pub(crate) scores: Option<(i64, &'a [i64; DIMENSIONS_MAX])>,
}

/// A rule and what became of its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleJudgement {
    /// Whether one alternative holds.
    pub holds: bool,
    /// Alternatives, in the card's order.
    pub alternatives: Vec<Vec<TestJudgement>>,
}

/// A test, and the value that it looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestJudgement {
    /// Whether it holds; it does not for what is missing.
    pub holds: bool,
    /// The value, in the subject's quanta, rounded.
    pub value: Option<i64>,
    /// The value itself, where the rounded one would have it otherwise.
    pub exact: Option<Exact>,
}

impl Known<'_> {
    fn value(&self, test: &Test) -> Result<Option<i64>, Fault> {
        Ok(match test.subject {
            Subject::Total => self.scores.map(|(total, _)| total),
            Subject::Dimension(index) => self.scores.and_then(|(_, sums)| sums.get(index).copied()),
            Subject::Indicator(id) => figure(&self.card.indicators, id, self.table, self.row)?,
            Subject::Column(id) => self.table.cell(self.row, id.0).get(),
        })
    }

    fn test(&self, test: &Test) -> Result<TestJudgement, Fault> {
        let Some(value) = self.value(test)? else {
            return Ok(TestJudgement { holds: false, value: None, exact: None });
        };
        let rounded = test.comparison.holds(value.cmp(&test.value));
        let unrounded = Unrounded::of(self.card, test.subject, self.table, self.row);
        let holds = unrounded.map_or(rounded, |unrounded| test.comparison.holds(unrounded.cmp(test.value)));
        let exact = unrounded.filter(|_| holds != rounded).and_then(|unrounded| unrounded.exact());
        Ok(TestJudgement { holds, value: Some(value), exact })
    }

    /// Whether the rule holds. Every test is looked at, so that a figure which the card refuses is told whatever else holds.
    pub(crate) fn holds(&self, rule: &Rule) -> Result<bool, Fault> {
        let mut any = false;
        for tests in &rule.any_of {
            let mut all = true;
            for test in tests {
                all &= self.test(test)?.holds;
            }
            any |= all;
        }
        Ok(any)
    }

    /// Whether it holds, and why.
    pub(crate) fn judge(&self, rule: &Rule) -> Result<RuleJudgement, Fault> {
        let judged = |tests: &Vec<Test>| tests.iter().map(|test| self.test(test)).collect();
        let alternatives: Vec<Vec<TestJudgement>> = rule.any_of.iter().map(judged).collect::<Result<_, Fault>>()?;
        let holds = alternatives.iter().any(|tests| tests.iter().all(|test| test.holds));
        Ok(RuleJudgement { holds, alternatives })
    }
}
