//! The tables of a study as Parquet.

use landgavel_record::parquet::{Column, write};

use super::{COLUMNS, Findings, Row};
use crate::simulate::Measure;
use crate::summary::Estimate;
use crate::work::Finished;

impl Findings<'_> {
    /// The table of designs, with the columns of [`Findings::csv`]; what is not claimed is missing.
    pub fn parquet(&self) -> Vec<u8> {
        let rows = self.rows();
        let text = |of: fn(&Row<'_>) -> String| Column::Texts(rows.iter().map(of).collect());
        let near = |of: fn(&crate::conduct::Certificate) -> f64| {
            Column::Doubles(rows.iter().map(|row| row.certificate.map(of)).collect())
        };
        let [case, design, setting, bidders, sales, path, claim, epsilon, share, worst, sold, sold_half] = COLUMNS;
        let mut columns = vec![
            (case.to_owned(), text(|row| row.case.clone())),
            (design.to_owned(), text(|row| row.design.to_owned())),
            (setting.to_owned(), text(|row| row.setting.clone())),
            (bidders.to_owned(), Column::Integers(rows.iter().map(|row| i64::from(row.bidders)).collect())),
            (sales.to_owned(), Column::Integers(rows.iter().map(|row| row.sales.cast_signed()).collect())),
            (path.to_owned(), text(|row| row.path.to_owned())),
            (claim.to_owned(), text(|row| row.claim.to_owned())),
            (epsilon.to_owned(), near(|found| found.epsilon)),
            (share.to_owned(), near(|found| found.relative)),
            (worst.to_owned(), near(|found| found.worst)),
        ];
        let measures = Measure::ALL.map(|one| (one.as_str().to_owned(), format!("{}_half", one.as_str())));
        let names = std::iter::once((sold.to_owned(), sold_half.to_owned())).chain(measures);
        for (place, (name, half_name)) in names.enumerate() {
            let of = |what: fn(&Estimate) -> f64| {
                Column::Doubles(rows.iter().map(|row| row.of[place].as_ref().map(what)).collect())
            };
            columns.push((name, of(|estimate| estimate.mean)));
            columns.push((half_name, of(|estimate| estimate.half)));
        }
        named(&columns)
    }
}

/// The sums of each block, a row for each case and block that is finished.
pub fn blocks(finished: &Finished) -> Vec<u8> {
    let whole = |of: &dyn Fn((usize, u64), &crate::simulate::Sums) -> u64| {
        Column::Integers(finished.iter().map(|(key, sums)| of(*key, sums).cast_signed()).collect())
    };
    let mut columns = vec![
        ("case".to_owned(), whole(&|key, _| key.0 as u64)),
        ("block".to_owned(), whole(&|key, _| key.1)),
        ("sales".to_owned(), whole(&|_, sums| sums.sales)),
        ("sold".to_owned(), whole(&|_, sums| sums.sold)),
        ("unended".to_owned(), whole(&|_, sums| sums.unended)),
    ];
    for (place, measure) in Measure::ALL.into_iter().enumerate() {
        let sums = finished.values().map(|sums| Some(sums.of[place])).collect();
        columns.push((format!("{}_sum", measure.as_str()), Column::Doubles(sums)));
    }
    named(&columns)
}

fn named(columns: &[(String, Column)]) -> Vec<u8> {
    let columns: Vec<(&str, Column)> = columns.iter().map(|(name, column)| (name.as_str(), column.clone())).collect();
    write(&columns)
}
