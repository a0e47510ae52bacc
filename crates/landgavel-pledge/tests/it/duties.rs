//! A duty of the sale to lodge the performance bond.

use landgavel_base::Money;
use landgavel_pledge::{Command, Contract, Duty, Happened, Pledge, Reason, Subject, Verdict};

use super::build::{Run, cash, contract, day, duty, guarantee, on, yuan};

const LODGE: Subject = Subject::Duty(0);

/// 560,000 are to be lodged by 2021-01-18, as a duty of the sale and by the terms.
fn terms() -> Contract {
    let mut terms = contract();
    terms.duties = vec![Duty { is_bond: true, ..duty(560_000, day(2021, 1, 18)) }];
    terms
}

fn verdict(pledge: &Pledge) -> Option<Verdict> {
    pledge.verdict(LODGE)
}

/// The bond was lodged in full and in time, and the duty to lodge it was claimed as money on top of it.
#[test]
fn lodging_the_bond_in_full_and_in_time_meets_the_duty() {
    let mut run = Run::of(terms());
    run.until(day(2021, 1, 10)).must(Command::LodgeBond(cash(400_000)));
    assert_eq!(verdict(&run.pledge), None);
    let happened = run.until(day(2021, 1, 18)).must(Command::LodgeBond(cash(160_000)));
    assert!(matches!(happened[1], Happened::Judged { subject: LODGE, verdict: Verdict::Met, .. }), "{happened:?}");
    run.until(day(2021, 6, 1));
    assert_eq!((verdict(&run.pledge), run.pledge.claims()), (Some(Verdict::Met), &[][..]));
}

#[test]
fn a_bond_that_is_a_fen_short_or_a_day_late_breaches_the_duty_and_is_no_claim() {
    let mut run = Run::of(terms());
    let fen = |amount| landgavel_pledge::Bond { amount: Money::from_minor(amount).expect("a sum"), ..cash(1) };
    run.must(Command::LodgeBond(fen(55_999_999)));
    run.until(day(2021, 1, 19));
    assert_eq!((verdict(&run.pledge), run.pledge.owed()), (Some(Verdict::Breached), Money::ZERO));
    run.must(Command::LodgeBond(fen(1)));
    assert_eq!((verdict(&run.pledge), run.pledge.claims()), (Some(Verdict::Cured), &[][..]));
    run.must(Command::LodgeBond(fen(1)));
    assert_eq!(verdict(&run.pledge), Some(Verdict::Cured));
}

#[test]
fn no_paper_stands_in_for_the_bond() {
    let mut run = Run::of(terms());
    assert_eq!(run.ask(on(LODGE, day(2021, 1, 4))), Err(Reason::ShownByBond));
    let mut other = Run::of(Contract { duties: vec![duty(560_000, day(2021, 1, 18))], ..contract() });
    other.must(on(LODGE, day(2021, 1, 4)));
    assert_eq!(other.until(day(2021, 1, 19)).pledge.owed(), yuan(0));
}

/// 400,000 lapse unseen before the day, and 160,000 come: never were 560,000 there at once.
#[test]
fn what_has_lapsed_is_not_lodged() {
    let mut run = Run::of(terms());
    run.must(Command::LodgeBond(guarantee(400_000, day(2021, 1, 8))));
    run.until(day(2021, 1, 12)).must(Command::LodgeBond(cash(160_000)));
    assert_eq!((verdict(&run.pledge), run.pledge.bonds()[0].lapsed), (None, yuan(400_000)));
    run.must(Command::LodgeBond(cash(400_000)));
    assert_eq!(verdict(&run.pledge), Some(Verdict::Met));
}
