//! The shelf in PostgreSQL.

use super::Postgres;
use super::journal::rows_of;
use super::pool::{count, get};
use crate::fault::Fault;
use crate::shelf::{Row, check, end_of};

impl Postgres {
    pub(crate) async fn shelf_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let row = self.pool.read_one("SELECT value FROM landgavel.shelf WHERE key = $1", &[&key]).await?;
        row.map(|row| get(&row, 0)).transpose()
    }

    pub(crate) async fn shelf_put(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
        check(key, value)?;
        match value {
            Some(value) => {
                let words = "INSERT INTO landgavel.shelf (key, value) VALUES ($1, $2) \
                             ON CONFLICT (key) DO UPDATE SET value = excluded.value";
                self.pool.write(words, &[&key, &value]).await.map(drop)
            }
            None => self.pool.write("DELETE FROM landgavel.shelf WHERE key = $1", &[&key]).await.map(drop),
        }
    }

    pub(crate) async fn shelf_scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, Fault> {
        let first = from.map_or(prefix, |from| from.max(prefix));
        let rows = match end_of(prefix) {
            Some(end) => {
                let words = "SELECT key, value FROM landgavel.shelf WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3";
                self.pool.read(words, &[&first, &end, &rows_of(limit)]).await?
            }
            None => {
                let words = "SELECT key, value FROM landgavel.shelf WHERE key >= $1 ORDER BY key LIMIT $2";
                self.pool.read(words, &[&first, &rows_of(limit)]).await?
            }
        };
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
    }

    pub(crate) async fn shelf_clear(&self, prefix: &[u8]) -> Result<u64, Fault> {
        let words = "WITH gone AS (DELETE FROM landgavel.shelf WHERE key >= $1 AND ($2::bytea IS NULL OR key < $2) \
                     RETURNING 1) SELECT count(*) FROM gone";
        let rows = self.pool.write(words, &[&prefix, &end_of(prefix)]).await?;
        rows.first().map_or(Ok(0), |row| count(row, 0))
    }
}
