//! The journal.

use super::{LONG_MS, NOW_MS, Place, all, batch, begun, sale};
use crate::fault::Fault;
use crate::journal::{AppendError, Batch, Checkpoint, CreateError, Head, MAX_ENTRY, PublishError};
use crate::name::SaleId;

/// A sale is created once; again with the same files is no error, with others it is refused.
pub async fn a_sale_is_created_once(place: &impl Place) {
    let store = place.open().await;
    let (one, two) = (sale("one"), sale("two"));
    let files = vec![("rulebook.toml".to_owned(), b"rules".to_vec()), ("lot.toml".to_owned(), vec![0, 255])];
    store.create(&one, files.clone()).await.unwrap();
    store.create(&two, Vec::new()).await.unwrap();
    store.create(&one, files.iter().rev().cloned().collect()).await.unwrap();
    let others = vec![("rulebook.toml".to_owned(), b"other rules".to_vec())];
    assert_eq!(store.create(&one, others).await, Err(CreateError::Exists));
    assert_eq!(store.create(&one, Vec::new()).await, Err(CreateError::Exists));
    let twice = vec![files[0].clone(), files[0].clone()];
    assert!(matches!(store.create(&sale("three"), twice).await, Err(CreateError::Fault(Fault::Limit { .. }))));

    let sorted = vec![files[1].clone(), files[0].clone()];
    assert_eq!(store.files(&one).await.unwrap(), sorted);
    assert_eq!(store.sales().await.unwrap(), [(one, Head::EMPTY), (two, Head::EMPTY)]);
}

/// What is asked of a sale that is not there is answered with its name.
pub async fn an_unknown_sale_is_named(place: &impl Place) {
    let store = place.open().await;
    let gone = sale("gone");
    let fault = Fault::NoSuchSale { sale: "gone".to_owned() };
    assert_eq!(store.head(&gone).await, Err(fault.clone()));
    assert_eq!(store.files(&gone).await, Err(fault.clone()));
    assert_eq!(store.read(&gone, 0, 1, 1).await, Err(fault.clone()));
    assert_eq!(store.checkpoints(&gone, 0, 1).await, Err(fault.clone()));
    assert_eq!(store.latest_checkpoint(&gone).await, Err(fault.clone()));
    assert_eq!(store.take(&gone, "a", NOW_MS, LONG_MS).await, Err(fault.clone()));
    assert_eq!(store.lease(&gone).await, Err(fault.clone()));
    assert_eq!(store.watch(&gone).await.unwrap_err(), fault);
}

/// Entries come back as they were given, whatever bytes they hold.
pub async fn entries_come_back_byte_for_byte(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let largest = vec![7; MAX_ENTRY];
    let given: [&[u8]; 5] = [b"", b"\0", b"one", &[0xff; 300], &largest];
    let head = store.append(&fence, Head::EMPTY, batch(&given[..2])).await.unwrap();
    let head = store.append(&fence, head, batch(&given[2..])).await.unwrap();
    assert_eq!(head, Head::EMPTY.after(&given));
    assert_eq!(all(&store, &sale).await, given);
    // An append of nothing leaves the head where it is.
    assert_eq!(store.append(&fence, head, Batch::default()).await, Ok(head));
}

/// Who expects another head is told the head, and nothing of the batch is written, on the shelf neither.
pub async fn a_moved_head_writes_nothing(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let head = store.append(&fence, Head::EMPTY, batch(&[b"a", b"b"])).await.unwrap();
    let other_bytes = Head::EMPTY.after(&[b"a", b"x"]);
    for expected in [Head::EMPTY, other_bytes, head.after(&[b"c"])] {
        let late = Batch { entries: vec![b"late".to_vec()], shelf: vec![(b"late".to_vec(), Some(b"1".to_vec()))] };
        assert_eq!(store.append(&fence, expected, late).await, Err(AppendError::Moved { head }));
    }
    assert_eq!(all(&store, &sale).await, [b"a", b"b"]);
    assert_eq!(store.shelf_get(b"late").await.unwrap(), None);
}

/// Of many appends that expect the same head one is taken.
pub async fn one_of_many_appends_at_one_head_wins(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let tries: Vec<_> = (0..16u8)
        .map(|writer| {
            let (store, fence) = (store.clone(), fence.clone());
            tokio::spawn(async move { store.append(&fence, Head::EMPTY, batch(&[&[writer]])).await })
        })
        .collect();
    let mut won = Vec::new();
    for (writer, task) in (0u8..).zip(tries) {
        match task.await.unwrap() {
            Ok(head) => won.push((writer, head)),
            Err(AppendError::Moved { head }) => assert_eq!(head.size, 1),
            Err(error) => panic!("{error:?}"),
        }
    }
    let [(writer, head)] = won[..] else { panic!("{won:?}") };
    assert_eq!(all(&store, &sale).await, [[writer]]);
    assert_eq!(store.head(&sale).await.unwrap(), head);
}

/// Sales don't disturb each other: what is refused in one leaves the others' appends of the same moment.
pub async fn sales_are_independent(place: &impl Place) {
    let store = place.open().await;
    let mut tasks = Vec::new();
    for name in 0..8 {
        let (_, fence) = begun(&store, &format!("sale-{name}")).await;
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut head = Head::EMPTY;
            for round in 0..20u8 {
                let stale = Head { size: head.size + 1, ..head };
                let (good, bad) = tokio::join!(
                    store.append(&fence, head, batch(&[&[round], &[round, round]])),
                    store.append(&fence, stale, batch(&[b"never"])),
                );
                head = good.unwrap();
                // The second may have met the first half done: then the head was one it did not expect too.
                assert!(matches!(bad, Err(AppendError::Moved { .. })), "{bad:?}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for name in 0..8 {
        let entries = all(&store, &sale(&format!("sale-{name}"))).await;
        let expected: Vec<Vec<u8>> = (0..20u8).flat_map(|round| [vec![round], vec![round, round]]).collect();
        assert_eq!(entries, expected);
    }
}

/// An entry, a batch and a note above the limits are refused, with nothing written.
pub async fn limits_are_kept(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let too_large = vec![0; MAX_ENTRY + 1];
    let refused = store.append(&fence, Head::EMPTY, batch(&[b"small", &too_large])).await;
    assert!(matches!(refused, Err(AppendError::Fault(Fault::Limit { .. }))), "{refused:?}");
    let many = Batch::of(vec![Vec::new(); crate::journal::MAX_BATCH_ENTRIES + 1]);
    let refused = store.append(&fence, Head::EMPTY, many).await;
    assert!(matches!(refused, Err(AppendError::Fault(Fault::Limit { .. }))), "{refused:?}");
    let note = "x".repeat(crate::journal::MAX_NOTE + 1);
    let refused = store.publish(&fence, 0, &note).await;
    assert!(matches!(refused, Err(PublishError::Fault(Fault::Limit { .. }))), "{refused:?}");
    assert_eq!(all(&store, &sale).await, Vec::<Vec<u8>>::new());
    for name in ["", ".hidden", "a/b", "ü", &"x".repeat(crate::name::MAX_NAME + 1)] {
        assert_eq!(SaleId::parse(name), None);
    }
}

/// A reading is bounded by entries and by bytes, and always comes on.
pub async fn readings_are_bounded(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let (_, other) = begun(&store, "t").await;
    store.append(&other, Head::EMPTY, batch(&[b"of another sale"])).await.unwrap();
    let entries: Vec<Vec<u8>> = (0..50u8).map(|number| vec![number; 100]).collect();
    store.append(&fence, Head::EMPTY, Batch::of(entries.clone())).await.unwrap();
    assert_eq!(store.read(&sale, 10, 3, usize::MAX).await.unwrap(), entries[10..13]);
    assert_eq!(store.read(&sale, 10, usize::MAX, 250).await.unwrap(), entries[10..12]);
    assert_eq!(store.read(&sale, 10, usize::MAX, 200).await.unwrap(), entries[10..12]);
    assert_eq!(store.read(&sale, 10, usize::MAX, 1).await.unwrap(), entries[10..11]);
    assert_eq!(store.read(&sale, 48, usize::MAX, usize::MAX).await.unwrap(), entries[48..]);
    for beyond in [50, 1 << 40, u64::MAX] {
        assert_eq!(store.read(&sale, beyond, 1, 1).await.unwrap(), Vec::<Vec<u8>>::new());
    }
    assert_eq!(store.read(&sale, 0, 0, 1).await.unwrap(), Vec::<Vec<u8>>::new());
}

/// Checkpoints rise, cover no more than there is, and are never changed.
pub async fn checkpoints_rise(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    assert_eq!(store.latest_checkpoint(&sale).await.unwrap(), None);
    let head = store.append(&fence, Head::EMPTY, batch(&[b"a", b"b", b"c"])).await.unwrap();
    assert_eq!(store.publish(&fence, 4, "four").await, Err(PublishError::BeyondHead { head }));
    assert_eq!(store.publish(&fence, u64::MAX, "all").await, Err(PublishError::BeyondHead { head }));
    store.publish(&fence, 1, "one").await.unwrap();
    store.publish(&fence, 3, "three\n— 见证 x\n").await.unwrap();
    // Again is no error, since its first outcome may not be known.
    store.publish(&fence, 3, "three\n— 见证 x\n").await.unwrap();
    for (size, note) in [(3, "another three"), (2, "two"), (1, "one")] {
        assert_eq!(store.publish(&fence, size, note).await, Err(PublishError::NotRising { latest: 3 }));
    }
    let one = Checkpoint { size: 1, note: "one".to_owned() };
    let three = Checkpoint { size: 3, note: "three\n— 见证 x\n".to_owned() };
    assert_eq!(store.checkpoints(&sale, 0, 10).await.unwrap(), [one.clone(), three.clone()]);
    assert_eq!(store.checkpoints(&sale, 0, 1).await.unwrap(), [one]);
    assert_eq!(store.checkpoints(&sale, 2, 10).await.unwrap(), std::slice::from_ref(&three));
    assert_eq!(store.latest_checkpoint(&sale).await.unwrap(), Some(three));
}

/// What was acknowledged is there when the store is opened again, and goes on from there.
pub async fn what_was_acknowledged_is_there_after_opening_again(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let head = store.append(&fence, Head::EMPTY, batch(&[b"a"])).await.unwrap();
    store.publish(&fence, 1, "one").await.unwrap();
    store.shelf_put(b"key", Some(b"value")).await.unwrap();
    drop(store);
    let store = place.open().await;
    assert_eq!(all(&store, &sale).await, [b"a"]);
    assert_eq!(store.latest_checkpoint(&sale).await.unwrap().unwrap().size, 1);
    assert_eq!(store.shelf_get(b"key").await.unwrap(), Some(b"value".to_vec()));
    let head = store.append(&fence, head, batch(&[b"b"])).await.unwrap();
    assert_eq!(head.size, 2);
}

/// A follower wakes when a journal grows, and sees no head twice and none that is older.
pub async fn followers_see_the_head_grow(place: &impl Place) {
    let store = place.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let first = store.append(&fence, Head::EMPTY, batch(&[b"a"])).await.unwrap();
    let mut heads = store.watch(&sale).await.unwrap();
    assert_eq!(*heads.borrow_and_update(), first);
    let last = (0..20u8).map(|number| vec![number]).collect::<Vec<_>>();
    let end = first.after(&last);
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            let mut head = first;
            for entry in last {
                head = store.append(&fence, head, Batch::of(vec![entry])).await.unwrap();
            }
        })
    };
    let mut seen = first.size;
    while seen < end.size {
        heads.changed().await.unwrap();
        let size = heads.borrow_and_update().size;
        assert!(size > seen, "{size} after {seen}");
        seen = size;
    }
    assert_eq!(*heads.borrow(), end);
    writer.await.unwrap();
}
