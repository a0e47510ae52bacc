use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::scan::Scan;
use super::{NotCanonical, write_string};

/// An object that is read, with its text.
///
/// Values stay where they stand in the text, and a flat list of places tells where that is. One pass checks
/// and reads, with two or three allocations for a whole command; a tree of maps would need some thirty, and
/// five times as long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document<'t> {
    text: Cow<'t, str>,
    pub(super) tree: Tree,
}

/// Where the values of a text stand, in their order. A container is followed by what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
    /// Strings that are not written as they read.
    pub apart: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Flag(bool),
    Number(Span),
    Text(Span),
    /// Its items end before the node `end`.
    List {
        end: usize,
    },
    /// Its fields, each a text and a value, end before the node `end`.
    Object {
        end: usize,
    },
}

/// A piece of the document's text, or of the strings apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: usize,
    pub to: usize,
    pub is_apart: bool,
}

/// A value of a document.
#[derive(Clone, Copy)]
pub enum Item<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number as it is written.
    Number(&'a str),
    /// A string.
    Text(&'a str),
    /// A list.
    List(List<'a>),
    /// An object.
    Object(Object<'a>),
}

/// An object of a document: its fields, in their order.
#[derive(Clone, Copy)]
pub struct Object<'a>(Inside<'a>);

/// A list of a document: its items, in their order.
#[derive(Clone, Copy)]
pub struct List<'a>(Inside<'a>);

/// The nodes of a container.
#[derive(Clone, Copy)]
struct Inside<'a> {
    document: &'a Document<'a>,
    from: usize,
    end: usize,
}

impl<'t> Document<'t> {
    /// Reads an object that is written in its one form.
    ///
    /// # Errors
    /// What is not canonical, and where.
    pub fn parse(text: impl Into<Cow<'t, str>>) -> Result<Self, NotCanonical> {
        let text = text.into();
        let tree = Scan::new(&text).object_alone()?;
        Ok(Self { text, tree })
    }

    /// An object that another reader has read; it need not be canonical, and has no text.
    pub fn of(object: &Map<String, Value>) -> Self {
        let mut document = Self::default();
        document.add_object(object);
        document
    }

    fn add_object(&mut self, object: &Map<String, Value>) {
        let at = self.tree.nodes.len();
        self.tree.nodes.push(Node::Null);
        for (name, value) in object {
            let name = self.tree.keep(name);
            self.tree.nodes.push(Node::Text(name));
            self.add(value);
        }
        self.tree.nodes[at] = Node::Object { end: self.tree.nodes.len() };
    }

    fn add(&mut self, value: &Value) {
        let node = match value {
            Value::Null => Node::Null,
            Value::Bool(flag) => Node::Flag(*flag),
            Value::Number(number) => Node::Number(self.tree.keep(&number.to_string())),
            Value::String(text) => Node::Text(self.tree.keep(text)),
            Value::Array(items) => {
                let at = self.tree.nodes.len();
                self.tree.nodes.push(Node::Null);
                items.iter().for_each(|item| self.add(item));
                self.tree.nodes[at] = Node::List { end: self.tree.nodes.len() };
                return;
            }
            Value::Object(object) => return self.add_object(object),
        };
        self.tree.nodes.push(node);
    }

    /// The text that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The object.
    pub fn object(&self) -> Object<'_> {
        Object(Inside { document: self, from: 1, end: self.tree.nodes.len() })
    }
}

impl Tree {
    /// Keeps a string apart.
    fn keep(&mut self, text: &str) -> Span {
        let from = self.apart.len();
        self.apart.push_str(text);
        Span { from, to: self.apart.len(), is_apart: true }
    }
}

impl<'a> Inside<'a> {
    fn node(self, at: usize) -> Option<Node> {
        (at < self.end).then(|| self.document.tree.nodes.get(at).copied()).flatten()
    }

    fn item(self, at: usize, node: Node) -> Item<'a> {
        let inside = |end| Self { document: self.document, from: at + 1, end };
        match node {
            Node::Null => Item::Null,
            Node::Flag(flag) => Item::Flag(flag),
            Node::Number(span) => Item::Number(self.read(span)),
            Node::Text(span) => Item::Text(self.read(span)),
            Node::List { end } => Item::List(List(inside(end))),
            Node::Object { end } => Item::Object(Object(inside(end))),
        }
    }

    fn read(self, span: Span) -> &'a str {
        let from: &str = if span.is_apart { &self.document.tree.apart } else { &self.document.text };
        from.get(span.from..span.to).unwrap_or_default()
    }
}

/// Where the value after this one stands.
fn after(at: usize, node: Node) -> usize {
    match node {
        Node::List { end } | Node::Object { end } => end,
        Node::Null | Node::Flag(_) | Node::Number(_) | Node::Text(_) => at + 1,
    }
}

impl<'a> Object<'a> {
    /// The fields, with their names.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Item<'a>)> {
        let (inside, mut at) = (self.0, self.0.from);
        std::iter::from_fn(move || {
            let (Node::Text(name), node) = (inside.node(at)?, inside.node(at + 1)?) else { return None };
            let value = inside.item(at + 1, node);
            at = after(at + 1, node);
            Some((inside.read(name), value))
        })
    }

    /// The value of a field.
    pub fn get(self, name: &str) -> Option<Item<'a>> {
        // The fields are few; to look at all of them takes less time than any order would save.
        let (inside, mut at) = (self.0, self.0.from);
        loop {
            let (Node::Text(other), node) = (inside.node(at)?, inside.node(at + 1)?) else { return None };
            if other.to - other.from == name.len() && inside.read(other) == name {
                return Some(inside.item(at + 1, node));
            }
            at = after(at + 1, node);
        }
    }

    /// Whether there is such a field.
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl<'a> List<'a> {
    /// The items.
    pub fn items(self) -> impl Iterator<Item = Item<'a>> {
        let (inside, mut at) = (self.0, self.0.from);
        std::iter::from_fn(move || {
            let node = inside.node(at)?;
            let item = inside.item(at, node);
            at = after(at, node);
            Some(item)
        })
    }
}

impl<'a> Item<'a> {
    /// The string, if it is one.
    pub fn text(self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The whole number, if it is one.
    pub fn integer(self) -> Option<i64> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }

    /// The flag, if it is one.
    pub fn flag(self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(flag) } else { None }
    }

    /// The list, if it is one.
    pub fn list(self) -> Option<List<'a>> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The object, if it is one.
    pub fn object(self) -> Option<Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }
}

/// As JSON without spaces.
impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let string = |text: &str| {
            let mut quoted = String::new();
            write_string(&mut quoted, text);
            quoted
        };
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => f.write_str(&string(text)),
            Self::List(list) => {
                f.write_str("[")?;
                for (index, item) in list.items().enumerate() {
                    write!(f, "{}{item}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(object) => {
                f.write_str("{")?;
                for (index, (name, value)) in object.fields().enumerate() {
                    write!(f, "{}{}:{value}", if index > 0 { "," } else { "" }, string(name))?;
                }
                f.write_str("}")
            }
        }
    }
}
