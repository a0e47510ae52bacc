//! Bonds: lodging, watching, calling, releasing.

use landgavel_base::{Money, Period, PeriodUnit};
use landgavel_pledge::{Command, Computation, Event, Happened, Subject, Tranche, Verdict};

use super::build::{
    COMPLETION, HANDOVER, Run, START, cash, contract, day, figure, guarantee, longer, on, percent, yuan,
};

#[test]
fn a_bond_that_does_not_come_is_missed_once() {
    let mut run = Run::of(contract());
    run.until(day(2021, 2, 3));
    assert!(run.events.is_empty());
    run.until(day(2021, 3, 1));
    let missed: Vec<_> = run.events.iter().map(|event| event.happened.clone()).collect();
    assert_eq!(missed, [Happened::BondMissing { amount: yuan(560_000) }]);
}

#[test]
fn a_guarantee_that_ends_too_soon_is_told_ahead_and_its_lapse_demands_another() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(guarantee(560_000, day(2022, 1, 31))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    let before = run.events.len();
    run.until(day(2021, 11, 2));
    assert_eq!(run.events.len(), before);
    // 90 days before 2022-01-31 is 2021-11-02; the day after it is told.
    run.until(day(2021, 11, 3));
    assert!(matches!(run.events[before].happened, Happened::BondExpiring { bond: 0, .. }), "{:?}", run.events[before]);
    run.until(day(2022, 2, 1));
    let tail: Vec<_> = run.events[before + 1..].iter().map(|event| event.happened.clone()).collect();
    // 30 % went back at the start; 392,000 are lost. Ten working days from Tuesday 2022-02-01 end on the 15th.
    assert_eq!(
        tail,
        [
            Happened::BondLapsed { bond: 0, amount: yuan(392_000) },
            Happened::TopUpDemanded { amount: yuan(392_000), due: Some(day(2022, 2, 15)) }
        ]
    );
    assert_eq!(run.pledge.held(), Money::ZERO);
}

#[test]
fn a_guarantee_that_is_extended_is_not_told_of() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(guarantee(560_000, day(2022, 1, 31))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.must(longer(0, day(2040, 1, 1)));
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.until(day(2022, 6, 1));
    assert!(
        !run.events
            .iter()
            .any(|event| matches!(event.happened, Happened::BondExpiring { .. } | Happened::BondLapsed { .. }))
    );
}

/// A claim of 300,000 against a guarantee of 200,000 and cash of 60,000 that are left: 260,000 are called, 40,000 are demanded.
#[test]
fn the_guarantee_is_called_first_then_cash_and_the_rest_is_demanded() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(cash(60_000)));
    run.must(Command::LodgeBond(guarantee(200_000, day(2040, 1, 1))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.built();
    // 300,000 of the bond are missing: no tranche went back.
    assert_eq!(run.pledge.held(), yuan(260_000));
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    let happened = run.until(day(2024, 6, 3)).must(Command::CallBond { claim: 0 });
    let called = Happened::BondCalled {
        claim: 0,
        from: vec![(1, yuan(200_000)), (0, yuan(60_000))],
        fee: Computation::NOTHING,
        remainder: yuan(40_000),
    };
    assert_eq!(happened[0], called);
    assert!(matches!(happened[1], Happened::TopUpDemanded { amount, .. } if amount == yuan(260_000)));
    assert_eq!(run.pledge.owed(), yuan(40_000));
    run.must(Command::Pay { claim: 0, amount: yuan(40_000) });
    assert_eq!((run.pledge.owed(), run.pledge.verdict(Subject::Period(0, 0))), (Money::ZERO, Some(Verdict::Breached)));
}

#[test]
fn what_open_claims_are_owed_is_not_released() {
    let mut run = Run::begun(contract());
    // Ten days late cost 56,000; the tranche of the start is not for the late. The completion in time releases its own.
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    assert_eq!(run.pledge.bonds()[0].released, Money::ZERO);
    run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
    assert_eq!(run.pledge.bonds()[0].released, yuan(168_000));
    assert!(run.pledge.held().minor() >= run.pledge.owed().minor());
}

fn missed(events: &[Event]) -> Vec<Money> {
    let amounts = events.iter().map(|event| match event.happened {
        Happened::BondMissing { amount } => Some(amount),
        _ => None,
    });
    amounts.flatten().collect()
}

/// A call demands what it took; ten working days after Monday 2024-06-03 end on the 17th.
fn called() -> Run {
    let mut run = Run::begun(contract());
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 6, 3)).must(Command::CallBond { claim: 0 });
    // Both tranches of 168,000 had gone back; 224,000 were called.
    let demands: Vec<_> = run.pledge.demands().iter().map(|demand| (demand.amount, demand.due)).collect();
    assert_eq!(demands[1..], [(yuan(224_000), Some(day(2024, 6, 17)))]);
    assert_eq!(run.pledge.missing(), yuan(224_000));
    run
}

/// A demand had no consequence.
#[test]
fn a_top_up_that_does_not_come_is_missed_once() {
    let mut run = called();
    run.must(Command::LodgeBond(cash(24_000)));
    assert_eq!(run.pledge.missing(), yuan(200_000));
    run.until(day(2024, 6, 17));
    assert_eq!(missed(&run.events), []);
    run.until(day(2025, 3, 1));
    assert_eq!(missed(&run.events), [yuan(200_000)]);
    assert!(run.pledge.demands()[1].was_missed && !run.pledge.demands()[0].was_missed);
}

#[test]
fn a_top_up_that_comes_is_not_missed() {
    let mut run = called();
    run.must(Command::LodgeBond(cash(224_000)));
    assert_eq!(run.pledge.missing(), Money::ZERO);
    run.until(day(2025, 3, 1));
    assert_eq!(missed(&run.events), []);
}

/// Each demand is told of when its own day has passed, with what is missing of all that had to be there by then.
#[test]
fn what_is_demanded_later_is_not_missing_yet() {
    let mut terms = contract();
    terms.bond.lodge_within = Period { count: 18, unit: PeriodUnit::Month };
    let mut run = Run::of(terms);
    run.must(Command::LodgeBond(guarantee(100_000, day(2022, 6, 29))));
    run.until(day(2022, 6, 30));
    assert_eq!((run.pledge.missing(), missed(&run.events)), (yuan(560_000), vec![]));
    // The first 560,000 were due on Monday 2022-07-04, the 100,000 that lapsed by 2022-07-14.
    run.until(day(2022, 7, 5));
    assert_eq!(missed(&run.events), [yuan(460_000)]);
    run.until(day(2022, 8, 1));
    assert_eq!(missed(&run.events), [yuan(460_000), yuan(560_000)]);
}

/// The start is ten days late and costs 56,000; the completion comes in time while that is open. Its tranche is nine tenths of
/// 200,000; only 144,000 are free and go back at once, and the other 36,000 when the claim is paid.
#[test]
fn what_an_open_claim_held_back_of_a_tranche_follows_when_it_is_paid() {
    let mut terms = contract();
    terms.bond.amount = yuan(200_000);
    terms.milestones[1].tranche = None;
    terms.milestones[2].tranche = Some(Tranche { share: percent(90), also_late: false });
    terms.cure = Period { count: 3, unit: PeriodUnit::Year };
    let mut run = Run::of(terms);
    run.must(Command::LodgeBond(cash(200_000)));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    assert_eq!(run.pledge.owed(), yuan(56_000));
    let released = |happened: &[Happened]| -> i64 {
        let parts = happened.iter().filter_map(|one| match one {
            Happened::Released { milestone: Some(2), from } => Some(from[0].1.minor() / 100),
            _ => None,
        });
        parts.sum()
    };
    let happened = run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
    assert_eq!(released(&happened), 144_000);
    // Each part of the claim that is paid frees as much; nothing comes twice.
    let before = run.events.len();
    run.must(Command::Pay { claim: 0, amount: yuan(46_000) });
    run.must(Command::Pay { claim: 0, amount: yuan(10_000) });
    run.until(day(2022, 7, 1));
    let later: Vec<Happened> = run.events[before..].iter().map(|event| event.happened.clone()).collect();
    assert_eq!((released(&later), run.pledge.held()), (36_000, yuan(20_000)));
}

/// 600,000 were owed and the guarantee of 560,000 was called for all of it. The completion is shown while 60,000 of the top-up
/// are missing: its tranche of 168,000 goes back once they have come in.
#[test]
fn nothing_goes_back_while_a_top_up_is_awaited() {
    let mut terms = contract();
    terms.promises[0].after = 1;
    terms.milestones[1].tranche = None;
    let mut run = Run::of(terms);
    run.must(Command::LodgeBond(guarantee(560_000, day(2040, 1, 1))));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.until(day(2022, 7, 1)).must(figure(0, 0, 3_000));
    run.until(day(2022, 10, 10)).must(Command::CallBond { claim: 0 });
    assert_eq!(run.pledge.held(), Money::ZERO);
    run.until(day(2022, 10, 11)).must(Command::LodgeBond(cash(500_000)));
    run.must(on(COMPLETION, day(2022, 6, 1)));
    assert_eq!(run.pledge.held(), yuan(500_000));
    run.must(Command::LodgeBond(cash(60_000)));
    assert_eq!(run.pledge.held(), yuan(392_000));
}
