//! The tree of a log at one size, read from the shelf and the journal: for proofs, and for whoever copies it.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_log::tile::{
    TileKind, TilePath, TileSet, TileWriter, WIDTH, decode_bundle, decode_hashes, encode_entry, tile_at,
};
use landgavel_log::tree::{Hash, HashReader, leaf_hash, root_of};
use landgavel_store::{Fault, SaleId, Store};
use tokio::runtime::Handle;

/// Hashes and entries of a full tile.
const FULL: u64 = WIDTH as u64;
/// Most bytes of 256 entries.
const BUNDLE_MAX: usize = 256 * 65_535;

/// Where the tree of a log is kept.
#[derive(Clone)]
pub struct Tree {
    store: Store,
    sale: SaleId,
    size: u64,
    root: Hash,
    /// The tiles of this size that are not full, without entries.
    partials: Arc<BTreeMap<TilePath, Vec<u8>>>,
}

/// The place of a tile of a sale on the shelf.
pub(crate) fn tile_key(sale: &SaleId, path: &TilePath) -> Vec<u8> {
    format!("sale/{sale}/{path}").into_bytes()
}

impl Tree {
    /// The tree that a writer of tiles stands at; its full tiles are on the shelf.
    pub fn of(store: Store, sale: SaleId, tiles: &TileWriter) -> Self {
        let mut partials = BTreeMap::new();
        tiles.partials(|path, bytes| {
            if path.kind != TileKind::Entries {
                partials.insert(path, bytes.to_vec());
            }
        });
        Self { store, sale, size: tiles.size(), root: tiles.root(), partials: Arc::new(partials) }
    }

    /// Entries in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The bytes of a tile of this tree or of a smaller one; nothing if it has none.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, Fault> {
        let Some(whole) = tile_at(path.kind, path.index, self.size).filter(|whole| path.width <= whole.width) else {
            return Ok(None);
        };
        if path.kind == TileKind::Entries {
            return self.entries(path).await.map(Some);
        }
        let bytes = match self.partials.get(&whole) {
            Some(bytes) => Some(bytes.clone()),
            None => self.store.shelf_get(&tile_key(&self.sale, &whole)).await?,
        };
        // A narrower tile is the beginning of a wider one.
        Ok(bytes.and_then(|bytes| bytes.get(..32 * usize::from(path.width)).map(<[u8]>::to_vec)))
    }

    async fn entries(&self, path: &TilePath) -> Result<Vec<u8>, Fault> {
        let mut bundle = Vec::new();
        for entry in read_all(&self.store, &self.sale, path.index * FULL, u64::from(path.width)).await? {
            encode_entry(&entry, &mut bundle).map_err(|error| Fault::Corrupt { what: error.to_string() })?;
        }
        Ok(bundle)
    }

    /// Its hashes, for a thread that may wait: reading asks the store.
    ///
    /// # Panics
    ///
    /// When it is made outside of the server's runtime.
    pub fn hashes(self) -> impl HashReader + Send + Sync + 'static {
        let handle = Handle::current();
        TileSet::new(self.size, move |path: &TilePath| handle.block_on(self.tile(path)).ok().flatten())
    }

    /// Reads the writer of tiles back, to go on after so many entries: the last of them from the journal, the
    /// rest from full tiles on the shelf. Nothing when the shelf lacks a tile.
    ///
    /// # Errors
    ///
    /// When the store fails, or holds something else than was stored.
    pub async fn resume(store: &Store, sale: &SaleId, size: u64) -> Result<Option<TileWriter>, Fault> {
        let mut found: BTreeMap<TilePath, Vec<u8>> = BTreeMap::new();
        if let Some(path) = tile_at(TileKind::Entries, size / FULL, size) {
            let mut bundle = Vec::new();
            for entry in read_all(store, sale, path.index * FULL, u64::from(path.width)).await? {
                encode_entry(&entry, &mut bundle).map_err(|error| Fault::Corrupt { what: error.to_string() })?;
            }
            found.insert(path, bundle);
        }
        for level in 0..8u8 {
            let Some(path) = tile_at(TileKind::Hashes(level), (size >> (8 * level)) / FULL, size) else { continue };
            let mut bytes = Vec::new();
            for place in 0..u64::from(path.width) {
                let hash = match level {
                    0 => None,
                    above => {
                        let child = TilePath {
                            kind: TileKind::Hashes(above - 1),
                            index: path.index * FULL + place,
                            width: WIDTH,
                        };
                        let Some(bytes) = store.shelf_get(&tile_key(sale, &child)).await? else { return Ok(None) };
                        Some(root_of_tile(&bytes)?)
                    }
                };
                bytes.extend(hash.iter().flat_map(|hash: &Hash| hash.0));
            }
            if level == 0 {
                let bundle = tile_at(TileKind::Entries, size / FULL, size).and_then(|path| found.get(&path));
                let bundle = bundle.map(Vec::as_slice).unwrap_or_default();
                let entries = decode_bundle(bundle, path.width).map_err(|error| corrupt(&error))?;
                bytes = entries.into_iter().flat_map(|entry| leaf_hash(entry).0).collect();
            }
            found.insert(path, bytes);
        }
        TileWriter::resume(size, |path| found.get(path).cloned()).map(Some).map_err(|error| corrupt(&error))
    }
}

fn corrupt(error: &impl ToString) -> Fault {
    Fault::Corrupt { what: error.to_string() }
}

/// The root over a full tile.
fn root_of_tile(bytes: &[u8]) -> Result<Hash, Fault> {
    let hashes = decode_hashes(bytes, WIDTH).map_err(|error| corrupt(&error))?;
    let reader = Leaves(hashes);
    root_of(&reader, FULL).map_err(|error| corrupt(&error))
}

/// The lowest level of a small tree; what is above is worked out.
struct Leaves(Vec<Hash>);

impl HashReader for Leaves {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        match level {
            0 => self.0.get(usize::try_from(index).ok()?).copied(),
            _ => {
                let (left, right) = (self.hash(level - 1, 2 * index)?, self.hash(level - 1, 2 * index + 1)?);
                Some(landgavel_log::tree::node_hash(left, right))
            }
        }
    }
}

/// Reads so many entries; there must be as many.
pub(crate) async fn read_all(store: &Store, sale: &SaleId, from: u64, count: u64) -> Result<Vec<Vec<u8>>, Fault> {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    while entries.len() < count {
        let next = from + u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let some = store.read(sale, next, count - entries.len(), BUNDLE_MAX).await?;
        if some.is_empty() {
            return Err(Fault::Corrupt { what: format!("{sale} has no entry {next}") });
        }
        entries.extend(some);
    }
    Ok(entries)
}
