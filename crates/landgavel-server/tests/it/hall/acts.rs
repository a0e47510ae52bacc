//! Acts that need two officers: whoever signs, presses again, takes back.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use landgavel_base::{Digest, Quantity};
use landgavel_record::canonical;
use landgavel_sale::Status;
use landgavel_sale::mechanism::commitment_digest;
use landgavel_server::desk::Outcome;
use landgavel_server::desk::intake::Submission;
use landgavel_server::desk::shown::Standing;
use landgavel_server::hall::Acts;
use landgavel_server::people::AccountName;
use serde_json::{Value, json};

use super::stage::{Folder, Stage, key, rulebook};

use super::office::*;

const ACTS: &str = "/api/v1/sales/p1/acts";

#[tokio::test(flavor = "multi_thread")]
async fn annulment_is_entered_with_two_officers_signatures_and_not_before() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let notice = Arc::clone(&office.stage.room.foundation().notice);
    let annul = |cause: &str| {
        canonical::encode(&json!({"do": "annul", "cause": cause, "reason": "示例", "format": "landgavel-command/1",
            "lot": notice.lot, "rulebook": notice.rulebook_sha256.to_string(), "id": "annul-1",
            "key": key("officer-1").public().to_string()}))
    };
    let signed = |text: &str| {
        json!({"command": text, "signatures": [{"key": key("officer-1").public().to_string(),
                                     "signature": key("officer-1").sign(text.as_bytes())}]})
    };
    let path = "/api/v1/sales/p1/acts";
    // What the rules would refuse is said before anybody waits for it.
    let (status, problem) = office.ask("officer-1", Method::POST, path, signed(&annul("whim"))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("cause_not_listed")), "{problem}");
    let text = annul("collusion");
    let alone = office.ask("officer-1", Method::POST, "/api/v1/sales/p1/commands", signed(&text)).await;
    assert_eq!((alone.0, &alone.1["code"]), (StatusCode::FORBIDDEN, &json!("unsigned")), "{}", alone.1);
    let (status, act) = office.ask("officer-1", Method::POST, path, signed(&text)).await;
    assert_eq!((status, &act["result"]), (StatusCode::OK, &json!("pending")), "{act}");
    let signing = format!("{path}/{}/signatures", act["act"].as_str().unwrap());
    let (status, problem) = office.signs("officer-1", &signing, &text).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signed_by_same")));
    for who in ["bidder-1", "bank", "notary"] {
        assert_eq!(office.signs(who, &signing, &text).await.0, StatusCode::FORBIDDEN, "{who}");
    }
    assert_eq!(*office.stage.room.shown().unwrap().look().sale.status(), Status::Admitting);
    let (_, page) = office.page("officer-2", "/officer/sales/p1?lang=en").await;
    assert!(page.contains("data-cosign") && page.contains("Bribery or collusion"));
    let (status, told) = office.signs("officer-2", &signing, &text).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    office.stage.until(|room| matches!(room.shown().unwrap().look().sale.status(), Status::Annulled { .. })).await;
    assert_eq!(office.signs("officer-2", &signing, &text).await.0, StatusCode::CONFLICT);
    office.stage.hall.close().await;
}

/// An annulment for collusion by the first officer's key.
fn annul(office: &Office, id: &str) -> String {
    let notice = Arc::clone(&office.stage.room.foundation().notice);
    canonical::encode(&json!({"do": "annul", "cause": "collusion", "reason": "示例", "format": "landgavel-command/1",
        "lot": notice.lot, "rulebook": notice.rulebook_sha256.to_string(), "id": id,
        "key": key("officer-1").public().to_string()}))
}

async fn begins(office: &Office, text: &str) -> String {
    let signed = json!({"command": text, "signatures": [{"key": key("officer-1").public().to_string(),
                                              "signature": key("officer-1").sign(text.as_bytes())}]});
    let (status, act) = office.ask("officer-1", Method::POST, ACTS, signed).await;
    assert_eq!(status, StatusCode::OK, "{act}");
    act["act"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_desk_is_down_what_two_have_signed_is_entered_by_pressing_again_and_not_taken_back() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let text = annul(&office, "annul-1");
    let act = begins(&office, &text).await;
    let signing = format!("{ACTS}/{act}/signatures");
    let connection = rusqlite::Connection::open(folder.store()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON journal_entry BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    let (status, problem) = office.signs("officer-2", &signing, &text).await;
    assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("outcome_unknown")), "{problem}");
    // Taken back between its way to the desk and its answer, an act stood as withdrawn here and as entered in the record.
    let (status, problem) = office.ask("officer-1", Method::DELETE, &format!("{ACTS}/{act}"), Value::Null).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("act_signed")), "{problem}");
    connection.execute_batch("DROP TRIGGER full").unwrap();
    office.stage.until(|room| room.standing() == Standing::Open).await;
    // Both have signed, so nobody had a button left.
    for who in ["officer-1", "officer-2"] {
        let (_, page) = office.page(who, "/officer/sales/p1?lang=en").await;
        assert!(page.contains("Enter it (two have signed)"), "{who}");
        let (_, tasks) = office.ask(who, Method::GET, "/api/v1/tasks", Value::Null).await;
        assert!(tasks.to_string().contains("enter_act"), "{tasks}");
    }
    let (status, told) = office.signs("officer-1", &signing, &text).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_was_entered_before_is_told_as_the_record_has_it() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let texts = ["annul-1", "annul-2"].map(|id| annul(&office, id));
    let acts = [begins(&office, &texts[0]).await, begins(&office, &texts[1]).await];
    let both = |text: &str| {
        let signatures =
            ["officer-1", "officer-2"].map(|who| (key(who).public().to_string(), key(who).sign(text.as_bytes())));
        Submission { command: text.to_owned(), signatures: signatures.to_vec() }
    };
    for text in &texts {
        let outcome = office.stage.room.ask(both(text)).await.unwrap();
        assert!(matches!(outcome, Outcome::Entered(_)));
    }
    // The second came too late and was refused: the answer said that it was accepted.
    for (index, result) in ["accepted", "refused"].into_iter().enumerate() {
        let signing = format!("{ACTS}/{}/signatures", acts[index]);
        let (status, told) = office.signs("officer-2", &signing, &texts[index]).await;
        assert_eq!((status, &told["result"]), (StatusCode::OK, &json!(result)), "{told}");
    }
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_with_takes_no_place_and_who_took_it_back_is_kept() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let account = |who: &str| AccountName::parse(who).unwrap();
    let first = office.people.account(&account("officer-1")).await.unwrap().unwrap();
    let second = office.people.account(&account("officer-2")).await.unwrap().unwrap();
    let acts = Acts::of(&office.stage.hall, &office.stage.room);
    let begin = async |index: usize| {
        let text = annul(&office, &format!("annul-{index}"));
        acts.begin(&first, &text, &key("officer-1").sign(text.as_bytes())).await
    };
    for index in 0..201 {
        let act = begin(index).await.unwrap();
        acts.withdraw(&second, &act.id).await.unwrap();
    }
    assert!(begin(201).await.is_ok());
    let (_, told) = office.ask("notary", Method::GET, ACTS, Value::Null).await;
    let told = told["acts"].as_array().unwrap();
    assert_eq!(told.len(), 202);
    assert_eq!(told.iter().filter(|act| act["withdrawn"]["account"] == "officer-2").count(), 201);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_reserve_is_committed_and_revealed_by_forms_when_the_rules_take_it() {
    let folder = Folder::new();
    let rules = String::from_utf8(rulebook()).unwrap();
    let secret =
        "reserve = { committed = true, lodge_by = \"quote_closes\", reveal_within = \"30 min\" }\nquote = { opens";
    let rules = rules.replacen("quote = { opens", secret, 1).replacen(
        "exits = { settled = \"win\",",
        "exits = { settled = \"win\", below_reserve = \"pass-in\",",
        1,
    );
    let office = Office::filled(Stage::under(&folder, rules.as_bytes()).await).await;
    office.stage.play("2026-04-08T08:00:00+08:00").await;
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    // What the browser computes the digest from; the value itself is no field of the command.
    let form = "data-command=\"commit\" data-lot=\"cn/zhejiang/yiwu/sample-p1\" data-unit=\"万元\" data-decimals=\"0\"";
    assert!(page.contains(form) && page.contains("name=\"_value\""), "{page}");
    assert!(!page.contains("data-command=\"reveal\""));

    let salt = Digest([7; 32]);
    let digest =
        commitment_digest("cn/zhejiang/yiwu/sample-p1", "price", "reserve", Quantity::new(1850).unwrap(), salt);
    let ask = async |command: Value| {
        let outcome = office.stage.ask(serde_json::from_value(command).unwrap()).await;
        assert!(matches!(&outcome, Outcome::Entered(written) if written.entry.result.is_ok()));
    };
    let of = |verb: &str| json!({"do": verb, "stage": "price", "secret": "reserve"});
    let mut commit = of("commit");
    commit["digest"] = json!(digest.to_string());
    ask(commit).await;
    // Committed during the sale, it had no form to reveal it: only the notice's own had.
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains("data-command=\"reveal\"") && !page.contains("data-command=\"commit\""), "{page}");
    let mut reveal = of("reveal");
    reveal["value"] = json!("1850 万元");
    reveal["salt"] = json!(salt.to_string());
    ask(reveal).await;
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(!page.contains("data-command=\"reveal\""));
    office.stage.hall.close().await;
}
