use std::cmp::Ordering;

use landgavel_base::SAFE_INTEGER_MAX;

use super::document::{Node, Span, Tree};
use super::{NotCanonical, plain_run, utf16_order};

/// Deepest nesting of objects and lists; the whole text is the first level.
const DEPTH_MAX: usize = 32;

/// One pass over a text that tells whether every value is written in its one form, and where it stands.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    tree: Tree,
}

type Checked = Result<(), NotCanonical>;

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        // A command has about one value for 40 bytes.
        let tree = Tree { nodes: Vec::with_capacity(text.len() / 32 + 8), apart: String::new() };
        Self { text, at: 0, tree }
    }

    /// The text must be an object and nothing else.
    pub fn object_alone(mut self) -> Result<Tree, NotCanonical> {
        if self.peek() != Some(b'{') {
            return Err(NotCanonical("is not a JSON object".to_owned()));
        }
        self.value(0)?;
        if self.at != self.text.len() {
            return Err(self.wrong("the end of the text"));
        }
        Ok(self.tree)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, expected: &str) -> NotCanonical {
        NotCanonical(format!(
            "is not written in its canonical form (no spaces, keys sorted, shortest escapes): byte {}, expected {expected}",
            self.at + 1
        ))
    }

    fn expect(&mut self, byte: u8) -> Checked {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(&format!("“{}”", char::from(byte))))
    }

    fn word(&mut self, word: &str, node: Node) -> Checked {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            self.tree.nodes.push(node);
            return Ok(());
        }
        Err(self.wrong(word))
    }

    fn value(&mut self, depth: usize) -> Checked {
        match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => Err(NotCanonical(format!("is nested deeper than {DEPTH_MAX}"))),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.container(b']', |end| Node::List { end }, |scan| scan.value(depth + 1)),
            Some(b'"') => self.string().map(|_| ()),
            Some(b't') => self.word("true", Node::Flag(true)),
            Some(b'f') => self.word("false", Node::Flag(false)),
            Some(b'n') => self.word("null", Node::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.wrong("a value")),
        }
    }

    fn container(
        &mut self,
        last: u8,
        node: impl FnOnce(usize) -> Node,
        mut item: impl FnMut(&mut Self) -> Checked,
    ) -> Checked {
        let place = self.tree.nodes.len();
        // Where it ends is known only then.
        self.tree.nodes.push(Node::Null);
        self.at += 1;
        if self.peek() == Some(last) {
            self.at += 1;
        } else {
            loop {
                item(self)?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    _ => break self.expect(last)?,
                }
            }
        }
        self.tree.nodes[place] = node(self.tree.nodes.len());
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Checked {
        let mut before: Option<Span> = None;
        self.container(
            b'}',
            |end| Node::Object { end },
            |scan| {
                let from = scan.at + 1;
                let key = scan.string()?;
                if let Some(before) = before {
                    match utf16_order(scan.read(before), scan.read(key)) {
                        Ordering::Less => {}
                        Ordering::Equal => {
                            let key = &scan.text[from..scan.at - 1];
                            return Err(NotCanonical(format!("the key “{key}” stands twice")));
                        }
                        Ordering::Greater => return Err(scan.wrong("keys in the order of their UTF-16 code units")),
                    }
                }
                before = Some(key);
                scan.expect(b':')?;
                scan.value(depth + 1)
            },
        )
    }

    fn read(&self, span: Span) -> &str {
        let from = if span.is_apart { &self.tree.apart } else { self.text };
        &from[span.from..span.to]
    }

    /// A string. One without escapes stays where it stands, another is written apart as it reads.
    fn string(&mut self) -> Result<Span, NotCanonical> {
        self.expect(b'"')?;
        let mut from = self.at;
        let apart = self.tree.apart.len();
        let mut is_apart = false;
        let span = loop {
            self.at += plain_run(&self.text.as_bytes()[self.at..]);
            match self.peek() {
                Some(b'"') if !is_apart => break Span { from, to: self.at, is_apart },
                Some(b'"') => {
                    self.tree.apart.push_str(&self.text[from..self.at]);
                    break Span { from: apart, to: self.tree.apart.len(), is_apart };
                }
                Some(b'\\') => {
                    if !is_apart {
                        // It is longest when no other escape follows.
                        self.tree.apart.reserve(self.text.len() - from);
                    }
                    self.tree.apart.push_str(&self.text[from..self.at]);
                    let meant = self.escape()?;
                    self.tree.apart.push(meant);
                    (from, is_apart) = (self.at, true);
                }
                Some(_) => return Err(self.wrong("an escape for a control character")),
                None => return Err(self.wrong("the end of a string")),
            }
        };
        self.at += 1;
        self.tree.nodes.push(Node::Text(span));
        Ok(span)
    }

    /// The character that an escape means.
    fn escape(&mut self) -> Result<char, NotCanonical> {
        let bytes = &self.text.as_bytes()[self.at + 1..];
        let meant = match bytes.first() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => {
                let meant =
                    control(bytes).ok_or_else(|| self.wrong("the shortest escape; a lone surrogate has none"))?;
                self.at += 6;
                return Ok(meant);
            }
        };
        self.at += 2;
        Ok(meant)
    }

    fn number(&mut self) -> Checked {
        let from = self.at;
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[digits..self.at];
        let has_fraction = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if has_fraction || text.is_empty() || (text == "0" && is_negative) || (text.len() > 1 && text.starts_with('0'))
        {
            self.at = from;
            return Err(self.wrong("a whole number in its shortest form"));
        }
        match text.parse::<i64>() {
            Ok(number) if number <= SAFE_INTEGER_MAX => {
                self.tree.nodes.push(Node::Number(Span { from, to: self.at, is_apart: false }));
                Ok(())
            }
            _ => Err(NotCanonical(format!("the number {} is beyond ±(2^53 − 1)", &self.text[from..self.at]))),
        }
    }
}

/// The control character of `u00` and two hexadecimal digits, if no shorter escape means it.
fn control(escape: &[u8]) -> Option<char> {
    let [b'u', b'0', b'0', tens @ (b'0' | b'1'), ones @ (b'0'..=b'9' | b'a'..=b'f'), ..] = escape else { return None };
    let ones = if ones.is_ascii_digit() { ones - b'0' } else { ones - b'a' + 10 };
    let code = (tens - b'0') * 16 + ones;
    (!matches!(code, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d)).then_some(char::from(code))
}
