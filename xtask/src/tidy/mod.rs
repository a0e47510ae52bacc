//! The house style and the walls between crates, as a test.
//!
//! Each module holds checks that are pure functions of text, with good and bad snippets beside them.
//! They collect all they find and never stop at the first; this module prints it.

mod assumptions;
mod casebook;
mod changelog;
mod documents;
mod floors;
mod glossary;
mod licences;
mod modules;
mod packages;
mod source_text;
mod words;

use std::path::Path;

use anyhow::Result;

use crate::Verdict;
use crate::tree::Tree;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, rule, message: message.into() }
    }
}

/// Runs every check and prints what was found as `file:line: rule: message`.
pub(crate) fn run(root: &Path) -> Result<Verdict> {
    let tree = Tree::read(root)?;
    let packages = packages::of_workspace(root)?;
    let licensed = packages::with_licences(root)?;

    let mut findings = Vec::new();
    findings.extend(floors::check(&tree, &packages));
    findings.extend(modules::check(&tree));
    findings.extend(documents::check(&tree));
    findings.extend(glossary::check(&tree));
    findings.extend(source_text::check(&tree));
    findings.extend(words::check(&tree));
    findings.extend(casebook::check(&tree));
    findings.extend(licences::check_lockfile(&tree));
    findings.extend(licences::check(&licensed));
    findings.extend(changelog::check(&tree));
    findings.sort();
    findings.dedup();

    for Finding { path, line, rule, message } in &findings {
        println!("{path}:{line}: {rule}: {message}");
    }
    let assumptions = assumptions::list(&tree).len();
    let noun = if assumptions == 1 { "clause rests" } else { "clauses rest" };
    println!("tidy: {assumptions} {noun} on an assumption (`cargo xtask tidy --assumptions` lists them)");
    println!("tidy: {} found in {} files", findings.len(), tree.texts().count());
    Ok(if findings.is_empty() { Verdict::Good } else { Verdict::Found })
}

/// Whether all crates that a workspace of its own is built of have licences that are allowed; prints those that have not.
pub(crate) fn licences_of(root: &Path) -> Result<bool> {
    let findings = licences::check(&packages::with_licences(root)?);
    for Finding { path, rule, message, .. } in &findings {
        println!("{}: {rule}: {message}", root.join(path).display());
    }
    Ok(findings.is_empty())
}

/// Prints the clauses whose source is an assumption. To have some is no fault; to hide them is.
pub(crate) fn list_assumptions(root: &Path) -> Result<Verdict> {
    let tree = Tree::read(root)?;
    let clauses = assumptions::list(&tree);
    for clause in &clauses {
        println!("{}:{}: assumption: {}", clause.path, clause.line, clause.message);
    }
    println!("tidy: {} clauses rest on an assumption", clauses.len());
    Ok(Verdict::Good)
}
