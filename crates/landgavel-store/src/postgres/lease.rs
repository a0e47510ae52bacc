//! The lease in PostgreSQL. Nodes' clocks differ, so the database's own clock tells when one lapses.

use super::Postgres;
use super::journal::{no_such, number_of};
use super::pool::{count, get};
use crate::fault::Fault;
use crate::lease::{Fence, Lease, LeaseError, check};
use crate::name::SaleId;

impl Postgres {
    pub(crate) async fn take(&self, sale: &SaleId, holder: &str, length_ms: i64) -> Result<Option<Fence>, Fault> {
        check(holder, length_ms)?;
        let words = "WITH clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms)
            UPDATE landgavel.head SET fence = fence + 1, holder = $2, lapses_ms = now_ms + $3
            FROM landgavel.journal_sale AS sale, clock
            WHERE head.sale_no = sale.sale_no AND sale_id = $1
                AND (holder IS NULL OR holder = $2 OR lapses_ms <= now_ms)
            RETURNING head.sale_no, fence";
        match self.pool.write(words, &[&sale.as_str(), &holder, &length_ms]).await?.first() {
            Some(row) => Ok(Some(Fence { sale: sale.clone(), sale_no: get(row, 0)?, number: get(row, 1)?, length_ms })),
            None => number_of(&self.pool, sale).await.map(|_| None),
        }
    }

    pub(crate) async fn renew(&self, fence: &Fence) -> Result<(), LeaseError> {
        let words = "UPDATE landgavel.head
            SET lapses_ms = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3
            WHERE sale_no = $1 AND fence = $2 RETURNING fence";
        let done = self.pool.write(words, &[&fence.sale_no, &fence.number, &fence.length_ms]).await?;
        if done.is_empty() { self.fenced(fence).await } else { Ok(()) }
    }

    pub(crate) async fn release(&self, fence: &Fence) -> Result<(), LeaseError> {
        // The number goes on, so that what was released can't write either.
        let words = "UPDATE landgavel.head SET fence = fence + 1, holder = NULL, lapses_ms = NULL
            WHERE sale_no = $1 AND fence = $2 RETURNING fence";
        let done = self.pool.write(words, &[&fence.sale_no, &fence.number]).await?;
        if done.is_empty() { self.fenced(fence).await } else { Ok(()) }
    }

    /// Who has fenced this one out.
    async fn fenced(&self, fence: &Fence) -> Result<(), LeaseError> {
        let by = self.lease(&fence.sale).await?.fence;
        Err(LeaseError::Fenced { by })
    }

    pub(crate) async fn lease(&self, sale: &SaleId) -> Result<Lease, Fault> {
        let words = "SELECT fence, holder, lapses_ms FROM landgavel.journal_sale JOIN landgavel.head USING (sale_no) \
                     WHERE sale_id = $1";
        let row = self.pool.read_one(words, &[&sale.as_str()]).await?.ok_or_else(|| no_such(sale))?;
        let (holder, lapses_ms): (Option<String>, Option<i64>) = (get(&row, 1)?, get(&row, 2)?);
        Ok(Lease { fence: count(&row, 0)?, held: holder.zip(lapses_ms) })
    }
}
