//! Journals that are not what was signed: somebody changed the database while the hall was down.

use std::sync::Arc;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::KeyKind;
use landgavel_log::tree::Hash;
use landgavel_server::clock::Clock as _;
use landgavel_server::desk::recheck;
use landgavel_server::desk::shown::Standing;
use landgavel_server::hall::{Hall, Room};
use landgavel_store::{Batch, Head, SaleId, Store};
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
    let head = stage.hall.setting().store.head(&sale).await.unwrap();
    assert_eq!(recheck(stage.hall.setting().store.clone(), sale.clone(), head, None).await, Ok(()));
    let why = recheck(store, sale, head, None).await.unwrap_err();
    assert!(why.contains("not those of the digest"), "{why}");
}
