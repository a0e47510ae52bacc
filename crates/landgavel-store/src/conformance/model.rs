//! The same commands for a store and for a few maps in memory: both must answer the same.

use std::collections::BTreeMap;

use super::{LONG_MS, NOW_MS, Place, sale};
use crate::fault::Fault;
use crate::journal::{AppendError, Batch, Head, PublishError};
use crate::lease::{Fence, LeaseError};
use crate::name::SaleId;
use crate::shelf::Row;
use crate::store::Store;

/// One command. Small numbers choose among a few sales, holders and keys, so that commands meet.
#[derive(Debug, Clone)]
pub enum Step {
    /// Creates a sale.
    Create {
        /// Which sale.
        sale: u8,
    },
    /// Takes a lease, and keeps the fence among those that were got.
    Take {
        /// Which sale.
        sale: u8,
        /// Who asks.
        holder: u8,
    },
    /// Releases with one of the fences that were got.
    Release {
        /// Which fence.
        fence: u8,
    },
    /// Appends with one of the fences that were got.
    Append {
        /// Which fence.
        fence: u8,
        /// So many entries behind the head is what is expected.
        behind: u8,
        /// The entries.
        entries: Vec<Vec<u8>>,
        /// Keys of the shelf and their new values.
        shelf: Vec<(u8, Option<u8>)>,
    },
    /// Publishes a checkpoint with one of the fences that were got.
    Publish {
        /// Which fence.
        fence: u8,
        /// Its size.
        size: u8,
    },
    /// Clears a prefix of the shelf.
    Clear {
        /// The prefix.
        prefix: u8,
    },
    /// Drops the store and opens it again.
    Reopen,
}

#[derive(Debug, Default)]
struct ModelSale {
    heads: Vec<Head>,
    entries: Vec<Vec<u8>>,
    checkpoints: BTreeMap<u64, String>,
    fence: u64,
    holder: Option<String>,
}

#[derive(Debug, Default)]
struct Model {
    sales: BTreeMap<SaleId, ModelSale>,
    shelf: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// Runs the commands on both and compares every answer, and at the end all that is stored.
pub async fn agrees_with_the_model(place: &impl Place, steps: &[Step]) {
    let mut store = place.open().await;
    let mut model = Model::default();
    let mut fences: Vec<Fence> = Vec::new();
    for step in steps {
        if let Step::Reopen = step {
            drop(store);
            store = place.open().await;
        } else {
            run(&store, &mut model, &mut fences, step).await;
        }
    }
    for (sale, known) in &model.sales {
        assert_eq!(super::all(&store, sale).await, known.entries);
        let checkpoints = store.checkpoints(sale, 0, usize::MAX).await.unwrap();
        assert!(checkpoints.iter().map(|one| (&one.size, &one.note)).eq(&known.checkpoints));
        let lease = store.lease(sale).await.unwrap();
        assert_eq!((lease.fence, lease.held.map(|(holder, _)| holder)), (known.fence, known.holder.clone()));
    }
    let shelf = store.shelf_scan(b"", None, usize::MAX).await.unwrap();
    assert_eq!(shelf, model.shelf.into_iter().collect::<Vec<Row>>());
}

async fn run(store: &Store, model: &mut Model, fences: &mut Vec<Fence>, step: &Step) {
    let chosen = |which: u8| fences.get(usize::from(which) % fences.len().max(1)).cloned();
    match step {
        Step::Reopen => {}
        Step::Create { sale } => {
            let sale = named(*sale);
            store.create(&sale, Vec::new()).await.unwrap();
            model.sales.entry(sale).or_insert_with(|| ModelSale { heads: vec![Head::EMPTY], ..ModelSale::default() });
        }
        Step::Take { sale, holder } => {
            let (sale, holder) = (named(*sale), format!("node-{holder}"));
            let got = store.take(&sale, &holder, NOW_MS, LONG_MS).await;
            let Some(known) = model.sales.get_mut(&sale) else {
                return assert_eq!(got, Err(Fault::NoSuchSale { sale: sale.to_string() }));
            };
            let free = known.holder.as_ref().is_none_or(|by| *by == holder);
            if free {
                known.fence += 1;
                known.holder = Some(holder);
            }
            let got = got.unwrap();
            assert_eq!(got.as_ref().map(Fence::number), free.then_some(known.fence));
            fences.extend(got);
        }
        Step::Release { fence } => {
            let Some(fence) = chosen(*fence) else { return };
            let known = model.sales.get_mut(fence.sale()).unwrap();
            let by = known.fence;
            let expected = if fence.number() == by { Ok(()) } else { Err(LeaseError::Fenced { by }) };
            assert_eq!(store.release(&fence).await, expected);
            if expected.is_ok() {
                known.fence += 1;
                known.holder = None;
            }
        }
        Step::Append { fence, behind, entries, shelf } => {
            let Some(fence) = chosen(*fence) else { return };
            append(store, model, &fence, *behind, entries, shelf).await;
        }
        Step::Publish { fence, size } => {
            let Some(fence) = chosen(*fence) else { return };
            publish(store, model, &fence, u64::from(*size)).await;
        }
        Step::Clear { prefix } => {
            let before = model.shelf.len();
            model.shelf.retain(|key, _| key[0] != *prefix);
            assert_eq!(store.shelf_clear(&[*prefix]).await.unwrap(), (before - model.shelf.len()) as u64);
        }
    }
}

async fn append(
    store: &Store,
    model: &mut Model,
    fence: &Fence,
    behind: u8,
    entries: &[Vec<u8>],
    shelf: &[(u8, Option<u8>)],
) {
    let known = model.sales.get_mut(fence.sale()).unwrap();
    let head = *known.heads.last().unwrap();
    let expected = known.heads[known.heads.len().saturating_sub(1 + usize::from(behind))];
    let shelf: Vec<(Vec<u8>, Option<Vec<u8>>)> =
        shelf.iter().map(|(key, value)| (vec![key % 4, *key], value.map(|value| vec![value]))).collect();
    let batch = Batch { entries: entries.to_vec(), shelf: shelf.clone() };
    let got = store.append(fence, expected, batch).await;
    if fence.number() != known.fence {
        return assert_eq!(got, Err(AppendError::Fenced { by: known.fence }));
    }
    if expected != head {
        return assert_eq!(got, Err(AppendError::Moved { head }));
    }
    let head = head.after(entries);
    assert_eq!(got, Ok(head));
    known.heads.push(head);
    known.entries.extend_from_slice(entries);
    for (key, value) in shelf {
        match value {
            Some(value) => drop(model.shelf.insert(key, value)),
            None => drop(model.shelf.remove(&key)),
        }
    }
}

async fn publish(store: &Store, model: &mut Model, fence: &Fence, size: u64) {
    let known = model.sales.get_mut(fence.sale()).unwrap();
    let head = *known.heads.last().unwrap();
    let note = format!("size {size} by {}", fence.number());
    let got = store.publish(fence, size, &note).await;
    let latest = known.checkpoints.last_key_value();
    let expected = if fence.number() != known.fence {
        Err(PublishError::Fenced { by: known.fence })
    } else if size > head.size {
        Err(PublishError::BeyondHead { head })
    } else if latest.is_some_and(|(known, text)| *known > size || *known == size && *text != note) {
        Err(PublishError::NotRising { latest: latest.map_or(0, |(size, _)| *size) })
    } else {
        Ok(())
    };
    assert_eq!(got, expected);
    if expected.is_ok() {
        known.checkpoints.insert(size, note);
    }
}

fn named(number: u8) -> SaleId {
    sale(&format!("sale-{number}"))
}
