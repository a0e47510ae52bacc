//! Figures that are plausible by themselves and yet look like 元 where all others of their column are 万元.

use landgavel_score::ColumnKind;

use super::join::Figures;
use super::words::format_quanta;

/// A figure that somebody should look at. It counts as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Line, from 1.
    pub line: usize,
    /// Id of the column.
    pub column: String,
    /// The figure.
    pub found: String,
    /// The middle figure of its column.
    pub middle: String,
    /// Unit of the column.
    pub unit: String,
}

/// 万元 are 10,000 元.
const WAN: i64 = 10_000;

/// A figure so many times the middle one is doubted, if a ten-thousandth of it is no further from the middle the other way.
/// Firms differ, but of the on-scale firms of a county few are a thousand times the middle one. Assumption.
const TIMES: i64 = 1_000;

/// Fewer figures have no middle worth the name.
const FIGURES_MIN: usize = 5;

/// Most doubts that are told.
const DOUBTS_MAX: usize = 100;

impl Figures<'_> {
    /// Figures in 万元 (or another unit of ten thousands) that may have been written in 元, by line.
    pub fn doubts(&self) -> Vec<Doubt> {
        let table = self.table();
        let mut doubts = Vec::new();
        for (index, column) in self.card().card.columns.iter().enumerate() {
            let ColumnKind::Number { decimals } = column.kind else { continue };
            if !column.unit.starts_with('万') {
                continue;
            }
            let values = (0..table.rows()).filter_map(|row| table.cell(row, index).get());
            let mut positive: Vec<i64> = values.filter(|value| *value > 0).collect();
            if positive.len() < FIGURES_MIN {
                continue;
            }
            let at = positive.len() / 2;
            let (_, middle, _) = positive.select_nth_unstable(at);
            let middle = *middle;
            for row in 0..table.rows() {
                let Some(value) = table.cell(row, index).get() else { continue };
                let is_far = value / TIMES >= middle && value / WAN <= middle.saturating_mul(TIMES / 10);
                if is_far && doubts.len() < DOUBTS_MAX {
                    doubts.push(Doubt {
                        line: self.line_of_unit(row),
                        column: column.id.clone(),
                        found: format_quanta(value, decimals),
                        middle: format_quanta(middle, decimals),
                        unit: column.unit.clone(),
                    });
                }
            }
        }
        doubts.sort_by_key(|doubt| doubt.line);
        doubts
    }
}
