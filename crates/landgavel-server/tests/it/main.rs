//! Witnesses on the loopback interface, and what may go wrong with them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod ask;
mod cosigner;
mod hall;
mod key_file;
mod liars;
mod people;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;

use landgavel_base::Instant;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, SigningKey};
use landgavel_log::policy::Policy;
use landgavel_log::tile::{TileSet, TileWriter};
use landgavel_log::tree::{Hash, HashReader, prove_consistency};
use landgavel_log::witness::AddCheckpoint;
use landgavel_server::clock::Clock;
use landgavel_server::http::{Limits, serve};
use landgavel_server::witness::{Cosigner, Store, router};
use tokio::sync::oneshot;

/// A clock that a test sets.
struct SetClock(AtomicI64);

impl SetClock {
    fn at(seconds: i64) -> Arc<SetClock> {
        Arc::new(SetClock(AtomicI64::new(seconds * 1000)))
    }

    fn set(&self, seconds: i64) {
        self.0.store(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A key whose seed is one byte, repeated.
fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&[seed; 32])).unwrap()
}

const ORIGIN: &str = "log.example/a";

fn log_key() -> SigningKey {
    key(ORIGIN, KeyKind::Ed25519, 1)
}

fn witness_key(number: u8) -> SigningKey {
    key(&format!("w{number}.example"), KeyKind::Cosignature, 10 + number)
}

/// A log, of which entries from `fork` on differ from those of the true one.
struct History {
    tiles: BTreeMap<String, Vec<u8>>,
    roots: Vec<Hash>,
}

/// Entries of the logs here.
const SIZE: u64 = 40;

impl History {
    fn new(fork: u64) -> Arc<History> {
        let (mut writer, mut tiles) = (TileWriter::new(), BTreeMap::new());
        let mut roots = vec![writer.root()];
        for index in 0..SIZE {
            let entry = if index < fork { format!("entry {index}") } else { format!("another {index}") };
            writer
                .append(entry.as_bytes(), |path, bytes| drop(tiles.insert(path.to_string(), bytes.to_vec())))
                .unwrap();
            roots.push(writer.root());
        }
        writer.partials(|path, bytes| drop(tiles.insert(path.to_string(), bytes.to_vec())));
        Arc::new(History { tiles, roots })
    }

    fn truth() -> Arc<History> {
        History::new(u64::MAX)
    }

    fn note(&self, size: u64) -> Note {
        let root = self.roots[usize::try_from(size).unwrap()];
        Checkpoint { origin: ORIGIN.into(), size, root, extensions: Vec::new() }.sign(&log_key()).unwrap()
    }

    fn request(&self, old_size: u64, size: u64) -> String {
        let proof = prove_consistency(self, old_size, size).unwrap();
        AddCheckpoint { old_size, proof, note: self.note(size) }.to_string()
    }
}

impl HashReader for History {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        TileSet::new(SIZE, |path| self.tiles.get(&path.to_string()).cloned()).hash(level, index)
    }
}

/// A directory of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("landgavel-server-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open_cosigner(folder: &Path, number: u8, clock: &Arc<SetClock>) -> Cosigner {
    let logs = vec![log_key().verifier().clone()];
    let clock: Arc<dyn Clock> = Arc::<SetClock>::clone(clock);
    Cosigner::open(witness_key(number), logs, Store::open(folder).unwrap(), clock).unwrap()
}

/// A witness that serves on the loopback interface until it is dropped.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(cosigner: Cosigner, limits: Limits) -> Running {
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stop = async { drop(stopped.await) };
                serve(listener, router(Arc::new(cosigner), limits), limits, stop).await;
            });
        });
        Running { address, stop: Some(stop), thread: Some(thread) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks it to stop, without waiting.
    fn ask_to_stop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ask_to_stop();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A policy of two of three witnesses at these addresses.
fn two_of_three(urls: &[String; 3]) -> Policy {
    let mut text = format!("log {}\n", log_key().verifier());
    for (number, url) in (1..).zip(urls) {
        text += &format!("witness w{number} {} {url}\n", witness_key(number).verifier());
    }
    Policy::parse(&(text + "group w 2 w1 w2 w3\nquorum w\n")).unwrap()
}
