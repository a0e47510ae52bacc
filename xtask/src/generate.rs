//! Documents that a program writes: the list of them, writing, and comparing.
//!
//! Named `generate` because `gen` is a word of the language.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::{Verdict, cargo};

/// A generated file and the arguments of `landgavel` that print it to standard output.
struct Generated {
    path: &'static str,
    arguments: &'static [&'static str],
}

/// Every generated file; one line is added with the command that prints it.
const FILES: &[Generated] = &[
    Generated { path: "docs/generated/rulebook.schema.json", arguments: &["schema", "rulebook"] },
    Generated { path: "docs/generated/lot.schema.json", arguments: &["schema", "lot"] },
    Generated { path: "docs/generated/working-calendar.schema.json", arguments: &["schema", "working-calendar"] },
    Generated { path: "docs/generated/scorecard.schema.json", arguments: &["schema", "scorecard"] },
    Generated { path: "docs/generated/ladder.schema.json", arguments: &["schema", "ladder"] },
    Generated { path: "docs/generated/facts.schema.json", arguments: &["schema", "facts"] },
    Generated { path: "docs/generated/policy-book.schema.json", arguments: &["schema", "policy-book"] },
    Generated { path: "docs/generated/county-figures.schema.json", arguments: &["schema", "county-figures"] },
    Generated { path: "docs/generated/pledge-terms.schema.json", arguments: &["schema", "pledge-terms"] },
    Generated { path: "docs/format/schemas/notice.schema.json", arguments: &["schema", "notice"] },
    Generated { path: "docs/format/schemas/command.schema.json", arguments: &["schema", "command"] },
    Generated { path: "docs/format/schemas/entry.schema.json", arguments: &["schema", "entry"] },
    Generated { path: "docs/format/schemas/checkpoint-line.schema.json", arguments: &["schema", "checkpoint-line"] },
    Generated { path: "docs/format/schemas/outcome.schema.json", arguments: &["schema", "outcome"] },
    Generated { path: "docs/format/schemas/report.schema.json", arguments: &["schema", "report"] },
    Generated { path: "docs/reference/rulebook.md", arguments: &["reference"] },
    Generated { path: "docs/reference/scorecard.md", arguments: &["reference", "scorecard"] },
    Generated { path: "docs/reference/pledge-terms.md", arguments: &["reference", "pledge-terms"] },
    Generated { path: "docs/generated/cli.md", arguments: &["reference", "command-line"] },
];

/// Writes every generated file.
pub(crate) fn write(root: &Path) -> Result<Verdict> {
    for file in FILES {
        let text = print(root, file)?;
        let path = root.join(file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder of {}", file.path))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", file.path))?;
        println!("gen: wrote {}", file.path);
    }
    println!("gen: {} files", FILES.len());
    Ok(Verdict::Good)
}

/// Compares every generated file with what would be written.
pub(crate) fn check(root: &Path) -> Result<Verdict> {
    let mut verdict = Verdict::Good;
    for file in FILES {
        let fresh = print(root, file)?;
        let there = std::fs::read(root.join(file.path)).unwrap_or_default();
        if let Some(line) = first_difference(&there, &fresh) {
            println!(
                "{}:{line}: gen: differs from `landgavel {}`; run `cargo xtask gen`",
                file.path,
                file.arguments.join(" ")
            );
            verdict = Verdict::Found;
        }
    }
    println!("gen: {} files compared", FILES.len());
    Ok(verdict)
}

fn print(root: &Path, file: &Generated) -> Result<Vec<u8>> {
    let output = cargo(root)
        .args(["run", "--quiet", "--package", "landgavel", "--"])
        .args(file.arguments)
        .output()
        .context("cannot run landgavel")?;
    if !output.status.success() {
        bail!("`landgavel {}` failed: {}", file.arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// The first line, from 1, on which two texts differ; a text that ends early differs on its next line.
fn first_difference(old: &[u8], new: &[u8]) -> Option<usize> {
    if old == new {
        return None;
    }
    let pairs = old.split(|byte| *byte == b'\n').zip(new.split(|byte| *byte == b'\n'));
    Some(pairs.take_while(|(old, new)| old == new).count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_line() {
        assert_eq!(first_difference(b"a\nb\n", b"a\nb\n"), None);
        assert_eq!(first_difference(b"a\nb\n", b"a\nc\n"), Some(2));
        assert_eq!(first_difference(b"", b"a\n"), Some(1));
        assert_eq!(first_difference(b"a\n", b"a\nb\n"), Some(2));
    }

    #[test]
    fn each_file_is_listed_once() {
        let mut paths: Vec<&str> = FILES.iter().map(|file| file.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), FILES.len());
    }
}
