//! Claims: disputed once, settled with what goes back, late fees on what is unpaid of the amount only.

use landgavel_base::{Digest, Money, Ratio};
use landgavel_pledge::{Accounting, Approval, ClaimState, Command, Formula, Happened, Reason, Subject, Verdict};

use super::build::{PER_MILLE, Run, approval, contract, day, duty, figure, on, tax, yuan};

/// A claim of 300,000 yuan, raised on 2024-04-02; the time to cure ends on 2024-05-02.
fn claimed(formula: Formula) -> Run {
    let mut terms = contract();
    terms.promises = vec![tax(formula, Accounting::Yearly, 1)];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 2));
    run
}

fn per_mille() -> Formula {
    Formula::GapWithLateFee { per_day: Ratio::from_ppm(PER_MILLE).expect("a share") }
}

fn dispute() -> Command {
    Command::Dispute { claim: 0, statement: Digest([7; 32]) }
}

fn settle(amount: i64) -> Command {
    Command::Settle { claim: 0, amount: yuan(amount), approval: approval() }
}

fn pay(amount: i64) -> Command {
    Command::Pay { claim: 0, amount: yuan(amount) }
}

/// It could be disputed again after each settlement, and the bond never called.
#[test]
fn a_claim_is_disputed_once() {
    let mut run = claimed(Formula::Gap);
    assert!(!run.pledge.claims()[0].disputed);
    run.must(dispute());
    assert_eq!(run.ask(dispute()), Err(Reason::ClaimIsDisputed));
    run.must(settle(200_000));
    assert!(run.pledge.claims()[0].disputed);
    assert_eq!(run.ask(dispute()), Err(Reason::DisputedBefore));
    run.until(day(2024, 5, 3));
    assert_eq!(run.ask(dispute()), Err(Reason::DisputedBefore));
    run.must(Command::CallBond { claim: 0 });
}

#[test]
fn a_claim_is_disputed_while_the_time_to_cure_runs() {
    let mut run = claimed(Formula::Gap);
    run.until(day(2024, 5, 3));
    assert_eq!(run.ask(dispute()), Err(Reason::CureOver { until: day(2024, 5, 2) }));
    let mut run = claimed(Formula::Gap);
    run.until(day(2024, 5, 2)).must(dispute());
}

/// 250,000 of 300,000 are paid, then 100,000 are settled: 150,000 go back. They were lost.
#[test]
fn what_was_paid_beyond_what_is_settled_goes_back() {
    let mut run = claimed(Formula::Gap);
    run.must(pay(250_000));
    run.must(dispute());
    let settled = run.must(settle(100_000));
    let expected = Happened::ClaimSettled {
        claim: 0,
        amount: yuan(100_000),
        fee: Money::ZERO,
        cure_until: day(2024, 5, 2),
        refund: yuan(150_000),
        approval: approval(),
    };
    assert_eq!(settled[0], expected);
    // It was paid within the time to cure.
    assert_eq!(run.pledge.verdict(Subject::Period(0, 0)), Some(Verdict::Cured));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.refund, claim.owed(), claim.state), (yuan(150_000), Money::ZERO, ClaimState::Closed));
}

#[test]
fn nothing_goes_back_while_something_is_owed() {
    let mut run = claimed(Formula::Gap);
    run.must(pay(100_000));
    run.must(dispute());
    run.must(settle(180_000));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.refund, claim.owed(), claim.state), (Money::ZERO, yuan(80_000), ClaimState::Open));
}

/// Ten days at 1‰ of 300,000 are 3,000. Paying 1,000 leaves 302,000, of which 300,000 bear a fee: ten days more cost
/// 3,000, not 3,020.
#[test]
fn a_late_fee_bears_no_late_fee() {
    let mut run = claimed(per_mille());
    run.until(day(2024, 4, 12)).must(pay(1_000));
    assert_eq!((run.pledge.claims()[0].fee, run.pledge.owed()), (yuan(3_000), yuan(302_000)));
    run.until(day(2024, 4, 22));
    assert_eq!(run.pledge.claim_owed(0, run.today), Some(yuan(305_000)));
    // Below the amount it is on what is left: 305,000 − 205,000 = 100,000, ten days of which cost 1,000.
    run.must(pay(205_000));
    run.until(day(2024, 5, 2));
    assert_eq!(run.pledge.claim_owed(0, run.today), Some(yuan(101_000)));
    run.must(pay(101_000));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.paid, claim.amount, claim.fee), (yuan(307_000), yuan(300_000), yuan(7_000)));
}

/// A fee of a million times the amount for each day left the range of money: the claim could neither be paid nor called.
#[test]
fn a_late_fee_beyond_money_is_held_at_the_largest_amount() {
    let per_day = Ratio::from_ppm(Ratio::MAX_PPM).expect("the largest share");
    let mut run = claimed(Formula::GapWithLateFee { per_day });
    run.until(day(2060, 1, 1));
    let owed = run.pledge.claim_owed(0, run.today).expect("an open claim");
    assert_eq!(owed.minor(), landgavel_base::SAFE_INTEGER_MAX);
    run.must(Command::CallBond { claim: 0 });
    let rest = run.pledge.claim_owed(0, run.today).expect("an open claim");
    run.must(Command::Pay { claim: 0, amount: rest });
    assert_eq!((run.pledge.claims()[0].state, run.pledge.owed()), (ClaimState::Closed, Money::ZERO));
}

/// What is paid on a duty's claim is part of the duty; that the rest is shown to be done leaves nothing owed.
#[test]
fn a_claim_that_falls_keeps_what_was_paid_on_it() {
    let mut terms = contract();
    terms.duties = vec![duty(1_000, day(2021, 2, 4))];
    let mut run = Run::begun(terms);
    run.until(day(2021, 2, 8)).must(pay(600));
    run.must(on(Subject::Duty(0), day(2021, 2, 8)));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.amount, claim.owed(), claim.refund), (yuan(600), Money::ZERO, Money::ZERO));
    assert_eq!(run.pledge.verdict(claim.subject), Some(Verdict::Cured));
}

#[test]
fn two_officers_settle() {
    let mut run = claimed(Formula::Gap);
    run.must(dispute());
    let alone = Approval { second: "one".into(), ..approval() };
    let settle = Command::Settle { claim: 0, amount: yuan(1), approval: alone };
    assert_eq!(run.ask(settle), Err(Reason::SameOfficer));
}

/// Whoever paid in full under dispute could get nothing back: the claim was closed and no longer settled.
#[test]
fn what_is_paid_under_dispute_is_still_settled() {
    let mut run = claimed(Formula::Gap);
    run.must(dispute());
    run.must(pay(300_000));
    assert_eq!((run.pledge.claims()[0].state, run.pledge.owed()), (ClaimState::Disputed, Money::ZERO));
    assert_eq!(run.ask(pay(1)), Err(Reason::PaysTooMuch { owed: Money::ZERO }));
    run.must(settle(120_000));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.refund, claim.state), (yuan(180_000), ClaimState::Closed));
}

#[test]
fn once_money_has_moved_nothing_is_retracted_or_waived() {
    let subject = Subject::Period(0, 0);
    let undo = || {
        let retract = Command::RetractEvidence { subject, source: "tax bureau".into(), reason: "typing".into() };
        [retract, Command::Waive { subject, approval: approval() }]
    };
    let mut paid = claimed(Formula::Gap);
    paid.must(pay(1));
    let mut called = claimed(Formula::Gap);
    called.until(day(2024, 5, 3)).must(Command::CallBond { claim: 0 });
    for mut run in [paid, called] {
        for command in undo() {
            assert_eq!(run.ask(command), Err(Reason::AlreadySettled));
        }
    }
}
