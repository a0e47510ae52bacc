//! The shelf in SQLite.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Sqlite;
use crate::fault::Fault;
use crate::shelf::{Row, check, end_of};

impl Sqlite {
    pub(crate) async fn shelf_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let key = key.to_vec();
        self.readers
            .run(move |connection| {
                let mut select = connection.prepare_cached("SELECT value FROM shelf WHERE key = ?")?;
                select.query_row([key], |row| row.get(0)).optional().map(Ok)
            })
            .await
    }

    pub(crate) async fn shelf_put(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
        check(key, value)?;
        let (key, value) = (key.to_vec(), value.map(<[u8]>::to_vec));
        self.writer.run(move |connection| set(connection, &key, value.as_deref()).map(Ok)).await
    }

    pub(crate) async fn shelf_scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, Fault> {
        let first = from.map_or(prefix, |from| from.max(prefix)).to_vec();
        let end = end_of(prefix);
        self.readers
            .run(move |connection| {
                // Two statements, so that each reads its index from a first key to a last.
                let (words, bounds) = match end {
                    Some(end) => ("SELECT key, value FROM shelf WHERE key >= ?2 AND key < ?3 ORDER BY key LIMIT ?1", {
                        vec![first, end]
                    }),
                    None => ("SELECT key, value FROM shelf WHERE key >= ?2 ORDER BY key LIMIT ?1", vec![first]),
                };
                let mut select = connection.prepare_cached(words)?;
                select.raw_bind_parameter(1, limit)?;
                for (at, bound) in bounds.iter().enumerate() {
                    select.raw_bind_parameter(at + 2, bound)?;
                }
                let mut rows = select.raw_query();
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push((row.get_ref(0)?.as_blob()?.to_vec(), row.get_ref(1)?.as_blob()?.to_vec()));
                }
                Ok(Ok(found))
            })
            .await
    }

    pub(crate) async fn shelf_clear(&self, prefix: &[u8]) -> Result<u64, Fault> {
        let (first, end) = (prefix.to_vec(), end_of(prefix));
        self.writer
            .run(move |connection| {
                let deleted = match end {
                    Some(end) => connection.execute("DELETE FROM shelf WHERE key >= ? AND key < ?", [first, end])?,
                    None => connection.execute("DELETE FROM shelf WHERE key >= ?", [first])?,
                };
                Ok(Ok(deleted as u64))
            })
            .await
    }
}

/// Puts a value, or removes the key.
pub(super) fn set(connection: &Connection, key: &[u8], value: Option<&[u8]>) -> rusqlite::Result<()> {
    match value {
        Some(value) => connection
            .prepare_cached(
                "INSERT INTO shelf (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![key, value])?,
        None => connection.prepare_cached("DELETE FROM shelf WHERE key = ?")?.execute([key])?,
    };
    Ok(())
}
