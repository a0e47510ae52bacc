//! Days that do not count: which terms they move, and that none counts twice.

use landgavel_pledge::{Command, Happened, Reason, Verdict};

use super::build::{COMPLETION, HANDOVER, OUTPUT, Run, START, approval, contract, day, on};

fn stop(from: landgavel_base::Date, until: landgavel_base::Date) -> Command {
    Command::StopTime { from, until, approval: approval() }
}

fn stopped_days(happened: &[Happened]) -> i32 {
    match happened {
        [Happened::TimeStopped { days, .. }] => *days,
        other => panic!("{other:?}"),
    }
}

/// The same 31 days of March were counted as often as they were decided.
#[test]
fn a_day_is_stopped_once() {
    let mut run = Run::begun(contract());
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 7, 5)));
    assert_eq!(stopped_days(&run.must(stop(day(2021, 3, 1), day(2021, 4, 1)))), 31);
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 8, 5)));
    assert_eq!(run.ask(stop(day(2021, 3, 1), day(2021, 4, 1))), Err(Reason::EmptySpan));
    assert_eq!(run.ask(stop(day(2021, 3, 10), day(2021, 3, 11))), Err(Reason::EmptySpan));
    assert_eq!(run.ask(stop(day(2021, 3, 10), day(2021, 3, 10))), Err(Reason::EmptySpan));
    assert_eq!(run.ask(stop(day(2021, 4, 10), day(2021, 4, 9))), Err(Reason::EmptySpan));
    // 26 February to 4 April: three days before and three after are new.
    assert_eq!(stopped_days(&run.must(stop(day(2021, 2, 26), day(2021, 4, 4)))), 6);
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 8, 11)));
    let spans: Vec<_> = run.pledge.stopped().collect();
    let expected =
        [(day(2021, 2, 26), day(2021, 3, 1)), (day(2021, 3, 1), day(2021, 4, 1)), (day(2021, 4, 1), day(2021, 4, 4))];
    assert_eq!(spans, expected);
}

/// The stop in 2022 lies after the start's last day and within the term of the completion.
#[test]
fn a_term_that_ended_before_the_stop_does_not_move() {
    let mut run = Run::begun(contract());
    run.until(day(2022, 5, 1)).must(stop(day(2022, 5, 1), day(2022, 5, 31)));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 7, 5)));
    // 18 months from 2021-07-05 end on Thursday 2023-01-05; 30 days later is Saturday 2023-02-04, moved to Monday.
    assert_eq!(run.pledge.due_of(COMPLETION), Some(day(2023, 2, 6)));
    // Twelve months from there end on Tuesday 2024-02-06: it moves once.
    assert_eq!(run.pledge.due_of(OUTPUT), Some(day(2024, 2, 6)));
}

/// The stop of spring 2021 is over when the term of the completion begins on the start's moved last day.
#[test]
fn a_term_that_begins_after_the_stop_does_not_move() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 2, 1)).must(stop(day(2021, 3, 1), day(2021, 3, 31)));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 8, 4)));
    // 18 months from 2021-08-04: Saturday 2023-02-04, moved to Monday the 6th.
    assert_eq!(run.pledge.due_of(COMPLETION), Some(day(2023, 2, 6)));
}

/// Handed over in the middle of a stop: only the days after the handover are added.
#[test]
fn only_days_after_its_beginning_move_a_term() {
    let mut run = Run::of(contract());
    run.until(day(2021, 1, 14)).must(stop(day(2021, 1, 5), day(2021, 1, 25)));
    run.must(on(HANDOVER, day(2021, 1, 14)));
    // Six months end on Wednesday 2021-07-14; the 15th to the 24th of January are ten days.
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 7, 26)), "Saturday the 24th, moved to Monday");
}

/// A stop that begins on the last day moves it; one that begins the day after does not.
#[test]
fn a_stop_must_begin_on_or_before_the_last_day() {
    for (from, due) in [(day(2021, 7, 5), day(2021, 7, 12)), (day(2021, 7, 6), day(2021, 7, 5))] {
        let mut run = Run::begun(contract());
        run.must(stop(from, from.plus_days(7).expect("a day")));
        assert_eq!(run.pledge.due_of(START), Some(due));
    }
}

/// Two stops that touch move a term as one stop would, whichever was decided first.
#[test]
fn the_order_of_decisions_does_not_matter() {
    let spans = [(day(2021, 6, 20), day(2021, 7, 10)), (day(2021, 7, 10), day(2021, 7, 20))];
    let due = |order: &[usize]| {
        let mut run = Run::begun(contract());
        for index in order {
            run.must(stop(spans[*index].0, spans[*index].1));
        }
        run.pledge.due_of(START)
    };
    assert_eq!((due(&[0, 1]), due(&[1, 0])), (Some(day(2021, 8, 4)), Some(day(2021, 8, 4))));
}

/// An extended day is a day on the calendar: what was decided before is in it, what is decided later moves it.
#[test]
fn an_extended_day_is_moved_only_by_later_decisions() {
    let mut run = Run::begun(contract());
    run.must(stop(day(2021, 3, 1), day(2021, 3, 31)));
    run.must(Command::Extend { milestone: 1, until: day(2021, 9, 30), approval: approval() });
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 9, 30)));
    run.must(stop(day(2021, 3, 21), day(2021, 4, 7)));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 10, 7)), "seven days are new");
    run.must(stop(day(2022, 1, 1), day(2022, 2, 1)));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 10, 7)));
}

#[test]
fn a_day_judged_before_stays_judged() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 7, 10));
    assert_eq!(run.pledge.verdict(START), Some(Verdict::Breached));
    run.must(stop(day(2021, 6, 1), day(2021, 7, 1)));
    run.must(on(START, day(2021, 7, 10)));
    assert_eq!(run.pledge.verdict(START), Some(Verdict::Breached));
}

#[test]
fn no_more_than_a_lifetime_is_stopped() {
    let mut run = Run::begun(contract());
    run.must(stop(day(1990, 1, 1), day(2020, 1, 1)));
    assert_eq!(run.ask(stop(day(2020, 1, 1), day(2110, 1, 1))), Err(Reason::BeyondDates));
    assert_eq!(run.pledge.due_of(START), Some(day(2021, 7, 5)), "days before the term");
}
