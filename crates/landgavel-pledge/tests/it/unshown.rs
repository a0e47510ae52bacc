//! Milestones that nobody shows, or shows after their cost was claimed.
//!
//! The start is due on Monday 2021-07-05; 1‰ of 5,600,000 yuan for each day late is 5,600, at most 10 % of it: 560,000, which
//! a hundred days reach, on 2021-10-13.

use landgavel_base::{Digest, Money};
use landgavel_pledge::{ClaimState, Command, Contract, Happened, Reason, Subject, Verdict};

use super::build::{COMPLETION, Run, START, approval, contract, day, guarantee, on, yuan};

/// The terms without idle land, so that all claims are for being late.
fn terms() -> Contract {
    Contract { idle: None, ..contract() }
}

fn claimed() -> Run {
    let mut run = Run::begun(terms());
    run.until(day(2021, 10, 13));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Breached), yuan(560_000)));
    run
}

fn retract() -> Command {
    Command::RetractEvidence { subject: START, source: "inspector".into(), reason: "typing".into() }
}

#[test]
fn a_milestone_that_is_never_shown_costs_its_bound_on_the_day_that_reaches_it() {
    let mut run = Run::begun(terms());
    run.until(day(2021, 10, 12));
    assert_eq!((run.pledge.verdict(START), run.pledge.claims().len()), (Some(Verdict::Breached), 0));
    let before = run.events.len();
    run.until(day(2021, 10, 13));
    let raised = run.events[before..].iter().map(|event| event.happened.clone()).collect::<Vec<_>>();
    let [Happened::Judged { computation: Some(computation), .. }, claim] = &raised[..] else { panic!("{raised:?}") };
    let steps = format!("{:?}", computation.steps);
    assert!(steps.contains("Days(100)"), "{steps}");
    // Thirty days from 2021-10-13 end on Friday 2021-11-12.
    let amount = yuan(560_000);
    assert_eq!(claim, &Happened::ClaimRaised { subject: START, amount, cure_until: day(2021, 11, 12) });
    run.until(day(2021, 11, 13)).must(Command::CallBond { claim: 0 });
    assert_eq!((run.pledge.bonds()[0].called, run.pledge.owed()), (amount, Money::ZERO));
    // It is claimed once, and the completion of 2023-01-05 by itself.
    run.until(day(2040, 1, 1));
    let claims: Vec<_> = run.pledge.claims().iter().map(|claim| (claim.subject, claim.amount)).collect();
    assert_eq!(claims[..2], [(START, amount), (COMPLETION, amount)]);
    assert_eq!(run.pledge.claims().iter().filter(|claim| claim.subject == START).count(), 1);
}

#[test]
fn later_evidence_of_a_later_day_changes_nothing() {
    let mut run = claimed();
    let happened = run.until(day(2021, 12, 1)).must(on(START, day(2021, 11, 30)));
    assert!(!happened.iter().any(|one| matches!(one, Happened::ClaimRaised { .. } | Happened::ClaimReduced { .. })));
    assert_eq!((run.pledge.claims().len(), run.pledge.owed()), (1, yuan(560_000)));
}

/// Shown on 2021-12-01 as of 2021-07-15, ten days late: 56,000. Nothing was paid.
#[test]
fn later_evidence_of_an_earlier_day_makes_the_claim_smaller() {
    let mut run = claimed();
    let happened = run.until(day(2021, 12, 1)).must(on(START, day(2021, 7, 15)));
    assert!(happened.contains(&Happened::ClaimReduced { claim: 0, amount: yuan(56_000), refund: Money::ZERO }));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Breached), yuan(56_000)));
    // Taken back, it is as if nothing had been shown.
    let withdrawn = run.must(retract());
    assert!(withdrawn.contains(&Happened::ClaimWithdrawn { claim: 0 }));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Breached), yuan(560_000)));
}

#[test]
fn later_evidence_of_a_day_in_time_withdraws_the_claim_and_gives_the_tranche_back() {
    let mut run = claimed();
    let happened = run.until(day(2021, 12, 1)).must(on(START, day(2021, 7, 1)));
    assert!(happened.contains(&Happened::ClaimWithdrawn { claim: 0 }));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Met), Money::ZERO));
    assert_eq!(run.pledge.bonds()[0].released, yuan(168_000));
}

/// 560,000 were called; 56,000 were owed; 504,000 go back.
#[test]
fn what_was_called_too_much_is_stated_as_a_refund() {
    let mut run = claimed();
    run.until(day(2021, 11, 13)).must(Command::CallBond { claim: 0 });
    let mut in_time = Run { pledge: run.pledge.clone(), events: Vec::new(), opened: run.opened, today: run.today };
    let happened = run.must(on(START, day(2021, 7, 15)));
    assert!(happened.contains(&Happened::ClaimReduced { claim: 0, amount: yuan(56_000), refund: yuan(504_000) }));
    assert_eq!((run.pledge.verdict(START), run.pledge.claims()[0].refund), (Some(Verdict::Breached), yuan(504_000)));
    assert_eq!(run.ask(retract()), Err(Reason::AlreadySettled));
    in_time.must(on(START, day(2021, 7, 1)));
    let claim = &in_time.pledge.claims()[0];
    assert_eq!((claim.state, claim.amount, claim.refund), (ClaimState::Closed, Money::ZERO, yuan(560_000)));
    assert_eq!(in_time.pledge.verdict(START), Some(Verdict::Met));
}

/// 56,000 are paid in time of what is claimed; that they were all that was owed is shown later, and they have cured it.
#[test]
fn what_was_paid_in_time_has_cured() {
    let mut run = claimed();
    run.must(Command::Pay { claim: 0, amount: yuan(56_000) });
    run.until(day(2021, 11, 12)).must(on(START, day(2021, 7, 15)));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Cured), Money::ZERO));
}

/// The bound is paid in full and in time, and nothing is built.
#[test]
fn money_alone_cures_nothing_that_nobody_shows_and_later_the_day_of_the_payment_counts() {
    let paid = || {
        let mut run = claimed();
        run.must(Command::Pay { claim: 0, amount: yuan(560_000) });
        run.until(day(2021, 12, 1));
        assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (Some(Verdict::Breached), Money::ZERO));
        run
    };
    let mut run = paid();
    run.until(day(2060, 1, 1));
    assert!(!run.events.iter().any(|event| event.happened == Happened::Discharged));
    let mut run = paid();
    run.must(on(START, day(2021, 7, 15)));
    assert_eq!((run.pledge.verdict(START), run.pledge.claims()[0].refund), (Some(Verdict::Cured), yuan(504_000)));
    // Two officers may say that nothing more is awaited; what was paid stays.
    let mut run = paid();
    run.must(Command::Waive { subject: START, approval: approval() });
    assert_eq!((run.pledge.verdict(START), run.pledge.claims()[0].paid), (Some(Verdict::Waived), yuan(560_000)));
}

/// Settled at 100,000; 20 days late are 112,000 and change nothing, 10 days late are 56,000 and do.
#[test]
fn a_settlement_stands_unless_less_was_owed() {
    for (reached, owed) in [(day(2021, 7, 25), 100_000), (day(2021, 7, 15), 56_000)] {
        let mut run = claimed();
        run.must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
        run.must(Command::Settle { claim: 0, amount: yuan(100_000), approval: approval() });
        run.must(on(START, reached));
        assert_eq!(run.pledge.owed(), yuan(owed));
    }
}

#[test]
fn an_extension_withdraws_the_claim_as_long_as_nothing_was_paid_on_it() {
    let extend = Command::Extend { milestone: 1, until: day(2022, 3, 31), approval: approval() };
    let mut run = claimed();
    let happened = run.must(extend.clone());
    assert!(happened.contains(&Happened::ClaimWithdrawn { claim: 0 }));
    assert_eq!((run.pledge.verdict(START), run.pledge.owed()), (None, Money::ZERO));
    // A hundred days after the new last day.
    run.until(day(2022, 7, 9));
    assert_eq!(run.pledge.owed(), yuan(560_000));
    let mut paid = claimed();
    paid.must(Command::Pay { claim: 0, amount: yuan(1) });
    assert_eq!(paid.ask(extend), Err(Reason::AlreadySettled));
}

/// The completion of 2023-01-05 is late and not shown; its bond must outlast the day on which a claim is certain, 2023-04-15.
#[test]
fn a_bond_outlasts_the_day_on_which_the_claim_is_certain() {
    let mut run = Run::of(Contract { promises: Vec::new(), take_back: None, ..terms() });
    run.must(Command::LodgeBond(guarantee(560_000, day(2023, 5, 1))));
    let today = run.today;
    run.must(on(Subject::Milestone(0), today));
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.must(Command::Waive { subject: Subject::Milestone(3), approval: approval() });
    run.until(day(2023, 3, 1));
    let warned = run.events.iter().rev().find_map(|event| match event.happened {
        Happened::BondExpiring { needed_until, .. } => Some(needed_until),
        _ => None,
    });
    // Thirty days after it.
    assert_eq!(warned, Some(day(2023, 5, 15)));
}
