//! What neither side can do to the other.

use landgavel_base::{Area, Date, Digest, Money, Period, PeriodUnit, Ratio};
use landgavel_pledge::{
    Accounting, Bond, ClaimState, Command, Contract, Evidence, Finding, Formula, Ground, HaltRule, Halted, Promise,
    Reason, Span, Subject, TakeBackRule, Verdict,
};

use super::build::{
    COMPLETION, HANDOVER, OUTPUT, PER_MILLE, Run, START, approval, cash, contract, day, duty, figure, guarantee,
    longer, on, percent, take_back, tax, yuan,
};

fn back(amount: i64) -> Command {
    Command::TakeBack { compensation: yuan(amount), approval: approval() }
}

/// The output is due on 2024-01-05 and costs nothing when it is late; 30 days to make it good end on 2024-02-06.
fn without_penalty() -> Contract {
    let mut terms = contract();
    terms.take_back = Some(TakeBackRule { grounds: vec![Ground::Milestone(3)], ..take_back() });
    terms
}

#[test]
fn what_is_made_good_in_time_is_cured_and_what_was_done_is_no_ground_any_more() {
    for (reached, verdict) in [(day(2024, 2, 5), Verdict::Cured), (day(2024, 3, 5), Verdict::Breached)] {
        let mut run = Run::begun(without_penalty());
        run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
        run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
        run.until(day(2024, 1, 20));
        assert_eq!(run.pledge.verdict(OUTPUT), Some(Verdict::Breached));
        run.until(reached).must(on(OUTPUT, reached));
        assert_eq!(run.pledge.verdict(OUTPUT), Some(verdict), "{reached}");
        run.until(day(2024, 3, 20));
        assert_eq!(run.ask(back(0)), Err(Reason::NoGround), "{reached}");
    }
    let mut run = Run::begun(without_penalty());
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
    run.until(day(2024, 3, 20));
    assert!(run.pledge.take_back_price(run.today).is_ok(), "what nobody has shown is a ground");
}

/// Entered three years later with a day soon after the contract: what follows runs from the day of the entry.
#[test]
fn a_handover_entered_late_shortens_no_term() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(cash(560_000)));
    run.until(day(2024, 1, 4)).must(on(HANDOVER, day(2021, 1, 5)));
    assert_eq!((run.pledge.owed(), run.pledge.idle()), (Money::ZERO, None));
    assert_eq!(run.pledge.due_of(START), Some(day(2024, 7, 4)));
    // Entered on its day it is as before.
    let mut run = Run::begun(contract());
    run.until(day(2021, 2, 1));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 7, 5)));
}

/// Due by 2021-02-04, and never done: it is told, and nothing is asked of the winner.
#[test]
fn a_seller_that_does_not_hand_over_is_told_of() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(cash(560_000)));
    run.until(day(2021, 2, 5));
    assert_eq!(run.pledge.owed_by_seller(day(2021, 2, 4)).next(), None);
    let late: Vec<_> = run.pledge.owed_by_seller(day(2021, 2, 5)).collect();
    assert_eq!(late, [(HANDOVER, day(2021, 2, 4))]);
    run.must(on(HANDOVER, day(2021, 2, 5)));
    assert_eq!(run.pledge.owed_by_seller(day(2021, 2, 6)).next(), None);
}

/// The fee for idle land is notified on the second day after two years: nothing is taken while it may be paid or is disputed.
#[test]
fn idle_land_is_not_taken_while_its_fee_may_be_paid_or_disputed() {
    let mut terms = contract();
    let rule = terms.idle.as_mut().expect("a rule");
    (rule.fee_after, rule.take_back_after) = (23, 24);
    terms.cure = Period { count: 3, unit: PeriodUnit::Month };
    terms.milestones.iter_mut().for_each(|one| one.delay = None);
    let mut run = Run::begun(terms);
    run.until(day(2023, 7, 7));
    assert_eq!(run.ask(back(0)), Err(Reason::CureRuns { until: day(2023, 9, 6) }));
    run.must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run.until(day(2023, 9, 20));
    assert_eq!(run.ask(back(0)), Err(Reason::ClaimIsDisputed));
    run.must(Command::Settle { claim: 0, amount: yuan(1_120_000), approval: approval() });
    run.until(day(2024, 1, 1)).must(back(0));
}

/// A start that is waived, or whose claim was settled at nothing, is no idle land: the land is not lost by winning a dispute.
#[test]
fn a_waived_start_is_no_idle_land() {
    let waived = |run: &mut Run| {
        run.until(day(2021, 12, 1)).must(Command::Waive { subject: START, approval: approval() });
    };
    let settled = |run: &mut Run| {
        run.until(day(2021, 10, 20));
        let claim = run.pledge.claims().iter().position(|claim| claim.subject == START).expect("a claim");
        run.must(Command::Dispute { claim, statement: Digest([7; 32]) });
        run.must(Command::Settle { claim, amount: Money::ZERO, approval: approval() });
    };
    for act in [&waived as &dyn Fn(&mut Run), &settled] {
        let mut run = Run::begun(contract());
        act(&mut run);
        run.until(day(2024, 1, 1));
        assert_eq!(run.pledge.idle(), None);
        assert_ne!(run.pledge.take_back_price(run.today).map(|(ground, _)| ground), Ok(Subject::Idle));
    }
}

/// Two years after 2021-07-05 the land may be taken; a day later the start is extended to 2024: it may not any more until 2026.
#[test]
fn an_extension_moves_the_day_from_which_idle_land_is_taken() {
    let mut terms = contract();
    terms.take_back = None;
    terms.milestones.iter_mut().for_each(|one| one.delay = None);
    let mut run = Run::begun(terms);
    run.until(day(2023, 9, 1));
    assert!(run.pledge.take_back_price(run.today).is_ok());
    run.must(Command::Extend { milestone: 1, until: day(2024, 1, 5), approval: approval() });
    assert_eq!(run.ask(back(0)), Err(Reason::NoGround));
    run.until(day(2026, 1, 5));
    assert_eq!(run.ask(back(0)), Err(Reason::NoGround));
    run.until(day(2026, 1, 6)).must(back(0));
}

/// S2 at 1‰: 300,000 are claimed on 2024-04-02 and all is paid under protest on the 22nd, with 6,000 of fee.
fn protested() -> Run {
    let mut terms = contract();
    let per_day = Ratio::from_ppm(PER_MILLE).expect("a share");
    terms.promises = vec![tax(Formula::GapWithLateFee { per_day }, Accounting::Yearly, 1)];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 12)).must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run.until(day(2024, 4, 22)).must(Command::Pay { claim: 0, amount: yuan(306_000) });
    run
}

#[test]
fn fees_are_counted_on_what_was_settled_and_nothing_settled_is_nothing_owed() {
    // Twenty days at 1‰ of 100,000 are 2,000: 204,000 go back. It was paid in time, and is cured.
    let mut run = protested();
    run.must(Command::Settle { claim: 0, amount: yuan(100_000), approval: approval() });
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.fee, claim.refund, claim.state), (yuan(2_000), yuan(204_000), ClaimState::Closed));
    assert_eq!(run.pledge.verdict(claim.subject), Some(Verdict::Cured));
    let mut run = protested();
    run.must(Command::Settle { claim: 0, amount: Money::ZERO, approval: approval() });
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.fee, claim.refund), (Money::ZERO, yuan(306_000)));
    assert_eq!(run.pledge.verdict(claim.subject), Some(Verdict::Waived));
}

/// 100,000 of 300,000 were paid after ten days. Settled at 200,000: ten days on it are 2,000, and 102,000 are left.
#[test]
fn fees_after_a_part_payment_are_those_of_the_settled_amount() {
    let mut terms = contract();
    let per_day = Ratio::from_ppm(PER_MILLE).expect("a share");
    terms.promises = vec![tax(Formula::GapWithLateFee { per_day }, Accounting::Yearly, 1)];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 12)).must(Command::Pay { claim: 0, amount: yuan(100_000) });
    run.must(Command::Dispute { claim: 0, statement: Digest([7; 32]) });
    run.must(Command::Settle { claim: 0, amount: yuan(200_000), approval: approval() });
    let claim = &run.pledge.claims()[0];
    assert_eq!((claim.fee, claim.owed(), claim.refund), (yuan(2_000), yuan(102_000), Money::ZERO));
}

/// What costs money and was paid late is no part that was not met: its tranche is not forfeited.
#[test]
fn a_tranche_of_what_was_done_and_paid_for_is_not_forfeited() {
    for (pays, forfeited) in [(true, 168_000), (false, 336_000 - 168_000)] {
        let mut terms = without_penalty();
        // Nothing goes back by itself here.
        terms.milestones[2].tranche = None;
        let mut run = Run::begun(terms);
        run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
        run.until(day(2021, 9, 15));
        if pays {
            run.must(Command::Pay { claim: 0, amount: yuan(56_000) });
        }
        run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
        run.until(day(2024, 3, 20));
        let (_, price) = run.pledge.take_back_price(run.today).expect("a ground");
        run.must(Command::TakeBack { compensation: price.amount, approval: approval() });
        let taken: i64 = run.pledge.bonds().iter().map(|bond| bond.forfeited.minor() / 100).sum();
        let expected = if pays { 0 } else { forfeited };
        assert_eq!(taken, expected, "paid: {pays}");
    }
}

#[test]
fn a_duty_paid_late_is_done() {
    let mut terms = contract();
    terms.promises.clear();
    terms.take_back = None;
    terms.duties = vec![duty(100_000, day(2021, 2, 1))];
    let mut run = Run::begun(terms);
    run.until(day(2021, 3, 20)).must(Command::Pay { claim: 0, amount: yuan(100_000) });
    run.built();
    assert_eq!(run.pledge.verdict(Subject::Duty(0)), Some(Verdict::Breached));
    assert_eq!(run.pledge.status(), landgavel_pledge::Status::Discharged);
}

#[test]
fn a_letter_counts_once_whatever_it_is_called_and_an_amendment_is_a_letter_too() {
    let mut run = Run::of(contract());
    let first = Bond { number: Some("G 1".into()), ..guarantee(100_000, day(2030, 1, 1)) };
    run.must(Command::LodgeBond(first));
    for (issuer, number) in [("bank", "G1"), ("bank ", "g1"), ("ｂａｎｋ", "Ｇ１"), ("BANK", " G1 ")] {
        let again = Bond { issuer: issuer.into(), number: Some(number.into()), ..guarantee(100_000, day(2030, 1, 1)) };
        assert_eq!(run.ask(Command::LodgeBond(again)), Err(Reason::LodgedBefore), "{issuer} {number}");
    }
    let own = run.pledge.bonds()[0].bond.letter.expect("a letter");
    let by = |bond: usize, until: Date, letter: Digest| Command::ExtendBond { bond, valid_until: until, letter };
    assert_eq!(run.ask(by(0, day(2031, 1, 1), own)), Err(Reason::LodgedBefore));
    run.must(longer(0, day(2031, 1, 1)));
    assert_eq!(run.ask(longer(0, day(2032, 1, 1))), Err(Reason::LodgedBefore));
    let amended = Bond { letter: Some(Digest([5; 32])), ..guarantee(100_000, day(2030, 1, 1)) };
    assert_eq!(run.ask(Command::LodgeBond(amended)), Err(Reason::LodgedBefore));
}

/// Extended before the duty's day, the short guarantee meets it after all.
#[test]
fn a_short_guarantee_that_is_extended_meets_the_duty() {
    let mut terms = contract();
    let mut lodging = duty(560_000, day(2021, 2, 1));
    lodging.is_bond = true;
    terms.duties = vec![lodging];
    let mut run = Run::of(terms);
    run.must(Command::LodgeBond(guarantee(560_000, day(2021, 3, 1))));
    assert_eq!(run.pledge.verdict(Subject::Duty(0)), None);
    run.must(longer(0, day(2040, 1, 1)));
    assert_eq!(run.pledge.verdict(Subject::Duty(0)), Some(Verdict::Met));
}

/// 90 days before its end the extension of a guarantee is demanded: one that ends sooner is no bond yet.
#[test]
fn a_guarantee_that_ends_at_once_does_not_meet_the_duty_to_lodge() {
    for (ends, verdict) in [(day(2021, 4, 5), None), (day(2021, 4, 6), Some(Verdict::Met))] {
        let mut terms = contract();
        let mut lodging = duty(560_000, day(2021, 2, 1));
        lodging.is_bond = true;
        terms.duties = vec![lodging];
        let mut run = Run::of(terms);
        run.until(day(2021, 1, 6)).must(Command::LodgeBond(guarantee(560_000, ends)));
        assert_eq!(run.pledge.verdict(Subject::Duty(0)), verdict, "{ends}");
    }
}

#[test]
fn what_is_complete_is_not_left_and_sums_in_another_unit_are_asked_about() {
    let mut terms = contract();
    let investment = Promise { committed: 35_000, span: Span::Once, ..tax(Formula::Nothing, Accounting::Yearly, 1) };
    terms.promises.push(Promise { id: "investment".into(), ..investment });
    let source = "planning".to_owned();
    terms.halt = Some(HaltRule { after: 12, investment: 1, completion: Some(2), fee: percent(10), source });
    let mut run = Run::begun(terms);
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    let halted = |until: Date, built: u64, invested: i64, is_confirmed: bool| {
        let built = Area::from_hundredths_m2(built).expect("an area");
        let finding = Finding::Halted(Halted { since: day(2021, 7, 1), until, built, invested: yuan(invested) });
        let (subject, document) = (Subject::Idle, Digest([3; 32]));
        Command::EnterEvidence(Evidence { subject, finding, source: "planning".into(), document, is_confirmed })
    };
    run.until(day(2022, 5, 1));
    // 9,000 yuan of 21,000,000; more land than there is.
    let doubted = Reason::InvestmentDoubted { invested: yuan(9_000), whole: yuan(21_000_000) };
    assert_eq!(run.ask(halted(day(2022, 4, 1), 0, 9_000, false)), Err(doubted));
    let land = Area::from_hundredths_m2(400_000).expect("an area");
    let beyond = Err(Reason::BeyondLand { land });
    assert_eq!(run.ask(halted(day(2022, 4, 1), 400_001, 9_000_000, true)), beyond);
    run.must(halted(day(2022, 4, 1), 0, 9_000, true));
    assert_eq!(run.pledge.idle(), None);
    run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
    run.until(day(2024, 1, 1));
    let complete = Err(Reason::OutOfOrder { other: day(2022, 6, 1) });
    assert_eq!(run.ask(halted(day(2023, 12, 1), 100_000, 9_000_000, false)), complete);
}

/// Completed on 2022-06-01, and an inspection says that nothing was done until 2022-08-01: whichever paper comes first, the land is not
/// idle.
#[test]
fn completion_shown_after_the_inspection_withdraws_the_fee() {
    let mut terms = contract();
    let investment = Promise { committed: 35_000, span: Span::Once, ..tax(Formula::Nothing, Accounting::Yearly, 1) };
    terms.promises.push(Promise { id: "investment".into(), ..investment });
    let source = "planning".to_owned();
    terms.halt = Some(HaltRule { after: 12, investment: 1, completion: Some(2), fee: percent(10), source });
    let mut run = Run::begun(terms);
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    let built = Area::from_hundredths_m2(0).expect("an area");
    let finding =
        Finding::Halted(Halted { since: day(2021, 7, 1), until: day(2022, 8, 1), built, invested: yuan(9_000_000) });
    let (subject, document) = (Subject::Idle, Digest([3; 32]));
    let evidence = Evidence { subject, finding, source: "planning".into(), document, is_confirmed: false };
    run.until(day(2022, 8, 2)).must(Command::EnterEvidence(evidence));
    assert_eq!(run.pledge.owed(), yuan(560_000));
    run.must(on(COMPLETION, day(2022, 6, 1)));
    assert_eq!((run.pledge.owed(), run.pledge.idle()), (Money::ZERO, None));
    assert_eq!(run.pledge.verdict(Subject::Idle), Some(Verdict::Met));
}

/// Entered in 2024 with a day of 2021: years of use run from the entry, as all that follows a deed of the seller.
#[test]
fn a_handover_entered_late_wears_no_price_off() {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(cash(560_000)));
    run.until(day(2024, 1, 4)).must(on(HANDOVER, day(2021, 1, 5)));
    run.until(day(2024, 12, 1));
    let price = run.pledge.take_back_price(run.today).map(|(_, price)| price.amount);
    // One year of 2 % has begun: 5,600,000 less 112,000.
    assert_eq!(price, Ok(yuan(5_488_000)));
}
