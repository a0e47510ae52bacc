//! The figures: one column after the other, one row per evaluated unit.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::card::{Card, ColumnKind};
use crate::number::Cell;

/// Figures of all rows, by column, and the group of each row.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub(crate) columns: Vec<Vec<Cell>>,
    pub(crate) groups: Vec<u32>,
    pub(crate) names: Vec<String>,
    /// By column: what each figure has beyond the decimals of the column, in units of 10⁻⁹; empty where nothing is.
    rests: Vec<Vec<i64>>,
}

/// Most decimals of a figure: so many count where it is compared with a bound, however few its column keeps.
pub const FINEST: u8 = 9;

impl Table {
    /// A table without rows for a card, with room for `rows`.
    pub fn new(card: &Card, rows: usize) -> Self {
        Self {
            columns: vec![Vec::with_capacity(rows); card.columns.len()],
            groups: Vec::with_capacity(rows),
            names: Vec::new(),
            rests: Vec::new(),
        }
    }

    /// A table of whole columns; `None` when they differ in length or a group has no name.
    pub fn of(columns: Vec<Vec<Cell>>, groups: Vec<u32>, names: Vec<String>) -> Option<Self> {
        let fits = columns.iter().all(|column| column.len() == groups.len())
            && groups.iter().all(|&group| (group as usize) < names.len().max(1));
        fits.then_some(Self { columns, groups, names, rests: Vec::new() })
    }

    /// The same table with what its figures have beyond the decimals of their columns, by column and row, in units of
    /// 10⁻⁹; a list that is too short stands for zeros.
    #[must_use]
    pub fn with_rests(mut self, rests: Vec<Vec<i64>>) -> Self {
        self.rests = rests;
        self
    }

    /// Whether a column has a figure with more decimals than it keeps.
    pub(crate) fn has_rests(&self, column: usize) -> bool {
        self.rests.get(column).is_some_and(|rests| !rests.is_empty())
    }

    /// What a figure has beyond the decimals of its column, in units of 10⁻⁹.
    pub(crate) fn rest(&self, row: usize, column: usize) -> i64 {
        self.rests.get(column).and_then(|rests| rests.get(row)).copied().unwrap_or(0)
    }

    /// Adds a row; `None` when it has another number of cells than the card has columns.
    pub fn push(&mut self, cells: &[Cell], group: u32) -> Option<()> {
        if cells.len() != self.columns.len() {
            return None;
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        self.groups.push(group);
        Some(())
    }

    /// Number of a group, which is added when it is new. Few groups are expected.
    pub fn group_named(&mut self, name: &str) -> Option<u32> {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return u32::try_from(known).ok();
        }
        self.names.push(name.into());
        u32::try_from(self.names.len() - 1).ok()
    }

    /// Joins rows into units (firms on one parcel, 同一宗地合并): numbers are summed, a yes of one is a
    /// yes of all, and a word is the first row's. A figure is missing only where all rows lack it. `unit` has
    /// the unit of each row, counted from 0 in the order of the first row of each.
    ///
    /// `None` when a sum leaves the safe integers or `unit` does not fit the table.
    pub fn merged(&self, card: &Card, unit: &[u32]) -> Option<Self> {
        let units = unit.iter().max().map_or(0, |last| *last as usize + 1);
        let mut groups = vec![None; units];
        for (row, &unit) in unit.iter().enumerate() {
            groups[unit as usize].get_or_insert(*self.groups.get(row)?);
        }
        let mut columns = Vec::with_capacity(self.columns.len());
        for (column, cells) in card.columns.iter().zip(&self.columns) {
            let mut sums = vec![Cell::MISSING; units];
            for (cell, &unit) in cells.iter().zip(unit) {
                let sum = &mut sums[unit as usize];
                *sum = match (sum.get(), cell.get(), &column.kind) {
                    (_, None, _) => *sum,
                    (None, Some(_), _) => *cell,
                    (Some(sum), Some(more), ColumnKind::Number { .. }) => Cell::known(sum.checked_add(more)?)?,
                    (Some(yes), Some(more), ColumnKind::YesNo) => Cell::known(yes.max(more))?,
                    (Some(_), Some(_), ColumnKind::Word { .. }) => *sum,
                };
            }
            columns.push(sums);
        }
        let mut rests = Vec::with_capacity(self.rests.len());
        for of_column in &self.rests {
            let mut sums = vec![0i64; if of_column.is_empty() { 0 } else { units }];
            for (rest, &unit) in of_column.iter().zip(unit) {
                sums[unit as usize] = sums[unit as usize].checked_add(*rest)?;
            }
            rests.push(sums);
        }
        let groups = groups.into_iter().collect::<Option<_>>()?;
        Some(Self { columns, groups, names: self.names.clone(), rests })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.groups.len()
    }

    /// Names of the groups.
    pub fn group_names(&self) -> &[String] {
        &self.names
    }

    /// Group of a row.
    pub fn group(&self, row: usize) -> Option<u32> {
        self.groups.get(row).copied()
    }

    /// A cell; missing outside the table.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.columns.get(column).and_then(|cells| cells.get(row)).copied().unwrap_or(Cell::MISSING)
    }
}
