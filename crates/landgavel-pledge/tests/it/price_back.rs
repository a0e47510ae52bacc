//! What is paid for land that is taken back after a breach, on which grounds, and what is forfeited.
//!
//! The price of 5,600,000 yuan loses 2 % for each year of use that has begun since the handover on 2021-01-04.

use landgavel_base::{Digest, Money, Period, PeriodUnit};
use landgavel_pledge::{
    Buildings, Command, Contract, ContractError, Forfeit, Ground, Happened, Pledge, Reason, Span, Start, Step, Subject,
    TakeBackRule, Verdict,
};

use super::build::{COMPLETION, Run, START, approval, contract, day, figure, noon, on, percent, take_back, yuan};

const TAX: Subject = Subject::Period(0, 0);

fn terms(rule: TakeBackRule) -> Contract {
    Contract { take_back: Some(rule), idle: None, ..contract() }
}

fn take(compensation: i64) -> Command {
    Command::TakeBack { compensation: yuan(compensation), approval: approval() }
}

/// Tax of 35 of 40 in the first year: 300,000 are owed, judged on 2024-04-02, to be cured by 2024-05-02.
fn short_of_tax(rule: TakeBackRule) -> Run {
    let mut run = Run::begun(terms(rule));
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 5, 3));
    run
}

#[test]
fn the_price_is_computed_step_by_step_and_no_other_figure_is_taken() {
    let mut run = short_of_tax(take_back());
    // The fourth year has begun: 8 % of 5,600,000 are 448,000.
    let (ground, computation) = run.pledge.take_back_price(run.today).expect("a ground");
    let steps = [
        Step::Price(yuan(5_600_000)),
        Step::PerYear(percent(2)),
        Step::Years(4),
        Step::Less(yuan(448_000)),
        Step::Amount(yuan(5_152_000)),
    ];
    assert_eq!((ground, &computation.steps[..]), (TAX, &steps[..]));
    for other in [0, 5_151_999, 5_152_001, 999_999_990_000] {
        assert_eq!(run.ask(take(other)), Err(Reason::OtherCompensation { computed: yuan(5_152_000) }));
    }
    let happened = run.must(take(5_152_000));
    assert!(happened.iter().any(|one| matches!(one, Happened::TakenBack { ground: TAX, .. })));
}

/// The first year ends on the day of the handover a year later; after a lifetime nothing is left, and never less.
#[test]
fn each_year_that_has_begun_counts() {
    let mut run = Run::begun(terms(take_back()));
    run.until(day(2021, 8, 5));
    for (today, left) in [
        (day(2022, 1, 4), 5_488_000),
        (day(2022, 1, 5), 5_376_000),
        (day(2070, 1, 4), 112_000),
        (day(2070, 1, 5), 0),
        (day(2090, 1, 5), 0),
    ] {
        let (_, price) = run.pledge.take_back_price(today).expect("the start is not shown");
        assert_eq!(price.amount, yuan(left), "{today}");
    }
}

#[test]
fn a_breach_that_was_paid_for_is_no_ground() {
    let mut run = short_of_tax(take_back());
    // 336,000 of the bond were released; the bond pays 224,000 of 300,000 and the winner the rest.
    run.must(Command::CallBond { claim: 0 });
    run.must(Command::Pay { claim: 0, amount: yuan(76_000) });
    assert_eq!((run.pledge.owed(), run.pledge.verdict(TAX)), (Money::ZERO, Some(Verdict::Breached)));
    assert_eq!(run.ask(take(5_152_000)), Err(Reason::NoGround));
    // Paid in part, it still is one.
    let mut part = short_of_tax(take_back());
    part.must(Command::Pay { claim: 0, amount: yuan(299_999) });
    part.must(take(5_152_000));
}

#[test]
fn only_what_the_terms_name_is_a_ground() {
    let mut run = short_of_tax(TakeBackRule { grounds: vec![Ground::Milestone(2)], ..take_back() });
    assert_eq!(run.ask(take(5_152_000)), Err(Reason::NoGround));
    let mut none = Run::begun(Contract { take_back: None, idle: None, ..contract() });
    assert_eq!(none.until(day(2022, 1, 1)).ask(take(0)), Err(Reason::NoGround));
}

#[test]
fn what_is_disputed_is_no_ground_until_it_is_settled() {
    let mut run = Run::begun(terms(take_back()));
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 10)).must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run.until(day(2024, 5, 3));
    assert_eq!(run.ask(take(5_152_000)), Err(Reason::ClaimIsDisputed));
    run.must(Command::Settle { claim: 0, amount: yuan(1), approval: approval() });
    assert_eq!(run.ask(take(5_152_000)), Err(Reason::CureRuns { until: day(2024, 6, 3) }));
    run.until(day(2024, 6, 4)).must(take(5_152_000));
}

/// Half a year to begin after all: the start of 2021-07-05 was found late on 2021-07-06, and its claim on 2021-10-13 begins
/// nothing anew.
#[test]
fn the_time_to_rectify_is_that_of_the_terms() {
    let rectify = Period { count: 6, unit: PeriodUnit::Month };
    let mut run = Run::begun(terms(TakeBackRule { rectify, ..take_back() }));
    run.until(day(2022, 1, 6));
    assert_eq!(run.ask(take(5_376_000)), Err(Reason::CureRuns { until: day(2022, 1, 6) }));
    run.until(day(2022, 1, 7)).must(take(5_376_000));
}

/// 300 万元 per mu on 6 mu were invested: 18,000,000 yuan. Half of them, less 5 % for each of the two years begun since
/// the completion of 2022-06-01: 18,000,000 · 50 % · 90 % = 8,100,000, beside 5,152,000 for the land.
#[test]
fn buildings_are_paid_by_their_rule_and_the_figure_shown() {
    let mut terms = terms(TakeBackRule {
        buildings: Some(Buildings { promise: 1, share: percent(50), per_year: percent(5) }),
        ..take_back()
    });
    let mut investment = terms.promises[0].clone();
    (investment.id, investment.committed, investment.after, investment.span) =
        ("investment".into(), 30_000, 2, Span::Once);
    terms.promises.push(investment);
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 5, 3));
    assert_eq!(run.pledge.take_back_price(run.today).expect("a ground").1.amount, yuan(5_152_000), "nothing is shown");
    run.must(figure(1, 0, 30_000));
    let (_, price) = run.pledge.take_back_price(run.today).expect("a ground");
    assert_eq!(price.amount, yuan(5_152_000 + 8_100_000));
    assert!(price.steps.contains(&Step::Invested(yuan(18_000_000))));
    assert!(price.steps.contains(&Step::Buildings(yuan(8_100_000))));
}

/// 560,000 are held, 300,000 owed. All is forfeited, but open claims come first; what is then paid in money leaves the
/// bond, which is forfeited too.
#[test]
fn all_is_forfeited_when_the_terms_say_so() {
    let rule = TakeBackRule { forfeits: Forfeit::All, ..take_back() };
    let mut run = Run::begun(terms(rule));
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    let happened = run.until(day(2021, 8, 17)).must(take(5_488_000));
    assert!(happened.contains(&Happened::Forfeited { from: vec![(0, yuan(504_000))] }));
    let before = run.events.len();
    run.must(Command::Pay { claim: 0, amount: yuan(56_000) });
    let last = run.events[before..].last().map(|event| event.happened.clone());
    assert_eq!(last, Some(Happened::Forfeited { from: vec![(0, yuan(56_000))] }));
    assert_eq!((run.pledge.bonds()[0].forfeited, run.pledge.held()), (yuan(560_000), Money::ZERO));
}

/// Start in time, its tranche of 168,000 released; completion and output never come. Completion was due on 2023-01-05 and is
/// 40 days late on 2023-02-14: 224,000 are owed. Of the 392,000 held, 168,000 are free and stay as its tranche.
#[test]
fn what_is_late_and_not_shown_costs_what_it_has_come_to_and_its_tranche_stays() {
    let mut run = Run::begun(terms(take_back()));
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.until(day(2023, 2, 14));
    assert!(run.pledge.claims().is_empty());
    run.must(take(5_264_000));
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.subject, claim.owed()), (COMPLETION, yuan(224_000)));
    let bond = &run.pledge.bonds()[0];
    assert_eq!((bond.released, bond.forfeited, bond.held()), (yuan(168_000), yuan(168_000), yuan(224_000)));
    run.until(day(2023, 4, 1)).must(Command::CallBond { claim: 0 });
    assert_eq!(run.pledge.bonds()[0].released, yuan(168_000), "nothing more goes back");
}

#[test]
fn rules_that_make_no_sense_make_no_contract() {
    let refused = |rule: TakeBackRule| Pledge::open(std::sync::Arc::new(terms(rule)), noon(day(2021, 1, 4))).err();
    let grounds = |ground| Some(TakeBackRule { grounds: vec![ground], ..take_back() });
    for ground in [Ground::Milestone(4), Ground::Promise(1), Ground::Ban(0)] {
        assert_eq!(grounds(ground).and_then(refused), Some(ContractError::NotBefore { index: 0 }), "{ground:?}");
    }
    let used_from = Start::Milestone(4);
    assert_eq!(refused(TakeBackRule { used_from, ..take_back() }), Some(ContractError::NotBefore { index: 0 }));
    assert_eq!(refused(TakeBackRule { per_year: percent(-1), ..take_back() }), Some(ContractError::TooLarge));
    let rectify = Period { count: 9_000, unit: PeriodUnit::Year };
    assert_eq!(refused(TakeBackRule { rectify, ..take_back() }), Some(ContractError::TooLarge));
    // Years of tax are no building.
    let buildings = Some(Buildings { promise: 0, share: percent(50), per_year: percent(5) });
    assert_eq!(refused(TakeBackRule { buildings, ..take_back() }), Some(ContractError::NoMoney { index: 0 }));
}
