//! Parts to one table: firms that stand twice, firms on one parcel, groups.

use std::collections::BTreeMap;

use landgavel_score::{Fault, Survey, Table};

use super::cells::{self, Span};
use super::equal::first_equal;
use super::fault::{FAULTS_MAX, FaultCode, TableFault};
use super::layout::{Layout, Part};
use crate::language::LoadedCard;

/// A table that was read: units of evaluation and the firms in them.
#[derive(Debug)]
pub struct Figures<'a> {
    pub(super) loaded: &'a LoadedCard,
    bytes: &'a [u8],
    table: Table,
    firms: Vec<Span>,
    lines: Vec<u32>,
    /// Unit of each firm; `None` where each is its own.
    units: Option<Vec<u32>>,
    /// First firm of each unit, where firms were joined.
    first: Vec<u32>,
    /// Cells that had more decimals than are kept.
    pub rounded: u64,
    /// Heads that the card does not name.
    pub ignored: Vec<String>,
}

impl<'a> Figures<'a> {
    /// Joins the parts of a table, in their order.
    ///
    /// # Errors
    /// All that is wrong with the table.
    pub fn join(layout: &Layout<'a>, parts: Vec<Part>) -> Result<Self, Vec<TableFault>> {
        let loaded = layout.loaded;
        let mut faults = Vec::new();
        let mut line = layout.lines_before;
        let rows = parts.iter().map(|part| part.firms.len()).sum();
        let mut columns = vec![Vec::new(); loaded.card.columns.len()];
        let mut rests: Vec<Vec<i64>> = vec![Vec::new(); loaded.card.columns.len()];
        let (mut firms, mut parcels, mut lines) = (Vec::with_capacity(rows), Vec::new(), Vec::with_capacity(rows));
        let mut groups: Vec<u32> = Vec::with_capacity(rows);
        let mut names: Vec<String> = Vec::new();
        let mut numbers: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        let mut rounded = 0;
        for (index, part) in parts.into_iter().enumerate() {
            for mut fault in part.faults {
                fault.line += line + 1;
                faults.push(fault);
            }
            let known: Vec<u32> = part
                .group_names
                .into_iter()
                .map(|name| {
                    let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
                    *numbers.entry(name).or_insert_with_key(|name| {
                        names.push(cells::text(name));
                        next
                    })
                })
                .collect();
            for (all, mut some) in rests.iter_mut().zip(part.rests).filter(|(_, some)| !some.is_empty()) {
                all.resize(firms.len(), 0);
                all.append(&mut some);
            }
            groups.extend(part.groups.iter().map(|group| known[*group as usize]));
            for (all, mut some) in columns.iter_mut().zip(part.columns) {
                if index == 0 {
                    *all = some;
                    all.reserve_exact(rows.saturating_sub(all.len()));
                } else {
                    all.append(&mut some);
                }
            }
            let before = u32::try_from(line).unwrap_or(u32::MAX);
            lines.extend(part.row_lines.iter().map(|row| before.saturating_add(*row).saturating_add(1)));
            firms.extend(part.firms);
            parcels.extend(part.parcels);
            rounded += part.rounded;
            line += part.lines;
        }
        if rows == 0 && faults.is_empty() {
            faults.push(TableFault::new(0, "", FaultCode::Empty, ""));
        }
        let mut figures = Self {
            loaded,
            bytes: layout.bytes,
            table: Table::default(),
            firms,
            lines,
            units: None,
            first: Vec::new(),
            rounded,
            ignored: layout.ignored().into_iter().map(str::to_owned).collect(),
        };
        faults.extend(figures.duplicates(layout.firm_head(), &parcels));
        let table = Table::of(columns, groups, names);
        let Some(table) = table.filter(|_| faults.is_empty()) else {
            faults.truncate(FAULTS_MAX);
            return Err(faults);
        };
        figures.table = table.with_rests(rests);
        if !parcels.is_empty() {
            figures.merge(&parcels)?;
        }
        Ok(figures)
    }

    fn duplicates(&self, head: &str, parcels: &[Span]) -> Vec<TableFault> {
        let first = first_equal(self.bytes, &self.firms);
        let twice = first.iter().enumerate().filter(|(row, first)| *row != **first as usize);
        let faults = twice.filter(|(row, _)| self.firms[*row].start != self.firms[*row].end).map(|(row, first)| {
            let first = *first as usize;
            let parcel = |row: usize| parcels.get(row).map(|span| span.of(self.bytes));
            let code =
                if parcel(row) == parcel(first) { FaultCode::DuplicateFirm } else { FaultCode::FirmOnTwoParcels };
            let (line, other) = (self.lines[row] as usize, self.lines[first]);
            TableFault::new(line, head, code, &cells::text(self.firms[row].of(self.bytes)))
                .more(format!("已在第 {other} 行出现"), format!("first on line {other}"))
        });
        faults.take(FAULTS_MAX).collect()
    }

    /// Joins firms on one parcel. Firms without one stand alone.
    fn merge(&mut self, parcels: &[Span]) -> Result<(), Vec<TableFault>> {
        let first = first_equal(self.bytes, parcels);
        let mut units = vec![0u32; parcels.len()];
        let mut firsts: Vec<u32> = Vec::new();
        let mut faults = Vec::new();
        for (row, parcel) in parcels.iter().enumerate() {
            let earlier = first[row] as usize;
            if earlier == row || parcel.start == parcel.end {
                units[row] = u32::try_from(firsts.len()).unwrap_or(u32::MAX);
                firsts.push(u32::try_from(row).unwrap_or(u32::MAX));
            } else {
                units[row] = units[earlier];
                if self.table.group(row) != self.table.group(earlier) && faults.len() < FAULTS_MAX {
                    let line = self.lines[earlier];
                    let fault = TableFault::new(
                        self.lines[row] as usize,
                        &self.loaded.heads.group.join("/"),
                        FaultCode::GroupsDiffer,
                        &cells::text(parcel.of(self.bytes)),
                    );
                    faults.push(fault.more(format!("另见第 {line} 行"), format!("see line {line}")));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        match self.table.merged(&self.loaded.card, &units) {
            Some(table) => self.table = table,
            None => return Err(vec![TableFault::new(0, "", FaultCode::SumTooLarge, "")]),
        }
        (self.units, self.first) = (Some(units), firsts);
        Ok(())
    }

    /// First pass over the table: who is evaluated, and benchmarks.
    ///
    /// # Errors
    /// Benchmarks that nothing can be divided by.
    pub fn survey(&self) -> Result<Survey<'_>, Vec<TableFault>> {
        Survey::of(&self.loaded.card, &self.table)
            .map_err(|faults| faults.into_iter().map(|fault| self.fault(fault)).collect())
    }

    /// The card.
    pub fn card(&self) -> &'a LoadedCard {
        self.loaded
    }

    /// The figures by unit of evaluation.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Number of firms.
    pub fn firms(&self) -> usize {
        self.firms.len()
    }

    /// Name of a firm.
    pub fn firm(&self, row: usize) -> String {
        self.firms.get(row).map_or_else(String::new, |span| cells::text(span.of(self.bytes)))
    }

    /// Unit of evaluation of a firm: a row of the table.
    pub fn unit(&self, firm: usize) -> usize {
        self.units.as_ref().and_then(|units| units.get(firm)).map_or(firm, |unit| *unit as usize)
    }

    /// Line of a firm, from 1.
    pub fn line(&self, firm: usize) -> usize {
        self.lines.get(firm).map_or(0, |line| *line as usize)
    }

    /// Name of a firm's group; empty without groups.
    pub fn group(&self, firm: usize) -> &str {
        let group = self.table.group(self.unit(firm)).and_then(|group| self.table.group_names().get(group as usize));
        group.map_or("", String::as_str)
    }

    pub(super) fn line_of_unit(&self, unit: usize) -> usize {
        match self.units {
            Some(_) => self.first.get(unit).map_or(0, |firm| self.line(*firm as usize)),
            None => self.line(unit),
        }
    }

    /// A fault of the engine, by line.
    pub fn fault(&self, fault: Fault) -> TableFault {
        let card = &self.loaded.card;
        let item = |index: usize| card.items.get(index).map_or("", |item| item.id.as_str());
        match fault {
            Fault::DivisorNotPositive { row, indicator } => {
                let id = card.indicators.get(indicator.0).map_or("", |indicator| indicator.id.as_str());
                TableFault::new(self.line_of_unit(row), id, FaultCode::DivisorNotPositive, "")
            }
            Fault::ValueMissing { row, item: index } => {
                TableFault::new(self.line_of_unit(row), item(index), FaultCode::ValueMissing, "")
            }
            Fault::IndicatorTooLarge { row, indicator } => {
                let name = &self.loaded.card.indicators[indicator.0].id;
                TableFault::new(self.line_of_unit(row), name, FaultCode::NumberTooLarge, "")
            }
            Fault::TooLarge { row, item: index } => {
                TableFault::new(self.line_of_unit(row), item(index), FaultCode::NumberTooLarge, "")
            }
            Fault::BenchmarkNotPositive { item: index, group } => {
                let name = group.and_then(|group| self.table.group_names().get(group as usize));
                TableFault::new(0, item(index), FaultCode::BenchmarkNotPositive, name.map_or("", String::as_str))
            }
            Fault::SumTooLarge { item: index } => TableFault::new(0, item(index), FaultCode::SumTooLarge, ""),
        }
    }
}
