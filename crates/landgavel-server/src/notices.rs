//! A sale for other people's programs: its dates as a calendar (RFC 5545), its notice and result as a release package of
//! the Open Contracting Data Standard 1.1.
//!
//! Both say no more than the public sees. The prefix of the OCDS id stands for a publisher that is not registered; a
//! city that publishes puts its own there.

use landgavel_base::{Instant, Money, UtcOffset};
use landgavel_record::language::minor_digits;
use landgavel_sale::outcome::Status;
use serde_json::{Value, json};

use crate::desk::shown::State;
use crate::hall::Room;
use crate::pledges::concerns::due_days;
use crate::pledges::{Pledge, State as PledgeState};

/// The prefix of nobody: publishers register their own.
const PREFIX: &str = "ocds-000000";
/// Bytes of a line of a calendar, without its end.
const LINE: usize = 75;

/// The dates of a sale's notice.
pub fn calendar(room: &Room, state: &State) -> String {
    let (lot, origin) = (state.sale.lot(), &state.notice.origin);
    let made = stamp(lot.calendar.first().copied().unwrap_or(state.sale.last()));
    let mut text = String::new();
    let mut line = |line: &str| fold(line, &mut text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Landgavel//The hall//EN");
    line("METHOD:PUBLISH");
    for (moment, at) in lot.rulebook.calendar.iter().zip(&lot.calendar) {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@{}", moment.id, escaped(origin)));
        line(&format!("DTSTAMP:{made}"));
        line(&format!("DTSTART:{}", stamp(*at)));
        line(&format!("SUMMARY:{}", escaped(&format!("{} {} · {}", moment.name.zh, moment.name.en, lot.title.zh))));
        line(&format!("URL:https://{origin}"));
        if let Some(parcel) = &room.foundation().loaded.parcel {
            line(&format!("LOCATION:{}", escaped(&parcel.location.zh)));
        }
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

/// The days of a pledge that lie ahead, as all-day events with a reminder thirty days and one day before.
pub fn pledge_calendar(pledge: &Pledge, state: &PledgeState) -> String {
    let origin = &state.record.opening().origin;
    let made = stamp(state.record.last());
    let title = &pledge.foundation().terms.title;
    let mut text = String::new();
    let mut line = |line: &str| fold(line, &mut text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Landgavel//The hall//EN");
    line("METHOD:PUBLISH");
    for due in due_days(state.record.opened()) {
        let about = due.about.name(state.record.opened());
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@{}", escaped(&about), escaped(origin)));
        line(&format!("DTSTAMP:{made}"));
        line(&format!("DTSTART;VALUE=DATE:{}", due.day.to_string().replace('-', "")));
        line(&format!("SUMMARY:{}", escaped(&format!("{} {} · {}", due.words.zh, due.words.en, title.zh))));
        line(&format!("URL:https://{origin}"));
        for before in ["-P30D", "-P1D"] {
            line("BEGIN:VALARM");
            line("ACTION:DISPLAY");
            line(&format!("DESCRIPTION:{}", escaped(&due.words.zh)));
            line(&format!("TRIGGER:{before}"));
            line("END:VALARM");
        }
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

/// A moment in UTC, as calendars write it.
fn stamp(at: Instant) -> String {
    let whole = Instant::from_millis(at.millis().div_euclid(1000) * 1000).unwrap_or(at);
    iso(whole).replace(['-', ':'], "")
}

/// A moment in UTC, as RFC 3339 writes it.
fn iso(at: Instant) -> String {
    let utc = UtcOffset::from_minutes(0).expect("UTC is an offset");
    format!("{}Z", at.local(utc)).replace(' ', "T")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace(['\r', '\n'], " ")
}

/// Lines end in CR LF and go on after a space when they are long; no character is cut in two.
fn fold(line: &str, text: &mut String) {
    let mut used = 0;
    for character in line.chars() {
        if used + character.len_utf8() > LINE {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(character);
        used += character.len_utf8();
    }
    text.push_str("\r\n");
}

/// The release package of a sale: its tender, and its award when there is one.
pub fn release_package(room: &Room, state: &State) -> Value {
    let (sale, lot, notice) = (&state.sale, state.sale.lot(), &state.notice);
    let base = format!("https://{}", notice.origin);
    let host = notice.origin.split('/').next().unwrap_or_default();
    let parcel = room.foundation().loaded.parcel.as_ref();
    let moment = |index: Option<&Instant>| index.map(|at| iso(*at));
    let is_awarded = matches!(sale.status(), Status::Awarded);
    let status = match sale.status() {
        Status::Admitting | Status::Running(_) | Status::Provisional => "active",
        Status::Awarded => "complete",
        Status::PassedIn(_) => "unsuccessful",
        Status::Annulled { .. } => "cancelled",
    };
    let suppliers: Vec<String> = sale
        .seats()
        .iter()
        .filter_map(|seat| sale.bidder(seat.bidder))
        .map(|bidder| bidder.code().to_owned())
        .collect();
    let mut parties =
        vec![json!({"id": "seller", "name": format!("出让人 seller ({host})"), "roles": ["procuringEntity"]})];
    if is_awarded {
        parties.extend(suppliers.iter().map(|code| json!({"id": code, "name": code, "roles": ["supplier"]})));
    }
    let document = |id: &str, kind: &str, title: &str, path: &str, format: &str| json!({"id": id, "documentType": kind, "title": title, "url": format!("{base}/{path}"), "format": format});
    let item = json!({"id": "1", "description": lot.title.zh, "quantity": number(&lot.area.square_metres().to_string()),
                      "unit": {"scheme": "UNCEFACT", "id": "MTK", "name": "m2"}});
    let mut release = json!({
        "ocid": format!("{PREFIX}-{}", notice.origin.replace('/', "-")),
        "id": format!("{}-{}", lot.id.replace('/', "-"), state.entries),
        "date": iso(sale.last()),
        "tag": if is_awarded { json!(["tender", "award"]) } else { json!(["tender"]) },
        "initiationType": "tender",
        "language": "zh",
        "parties": parties,
        "tender": {
            "id": lot.id, "title": lot.title.zh, "title_en": lot.title.en, "status": status,
            "description": parcel.map_or_else(|| lot.title.zh.clone(), |parcel| parcel.location.zh.clone()),
            "procuringEntity": {"id": "seller", "name": format!("出让人 seller ({host})")},
            "procurementMethod": "open",
            "procurementMethodDetails": format!("{} ({} {})", lot.rulebook.title.zh, lot.rulebook.id, lot.rulebook.version),
            "tenderPeriod": {"startDate": moment(lot.calendar.iter().min()), "endDate": moment(lot.calendar.iter().max())},
            "items": [item.clone()],
            "documents": [
                document("rulebook", "biddingDocuments", "交易规则 rulebook", "files/rulebook.toml", "application/toml"),
                document("lot", "technicalSpecifications", "出让标的 lot", "files/lot.toml", "application/toml"),
                document("record", "evaluationReports", "记录与验证 record", "record", "text/html"),
            ],
        },
    });
    if is_awarded {
        let suppliers: Vec<Value> = suppliers.iter().map(|code| json!({"id": code, "name": code})).collect();
        let mut award = json!({"id": "1", "title": lot.title.zh, "status": "active", "date": iso(sale.last()),
                               "suppliers": suppliers, "items": [item]});
        if let Some(price) = price(state) {
            award["value"] =
                json!({"amount": amount(price, &lot.rulebook.currency), "currency": lot.rulebook.currency});
        }
        release["awards"] = json!([award]);
    }
    json!({"uri": format!("{base}/ocds.json"), "version": "1.1", "publishedDate": iso(sale.last()),
           "publisher": {"name": host}, "releases": [release]})
}

/// What the winner pays for the whole lot: the first of its terms that is money.
fn price(state: &State) -> Option<Money> {
    let lot = state.sale.lot();
    let seat = state.sale.seats().first()?;
    seat.terms.values.iter().find_map(|(id, value)| lot.rulebook.attribute(*id).lot_money(*value, lot.area))
}

fn amount(money: Money, currency: &str) -> Value {
    let digits = usize::try_from(minor_digits(currency)).unwrap_or(2);
    let mut text = format!("{:0width$}", money.minor(), width = digits + 1);
    text.insert(text.len() - digits, '.');
    number(text.trim_end_matches('.'))
}

/// A number with the digits of its text, whatever a machine's floats can hold.
fn number(text: &str) -> Value {
    let mut number = text.to_owned();
    if number.contains('.') {
        number = number.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    serde_json::from_str(&number).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_calendar_are_short_and_no_character_is_cut() {
        let mut text = String::new();
        let line = format!("SUMMARY:{}", "竞价，截止；".repeat(20));
        fold(&line, &mut text);
        assert!(text.ends_with("\r\n") && text.lines().all(|part| part.len() <= LINE), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), line);
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\d e");
    }

    #[test]
    fn money_keeps_its_digits() {
        let money = |minor| Money::from_minor(minor).unwrap();
        assert_eq!(amount(money(2_503_000_000), "CNY"), json!(25_030_000));
        assert_eq!(amount(money(5), "CNY").to_string(), "0.05");
        assert_eq!(amount(money(7), "JPY"), json!(7));
    }
}
