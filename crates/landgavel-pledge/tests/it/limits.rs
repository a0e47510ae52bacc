//! No figure and no term stops the clock: what could not be judged is refused where it enters.

use landgavel_base::{Money, Period, PeriodUnit, Ratio, SAFE_INTEGER_MAX};
use landgavel_pledge::{
    Accounting, Command, Contract, ContractError, Delay, Direction, Formula, Measure, Reason, Status, Subject, Verdict,
};

use super::build::{Run, cash, contract, day, duty, figure, noon, on, percent, tax, yuan};

fn promised(formula: Formula, accounting: Accounting, years: u16) -> Run {
    let mut terms = contract();
    terms.promises = vec![tax(formula, accounting, years)];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1));
    run
}

/// A figure far below zero was taken, and its day could not be judged: every later command was refused for ever.
#[test]
fn a_figure_that_cannot_be_judged_is_refused_when_it_comes() {
    for figure_of in [i64::MIN, i64::MAX, -SAFE_INTEGER_MAX, SAFE_INTEGER_MAX, -SAFE_INTEGER_MAX / 10_000] {
        let mut run = promised(Formula::Gap, Accounting::Yearly, 1);
        assert_eq!(run.ask(figure(0, 0, figure_of)), Err(Reason::AmountTooLarge), "{figure_of}");
        run.must(figure(0, 0, 3_500));
        run.until(day(2024, 6, 1));
        assert_eq!(run.pledge.owed(), yuan(300_000));
    }
}

/// A gap of g quanta of 10,000 fen costs 60,000·g fen on 6 mu, and 10,000·g fen must be money too.
#[test]
fn the_last_figure_that_can_be_judged_is_taken() {
    let largest = SAFE_INTEGER_MAX / 60_000 - 4_000;
    let mut run = promised(Formula::Gap, Accounting::Yearly, 1);
    assert_eq!(run.ask(figure(0, 0, -largest - 1)), Err(Reason::AmountTooLarge));
    run.must(figure(0, 0, -largest));
    run.until(day(2024, 6, 1));
    assert_eq!(run.pledge.owed().minor(), (largest + 4_000) * 60_000);
}

/// Sums over two years: a figure is taken only when two like it could be judged, so a second one never comes too late.
#[test]
fn figures_of_sums_are_judged_as_if_every_year_were_like_them() {
    let largest = SAFE_INTEGER_MAX / 60_000 / 2 - 4_000;
    let mut run = promised(Formula::Gap, Accounting::Cumulative, 2);
    assert_eq!(run.ask(figure(0, 0, -largest - 1)), Err(Reason::AmountTooLarge));
    run.must(figure(0, 0, -largest));
    run.until(day(2025, 2, 1)).must(figure(0, 1, -largest));
    run.until(day(2025, 6, 1));
    assert_eq!(run.pledge.verdict(Subject::Period(0, 1)), Some(Verdict::Breached));
}

#[test]
fn figures_without_money_are_bounded_too() {
    let mut run = promised(Formula::Nothing, Accounting::Cumulative, 70);
    assert_eq!(run.ask(figure(0, 0, SAFE_INTEGER_MAX / 70 + 1)), Err(Reason::AmountTooLarge));
    run.must(figure(0, 0, SAFE_INTEGER_MAX / 70 - 4_000));
}

fn broken(change: impl Fn(&mut Contract)) -> ContractError {
    let mut terms = contract();
    change(&mut terms);
    terms.check().expect_err("a broken contract")
}

#[test]
fn terms_whose_own_cost_cannot_be_computed_are_no_contract() {
    let too_large = ContractError::TooLarge;
    let largest = Ratio::from_ppm(Ratio::MAX_PPM).expect("the largest share");
    let negative = Ratio::from_ppm(-1).expect("a share");
    // A hundred million yuan a million times over is beyond money.
    let delay = |per_day, at_most| {
        move |terms: &mut Contract| {
            terms.price = yuan(100_000_000);
            terms.milestones[1].delay = Some(Delay { per_day, at_most });
        }
    };
    let idle = |fee| {
        move |terms: &mut Contract| {
            terms.price = yuan(100_000_000);
            terms.idle.as_mut().expect("watched").fee = fee;
        }
    };
    assert_eq!(broken(|terms| terms.promises[0].committed = SAFE_INTEGER_MAX / 60_000 + 1), too_large);
    assert_eq!(broken(|terms| terms.promises[0].committed = i64::MAX), too_large);
    assert_eq!(broken(|terms| terms.promises[0].measure = Measure::MoneyPerMu(i64::MAX)), too_large);
    assert_eq!(broken(delay(percent(1), largest)), too_large);
    assert_eq!(broken(delay(negative, percent(10))), too_large);
    assert_eq!(broken(delay(percent(1), negative)), too_large);
    assert_eq!(broken(idle(largest)), too_large);
    assert_eq!(broken(idle(negative)), too_large);
    let summed = |terms: &mut Contract| {
        terms.promises = vec![tax(Formula::Gap, Accounting::Cumulative, 70)];
        terms.promises[0].committed = SAFE_INTEGER_MAX / 60_000 / 70 + 1;
    };
    assert_eq!(broken(summed), too_large);
    let fee = |terms: &mut Contract| terms.promises[0].formula = Formula::GapWithLateFee { per_day: negative };
    assert_eq!(broken(fee), too_large);
    assert_eq!(broken(|terms| terms.promises[0].measure = Measure::MoneyPerMu(0)), ContractError::NoMoney { index: 0 });
    let tranche = |terms: &mut Contract| terms.milestones[1].tranche.as_mut().expect("a tranche").share = negative;
    assert_eq!(broken(tranche), ContractError::TranchesBeyondWhole);
}

#[test]
fn the_largest_terms_that_can_be_computed_are_a_contract() {
    let mut terms = contract();
    terms.promises[0].committed = SAFE_INTEGER_MAX / 60_000;
    assert_eq!(terms.check(), Ok(()));
    terms.promises[0].direction = Direction::AtMost;
    assert_eq!(terms.check(), Ok(()));
}

#[test]
fn terms_that_leave_the_calendar_are_no_contract() {
    let endless = Period { count: u32::MAX, unit: PeriodUnit::Day };
    let too_large = ContractError::TooLarge;
    assert_eq!(broken(|terms| terms.cure = endless), too_large);
    assert_eq!(broken(|terms| terms.bond.lodge_within = endless), too_large);
    assert_eq!(broken(|terms| terms.bond.top_up_within = endless), too_large);
    assert_eq!(broken(|terms| terms.milestones[1].within = endless), too_large);
    assert_eq!(broken(|terms| terms.promises[0].evidence_within = endless), too_large);
}

/// A time to cure that ends within the calendar when it is counted from the contract, and after it when it is counted
/// from a breach: the tick was refused for ever.
#[test]
fn a_time_to_cure_beyond_the_calendar_ends_with_it() {
    let mut terms = contract();
    terms.cure = Period { count: 7_978, unit: PeriodUnit::Year };
    terms.duties = vec![duty(1_000, day(2022, 2, 4))];
    let mut run = Run::begun(terms);
    run.until(day(2021, 7, 1)).must(on(Subject::Milestone(1), day(2021, 7, 1)));
    run.until(day(2022, 3, 1));
    assert_eq!(run.pledge.claims()[0].cure_until, day(9999, 12, 31));
    run.must(Command::Pay { claim: 0, amount: yuan(1_000) });
    assert_eq!(run.pledge.verdict(Subject::Duty(0)), Some(Verdict::Cured));
}

/// Working days are counted from Monday to Friday where the calendar knows no days off. Ten of them ended on the next day.
#[test]
fn working_days_beyond_the_calendar_are_weekdays() {
    let mut terms = contract();
    terms.cure = Period { count: 12, unit: PeriodUnit::WorkingDay };
    terms.duties = vec![duty(1_000, day(2070, 1, 6))];
    let mut run = Run::begun(terms);
    run.until(day(2070, 1, 7));
    // Raised on Tuesday 2070-01-07, beyond 2060: two weeks and two days are Thursday 2070-01-23.
    let claim = run.pledge.claims().iter().find(|claim| claim.subject == Subject::Duty(0)).expect("a claim");
    assert_eq!(claim.cure_until, day(2070, 1, 23));
}

/// Two claims of the largest amount added up to nothing owed, and a bond was given back against them.
#[test]
fn sums_of_claims_are_held_at_the_largest_amount() {
    let largest = Money::from_minor(SAFE_INTEGER_MAX).expect("the largest sum");
    let mut terms = contract();
    terms.duties = (0..3).map(|_| duty(1, day(2021, 2, 4))).collect();
    terms.duties.iter_mut().for_each(|duty| duty.obligation.amount = Some(largest));
    let mut run = Run::begun(terms);
    run.until(day(2021, 2, 5));
    assert_eq!(run.pledge.claims().len(), 3);
    assert_eq!(run.pledge.owed(), largest);
    // A tranche is due, and stays for the claims.
    run.until(day(2021, 6, 1)).must(on(super::build::START, day(2021, 6, 1)));
    assert_eq!(run.pledge.held(), yuan(560_000));
}

/// Days before 1970 have no moment; a pledge on a contract of 1960 named no time at which its clock mattered, and refused
/// everything until it was ticked.
#[test]
fn what_was_due_before_1970_is_due_at_once() {
    let mut terms = contract();
    terms.signed = day(1960, 1, 4);
    let mut pledge =
        landgavel_pledge::Pledge::open(std::sync::Arc::new(terms), noon(day(2021, 1, 4))).expect("a sound contract");
    let due = pledge.due().expect("the bond is missing");
    assert_eq!(due, noon(day(2021, 1, 4)));
    let events = pledge.decide(due, &Command::Tick).expect("a tick");
    assert!(!events.is_empty());
    events.iter().for_each(|event| pledge.apply(event));
    pledge.decide(due, &Command::LodgeBond(cash(1))).expect("no tick is due");
    assert_eq!(pledge.status(), Status::Running);
}
