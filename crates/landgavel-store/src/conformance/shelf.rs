//! The shelf.

use super::{Place, batch, begun};
use crate::fault::Fault;
use crate::journal::{Batch, Head};
use crate::shelf::{MAX_KEY, Row};

fn rows(pairs: &[(&[u8], &[u8])]) -> Vec<Row> {
    pairs.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

/// Keys are ordered by their bytes, and a scan gives those with a prefix, from a key on.
pub async fn keys_are_scanned_in_the_order_of_their_bytes(place: &impl Place) {
    let store = place.open().await;
    let given = rows(&[(b"a", b"1"), (b"a\0", b"2"), (b"aB", b"3"), (b"ab", b""), (b"b", b"5"), (&[0xff, 0xff], b"6")]);
    for (key, value) in given.iter().rev() {
        store.shelf_put(key, Some(value)).await.unwrap();
    }
    assert_eq!(store.shelf_scan(b"", None, 100).await.unwrap(), given);
    assert_eq!(store.shelf_scan(b"a", None, 100).await.unwrap(), given[..4]);
    assert_eq!(store.shelf_scan(b"a", Some(b"aB"), 1).await.unwrap(), given[2..3]);
    assert_eq!(store.shelf_scan(b"a", Some(b"0"), 2).await.unwrap(), given[..2]);
    assert_eq!(store.shelf_scan(b"a", Some(b"z"), 2).await.unwrap(), []);
    assert_eq!(store.shelf_scan(&[0xff], None, 100).await.unwrap(), given[5..]);
    assert_eq!(store.shelf_scan(b"", None, 0).await.unwrap(), []);
    assert_eq!(store.shelf_get(b"ab").await.unwrap(), Some(Vec::new()));
    assert_eq!(store.shelf_get(b"ac").await.unwrap(), None);
}

/// Values are replaced and removed, one by one and by prefix.
pub async fn keys_are_removed(place: &impl Place) {
    let store = place.open().await;
    for key in [&b"a1"[..], b"a2", b"b1", &[0xff, 1]] {
        store.shelf_put(key, Some(b"x")).await.unwrap();
    }
    store.shelf_put(b"a1", Some(b"y")).await.unwrap();
    assert_eq!(store.shelf_get(b"a1").await.unwrap(), Some(b"y".to_vec()));
    store.shelf_put(b"a1", None).await.unwrap();
    store.shelf_put(b"a1", None).await.unwrap();
    assert_eq!(store.shelf_get(b"a1").await.unwrap(), None);
    assert_eq!(store.shelf_clear(b"a").await.unwrap(), 1);
    assert_eq!(store.shelf_clear(&[0xff]).await.unwrap(), 1);
    assert_eq!(store.shelf_scan(b"", None, 10).await.unwrap(), rows(&[(b"b1", b"x")]));
    assert_eq!(store.shelf_clear(b"").await.unwrap(), 1);
    assert_eq!(store.shelf_scan(b"", None, 10).await.unwrap(), []);
}

/// An append changes the shelf with the journal; of two changes of one key the later one stands.
pub async fn an_append_changes_the_shelf_with_it(place: &impl Place) {
    let store = place.open().await;
    let (_, fence) = begun(&store, "s").await;
    store.shelf_put(b"old", Some(b"1")).await.unwrap();
    let set = |key: &[u8], value: &[u8]| (key.to_vec(), Some(value.to_vec()));
    let shelf = vec![
        set(b"new", b"1"),
        (b"old".to_vec(), None),
        set(b"twice", b"1"),
        set(b"twice", b"2"),
        set(b"gone", b"1"),
        (b"gone".to_vec(), None),
        (b"back".to_vec(), None),
        set(b"back", b"1"),
    ];
    let head = store.append(&fence, Head::EMPTY, Batch { entries: vec![b"a".to_vec()], shelf }).await.unwrap();
    let expected = rows(&[(b"back", b"1"), (b"new", b"1"), (b"twice", b"2")]);
    assert_eq!(store.shelf_scan(b"", None, 10).await.unwrap(), expected);
    // Without entries too.
    let shelf = vec![(b"back".to_vec(), None)];
    assert_eq!(store.append(&fence, head, Batch { entries: Vec::new(), shelf }).await, Ok(head));
    assert_eq!(store.shelf_get(b"back").await.unwrap(), None);
}

/// Keys have limits.
pub async fn keys_have_limits(place: &impl Place) {
    let store = place.open().await;
    let longest = vec![1; MAX_KEY];
    store.shelf_put(&longest, Some(&vec![2; 300_000])).await.unwrap();
    assert_eq!(store.shelf_get(&longest).await.unwrap(), Some(vec![2; 300_000]));
    for key in [vec![], vec![1; MAX_KEY + 1]] {
        let refused = store.shelf_put(&key, Some(b"x")).await;
        assert!(matches!(refused, Err(Fault::Limit { .. })), "{refused:?}");
    }
    let (_, fence) = begun(&store, "s").await;
    let mut asked = batch(&[b"a"]);
    asked.shelf.push((Vec::new(), None));
    assert!(store.append(&fence, Head::EMPTY, asked).await.is_err());
}
