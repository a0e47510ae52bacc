//! What the tables of the language look like: the one place that says it.
//!
//! From these tables come the findings about keys and types, the JSON Schema and the reference page.

use super::finding::{Code, Problem, Sink};
use super::tree::{Entry, Node, Value, read_default};

/// A table of the language.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Name of the table in the reference and the schema.
    pub(crate) name: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) need: Need,
    pub(crate) kind: Kind,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

/// Whether a key must stand there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    Required,
    Optional,
    /// When it is left out it is this, in TOML.
    Default(&'static str),
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    /// Lower-case letters, digits, `-`, `_`.
    Id,
    /// Ids joined by `/`.
    PathId,
    Bilingual,
    YesNo,
    /// A whole number within bounds, or `"$parameter"`.
    Count {
        min: u32,
        max: u32,
    },
    /// An amount expression; the words say of what.
    Amount(&'static str),
    /// A money expression, or a table with `amount`, `at_most`, `at_least`.
    Money,
    Duration,
    Period,
    Within,
    Percent,
    Decimal,
    Unit,
    Offset,
    Date,
    Instant,
    Digest,
    Source,
    Moment,
    /// A moment, or a duration after the opening.
    WindowEnd,
    /// A moment, or a local time of day `HH:MM`.
    HardStop,
    Stage,
    Attribute,
    /// Text, whole number or true/false.
    Fact,
    OneOf(&'static [Word]),
    Table(&'static Shape),
    List(&'static Self),
    /// Any keys; all values alike.
    Map(&'static Self),
    /// A table whose `kind` says which further keys it has.
    Kinds {
        common: &'static Shape,
        kinds: &'static [Shape],
    },
    /// One of several forms.
    Either(&'static [Self]),
}

/// A word that may stand somewhere, and what it means.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) word: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

pub(crate) const fn word(word: &'static str, zh: &'static str, en: &'static str) -> Word {
    Word { word, zh, en }
}

pub(crate) const fn req(key: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Field {
    Field { key, need: Need::Required, kind, zh, en }
}

pub(crate) const fn opt(key: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Field {
    Field { key, need: Need::Optional, kind, zh, en }
}

pub(crate) const fn def(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    zh: &'static str,
    en: &'static str,
) -> Field {
    Field { key, need: Need::Default(default), kind, zh, en }
}

/// Keys that any table may have.
pub(crate) const EVERYWHERE: [&str; 2] = ["source", "note"];

impl Kind {
    /// What is expected, in short English.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Text => "a text".into(),
            Self::Id => "an id such as `price`".into(),
            Self::PathId => "an id such as `cn/zhejiang/yiwu`".into(),
            Self::Bilingual => "{ zh = \"…\", en = \"…\" }".into(),
            Self::YesNo => "true or false".into(),
            Self::Count { min, max: u32::MAX } => format!("a whole number from {min}"),
            Self::Count { min, max } => format!("a whole number from {min} to {max}"),
            Self::Amount(of) => format!("an amount of {of} such as \"20 万元\" or \"price.cap + price.step\""),
            Self::Money => "money such as \"360 万元\" or \"20 % of price.start\"".into(),
            Self::Duration => "a duration such as \"5 min\"".into(),
            Self::Period => "a period such as \"10 working days\"".into(),
            Self::Within => "a duration such as \"2 h\" or a period such as \"10 working days\"".into(),
            Self::Percent => "a percentage such as \"100 %\"".into(),
            Self::Decimal => "a decimal number such as \"2.0\"".into(),
            Self::Unit => "a unit such as \"万元\", \"万元/亩·年\", \"m2\", \"%\" or \"other:jobs\"".into(),
            Self::Offset => "an offset from UTC such as \"+08:00\"".into(),
            Self::Date => "a date such as 2026-01-20".into(),
            Self::Instant => "a date and time with its offset such as 2026-03-01T09:00:00+08:00".into(),
            Self::Digest => "64 lower-case hexadecimal digits".into(),
            Self::Source => "an id in [sources], \"assumption\", or { law = \"…\" }".into(),
            Self::Moment => "a moment of the calendar".into(),
            Self::WindowEnd => "a moment of the calendar, or a duration such as \"30 min\"".into(),
            Self::HardStop => "a moment of the calendar, or a time of day such as \"17:00\"".into(),
            Self::Stage => "the id of a stage".into(),
            Self::Attribute => "the id of an attribute".into(),
            Self::Fact => "a text, a whole number, or true/false".into(),
            Self::OneOf(words) => words.iter().map(|word| format!("\"{}\"", word.word)).collect::<Vec<_>>().join(", "),
            Self::Table(shape) => shape.words(),
            Self::List(kind) => format!("a list of: {}", kind.words()),
            Self::Map(kind) => format!("a table of: {}", kind.words()),
            Self::Kinds { .. } => "a table with `kind`".into(),
            Self::Either(kinds) => words_of(kinds.iter()),
        }
    }

    /// Whether a value of this form could be meant, judged by its outward type alone.
    fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Either(kinds), _) => kinds.iter().any(|kind| kind.admits(value)),
            (Self::Money | Self::Source | Self::Bilingual, Value::Table(_)) => true,
            (Self::Table(_) | Self::Map(_) | Self::Kinds { .. }, value) => matches!(value, Value::Table(_)),
            (Self::List(_), value) => matches!(value, Value::List(_)),
            (Self::YesNo, value) => matches!(value, Value::YesNo(_)),
            (Self::Date, Value::Time(time)) => time.date.is_some() && time.millis_of_day.is_none(),
            (Self::Instant, Value::Time(time)) => time.offset.is_some(),
            (Self::HardStop, Value::Time(time)) => time.date.is_none() && time.millis_of_day.is_some(),
            (Self::Date, Value::Text(_)) => true,
            (Self::Date | Self::Instant, _) => false,
            (Self::Fact, value) => matches!(value, Value::Text(_) | Value::Number(_) | Value::YesNo(_)),
            (Self::Amount(_) | Self::Money | Self::Count { .. } | Self::Decimal | Self::Percent, Value::Number(_)) => {
                true
            }
            (_, value) => matches!(value, Value::Text(_)),
        }
    }
}

impl Shape {
    /// The table in one line, for messages.
    fn words(&self) -> String {
        let keys: Vec<_> = self
            .fields
            .iter()
            .filter(|field| matches!(field.need, Need::Required))
            .map(|field| format!("{} = …", field.key))
            .collect();
        if keys.is_empty() { format!("the table {}", self.name) } else { format!("{{ {} }}", keys.join(", ")) }
    }
}

/// Checks a value against its kind, reports what is wrong, drops what cannot be read, and puts in the
/// defaults, so that later passes need not ask. False when the value itself must be dropped.
pub(crate) fn complete(kind: &Kind, node: &mut Node, sink: &mut Sink) -> bool {
    if !kind.admits(&node.value) {
        wrong_type(kind, node, sink);
        return false;
    }
    match kind {
        Kind::Either(kinds) => complete_either(kinds, node, sink),
        Kind::Table(shape) => complete_table(&[shape], node, sink),
        Kind::Kinds { common, kinds } => complete_kinds(common, kinds, node, sink),
        Kind::Map(kind) => {
            if !bounded(node, node.entries().len(), sink) {
                return false;
            }
            entries_mut(node).retain_mut(|entry| complete(kind, &mut entry.node, sink));
            true
        }
        Kind::List(kind) => {
            if !bounded(node, node.items().len(), sink) {
                return false;
            }
            if let Value::List(items) = &mut node.value {
                items.retain_mut(|item| complete(kind, item, sink));
            }
            true
        }
        Kind::Bilingual => complete_bilingual(node, sink),
        Kind::Money if node.is_table() => complete_table(&[&super::shapes::MONEY], node, sink),
        Kind::Source if node.is_table() => complete_table(&[&super::shapes::CITATION], node, sink),
        Kind::OneOf(words) => complete_word(words, node, sink),
        Kind::Count { min, max } => complete_count(*min, *max, node, sink),
        Kind::Id => complete_id(node, sink, false),
        Kind::PathId => complete_id(node, sink, true),
        _ => true,
    }
}

fn entries_mut(node: &mut Node) -> &mut Vec<Entry> {
    match &mut node.value {
        Value::Table(entries) => entries,
        Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::Time(_) | Value::List(_) => {
            unreachable!("only tables are completed as tables")
        }
    }
}

/// Longest list: the whole classification of industries fits three times; more would slow every check.
const ITEMS_MAX: usize = 5_000;

fn bounded(node: &Node, length: usize, sink: &mut Sink) -> bool {
    if length > ITEMS_MAX {
        let problem = Problem::of(Code::OutOfRange, format_args!("{length} items"));
        sink.report(node.place, &node.path, problem.expected(format!("at most {ITEMS_MAX} items")));
    }
    length <= ITEMS_MAX
}

fn wrong_type(kind: &Kind, node: &Node, sink: &mut Sink) {
    let (en, zh) = node.value.kind_words();
    let expected = kind.words();
    let problem =
        Problem::new(Code::WrongType, format!("This is {en}, which cannot stand here."), format!("此处不能是{zh}。"));
    sink.report(node.place, &node.path, problem.expected(expected));
}

/// A text in one language stands for both, with a warning; a table must have both.
fn complete_bilingual(node: &mut Node, sink: &mut Sink) -> bool {
    if node.is_table() {
        return complete_table(&[&super::shapes::BILINGUAL], node, sink);
    }
    let problem = Problem::new(
        Code::MessageLanguage,
        "The text stands in one language only and is shown for both.",
        "文字只有一种语言，两种语言都显示它。",
    );
    sink.report(node.place, &node.path, problem.expected(Kind::Bilingual.words()));
    true
}

fn complete_word(words: &[Word], node: &Node, sink: &mut Sink) -> bool {
    let text = node.text().unwrap_or_default();
    if words.iter().any(|word| word.word == text) {
        return true;
    }
    let known = words.iter().map(|word| word.word);
    sink.report(node.place, &node.path, unknown(Code::UnknownWord, text, known));
    false
}

fn complete_count(min: u32, max: u32, node: &Node, sink: &mut Sink) -> bool {
    let text = node.scalar().unwrap_or_default();
    if text.starts_with('$') {
        return true;
    }
    let fits = text.parse::<u32>().is_ok_and(|value| (min..=max).contains(&value));
    if !fits {
        let expected = Kind::Count { min, max }.words();
        sink.report(node.place, &node.path, Problem::of(Code::OutOfRange, text).expected(expected));
    }
    fits
}

fn complete_id(node: &Node, sink: &mut Sink, with_slash: bool) -> bool {
    let text = node.text().unwrap_or_default();
    let is_id = |part: &str, strict: bool| {
        let starts = part.starts_with(|first: char| first.is_ascii_lowercase() || (!strict && first.is_ascii_digit()));
        starts && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    };
    let fits = text.len() <= ID_BYTES_MAX
        && if with_slash { text.split('/').all(|part| is_id(part, false)) } else { is_id(text, true) };
    if !fits {
        sink.report(node.place, &node.path, Problem::of(Code::BadId, format_args!("`{text}`")));
    }
    // Kept all the same: other clauses name it.
    true
}

/// Longest id: it stands in every event of a record and must fit a line.
const ID_BYTES_MAX: usize = 200;

/// Tables are told apart by a key that must stand in them; texts are words first, then anything else.
fn complete_either(kinds: &[Kind], node: &mut Node, sink: &mut Sink) -> bool {
    let admitting: Vec<&Kind> = kinds.iter().filter(|kind| kind.admits(&node.value)).collect();
    if let Value::Table(_) = node.value {
        let chosen = admitting.iter().find(|kind| match kind {
            Kind::Table(shape) => {
                shape.fields.iter().any(|field| matches!(field.need, Need::Required) && node.has(field.key))
            }
            _ => false,
        });
        let fallback = admitting.iter().find(|kind| match kind {
            Kind::Table(shape) => {
                admitting.len() == 1 || shape.fields.iter().all(|f| !matches!(f.need, Need::Required))
            }
            _ => true,
        });
        return match chosen.or(fallback) {
            Some(kind) => complete(kind, node, sink),
            None => {
                let expected = words_of(admitting.into_iter());
                let problem = Problem::new(
                    Code::MissingKey,
                    "The table has none of the keys that say which form it is.",
                    "表中没有能说明其形式的字段。",
                );
                sink.report(node.place, &node.path, problem.expected(expected));
                false
            }
        };
    }
    let text = node.text().unwrap_or_default().to_owned();
    let is_word = |kind: &&&Kind| match kind {
        Kind::OneOf(words) => words.iter().any(|word| word.word == text),
        _ => false,
    };
    if admitting.iter().any(|kind| is_word(&kind)) {
        return true;
    }
    let other = admitting.iter().find(|kind| !matches!(kind, Kind::OneOf(_)));
    match other {
        Some(kind) => complete(kind, node, sink),
        None => {
            let words = admitting.iter().flat_map(|kind| match kind {
                Kind::OneOf(words) => *words,
                _ => &[],
            });
            let mut problem = unknown(Code::UnknownWord, &text, words.map(|word| word.word));
            problem.expected = Some(words_of(kinds.iter()));
            sink.report(node.place, &node.path, problem);
            false
        }
    }
}

fn words_of<'a>(kinds: impl Iterator<Item = &'a Kind>) -> String {
    kinds.map(Kind::words).collect::<Vec<_>>().join(", or ")
}

fn complete_kinds(common: &'static Shape, kinds: &'static [Shape], node: &mut Node, sink: &mut Sink) -> bool {
    let Some(name) = node.get("kind").and_then(Node::text).map(str::to_owned) else {
        return complete_table(&[common], node, sink);
    };
    match kinds.iter().find(|kind| kind.name == name) {
        Some(kind) => complete_table(&[common, kind], node, sink),
        None => {
            let place = node.get("kind").map_or(node.place, |kind| kind.place);
            let problem = unknown(Code::UnknownWord, &name, kinds.iter().map(|kind| kind.name));
            sink.report(place, &node.path_to("kind"), problem);
            // Keys of an unknown kind cannot be judged, but other clauses may name the stage.
            let of_kind = |entry: &Entry| !common.fields.iter().any(|field| field.key == entry.key);
            let kept: Vec<Entry> = entries_mut(node).extract_if(.., |entry| of_kind(entry)).collect();
            complete_table(&[common], node, sink);
            entries_mut(node).extend(kept);
            true
        }
    }
}

fn complete_table(shapes: &[&'static Shape], node: &mut Node, sink: &mut Sink) -> bool {
    if !bounded(node, node.entries().len(), sink) {
        return false;
    }
    let (place, path) = (node.place, node.path.clone());
    let fields = || shapes.iter().flat_map(|shape| shape.fields);
    let entries = entries_mut(node);
    entries.retain_mut(|entry| match fields().find(|field| field.key == entry.key) {
        Some(field) => complete(&field.kind, &mut entry.node, sink),
        None if entry.key == "source" => complete(&Kind::Source, &mut entry.node, sink),
        None if entry.key == "note" => complete(&Kind::Text, &mut entry.node, sink),
        None => {
            let known = fields().map(|field| field.key).chain(EVERYWHERE);
            sink.report(entry.place, &entry.node.path, unknown(Code::UnknownKey, &entry.key, known));
            false
        }
    });
    for field in fields() {
        let present = node.has(field.key);
        match field.need {
            Need::Required if !present => {
                // A key that was dropped above has its own finding.
                let child = node.path_to(field.key);
                if !sink.findings.iter().any(|finding| finding.field == child && finding.file == sink.file) {
                    let problem = Problem::of(Code::MissingKey, format_args!("`{}`", field.key));
                    sink.report(place, &path, problem.expected(field.kind.words()));
                }
            }
            Need::Default(text) if !present => {
                let child = node.path_to(field.key);
                let mut default = read_default(text, place, &child);
                complete(&field.kind, &mut default, sink);
                entries_mut(node).push(Entry { key: field.key.to_owned(), place, node: default });
            }
            Need::Required | Need::Optional | Need::Default(_) => {}
        }
    }
    // A table that lacks a required key is kept: what it has is still checked.
    true
}

/// Says that a name is unknown, and which known one is near.
pub(crate) fn unknown<'a>(code: Code, name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let known: Vec<&str> = known.collect();
    let near = known.iter().map(|word| (distance(name, word), *word)).min();
    let (en, zh) = (code.en().trim_end_matches('.'), code.zh().trim_end_matches('。'));
    let (en, zh) = match near {
        Some((steps, word)) if steps <= 1 + name.chars().count() / 4 => {
            (format!("{en}: `{name}`. Did you mean `{word}`?"), format!("{zh}：`{name}`。是否想写 `{word}`？"))
        }
        _ => (format!("{en}: `{name}`."), format!("{zh}：`{name}`。")),
    };
    let problem = Problem::new(code, en, zh);
    if known.is_empty() { problem } else { problem.expected(format!("one of {}", known.join(", "))) }
}

/// Letters to change, add, drop or swap with their neighbour to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    // Longer names are never near a known one; this bounds the table.
    const NAME_CHARS_MAX: usize = 64;
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > NAME_CHARS_MAX || b.len() > NAME_CHARS_MAX {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
