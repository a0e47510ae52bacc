use landgavel_base::Money;
use landgavel_pledge::{
    Approval, Bond, Computation, Contract, Evidence, Finding, Happened, IdleLevel, Pledge, Step, Subject, split_deposit,
};
use serde_json::{Map, Value, json};

use super::Change;
use crate::language::IDLE;
use crate::pledges::codes::{claim_code, form_code, status_code, verdict_code};

/// A change as the record writes it: ids, codes and numbers, no words. Money is in minor units (fen); claims, bonds and
/// years are counted from 1.
pub fn change_json(contract: &Contract, change: &Change) -> Value {
    match change {
        Change::Pledge(event) => happened_json(contract, &event.happened),
        Change::Rekeyed { of, key, approval } => {
            json!({"event": "rekeyed", "of": of, "key": key.to_string(), "approval": approval_json(approval)})
        }
    }
}

fn happened_json(contract: &Contract, happened: &Happened) -> Value {
    let about = |event: &str, subject: Subject| event_about(contract, event, subject);
    match happened {
        Happened::BondLodged(bond) => bond_json(bond),
        Happened::BondExtended { bond, valid_until, letter } => {
            json!({"event": "bond_extended", "bond": bond + 1, "valid_until": valid_until.to_string(),
                   "letter": letter.to_string()})
        }
        Happened::BondMissing { amount } => json!({"event": "bond_missing", "amount_minor": amount.minor()}),
        Happened::BondExpiring { bond, valid_until, needed_until, due } => {
            json!({"event": "bond_expiring", "bond": bond + 1, "valid_until": valid_until.to_string(),
                   "needed_until": needed_until.to_string(), "due": due.to_string()})
        }
        Happened::BondTurnedToCash { bond, amount } => {
            json!({"event": "bond_turned_to_cash", "bond": bond + 1, "amount_minor": amount.minor()})
        }
        Happened::BondLapsed { bond, amount } => {
            json!({"event": "bond_lapsed", "bond": bond + 1, "amount_minor": amount.minor()})
        }
        Happened::TopUpDemanded { amount, due } => with(
            json!({"event": "top_up_demanded", "amount_minor": amount.minor()}),
            "due",
            due.map(|day| day.to_string()),
        ),
        Happened::EvidenceEntered(evidence) => evidence_json(contract, evidence),
        Happened::EvidenceRetracted { subject } => about("evidence_retracted", *subject).into(),
        Happened::Judged { subject, verdict, computation } => {
            let mut event = about("judged", *subject);
            event.insert("verdict".to_owned(), json!(verdict_code(*verdict)));
            if let Some(computation) = computation {
                event.insert("arithmetic".to_owned(), computation_json(computation));
            }
            event.into()
        }
        Happened::ClaimRaised { subject, amount, cure_until } => {
            let mut event = about("claim_raised", *subject);
            event.insert("amount_minor".to_owned(), json!(amount.minor()));
            event.insert("cure_until".to_owned(), json!(cure_until.to_string()));
            event.into()
        }
        Happened::ClaimWithdrawn { claim } => json!({"event": "claim_withdrawn", "claim": claim + 1}),
        Happened::ClaimReduced { claim, amount, refund } => {
            json!({"event": "claim_reduced", "claim": claim + 1, "amount_minor": amount.minor(),
                   "refund_minor": refund.minor()})
        }
        Happened::ClaimPaid { claim, amount, fee } => {
            with_fee(json!({"event": "claim_paid", "claim": claim + 1, "amount_minor": amount.minor()}), fee)
        }
        Happened::ClaimDisputed { claim, statement } => {
            json!({"event": "claim_disputed", "claim": claim + 1, "statement": statement.to_string()})
        }
        Happened::ClaimSettled { claim, amount, fee, refund, cure_until, approval } => {
            json!({"event": "claim_settled", "claim": claim + 1, "amount_minor": amount.minor(),
                   "fee_minor": fee.minor(), "cure_until": cure_until.to_string(),
                   "refund_minor": refund.minor(), "approval": approval_json(approval)})
        }
        Happened::BondCalled { claim, from, fee, remainder } => {
            let called = json!({"event": "bond_called", "claim": claim + 1, "from": shares_json(from),
                   "remainder_minor": remainder.minor()});
            with_fee(called, fee)
        }
        Happened::Released { milestone, from } => {
            let id = milestone.and_then(|index| contract.milestones.get(index)).map(|one| one.id.as_str());
            with(json!({"event": "released", "from": shares_json(from)}), "milestone", id)
        }
        Happened::Extended { milestone, until, approval } => {
            let id = contract.milestones.get(*milestone).map(|one| one.id.as_str());
            json!({"event": "extended", "about": id, "until": until.to_string(), "approval": approval_json(approval)})
        }
        Happened::TimeStopped { from, until, days, approval } => {
            json!({"event": "time_stopped", "from": from.to_string(), "until": until.to_string(), "days": days,
                   "approval": approval_json(approval)})
        }
        Happened::Waived { subject, approval } => {
            let mut event = about("waived", *subject);
            event.insert("approval".to_owned(), approval_json(approval));
            event.into()
        }
        Happened::Idle(level) => {
            let level = match level {
                IdleLevel::Fee => "fee",
                IdleLevel::TakeBack => "take_back",
            };
            json!({"event": "idle", "level": level})
        }
        Happened::TakenBack { ground, computation, forfeits, approval } => {
            let mut event = about("taken_back", *ground);
            event.insert("compensation_minor".to_owned(), json!(computation.amount.minor()));
            event.insert("arithmetic".to_owned(), computation_json(computation));
            event.insert("forfeits_minor".to_owned(), json!(forfeits.minor()));
            event.insert("approval".to_owned(), approval_json(approval));
            event.into()
        }
        Happened::Forfeited { from } => json!({"event": "forfeited", "from": shares_json(from)}),
        Happened::Discharged => json!({"event": "discharged"}),
    }
}

fn event_about(contract: &Contract, event: &str, subject: Subject) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("event".to_owned(), json!(event));
    put_about(&mut fields, contract, subject);
    fields
}

/// What something is about: an id, and of a promise of several years the year.
fn put_about(fields: &mut Map<String, Value>, contract: &Contract, subject: Subject) {
    let id = match subject {
        Subject::Milestone(index) => contract.milestones.get(usize::from(index)).map(|one| one.id.as_str()),
        Subject::Period(index, _) => contract.promises.get(usize::from(index)).map(|one| one.id.as_str()),
        Subject::Duty(index) => contract.duties.get(usize::from(index)).map(|one| one.obligation.id.as_str()),
        Subject::Ban(index) => contract.bans.get(usize::from(index)).map(|one| one.id.as_str()),
        Subject::Idle => Some(IDLE),
    };
    fields.insert("about".to_owned(), json!(id));
    if let Subject::Period(index, period) = subject
        && contract.periods(usize::from(index)) > 1
    {
        fields.insert("year".to_owned(), json!(period + 1));
    }
}

fn bond_json(bond: &Bond) -> Value {
    let event = json!({"event": "bond_lodged", "form": form_code(bond.form), "amount_minor": bond.amount.minor(),
                       "currency": bond.currency, "issuer": bond.issuer, "beneficiary": bond.beneficiary,
                       "on_demand": bond.on_demand});
    let event = with(event, "valid_until", bond.valid_until.map(|day| day.to_string()));
    let event = with(event, "number", bond.number.as_deref());
    let event = with(event, "letter", bond.letter.map(|letter| letter.to_string()));
    with(event, "confirmed", bond.is_confirmed.then_some(true))
}

/// A field that is absent when there is nothing to say.
fn with(mut event: Value, field: &str, value: Option<impl Into<Value>>) -> Value {
    if let Some(value) = value {
        event[field] = value.into();
    }
    event
}

fn evidence_json(contract: &Contract, evidence: &Evidence) -> Value {
    let mut event = event_about(contract, "evidence_entered", evidence.subject);
    match evidence.finding {
        Finding::On(day) => event.insert("on".to_owned(), json!(day.to_string())),
        Finding::Figure(quanta) => event.insert("quanta".to_owned(), json!(quanta)),
        Finding::Halted(halted) => {
            event.insert("since".to_owned(), json!(halted.since.to_string()));
            event.insert("until".to_owned(), json!(halted.until.to_string()));
            event.insert("built_hundredths_m2".to_owned(), json!(halted.built.hundredths_m2()));
            event.insert("invested_minor".to_owned(), json!(halted.invested.minor()))
        }
    };
    event.insert("source".to_owned(), json!(evidence.source));
    event.insert("document".to_owned(), json!(evidence.document.to_string()));
    if evidence.is_confirmed {
        event.insert("confirmed".to_owned(), json!(true));
    }
    event.into()
}

fn approval_json(approval: &Approval) -> Value {
    json!({"first": approval.first, "second": approval.second, "reason": approval.reason})
}

fn shares_json(from: &[(usize, Money)]) -> Value {
    from.iter().map(|(bond, amount)| json!({"bond": bond + 1, "amount_minor": amount.minor()})).collect()
}

/// A payment with its late fee, and with the steps of it where there is one.
fn with_fee(mut event: Value, fee: &Computation) -> Value {
    event["fee_minor"] = json!(fee.amount.minor());
    if !fee.steps.is_empty() {
        event["arithmetic"] = computation_json(fee);
    }
    event
}

/// Every step of a computation, in order, each by its name.
fn computation_json(computation: &Computation) -> Value {
    let step = |step: &Step| match step {
        Step::Committed(quanta) => json!({"committed": quanta}),
        Step::Actual(quanta) => json!({"actual": quanta}),
        Step::Gap(quanta) => json!({"gap": quanta}),
        Step::FenPerQuantum(fen) => json!({"minor_per_quantum": fen}),
        Step::Area(area) => json!({"area_hundredths_m2": area.hundredths_m2()}),
        Step::Price(price) => json!({"price_minor": price.minor()}),
        Step::Unpaid(amount) => json!({"unpaid_minor": amount.minor()}),
        Step::Days(days) => json!({"days": days}),
        Step::Share(share) => json!({"share_ppm": share.ppm()}),
        Step::AtMost(amount) => json!({"at_most_minor": amount.minor()}),
        Step::PerYear(share) => json!({"per_year_ppm": share.ppm()}),
        Step::Years(years) => json!({"years": years}),
        Step::Less(amount) => json!({"less_minor": amount.minor()}),
        Step::Halted(days) => json!({"halted_days": days}),
        Step::Built(built, of) => {
            json!({"built_hundredths_m2": built.hundredths_m2(), "of_hundredths_m2": of.hundredths_m2()})
        }
        Step::Of(invested, of) => json!({"invested_minor": invested.minor(), "of_minor": of.minor()}),
        Step::Invested(amount) => json!({"invested_minor": amount.minor()}),
        Step::Buildings(amount) => json!({"buildings_minor": amount.minor()}),
        Step::Amount(amount) => json!({"amount_minor": amount.minor()}),
    };
    computation.steps.iter().map(step).collect()
}

/// How a pledge stands after its last entry: what a bundle publishes as `standing.json`. No words, so that it stays the
/// same however things are told.
pub fn outcome_json(pledge: &Pledge) -> Value {
    let contract = pledge.contract();
    let items = pledge.told().map(|subject| {
        let mut item = Map::new();
        put_about(&mut item, contract, subject);
        match pledge.evidence(subject).map(|evidence| evidence.finding) {
            Some(Finding::On(day)) => item.insert("on".to_owned(), json!(day.to_string())),
            Some(Finding::Figure(quanta)) => item.insert("quanta".to_owned(), json!(quanta)),
            Some(Finding::Halted(halted)) => {
                item.insert("since".to_owned(), json!(halted.since.to_string()));
                item.insert("until".to_owned(), json!(halted.until.to_string()))
            }
            None => None,
        };
        item.insert("due".to_owned(), json!(pledge.due_of(subject).map(|day| day.to_string())));
        item.insert("verdict".to_owned(), json!(pledge.verdict(subject).map(verdict_code)));
        Value::Object(item)
    });
    let bonds = pledge.bonds().iter().enumerate().map(|(index, held)| {
        json!({"form": form_code(held.bond.form), "issuer": held.bond.issuer, "number": held.bond.number, "amount_minor": held.bond.amount.minor(),
               "held_minor": held.held().minor(), "released_minor": held.released.minor(),
               "called_minor": held.called.minor(), "lapsed_minor": held.lapsed.minor(),
               "forfeited_minor": held.forfeited.minor(),
               "valid_until": held.bond.valid_until.map(|day| day.to_string()),
               "extend_by": pledge.extension_demand(index).map(|demand| demand.due.to_string())})
    });
    let claims = pledge.claims().iter().map(|claim| {
        let mut item = Map::new();
        put_about(&mut item, contract, claim.subject);
        for (name, amount) in [
            ("amount_minor", claim.amount),
            ("fee_minor", claim.fee),
            ("paid_minor", claim.paid),
            ("from_bond_minor", claim.from_bond),
            ("refund_minor", claim.refund),
            ("owed_minor", claim.owed()),
        ] {
            item.insert(name.to_owned(), json!(amount.minor()));
        }
        item.insert("state".to_owned(), json!(claim_code(claim.state)));
        item.insert("cure_until".to_owned(), json!(claim.cure_until.to_string()));
        Value::Object(item)
    });
    let deposit = contract.deposit.zip(contract.deposit.and_then(|deposit| split_deposit(contract.price, deposit)));
    let deposit = deposit.map(|(amount, split)| {
        json!({"amount_minor": amount.minor(), "earnest_minor": split.earnest.minor(),
               "prepayment_minor": split.prepayment.minor()})
    });
    json!({
        "deposit": deposit, "pledge": contract.id, "winner": contract.winner, "currency": contract.currency,
        "price_minor": contract.price.minor(), "signed": contract.signed.to_string(), "status": status_code(pledge.status()),
        "last_ms": pledge.last().millis(), "items": items.collect::<Vec<_>>(), "bonds": bonds.collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(), "bond_required_minor": contract.bond.amount.minor(),
        "bond_held_minor": pledge.held().minor(), "bond_missing_minor": pledge.missing().minor(),
    })
}
