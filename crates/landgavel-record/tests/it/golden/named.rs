//! What `docs/format/pledge.md` names, and whether the golden records of pledges hold each of it.

use std::collections::{BTreeMap, BTreeSet};

use landgavel_pledge::Reason;
use serde_json::Value;

type Named = BTreeMap<String, BTreeSet<String>>;

/// Reasons that no record holds: a command for which one of them is given is not entered.
const NEVER_ENTERED: [&str; 3] = ["tick_due", "time_runs_backwards", "same_officer"];
/// A thousand bonds are more than a sample holds.
const NOT_HELD: [&str; 1] = ["too_many_bonds"];

/// Words in backticks, but for what stands in brackets.
fn words(text: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let outside: String = text
        .chars()
        .filter(|letter| {
            depth += i32::from(*letter == '(');
            let is_outside = depth == 0;
            depth -= i32::from(*letter == ')');
            is_outside
        })
        .collect();
    outside.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The page, by the names of its parts.
fn part(name: &str) -> String {
    let page = std::fs::read_to_string(crate::pledge_records::file("docs/format/pledge.md")).unwrap();
    let part = page.split("\n## ").find(|part| part.starts_with(name));
    part.unwrap_or_else(|| panic!("no part “{name}”")).to_owned()
}

/// Rows of a table by what stands in the first column: words of the second.
fn table(part: &str, head: &str) -> Named {
    let (_, rows) = part.split_once(head).unwrap_or_else(|| panic!("no table {head}"));
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let mut fields = words(cells[2]);
        if cells[2].ends_with("approval") {
            fields.extend(["officer", "second_officer", "reason"].map(str::to_owned));
        }
        (cells[1].trim_matches('`').to_owned(), fields)
    };
    rows.map(row).collect()
}

fn put(named: &mut Named, name: &str, object: &Value, without: &[&str]) {
    let fields = object.as_object().unwrap().keys().filter(|field| !without.contains(&field.as_str()));
    named.entry(name.to_owned()).or_default().extend(fields.cloned());
}

/// Commands, events and steps with their fields, and codes of refusals, that stand in entries.
#[derive(Default)]
struct Held {
    commands: Named,
    events: Named,
    steps: BTreeSet<String>,
    codes: BTreeSet<String>,
}

fn held(entries: &[Value]) -> Held {
    let binding = ["do", "format", "pledge", "opening", "key", "id", "note"];
    let mut held = Held::default();
    for entry in entries {
        let Some(text) = entry["command"].as_str() else { continue };
        let command: Value = serde_json::from_str(text).unwrap();
        put(&mut held.commands, command["do"].as_str().unwrap(), &command, &binding);
        held.codes.extend(entry["refused"]["code"].as_str().map(str::to_owned));
        for event in entry["events"].as_array().into_iter().flatten() {
            put(&mut held.events, event["event"].as_str().unwrap(), event, &["event"]);
            let steps = event["arithmetic"].as_array().into_iter().flatten();
            held.steps.extend(steps.flat_map(|step| step.as_object().unwrap().keys().cloned()));
        }
    }
    held
}

/// Every command and event with each field, every step and every refusal of the page stands in some entry, and nothing else.
pub fn hold_all(entries: &[Value]) {
    let held = held(entries);
    let commands = table(&part("Commands"), "| `do` | own fields | signed by |");
    assert!(commands.len() > 10);
    assert_eq!(held.commands, commands, "commands held, and commands named");
    let events = part("Events");
    assert_eq!(held.events, table(&events, "| `event` | further fields |"), "events held, and events named");
    let (_, steps) = events.split_once("is an object with one field:").unwrap();
    assert_eq!(held.steps, words(steps), "steps held, and steps named");
    let refusals: BTreeSet<String> = table_of_codes(&part("Refusals"));
    let all = Reason::CODES.iter().filter(|code| !NEVER_ENTERED.contains(code)).map(|code| (*code).to_owned());
    assert_eq!(refusals, all.collect::<BTreeSet<_>>(), "refusals named, and refusals that there are");
    let missing: BTreeSet<&str> =
        refusals.difference(&held.codes).map(String::as_str).filter(|code| !NOT_HELD.contains(code)).collect();
    assert_eq!(missing, BTreeSet::new(), "no golden record is refused so");
}

fn table_of_codes(part: &str) -> BTreeSet<String> {
    part.lines().filter(|line| line.starts_with("| ")).flat_map(words).collect()
}
