//! Reading, copying and filling a whole store in SQLite.

use std::path::Path;
use std::time::Duration;

use landgavel_base::Digest;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ToSql, params};
use tokio::sync::mpsc;

use super::Sqlite;
use super::connection::{carry_over, fault_of, make, open_copy, stand_alone};
use super::journal::{PLACES, below_2_63, checkpoint_of, files_of, head_of};
use crate::fault::Fault;
use crate::journal::Head;
use crate::name::SaleId;
use crate::portable::{CHUNK, Checked, Held, Item, Tally, WAITING};
use crate::vault::Reading;

/// How long a whole store may be read, copied or filled: a day is more than any disk needs.
const WHOLE: Duration = Duration::from_secs(24 * 3_600);

/// Where a dump goes. `Err` when nobody takes it any more: then it ends quietly, since that one says why.
type Sink<'a> = &'a mut dyn FnMut(Item) -> bool;

impl Sqlite {
    /// Copies the file as of one moment, while others write on.
    pub(crate) async fn copy(&self, path: &Path) -> Result<(), Fault> {
        let path = path.to_owned();
        self.readers
            .run_for(WHOLE, move |connection| {
                if let Err(fault) = make(&path) {
                    return Ok(Err(fault));
                }
                let mut copy = Connection::open(&path)?;
                // All pages in one step are of one moment; in several, each write would begin it anew.
                let step = Backup::new(connection, &mut copy)?.step(-1)?;
                if step != StepResult::Done {
                    return Ok(Err(Fault::Database { why: format!("the copy ended with {step:?}") }));
                }
                stand_alone(&copy)?;
                copy.close().map_err(|(_, error)| error)?;
                Ok(Ok(()))
            })
            .await
    }

    /// Fills an empty store: all or nothing.
    pub(crate) async fn load(&self, mut items: mpsc::Receiver<Item>) -> Result<(), Fault> {
        let fill = move |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for table in ["journal_sale", "vault_record", "vault_document", "vault_reading"] {
                let words = format!("SELECT EXISTS (SELECT 1 FROM {table})");
                if transaction.query_row(&words, [], |row| row.get(0))? {
                    return Ok(Err(Fault::limit("a backup is restored into an empty store only")));
                }
            }
            transaction.execute("DELETE FROM shelf", [])?;
            let mut sale_no = 0;
            while let Some(item) = items.blocking_recv() {
                load(&transaction, &mut sale_no, item)?;
            }
            transaction.commit().map(Ok)
        };
        self.writer.run_alone(WHOLE, fill).await?
    }

    /// Makes a file that was opened alone one that needs no log beside it, and ends.
    pub(crate) async fn close_alone(self) -> Result<(), Fault> {
        // Readers would keep the log in use.
        self.readers.close();
        self.writer.run_alone(WHOLE, |connection| stand_alone(connection)).await
    }

    /// Looks at every page, every row and every digest.
    pub(crate) async fn check(&self) -> Result<Checked, Fault> {
        self.readers.run_for(WHOLE, check).await
    }

    /// Writes the file anew without what was erased or removed, and empties its log.
    pub(crate) async fn vacuum(&self) -> Result<(), Fault> {
        let work = |connection: &mut Connection| {
            // The whole file would not fit into memory.
            connection.pragma_update(None, "temp_store", "FILE")?;
            let outcome = connection.execute_batch("VACUUM");
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            outcome?;
            carry_over(connection)
        };
        self.writer.run_alone(WHOLE, work).await.map(drop)
    }
}

/// Looks at a file that is not in use: a backup.
pub(crate) fn check_file(path: &Path) -> Result<Checked, Fault> {
    let connection = open_copy(path)?;
    check(&connection).map_err(fault_of)?
}

/// Writes all items of a file that is not in use into a channel.
pub(crate) fn dump_file(path: &Path, items: &mpsc::Sender<Item>) -> Result<(), Fault> {
    let connection = open_copy(path)?;
    dump(&connection, &mut |item| items.blocking_send(item).is_ok()).map_err(fault_of)?
}

fn check(connection: &Connection) -> rusqlite::Result<Result<Checked, Fault>> {
    let mut findings: Vec<String> = Vec::new();
    let mut select = connection.prepare("PRAGMA integrity_check")?;
    for words in select.query_map([], |row| row.get::<_, String>(0))? {
        findings.extend(Some(words?).filter(|words| words != "ok"));
    }
    let mut select = connection.prepare("PRAGMA foreign_key_check")?;
    for table in select.query_map([], |row| row.get::<_, String>(0))? {
        findings.push(format!("a row of {} belongs to no sale", table?));
    }
    let mut tally = Tally::new();
    let outcome = dump(connection, &mut |item| {
        tally.take(&item);
        true
    })?;
    let mut checked = tally.end();
    findings.append(&mut checked.findings);
    Ok(outcome.map(|()| Checked { census: checked.census, findings }))
}

fn dump(connection: &Connection, sink: Sink<'_>) -> rusqlite::Result<Result<(), Fault>> {
    let mut select = connection.prepare(
        "SELECT sale_no, sale_id, fence, size, chain FROM journal_sale JOIN head USING (sale_no) ORDER BY sale_no",
    )?;
    let sales = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, head_of(row, 3)?))
    })?;
    for sale in sales {
        let (sale_no, name, fence, head): (i64, String, i64, Head) = sale?;
        let Some(sale) = SaleId::parse(&name) else {
            return Ok(Err(Fault::Corrupt { what: format!("a sale is called {name:?}") }));
        };
        let files = files_of(connection, sale_no)?;
        if !sink(Item::Sale { sale, head, fence, files }) || !dump_sale(connection, sale_no, sink)? {
            return Ok(Ok(()));
        }
    }
    let _ = dump_vault(connection, sink)? && dump_shelf(connection, sink)?;
    Ok(Ok(()))
}

fn dump_sale(connection: &Connection, sale_no: i64, sink: Sink<'_>) -> rusqlite::Result<bool> {
    let mut select =
        connection.prepare("SELECT place, bytes FROM journal_entry WHERE place >= ? AND place < ? ORDER BY place")?;
    let mut rows = select.query([sale_no * PLACES, (sale_no + 1) * PLACES])?;
    let (mut first, mut entries) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let number = (row.get::<_, i64>(0)? - sale_no * PLACES).unsigned_abs();
        if entries.len() == CHUNK || number != first + entries.len() as u64 {
            if !entries.is_empty() && !sink(Item::Entries { first, entries: std::mem::take(&mut entries) }) {
                return Ok(false);
            }
            first = number;
        }
        entries.push(row.get(1)?);
    }
    if !entries.is_empty() && !sink(Item::Entries { first, entries }) {
        return Ok(false);
    }
    let mut select = connection.prepare("SELECT size, note FROM journal_checkpoint WHERE sale_no = ? ORDER BY size")?;
    for checkpoint in select.query_map([sale_no], checkpoint_of)? {
        if !sink(Item::Checkpoint(checkpoint?)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn dump_vault(connection: &Connection, sink: Sink<'_>) -> rusqlite::Result<bool> {
    let mut select = connection
        .prepare("SELECT kind, id, version, is_identity, bytes, erased_ms FROM vault_record ORDER BY kind, id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let held = Held { bytes: row.get(4)?, erased_ms: row.get(5)? };
        let (kind, id, version, is_identity) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        if !sink(Item::Record { kind, id, version, is_identity, held }) {
            return Ok(false);
        }
    }
    let mut select =
        connection.prepare("SELECT kind, id, size, sha256, bytes, erased_ms FROM vault_document ORDER BY kind, id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let held = Held { bytes: row.get(4)?, erased_ms: row.get(5)? };
        let (kind, id, size, sha256) = (row.get(0)?, row.get(1)?, row.get(2)?, Digest(row.get(3)?));
        if !sink(Item::Document { kind, id, size, sha256, held }) {
            return Ok(false);
        }
    }
    let mut select =
        connection.prepare("SELECT number, kind, id, who, why, at_ms FROM vault_reading ORDER BY number")?;
    for reading in select.query_map([], super::vault::reading_of)? {
        if !sink(Item::Reading(reading?)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn dump_shelf(connection: &Connection, sink: Sink<'_>) -> rusqlite::Result<bool> {
    let mut select = connection.prepare("SELECT key, value FROM shelf ORDER BY key")?;
    let mut rows = select.query([])?;
    let mut some = Vec::new();
    while let Some(row) = rows.next()? {
        some.push((row.get(0)?, row.get(1)?));
        if some.len() == CHUNK && !sink(Item::Shelf(std::mem::take(&mut some))) {
            return Ok(false);
        }
    }
    Ok(some.is_empty() || sink(Item::Shelf(some)))
}

fn load(connection: &Connection, sale_no: &mut i64, item: Item) -> rusqlite::Result<()> {
    let insert = |words: &str, values: &[&dyn ToSql]| connection.prepare_cached(words)?.execute(values).map(drop);
    match item {
        Item::Sale { sale, head, fence, files } => {
            *sale_no += 1;
            let sale_no = *sale_no;
            insert("INSERT INTO journal_sale (sale_no, sale_id) VALUES (?, ?)", params![sale_no, sale.as_str()])?;
            // One more, so that whoever held the lease in the store that was copied has none in this one.
            let words = "INSERT INTO head (sale_no, size, chain, fence) VALUES (?, ?, ?, ? + 1)";
            insert(words, params![sale_no, head.size, head.chain.0, fence])?;
            for (name, bytes) in files {
                let words = "INSERT INTO journal_file (sale_no, name, bytes) VALUES (?, ?, ?)";
                insert(words, params![sale_no, name, bytes])?;
            }
        }
        Item::Entries { first, entries } => {
            for (place, entry) in (*sale_no * PLACES + below_2_63(first)..).zip(entries) {
                insert("INSERT INTO journal_entry (place, bytes) VALUES (?, ?)", params![place, entry])?;
            }
        }
        Item::Checkpoint(checkpoint) => {
            let words = "INSERT INTO journal_checkpoint (sale_no, size, note) VALUES (?, ?, ?)";
            insert(words, params![*sale_no, checkpoint.size, checkpoint.note])?;
        }
        Item::Record { kind, id, version, is_identity, held } => {
            let words = "INSERT INTO vault_record (kind, id, version, is_identity, bytes, erased_ms) \
                         VALUES (?, ?, ?, ?, ?, ?)";
            insert(words, params![kind, id, version, is_identity, held.bytes, held.erased_ms])?;
        }
        Item::Document { kind, id, size, sha256, held } => {
            let words =
                "INSERT INTO vault_document (kind, id, size, sha256, bytes, erased_ms) VALUES (?, ?, ?, ?, ?, ?)";
            insert(words, params![kind, id, size, sha256.0, held.bytes, held.erased_ms])?;
        }
        Item::Reading(Reading { number, kind, id, who, why, at_ms }) => {
            let words = "INSERT INTO vault_reading (number, kind, id, who, why, at_ms) VALUES (?, ?, ?, ?, ?, ?)";
            insert(words, params![number, kind, id, who, why, at_ms])?;
        }
        Item::Shelf(rows) => {
            for (key, value) in rows {
                super::shelf::set(connection, &key, Some(&value))?;
            }
        }
    }
    Ok(())
}

/// A channel for items.
pub(crate) fn channel() -> (mpsc::Sender<Item>, mpsc::Receiver<Item>) {
    mpsc::channel(WAITING)
}
