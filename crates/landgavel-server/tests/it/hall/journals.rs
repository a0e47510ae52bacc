//! Journals that are not what was signed: somebody changed the database while the hall was down.

use std::sync::Arc;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::KeyKind;
use landgavel_log::tree::Hash;
use landgavel_record::record::{Trace, sha256};
use landgavel_server::clock::Clock as _;
use landgavel_server::desk::shown::Standing;
use landgavel_server::desk::{read_tape, recheck};
use landgavel_server::hall::{Hall, Room};
use landgavel_store::{Batch, Head, SaleId, Store};
use rusqlite::{Connection, params};
use serde_json::json;

use super::stage::{Folder, HOST, SALE, Stage, house, note_key, setting};

/// A copy of the sale's journal and shelf, changed by whoever knows how both are written.
async fn copied(
    stage: &Stage,
    folder: &Folder,
    change: impl Fn(usize, Vec<u8>) -> Vec<u8>,
    last_root: Option<Hash>,
) -> Store {
    let (from, sale) = (&stage.hall.setting().store, SaleId::parse(SALE).unwrap());
    let store = Store::open(&folder.store()).await.unwrap();
    store.create(&sale, from.files(&sale).await.unwrap()).await.unwrap();
    let fence = store.take(&sale, "forger", stage.clock.now().millis(), 30_000).await.unwrap().unwrap();
    let entries = from.read(&sale, 0, usize::MAX, usize::MAX).await.unwrap();
    let entries: Vec<Vec<u8>> = entries.into_iter().enumerate().map(|(number, entry)| change(number, entry)).collect();
    for some in entries.chunks(100) {
        store.append(&fence, store.head(&sale).await.unwrap(), Batch::of(some.to_vec())).await.unwrap();
    }
    let mut rows = from.shelf_scan(format!("sale/{SALE}/").as_bytes(), None, usize::MAX).await.unwrap();
    let tape = format!("sale/{SALE}/tape/");
    let first = |key: &[u8]| {
        let number = std::str::from_utf8(key).unwrap().strip_prefix(&tape)?;
        Some(usize::from_str_radix(number, 16).unwrap())
    };
    let firsts: Vec<usize> = rows.iter().filter_map(|(key, _)| first(key)).collect();
    for (key, row) in &mut rows {
        // A row of the tape ends with the digest over the entries up to it.
        if let Some(first) = first(key) {
            let end = firsts.iter().copied().find(|next| *next > first).unwrap_or(entries.len());
            row[1..33].copy_from_slice(&Head::EMPTY.after(&entries[..end]).chain.0);
        }
        store.shelf_put(key, Some(row)).await.unwrap();
    }
    let checkpoints = from.checkpoints(&sale, 0, usize::MAX).await.unwrap();
    for (place, checkpoint) in checkpoints.iter().enumerate() {
        let note = match last_root.filter(|_| place + 1 == checkpoints.len()) {
            None => checkpoint.note.clone(),
            Some(root) => {
                let origin = format!("{HOST}/sales/{SALE}");
                let key = note_key(HOST, KeyKind::Ed25519).named(&origin).unwrap();
                let forged = Checkpoint { origin, size: checkpoint.size, root, extensions: Vec::new() };
                forged.sign(&key).unwrap().to_string()
            }
        };
        store.publish(&fence, checkpoint.size, &note).await.unwrap();
    }
    store.release(&fence).await.unwrap();
    store
}

/// Opens a hall on a store; waits until its sale stands as expected.
async fn stands(stage: &Stage, store: Store, as_expected: impl Fn(&Standing) -> bool) -> (Arc<Hall>, Arc<Room>) {
    let hall = Hall::open(setting(store, Arc::clone(&stage.clock)), house()).await.unwrap();
    let room = hall.room(SALE).unwrap();
    while !as_expected(&room.standing()) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    (hall, room)
}

fn is_refused(standing: &Standing) -> bool {
    matches!(standing, Standing::Stopped { why, is_retried: false } if why.contains("signed checkpoint of size"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_whose_signed_checkpoint_is_not_of_its_journal_is_not_opened() {
    let (folder, same, forged) = (Folder::new(), Folder::new(), Folder::new());
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    stage.hall.close().await;
    // The copy itself is good.
    let good = copied(&stage, &same, |_, entry| entry, None).await;
    let (hall, _) = stands(&stage, good, |standing| *standing == Standing::Open).await;
    hall.close().await;
    let forged = copied(&stage, &forged, |_, entry| entry, Some(Hash([9; 32]))).await;
    let (hall, room) = stands(&stage, forged, is_refused).await;
    assert!(room.shown().is_none(), "it is shown");
    hall.close().await;
}

/// Tape and tiles agree with what was signed; an entry below them was exchanged.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_exchanged_under_the_tape_stops_the_sale() {
    const EXCHANGED: usize = 150;
    let (folder, forged) = (Folder::new(), Folder::new());
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    for _ in 0..280 {
        // Far below the start: refused, and an entry all the same.
        let bid = json!({"do": "bid", "bidder": "A", "amount": "1 万元"});
        stage.ask(serde_json::from_value(bid).unwrap()).await;
    }
    stage.published().await;
    stage.hall.close().await;
    let exchange = |number: usize, entry: Vec<u8>| {
        let text = String::from_utf8(entry).unwrap();
        let changed = if number == EXCHANGED { text.replacen("1 万元", "9 万元", 1) } else { text.clone() };
        assert_eq!(changed == text, number != EXCHANGED, "{text}");
        changed.into_bytes()
    };
    let store = copied(&stage, &forged, exchange, None).await;
    let (hall, _) = stands(&stage, store.clone(), is_refused).await;
    hall.close().await;

    // Without a signature over them, the digest that the store keeps tells.
    let sale = SaleId::parse(SALE).unwrap();
    let good = stage.hall.setting().store.clone();
    let head = good.head(&sale).await.unwrap();
    let root = stage.room.shown().unwrap().look().published.as_ref().unwrap().tree.root();
    assert_eq!(recheck(good.clone(), sale.clone(), head, root, None).await, Ok(()));
    let why = recheck(store, sale.clone(), head, root, None).await.unwrap_err();
    assert!(why.contains("not those of the digest"), "{why}");
    // Nor may the desk have gone on with another tree.
    let why = recheck(good, sale, head, Hash([9; 32]), None).await.unwrap_err();
    assert!(why.contains("do not make the tree"), "{why}");
}

/// Takes entries off the end of the sale's journal, as whoever holds the file can; the shelf stays as it is.
fn cut(folder: &Folder, entries: &[Vec<u8>]) {
    let connection = Connection::open(folder.store()).unwrap();
    let triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
    let triggers: Vec<(String, String)> = {
        let mut select = connection.prepare(triggers).unwrap();
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    for (name, _) in &triggers {
        connection.execute(&format!("DROP TRIGGER {name}"), []).unwrap();
    }
    let sale: i64 =
        connection.query_row("SELECT sale_no FROM journal_sale WHERE sale_id = ?", [SALE], |row| row.get(0)).unwrap();
    let head = Head::EMPTY.after(entries);
    let first = (sale << 40) + i64::try_from(head.size).unwrap();
    let last = (sale + 1) << 40;
    connection.execute("DELETE FROM journal_entry WHERE place >= ? AND place < ?", params![first, last]).unwrap();
    let chain = head.chain.0.to_vec();
    connection
        .execute("UPDATE head SET size = ?, chain = ? WHERE sale_no = ?", params![head.size, chain, sale])
        .unwrap();
    for (_, sql) in &triggers {
        connection.execute(sql, []).unwrap();
    }
}

async fn rows_of_tape(store: &Store) -> Vec<(Vec<u8>, Vec<u8>)> {
    store.shelf_scan(format!("sale/{SALE}/tape/").as_bytes(), None, usize::MAX).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_cut_below_its_signed_checkpoint_is_not_opened() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let store = stage.hall.setting().store.clone();
    let entries = store.read(&SaleId::parse(SALE).unwrap(), 0, usize::MAX, usize::MAX).await.unwrap();
    let last_row = rows_of_tape(&store).await.pop().unwrap().0;
    let last_row = std::str::from_utf8(&last_row).unwrap().rsplit('/').next().unwrap();
    let last_row = usize::from_str_radix(last_row, 16).unwrap();
    stage.hall.close().await;
    // Cut where a row of the tape begins, so that the rest of it fits; then once more, and the tape is gone.
    cut(&folder, &entries[..last_row]);
    let (hall, room) = stands(&stage, store.clone(), is_refused).await;
    assert!(room.shown().is_none(), "it is shown");
    hall.close().await;
    landgavel_server::desk::clear_shelf(&store, room.id()).await.unwrap();
    cut(&folder, &entries[..last_row - 1]);
    let (hall, _) = stands(&stage, store, is_refused).await;
    hall.close().await;
}

/// Damage of what is made again from the journal is none of the sale.
#[tokio::test(flavor = "multi_thread")]
async fn a_tape_or_tile_that_is_damaged_is_made_again() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    for _ in 0..300 {
        let bid = json!({"do": "bid", "bidder": "A", "amount": "1 万元"});
        stage.ask(serde_json::from_value(bid).unwrap()).await;
    }
    let (setting, id, foundation) = (stage.hall.setting(), stage.room.id(), stage.room.foundation());
    let store = &setting.store;

    // A full tile that no checkpoint covers yet.
    let tile = format!("sale/{SALE}/tile/0/000").into_bytes();
    let good = store.shelf_get(&tile).await.unwrap().unwrap();
    let mut damaged = good.clone();
    damaged[0] ^= 1;
    store.shelf_put(&tile, Some(&damaged)).await.unwrap();
    assert!(read_tape(setting, id, foundation).await.unwrap().is_none());
    store.shelf_put(&tile, Some(&good)).await.unwrap();
    stage.published().await;
    let expected = read_tape(setting, id, foundation).await.unwrap().unwrap().book.record().sale().clone();

    // Every byte of a row in turn: it is noticed before anything is believed. (What the row says of the journal counts at
    // the end of the tape alone.)
    let rows = rows_of_tape(store).await;
    let whole = |traces: &[u8]| traces.first() == Some(&0);
    let (place, row) = rows.iter().find(|(_, row)| !whole(&row[65..])).unwrap();
    for at in std::iter::once(0).chain(33..row.len()) {
        let mut damaged = row.clone();
        damaged[at] ^= 1;
        store.shelf_put(place, Some(&damaged)).await.unwrap();
        assert!(read_tape(setting, id, foundation).await.unwrap().is_none(), "byte {at}");
    }
    store.shelf_put(place, Some(row)).await.unwrap();

    // A tape that is whole and tells something else: an application that was taken is called refused.
    let (place, row) = &rows[1];
    let (trace, rest) = Trace::read(&row[65..]).unwrap();
    assert_eq!(trace, Trace::Whole);
    let mut traces = Vec::new();
    Trace::Refused { at: stage.clock.now(), id: 0 }.write(&mut traces);
    traces.extend(rest);
    let mut forged = row[..33].to_vec();
    forged.extend(sha256(&traces).0);
    forged.extend(traces);
    store.shelf_put(place, Some(&forged)).await.unwrap();
    assert!(read_tape(setting, id, foundation).await.unwrap().is_none());
    stage.hall.close().await;
    let (hall, room) = stands(&stage, store.clone(), |standing| *standing == Standing::Open).await;
    assert_eq!(room.shown().unwrap().look().sale, expected);
    hall.close().await;
    // It was made again.
    assert!(read_tape(setting, id, foundation).await.unwrap().is_some());
}

/// A checkpoint that somebody put where the desk's own would come is not taken for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_another_root_in_place_of_the_desks_own_stops_the_sale() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let (size, root) = (stage.room.shown().unwrap().look().entries + 1, Hash([9; 32]));
    let origin = format!("{HOST}/sales/{SALE}");
    let key = note_key(HOST, KeyKind::Ed25519).named(&origin).unwrap();
    let note = Checkpoint { origin, size, root, extensions: Vec::new() }.sign(&key).unwrap().to_string();
    let connection = Connection::open(folder.store()).unwrap();
    let insert = "INSERT INTO journal_checkpoint (sale_no, size, note)
        SELECT sale_no, ?, ? FROM journal_sale WHERE sale_id = ?";
    assert_eq!(connection.execute(insert, params![size, note, SALE]).unwrap(), 1);
    let bid = json!({"do": "bid", "bidder": "A", "amount": "1 万元"});
    stage.ask(serde_json::from_value(bid).unwrap()).await;
    assert_eq!(stage.room.shown().unwrap().look().entries, size);
    let later = stage.clock.now().millis() + 1000;
    stage.clock.jump_to(landgavel_base::Instant::from_millis(later).unwrap());
    stage.until(|room| is_refused(&room.standing())).await;
    stage.hall.close().await;
}
