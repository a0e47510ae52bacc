//! The record of a sale as files: what a bundle holds, and what whoever copies the log asks for.

use std::io::{self, Write};
use std::sync::Arc;

use landgavel_log::policy::Policy;
use landgavel_log::tile::{TileKind, TilePath, tiles_of};
use landgavel_record::bundle::BUNDLE_JSON;
use landgavel_record::canonical;
use landgavel_store::{Fault, SaleId, Store};
use serde_json::json;
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;

use crate::clock::Clock;
use crate::desk::foundation::{Foundation, LOT, POLICY, RULEBOOK};
use crate::desk::intake::Gate;
use crate::desk::shown::Published;
use crate::desk::{Reading, read_only};

/// Checkpoints that are read at once.
const CHECKPOINTS: usize = 1024;
/// Bytes of an archive that wait for a slow reader, in pieces.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 8;

/// The bundle of a sale up to its last published checkpoint.
#[derive(Clone)]
pub struct Bundle {
    store: Store,
    sale: SaleId,
    published: Published,
}

impl Bundle {
    /// The bundle up to a checkpoint.
    pub fn new(store: Store, sale: SaleId, published: Published) -> Self {
        Self { store, sale, published }
    }

    /// The bundle of a sale as a store holds it, without keys and without changing anything: of a hall that runs, of one
    /// that has ended, or of a backup.
    ///
    /// # Errors
    ///
    /// Why there is none, in words.
    pub async fn of(store: &Store, sale: &SaleId, clock: &dyn Clock) -> Result<Self, String> {
        let files = store.files(sale).await.map_err(|fault| fault.to_string())?;
        let (_, policy) =
            files.iter().find(|(name, _)| name == POLICY).ok_or_else(|| format!("there is no sale {sale}"))?;
        let policy = Policy::parse(&String::from_utf8_lossy(policy)).map_err(|error| error.to_string())?;
        let log = policy.logs().first().ok_or("the policy names no log")?;
        let gate = Gate::default();
        let foundation = Foundation::read(&files, log, &gate).map_err(|error| error.to_string())?;
        let reading = Reading { store, clock, gate: &gate };
        let back = read_only(reading, sale, &foundation).await.map_err(|error| error.to_string())?;
        let published = back.shown.look().published.clone();
        let published = published.ok_or("no checkpoint of it was published yet")?;
        Ok(Self::new(store.clone(), sale.clone(), published))
    }

    /// Entries in it.
    pub fn size(&self) -> u64 {
        self.published.tree.size()
    }

    /// Paths of all its files, in the order of their names.
    pub fn paths(&self) -> Vec<String> {
        let fixed = ["bundle.json", "checkpoint", "checkpoints.jsonl", LOT, "outcome.json", POLICY, RULEBOOK];
        let mut paths: Vec<String> = fixed.iter().map(|path| (*path).to_owned()).collect();
        paths.extend(tiles_of(self.size()).map(|path| path.to_string()));
        paths.sort_unstable();
        paths
    }

    /// One file; nothing if the bundle has none of this path.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Fault> {
        match path {
            "bundle.json" => Ok(Some(BUNDLE_JSON.as_bytes().to_vec())),
            "outcome.json" => Ok(Some(self.published.outcome.as_bytes().to_vec())),
            "checkpoint" => checkpoint(&self.store, &self.sale, self.size()).await,
            "checkpoints.jsonl" => checkpoints(&self.store, &self.sale, self.size()).await.map(Some),
            RULEBOOK | LOT | POLICY => {
                let files = self.store.files(&self.sale).await?;
                Ok(files.into_iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes))
            }
            tile => match TilePath::parse(tile) {
                Ok(path) => self.published.tree.tile(&path).await,
                Err(_) => Ok(None),
            },
        }
    }

    /// The bundle as an archive.
    pub fn archive(self) -> mpsc::Receiver<io::Result<Vec<u8>>> {
        archive(self)
    }
}

impl Exported for Bundle {
    fn paths(&self) -> Vec<String> {
        self.paths()
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.file(path).await
    }
}

/// The checkpoint of a size, as a bundle has it.
pub(crate) async fn checkpoint(store: &Store, log: &SaleId, size: u64) -> Result<Option<Vec<u8>>, Fault> {
    let some = store.checkpoints(log, size, 1).await?;
    Ok(some.into_iter().next().map(|checkpoint| checkpoint.note.into_bytes()))
}

/// All checkpoints up to a size, as a bundle has them.
pub(crate) async fn checkpoints(store: &Store, log: &SaleId, size: u64) -> Result<Vec<u8>, Fault> {
    let mut lines = Vec::new();
    let mut from = 0;
    loop {
        let some = store.checkpoints(log, from, CHECKPOINTS).await?;
        let Some(last) = some.last() else { return Ok(lines) };
        from = last.size + 1;
        for checkpoint in some.iter().filter(|checkpoint| checkpoint.size <= size) {
            lines.extend(canonical::encode(&json!({"note": checkpoint.note})).as_bytes());
            lines.push(b'\n');
        }
    }
}

/// What can be packed: paths, and the file of each.
pub trait Exported: Send + Sync + 'static {
    /// Paths of all files, in the order of their names.
    fn paths(&self) -> Vec<String>;

    /// One file; nothing if there is none of this path.
    fn file(&self, path: &str) -> impl Future<Output = Result<Option<Vec<u8>>, Fault>> + Send;
}

/// Files as a zip archive, in pieces as it is made: in the order of their names and without dates, so that the same bundle
/// always makes the same archive. A reader that goes away ends it.
pub fn archive(files: impl Exported) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (pieces, reader) = mpsc::channel(PIECES);
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let sink = Pieces { full: Vec::with_capacity(PIECE), pieces: pieces.clone() };
        if let Err(error) = pack(&files, sink, &handle) {
            let _ = pieces.blocking_send(Err(error));
        }
    });
    reader
}

fn pack(files: &impl Exported, sink: Pieces, handle: &tokio::runtime::Handle) -> io::Result<()> {
    let mut writer = zip::ZipWriter::new_stream(sink);
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for path in files.paths() {
        let bytes = handle.block_on(files.file(&path)).map_err(io::Error::other)?;
        let bytes = bytes.ok_or_else(|| io::Error::other(format!("{path} is missing")))?;
        writer.start_file(&path, options)?;
        writer.write_all(&bytes)?;
    }
    writer.finish()?.into_inner().flush()
}

/// Hands on what is written, piece by piece.
struct Pieces {
    full: Vec<u8>,
    pieces: mpsc::Sender<io::Result<Vec<u8>>>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.full.extend_from_slice(bytes);
        if self.full.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.full);
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.blocking_send(Ok(piece)).map_err(|_| io::Error::other("the reader has gone"))
    }
}

/// Whether a tile holds entries, which are not for everybody before a sale has ended.
pub fn holds_entries(path: &str) -> bool {
    TilePath::parse(path).is_ok_and(|path| path.kind == TileKind::Entries)
}

/// The outcome of a sale up to its last checkpoint.
pub fn outcome(published: &Published) -> Arc<str> {
    Arc::clone(&published.outcome)
}
