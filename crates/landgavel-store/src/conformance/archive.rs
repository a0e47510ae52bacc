//! Backups, from one store into another.

use std::path::Path;

use super::{LONG_MS, NOW_MS, Place, all, batch, begun};
use crate::fault::Fault;
use crate::journal::{AppendError, Batch, Head, SaleFile};
use crate::name::SaleId;
use crate::store::Store;
use crate::vault::{Content, Marking, Reader, VaultError};

/// So many entries that they don't fit into one piece of what is handed on.
const MANY: usize = 1_500;

/// A bit of everything that a store can hold.
async fn filled(store: &Store) -> (SaleId, SaleId) {
    let (one, fence) = begun(store, "one").await;
    let entries = (0..MANY).map(|number| number.to_be_bytes().to_vec()).collect();
    let mut shelf = vec![(b"key".to_vec(), Some(b"value".to_vec()))];
    shelf.extend((0..MANY).map(|number| (format!("many/{number}").into_bytes(), Some(b"x".to_vec()))));
    let head = store.append(&fence, Head::EMPTY, Batch { entries, shelf }).await.unwrap();
    store.append(&fence, head, batch(&[b"", &[0xff; 60_000]])).await.unwrap();
    store.publish(&fence, 3, "three").await.unwrap();
    store.publish(&fence, head.size, "见证").await.unwrap();
    let two = super::sale("two");
    store.create(&two, files()).await.unwrap();
    store.vault_put("account", "张三", Marking::Plain, b"plain").await.unwrap();
    store.vault_put("account", "gone", Marking::Plain, b"plain").await.unwrap();
    store.vault_erase("account", "gone", NOW_MS).await.unwrap();
    store.vault_put("bidder", "7", Marking::Identity, b"Zhang San").await.unwrap();
    store.vault_put("bidder", "7", Marking::Identity, b"Li Si").await.unwrap();
    let reader = Reader { who: "officer", why: "qualification", now_ms: NOW_MS };
    store.read_identity("bidder", "7", reader).await.unwrap();
    store.document_put("bond", "1", &[9; 70_000], 1 << 20).await.unwrap();
    store.document_put("bond", "2", b"erased", 1 << 20).await.unwrap();
    store.document_erase("bond", "2", NOW_MS).await.unwrap();
    (one, two)
}

fn files() -> Vec<SaleFile> {
    vec![("lot.toml".to_owned(), vec![0, 1, 255]), ("rulebook.toml".to_owned(), b"rules".to_vec())]
}

/// A backup fills an empty store, of either kind, with all that there was; who wrote then writes no more.
pub async fn a_backup_fills_an_empty_store(from: &impl Place, to: &impl Place, folder: &Path) {
    let path = folder.join("copy.landgavel");
    let store = from.open().await;
    let (one, two) = filled(&store).await;
    let holder = store.take(&one, "a", NOW_MS, LONG_MS).await.unwrap().unwrap();
    let census = store.backup(&path).await.unwrap();
    let checked = store.check().await.unwrap();
    assert_eq!((&checked.census, &checked.findings), (&census, &Vec::new()));
    assert_eq!(census.sales, store.sales().await.unwrap());
    assert_eq!((census.checkpoints, census.records, census.documents, census.readings), (2, 3, 2, 1));
    assert_eq!(census.shelf, MANY as u64 + 1);

    let other = to.open().await;
    assert_eq!(other.restore(&path).await.unwrap(), census);
    assert_eq!(other.check().await.unwrap(), checked);
    assert_eq!(all(&other, &one).await, all(&store, &one).await);
    assert_eq!(other.files(&two).await.unwrap(), files());
    assert_eq!(other.checkpoints(&one, 0, 9).await.unwrap(), store.checkpoints(&one, 0, 9).await.unwrap());
    assert_eq!(other.vault_list("bidder", None, 9).await.unwrap(), store.vault_list("bidder", None, 9).await.unwrap());
    assert_eq!(other.vault_get("bidder", "7").await, Err(VaultError::Audited));
    assert_eq!(other.vault_get("account", "gone").await.unwrap().content, Content::Erased { at_ms: NOW_MS });
    assert_eq!(other.document_get("bond", "1").await.unwrap(), [9; 70_000]);
    assert_eq!(other.readings(0, 9).await.unwrap(), store.readings(0, 9).await.unwrap());
    assert_eq!(other.shelf_scan(b"", None, 9_999).await.unwrap(), store.shelf_scan(b"", None, 9_999).await.unwrap());

    let head = other.head(&one).await.unwrap();
    let refused = other.append(&holder, head, batch(&[b"late"])).await;
    assert!(matches!(refused, Err(AppendError::Fenced { .. })), "{refused:?}");
    let fence = other.take(&one, "b", NOW_MS, LONG_MS).await.unwrap().unwrap();
    assert!(fence.number() > holder.number());
    other.append(&fence, head, batch(&[b"more"])).await.unwrap();
    // What the first store was given meanwhile is in no backup that was taken before.
    assert_eq!(store.head(&one).await.unwrap(), head);
}

/// A backup never replaces a file, and is restored into an empty store only.
pub async fn a_backup_replaces_nothing(from: &impl Place, to: &impl Place, folder: &Path) {
    let path = folder.join("copy.landgavel");
    let store = from.open().await;
    begun(&store, "s").await;
    store.backup(&path).await.unwrap();
    let refused = store.backup(&path).await;
    assert!(matches!(refused, Err(Fault::Address { .. })), "{refused:?}");
    let other = to.open().await;
    other.vault_put("k", "a", Marking::Plain, b"x").await.unwrap();
    let refused = other.restore(&path).await;
    assert!(matches!(refused, Err(Fault::Limit { .. })), "{refused:?}");
    assert_eq!(other.sales().await.unwrap(), []);
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.iter().filter(|name| name.to_string_lossy().contains("copy")).count(), 1, "{names:?}");
}

/// While a backup is written, sales go on; it holds a moment of each journal.
pub async fn a_backup_is_of_one_moment(from: &impl Place, to: &impl Place, folder: &Path) {
    let path = folder.join("copy.landgavel");
    let store = from.open().await;
    let (sale, fence) = begun(&store, "s").await;
    let count = |number: u64| vec![(b"count".to_vec(), Some(number.to_be_bytes().to_vec()))];
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            let mut head = Head::EMPTY;
            for number in 1..=200u64 {
                let entries = vec![number.to_be_bytes().to_vec()];
                head = store.append(&fence, head, Batch { entries, shelf: count(number) }).await.unwrap();
            }
        })
    };
    while store.head(&sale).await.unwrap().size < 20 {
        tokio::task::yield_now().await;
    }
    let census = store.backup(&path).await.unwrap();
    writer.await.unwrap();
    let other = to.open().await;
    other.restore(&path).await.unwrap();
    let size = census.sales[0].1.size;
    assert!((20..=200).contains(&size), "{size}");
    assert_eq!(all(&other, &sale).await.len() as u64, size);
    assert_eq!(other.shelf_get(b"count").await.unwrap(), Some(size.to_be_bytes().to_vec()));
}

/// Room that was given back takes nothing else with it.
pub async fn nothing_is_lost_when_room_is_given_back(place: &impl Place) {
    let store = place.open().await;
    filled(&store).await;
    let before = store.check().await.unwrap();
    store.vacuum().await.unwrap();
    assert_eq!(store.check().await.unwrap(), before);
    assert_eq!(before.findings, Vec::<String>::new());
}
