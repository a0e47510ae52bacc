//! Verdicts: met, cured, breached, waived, undetermined, and how they change.

use landgavel_base::Money;
use landgavel_pledge::{Accounting, Command, Formula, Happened, IdleLevel, Status, Subject, Verdict};

use super::build::{COMPLETION, OUTPUT, Run, START, approval, cash, contract, day, duty, figure, on, tax, yuan};

const FIRST: Subject = Subject::Period(0, 0);

#[test]
fn a_pledge_that_is_kept_gives_the_bond_back_and_ends() {
    let mut run = Run::begun(contract());
    run.built();
    for year in 0..3 {
        run.until(day(2024 + i32::from(year), 2, 1)).must(figure(0, year, 4_000));
    }
    run.until(day(2030, 1, 1));
    assert_eq!(run.pledge.status(), Status::Discharged);
    assert!(run.pledge.claims().is_empty());
    assert_eq!((run.pledge.held(), run.pledge.bonds()[0].released), (Money::ZERO, yuan(560_000)));
}

#[test]
fn figures_that_nobody_brings_leave_it_open_and_late_ones_decide() {
    let mut run = Run::begun(contract());
    run.built();
    run.until(day(2024, 4, 1));
    assert_eq!(run.pledge.verdict(FIRST), None);
    run.until(day(2024, 4, 2));
    assert_eq!(run.pledge.verdict(FIRST), Some(Verdict::Undetermined));
    run.until(day(2024, 9, 1)).must(figure(0, 0, 3_500));
    assert_eq!(run.pledge.verdict(FIRST), Some(Verdict::Breached));
    assert_eq!(run.pledge.owed(), yuan(300_000));
}

#[test]
fn paying_in_time_cures_and_paying_late_does_not() {
    // Judged on 2024-04-02; 30 days to cure end on Thursday 2024-05-02.
    for (paid, verdict) in [(day(2024, 5, 2), Verdict::Cured), (day(2024, 5, 3), Verdict::Breached)] {
        let mut run = Run::begun(contract());
        run.built();
        run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
        run.until(paid).must(Command::Pay { claim: 0, amount: yuan(300_000) });
        assert_eq!((run.pledge.verdict(FIRST), run.pledge.owed()), (Some(verdict), Money::ZERO), "{paid}");
    }
}

#[test]
fn a_milestone_that_nobody_shows_is_breached_and_an_old_day_shown_late_still_counts() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 7, 6));
    assert_eq!(run.pledge.verdict(START), Some(Verdict::Breached));
    run.until(day(2021, 8, 1)).must(on(START, day(2021, 7, 1)));
    assert_eq!(run.pledge.verdict(START), Some(Verdict::Met));
    assert_eq!(run.pledge.bonds()[0].released, yuan(168_000));
}

#[test]
fn retracted_evidence_opens_the_question_again() {
    let mut run = Run::begun(contract());
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 10));
    assert_eq!(run.pledge.owed(), yuan(300_000));
    let retract = Command::RetractEvidence { subject: FIRST, source: "tax bureau".into(), reason: "typing".into() };
    let happened = run.must(retract);
    assert!(happened.contains(&Happened::ClaimWithdrawn { claim: 0 }));
    assert_eq!((run.pledge.verdict(FIRST), run.pledge.owed()), (Some(Verdict::Undetermined), Money::ZERO));
    run.must(figure(0, 0, 4_000));
    assert_eq!((run.pledge.verdict(FIRST), run.pledge.owed()), (Some(Verdict::Met), Money::ZERO));
}

#[test]
fn a_duty_done_late_is_cured_and_its_claim_falls() {
    let mut terms = contract();
    terms.duties = vec![duty(1_000, day(2021, 2, 4))];
    let mut run = Run::begun(terms);
    run.until(day(2021, 2, 4));
    assert_eq!(run.pledge.verdict(Subject::Duty(0)), None);
    run.until(day(2021, 2, 5));
    assert_eq!((run.pledge.verdict(Subject::Duty(0)), run.pledge.owed()), (Some(Verdict::Breached), yuan(1_000)));
    run.until(day(2021, 2, 9)).must(on(Subject::Duty(0), day(2021, 2, 9)));
    assert_eq!((run.pledge.verdict(Subject::Duty(0)), run.pledge.owed()), (Some(Verdict::Cured), Money::ZERO));
}

#[test]
fn what_is_waived_owes_nothing() {
    let mut run = Run::begun(contract());
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 10)).must(Command::Waive { subject: FIRST, approval: approval() });
    assert_eq!((run.pledge.verdict(FIRST), run.pledge.owed()), (Some(Verdict::Waived), Money::ZERO));
}

#[test]
fn sums_over_years_wait_for_every_year() {
    let mut terms = contract();
    terms.promises = vec![tax(Formula::Gap, Accounting::Cumulative, 2)];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2025, 2, 1)).must(figure(0, 1, 5_000));
    run.until(day(2025, 5, 1));
    assert_eq!(run.pledge.verdict(Subject::Period(0, 1)), Some(Verdict::Undetermined));
    run.must(figure(0, 0, 2_000));
    assert_eq!(
        (run.pledge.verdict(Subject::Period(0, 1)), run.pledge.owed()),
        (Some(Verdict::Breached), yuan(600_000))
    );
}

/// Start was due on 2021-07-05. For being late a tenth of the price is owed by then, a year later a fifth besides, and two years later the land may be taken back.
#[test]
fn idle_land_is_charged_after_a_year_and_may_be_taken_after_two() {
    let mut run = Run::begun(contract());
    run.until(day(2022, 7, 5));
    assert_eq!(run.pledge.idle(), None);
    run.until(day(2022, 7, 6));
    assert_eq!((run.pledge.idle(), run.pledge.owed()), (Some(IdleLevel::Fee), yuan(560_000 + 1_120_000)));
    run.until(day(2023, 7, 6));
    assert_eq!(run.pledge.idle(), Some(IdleLevel::TakeBack));
    run.must(Command::TakeBack { compensation: Money::ZERO, approval: approval() });
    assert_eq!(run.pledge.status(), Status::TakenBack);
}

/// Whoever is late or never arrives does not put off the years that count: they run from the last day.
#[test]
fn a_milestone_never_reached_starts_the_years_on_its_last_day() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
    run.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
    // Output was due 6 + 18 + 12 months after the handover: on 2024-01-04, moved by no weekend; its first year ends on 2025-01-04 …
    run.until(day(2024, 1, 10));
    assert_eq!(run.pledge.verdict(OUTPUT), Some(Verdict::Breached));
    run.until(day(2025, 1, 20)).must(figure(0, 0, 0));
    run.until(day(2025, 5, 1));
    assert_eq!(run.pledge.owed(), yuan(2_400_000));
}

#[test]
fn a_breach_that_is_paid_does_not_end_what_was_never_built() {
    let mut terms = contract();
    terms.promises.clear();
    (terms.idle, terms.take_back) = (None, None);
    let mut run = Run::of(terms);
    run.must(Command::LodgeBond(cash(560_000)));
    let today = run.today;
    run.must(on(super::build::HANDOVER, today));
    run.until(day(2040, 1, 1));
    assert_eq!(run.pledge.status(), Status::Running);
    for (subject, reached) in [(START, 2039), (COMPLETION, 2039), (OUTPUT, 2039)] {
        run.must(on(subject, day(reached, 1, 1)));
    }
    for claim in 0..run.pledge.claims().len() {
        run.until(day(2041, 1, 1)).must(Command::CallBond { claim });
        if run.pledge.held() == Money::ZERO {
            break;
        }
    }
    assert_eq!(run.pledge.status(), Status::Running, "the second claim is still owed");
    run.must(Command::Pay { claim: 1, amount: yuan(560_000) });
    assert_eq!(run.pledge.status(), Status::Discharged);
}

/// What a page shows of a pledge, from outside: all that is judged, each with its last day, and nothing of what there is not.
#[test]
fn whoever_shows_a_pledge_sees_what_is_judged_and_when() {
    let mut terms = contract();
    terms.promises.push(tax(Formula::Gap, Accounting::Cumulative, 2));
    terms.duties = vec![duty(1_000, day(2021, 2, 4))];
    let run = Run::begun(terms);
    let found: Vec<_> = run.pledge.subjects().map(|subject| (subject, run.pledge.due_of(subject))).collect();
    let expected = [
        (START, day(2021, 7, 5)),
        (COMPLETION, day(2023, 1, 5)),
        (OUTPUT, day(2024, 1, 5)),
        // Three months after each year; 2025-04-05 is a Saturday, 2026-04-05 a Sunday.
        (Subject::Period(0, 0), day(2025, 4, 7)),
        (Subject::Period(0, 1), day(2026, 4, 6)),
        (Subject::Period(0, 2), day(2027, 4, 5)),
        (Subject::Period(1, 1), day(2026, 4, 6)),
        (Subject::Duty(0), day(2021, 2, 4)),
    ];
    assert_eq!(found, expected.map(|(subject, due)| (subject, Some(due))));
    assert_eq!([0, 1, 2].map(|promise| run.pledge.contract().periods(promise)), [3, 2, 0]);
    let unknown =
        [Subject::Milestone(4), Subject::Period(2, 0), Subject::Period(0, 3), Subject::Duty(1), Subject::Idle];
    assert_eq!(unknown.map(|subject| run.pledge.due_of(subject)), [None; 5]);
}
