//! After a start from the tape the whole journal is read once more, beside the desk: its entries must make the digest that
//! the store keeps over them, the root that was signed, and the root of the tree with which the desk went on. Nothing is
//! decided again: what the tape says of entries is what was stored with them.

use std::time::Duration;

use landgavel_log::tree::{Frontier, Hash, leaf_hash};
use landgavel_store::{Fault, Head, SaleId, Store};

use super::tree::read_all;

/// Entries that are read at once.
const READ: u64 = 1024;
/// Before what the store did not give is asked for again.
const AGAIN: Duration = Duration::from_secs(5);

/// Reads the journal up to where it stood at the start, at half of a core at most. `root` is that of the tree there.
///
/// # Errors
///
/// What is not as it was stored or signed, in words.
pub async fn recheck(
    store: Store,
    sale: SaleId,
    head: Head,
    root: Hash,
    signed: Option<(u64, [u8; 32])>,
) -> Result<(), String> {
    let (mut read, mut tree) = (Head::EMPTY, Frontier::new());
    while read.size < head.size {
        let began = tokio::time::Instant::now();
        let entries = match read_all(&store, &sale, read.size, READ.min(head.size - read.size)).await {
            Ok(entries) => entries,
            Err(Fault::Corrupt { what }) => return Err(what),
            Err(fault) => {
                tracing::warn!(sale.id = %sale, %fault, "a journal could not be read again yet");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        for entry in &entries {
            tree.push(leaf_hash(entry)).map_err(|error| error.to_string())?;
            if let Some((size, root)) = signed
                && size == tree.size()
                && tree.root() != Hash(root)
            {
                return Err(format!("the signed checkpoint of size {size} has another root than the journal"));
            }
        }
        read = read.after(&entries);
        tokio::time::sleep(began.elapsed()).await;
    }
    if read.chain != head.chain {
        return Err(format!(
            "the {} entries of the journal are not those of the digest that is stored with them",
            head.size
        ));
    }
    if tree.root() != root {
        return Err(format!(
            "the {} entries of the journal do not make the tree that the sale went on with",
            head.size
        ));
    }
    Ok(())
}
