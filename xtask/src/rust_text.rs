//! Rust source seen in layers: code, comments, string literals. No parser: a lexer is enough here.
//!
//! The layers keep every byte where it was (what belongs to another layer is blank), so an offset or
//! a line number found in one is right in all. This is what lets a check forbid a word in code
//! without tripping over the string that names the word.

use std::collections::BTreeSet;

/// One source text, taken apart.
pub(crate) struct Layers {
    /// Code with comments and the insides of literals blanked.
    pub(crate) code: String,
    /// Comments with all else blanked.
    pub(crate) comments: String,
    /// String literals: offset of the first character inside, and the raw text between the quotes.
    pub(crate) literals: Vec<(usize, String)>,
}

/// Names that a set of sources defines.
#[derive(Default)]
pub(crate) struct Definitions {
    names: BTreeSet<String>,
    variants: BTreeSet<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Code,
    Comment,
    Literal,
}

/// Takes a source apart.
pub(crate) fn layers(source: &str) -> Layers {
    let mut out = Layers { code: String::new(), comments: String::new(), literals: Vec::new() };
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let (layer, length, inside) = next_piece(source, at, rest);
        let piece = &rest[..length];
        if let Some((skip_front, skip_back)) = inside {
            let body = &piece[skip_front..piece.len().saturating_sub(skip_back).max(skip_front)];
            out.literals.push((at + skip_front, body.to_owned()));
        }
        push(&mut out.code, piece, layer == Layer::Code);
        push(&mut out.comments, piece, layer == Layer::Comment);
        at += length;
    }
    out
}

/// The layer and length of the piece at `at`; for a string, how many bytes its delimiters take.
fn next_piece(source: &str, at: usize, rest: &str) -> (Layer, usize, Option<(usize, usize)>) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") {
        return (Layer::Comment, rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (Layer::Comment, block_comment_length(rest), None);
    }
    if rest.starts_with('"') {
        let length = quoted_length(rest);
        return (Layer::Literal, length, Some((1, 1)));
    }
    let after_word = source[..at].chars().next_back().is_some_and(is_word);
    if !after_word && let Some((opening, closing, length)) = raw_string(rest) {
        return (Layer::Literal, length, Some((opening, closing)));
    }
    if rest.starts_with('\'')
        && let Some(length) = char_literal_length(rest)
    {
        return (Layer::Literal, length, None);
    }
    (Layer::Code, first, None)
}

fn push(layer: &mut String, piece: &str, keep: bool) {
    if keep {
        layer.push_str(piece);
        return;
    }
    for c in piece.chars() {
        if c == '\n' {
            layer.push('\n');
        } else {
            layer.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
}

fn block_comment_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// Opening length, closing length and whole length of a raw string that starts here.
fn raw_string(rest: &str) -> Option<(usize, usize, usize)> {
    let prefix = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|after| after.trim_start_matches('#').starts_with('"')))?;
    let hashes = rest[prefix.len()..].chars().take_while(|c| *c == '#').count();
    let opening = prefix.len() + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = rest[opening..].find(&closing).map_or(rest.len(), |at| opening + at + closing.len());
    Some((opening, closing.len(), end))
}

/// Length of a character literal; a lifetime is none.
fn char_literal_length(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next()?;
        return chars.find(|(_, c)| *c == '\'').map(|(at, _)| at + 1);
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(at + 1)
}

/// Whether a character can be part of a name.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The line, from 1, on which a byte offset lies.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Offsets at which a word stands by itself.
pub(crate) fn word_offsets(text: &str, word: &str) -> Vec<usize> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| {
            let before = text[..*at].chars().next_back().is_some_and(is_word);
            let after = text[at + word.len()..].chars().next().is_some_and(is_word);
            !before && !after
        })
        .collect()
}

/// The part of a code layer before its test module, which by habit is the last thing in a file.
pub(crate) fn without_tests(code: &str) -> &str {
    code.find("#[cfg(test)]").map_or(code, |at| &code[..at])
}

impl Definitions {
    /// Adds what one code layer defines.
    pub(crate) fn add(&mut self, code: &str) {
        const KEYWORDS: [&str; 8] = ["struct", "enum", "type", "fn", "const", "trait", "static", "mod"];
        let tokens = tokens(code);
        for (index, pair) in tokens.windows(2).enumerate() {
            if KEYWORDS.contains(&pair[0]) && pair[1].chars().all(is_word) {
                self.names.insert(pair[1].to_owned());
                if pair[0] == "enum" {
                    self.add_variants(pair[1], &tokens[index + 2..]);
                }
            }
        }
    }

    /// Variants are the names that follow `{` or `,` at the outer level of an enum's braces.
    fn add_variants(&mut self, owner: &str, tokens: &[&str]) {
        let mut depth = 0_usize;
        let mut expecting = false;
        for token in tokens {
            match *token {
                "{" | "(" | "[" => {
                    depth += 1;
                    expecting = depth == 1;
                }
                "}" | ")" | "]" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                "," => expecting = depth == 1,
                "#" => {}
                name if depth == 1 && expecting && name.chars().all(is_word) => {
                    self.variants.insert((owner.to_owned(), name.to_owned()));
                    expecting = false;
                }
                _ => {}
            }
            // An attribute's brackets close back to depth 1 with the variant still to come.
            if *token == "]" && depth == 1 {
                expecting = true;
            }
        }
    }

    /// Whether `Name`, `Name::Variant` or `Name::function` is defined.
    pub(crate) fn knows(&self, name: &str) -> bool {
        match name.split_once("::") {
            None => self.names.contains(name) || self.variants.iter().any(|(_, variant)| variant == name),
            Some((owner, member)) => {
                let is_variant = self.variants.contains(&(owner.to_owned(), member.to_owned()));
                self.names.contains(owner) && (is_variant || self.names.contains(member))
            }
        }
    }
}

fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let length =
            if is_word(c) { code[at..].find(|c: char| !is_word(c)).unwrap_or(code.len() - at) } else { c.len_utf8() };
        if !c.is_whitespace() {
            tokens.push(&code[at..at + length]);
        }
        at += length;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_keep_offsets_and_part_code_from_words() {
        let source = "let a = \"x // y\"; // say \"z\"\nlet b = 'q'; /* in /* out */ */ fn f<'a>(s: &'a str) {}\n";
        let layers = layers(source);
        assert_eq!(layers.code.len(), source.len());
        assert_eq!(layers.comments.len(), source.len());
        assert_eq!(layers.literals, [(9, "x // y".to_owned())]);
        assert!(!layers.code.contains('y') && !layers.code.contains('q') && !layers.code.contains("out"));
        assert!(layers.code.contains("fn f<'a>(s: &'a str) {}"), "{}", layers.code);
        assert!(layers.comments.contains("say \"z\"") && layers.comments.contains("in /* out */"));
    }

    #[test]
    fn raw_strings_escapes_and_wide_characters_hold() {
        let source = "r#\"a\"b\"# + \"c\\\"d\" + '\\'' + br\"e\" + \"落槌\" + for_r\n";
        let layers = layers(source);
        let bodies: Vec<&str> = layers.literals.iter().map(|(_, body)| body.as_str()).collect();
        assert_eq!(bodies, ["a\"b", "c\\\"d", "e", "落槌"]);
        assert!(layers.code.contains("for_r"));
        assert_eq!(layers.code.len(), source.len());
    }

    #[test]
    fn definitions_hold_types_functions_and_variants() {
        let mut definitions = Definitions::default();
        let source =
            "pub struct Lot; enum Outcome { /// Sold.\n Sold(Award), #[doc(hidden)] PassedIn { why: Reason }, Last }
            impl Lot { pub const fn open() {} }";
        definitions.add(&layers(source).code);
        for known in ["Lot", "Outcome::Sold", "Outcome::PassedIn", "PassedIn", "Lot::open", "Last"] {
            assert!(definitions.knows(known), "{known}");
        }
        for unknown in ["Award", "Reason", "why", "Outcome::Award", "Draw::Sold"] {
            assert!(!definitions.knows(unknown), "{unknown}");
        }
    }

    #[test]
    fn words_stand_alone_and_tests_are_cut_off() {
        assert_eq!(word_offsets("mode mod modes", "mod"), [5]);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {}"), "a\n");
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
