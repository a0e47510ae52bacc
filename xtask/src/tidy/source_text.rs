//! What Rust sources may not hold: too many lines, silenced lints, tests that do not run, leftovers.

use crate::rust_text::{Layers, layers, line_of, word_offsets};
use crate::tidy::Finding;
use crate::tree::Tree;

/// A file that is longer tells more than one thing.
const MAX_LINES: usize = 800;

/// What code may not hold, and what to do instead.
const BANNED_IN_CODE: [(&str, &str, &str); 5] = [
    ("#[allow(", "attribute", "use `#[expect(lint, reason = …)]`"),
    ("#![allow(", "attribute", "use `#![expect(lint, reason = …)]`"),
    ("#[ignore", "attribute", "a test runs always, or a nextest profile chooses it"),
    ("todo!", "leftover", "finish it, or leave it out"),
    ("unimplemented!", "leftover", "finish it, or leave it out"),
];

/// Notes to oneself. Built so that this file does not hold them.
const LEFTOVERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Checks all Rust sources.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if path.contains("/src/") && lines > MAX_LINES {
        let message = format!("{lines} lines; a file tells one thing and has at most {MAX_LINES}");
        findings.push(Finding::new(path, MAX_LINES + 1, "length", message));
    }
    let Layers { code, comments, .. } = layers(text);
    for (banned, rule, instead) in BANNED_IN_CODE {
        for (at, _) in code.match_indices(banned) {
            findings.push(Finding::new(path, line_of(&code, at), rule, format!("`{banned}`: {instead}")));
        }
    }
    for leftover in LEFTOVERS {
        for layer in [&code, &comments] {
            for at in word_offsets(layer, leftover) {
                let message = format!("{leftover}: do it, or say in the document on scope that it is not done");
                findings.push(Finding::new(path, line_of(layer, at), "leftover", message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn words_in_strings_are_no_fault() {
        let text =
            format!("#[expect(x, reason = \"#[allow(\")]\nfn f() {{ \"todo!() {}\" }} // #[ignore]\n", LEFTOVERS[0]);
        assert_eq!(rules("crates/a/src/b.rs", &text), Vec::<&str>::new());
    }

    #[test]
    fn silenced_lints_sleeping_tests_and_leftovers_are_found() {
        assert_eq!(rules("crates/a/src/b.rs", "#[allow(dead_code)]\nfn f() {}"), ["attribute"]);
        assert_eq!(rules("crates/a/tests/it/b.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}"), ["attribute"]);
        assert_eq!(rules("xtask/src/b.rs", "fn f() { todo!() }"), ["leftover"]);
        for word in LEFTOVERS {
            assert_eq!(rules("crates/a/src/b.rs", &format!("// {word}: later\n")), ["leftover"]);
        }
    }

    #[test]
    fn long_files_are_found_in_src_only() {
        let long = "\n".repeat(MAX_LINES + 1);
        assert_eq!(rules("crates/a/src/b.rs", &long), ["length"]);
        assert_eq!(rules("crates/a/src/b.rs", &long[1..]), Vec::<&str>::new());
        assert_eq!(rules("crates/a/tests/it/b.rs", &long), Vec::<&str>::new());
    }
}
