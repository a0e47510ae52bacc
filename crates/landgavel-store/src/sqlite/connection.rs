//! Opening the file, and what a failure of SQLite means for the store.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, TransactionBehavior};

use crate::fault::Fault;

/// "LGav": tells a store from any other SQLite file.
pub(crate) const APPLICATION_ID: i64 = 0x4c47_6176;

/// The version of the tables.
pub(crate) const VERSION: i64 = 1;

const SCHEMA: &str = include_str!("schema.sql");
const SHELF: &str = include_str!("shelf.sql");

/// How long a connection waits for another process's transaction. Backups and checks hold none for long;
/// a sale that waits longer has an outage anyway.
const BUSY: Duration = Duration::from_secs(5);

/// Entries are around 1,400 bytes: in pages of 8 KiB five fit, in pages of 4 KiB two.
const PAGE_BYTES: i64 = 8_192;

/// Opens the file for writing, and makes it when it is not there.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    make(path)?;
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    recognise(&mut connection)?;
    carry_over(&connection).map_err(fault_of)?;
    Ok(connection)
}

/// Makes an empty file where there is none.
///
/// Personal data stands in it: nobody but its owner reads it. SQLite gives its other files the same mode.
pub(super) fn make(path: &Path) -> Result<(), Fault> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Fault::Unreachable { why: format!("{}: {error}", path.display()) }),
    }
}

/// Opens one more connection, for carrying the log over.
pub(super) fn open_keeper(path: &Path) -> Result<Connection, Fault> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Opens one more connection to a store that is open already. It can't write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "query_only", true).map_err(fault_of)?;
    Ok(connection)
}

/// Opens a file that nobody writes: a backup. It can't write either.
pub(super) fn open_copy(path: &Path) -> Result<Connection, Fault> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(fault_of)?;
    match identity(&connection)? {
        Identity::Store => Ok(connection),
        Identity::Empty => Err(Fault::Foreign { what: "an empty file".to_owned() }),
    }
}

/// Makes a store one file that needs no log beside it.
pub(super) fn stand_alone(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, flags).map_err(fault_of)?;
    settle(&connection).map_err(fault_of)?;
    Ok(connection)
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // With it, INSERT OR REPLACE asks the triggers that deny deletion.
    connection.pragma_update(None, "recursive_triggers", true)?;
    // What is erased is overwritten with zeros.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What a savepoint may have to put back stays in memory, and leaves no personal data in temporary files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// Makes the tables in an empty file; refuses a file of another program or of a newer version.
fn recognise(connection: &mut Connection) -> Result<(), Fault> {
    match identity(connection)? {
        Identity::Empty => {
            connection.pragma_update(None, "page_size", PAGE_BYTES).map_err(fault_of)?;
            write_ahead(connection)?;
            create(connection)
        }
        Identity::Store => {
            write_ahead(connection)?;
            connection.execute_batch(SHELF).map_err(fault_of)
        }
    }
}

/// Readers and the writer don't wait for each other, and a commit is one fsync. A file keeps the mode, but
/// a backup has it not.
///
/// SQLite changes the mode at once or not at all: it does not wait for others as it does elsewhere. Two halls that are
/// started on one new file get in each other's way so; whoever is late waits for the other's transaction and looks again.
fn write_ahead(connection: &Connection) -> Result<(), Fault> {
    let mut tries = 0;
    let mode: String = loop {
        let now: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(fault_of)?;
        if now == "wal" {
            return Ok(());
        }
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Ok(mode) => break mode,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && tries < WAL_TRIES => {
                tries += 1;
                connection.execute_batch("BEGIN IMMEDIATE; COMMIT").map_err(fault_of)?;
            }
            Err(error) => return Err(fault_of(error)),
        }
    };
    if mode == "wal" {
        return Ok(());
    }
    Err(Fault::Unsafe { what: format!("SQLite gives journal_mode {mode} where WAL was asked for") })
}

/// So often a change of mode is tried while others open the same file; each try waits for their transaction.
const WAL_TRIES: u32 = 50;

#[derive(Debug, PartialEq, Eq)]
enum Identity {
    Empty,
    Store,
}

fn identity(connection: &Connection) -> Result<Identity, Fault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(fault_of);
    let (application, version) = (number("application_id")?, number("user_version")?);
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(count, [], |row| row.get(0)).map_err(fault_of)?;
    match (application, version) {
        (0, 0) if tables == 0 => Ok(Identity::Empty),
        (APPLICATION_ID, VERSION) => Ok(Identity::Store),
        (APPLICATION_ID, found) if found > VERSION => Err(Fault::Newer { found, known: VERSION }),
        _ => Err(Fault::Foreign {
            what: format!("an SQLite file with application_id {application}, version {version}, {tables} tables"),
        }),
    }
}

fn create(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault_of)?;
    // Another process may have been quicker.
    if identity(&transaction)? == Identity::Empty {
        transaction.execute_batch(SCHEMA).map_err(fault_of)?;
        transaction.execute_batch(SHELF).map_err(fault_of)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fault_of)?;
        transaction.pragma_update(None, "user_version", VERSION).map_err(fault_of)?;
    }
    transaction.commit().map_err(fault_of)
}

/// Carries the write-ahead log over into the file and empties it.
///
/// At opening this has a reason of its own: after a failed fsync the system may show pages that the disk
/// does not hold, and later pages would rest on them. Carried over they are written and synced anew.
///
/// `false` when somebody was in the way. It does not wait for them, since the writer would wait too.
pub(super) fn carry_over(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(Duration::ZERO)?;
    let outcome = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.busy_timeout(BUSY)?;
    match outcome {
        Ok(busy) => Ok(busy == 0),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a failure of SQLite means.
pub(super) fn fault_of(error: Error) -> Fault {
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Fault::Full,
        Some(ErrorCode::SystemIoFailure) => Fault::Broken { why },
        Some(ErrorCode::DatabaseCorrupt) => Fault::Corrupt { what: why },
        Some(ErrorCode::NotADatabase) => Fault::Foreign { what: "a file that is not SQLite's".to_owned() },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Fault::Unreachable { why },
        Some(_) | None => Fault::Database { why },
    }
}
