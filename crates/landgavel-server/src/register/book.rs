//! What a register says, read back from its journal, and the tree over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use landgavel_base::Digest;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::VerifierKey;
use landgavel_log::tile::{TileKind, TilePath, TileSet, TileWriter, tile_at};
use landgavel_log::tree::{Hash, HashReader};
use landgavel_record::register::{REGISTER_JSON, Register as Entries};
use landgavel_store::{Fault, Head, SaleId, Store};

use super::WitnessedAt;

/// Entries that are read at once, and their bytes.
const READ: usize = 1024;
const READ_BYTES: usize = 4 << 20;

/// The entries of a register in memory: a hall keeps a thousand sales, so they are few.
pub(super) struct Book {
    pub head: Head,
    pub entries: Entries,
    lines: Vec<Vec<u8>>,
    /// From which size on it names which policy.
    policies: Vec<(u64, Digest)>,
    tree: TileWriter,
}

/// Why a register cannot be read.
pub(super) enum NotRead {
    Store(Fault),
    /// Its journal is none of a register, or not the one of its checkpoint.
    Damaged(String),
}

impl From<Fault> for NotRead {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}

impl Book {
    pub fn new(host: &str) -> Self {
        let (lines, policies, tree) = (Vec::new(), Vec::new(), TileWriter::new());
        Self { head: Head::EMPTY, entries: Entries::new(host), lines, policies, tree }
    }

    /// Takes stored entries.
    pub fn take(&mut self, lines: &[Vec<u8>]) -> Result<(), String> {
        for line in lines {
            let number = self.entries.size();
            self.entries.enter(line).map_err(|no| format!("entry {number} of its journal {no}"))?;
            self.tree.append(line, |_, _| {}).map_err(|error| error.to_string())?;
            self.lines.push(line.clone());
            if let Some(policy) = self.entries.policy().filter(|policy| self.policy_at(number) != Some(*policy)) {
                self.policies.push((number + 1, policy));
            }
        }
        Ok(())
    }

    /// Reads on to the head of the journal; makes the journal where there is none.
    pub async fn catch_up(&mut self, store: &Store, name: &SaleId) -> Result<(), NotRead> {
        let head = match store.head(name).await {
            Err(Fault::NoSuchSale { .. }) => {
                let files = vec![("register.json".to_owned(), REGISTER_JSON.as_bytes().to_vec())];
                match store.create(name, files).await {
                    Err(landgavel_store::CreateError::Fault(fault)) => return Err(fault.into()),
                    Err(landgavel_store::CreateError::Exists) => {
                        return Err(NotRead::Damaged(format!("the store has something else named {name}")));
                    }
                    Ok(()) => store.head(name).await?,
                }
            }
            head => head?,
        };
        while self.head.size < head.size {
            let lines = store.read(name, self.head.size, READ, READ_BYTES).await?;
            if lines.is_empty() {
                return Err(NotRead::Damaged(format!("its journal has no entry {}", self.head.size)));
            }
            self.take(&lines).map_err(NotRead::Damaged)?;
            self.head = self.head.after(&lines);
        }
        Ok(())
    }

    /// The policy that the last entry about it names, of so many entries.
    pub fn policy_at(&self, size: u64) -> Option<Digest> {
        let last = self.policies.iter().rev().find(|(from, _)| *from <= size);
        last.map(|(_, policy)| *policy)
    }

    /// Its root after so many entries.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        match size == self.tree.size() {
            true => Some(self.tree.root()),
            false => landgavel_log::tree::root_of(&self.hashes(), size).ok(),
        }
    }

    /// Its hashes.
    pub fn hashes(&self) -> impl HashReader + Send + Sync + use<> {
        let tiles = Arc::new(self.hash_tiles(self.tree.size()));
        TileSet::new(self.tree.size(), move |path: &TilePath| tiles.get(path).cloned())
    }

    fn hash_tiles(&self, size: u64) -> BTreeMap<TilePath, Vec<u8>> {
        let mut tiles = self.all_tiles(size);
        tiles.retain(|path, _| path.kind != TileKind::Entries);
        tiles
    }

    fn all_tiles(&self, size: u64) -> BTreeMap<TilePath, Vec<u8>> {
        let (mut tiles, mut tree) = (BTreeMap::new(), TileWriter::new());
        for line in self.lines.iter().take(usize::try_from(size).unwrap_or(usize::MAX)) {
            // They were appended before.
            let _ = tree.append(line, |path, bytes| drop(tiles.insert(path, bytes.to_vec())));
        }
        tree.partials(|path, bytes| drop(tiles.insert(path, bytes.to_vec())));
        debug_assert!(tile_at(TileKind::Entries, 0, size).is_none_or(|path| tiles.contains_key(&path)));
        tiles
    }

    /// The tiles of a register of this size, by path.
    pub fn tiles(&self, size: u64) -> BTreeMap<String, Bytes> {
        self.all_tiles(size).into_iter().map(|(path, bytes)| (path.to_string(), Bytes::from(bytes))).collect()
    }

    /// Compares a signed checkpoint with the journal.
    pub fn compare(&self, note: &str, key: &VerifierKey) -> Result<WitnessedAt, NotRead> {
        let (checkpoint, _) = Checkpoint::open(note.as_bytes(), key)
            .map_err(|error| NotRead::Damaged(format!("its last checkpoint is not of this hall's key: {error}")))?;
        let Checkpoint { size, root, .. } = checkpoint;
        match self.root_at(size) {
            Some(own) if own == root => Ok(WitnessedAt { size, root: Digest(root.0) }),
            Some(_) => Err(NotRead::Damaged(format!(
                "its signed checkpoint of size {size} has another root than its journal: entries were changed; restore a backup"
            ))),
            None => Err(NotRead::Damaged(format!(
                "its signed checkpoint covers {size} entries, its journal has {}: entries are lost; restore a backup",
                self.head.size
            ))),
        }
    }
}
