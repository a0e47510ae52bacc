//! The vault in PostgreSQL.
//!
//! An erasure is a change of a row; what stood there before stays in the file's free space until the server
//! uses it again, and in its write-ahead log until that is recycled. `vacuum` writes the tables anew.

use landgavel_base::Digest;
use tokio_postgres::Row;

use super::Postgres;
use super::journal::{below_2_63, give_up, rows_of};
use super::pool::{count, digest, get};
use crate::fault::Fault;
use crate::vault::{
    Content, Document, Expect, Marking, Reader, Reading, Record, VaultError, check_document, check_key, check_reader,
    check_record, sha256,
};

impl Postgres {
    pub(crate) async fn vault_put(
        &self,
        kind: &str,
        id: &str,
        marking: Marking,
        bytes: &[u8],
        expect: Expect,
    ) -> Result<u64, VaultError> {
        check_record(kind, id, bytes)?;
        let is_identity = marking == Marking::Identity;
        let (insert, expected) = match expect {
            Expect::Anything => (true, None),
            Expect::Version(None) => (true, Some(0)),
            Expect::Version(Some(version)) => (false, Some(below_2_63(version))),
        };
        // Once marked, a record stays so: else an unmarked write would open it. A record that is to be new
        // meets one that is there as version 0, which none has.
        let words = if insert {
            "INSERT INTO landgavel.vault_record AS old (kind, id, version, is_identity, bytes) VALUES ($1, $2, 1, $3, $4)
             ON CONFLICT (kind, id) DO UPDATE SET version = old.version + 1, bytes = excluded.bytes,
                 is_identity = old.is_identity OR excluded.is_identity
             WHERE old.erased_ms IS NULL AND ($5::bigint IS NULL OR old.version = $5)
             RETURNING version"
        } else {
            "UPDATE landgavel.vault_record AS old SET version = version + 1, bytes = $4, is_identity = is_identity OR $3
             WHERE kind = $1 AND id = $2 AND erased_ms IS NULL AND version = $5
             RETURNING version"
        };
        let done = self.pool.write(words, &[&kind, &id, &is_identity, &bytes, &expected]).await?;
        match done.first() {
            Some(row) => Ok(count(row, 0)?),
            None => Err(match self.record(kind, id).await? {
                Some(Record { content: Content::Erased { at_ms }, .. }) => VaultError::Erased { at_ms },
                standing => VaultError::Changed { version: standing.map(|record| record.version) },
            }),
        }
    }

    pub(crate) async fn vault_get(&self, kind: &str, id: &str) -> Result<Record, VaultError> {
        check_key(kind, id)?;
        match self.record(kind, id).await? {
            None => Err(VaultError::Absent),
            Some(Record { content: Content::Withheld, .. }) => Err(VaultError::Audited),
            Some(record) => Ok(record),
        }
    }

    /// A record, with its bytes withheld if it is marked.
    async fn record(&self, kind: &str, id: &str) -> Result<Option<Record>, Fault> {
        let words = "SELECT id, version, is_identity, CASE WHEN NOT is_identity THEN bytes END, erased_ms \
                     FROM landgavel.vault_record WHERE kind = $1 AND id = $2";
        self.pool.read_one(words, &[&kind, &id]).await?.as_ref().map(record_of).transpose()
    }

    pub(crate) async fn read_identity(&self, kind: &str, id: &str, reader: Reader<'_>) -> Result<Record, VaultError> {
        check_key(kind, id)?;
        check_reader(reader)?;
        let mut transaction = self.pool.begin().await?;
        let words = "SELECT id, version, is_identity, bytes, erased_ms FROM landgavel.vault_record \
                     WHERE kind = $1 AND id = $2";
        let Some(row) = transaction.ask(words, &[&kind, &id]).await?.into_iter().next() else {
            return give_up(transaction, VaultError::Absent).await;
        };
        // One at a time, so that the numbers have no gap in which a line could have been.
        transaction.ask("LOCK TABLE landgavel.vault_reading IN SHARE ROW EXCLUSIVE MODE", &[]).await?;
        let words = "INSERT INTO landgavel.vault_reading (number, kind, id, who, why, at_ms) \
                     SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5 FROM landgavel.vault_reading";
        transaction.ask(words, &[&kind, &id, &reader.who, &reader.why, &reader.now_ms]).await?;
        transaction.commit().await?;
        Ok(record_of(&row)?)
    }

    pub(crate) async fn readings(&self, after: u64, limit: usize) -> Result<Vec<Reading>, Fault> {
        let words = "SELECT number, kind, id, who, why, at_ms FROM landgavel.vault_reading WHERE number > $1 \
                     ORDER BY number LIMIT $2";
        let rows = self.pool.read(words, &[&below_2_63(after), &rows_of(limit)]).await?;
        rows.iter().map(reading_of).collect()
    }

    pub(crate) async fn vault_list(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, Fault> {
        let words = "SELECT id, version, is_identity, CASE WHEN NOT is_identity THEN bytes END, erased_ms \
                     FROM landgavel.vault_record WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows = self.pool.read(words, &[&kind, &after.unwrap_or(""), &rows_of(limit)]).await?;
        rows.iter().map(record_of).collect()
    }

    pub(crate) async fn vault_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        check_key(kind, id)?;
        // The first time stays.
        let words = "UPDATE landgavel.vault_record SET bytes = NULL, erased_ms = coalesce(erased_ms, $3), \
                     version = version + (erased_ms IS NULL)::int WHERE kind = $1 AND id = $2 RETURNING version";
        let done = self.pool.write(words, &[&kind, &id, &now_ms]).await?;
        if done.is_empty() { Err(VaultError::Absent) } else { Ok(()) }
    }

    pub(crate) async fn document_put(
        &self,
        kind: &str,
        id: &str,
        bytes: &[u8],
        most: usize,
    ) -> Result<Digest, VaultError> {
        check_document(kind, id, bytes, most)?;
        let sum = sha256(bytes);
        let words = "INSERT INTO landgavel.vault_document (kind, id, size, sha256, bytes) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT DO NOTHING RETURNING size";
        let done = self.pool.write(words, &[&kind, &id, &rows_of(bytes.len()), &&sum.0[..], &bytes]).await?;
        if !done.is_empty() {
            return Ok(sum);
        }
        match self.document(kind, id).await? {
            Some(Document { erased_at_ms: Some(at_ms), .. }) => Err(VaultError::Erased { at_ms }),
            Some(Document { sha256, .. }) if sha256 == sum => Ok(sum),
            _ => Err(VaultError::Changed { version: Some(1) }),
        }
    }

    async fn document(&self, kind: &str, id: &str) -> Result<Option<Document>, Fault> {
        let words = "SELECT id, size, sha256, erased_ms FROM landgavel.vault_document WHERE kind = $1 AND id = $2";
        self.pool.read_one(words, &[&kind, &id]).await?.as_ref().map(document_of).transpose()
    }

    pub(crate) async fn document_get(&self, kind: &str, id: &str) -> Result<Vec<u8>, VaultError> {
        check_key(kind, id)?;
        let words =
            "SELECT id, size, sha256, erased_ms, bytes FROM landgavel.vault_document WHERE kind = $1 AND id = $2";
        let Some(row) = self.pool.read_one(words, &[&kind, &id]).await? else { return Err(VaultError::Absent) };
        let document = document_of(&row)?;
        if let Some(at_ms) = document.erased_at_ms {
            return Err(VaultError::Erased { at_ms });
        }
        let bytes: Vec<u8> = get(&row, 4)?;
        if sha256(&bytes) == document.sha256 {
            Ok(bytes)
        } else {
            Err(Fault::Corrupt { what: format!("document {kind}/{id}") }.into())
        }
    }

    pub(crate) async fn documents(
        &self,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        let words = "SELECT id, size, sha256, erased_ms FROM landgavel.vault_document WHERE kind = $1 AND id > $2 \
                     ORDER BY id LIMIT $3";
        let rows = self.pool.read(words, &[&kind, &after.unwrap_or(""), &rows_of(limit)]).await?;
        rows.iter().map(document_of).collect()
    }

    pub(crate) async fn document_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        check_key(kind, id)?;
        let words = "UPDATE landgavel.vault_document SET bytes = NULL, erased_ms = coalesce(erased_ms, $3) \
                     WHERE kind = $1 AND id = $2 RETURNING size";
        let done = self.pool.write(words, &[&kind, &id, &now_ms]).await?;
        if done.is_empty() { Err(VaultError::Absent) } else { Ok(()) }
    }
}

fn record_of(row: &Row) -> Result<Record, Fault> {
    let (bytes, erased_ms): (Option<Vec<u8>>, Option<i64>) = (get(row, 3)?, get(row, 4)?);
    let content = match (bytes, erased_ms) {
        (_, Some(at_ms)) => Content::Erased { at_ms },
        (Some(bytes), None) => Content::Bytes(bytes),
        (None, None) => Content::Withheld,
    };
    let marking = if get(row, 2)? { Marking::Identity } else { Marking::Plain };
    Ok(Record { id: get(row, 0)?, version: count(row, 1)?, marking, content })
}

fn document_of(row: &Row) -> Result<Document, Fault> {
    Ok(Document { id: get(row, 0)?, size: count(row, 1)?, sha256: digest(row, 2)?, erased_at_ms: get(row, 3)? })
}

pub(super) fn reading_of(row: &Row) -> Result<Reading, Fault> {
    Ok(Reading {
        number: count(row, 0)?,
        kind: get(row, 1)?,
        id: get(row, 2)?,
        who: get(row, 3)?,
        why: get(row, 4)?,
        at_ms: get(row, 5)?,
    })
}
