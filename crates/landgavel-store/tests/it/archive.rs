//! Backups between all pairs of databases, and backups that are not as they should be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use landgavel_store::conformance::{self, Place as _};
use landgavel_store::{Batch, Fault, Head, SaleId, Store};
use rusqlite::Connection;

use crate::places::{Folder, PostgresPlace, SqlitePlace};

macro_rules! between_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let folder = super::Folder::new();
                let (from, to) = (super::SqlitePlace::new(), super::SqlitePlace::new());
                super::conformance::$name(&from, &to, folder.all()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let folder = super::Folder::new();
                let Some(from) = super::PostgresPlace::new().await else { return };
                let to = super::PostgresPlace::new().await.unwrap();
                super::conformance::$name(&from, &to, folder.all()).await;
            })*
        }

        mod sqlite_to_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let folder = super::Folder::new();
                let Some(to) = super::PostgresPlace::new().await else { return };
                super::conformance::$name(&super::SqlitePlace::new(), &to, folder.all()).await;
            })*
        }

        mod postgres_to_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let folder = super::Folder::new();
                let Some(from) = super::PostgresPlace::new().await else { return };
                super::conformance::$name(&from, &super::SqlitePlace::new(), folder.all()).await;
            })*
        }
    };
}

between_databases! {
    a_backup_fills_an_empty_store,
    a_backup_replaces_nothing,
    a_backup_is_of_one_moment,
}

/// A store with one sale of a few entries, and its backup.
async fn backed_up(folder: &Folder) -> (SqlitePlace, std::path::PathBuf) {
    let place = SqlitePlace::new();
    let store = place.open().await;
    let sale = SaleId::parse("s").unwrap();
    store.create(&sale, Vec::new()).await.unwrap();
    let fence = store.take(&sale, "a", 0, 60_000).await.unwrap().unwrap();
    let entries = (0..100u8).map(|number| vec![number; 500]).collect();
    store.append(&fence, Head::EMPTY, Batch::of(entries)).await.unwrap();
    store.document_put("bond", "1", b"document", 100).await.unwrap();
    let path = folder.path("copy.landgavel");
    store.backup(&path).await.unwrap();
    (place, path)
}

#[tokio::test]
async fn a_backup_is_one_file_that_only_its_owner_reads() {
    let folder = Folder::new();
    let (_place, path) = backed_up(&folder).await;
    assert_eq!(fs::read_dir(folder.all()).unwrap().count(), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // It is a store: it can also be opened as it is.
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(store.sales().await.unwrap()[0].1.size, 100);
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_the_store_stays_empty() {
    let damages = [
        "DROP TRIGGER journal_entry_update; UPDATE journal_entry SET bytes = x'00' WHERE place = (1 << 40) + 7",
        "DROP TRIGGER journal_entry_delete; DELETE FROM journal_entry WHERE place = (1 << 40) + 7",
        "DROP TRIGGER journal_entry_delete; DELETE FROM journal_entry WHERE place = (1 << 40) + 99",
        "DROP TRIGGER journal_entry_insert; INSERT INTO journal_entry VALUES ((1 << 40) + 100, x'00')",
        "DROP TRIGGER head_update; UPDATE head SET chain = zeroblob(32)",
        "UPDATE vault_document SET bytes = x'00'",
        "INSERT INTO vault_reading VALUES (1, 'k', 'i', 'w', 'y', 0); DROP TRIGGER vault_reading_insert; \
         INSERT INTO vault_reading VALUES (3, 'k', 'i', 'w', 'y', 0)",
    ];
    for damage in damages {
        let folder = Folder::new();
        let (_place, path) = backed_up(&folder).await;
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let place = SqlitePlace::new();
        let store = place.open().await;
        let refused = store.restore(&path).await;
        assert!(matches!(refused, Err(Fault::Corrupt { .. })), "{damage}: {refused:?}");
        assert_eq!(store.sales().await.unwrap(), []);
        // A check of such a store tells the same.
        let damaged = Store::open(path.to_str().unwrap()).await.unwrap();
        assert_ne!(damaged.check().await.unwrap().findings, Vec::<String>::new(), "{damage}");
    }
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let folder = Folder::new();
    let (_place, path) = backed_up(&folder).await;
    let whole = fs::read(&path).unwrap();
    let store = SqlitePlace::new();
    let store = store.open().await;
    let cut = folder.path("cut");
    for length in [0, 100, 5_000, whole.len() / 2, whole.len() - 8_192] {
        fs::write(&cut, &whole[..length]).unwrap();
        let refused = store.restore(&cut).await;
        assert!(refused.is_err(), "{length}: {refused:?}");
    }
    assert!(matches!(store.restore(&folder.path("gone")).await, Err(Fault::Unreachable { .. })));
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert!(matches!(store.restore(&path).await, Err(Fault::Newer { .. })));
    assert_eq!(store.sales().await.unwrap(), []);
}
