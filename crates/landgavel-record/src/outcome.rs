//! The outcome of a sale for machines.

use landgavel_base::capital_amount;
use landgavel_sale::{EndedStage, Sale, Seat, Status};
use serde_json::{Value, json};

use crate::language::format_quantity;
use crate::wire::{end_reason, pass_in_json};

/// Stages, winners and their terms, as `outcome.json` of a bundle holds them.
pub fn outcome_json(sale: &Sale) -> Value {
    let stages: Vec<Value> = sale.ended_stages().iter().map(|ended| stage_json(sale, ended)).collect();
    let winners: Vec<Value> = sale.seats().iter().map(|seat| winner_json(sale, seat)).collect();
    let status = match sale.status() {
        Status::Awarded => "awarded",
        Status::Provisional => "provisional",
        Status::PassedIn(_) => "passed_in",
        Status::Annulled { .. } => "annulled",
        Status::Admitting => "admitting",
        Status::Running(_) => "running",
    };
    let mut outcome = json!({"lot": sale.lot().id, "status": status, "stages": stages, "winners": winners});
    match sale.status() {
        Status::PassedIn(reason) => outcome["reason"] = pass_in_json(sale.lot(), reason),
        Status::Annulled { cause } => outcome["cause"] = json!(cause),
        Status::Awarded | Status::Provisional | Status::Admitting | Status::Running(_) => {}
    }
    outcome
}

fn stage_json(sale: &Sale, ended: &EndedStage) -> Value {
    let rulebook = &sale.lot().rulebook;
    let stage = rulebook.stage(ended.stage);
    let best = stage.kind.attribute().zip(ended.best).map(|(id, best)| format_quantity(rulebook.attribute(id), best));
    let codes: Vec<&str> = ended.ranking.iter().filter_map(|&id| sale.bidder(id)).map(|b| b.code()).collect();
    json!({"stage": stage.id, "field": ended.field.len(), "why": end_reason(ended.why), "best": best,
           "best_quanta": ended.best.map(|best| best.quanta()), "ranking": codes})
}

fn winner_json(sale: &Sale, seat: &Seat) -> Value {
    let (lot, rulebook) = (sale.lot(), &sale.lot().rulebook);
    let terms: Vec<Value> = seat
        .terms
        .values
        .iter()
        .map(|(attribute, value)| {
            let attribute = rulebook.attribute(*attribute);
            let total = attribute.lot_money(*value, lot.area);
            json!({"attribute": attribute.id, "value": format_quantity(attribute, *value),
                   "quanta": value.quanta(), "lot_minor": total.map(|money| money.minor()),
                   "mu_minor": attribute.mu_money(*value, lot.area).map(|money| money.minor()),
                   "capitals": total.filter(|_| rulebook.currency == "CNY").map(capital_amount)})
        })
        .collect();
    json!({"bidder": sale.bidder(seat.bidder).map(|bidder| bidder.code()), "terms": terms})
}
