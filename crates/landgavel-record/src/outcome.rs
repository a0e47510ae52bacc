//! The outcome of a sale for machines.

use landgavel_base::capital_amount;
use landgavel_sale::outcome::EndReason;
use landgavel_sale::{EndedStage, Sale, Seat, Status};
use serde_json::{Value, json};

use crate::language::format_quantity;

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
    json!({"lot": sale.lot().id, "status": status, "stages": stages, "winners": winners})
}

fn stage_json(sale: &Sale, ended: &EndedStage) -> Value {
    let rulebook = &sale.lot().rulebook;
    let stage = rulebook.stage(ended.stage);
    let best = match (stage.kind.attribute(), ended.best) {
        (Some(attribute), Some(best)) => format_quantity(rulebook.attribute(attribute), best),
        _ => "–".to_owned(),
    };
    let codes: Vec<&str> = ended.ranking.iter().filter_map(|&id| sale.bidder(id)).map(|b| b.code()).collect();
    json!({"stage": stage.id, "field": ended.field.len(), "why": why(ended.why), "best": best,
           "best_quanta": ended.best.map(|best| best.quanta()), "ranking": codes})
}

/// Why a stage ended, in English.
pub fn why(why: EndReason) -> &'static str {
    match why {
        EndReason::Settled => "settled",
        EndReason::Capped => "cap reached",
        EndReason::Empty => "no offer",
        EndReason::BelowReserve => "below reserve",
        EndReason::Overdue => "overdue",
        EndReason::Tied => "tied",
    }
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
