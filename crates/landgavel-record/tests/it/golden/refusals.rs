//! The golden record of all that the terms do not allow, but for what stands where it belongs.

use serde_json::{Value, json};

use super::keeper::Keeper;
use super::pledges::{
    FIGURES, LAND, OFFICERS, TAX, act, call, cash, dispute, figure, guarantee, left, lengthen, on, pay, retract,
    take_back,
};
use crate::tampering::Bundle;

/// What the terms do not allow.
pub fn refused() -> Bundle {
    let mut keeper = Keeper::open();
    bonds(&mut keeper);
    evidence(&mut keeper);
    claims(&mut keeper);
    keeper.finish()
}

fn bonds(keeper: &mut Keeper) {
    let bond = |more: Value| {
        let mut bond = guarantee("2030-12-31");
        for (field, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(bond.as_object_mut().unwrap().remove(field)),
                value => bond[field] = value.clone(),
            }
        }
        bond
    };
    for (more, code) in [
        (json!({"currency": "USD", "amount": "1 USD"}), "bond_in_other_currency"),
        (json!({"beneficiary": "他人"}), "bond_for_other_beneficiary"),
        (json!({"amount": "0 元"}), "amount_not_positive"),
        (json!({"amount": "200 元"}), "bond_doubted"),
        (json!({"on_demand": false}), "bond_not_on_demand"),
        (json!({"number": null}), "letter_not_named"),
        (json!({"letter": null}), "letter_not_named"),
        (json!({"valid_until": null}), "bond_without_end"),
        (json!({"valid_until": "2026-03-03"}), "bond_expired"),
    ] {
        keeper.no("2026-03-03", bond(more), &OFFICERS, code);
    }
    keeper.no("2026-03-04", lengthen(1, "2031-01-01"), &OFFICERS, "unknown_bond");
    keeper.done("2026-03-05", guarantee("2030-12-31"), &OFFICERS);
    keeper.no("2026-03-05", guarantee("2030-12-31"), &OFFICERS, "lodged_before");
    keeper.no("2026-03-05", lengthen(1, "2030-12-31"), &OFFICERS, "not_later");
    let mut huge = cash("90071992547409 元");
    huge["confirmed"] = json!(true);
    keeper.no("2026-03-05", huge, &OFFICERS, "amount_too_large");
}

fn evidence(keeper: &mut Keeper) {
    keeper.no("2026-03-06", figure(LAND, "tax", Some(1), "1 万元/亩·年"), &[LAND], "wrong_source");
    keeper.no("2026-03-06", figure(TAX, "tax", Some(1), "1 万元/亩·年"), &[TAX], "term_not_begun");
    let mut wrong = on("tax", "2026-03-06");
    (wrong["year"], wrong["source"]) = (json!(1), json!(TAX));
    keeper.no("2026-03-06", wrong, &[TAX], "wrong_finding");
    keeper.no("2026-03-06", on("hand", "2026-03-07"), &[LAND], "evidence_of_future");
    keeper.no("2026-03-06", on("hand", "2026-03-01"), &[LAND], "before_contract");
    keeper.no("2026-03-06", retract("hand"), &[LAND], "no_evidence");
    let extend = act("extend", json!({"about": "start", "until": "2030-01-01"}));
    keeper.no("2026-03-06", extend, &OFFICERS, "term_not_begun");
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.no("2026-03-20", on("hand", "2026-03-19"), &[LAND], "evidence_already_entered");
    keeper.no("2026-03-20", on("start", "2026-03-19"), &[LAND], "out_of_order");
    let stop = |from: &str, until: &str| act("stop-time", json!({"from": from, "until": until}));
    keeper.no("2026-03-21", stop("2026-04-01", "2026-04-01"), &OFFICERS, "empty_span");
    keeper.no("2026-03-21", stop("2026-04-01", "2226-04-01"), &OFFICERS, "beyond_dates");
    keeper.no("2026-03-21", take_back("0 元"), &OFFICERS, "no_ground");
}

fn claims(keeper: &mut Keeper) {
    keeper.no("2026-03-21", pay(1, "1 元"), &OFFICERS, "unknown_claim");
    keeper.done("2026-10-01", on("start", "2026-09-30"), &[LAND]);
    keeper.no("2026-10-02", left("2026-10-01", "2026-10-03", "0 m2"), &[LAND], "evidence_of_future");
    keeper.no("2026-10-02", on("let", "2026-10-01"), &[LAND], "ban_over");
    keeper.no("2026-10-02", pay(1, "11 万元"), &OFFICERS, "pays_too_much");
    keeper.no("2026-10-02", call(1), &OFFICERS, "cure_runs");
    let settle = |amount: &str| act("settle", json!({"claim": 1, "amount": amount}));
    keeper.no("2026-10-02", settle("1 万元"), &OFFICERS, "claim_not_disputed");
    keeper.done("2026-10-03", dispute(1), &["A"]);
    keeper.no("2026-10-03", dispute(1), &["A"], "claim_is_disputed");
    keeper.no("2026-10-03", settle("11 万元"), &OFFICERS, "beyond_claim");
    keeper.done("2026-10-04", settle("8 万元"), &OFFICERS);
    keeper.no("2026-10-04", dispute(1), &["A"], "disputed_before");
    keeper.done("2026-10-05", pay(1, "8 万元"), &OFFICERS);
    keeper.no("2026-10-05", pay(1, "1 元"), &OFFICERS, "claim_closed");
    keeper.no("2026-10-05", retract("start"), &[LAND], "already_settled");
    keeper.no("2026-10-06", act("waive", json!({"about": "tax", "year": 3})), &OFFICERS, "unknown_subject");
    keeper.done("2027-12-01", on("end", "2027-11-30"), &[LAND]);
    keeper.no("2027-12-01", figure(TAX, "tax", Some(1), "1 万元/亩·年"), &[TAX], "evidence_too_early");
    keeper.done("2027-12-02", figure(FIGURES, "invest", None, "175 万元/亩"), &[FIGURES]);
    keeper.no("2028-06-01", dispute(2), &["A"], "cure_over");
}
