//! The lease in SQLite. All writers are on one machine, so its clock, `now_ms`, tells when one lapses.

use rusqlite::{OptionalExtension as _, params};

use super::Sqlite;
use super::journal::{held, no_such};
use crate::fault::Fault;
use crate::lease::{Fence, Lease, LeaseError, check};
use crate::name::SaleId;

impl Sqlite {
    pub(crate) async fn take(
        &self,
        sale: &SaleId,
        holder: &str,
        now_ms: i64,
        length_ms: i64,
    ) -> Result<Option<Fence>, Fault> {
        check(holder, length_ms)?;
        let (sale, holder) = (sale.clone(), holder.to_owned());
        self.writer
            .run(move |connection| {
                let words = "SELECT sale_no, fence, holder, lapses_ms FROM journal_sale JOIN head USING (sale_no) \
                             WHERE sale_id = ?";
                let found = connection
                    .prepare_cached(words)?
                    .query_row([sale.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                    .optional()?;
                let Some((sale_no, fence, by, lapses_ms)): Option<(i64, i64, Option<String>, Option<i64>)> = found
                else {
                    return Ok(Err(no_such(&sale)));
                };
                if by.is_some_and(|by| by != holder) && lapses_ms.is_some_and(|lapses_ms| now_ms < lapses_ms) {
                    return Ok(Ok(None));
                }
                let number = fence + 1;
                connection
                    .prepare_cached("UPDATE head SET fence = ?, holder = ?, lapses_ms = ? WHERE sale_no = ?")?
                    .execute(params![number, holder, now_ms.saturating_add(length_ms), sale_no])?;
                Ok(Ok(Some(Fence { sale, sale_no, number, length_ms })))
            })
            .await
    }

    pub(crate) async fn renew(&self, fence: &Fence, now_ms: i64) -> Result<(), LeaseError> {
        let fence = fence.clone();
        self.writer
            .run(move |connection| {
                if let Err(fenced) = held(connection, &fence)? {
                    return Ok(Err(fenced.into()));
                }
                connection
                    .prepare_cached("UPDATE head SET lapses_ms = ? WHERE sale_no = ?")?
                    .execute(params![now_ms.saturating_add(fence.length_ms), fence.sale_no])?;
                Ok(Ok(()))
            })
            .await
    }

    pub(crate) async fn release(&self, fence: &Fence) -> Result<(), LeaseError> {
        let fence = fence.clone();
        self.writer
            .run(move |connection| {
                if let Err(fenced) = held(connection, &fence)? {
                    return Ok(Err(fenced.into()));
                }
                // The number goes on, so that what was released can't write either.
                let words = "UPDATE head SET fence = fence + 1, holder = NULL, lapses_ms = NULL WHERE sale_no = ?";
                connection.prepare_cached(words)?.execute([fence.sale_no])?;
                Ok(Ok(()))
            })
            .await
    }

    pub(crate) async fn lease(&self, sale: &SaleId) -> Result<Lease, Fault> {
        let sale = sale.clone();
        self.readers
            .run(move |connection| {
                let words = "SELECT fence, holder, lapses_ms FROM journal_sale JOIN head USING (sale_no) \
                             WHERE sale_id = ?";
                let lease = connection
                    .prepare_cached(words)?
                    .query_row([sale.as_str()], |row| {
                        let (holder, lapses_ms): (Option<String>, Option<i64>) = (row.get(1)?, row.get(2)?);
                        Ok(Lease { fence: row.get(0)?, held: holder.zip(lapses_ms) })
                    })
                    .optional()?;
                Ok(lease.ok_or_else(|| no_such(&sale)))
            })
            .await
    }
}
