//! What a bidder sees beside what everybody sees.

use landgavel_base::{Digest, Instant, Quantity};
use landgavel_record::language::format_money;
use landgavel_sale::command::{BidderId, Command};
use landgavel_sale::event::PhaseName;
use landgavel_sale::rulebook::{BondForm, Item, StepMode};
use landgavel_sale::{Bidder, LegalBid, Sale, Standing, View, Viewer};
use serde_json::{Value, json};

use super::amount::of_stage;
use super::frame::{ANYBODY, running, seen};
use crate::clock::Clock;
use crate::desk::shown::State;

/// Amounts that are offered as buttons, at most.
const CHOICES: i64 = 6;

/// The own frame of a bidder; nothing when nobody has this code.
pub fn own_frame(state: &State, code: &str, clock: &dyn Clock) -> Option<Value> {
    let sale = &state.sale;
    let id = sale.bidder_named(code)?;
    let bidder = sale.bidder(id)?;
    let view = sale.view_top(Viewer::Bidder(id), 0);
    let own = running(&view).and_then(|stage| stage.offers.iter().find(|offer| offer.code.as_deref() == Some(code)));
    let own = running(&view).map_or(Value::Null, |stage| of_stage(sale, stage.stage, own.and_then(|own| own.value)));
    // Whether one leads tells the best amount where amounts are hidden.
    let sees = sale.is_shown(Item::Amounts, Viewer::Bidder(id), false);
    let leads = running(&view).filter(|_| sees).map(|_| sale.leader() == Some(id));
    Some(json!({
        "code": code,
        "standing": standing(bidder),
        "leads": leads,
        "own": own,
        "bond": bond(sale, bidder),
        "can": can(sale, id, &view, clock.now()),
        "legal": if sees { legal(sale, &view) } else { unseen(sale, id, &view) },
        "seal": seal(state),
        "binding": binding(state, &view),
    }))
}

fn standing(bidder: &Bidder) -> &'static str {
    match bidder.standing() {
        Standing::Applicant => "applicant",
        Standing::Bidder => "bidder",
        Standing::Rejected { .. } => "rejected",
        Standing::Withdrawn => "withdrawn",
    }
}

fn bond(sale: &Sale, bidder: &Bidder) -> Value {
    let Some(bond) = bidder.bond() else { return Value::Null };
    let form = match bond.form {
        BondForm::Cash => "cash",
        BondForm::Guarantee => "guarantee",
        BondForm::Insurance => "insurance",
    };
    json!({"form": form, "amount": format_money(bond.amount, &sale.lot().rulebook.currency),
           "valid_until_ms": bond.valid_until.map(Instant::millis), "issuer": bond.issuer,
           "forfeited": bidder.forfeited().is_some()})
}

/// What would not be refused if it were asked now.
fn can(sale: &Sale, bidder: BidderId, view: &View, now: Instant) -> Vec<&'static str> {
    let now = now.max(sale.last());
    let digest = Digest([0; 32]);
    let asks = [
        ("withdraw", Command::Withdraw { bidder }),
        ("join", Command::Join { bidder }),
        ("accept", Command::Accept { bidder }),
        ("seal", Command::LodgeSeal { bidder, envelope: digest, readable_from: None }),
        ("file", Command::FileScheme { bidder, documents: digest }),
        ("confirm", Command::Confirm { bidder }),
    ];
    let mut can: Vec<&'static str> =
        asks.iter().filter(|(_, command)| sale.decide(now, command).is_ok()).map(|(verb, _)| *verb).collect();
    let sees = sale.is_shown(Item::Amounts, Viewer::Bidder(bidder), false);
    if !sees && !is_public_end(view) {
        // That the cap may be taken tells that somebody has bid it.
        can.retain(|verb| *verb != "accept");
    }
    if view.legal.is_some() || (!sees && takes_open_bids(sale, bidder, view)) {
        can.push("bid");
    }
    can
}

/// Whether accepting is what the phase is for, as everybody sees.
fn is_public_end(view: &View) -> bool {
    let phase = running(view).and_then(|stage| stage.phase);
    matches!(phase, Some(PhaseName::Acceptance | PhaseName::Taking | PhaseName::Clock))
}

/// Whether a bidder may try a bid, as far as that says nothing of others' amounts.
fn takes_open_bids(sale: &Sale, id: BidderId, view: &View) -> bool {
    let phase = running(view).and_then(|stage| stage.phase);
    let is_open = matches!(phase, Some(PhaseName::Quote | PhaseName::Live | PhaseName::Round(_)))
        || matches!(phase, Some(PhaseName::Turn { bidder, .. }) if bidder == id);
    let is_bidder = sale.bidder(id).is_some_and(|bidder| *bidder.standing() == Standing::Bidder);
    is_open && is_bidder && !view.is_paused && sale.legal_bid(ANYBODY).is_some()
}

/// The rule for amounts without any amount that others have bid.
fn unseen(sale: &Sale, id: BidderId, view: &View) -> Value {
    let (Some(stage), Some(rule)) = (running(view), sale.legal_bid(ANYBODY)) else { return Value::Null };
    if !takes_open_bids(sale, id, view) {
        return Value::Null;
    }
    let of = |value: Option<Quantity>| of_stage(sale, stage.stage, value);
    json!({"least": null, "step": of(Some(rule.step)), "mode": mode(rule.mode), "cap": of(stage.cap), "choices": []})
}

fn mode(mode: StepMode) -> &'static str {
    match mode {
        StepMode::Exact => "exact",
        StepMode::Multiple => "multiple",
        StepMode::AtLeast => "at_least",
    }
}

fn legal(sale: &Sale, view: &View) -> Value {
    let (Some(stage), Some(legal)) = (running(view), view.legal) else { return Value::Null };
    let of = |value: Quantity| of_stage(sale, stage.stage, Some(value));
    let choices: Vec<Value> = choices(sale, stage.stage, legal).into_iter().map(of).collect();
    json!({"least": of(legal.least), "step": of(legal.step), "mode": mode(legal.mode),
           "cap": legal.cap.map_or(Value::Null, of), "choices": choices})
}

/// The next legal amounts, and the cap when it is one of them.
fn choices(sale: &Sale, stage: landgavel_sale::rulebook::StageId, legal: LegalBid) -> Vec<Quantity> {
    let rulebook = &sale.lot().rulebook;
    let Some(attribute) = rulebook.stage(stage).kind.attribute() else { return Vec::new() };
    let direction = rulebook.attribute(attribute).direction;
    let beyond = |value: Quantity| legal.cap.is_some_and(|cap| direction.is_better(value, cap));
    let more = match legal.mode {
        StepMode::Exact => 1,
        StepMode::Multiple | StepMode::AtLeast => CHOICES,
    };
    let mut found = Vec::new();
    for steps in 0..more {
        let by = Quantity::new(legal.step.quanta().saturating_mul(steps));
        let Some(value) = by.and_then(|by| direction.improve(legal.least, by)) else { break };
        if beyond(value) || value < Quantity::ZERO || found.last() == Some(&value) {
            break;
        }
        found.push(value);
    }
    found
}

fn seal(state: &State) -> Value {
    if state.sale.period().is_none_or(|period| period.name != PhaseName::Sealing) {
        return Value::Null;
    }
    let chain = &state.notice.chain;
    json!({"round": state.seal_round(), "chain": {
        "name": chain.name(), "hash": Digest(chain.hash()).to_string(), "public_key": hex(chain.public_key()),
        "genesis_ms": chain.genesis_ms(), "period_ms": chain.period_ms(),
    }})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What any command must be bound to now.
pub fn binding_now(state: &State) -> Value {
    binding(state, &state.sale.view_top(Viewer::Public, 0))
}

/// What a command of this bidder must be bound to now.
fn binding(state: &State, view: &View) -> Value {
    let rulebook = &state.sale.lot().rulebook;
    let stage = running(view).map(|stage| rulebook.stage(stage.stage));
    let attribute = stage.and_then(|stage| stage.kind.attribute()).map(|id| &rulebook.attribute(id).id);
    json!({"lot": state.notice.lot, "rulebook": state.notice.rulebook_sha256.to_string(), "seen": seen(state),
           "stage": stage.map(|stage| &stage.id), "attribute": attribute})
}
