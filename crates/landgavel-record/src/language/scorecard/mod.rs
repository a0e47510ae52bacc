//! The scorecard language: a TOML file to a [`Card`] and the rules by which its table is read.

mod build;
mod condition;
mod shapes;

use landgavel_base::{Bilingual, Date, Source};
use landgavel_score::Card;

pub(crate) use build::card as build_card;
pub(crate) use condition::quanta;
pub(crate) use shapes::{COLUMN, GRADE_KINDS, IN_FORCE, INDICATOR, RULE_ANY, SCORECARD, TABLE, WAY_KINDS};

use super::build as common;
use super::finding::{Code, Finding, Place, Problem, Sink};
use super::load::{Files, open, sorted};
use super::shape::{Kind, unknown};
use super::tree::{Node, Value};

/// A card that can be used, and what was seen on the way to it.
#[derive(Debug, Clone)]
pub struct LoadedCard {
    /// The card.
    pub card: Card,
    /// How its table is read.
    pub heads: Heads,
    /// Sources of its clauses, by dotted path.
    pub sources: Vec<(String, Source)>,
    /// Parameters with the values that hold, and whether they were set by the caller.
    pub parameters: Vec<CardParameter>,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// Bytes of the file.
    pub text: Vec<u8>,
}

/// A parameter of a card with the value that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardParameter {
    /// Name.
    pub id: String,
    /// What it means.
    pub meaning: Bilingual,
    /// The value that holds.
    pub value: String,
    /// The caller set it.
    pub is_set: bool,
}

/// Which heads name what in the table of a card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heads {
    /// Heads of the column of firms.
    pub firm: Vec<String>,
    /// Heads of the column of groups; empty without groups.
    pub group: Vec<String>,
    /// Heads of the column of parcels; empty where firms on one parcel are not joined.
    pub parcel: Vec<String>,
    /// Of each column of the card.
    pub columns: Vec<ColumnRule>,
}

impl Heads {
    /// Whether a head of a table names anything here.
    pub fn names(&self, head: &str) -> bool {
        let columns = self.columns.iter().flat_map(|column| &column.heads);
        self.firm.iter().chain(&self.group).chain(&self.parcel).chain(columns).any(|known| known == head)
    }
}

/// How the cells of a column are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRule {
    /// Heads by which it may go.
    pub heads: Vec<String>,
    /// What an empty cell means.
    pub blank: Blank,
    /// Least plausible figure, in quanta.
    pub at_least: Option<i64>,
    /// Greatest plausible figure, in quanta.
    pub at_most: Option<i64>,
    /// Usual magnitude of a figure, in quanta.
    pub typical: Option<i64>,
    /// Words that the list of the column does not hold are errors.
    pub is_closed: bool,
}

/// What an empty cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// The figure is missing.
    Missing,
    /// It is zero.
    Zero,
    /// An error of the table.
    Refuse,
}

/// Loads a scorecard; `set` gives values to its parameters by name.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_scorecard(files: &dyn Files, path: &str, set: &[(String, String)]) -> Result<LoadedCard, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let mut parameters = Vec::new();
    let fill = |root: &mut Node, sink: &mut Sink| parameters = fill_parameters(root, set, sink);
    let Some((text, root)) = open(files, path, &mut sink, &Kind::Table(&SCORECARD), fill) else {
        return Err(sorted(sink.findings));
    };
    let sources = common::sources(&root, &mut sink);
    let (card, heads) = build::card(&root, &mut sink);
    warn_of_unsourced(&root, &sources, &mut sink);
    let is_broken = sink.has_errors();
    let findings = sorted(sink.findings);
    match card {
        Some(card) if !is_broken => Ok(LoadedCard { card, heads, sources, parameters, findings, text }),
        _ => Err(findings),
    }
}

/// The version of a card that is in force on a day, out of several: the one that came last.
pub fn in_force<'a>(cards: impl Iterator<Item = &'a LoadedCard>, day: Date) -> Option<&'a LoadedCard> {
    cards
        .filter(|loaded| {
            loaded.card.from.is_none_or(|from| from <= day) && loaded.card.until.is_none_or(|until| day < until)
        })
        .max_by_key(|loaded| loaded.card.from)
}

/// Puts the values of parameters in the place of their names, before anything is judged.
fn fill_parameters(root: &mut Node, set: &[(String, String)], sink: &mut Sink) -> Vec<CardParameter> {
    let mut known = Vec::new();
    for entry in root.get("parameters").map_or(&[][..], Node::entries) {
        let given = set.iter().find(|(name, _)| *name == entry.key).map(|(_, value)| value.clone());
        let written = entry.node.get("value").and_then(|value| match &value.value {
            Value::YesNo(yes) => Some(yes.to_string()),
            _ => value.scalar().map(str::to_owned),
        });
        known.push(CardParameter {
            id: entry.key.clone(),
            meaning: common::bilingual(&entry.node, "meaning"),
            is_set: given.is_some(),
            value: given.or(written).unwrap_or_default(),
        });
    }
    for (name, _) in set {
        if !known.iter().any(|parameter| parameter.id == *name) {
            let ids = known.iter().map(|parameter| parameter.id.as_str());
            sink.report(Place { line: 1, column: 1 }, "parameters", unknown(Code::UnknownParameter, name, ids));
        }
    }
    let mut used = Vec::new();
    if let Value::Table(entries) = &mut root.value {
        for entry in entries.iter_mut().filter(|entry| entry.key != "parameters") {
            put(&mut entry.node, &known, &mut used, sink);
        }
    }
    for entry in root.get("parameters").map_or(&[][..], Node::entries) {
        if !used.contains(&entry.key) {
            sink.report(
                entry.place,
                &entry.node.path,
                Problem::of(Code::UnusedParameter, format_args!("`{}`", entry.key)),
            );
        }
    }
    known
}

// Recursion is bounded by the nesting that the TOML parser admits.
fn put(node: &mut Node, known: &[CardParameter], used: &mut Vec<String>, sink: &mut Sink) {
    match &mut node.value {
        Value::Text(text) => {
            let Some(name) = text.strip_prefix('$') else { return };
            match known.iter().find(|parameter| parameter.id == name) {
                Some(parameter) => {
                    used.push(parameter.id.clone());
                    *text = parameter.value.clone();
                }
                None => {
                    let ids = known.iter().map(|parameter| parameter.id.as_str());
                    sink.report(node.place, &node.path, unknown(Code::UnknownParameter, name, ids));
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| put(item, known, used, sink)),
        Value::Table(entries) => entries.iter_mut().for_each(|entry| put(&mut entry.node, known, used, sink)),
        Value::Number(_) | Value::YesNo(_) | Value::Time(_) => {}
    }
}

/// Numbers come from somewhere: items, gates and grades without a source are named.
fn warn_of_unsourced(root: &Node, sources: &[(String, Source)], sink: &mut Sink) {
    let has = |path: &str| sources.iter().any(|(known, _)| known == path);
    let lists = ["items", "gates", "vetoes", "exempt"];
    for list in lists.iter().filter(|list| !has(list)) {
        for node in common::items(root, list).iter().filter(|node| !has(&node.path)) {
            sink.report(node.place, &node.path, Problem::of(Code::NoSource, format_args!("`{}`", node.path)));
        }
    }
}
