//! Files of county figures: a TOML file to figures that keep their period, certainty and source.

mod shapes;

use landgavel_base::{Bilingual, Date, Source};

pub(crate) use shapes::COUNTY_FIGURES;

use super::build as common;
use super::duration::date;
use super::finding::{Code, Finding, Problem, Sink};
use super::load::{Files, join, open, sorted};
use super::scorecard::quanta;
use super::shape::{Kind, unknown};
use super::tree::{Node, Value};

/// Decimals of every figure.
pub const FIGURE_DECIMALS: u8 = 4;

/// Published figures of counties.
#[derive(Debug, Clone)]
pub struct CountyFigures {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// The figures are invented.
    pub is_sample: bool,
    /// Path of the scorecard, from where the file's own path starts.
    pub card_path: String,
    /// Index of the county that the board is about.
    pub subject: usize,
    /// Index of the area that it is held against.
    pub reference: Option<usize>,
    /// How many counties are compared, published or not, and what they are.
    pub peers: Option<(u32, Bilingual)>,
    /// Places.
    pub places: Vec<Place>,
    /// What is told.
    pub indicators: Vec<CountyIndicator>,
    /// The figures.
    pub figures: Vec<CountyFigure>,
    /// Warnings.
    pub findings: Vec<Finding>,
}

/// A place with figures of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Counties are compared with counties only.
    pub is_county: bool,
}

/// What a figure tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyIndicator {
    /// Id; that of a column of the card, where the card compares it.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Unit.
    pub unit: String,
    /// What is counted.
    pub meaning: Bilingual,
}

/// One published figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyFigure {
    /// Index of the place.
    pub place: usize,
    /// Index of the indicator.
    pub indicator: usize,
    /// The number, in units of `10^−4`.
    pub value: i64,
    /// How far it is known.
    pub certainty: Certainty,
    /// First day that it counts.
    pub from: Date,
    /// Last day that it counts.
    pub to: Date,
    /// How it follows from printed numbers, when it was not printed itself.
    pub computed: Option<Bilingual>,
    /// The publisher expected it.
    pub is_forecast: bool,
    /// Where it was published.
    pub source: Option<Source>,
}

/// How far a number is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// As published.
    Exact,
    /// More than it.
    Over,
    /// It or more.
    AtLeast,
}

/// Loads a file of county figures.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_county_figures(files: &dyn Files, path: &str) -> Result<CountyFigures, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((_, root)) = open(files, path, &mut sink, &Kind::Table(&COUNTY_FIGURES), |_, _| {}) else {
        return Err(sorted(sink.findings));
    };
    let read = read(&root, path, &mut sink);
    let is_broken = sink.has_errors();
    let findings = sorted(sink.findings);
    match read {
        Some(figures) if !is_broken => Ok(CountyFigures { findings, ..figures }),
        _ => Err(findings),
    }
}

fn read(root: &Node, path: &str, sink: &mut Sink) -> Option<CountyFigures> {
    let entries = |key: &str| root.get(key).map_or(&[][..], Node::entries);
    let places: Vec<Place> = entries("places")
        .iter()
        .map(|entry| Place {
            id: entry.key.clone(),
            name: common::bilingual(&entry.node, "name"),
            is_county: entry.node.text_of("kind") == Some("county"),
        })
        .collect();
    let indicators: Vec<CountyIndicator> = entries("indicators")
        .iter()
        .map(|entry| CountyIndicator {
            id: entry.key.clone(),
            name: common::bilingual(&entry.node, "name"),
            unit: common::text(&entry.node, "unit"),
            meaning: common::bilingual(&entry.node, "meaning"),
        })
        .collect();
    let mut reader = Reader { root, places: &places, indicators: &indicators, sink };
    let mut figures: Vec<CountyFigure> = Vec::new();
    for node in common::items(root, "figures") {
        let Some(figure) = reader.figure(node) else { continue };
        let is_same = |known: &CountyFigure| {
            (known.place, known.indicator, known.from, known.to)
                == (figure.place, figure.indicator, figure.from, figure.to)
        };
        if figures.iter().any(is_same) {
            let (place, indicator) = (&places[figure.place].id, &indicators[figure.indicator].id);
            let detail = format!("{indicator} of {place} for {} to {}", figure.from, figure.to);
            reader.sink.report(node.place, &node.path, Problem::of(Code::Duplicate, detail));
        }
        figures.push(figure);
    }
    let subject = root.get("subject").and_then(|node| reader.place(node));
    let reference = root.get("reference").map(|node| reader.place(node));
    if let (Some(node), Some(subject)) = (root.get("subject"), subject)
        && !places[subject].is_county
    {
        let problem = Problem::of(Code::UnknownPlace, format_args!("`{}` is no county", places[subject].id));
        sink.report(node.place, "subject", problem.expected("a place of kind \"county\""));
    }
    let peers = root
        .get("peers")
        .and_then(|node| Some((node.get("count")?.scalar()?.parse().ok()?, common::bilingual(node, "name"))));
    Some(CountyFigures {
        id: common::text(root, "id"),
        title: common::bilingual(root, "title"),
        is_sample: root.yes("sample"),
        card_path: join(path, root.text_of("card")?),
        subject: subject?,
        reference: reference.flatten(),
        peers,
        places,
        indicators,
        figures,
        findings: Vec::new(),
    })
}

struct Reader<'a> {
    root: &'a Node,
    places: &'a [Place],
    indicators: &'a [CountyIndicator],
    sink: &'a mut Sink,
}

impl Reader<'_> {
    fn place(&mut self, node: &Node) -> Option<usize> {
        let ids = self.places.iter().map(|place| place.id.as_str());
        self.named(node, Code::UnknownPlace, ids)
    }

    fn named<'b>(&mut self, node: &Node, code: Code, ids: impl Iterator<Item = &'b str> + Clone) -> Option<usize> {
        let id = node.text().unwrap_or_default();
        let found = ids.clone().position(|known| known == id);
        if found.is_none() {
            self.sink.report(node.place, &node.path, unknown(code, id, ids));
        }
        found
    }

    fn figure(&mut self, node: &Node) -> Option<CountyFigure> {
        let place = node.get("place").and_then(|place| self.place(place));
        let indicators = self.indicators;
        let ids = indicators.iter().map(|indicator| indicator.id.as_str());
        let indicator = node.get("of").and_then(|of| self.named(of, Code::UnknownColumn, ids));
        let value = self.value(node);
        let (from, to) = (self.day(node, "from"), self.day(node, "to"));
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            let problem = Problem::of(Code::BadDate, format_args!("{from} to {to}"));
            self.sink.report(node.place, &node.path, problem.expected("a period that ends on or after its first day"));
        }
        let source = match node.get("source") {
            Some(source) => common::source(source, self.root, self.sink),
            None => {
                self.sink.report(node.place, &node.path, Problem::of(Code::NoSource, format_args!("`{}`", node.path)));
                None
            }
        };
        Some(CountyFigure {
            place: place?,
            indicator: indicator?,
            value: value?,
            certainty: match node.text_of("is") {
                Some("over") => Certainty::Over,
                Some("at-least") => Certainty::AtLeast,
                _ => Certainty::Exact,
            },
            from: from?,
            to: to?,
            computed: node.has("computed").then(|| common::bilingual(node, "computed")),
            is_forecast: node.yes("forecast"),
            source,
        })
    }

    fn value(&mut self, node: &Node) -> Option<i64> {
        let value = node.get("value")?;
        match quanta(value.scalar().unwrap_or_default(), FIGURE_DECIMALS) {
            Ok(quanta) => Some(quanta),
            Err(problem) => {
                self.sink.report(value.place, &value.path, problem);
                None
            }
        }
    }

    fn day(&mut self, node: &Node, key: &str) -> Option<Date> {
        let node = node.get(key)?;
        let read = match &node.value {
            Value::Time(time) => date(time),
            Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::List(_) | Value::Table(_) => None,
        };
        if read.is_none() {
            let problem = Problem::of(Code::BadDate, format_args!("`{key}`"));
            self.sink.report(node.place, &node.path, problem.expected("a date such as 2025-11-30"));
        }
        read
    }
}
