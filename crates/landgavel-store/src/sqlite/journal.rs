//! The journal in SQLite.

use landgavel_base::Digest;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tokio::sync::watch;

use super::Sqlite;
use crate::fault::Fault;
use crate::journal::{
    AppendError, Batch, Checkpoint, CreateError, Head, MAX_ENTRIES, MAX_SALES, PublishError, SaleFile, check_files,
    check_note,
};
use crate::lease::{Fence, Fenced};
use crate::name::SaleId;

/// The number of a sale's first row is its own number times this.
pub(super) const PLACES: i64 = 1 << 40;

impl Sqlite {
    pub(crate) async fn create(&self, sale: &SaleId, mut files: Vec<SaleFile>) -> Result<(), CreateError> {
        check_files(&files)?;
        files.sort_unstable();
        let sale = sale.clone();
        self.writer
            .run(move |connection| {
                if let Some(sale_no) = number_of(connection, &sale)? {
                    let same = files_of(connection, sale_no)? == files;
                    return Ok(if same { Ok(()) } else { Err(CreateError::Exists) });
                }
                let next = "SELECT ifnull(max(sale_no), 0) + 1 FROM journal_sale";
                let sale_no: i64 = connection.query_row(next, [], |row| row.get(0))?;
                if sale_no > MAX_SALES {
                    return Ok(Err(Fault::limit(format!("{MAX_SALES} sales of a store")).into()));
                }
                connection
                    .prepare_cached("INSERT INTO journal_sale (sale_no, sale_id) VALUES (?, ?)")?
                    .execute(params![sale_no, sale.as_str()])?;
                let words = "INSERT INTO head (sale_no, size, chain, fence) VALUES (?, 0, ?, 0)";
                connection.prepare_cached(words)?.execute(params![sale_no, Head::EMPTY.chain.0])?;
                let words = "INSERT INTO journal_file (sale_no, name, bytes) VALUES (?, ?, ?)";
                let mut insert = connection.prepare_cached(words)?;
                for (name, bytes) in &files {
                    insert.execute(params![sale_no, name, bytes])?;
                }
                Ok(Ok(()))
            })
            .await
    }

    pub(crate) async fn sales(&self) -> Result<Vec<(SaleId, Head)>, Fault> {
        self.readers
            .run(|connection| {
                let words = "SELECT sale_id, size, chain FROM journal_sale JOIN head USING (sale_no) ORDER BY sale_no";
                let mut select = connection.prepare_cached(words)?;
                let mut rows = select.query([])?;
                let mut sales = Vec::new();
                while let Some(row) = rows.next()? {
                    let name: String = row.get(0)?;
                    let Some(sale) = SaleId::parse(&name) else {
                        return Ok(Err(Fault::Corrupt { what: format!("a sale is called {name:?}") }));
                    };
                    sales.push((sale, head_of(row, 1)?));
                }
                Ok(Ok(sales))
            })
            .await
    }

    pub(crate) async fn files(&self, sale: &SaleId) -> Result<Vec<SaleFile>, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| match number_of(connection, &sale)? {
                Some(sale_no) => files_of(connection, sale_no).map(Ok),
                None => Ok(Err(no_such(&sale))),
            })
            .await
    }

    pub(crate) async fn head(&self, sale: &SaleId) -> Result<Head, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| {
                let words = "SELECT size, chain FROM journal_sale JOIN head USING (sale_no) WHERE sale_id = ?";
                let mut select = connection.prepare_cached(words)?;
                let head = select.query_row([sale.as_str()], |row| head_of(row, 0)).optional()?;
                Ok(head.ok_or_else(|| no_such(&sale)))
            })
            .await
    }

    pub(crate) async fn append(&self, fence: &Fence, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        batch.check()?;
        // Hashing here keeps the writer's thread for the disk.
        let head = expected.after(&batch.entries);
        if head.size > MAX_ENTRIES {
            return Err(Fault::limit(format!("{MAX_ENTRIES} entries of a sale")).into());
        }
        let shown = fence.clone();
        let done = self
            .writer
            .run(move |connection| {
                let current = match held(connection, &shown)? {
                    Ok(current) => current,
                    Err(fenced) => return Ok(Err(fenced.into())),
                };
                if current != expected {
                    return Ok(Err(AppendError::Moved { head: current }));
                }
                write(connection, shown.sale_no, expected, head, &batch)?;
                Ok(Ok(head))
            })
            .await?;
        self.watchers.announce(&fence.sale, done);
        Ok(done)
    }

    pub(crate) async fn read(
        &self,
        sale: &SaleId,
        from: u64,
        most_entries: usize,
        most_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| {
                let Some(sale_no) = number_of(connection, &sale)? else { return Ok(Err(no_such(&sale))) };
                let (first, end) = (sale_no * PLACES, (sale_no + 1) * PLACES);
                let from = i64::try_from(from).map_or(end, |from| first.saturating_add(from).min(end));
                let words = "SELECT bytes FROM journal_entry WHERE place >= ? AND place < ? ORDER BY place";
                let mut select = connection.prepare_cached(words)?;
                let mut rows = select.query([from, end])?;
                let (mut entries, mut bytes) = (Vec::new(), 0);
                while entries.len() < most_entries
                    && let Some(row) = rows.next()?
                {
                    let entry: Vec<u8> = row.get(0)?;
                    bytes += entry.len();
                    // One entry always fits, or a reader with a small bound would never come on.
                    if bytes > most_bytes && !entries.is_empty() {
                        break;
                    }
                    entries.push(entry);
                }
                Ok(Ok(entries))
            })
            .await
    }

    pub(crate) async fn publish(&self, fence: &Fence, size: u64, note: &str) -> Result<(), PublishError> {
        check_note(note)?;
        let (fence, note) = (fence.clone(), note.to_owned());
        self.writer
            .run(move |connection| {
                let head = match held(connection, &fence)? {
                    Ok(head) => head,
                    Err(fenced) => return Ok(Err(fenced.into())),
                };
                if size > head.size {
                    return Ok(Err(PublishError::BeyondHead { head }));
                }
                if let Some(latest) = latest_of(connection, fence.sale_no)?
                    && latest.size >= size
                {
                    let again = latest.size == size && latest.note == note;
                    return Ok(if again { Ok(()) } else { Err(PublishError::NotRising { latest: latest.size }) });
                }
                connection
                    .prepare_cached("INSERT INTO journal_checkpoint (sale_no, size, note) VALUES (?, ?, ?)")?
                    .execute(params![fence.sale_no, size, note])?;
                Ok(Ok(()))
            })
            .await
    }

    pub(crate) async fn checkpoints(
        &self,
        sale: &SaleId,
        from_size: u64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| {
                let Some(sale_no) = number_of(connection, &sale)? else { return Ok(Err(no_such(&sale))) };
                let words =
                    "SELECT size, note FROM journal_checkpoint WHERE sale_no = ? AND size >= ? ORDER BY size LIMIT ?";
                let mut select = connection.prepare_cached(words)?;
                let rows = select.query_map(params![sale_no, below_2_63(from_size), limit], checkpoint_of)?;
                rows.collect::<rusqlite::Result<Vec<_>>>().map(Ok)
            })
            .await
    }

    pub(crate) async fn latest_checkpoint(&self, sale: &SaleId) -> Result<Option<Checkpoint>, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| match number_of(connection, &sale)? {
                Some(sale_no) => latest_of(connection, sale_no).map(Ok),
                None => Ok(Err(no_such(&sale))),
            })
            .await
    }

    pub(crate) async fn watch(&self, sale: &SaleId) -> Result<watch::Receiver<Head>, Fault> {
        let receiver = self.watchers.subscribe(sale);
        let head = self.head(sale).await?;
        self.watchers.announce(sale, head);
        Ok(receiver)
    }
}

/// No number of the store is that large, so what is larger means "beyond all".
pub(super) fn below_2_63(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn no_such(sale: &SaleId) -> Fault {
    Fault::NoSuchSale { sale: sale.to_string() }
}

pub(super) fn number_of(connection: &Connection, sale: &SaleId) -> rusqlite::Result<Option<i64>> {
    let mut select = connection.prepare_cached("SELECT sale_no FROM journal_sale WHERE sale_id = ?")?;
    select.query_row([sale.as_str()], |row| row.get(0)).optional()
}

/// The head, if the fence still stands.
pub(super) fn held(connection: &Connection, fence: &Fence) -> rusqlite::Result<Result<Head, Fenced>> {
    let mut select = connection.prepare_cached("SELECT fence, size, chain FROM head WHERE sale_no = ?")?;
    let (number, head): (i64, Head) = select.query_row([fence.sale_no], |row| Ok((row.get(0)?, head_of(row, 1)?)))?;
    Ok(if number == fence.number { Ok(head) } else { Err(Fenced { by: number.unsigned_abs() }) })
}

fn write(connection: &Connection, sale_no: i64, from: Head, to: Head, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO journal_entry (place, bytes) VALUES (?, ?)")?;
    for (place, entry) in (sale_no * PLACES + below_2_63(from.size)..).zip(&batch.entries) {
        insert.execute(params![place, entry])?;
    }
    connection
        .prepare_cached("UPDATE head SET size = ?, chain = ? WHERE sale_no = ?")?
        .execute(params![to.size, to.chain.0, sale_no])?;
    for (key, value) in &batch.shelf {
        super::shelf::set(connection, key, value.as_deref())?;
    }
    Ok(())
}

pub(super) fn files_of(connection: &Connection, sale_no: i64) -> rusqlite::Result<Vec<SaleFile>> {
    let mut select =
        connection.prepare_cached("SELECT name, bytes FROM journal_file WHERE sale_no = ? ORDER BY name")?;
    select.query_map([sale_no], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn latest_of(connection: &Connection, sale_no: i64) -> rusqlite::Result<Option<Checkpoint>> {
    let words = "SELECT size, note FROM journal_checkpoint WHERE sale_no = ? ORDER BY size DESC LIMIT 1";
    connection.prepare_cached(words)?.query_row([sale_no], checkpoint_of).optional()
}

pub(super) fn checkpoint_of(row: &Row<'_>) -> rusqlite::Result<Checkpoint> {
    Ok(Checkpoint { size: row.get(0)?, note: row.get(1)? })
}

pub(super) fn head_of(row: &Row<'_>, at: usize) -> rusqlite::Result<Head> {
    Ok(Head { size: row.get(at)?, chain: Digest(row.get(at + 1)?) })
}
