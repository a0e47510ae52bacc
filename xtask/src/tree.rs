//! The files of the project, read once, so that every check is a pure function of text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// Folders that are never part of the project; needed only where git cannot be asked.
const NOT_OURS: [&str; 3] = [".git", "target", "out"];

/// Every file of the project: texts with their content, the rest by name.
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    others: BTreeSet<String>,
}

impl Tree {
    /// Reads the files that git tracks or would track; without git (a source archive), all files but
    /// build output.
    pub(crate) fn read(root: &Path) -> Result<Tree> {
        let names = match names_from_git(root) {
            Some(names) => names,
            None => {
                let mut names = Vec::new();
                walk(root, "", &mut names)?;
                names
            }
        };
        let mut tree = Tree { texts: BTreeMap::new(), others: BTreeSet::new() };
        for name in names {
            let path = root.join(&name);
            // A tracked file may be deleted and not yet committed so; a link to a folder is no file.
            if !path.is_file() {
                continue;
            }
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {name}"))?;
            match String::from_utf8(bytes) {
                Ok(text) => drop(tree.texts.insert(name, text)),
                Err(_) => drop(tree.others.insert(name)),
            }
        }
        Ok(tree)
    }

    /// A tree out of literals, for the tests of the checks.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Tree { texts, others: BTreeSet::new() }
    }

    /// The content of one text file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All text files in the order of their paths.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Text files under a folder (with its slash) whose names end so.
    pub(crate) fn under<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.starts_with(folder) && path.ends_with(ending))
    }

    /// Rust sources of the product and of this program, tests of crates included.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.under("crates/", ".rs").chain(self.under("python/", ".rs")).chain(self.under("xtask/", ".rs"))
    }

    /// Whether a path names a file, or a folder that holds one.
    pub(crate) fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.names().any(|name| name == path || name.starts_with(&inside))
    }

    /// Whether some file has this last name.
    pub(crate) fn has_file_named(&self, name: &str) -> bool {
        self.names().any(|path| path.rsplit('/').next() == Some(name))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().chain(self.others.iter()).map(String::as_str)
    }
}

fn names_from_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let listing = String::from_utf8(output.stdout).ok()?;
    Some(listing.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn walk(root: &Path, folder: &str, names: &mut Vec<String>) -> Result<()> {
    let listing = std::fs::read_dir(root.join(folder)).with_context(|| format!("cannot list {folder}"))?;
    for entry in listing {
        let entry = entry?;
        let last = entry.file_name().to_string_lossy().into_owned();
        let name = if folder.is_empty() { last.clone() } else { format!("{folder}/{last}") };
        if entry.file_type()?.is_dir() {
            if !NOT_OURS.contains(&last.as_str()) {
                walk(root, &name, names)?;
            }
        } else {
            names.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_through_their_files() {
        let tree = Tree::of(&[("docs/adr/0001-a.md", "")]);
        assert!(tree.exists("docs/adr/0001-a.md"));
        assert!(tree.exists("docs/adr/"));
        assert!(tree.exists("docs"));
        assert!(!tree.exists("docs/ad"));
        assert!(tree.has_file_named("0001-a.md"));
        assert!(!tree.has_file_named("a.md"));
    }

    #[test]
    fn the_walk_and_git_see_the_same_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut walked = Vec::new();
        walk(root, "", &mut walked).unwrap();
        assert!(walked.iter().any(|name| name == "src/tree.rs"), "{walked:?}");
    }
}
