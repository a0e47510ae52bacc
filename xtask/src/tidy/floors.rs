//! Walls between crates: the floor table of ARCHITECTURE.md against what the crates import.
//!
//! The document is the configuration, so it cannot drift from the code.

use crate::markdown::{Table, code_spans, tables};
use crate::rust_text::{layers, line_of, word_offsets};
use crate::tidy::Finding;
use crate::tidy::packages::Package;
use crate::tree::Tree;

const DOCUMENT: &str = "ARCHITECTURE.md";
const HEADER: [&str; 5] = ["crate", "floor", "may import", "outside dependencies allowed", "must not know"];
const RULE: &str = "floor";

/// Crates up to this floor are pure: `no_std`, so that there is no clock, file or chance to call.
const HIGHEST_PURE_FLOOR: u32 = 1;

/// One row of the floor table.
#[derive(Debug)]
struct Row {
    line: usize,
    name: String,
    /// `None` for what stands aside (chores): it may import all, and nothing imports it.
    floor: Option<u32>,
    may_import: Vec<String>,
    outside: Vec<String>,
}

/// Compares the table with the workspace.
pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let Some(text) = tree.text(DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, "the document with the floor table is missing")];
    };
    let Some(table) = tables(text).into_iter().find(|table| table.header == HEADER) else {
        return vec![Finding::new(DOCUMENT, 1, RULE, format!("no table headed `{}`", HEADER.join(" | ")))];
    };
    let (rows, mut findings) = read(&table);
    findings.extend(check_table(&rows, packages));
    for package in packages {
        if let Some(row) = rows.iter().find(|row| row.name == package.name) {
            findings.extend(check_imports(tree, row, package, packages));
            if row.floor.is_some_and(|floor| floor <= HIGHEST_PURE_FLOOR) {
                findings.extend(check_pure(tree, package));
            }
        }
    }
    findings
}

fn read(table: &Table) -> (Vec<Row>, Vec<Finding>) {
    let mut rows = Vec::new();
    let mut findings = Vec::new();
    for (line, cells) in &table.rows {
        let [name, floor, may_import, outside, _] = cells.as_slice() else {
            findings.push(Finding::new(DOCUMENT, *line, RULE, "a row of the floor table has five cells"));
            continue;
        };
        let floor = match (floor.as_str(), floor.parse()) {
            (_, Ok(number)) => Some(number),
            ("aside", _) => None,
            _ => {
                findings.push(Finding::new(DOCUMENT, *line, RULE, "a floor is a number or `aside`"));
                continue;
            }
        };
        let names = |cell: &str| code_spans(cell).into_iter().map(str::to_owned).collect::<Vec<String>>();
        let name = names(name).into_iter().next().unwrap_or_default();
        rows.push(Row { line: *line, name, floor, may_import: names(may_import), outside: names(outside) });
    }
    (rows, findings)
}

fn check_table(rows: &[Row], packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        let mut complain = |message: String| findings.push(Finding::new(DOCUMENT, row.line, RULE, message));
        if !packages.iter().any(|package| package.name == row.name) {
            complain(format!("`{}` is not a crate of the workspace", row.name));
        }
        for import in &row.may_import {
            match (row.floor, rows.iter().find(|other| other.name == *import)) {
                (_, None) => complain(format!("`{import}` has no row in the floor table")),
                (Some(own), Some(Row { floor: Some(other), .. })) if *other < own => {}
                (Some(_), Some(_)) => {
                    complain(format!("`{}` and `{import}`: imports go to lower floors only", row.name))
                }
                (None, Some(_)) => {}
            }
        }
    }
    for package in packages {
        if !rows.iter().any(|row| row.name == package.name) {
            findings.push(Finding::new(DOCUMENT, 1, RULE, format!("`{}` has no row in the floor table", package.name)));
        }
    }
    findings
}

fn check_imports(tree: &Tree, row: &Row, package: &Package, packages: &[Package]) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", package.folder);
    let text = tree.text(&manifest).unwrap_or("");
    let mut findings = Vec::new();
    for import in &package.imports {
        let ours = packages.iter().any(|other| other.name == *import);
        let (list, kind) = if ours { (&row.may_import, "may import") } else { (&row.outside, "outside") };
        if !list.contains(import) {
            let line = text.lines().position(|line| line.starts_with(import.as_str())).map_or(1, |index| index + 1);
            let message = format!("`{}` imports `{import}`, which its row does not list under \"{kind}\"", row.name);
            findings.push(Finding::new(&manifest, line, RULE, message));
        }
    }
    findings
}

fn check_pure(tree: &Tree, package: &Package) -> Vec<Finding> {
    let folder = format!("{}/src/", package.folder);
    let lib = format!("{folder}lib.rs");
    let mut findings = Vec::new();
    if !tree.text(&lib).is_some_and(|text| layers(text).code.contains("#![no_std]")) {
        findings.push(Finding::new(&lib, 1, RULE, "a crate on this floor is `#![no_std]`"));
    }
    for (path, text) in tree.under(&folder, ".rs") {
        let code = layers(text).code;
        for at in word_offsets(&code, "std") {
            if code[..at].ends_with("extern crate ") {
                findings.push(Finding::new(path, line_of(&code, at), RULE, "a pure crate has no `extern crate std`"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| crate | floor | may import | outside dependencies allowed | must not know |\n|---|---|---|---|---|\n\
        | `low` | 0 | – | – | all |\n| `high` | 2 | `low` | `toml`, `sha2` | net |\n| `xtask` | aside | `high` | `toml` | – |\n";

    fn package(name: &str, imports: &[&str]) -> Package {
        let imports = imports.iter().map(|import| (*import).to_owned()).collect();
        Package { name: name.to_owned(), folder: format!("crates/{name}"), imports }
    }

    fn messages(table: &str, files: &[(&str, &str)], packages: &[Package]) -> Vec<String> {
        let mut all = vec![(DOCUMENT, table)];
        all.extend_from_slice(files);
        check(&Tree::of(&all), packages).into_iter().map(|finding| finding.message).collect()
    }

    const LOW: (&str, &str) = ("crates/low/src/lib.rs", "//! Low.\n#![no_std]\n");

    #[test]
    fn a_true_table_is_silent() {
        let packages = [package("low", &[]), package("high", &["low", "toml"]), package("xtask", &["toml"])];
        assert_eq!(messages(TABLE, &[LOW], &packages), Vec::<String>::new());
    }

    #[test]
    fn an_import_that_is_not_listed_is_found_where_it_stands() {
        let packages = [package("low", &["rand"]), package("high", &[]), package("xtask", &["low"])];
        let manifest = ("crates/low/Cargo.toml", "[package]\n[dependencies]\nrand = \"1\"\n");
        let tree = Tree::of(&[(DOCUMENT, TABLE), LOW, manifest]);
        let findings = check(&tree, &packages);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("crates/low/Cargo.toml", 3));
        assert!(findings[1].message.contains("`xtask` imports `low`"));
    }

    #[test]
    fn crates_and_rows_must_match() {
        let packages = [package("low", &[]), package("high", &[]), package("new", &[])];
        let found = messages(TABLE, &[LOW], &packages);
        assert_eq!(found, ["`xtask` is not a crate of the workspace", "`new` has no row in the floor table"]);
    }

    #[test]
    fn arrows_go_down() {
        let table =
            TABLE.replace("| 0 | – |", "| 0 | `high` |").replace("| `low` | `toml`", "| `xtask`, `gone` | `toml`");
        let packages = [package("low", &[]), package("high", &[]), package("xtask", &[])];
        let found = messages(&table, &[LOW], &packages);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("`low` and `high`") && found[1].contains("`high` and `xtask`"));
        assert!(found[2].contains("`gone` has no row"));
    }

    #[test]
    fn pure_crates_have_no_std() {
        let packages = [package("low", &[]), package("high", &[]), package("xtask", &[])];
        let said_in_a_comment = ("crates/low/src/lib.rs", "//! #![no_std]\nextern crate std;\n");
        let found = messages(TABLE, &[said_in_a_comment], &packages);
        assert_eq!(found, ["a crate on this floor is `#![no_std]`", "a pure crate has no `extern crate std`"]);
    }

    #[test]
    fn a_missing_table_and_a_broken_row_are_found() {
        assert_eq!(messages("nothing", &[], &[]).len(), 1);
        assert_eq!(check(&Tree::of(&[]), &[]).len(), 1);
        let broken = TABLE.replace("| aside |", "| beside |");
        let packages = [package("low", &[]), package("high", &[])];
        assert_eq!(messages(&broken, &[LOW], &packages), ["a floor is a number or `aside`"]);
    }
}
