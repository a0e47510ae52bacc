//! The journal in PostgreSQL.

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio_postgres::Row;

use super::Postgres;
use super::pool::{Pool, Transaction, count, digest, get};
use crate::fault::Fault;
use crate::journal::{
    AppendError, Batch, Checkpoint, CreateError, Head, MAX_ENTRIES, MAX_SALES, PublishError, SaleFile, check_files,
    check_note,
};
use crate::lease::{Fence, Fenced};
use crate::name::SaleId;

/// How many entries are asked for at once; the largest of them together are 64 MiB.
const CHUNK: usize = 1_024;

/// One statement is one transaction and one way to the server and back. The head's row is locked by the
/// update that compares it, so what follows from `held` happens under that lock or not at all.
const APPEND: &str = "
WITH held AS (
    UPDATE landgavel.head SET size = $3::bigint + cardinality($6::bytea[]), chain = $5
    WHERE sale_no = $1 AND fence = $2 AND size = $3 AND chain = $4
    RETURNING sale_no
), entries AS (
    INSERT INTO landgavel.journal_entry (sale_no, number, bytes)
    SELECT sale_no, $3 + at - 1, bytes FROM held, unnest($6::bytea[]) WITH ORDINALITY AS given (bytes, at)
), kept AS (
    INSERT INTO landgavel.shelf (key, value)
    SELECT key, value FROM held, unnest($7::bytea[], $8::bytea[]) AS given (key, value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
), removed AS (
    DELETE FROM landgavel.shelf USING held WHERE key = ANY ($9::bytea[])
)
SELECT sale_no FROM held";

/// After a refusal the head is read; it may have come to be what was expected meanwhile, and then the
/// append is tried again, so often.
const TRIES: usize = 3;

impl Postgres {
    pub(crate) async fn create(&self, sale: &SaleId, mut files: Vec<SaleFile>) -> Result<(), CreateError> {
        check_files(&files)?;
        files.sort_unstable();
        let mut transaction = self.pool.begin().await?;
        let words = "INSERT INTO landgavel.journal_sale (sale_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING sale_no";
        let Some(row) = transaction.ask(words, &[&sale.as_str()]).await?.into_iter().next() else {
            transaction.roll_back().await?;
            let same = self.files(sale).await? == files;
            return if same { Ok(()) } else { Err(CreateError::Exists) };
        };
        let sale_no: i64 = get(&row, 0)?;
        if sale_no > MAX_SALES {
            return Err(Fault::limit(format!("{MAX_SALES} sales of a store")).into());
        }
        let words = "INSERT INTO landgavel.head (sale_no, size, chain, fence) VALUES ($1, 0, $2, 0)";
        transaction.ask(words, &[&sale_no, &&Head::EMPTY.chain.0[..]]).await?;
        let (names, contents): (Vec<String>, Vec<Vec<u8>>) = files.into_iter().unzip();
        let words = "INSERT INTO landgavel.journal_file (sale_no, name, bytes) \
                     SELECT $1, name, bytes FROM unnest($2::text[], $3::bytea[]) AS given (name, bytes)";
        transaction.ask(words, &[&sale_no, &names, &contents]).await?;
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn sales(&self) -> Result<Vec<(SaleId, Head)>, Fault> {
        let words = "SELECT sale_id, size, chain FROM landgavel.journal_sale JOIN landgavel.head USING (sale_no) \
                     ORDER BY sale_no";
        let rows = self.pool.read(words, &[]).await?;
        rows.iter()
            .map(|row| {
                let name: String = get(row, 0)?;
                let damaged = || Fault::Corrupt { what: format!("a sale is called {name:?}") };
                Ok((SaleId::parse(&name).ok_or_else(damaged)?, head_of(row, 1)?))
            })
            .collect()
    }

    pub(crate) async fn files(&self, sale: &SaleId) -> Result<Vec<SaleFile>, Fault> {
        let words = "SELECT name, bytes FROM landgavel.journal_sale JOIN landgavel.journal_file USING (sale_no) \
                     WHERE sale_id = $1 ORDER BY name";
        let rows = self.pool.read(words, &[&sale.as_str()]).await?;
        if rows.is_empty() {
            number_of(&self.pool, sale).await?;
        }
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
    }

    pub(crate) async fn head(&self, sale: &SaleId) -> Result<Head, Fault> {
        let words = "SELECT size, chain FROM landgavel.journal_sale JOIN landgavel.head USING (sale_no) \
                     WHERE sale_id = $1";
        let row = self.pool.read_one(words, &[&sale.as_str()]).await?;
        head_of(&row.ok_or_else(|| no_such(sale))?, 0)
    }

    pub(crate) async fn append(&self, fence: &Fence, expected: Head, batch: Batch) -> Result<Head, AppendError> {
        batch.check()?;
        let head = expected.after(&batch.entries);
        if head.size > MAX_ENTRIES {
            return Err(Fault::limit(format!("{MAX_ENTRIES} entries of a sale")).into());
        }
        // A statement may change a key once; the order keeps two appends from waiting for each other.
        let shelf: BTreeMap<Vec<u8>, Option<Vec<u8>>> = batch.shelf.into_iter().collect();
        let (mut keys, mut values, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        for (key, value) in shelf {
            match value {
                Some(value) => {
                    keys.push(key);
                    values.push(value);
                }
                None => removed.push(key),
            }
        }
        let (size, chain, next) = (below_2_63(expected.size), &expected.chain.0[..], &head.chain.0[..]);
        for _ in 0..TRIES {
            let done = self
                .pool
                .write(
                    APPEND,
                    &[&fence.sale_no, &fence.number, &size, &chain, &next, &batch.entries, &keys, &values, &removed],
                )
                .await?;
            if !done.is_empty() {
                self.watchers.announce(&fence.sale, head);
                // A full queue is no loss: followers also look for themselves.
                let _ = self.grown.try_send(fence.sale.clone());
                return Ok(head);
            }
            let current = held(&self.pool, fence).await??;
            if current != expected {
                return Err(AppendError::Moved { head: current });
            }
        }
        Err(Fault::Database { why: "the head is as expected and still not taken".to_owned() }.into())
    }

    pub(crate) async fn read(
        &self,
        sale: &SaleId,
        from: u64,
        most_entries: usize,
        most_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let sale_no = number_of(&self.pool, sale).await?;
        let words = "SELECT bytes FROM landgavel.journal_entry WHERE sale_no = $1 AND number >= $2 \
                     ORDER BY number LIMIT $3";
        let (mut entries, mut bytes, mut from) = (Vec::new(), 0, below_2_63(from));
        loop {
            let limit = CHUNK.min(most_entries - entries.len());
            let rows = self.pool.read(words, &[&sale_no, &from, &rows_of(limit)]).await?;
            for row in &rows {
                let entry: Vec<u8> = get(row, 0)?;
                bytes += entry.len();
                // One entry always fits, or a reader with a small bound would never come on.
                if bytes > most_bytes && !entries.is_empty() {
                    return Ok(entries);
                }
                entries.push(entry);
            }
            from = from.saturating_add(rows_of(rows.len()));
            if rows.len() < limit || entries.len() == most_entries {
                return Ok(entries);
            }
        }
    }

    pub(crate) async fn publish(&self, fence: &Fence, size: u64, note: &str) -> Result<(), PublishError> {
        check_note(note)?;
        let mut transaction = self.pool.begin().await?;
        // The lock keeps this fence standing until the commit.
        let head = match lock(&mut transaction, fence).await? {
            Ok(head) => head,
            Err(fenced) => return give_up(transaction, fenced.into()).await,
        };
        if size > head.size {
            return give_up(transaction, PublishError::BeyondHead { head }).await;
        }
        let words = "SELECT size, note FROM landgavel.journal_checkpoint WHERE sale_no = $1 ORDER BY size DESC LIMIT 1";
        if let Some(row) = transaction.ask(words, &[&fence.sale_no]).await?.first() {
            let latest = checkpoint_of(row)?;
            if latest.size == size && latest.note == note {
                return Ok(transaction.roll_back().await?);
            }
            if latest.size >= size {
                return give_up(transaction, PublishError::NotRising { latest: latest.size }).await;
            }
        }
        let words = "INSERT INTO landgavel.journal_checkpoint (sale_no, size, note) VALUES ($1, $2, $3)";
        transaction.ask(words, &[&fence.sale_no, &below_2_63(size), &note]).await?;
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn checkpoints(
        &self,
        sale: &SaleId,
        from_size: u64,
        limit: usize,
    ) -> Result<Vec<Checkpoint>, Fault> {
        let sale_no = number_of(&self.pool, sale).await?;
        let words = "SELECT size, note FROM landgavel.journal_checkpoint WHERE sale_no = $1 AND size >= $2 \
                     ORDER BY size LIMIT $3";
        let rows = self.pool.read(words, &[&sale_no, &below_2_63(from_size), &rows_of(limit)]).await?;
        rows.iter().map(checkpoint_of).collect()
    }

    pub(crate) async fn latest_checkpoint(&self, sale: &SaleId) -> Result<Option<Checkpoint>, Fault> {
        let sale_no = number_of(&self.pool, sale).await?;
        let words = "SELECT size, note FROM landgavel.journal_checkpoint WHERE sale_no = $1 ORDER BY size DESC LIMIT 1";
        self.pool.read_one(words, &[&sale_no]).await?.as_ref().map(checkpoint_of).transpose()
    }

    pub(crate) async fn watch(&self, sale: &SaleId) -> Result<watch::Receiver<Head>, Fault> {
        let receiver = self.watchers.subscribe(sale);
        let head = self.head(sale).await?;
        self.watchers.announce(sale, head);
        Ok(receiver)
    }
}

/// Ends a transaction in which nothing was written, with the refusal that it led to.
pub(super) async fn give_up<T, E: From<Fault>>(transaction: Transaction, refusal: E) -> Result<T, E> {
    transaction.roll_back().await?;
    Err(refusal)
}

/// No number of the store is that large, so what is larger means "beyond all".
pub(super) fn below_2_63(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number of rows.
pub(super) fn rows_of(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn no_such(sale: &SaleId) -> Fault {
    Fault::NoSuchSale { sale: sale.to_string() }
}

pub(super) async fn number_of(pool: &Pool, sale: &SaleId) -> Result<i64, Fault> {
    let words = "SELECT sale_no FROM landgavel.journal_sale WHERE sale_id = $1";
    let row = pool.read_one(words, &[&sale.as_str()]).await?;
    get(&row.ok_or_else(|| no_such(sale))?, 0)
}

/// The head, if the fence still stands.
async fn held(pool: &Pool, fence: &Fence) -> Result<Result<Head, Fenced>, Fault> {
    let words = "SELECT fence, size, chain FROM landgavel.head WHERE sale_no = $1";
    let row = pool.read_one(words, &[&fence.sale_no]).await?;
    compare(fence, row.as_ref())
}

/// The same, and keeps the row from being changed by others until the transaction ends.
pub(super) async fn lock(transaction: &mut Transaction, fence: &Fence) -> Result<Result<Head, Fenced>, Fault> {
    let words = "SELECT fence, size, chain FROM landgavel.head WHERE sale_no = $1 FOR UPDATE";
    let rows = transaction.ask(words, &[&fence.sale_no]).await?;
    compare(fence, rows.first())
}

fn compare(fence: &Fence, row: Option<&Row>) -> Result<Result<Head, Fenced>, Fault> {
    let row = row.ok_or_else(|| no_such(&fence.sale))?;
    let number: i64 = get(row, 0)?;
    if number == fence.number { Ok(Ok(head_of(row, 1)?)) } else { Ok(Err(Fenced { by: number.unsigned_abs() })) }
}

pub(super) fn head_of(row: &Row, at: usize) -> Result<Head, Fault> {
    Ok(Head { size: count(row, at)?, chain: digest(row, at + 1)? })
}

pub(super) fn checkpoint_of(row: &Row) -> Result<Checkpoint, Fault> {
    Ok(Checkpoint { size: count(row, 0)?, note: get(row, 1)? })
}
