//! The tape on the shelf: a start from it takes seconds where deciding a million entries again takes minutes.
//!
//! It is written in the transaction of the entries that it is about, so it is neither behind nor ahead of them.
//! Where it is missing, cut, changed or not of this journal, the sale is read back entry by entry, and it is made again.

use landgavel_record::record::{Trace, sha256};
use landgavel_store::{Fault, Head, SaleId, Store};

/// Rows that are read at once.
const ROWS: usize = 4096;
/// The form of a row, its first byte.
const FORM: u8 = 2;
/// Bytes before the traces: the form, the journal's chain of digests after the last of them, and their own digest.
const FRONT: usize = 1 + 32 + 32;

/// The place of the row that begins with an entry.
pub(super) fn key(sale: &SaleId, first: u64) -> Vec<u8> {
    format!("{}{first:016x}", prefix(sale)).into_bytes()
}

fn prefix(sale: &SaleId) -> String {
    format!("sale/{sale}/tape/")
}

/// A row: traces, and where the journal stands after them.
pub(super) fn row(head: Head, traces: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(FRONT + traces.len());
    row.push(FORM);
    row.extend(head.chain.0);
    row.extend(sha256(traces).0);
    row.extend(traces);
    row
}

/// All traces of a journal that stands there; nothing when the tape is not of it.
pub(super) async fn read(store: &Store, sale: &SaleId, head: Head) -> Result<Option<Vec<Trace>>, Fault> {
    let prefix = prefix(sale).into_bytes();
    let mut traces = Vec::with_capacity(usize::try_from(head.size).unwrap_or(0));
    let (mut from, mut chain) = (prefix.clone(), Head::EMPTY.chain.0);
    loop {
        let rows = store.shelf_scan(&prefix, Some(&from), ROWS).await?;
        let Some((last, _)) = rows.last().filter(|_| chain != head.chain.0) else { break };
        from = last.iter().copied().chain([0]).collect();
        for (place, row) in &rows {
            // Another node may have written on since the head was read: what is beyond it is left alone.
            if chain == head.chain.0 {
                break;
            }
            let first = u64::try_from(traces.len()).unwrap_or(u64::MAX);
            let (Some(front), true) = (row.get(..FRONT), *place == key(sale, first)) else { return Ok(None) };
            let mut rest = &row[FRONT..];
            if front[0] != FORM || front[33..] != sha256(rest).0 {
                return Ok(None);
            }
            chain.copy_from_slice(&front[1..33]);
            while !rest.is_empty() {
                let Some((trace, after)) = Trace::read(rest) else { return Ok(None) };
                traces.push(trace);
                rest = after;
            }
        }
    }
    let is_whole = u64::try_from(traces.len()).is_ok_and(|count| count == head.size) && chain == head.chain.0;
    Ok(is_whole.then_some(traces))
}

/// Takes a tape from the shelf.
pub(super) async fn clear(store: &Store, sale: &SaleId) -> Result<(), Fault> {
    store.shelf_clear(prefix(sale).as_bytes()).await.map(|_| ())
}
