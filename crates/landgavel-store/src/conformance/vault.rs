//! The vault.

use super::{NOW_MS, Place};
use crate::fault::Fault;
use crate::vault::{Content, Document, Marking, Reader, Reading, Record, VaultError, sha256};

fn plain(id: &str, version: u64, bytes: &[u8]) -> Record {
    Record { id: id.to_owned(), version, marking: Marking::Plain, content: Content::Bytes(bytes.to_vec()) }
}

/// Records have versions, and are changed under compare-and-swap.
pub async fn records_have_versions(place: &impl Place) {
    let store = place.open().await;
    assert_eq!(store.vault_get("account", "a").await, Err(VaultError::Absent));
    assert_eq!(store.vault_put("account", "a", Marking::Plain, b"1").await, Ok(1));
    assert_eq!(store.vault_put("account", "a", Marking::Plain, b"2").await, Ok(2));
    assert_eq!(store.vault_get("account", "a").await, Ok(plain("a", 2, b"2")));
    let changed = |version| Err(VaultError::Changed { version });
    assert_eq!(store.vault_put_if("account", "a", Marking::Plain, b"3", Some(1)).await, changed(Some(2)));
    assert_eq!(store.vault_put_if("account", "a", Marking::Plain, b"3", None).await, changed(Some(2)));
    assert_eq!(store.vault_put_if("account", "b", Marking::Plain, b"3", Some(1)).await, changed(None));
    assert_eq!(store.vault_put_if("account", "a", Marking::Plain, b"\0\xff", Some(2)).await, Ok(3));
    assert_eq!(store.vault_put_if("account", "b", Marking::Plain, b"", None).await, Ok(1));
    assert_eq!(store.vault_get("account", "a").await, Ok(plain("a", 3, b"\0\xff")));
    // Kinds are apart.
    assert_eq!(store.vault_get("session", "a").await, Err(VaultError::Absent));
}

/// Of many writers that saw one version one is taken.
pub async fn one_of_many_changes_of_a_record_wins(place: &impl Place) {
    let store = place.open().await;
    for standing in [None, Some(1)] {
        let tries: Vec<_> = (0..12u8)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move { store.vault_put_if("k", "a", Marking::Plain, &[writer], standing).await })
            })
            .collect();
        let mut won = Vec::new();
        for (writer, task) in (0u8..).zip(tries) {
            match task.await.unwrap() {
                Ok(version) => won.push((writer, version)),
                Err(error) => assert!(matches!(error, VaultError::Changed { .. }), "{error:?}"),
            }
        }
        let [(writer, version)] = won[..] else { panic!("{won:?}") };
        assert_eq!(store.vault_get("k", "a").await, Ok(plain("a", version, &[writer])));
    }
}

/// Records are listed by id, page by page.
pub async fn records_are_listed_by_id(place: &impl Place) {
    let store = place.open().await;
    let ids = ["B", "a", "b", "张三", "é"];
    for id in ids {
        store.vault_put("k", id, Marking::Plain, id.as_bytes()).await.unwrap();
    }
    store.vault_put("other", "a", Marking::Plain, b"x").await.unwrap();
    let mut sorted = ids;
    sorted.sort_unstable();
    let all = store.vault_list("k", None, 100).await.unwrap();
    assert_eq!(all, sorted.map(|id| plain(id, 1, id.as_bytes())));
    assert_eq!(store.vault_list("k", None, 2).await.unwrap(), all[..2]);
    assert_eq!(store.vault_list("k", Some(sorted[1]), 2).await.unwrap(), all[2..4]);
    assert_eq!(store.vault_list("none", None, 2).await.unwrap(), []);
}

/// What is erased leaves its name and the time, and its id is not used again.
pub async fn what_is_erased_leaves_a_tombstone(place: &impl Place) {
    let store = place.open().await;
    assert_eq!(store.vault_erase("k", "a", NOW_MS).await, Err(VaultError::Absent));
    store.vault_put("k", "a", Marking::Plain, b"secret").await.unwrap();
    store.vault_erase("k", "a", NOW_MS).await.unwrap();
    // Again is no error, and the first time stays.
    store.vault_erase("k", "a", NOW_MS + 5).await.unwrap();
    let tombstone =
        Record { id: "a".to_owned(), version: 2, marking: Marking::Plain, content: Content::Erased { at_ms: NOW_MS } };
    assert_eq!(store.vault_get("k", "a").await, Ok(tombstone.clone()));
    assert_eq!(store.vault_list("k", None, 10).await.unwrap(), [tombstone]);
    let erased = Err(VaultError::Erased { at_ms: NOW_MS });
    assert_eq!(store.vault_put("k", "a", Marking::Plain, b"again").await, erased);
    assert_eq!(store.vault_put_if("k", "a", Marking::Plain, b"again", Some(2)).await, erased);
}

/// A marked record is read only with a trace; the mark stays; the trace stays when the record is erased.
pub async fn reading_an_identity_leaves_a_trace(place: &impl Place) {
    let store = place.open().await;
    store.vault_put("bidder", "7", Marking::Identity, b"Zhang San").await.unwrap();
    assert_eq!(store.vault_get("bidder", "7").await, Err(VaultError::Audited));
    let listed = store.vault_list("bidder", None, 10).await.unwrap();
    assert_eq!(listed[0].content, Content::Withheld);
    assert_eq!(store.readings(0, 10).await.unwrap(), []);

    let reader = Reader { who: "officer-2", why: "qualification", now_ms: NOW_MS };
    let record = store.read_identity("bidder", "7", reader).await.unwrap();
    assert_eq!((record.version, record.content), (1, Content::Bytes(b"Zhang San".to_vec())));
    // Writing it without the mark does not take the mark away.
    store.vault_put("bidder", "7", Marking::Plain, b"Li Si").await.unwrap();
    assert_eq!(store.vault_get("bidder", "7").await, Err(VaultError::Audited));
    store.vault_erase("bidder", "7", NOW_MS).await.unwrap();
    let record = store.read_identity("bidder", "7", Reader { why: "audit", ..reader }).await.unwrap();
    assert_eq!(record.content, Content::Erased { at_ms: NOW_MS });
    assert_eq!(store.vault_get("bidder", "7").await.unwrap().content, Content::Erased { at_ms: NOW_MS });

    let first = Reading {
        number: 1,
        kind: "bidder".to_owned(),
        id: "7".to_owned(),
        who: "officer-2".to_owned(),
        why: "qualification".to_owned(),
        at_ms: NOW_MS,
    };
    let second = Reading { number: 2, why: "audit".to_owned(), ..first.clone() };
    assert_eq!(store.readings(0, 10).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.readings(0, 1).await.unwrap(), [first]);
    assert_eq!(store.readings(1, 10).await.unwrap(), [second]);
    // Nothing is told to who does not say who it is and why it asks, and nothing is noted of what is not there.
    for silent in [Reader { who: " ", ..reader }, Reader { why: "", ..reader }] {
        let refused = store.read_identity("bidder", "7", silent).await;
        assert!(matches!(refused, Err(VaultError::Fault(Fault::Limit { .. }))), "{refused:?}");
    }
    assert_eq!(store.read_identity("bidder", "8", reader).await, Err(VaultError::Absent));
    assert_eq!(store.readings(2, 10).await.unwrap(), []);
}

/// A document is kept once, within the caller's limit, and its digest stays when it is erased.
pub async fn documents_are_kept_once(place: &impl Place) {
    let store = place.open().await;
    let bytes = vec![9; 100_000];
    let digest = sha256(&bytes);
    assert_eq!(store.document_put("bond", "1", &bytes, 99_999).await, Err(VaultError::TooLarge { most: 99_999 }));
    assert_eq!(store.document_get("bond", "1").await, Err(VaultError::Absent));
    assert_eq!(store.document_put("bond", "1", &bytes, 100_000).await, Ok(digest));
    assert_eq!(store.document_put("bond", "1", &bytes, 100_000).await, Ok(digest));
    assert!(matches!(store.document_put("bond", "1", b"other", 9).await, Err(VaultError::Changed { .. })));
    store.document_put("bond", "2", b"", 9).await.unwrap();
    assert_eq!(store.document_get("bond", "1").await.as_ref(), Ok(&bytes));
    let line = Document { id: "1".to_owned(), size: 100_000, sha256: digest, erased_at_ms: None };
    let empty = Document { id: "2".to_owned(), size: 0, sha256: sha256(b""), erased_at_ms: None };
    assert_eq!(store.documents("bond", None, 10).await.unwrap(), [line.clone(), empty.clone()]);
    assert_eq!(store.documents("bond", Some("1"), 10).await.unwrap(), [empty]);

    store.document_erase("bond", "1", NOW_MS).await.unwrap();
    store.document_erase("bond", "1", NOW_MS + 1).await.unwrap();
    assert_eq!(store.document_get("bond", "1").await, Err(VaultError::Erased { at_ms: NOW_MS }));
    assert_eq!(store.document_put("bond", "1", &bytes, 100_000).await, Err(VaultError::Erased { at_ms: NOW_MS }));
    let line = Document { erased_at_ms: Some(NOW_MS), ..line };
    assert_eq!(store.documents("bond", None, 1).await.unwrap(), [line]);
    assert_eq!(store.document_erase("bond", "3", NOW_MS).await, Err(VaultError::Absent));
}

/// Kinds and ids have limits, and a record has.
pub async fn records_have_limits(place: &impl Place) {
    let store = place.open().await;
    for (kind, id) in [("", "a"), ("k", ""), ("k", "a\0b"), ("k", "a\nb"), (&"k".repeat(300)[..], "a")] {
        let refused = store.vault_put(kind, id, Marking::Plain, b"x").await;
        assert!(matches!(refused, Err(VaultError::Fault(Fault::Limit { .. }))), "{kind} {id}: {refused:?}");
    }
    let most = crate::vault::MAX_RECORD;
    store.vault_put("k", "a", Marking::Plain, &vec![0; most]).await.unwrap();
    let refused = store.vault_put("k", "a", Marking::Plain, &vec![0; most + 1]).await;
    assert_eq!(refused, Err(VaultError::TooLarge { most }));
}
