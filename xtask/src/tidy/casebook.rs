//! Each refusal code has a case that triggers it and one just short of it.
//!
//! A case for a code is a section `## <code>: …` of a file in the casebook. It shows the two sides
//! either under `### triggers` and `### just short`, or as two tables in that order. The first side
//! holds `refused: <code>`, the second does not. Cases of pledges expect codes of the pledge engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::markdown::{heading, tables};
use crate::rust_text::{layers, line_of, word_offsets};
use crate::tidy::Finding;
use crate::tree::Tree;

const REFUSALS: &str = "crates/landgavel-sale/src/refusal.rs";
const PLEDGE_REFUSALS: &str = "crates/landgavel-pledge/src/refusal.rs";
const FOLDER: &str = "casebook/";
const PLEDGES: &str = "casebook/pledges/";
const RULE: &str = "casebook";

/// What a case writes when a command is refused; the code follows.
const MARK: &str = "refused:";

/// One section on one code.
struct Section {
    path: String,
    line: usize,
    body: String,
}

/// Compares the codes of the sale engine with the casebook.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(source) = tree.text(REFUSALS) else { return Vec::new() };
    let codes = codes(source);
    let sections = sections(tree);
    let mut findings = Vec::new();
    if codes.is_empty() {
        findings.push(Finding::new(REFUSALS, 1, RULE, "no codes are found in `fn code` or in `reasons!`"));
    }
    for (code, line) in &codes {
        match sections.get(code) {
            None => {
                let message = format!("`{code}` has no case: the casebook needs a section `## {code}: …`");
                findings.push(Finding::new(REFUSALS, *line, RULE, message));
            }
            Some(section) => findings.extend(check_section(code, section)),
        }
    }
    let pledge_codes = tree.text(PLEDGE_REFUSALS).map(self::codes).unwrap_or_default();
    findings.extend(check_expected(tree, "sale", &codes, |path| !path.starts_with(PLEDGES)));
    findings.extend(check_expected(tree, "pledge", &pledge_codes, |path| path.starts_with(PLEDGES)));
    findings
}

/// The codes and the lines they stand on: the literals that follow an arrow in `fn code`, or in the
/// call of a macro `reasons!` that writes that function.
fn codes(source: &str) -> BTreeMap<String, usize> {
    let parts = layers(source);
    let functions = word_offsets(&parts.code, "code").into_iter().filter(|at| parts.code[..*at].ends_with("fn "));
    let calls = word_offsets(&parts.code, "reasons").into_iter().filter(|at| parts.code[*at..].starts_with("reasons!"));
    let mut codes = BTreeMap::new();
    for start in functions.chain(calls) {
        let end = end_of_body(&parts.code, start);
        for (at, literal) in parts.literals.iter().filter(|(at, _)| (start..end).contains(at)) {
            if parts.code[..*at].trim_end().ends_with("=>") {
                codes.insert(literal.clone(), line_of(source, *at));
            }
        }
    }
    codes
}

fn end_of_body(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return start + at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn sections(tree: &Tree) -> BTreeMap<String, Section> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    for (path, text) in tree.under(FOLDER, ".md").filter(|(path, _)| !path.starts_with(PLEDGES)) {
        let mut current: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            if let Some((level, words)) = heading(line)
                && level <= 2
            {
                current = words.split_once(':').map(|(code, _)| code.trim_matches(['`', ' ']).to_owned());
                if let Some(code) = &current {
                    let section = Section { path: path.to_owned(), line: index + 1, body: String::new() };
                    sections.entry(code.clone()).or_insert(section);
                }
                continue;
            }
            if let Some(section) = current.as_ref().and_then(|code| sections.get_mut(code))
                && section.path == path
            {
                section.body.push_str(line);
                section.body.push('\n');
            }
        }
    }
    sections
}

fn check_section(code: &str, section: &Section) -> Vec<Finding> {
    let complain = |message: String| vec![Finding::new(&section.path, section.line, RULE, message)];
    let Some((triggers, just_short)) = sides(&section.body) else {
        return complain(format!("`{code}` needs `### triggers` and `### just short`, or two tables"));
    };
    match (expects(&triggers, code), expects(&just_short, code)) {
        (true, false) => Vec::new(),
        (false, _) => complain(format!("the first side of `{code}` does not hold `{MARK} {code}`")),
        (true, true) => complain(format!("the side just short of `{code}` is refused with it")),
    }
}

/// The two sides of a section: by headings if it has them, else by its first two tables.
fn sides(body: &str) -> Option<(String, String)> {
    let mut by_heading: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in body.lines() {
        if let Some((3, words)) = heading(line) {
            let name = words.split(':').next().unwrap_or("").trim().to_lowercase();
            by_heading.entry(name.clone()).or_default();
            current = Some(name);
        } else if let Some(side) = current.as_ref().and_then(|name| by_heading.get_mut(name)) {
            side.push_str(line);
            side.push('\n');
        }
    }
    if let (Some(triggers), Some(short)) = (by_heading.remove("triggers"), by_heading.remove("just short")) {
        return Some((triggers, short));
    }
    let tables = tables(body);
    let text = |index: usize| {
        tables.get(index).map(|table| {
            let rows: Vec<String> = table.rows.iter().map(|(_, cells)| cells.join(" | ")).collect();
            rows.join("\n")
        })
    };
    Some((text(0)?, text(1)?))
}

fn expects(side: &str, code: &str) -> bool {
    expected_codes(side).any(|(_, expected)| expected == code)
}

/// Codes that follow the mark, with their offsets.
fn expected_codes(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices(MARK).map(|(at, _)| {
        let rest = text[at + MARK.len()..].trim_start_matches([' ', '`']);
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_').unwrap_or(rest.len());
        (at, &rest[..end])
    })
}

/// A case must not expect a refusal that does not exist. `<code>` in an explanation is none.
fn check_expected(
    tree: &Tree,
    engine: &str,
    codes: &BTreeMap<String, usize>,
    is_its: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut findings = BTreeSet::new();
    for (path, text) in tree.under(FOLDER, ".md").filter(|(path, _)| is_its(path)) {
        for (at, code) in expected_codes(text) {
            if !code.is_empty() && !codes.contains_key(code) {
                let message = format!("`{code}` is no refusal of the {engine} engine");
                findings.insert(Finding::new(path, line_of(text, at), RULE, message));
            }
        }
    }
    findings.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "impl Refusal {\n    /// Say \"x\".\n    pub const fn code(&self) -> &'static str {\n        match self {\n\
        Self::Late { .. } => \"bid_late\",\n            Self::Low => \"bid_low\",\n        }\n    }\n    fn other() { \"none\" }\n}\n";

    const TWO_TABLES: &str = "# Bids\n\n## `bid_late`: after the end\n\n| at | command | then |\n|---|---|---|\n| 10:01 | bid | refused: bid_late |\n\n\
        | at | command | then |\n|---|---|---|\n| 10:00 | bid | accepted |\n";

    const TWO_HEADINGS: &str =
        "## bid_low: below the minimum\n### triggers\n```\nrefused: `bid_low`\n```\n### just short\n```\nok\n```\n";

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![(REFUSALS, SOURCE)];
        all.extend_from_slice(files);
        check(&Tree::of(&all)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn codes_are_the_literals_of_one_function() {
        let codes = codes(SOURCE);
        assert_eq!(codes.keys().collect::<Vec<_>>(), ["bid_late", "bid_low"]);
        assert_eq!(codes["bid_late"], 5);
    }

    #[test]
    fn codes_may_be_written_by_a_macro() {
        let source = "macro_rules! reasons { ($($name:ident => $code:literal,)*) => { pub const fn code(&self) -> &'static str {\n\
            match self { $(Self::$name => $code,)* } } } }\nreasons! {\n    /// Ended. => \"no\"\n    SaleOver => \"sale_over\",\n\
            Low { least: u8 } => \"bid_low\",\n}\nfn words() { match x { A => \"said\" } }\n";
        assert_eq!(codes(source).keys().collect::<Vec<_>>(), ["bid_low", "sale_over"]);
        assert_eq!(check(&Tree::of(&[(REFUSALS, "pub struct Refusal;")])).len(), 1);
    }

    #[test]
    fn both_forms_are_complete_cases() {
        let found = messages(&[("casebook/a.md", TWO_TABLES), ("casebook/deep/b.md", TWO_HEADINGS)]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_code_without_a_case_is_found() {
        let found = messages(&[("casebook/a.md", TWO_TABLES)]);
        assert_eq!(found, ["`bid_low` has no case: the casebook needs a section `## bid_low: …`"]);
    }

    #[test]
    fn one_side_is_not_enough() {
        let one_table = TWO_TABLES.rsplit_once("\n\n").unwrap().0;
        let found = messages(&[("casebook/a.md", one_table), ("casebook/b.md", TWO_HEADINGS)]);
        assert_eq!(found, ["`bid_late` needs `### triggers` and `### just short`, or two tables"]);
    }

    #[test]
    fn the_two_sides_must_differ() {
        let both = TWO_HEADINGS.replace("ok", "refused: bid_low");
        let neither = TWO_TABLES.replace("refused: bid_late", "accepted");
        let found = messages(&[("casebook/a.md", &neither), ("casebook/b.md", &both)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("does not hold") && found[1].contains("just short"));
    }

    #[test]
    fn an_unknown_code_is_found() {
        let stray = "Refusals are written `refused: <code>`.\n\n| then |\n|---|\n| refused: bid_odd |\n";
        let found =
            messages(&[("casebook/a.md", TWO_TABLES), ("casebook/b.md", TWO_HEADINGS), ("casebook/c.md", stray)]);
        assert_eq!(found, ["`bid_odd` is no refusal of the sale engine"]);
    }

    #[test]
    fn cases_of_pledges_expect_codes_of_pledges() {
        let pledges = "## bid_low: of a sale\n\n| then |\n|---|\n| refused: cure_runs |\n| refused: bid_late |\n";
        let refusals = "reasons! {\n    /// It runs.\n    CureRuns => \"cure_runs\",\n}\n";
        let sale = [("casebook/a.md", TWO_TABLES), ("casebook/b.md", TWO_HEADINGS)];
        let with = [sale[0], sale[1], ("casebook/pledges/c.md", pledges), (PLEDGE_REFUSALS, refusals)];
        assert_eq!(messages(&with), ["`bid_late` is no refusal of the pledge engine"]);
    }

    #[test]
    fn no_engine_no_codes() {
        assert_eq!(check(&Tree::of(&[("casebook/a.md", TWO_TABLES)])), []);
    }
}
