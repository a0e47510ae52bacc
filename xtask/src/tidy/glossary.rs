//! Tables that name code: the types of the glossary, and the tests that answer a threat.
//!
//! Each name must be defined somewhere in the crates. The glossary has each Chinese term once.

use std::collections::BTreeMap;

use crate::markdown::{code_spans, tables};
use crate::rust_text::{Definitions, layers};
use crate::tidy::Finding;
use crate::tree::Tree;

const DOCUMENT: &str = "GLOSSARY.md";
const HEADER: [&str; 5] = ["term in code", "Chinese", "meaning", "source", "type"];
const RULE: &str = "glossary";

/// Its tables end with a column of tests that would fail if the answer to a threat did not hold.
const THREATS: &str = "SECURITY.md";

/// Stands in the last column while no type carries the term, or no test answers the threat.
const NONE_YET: &str = "–";

/// Checks the tables of the glossary and of the threats.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut definitions = Definitions::default();
    for (_, source) in tree.under("crates/", ".rs") {
        definitions.add(&layers(source).code);
    }
    let mut findings = check_glossary(tree, &definitions);
    findings.extend(check_threats(tree, &definitions));
    findings
}

fn check_threats(tree: &Tree, definitions: &Definitions) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in tables(tree.text(THREATS).unwrap_or("")) {
        for (line, cells) in table.rows.iter().filter(|_| table.header.last().is_some_and(|last| last == "test")) {
            for name in cells.last().map(|cell| code_spans(cell)).into_iter().flatten() {
                if !definitions.knows(name) && !is_browser_test(tree, name) {
                    findings.push(Finding::new(THREATS, *line, "threat", format!("there is no test `{name}`")));
                }
            }
        }
    }
    findings
}

/// Whether a test in a browser has this title.
fn is_browser_test(tree: &Tree, title: &str) -> bool {
    let call = format!("test(\"{title}\",");
    tree.under("tests/browser/", ".test.mjs").any(|(_, source)| source.contains(&call))
}

fn check_glossary(tree: &Tree, definitions: &Definitions) -> Vec<Finding> {
    let Some(text) = tree.text(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, "the glossary is missing")];
    };
    let mut findings = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for table in tables(text).iter().filter(|table| table.header == HEADER) {
        for (line, cells) in &table.rows {
            let mut complain = |message: String| findings.push(Finding::new(DOCUMENT, *line, RULE, message));
            let [_, chinese, _, _, types] = cells.as_slice() else {
                complain("a row of the glossary has five cells".to_owned());
                continue;
            };
            for term in
                chinese.split([';', ',', '、']).map(str::trim).filter(|term| !term.is_empty() && *term != NONE_YET)
            {
                if let Some(first) = seen.insert(term.to_owned(), *line) {
                    complain(format!("{term} stands here and on line {first}: each term once"));
                }
            }
            let names = code_spans(types);
            if names.is_empty() && types != NONE_YET {
                complain(format!("the last cell holds types in backticks, or {NONE_YET}"));
            }
            for name in names.into_iter().filter(|name| !definitions.knows(name)) {
                complain(format!("`{name}` is defined nowhere in the crates"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(rows: &str) -> Vec<String> {
        let text = format!("# Glossary\n\n| {} |\n|---|---|---|---|---|\n{rows}", HEADER.join(" | "));
        let source = ("crates/a/src/lib.rs", "pub struct Lot;\npub enum Outcome { PassedIn }\n// struct Ghost;\n");
        check(&Tree::of(&[(DOCUMENT, &text), source])).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn types_that_are_defined_and_types_to_come_are_fine() {
        let rows = "| lot | 出让标的 | land | – | `Lot` |\n| unsold | 流拍 | none | – | `Outcome::PassedIn` |\n| pledge | 承诺 | p | – | – |\n";
        assert_eq!(messages(rows), Vec::<String>::new());
    }

    #[test]
    fn a_threat_names_tests_that_exist() {
        let glossary = (DOCUMENT, "");
        let threats =
            "| threat | test |\n|---|---|\n| a | `it_holds` |\n| b | `it_is_gone` |\n| c | – |\n| d | `it is seen` |\n";
        let tests = ("crates/a/tests/it/main.rs", "#[test]\nfn it_holds() {}\n");
        let seen = ("tests/browser/a.test.mjs", "test(\"it is seen\", async () => {});\n");
        let found = check(&Tree::of(&[glossary, (THREATS, threats), tests, seen]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].line, found[0].message.as_str()), (4, "there is no test `it_is_gone`"));
    }

    #[test]
    fn types_in_comments_repeated_terms_and_empty_cells_are_found() {
        let rows = "| a | 宗地 | x | – | `Ghost` |\n| b | 地块、宗地 | y | – | Lot |\n| c | d |\n";
        let found = messages(rows);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("`Ghost`") && found[1].contains("宗地"));
        assert!(found[2].contains("backticks") && found[3].contains("five cells"));
    }
}
