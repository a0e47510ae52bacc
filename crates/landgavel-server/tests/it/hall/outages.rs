//! Outages: restarts, stores that stall or fail. Nothing acknowledged is lost, and no sale ends in one.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use landgavel_base::Instant;
use landgavel_sale::Status;
use landgavel_server::clock::{Clock as _, PacedClock};
use landgavel_server::desk::shown::{Standing, State};
use landgavel_server::desk::{NotAnswered, Outcome, clear_shelf, read_back, read_journal, read_tape};
use landgavel_server::hall::Room;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::stage::{Folder, Stage, key, time};

fn bid(bidder: &str, amount: &str) -> Map<String, Value> {
    serde_json::from_value(json!({"do": "bid", "bidder": bidder, "amount": amount})).unwrap()
}

fn entered(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Entered(written) if written.entry.result.is_ok() => written.entry.number,
        other => panic!("not entered: {other:?}"),
    }
}

/// The store's files as a crash would leave them.
fn crashed(folder: &Folder) -> Folder {
    let copy = Folder::new();
    for file in fs::read_dir(&folder.0).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.0.join(file.file_name())).unwrap();
    }
    copy
}

/// Another program that holds the database, so that the hall cannot store.
fn holding(folder: &Folder) -> Connection {
    let connection = Connection::open(folder.store()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

fn closes_ms(stage: &Stage) -> Option<i64> {
    stage.room.shown().unwrap().look().sale.period()?.closes.map(Instant::millis)
}

/// Live bidding on the price, with A leading; the countdown of five minutes runs.
async fn live(folder: &Folder) -> Stage {
    let stage = Stage::set(folder).await;
    stage.play("2026-04-17T10:06:02+08:00").await;
    stage.published().await;
    stage.until(|_| stage.frame()["phase"]["name"] == "live").await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_reads_everything_back() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let before = stage.room.shown().unwrap().look().sale.clone();
    let entries = stage.room.shown().unwrap().look().entries;
    let at = stage.clock.now();
    stage.hall.close().await;
    let again = Stage::at(&folder, Arc::new(PacedClock::new(at, 0))).await;
    let shown = again.room.shown().unwrap();
    assert_eq!((shown.look().entries, &shown.look().sale), (entries, &before));
    again.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_from_the_tape_and_one_from_the_journal_give_the_same() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-16T17:00:00+08:00").await;
    stage.published().await;
    // Enough bids and refusals for several full tiles, and some more that no checkpoint covers.
    for number in 0..600 {
        let amount = if number % 2 == 0 { "1 万元" } else { "1800 万元" };
        stage.room.ask(stage.sign(bid("A", amount))).await.unwrap();
    }
    stage.published().await;
    stage.room.ask(stage.sign(bid("A", "2300 万元"))).await.unwrap();
    let (setting, id) = (stage.hall.setting(), stage.room.id());
    let foundation = stage.room.foundation();
    let tape = read_tape(setting, id, foundation).await.unwrap().expect("the tape fits");
    let journal = read_journal(setting, id, foundation).await.unwrap();
    assert_eq!(tape.head, journal.head);
    assert_eq!(tape.book.record().sale(), journal.book.record().sale());
    assert_eq!(tape.book.record().size(), journal.book.record().size());
    assert_eq!(tape.book.record().last(), journal.book.record().last());
    assert_eq!(tape.book.tiles(), journal.book.tiles());
    let text = key("A").public().to_string();
    for number in 0..stage.room.shown().unwrap().look().entries {
        let id = format!("{number:06}");
        let found = [&tape, &journal].map(|back| back.book.record().entry_with_id(&text, &id));
        assert_eq!(found[0], found[1], "{id}");
    }
    {
        let (a, b) = (tape.shown.look(), journal.shown.look());
        assert_eq!((a.entries, &a.enrolled, &a.sale), (b.entries, &b.enrolled, &b.sale));
        let past = |state: &State| {
            state.history.iter().map(|past| (past.entry, past.stage, past.event.clone())).collect::<Vec<_>>()
        };
        assert_eq!(past(&a), past(&b));
        let trees = [&a, &b]
            .map(|state| state.published.as_ref().map(|published| (published.tree.size(), published.tree.root())));
        assert_eq!(trees[0], trees[1]);
    }
    // Reading the journal wrote the tape anew, in another cut; a tape that is cut short is not used.
    assert!(read_tape(setting, id, foundation).await.unwrap().is_some());
    let rows = setting.store.shelf_scan(format!("sale/{id}/tape/").as_bytes(), None, 10).await.unwrap();
    let (place, row) = rows.last().unwrap();
    setting.store.shelf_put(place, Some(&row[..row.len() - 1])).await.unwrap();
    assert!(read_tape(setting, id, foundation).await.unwrap().is_none());
    clear_shelf(&setting.store, id).await.unwrap();
    assert!(read_tape(setting, id, foundation).await.unwrap().is_none());
    let again = read_back(setting, id, foundation).await.unwrap();
    assert_eq!(again.book.record().sale(), journal.book.record().sale());
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_a_countdown_pauses_the_sale_and_gives_the_full_period_back() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let crash = crashed(&folder);
    let crashed_at = stage.clock.now();
    // Ten minutes later: the countdown would have ended five minutes ago.
    let back = time("2026-04-17T10:16:30+08:00");
    let again = Stage::at(&crash, Arc::new(PacedClock::new(back, 0))).await;
    again.until(|room| room.shown().unwrap().look().sale.is_paused()).await;
    {
        let shown = again.room.shown().unwrap();
        let state = shown.look();
        assert!(matches!(state.sale.status(), Status::Running(_)), "{:?}", state.sale.status());
        let paused = state.sale.paused_at().unwrap();
        // The last moment at which the hall is known to have worked; its heart beats by the machine's clock.
        let last_bid = time("2026-04-17T10:06:00+08:00");
        assert!(paused >= last_bid && paused <= crashed_at, "paused at {}", paused.millis());
        let evidence = state.paused_for.clone().unwrap();
        assert!(evidence.contains("\"cause\":\"restart\""), "{evidence}");
    }
    again.until(|_| again.frame()["paused"] == true).await;
    assert_eq!(again.frame()["paused_why"]["en"], "The hall was down and is back");
    // It goes on after bidders had time to come back, and everybody has all five minutes.
    let resumes = Instant::from_millis(back.millis() + 10_000).unwrap();
    again.clock.jump_to(resumes);
    again.until(|room| !room.shown().unwrap().look().sale.is_paused()).await;
    assert_eq!(closes_ms(&again), Some(resumes.millis() + 300_000));
    again.published().await;
    let outcome = again.ask(bid("B", "2320 万元")).await;
    entered(&outcome);
    again.hall.close().await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_restart_in_which_nothing_fell_due_pauses_nothing() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let crash = crashed(&folder);
    let closes = closes_ms(&stage);
    let back = Instant::from_millis(stage.clock.now().millis() + 5_000).unwrap();
    let again = Stage::at(&crash, Arc::new(PacedClock::new(back, 0))).await;
    assert!(!again.room.shown().unwrap().look().sale.is_paused());
    assert_eq!(closes_ms(&again), closes);
    again.hall.close().await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_or_shown_before_it_is_stored() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let entries = stage.room.shown().unwrap().look().entries;
    let submission = stage.sign(bid("B", "2320 万元"));
    let held = holding(&folder);
    let room = Arc::clone(&stage.room);
    let mut asked = tokio::spawn(async move { room.ask(submission).await });
    let waited = tokio::time::timeout(Duration::from_millis(700), &mut asked).await;
    assert!(waited.is_err(), "answered before it was stored");
    assert_eq!(stage.room.shown().unwrap().look().entries, entries);
    assert_eq!(stage.room.frames().borrow().entries, entries);
    held.execute_batch("ROLLBACK").unwrap();
    let outcome = asked.await.unwrap().unwrap();
    assert_eq!(entered(&outcome), entries);
    let stored = stage.hall.setting().store.read(stage.room.id(), entries, 1, usize::MAX).await.unwrap();
    assert_eq!(stored.len(), 1);
    stage.hall.close().await;
}

/// The store does not answer for so long, by the machine's time, and meanwhile the countdown would have ended.
async fn stall(stage: &Stage, folder: &Folder) {
    let held = holding(folder);
    // A heartbeat waits by now, if nothing else does.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    stage.clock.jump_to(Instant::from_millis(stage.clock.now().millis() + 360_000).unwrap());
    tokio::time::sleep(Duration::from_millis(2500)).await;
    held.execute_batch("ROLLBACK").unwrap();
}

async fn is_paused_as_stalled(stage: &Stage) {
    let is_over = |state: &State| state.sale.is_paused() || !matches!(state.sale.status(), Status::Running(_));
    stage.until(|room| is_over(&room.shown().unwrap().look())).await;
    let shown = stage.room.shown().unwrap();
    let state = shown.look();
    assert!(matches!(state.sale.status(), Status::Running(_)), "{:?}", state.sale.status());
    let evidence = state.paused_for.clone().unwrap();
    assert!(evidence.contains("\"cause\":\"stalled\"") && evidence.contains("\"stood_ms\":"), "{evidence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stalls_in_a_countdown_pauses_the_sale() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let submission = stage.sign(bid("B", "2320 万元"));
    let room = Arc::clone(&stage.room);
    let asked = tokio::spawn(async move { room.ask(submission).await });
    stall(&stage, &folder).await;
    entered(&asked.await.unwrap().unwrap());
    is_paused_as_stalled(&stage).await;
    stage.hall.close().await;
}

/// They were refused because the sale was paused when their turn came.
#[tokio::test(flavor = "multi_thread")]
async fn bids_that_came_before_a_store_stalled_are_decided_before_the_pause() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let held = holding(&folder);
    // A heartbeat waits for the store, and they wait for it.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let mut asked = Vec::new();
    for (bidder, amount) in [("B", "2320 万元"), ("A", "2340 万元")] {
        let (room, submission) = (Arc::clone(&stage.room), stage.sign(bid(bidder, amount)));
        asked.push(tokio::spawn(async move { room.ask(submission).await }));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.clock.jump_to(Instant::from_millis(stage.clock.now().millis() + 360_000).unwrap());
    tokio::time::sleep(Duration::from_millis(2500)).await;
    held.execute_batch("ROLLBACK").unwrap();
    for task in asked {
        entered(&task.await.unwrap().unwrap());
    }
    is_paused_as_stalled(&stage).await;
    stage.hall.close().await;
}

/// A heartbeat alone waited for the store, and what fell due meanwhile ended the sale.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stalls_while_nobody_bids_pauses_the_sale() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    stall(&stage, &folder).await;
    is_paused_as_stalled(&stage).await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stalls_while_nothing_falls_due_pauses_nothing() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let held = holding(&folder);
    tokio::time::sleep(Duration::from_millis(4500)).await;
    held.execute_batch("ROLLBACK").unwrap();
    entered(&stage.ask(bid("B", "2320 万元")).await);
    assert!(!stage.room.shown().unwrap().look().sale.is_paused());
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_stops_the_desk_visibly_and_asking_again_enters_once() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let entries = stage.room.shown().unwrap().look().entries;
    let saboteur = Connection::open(folder.store()).unwrap();
    saboteur
        .execute_batch("CREATE TRIGGER broken BEFORE INSERT ON journal_entry BEGIN SELECT raise(ABORT, 'no'); END")
        .unwrap();
    let submission = stage.sign(bid("B", "2320 万元"));
    assert_eq!(stage.room.ask(submission.clone()).await, Err(NotAnswered::Stopped));
    stage.until(|room| matches!(room.standing(), Standing::Stopped { is_retried: true, .. })).await;
    stage.until(|_| stage.frame()["status"] == "stopped").await;
    assert_eq!(stage.room.ask(submission.clone()).await, Err(NotAnswered::Stopped));
    saboteur.execute_batch("DROP TRIGGER broken").unwrap();
    stage.until(|room| room.standing() == Standing::Open).await;
    let first = loop {
        match stage.room.ask(submission.clone()).await {
            Ok(outcome) => break outcome,
            Err(NotAnswered::Stopped) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(entered(&first), entries);
    assert_eq!(stage.room.ask(submission).await, Ok(Outcome::Before(entries)));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_wait_the_next_is_told_so_and_nothing_that_was_taken_is_lost() {
    let folder = Folder::new();
    let stage = Arc::new(live(&folder).await);
    // Refused bids: each is an entry all the same.
    let submissions: Vec<_> = (0..6000).map(|_| stage.sign(bid("B", "1 万元"))).collect();
    let held = holding(&folder);
    let asked: Vec<_> = submissions
        .into_iter()
        .map(|submission| {
            let room = Arc::clone(&stage.room);
            tokio::spawn(async move { room.ask(submission).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    // What nobody signed is no bid that was turned away: else anybody could pause a sale with garbage.
    let mut garbage = stage.sign(bid("B", "1 万元"));
    garbage.signatures[0].1 = "AAAA".to_owned();
    let answered = stage.room.ask(garbage).await;
    assert!(matches!(answered, Err(NotAnswered::NotReceived(_))), "{answered:?}");
    held.execute_batch("ROLLBACK").unwrap();
    let (mut numbers, mut busy) = (Vec::new(), 0);
    for task in asked {
        match task.await.unwrap() {
            Ok(Outcome::Entered(written)) => numbers.push(written.entry.number),
            Err(NotAnswered::Busy) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(busy > 0, "nobody was told that too many wait");
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
    let entries = stage.room.shown().unwrap().look().entries;
    assert!(numbers.last().is_some_and(|last| *last < entries));
    // Whoever was turned away had no part in the period: it is given again.
    stage.until(|room| room.shown().unwrap().look().sale.is_paused()).await;
    let evidence = stage.room.shown().unwrap().look().paused_for.clone().unwrap();
    assert!(evidence.contains("\"cause\":\"intake_errors\"") && evidence.contains("\"failed\":"), "{evidence}");
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_forward_in_a_countdown_ends_nothing_and_the_period_is_given_again() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let before = stage.clock.now().millis();
    stage.clock.step_to(Instant::from_millis(before + 3_600_000).unwrap());
    stage.until(|room| room.shown().unwrap().look().sale.is_paused()).await;
    let evidence = stage.room.shown().unwrap().look().paused_for.clone().unwrap();
    assert!(evidence.contains("\"cause\":\"clock_step\""), "{evidence}");
    assert!(evidence.contains(&format!("\"from_ms\":{before},\"to_ms\":{}", before + 3_600_000)), "{evidence}");
    stage.clock.jump_to(Instant::from_millis(before + 3_610_000).unwrap());
    stage.until(|room| !room.shown().unwrap().look().sale.is_paused()).await;
    let closes = closes_ms(&stage).unwrap();
    assert_eq!(closes, before + 3_610_000 + 300_000);
    stage.hall.close().await;
}

/// Only the last step was looked at: the first, in which the countdown would have ended, was forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_steps_of_the_clock_at_once_the_first_counts_too() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let before = stage.clock.now().millis();
    let held = holding(&folder);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    for ms in [600_000, 605_000] {
        stage.clock.step_to(Instant::from_millis(before + ms).unwrap());
    }
    held.execute_batch("ROLLBACK").unwrap();
    stage.until(|room| room.shown().unwrap().look().sale.is_paused()).await;
    let evidence = stage.room.shown().unwrap().look().paused_for.clone().unwrap();
    assert!(evidence.contains(&format!("\"from_ms\":{before},\"to_ms\":{}", before + 605_000)), "{evidence}");
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_step_of_the_clock_in_which_nothing_fell_due_pauses_nothing() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    stage.clock.step_to(Instant::from_millis(stage.clock.now().millis() + 5_000).unwrap());
    entered(&stage.ask(bid("B", "2320 万元")).await);
    assert!(!stage.room.shown().unwrap().look().sale.is_paused());
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_lost_its_lease_writes_no_more() {
    let folder = Folder::new();
    let stage = live(&folder).await;
    let entries = stage.room.shown().unwrap().look().entries;
    let store = &stage.hall.setting().store;
    // Another node takes the sale when the lease has lapsed by its clock.
    let later = stage.clock.now().millis() + 60_000;
    let fence = store.take(stage.room.id(), "node-2", later, 10_000).await.unwrap();
    assert!(fence.is_some());
    let submission = stage.sign(bid("B", "2320 万元"));
    assert_eq!(stage.room.ask(submission).await, Err(NotAnswered::Stopped));
    stage.until(|room| room.standing() == Standing::Elsewhere).await;
    assert_eq!(store.head(stage.room.id()).await.unwrap().size, entries);
    stage.hall.close().await;
}

/// Witnesses whose checkpoints are never stored, which is as if they did not answer.
fn silenced(folder: &Folder) -> Connection {
    let connection = Connection::open(folder.store()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    let silence = "CREATE TRIGGER silent BEFORE INSERT ON journal_checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END";
    connection.execute_batch(silence).unwrap();
    connection
}

fn later(stage: &Stage, ms: i64) {
    stage.clock.jump_to(Instant::from_millis(stage.clock.now().millis() + ms).unwrap());
}

/// The listing of the price, which runs for days, with a bid that no witness has seen.
async fn unwitnessed(folder: &Folder) -> (Stage, Connection, Instant) {
    let stage = Stage::set(folder).await;
    stage.play("2026-04-08T09:00:01+08:00").await;
    stage.published().await;
    let silence = silenced(folder);
    let bidden = stage.clock.now();
    entered(&stage.ask(bid("B", "1820 万元")).await);
    (stage, silence, bidden)
}

/// Half of what the notices of these tests bear.
const HALF_MS: i64 = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn when_witnesses_are_silent_for_half_of_what_the_notice_bears_the_sale_pauses_until_they_answer() {
    let folder = Folder::new();
    let (stage, silence, bidden) = unwitnessed(&folder).await;
    // A beat of the desk's heart passes, and nothing happens.
    later(&stage, HALF_MS - 1);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(stage.frame()["paused"], false);
    later(&stage, 1);
    stage.until(|_| stage.frame()["paused"] == true).await;
    let evidence = stage.room.shown().unwrap().look().paused_for.clone().unwrap();
    let said = format!("\"unwitnessed_since_ms\":{}", bidden.millis());
    assert!(evidence.contains("\"cause\":\"unwitnessed\"") && evidence.contains(&said), "{evidence}");
    // It does not go on by itself while they are silent.
    later(&stage, 10_000);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(stage.frame()["paused"], true);
    let entries = stage.room.shown().unwrap().look().entries;
    silence.execute_batch("DROP TRIGGER silent").unwrap();
    let seen = |room: &Room| room.shown().unwrap().look().published.as_ref().unwrap().tree.size();
    stage.until(|room| seen(room) >= entries).await;
    later(&stage, 10_000);
    stage.until(|_| stage.frame()["paused"] == false).await;
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_may_let_a_sale_go_on_without_witnesses() {
    let folder = Folder::new();
    let (stage, _silence, _) = unwitnessed(&folder).await;
    later(&stage, HALF_MS);
    stage.until(|_| stage.frame()["paused"] == true).await;
    entered(&stage.ask(serde_json::from_value(json!({"do": "resume"})).unwrap()).await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!stage.room.shown().unwrap().look().sale.is_paused());
    stage.hall.close().await;
}

/// What waited for witnesses before a restart waits after it, from when it was entered.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_sale_does_not_go_on_before_its_witnesses_answer() {
    let folder = Folder::new();
    let (stage, _silence, _) = unwitnessed(&folder).await;
    later(&stage, HALF_MS);
    stage.until(|room| room.shown().unwrap().look().sale.is_paused()).await;
    let copy = crashed(&folder);
    let clock = Arc::new(PacedClock::new(stage.clock.now(), 0));
    stage.hall.close().await;
    let stage = Stage::at(&copy, clock).await;
    later(&stage, 10_000);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(stage.room.shown().unwrap().look().sale.is_paused());
    let copied = Connection::open(copy.store()).unwrap();
    copied.busy_timeout(Duration::from_secs(5)).unwrap();
    copied.execute_batch("DROP TRIGGER silent").unwrap();
    while stage.room.shown().unwrap().look().sale.is_paused() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        later(&stage, 5_000);
    }
    stage.hall.close().await;
}
