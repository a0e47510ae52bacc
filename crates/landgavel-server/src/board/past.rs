//! The last events, as the information policy lets a viewer see them.

use landgavel_base::Quantity;
use landgavel_record::words::event_in_words;
use landgavel_sale::event::{Event, Happened};
use landgavel_sale::rulebook::{Item, StageId};
use landgavel_sale::{BidderId, Viewer};
use serde_json::{Value, json};

use super::amount::of_stage;
use super::{EVENTS, in_both};
use crate::desk::shown::{Past, State};

/// What a line is about.
struct Line {
    what: &'static str,
    who: Option<BidderId>,
    value: Option<Quantity>,
}

/// The last events, newest first.
pub(super) fn history(state: &State, viewer: Viewer) -> Vec<Value> {
    state.history.iter().filter_map(|past| line(state, past, viewer)).take(EVENTS).collect()
}

/// Whether the policy lets whoever asked for an entry see all that its line tells: an entry of somebody's own act may
/// say how others stand.
pub fn tells_line(state: &State, asker: Option<&str>, refusal: Option<&str>, events: &[Event]) -> bool {
    let who = asker.and_then(|code| state.sale.bidder_named(code));
    let viewer = who.map_or(Viewer::Officer, Viewer::Bidder);
    let is_own = |event: &Event| match outline(event) {
        Some(Line { who: Some(about), .. }) => Some(about) == who,
        Some(Line { who: None, .. }) => false,
        None => true,
    };
    let is_quiet = refusal.is_none_or(|code| !TELLING.contains(&code)) && events.iter().all(is_own);
    is_quiet || state.sale.status().is_final() || state.sale.is_shown(Item::Amounts, viewer, false)
}

/// Refusals that name an amount which follows from what others have bid.
const TELLING: [&str; 4] = ["bid_below_minimum", "bid_not_on_step", "bid_jumps", "bid_beyond_cap"];

/// Events of one entry in words, for whoever asked for them.
pub fn told(state: &State, number: u64, events: &[Event]) -> Vec<Value> {
    let sale = &state.sale;
    let stage = state.history.iter().find(|past| past.entry == number).and_then(|past| past.stage);
    let code = |bidder: BidderId| sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
    let one = |event: &Event| {
        // What goes beyond the act itself is told by the board, as far as the policy lets it.
        let is_own = !matches!(outline(event), Some(Line { who: None, .. }));
        is_own.then(|| in_both(|language| event_in_words(sale.lot(), stage, &code, event, language)))
    };
    events.iter().filter_map(one).collect()
}

fn line(state: &State, past: &Past, viewer: Viewer) -> Option<Value> {
    let sale = &state.sale;
    let Line { what, who, value } = outline(&past.event)?;
    let ended = past.stage.is_none_or(|stage| sale.ended_stages().iter().any(|ended| ended.stage == stage));
    let is_own = who.is_some_and(|who| viewer == Viewer::Bidder(who));
    let sees_codes = sale.is_shown(Item::Codes, viewer, ended) || is_own;
    let sees_amounts = sale.is_shown(Item::Amounts, viewer, ended) || is_own;
    // Where amounts are hidden an act of somebody says too much by its mere time.
    if who.is_some() && !sees_amounts {
        return None;
    }
    let code = |bidder: BidderId| sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
    let shown = |bidder: BidderId| if sees_codes { code(bidder) } else { "–".to_owned() };
    let told_of = public(&past.event, sees_codes, sees_amounts);
    let told = |language| event_in_words(sale.lot(), past.stage, &shown, &told_of, language);
    Some(json!({
        "entry": past.entry,
        "at_ms": past.event.at.millis(),
        "code": who.filter(|_| sees_codes).map(code),
        "what": what,
        "amount": past.stage.map_or(Value::Null, |stage: StageId| of_stage(sale, stage, value)),
        "words": in_both(told),
    }))
}

/// The event without amounts where they are hidden, and without lists of those who stand where codes are: their
/// length is a secret of its own.
fn public(event: &Event, sees_codes: bool, sees_amounts: bool) -> Event {
    let mut event = event.clone();
    if let (false, Happened::StageEnded { best, .. }) = (sees_amounts, &mut event.happened) {
        *best = None;
    }
    if sees_codes {
        return event;
    }
    match &mut event.happened {
        Happened::StageOpened { field, .. } => field.clear(),
        Happened::StageEnded { ahead, ranking, .. } => {
            ahead.clear();
            ranking.clear();
        }
        Happened::DrawHeld { order, .. } => order.clear(),
        _ => {}
    }
    event
}

/// Which events a board tells, and what of them. Applications, bonds and admissions are not for the board:
/// they tell who takes part.
fn outline(event: &Event) -> Option<Line> {
    let line = |what| Some(Line { what, who: None, value: None });
    match &event.happened {
        Happened::BidPlaced { bidder, amount } => Some(Line { what: "bid", who: Some(*bidder), value: Some(*amount) }),
        Happened::Joined { bidder } => Some(Line { what: "join", who: Some(*bidder), value: None }),
        Happened::Accepted { bidder, value } => Some(Line { what: "accept", who: Some(*bidder), value: *value }),
        Happened::CapReached { bidder } => Some(Line { what: "other", who: Some(*bidder), value: None }),
        Happened::PhaseBegan { .. } => line("phase"),
        Happened::StageOpened { .. } | Happened::StageEnded { .. } => line("stage"),
        Happened::DrawFrozen { .. } | Happened::DrawHeld { .. } => line("draw"),
        Happened::Awarded | Happened::PassedIn { .. } | Happened::Annulled { .. } => line("award"),
        Happened::Paused { .. }
        | Happened::Resumed { .. }
        | Happened::StepChanged { .. }
        | Happened::BidCalled
        | Happened::Revealed { .. } => line("other"),
        Happened::Applied(_)
        | Happened::BondLodged { .. }
        | Happened::Admitted { .. }
        | Happened::Rejected { .. }
        | Happened::Withdrawn { .. }
        | Happened::AdmissionClosed { .. }
        | Happened::Committed { .. }
        | Happened::SealLodged { .. }
        | Happened::SealOpened { .. }
        | Happened::SealVoided { .. }
        | Happened::SchemeFiled { .. }
        | Happened::MarkGiven { .. }
        | Happened::Scored { .. }
        | Happened::ProvisionallyAwarded { .. }
        | Happened::Qualified { .. }
        | Happened::Disqualified { .. }
        | Happened::Confirmed { .. }
        | Happened::Defaulted { .. }
        | Happened::Cascaded { .. }
        | Happened::BondForfeited { .. }
        | Happened::ObligationArose { .. } => None,
    }
}
