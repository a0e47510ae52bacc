//! Pledges: opened by two officers, kept for years, verified by anybody.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use landgavel_base::{Money, capital_amount};
use landgavel_record::language::format_money;
use landgavel_record::verify::{Caveat, Of};
use landgavel_server::clock::Clock as _;
use landgavel_server::desk::shown::Standing;
use serde_json::{Value, json};

use super::office::Office;
use super::pledging::*;
use super::stage::{Folder, Stage, key};

#[tokio::test(flavor = "multi_thread")]
async fn from_two_signatures_to_a_called_bond_a_pledge_runs_and_its_bundle_verifies() {
    let folder = Folder::new();
    let (office, winner) = awarded(&folder).await;
    let pledge = open(&office).await;
    play(&office, &pledge, &winner, "2033-10-20T12:00:00+08:00").await;

    let (status, told) = office.ask("", Method::GET, &format!("/api/v1/pledges/{PLEDGE}"), Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    let claims = told["standing"]["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 3, "{claims:?}");
    assert_eq!((&claims[1]["owed"], &claims[1]["state"]), (&json!(0), &json!("closed")), "{claims:?}");
    // A breach of the third year is on the bond: (40 − 31) 万元 a mu, and what the days cost.
    assert!(claims[2]["from_bond"].as_i64().unwrap() > 0, "{claims:?}");
    let breached = |item: &&Value| item["verdict"] == "breached";
    let years: Vec<&Value> = told["standing"]["items"].as_array().unwrap().iter().filter(breached).collect();
    assert!(
        years
            .iter()
            .any(|item| item["id"] == "tax" && item["shown_quanta"].as_i64() < item["promised_quanta"].as_i64())
    );
    assert_eq!(told["winner"][0], json!({"name": winner, "key": key(&winner).public().to_string()}));
    assert_eq!(told["origin"], json!(format!("hall.invalid/pledges/{PLEDGE}")));

    // The bank is told what is demanded of it, under which letter, and in which respect the winner is in breach.
    let demand = format!("/pledges/{PLEDGE}/demands/1");
    let (_, page) = office.page("officer-1", &format!("/pledges/{PLEDGE}")).await;
    assert!(page.contains(&demand), "{page}");
    let (status, page) = office.page("officer-1", &format!("{demand}?lang=zh")).await;
    assert_eq!(status, StatusCode::OK);
    let called = Money::from_minor(told["standing"]["bonds"][0]["called"].as_i64().unwrap()).unwrap();
    let (figures, capitals) = (format_money(called, "CNY"), capital_amount(called));
    for words in ["样保2026-001", "样本银行", &figures, &capitals, "亩均税收第3年", "2036-12-31"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for none in ["0", "2", "18446744073709551615", "x"] {
        let (status, _) = office.page("officer-1", &format!("/pledges/{PLEDGE}/demands/{none}")).await;
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST), "{none}: {status}");
    }

    let report = verdict(&pledge).await;
    assert_eq!(report.wrong, None);
    assert_eq!(report.of, Of::Pledge);
    assert!(report.caveats.contains(&Caveat::PledgeRuns) && !report.caveats.contains(&Caveat::OtherOfficers));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_rebuilds_a_pledge_and_the_same_command_gets_the_same_answer() {
    let folder = Folder::new();
    let (office, winner) = awarded(&folder).await;
    let pledge = open(&office).await;
    play(&office, &pledge, &winner, "2026-05-21T10:00:00+08:00").await;
    let start = json!({"do": "evidence", "about": "start", "on": "2026-05-20", "source": SOURCES[0].0, "document": "22".repeat(32)});
    let body = signed(&pledge, "start", start, &["land"]);
    let (_, first) = send(&office, body.clone()).await;
    assert_eq!(first["result"], json!("accepted"), "{first}");
    published(&office, &pledge).await;
    let outcome = pledge.shown().unwrap().look().published.as_ref().unwrap().outcome.clone();
    let clock = Arc::clone(&office.stage.clock);
    office.stage.hall.close().await;
    drop((office, pledge));

    let office = Office::around(Stage::at(&folder, clock).await);
    let pledge = office.stage.hall.pledge(PLEDGE).unwrap();
    ready(&pledge).await;
    assert_eq!(pledge.shown().unwrap().look().published.as_ref().unwrap().outcome, outcome);
    let (status, again) = send(&office, body).await;
    assert_eq!((status, &again["repeated"]), (StatusCode::OK, &json!(true)), "{again}");
    for name in ["entry", "at_ms", "result", "line", "by", "events", "refused"] {
        assert_eq!(again[name], first[name], "{name}");
    }
    play(&office, &pledge, &winner, "2026-05-01T10:00:00+08:00").await;
    assert_eq!(verdict(&pledge).await.wrong, None);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_two_wait_for_the_second_and_a_bank_confirms_its_own_bond() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let acts = format!("/api/v1/pledges/{PLEDGE}/acts");
    let bond = json!({"do": "bond", "form": "guarantee", "amount": "250.3 万元", "issuer": "样本银行", "on_demand": true,
                      "valid_until": "2029-12-31", "number": "样保2026-001", "letter": "88".repeat(32)});
    let first = signed(&pledge, "bond-1", bond, &["officer-1"]);
    let text = first["command"].as_str().unwrap().to_owned();
    // Alone it is no entry, and nobody but an officer begins it.
    let (status, alone) = send(&office, first.clone()).await;
    assert_eq!((status, &alone["code"]), (StatusCode::FORBIDDEN, &json!("unsigned")), "{alone}");
    for who in ["bank", "notary", "bidder-1"] {
        assert_eq!(office.ask(who, Method::POST, &acts, first.clone()).await.0, StatusCode::FORBIDDEN, "{who}");
    }
    let (status, act) = office.ask("officer-1", Method::POST, &acts, first).await;
    assert_eq!((status, &act["result"]), (StatusCode::OK, &json!("pending")), "{act}");
    let signing = format!("{acts}/{}/signatures", act["act"].as_str().unwrap());
    for who in ["officer-1", "other-bank", "notary", "bidder-1"] {
        assert_eq!(office.signs(who, &signing, &text).await.0, StatusCode::FORBIDDEN, "{who}");
    }
    let (status, told) = office.signs("bank", &signing, &text).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    assert_eq!(pledge.shown().unwrap().look().record.opened().pledge.bonds().len(), 1);
    assert_eq!(pledge.shown().unwrap().look().history.last().unwrap().by, ["officer-1", "样本银行"]);

    // Mercy is no bank's.
    let waive = json!({"do": "waive", "about": "investment", "officer": "officer-1", "second_officer": "officer-2", "reason": "示例"});
    let first = signed(&pledge, "waive-1", waive, &["officer-1"]);
    let text = first["command"].as_str().unwrap().to_owned();
    let (_, act) = office.ask("officer-1", Method::POST, &acts, first).await;
    let signing = format!("{acts}/{}/signatures", act["act"].as_str().unwrap());
    assert_eq!(office.signs("bank", &signing, &text).await.0, StatusCode::FORBIDDEN);
    let (_, told) = office.signs("officer-2", &signing, &text).await;
    assert_eq!(told["result"], json!("accepted"), "{told}");
    // What the terms would refuse is said before a second one signs: money is paid on no claim.
    let pay = signed(&pledge, "pay-1", json!({"do": "pay", "claim": 9, "amount": "1 万元"}), &["officer-1"]);
    let (status, told) = office.ask("officer-1", Method::POST, &acts, pay).await;
    assert_eq!(status, StatusCode::CONFLICT, "{told}");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_and_what_does_not_fit_opens_no_pledge() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let path = "/api/v1/openings";
    // The sale has not ended.
    let (status, told) = office.ask("officer-1", Method::POST, path, asked()).await;
    assert_eq!((status, &told["code"]), (StatusCode::CONFLICT, &json!("sale_not_over")), "{told}");
    office.stage.hall.close().await;
    drop(office);

    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    for who in ["bank", "notary", "bidder-1", ""] {
        let (status, _) = office.ask(who, Method::POST, path, asked()).await;
        assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED), "{who}: {status}");
    }
    let with = |name: &str, value: Value| {
        let mut asked = asked();
        asked[name] = value;
        asked
    };
    let terms = asked()["terms"].as_str().unwrap().to_owned();
    for (body, code) in [
        (with("pledge", json!("../x")), "pledge_id"),
        (with("pledge", json!("")), "pledge_id"),
        (with("pledge", json!("a".repeat(65))), "pledge_id"),
        (with("sale", json!("p2")), "not_found"),
        (with("winner", json!("nobody")), "not_opened"),
        (with("signed", json!("2027-02-30")), "signed"),
        (with("signed", json!("-9999-01-01")), "signed"),
        (with("signed", json!("2026-04-01")), "not_founded"),
        (with("terms", json!("[")), "terms_wrong"),
        (with("terms", json!(terms.replace("within = \"1 month\"", "within = \"1 moon\""))), "terms_wrong"),
        (with("terms", json!("x".repeat(300_000))), "too_large"),
        (with("terms", json!(terms.replace("award.tax", "award.alms"))), "not_opened"),
        (with("sources", json!([])), "no_source"),
        (with("sources", json!([{"name": "税务局（样本）", "key": "ed25519:AA"}])), "key"),
        (with("sources", json!("x")), "malformed"),
        // One key is one signer.
        (with("guarantors", json!([{"name": "样本银行", "key": key("tax").public().to_string()}])), "opening"),
    ] {
        let (status, mut told) = office.ask("officer-1", Method::POST, path, body).await;
        if status == StatusCode::OK && code == "not_founded" {
            // A day before the award is seen when the pledge would be opened.
            let signing = format!("{path}/{}/signatures", told["opening"].as_str().unwrap());
            let text = told["text"].as_str().unwrap().to_owned();
            office.signs("officer-1", &signing, &text).await;
            told = office.signs("officer-2", &signing, &text).await.1;
        }
        assert_eq!(told["code"], json!(code), "{told}");
    }
    // One officer alone opens nothing, nor one officer twice, nor somebody else.
    let (_, opening) = office.ask("officer-1", Method::POST, path, asked()).await;
    let (signing, text) =
        (format!("{path}/{}/signatures", opening["opening"].as_str().unwrap()), opening["text"].as_str().unwrap());
    assert_eq!(office.signs("officer-1", &signing, text).await.0, StatusCode::OK);
    assert_eq!(office.signs("officer-1", &signing, text).await.1["code"], json!("signed_by_same"));
    assert_eq!(office.signs("officer-2", &signing, &format!("{text} ")).await.1["code"], json!("signature_invalid"));
    assert_eq!(office.signs("bank", &signing, text).await.0, StatusCode::FORBIDDEN);
    assert!(office.stage.hall.pledge(PLEDGE).is_none());
    // The store's name of a pledge is no name of a sale.
    let sale = json!({"sale": "_pledge.x", "rulebook": "", "lot": ""});
    let (_, told) = office.ask("officer-1", Method::POST, "/api/v1/drafts", sale).await;
    assert_eq!(told["code"], json!("sale_id"), "{told}");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_commands_are_turned_away_and_only_refusals_of_the_terms_are_entered() {
    let folder = Folder::new();
    let (office, winner) = awarded(&folder).await;
    let pledge = open(&office).await;
    let evidence = |source: &str, day: &str| json!({"do": "evidence", "about": "handover", "on": day, "source": source, "document": "11".repeat(32)});
    let good = signed(&pledge, "e1", evidence(SOURCES[0].0, "2026-04-20"), &["land"]);
    let entries = || pledge.shown().unwrap().look().entries;
    let before = entries();
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        body[path] = value;
        body
    };
    let mut other = good.clone();
    other["command"] = json!(good["command"].as_str().unwrap().replace("2026-04-20", "2026-04-19"));
    for (body, code) in [
        (Value::String("x".to_owned()), "malformed"),
        (with("signatures", json!([])), "unsigned"),
        // Time is the hall's alone; a day that brings nothing would be an entry for each who asks.
        (json!({"command": "{\"do\":\"tick\"}", "signatures": []}), "field"),
        (other, "signature_invalid"),
        (with("command", json!("{")), "not_canonical"),
        (with("command", json!("[".repeat(30_000))), "not_canonical"),
        // Another's source, the winner, an officer.
        (signed(&pledge, "e2", evidence(SOURCES[0].0, "2026-04-20"), &["tax"]), "key_not_allowed"),
        (signed(&pledge, "e2", evidence(SOURCES[0].0, "2026-04-20"), &[&winner]), "key_not_allowed"),
        (signed(&pledge, "e2", evidence(SOURCES[0].0, "2026-04-20"), &["officer-1"]), "key_not_allowed"),
        (
            signed(
                &pledge,
                "e2",
                json!({"do": "evidence", "about": "moon", "on": "2026-04-20", "source": SOURCES[0].0,
                                      "document": "11".repeat(32)}),
                &["land"],
            ),
            "field",
        ),
        (signed(&pledge, "e2", json!({"do": "tick"}), &["land"]), "field"),
    ] {
        let (status, told) = send(&office, body).await;
        assert!(status.is_client_error(), "{told}");
        assert_eq!(told["code"], json!(code), "{told}");
    }
    assert_eq!(entries(), before);
    let (_, told) = send(&office, good.clone()).await;
    assert_eq!(told["result"], json!("accepted"), "{told}");
    // Another command under the same key and id.
    let again = signed(&pledge, "e1", evidence(SOURCES[0].0, "2026-04-19"), &["land"]);
    let (status, told) = send(&office, again).await;
    assert_eq!((status, &told["code"]), (StatusCode::CONFLICT, &json!("id_repeated")), "{told}");
    // What the terms refuse stands in the record, with its reason.
    let (status, told) = send(&office, signed(&pledge, "e3", evidence(SOURCES[0].0, "2026-04-19"), &["land"])).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("refused")), "{told}");
    assert_eq!(entries(), before + 2);
    published(&office, &pledge).await;
    assert_eq!(verdict(&pledge).await.wrong, None);
    let (status, _) = office.ask("", Method::GET, "/api/v1/pledges/%2e%2e", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_answered_by_nothing_and_a_pledge_goes_on_when_there_is_room() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let connection = rusqlite::Connection::open(folder.store()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON journal_entry BEGIN SELECT RAISE(ABORT, 'full'); END";
    connection.execute_batch(full).unwrap();
    let handover = json!({"do": "evidence", "about": "handover", "on": "2026-04-20", "source": SOURCES[0].0, "document": "11".repeat(32)});
    let body = signed(&pledge, "e1", handover, &["land"]);
    let (status, told) = send(&office, body.clone()).await;
    assert_eq!((status, &told["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("outcome_unknown")), "{told}");
    connection.execute_batch("DROP TRIGGER full").unwrap();
    // Asked again with the same bytes, as the answer says.
    let again = async {
        loop {
            let (status, told) = send(&office, body.clone()).await;
            if status != StatusCode::SERVICE_UNAVAILABLE {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(20), again).await.unwrap();
    assert_eq!(told["result"], json!("accepted"), "{told}");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_shows_a_pledge_and_takes_no_command() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let store = office.stage.hall.setting().store.clone();
    let now = office.stage.clock.now().millis();
    while store.lease(pledge.log()).await.unwrap().held.is_none_or(|(_, until)| until <= now) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let house = landgavel_server::hall::House { node: "node-2".to_owned(), ..super::stage::house() };
    let setting = super::stage::setting(store, Arc::clone(&office.stage.clock));
    let second = landgavel_server::hall::Hall::open(setting, house).await.unwrap();
    let other = second.pledge(PLEDGE).unwrap();
    until(&other, |other| other.standing() == Standing::Elsewhere).await;
    assert_eq!(other.shown().unwrap().look().entries, pledge.shown().unwrap().look().entries);
    assert_eq!(verdict(&other).await.wrong, None);
    second.close().await;
    office.stage.hall.close().await;
}

/// Takes one request and answers it with a status; gives its header lines and body.
async fn taken(listener: &tokio::net::TcpListener, status: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if length.is_some_and(|length: usize| body.len() >= length) {
            stream
                .write_all(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
                .await
                .unwrap();
            return (head.to_owned(), body.to_owned());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_due_is_sent_once_signed_and_again_when_it_was_not_taken() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let reminders = || {
        let webhook = landgavel_server::reminders::Webhook::parse(&url, 30).unwrap();
        landgavel_server::reminders::Reminders::new(Arc::clone(&office.stage.hall), webhook)
    };
    // The bond is to be lodged within ten working days.
    let first = reminders();
    let (looked, _) = tokio::join!(first.look(), taken(&listener, "500"));
    assert!(looked.unwrap_err().contains("500"));
    let (looked, (head, body)) = tokio::join!(first.look(), taken(&listener, "204"));
    assert_eq!(looked, Ok(1), "{body}");
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&told["about"], &told["light"], &told["pledge"]),
        (&json!("bond_missing"), &json!("amber"), &json!(PLEDGE))
    );
    let header = head.lines().find_map(|line| line.strip_prefix("landgavel-signature: ")).unwrap();
    let (by, signature) = header.split_once(' ').unwrap();
    assert_eq!(by, key("hall").public().to_string());
    let gate = landgavel_server::desk::intake::Gate::default();
    let signed = landgavel_server::desk::intake::Submission {
        command: body,
        signatures: vec![(by.to_owned(), signature.to_owned())],
    };
    assert!(gate.check(office.stage.clock.now(), signed).is_ok());
    // Once of one matter, after a restart too; when its day has passed it is another.
    assert_eq!(reminders().look().await, Ok(0));
    go_to(&office, &pledge, super::stage::time("2026-05-20T10:00:00+08:00")).await;
    let late = reminders();
    let (looked, (_, body)) = tokio::join!(late.look(), taken(&listener, "200"));
    assert_eq!(looked, Ok(1), "{body}");
    assert!(body.contains("\"light\":\"red\"") && body.contains("overdue"), "{body}");
    office.stage.hall.close().await;
}

/// One that the address did not want kept back all that came after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_is_refused_keeps_no_other_back() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let transfer = json!({"do": "evidence", "about": "transfer", "on": "2026-04-20", "source": SOURCES[0].0, "document": "11".repeat(32)});
    let (_, told) = send(&office, signed(&pledge, "e1", transfer, &["land"])).await;
    assert_eq!(told["result"], json!("accepted"), "{told}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook =
        landgavel_server::reminders::Webhook::parse(&format!("http://{}/", listener.local_addr().unwrap()), 30);
    let reminders =
        landgavel_server::reminders::Reminders::new(Arc::clone(&office.stage.hall), webhook.clone().unwrap());
    let about = |body: &str| serde_json::from_str::<Value>(body).unwrap()["about"].clone();
    let answers = async {
        let refused = taken(&listener, "410").await.1;
        (about(&refused), about(&taken(&listener, "204").await.1))
    };
    let (looked, told) =
        tokio::join!(reminders.look(), tokio::time::timeout(std::time::Duration::from_secs(20), answers));
    assert_eq!(told, Ok((json!("promise"), json!("bond_missing"))));
    assert_eq!(looked, Ok(1));
    // What was refused is put off, and looks go on; whoever begins anew sends it again, and nothing else.
    assert_eq!(reminders.look().await, Ok(0));
    let reminders = landgavel_server::reminders::Reminders::new(Arc::clone(&office.stage.hall), webhook.unwrap());
    let (looked, (_, body)) = tokio::join!(reminders.look(), taken(&listener, "204"));
    assert_eq!((looked, about(&body)), (Ok(1), json!("promise")));
    assert_eq!(reminders.look().await, Ok(0));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_its_pledges_and_what_it_may_ask_and_no_other() {
    let folder = Folder::new();
    let (office, winner) = awarded(&folder).await;
    let (status, page) = office.page("officer-1", "/officer/pledges?lang=en").await;
    assert!(status == StatusCode::OK && page.contains("/officer/pledges/new?sale=p1"), "{page}");
    // Written by the form, as a browser sends it.
    let (_, form) = office.page("officer-1", "/officer/pledges/new?sale=p1&lang=en").await;
    assert!(form.contains("landgavel-pledge-terms/1") && form.contains(SOURCES[4].0), "{form}");
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let mut fields = format!(
        "sale=p1&pledge={PLEDGE}&signed=&then=begin&terms={}",
        encoded(&asked()["terms"].as_str().unwrap().replace('\n', "\r\n"))
    );
    for (index, (name, word)) in SOURCES.iter().enumerate() {
        fields += &format!(
            "&source_name.{index}={}&source_key.{index}={}",
            encoded(name),
            encoded(&key(word).public().to_string())
        );
    }
    fields += &format!(
        "&guarantor_name.0={}&guarantor_key.0={}",
        encoded("样本银行"),
        encoded(&key("bank").public().to_string())
    );
    assert_eq!(office.form("bank", "/officer/pledges/new", &fields).await.0, StatusCode::FORBIDDEN);
    let (status, wrong) = office
        .form("officer-1", "/officer/pledges/new", &fields.replace("then=begin", "then=begin&winner=nobody"))
        .await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && wrong.contains("role=\"alert\""), "{status}");
    // What was ticked stays so.
    let ticked = format!("value=\"{}\" checked>", key("bank").public());
    assert!(wrong.contains(&ticked) && !form.contains("checked>"), "{wrong}");
    let (status, _) = office.form("officer-1", "/officer/pledges/new", &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, openings) = office.ask("officer-1", Method::GET, "/api/v1/openings", Value::Null).await;
    let id = openings["openings"][0]["opening"].as_str().unwrap().to_owned();
    let (_, opening) = office.ask("officer-1", Method::GET, &format!("/api/v1/openings/{id}"), Value::Null).await;
    let (status, page) = office.page("officer-1", &format!("/officer/openings/{id}?lang=en")).await;
    assert!(status == StatusCode::OK && page.contains("data-cosign") && page.contains("output attainment"), "{page}");
    assert!(page.contains("What is forbidden") && page.contains("ban on transfer"), "{page}");
    for who in ["officer-1", "officer-2"] {
        let text = opening["text"].as_str().unwrap();
        let (status, told) = office.signs(who, &format!("/api/v1/openings/{id}/signatures"), text).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }
    let pledge = office.stage.hall.pledge(PLEDGE).unwrap();
    ready(&pledge).await;
    play(&office, &pledge, &winner, "2032-09-10T12:00:00+08:00").await;

    let base = format!("/pledges/{PLEDGE}?lang=en");
    let (_, public) = office.raw(axum::http::Request::get(&base).body(axum::body::Body::empty()).unwrap()).await;
    // Promise against delivery, the verdict with its arithmetic, the map; no form, nobody's name made a tag of.
    for part in [
        "class=\"bar bad\"",
        "class=\"promise\"",
        "37.5",
        "missing",
        "polygon class=\"land",
        "may still be cured",
        "样本银行",
    ] {
        assert!(public.contains(part), "{part}: {public}");
    }
    assert!(!public.contains("data-command") && !public.contains("<script>alert"));
    // What each may ask, and no other.
    for (who, has, lacks) in [
        (
            "officer-1",
            vec!["data-command=\"call-bond\"", "data-command=\"stop-time\"", "data-command=\"bond\""],
            vec!["data-command=\"evidence\""],
        ),
        ("bank", vec![], vec!["data-command"]),
        ("bidder-1", vec![], vec!["data-command"]),
    ] {
        let (_, page) = office.page(who, &base).await;
        assert!(has.iter().all(|part| page.contains(part)), "{who}");
        assert!(lacks.iter().all(|part| !page.contains(part)), "{who}");
    }
    let (_, mine) = office.page("bank", "/my/pledges?lang=en").await;
    assert!(mine.contains("Exposure") && mine.contains(PLEDGE), "{mine}");
    let (_, other) = office.page("other-bank", "/my/pledges?lang=en").await;
    assert!(!other.contains(PLEDGE) && other.contains("No pledge lists your key"));
    let (_, supervisor) = office.page("officer-2", "/officer/pledges?lang=en").await;
    assert!(supervisor.contains("claim for") && supervisor.contains("may still be cured"), "{supervisor}");
    assert_eq!(office.page("bank", "/officer/pledges").await.0, StatusCode::FORBIDDEN);
    let (_, board) = office.page("bidder-1", "/pledges").await;
    assert!(board.contains("记分板"), "{board}");
    assert!(board.contains("<span aria-hidden=\"true\">▲</span> 临近或待办"), "{board}");
    assert!(board.contains("data-label=\"下一到期\"") && board.contains("id=\"map\""), "{board}");

    // Reminders: the days ahead, as a calendar with alarms.
    let (status, calendar) = office
        .raw(
            axum::http::Request::get(format!("/pledges/{PLEDGE}/calendar.ics"))
                .body(axum::body::Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "BEGIN:VCALENDAR",
        "UID:claim-2@hall.invalid/pledges/park-1",
        "UID:promise-tax-5@hall",
        "DTSTART;VALUE=DATE:2036",
        "TRIGGER:-P30D",
    ] {
        assert!(calendar.contains(line), "{line}: {calendar}");
    }
    assert!(calendar.lines().all(|line| line.trim_end().len() <= 75));
    office.stage.hall.close().await;
}
