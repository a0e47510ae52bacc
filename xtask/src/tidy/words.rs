//! Words that may stand in no file of the project: places on somebody's machine, numbers of tickets.

use crate::rust_text::{is_word, line_of};
use crate::tidy::Finding;
use crate::tree::Tree;

const RULE: &str = "banned-word";

/// Folders of a machine. Built so that this file does not hold them.
const PLACES: [&str; 5] =
    [concat!("/wo", "rk/"), concat!("/t", "mp/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Use", "rs/")];

/// Hosts that only some network knows, and ticket numbers, which mean nothing to who has the source only.
const PHRASES: [&str; 8] = [
    concat!("iss", "ue #"),
    concat!("iss", "ues/"),
    concat!("http://1", "0."),
    concat!("https://1", "0."),
    concat!("http://192.", "168."),
    concat!("index.crates.io", "-"),
    concat!("arti", "factory"),
    concat!("replace", "-with"),
];

/// Checks every text file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let mut complain = |at: usize, word: &str| {
            findings.push(Finding::new(path, line_of(text, at), RULE, format!("`{word}` has no place in the project")));
        };
        for place in PLACES {
            for (at, _) in text.match_indices(place) {
                // In an address or a longer path the same letters mean something else.
                let part_of_more = text[..at].chars().next_back().is_some_and(|c| is_word(c) || ".-~}*>".contains(c));
                if !part_of_more {
                    complain(at, place);
                }
            }
        }
        let small = text.to_ascii_lowercase();
        for phrase in PHRASES {
            for (at, _) in small.match_indices(phrase) {
                complain(at, phrase);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::of(&[("docs/x.md", text)])).len()
    }

    #[test]
    fn places_and_phrases_are_found() {
        for word in PLACES.into_iter().chain(PHRASES) {
            assert_eq!(count(&format!("a\nsee {word}x\n")), 1, "{word}");
        }
        assert_eq!(count(&format!("Fixes {}12", concat!("Iss", "ue #"))), 1);
    }

    #[test]
    fn the_same_letters_inside_a_longer_path_are_fine() {
        for place in PLACES {
            assert_eq!(count(&format!("https://a.example{place}x and docs{place}y and ..{place}z")), 0, "{place}");
        }
    }

    #[test]
    fn the_checker_does_not_hold_what_it_bans() {
        let source = include_str!("words.rs");
        assert_eq!(check(&Tree::of(&[("xtask/src/tidy/words.rs", source)])), []);
    }
}
