use landgavel_base::{Digest, FactValue, Quantity};
use landgavel_sale::command::{BidderId, Bond};
use landgavel_sale::event::{Event, Happened, PhaseName, SealContent};
use landgavel_sale::lot::Secret;
use landgavel_sale::outcome::{EndReason, PassInReason, Winner};
use landgavel_sale::refusal::{Clause, Reason, Refusal};
use landgavel_sale::rulebook::{BondForm, Forfeit, StageId};
use landgavel_sale::{Lot, Sale};
use serde_json::{Map, Value, json};

/// An event as JSON. Bidders are named by code: `sale` must already know every applicant.
pub fn event_json(sale: &Sale, event: &Event) -> Value {
    let lot = sale.lot();
    let code = |bidder: &BidderId| sale.bidder(*bidder).map_or_else(String::new, |bidder| bidder.code().to_owned());
    let codes = |bidders: &[BidderId]| bidders.iter().map(code).collect::<Vec<_>>();
    let (name, fields) = match &event.happened {
        Happened::Applied(application) => {
            let facts: Map<String, Value> =
                application.facts.iter().map(|(name, value)| (name.clone(), fact_json(value))).collect();
            let Application { code, identity, group } = Application::of(application);
            ("applied", json!({"bidder": code, "identity": identity, "group": group, "facts": facts}))
        }
        Happened::BondLodged { bidder, bond } => ("bond_lodged", bond_json(code(bidder), bond)),
        Happened::Admitted { bidder } => ("admitted", json!({"bidder": code(bidder)})),
        Happened::Rejected { bidder, reason } => ("rejected", json!({"bidder": code(bidder), "reason": reason})),
        Happened::Withdrawn { bidder } => ("withdrawn", json!({"bidder": code(bidder)})),
        Happened::AdmissionClosed { admitted } => ("admission_closed", json!({"admitted": admitted})),
        Happened::Committed { stage, secret, digest } => (
            "committed",
            json!({"stage": stage_id(lot, *stage), "secret": secret_name(*secret), "digest": digest.to_string()}),
        ),
        Happened::Revealed { stage, secret, value } => (
            "revealed",
            json!({"stage": stage_id(lot, *stage), "secret": secret_name(*secret), "value": value.quanta()}),
        ),
        Happened::StageOpened { stage, field } => {
            ("stage_opened", json!({"stage": stage_id(lot, *stage), "field": codes(field)}))
        }
        Happened::PhaseBegan { phase } => ("phase_began", phase_json(*phase, code)),
        Happened::BidPlaced { bidder, amount } => {
            ("bid_placed", json!({"bidder": code(bidder), "amount": amount.quanta()}))
        }
        Happened::Joined { bidder } => ("joined", json!({"bidder": code(bidder)})),
        Happened::Accepted { bidder, value } => {
            ("accepted", json!({"bidder": code(bidder), "value": value.map(Quantity::quanta)}))
        }
        Happened::CapReached { bidder } => ("cap_reached", json!({"bidder": code(bidder)})),
        Happened::SealLodged { bidder, envelope, readable_from } => (
            "seal_lodged",
            json!({"bidder": code(bidder), "envelope": envelope.to_string(),
                   "readable_ms": readable_from.map(|from| from.millis())}),
        ),
        Happened::SealVoided { bidder } => ("seal_voided", json!({"bidder": code(bidder)})),
        Happened::SealOpened { bidder, content } => {
            let (result, amounts) = match content {
                SealContent::Valid(amounts) => ("valid", quanta(amounts)),
                SealContent::OutOfBounds(amounts) => ("out_of_bounds", quanta(amounts)),
                SealContent::Unreadable => ("unreadable", Vec::new()),
            };
            ("seal_opened", json!({"bidder": code(bidder), "result": result, "amounts": amounts}))
        }
        Happened::SchemeFiled { bidder, documents } => {
            ("scheme_filed", json!({"bidder": code(bidder), "documents": documents.to_string()}))
        }
        Happened::MarkGiven { judge, bidder, criterion, points } => (
            "mark_given",
            json!({"judge": judge, "bidder": code(bidder), "criterion": criterion, "points": points.quanta()}),
        ),
        Happened::Scored { bidder, score } => ("scored", json!({"bidder": code(bidder), "score": score.quanta()})),
        Happened::DrawFrozen { root } => ("draw_frozen", json!({"root": root.to_string()})),
        Happened::DrawHeld { outputs, order } => {
            let outputs: Vec<String> = outputs.iter().map(Digest::to_string).collect();
            ("draw_held", json!({"outputs": outputs, "order": codes(order)}))
        }
        Happened::StepChanged { step } => ("step_changed", json!({"step": step.quanta()})),
        Happened::BidCalled => ("bid_called", json!({})),
        Happened::StageEnded { stage, why, best, ahead, ranking } => (
            "stage_ended",
            json!({"stage": stage_id(lot, *stage), "why": end_reason(*why), "best": best.map(Quantity::quanta),
                   "ahead": codes(ahead), "ranking": codes(ranking)}),
        ),
        Happened::Paused { evidence } => ("paused", json!({"evidence": evidence})),
        Happened::Resumed { lasted } => ("resumed", json!({"lasted_ms": lasted.millis()})),
        Happened::ProvisionallyAwarded { winners, runners_up } => {
            let winners: Vec<Value> = winners.iter().map(|winner| winner_json(lot, code, winner)).collect();
            ("provisionally_awarded", json!({"winners": winners, "runners_up": codes(runners_up)}))
        }
        Happened::Qualified { bidder } => ("qualified", json!({"bidder": code(bidder)})),
        Happened::Disqualified { bidder, reason } => {
            ("disqualified", json!({"bidder": code(bidder), "reason": reason}))
        }
        Happened::Confirmed { bidder } => ("confirmed", json!({"bidder": code(bidder)})),
        Happened::Defaulted { bidder } => ("defaulted", json!({"bidder": code(bidder)})),
        Happened::Cascaded { winner } => ("cascaded", winner_json(lot, code, winner)),
        Happened::BondForfeited { bidder, cause } => {
            ("bond_forfeited", json!({"bidder": code(bidder), "cause": forfeit_name(*cause)}))
        }
        Happened::ObligationArose { bidder, obligation, amount, due } => {
            let id = usize::try_from(*obligation).ok().and_then(|index| lot.rulebook.obligations.get(index));
            (
                "obligation_arose",
                json!({"bidder": code(bidder), "obligation": id.map(|rule| rule.id.as_str()),
                       "amount_minor": amount.map(|money| money.minor()), "due": due.map(|date| date.to_string())}),
            )
        }
        Happened::Awarded => ("awarded", json!({})),
        Happened::PassedIn { reason } => ("passed_in", pass_in_json(lot, reason)),
        Happened::Annulled { cause, reason } => ("annulled", json!({"cause": cause, "reason": reason})),
    };
    let mut object = Map::new();
    object.insert("event".to_owned(), json!(name));
    if let Value::Object(fields) = fields {
        object.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(object)
}

struct Application<'a> {
    code: &'a str,
    identity: Option<&'a str>,
    group: Option<&'a str>,
}

impl<'a> Application<'a> {
    fn of(application: &'a landgavel_sale::Application) -> Self {
        Self { code: &application.code, identity: application.identity.as_deref(), group: application.group.as_deref() }
    }
}

fn quanta(amounts: &[Quantity]) -> Vec<i64> {
    amounts.iter().map(|amount| amount.quanta()).collect()
}

fn fact_json(value: &FactValue) -> Value {
    match value {
        FactValue::Text(text) => json!(text),
        FactValue::Number(number) => json!(number),
        FactValue::YesNo(flag) => json!(flag),
    }
}

fn bond_json(code: String, bond: &Bond) -> Value {
    let form = match bond.form {
        BondForm::Cash => "cash",
        BondForm::Guarantee => "guarantee",
        BondForm::Insurance => "insurance",
    };
    json!({"bidder": code, "form": form, "amount_minor": bond.amount.minor(),
           "valid_until_ms": bond.valid_until.map(|until| until.millis()), "issuer": bond.issuer})
}

fn winner_json(lot: &Lot, code: impl Fn(&BidderId) -> String, winner: &Winner) -> Value {
    let terms: Map<String, Value> = winner
        .terms
        .values
        .iter()
        .map(|(attribute, value)| (lot.rulebook.attribute(*attribute).id.clone(), json!(value.quanta())))
        .collect();
    json!({"bidder": code(&winner.bidder), "terms": terms})
}

fn phase_json(phase: PhaseName, code: impl Fn(&BidderId) -> String) -> Value {
    match phase {
        PhaseName::Quote => json!({"phase": "quote"}),
        PhaseName::Ask => json!({"phase": "ask"}),
        PhaseName::Live => json!({"phase": "live"}),
        PhaseName::Acceptance => json!({"phase": "acceptance"}),
        PhaseName::Sealing => json!({"phase": "sealing"}),
        PhaseName::Opening => json!({"phase": "opening"}),
        PhaseName::Round(round) => json!({"phase": "round", "round": round}),
        PhaseName::Turn { round, bidder } => json!({"phase": "turn", "round": round, "bidder": code(&bidder)}),
        PhaseName::Pause => json!({"phase": "pause"}),
        PhaseName::Clock => json!({"phase": "clock"}),
        PhaseName::Filing => json!({"phase": "filing"}),
        PhaseName::Marking => json!({"phase": "marking"}),
        PhaseName::Frozen => json!({"phase": "frozen"}),
        PhaseName::Taking => json!({"phase": "taking"}),
        PhaseName::Revealing => json!({"phase": "revealing"}),
    }
}

/// Why a lot passed in.
pub(crate) fn pass_in_json(lot: &Lot, reason: &PassInReason) -> Value {
    match reason {
        PassInReason::NoBidder => json!({"reason": "no_bidder"}),
        PassInReason::TooFewBidders => json!({"reason": "too_few_bidders"}),
        PassInReason::SoleBidder => json!({"reason": "sole_bidder"}),
        PassInReason::Stage { stage, why } => {
            json!({"reason": "stage", "stage": stage_id(lot, *stage), "why": end_reason(*why)})
        }
        PassInReason::WinnerFailed => json!({"reason": "winner_failed"}),
    }
}

fn stage_id(lot: &Lot, stage: StageId) -> &str {
    &lot.rulebook.stage(stage).id
}

fn secret_name(secret: Secret) -> &'static str {
    match secret {
        Secret::Cap => "cap",
        Secret::Reserve => "reserve",
    }
}

/// Why a stage ended, as a code.
pub(crate) fn end_reason(why: EndReason) -> &'static str {
    match why {
        EndReason::Settled => "settled",
        EndReason::Capped => "capped",
        EndReason::Empty => "empty",
        EndReason::BelowReserve => "below_reserve",
        EndReason::Overdue => "overdue",
        EndReason::Tied => "tied",
    }
}

fn forfeit_name(cause: Forfeit) -> &'static str {
    match cause {
        Forfeit::Default => "default",
        Forfeit::Disqualification => "disqualification",
        Forfeit::UnopenedSeal => "unopened-seal",
        Forfeit::LateWithdrawal => "late-withdrawal",
    }
}

/// A refusal as JSON: code, clause, and what was expected where the reason says so.
pub fn refusal_json(lot: &Lot, refusal: &Refusal) -> Value {
    let clause = match refusal.clause {
        Clause::Rule(path) => path.to_owned(),
        Clause::Stage(stage, field) => format!("stages.{}.{field}", stage_id(lot, stage)),
        Clause::Engine => "engine".to_owned(),
    };
    let expected = match &refusal.reason {
        Reason::BidBelowMinimum { least } => Some(json!({"least": least.quanta()})),
        Reason::BidNotOnStep { step } => Some(json!({"step": step.quanta()})),
        Reason::BidJumps { only } => Some(json!({"only": only.quanta()})),
        Reason::BidBeyondCap { cap } => Some(json!({"cap": cap.quanta()})),
        Reason::BondTooSmall { least } => Some(json!({"least_minor": least.minor()})),
        Reason::PrerequisiteNotMet { fact } => Some(json!({"fact": fact})),
        Reason::GroupAlreadyAdmitted { group } => Some(json!({"group": group})),
        _ => None,
    };
    let mut object = json!({"code": refusal.reason.code(), "clause": clause});
    if let (Value::Object(object), Some(expected)) = (&mut object, expected) {
        object.insert("expected".to_owned(), expected);
    }
    object
}
