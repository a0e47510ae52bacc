use landgavel_sale::rulebook::{Attribute, AttributeId, Direction};

use super::super::amount::{self, ratio, read_percent};
use super::super::duration::{read_duration, read_period};
use super::super::finding::{Code, Problem, Sink};
use super::super::load::Parameter;
use super::super::scope::{Known, ParameterValue, Scope, Site, StageHeader};
use super::super::shape::unknown;
use super::super::shapes::STAGE_KINDS;
use super::super::tree::Node;
use super::super::unit;
use super::{bilingual, text};

/// Reads the attributes without their base values, which may name parameters.
pub(crate) fn attributes(root: &Node, currency: &str, sink: &mut Sink) -> Vec<Attribute> {
    let entries = root.get("attributes").map_or(&[][..], Node::entries);
    entries
        .iter()
        .map(|entry| {
            let node = &entry.node;
            let unit = node.get("unit").map_or_else(unit::unread_unit, |unit_node| {
                unit::attribute_unit(unit_node.text().unwrap_or_default(), currency).unwrap_or_else(|problem| {
                    sink.report(unit_node.place, &unit_node.path, problem);
                    unit::unread_unit()
                })
            });
            let decimals = node.get("decimals").and_then(Node::scalar).and_then(|text| text.parse().ok());
            Attribute {
                id: entry.key.clone(),
                name: bilingual(node, "name"),
                decimals: decimals.unwrap_or_else(|| unit::default_decimals(unit.kind)),
                unit,
                direction: if node.text_of("direction") == Some("down") { Direction::Down } else { Direction::Up },
                base: None,
            }
        })
        .collect()
}

/// Reads the values of the parameters: the lot's, or the default, or (without a lot) the example.
pub(crate) fn parameters(
    root: &Node,
    scope: &Scope<'_>,
    sink: &mut Sink,
    lot: Option<(&Node, &mut Sink)>,
) -> (Vec<Known>, Vec<Parameter>) {
    let entries = root.get("parameters").map_or(&[][..], Node::entries);
    let (mut known, mut listed) = (Vec::new(), Vec::new());
    let (values, mut lot_sink) = match lot {
        Some((lot, lot_sink)) => (Some(lot), Some(lot_sink)),
        None => (None, None),
    };
    for entry in entries {
        let node = &entry.node;
        let mut read = |key: &str| {
            let value_node = node.get(key)?;
            let result = value(value_node, node, scope);
            result.map_err(|problem| sink.report(value_node.place, &value_node.path, problem)).ok()
        };
        let (example, default, min, max) = (read("example"), read("default"), read("min"), read("max"));
        if !node.has("example") && !node.has("default") {
            sink.report(node.place, &node.path, Problem::of(Code::ExampleMissing, format_args!("`{}`", entry.key)));
        }
        let given = values.and_then(|lot| lot.get("values")).and_then(|values| values.get(&entry.key));
        let (chosen, is_example) = match (given, lot_sink.as_deref_mut()) {
            (Some(given), Some(lot_sink)) => {
                let result = value(given, node, scope).and_then(|value| within_bounds(value, min, max, given));
                (result.map_err(|problem| lot_sink.report(given.place, &given.path, problem)).ok(), false)
            }
            (_, Some(lot_sink)) => {
                if !node.has("default") {
                    let place = values.map_or(node.place, |lot| lot.get("values").map_or(lot.place, |v| v.place));
                    let field = format!("values.{}", entry.key);
                    lot_sink.report(place, &field, Problem::of(Code::MissingValue, format_args!("`{}`", entry.key)));
                }
                (default, false)
            }
            (_, None) => {
                let (value_node, chosen) =
                    if node.has("example") { (node.get("example"), example) } else { (node.get("default"), default) };
                if let (Some(value_node), Some(value)) = (value_node, chosen)
                    && let Err(problem) = within_bounds(value, min, max, value_node)
                {
                    sink.report(value_node.place, &value_node.path, problem);
                }
                (chosen, true)
            }
        };
        let from = given.or_else(|| {
            if is_example { node.get("example").or_else(|| node.get("default")) } else { node.get("default") }
        });
        known.push(Known { id: entry.key.clone(), value: chosen });
        listed.push(Parameter {
            id: entry.key.clone(),
            meaning: bilingual(node, "meaning"),
            text: from.and_then(Node::scalar).unwrap_or_default().to_owned(),
            value: chosen,
            is_example,
        });
    }
    if let (Some(lot), Some(lot_sink)) = (values, lot_sink) {
        for value in lot.get("values").map_or(&[][..], Node::entries) {
            if !entries.iter().any(|entry| entry.key == value.key) {
                let ids = entries.iter().map(|entry| entry.key.as_str());
                lot_sink.report(value.place, &value.node.path, unknown(Code::UnknownParameter, &value.key, ids));
            }
        }
    }
    (known, listed)
}

/// Reads one value of a parameter, by what the parameter is of.
fn value(node: &Node, parameter: &Node, scope: &Scope<'_>) -> Result<ParameterValue, Problem> {
    let of = parameter.text_of("of").unwrap_or_default();
    let text = node.scalar().unwrap_or_default();
    if text.contains('$') {
        return Err(Problem::of(Code::BadReference, "a value cannot name a parameter"));
    }
    Ok(match of {
        "money" => ParameterValue::Money(unit::read_money(text, scope.currency)?),
        "duration" => ParameterValue::Duration(read_duration(text)?),
        "period" => ParameterValue::Period(read_period(text)?),
        "count" => ParameterValue::Count(text.parse().map_err(|_| Problem::of(Code::OutOfRange, text))?),
        "percent" => ParameterValue::Percent(ratio(read_percent(text)?, text)?),
        attribute => {
            let id = scope.attribute_named(attribute).unwrap_or(AttributeId(u16::MAX));
            if usize::from(id.0) >= scope.attributes.len() {
                // The finding stands at `of`.
                return Err(scope
                    .attribute_named(attribute)
                    .err()
                    .unwrap_or_else(|| Problem::of(Code::UnknownAttribute, of)));
            }
            let amount = amount::amount(text, id, Site::BEFORE, scope)?;
            if !amount.parts.is_empty() {
                return Err(Problem::of(Code::BadReference, "only a fixed amount can stand here"));
            }
            ParameterValue::Quantity(id, amount.constant)
        }
    })
}

fn within_bounds(
    value: ParameterValue,
    min: Option<ParameterValue>,
    max: Option<ParameterValue>,
    node: &Node,
) -> Result<ParameterValue, Problem> {
    let size = |value: ParameterValue| match value {
        ParameterValue::Quantity(_, quantity) => quantity.quanta(),
        ParameterValue::Money(money) => money.minor(),
        ParameterValue::Duration(duration) => duration.millis(),
        ParameterValue::Period(period) => i64::from(period.count),
        ParameterValue::Count(count) => i64::from(count),
        ParameterValue::Percent(ratio) => ratio.ppm(),
    };
    let comparable = |bound: ParameterValue| match (value, bound) {
        (ParameterValue::Period(own), ParameterValue::Period(bound)) => own.unit == bound.unit,
        _ => true,
    };
    let is_low = min.is_some_and(|min| comparable(min) && size(value) < size(min));
    let is_high = max.is_some_and(|max| comparable(max) && size(value) > size(max));
    if is_low || is_high {
        let text = node.scalar().unwrap_or_default();
        return Err(Problem::of(Code::ValueBeyondBounds, format_args!("`{text}`")));
    }
    Ok(value)
}

/// What later text may name of each stage.
pub(crate) fn header_list(root: &Node, attributes: &[Attribute]) -> Vec<StageHeader> {
    let stages = super::items(root, "stages");
    stages
        .iter()
        .map(|node| {
            let kind = node.text_of("kind").unwrap_or_default();
            let named = match node.get("quotes").and_then(|quotes| quotes.items().first()) {
                Some(quote) => quote.text_of("attribute"),
                None => node.text_of("attribute"),
            };
            let attribute = named
                .and_then(|named| attributes.iter().position(|attribute| attribute.id == named))
                .and_then(|index| u16::try_from(index).ok())
                .map(AttributeId);
            // A kind that nobody knows has its own finding; what it has cannot be judged.
            let is_unknown = !STAGE_KINDS.iter().any(|known| known.name == kind);
            StageHeader {
                id: text(node, "id"),
                attribute,
                has_start: is_unknown || matches!(kind, "ascending" | "rounds" | "descending" | "fixed"),
                has_step: is_unknown || matches!(kind, "ascending" | "rounds" | "descending"),
                has_cap: node.has("cap"),
                ranks: is_unknown
                    || matches!(kind, "ascending" | "rounds" | "descending" | "sealed" | "score" | "fixed"),
            }
        })
        .collect()
}
