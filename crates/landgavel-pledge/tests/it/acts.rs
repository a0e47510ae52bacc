//! Acts of two officers: extension, time that does not count, settling, taking back.

use landgavel_base::{Digest, Money};
use landgavel_pledge::{Approval, Command, Reason, Subject, Verdict};

use super::build::{COMPLETION, Run, START, approval, contract, day, figure, on, yuan};

#[test]
fn an_extended_term_counts_from_its_new_last_day() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 7, 1)).must(Command::Extend { milestone: 1, until: day(2021, 9, 30), approval: approval() });
    run.until(day(2021, 9, 30));
    assert_eq!(run.pledge.verdict(START), None);
    run.must(on(START, day(2021, 9, 30)));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Met), Money::ZERO));
}

/// 60 days of flood: the start is due on 2021-07-05 + 60 days = 2021-09-03, and the completion 18 months after that. It is
/// moved once, not by 60 days again.
#[test]
fn time_that_does_not_count_moves_the_term_that_runs_and_what_follows_it_once() {
    let mut run = Run::begun(contract());
    let stop = Command::StopTime { from: day(2021, 5, 1), until: day(2021, 6, 30), approval: approval() };
    run.until(day(2021, 7, 1)).must(stop);
    run.until(day(2021, 9, 3)).must(on(START, day(2021, 9, 3)));
    assert_eq!(run.pledge.verdict(START), Some(Verdict::Met));
    run.until(day(2023, 3, 3));
    assert_eq!(run.pledge.verdict(COMPLETION), None);
    run.until(day(2023, 3, 4));
    assert_eq!(run.pledge.verdict(COMPLETION), Some(Verdict::Breached));
}

#[test]
fn a_disputed_claim_is_not_called_until_it_is_settled() {
    let mut run = Run::begun(contract());
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 5, 2)).must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run.until(day(2024, 6, 3));
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::ClaimIsDisputed));
    let settle = |amount| Command::Settle { claim: 0, amount: yuan(amount), approval: approval() };
    assert_eq!(run.ask(settle(300_001)), Err(Reason::BeyondClaim { claimed: yuan(300_000) }));
    run.must(settle(120_000));
    // There is time to pay what was settled.
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::CureRuns { until: day(2024, 7, 3) }));
    run.until(day(2024, 7, 4)).must(Command::CallBond { claim: 0 });
    assert_eq!((run.pledge.owed(), run.pledge.bonds()[0].called), (Money::ZERO, yuan(120_000)));
}

#[test]
fn acts_of_one_officer_are_none() {
    let mut run = Run::begun(contract());
    let alone = Approval { second: "one".into(), ..approval() };
    let acts = [
        Command::Extend { milestone: 1, until: day(2022, 1, 1), approval: alone.clone() },
        Command::StopTime { from: day(2021, 1, 5), until: day(2021, 1, 6), approval: alone.clone() },
        Command::Waive { subject: Subject::Period(0, 0), approval: alone.clone() },
        Command::TakeBack { compensation: Money::ZERO, approval: alone },
    ];
    for act in acts {
        assert_eq!(run.ask(act), Err(Reason::SameOfficer));
    }
}
