//! Last pass: ranks and grades.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

use crate::card::{GradeId, Grading, Rounding, Scope, Ties};
use crate::survey::{Mark, Survey};

/// Ranks and grades of all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// Rank in the group (or among all, as the cuts say), from 1; equals share the better rank. `None`: not evaluated.
    pub ranks: Vec<Option<u32>>,
    /// Grade; `None`: not evaluated.
    pub grades: Vec<Option<GradeId>>,
    /// Rows of each grade.
    pub counts: Vec<usize>,
}

impl Survey<'_> {
    /// Ranks and grades, from the marks of all rows in their order.
    ///
    /// Those who fall under a veto are ranked and counted like all others; then the grade is worsened.
    pub fn grade(&self, marks: &[Mark]) -> Graded {
        let grading = &self.card.grading;
        let scope = match grading {
            Grading::Quantile { scope, .. } => *scope,
            Grading::Bands { .. } | Grading::Gates { .. } if self.card.is_grouped => Scope::Group,
            Grading::Bands { .. } | Grading::Gates { .. } => Scope::All,
        };
        let mut order = self.order(marks, scope);
        let mut graded = Graded {
            ranks: vec![None; marks.len()],
            grades: vec![None; marks.len()],
            counts: vec![0; grading.names().len()],
        };
        let mut rest = order.as_mut_slice();
        while let Some(first) = rest.first() {
            let group = first.group;
            let length = rest.partition_point(|row| row.group == group);
            let (members, others) = core::mem::take(&mut rest).split_at_mut(length);
            self.rank(members, &mut graded);
            rest = others;
        }
        for (row, mark) in marks.iter().enumerate() {
            let by_rule = match (grading, mark.total.get()) {
                (_, None) => continue,
                (Grading::Quantile { .. }, _) => graded.grades[row],
                (Grading::Bands { bands, .. }, Some(total)) => {
                    grade_at(bands.iter().position(|(least, _)| total >= *least).unwrap_or(bands.len()))
                }
                (Grading::Gates { .. }, _) => grade_at(usize::from(!mark.qualifies)),
            };
            let grade = by_rule.map(|grade| mark.not_above.map_or(grade, |veto| grade.max(veto)));
            graded.grades[row] = grade;
            if let Some(count) = grade.and_then(|grade| graded.counts.get_mut(usize::from(grade.0))) {
                *count += 1;
            }
        }
        graded
    }

    /// All evaluated rows by group, then best first.
    fn order(&self, marks: &[Mark], scope: Scope) -> Vec<Ordered> {
        let mut order: Vec<Ordered> = marks
            .iter()
            .enumerate()
            .filter_map(|(row, mark)| {
                let group = match scope {
                    Scope::All => 0,
                    Scope::Group => self.table.groups[row],
                };
                Some(Ordered { group, total: Reverse(mark.total.get()?), row: u32::try_from(row).ok()? })
            })
            .collect();
        order.sort_unstable();
        order
    }

    /// Ranks and, by quantile, grades the rows of one group, which come best first.
    fn rank(&self, members: &mut [Ordered], graded: &mut Graded) {
        let cuts = match &self.card.grading {
            Grading::Quantile { cuts, rounding, ties, tie_break, .. } => {
                if !tie_break.is_empty() {
                    for equals in members.chunk_by_mut(|a, b| a.total == b.total) {
                        equals.sort_by(|a, b| self.break_tie(a.row, b.row));
                    }
                }
                let ends: Vec<usize> = cuts.iter().map(|cut| share(members.len(), cut.to, *rounding)).collect();
                Some((ends, *ties))
            }
            Grading::Bands { .. } | Grading::Gates { .. } => None,
        };
        let mut start = 0;
        for equals in members.chunk_by(|a, b| a.total == b.total && self.break_tie(a.row, b.row) == Ordering::Equal) {
            let end = start + equals.len();
            let grade = cuts.as_ref().and_then(|(ends, ties)| {
                let place = match ties {
                    Ties::Better => start + 1,
                    Ties::Worse => end,
                };
                grade_at(ends.iter().position(|last| place <= *last).unwrap_or(ends.len().saturating_sub(1)))
            });
            for row in equals {
                graded.ranks[row.row as usize] = u32::try_from(start + 1).ok();
                graded.grades[row.row as usize] = grade;
            }
            start = end;
        }
    }

    fn break_tie(&self, a: u32, b: u32) -> Ordering {
        let Grading::Quantile { tie_break, .. } = &self.card.grading else { return Ordering::Equal };
        for id in tie_break {
            let value = |row: u32| self.card.indicators[id.0].value(self.table, row as usize).get();
            match value(b).cmp(&value(a)) {
                Ordering::Equal => {}
                other => return other,
            }
        }
        Ordering::Equal
    }
}

/// A row in the order of grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ordered {
    group: u32,
    total: Reverse<i64>,
    row: u32,
}

fn grade_at(index: usize) -> Option<GradeId> {
    u8::try_from(index).ok().map(GradeId)
}

/// How many of `rows` a share of parts per million is.
fn share(rows: usize, ppm: u32, rounding: Rounding) -> usize {
    let exact = rows as u128 * u128::from(ppm);
    let count = match rounding {
        Rounding::Down => exact / 1_000_000,
        Rounding::Up => exact.div_ceil(1_000_000),
        Rounding::HalfUp => (exact + 500_000) / 1_000_000,
    };
    usize::try_from(count).unwrap_or(rows)
}
