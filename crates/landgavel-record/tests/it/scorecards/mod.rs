//! Scorecards and tables of figures, from outside.

mod cards;
mod casebook;
mod certificates;
mod conversion;
mod counties;
mod findings;
mod ladders;
mod oracle;
mod policies;
mod tables;
mod thresholds;
mod workbooks;

use landgavel_record::figures::{Figures, Layout, Results, TableFault};
use landgavel_record::language::{Finding, LoadedCard, load_scorecard};

use super::language::{Memory, Repository};

/// A shipped card.
pub(crate) fn shipped(path: &str) -> LoadedCard {
    load_scorecard(&Repository, path, &[]).unwrap_or_else(|findings| panic!("{path}: {findings:?}"))
}

/// A card from its text.
pub(crate) fn read(text: &str) -> Result<LoadedCard, Vec<Finding>> {
    load_scorecard(&Memory::default().with("card.toml", text), "card.toml", &[])
}

/// The table of a card, read in so many parts.
pub(crate) fn figures<'a>(card: &'a LoadedCard, table: &'a str, parts: usize) -> Result<Figures<'a>, Vec<TableFault>> {
    let layout = Layout::of(card, table.as_bytes())?;
    let parts = layout.split(parts).into_iter().map(|range| layout.read(range)).collect();
    Figures::join(&layout, parts)
}

/// Firm, total, rank and grade of each row.
pub(crate) fn scores(card: &LoadedCard, table: &str) -> Vec<(String, String, Option<u32>, String)> {
    let figures = figures(card, table, 1).unwrap_or_else(|faults| panic!("{faults:?}"));
    let survey = figures.survey().unwrap_or_else(|faults| panic!("{faults:?}"));
    let marks = (0..figures.table().rows()).map(|row| survey.mark(row).expect("a sound row")).collect::<Vec<_>>();
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    (0..figures.firms())
        .map(|firm| {
            let grade = results.grade(firm, survey.exemption(figures.unit(firm)));
            (figures.firm(firm), results.total(firm), results.rank(firm), grade)
        })
        .collect()
}

/// All faults of a table: of its cells, its benchmarks or its rows.
pub(crate) fn faults(card: &LoadedCard, table: &str) -> Vec<TableFault> {
    let figures = match figures(card, table, 1) {
        Ok(figures) => figures,
        Err(faults) => return faults,
    };
    let survey = match figures.survey() {
        Ok(survey) => survey,
        Err(faults) => return faults,
    };
    let rows = 0..figures.table().rows();
    rows.filter_map(|row| survey.mark(row).err()).map(|fault| figures.fault(fault)).collect()
}
