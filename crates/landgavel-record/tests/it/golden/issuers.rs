//! How the golden records with certificates of standing were made. What is frozen is not made again.

use landgavel_base::{Digest, FactValue};
use landgavel_record::record::{Basis, Issuer, StandingCertificate, stated_identity};
use landgavel_record::wire::read_date;
use serde_json::{Value, json};

use super::Make;
use super::make::{at, fixture};
use crate::desk::{Desk, key};

/// What they hold between them.
pub const MUST_HOLD: [&str; 8] = [
    "certificate_missing",
    "certificate_invalid",
    "certificate_not_valid_now",
    "certificate_contradicts",
    "unknown_checkpoint",
    "applied",
    "awarded",
    "passed_in",
];

/// Every record with its name.
pub const ALL: &[(&str, Make)] =
    &[("certified", || certified().finish()), ("nobody-certified", || nobody_certified().finish())];

fn issuer(fact: &str, name: &str) -> Issuer {
    Issuer { fact: fact.to_owned(), name: name.to_owned(), key: key(name).public() }
}

/// The commitment of an application.
fn identity(lot: &str, code: &str) -> String {
    stated_identity(lot, code, Digest([code.as_bytes()[0]; 32]), &format!("企业{code}"))
}

/// What an issuer signs.
fn certificate(lot: &str, code: &str, issuer: &str, fact: &str, value: FactValue) -> StandingCertificate {
    let day = |text| read_date(text).unwrap();
    StandingCertificate {
        fact: fact.to_owned(),
        value,
        identity: identity(lot, code),
        issuer: issuer.to_owned(),
        issued: day("2026-03-02"),
        valid_until: day("2026-03-31"),
        basis: Basis {
            card: "cn/sample/standing".to_owned(),
            card_sha256: Digest([1; 32]),
            table_sha256: Digest([2; 32]),
        },
    }
}

fn signed(certificate: &StandingCertificate, signer: &str) -> Value {
    let text = certificate.text();
    json!({"signature": key(signer).sign(text.as_bytes()), "text": text})
}

fn text(value: &str) -> FactValue {
    FactValue::Text(value.to_owned())
}

/// A sale of open bidding that leaves three facts to issuers; of a grade there are two, and one has a key of SM2.
pub fn open() -> Desk {
    open_under("")
}

/// The same under rules with more in them.
pub fn open_under(more: &str) -> Desk {
    let (rules, lot) = fixture("hammer");
    let rules = rules + more;
    let issuers = vec![
        issuer("exports", "海关"),
        issuer("grade", "经信局/sm2"),
        issuer("grade", "统计局"),
        issuer("listed", "经信局/sm2"),
    ];
    Desk::open(&rules, &lot, |notice| {
        notice.issuers = issuers;
        notice.is_demonstration = false;
    })
}

/// An application with all that it must bring.
pub fn application(lot: &str, code: &str, grade: &str) -> Value {
    json!({"do": "apply", "bidder": code, "identity": identity(lot, code),
    "facts": {"exports": 1200, "grade": grade, "listed": false, "since": 1998},
    "certificates": [
        signed(&certificate(lot, code, "统计局", "grade", text(grade)), "统计局"),
        signed(&certificate(lot, code, "海关", "exports", FactValue::Number(1200)), "海关"),
        signed(&certificate(lot, code, "经信局/sm2", "listed", FactValue::YesNo(false)), "经信局/sm2"),
    ]})
}

/// Who was let in, and every way of being refused.
fn certified() -> Desk {
    let mut desk = open();
    let lot = desk.record.notice().lot.clone();
    let mut apply = |clock: &str, application: Value, expected: &str| {
        let code = application["bidder"].as_str().unwrap().to_owned();
        let entry = desk.ask(at(clock), application, &[&code]).unwrap();
        let found = entry.result.map_or_else(|refused| refused.code(), |_| "ok");
        assert_eq!(found, expected, "{clock}");
    };
    let good = |code: &str| application(&lot, code, "A");
    let with = |code: &str, place: usize, certificate: Value| {
        let mut application = application(&lot, code, "A");
        application["certificates"][place] = certificate;
        application
    };
    let grade = |code: &str| certificate(&lot, code, "统计局", "grade", text("A"));
    apply("09:10:00", good("A"), "ok");
    // The other issuer of the same fact, beside a certificate that shows another grade.
    let other = signed(&certificate(&lot, "B", "经信局/sm2", "grade", text("A")), "经信局/sm2");
    let mut two = with("B", 0, signed(&certificate(&lot, "B", "统计局", "grade", text("C")), "统计局"));
    two["certificates"].as_array_mut().unwrap().push(other);
    apply("09:11:00", two, "ok");
    // A fact that no issuer speaks of needs nobody; one that one speaks of needs it, stated or not.
    let mut bare = good("C");
    bare.as_object_mut().unwrap().remove("certificates");
    apply("09:12:00", bare, "certificate_missing");
    let mut unstated = good("C");
    unstated["facts"].as_object_mut().unwrap().remove("listed");
    apply("09:12:10", unstated, "certificate_contradicts");
    apply(
        "09:12:20",
        with("C", 0, signed(&certificate(&lot, "C", "统计局", "grade", text("B")), "统计局")),
        "certificate_contradicts",
    );
    apply(
        "09:12:30",
        with("C", 1, signed(&certificate(&lot, "C", "海关", "exports", text("1200")), "海关")),
        "certificate_contradicts",
    );
    // Another's key, another's name, another application, a text that is none, too many.
    apply("09:13:00", with("C", 0, signed(&grade("C"), "海关")), "certificate_invalid");
    apply(
        "09:13:10",
        with("C", 0, signed(&StandingCertificate { issuer: "海关".to_owned(), ..grade("C") }, "统计局")),
        "certificate_invalid",
    );
    apply("09:13:20", with("C", 0, signed(&grade("D"), "统计局")), "certificate_invalid");
    apply("09:13:30", with("C", 0, json!({"signature": "x", "text": "{}"})), "certificate_invalid");
    let mut many = good("C");
    for _ in 0..2 {
        many["certificates"].as_array_mut().unwrap().push(signed(&grade("C"), "统计局"));
    }
    apply("09:13:40", many, "certificate_invalid");
    // What A showed is read by everybody, and is A's alone.
    let mut copied = good("A");
    copied["bidder"] = json!("C");
    apply("09:14:00", copied, "certificate_invalid");
    // A certificate counts from its first day to its last.
    let day = |text| read_date(text).unwrap();
    let later = StandingCertificate { issued: day("2026-03-03"), ..grade("C") };
    apply("09:15:00", with("C", 0, signed(&later, "统计局")), "certificate_not_valid_now");
    let over = StandingCertificate { issued: day("2026-01-01"), valid_until: day("2026-03-01"), ..grade("C") };
    apply("09:15:10", with("C", 0, signed(&over, "统计局")), "certificate_not_valid_now");
    let today = StandingCertificate { valid_until: day("2026-03-02"), ..grade("C") };
    apply("09:15:20", with("C", 0, signed(&today, "统计局")), "ok");
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), &["A"]);
    desk.done(at("10:00:30"), json!({"do": "bid", "bidder": "C", "amount": "1020 万元"}), &["C"]);
    desk.done(at("10:00:40"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:01:00"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:02:00"));
    desk
}

/// Nobody shows what must be shown.
fn nobody_certified() -> Desk {
    let mut desk = open();
    let lot = desk.record.notice().lot.clone();
    let mut early = application(&lot, "A", "A");
    early["certificates"] = json!([]);
    assert_eq!(desk.refused(at("09:10:00"), early, &["A"]), "certificate_missing");
    // What was seen comes before what is shown.
    let mut unseen = desk.bound(application(&lot, "A", "A"), "A");
    unseen["seen"]["size"] = json!(77);
    let entry = desk.enter(at("09:11:00"), &unseen, &["A"]).unwrap();
    assert_eq!(entry.result.unwrap_err().code(), "unknown_checkpoint");
    desk.advance(at("12:00:00"));
    desk
}
