use landgavel_base::{Area, Bilingual, Decimal, LandUse, Parcel, PeriodUnit, PlanningCondition, Position, UnitNumber};

use super::super::duration::read_period;
use super::super::finding::{Code, Problem, Sink};
use super::super::tree::Node;
use super::{bilingual, items, source, text};

/// Most corners of a boundary: a page draws them all.
const OUTLINE_MAX: usize = 1000;

/// The area of a lot's parcel; `None` when it cannot be read.
pub(crate) fn land(lot: &Node, sink: &mut Sink) -> Option<Area> {
    super::area(lot.get("parcel")?.get("area")?, sink)
}

/// Reads the parcel of a lot.
pub(crate) fn parcel(lot: &Node, area: Area, sink: &mut Sink) -> Option<Parcel> {
    let node = lot.get("parcel")?;
    super::duplicates(items(node, "conditions"), sink);
    let conditions = items(node, "conditions").iter().map(|item| condition(item, lot, sink)).collect();
    Some(Parcel {
        id: node.text_of("id").map_or_else(|| text(lot, "id"), str::to_owned),
        name: bilingual(node, "name"),
        location: bilingual(node, "location"),
        unit_number: unit_number(node, sink),
        area,
        outline: outline(node, sink),
        land_use: land_use(node, sink),
        industries: items(node, "industries").iter().filter_map(Node::text).map(str::to_owned).collect(),
        term_years: term_years(node, sink),
        conditions,
    })
}

fn unit_number(node: &Node, sink: &mut Sink) -> Option<UnitNumber> {
    let node = node.get("unit_number")?;
    let parsed = UnitNumber::parse(node.text()?);
    parsed.map_err(|error| sink.report(node.place, &node.path, Problem::of(Code::BadUnitNumber, error))).ok()
}

/// Corners of the boundary, at least three; the first is not said again at the end.
fn outline(node: &Node, sink: &mut Sink) -> Vec<Position> {
    let Some(node) = node.get("outline") else { return Vec::new() };
    let mut outline = Vec::with_capacity(node.items().len());
    for corner in node.items() {
        match Position::parse(corner.text().unwrap_or_default()) {
            Some(position) => outline.push(position),
            None => {
                let problem = Problem::of(Code::BadOutline, "a corner is longitude and latitude in degrees");
                sink.report(corner.place, &corner.path, problem.expected("\"120.0712345 29.3012345\""));
                return Vec::new();
            }
        }
    }
    if !(3..=OUTLINE_MAX).contains(&outline.len()) || outline.first() == outline.last() {
        let problem = Problem::of(Code::BadOutline, format_args!("{} corners", outline.len()));
        let expected = "3 to 1000 corners, the first not said again at the end";
        sink.report(node.place, &node.path, problem.expected(expected));
        return Vec::new();
    }
    outline
}

fn term_years(node: &Node, sink: &mut Sink) -> u32 {
    let Some(node) = node.get("term") else { return 0 };
    match read_period(node.text().unwrap_or_default()) {
        Ok(period) if period.unit == PeriodUnit::Year && period.count > 0 => period.count,
        Ok(_) => {
            sink.report(
                node.place,
                &node.path,
                Problem::of(Code::BadPeriod, "a term is in years").expected("\"50 years\""),
            );
            0
        }
        Err(problem) => {
            sink.report(node.place, &node.path, problem);
            0
        }
    }
}

fn land_use(node: &Node, sink: &mut Sink) -> LandUse {
    let Some(node) = node.get("land_use") else { return LandUse { code: String::new(), name: Bilingual::default() } };
    let Some(code) = node.text() else { return LandUse { code: text(node, "code"), name: bilingual(node, "name") } };
    let name = super::super::land_use::name(code);
    if name.is_none() {
        let problem = Problem::of(Code::UnknownLandUse, format_args!("`{code}`"));
        sink.report(node.place, &node.path, problem.expected("{ code = \"…\", name = { zh = \"…\", en = \"…\" } }"));
    }
    LandUse { code: code.to_owned(), name: name.unwrap_or_else(|| Bilingual::new(code, code)) }
}

fn condition(node: &Node, lot: &Node, sink: &mut Sink) -> PlanningCondition {
    let mut bound = |key: &str| {
        let node = node.get(key)?;
        let parsed = Decimal::parse(node.scalar()?);
        parsed.map_err(|error| sink.report(node.place, &node.path, Problem::of(Code::BadAmount, error))).ok()
    };
    let (min, max) = (bound("min"), bound("max"));
    if let (Some(min), Some(max)) = (min, max)
        && min.compare(max).is_gt()
    {
        sink.report(node.place, &node.path, Problem::of(Code::BoundsEmpty, "`min` is above `max`"));
    }
    PlanningCondition {
        id: text(node, "id"),
        name: bilingual(node, "name"),
        unit: text(node, "unit"),
        min,
        max,
        source: node.get("source").and_then(|found| source(found, lot, sink)),
    }
}
