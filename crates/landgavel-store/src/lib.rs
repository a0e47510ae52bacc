//! Where a hall keeps what it must not lose: journal, shelf and vault, in SQLite or PostgreSQL.
//!
//! - The *journal* is evidence: entries and checkpoints of each sale, appended under compare-and-swap on
//!   the head and never changed. Who writes holds the *lease* of the sale, and shows its *fence*.
//! - The *shelf* is what can be made again from the journal.
//! - The *vault* is personal data, accounts and documents, which can be erased.
//!
//! It does not know what an entry means. It reads no clock and draws no chance: `now_ms` (milliseconds
//! since 1970) is an argument. Modules, each importing only from those before it: `fault`, `name`,
//! `shelf`, `lease`, `journal`, `vault`, `watchers`, `portable`, `sqlite`, `postgres`, `store`, `archive`, `conformance`.
//!
//! ```
//! use landgavel_store::{Batch, Head, SaleId, Store};
//!
//! # let folder = std::env::temp_dir().join(format!("landgavel-store-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("hall.db");
//! # let path = path.to_str().unwrap();
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let store = Store::open(path).await.unwrap();
//! let sale = SaleId::parse("yiwu-2026-17").unwrap();
//! store.create(&sale, vec![("rulebook.toml".to_owned(), b"...".to_vec())]).await.unwrap();
//!
//! let fence = store.take(&sale, "node-1", 0, 10_000).await.unwrap().expect("nobody else holds it");
//! let head = store.append(&fence, Head::EMPTY, Batch::of(vec![b"notice".to_vec()])).await.unwrap();
//! assert_eq!(head, Head::EMPTY.after(&[b"notice"]));
//! # });
//! # std::fs::remove_dir_all(&folder).unwrap();
//! ```

mod archive;
pub mod conformance;
mod fault;
mod journal;
mod lease;
mod name;
mod portable;
mod postgres;
mod shelf;
mod sqlite;
mod store;
mod vault;
mod watchers;

pub use fault::Fault;
pub use journal::{
    AppendError, Batch, Checkpoint, CreateError, Head, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_ENTRY, MAX_FILE,
    MAX_FILES, MAX_NOTE, PublishError, SaleFile,
};
pub use lease::{Fence, Fenced, Lease, LeaseError, MAX_LEASE_MS};
pub use name::{MAX_NAME, SaleId};
pub use portable::{Census, Checked};
pub use postgres::Postgres;
pub use shelf::{MAX_KEY, MAX_ROWS, MAX_VALUE, Row};
pub use sqlite::Sqlite;
pub use store::{Store, file_of};
pub use vault::{Content, Document, MAX_DOCUMENT, MAX_RECORD, MAX_WORDS, Marking, Reader, Reading, Record, VaultError};
