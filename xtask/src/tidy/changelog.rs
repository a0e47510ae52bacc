//! Form of CHANGELOG.md: Keep a Changelog, told to the reader who must act.

use crate::markdown::{heading, prose};
use crate::tidy::Finding;
use crate::tree::Tree;

const DOCUMENT: &str = "CHANGELOG.md";
const RULE: &str = "changelog";

/// The heads under which changes are told.
const KINDS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// Begins the first line under each version.
const WHO: &str = "Who must act:";

/// Checks the change log.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    match tree.text(DOCUMENT) {
        Some(text) => check_text(text),
        None => vec![Finding::new(DOCUMENT, 1, RULE, "the change log is missing")],
    }
}

fn check_text(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut complain = |line: usize, message: String| findings.push(Finding::new(DOCUMENT, line, RULE, message));
    let mut versions: Vec<[u64; 3]> = Vec::new();
    let mut sections = 0;
    let mut awaiting_who = None;
    let mut in_kind = false;
    if text.lines().next() != Some("# Changelog") {
        complain(1, "the first line is `# Changelog`".to_owned());
    }
    for line in prose(text).iter().skip(1).filter(|line| !line.text.trim().is_empty()) {
        if let Some(section) = awaiting_who.take()
            && !line.text.starts_with(WHO)
        {
            complain(line.number, format!("{section} begins with `{WHO} …`"));
        }
        match heading(line.text) {
            Some((2, words)) => {
                match read_version(words) {
                    Some(Version::Unreleased) if sections == 0 => {}
                    Some(Version::Unreleased) => complain(line.number, "`[Unreleased]` stands first".to_owned()),
                    Some(Version::Released(number)) => {
                        if versions.last().is_some_and(|last| *last <= number) {
                            complain(line.number, "versions go from new to old".to_owned());
                        }
                        versions.push(number);
                    }
                    None => complain(line.number, "a version is `[Unreleased]` or `[1.2.3] - 2026-01-31`".to_owned()),
                }
                sections += 1;
                awaiting_who = Some(words.to_owned());
                in_kind = false;
            }
            Some((3, words)) => {
                in_kind = true;
                if !KINDS.contains(&words) {
                    complain(line.number, format!("`{words}` is none of {}", KINDS.join(", ")));
                }
            }
            Some(_) => complain(line.number, "heads are `## [version]` and `### Kind`".to_owned()),
            None if in_kind && !line.text.starts_with("- ") && !line.text.starts_with("  ") => {
                complain(line.number, "changes are list items, continued with two spaces".to_owned());
            }
            None => {}
        }
    }
    if sections == 0 {
        complain(1, "there is no `## [Unreleased]`".to_owned());
    }
    findings
}

enum Version {
    Unreleased,
    Released([u64; 3]),
}

fn read_version(words: &str) -> Option<Version> {
    if words == "[Unreleased]" {
        return Some(Version::Unreleased);
    }
    let (version, date) = words.strip_prefix('[')?.split_once("] - ")?;
    let mut numbers = [0; 3];
    let mut parts = version.split('.');
    for number in &mut numbers {
        *number = parts.next()?.parse().ok()?;
    }
    let form: Vec<usize> =
        date.split('-').filter(|part| part.chars().all(|c| c.is_ascii_digit())).map(str::len).collect();
    (parts.next().is_none() && form == [4, 2, 2]).then_some(Version::Released(numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Changelog\n\nWords.\n\n## [Unreleased]\n\nWho must act: nobody.\n\n### Added\n\n- ★ A thing\n  and more.\n\n\
        ## [0.2.0] - 2026-11-24\n\nWho must act: operators.\n\n### Fixed\n\n- B.\n\n## [0.1.9] - 2026-01-01\n\nWho must act: nobody.\n";

    #[test]
    fn the_form_is_accepted() {
        assert_eq!(check_text(GOOD), []);
    }

    #[test]
    fn each_departure_is_found() {
        for (from, to) in [
            ("# Changelog", "# Changes"),
            ("### Added", "### News"),
            ("### Added", "#### Added"),
            ("- B.", "B."),
            ("Who must act: operators.", "Operators."),
            ("[0.1.9]", "[0.3.0]"),
            ("[0.1.9]", "0.1.9"),
            ("2026-01-01", "January"),
            ("[0.2.0] - 2026-11-24", "[Unreleased]"),
        ] {
            let found = check_text(&GOOD.replacen(from, to, 1));
            assert_eq!(found.len(), 1, "{from} → {to}: {found:?}");
        }
        assert_eq!(check_text("# Changelog\n").len(), 1);
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
