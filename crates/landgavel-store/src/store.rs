//! The store as the hall sees it: one type, whichever database stands behind it.

use std::path::Path;

use landgavel_base::Digest;
use tokio::sync::watch;

use crate::fault::Fault;
use crate::journal::{AppendError, Batch, Checkpoint, CreateError, Head, PublishError, SaleFile};
use crate::lease::{Fence, Lease, LeaseError};
use crate::name::SaleId;
use crate::postgres::Postgres;
use crate::shelf::{MAX_ROWS, Row};
use crate::sqlite::Sqlite;
use crate::vault::{Document, Expect, Marking, Reader, Reading, Record, VaultError};

/// A store. Copies of it are the same store; the last one that goes closes it.
///
/// A call that is dropped before it has answered may still be carried out: what was asked stays asked.
#[derive(Debug, Clone)]
pub enum Store {
    /// One SQLite file.
    Sqlite(Sqlite),
    /// One PostgreSQL database.
    Postgres(Postgres),
}

impl Store {
    /// Opens a store and makes its tables where there are none: `postgres://…`, `sqlite:PATH`, or a path.
    ///
    /// For PostgreSQL the way through a network must say `sslmode=verify-full` with `sslrootcert=FILE`, or
    /// `sslmode=disable`. A connection pooler between is not supported: statements stay prepared.
    ///
    /// # Errors
    ///
    /// [`Fault::Address`], [`Fault::Foreign`] for what belongs to another program, [`Fault::Newer`],
    /// [`Fault::Unsafe`] for a database that could lose what it has acknowledged, [`Fault::Unreachable`].
    pub async fn open(url: &str) -> Result<Store, Fault> {
        match file_of(url)? {
            None => Postgres::open(url).await.map(Store::Postgres),
            Some(path) => open_file(path).await,
        }
    }

    /// Creates a sale with its files, which are written once. Again with the same files is no error.
    ///
    /// # Errors
    ///
    /// [`CreateError`].
    pub async fn create(&self, sale: &SaleId, files: Vec<SaleFile>) -> Result<(), CreateError> {
        match self {
            Store::Sqlite(store) => store.create(sale, files).await,
            Store::Postgres(store) => store.create(sale, files).await,
        }
    }

    /// All sales with their heads, in the order of their creation.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn sales(&self) -> Result<Vec<(SaleId, Head)>, Fault> {
        match self {
            Store::Sqlite(store) => store.sales().await,
            Store::Postgres(store) => store.sales().await,
        }
    }

    /// The files of a sale, by name.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn files(&self, sale: &SaleId) -> Result<Vec<SaleFile>, Fault> {
        match self {
            Store::Sqlite(store) => store.files(sale).await,
            Store::Postgres(store) => store.files(sale).await,
        }
    }

    /// How far a journal has come.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn head(&self, sale: &SaleId) -> Result<Head, Fault> {
        match self {
            Store::Sqlite(store) => store.head(sale).await,
            Store::Postgres(store) => store.head(sale).await,
        }
    }

    /// Appends to the journal of the fence's sale, and changes the shelf with it: all or nothing, and on
    /// the disk before it answers. The head must be the expected one.
    ///
    /// After [`Fault::Unknown`] the caller reads the head: `expected` means that nothing was appended,
    /// `expected.after(&entries)` that all was.
    ///
    /// # Errors
    ///
    /// [`AppendError`].
    pub async fn append(&self, fence: &Fence, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        match self {
            Store::Sqlite(store) => store.append(fence, expected, batch).await,
            Store::Postgres(store) => store.append(fence, expected, batch).await,
        }
    }

    /// Entries from a number on, from 0: at most so many, and at most so many bytes, but always one if
    /// there is one.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn read(
        &self,
        sale: &SaleId,
        from: u64,
        most_entries: usize,
        most_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        match self {
            Store::Sqlite(store) => store.read(sale, from, most_entries, most_bytes).await,
            Store::Postgres(store) => store.read(sale, from, most_entries, most_bytes).await,
        }
    }

    /// Publishes a checkpoint: its size above that of the last one, and not above the head's.
    ///
    /// # Errors
    ///
    /// [`PublishError`].
    pub async fn publish(&self, fence: &Fence, size: u64, note: &str) -> Result<(), PublishError> {
        match self {
            Store::Sqlite(store) => store.publish(fence, size, note).await,
            Store::Postgres(store) => store.publish(fence, size, note).await,
        }
    }

    /// Checkpoints of this size or larger, in order, at most so many.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn checkpoints(&self, sale: &SaleId, from_size: u64, limit: usize) -> Result<Vec<Checkpoint>, Fault> {
        let limit = limit.min(MAX_ROWS);
        match self {
            Store::Sqlite(store) => store.checkpoints(sale, from_size, limit).await,
            Store::Postgres(store) => store.checkpoints(sale, from_size, limit).await,
        }
    }

    /// The checkpoint of the largest size.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn latest_checkpoint(&self, sale: &SaleId) -> Result<Option<Checkpoint>, Fault> {
        match self {
            Store::Sqlite(store) => store.latest_checkpoint(sale).await,
            Store::Postgres(store) => store.latest_checkpoint(sale).await,
        }
    }

    /// Takes the lease of a sale: `None` while another holds it.
    ///
    /// `holder` names the node, the same after a restart and no other's: who asks again under its own name
    /// gets a new fence at once, and its earlier one is shut out. `now_ms` counts in SQLite, where all
    /// writers share a machine; in PostgreSQL the database's own clock counts, since nodes' clocks differ.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn take(&self, sale: &SaleId, holder: &str, now_ms: i64, length_ms: i64) -> Result<Option<Fence>, Fault> {
        match self {
            Store::Sqlite(store) => store.take(sale, holder, now_ms, length_ms).await,
            Store::Postgres(store) => store.take(sale, holder, length_ms).await,
        }
    }

    /// Holds the lease for its length from now on. It works after the lease has lapsed too, as long as
    /// nobody else has taken it.
    ///
    /// # Errors
    ///
    /// [`LeaseError`].
    pub async fn renew(&self, fence: &Fence, now_ms: i64) -> Result<(), LeaseError> {
        match self {
            Store::Sqlite(store) => store.renew(fence, now_ms).await,
            Store::Postgres(store) => store.renew(fence).await,
        }
    }

    /// Gives the lease back; the fence can't write any more.
    ///
    /// # Errors
    ///
    /// [`LeaseError`].
    pub async fn release(&self, fence: &Fence) -> Result<(), LeaseError> {
        match self {
            Store::Sqlite(store) => store.release(fence).await,
            Store::Postgres(store) => store.release(fence).await,
        }
    }

    /// Who holds the lease of a sale.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn lease(&self, sale: &SaleId) -> Result<Lease, Fault> {
        match self {
            Store::Sqlite(store) => store.lease(sale).await,
            Store::Postgres(store) => store.lease(sale).await,
        }
    }

    /// Follows a journal: the receiver holds the head, and wakes when it grows. In SQLite it sees what
    /// this process appends; in PostgreSQL what any node does.
    ///
    /// # Errors
    ///
    /// [`Fault::NoSuchSale`] and others.
    pub async fn watch(&self, sale: &SaleId) -> Result<watch::Receiver<Head>, Fault> {
        match self {
            Store::Sqlite(store) => store.watch(sale).await,
            Store::Postgres(store) => store.watch(sale).await,
        }
    }

    /// The value of a key of the shelf.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn shelf_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self {
            Store::Sqlite(store) => store.shelf_get(key).await,
            Store::Postgres(store) => store.shelf_get(key).await,
        }
    }

    /// Puts a value on the shelf, or with `None` removes the key.
    ///
    /// A start reads the shelf, so put what is small and many, such as one digest for each entry, together in
    /// rows of some KiB: PostgreSQL takes 1 µs and more for a row, however small.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn shelf_put(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
        match self {
            Store::Sqlite(store) => store.shelf_put(key, value).await,
            Store::Postgres(store) => store.shelf_put(key, value).await,
        }
    }

    /// The rows whose key begins with a prefix and is not below `from`, in order of the keys' bytes.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn shelf_scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, Fault> {
        let limit = limit.min(MAX_ROWS);
        match self {
            Store::Sqlite(store) => store.shelf_scan(prefix, from, limit).await,
            Store::Postgres(store) => store.shelf_scan(prefix, from, limit).await,
        }
    }

    /// Removes all keys that begin with a prefix; how many there were.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn shelf_clear(&self, prefix: &[u8]) -> Result<u64, Fault> {
        match self {
            Store::Sqlite(store) => store.shelf_clear(prefix).await,
            Store::Postgres(store) => store.shelf_clear(prefix).await,
        }
    }

    /// Writes a record, whatever stood there; its new version. A record that was once marked
    /// [`Marking::Identity`] stays so.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn vault_put(&self, kind: &str, id: &str, marking: Marking, bytes: &[u8]) -> Result<u64, VaultError> {
        self.vault_write(kind, id, marking, bytes, Expect::Anything).await
    }

    /// Writes a record if its version is the expected one, or with `None` if there is no such record.
    ///
    /// # Errors
    ///
    /// [`VaultError::Changed`] and others.
    pub async fn vault_put_if(
        &self,
        kind: &str,
        id: &str,
        marking: Marking,
        bytes: &[u8],
        version: Option<u64>,
    ) -> Result<u64, VaultError> {
        self.vault_write(kind, id, marking, bytes, Expect::Version(version)).await
    }

    async fn vault_write(
        &self,
        kind: &str,
        id: &str,
        marking: Marking,
        bytes: &[u8],
        expect: Expect,
    ) -> Result<u64, VaultError> {
        match self {
            Store::Sqlite(store) => store.vault_put(kind, id, marking, bytes, expect).await,
            Store::Postgres(store) => store.vault_put(kind, id, marking, bytes, expect).await,
        }
    }

    /// A record that is not marked, or that was erased.
    ///
    /// # Errors
    ///
    /// [`VaultError::Absent`], [`VaultError::Audited`] and others.
    pub async fn vault_get(&self, kind: &str, id: &str) -> Result<Record, VaultError> {
        match self {
            Store::Sqlite(store) => store.vault_get(kind, id).await,
            Store::Postgres(store) => store.vault_get(kind, id).await,
        }
    }

    /// Any record; who reads it and why is on the disk before it answers.
    ///
    /// # Errors
    ///
    /// [`VaultError::Absent`] and others.
    pub async fn read_identity(&self, kind: &str, id: &str, reader: Reader<'_>) -> Result<Record, VaultError> {
        match self {
            Store::Sqlite(store) => store.read_identity(kind, id, reader).await,
            Store::Postgres(store) => store.read_identity(kind, id, reader).await,
        }
    }

    /// The audit of readings, after a number (0 for all), in order.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn readings(&self, after: u64, limit: usize) -> Result<Vec<Reading>, Fault> {
        let limit = limit.min(MAX_ROWS);
        match self {
            Store::Sqlite(store) => store.readings(after, limit).await,
            Store::Postgres(store) => store.readings(after, limit).await,
        }
    }

    /// The records of a kind after an id, in order; bytes of marked ones are withheld.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn vault_list(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, Fault> {
        let limit = limit.min(MAX_ROWS);
        match self {
            Store::Sqlite(store) => store.vault_list(kind, after, limit).await,
            Store::Postgres(store) => store.vault_list(kind, after, limit).await,
        }
    }

    /// Erases what a record holds; its name and the time stay. Again is no error, and the first time stays.
    ///
    /// # Errors
    ///
    /// [`VaultError::Absent`] and others.
    pub async fn vault_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        match self {
            Store::Sqlite(store) => store.vault_erase(kind, id, now_ms).await,
            Store::Postgres(store) => store.vault_erase(kind, id, now_ms).await,
        }
    }

    /// Keeps a document of at most so many bytes, once; its SHA-256. The same again is no error.
    ///
    /// # Errors
    ///
    /// [`VaultError::TooLarge`], [`VaultError::Changed`] when another document has this id, and others.
    pub async fn document_put(&self, kind: &str, id: &str, bytes: &[u8], most: usize) -> Result<Digest, VaultError> {
        match self {
            Store::Sqlite(store) => store.document_put(kind, id, bytes, most).await,
            Store::Postgres(store) => store.document_put(kind, id, bytes, most).await,
        }
    }

    /// The bytes of a document; their digest has been compared.
    ///
    /// # Errors
    ///
    /// [`VaultError::Absent`], [`VaultError::Erased`] and others.
    pub async fn document_get(&self, kind: &str, id: &str) -> Result<Vec<u8>, VaultError> {
        match self {
            Store::Sqlite(store) => store.document_get(kind, id).await,
            Store::Postgres(store) => store.document_get(kind, id).await,
        }
    }

    /// The documents of a kind after an id, in order, without their bytes.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn documents(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<Document>, Fault> {
        let limit = limit.min(MAX_ROWS);
        match self {
            Store::Sqlite(store) => store.documents(kind, after, limit).await,
            Store::Postgres(store) => store.documents(kind, after, limit).await,
        }
    }

    /// Erases the bytes of a document; name, size, digest and the time stay.
    ///
    /// # Errors
    ///
    /// [`VaultError::Absent`] and others.
    pub async fn document_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        match self {
            Store::Sqlite(store) => store.document_erase(kind, id, now_ms).await,
            Store::Postgres(store) => store.document_erase(kind, id, now_ms).await,
        }
    }

    /// Writes anew what the database keeps of things that were erased or removed, and gives the room back.
    /// Others wait meanwhile.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub async fn vacuum(&self) -> Result<(), Fault> {
        match self {
            Store::Sqlite(store) => store.vacuum().await,
            Store::Postgres(store) => store.vacuum().await,
        }
    }
}

/// The file that an address names; `None` for a server. The one place that reads the scheme of an address.
///
/// # Errors
/// A scheme that is neither. What follows it may hold a password and is not told.
pub fn file_of(url: &str) -> Result<Option<&str>, Fault> {
    let Some((scheme, rest)) = url.split_once(':') else { return Ok(Some(url)) };
    // A path may have a colon too: behind a drive's letter, a dot or a slash.
    let is_scheme =
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-".contains(&byte));
    match scheme {
        "postgres" | "postgresql" => Ok(None),
        "sqlite" => Ok(Some(rest)),
        _ if is_scheme => Err(Fault::Address { why: format!("{scheme}: is neither postgres: nor sqlite:") }),
        _ => Ok(Some(url)),
    }
}

async fn open_file(path: &str) -> Result<Store, Fault> {
    if path.is_empty() {
        return Err(Fault::Address { why: "the path of the store is empty".to_owned() });
    }
    Sqlite::open(Path::new(path)).await.map(Store::Sqlite)
}
