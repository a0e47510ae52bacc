//! The casebook is the test: each table of commands is run, and each result compared.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use landgavel_record::language::load_lot;
use landgavel_record::run::Runner;
use landgavel_record::wire::parse_request;
use landgavel_sale::command::{Application, Command};
use landgavel_sale::rulebook::Deciding;
use landgavel_sale::{Lot, Sale};
use serde_json::{Map, Value, json};

use crate::language::Repository;

const DAY: &str = "2026-03-02T";
const OFFSET: &str = "+08:00";

#[test]
fn casebook_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook");
    let mut wrong = String::new();
    let mut rows = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            rows += run_file(&name, &std::fs::read_to_string(&path).unwrap(), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(rows > 0, "the casebook has no case");
}

/// Runs the tables of a file; tells how many rows it has.
fn run_file(name: &str, text: &str, wrong: &mut String) -> usize {
    let (mut lot, mut given): (Option<String>, Vec<String>) = (None, Vec::new());
    let (mut is_bare, mut crowd) = (false, 0);
    let mut table: Option<(Vec<String>, Desk)> = None;
    let mut rows = 0;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("## ") {
            (lot, given, is_bare, crowd) = (None, Vec::new(), false, 0);
        } else if let Some(path) = line.strip_prefix("Lot: ") {
            lot = Some(format!("casebook/{}", path.trim()));
        } else if line == BARE {
            is_bare = true;
        } else if let Some(count) = line.strip_prefix("Given: ").and_then(|rest| rest.strip_suffix(" applicants")) {
            crowd = count.replace(',', "").parse().unwrap();
        } else if let Some(codes) = line.strip_prefix("Given: ").and_then(|rest| rest.strip_suffix(" are admitted")) {
            given = codes.split(',').map(|code| code.trim().to_owned()).collect();
        }
        let Some(cells) = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|')) else {
            table = None;
            continue;
        };
        let cells: Vec<String> = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
        match (&mut table, &lot) {
            (None, Some(lot)) if is_bare => table = Some((cells, Desk::Bare(Box::new(bare(lot, crowd))))),
            (None, Some(lot)) => table = Some((cells, Desk::Host(Box::new(open(lot, &given))))),
            (Some(_), _) if cells[0].starts_with("---") => {}
            (Some((columns, desk)), _) => {
                rows += 1;
                let (found, expected) = (run_row(desk, columns, &cells), &cells[cells.len() - 1]);
                if found != *expected {
                    writeln!(wrong, "casebook/{name}:{}: expected {expected}, found {found}", index + 1).unwrap();
                }
            }
            (None, None) => {}
        }
    }
    rows
}

/// Says that commands go to the engine as they are, without the host that first lets due time pass.
const BARE: &str = "Straight to the engine.";

enum Desk {
    Host(Box<Runner>),
    Bare(Box<Sale>),
}

fn load(lot: &str) -> Arc<Lot> {
    let loaded = load_lot(&Repository, lot);
    Arc::new(loaded.unwrap_or_else(|findings| panic!("{lot} does not load: {findings:#?}")).lot)
}

/// A fresh sale with so many applicants, without a host.
fn bare(lot: &str, crowd: u32) -> Sale {
    let mut sale = Sale::open(load(lot));
    let at = format!("{DAY}09:10:00{OFFSET}");
    let apply = json!({"at": at, "do": "apply", "bidder": "first"});
    let at = parse_request(&sale, apply.as_object().unwrap()).unwrap().at;
    for number in 0..crowd {
        let code = format!("X{number}");
        let application = Application { code, identity: None, group: None, facts: Vec::new() };
        let events = sale.decide(at, &Command::Apply(application)).unwrap();
        events.iter().for_each(|event| sale.apply(event));
    }
    sale
}

/// A fresh sale in which these bidders stand.
fn open(lot: &str, given: &[String]) -> Runner {
    let loaded = load(lot);
    let rule = &loaded.rulebook.admission;
    let (asks_bond, by_officer) = (rule.bond.is_some(), rule.deciding == Deciding::Officer);
    let mut runner = Runner::new(Arc::clone(&loaded));
    let at = format!("{DAY}09:10:00{OFFSET}");
    for code in given {
        let asked = [
            (true, json!({"at": at, "do": "apply", "bidder": code})),
            (asks_bond, json!({"at": at, "do": "bond", "bidder": code, "form": "cash", "amount": "200 万元"})),
            (by_officer, json!({"at": at, "do": "admit", "bidder": code})),
        ];
        for (_, command) in asked.iter().filter(|(is_asked, _)| *is_asked) {
            assert_eq!(run(&mut runner, command.as_object().unwrap()), "ok", "{lot}: {command}");
        }
    }
    runner
}

fn run_row(desk: &mut Desk, columns: &[String], cells: &[String]) -> String {
    let mut object = Map::new();
    for (column, cell) in columns.iter().zip(cells) {
        let (key, value) = match column.as_str() {
            "time" if cell.contains('T') => ("at", format!("{cell}{OFFSET}")),
            "time" => ("at", format!("{DAY}{cell}{OFFSET}")),
            "does" => ("do", cell.clone()),
            "result" => continue,
            other => (other, cell.clone()),
        };
        if value.starts_with(['{', '[']) {
            object.insert(key.to_owned(), serde_json::from_str(&value).unwrap());
        } else if !value.is_empty() {
            object.insert(key.to_owned(), Value::String(value));
        }
    }
    match desk {
        Desk::Host(runner) => run(runner, &object),
        Desk::Bare(sale) => decide(sale, &object),
    }
}

fn decide(sale: &mut Sale, object: &Map<String, Value>) -> String {
    let request = match parse_request(sale, object) {
        Ok(request) => request,
        Err(error) => return format!("unreadable: {error:?}"),
    };
    match sale.decide(request.at, &request.command) {
        Ok(events) => {
            events.iter().for_each(|event| sale.apply(event));
            "ok".to_owned()
        }
        Err(refusal) => format!("refused: {}", refusal.reason.code()),
    }
}

fn run(runner: &mut Runner, object: &Map<String, Value>) -> String {
    let verb = object.get("do").cloned().unwrap_or_default();
    let mut result = None;
    let ran = runner.request(object, &mut |entry| {
        let command: Value = serde_json::from_str(&entry.command).unwrap();
        if command["do"] == verb && result.is_none() {
            result = Some(match &entry.result {
                Ok(_) => "ok".to_owned(),
                Err(refusal) => format!("refused: {}", refusal.reason.code()),
            });
        }
    });
    match ran {
        Ok(()) => result.unwrap_or_else(|| "nothing".to_owned()),
        Err(error) => format!("unreadable: {error:?}"),
    }
}
