//! Drafts of sales, from the form to the notice.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use landgavel_server::clock::PacedClock;
use landgavel_server::hall::{Drafts, Hall, Stands, Written};
use landgavel_server::people::{AccountName, Directory, Role};
use landgavel_store::Store;
use serde_json::{Value, json};

use super::stage::{Folder, Stage, house, key, lot_file, rulebook, setting, time};

use super::office::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_published_by_two_officers_and_by_no_one_twice() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let (status, made) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft("own")).await;
    assert_eq!((status, &made["is_sound"]), (StatusCode::OK, &json!(true)), "{made}");
    let path = format!("/api/v1/drafts/{}", made["draft"].as_str().unwrap());
    let signing = format!("{path}/signatures");
    let notice = made["notice"].as_str().unwrap().to_owned();

    // A signature over another text, or by another's key, is none.
    let (status, problem) = office.signs("officer-1", &signing, "{}").await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signature_invalid")));
    let (status, told) = office.signs("officer-1", &signing, &notice).await;
    assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!("open")), "{told}");
    assert!(office.stage.hall.room("own").is_none());
    let (status, problem) = office.signs("officer-1", &signing, &notice).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signed_by_same")));

    // With another key it is still the same person; and it cannot take a key that another officer has.
    let first = AccountName::parse("officer-1").unwrap();
    assert!(enrol(&office.people, &first, "officer-2").await.is_err());
    enrol(&office.people, &first, "spare").await.unwrap();
    let spare = json!({"signature": key("spare").sign(notice.as_bytes())});
    let (status, problem) = office.ask("officer-1", Method::POST, &signing, spare).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("key_not_listed")));

    // A change drops the signature; an old version changes nothing.
    let (status, problem) = office.ask("officer-2", Method::PUT, &path, draft("own")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("changed_meanwhile")));
    let mut change = draft("own");
    change["version"] = told["version"].clone();
    let (status, changed) = office.ask("officer-2", Method::PUT, &path, change).await;
    assert_eq!((status, &changed["signatures"]), (StatusCode::OK, &json!([])), "{changed}");
    enrol(&office.people, &first, "officer-1").await.unwrap();
    let (_, told) = office.ask("officer-1", Method::GET, &path, Value::Null).await;
    let notice = told["notice"].as_str().unwrap().to_owned();
    assert_eq!(office.signs("officer-1", &signing, &notice).await.0, StatusCode::OK);

    // What waits survives a restart.
    office.stage.hall.close().await;
    let clock = Arc::clone(&office.stage.clock);
    drop(office);
    let office = Office::around(Stage::at(&folder, clock).await);
    let (_, tasks) = office.ask("officer-2", Method::GET, "/api/v1/tasks", Value::Null).await;
    assert_eq!(tasks["tasks"][0]["kind"], "sign_notice", "{tasks}");
    let (status, told) = office.signs("officer-2", &signing, &notice).await;
    assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!("published")), "{told}");
    assert_eq!(office.ask("", Method::GET, "/api/v1/sales", Value::Null).await.1["sales"].as_array().unwrap().len(), 2);
    let (status, problem) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft("own")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("sale_exists")));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_a_demonstration_nobody_signs_without_one_time_codes() {
    let folder = Folder::new();
    let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
    let store = Store::open(&folder.store()).await.unwrap();
    let mut house = house();
    house.notice.is_demonstration = false;
    let hall = Hall::open(setting(store.clone(), clock), house).await.unwrap();
    let people = Directory::new(store);
    let name = AccountName::parse("officer-1").unwrap();
    people.invite("officer-1", "x", Role::Officer, 0).await.unwrap();
    let account = enrol(&people, &name, "officer-1").await.unwrap();
    let drafts = Drafts::of(&hall);
    let written = Written { sale: "own".to_owned(), rulebook: text(rulebook()), lot: text(lot_file()) };
    let draft = drafts.begin(&account, written).await.unwrap();
    let (notice, _) = drafts.text(&draft).await.unwrap().unwrap();
    let signature = key("officer-1").sign(notice.as_bytes());
    assert_eq!(drafts.sign(&account, &draft.id, &signature).await.unwrap_err().code, "no_code");
    let secret = people.offer_code(&name).await.unwrap();
    let account = people.confirm_code(&name, &secret.code(0), 0).await.unwrap();
    assert_eq!(drafts.sign(&account, &draft.id, &signature).await.unwrap().signatures(), 1);
    hall.close().await;
}

/// A draft with the first officer's signature: its path, and the notice.
async fn signed_once(office: &Office, more: &str) -> (String, String) {
    let mut draft = draft("own");
    draft["lot"] = json!(format!("{}{more}", draft["lot"].as_str().unwrap()));
    let (_, made) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft).await;
    let path = format!("/api/v1/drafts/{}", made["draft"].as_str().unwrap());
    let notice = made["notice"].as_str().unwrap().to_owned();
    assert_eq!(office.signs("officer-1", &format!("{path}/signatures"), &notice).await.0, StatusCode::OK);
    (path, notice)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_have_signed_is_changed_by_nobody_while_it_is_published() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let (path, notice) = signed_once(&office, "").await;
    let (other, unlike) = signed_once(&office, "# other\n").await;
    let signing = format!("{path}/signatures");
    let connection = rusqlite::Connection::open(folder.store()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON journal_sale BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    for (path, notice) in [(&path, &notice), (&other, &unlike)] {
        let (status, problem) = office.signs("officer-2", &format!("{path}/signatures"), notice).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
    }
    let (_, told) = office.ask("officer-1", Method::GET, &path, Value::Null).await;
    assert_eq!(told["stands"], "publishing");
    // Between the second signature and the sale, the draft was changed, and the sale was of another text.
    let mut change = draft("own");
    change["version"] = told["version"].clone();
    for (method, body) in [(Method::PUT, change), (Method::DELETE, Value::Null)] {
        let (status, problem) = office.ask("officer-1", method, &path, body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("draft_closed")), "{problem}");
    }
    connection.execute_batch("DROP TRIGGER full").unwrap();
    let (_, page) = office.page("officer-1", &path.replace("/api/v1", "/officer")).await;
    assert!(page.contains("value=\"publish\"") && !page.contains("name=\"rulebook\""));

    // Two who press at once both get the sale.
    let drafts = Drafts::of(&office.stage.hall);
    let kept = drafts.get(path.rsplit('/').next().unwrap()).await.unwrap();
    let (one, two) = tokio::join!(drafts.publish(kept.clone()), drafts.publish(kept));
    assert_eq!((one.unwrap().stands, two.unwrap().stands), (Stands::Published, Stands::Published));
    let (status, problem) = office.signs("officer-1", &signing, &notice).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("draft_closed")), "{problem}");
    // A second draft of the same id can never be published, so it is open again.
    let (status, problem) = office.signs("officer-1", &format!("{other}/signatures"), &unlike).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("sale_exists")), "{problem}");
    let (_, told) = office.ask("officer-1", Method::GET, &other, Value::Null).await;
    assert_eq!((&told["stands"], &told["signatures"]), (&json!("open"), &json!([])));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_drafts_are_listed_and_who_dropped_one_is_kept() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let drafts = Drafts::of(&office.stage.hall);
    let account = |who: &str| AccountName::parse(who).unwrap();
    let first = office.people.account(&account("officer-1")).await.unwrap().unwrap();
    let second = office.people.account(&account("officer-2")).await.unwrap().unwrap();
    let written = Written { sale: "own".to_owned(), rulebook: "a = 1\r\nb = 2\rc = 3".to_owned(), lot: String::new() };
    for _ in 0..1002 {
        let draft = drafts.begin(&first, written.clone()).await.unwrap();
        // A browser shows these lines otherwise than they were, and what is signed must be what is seen.
        assert_eq!(draft.rulebook, "a = 1\nb = 2\nc = 3");
    }
    let all = drafts.all().await.unwrap();
    assert_eq!(all.len(), 1002);
    let dropped = drafts.discard(&second, &all[0].id).await.unwrap();
    assert_eq!((dropped.stands, dropped.by.as_str()), (Stands::Dropped, "officer-2"));
    office.stage.hall.close().await;
}
