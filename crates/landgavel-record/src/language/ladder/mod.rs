//! Ladders of standards, and the facts of one enterprise: TOML files.

mod shapes;

use std::collections::BTreeMap;

use landgavel_base::{Bilingual, Date, Source};

pub(crate) use shapes::{FACTS, LADDER};

use super::build as common;
use super::duration::date;
use super::finding::{Code, Finding, Place, Problem, Sink};
use super::load::{Files, join, open, sorted};
use super::scorecard::{LoadedCard, load_scorecard};
use super::shape::Kind;
use super::tree::{Node, Value};

/// An enterprise ladder.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// Rungs, lowest first.
    pub rungs: Vec<Rung>,
    /// Standards that are told beside it.
    pub beside: Vec<Rung>,
    /// Warnings, of its cards too.
    pub findings: Vec<Finding>,
}

/// A rung: a standard in its versions.
#[derive(Debug, Clone)]
pub struct Rung {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Versions whose numbers are known.
    pub versions: Vec<LoadedCard>,
    /// A version that holds, but whose numbers are not known.
    pub pending: Option<Pending>,
}

/// A version that holds, but whose numbers were not found.
#[derive(Debug, Clone)]
pub struct Pending {
    /// First day in force.
    pub from: Date,
    /// What it is.
    pub what: Bilingual,
    /// Where it was announced.
    pub source: Option<Source>,
}

/// The facts of one enterprise.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Name.
    pub firm: String,
    /// It is invented.
    pub is_sample: bool,
    /// Head, value as a cell of a table has it, and line.
    pub facts: Vec<(String, String, u32)>,
    /// Line of the name.
    pub firm_line: u32,
}

/// Loads a ladder and all its cards.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_ladder(files: &dyn Files, path: &str) -> Result<Ladder, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((_, root)) = open(files, path, &mut sink, &Kind::Table(&LADDER), |_, _| {}) else {
        return Err(sorted(sink.findings));
    };
    for list in ["rungs", "beside"] {
        common::duplicates(common::items(&root, list), &mut sink);
    }
    let mut more = Vec::new();
    let mut rungs = |key: &str, sink: &mut Sink| -> Vec<Rung> {
        common::items(&root, key).iter().map(|node| rung(files, path, &root, node, sink, &mut more)).collect()
    };
    let (rungs, beside) = (rungs("rungs", &mut sink), rungs("beside", &mut sink));
    if rungs.is_empty() && !sink.is_broken("rungs") {
        sink.report(root.place, "rungs", Problem::of(Code::MissingKey, "a ladder has at least one rung"));
    }
    one_meaning_per_column(rungs.iter().chain(&beside), &root, &mut sink);
    let is_broken = sink.has_errors() || more.iter().any(Finding::is_error);
    more.extend(sink.findings);
    let findings = sorted(more);
    if is_broken {
        return Err(findings);
    }
    Ok(Ladder { id: common::text(&root, "id"), title: common::bilingual(&root, "title"), rungs, beside, findings })
}

fn rung(files: &dyn Files, path: &str, root: &Node, node: &Node, sink: &mut Sink, more: &mut Vec<Finding>) -> Rung {
    let mut versions = Vec::new();
    for version in common::items(node, "versions") {
        match load_scorecard(files, &join(path, version.text().unwrap_or_default()), &[]) {
            Ok(card) => {
                more.extend(card.findings.iter().cloned());
                versions.push(card);
            }
            Err(findings) => more.extend(findings),
        }
    }
    let pending = node.get("pending").and_then(|pending| {
        let from = pending.get("from")?;
        let day = match &from.value {
            Value::Time(time) => date(time),
            Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::List(_) | Value::Table(_) => None,
        };
        if day.is_none() {
            sink.report(
                from.place,
                &from.path,
                Problem::of(Code::BadDate, "`from`").expected("a date such as 2026-04-01"),
            );
        }
        let source = pending.get("source").and_then(|node| common::source(node, root, sink));
        Some(Pending { from: day?, what: common::bilingual(pending, "what"), source })
    });
    Rung { id: common::text(node, "id"), name: common::bilingual(node, "name"), versions, pending }
}

/// One table of facts serves all cards, so a head means the same in each of them.
fn one_meaning_per_column<'a>(rungs: impl Iterator<Item = &'a Rung>, root: &Node, sink: &mut Sink) {
    let mut known: BTreeMap<&str, (&str, &str, &str)> = BTreeMap::new();
    for loaded in rungs.flat_map(|rung| &rung.versions) {
        for column in &loaded.card.columns {
            let means = (column.name.zh.as_str(), column.unit.as_str(), loaded.card.id.as_str());
            let first = *known.entry(&column.id).or_insert(means);
            if (first.0, first.1) != (means.0, means.1) {
                let detail = format!(
                    "`{}` is {} ({}) in {} and {} ({}) in {}",
                    column.id, first.0, first.1, first.2, means.0, means.1, means.2
                );
                sink.report(root.place, "rungs", Problem::of(Code::Duplicate, detail));
            }
        }
    }
}

/// Reads the facts of one enterprise.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_facts(files: &dyn Files, path: &str) -> Result<Facts, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((_, root)) = open(files, path, &mut sink, &Kind::Table(&FACTS), |_, _| {}) else {
        return Err(sorted(sink.findings));
    };
    let mut facts = Vec::new();
    for entry in root.get("facts").map_or(&[][..], Node::entries) {
        let value = match &entry.node.value {
            Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Text(text) | Value::Number(text) => text.clone(),
            Value::Time(_) | Value::List(_) | Value::Table(_) => continue,
        };
        facts.push((entry.key.clone(), value, entry.place.line));
    }
    if sink.has_errors() {
        return Err(sorted(sink.findings));
    }
    let firm_line = root.get("firm").map_or(Place::default().line, |firm| firm.place.line);
    Ok(Facts { firm: common::text(&root, "firm"), is_sample: root.yes("sample"), facts, firm_line })
}
