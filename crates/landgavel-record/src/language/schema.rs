//! JSON Schema of the files, for editors and for other programs. It knows the form, not the sense.

use serde_json::{Map, Value as Json, json};

use super::county::COUNTY_FIGURES;
use super::finding::Place;
use super::ladder::{FACTS, LADDER};
use super::pledge_terms::PLEDGE_TERMS;
use super::policy::POLICY_BOOK;
use super::scorecard::SCORECARD;
use super::shape::{EVERYWHERE, Field, Kind, Need, Shape};
use super::shapes::{BILINGUAL, CALENDAR_FILE, CITATION, LOT, MONEY, RULEBOOK};
use super::tree::{Node, Value, read_default};

/// A file of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Rules.
    Rulebook,
    /// Land under rules.
    Lot,
    /// Working days of a place.
    WorkingCalendar,
    /// How figures become grades.
    Scorecard,
    /// What a winner owes after the award.
    PledgeTerms,
    /// Published figures of counties.
    CountyFigures,
    /// Rungs of an enterprise ladder.
    Ladder,
    /// Facts of one enterprise.
    Facts,
    /// Policies of a place.
    PolicyBook,
}

impl Which {
    /// All files.
    pub const ALL: [Self; 9] = [
        Self::Rulebook,
        Self::Lot,
        Self::WorkingCalendar,
        Self::Scorecard,
        Self::PledgeTerms,
        Self::CountyFigures,
        Self::Ladder,
        Self::Facts,
        Self::PolicyBook,
    ];

    /// The word in file names: `rulebook`, `lot`, `working-calendar`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rulebook => "rulebook",
            Self::Lot => "lot",
            Self::WorkingCalendar => "working-calendar",
            Self::Scorecard => "scorecard",
            Self::PledgeTerms => "pledge-terms",
            Self::CountyFigures => "county-figures",
            Self::Ladder => "ladder",
            Self::Facts => "facts",
            Self::PolicyBook => "policy-book",
        }
    }

    fn shape(self) -> &'static Shape {
        match self {
            Self::Rulebook => &RULEBOOK,
            Self::Lot => &LOT,
            Self::WorkingCalendar => &CALENDAR_FILE,
            Self::Scorecard => &SCORECARD,
            Self::PledgeTerms => &PLEDGE_TERMS,
            Self::CountyFigures => &COUNTY_FIGURES,
            Self::Ladder => &LADDER,
            Self::Facts => &FACTS,
            Self::PolicyBook => &POLICY_BOOK,
        }
    }
}

/// JSON Schema (2020-12) of a file. TOML dates count as strings.
pub fn schema(which: Which) -> Json {
    let mut definitions = Definitions::default();
    let shape = which.shape();
    let mut root = definitions.table(&[shape]);
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".into(), json!(format!("Landgavel {}", which.as_str())));
    let mut defs = Map::new();
    while let Some(shape) = definitions.open.pop() {
        let table = definitions.table(&[shape]);
        defs.insert(slug(shape), Json::Object(table));
    }
    defs.sort_keys();
    root.insert("$defs".into(), Json::Object(defs));
    Json::Object(root)
}

#[derive(Default)]
struct Definitions {
    named: Vec<&'static Shape>,
    /// Named and not written yet.
    open: Vec<&'static Shape>,
}

impl Definitions {
    fn refer(&mut self, shape: &'static Shape) -> Json {
        if !self.named.iter().any(|known| core::ptr::eq(*known, shape)) {
            self.named.push(shape);
            self.open.push(shape);
        }
        json!({ "$ref": format!("#/$defs/{}", slug(shape)) })
    }

    fn table(&mut self, shapes: &[&'static Shape]) -> Map<String, Json> {
        let fields = || shapes.iter().flat_map(|shape| shape.fields);
        let mut properties = Map::new();
        for field in fields() {
            let value = self.field(field);
            properties.insert(field.key.to_owned(), value);
        }
        for key in EVERYWHERE {
            if !properties.contains_key(key) {
                let kind = if key == "source" { Kind::Source } else { Kind::Text };
                let value = self.value(&kind);
                properties.insert(key.to_owned(), value);
            }
        }
        let required: Vec<&str> =
            fields().filter(|field| matches!(field.need, Need::Required)).map(|field| field.key).collect();
        let mut out = Map::new();
        if let Some(shape) = shapes.last() {
            out.insert("description".into(), json!(format!("{} {}", shape.zh, shape.en)));
        }
        out.insert("type".into(), json!("object"));
        out.insert("properties".into(), Json::Object(properties));
        if !required.is_empty() {
            out.insert("required".into(), json!(required));
        }
        out.insert("additionalProperties".into(), json!(false));
        out
    }

    fn field(&mut self, field: &'static Field) -> Json {
        let mut value = self.value(&field.kind);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".into(), json!(format!("{}。{}", field.zh, field.en)));
            if let Need::Default(text) = field.need {
                object.insert("default".into(), of_node(&read_default(text, Place::default(), field.key)));
            }
        }
        value
    }

    fn value(&mut self, kind: &Kind) -> Json {
        const ID: &str = "[a-z][a-z0-9_-]*";
        match kind {
            Kind::Id => json!({ "type": "string", "pattern": format!("^{ID}$") }),
            Kind::PathId => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$" }),
            Kind::Bilingual => json!({ "anyOf": [{ "type": "string" }, self.refer(&BILINGUAL)] }),
            Kind::YesNo => json!({ "type": "boolean" }),
            Kind::Count { min, max } => json!({ "anyOf": [
                { "type": "integer", "minimum": min, "maximum": max },
                { "type": "string", "pattern": "^\\$" },
            ] }),
            Kind::Amount(_) | Kind::Decimal => json!({ "type": ["string", "number"] }),
            Kind::Money => json!({ "anyOf": [{ "type": ["string", "number"] }, self.refer(&MONEY)] }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            Kind::Instant => json!({ "type": "string", "format": "date-time" }),
            Kind::Digest => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
            Kind::Source => json!({ "anyOf": [{ "type": "string" }, self.refer(&CITATION)] }),
            Kind::Fact => json!({ "type": ["string", "integer", "boolean"] }),
            Kind::OneOf(words) => json!({ "enum": words.iter().map(|word| word.word).collect::<Vec<_>>() }),
            Kind::Table(shape) => self.refer(shape),
            Kind::List(kind) => json!({ "type": "array", "items": self.value(kind) }),
            Kind::Map(kind) => json!({ "type": "object", "additionalProperties": self.value(kind) }),
            Kind::Kinds { common, kinds } => {
                let forms: Vec<Json> = kinds.iter().map(|kind| self.of_kind(common, kind)).collect();
                json!({ "oneOf": forms })
            }
            Kind::Either(kinds) => {
                let forms: Vec<Json> = kinds.iter().map(|kind| self.value(kind)).collect();
                json!({ "anyOf": forms })
            }
            Kind::Text
            | Kind::Duration
            | Kind::Period
            | Kind::Within
            | Kind::Percent
            | Kind::Unit
            | Kind::Offset
            | Kind::Moment
            | Kind::WindowEnd
            | Kind::HardStop
            | Kind::Stage
            | Kind::Attribute => json!({ "type": "string" }),
        }
    }

    fn of_kind(&mut self, common: &'static Shape, kind: &'static Shape) -> Json {
        let mut table = self.table(&[common, kind]);
        if let Some(properties) = table.get_mut("properties").and_then(Json::as_object_mut) {
            properties.insert("kind".into(), json!({ "const": kind.name }));
        }
        Json::Object(table)
    }
}

fn slug(shape: &Shape) -> String {
    shape.name.replace(' ', "-")
}

/// A default as JSON.
fn of_node(node: &Node) -> Json {
    match &node.value {
        Value::Text(text) => json!(text),
        Value::Number(text) => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Value::YesNo(yes) => json!(yes),
        Value::Time(time) => json!(time.text),
        Value::List(items) => Json::Array(items.iter().map(of_node).collect()),
        Value::Table(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.clone(), of_node(&entry.node))).collect())
        }
    }
}
