use landgavel_base::{Date, Money};
use landgavel_pledge::{ClaimState, Finding, Status, Subject, split_deposit};
use serde_json::{Value, json};

use super::Opened;
use super::codes::{claim_code, form_code, status_code, verdict_code};
use super::words::{bound, status_in_words, subject_in_words, verdict_in_words};
use crate::language::IDLE;

/// How a pledge stands on a day, for machines: terms, verdicts, bonds and claims. Money is in minor units (fen).
pub fn standing_json(opened: &Opened, today: Date) -> Value {
    let pledge = &opened.pledge;
    let contract = pledge.contract();
    let subjects: Vec<Value> = pledge.told().map(|subject| subject_json(opened, subject)).collect();
    let bonds = pledge.bonds().iter().enumerate().map(|(index, held)| {
        json!({"bond": index + 1, "form": form_code(held.bond.form), "issuer": held.bond.issuer, "number": held.bond.number,
               "letter": held.bond.letter.map(|letter| letter.to_string()), "amount": held.bond.amount.minor(),
               "held": held.held().minor(), "released": held.released.minor(), "called": held.called.minor(),
               "lapsed": held.lapsed.minor(), "forfeited": held.forfeited.minor(),
               "valid_until": held.bond.valid_until.map(|day| day.to_string()),
               "extend_by": pledge.extension_demand(index).map(|demand| demand.due.to_string())})
    });
    let claims = pledge.claims().iter().enumerate().map(|(index, claim)| {
        let owed = pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed());
        // With what has grown since the last payment, so that amount + late_fee + refund = paid + from_bond + owed.
        let fee = pledge.claim_fee(index, today).unwrap_or(claim.fee);
        let name = subject_in_words(pledge, claim.subject);
        json!({"claim": index + 1, "about": {"zh": name.zh, "en": name.en}, "state": claim_code(claim.state),
               "amount": claim.amount.minor(), "late_fee": fee.minor(), "paid": claim.paid.minor(),
               "from_bond": claim.from_bond.minor(), "refund": claim.refund.minor(),
               "owed": if claim.state == ClaimState::Closed { 0 } else { owed.minor() },
               "cure_until": claim.cure_until.to_string()})
    });
    let words = status_in_words(pledge.status());
    let take_back = pledge.take_back_price(today).ok().filter(|_| pledge.status() == Status::Running);
    let take_back = take_back.map(|(ground, price)| {
        let (name, how) = (subject_in_words(pledge, ground), opened.arithmetic(ground, &price));
        json!({"ground": {"zh": name.zh, "en": name.en}, "amount": price.amount.minor(),
               "arithmetic": {"zh": how.zh, "en": how.en}})
    });
    json!({
        "pledge": contract.id, "winner": contract.winner, "currency": contract.currency, "day": today.to_string(),
        "price": contract.price.minor(), "signed": contract.signed.to_string(), "status": status_code(pledge.status()),
        "status_zh": words.zh, "status_en": words.en, "items": subjects,
        "deposit": deposit_json(opened),
        "bond_required": contract.bond.amount.minor(), "bond_held": pledge.held().minor(),
        "bond_missing": pledge.missing().minor(), "bonds": bonds.collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(), "take_back": take_back,
    })
}

/// What the bid deposit is in law, with its steps.
fn deposit_json(opened: &Opened) -> Value {
    let contract = opened.pledge.contract();
    let split = contract.deposit.and_then(|deposit| split_deposit(contract.price, deposit));
    let Some((split, words)) = split.zip(opened.deposit_in_words()) else { return Value::Null };
    json!({"amount": contract.deposit.map(Money::minor), "earnest": split.earnest.minor(),
           "prepayment": split.prepayment.minor(), "zh": words.zh, "en": words.en})
}

fn subject_json(opened: &Opened, subject: Subject) -> Value {
    let pledge = &opened.pledge;
    let contract = pledge.contract();
    let name = subject_in_words(pledge, subject);
    let (kind, id, committed) = match subject {
        Subject::Milestone(index) => ("milestone", contract.milestones[usize::from(index)].id.as_str(), None),
        Subject::Period(index, _) => {
            let promise = &contract.promises[usize::from(index)];
            let bound = bound(promise.direction);
            (
                "promise",
                promise.id.as_str(),
                Some(format!("{} {}", bound.en, opened.quanta(subject, promise.committed))),
            )
        }
        Subject::Duty(index) => ("duty", contract.duties[usize::from(index)].obligation.id.as_str(), None),
        Subject::Ban(index) => ("ban", contract.bans[usize::from(index)].id.as_str(), None),
        Subject::Idle => ("idle", IDLE, None),
    };
    let shown = pledge.evidence(subject).map(|evidence| match evidence.finding {
        Finding::On(day) => day.to_string(),
        Finding::Figure(value) => opened.quanta(subject, value),
        Finding::Halted(halted) => halted.until.to_string(),
    });
    let figure = pledge.evidence(subject).and_then(|evidence| match evidence.finding {
        Finding::On(_) | Finding::Halted(_) => None,
        Finding::Figure(value) => Some(value),
    });
    let quanta = match subject {
        Subject::Period(index, _) => contract.promises.get(usize::from(index)).map(|promise| promise.committed),
        Subject::Milestone(_) | Subject::Duty(_) | Subject::Ban(_) | Subject::Idle => None,
    };
    let verdict = pledge.verdict(subject);
    let words = verdict.map(verdict_in_words);
    json!({
        "kind": kind, "id": id, "zh": name.zh, "en": name.en, "promised": committed, "promised_quanta": quanta,
        "shown": shown, "shown_quanta": figure,
        "due": pledge.due_of(subject).map(|day| day.to_string()), "verdict": verdict.map(verdict_code),
        "verdict_zh": words.as_ref().map(|words| &words.zh), "verdict_en": words.as_ref().map(|words| &words.en),
    })
}
