//! As much of XML as a workbook needs: tags, attributes and texts, one after the other, without a tree.

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name …>`, or `<name …/>`, which has no end of its own.
    Start { name: &'a str, attributes: &'a str, is_empty: bool },
    /// `</name>`.
    End(&'a str),
    /// Text between tags, as written.
    Text(&'a str),
}

/// Reads tokens; names without their prefix.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The next token; `None` at the end, and where a tag does not end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let Some(inside) = self.rest.strip_prefix('<') else {
                let length = self.rest.find('<').unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(length);
                self.rest = rest;
                return (!text.is_empty()).then_some(Token::Text(text));
            };
            let skipped = [("!--", "-->"), ("?", "?>"), ("!", ">")];
            if let Some((_, end)) = skipped.iter().find(|(start, _)| inside.starts_with(start)) {
                self.rest = &inside[inside.find(end)? + end.len()..];
                continue;
            }
            let (tag, rest) = inside.split_at(tag_length(inside)?);
            self.rest = &rest[1..];
            if let Some(name) = tag.strip_prefix('/') {
                return Some(Token::End(local(name.trim_end())));
            }
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let length = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
            let (name, attributes) = tag.split_at(length);
            return Some(Token::Start { name: local(name), attributes, is_empty });
        }
    }
}

/// Up to the `>` that no quotes hold.
fn tag_length(inside: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in inside.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The value of an attribute, by its name without prefix; with its prefix where one is asked for.
pub(super) fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, more) = after[1..].split_once(quote)?;
        let name = name.trim();
        if name == wanted || (!wanted.contains(':') && local(name) == wanted && !name.starts_with("xmlns")) {
            return Some(unescaped(value));
        }
        rest = more.trim_start();
    }
    None
}

/// A text with its entities replaced; one that is not known stays as it is.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest entity is `&#x10FFFF;`.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((entity(&rest[1..end])?, end)));
        match found {
            Some((found, end)) => {
                out.push(found);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_texts_and_entities_are_told_in_order() {
        let mut tokens = Tokens::of("<?xml v='1'?><!-- <a> --><x:a k=\"1>2\" r:id='&lt;'/>t&amp;<b>u</b>");
        let start = tokens.next();
        let Some(Token::Start { name: "a", attributes, is_empty: true }) = start else { panic!("{start:?}") };
        assert_eq!(attribute(attributes, "k").as_deref(), Some("1>2"));
        assert_eq!(
            (attribute(attributes, "r:id").as_deref(), attribute(attributes, "id").as_deref()),
            (Some("<"), Some("<"))
        );
        assert_eq!(attribute(attributes, "z"), None);
        assert_eq!(tokens.next(), Some(Token::Text("t&amp;")));
        assert!(matches!(tokens.next(), Some(Token::Start { name: "b", is_empty: false, .. })));
        assert_eq!(
            (tokens.next(), tokens.next(), tokens.next()),
            (Some(Token::Text("u")), Some(Token::End("b")), None)
        );
        assert_eq!(unescaped("&#20013;&#x6587;&unknown;&&amp"), "中文&unknown;&&amp");
        assert_eq!(Tokens::of("<a k='>").next(), None);
    }
}
