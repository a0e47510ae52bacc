//! Idle land, and what is shown of it afterwards.
//!
//! The start was due on 2021-07-05. A year later a fifth of 5,600,000 yuan is owed, 1,120,000.

use landgavel_base::Money;
use landgavel_pledge::{Command, Contract, Happened, IdleLevel, Subject, Verdict};

use super::build::{HANDOVER, Run, START, approval, contract, day, on, yuan};

/// Being late itself costs nothing here.
fn terms() -> Contract {
    let mut terms = contract();
    (terms.milestones[1].delay, terms.milestones[2].delay) = (None, None);
    terms
}

fn idle(today: landgavel_base::Date) -> Run {
    idle_by(terms(), today)
}

fn idle_by(terms: Contract, today: landgavel_base::Date) -> Run {
    let mut run = Run::begun(terms);
    run.until(today);
    assert_eq!(run.pledge.owed(), yuan(1_120_000));
    run
}

#[test]
fn land_that_was_begun_in_time_never_lay_idle_whenever_that_is_shown() {
    for reached in [day(2021, 7, 5), day(2022, 7, 5)] {
        let mut run = idle(day(2022, 9, 1));
        let happened = run.must(on(START, reached));
        assert!(happened.contains(&Happened::ClaimWithdrawn { claim: 0 }), "{reached}");
        assert_eq!((run.pledge.idle(), run.pledge.owed()), (None, Money::ZERO));
        assert_eq!(run.pledge.verdict(Subject::Idle), Some(Verdict::Met));
    }
    let mut late = idle(day(2022, 9, 1));
    late.must(on(START, day(2022, 7, 6)));
    assert_eq!((late.pledge.idle(), late.pledge.owed()), (Some(IdleLevel::Fee), yuan(1_120_000)));
}

#[test]
fn what_was_paid_for_idleness_that_was_none_goes_back() {
    let mut run = idle(day(2022, 9, 1));
    run.must(Command::Pay { claim: 0, amount: yuan(1_120_000) });
    let happened = run.must(on(START, day(2021, 7, 5)));
    assert!(happened.contains(&Happened::ClaimReduced { claim: 0, amount: Money::ZERO, refund: yuan(1_120_000) }));
    assert_eq!((run.pledge.idle(), run.pledge.claims()[0].refund), (None, yuan(1_120_000)));
}

#[test]
fn taken_back_the_start_is_not_shown_and_the_land_lies_idle_again() {
    // A tranche that went back with it could not be taken back.
    let mut terms = terms();
    terms.milestones[1].tranche = None;
    let mut run = idle_by(terms, day(2022, 9, 1));
    run.must(on(START, day(2021, 7, 5)));
    run.must(Command::RetractEvidence { subject: START, source: "inspector".into(), reason: "error".into() });
    assert_eq!((run.pledge.idle(), run.pledge.owed()), (Some(IdleLevel::Fee), yuan(1_120_000)));
}

/// 30 % of 560,000 go back with the start. What falls with it held it back, though nothing is owed any more.
#[test]
fn the_tranche_of_a_start_that_is_shown_late_goes_back_as_if_shown_on_its_day() {
    let mut run = idle(day(2022, 9, 1));
    let happened = run.must(on(START, day(2021, 7, 5)));
    assert!(happened.iter().any(|one| matches!(one, Happened::Released { .. })), "{happened:?}");
    assert_eq!(run.pledge.bonds()[0].released, yuan(168_000));
}

/// The day from which the start counts was taken back when the start was shown.
#[test]
fn a_start_that_came_years_late_never_ends_idleness_whatever_is_taken_back_before() {
    let mut run = idle(day(2022, 9, 1));
    run.must(Command::RetractEvidence { subject: HANDOVER, source: "inspector".into(), reason: "error".into() });
    run.must(on(START, day(2022, 8, 30)));
    assert_eq!((run.pledge.idle(), run.pledge.owed()), (Some(IdleLevel::Fee), yuan(1_120_000)));
}

#[test]
fn a_start_after_two_years_leaves_the_fee_alone() {
    let mut run = idle(day(2023, 8, 1));
    assert_eq!(run.pledge.idle(), Some(IdleLevel::TakeBack));
    run.must(on(START, day(2023, 8, 1)));
    assert_eq!((run.pledge.idle(), run.pledge.owed()), (Some(IdleLevel::Fee), yuan(1_120_000)));
}

#[test]
fn a_waiver_stands() {
    let mut run = idle(day(2022, 9, 1));
    run.must(Command::Waive { subject: Subject::Idle, approval: approval() });
    run.must(on(START, day(2021, 7, 5)));
    assert_eq!(run.pledge.verdict(Subject::Idle), Some(Verdict::Waived));
}
