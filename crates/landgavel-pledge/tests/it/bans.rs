//! What must not be done for a time.

use landgavel_base::Money;
use landgavel_pledge::{
    Command, Contract, ContractError, Ground, Happened, Pledge, Reason, Start, Status, Subject, TakeBackRule, Verdict,
};

use super::build::{
    OUTPUT, Run, approval, ban, cash, contract, day, figure, guarantee, noon, on, percent, take_back, yuan,
};

const TRANSFER: Subject = Subject::Ban(0);

/// Two years from the output, a fifth of the price.
fn terms() -> Contract {
    Contract { bans: vec![ban(2, Some(percent(20)))], ..contract() }
}

#[test]
fn a_ban_is_kept_until_somebody_shows_otherwise() {
    let mut run = Run::begun(terms());
    assert_eq!(run.pledge.due_of(TRANSFER), None);
    let output = run.built();
    // Two years from the output, 2025-01-01, a day off in no calendar of this test.
    assert_eq!((output, run.pledge.due_of(TRANSFER)), (day(2023, 1, 1), Some(day(2025, 1, 1))));
    run.until(day(2025, 1, 1));
    assert_eq!(run.pledge.verdict(TRANSFER), None);
    run.until(day(2025, 1, 2));
    assert_eq!(run.pledge.verdict(TRANSFER), Some(Verdict::Met));
    // Found out later; a fifth of 5,600,000.
    let found = run.until(day(2025, 3, 1)).must(on(TRANSFER, day(2025, 1, 1)));
    assert!(found.iter().any(|one| matches!(one, Happened::ClaimRaised { subject: TRANSFER, amount, .. }
        if *amount == yuan(1_120_000))));
    assert_eq!(run.pledge.verdict(TRANSFER), Some(Verdict::Breached));
    assert_eq!(run.ask(on(TRANSFER, day(2024, 1, 1))), Err(Reason::EvidenceAlreadyEntered));
}

#[test]
fn what_is_forbidden_before_the_term_runs_is_found_at_once() {
    let mut run = Run::begun(terms());
    run.until(day(2021, 5, 3));
    assert_eq!(run.ask(on(TRANSFER, day(2021, 1, 3))), Err(Reason::BeforeContract));
    assert_eq!(run.ask(on(TRANSFER, day(2021, 5, 4))), Err(Reason::EvidenceOfFuture));
    run.must(on(TRANSFER, day(2021, 5, 3)));
    assert_eq!((run.pledge.verdict(TRANSFER), run.pledge.owed()), (Some(Verdict::Breached), yuan(1_120_000)));
    // The registry was wrong.
    let retract = Command::RetractEvidence { subject: TRANSFER, source: "registry".into(), reason: "mistaken".into() };
    run.must(retract);
    assert_eq!((run.pledge.verdict(TRANSFER), run.pledge.owed()), (None, Money::ZERO));
    // It is let go under a waiver.
    run.must(Command::Waive { subject: TRANSFER, approval: approval() });
    assert_eq!(run.ask(on(TRANSFER, day(2021, 5, 3))), Err(Reason::AlreadySettled));
}

#[test]
fn after_its_last_day_nothing_is_forbidden() {
    let mut run = Run::begun(terms());
    run.built();
    run.until(day(2025, 6, 1));
    assert_eq!(run.ask(on(TRANSFER, day(2025, 1, 2))), Err(Reason::BanOver { until: day(2025, 1, 1) }));
}

#[test]
fn a_breach_without_a_price_is_a_verdict_and_a_ground() {
    let take_back = Some(TakeBackRule { grounds: vec![Ground::Ban(0)], ..take_back() });
    let mut run = Run::begun(Contract { bans: vec![ban(2, None)], take_back, ..contract() });
    run.built();
    run.until(day(2023, 5, 2)).must(on(TRANSFER, day(2023, 5, 1)));
    assert_eq!((run.pledge.verdict(TRANSFER), run.pledge.owed()), (Some(Verdict::Breached), Money::ZERO));
    let take = Command::TakeBack { compensation: yuan(5_264_000), approval: approval() };
    assert_eq!(run.ask(take.clone()), Err(Reason::CureRuns { until: day(2023, 6, 1) }));
    run.until(day(2023, 6, 2)).must(take);
    assert_eq!(run.pledge.status(), Status::TakenBack);
}

#[test]
fn a_pledge_runs_as_long_as_its_ban() {
    let mut run = Run::begun(Contract { bans: vec![ban(5, None)], ..contract() });
    run.built();
    for year in 0..3 {
        run.until(day(2024 + i32::from(year), 2, 1)).must(figure(0, year, 4_000));
    }
    run.until(day(2028, 1, 3));
    assert_eq!(run.pledge.status(), Status::Running);
    run.until(day(2028, 1, 4));
    assert_eq!((run.pledge.status(), run.pledge.verdict(TRANSFER)), (Status::Discharged, Some(Verdict::Met)));
}

/// A guarantee need not outlast what costs nothing; it must outlast what does.
#[test]
fn a_bond_outlasts_what_can_cost_money() {
    for (penalty, is_warned) in [(None, false), (Some(percent(20)), true)] {
        let mut run = Run::of(Contract { bans: vec![ban(20, penalty)], ..contract() });
        run.must(Command::LodgeBond(guarantee(560_000, day(2030, 1, 1))));
        let today = run.today;
        run.must(on(Subject::Milestone(0), today));
        run.built();
        for year in 0..3 {
            run.until(day(2024 + i32::from(year), 2, 1)).must(figure(0, year, 4_000));
        }
        run.until(day(2029, 12, 1));
        let warned = run.events.iter().any(|event| matches!(event.happened, Happened::BondExpiring { .. }));
        assert_eq!(warned, is_warned, "{penalty:?}");
    }
}

/// A milestone that was waived is reached by nobody: the ban runs from its last day.
#[test]
fn a_ban_after_a_waived_milestone_has_an_end() {
    let mut run = Run::begun(terms());
    run.until(day(2021, 6, 1)).must(on(Subject::Milestone(1), day(2021, 6, 1)));
    run.until(day(2022, 6, 1)).must(on(Subject::Milestone(2), day(2022, 6, 1)));
    let due = run.pledge.due_of(OUTPUT).expect("its term runs");
    run.must(Command::Waive { subject: OUTPUT, approval: approval() });
    assert_eq!(run.pledge.due_of(TRANSFER), due.plus_months(24));
}

/// The output of 2023-01-01 and a transfer of 2025-02-01, after the two years: whichever paper comes first.
#[test]
fn the_order_of_two_papers_decides_nothing() {
    let output = on(OUTPUT, day(2023, 1, 1));
    let transfer = on(TRANSFER, day(2025, 2, 1));
    let begun = || {
        let mut run = Run::begun(terms());
        run.until(day(2021, 6, 1)).must(on(Subject::Milestone(1), day(2021, 6, 1)));
        run.until(day(2022, 6, 1)).must(on(Subject::Milestone(2), day(2022, 6, 1)));
        run.until(day(2025, 2, 3));
        run
    };
    let mut one = begun();
    one.must(output.clone());
    assert_eq!(one.ask(transfer.clone()), Err(Reason::BanOver { until: day(2025, 1, 1) }));
    let mut other = begun();
    other.must(transfer);
    assert_eq!((other.pledge.verdict(TRANSFER), other.pledge.owed()), (Some(Verdict::Breached), yuan(1_120_000)));
    other.must(output);
    for run in [&one, &other] {
        assert_eq!((run.pledge.verdict(TRANSFER), run.pledge.owed()), (Some(Verdict::Met), Money::ZERO));
    }
    // The day of the output is taken back: then the transfer was in time to be forbidden.
    other.must(Command::RetractEvidence { subject: OUTPUT, source: "inspector".into(), reason: "error".into() });
    assert_eq!((other.pledge.verdict(TRANSFER), other.pledge.owed()), (Some(Verdict::Breached), yuan(1_120_000)));
    // And a ban that nobody broke has no end again.
    one.must(Command::RetractEvidence { subject: OUTPUT, source: "inspector".into(), reason: "error".into() });
    assert_eq!((one.pledge.verdict(TRANSFER), one.pledge.due_of(TRANSFER)), (None, None));
    // What was paid stays paid.
    let owed = other.pledge.claims().len() - 1;
    other.must(Command::Pay { claim: owed, amount: yuan(1_120_000) });
    other.must(on(OUTPUT, day(2023, 1, 1)));
    assert_eq!(other.pledge.verdict(TRANSFER), Some(Verdict::Cured));
}

#[test]
fn bans_that_make_no_sense_make_no_contract() {
    let refused = |change: &dyn Fn(&mut Contract)| {
        let mut terms = terms();
        change(&mut terms);
        Pledge::open(std::sync::Arc::new(terms), noon(day(2021, 1, 4))).unwrap_err()
    };
    assert_eq!(refused(&|terms| terms.bans[0].after = Start::Milestone(4)), ContractError::NotBefore { index: 0 });
    assert_eq!(refused(&|terms| terms.bans[0].penalty = Some(percent(-1))), ContractError::TooLarge);
    assert_eq!(refused(&|terms| terms.bans[0].lasts.count = 9_000), ContractError::TooLarge);
    assert_eq!(refused(&|terms| terms.bans = vec![ban(1, None); 201]), ContractError::TooLarge);
    let mut run = Run::begun(contract());
    assert_eq!(run.ask(on(TRANSFER, day(2021, 1, 4))), Err(Reason::UnknownSubject));
    run.must(Command::LodgeBond(cash(1)));
}
