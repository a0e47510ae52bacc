//! Faults while a pledge is opened or written, and journals of pledges that are not what was signed.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use landgavel_base::Instant;
use landgavel_server::desk::intake::Submission;
use landgavel_server::desk::shown::Standing;
use landgavel_server::hall::{Hall, House};
use landgavel_server::pledges::{Outcome, Pledge};
use landgavel_store::Head;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::office::Office;
use super::pledging::*;
use super::stage::{Folder, Stage, house, setting};

fn database(folder: &Folder) -> Connection {
    let connection = Connection::open(folder.store()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection
}

/// Fails rather than waits for ever.
async fn soon(pledge: &Pledge, holds: impl Fn(&Pledge) -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), until(pledge, holds)).await;
    assert!(waited.is_ok(), "it never came to that: {:?}", pledge.standing());
}

fn handover(pledge: &Pledge, id: &str) -> Value {
    let command = json!({"do": "evidence", "about": "handover", "on": "2026-04-20", "source": SOURCES[0].0, "document": "11".repeat(32)});
    signed(pledge, id, command, &["land"])
}

/// Two had signed, the store failed for a moment, and the opening was dropped.
#[tokio::test(flavor = "multi_thread")]
async fn what_two_have_signed_is_opened_when_the_store_answers_again() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let (_, opening) = office.ask("officer-1", Method::POST, "/api/v1/openings", asked()).await;
    let (id, text) = (opening["opening"].as_str().unwrap(), opening["text"].as_str().unwrap());
    let signing = format!("/api/v1/openings/{id}/signatures");
    office.signs("officer-1", &signing, text).await;
    let database = database(&folder);
    database.execute_batch("ALTER TABLE journal_entry RENAME TO away").unwrap();
    let (status, told) = office.signs("officer-2", &signing, text).await;
    assert_eq!((status, &told["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("store_failed")), "{told}");
    database.execute_batch("ALTER TABLE away RENAME TO journal_entry").unwrap();
    // Who has signed may press again.
    let (_, page) = office.page("officer-1", &format!("/officer/openings/{id}?lang=en")).await;
    assert!(page.contains("Open it (two have signed)") && !page.contains("type=\"submit\" disabled"), "{page}");
    let (status, told) = office.signs("officer-1", &signing, text).await;
    assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!("published")), "{told}");
    ready(&office.stage.hall.pledge(PLEDGE).unwrap()).await;
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_checkpoint_no_page_links_to_a_bundle() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let database = database(&folder);
    let silence = "CREATE TRIGGER silent BEFORE INSERT ON journal_checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END";
    database.execute_batch(silence).unwrap();
    let (_, opening) = office.ask("officer-1", Method::POST, "/api/v1/openings", asked()).await;
    let signing = format!("/api/v1/openings/{}/signatures", opening["opening"].as_str().unwrap());
    for who in ["officer-1", "officer-2"] {
        let (status, told) = office.signs(who, &signing, opening["text"].as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }
    let pledge = office.stage.hall.pledge(PLEDGE).unwrap();
    soon(&pledge, |pledge| pledge.standing() == Standing::Open).await;
    let path = format!("/pledges/{PLEDGE}");
    let has_links = |page: &str| ["bundle.zip", "/log/terms.toml", "/log/checkpoint"].map(|link| page.contains(link));
    assert_eq!(has_links(&office.page("officer-1", &path).await.1), [false; 3]);
    database.execute_batch("DROP TRIGGER silent").unwrap();
    published(&office, &pledge).await;
    assert_eq!(has_links(&office.page("officer-1", &path).await.1), [true; 3]);
    office.stage.hall.close().await;
}

/// A second node on the same store.
async fn second(office: &Office) -> (Arc<Hall>, Arc<Pledge>) {
    let house = House { node: "node-2".to_owned(), ..house() };
    let store = office.stage.hall.setting().store.clone();
    let hall = Hall::open(setting(store, Arc::clone(&office.stage.clock)), house).await.unwrap();
    let pledge = hall.pledge(PLEDGE).unwrap();
    (hall, pledge)
}

/// A checkpoint that came after its entry was never seen, so that the second node's bundle stayed behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_sees_the_checkpoint_that_comes_after_an_entry() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let (hall, other) = second(&office).await;
    soon(&other, |other| other.standing() == Standing::Elsewhere).await;
    let (_, told) = send(&office, handover(&pledge, "e1")).await;
    assert_eq!(told["result"], json!("accepted"), "{told}");
    // The clock stands: the entry is stored, and no checkpoint is due.
    soon(&other, |other| other.shown().unwrap().look().entries == 2).await;
    let witnessed = |pledge: &Pledge| pledge.shown().unwrap().look().published.as_ref().map(|one| one.tree.size());
    assert_eq!(witnessed(&other), Some(1));
    published(&office, &pledge).await;
    soon(&other, |other| witnessed(other) == Some(2)).await;
    hall.close().await;
    office.stage.hall.close().await;
}

/// The hall again, on a store that somebody has changed meanwhile.
async fn changed(office: Office, folder: &Folder, change: impl FnOnce(&Connection)) -> Office {
    let clock = Arc::clone(&office.stage.clock);
    office.stage.hall.close().await;
    drop(office);
    change(&database(folder));
    Office::around(Stage::at(folder, clock).await)
}

/// It is said that it is damaged, by pages and programs, and it is not opened.
async fn is_damaged(office: &Office, why: &str) {
    let pledge = office.stage.hall.pledge(PLEDGE).unwrap();
    soon(&pledge, |pledge| matches!(pledge.standing(), Standing::Stopped { is_retried: false, .. })).await;
    let Standing::Stopped { why: told, .. } = pledge.standing() else { panic!("it goes on") };
    assert!(told.contains(why) && pledge.shown().is_none(), "{told}");
    let (status, told) = office.ask("", Method::GET, &format!("/api/v1/pledges/{PLEDGE}"), Value::Null).await;
    assert_eq!((status, &told["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("damaged")), "{told}");
    let (status, page) = office.page("officer-1", &format!("/pledges/{PLEDGE}?lang=en")).await;
    assert!(status == StatusCode::SERVICE_UNAVAILABLE && page.contains("The record is damaged"), "{page}");
    let (_, ready) = office.ask("", Method::GET, "/readyz", Value::Null).await;
    assert_eq!((&ready["ready"], &ready["sales"]["_pledge.park-1"]), (&json!(false), &json!("damaged")), "{ready}");
}

/// The place of an entry of the pledge's journal.
const PLACE: &str = "((SELECT sale_no FROM journal_sale WHERE sale_id = '_pledge.park-1') << 40)";

#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_whose_journal_was_changed_is_said_to_be_damaged() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    send(&office, handover(&pledge, "e1")).await;
    published(&office, &pledge).await;
    drop(pledge);
    let office = changed(office, &folder, |database| {
        let bytes = "CAST(replace(CAST(bytes AS TEXT), '2026-04-20', '2026-04-19') AS BLOB)";
        let change = format!("UPDATE journal_entry SET bytes = {bytes} WHERE place = {PLACE} + 1");
        assert_eq!(database.execute("DROP TRIGGER journal_entry_update", ()), Ok(0));
        assert_eq!(database.execute(&change, ()), Ok(1));
    });
    let office = office.await;
    is_damaged(&office, "entry 1 of the journal").await;
    office.stage.hall.close().await;
}

/// One whose files say something else cannot be opened at all; it is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_whose_files_were_changed_is_named_as_damaged() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    published(&office, &pledge).await;
    drop(pledge);
    let office = changed(office, &folder, |database| {
        let name = "(SELECT sale_no FROM journal_sale WHERE sale_id = '_pledge.park-1')";
        database.execute_batch("DROP TRIGGER journal_file_update").unwrap();
        let change = format!("UPDATE journal_file SET bytes = X'78' WHERE sale_no = {name} AND name = 'terms.toml'");
        assert_eq!(database.execute(&change, ()), Ok(1));
    });
    let office = office.await;
    let (_, ready) = office.ask("", Method::GET, "/readyz", Value::Null).await;
    assert_eq!((&ready["ready"], &ready["sales"]["_pledge.park-1"]), (&json!(false), &json!("damaged")), "{ready}");
    office.stage.hall.close().await;
}

/// Entries were taken away that witnesses have seen; the rest was opened as if they had never been.
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_whose_journal_ends_before_its_signed_checkpoint_is_not_opened() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    send(&office, handover(&pledge, "e1")).await;
    published(&office, &pledge).await;
    let first = office.stage.hall.setting().store.read(pledge.log(), 0, 1, usize::MAX).await.unwrap();
    let chain = Head::EMPTY.after(&first).chain.0;
    drop(pledge);
    let office = changed(office, &folder, |database| {
        database.execute_batch("DROP TRIGGER journal_entry_delete; DROP TRIGGER head_update").unwrap();
        assert_eq!(database.execute(&format!("DELETE FROM journal_entry WHERE place = {PLACE} + 1"), ()), Ok(1));
        let head = format!("UPDATE head SET size = 1, chain = ?1 WHERE sale_no = {PLACE} >> 40");
        assert_eq!(database.execute(&head, (chain,)), Ok(1));
    });
    let office = office.await;
    is_damaged(&office, "signed checkpoint of size 2").await;
    office.stage.hall.close().await;
}

/// What came in the last second of a day waited behind sixty-four others, and was decided after the day had passed.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_before_a_day_ended_is_decided_before_what_the_day_brings() {
    let folder = Folder::new();
    let (office, _) = awarded(&folder).await;
    let pledge = open(&office).await;
    let due = pledge.shown().unwrap().look().record.opened().pledge.due().unwrap();
    let last = Instant::from_millis(due.millis() - 1000).unwrap();
    office.stage.clock.jump_to(last);
    let asks: Vec<_> = (0..80)
        .map(|number| {
            let body = handover(&pledge, &format!("e{number}"));
            let one = &body["signatures"][0];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let signatures = vec![(text(&one["key"]), text(&one["signature"]))];
            pledge.receive(Submission { command: text(&body["command"]), signatures }).unwrap()
        })
        .collect();
    let database = database(&folder);
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut answers = Vec::new();
    for received in asks {
        let pledge = Arc::clone(&pledge);
        answers.push(tokio::spawn(async move { pledge.ask(received).await }));
        if answers.len() == 1 {
            // It is decided alone, and waits for the store; the others wait behind it.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    office.stage.clock.jump_to(Instant::from_millis(due.millis() + 1000).unwrap());
    database.execute_batch("COMMIT").unwrap();
    for answer in answers {
        let Ok(Outcome::Entered(written)) = answer.await.unwrap() else { panic!("it is no entry") };
        assert_eq!(written.entry.at, last, "entry {}", written.entry.number);
    }
    soon(&pledge, |pledge| pledge.shown().unwrap().look().history.last().is_some_and(|past| past.by.is_empty())).await;
    office.stage.hall.close().await;
}
