//! Order of modules inside a crate: each imports only from those named before it in `lib.rs`.

use std::collections::BTreeMap;

use crate::markdown::code_spans;
use crate::rust_text::{is_word, layers, line_of, without_tests, word_offsets};
use crate::tidy::Finding;
use crate::tree::Tree;

const RULE: &str = "module-order";

/// The words in a crate's head that announce the list; it ends with the sentence.
const ANNOUNCEMENT: &str = "each importing only from those before it:";

/// Checks every crate whose head announces an order.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (lib, text) in tree.under("crates/", "/src/lib.rs") {
        if let Some(order) = announced(text) {
            findings.extend(check_list(lib, text, &order));
            let folder = lib.trim_end_matches("lib.rs");
            let exports = reexports(text);
            for (path, source) in tree.under(folder, ".rs") {
                findings.extend(check_file(path, &path[folder.len()..], source, &order, &exports));
            }
        }
    }
    findings
}

fn announced(lib: &str) -> Option<Vec<String>> {
    let head: Vec<&str> = lib.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let head = head.join(" ");
    let list = &head[head.find(ANNOUNCEMENT)? + ANNOUNCEMENT.len()..];
    let sentence = list.split(". ").next().unwrap_or(list).trim_end_matches('.');
    Some(code_spans(sentence).into_iter().map(str::to_owned).collect())
}

/// The list and the `mod` lines name the same modules.
fn check_list(lib: &str, text: &str, order: &[String]) -> Vec<Finding> {
    let code = layers(text).code;
    let mut declared = Vec::new();
    let mut findings = Vec::new();
    for at in word_offsets(&code, "mod") {
        let name: String = code[at + 3..].trim_start().chars().take_while(|c| is_word(*c)).collect();
        if !order.contains(&name) {
            let message = format!("`{name}` is not in the list of modules in the head of the crate");
            findings.push(Finding::new(lib, line_of(&code, at), RULE, message));
        }
        declared.push(name);
    }
    for name in order {
        if !declared.contains(name) {
            findings.push(Finding::new(lib, 1, RULE, format!("the list names `{name}`, which is no module")));
        }
    }
    findings
}

/// Which module a name at the crate's root comes from, as its `use` lines say.
fn reexports(lib: &str) -> BTreeMap<String, String> {
    let code = layers(lib).code;
    let mut exports = BTreeMap::new();
    for at in word_offsets(&code, "use") {
        let line = code[at + 3..].split(';').next().unwrap_or("").trim();
        let Some((module, names)) = line.split_once("::") else { continue };
        let module = if module == "self" || module == "crate" { continue } else { module };
        for name in names.split(|c: char| !is_word(c)).filter(|name| !name.is_empty()) {
            exports.insert(name.to_owned(), module.to_owned());
        }
    }
    exports
}

fn check_file(
    path: &str,
    inside: &str,
    source: &str,
    order: &[String],
    exports: &BTreeMap<String, String>,
) -> Vec<Finding> {
    let own = inside.split(['/', '.']).next().unwrap_or("");
    let Some(rank) = order.iter().position(|name| name == own) else { return Vec::new() };
    let code = layers(source).code;
    let code = without_tests(&code);
    // In `a.rs` and `a/mod.rs`, `super` is the crate's root too; deeper down it is not.
    let at_top = !inside.contains('/') || inside.ends_with("/mod.rs") && inside.matches('/').count() == 1;
    let roots: &[&str] = if at_top { &["crate", "super"] } else { &["crate"] };
    let mut findings = Vec::new();
    for root in roots {
        for at in word_offsets(code, root) {
            let Some(after) = code[at + root.len()..].strip_prefix("::") else { continue };
            for name in first_names(after) {
                let module = exports.get(&name).unwrap_or(&name);
                let Some(other) = order.iter().position(|listed| listed == module) else { continue };
                if other > rank {
                    let message = format!("`{own}` imports from `{module}`, which comes after it in the list");
                    findings.push(Finding::new(path, line_of(code, at), RULE, message));
                }
            }
        }
    }
    findings
}

/// The first name of a path, or of each path of a braced group.
fn first_names(after: &str) -> Vec<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let Some(group) = after.strip_prefix('{') else { return vec![word(after)] };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "//! Low. Modules, each importing only from those before it: `id`,\n//! `money`, `area`. Then more `words`.\n\
        mod id;\nmod money;\npub mod area;\npub use money::{Money, Currency};\npub use area::Area;\n";

    fn findings(path: &str, source: &str) -> Vec<Finding> {
        check(&Tree::of(&[("crates/low/src/lib.rs", LIB), (path, source)]))
    }

    #[test]
    fn imports_from_earlier_modules_and_from_oneself_are_fine() {
        let source = "use crate::id::Id;\nuse crate::{money::X, id::Y};\nuse super::id;\nuse crate::Money;\n\
            // crate::area in words\n#[cfg(test)]\nmod tests { use crate::area::Area; }\n";
        assert_eq!(findings("crates/low/src/money.rs", source), []);
        assert_eq!(findings("crates/low/src/area/child.rs", "use super::area;\nuse crate::area::child;\n"), []);
    }

    #[test]
    fn imports_from_later_modules_are_found() {
        for source in [
            "use crate::area::Area;",
            "use crate::Area;",
            "use super::area::Area;",
            "use crate::{id::{A, B}, area::C};",
            "fn f() { crate::area::g() }",
        ] {
            let found = findings("crates/low/src/money.rs", source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert!(found[0].message.starts_with("`money` imports from `area`"));
        }
        assert_eq!(findings("crates/low/src/id/deep.rs", "use crate::Currency;").len(), 1);
    }

    #[test]
    fn the_list_is_the_modules() {
        let lib = LIB.replace("mod id;", "mod text;");
        let found = check(&Tree::of(&[("crates/low/src/lib.rs", &lib)]));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn no_announcement_no_order() {
        let tree = Tree::of(&[("crates/a/src/lib.rs", "//! A.\nmod b;\n"), ("crates/a/src/b.rs", "use crate::c;")]);
        assert_eq!(check(&tree), []);
    }
}
