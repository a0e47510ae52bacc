use core::fmt;

use crate::quantity::SAFE_INTEGER_MAX;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// Last accepted moment: the end of the year 9999.
    pub const MAX_MILLIS: i64 = 253_402_300_799_999;

    /// Accepts 1970 through 9999.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis >= 0 && millis <= Self::MAX_MILLIS { Some(Self(millis)) } else { None }
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The moment `duration` later, held at the end of the accepted range.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0).min(Self::MAX_MILLIS))
    }

    /// Time from `earlier` to `self`; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration((self.0 - earlier.0).max(0))
    }

    /// The calendar day and the time of day at an offset from UTC.
    pub fn local(self, offset: UtcOffset) -> LocalTime {
        let shifted = self.0 + i64::from(offset.0) * 60_000;
        LocalTime {
            date: Date(i32::try_from(shifted.div_euclid(DAY_MS)).expect("years 1970 to 9999 fit")),
            millis_of_day: u32::try_from(shifted.rem_euclid(DAY_MS)).expect("a day has 86,400,000 ms"),
        }
    }
}

const DAY_MS: i64 = 86_400_000;

/// A calendar day with a time of day, at some offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// The day.
    pub date: Date,
    /// Milliseconds since local midnight.
    pub millis_of_day: u32,
}

impl LocalTime {
    /// The moment that this local time names at `offset`; `None` outside 1970 to 9999.
    pub fn instant(self, offset: UtcOffset) -> Option<Instant> {
        Instant::from_millis(
            i64::from(self.date.0) * DAY_MS + i64::from(self.millis_of_day) - i64::from(offset.0) * 60_000,
        )
    }
}

/// Shown as `2026-01-31 09:30:00`, with milliseconds only when there are any.
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.millis_of_day / 1000, self.millis_of_day % 1000);
        write!(f, "{} {:02}:{:02}:{:02}", self.date, seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if millis == 0 { Ok(()) } else { write!(f, ".{millis:03}") }
    }
}

/// A length of time in milliseconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(i64);

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// Accepts zero up to the safe integer range.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis >= 0 && millis <= SAFE_INTEGER_MAX { Some(Self(millis)) } else { None }
    }

    /// Milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

/// A fixed offset from UTC in minutes, −15 h to +15 h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Accepts −900 to 900 minutes.
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes >= -900 && minutes <= 900 { Some(Self(minutes)) } else { None }
    }

    /// Minutes east of Greenwich.
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

/// Shown as `+08:00`.
impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A day of the proleptic Gregorian calendar, kept as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// Builds from year (1 to 9999), month and day; `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Days from civil: count from 1 March so that the leap day ends its year.
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let month_from_march = (i32::try_from(month).expect("1 to 12") + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i32::try_from(day).expect("1 to 31") - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month (1 to 12) and day (1 to 31).
    pub fn ymd(self) -> (i32, u32, u32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month.unsigned_abs(), day.unsigned_abs())
    }

    /// Days since 1970-01-01.
    pub const fn days_since_epoch(self) -> i32 {
        self.0
    }

    /// The day `days` later (earlier when negative); `None` far outside any calendar.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        self.0.checked_add(days).filter(|day| (-719_162..=2_932_896).contains(day)).map(Self)
    }

    /// The same day of the month `months` later, or that month's last day when it is shorter.
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let (year, month, day) = self.ymd();
        let index = year.checked_mul(12)?.checked_add(i32::try_from(month).ok()? - 1)?.checked_add(months)?;
        let (year, month) = (index.div_euclid(12), u32::try_from(index.rem_euclid(12)).ok()? + 1);
        if !(1..=9999).contains(&year) {
            return None;
        }
        Self::from_ymd(year, month, day.min(days_in_month(year, month)))
    }

    /// Day of the week: 1 is Monday, 7 is Sunday.
    pub fn weekday(self) -> u32 {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7).unsigned_abs() + 1
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Shown as `2026-01-31`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A legal term: a count of calendar days, working days, months or years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: PeriodUnit,
}

/// What a [`Period`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodUnit {
    /// Calendar days.
    Day,
    /// Working days of the sale's calendar.
    WorkingDay,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}
