//! Certificates of standing at the door of a sale.

use landgavel_base::{Date, Digest, FactValue};
use landgavel_record::record::{Basis, Fault, Issuer, Notice, StandingCertificate};
use landgavel_record::verify::Check;
use serde_json::{Value, json};

use crate::attacks::is_named;
use crate::desk::{Desk, key, time};

const RULES: &str = include_str!("../../../../casebook/fixtures/hammer_rules.toml");
const LOT: &str = include_str!("../../../../casebook/fixtures/hammer.toml");
const IDENTITY: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

fn issuer(fact: &str, name: &str) -> Issuer {
    Issuer { fact: fact.to_owned(), name: name.to_owned(), key: key(name).public() }
}

fn open() -> Desk {
    Desk::open(RULES, LOT, |notice| notice.issuers = vec![issuer("grade", "issuer/1"), issuer("grade", "issuer/2")])
}

fn day(text: &str) -> Date {
    landgavel_record::wire::read_date(text).unwrap()
}

fn certificate() -> StandingCertificate {
    StandingCertificate {
        fact: "grade".to_owned(),
        value: FactValue::Text("A".to_owned()),
        identity: IDENTITY.to_owned(),
        issuer: "issuer/1".to_owned(),
        issued: day("2026-03-01"),
        valid_until: day("2026-03-31"),
        basis: Basis { card: "card".to_owned(), card_sha256: Digest([1; 32]), table_sha256: Digest([2; 32]) },
    }
}

fn signed_by(certificate: &StandingCertificate, signer: &str) -> Value {
    let text = certificate.text();
    json!({"signature": key(signer).sign(text.as_bytes()), "text": text})
}

fn apply(certificates: &[Value]) -> Value {
    json!({"do": "apply", "bidder": "A", "identity": IDENTITY, "facts": {"grade": "A"}, "certificates": certificates})
}

/// What an application comes to: `ok`, a refusal's code, or why it is turned away.
fn asked(command: Value) -> String {
    let mut desk = open();
    let command = desk.bound(command, "A");
    match desk.enter(time("2026-03-02T09:10:00+08:00"), &command, &["A"]) {
        Ok(entry) => entry.result.map(|_| "ok".to_owned()).unwrap_or_else(|refused| refused.code().to_owned()),
        Err(fault) => fault.code().to_owned(),
    }
}

#[test]
fn a_fact_of_an_issuer_is_stated_with_its_certificate_or_not_at_all() {
    let good = signed_by(&certificate(), "issuer/1");
    assert_eq!(asked(apply(std::slice::from_ref(&good))), "ok");
    let second = StandingCertificate { issuer: "issuer/2".to_owned(), ..certificate() };
    assert_eq!(asked(apply(&[signed_by(&second, "issuer/2")])), "ok");
    assert_eq!(asked(apply(&[])), "certificate_missing");
    let mut none = apply(&[]);
    none.as_object_mut().unwrap().remove("certificates");
    assert_eq!(asked(none.clone()), "certificate_missing");
    none["facts"] = json!({});
    assert_eq!(asked(none), "certificate_missing");
    // Another's key, another's name, another's application, a changed text.
    assert_eq!(asked(apply(&[signed_by(&certificate(), "issuer/2")])), "certificate_invalid");
    assert_eq!(asked(apply(&[signed_by(&certificate(), "officer/1")])), "certificate_invalid");
    assert_eq!(asked(apply(&[signed_by(&second, "issuer/1")])), "certificate_invalid");
    let other = StandingCertificate { identity: IDENTITY.replace('1', "2"), ..certificate() };
    assert_eq!(asked(apply(&[signed_by(&other, "issuer/1")])), "certificate_invalid");
    let mut changed = good.clone();
    changed["text"] = json!(certificate().text().replace("\"value\":\"A\"", "\"value\":\"B\""));
    assert_eq!(asked(apply(&[changed])), "certificate_invalid");
    // What it states, and what the application states.
    let lower = StandingCertificate { value: FactValue::Text("B".to_owned()), ..certificate() };
    assert_eq!(asked(apply(&[signed_by(&lower, "issuer/1")])), "certificate_contradicts");
    let number = StandingCertificate { value: FactValue::Number(1), ..certificate() };
    assert_eq!(asked(apply(&[signed_by(&number, "issuer/1")])), "certificate_contradicts");
    let mut unstated = apply(std::slice::from_ref(&good));
    unstated["facts"] = json!({"industry": "C375"});
    assert_eq!(asked(unstated), "certificate_contradicts");
    // One that shows it is enough; too many are not looked through.
    assert_eq!(asked(apply(&[signed_by(&lower, "issuer/1"), good.clone()])), "ok");
    assert_eq!(asked(apply(&[good.clone(), good.clone(), good.clone()])), "certificate_invalid");
    assert_eq!(asked(apply(&vec![good; 17])), "field");
}

/// A record is read by everybody while the sale runs.
#[test]
fn what_one_applicant_showed_no_other_shows() {
    let at = |clock: &str| time(&format!("2026-03-02T{clock}+08:00"));
    let good = signed_by(&certificate(), "issuer/1");
    let mut copied = apply(std::slice::from_ref(&good));
    copied["bidder"] = json!("B");
    let mut desk = open();
    // Whoever was refused has shown nothing.
    let mut wrong = apply(std::slice::from_ref(&good));
    wrong["facts"] = json!({"grade": "B"});
    assert_eq!(desk.refused(at("09:09:00"), wrong, &["A"]), "certificate_contradicts");
    desk.done(at("09:10:00"), apply(std::slice::from_ref(&good)), &["A"]);
    assert_eq!(desk.refused(at("09:11:00"), copied, &["B"]), "certificate_invalid");
    assert!(desk.finish().report().holds());
}

#[test]
fn a_certificate_is_for_a_commitment_and_never_for_a_name() {
    for identity in
        ["样例企业", "sha256:", "sha256:11", &IDENTITY.replace("sha256", "SHA256"), &IDENTITY.replace('1', "A")]
    {
        let named = StandingCertificate { identity: identity.to_owned(), ..certificate() };
        assert_eq!(StandingCertificate::parse(&named.text()).unwrap_err().field, "identity", "{identity}");
        let mut command = apply(&[signed_by(&named, "issuer/1")]);
        command["identity"] = json!(identity);
        assert_eq!(asked(command), "certificate_invalid", "{identity}");
    }
    let nothing = StandingCertificate { value: FactValue::Text(String::new()), ..certificate() };
    assert_eq!(StandingCertificate::parse(&nothing.text()).unwrap_err().field, "value");
}

#[test]
fn a_notice_leaves_no_more_facts_to_issuers_than_an_application_can_show() {
    let with = |facts: usize| {
        let desk = Desk::open(RULES, LOT, |notice| {
            let all = (0..facts).flat_map(|fact| ["a", "b"].map(|name| issuer(&format!("fact-{fact:02}"), name)));
            notice.issuers = all.collect();
        });
        Notice::parse(&desk.record.notice().text())
    };
    assert_eq!(with(16).unwrap().issuers.len(), 32);
    assert_eq!(with(17).unwrap_err().field, "issuers");
}

#[test]
fn a_certificate_counts_from_its_first_day_to_its_last() {
    let on = |issued: &str, until: &str| {
        let certificate = StandingCertificate { issued: day(issued), valid_until: day(until), ..certificate() };
        asked(apply(&[signed_by(&certificate, "issuer/1")]))
    };
    assert_eq!(on("2026-03-02", "2026-03-02"), "ok");
    assert_eq!(on("2026-03-03", "2026-03-31"), "certificate_not_valid_now");
    assert_eq!(on("2026-02-01", "2026-03-01"), "certificate_not_valid_now");
}

#[test]
fn certificates_that_cannot_be_read_are_no_certificates() {
    let raw = |text: &str| json!({"signature": key("issuer/1").sign(text.as_bytes()), "text": text});
    let good = certificate().text();
    assert_eq!(StandingCertificate::parse(&good).unwrap(), certificate());
    for (from, to) in [
        ("landgavel-standing/1", "landgavel-standing/2"),
        ("\"issued\":\"2026-03-01\"", "\"issued\":\"2026-02-30\""),
        ("\"issued\":\"2026-03-01\"", "\"issued\":\"2026-04-01\""),
        ("\"fact\":", "\"fakt\":"),
        ("\"value\":\"A\"", "\"value\":[\"A\"]"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        assert!(StandingCertificate::parse(&bad).is_err(), "{to}");
        assert_eq!(asked(apply(&[raw(&bad)])), "certificate_invalid", "{to}");
    }
    assert!(StandingCertificate::parse(&"x".repeat(5000)).is_err());
    assert_eq!(asked(apply(&[raw(&"x".repeat(5000))])), "field");
    let mut more = signed_by(&certificate(), "issuer/1");
    more["more"] = json!("x");
    assert_eq!(asked(apply(&[more])), "field");
}

#[test]
fn the_first_format_knows_no_issuers_and_no_certificates() {
    let text = open().record.notice().text();
    assert!(text.contains("\"format\":\"landgavel-record/2\""));
    assert_eq!(Notice::parse(&text).unwrap().issuers.len(), 2);
    let first = text.replace("landgavel-record/2", "landgavel-record/1");
    assert_eq!(Notice::parse(&first).unwrap_err().field, "issuers");
    let twice = text.replace("issuer/2", "issuer/1");
    assert_eq!(Notice::parse(&twice).unwrap_err().field, "issuers");
    let mut desk = Desk::open(RULES, LOT, |_| {});
    let plain = desk.record.notice().text();
    assert!(plain.contains("\"format\":\"landgavel-record/1\""));
    assert_eq!(Notice::parse(&plain.replace("landgavel-record/1", "landgavel-record/2")).unwrap_err().field, "format");
    let command = desk.bound(apply(&[signed_by(&certificate(), "issuer/1")]), "A");
    let entered = desk.enter(time("2026-03-02T09:10:00+08:00"), &command, &["A"]);
    assert!(matches!(entered, Err(Fault::Field { field, .. }) if field == "certificates"));
}

#[test]
fn a_refusal_for_a_certificate_is_recorded_and_made_again() {
    let at = |clock: &str| time(&format!("2026-03-02T{clock}+08:00"));
    let mut desk = open();
    desk.done(at("09:10:00"), apply(&[signed_by(&certificate(), "issuer/1")]), &["A"]);
    let mut other = apply(&[]);
    other["bidder"] = json!("B");
    let command = desk.bound(other, "B");
    let refused = desk.enter(at("09:11:00"), &command, &["B"]).unwrap();
    assert!(refused.line.contains("\"refused\":{\"clause\":\"record\",\"code\":\"certificate_missing\"}"));
    let bundle = desk.finish();
    assert!(bundle.report().holds(), "{:?}", bundle.report().wrong);
    // Whoever writes that it was let in is found out.
    let mut forged = bundle;
    let entries = forged.0.keys().find(|path| path.starts_with("tile/entries")).unwrap().clone();
    let bytes = forged.0.get_mut(&entries).unwrap();
    let (from, to) = (b"certificate_missing", b"certificate_invalid");
    let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[place..place + to.len()].copy_from_slice(to);
    is_named(&forged, Check::Replay, "does_not_follow");
}
