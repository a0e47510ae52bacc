//! The cases of scores are the test: figures are scored, and what comes of them compared with what was computed by hand.

use std::fmt::Write as _;
use std::path::Path;

use landgavel_record::figures::{Results, lines};

use super::{figures, shipped};

#[test]
fn what_cases_compute_by_hand_is_what_the_cards_give() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook/scores");
    let (mut wrong, mut cases, mut firms) = (String::new(), 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in text.split("\n## ").filter(|case| case.contains("\nCard: ")) {
            cases += 1;
            firms += run_case(case, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    // A table that is not read says nothing: all were.
    assert!(cases >= 5 && firms >= 18, "{cases} cases, {firms} firms");
}

/// The tables of a case, each with its heads first.
fn tables(case: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let mut is_within = false;
    for line in case.lines() {
        let cells = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        if let Some(cells) = cells
            && !cells.starts_with("---")
        {
            if !is_within {
                tables.push(Vec::new());
            }
            let cells = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
            tables.last_mut().unwrap().push(cells);
        }
        is_within = cells.is_some();
    }
    tables
}

/// Scores the first table of a case and compares it with the second; tells how many firms there are.
fn run_case(case: &str, wrong: &mut String) -> usize {
    let title = case.lines().next().unwrap();
    let card = case.lines().find_map(|line| line.strip_prefix("Card: ")).unwrap();
    let card = shipped(card);
    let tables = tables(case);
    let [given, expected] = tables.as_slice() else { panic!("{title}: a case has two tables") };
    let csv: String = given.iter().map(|cells| cells.join(",") + "\n").collect();
    let figures = figures(&card, &csv, 1).unwrap_or_else(|faults| panic!("{title}: {faults:?}"));
    let survey = figures.survey().unwrap_or_else(|faults| panic!("{title}: {faults:?}"));
    let marks = (0..figures.table().rows()).map(|row| survey.mark(row).expect("a sound row")).collect::<Vec<_>>();
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    assert_eq!(figures.firms(), expected.len() - 1, "{title}: a firm that nobody computed");
    for (firm, cells) in expected[1..].iter().enumerate() {
        let told = lines(&card, &survey.explain(firm).expect("a sound row"));
        assert_eq!(figures.firm(firm), cells[0], "{title}");
        for (head, cell) in expected[0].iter().zip(cells).skip(1) {
            let found = match head.as_str() {
                "total" => results.total(firm),
                "rank" => results.rank(firm).map_or_else(String::new, |rank| rank.to_string()),
                "grade" => results.grade(firm, survey.exemption(firm)),
                id => told.iter().find(|line| line.id == id).map_or_else(String::new, |line| {
                    let holds = line.holds.map(|holds| if holds { "✓" } else { "✗" }.to_owned());
                    line.points.clone().or(holds).unwrap_or_default()
                }),
            };
            if found != *cell {
                writeln!(wrong, "{title}: {} {head}: expected {cell}, found {found}", cells[0]).unwrap();
            }
        }
    }
    expected.len() - 1
}
