use std::fmt::Write as _;
use std::sync::LazyLock;

use landgavel_record::figures::{Figures, Layout, Results, TableFault, is_workbook, read_workbook, row_json};
use landgavel_record::language::{LoadedCard, OneText, load_scorecard};
use landgavel_record::parquet::{Limits, is_parquet, to_csv};

use super::rules::lines;
use crate::memory::Bundle;
use crate::tape::{Tape, mangle};

const CARD: &str = include_str!("../../../../scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
const TABLE: &str = include_str!("../../../../data/samples/firms-2031.csv");
/// Tables of columns, as other programs write them: plain, Snappy, with dictionaries, in several groups, with pages of the second version.
const COLUMNS: [&[u8]; 5] = [
    include_bytes!("../../../landgavel-record/tests/parquet/plain.parquet"),
    include_bytes!("../../../landgavel-record/tests/parquet/snappy.parquet"),
    include_bytes!("../../../landgavel-record/tests/parquet/duckdb.parquet"),
    include_bytes!("../../../landgavel-record/tests/parquet/split.parquet"),
    include_bytes!("../../../landgavel-record/tests/parquet/pages-v2.parquet"),
];
/// What a table of columns may become here: far more than a good one, and soon reached.
const LIMITS: Limits = Limits { file: 1 << 20, page: 1 << 16, table: 1 << 18, cells: 1 << 13, work: 1 << 22 };
/// Most rows that are told one by one.
const ROWS_MAX: usize = 40;

/// A table of figures, CSV or a workbook, or a scorecard, of any bytes or changed from a good one. What is read is scored to
/// its end, and everything that cannot be is told.
///
/// # Panics
/// When it is not.
pub fn tables(bytes: &[u8]) {
    static GOOD: LazyLock<LoadedCard> = LazyLock::new(|| loaded(CARD.into()).unwrap());
    let Some((way, rest)) = bytes.split_first() else { return };
    let changed = |mut good: Vec<u8>| {
        let mut tape = Tape::new(rest);
        while !tape.is_empty() {
            mangle(&mut good, &mut tape);
        }
        good
    };
    match way % 6 {
        0 => told(&GOOD, rest),
        1 => told(&GOOD, &changed(TABLE.into())),
        2 => told(&GOOD, &changed(workbook())),
        3 => {
            let mut book = parts();
            let sheet = book.0.entry(SHEET.to_owned()).or_default();
            *sheet = changed(std::mem::take(sheet));
            told(&GOOD, &book.zip());
        }
        4 => {
            let (kind, rest) = rest.split_first().unwrap_or((&0, &[]));
            let mut columns = Vec::from(COLUMNS[usize::from(*kind) % COLUMNS.len()]);
            let mut tape = Tape::new(rest);
            while !tape.is_empty() {
                mangle(&mut columns, &mut tape);
            }
            told(&GOOD, &columns);
        }
        _ => {
            let mut text = CARD.into();
            lines(&mut text, &mut Tape::new(rest));
            if let Some(card) = loaded(text) {
                told(&card, TABLE.as_bytes());
            }
        }
    }
}

fn loaded(text: Vec<u8>) -> Option<LoadedCard> {
    let card = load_scorecard(&OneText(&text), "card.toml", &[]);
    card.map_err(|findings| assert!(findings.iter().any(|finding| !finding.to_string().is_empty()))).ok()
}

/// Reads a table and scores it; faults have words.
fn told(card: &LoadedCard, bytes: &[u8]) {
    if let Err(faults) = scored(card, bytes) {
        assert!(
            !faults.is_empty() && faults.iter().all(|fault| !fault.zh().is_empty() && !fault.en().is_empty()),
            "{faults:?}"
        );
    }
}

fn scored(card: &LoadedCard, bytes: &[u8]) -> Result<(), Vec<TableFault>> {
    let csv = if is_workbook(bytes) {
        let sheet = read_workbook(bytes, None).map_err(|fault| vec![fault])?;
        assert!(std::str::from_utf8(&sheet.csv).is_ok(), "a sheet is UTF-8");
        sheet.csv
    } else if is_parquet(bytes) {
        let table = to_csv(bytes, LIMITS).map_err(|bad| vec![TableFault::parquet(&bad)])?;
        assert!(
            std::str::from_utf8(&table.csv).is_ok() && table.csv.len() <= 2 * LIMITS.table,
            "a table is UTF-8, and bounded"
        );
        table.csv
    } else {
        bytes.to_vec()
    };
    let layout = Layout::of(card, &csv)?;
    let figures = Figures::join(&layout, vec![layout.read_all()])?;
    let survey = figures.survey()?;
    let marks: Result<Vec<_>, _> = (0..figures.table().rows()).map(|row| survey.mark(row)).collect();
    let marks = marks.map_err(|fault| vec![figures.fault(fault)])?;
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    for firm in 0..figures.firms().min(ROWS_MAX) {
        let explanation = survey.explain(figures.unit(firm)).ok();
        assert!(row_json(&results, firm, explanation.as_ref()).is_object());
    }
    Ok(())
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// The good table as the parts of a workbook.
fn parts() -> Bundle {
    let mut rows = String::new();
    for (number, line) in TABLE.lines().enumerate() {
        write!(rows, "<row r=\"{}\">", number + 1).unwrap();
        for cell in line.split(',') {
            match cell.parse::<f64>() {
                Ok(_) => write!(rows, "<c><v>{cell}</v></c>").unwrap(),
                Err(_) => write!(rows, "<c t=\"inlineStr\"><is><t>{cell}</t></is></c>").unwrap(),
            }
        }
        rows += "</row>";
    }
    let mut parts = Bundle::default();
    for (name, text) in [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>".to_owned(),
        ),
        (SHEET, format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        parts.0.insert(name.to_owned(), text.into_bytes());
    }
    parts
}

fn workbook() -> Vec<u8> {
    parts().zip()
}

/// Good tables in all ways, and changes of them.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds =
        vec![[vec![0], TABLE.into()].concat(), [vec![0], workbook()].concat(), vec![1], vec![2], vec![3], vec![5]];
    for at in 0..10 {
        seeds.push(vec![1, 1, at / 5, at * 25, 0, 1, b',']);
        seeds.push(vec![2, at % 8, at / 2, at * 25, 0, 9, 3]);
        seeds.push(vec![3, at % 8, at / 3, at * 25, 0, 9, b'<']);
        seeds.push(vec![5, 5, 0, at * 20, at]);
        seeds.push(vec![4, at % 5, at % 8, at / 2, at * 25, 0, 9, 3]);
    }
    seeds
}
