//! What only SQLite can show: the file, its triggers, what is left after erasing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use landgavel_store::conformance::Place as _;
use landgavel_store::{Batch, Fault, Head, Marking, SaleId, Store};
use rusqlite::Connection;

use crate::places::{Folder, SqlitePlace};

async fn open(path: &Path) -> Result<Store, Fault> {
    Store::open(path.to_str().unwrap()).await
}

/// A store with one sale of two entries, a checkpoint and a reading.
async fn filled(place: &SqlitePlace) -> (Store, SaleId) {
    let store = place.open().await;
    let sale = SaleId::parse("s").unwrap();
    store.create(&sale, vec![("lot.toml".to_owned(), b"lot".to_vec())]).await.unwrap();
    let fence = store.take(&sale, "a", 0, 60_000).await.unwrap().unwrap();
    let batch =
        Batch { entries: vec![b"a".to_vec(), b"b".to_vec()], shelf: vec![(b"k".to_vec(), Some(b"v".to_vec()))] };
    store.append(&fence, Head::EMPTY, batch).await.unwrap();
    store.publish(&fence, 2, "note").await.unwrap();
    store.vault_put("bidder", "7", Marking::Identity, b"Zhang San").await.unwrap();
    let reader = landgavel_store::Reader { who: "officer", why: "test", now_ms: 0 };
    store.read_identity("bidder", "7", reader).await.unwrap();
    (store, sale)
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = Folder::new();
    let text = folder.path("text.db");
    fs::write(&text, "a text that is long enough to be taken for the head of a file".repeat(100)).unwrap();
    let other = folder.path("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7").unwrap();
    let unnamed = folder.path("unnamed.db");
    Connection::open(&unnamed).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    for path in [&text, &other, &unnamed] {
        let before = fs::read(path).unwrap();
        let refused = open(path).await;
        assert!(matches!(refused, Err(Fault::Foreign { .. })), "{refused:?}");
        assert_eq!(fs::read(path).unwrap(), before);
    }
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let place = SqlitePlace::new();
    drop(place.open().await);
    Connection::open(place.path()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert_eq!(open(&place.path()).await.unwrap_err(), Fault::Newer { found: 99, known: 1 });
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    for url in ["", "sqlite:", "mysql://host/db"] {
        assert!(matches!(Store::open(url).await, Err(Fault::Address { .. })), "{url}");
    }
    let folder = Folder::new();
    let refused = open(&folder.path("no/such/folder/hall.db")).await;
    assert!(matches!(refused, Err(Fault::Unreachable { .. })), "{refused:?}");
    let refused = open(folder.all()).await;
    assert!(matches!(refused, Err(Fault::Unreachable { .. })), "{refused:?}");
}

#[tokio::test]
async fn only_its_owner_reads_the_file() {
    let place = SqlitePlace::new();
    let (_store, _) = filled(&place).await;
    for file in fs::read_dir(place.folder.all()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

/// Somebody at SQLite's own prompt, with none of our settings.
#[tokio::test]
async fn triggers_deny_every_change_of_the_journal() {
    let place = SqlitePlace::new();
    let (store, sale) = filled(&place).await;
    let hand = Connection::open(place.path()).unwrap();
    let place_of = |number: i64| (1i64 << 40) + number;
    let statements = [
        "UPDATE journal_sale SET sale_id = 'x'".to_owned(),
        "DELETE FROM journal_sale".to_owned(),
        "INSERT OR REPLACE INTO journal_sale VALUES (1, 'x')".to_owned(),
        "INSERT OR REPLACE INTO journal_sale VALUES (2, 's')".to_owned(),
        "UPDATE journal_file SET bytes = x'00'".to_owned(),
        "DELETE FROM journal_file".to_owned(),
        "INSERT OR REPLACE INTO journal_file VALUES (1, 'lot.toml', x'00')".to_owned(),
        "UPDATE journal_entry SET bytes = x'00'".to_owned(),
        "DELETE FROM journal_entry".to_owned(),
        format!("DELETE FROM journal_entry WHERE place = {}", place_of(1)),
        format!("INSERT OR REPLACE INTO journal_entry VALUES ({}, x'00')", place_of(1)),
        format!("INSERT OR REPLACE INTO journal_entry VALUES ({}, x'00')", place_of(0)),
        format!("INSERT INTO journal_entry VALUES ({}, x'00')", place_of(3)),
        format!("REPLACE INTO journal_entry VALUES ({}, x'00')", place_of(-1)),
        format!("INSERT INTO journal_entry VALUES ({}, zeroblob(65536))", place_of(2)),
        "INSERT INTO journal_entry VALUES (NULL, x'00')".to_owned(),
        "UPDATE journal_checkpoint SET note = 'x'".to_owned(),
        "DELETE FROM journal_checkpoint".to_owned(),
        "INSERT OR REPLACE INTO journal_checkpoint VALUES (1, 2, 'x')".to_owned(),
        "INSERT INTO journal_checkpoint VALUES (1, 1, 'x')".to_owned(),
        "UPDATE head SET size = 1".to_owned(),
        "UPDATE head SET fence = 0".to_owned(),
        "UPDATE head SET chain = zeroblob(32)".to_owned(),
        "DELETE FROM head".to_owned(),
        "UPDATE vault_reading SET who = 'x'".to_owned(),
        "DELETE FROM vault_reading".to_owned(),
        "INSERT OR REPLACE INTO vault_reading VALUES (1, 'k', 'i', 'x', 'y', 0)".to_owned(),
        "INSERT INTO vault_reading VALUES (7, 'k', 'i', 'x', 'y', 0)".to_owned(),
    ];
    for statement in statements {
        let refused = hand.execute_batch(&statement).unwrap_err().to_string();
        let told = ["never", "rise", "at the end", "constraint"].iter().any(|words| refused.contains(words));
        assert!(told, "{statement}: {refused}");
    }
    assert_eq!(store.read(&sale, 0, 10, 10).await.unwrap(), [b"a", b"b"]);
    assert_eq!(store.files(&sale).await.unwrap(), [("lot.toml".to_owned(), b"lot".to_vec())]);
    assert_eq!(store.latest_checkpoint(&sale).await.unwrap().unwrap().note, "note");
    assert_eq!(store.readings(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_shelf_that_was_dropped_is_made_anew_and_nothing_else_is_lost() {
    let place = SqlitePlace::new();
    let (store, sale) = filled(&place).await;
    drop(store);
    Connection::open(place.path()).unwrap().execute_batch("DROP TABLE shelf").unwrap();
    let store = place.open().await;
    assert_eq!(store.shelf_get(b"k").await.unwrap(), None);
    assert_eq!(store.read(&sale, 0, 10, 10).await.unwrap(), [b"a", b"b"]);
    store.shelf_put(b"k", Some(b"v")).await.unwrap();
    assert_eq!(store.shelf_get(b"k").await.unwrap(), Some(b"v".to_vec()));
}

/// Looks for bytes in every file of the store, the write-ahead log among them.
fn found_in_files(place: &SqlitePlace, needle: &[u8]) -> bool {
    fs::read_dir(place.folder.all()).unwrap().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[tokio::test]
async fn what_is_erased_is_in_no_file_any_more() {
    let place = SqlitePlace::new();
    let (store, _) = filled(&place).await;
    let (name, earlier, scan) = (&b"Ouyang Xiaoming"[..], &b"Ouyang Damming"[..], vec![0xa7; 50_000]);
    store.vault_put("bidder", "9", Marking::Identity, earlier).await.unwrap();
    store.vault_put("bidder", "9", Marking::Identity, name).await.unwrap();
    store.document_put("passport", "9", &scan, 100_000).await.unwrap();
    assert!(found_in_files(&place, name) && found_in_files(&place, &scan[..64]));
    store.vault_erase("bidder", "9", 1).await.unwrap();
    store.document_erase("passport", "9", 1).await.unwrap();
    assert!(!found_in_files(&place, name));
    // What stood there before the last change neither.
    assert!(!found_in_files(&place, earlier));
    assert!(!found_in_files(&place, &scan[..64]));
    assert!(found_in_files(&place, b"Zhang San"));
}
