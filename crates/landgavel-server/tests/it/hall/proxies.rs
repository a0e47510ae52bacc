//! Bids signed in advance, as the hall brings them.

use std::sync::Arc;
use std::time::Duration;

use landgavel_server::clock::Clock as _;
use landgavel_server::desk::intake::Submission;
use landgavel_server::desk::shown::Standing;
use landgavel_server::hall::{Hall, House, NotLodged};
use serde_json::{Map, Value, json};

use super::stage::{Folder, SALE, Stage, house, key, rulebook, setting};

fn bid(bidder: &str, amount: i64) -> Map<String, Value> {
    serde_json::from_value(json!({"do": "bid", "bidder": bidder, "amount": format!("{amount} 万元")})).unwrap()
}

fn signed(stage: &Stage, bidder: &str, amounts: impl IntoIterator<Item = i64>) -> Vec<Submission> {
    amounts.into_iter().map(|amount| stage.sign(bid(bidder, amount))).collect()
}

async fn lodge(stage: &Stage, bidder: &str, bids: Vec<Submission>) -> Result<Value, NotLodged> {
    stage.room.lodge(bidder, &key(bidder).public().to_string(), bids).await
}

/// Live bidding on the price, with A leading at 2300; the step is 20.
async fn live(stage: &Stage) {
    stage.play("2026-04-17T10:06:02+08:00").await;
    stage.published().await;
    stage.until(|_| stage.frame()["phase"]["name"] == "live").await;
}

fn leads(stage: &Stage, bidder: &str, amount: i64) -> bool {
    let best = stage.frame()["offers"][0].clone();
    best["code"] == bidder && best["amount"]["text"] == format!("{amount} 万元")
}

fn entries(stage: &Stage) -> u64 {
    stage.room.shown().unwrap().look().entries
}

/// Longer than the hall takes to look at everything that is lodged.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lodges_later_is_looked_at_at_once_too_and_bids_of_two_outbid_each_other() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    // A leads, so that what it lodges brings nothing, and no frame. That B lodged was seen only with the next frame,
    // which might not have come before the period ended.
    lodge(&stage, "A", signed(&stage, "A", [2340])).await.unwrap();
    a_while().await;
    lodge(&stage, "B", signed(&stage, "B", [2320])).await.unwrap();
    stage.until(|_| leads(&stage, "A", 2340)).await;
    a_while().await;
    // 2320 of B, 2340 of A, which is the cap, and none that was refused.
    let of = |code: &str| stage.room.own_frame(code).unwrap()["proxy"].clone();
    assert_eq!((&of("A")["left"], &of("B")["left"]), (&json!(0), &json!(0)));
    assert_eq!((&of("A")["refused"], &of("B")["refused"]), (&Value::Null, &Value::Null));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_would_refuse_is_never_brought() {
    let folder = Folder::new();
    let text = String::from_utf8(rulebook()).unwrap();
    let exact = text.replace(r#"by = "$price_step", mode = "multiple""#, r#"by = "$price_step", mode = "exact""#);
    assert_ne!(text, exact);
    let stage = Stage::under(&folder, exact.as_bytes()).await;
    stage.play("2026-04-08T09:00:01+08:00").await;
    stage.published().await;
    stage.until(|_| leads(&stage, "A", 1800)).await;
    let before = entries(&stage);
    // Where only the next step is legal, each of these stood in the record as refused.
    lodge(&stage, "B", signed(&stage, "B", [1830, 1870, 1890])).await.unwrap();
    a_while().await;
    assert_eq!((entries(&stage), stage.room.own_frame("B").unwrap()["proxy"]["left"].clone()), (before, json!(3)));
    lodge(&stage, "B", signed(&stage, "B", [1815, 1820, 1890])).await.unwrap();
    stage.until(|_| leads(&stage, "B", 1820)).await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_write_the_sale_keeps_no_bids() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    let store = stage.hall.setting().store.clone();
    let now = stage.clock.now().millis();
    while store.lease(stage.room.id()).await.unwrap().held.is_none_or(|(_, until)| until <= now) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = House { node: "node-2".to_owned(), ..house() };
    let second = Hall::open(setting(store, Arc::clone(&stage.clock)), second).await.unwrap();
    let room = second.room(SALE).unwrap();
    while room.standing() != Standing::Elsewhere {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let key = key("B").public().to_string();
    assert_eq!(room.lodge("B", &key, signed(&stage, "B", [2320])).await, Err(NotLodged::Elsewhere));
    assert_eq!(room.take_back("B").await, Err(NotLodged::Elsewhere));
    // What is lodged where the sale is written is not known here.
    assert_eq!(room.own_frame("B").unwrap().get("proxy"), None);
    second.close().await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_an_admitted_bidder_signed_for_this_stage_is_lodged() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    assert_eq!(lodge(&stage, "A", signed(&stage, "A", [2320])).await, Err(NotLodged::NotAdmitted));
    live(&stage).await;
    let refused = async |bids: Vec<Submission>, place: usize, why: &'static str| {
        assert_eq!(lodge(&stage, "B", bids).await, Err(NotLodged::Bid { place, why }));
    };
    // A wrong signature was found only when the bid was brought.
    let mut bids = signed(&stage, "B", [2320, 2340]);
    bids[1].signatures[0].1 = bids[0].signatures[0].1.clone();
    refused(bids, 1, "its signature is not valid").await;
    let mut bids = signed(&stage, "B", [2320]);
    let twice = bids[0].signatures[0].clone();
    bids[0].signatures.push(twice);
    refused(bids, 0, "expected exactly one signature").await;
    let mut long = bid("B", 2320);
    long.insert("note".to_owned(), json!("x".repeat(2048)));
    refused(vec![stage.sign(long)], 0, "it is longer than 2048 bytes").await;
    let named = |amount| {
        let mut named = bid("B", amount);
        named.insert("id".to_owned(), json!("one"));
        stage.sign(named)
    };
    refused(vec![named(2320), named(2340)], 1, "it has no id of its own").await;
    let mut other = bid("B", 2320);
    other.insert("stage".to_owned(), json!("tax"));
    refused(vec![stage.sign(other)], 0, "it is signed for a stage that does not run").await;
    refused(signed(&stage, "B", [2340, 2320]), 1, "expected the amounts in rising order").await;
    assert_eq!(stage.room.take_back("B").await, Err(NotLodged::Nothing));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_while_the_desk_was_down_is_not_brought_when_it_is_up_again() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    let connection = rusqlite::Connection::open(folder.store()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    // Storing fails, so the desk stops with the bid of B at it, undecided.
    connection
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON journal_entry BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    lodge(&stage, "B", signed(&stage, "B", [2320, 2340])).await.unwrap();
    stage.until(|room| matches!(room.standing(), Standing::Stopped { .. })).await;
    assert!(stage.room.take_back("B").await.is_ok());
    connection.execute_batch("DROP TRIGGER full").unwrap();
    stage.until(|room| room.standing() == Standing::Open).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(leads(&stage, "A", 2300), "{}", stage.frame()["offers"]);
    assert_eq!(stage.frame()["paused"], false);
    stage.hall.close().await;
}

/// The hall ends, and another process begins with the same store.
async fn again(stage: Stage, folder: &Folder) -> Stage {
    stage.hall.close().await;
    Stage::at(folder, stage.clock).await
}

/// Documents of proxy bids that are not erased, and all that were ever kept.
async fn in_the_vault(stage: &Stage) -> (usize, usize) {
    let documents = stage.hall.setting().store.documents("proxy", None, 100).await.unwrap();
    (documents.iter().filter(|document| document.erased_at_ms.is_none()).count(), documents.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lodged_outlives_a_restart_and_is_brought_once() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T09:00:01+08:00").await;
    stage.published().await;
    stage.until(|_| leads(&stage, "A", 1800)).await;
    lodge(&stage, "A", signed(&stage, "A", [1840, 1880])).await.unwrap();
    let own = stage.room.own_frame("A").unwrap()["proxy"].clone();
    let stage = again(stage, &folder).await;
    assert_eq!(stage.room.own_frame("A").unwrap()["proxy"], own);
    let (ids, bids) = (["b-1", "b-2"], [1820, 1860]);
    let by_b = |place: usize| {
        let mut bid = bid("B", bids[place]);
        bid.insert("id".to_owned(), json!(ids[place]));
        vec![stage.sign(bid)]
    };
    let later = by_b(1);
    lodge(&stage, "B", by_b(0)).await.unwrap();
    stage.until(|_| leads(&stage, "A", 1840)).await;
    a_while().await;
    let stood = entries(&stage);
    // Those that were brought are lodged still; after another restart none of them is an entry again.
    let stage = again(stage, &folder).await;
    a_while().await;
    assert_eq!((entries(&stage), in_the_vault(&stage).await), (stood, (2, 2)));
    lodge(&stage, "B", later).await.unwrap();
    stage.until(|_| leads(&stage, "A", 1880)).await;
    a_while().await;
    assert_eq!(entries(&stage), stood + 2);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_erased_and_no_restart_brings_it() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    lodge(&stage, "A", signed(&stage, "A", [2320])).await.unwrap();
    lodge(&stage, "A", signed(&stage, "A", [2340])).await.unwrap();
    // What was lodged before is gone already.
    assert_eq!(in_the_vault(&stage).await, (1, 2));
    stage.room.take_back("A").await.unwrap();
    assert_eq!(in_the_vault(&stage).await, (0, 2));
    let stage = again(stage, &folder).await;
    assert_eq!(stage.room.own_frame("A").unwrap()["proxy"], Value::Null);
    lodge(&stage, "B", signed(&stage, "B", [2320])).await.unwrap();
    stage.until(|_| leads(&stage, "B", 2320)).await;
    a_while().await;
    assert!(leads(&stage, "B", 2320), "{}", stage.frame()["offers"]);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_fails_is_told_and_what_it_did_not_erase_is_erased_when_asked_again() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    lodge(&stage, "A", signed(&stage, "A", [2340])).await.unwrap();
    let connection = rusqlite::Connection::open(folder.store()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER kept BEFORE UPDATE ON vault_document BEGIN SELECT RAISE(ABORT, 'no'); END;
             CREATE TRIGGER shut BEFORE INSERT ON vault_document BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    assert!(matches!(lodge(&stage, "B", signed(&stage, "B", [2320])).await, Err(NotLodged::Vault(_))));
    assert!(matches!(stage.room.take_back("A").await, Err(NotLodged::Vault(_))));
    assert_eq!(stage.room.own_frame("A").unwrap()["proxy"], Value::Null);
    connection.execute_batch("DROP TRIGGER kept; DROP TRIGGER shut").unwrap();
    assert_eq!(stage.room.take_back("A").await, Err(NotLodged::Nothing));
    assert_eq!(in_the_vault(&stage).await, (0, 1));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_stage_is_over_nothing_is_left_in_the_vault() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    live(&stage).await;
    lodge(&stage, "A", signed(&stage, "A", [2340])).await.unwrap();
    let stage = again(stage, &folder).await;
    stage.go_to(super::stage::time("2026-04-17T11:00:00+08:00")).await;
    while in_the_vault(&stage).await != (0, 1) {
        a_while().await;
    }
    stage.hall.close().await;
}
