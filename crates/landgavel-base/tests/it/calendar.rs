use landgavel_base::{CalendarError, Date, DueError, Period, PeriodUnit, WorkingCalendar};
use proptest::prelude::*;

fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).unwrap()
}

fn period(count: u32, unit: PeriodUnit) -> Period {
    Period { count, unit }
}

/// The published calendar, read without a TOML parser: days are the ten-character words of its two lists.
fn china() -> WorkingCalendar {
    let text = include_str!("../../../../data/calendars/cn.toml");
    let (mut days_off, mut days_worked) = (Vec::new(), Vec::new());
    let mut is_off = true;
    for line in text.lines() {
        match line.split(' ').next() {
            Some("days_off") => is_off = true,
            Some("days_worked") => is_off = false,
            _ => {}
        }
        for word in line.split([' ', ',']).filter(|word| !line.starts_with('#') && word.len() == 10) {
            let mut parts = word.split('-').map(str::parse::<u32>);
            if let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) {
                let list = if is_off { &mut days_off } else { &mut days_worked };
                list.push(date(i32::try_from(year).unwrap(), month, day));
            }
        }
    }
    WorkingCalendar::new("cn", (2019, 2026), days_off, days_worked).unwrap()
}

#[test]
fn the_published_calendar_of_china_holds_every_day_of_the_notices() {
    let china = china();
    assert_eq!((china.days_off().len(), china.days_worked().len()), (146, 52));
    // The extended Spring Festival of 2020 and the changed Labour Day of 2019.
    assert_eq!(china.is_working_day(date(2020, 1, 31)), Some(false));
    assert_eq!(china.is_working_day(date(2020, 2, 1)), Some(false));
    assert_eq!(china.is_working_day(date(2019, 5, 3)), Some(false));
    assert_eq!(china.is_working_day(date(2019, 5, 5)), Some(true));
}

#[test]
fn swapped_weekends_are_worked_and_holidays_are_not() {
    let china = china();
    assert_eq!(china.is_working_day(date(2026, 2, 14)), Some(true));
    assert_eq!(china.is_working_day(date(2026, 2, 16)), Some(false));
    assert_eq!(china.is_working_day(date(2026, 2, 21)), Some(false));
    assert_eq!(china.is_working_day(date(2026, 2, 24)), Some(true));
}

#[test]
fn nothing_is_known_outside_the_covered_years() {
    let china = china();
    assert_eq!(china.is_working_day(date(2018, 12, 31)), None);
    assert_eq!(china.is_working_day(date(2027, 1, 1)), None);
    assert!(china.is_working_day(date(2019, 1, 1)).is_some());
    assert!(china.is_working_day(date(2026, 12, 31)).is_some());
}

#[test]
fn the_day_of_the_event_is_not_counted() {
    // Monday plus one is Tuesday.
    for unit in [PeriodUnit::Day, PeriodUnit::WorkingDay] {
        assert_eq!(period(1, unit).due_from(date(2026, 3, 2), &china()), Ok(date(2026, 3, 3)));
    }
}

#[test]
fn a_month_ends_on_the_same_day_or_the_last() {
    assert_eq!(period(1, PeriodUnit::Month).due_from(date(2024, 5, 31), &china()), Ok(date(2024, 7, 1)));
    assert_eq!(period(1, PeriodUnit::Month).due_from(date(2024, 1, 31), &china()), Ok(date(2024, 2, 29)));
    assert_eq!(period(1, PeriodUnit::Year).due_from(date(2024, 2, 29), &china()), Ok(date(2025, 2, 28)));
}

#[test]
fn a_last_day_in_a_holiday_moves_to_the_first_working_day() {
    // Thirty days after 1 September 2026 is 1 October; the holiday lasts to the 7th.
    assert_eq!(period(30, PeriodUnit::Day).due_from(date(2026, 9, 1), &china()), Ok(date(2026, 10, 8)));
    // A swapped Sunday is a working day, so the term ends there.
    assert_eq!(period(1, PeriodUnit::Month).due_from(date(2026, 8, 20), &china()), Ok(date(2026, 9, 20)));
}

#[test]
fn working_days_skip_holidays_and_count_swapped_weekends() {
    // 29 and 30 September, then 8, 9 and the swapped Saturday 10 October.
    assert_eq!(period(5, PeriodUnit::WorkingDay).due_from(date(2026, 9, 28), &china()), Ok(date(2026, 10, 10)));
}

#[test]
fn a_term_of_zero_ends_on_the_day_itself_or_the_next_working_day() {
    for unit in [PeriodUnit::Day, PeriodUnit::WorkingDay, PeriodUnit::Month, PeriodUnit::Year] {
        assert_eq!(period(0, unit).due_from(date(2026, 3, 2), &china()), Ok(date(2026, 3, 2)));
        assert_eq!(period(0, unit).due_from(date(2026, 10, 1), &china()), Ok(date(2026, 10, 8)));
    }
}

#[test]
fn a_term_beyond_the_calendar_names_the_year() {
    let error = period(3, PeriodUnit::Year).due_from(date(2026, 3, 2), &china()).unwrap_err();
    assert_eq!(error, DueError::YearNotCovered { calendar: "cn".into(), date: date(2029, 3, 2) });
    assert_eq!(error.to_string(), "the calendar cn does not cover the year 2029 (2029-03-02)");
    let error = period(u32::MAX >> 1, PeriodUnit::WorkingDay).due_from(date(2026, 3, 2), &china()).unwrap_err();
    assert_eq!(error, DueError::YearNotCovered { calendar: "cn".into(), date: date(2027, 1, 1) });
}

#[test]
fn terms_too_long_for_any_date_say_so() {
    for unit in [PeriodUnit::Day, PeriodUnit::WorkingDay, PeriodUnit::Month, PeriodUnit::Year] {
        assert_eq!(period(u32::MAX, unit).due_from(date(2026, 3, 2), &china()), Err(DueError::BeyondDates));
    }
    assert_eq!(period(9000, PeriodUnit::Year).due_from(date(2026, 3, 2), &china()), Err(DueError::BeyondDates));
}

#[test]
fn days_that_contradict_a_calendar_are_refused() {
    let (monday, saturday) = (date(2026, 3, 2), date(2026, 3, 7));
    let build = |off: &[Date], worked: &[Date]| {
        WorkingCalendar::new("test", (2026, 2026), off.to_vec(), worked.to_vec()).map(|_| ())
    };
    assert_eq!(build(&[monday], &[saturday]), Ok(()));
    assert_eq!(build(&[saturday], &[]), Err(CalendarError::DayOffOnWeekend { date: saturday }));
    assert_eq!(build(&[], &[monday]), Err(CalendarError::DayWorkedOnWeekday { date: monday }));
    assert_eq!(build(&[monday, monday], &[]), Err(CalendarError::NamedTwice { date: monday }));
    let outside = date(2027, 3, 1);
    assert_eq!(build(&[outside], &[]), Err(CalendarError::OutsideYears { date: outside }));
    let years = WorkingCalendar::new("test", (2027, 2026), Vec::new(), Vec::new());
    assert_eq!(years, Err(CalendarError::Years { first_year: 2027, last_year: 2026 }));
}

prop_compose! {
    fn day_of_the_calendar()(offset in 0..2922i32) -> Date {
        date(2019, 1, 1).plus_days(offset).unwrap()
    }
}

fn any_unit() -> impl Strategy<Value = PeriodUnit> {
    prop_oneof![Just(PeriodUnit::Day), Just(PeriodUnit::WorkingDay), Just(PeriodUnit::Month), Just(PeriodUnit::Year)]
}

proptest! {
    #[test]
    fn every_term_ends_on_a_working_day_not_before_it_began(day in day_of_the_calendar(), count in 0..60u32, unit in any_unit()) {
        let china = china();
        if let Ok(due) = period(count, unit).due_from(day, &china) {
            prop_assert_eq!(china.is_working_day(due), Some(true));
            prop_assert!(due >= day);
        }
    }

    #[test]
    fn longer_terms_never_end_earlier(day in day_of_the_calendar(), count in 0..60u32, unit in any_unit()) {
        let china = china();
        let ends = (period(count, unit).due_from(day, &china), period(count + 1, unit).due_from(day, &china));
        if let (Ok(shorter), Ok(longer)) = ends {
            prop_assert!(shorter <= longer);
        }
    }

    #[test]
    fn a_count_of_working_days_holds_just_as_many(day in day_of_the_calendar(), count in 1..200u32) {
        let china = china();
        if let Ok(due) = period(count, PeriodUnit::WorkingDay).due_from(day, &china) {
            let length = due.days_since_epoch() - day.days_since_epoch();
            let worked = (1..=length)
                .filter(|offset| china.is_working_day(day.plus_days(*offset).unwrap()) == Some(true))
                .count();
            prop_assert_eq!(u32::try_from(worked), Ok(count));
        }
    }

    #[test]
    fn nothing_but_days_off_lies_between_the_corresponding_day_and_the_end(day in day_of_the_calendar(), months in 0..40i32) {
        let china = china();
        let term = period(months.unsigned_abs(), PeriodUnit::Month);
        if let Ok(due) = term.due_from(day, &china) {
            let mut between = day.plus_months(months).unwrap();
            while between < due {
                prop_assert_eq!(china.is_working_day(between), Some(false));
                between = between.plus_days(1).unwrap();
            }
        }
    }
}
