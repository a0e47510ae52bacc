//! Lengths of time, legal terms, moments.

use landgavel_base::{Date, Duration, Instant, LocalTime, Period, PeriodUnit, UtcOffset};
use landgavel_sale::rulebook::Within;

use super::finding::{Code, Problem};
use super::tree::Timestamp;

const SECOND_MS: i64 = 1_000;
const DAY_MS: i64 = 86_400_000;

/// Reads `5 min`, `1 h 30 min`, `4 小时`, `10 days` (24 hours each).
pub(crate) fn read_duration(text: &str) -> Result<Duration, Problem> {
    let bad = || {
        Problem::of(Code::BadDuration, format_args!("`{text}`"))
            .expected("numbers with s, min, h or days, such as \"5 min\" or \"1 h 30 min\"")
    };
    let mut rest = text.trim();
    let mut total: i64 = 0;
    let mut last = i64::MAX;
    while !rest.is_empty() {
        let (count, unit, tail) = next_count(rest).ok_or_else(bad)?;
        let unit_ms = match unit {
            "ms" => 1,
            "s" | "sec" | "second" | "seconds" | "秒" | "秒钟" => SECOND_MS,
            "min" | "minute" | "minutes" | "分钟" | "分" => 60 * SECOND_MS,
            "h" | "hour" | "hours" | "小时" => 3_600 * SECOND_MS,
            "d" | "day" | "days" | "天" | "日" => DAY_MS,
            _ => return Err(bad()),
        };
        // Larger units first, each once: `30 min 1 h` is a slip.
        if unit_ms >= last {
            return Err(bad());
        }
        last = unit_ms;
        total = i64::from(count).checked_mul(unit_ms).and_then(|part| total.checked_add(part)).ok_or_else(bad)?;
        rest = tail.trim_start();
    }
    if last == i64::MAX {
        return Err(bad());
    }
    Duration::from_millis(total).ok_or_else(bad)
}

/// Reads `10 working days`, `30 日`, `1 个月`, `5 years`.
pub(crate) fn read_period(text: &str) -> Result<Period, Problem> {
    let bad = || {
        Problem::of(Code::BadPeriod, format_args!("`{text}`"))
            .expected("a number of days, working days, months or years, such as \"10 working days\"")
    };
    let (count, unit) = split_count(text.trim()).ok_or_else(bad)?;
    let unit = match unit {
        "day" | "days" | "日" | "天" => PeriodUnit::Day,
        "working day" | "working days" | "个工作日" | "工作日" => PeriodUnit::WorkingDay,
        "month" | "months" | "个月" | "月" => PeriodUnit::Month,
        "year" | "years" | "年" => PeriodUnit::Year,
        _ => return Err(bad()),
    };
    Ok(Period { count, unit })
}

/// Days, working days, months and years are periods of the calendar; hours, minutes, seconds are time.
pub(crate) fn read_within(text: &str) -> Result<Within, Problem> {
    if let Ok(period) = read_period(text) {
        return Ok(Within::Period(period));
    }
    read_duration(text).map(Within::Time).map_err(|_| {
        Problem::of(Code::BadDuration, format_args!("`{text}`"))
            .expected("a duration such as \"2 h\" or a period such as \"10 working days\"")
    })
}

fn split_count(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let count = text[..end].parse().ok()?;
    Some((count, text[end..].trim()))
}

/// A count, its unit, and what follows.
fn next_count(text: &str) -> Option<(u32, &str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let count = text[..end].parse().ok()?;
    let rest = text[end..].trim_start();
    let unit_end = rest.find(|c: char| c.is_whitespace() || c.is_ascii_digit()).unwrap_or(rest.len());
    Some((count, &rest[..unit_end], &rest[unit_end..]))
}

/// Reads `+08:00`, `-03:30`, `Z`.
pub(crate) fn read_offset(text: &str) -> Result<UtcOffset, Problem> {
    let bad = || Problem::of(Code::BadDate, format_args!("`{text}`")).expected("an offset from UTC such as \"+08:00\"");
    if text == "Z" {
        return Ok(UtcOffset::default());
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-').ok_or_else(bad)?),
    };
    let minutes = read_time_of_day(rest).ok_or_else(bad)? / 60_000;
    let minutes = i16::try_from(minutes).map_err(|_| bad())?;
    UtcOffset::from_minutes(sign * minutes).ok_or_else(bad)
}

/// Reads `17:00` as milliseconds since midnight.
pub(crate) fn read_time_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str, below: u32| {
        let is_two_digits = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        if is_two_digits { part.parse::<u32>().ok().filter(|value| *value < below) } else { None }
    };
    Some((two(hours, 24)? * 60 + two(minutes, 60)?) * 60_000)
}

/// A date and time with its offset, as a moment from 1970 on.
pub(crate) fn instant(time: &Timestamp) -> Option<Instant> {
    let offset = read_offset(time.offset.as_deref()?).ok()?;
    // A leap second has no place on our clock; at the end of a day it would be the next day.
    let millis_of_day = time.millis_of_day.filter(|millis| i64::from(*millis) < DAY_MS)?;
    LocalTime { date: date(time)?, millis_of_day }.instant(offset)
}

/// The day of a date.
pub(crate) fn date(time: &Timestamp) -> Option<Date> {
    let (year, month, day) = time.date?;
    Date::from_ymd(i32::from(year), u32::from(month), u32::from(day))
}
