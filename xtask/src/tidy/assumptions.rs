//! Clauses of rulebooks and lots that rest on no published text.

use crate::tidy::Finding;
use crate::tree::Tree;

/// What a clause writes when nobody published its number.
const ASSUMPTION: &str = "\"assumption\"";

const FOLDERS: [&str; 7] = ["rulebooks/", "lots/", "scorecards/", "pledges/", "policies/", "studies/", "data/"];

/// Lists the clauses: where they are, and the table and key they belong to.
pub(super) fn list(tree: &Tree) -> Vec<Finding> {
    let files = FOLDERS.iter().flat_map(|folder| tree.under(folder, ".toml"));
    files.flat_map(|(path, text)| list_file(path, text)).collect()
}

fn list_file(path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut table = String::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') && !line.contains('=') {
            table = line.trim_matches(['[', ']']).trim().to_owned();
            continue;
        }
        if is_assumed(line) {
            let key = line.split('=').next().unwrap_or("").trim();
            let clause = match (table.as_str(), key) {
                ("", key) => key.to_owned(),
                (table, "source") => table.to_owned(),
                (table, key) => format!("{table}.{key}"),
            };
            found.push(Finding::new(path, index + 1, "assumption", clause));
        }
    }
    found
}

/// Whether a line sets a key `source`, or one that ends in `_source`, to an assumption.
fn is_assumed(line: &str) -> bool {
    line.match_indices(ASSUMPTION).any(|(at, _)| {
        let key = line[..at].trim_end().strip_suffix('=').map(str::trim_end);
        key.is_some_and(|key| key.ends_with("source"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assumptions_are_listed_with_their_clause() {
        let text = "# source = \"assumption\"\nsource = \"assumption\"\n[[stage]]\nname = \"assumption\"\n\
            step = { value = 5, source=\"assumption\" }\n[stage.cap]\nsource = \"assumption\"\nsource = { law = \"x\" }\n";
        let tree = Tree::of(&[("rulebooks/a/b.toml", text), ("casebook/c.toml", text)]);
        let clauses: Vec<String> = list(&tree).into_iter().map(|clause| clause.message).collect();
        assert_eq!(clauses, ["source", "stage.step", "stage.cap"]);
    }
}
