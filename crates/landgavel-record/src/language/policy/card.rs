//! The conditions of a policy book as the gates of a scorecard: each policy has up to three, and all of them must hold.

use super::super::finding::{Code, Sink};
use super::super::shape::unknown;
use super::super::tree::{Entry, Node, Value};

/// Industries and zones by id, with the words that a table writes.
pub(super) struct Lists {
    pub(super) industries: Vec<(String, String)>,
    pub(super) zones: Vec<(String, String)>,
}

/// What stands in a table for an industry or a zone that the book does not name.
const OTHER: &str = "其他";

/// The tree of a card, and the indices of each policy's gates in it.
pub(super) fn of(root: &Node, lists: &Lists, sink: &mut Sink) -> (Node, Vec<Vec<usize>>) {
    let mut gates: Vec<Node> = Vec::new();
    let mut of_policies = Vec::new();
    let policies = root.get("policies").map_or(&[][..], Node::items);
    for policy in policies {
        let mut own = Vec::new();
        let kinds = [("industries", "industry", &lists.industries), ("zones", "zone", &lists.zones)];
        for (key, column, known) in kinds {
            let Some(ids) = policy.get(key) else { continue };
            let tests = ids.items().iter().filter_map(|id| word(id, known, sink));
            let tests: Vec<Node> = tests.map(|word| text(ids, &format!("{column} = {word}"))).collect();
            own.push(gates.len());
            gates.push(gate(policy, Some(column), list(ids, tests)));
        }
        if let Some(any_of) = policy.get("any_of") {
            own.push(gates.len());
            gates.push(gate(policy, None, any_of.clone()));
        }
        of_policies.push(own);
    }
    let mut entries: Vec<Entry> = Vec::new();
    for key in ["id", "version", "title", "in_force", "table", "indicators"] {
        entries.extend(root.get(key).map(|node| entry(root, key, node.clone())));
    }
    let mut columns = root.get("columns").map_or(&[][..], Node::entries).to_vec();
    let kinds = [
        ("industries", "industry", ("产业", "industry"), &lists.industries),
        ("zones", "zone", ("园区", "zone"), &lists.zones),
    ];
    for (key, column, name, known) in kinds {
        if policies.iter().any(|policy| policy.has(key)) {
            columns.push(entry(root, column, words_column(root, column, name, known)));
        }
    }
    entries.push(entry(root, "columns", table(root, "columns", columns)));
    entries.push(entry(root, "gates", list(root, gates)));
    let grades = [("kind", "gates"), ("qualified", "entitled"), ("otherwise", "not entitled")];
    let grades = grades.into_iter().map(|(key, word)| entry(root, key, text(root, word))).collect();
    entries.push(entry(root, "grades", table(root, "grades", grades)));
    (table(root, "", entries), of_policies)
}

fn word(id: &Node, known: &[(String, String)], sink: &mut Sink) -> Option<String> {
    let wanted = id.text().unwrap_or_default();
    let found = known.iter().find(|(id, _)| id == wanted).map(|(_, word)| word.clone());
    if found.is_none() {
        sink.report(id.place, &id.path, unknown(Code::UnknownWord, wanted, known.iter().map(|(id, _)| id.as_str())));
    }
    found
}

/// A gate of a policy; the part that it judges stands behind the policy's id.
fn gate(policy: &Node, part: Option<&str>, any_of: Node) -> Node {
    let own = policy.text_of("id").unwrap_or_default();
    let (id, name) = match part {
        Some("industry") => (format!("{own}/industry"), bilingual(policy, "适用产业", "industry")),
        Some(_) => (format!("{own}/zone"), bilingual(policy, "适用园区", "zone")),
        None => (own.to_owned(), policy.get("name").cloned().unwrap_or_else(|| bilingual(policy, own, own))),
    };
    let entries =
        vec![entry(policy, "id", text(policy, &id)), entry(policy, "name", name), entry(policy, "any_of", any_of)];
    node(policy, &policy.path, Value::Table(entries))
}

fn words_column(root: &Node, id: &str, (zh, en): (&str, &str), known: &[(String, String)]) -> Node {
    let words = known.iter().map(|(_, word)| word.as_str()).chain([OTHER]);
    let words = words.map(|word| text(root, word)).collect();
    let entries = vec![
        entry(root, "name", bilingual(root, zh, en)),
        entry(root, "kind", text(root, "word")),
        entry(root, "words", list(root, words)),
    ];
    table(root, &format!("columns.{id}"), entries)
}

fn bilingual(at: &Node, zh: &str, en: &str) -> Node {
    table(at, &at.path, vec![entry(at, "zh", text(at, zh)), entry(at, "en", text(at, en))])
}

fn text(at: &Node, text: &str) -> Node {
    node(at, &at.path, Value::Text(text.to_owned()))
}

fn list(at: &Node, items: Vec<Node>) -> Node {
    node(at, &at.path, Value::List(items))
}

fn table(at: &Node, path: &str, entries: Vec<Entry>) -> Node {
    node(at, path, Value::Table(entries))
}

/// A node that stands where `at` stands.
fn node(at: &Node, path: &str, value: Value) -> Node {
    Node { place: at.place, value, path: path.to_owned(), written: true }
}

fn entry(at: &Node, key: &str, node: Node) -> Entry {
    Entry { key: key.to_owned(), place: at.place, node }
}
