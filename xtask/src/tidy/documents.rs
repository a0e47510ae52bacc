//! Documents name only what exists: paths in backticks, targets of links, names of crates.

use crate::markdown::{code_spans, link_targets, prose};
use crate::tidy::Finding;
use crate::tree::Tree;

const RULE: &str = "document";

const DOCUMENTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "README.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "python/README.md",
];

/// What documents may name without its being in the project: the output of an example, or a file that
/// the reader is to write. A name that ends in `/` stands for all under it.
const EXAMPLES: [&str; 8] =
    ["out/", "bundle/", "sale/", "target/", "rulebook.toml", "lot.toml", "terms.toml", "commands.toml"];

/// Words with a slash that are no paths.
const NOT_PATHS: [&str; 7] = [
    "application/json",
    "text/plain",
    "owner/name",
    "yes/no",
    "landgavel/commitment/v1",
    "landgavel/seal/v1",
    "text/x.tlog.size",
];

/// Checks every document that ships.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| is_document(path)) {
        for line in prose(text) {
            let mut complain = |message: String| findings.push(Finding::new(path, line.number, RULE, message));
            for span in code_spans(line.text) {
                if let Some(named) = named_path(span)
                    && !found(tree, path, named)
                {
                    complain(format!("`{span}` does not exist"));
                }
                if is_crate_name(span) && !is_crate(tree, span) {
                    complain(format!("there is no crate `{span}`"));
                }
            }
            for target in link_targets(line.text) {
                let file = target.split('#').next().unwrap_or("");
                if !file.is_empty() && !file.contains(':') && !found(tree, path, file) {
                    complain(format!("the link to {target} leads nowhere"));
                }
            }
        }
    }
    findings
}

fn is_document(path: &str) -> bool {
    let readme_of_crate = path.starts_with("crates/") && path.ends_with("/README.md");
    let in_docs = path.starts_with("docs/") && path.ends_with(".md");
    DOCUMENTS.contains(&path) || readme_of_crate || in_docs
}

/// The path that a code span names, if it names one.
fn named_path(span: &str) -> Option<&str> {
    let path = span.split('#').next().unwrap_or("");
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    let looks_like_one = path.contains('/') || [".md", ".rs", ".toml"].iter().any(|ending| path.ends_with(ending));
    let excepted = NOT_PATHS.contains(&path)
        || EXAMPLES.iter().any(|example| path == *example || example.ends_with('/') && path.starts_with(example));
    // Globs, placeholders, addresses and commands hold other characters; a leading `/` is a web path.
    let is_path = looks_like_one && !excepted && path.chars().all(plain);
    (is_path && !path.starts_with(['/', '-']) && !path.starts_with(".md") && !path.starts_with(".rs"))
        .then_some(path)
        .filter(|path| *path != ".toml")
}

fn is_crate_name(span: &str) -> bool {
    span.strip_prefix("landgavel-").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase()))
}

/// A crate of the workspace, or one beside it in a folder of its own.
fn is_crate(tree: &Tree, name: &str) -> bool {
    let alone = name.strip_prefix("landgavel-").unwrap_or(name);
    tree.exists(&format!("crates/{name}/Cargo.toml")) || tree.exists(&format!("{alone}/Cargo.toml"))
}

/// From the root, from the document's folder, or, for a name without a slash, anywhere.
fn found(tree: &Tree, document: &str, path: &str) -> bool {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    tree.exists(path.trim_start_matches("./"))
        || tree.exists(&joined(folder, path))
        || !path.contains('/') && tree.has_file_named(path)
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (path, text),
            ("docs/adr/0001-a.md", ""),
            ("crates/landgavel-base/Cargo.toml", ""),
            ("crates/landgavel-base/src/money.rs", ""),
            ("test", ""),
        ]);
        check(&tree).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn what_exists_may_be_named() {
        let text = "`docs/adr/`, `docs/adr/0001-a.md#context`, `money.rs`, `./test`, `docs/*/x.md`, `rulebooks/<name>.toml`,\n\
            `cargo xtask tidy`, `crate::x`, `https://a.b/c`, `out/sale/x.json`, `lot.toml`, `/healthz`, `--json`, `1/2000 m`,\n\
            [a](docs/adr/0001-a.md) [b](https://x.y) [c](#here) `landgavel-base` `landgavel`\n```\n`gone/x.md`\n```\n";
        assert_eq!(messages("README.md", text), Vec::<String>::new());
        assert_eq!(messages("docs/x.md", "`adr/0001-a.md` [r](../docs/adr/0001-a.md)"), Vec::<String>::new());
        assert_eq!(messages("crates/landgavel-base/README.md", "`src/money.rs`"), Vec::<String>::new());
    }

    #[test]
    fn what_is_gone_may_not() {
        let text =
            "`docs/gone.md` and `gone.rs`, `crates/landgavel-base/src/`, `src/money.rs`\n[a](gone.md) `landgavel-gone`";
        let expected = ["`docs/gone.md` does not exist", "`gone.rs` does not exist", "`src/money.rs` does not exist"];
        let found = messages("README.md", text);
        assert_eq!(found[..3], expected);
        assert_eq!(found[3..], ["there is no crate `landgavel-gone`", "the link to gone.md leads nowhere"]);
    }

    #[test]
    fn other_files_are_no_documents() {
        assert_eq!(messages("casebook/x.md", "`gone/x.md`"), Vec::<String>::new());
    }
}
