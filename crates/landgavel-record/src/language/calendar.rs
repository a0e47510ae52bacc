//! Calendars of working days, and the calendar of moments of a lot.

use landgavel_base::{Date, Duration, Instant, LocalTime, PeriodUnit, UtcOffset, WorkingCalendar};
use landgavel_sale::rulebook::{Moment, Within};

use super::duration::{date, instant};
use super::finding::{Code, Finding, Place, Problem, Sink};
use super::shape::{Kind, complete, unknown};
use super::shapes::CALENDAR_FILE;
use super::tree::{self, Node, Value};

const CN: &str = include_str!("../../../../data/calendars/cn.toml");

/// Monday to Friday without holidays, for rulebooks that name no country's calendar.
const WEEKDAYS: &str = "weekdays";
const WEEKDAY_YEARS: (i32, i32) = (1970, 2200);

/// Ids of the calendars that the program carries.
pub const WORKING_CALENDARS: [&str; 2] = ["cn", WEEKDAYS];

/// A calendar of working days by its id.
pub fn working_calendar(id: &str) -> Option<WorkingCalendar> {
    match id {
        "cn" => read_working_calendar(CN.as_bytes(), "cn.toml").ok(),
        WEEKDAYS => Some(weekdays()),
        _ => None,
    }
}

pub(crate) fn weekdays() -> WorkingCalendar {
    WorkingCalendar::new(WEEKDAYS, WEEKDAY_YEARS, Vec::new(), Vec::new()).expect("no days contradict no days")
}

pub(crate) fn named(node: Option<&Node>, sink: &mut Sink) -> WorkingCalendar {
    let id = node.and_then(Node::text).unwrap_or(WEEKDAYS);
    working_calendar(id).unwrap_or_else(|| {
        if let Some(node) = node {
            sink.report(node.place, &node.path, unknown(Code::UnknownCalendar, id, WORKING_CALENDARS.into_iter()));
        }
        weekdays()
    })
}

/// Reads a file of working days.
///
/// # Errors
///
/// All findings of the file.
pub fn read_working_calendar(bytes: &[u8], path: &str) -> Result<WorkingCalendar, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some(mut root) = tree::read(bytes, &mut sink) else { return Err(sink.findings) };
    complete(&Kind::Table(&CALENDAR_FILE), &mut root, &mut sink);
    let number = |key: &str| root.get(key).and_then(Node::scalar).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (mut off, mut worked) = (Vec::new(), Vec::new());
    for year in root.get("years").map_or(&[][..], Node::items) {
        let own: Option<i32> = year.get("year").and_then(Node::scalar).and_then(|text| text.parse().ok());
        for (key, days) in [("days_off", &mut off), ("days_worked", &mut worked)] {
            for node in year.get(key).map_or(&[][..], Node::items) {
                match day(node) {
                    Some(day) if own.is_none_or(|own| own == day.ymd().0) => days.push(day),
                    _ => sink.report(node.place, &node.path, Problem::of(Code::BadDate, "no day of the year")),
                }
            }
        }
    }
    if sink.has_errors() {
        return Err(sink.findings);
    }
    let name = root.text_of("id").unwrap_or_default();
    WorkingCalendar::new(name, (number("first_year"), number("last_year")), off, worked).map_err(|error| {
        sink.report(Place { line: 1, column: 1 }, "years", Problem::of(Code::BadDate, error));
        sink.findings
    })
}

fn day(node: &Node) -> Option<Date> {
    match &node.value {
        Value::Time(time) => date(time),
        Value::Text(text) => {
            let mut parts = text.splitn(3, '-');
            let mut next = || parts.next()?.parse::<u32>().ok();
            let (year, month, day) = (next()?, next()?, next()?);
            Date::from_ymd(i32::try_from(year).ok()?, month, day)
        }
        _ => None,
    }
}

/// The first moment of an example calendar: Monday 2026-03-02, 09:00.
fn example_start(offset: UtcOffset) -> Instant {
    let date = Date::from_ymd(2026, 3, 2).expect("a day of the calendar");
    LocalTime { date, millis_of_day: 9 * 3_600_000 }.instant(offset).expect("after 1970")
}

/// Moments for a rulebook without a lot: each as soon as the rule allows, or a day after the last.
pub(crate) fn example(moments: &[Moment], offset: UtcOffset, working: &WorkingCalendar) -> Vec<Instant> {
    const DAY: Duration = Duration::from_millis(86_400_000).expect("positive");
    let mut at = example_start(offset);
    let mut out = Vec::with_capacity(moments.len());
    for (index, moment) in moments.iter().enumerate() {
        if index > 0 {
            at = match moment.after_previous {
                // A calendar that ends too early is no fault of the rulebook.
                Some(within) => earliest(at, within, offset, working)
                    .or_else(|| earliest(at, within, offset, &weekdays()))
                    .unwrap_or_else(|| at.after(DAY)),
                None => at.after(DAY),
            };
        }
        out.push(at);
    }
    out
}

/// The earliest moment that keeps a least distance: after a duration to the millisecond; for a period
/// the same time of day on its last day. Days, months and years that end on a day off are not moved:
/// a least distance is no deadline. `None` when the calendar does not tell.
fn earliest(from: Instant, within: Within, offset: UtcOffset, working: &WorkingCalendar) -> Option<Instant> {
    match within {
        Within::Time(duration) => Some(from.after(duration)),
        Within::Period(_) => {
            let local = from.local(offset);
            let date = last_day(local.date, within, working)?;
            LocalTime { date, millis_of_day: local.millis_of_day }.instant(offset)
        }
    }
}

fn last_day(day: Date, within: Within, working: &WorkingCalendar) -> Option<Date> {
    let Within::Period(period) = within else { return Some(day) };
    let count = i32::try_from(period.count).ok()?;
    match period.unit {
        PeriodUnit::Day => day.plus_days(count),
        PeriodUnit::Month => day.plus_months(count),
        PeriodUnit::Year => day.plus_months(count.checked_mul(12)?),
        PeriodUnit::WorkingDay => period.due_from(day, working).ok(),
    }
}

/// Reads the moments of a lot and checks their order and distances.
pub(crate) fn of_lot(
    lot: &Node,
    moments: &[Moment],
    offset: UtcOffset,
    working: &WorkingCalendar,
    sink: &mut Sink,
) -> Vec<Instant> {
    let calendar = lot.get("calendar");
    let mut out: Vec<Instant> = Vec::with_capacity(moments.len());
    // The stand-in for a moment that is missing must not cause a second finding.
    let mut previous: Option<(Instant, &Moment)> = None;
    for moment in moments {
        let Some(node) = calendar.and_then(|calendar| calendar.get(&moment.id)) else {
            if let Some(calendar) = calendar {
                let field = format!("calendar.{}", moment.id);
                let dropped = sink.findings.iter().any(|finding| finding.field == field);
                if !dropped {
                    sink.report(
                        calendar.place,
                        &field,
                        Problem::of(Code::MissingMoment, format_args!("`{}`", moment.id)),
                    );
                }
            }
            out.push(previous.map_or_else(|| example_start(offset), |(at, _)| at));
            continue;
        };
        let Some(at) = (match &node.value {
            Value::Time(time) => instant(time),
            _ => None,
        }) else {
            sink.report(
                node.place,
                &node.path,
                Problem::of(Code::BadDate, "it is before 1970, or no time of the clock"),
            );
            out.push(previous.map_or_else(|| example_start(offset), |(at, _)| at));
            continue;
        };
        if let Some((before, before_moment)) = previous {
            distance(node, moment, at, (before, before_moment), (offset, working), sink);
        }
        previous = Some((at, moment));
        out.push(at);
    }
    for entry in calendar.map_or(&[][..], Node::entries) {
        if !moments.iter().any(|moment| moment.id == entry.key) {
            let ids = moments.iter().map(|moment| moment.id.as_str());
            sink.report(entry.place, &entry.node.path, unknown(Code::UnknownMoment, &entry.key, ids));
        }
    }
    out
}

fn distance(
    node: &Node,
    moment: &Moment,
    at: Instant,
    (before, before_moment): (Instant, &Moment),
    (offset, working): (UtcOffset, &WorkingCalendar),
    sink: &mut Sink,
) {
    if at < before {
        let detail = format!("`{}` comes before `{}`", moment.id, before_moment.id);
        sink.report(node.place, &node.path, Problem::of(Code::CalendarOrder, detail));
        return;
    }
    let Some(within) = moment.after_previous else { return };
    let is_too_soon = match within {
        Within::Time(duration) => at < before.after(duration),
        Within::Period(_) => match last_day(before.local(offset).date, within, working) {
            Some(day) => at.local(offset).date < day,
            None => {
                sink.report(node.place, &node.path, Problem::of(Code::CalendarUncovered, working.name()));
                false
            }
        },
    };
    if is_too_soon {
        let earliest = earliest(before, within, offset, working);
        let problem = Problem::of(Code::CalendarTooShort, format_args!("`{}` after `{}`", moment.id, before_moment.id));
        let problem = match earliest {
            Some(earliest) => problem.expected(format!("{} or later", earliest.local(offset))),
            None => problem,
        };
        sink.report(node.place, &node.path, problem);
    }
}
