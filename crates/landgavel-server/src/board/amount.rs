use landgavel_base::Quantity;
use landgavel_record::language::{format_money, format_quantity};
use landgavel_sale::Sale;
use landgavel_sale::rulebook::{AttributeId, StageId};
use serde_json::{Value, json};

/// An amount of an attribute: in quanta, with its unit, and as money of the whole lot where it is one.
pub(super) fn amount(sale: &Sale, attribute: AttributeId, value: Quantity) -> Value {
    let lot = sale.lot();
    let attribute = lot.rulebook.attribute(attribute);
    let money = attribute.lot_money(value, lot.area).map(|money| format_money(money, &lot.rulebook.currency));
    json!({"quanta": value.quanta(), "text": format_quantity(attribute, value), "lot": money})
}

/// An amount of what a stage decides on; null for a stage that decides on nothing that is measured.
pub(super) fn of_stage(sale: &Sale, stage: StageId, value: Option<Quantity>) -> Value {
    match (sale.lot().rulebook.stage(stage).kind.attribute(), value) {
        (Some(attribute), Some(value)) => amount(sale, attribute, value),
        _ => Value::Null,
    }
}
