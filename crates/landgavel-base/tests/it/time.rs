use landgavel_base::{Date, Duration, Instant, LocalTime, UtcOffset};
use proptest::prelude::*;

fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).unwrap()
}

prop_compose! {
    fn any_date()(days in -719_162..=2_932_896i32) -> Date {
        date(1970, 1, 1).plus_days(days).unwrap()
    }
}

#[test]
fn the_range_of_dates_is_the_years_1_to_9999() {
    assert_eq!(date(1, 1, 1).days_since_epoch(), -719_162);
    assert_eq!(date(9999, 12, 31).days_since_epoch(), 2_932_896);
    assert_eq!(date(9999, 12, 31).plus_days(1), None);
    assert_eq!(date(1, 1, 1).plus_days(-1), None);
    assert_eq!(date(9999, 12, 1).plus_months(1), None);
}

#[test]
fn days_that_do_not_exist_are_refused() {
    for (year, month, day) in [(2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)] {
        assert_eq!(Date::from_ymd(year, month, day), None);
    }
    assert!(Date::from_ymd(2000, 2, 29).is_some());
}

#[test]
fn known_days_fall_on_their_weekdays() {
    assert_eq!(date(1970, 1, 1).weekday(), 4);
    assert_eq!(date(2024, 2, 29).weekday(), 4);
    assert_eq!(date(2026, 1, 5).weekday(), 1);
    assert_eq!(date(1900, 1, 1).weekday(), 1);
}

#[test]
fn a_month_without_the_day_ends_on_its_last() {
    assert_eq!(date(2024, 1, 31).plus_months(1), Some(date(2024, 2, 29)));
    assert_eq!(date(2024, 2, 29).plus_months(12), Some(date(2025, 2, 28)));
    assert_eq!(date(2024, 3, 31).plus_months(-1), Some(date(2024, 2, 29)));
}

#[test]
fn shanghai_is_a_day_ahead_in_the_evening_of_utc() {
    let offset = UtcOffset::from_minutes(480).unwrap();
    let local = Instant::from_millis(1_767_197_400_250).unwrap().local(offset);
    assert_eq!(local.to_string(), "2026-01-01 00:10:00.250");
}

proptest! {
    #[test]
    fn dates_round_trip_through_year_month_and_day(day in any_date()) {
        let (year, month, of_month) = day.ymd();
        prop_assert_eq!(Date::from_ymd(year, month, of_month), Some(day));
    }

    #[test]
    fn the_next_day_has_the_next_weekday(day in any_date()) {
        if let Some(next) = day.plus_days(1) {
            prop_assert_eq!(next.weekday(), day.weekday() % 7 + 1);
            prop_assert!(next.ymd() > day.ymd());
        }
    }

    #[test]
    fn adding_months_keeps_the_order_of_days(a in any_date(), b in any_date(), months in -1200..1200i32) {
        if let (Some(moved_a), Some(moved_b)) = (a.plus_months(months), b.plus_months(months)) {
            prop_assert!((a <= b) == (moved_a <= moved_b) || moved_a == moved_b);
        }
    }

    #[test]
    fn more_months_never_end_earlier(day in any_date(), months in -1200..1200i32) {
        if let (Some(earlier), Some(later)) = (day.plus_months(months), day.plus_months(months + 1)) {
            prop_assert!(earlier < later);
        }
    }

    #[test]
    fn adding_months_keeps_the_day_or_takes_the_last(day in any_date(), months in -1200..1200i32) {
        if let Some(moved) = day.plus_months(months) {
            let (before, after) = (day.ymd().2, moved.ymd().2);
            let is_last = moved.plus_days(1).is_none_or(|next| next.ymd().2 == 1);
            prop_assert!(after == before || (after < before && is_last));
        }
    }

    #[test]
    fn shown_dates_sort_like_dates(a in any_date(), b in any_date()) {
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn local_time_names_the_same_instant(millis in 54_000_000..Instant::MAX_MILLIS - 54_000_000, minutes in -900..=900i16) {
        let offset = UtcOffset::from_minutes(minutes).unwrap();
        let instant = Instant::from_millis(millis).unwrap();
        let local: LocalTime = instant.local(offset);
        prop_assert_eq!(local.instant(offset), Some(instant));
    }

    #[test]
    fn waiting_a_duration_takes_that_duration(millis in 0..1_000_000_000_000i64, wait in 0..1_000_000_000_000i64) {
        let start = Instant::from_millis(millis).unwrap();
        let wait = Duration::from_millis(wait).unwrap();
        prop_assert_eq!(start.after(wait).since(start), wait);
    }
}
