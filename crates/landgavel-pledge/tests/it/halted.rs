//! Land that was begun and then left: 国土资源部令第53号 (2012), art. 2.
//!
//! Begun on 2021-06-01. 4,000 m² are to be developed, a third of them 1,333.33; 350 万元 per mu on 6 mu are to be invested,
//! 2,100 万元, a quarter of them 525. The fee here is a tenth of 5,600,000 yuan.

use landgavel_base::{Area, Date, Digest, Money};
use landgavel_pledge::{
    Accounting, Command, Contract, ContractError, Evidence, Finding, Formula, HaltRule, Halted, Happened, IdleLevel,
    Pledge, Promise, Reason, Span, Step, Subject, Verdict,
};

use super::build::{Run, START, approval, contract, day, noon, on, percent, tax, yuan};

fn terms() -> Contract {
    let mut terms = contract();
    terms.milestones.iter_mut().for_each(|one| (one.delay, one.tranche) = (None, None));
    let investment = Promise {
        id: "investment".into(),
        committed: 35_000,
        span: Span::Once,
        ..tax(Formula::Nothing, Accounting::Yearly, 1)
    };
    terms.promises.push(investment);
    terms.halt =
        Some(HaltRule { after: 12, investment: 1, completion: Some(2), fee: percent(10), source: "planning".into() });
    terms
}

const BEGUN: (i32, u32, u32) = (2021, 6, 1);

fn begun() -> Run {
    let mut run = Run::begun(terms());
    let begun = day(BEGUN.0, BEGUN.1, BEGUN.2);
    run.until(begun).must(on(START, begun));
    run
}

fn halted_by(source: &str, since: Date, until: Date, built: u64, invested: i64) -> Command {
    let built = Area::from_hundredths_m2(built * 100).expect("an area");
    Command::EnterEvidence(Evidence {
        subject: Subject::Idle,
        finding: Finding::Halted(Halted { since, until, built, invested: yuan(invested * 10_000) }),
        source: source.into(),
        document: Digest([3; 32]),
        is_confirmed: false,
    })
}

/// Square metres and 万元.
fn halted(until: Date, built: u64, invested: i64) -> Command {
    halted_by("planning", day(2021, 8, 1), until, built, invested)
}

#[test]
fn land_left_for_a_year_lies_idle_when_little_is_built_or_invested() {
    for (until, built, invested, is_idle) in [
        (day(2022, 8, 1), 1_333, 2_100, true),
        (day(2022, 8, 1), 4_000, 524, true),
        (day(2022, 8, 1), 1_334, 525, false),
        (day(2022, 7, 31), 0, 0, false),
    ] {
        let mut run = begun();
        run.until(day(2022, 8, 2)).must(halted(until, built, invested));
        let found = (run.pledge.verdict(Subject::Idle), run.pledge.idle(), run.pledge.owed());
        let expected = match is_idle {
            true => (Some(Verdict::Breached), Some(IdleLevel::Fee), yuan(560_000)),
            false => (Some(Verdict::Met), None, Money::ZERO),
        };
        assert_eq!(found, expected, "{until} {built} {invested}");
    }
}

#[test]
fn each_step_of_it_is_told() {
    let mut run = begun();
    let happened = run.until(day(2022, 8, 2)).must(halted(day(2022, 8, 1), 1_000, 500));
    let judged = happened.iter().find_map(|one| match one {
        Happened::Judged { computation, .. } => computation.clone(),
        _ => None,
    });
    let area = |hundredths| Area::from_hundredths_m2(hundredths).expect("an area");
    let steps = vec![
        Step::Halted(365),
        Step::Built(area(100_000), area(400_000)),
        Step::Of(yuan(5_000_000), yuan(21_000_000)),
        Step::Price(yuan(5_600_000)),
        Step::Share(percent(10)),
        Step::Amount(yuan(560_000)),
    ];
    assert_eq!(judged.expect("a verdict").steps, steps);
}

/// Thirty days of flood are no days without work: the year ends thirty days later.
#[test]
fn time_that_does_not_count_is_no_time_without_work() {
    for (until, is_idle) in [(day(2022, 8, 30), false), (day(2022, 8, 31), true)] {
        let mut run = begun();
        run.until(day(2021, 10, 1)).must(Command::StopTime {
            from: day(2021, 9, 1),
            until: day(2021, 10, 1),
            approval: approval(),
        });
        run.until(day(2022, 9, 1)).must(halted(until, 0, 0));
        assert_eq!(run.pledge.idle().is_some(), is_idle, "{until}");
    }
}

#[test]
fn what_was_not_begun_is_not_left_and_no_day_contradicts_another() {
    let mut unbegun = Run::begun(terms());
    unbegun.until(day(2022, 6, 1));
    assert_eq!(unbegun.ask(halted(day(2022, 5, 1), 0, 0)), Err(Reason::TermNotBegun));
    let mut run = begun();
    run.until(day(2022, 8, 2));
    let begun = day(BEGUN.0, BEGUN.1, BEGUN.2);
    for (since, until, why) in [
        (day(2021, 5, 31), day(2022, 8, 1), Reason::OutOfOrder { other: begun }),
        (day(2021, 8, 1), day(2022, 8, 3), Reason::EvidenceOfFuture),
        (day(2022, 7, 2), day(2022, 7, 1), Reason::EmptySpan),
    ] {
        assert_eq!(run.ask(halted_by("planning", since, until, 0, 0)), Err(why));
    }
    assert_eq!(run.ask(halted_by("bank", begun, begun, 0, 0)), Err(Reason::WrongSource));
    assert_eq!(run.ask(on(Subject::Idle, begun)), Err(Reason::WrongSource));
    run.must(halted(day(2022, 8, 1), 0, 0));
    assert_eq!(run.ask(halted(day(2022, 8, 2), 0, 0)), Err(Reason::AlreadySettled));
}

#[test]
fn a_later_inspection_follows_one_that_found_nothing_and_may_be_taken_back() {
    let mut run = begun();
    run.until(day(2022, 1, 1)).must(halted(day(2022, 1, 1), 0, 0));
    assert_eq!(run.pledge.idle(), None);
    run.until(day(2022, 9, 1)).must(halted(day(2022, 9, 1), 0, 0));
    assert_eq!((run.pledge.idle(), run.pledge.owed()), (Some(IdleLevel::Fee), yuan(560_000)));
    let retract =
        |subject, source: &str| Command::RetractEvidence { subject, source: source.into(), reason: "error".into() };
    // The start stays as long as something is said of what came after it.
    assert_eq!(run.ask(retract(START, "inspector")), Err(Reason::OutOfOrder { other: day(2021, 8, 1) }));
    run.must(retract(Subject::Idle, "planning"));
    assert_eq!((run.pledge.idle(), run.pledge.owed(), run.pledge.verdict(Subject::Idle)), (None, Money::ZERO, None));
    run.must(retract(START, "inspector"));
}

/// Land that was begun and left is not taken back without payment: art. 14 (2) speaks of land that was not begun.
#[test]
fn land_that_was_begun_is_not_taken_back_without_payment() {
    let mut run = begun();
    run.until(day(2022, 8, 2)).must(halted(day(2022, 8, 1), 0, 0));
    run.until(day(2026, 1, 1));
    assert_eq!(run.pledge.idle(), Some(IdleLevel::Fee));
    let price = run.pledge.take_back_price(run.today).map(|(ground, _)| ground);
    assert_ne!(price, Ok(Subject::Idle));
}

#[test]
fn a_rule_of_halted_work_needs_idle_land_and_a_whole_investment() {
    let open = |change: fn(&mut Contract)| {
        let mut terms = terms();
        change(&mut terms);
        Pledge::open(std::sync::Arc::new(terms), noon(day(2021, 1, 4))).map(|_| ())
    };
    assert_eq!(open(|terms| terms.idle = None), Err(ContractError::NotBefore { index: 0 }));
    for change in [
        |terms: &mut Contract| terms.promises[1].span = Span::Years(2),
        |terms: &mut Contract| terms.halt.as_mut().expect("a rule").investment = 2,
    ] {
        assert!(matches!(open(change), Err(ContractError::NoMoney { .. })));
    }
    assert_eq!(open(|terms| terms.halt.as_mut().expect("a rule").fee = percent(-1)), Err(ContractError::TooLarge));
}
