//! The vault in SQLite.

use std::time::Duration;

use landgavel_base::Digest;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Sqlite;
use super::connection::carry_over;
use super::writer::ANSWER;
use crate::fault::Fault;
use crate::vault::{
    Content, Document, Expect, Marking, Reader, Reading, Record, VaultError, check_document, check_key, check_reader,
    check_record, sha256,
};

/// After an erasure, how often it is tried to empty the write-ahead log while readers still look at it, and
/// the pause between. Together (15 s) longer than any reading but a backup.
const EMPTYINGS: u32 = 150;
const PAUSE: Duration = Duration::from_millis(100);

impl Sqlite {
    pub(crate) async fn vault_put(
        &self,
        kind: &str,
        id: &str,
        marking: Marking,
        bytes: &[u8],
        expect: Expect,
    ) -> Result<u64, VaultError> {
        check_record(kind, id, bytes)?;
        let (kind, id, bytes) = (kind.to_owned(), id.to_owned(), bytes.to_vec());
        self.writer
            .run(move |connection| {
                let standing = record_of(connection, &kind, &id)?;
                let version = standing.as_ref().map(|record| record.version);
                if let Some(Record { content: Content::Erased { at_ms }, .. }) = standing {
                    return Ok(Err(VaultError::Erased { at_ms }));
                }
                if let Expect::Version(expected) = expect
                    && expected != version
                {
                    return Ok(Err(VaultError::Changed { version }));
                }
                let next = version.unwrap_or(0) + 1;
                // Once marked, a record stays so: else an unmarked write would open it.
                let words = "INSERT INTO vault_record (kind, id, version, is_identity, bytes) VALUES (?, ?, ?, ?, ?) \
                             ON CONFLICT DO UPDATE SET version = excluded.version, bytes = excluded.bytes, \
                             is_identity = max(is_identity, excluded.is_identity)";
                let is_identity = marking == Marking::Identity;
                connection.prepare_cached(words)?.execute(params![kind, id, next, is_identity, bytes])?;
                Ok(Ok(next))
            })
            .await
    }

    pub(crate) async fn vault_get(&self, kind: &str, id: &str) -> Result<Record, VaultError> {
        check_key(kind, id)?;
        let (kind, id) = (kind.to_owned(), id.to_owned());
        self.readers
            .run(move |connection| {
                Ok(match record_of(connection, &kind, &id)? {
                    None => Err(VaultError::Absent),
                    Some(Record { marking: Marking::Identity, content: Content::Bytes(_), .. }) => {
                        Err(VaultError::Audited)
                    }
                    Some(record) => Ok(record),
                })
            })
            .await
    }

    pub(crate) async fn read_identity(&self, kind: &str, id: &str, reader: Reader<'_>) -> Result<Record, VaultError> {
        check_key(kind, id)?;
        check_reader(reader)?;
        let (kind, id) = (kind.to_owned(), id.to_owned());
        let (who, why, now_ms) = (reader.who.to_owned(), reader.why.to_owned(), reader.now_ms);
        self.writer
            .run(move |connection| {
                let Some(record) = record_of(connection, &kind, &id)? else { return Ok(Err(VaultError::Absent)) };
                let words = "INSERT INTO vault_reading (number, kind, id, who, why, at_ms) \
                             SELECT ifnull(max(number), 0) + 1, ?, ?, ?, ?, ? FROM vault_reading";
                connection.prepare_cached(words)?.execute(params![kind, id, who, why, now_ms])?;
                Ok(Ok(record))
            })
            .await
    }

    pub(crate) async fn readings(&self, after: u64, limit: usize) -> Result<Vec<Reading>, Fault> {
        self.readers
            .run(move |connection| {
                let words = "SELECT number, kind, id, who, why, at_ms FROM vault_reading WHERE number > ? \
                             ORDER BY number LIMIT ?";
                let mut select = connection.prepare_cached(words)?;
                let rows = select.query_map(params![super::journal::below_2_63(after), limit], reading_of)?;
                rows.collect::<rusqlite::Result<Vec<_>>>().map(Ok)
            })
            .await
    }

    pub(crate) async fn vault_list(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, Fault> {
        let (kind, after) = (kind.to_owned(), after.unwrap_or("").to_owned());
        self.readers
            .run(move |connection| {
                // Bytes of marked records are not even read.
                let words = "SELECT id, version, is_identity, iif(is_identity, NULL, bytes), erased_ms \
                             FROM vault_record WHERE kind = ? AND id > ? ORDER BY id LIMIT ?";
                let mut select = connection.prepare_cached(words)?;
                let rows = select.query_map(params![kind, after, limit], record_from)?;
                rows.collect::<rusqlite::Result<Vec<_>>>().map(Ok)
            })
            .await
    }

    pub(crate) async fn vault_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        self.erase(kind, id, now_ms, ("SELECT erased_ms FROM vault_record WHERE kind = ? AND id = ?",
            "UPDATE vault_record SET bytes = NULL, erased_ms = ?3, version = version + 1 WHERE kind = ?1 AND id = ?2")).await
    }

    pub(crate) async fn document_put(
        &self,
        kind: &str,
        id: &str,
        bytes: &[u8],
        most: usize,
    ) -> Result<Digest, VaultError> {
        check_document(kind, id, bytes, most)?;
        let digest = sha256(bytes);
        let (kind, id, bytes) = (kind.to_owned(), id.to_owned(), bytes.to_vec());
        self.writer
            .run(move |connection| {
                match document_of(connection, &kind, &id)? {
                    Some(Document { erased_at_ms: Some(at_ms), .. }) => return Ok(Err(VaultError::Erased { at_ms })),
                    Some(Document { sha256, .. }) if sha256 == digest => return Ok(Ok(digest)),
                    Some(_) => return Ok(Err(VaultError::Changed { version: Some(1) })),
                    None => {}
                }
                let words = "INSERT INTO vault_document (kind, id, size, sha256, bytes) VALUES (?, ?, ?, ?, ?)";
                connection.prepare_cached(words)?.execute(params![kind, id, bytes.len(), digest.0, bytes])?;
                Ok(Ok(digest))
            })
            .await
    }

    pub(crate) async fn document_get(&self, kind: &str, id: &str) -> Result<Vec<u8>, VaultError> {
        check_key(kind, id)?;
        let (kind, id) = (kind.to_owned(), id.to_owned());
        self.readers
            .run(move |connection| {
                let Some(document) = document_of(connection, &kind, &id)? else { return Ok(Err(VaultError::Absent)) };
                if let Some(at_ms) = document.erased_at_ms {
                    return Ok(Err(VaultError::Erased { at_ms }));
                }
                let words = "SELECT bytes FROM vault_document WHERE kind = ? AND id = ?";
                let bytes: Vec<u8> = connection.prepare_cached(words)?.query_row([&kind, &id], |row| row.get(0))?;
                let whole = sha256(&bytes) == document.sha256;
                let damaged = || Fault::Corrupt { what: format!("document {kind}/{id}") }.into();
                Ok(if whole { Ok(bytes) } else { Err(damaged()) })
            })
            .await
    }

    pub(crate) async fn documents(
        &self,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, Fault> {
        let (kind, after) = (kind.to_owned(), after.unwrap_or("").to_owned());
        self.readers
            .run(move |connection| {
                let words = "SELECT id, size, sha256, erased_ms FROM vault_document WHERE kind = ? AND id > ? \
                             ORDER BY id LIMIT ?";
                let mut select = connection.prepare_cached(words)?;
                let rows = select.query_map(params![kind, after, limit], document_from)?;
                rows.collect::<rusqlite::Result<Vec<_>>>().map(Ok)
            })
            .await
    }

    pub(crate) async fn document_erase(&self, kind: &str, id: &str, now_ms: i64) -> Result<(), VaultError> {
        self.erase(
            kind,
            id,
            now_ms,
            (
                "SELECT erased_ms FROM vault_document WHERE kind = ? AND id = ?",
                "UPDATE vault_document SET bytes = NULL, erased_ms = ?3 WHERE kind = ?1 AND id = ?2",
            ),
        )
        .await
    }

    /// Erases, and then empties the write-ahead log, which still holds what was erased.
    async fn erase(
        &self,
        kind: &str,
        id: &str,
        now_ms: i64,
        (look, erase): (&'static str, &'static str),
    ) -> Result<(), VaultError> {
        check_key(kind, id)?;
        let (kind, id) = (kind.to_owned(), id.to_owned());
        self.writer
            .run(move |connection| {
                let found: Option<Option<i64>> =
                    connection.prepare_cached(look)?.query_row([&kind, &id], |row| row.get(0)).optional()?;
                match found {
                    None => return Ok(Err(VaultError::Absent)),
                    // The first time stays.
                    Some(Some(_)) => {}
                    Some(None) => drop(connection.prepare_cached(erase)?.execute(params![kind, id, now_ms])?),
                }
                Ok(Ok(()))
            })
            .await?;
        for _ in 0..EMPTYINGS {
            if self.writer.run_alone(ANSWER, |connection| carry_over(connection)).await? {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Fault::Unknown {
            why: "erased, but somebody reads for so long that its log could not be emptied".to_owned(),
        }
        .into())
    }
}

fn record_of(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<Option<Record>> {
    let words = "SELECT id, version, is_identity, bytes, erased_ms FROM vault_record WHERE kind = ? AND id = ?";
    connection.prepare_cached(words)?.query_row([kind, id], record_from).optional()
}

fn record_from(row: &Row<'_>) -> rusqlite::Result<Record> {
    let (bytes, erased_ms): (Option<Vec<u8>>, Option<i64>) = (row.get(3)?, row.get(4)?);
    let content = match (bytes, erased_ms) {
        (_, Some(at_ms)) => Content::Erased { at_ms },
        (Some(bytes), None) => Content::Bytes(bytes),
        (None, None) => Content::Withheld,
    };
    let marking = if row.get(2)? { Marking::Identity } else { Marking::Plain };
    Ok(Record { id: row.get(0)?, version: row.get(1)?, marking, content })
}

fn document_of(connection: &Connection, kind: &str, id: &str) -> rusqlite::Result<Option<Document>> {
    let words = "SELECT id, size, sha256, erased_ms FROM vault_document WHERE kind = ? AND id = ?";
    connection.prepare_cached(words)?.query_row([kind, id], document_from).optional()
}

fn document_from(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document { id: row.get(0)?, size: row.get(1)?, sha256: Digest(row.get(2)?), erased_at_ms: row.get(3)? })
}

pub(super) fn reading_of(row: &Row<'_>) -> rusqlite::Result<Reading> {
    Ok(Reading {
        number: row.get(0)?,
        kind: row.get(1)?,
        id: row.get(2)?,
        who: row.get(3)?,
        why: row.get(4)?,
        at_ms: row.get(5)?,
    })
}
