use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::time::{Date, Period, PeriodUnit};

/// Tells working days from days off for the years it covers.
///
/// Monday to Friday are worked except the days off; Saturday and Sunday are off except the days
/// worked in exchange (调休). Outside the covered years nothing is known, and it says so: holidays
/// are decreed a year ahead and cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingCalendar {
    name: String,
    first: Date,
    last: Date,
    days_off: Vec<Date>,
    days_worked: Vec<Date>,
}

impl WorkingCalendar {
    /// Builds a calendar from the first and last year covered, the weekdays off and the weekend days worked.
    ///
    /// # Errors
    ///
    /// Any day that contradicts the calendar: outside the years, named twice, a day off on a weekend,
    /// a day worked on a weekday; or years in the wrong order.
    pub fn new(
        name: impl Into<String>,
        years: (i32, i32),
        mut days_off: Vec<Date>,
        mut days_worked: Vec<Date>,
    ) -> Result<Self, CalendarError> {
        let (first_year, last_year) = years;
        let bounds = Date::from_ymd(first_year, 1, 1).zip(Date::from_ymd(last_year, 12, 31));
        let Some((first, last)) = bounds.filter(|(first, last)| first < last) else {
            return Err(CalendarError::Years { first_year, last_year });
        };
        days_off.sort_unstable();
        days_worked.sort_unstable();
        for days in [&days_off, &days_worked] {
            if let Some(pair) = days.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(CalendarError::NamedTwice { date: pair[0] });
            }
            if let Some(&date) = days.iter().find(|day| !(first..=last).contains(*day)) {
                return Err(CalendarError::OutsideYears { date });
            }
        }
        if let Some(&date) = days_off.iter().find(|day| is_weekend(**day)) {
            return Err(CalendarError::DayOffOnWeekend { date });
        }
        if let Some(&date) = days_worked.iter().find(|day| !is_weekend(**day)) {
            return Err(CalendarError::DayWorkedOnWeekday { date });
        }
        Ok(Self { name: name.into(), first, last, days_off, days_worked })
    }

    /// Name of the calendar, such as `cn`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First and last year covered.
    pub fn years(&self) -> (i32, i32) {
        (self.first.ymd().0, self.last.ymd().0)
    }

    /// Weekdays that are not worked, in order.
    pub fn days_off(&self) -> &[Date] {
        &self.days_off
    }

    /// Weekend days that are worked, in order.
    pub fn days_worked(&self) -> &[Date] {
        &self.days_worked
    }

    /// Whether the day is worked; `None` outside the covered years.
    pub fn is_working_day(&self, date: Date) -> Option<bool> {
        if !(self.first..=self.last).contains(&date) {
            return None;
        }
        let is_weekend = is_weekend(date);
        let exceptions = if is_weekend { &self.days_worked } else { &self.days_off };
        let is_exception = exceptions.binary_search(&date).is_ok();
        Some(is_weekend == is_exception)
    }

    /// The day itself when it is worked, otherwise the next one that is.
    fn working_day_from(&self, day: Date) -> Result<Date, DueError> {
        Days::from(self, day).next_worked()
    }

    /// The day on which `count` working days after `day` have passed; `day` itself or the next working day when the count is nought.
    fn working_days_after(&self, day: Date, count: i32) -> Result<Date, DueError> {
        let mut days = Days::from(self, day);
        if count == 0 {
            return days.next_worked();
        }
        // However large the count, the loop ends with the covered years.
        for _ in 0..count {
            days.advance()?;
            days.next_worked()?;
        }
        Ok(days.date)
    }
}

/// A walk through the days of a calendar.
struct Days<'a> {
    calendar: &'a WorkingCalendar,
    date: Date,
    /// Monday is 1.
    weekday: u32,
    /// Of the exceptions those that have not been passed.
    days_off: &'a [Date],
    days_worked: &'a [Date],
}

impl<'a> Days<'a> {
    fn from(calendar: &'a WorkingCalendar, date: Date) -> Self {
        let rest = |days: &'a [Date]| &days[days.partition_point(|day| *day < date)..];
        let weekday = date.weekday();
        Self { calendar, date, weekday, days_off: rest(&calendar.days_off), days_worked: rest(&calendar.days_worked) }
    }

    /// Goes on to the next working day, which may be the one where it stands.
    fn next_worked(&mut self) -> Result<Date, DueError> {
        while !self.is_worked()? {
            self.advance()?;
        }
        Ok(self.date)
    }

    fn advance(&mut self) -> Result<(), DueError> {
        self.date = self.date.plus_days(1).ok_or(DueError::BeyondDates)?;
        self.weekday = self.weekday % 7 + 1;
        Ok(())
    }

    fn is_worked(&mut self) -> Result<bool, DueError> {
        let (calendar, date) = (self.calendar, self.date);
        if !(calendar.first..=calendar.last).contains(&date) {
            return Err(DueError::YearNotCovered { calendar: calendar.name.clone(), date });
        }
        let is_weekend = self.weekday >= 6;
        let exceptions = if is_weekend { &mut self.days_worked } else { &mut self.days_off };
        while let [passed, rest @ ..] = exceptions
            && *passed < date
        {
            *exceptions = rest;
        }
        Ok(is_weekend == (exceptions.first() == Some(&date)))
    }
}

fn is_weekend(date: Date) -> bool {
    date.weekday() >= 6
}

impl Period {
    /// The last day of a term that starts from an event on `day`.
    ///
    /// The day of the event is not counted. Source: 民法典 (2020), art. 201.
    /// Months and years end on the day of the same number, or on the month's last day when it has no
    /// such day. Source: art. 202.
    /// A last day that is a statutory day off moves to the first working day after it, whatever the
    /// unit; days off within the term don't lengthen it, except for a count of working days, which
    /// skips them. Source: art. 203.
    /// A term of zero ends on `day` itself, moved in the same way.
    ///
    /// # Errors
    ///
    /// [`DueError::YearNotCovered`] when the calendar doesn't know a day that decides;
    /// [`DueError::BeyondDates`] when the term ends after the year 9999.
    pub fn due_from(self, day: Date, calendar: &WorkingCalendar) -> Result<Date, DueError> {
        let count = i32::try_from(self.count).map_err(|_| DueError::BeyondDates)?;
        let last_day = match self.unit {
            PeriodUnit::WorkingDay => return calendar.working_days_after(day, count),
            PeriodUnit::Day => day.plus_days(count),
            PeriodUnit::Month => day.plus_months(count),
            PeriodUnit::Year => count.checked_mul(12).and_then(|months| day.plus_months(months)),
        };
        calendar.working_day_from(last_day.ok_or(DueError::BeyondDates)?)
    }
}

/// Says why a list of days makes no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarError {
    /// The first year comes after the last, or a year is not between 1 and 9999.
    Years {
        /// First year given.
        first_year: i32,
        /// Last year given.
        last_year: i32,
    },
    /// A day lies outside the covered years.
    OutsideYears {
        /// The day.
        date: Date,
    },
    /// A day stands twice in one list.
    NamedTwice {
        /// The day.
        date: Date,
    },
    /// A day off is a Saturday or Sunday, which are off anyway.
    DayOffOnWeekend {
        /// The day.
        date: Date,
    },
    /// A day worked is a Monday to Friday, which are worked anyway.
    DayWorkedOnWeekday {
        /// The day.
        date: Date,
    },
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Years { first_year, last_year } => {
                write!(f, "years {first_year} to {last_year} are not a range within 1 to 9999")
            }
            Self::OutsideYears { date } => write!(f, "{date} lies outside the years of the calendar"),
            Self::NamedTwice { date } => write!(f, "{date} is named twice"),
            Self::DayOffOnWeekend { date } => write!(f, "{date} is named as a day off but falls on a weekend"),
            Self::DayWorkedOnWeekday { date } => write!(f, "{date} is named as a day worked but is a weekday"),
        }
    }
}

impl core::error::Error for CalendarError {}

/// Says why a due date cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueError {
    /// The calendar doesn't cover the year of a day that decides.
    YearNotCovered {
        /// Name of the calendar.
        calendar: String,
        /// The first day it doesn't know. For a term in days, months or years that ends outside the
        /// covered years it is the last day before any move, fit to be shown as provisional.
        date: Date,
    },
    /// The term ends after the year 9999.
    BeyondDates,
}

impl fmt::Display for DueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YearNotCovered { calendar, date } => {
                write!(f, "the calendar {calendar} does not cover the year {} ({date})", date.ymd().0)
            }
            Self::BeyondDates => write!(f, "the term ends after the year 9999"),
        }
    }
}

impl core::error::Error for DueError {}
