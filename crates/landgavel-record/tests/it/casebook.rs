//! The casebook is the test: each table of commands is run, and each result compared.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use landgavel_record::language::load_lot;
use landgavel_record::run::Runner;
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
    let mut table: Option<(Vec<String>, Runner)> = None;
    let mut rows = 0;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("## ") {
            (lot, given) = (None, Vec::new());
        } else if let Some(path) = line.strip_prefix("Lot: ") {
            lot = Some(format!("casebook/{}", path.trim()));
        } else if let Some(codes) = line.strip_prefix("Given: ").and_then(|rest| rest.strip_suffix(" are admitted")) {
            given = codes.split(',').map(|code| code.trim().to_owned()).collect();
        }
        let Some(cells) = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|')) else {
            table = None;
            continue;
        };
        let cells: Vec<String> = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
        match (&mut table, &lot) {
            (None, Some(lot)) => table = Some((cells, open(lot, &given))),
            (Some(_), _) if cells[0].starts_with("---") => {}
            (Some((columns, runner)), _) => {
                rows += 1;
                let (found, expected) = (run_row(runner, columns, &cells), &cells[cells.len() - 1]);
                if found != *expected {
                    writeln!(wrong, "casebook/{name}:{}: expected {expected}, found {found}", index + 1).unwrap();
                }
            }
            (None, None) => {}
        }
    }
    rows
}

/// A fresh sale in which these bidders stand.
fn open(lot: &str, given: &[String]) -> Runner {
    let loaded = load_lot(&Repository, lot);
    let loaded = loaded.unwrap_or_else(|findings| panic!("{lot} does not load: {findings:#?}"));
    let mut runner = Runner::new(Arc::new(loaded.lot));
    let at = format!("{DAY}09:10:00{OFFSET}");
    for code in given {
        for command in [
            json!({"at": at, "do": "apply", "bidder": code}),
            json!({"at": at, "do": "bond", "bidder": code, "form": "cash", "amount": "200 万元"}),
            json!({"at": at, "do": "admit", "bidder": code}),
        ] {
            assert_eq!(run(&mut runner, command.as_object().unwrap()), "ok", "{lot}: {command}");
        }
    }
    runner
}

fn run_row(runner: &mut Runner, columns: &[String], cells: &[String]) -> String {
    let mut object = Map::new();
    for (column, cell) in columns.iter().zip(cells) {
        let (key, value) = match column.as_str() {
            "time" => ("at", format!("{DAY}{cell}{OFFSET}")),
            "does" => ("do", cell.clone()),
            "result" => continue,
            other => (other, cell.clone()),
        };
        if !value.is_empty() {
            object.insert(key.to_owned(), Value::String(value));
        }
    }
    run(runner, &object)
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
