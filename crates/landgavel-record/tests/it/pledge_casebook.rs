//! The cases of pledges are the test: commands are run, and what comes of them compared with what was computed by hand.

use std::fmt::Write as _;
use std::path::Path;

use landgavel_base::{Date, Instant, LocalTime, UtcOffset};
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::pledged::Sold;
use landgavel_record::language::{load_pledge_terms, parse_money};
use landgavel_record::pledges::standing_json;
use landgavel_record::rehearsal::{NotEntered, PledgeRehearsal};
use landgavel_record::wire::{RequestLines, read_date};
use serde_json::{Map, Value, json};

use crate::pledge_records::{Disk, file, sale};

/// Who acts in the cases.
const OFFICERS: [&str; 2] = ["甲", "乙"];

#[test]
fn what_cases_compute_by_hand_is_what_the_terms_give() {
    let sale = sale();
    let (mut wrong, mut cases, mut rows) = (String::new(), 0, 0);
    for entry in std::fs::read_dir(file("casebook/pledges")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut at = 1;
        for case in text.split("\n## ") {
            if case.contains("\nGiven: ") || case.contains("\nTerms: ") {
                cases += 1;
                rows += run_case(&sale, &path, at, case, &mut wrong);
            }
            at += case.lines().count() + usize::from(!case.ends_with('\n'));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    // A table that is not read says nothing: all were.
    assert!(cases >= 12 && rows >= 50, "{cases} cases, {rows} rows");
}

/// A pledge of the casebook, and what its tables say of it.
struct Case {
    rehearsal: PledgeRehearsal,
    bundle: Bundle,
    today: Date,
}

fn offset() -> UtcOffset {
    UtcOffset::from_minutes(480).unwrap()
}

fn at(date: Date, millis_of_day: u32) -> Instant {
    LocalTime { date, millis_of_day }.instant(offset()).unwrap()
}

impl Case {
    fn open(sale: &Sold, terms: &str) -> Self {
        let terms = load_pledge_terms(&Disk, &file(&format!("casebook/{terms}")).to_string_lossy());
        let terms = terms.unwrap_or_else(|findings| panic!("{findings:#?}"));
        let grounds = sale.grounds(&terms).unwrap();
        let mut bundle = Bundle::default();
        let rehearsal = PledgeRehearsal::open(grounds, &mut bundle).unwrap();
        Self { rehearsal, bundle, today: read_date("2026-01-01").unwrap() }
    }

    fn run(&mut self, object: &Map<String, Value>) -> String {
        let mut refused = None;
        let entered = self.rehearsal.request(object, &mut self.bundle, &mut |entry| {
            if let Err(reason) = &entry.result {
                refused = Some(reason.code());
            }
        });
        match (entered, refused) {
            (Ok(()), None) => "ok".to_owned(),
            (Ok(()), Some(code)) => format!("refused: {code}"),
            (Err(NotEntered::Field(error)), _) => format!("{}: {} ({})", error.field, error.message, error.expected),
            (Err(other), _) => format!("{other:?}"),
        }
    }

    /// Lets a day begin: what the day before brought has happened.
    fn begin(&mut self, today: Date) {
        self.rehearsal.advance(at(today, 1), &mut self.bundle, &mut |_| {});
        self.today = today;
    }

    fn standing(&self) -> Value {
        standing_json(self.rehearsal.opened(), self.today)
    }

    fn command(&mut self, columns: &[String], cells: &[String]) -> String {
        let mut object = Map::new();
        for (column, cell) in columns.iter().zip(cells).filter(|(column, cell)| *column != "result" && !cell.is_empty())
        {
            let cell = if column == "at" { format!("{}:00+08:00", cell.replace(' ', "T")) } else { cell.clone() };
            object.insert(column.clone(), json!(cell));
        }
        match object["do"].as_str().unwrap() {
            "evidence" => drop(object.insert("document".to_owned(), json!("4".repeat(64)))),
            "dispute" => drop(object.insert("statement".to_owned(), json!("5".repeat(64)))),
            "take-back" | "waive" | "settle" | "extend" | "stop-time" => {
                object.insert("officer".to_owned(), json!(OFFICERS[0]));
                object.insert("second_officer".to_owned(), json!(OFFICERS[1]));
                object.insert("reason".to_owned(), json!("案例"));
            }
            _ => {}
        }
        self.run(&object)
    }

    /// What a row of a table of the standing should say.
    fn found(&self, columns: &[String], cells: &[String]) -> String {
        let standing = self.standing();
        let money = |value: &Value| format!("{} 元", fen(value));
        match columns[0].as_str() {
            "about" => {
                let year = columns.iter().position(|column| column == "year").map(|at| cells[at].clone());
                let known = standing["items"].as_array().unwrap();
                let of: Vec<&Value> = known.iter().filter(|item| item["id"] == cells[0].as_str()).collect();
                let item = match year.as_deref().unwrap_or("") {
                    "" => of.first(),
                    // Sums over years stand under their last year alone.
                    year => of.get(if of.len() == 1 { 0 } else { year.parse::<usize>().unwrap() - 1 }),
                };
                item.map_or("none".to_owned(), |item| item["verdict"].as_str().unwrap_or("–").to_owned())
            }
            "claim" => {
                let claims = standing["claims"].as_array().unwrap();
                let Some(claim) = claims.get(cells[0].parse::<usize>().unwrap() - 1) else { return "none".to_owned() };
                let fields = columns[1..].iter().map(|column| &claim[column.replace(' ', "_").as_str()]);
                let cells = fields.map(|value| value.as_str().map_or_else(|| money(value), str::to_owned));
                cells.collect::<Vec<_>>().join(" | ")
            }
            "bond" => ["bond_required", "bond_held", "bond_missing"].map(|field| money(&standing[field])).join(" | "),
            other => panic!("a table of “{other}” is unknown"),
        }
    }
}

fn fen(value: &Value) -> String {
    let fen = value.as_i64().unwrap();
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// A cell as [`Case::found`] tells it: amounts in yuan.
fn told(cell: &str) -> String {
    match parse_money(cell, "CNY") {
        Ok(amount) => format!("{} 元", fen(&json!(amount.minor()))),
        Err(_) => cell.to_owned(),
    }
}

/// Runs the tables of a case; tells how many rows it has.
fn run_case(sale: &Sold, path: &Path, begins: usize, text: &str, wrong: &mut String) -> usize {
    let terms = text.lines().find_map(|line| line.strip_prefix("Terms: ")).unwrap_or("fixtures/pledge.toml");
    let mut case = Case::open(sale, terms);
    let mut columns: Option<Vec<String>> = None;
    let (mut rows, mut told_claims) = (0, None);
    // A line after the last, so that the table that ends a case ends too.
    for (index, line) in text.lines().chain([""]).enumerate() {
        let mut say = |expected: &str, found: &str| {
            if expected != found {
                let line = begins + index;
                writeln!(wrong, "{}:{line}: expected {expected}, found {found}", path.display()).unwrap();
            }
        };
        if let Some(given) = line.strip_prefix("Given: ") {
            let commands = std::fs::read(file(&format!("casebook/{given}"))).unwrap();
            let mut lines = RequestLines::new(&commands[..]);
            while let Some(next) = lines.next_request() {
                assert_eq!(case.run(&next.unwrap().1), "ok", "{given}");
            }
        } else if let Some(day) = line.strip_prefix("On ") {
            case.begin(read_date(day).unwrap());
        }
        let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) else {
            // The table of claims names all of them.
            if let Some(count) = told_claims.take() {
                let all = case.standing()["claims"].as_array().map_or(0, Vec::len);
                say(&format!("{count} claims"), &format!("{all} claims"));
            }
            columns = None;
            continue;
        };
        let cells: Vec<String> = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
        let Some(columns) = &columns else {
            told_claims = (cells[0] == "claim").then_some(0);
            columns = Some(cells);
            continue;
        };
        if cells[0].starts_with("---") {
            continue;
        }
        rows += 1;
        if columns[0] == "at" {
            say(&cells[cells.len() - 1], &case.command(columns, &cells));
            continue;
        }
        told_claims = told_claims.map(|count| count + 1);
        let expected: Vec<String> = match columns[0].as_str() {
            "about" => vec![cells[cells.len() - 1].clone()],
            _ => cells[1..].iter().map(|cell| told(cell)).collect(),
        };
        say(&expected.join(" | "), &case.found(columns, &cells));
    }
    rows
}
