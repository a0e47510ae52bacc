//! Guarantees that end before what they back: extend, replace, or pay.

use landgavel_base::{Digest, Money};
use landgavel_pledge::{BondForm, ClaimState, Command, Happened, Reason, Subject};

use super::build::{HANDOVER, Run, approval, contract, day, figure, guarantee, longer, on, yuan};

/// All three years are over, and the claim for the last of them, 6 mu · 5 万元 = 300,000, is disputed. Of the guarantee, which
/// ends on 2026-12-31, the start and the completion gave 336,000 back; 224,000 are held.
fn disputed() -> Run {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(guarantee(560_000, day(2026, 12, 31))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.built();
    for (year, quanta) in [(0, 4_000), (1, 4_000), (2, 3_500)] {
        run.until(day(2024 + i32::from(year), 2, 1)).must(figure(0, year, quanta));
    }
    run.until(day(2026, 4, 15));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.subject, claim.amount), (Subject::Period(0, 2), yuan(300_000)));
    run.must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run
}

/// 90 days before 2026-12-31 are 2026-10-02; the day after it is told. Ten working days from Saturday the 3rd end on Friday the 16th.
fn demanded() -> Run {
    let mut run = disputed();
    run.until(day(2026, 10, 3));
    let last = run.events.last().map(|event| event.happened.clone());
    let expected = Happened::BondExpiring {
        bond: 0,
        valid_until: day(2026, 12, 31),
        needed_until: day(2027, 1, 31),
        due: day(2026, 10, 16),
    };
    assert_eq!(last, Some(expected));
    run
}

const CALL: Command = Command::CallExpiring { bond: 0 };

/// A guarantee lapsed unseen while the claim that it backed was disputed, which kept it from being called.
#[test]
fn a_disputed_claim_needs_its_guarantee_and_the_whole_is_called_when_it_is_not_extended() {
    let mut run = demanded();
    run.until(day(2026, 10, 16));
    assert_eq!(run.ask(CALL), Err(Reason::ExtensionAwaited { until: day(2026, 10, 16) }));
    let happened = run.until(day(2026, 10, 17)).must(CALL);
    assert_eq!(happened, [Happened::BondTurnedToCash { bond: 0, amount: yuan(224_000) }]);
    // It is cash from now on: it does not end, is not called so again, and pays what is settled.
    run.until(day(2027, 6, 1));
    assert_eq!((run.pledge.held(), run.pledge.bonds()[0].lapsed), (yuan(224_000), Money::ZERO));
    assert_eq!(run.pledge.bonds()[0].bond.form, BondForm::Cash);
    assert_eq!(run.ask(CALL), Err(Reason::UnknownBond));
    run.must(Command::Settle { claim: 0, amount: yuan(100_000), approval: approval() });
    run.until(day(2027, 7, 2)).must(Command::CallBond { claim: 0 });
    assert_eq!(run.pledge.claims()[0].state, ClaimState::Closed);
    assert_eq!((run.pledge.bonds()[0].called, run.pledge.bonds()[0].released), (yuan(100_000), yuan(460_000)));
}

#[test]
fn before_the_demand_and_after_an_extension_it_is_not_called_whole() {
    assert_eq!(disputed().ask(CALL), Err(Reason::NotExpiring));
    let mut run = demanded();
    run.must(longer(0, day(2027, 1, 10)));
    // It still ends too soon: that is demanded anew, with a day of its own.
    run.until(day(2026, 10, 17));
    assert_eq!(run.ask(CALL), Err(Reason::ExtensionAwaited { until: day(2026, 10, 27) }));
    let mut run = demanded();
    run.must(longer(0, day(2028, 1, 1)));
    assert_eq!(run.until(day(2026, 10, 17)).ask(CALL), Err(Reason::NotExpiring));
}

#[test]
fn it_is_replaced_by_bonds_that_outlast_it_and_hold_as_much() {
    // 224,000 must be held. A fen too little is no replacement, nor is what ends on the same day.
    let fen_short = landgavel_pledge::Bond {
        amount: Money::from_minor(22_399_999).expect("a sum"),
        ..guarantee(1, day(2028, 1, 1))
    };
    for (other, replaces) in [
        (guarantee(224_000, day(2027, 1, 1)), true),
        (fen_short, false),
        (guarantee(224_000, day(2026, 12, 31)), false),
    ] {
        let mut run = demanded();
        run.must(Command::LodgeBond(other));
        let called = run.until(day(2026, 10, 17)).ask(CALL);
        assert_eq!(called == Err(Reason::NotExpiring), replaces, "{called:?}");
    }
}

#[test]
fn what_is_paid_needs_no_guarantee_any_more() {
    let mut run = demanded();
    run.must(Command::Settle { claim: 0, amount: yuan(50_000), approval: approval() });
    run.must(Command::Pay { claim: 0, amount: yuan(50_000) });
    assert_eq!(run.ask(CALL), Err(Reason::PledgeOver), "all is paid, and the bond went back");
}

/// A year of which nobody says anything is judged undetermined, and its bond was not watched any more.
#[test]
fn what_waits_for_evidence_needs_its_guarantee() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(guarantee(560_000, day(2026, 12, 31))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.built();
    run.until(day(2026, 10, 3));
    assert!(matches!(run.events.last().map(|event| &event.happened), Some(Happened::BondExpiring { bond: 0, .. })));
    run.until(day(2026, 10, 17)).must(CALL);
}

/// The demand leaves time to call: it ends ten days before the guarantee, and of one that ends tomorrow it ends today.
#[test]
fn the_demand_ends_before_the_guarantee() {
    for (ends, due) in [(day(2021, 1, 20), day(2021, 1, 10)), (day(2021, 1, 6), day(2021, 1, 4))] {
        let mut run = Run::of(contract());
        run.must(Command::LodgeBond(guarantee(560_000, ends)));
        let demands: Vec<_> = run.pledge.bonds().iter().filter_map(|held| held.extension).map(|one| one.due).collect();
        assert_eq!(demands, [due]);
    }
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(guarantee(560_000, day(2021, 1, 6))));
    run.until(day(2021, 1, 5)).must(CALL);
}
