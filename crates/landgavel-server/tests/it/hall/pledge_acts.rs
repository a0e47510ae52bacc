//! What may be asked of a pledge, by whom, and what each is shown of it.

use axum::http::{Method, StatusCode};
use landgavel_pledge::{Subject, Verdict};
use landgavel_record::language::format_money;
use landgavel_record::pledges::Light;
use landgavel_server::clock::Clock as _;
use landgavel_server::people::{AccountName, Role};
use landgavel_server::pledges::Pledge;
use landgavel_server::pledges::concerns::{About, concerns, worst};
use serde_json::{Value, json};

use super::office::{Office, enrol};
use super::pledging::*;
use super::stage::{Folder, key, time};

const ACTS: &str = "/api/v1/pledges/park-1/acts";

/// Somebody more, with a key of that name.
async fn joined(office: &Office, name: &str, role: Role) {
    office.people.invite(name, name, role, 0).await.unwrap();
    enrol(&office.people, &AccountName::parse(name).unwrap(), name).await.unwrap();
}

/// The first officer signs an act; its id and its text.
async fn begun(office: &Office, pledge: &Pledge, id: &str, command: Value) -> (String, String) {
    let first = signed(pledge, id, command, &["officer-1"]);
    let (status, act) = office.ask("officer-1", Method::POST, ACTS, first.clone()).await;
    assert_eq!((status, &act["result"]), (StatusCode::OK, &json!("pending")), "{act}");
    (format!("{ACTS}/{}/signatures", act["act"].as_str().unwrap()), first["command"].as_str().unwrap().to_owned())
}

fn waive(second: &str) -> Value {
    json!({"do": "waive", "about": "idle", "officer": "officer-1", "second_officer": second, "reason": "示例"})
}

fn bond() -> Value {
    json!({"do": "bond", "form": "guarantee", "amount": "250.3 万元", "issuer": "样本银行", "on_demand": true,
           "valid_until": "2029-12-31", "number": "样保2026-001", "letter": "88".repeat(32)})
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_second_reads_every_field_of_an_act_by_its_name() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    begun(&office, &pledge, "w1", waive("officer-2")).await;
    begun(&office, &pledge, "b1", bond()).await;
    let path = format!("/pledges/{PLEDGE}");
    let (_, page) = office.page("officer-2", &path).await;
    let told = "豁免（事项：闲置土地；监管人员：officer-1；第二名监管人员：officer-2；理由：示例）";
    assert!(page.contains(told), "{page}");
    let told = "录入履约保证（形式：保函；出具人：样本银行；金额：250.3 万元；见索即付：是；有效至：2029-12-31；保函编号：样保2026-001；文件摘要：";
    assert!(page.contains(told), "{page}");
    let (_, page) = office.page("officer-2", &format!("{path}?lang=en")).await;
    assert!(page.contains("waive (what: idle land; officer: officer-1; second officer: officer-2; reason: 示例)"));
    assert!(page.contains("on demand: yes"), "{page}");
    office.stage.hall.close().await;
}

/// Anybody could send what claims to be by a source, until the source was told that it asks too often.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_out_by_those_who_claim_its_key() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let handover = json!({"do": "evidence", "about": "handover", "on": "2026-04-20", "source": SOURCES[0].0, "document": "11".repeat(32)});
    let mut claimed = signed(&pledge, "x", handover.clone(), &["land"]);
    claimed["signatures"][0]["signature"] = json!(key("tax").sign(b"another text"));
    for _ in 0..320 {
        let (status, told) = send(&office, claimed.clone()).await;
        assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!("signature_invalid")), "{told}");
    }
    let (status, told) = send(&office, signed(&pledge, "e1", handover, &["land"])).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    office.stage.hall.close().await;
}

/// Whoever may sign at all could add a signature that made the act no entry for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_signature_that_would_spoil_an_act_is_not_taken() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    joined(&office, "officer-3", Role::Officer).await;
    let mut asked = asked();
    let other = json!({"name": "他行", "key": key("other-bank").public().to_string()});
    asked["guarantors"].as_array_mut().unwrap().push(other);
    let pledge = open_as(&office, asked).await;
    // A guarantor of the opening, and not the one who issues this bond.
    let (bond_at, bond_text) = begun(&office, &pledge, "b1", bond()).await;
    let (status, told) = office.signs("other-bank", &bond_at, &bond_text).await;
    assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!("key_not_allowed")), "{told}");
    // An officer of the opening, and not the one whom the act names.
    let (waive_at, waive_text) = begun(&office, &pledge, "w1", waive("officer-2")).await;
    let (status, told) = office.signs("officer-3", &waive_at, &waive_text).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("field")), "{told}");
    // Nobody at all could sign that second.
    let nobody = signed(&pledge, "w2", waive("officer-9"), &["officer-1"]);
    let (status, told) = office.ask("officer-1", Method::POST, ACTS, nobody).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("field")), "{told}");

    // Each sees what it may sign, and no guarantor the bonds of another.
    for (who, acts, shown) in [("bank", 1, true), ("other-bank", 0, false), ("officer-3", 2, true)] {
        let (_, told) = office.ask(who, Method::GET, ACTS, Value::Null).await;
        assert_eq!(told["acts"].as_array().map(Vec::len), Some(acts), "{who}: {told}");
        let (_, page) = office.page(who, &format!("/pledges/{PLEDGE}")).await;
        assert_eq!(page.contains("录入履约保证（"), shown, "{who}");
        assert_eq!(page.contains("豁免（"), who == "officer-3", "{who}");
        // Only who would be taken is asked to sign.
        assert_eq!(page.contains(&format!("action=\"{waive_at}\"")) && page.contains("会签"), shown && who != "bank");
    }
    for (who, at, text) in [("bank", &bond_at, &bond_text), ("officer-2", &waive_at, &waive_text)] {
        let (status, told) = office.signs(who, at, text).await;
        assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    }
    office.stage.hall.close().await;
}

/// The sample's ban, from the handover and for a month.
fn soon_over() -> Value {
    let mut asked = asked();
    let terms = asked["terms"].as_str().unwrap();
    let soon =
        terms.replace("after = \"attainment\"\nlasts = \"5 years\"", "after = \"handover\"\nlasts = \"1 month\"");
    assert_ne!(soon, terms);
    asked["terms"] = json!(soon);
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forbidden_may_come_to_light_later_is_red_and_a_ground_to_take_the_land_back() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    joined(&office, "land", Role::Source).await;
    let pledge = open_as(&office, soon_over()).await;
    let path = format!("/pledges/{PLEDGE}?lang=en");
    let evidence = |about: &str, day: &str| json!({"do": "evidence", "about": about, "on": day, "source": SOURCES[0].0, "document": "11".repeat(32)});
    let sends = async |id: &str, command: Value, who: &[&str]| {
        let (status, told) = send(&office, signed(&pledge, id, command, who)).await;
        assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    };
    sends("e1", evidence("handover", "2026-04-20"), &["land"]).await;
    sends("b1", bond(), &["officer-1", "bank"]).await;
    go_to(&office, &pledge, time("2026-06-01T10:00:00+08:00")).await;
    let verdict = || pledge.shown().unwrap().look().record.opened().pledge.verdict(Subject::Ban(0));
    assert_eq!(verdict(), Some(Verdict::Met));
    let now = || office.stage.clock.now();
    let light = || {
        let shown = pledge.shown().unwrap();
        let state = shown.look();
        let concerns = concerns(state.record.opened(), state.today(now()));
        let is_told = concerns.iter().any(|one| one.about == About::Subject(Subject::Ban(0)));
        (worst(&concerns), is_told)
    };
    assert!(!light().1);
    let (_, page) = office.page("land", &path).await;
    for words in ["form-evidence-transfer-0", "Report a breach: ban on", "Day on which the forbidden was done"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let (_, page) = office.page("officer-1", &path).await;
    assert!(!page.contains("data-command=\"take-back\"") && page.contains("id=\"form-waive-year\""), "{page}");
    assert!(page.contains("<option value=\"tax\">") && page.contains("data-command=\"rekey\""), "{page}");

    // No money is due for it, so that no claim tells of it.
    sends("e2", evidence("transfer", "2026-05-02"), &["land"]).await;
    assert_eq!(verdict(), Some(Verdict::Breached));
    assert_eq!(light(), (Light::Red, true));
    // There are six months to make it good. Then the amount is what the terms compute, and stands in the form.
    go_to(&office, &pledge, time("2026-12-02T10:00:00+08:00")).await;
    let (_, page) = office.page("officer-1", &path).await;
    assert!(page.contains("data-command=\"take-back\""), "{page}");
    let (ground, price) = {
        let shown = pledge.shown().unwrap();
        let state = shown.look();
        state.record.opened().pledge.take_back_price(state.today(now())).expect("a ground")
    };
    assert_eq!(ground, Subject::Ban(0));
    let amount = format_money(price.amount, "CNY");
    assert!(page.contains(&format!("by the terms {amount}")), "{page}");
    assert!(!page.contains(">–</time>"), "{page}");

    // The fields of these forms, as a browser signs them.
    let approved = |mut command: Value| {
        command["officer"] = json!("officer-1");
        command["second_officer"] = json!("officer-2");
        command["reason"] = json!("示例");
        command
    };
    let new_key = key("land-2").public().to_string();
    for (id, command) in [
        ("k1", json!({"do": "rekey", "of": SOURCES[0].0, "new_key": new_key})),
        ("w1", json!({"do": "waive", "about": "tax", "year": 2})),
        ("t1", json!({"do": "take-back", "amount": amount})),
    ] {
        let (at, text) = begun(&office, &pledge, id, approved(command)).await;
        let (status, told) = office.signs("officer-2", &at, &text).await;
        assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{id}: {told}");
    }
    office.stage.hall.close().await;
}
