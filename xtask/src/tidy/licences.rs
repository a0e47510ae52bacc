//! What the product is built of: how many crates, and under which licences.
//!
//! The same is asked of cargo-deny where it is installed; this check needs no tool.

use crate::tidy::Finding;
use crate::tidy::packages::Licensed;
use crate::tree::Tree;

/// Each crate in the lock file is one more thing to audit and to compile on two cores. At the start
/// of the project 109 were locked; the room above is for the stages to come. Raise it in a commit of
/// its own, with the reason and what the build now takes.
/// Signatures, pairings and archives come with many small crates; so does a server that speaks HTTP and TLS,
/// whose 54 built in 35 s on two busy cores, and so do two databases (50 crates, 48 s).
const MAX_LOCKED: usize = 400;

/// Licences whose code may be part of the product: permissive ones, and two licences of data, the tables of
/// Unicode and the list of certificate authorities.
const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Also allowed: dedications to the public domain.
const PUBLIC_DOMAIN: [&str; 2] = ["CC0-1.0", "Unlicense"];

/// The same of the package for Python, which locks apart.
const MAX_LOCKED_PYTHON: usize = 210;

/// Counts the lock files.
pub(super) fn check_lockfile(tree: &Tree) -> Vec<Finding> {
    let locks = [("Cargo.lock", MAX_LOCKED), ("python/Cargo.lock", MAX_LOCKED_PYTHON)];
    let check = |(path, most): (&'static str, usize)| {
        let count = tree.text(path).unwrap_or("").lines().filter(|line| *line == "[[package]]").count();
        let message = format!("{count} crates are locked, more than {most}: find one to do without");
        (count > most).then(|| Finding::new(path, 1, "lockfile", message))
    };
    locks.into_iter().filter_map(check).collect()
}

/// Checks the licence of every crate in the build.
pub(super) fn check(licensed: &[Licensed]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Licensed { name, licence } in licensed {
        let complaint = match licence.as_deref().map(is_allowed) {
            Some(Some(true)) => continue,
            Some(Some(false)) => "is not on the list of allowed licences",
            Some(None) => "is an expression that cannot be read",
            None => "no licence is stated",
        };
        let message = format!("{name}: {} {complaint}", licence.as_deref().unwrap_or("–"));
        findings.push(Finding::new("Cargo.lock", 1, "licence", message));
    }
    findings
}

/// Whether an SPDX expression can be met with allowed licences; `None` if it cannot be read.
fn is_allowed(expression: &str) -> Option<bool> {
    // Old crates write `MIT/Apache-2.0` for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let (verdict, rest) = any_of(&tokens)?;
    rest.is_empty().then_some(verdict)
}

fn any_of<'a>(tokens: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut verdict, mut rest) = all_of(tokens)?;
    while let ["OR", more @ ..] = rest {
        let (next, after) = all_of(more)?;
        verdict |= next;
        rest = after;
    }
    Some((verdict, rest))
}

fn all_of<'a>(tokens: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut verdict, mut rest) = one(tokens)?;
    while let ["AND", more @ ..] = rest {
        let (next, after) = one(more)?;
        verdict &= next;
        rest = after;
    }
    Some((verdict, rest))
}

fn one<'a>(tokens: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    match tokens {
        ["(", inside @ ..] => {
            let (verdict, rest) = any_of(inside)?;
            Some((verdict, rest.strip_prefix(&[")"])?))
        }
        [")" | "OR" | "AND" | "WITH", ..] | [] => None,
        [name, "WITH", exception, rest @ ..] => Some((is_listed(&format!("{name} WITH {exception}")), rest)),
        [name, rest @ ..] => Some((is_listed(name), rest)),
    }
}

fn is_listed(name: &str) -> bool {
    ALLOWED.contains(&name) || PUBLIC_DOMAIN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_choices_and_sums() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR X",
            "Unlicense OR MIT",
        ] {
            assert_eq!(is_allowed(good), Some(true), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND (X OR Y)", "GPL-2.0 WITH LLVM-exception"] {
            assert_eq!(is_allowed(bad), Some(false), "{bad}");
        }
        for broken in ["", "MIT OR", "(MIT", "MIT ISC", "AND MIT"] {
            assert_eq!(is_allowed(broken), None, "{broken}");
        }
    }

    #[test]
    fn each_crate_needs_a_licence_that_is_listed() {
        let crate_with = |licence: Option<&str>| Licensed { name: "a".to_owned(), licence: licence.map(str::to_owned) };
        assert_eq!(check(&[crate_with(Some("MIT"))]), []);
        for licence in [None, Some("AGPL-3.0"), Some("MIT OR")] {
            assert_eq!(check(&[crate_with(licence)]).len(), 1);
        }
    }

    #[test]
    fn the_lock_file_has_a_limit() {
        let at_limit = "[[package]]\nname = \"x\"\n".repeat(MAX_LOCKED);
        assert_eq!(check_lockfile(&Tree::of(&[("Cargo.lock", &at_limit)])), []);
        let above = format!("{at_limit}[[package]]\n");
        assert_eq!(check_lockfile(&Tree::of(&[("Cargo.lock", &above)])).len(), 1);
    }
}
