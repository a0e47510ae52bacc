//! Reading and filling a whole store in PostgreSQL.

use tokio::sync::mpsc;

use super::Postgres;
use super::journal::{below_2_63, checkpoint_of, head_of, rows_of};
use super::pool::{Asked, Transaction, count, digest, get};
use crate::fault::Fault;
use crate::name::SaleId;
use crate::portable::{CHUNK, Held, Item};
use crate::vault::Reading;

/// Documents are read one by one, records so many at once.
const RECORDS: usize = 64;

impl Postgres {
    /// Writes all items, as of one moment, into a channel. When nobody takes them any more it ends quietly,
    /// since that one says why.
    pub(crate) async fn dump(&self, items: mpsc::Sender<Item>) -> Result<(), Fault> {
        let mut transaction = self.pool.begin().await?;
        transaction.simple("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        let mut dump = Dump { transaction, items };
        let _ = dump.sales().await?
            && dump.records().await?
            && dump.documents().await?
            && dump.readings().await?
            && dump.shelf().await?;
        dump.transaction.roll_back().await
    }

    /// Fills an empty store: all or nothing.
    pub(crate) async fn load(&self, mut items: mpsc::Receiver<Item>) -> Result<(), Fault> {
        let mut transaction = self.pool.begin().await?;
        transaction.ask("LOCK TABLE landgavel.journal_sale IN SHARE ROW EXCLUSIVE MODE", &[]).await?;
        let words = "SELECT EXISTS (SELECT FROM landgavel.journal_sale) OR EXISTS (SELECT FROM landgavel.vault_record) \
                     OR EXISTS (SELECT FROM landgavel.vault_document) OR EXISTS (SELECT FROM landgavel.vault_reading)";
        if get(&transaction.one(words, &[]).await?, 0)? {
            transaction.roll_back().await?;
            return Err(Fault::limit("a backup is restored into an empty store only"));
        }
        transaction.ask("DELETE FROM landgavel.shelf", &[]).await?;
        let mut sale_no = 0;
        while let Some(item) = items.recv().await {
            load(&mut transaction, &mut sale_no, item).await?;
        }
        transaction.commit().await
    }

    /// Writes the vault and the shelf anew without what was erased or removed.
    pub(crate) async fn vacuum(&self) -> Result<(), Fault> {
        let mut lent = self.pool.lend().await?;
        for table in ["vault_record", "vault_document", "shelf"] {
            lent.simple(Asked::Lasting, &format!("VACUUM (FULL) landgavel.{table}")).await?;
        }
        Ok(())
    }
}

struct Dump {
    transaction: Transaction,
    items: mpsc::Sender<Item>,
}

impl Dump {
    async fn give(&self, item: Item) -> bool {
        self.items.send(item).await.is_ok()
    }

    async fn sales(&mut self) -> Result<bool, Fault> {
        let words = "SELECT sale_no, sale_id, fence, size, chain FROM landgavel.journal_sale \
                     JOIN landgavel.head USING (sale_no) ORDER BY sale_no";
        for row in self.transaction.ask(words, &[]).await? {
            let (sale_no, name, fence): (i64, String, i64) = (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?);
            let damaged = || Fault::Corrupt { what: format!("a sale is called {name:?}") };
            let sale = SaleId::parse(&name).ok_or_else(damaged)?;
            let words = "SELECT name, bytes FROM landgavel.journal_file WHERE sale_no = $1 ORDER BY name";
            let rows = self.transaction.ask(words, &[&sale_no]).await?;
            let files = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<_, Fault>>()?;
            let item = Item::Sale { sale, head: head_of(&row, 3)?, fence, files };
            if !self.give(item).await || !self.entries(sale_no).await? || !self.checkpoints(sale_no).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn entries(&mut self, sale_no: i64) -> Result<bool, Fault> {
        let words = "SELECT number, bytes FROM landgavel.journal_entry WHERE sale_no = $1 AND number >= $2 \
                     ORDER BY number LIMIT $3";
        let mut next = 0;
        loop {
            let rows = self.transaction.ask(words, &[&sale_no, &below_2_63(next), &rows_of(CHUNK)]).await?;
            let (mut first, mut entries) = (next, Vec::new());
            for row in &rows {
                let number = count(row, 0)?;
                if number != first + entries.len() as u64 {
                    if !entries.is_empty()
                        && !self.give(Item::Entries { first, entries: std::mem::take(&mut entries) }).await
                    {
                        return Ok(false);
                    }
                    first = number;
                }
                entries.push(get(row, 1)?);
            }
            next = first + entries.len() as u64;
            if !entries.is_empty() && !self.give(Item::Entries { first, entries }).await {
                return Ok(false);
            }
            if rows.len() < CHUNK {
                return Ok(true);
            }
        }
    }

    async fn checkpoints(&mut self, sale_no: i64) -> Result<bool, Fault> {
        let words = "SELECT size, note FROM landgavel.journal_checkpoint WHERE sale_no = $1 AND size > $2 \
                     ORDER BY size LIMIT $3";
        let mut after: i64 = -1;
        loop {
            let rows = self.transaction.ask(words, &[&sale_no, &after, &rows_of(CHUNK)]).await?;
            for row in &rows {
                after = get(row, 0)?;
                if !self.give(Item::Checkpoint(checkpoint_of(row)?)).await {
                    return Ok(false);
                }
            }
            if rows.len() < CHUNK {
                return Ok(true);
            }
        }
    }

    async fn records(&mut self) -> Result<bool, Fault> {
        let words = "SELECT kind, id, version, is_identity, bytes, erased_ms FROM landgavel.vault_record \
                     WHERE (kind, id) > ($1, $2) ORDER BY kind, id LIMIT $3";
        let mut after = (String::new(), String::new());
        loop {
            let rows = self.transaction.ask(words, &[&after.0, &after.1, &rows_of(RECORDS)]).await?;
            for row in &rows {
                let (kind, id): (String, String) = (get(row, 0)?, get(row, 1)?);
                after = (kind.clone(), id.clone());
                let held = Held { bytes: get(row, 4)?, erased_ms: get(row, 5)? };
                let item = Item::Record { kind, id, version: count(row, 2)?, is_identity: get(row, 3)?, held };
                if !self.give(item).await {
                    return Ok(false);
                }
            }
            if rows.len() < RECORDS {
                return Ok(true);
            }
        }
    }

    async fn documents(&mut self) -> Result<bool, Fault> {
        let words = "SELECT kind, id, size, sha256, bytes, erased_ms FROM landgavel.vault_document \
                     WHERE (kind, id) > ($1, $2) ORDER BY kind, id LIMIT 1";
        let mut after = (String::new(), String::new());
        loop {
            let rows = self.transaction.ask(words, &[&after.0, &after.1]).await?;
            let Some(row) = rows.first() else { return Ok(true) };
            let (kind, id): (String, String) = (get(row, 0)?, get(row, 1)?);
            after = (kind.clone(), id.clone());
            let held = Held { bytes: get(row, 4)?, erased_ms: get(row, 5)? };
            let item = Item::Document { kind, id, size: count(row, 2)?, sha256: digest(row, 3)?, held };
            if !self.give(item).await {
                return Ok(false);
            }
        }
    }

    async fn readings(&mut self) -> Result<bool, Fault> {
        let words = "SELECT number, kind, id, who, why, at_ms FROM landgavel.vault_reading WHERE number > $1 \
                     ORDER BY number LIMIT $2";
        let mut after = i64::MIN;
        loop {
            let rows = self.transaction.ask(words, &[&after, &rows_of(CHUNK)]).await?;
            for row in &rows {
                after = get(row, 0)?;
                if !self.give(Item::Reading(super::vault::reading_of(row)?)).await {
                    return Ok(false);
                }
            }
            if rows.len() < CHUNK {
                return Ok(true);
            }
        }
    }

    async fn shelf(&mut self) -> Result<bool, Fault> {
        let words = "SELECT key, value FROM landgavel.shelf WHERE key > $1 ORDER BY key LIMIT $2";
        let mut after: Vec<u8> = Vec::new();
        loop {
            let rows = self.transaction.ask(words, &[&after, &rows_of(CHUNK)]).await?;
            let some = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<Vec<_>, Fault>>()?;
            let Some((last, _)) = some.last() else { return Ok(true) };
            after.clone_from(last);
            if !self.give(Item::Shelf(some)).await {
                return Ok(false);
            }
        }
    }
}

async fn load(transaction: &mut Transaction, sale_no: &mut i64, item: Item) -> Result<(), Fault> {
    match item {
        Item::Sale { sale, head, fence, files } => {
            let words = "INSERT INTO landgavel.journal_sale (sale_id) VALUES ($1) RETURNING sale_no";
            *sale_no = get(&transaction.one(words, &[&sale.as_str()]).await?, 0)?;
            // One more, so that whoever held the lease in the store that was copied has none in this one.
            let words = "INSERT INTO landgavel.head (sale_no, size, chain, fence) VALUES ($1, $2, $3, $4::bigint + 1)";
            transaction.ask(words, &[sale_no, &below_2_63(head.size), &&head.chain.0[..], &fence]).await?;
            for (name, bytes) in &files {
                let words = "INSERT INTO landgavel.journal_file (sale_no, name, bytes) VALUES ($1, $2, $3)";
                transaction.ask(words, &[sale_no, name, bytes]).await?;
            }
        }
        Item::Entries { first, entries } => {
            let words = "INSERT INTO landgavel.journal_entry (sale_no, number, bytes) \
                         SELECT $1, $2 + at - 1, bytes FROM unnest($3::bytea[]) WITH ORDINALITY AS given (bytes, at)";
            transaction.ask(words, &[sale_no, &below_2_63(first), &entries]).await?;
        }
        Item::Checkpoint(checkpoint) => {
            let words = "INSERT INTO landgavel.journal_checkpoint (sale_no, size, note) VALUES ($1, $2, $3)";
            transaction.ask(words, &[sale_no, &below_2_63(checkpoint.size), &checkpoint.note]).await?;
        }
        Item::Record { kind, id, version, is_identity, held } => {
            let words = "INSERT INTO landgavel.vault_record (kind, id, version, is_identity, bytes, erased_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6)";
            let version = below_2_63(version);
            transaction.ask(words, &[&kind, &id, &version, &is_identity, &held.bytes, &held.erased_ms]).await?;
        }
        Item::Document { kind, id, size, sha256, held } => {
            let words = "INSERT INTO landgavel.vault_document (kind, id, size, sha256, bytes, erased_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6)";
            let sum = &sha256.0[..];
            transaction.ask(words, &[&kind, &id, &below_2_63(size), &sum, &held.bytes, &held.erased_ms]).await?;
        }
        Item::Reading(Reading { number, kind, id, who, why, at_ms }) => {
            let words = "INSERT INTO landgavel.vault_reading (number, kind, id, who, why, at_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6)";
            transaction.ask(words, &[&below_2_63(number), &kind, &id, &who, &why, &at_ms]).await?;
        }
        Item::Shelf(rows) => {
            let (keys, values): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let words = "INSERT INTO landgavel.shelf (key, value) \
                         SELECT key, value FROM unnest($1::bytea[], $2::bytea[]) AS given (key, value)";
            transaction.ask(words, &[&keys, &values]).await?;
        }
    }
    Ok(())
}
