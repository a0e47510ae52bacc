//! What everybody sees.

use landgavel_record::language::format_quantity;
use landgavel_record::record::Notice;
use landgavel_record::words::phase_in_words;
use landgavel_sale::event::{Happened, PhaseName};
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{Item, StageKind};
use landgavel_sale::{BidderId, Sale, StageView, Status, View, Viewer};
use serde_json::{Value, json};

use super::amount::{amount, of_stage};
use super::past::history;
use super::{LINES, both, in_both, words};
use crate::clock::Clock;
use crate::desk::shown::{Standing, State};

/// The public frame of a sale. `witnesses` says how many must cosign at least.
pub fn public_frame(id: &str, state: &State, clock: &dyn Clock, witnesses: usize) -> Value {
    let (sale, notice) = (&state.sale, &state.notice);
    let view = sale.view_top(Viewer::Public, LINES);
    let lot = sale.lot();
    let (stage, phase) = (running_stage(sale, &view), running_phase(sale, &view));
    let running = running(&view);
    let values = |pick: fn(&StageView) -> Option<landgavel_base::Quantity>| {
        running.map_or(Value::Null, |stage| of_stage(sale, stage.stage, pick(stage)))
    };
    json!({
        "sale": id,
        "title": both(&lot.title),
        "lot_id": lot.id,
        "rulebook": notice.rulebook_sha256.to_string(),
        "origin": notice.origin,
        "entries": state.entries,
        "now_ms": clock.now().millis(),
        "rate_milli": clock.rate_milli(),
        "status": status(state),
        "paused": view.is_paused,
        "paused_why": paused_why(state),
        "stage": stage,
        "phase": phase,
        "next": next_moment(state, clock),
        "field": running.and_then(|stage| stage.field_size),
        "start": values(|stage| stage.start),
        "cap": values(|stage| stage.cap),
        "reserve": values(|stage| stage.reserve),
        "offers": running.map_or_else(Vec::new, |stage| offers(sale, stage)),
        "next_least": next_least(sale, running),
        "history": history(state, Viewer::Public),
        "ended": ended(sale, &view),
        "draw": draw(state, notice),
        "winners": winners(sale),
        "seen": seen(state),
        "witnesses": {"have": state.published.as_ref().map_or(0, |published| published.witnesses), "need": witnesses},
    })
}

/// What is sent when nothing changes, so that every clock stays right.
pub fn beat(state: &State, clock: &dyn Clock) -> Value {
    json!({"now_ms": clock.now().millis(), "rate_milli": clock.rate_milli(), "entries": state.entries})
}

pub(super) fn running(view: &View) -> Option<&StageView> {
    match view.status {
        Status::Running(id) => view.stages.last().filter(|stage| stage.stage == id),
        _ => None,
    }
}

fn status(state: &State) -> &'static str {
    if matches!(state.desk, Standing::Stopped { .. }) && !state.sale.status().is_final() {
        return "stopped";
    }
    match state.sale.status() {
        Status::Admitting => "admitting",
        Status::Running(_) => "running",
        Status::Provisional => "provisional",
        Status::Awarded => "awarded",
        Status::PassedIn(_) => "passed_in",
        Status::Annulled { .. } => "annulled",
    }
}

fn paused_why(state: &State) -> Value {
    let Some(evidence) = &state.paused_for else { return Value::Null };
    if evidence.contains("\"cause\":\"restart\"") {
        words("系统中断后恢复", "The hall was down and is back")
    } else if evidence.contains("\"cause\":\"stalled\"") {
        words("系统曾停顿", "The hall had stood still")
    } else if evidence.contains("\"cause\":\"clock_step\"") {
        words("系统时钟异常", "The hall's clock had gone wrong")
    } else if evidence.contains("\"cause\":\"unwitnessed\"") {
        words("见证方没有回应，等待见证后恢复", "Too few witnesses answer; it goes on when they do")
    } else if evidence.contains("\"cause\":\"intake_errors\"") {
        words("系统繁忙，部分请求未被受理", "The hall could not take all that was asked")
    } else {
        words(evidence, evidence)
    }
}

fn running_stage(sale: &Sale, view: &View) -> Value {
    let Some(stage) = running(view) else { return Value::Null };
    let rulebook = &sale.lot().rulebook;
    let rule = rulebook.stage(stage.stage);
    let attribute = rule.kind.attribute().map(|id| {
        let attribute = rulebook.attribute(id);
        let quantum = landgavel_base::Quantity::new(1).unwrap_or(landgavel_base::Quantity::ZERO);
        json!({"id": attribute.id, "name": both(&attribute.name), "unit": attribute.unit.text,
               "decimals": attribute.decimals, "quantum_text": format_quantity(attribute, quantum)})
    });
    json!({"id": rule.id, "title": both(&rule.title), "kind": kind(&rule.kind), "attribute": attribute,
           "index": usize::from(stage.stage.0) + 1, "count": rulebook.stages.len()})
}

fn kind(kind: &StageKind) -> &'static str {
    match kind {
        StageKind::Ascending(_) => "ascending",
        StageKind::Descending(_) => "descending",
        StageKind::Sealed(_) => "sealed",
        StageKind::Rounds(_) => "rounds",
        StageKind::Score(_) => "score",
        StageKind::Draw(_) => "draw",
        StageKind::Fixed(_) => "fixed",
        StageKind::First(_) => "first",
    }
}

fn running_phase(sale: &Sale, view: &View) -> Value {
    let Some(stage) = running(view) else { return Value::Null };
    let Some(phase) = stage.phase else { return Value::Null };
    let length = sale.period().and_then(|period| period.length);
    json!({"name": phase_name(phase), "title": in_both(|language| phase_in_words(sale, stage.stage, phase, language)),
           "closes_ms": stage.closes.map(landgavel_base::Instant::millis),
           "length_ms": length.map(landgavel_base::Duration::millis)})
}

/// The next moment of the calendar, before the first stage.
fn next_moment(state: &State, clock: &dyn Clock) -> Value {
    let (lot, now) = (state.sale.lot(), clock.now());
    if *state.sale.status() != Status::Admitting {
        return Value::Null;
    }
    let moments = lot.rulebook.calendar.iter().zip(&lot.calendar);
    let next = moments.filter(|(_, at)| **at > now).min_by_key(|(_, at)| **at);
    next.map_or(Value::Null, |(moment, at)| json!({"title": both(&moment.name), "at_ms": at.millis()}))
}

fn phase_name(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Quote => "quote",
        PhaseName::Ask => "ask",
        PhaseName::Live => "live",
        PhaseName::Acceptance => "acceptance",
        PhaseName::Sealing => "sealing",
        PhaseName::Opening => "opening",
        PhaseName::Round(_) => "round",
        PhaseName::Turn { .. } => "turn",
        PhaseName::Pause => "pause",
        PhaseName::Clock => "clock",
        PhaseName::Filing => "filing",
        PhaseName::Marking => "marking",
        PhaseName::Frozen => "frozen",
        PhaseName::Taking => "taking",
        PhaseName::Revealing => "revealing",
    }
}

fn offers(sale: &Sale, stage: &StageView) -> Vec<Value> {
    let one = |offer: &landgavel_sale::OfferView| json!({"code": offer.code, "amount": of_stage(sale, stage.stage, offer.value)});
    stage.offers.iter().take(LINES).map(one).collect()
}

/// Nobody in particular: what it may bid follows from what everybody sees.
pub(super) const ANYBODY: BidderId = BidderId(u32::MAX);

fn next_least(sale: &Sale, running: Option<&StageView>) -> Value {
    let Some(stage) = running else { return Value::Null };
    if !sale.is_shown(Item::Amounts, Viewer::Public, false) {
        return Value::Null;
    }
    // At the cap nobody may offer more; others may only take it.
    let is_beyond = |least| {
        let attribute = sale.lot().rulebook.stage(stage.stage).kind.attribute();
        let direction = attribute.map(|id| sale.lot().rulebook.attribute(id).direction);
        direction.zip(stage.cap).is_some_and(|(direction, cap)| direction.is_better(least, cap))
    };
    let least = sale.legal_bid(ANYBODY).map(|legal| legal.least).filter(|least| !is_beyond(*least));
    of_stage(sale, stage.stage, least)
}

fn ended(sale: &Sale, view: &View) -> Vec<Value> {
    let one = |(stage, ended): (&StageView, &landgavel_sale::EndedStage)| {
        let rule = sale.lot().rulebook.stage(stage.stage);
        let shows = stage.offers.iter().any(|offer| offer.value.is_some());
        json!({"id": rule.id, "title": both(&rule.title), "why": why(ended.why),
               "best": of_stage(sale, stage.stage, ended.best.filter(|_| shows)), "field": stage.field_size})
    };
    view.stages.iter().zip(sale.ended_stages()).map(one).collect()
}

fn why(why: EndReason) -> Value {
    match why {
        EndReason::Settled => words("已定", "settled"),
        EndReason::Capped => words("达到最高限价", "cap reached"),
        EndReason::Empty => words("无人报价", "no offer"),
        EndReason::BelowReserve => words("未达底价", "below the reserve"),
        EndReason::Overdue => words("逾期未揭示", "overdue"),
        EndReason::Tied => words("并列", "tied"),
    }
}

fn draw(state: &State, notice: &Notice) -> Value {
    let sale = &state.sale;
    let order = state.drawn.as_ref().filter(|_| sale.is_shown(Item::Codes, Viewer::Public, true)).map(|order| {
        order.iter().take(LINES).filter_map(|id| sale.bidder(*id)).map(|bidder| bidder.code()).collect::<Vec<_>>()
    });
    // A draw that was held stays on the board with the list that it was drawn from.
    let frozen = state.history.iter().find_map(|past| match past.event.happened {
        Happened::DrawFrozen { root } => Some((root, past.event.at)),
        _ => None,
    });
    let Some((root, at)) = state.frozen.or(frozen).filter(|_| state.frozen.is_some() || state.drawn.is_some()) else {
        return Value::Null;
    };
    let round = notice.chain.round_at(at.after(notice.draw_delay).millis());
    json!({"root": root.to_string(), "round": round,
           "round_ms": round.and_then(|round| notice.chain.time_of_round(round)), "order": order})
}

fn winners(sale: &Sale) -> Vec<Value> {
    let rulebook = &sale.lot().rulebook;
    let is_final = sale.status().is_final();
    let shows = is_final || sale.is_shown(Item::Codes, Viewer::Public, true);
    let sees_amounts = is_final || sale.is_shown(Item::Amounts, Viewer::Public, true);
    let one = |seat: &landgavel_sale::Seat| {
        let terms: Vec<Value> = seat
            .terms
            .values
            .iter()
            .filter(|_| sees_amounts)
            .map(
                |(id, value)| json!({"name": both(&rulebook.attribute(*id).name), "amount": amount(sale, *id, *value)}),
            )
            .collect();
        json!({"code": sale.bidder(seat.bidder).map(|bidder| bidder.code()), "terms": terms})
    };
    sale.seats().iter().filter(|_| shows).map(one).collect()
}

/// The last checkpoint, as a bidder's command names it: zeros before the first.
pub(super) fn seen(state: &State) -> Value {
    let tree = state.published.as_ref().map(|published| &published.tree);
    let (size, root) = tree.map_or((0, [0; 32]), |tree| (tree.size(), tree.root().0));
    json!({"size": size, "root": landgavel_base::Digest(root).to_string()})
}
