//! A bundle at an address: a directory whose files are fetched by their exact names, or an archive.
//!
//! A directory cannot be listed over HTTP, so its paths are those that the size in its checkpoint asks for.
//! While the verifier works, the files that it will ask for are fetched a few at a time, in its order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use landgavel_record::bundle::{
    BundleFiles, ENTRIES_MAX, FILES, PLEDGE_BUNDLE_JSON, ReadError, paths_of, size_of, tiles_in_order,
};

use crate::client::{Address, Client, FetchError};

/// Files that are fetched at once.
pub const CONNECTIONS: usize = 6;
/// Files that wait to be read.
const WAITING_MAX: usize = 64;
/// Most bytes of files that are fetched or wait to be read; one that is being fetched counts as large as it
/// may become.
const BYTES_MAX: usize = CONNECTIONS * ENTRIES_MAX;
/// Most bytes of an archive: some five million entries.
const ARCHIVE_MAX: usize = 2 << 30;

/// Hears how many bytes have come, and of how many.
pub type Heard<'a> = dyn FnMut(u64, Option<u64>) + 'a;

/// Fetches an archive into a file without a name, which goes when the program ends.
///
/// # Errors
/// Why it cannot be had.
pub fn archive(client: &Client, address: &Address, heard: &mut Heard<'_>) -> Result<BufReader<File>, FetchError> {
    let world = |error: std::io::Error| FetchError::World(format!("cannot be kept: {error}"));
    let mut file = tempfile::tempfile().map_err(world)?;
    client.download(&address.whole(), ARCHIVE_MAX, &mut file, heard)?;
    file.seek(SeekFrom::Start(0)).map_err(world)?;
    Ok(BufReader::new(file))
}

/// A file on its way.
enum Slot {
    Coming,
    Here(Result<Vec<u8>, FetchError>),
}

type Plan = Box<dyn Iterator<Item = (String, usize)> + Send>;

struct State {
    /// What will be read, in order.
    plan: std::iter::Peekable<Plan>,
    slots: BTreeMap<String, Slot>,
    /// Planned files that were fetched out of order.
    passed: BTreeSet<String>,
    bytes: usize,
    ends: bool,
}

struct Shared {
    client: Client,
    address: Address,
    state: Mutex<State>,
    changed: Condvar,
    fetched: AtomicU64,
    size: Mutex<Option<u64>>,
    fault: Mutex<Option<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn fetch(&self, path: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        let mut before = 0;
        self.client.get(&self.address.file(path), most, &mut |done, _| {
            self.fetched.fetch_add(done - before, Ordering::Relaxed);
            before = done;
        })
    }

    /// Fetches what is planned until the bundle is closed.
    fn work(&self) {
        let mut state = lock(&self.state);
        loop {
            if state.ends {
                return;
            }
            let Some((path, most)) = state.next() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.bytes += most;
            state.slots.insert(path.clone(), Slot::Coming);
            drop(state);
            // Whoever waits for the file must hear of it, whatever happens here.
            let fetch = std::panic::AssertUnwindSafe(|| self.fetch(&path, most));
            let failed = |_| Err(FetchError::World("the client failed, which is a fault of this program".to_owned()));
            let fetched = std::panic::catch_unwind(fetch).unwrap_or_else(failed);
            if path == CHECKPOINT {
                self.learn(fetched.as_deref().unwrap_or_default());
            }
            state = lock(&self.state);
            state.bytes = state.bytes - most + fetched.as_ref().map_or(0, Vec::len);
            state.slots.insert(path, Slot::Here(fetched));
            self.changed.notify_all();
        }
    }

    /// The checkpoint says which tiles there are. It is not judged yet, so they are only fetched.
    fn learn(&self, checkpoint: &[u8]) {
        let Some(size) = size_of(checkpoint) else { return };
        *lock(&self.size) = Some(size);
        let mut state = lock(&self.state);
        let empty: Plan = Box::new(std::iter::empty());
        let before = std::mem::replace(&mut state.plan, empty.peekable());
        let plan: Plan = Box::new(before.chain(tiles_in_order(size)));
        state.plan = plan.peekable();
        self.changed.notify_all();
    }
}

const CHECKPOINT: &str = "checkpoint";

impl State {
    /// The next file that there is room for.
    fn next(&mut self) -> Option<(String, usize)> {
        loop {
            let (path, most) = self.plan.peek()?;
            if self.passed.remove(path) {
                self.plan.next();
                continue;
            }
            let fits = self.bytes == 0 || self.bytes + most <= BYTES_MAX;
            let has_room = fits && self.slots.len() < WAITING_MAX;
            return if has_room { self.plan.next() } else { None };
        }
    }
}

/// A bundle that is a directory at an address.
pub struct Remote {
    shared: Arc<Shared>,
    is_of_pledge: bool,
}

impl Remote {
    /// Opens one: there must be a file `bundle.json` in it.
    ///
    /// # Errors
    /// Why that cannot be had.
    pub fn open(client: Client, address: &Address) -> Result<Self, FetchError> {
        let plan: Plan = Box::new(FILES.iter().skip(1).map(|(path, most)| ((*path).to_owned(), *most)));
        let state =
            State { plan: plan.peekable(), slots: BTreeMap::new(), passed: BTreeSet::new(), bytes: 0, ends: false };
        let shared = Arc::new(Shared {
            client,
            address: address.clone(),
            state: Mutex::new(state),
            changed: Condvar::new(),
            fetched: AtomicU64::new(0),
            size: Mutex::new(None),
            fault: Mutex::new(None),
        });
        let (first, most) = FILES[0];
        let bytes = match shared.fetch(first, most) {
            // One that is too large is for the verifier to name.
            Err(FetchError::TooLarge { most }) => Err(FetchError::TooLarge { most }),
            other => Ok(other?),
        };
        let is_of_pledge = bytes.as_ref().is_ok_and(|bytes| bytes == PLEDGE_BUNDLE_JSON.as_bytes());
        let mut state = lock(&shared.state);
        state.bytes = bytes.as_ref().map_or(0, Vec::len);
        state.slots.insert(first.to_owned(), Slot::Here(bytes));
        drop(state);
        for _ in 0..CONNECTIONS {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.work());
        }
        Ok(Self { shared, is_of_pledge })
    }

    /// Whether it is the bundle of a pledge, which is published as an archive only.
    pub fn is_of_pledge(&self) -> bool {
        self.is_of_pledge
    }

    /// Bytes that have come.
    pub fn fetched(&self) -> u64 {
        self.shared.fetched.load(Ordering::Relaxed)
    }

    /// What failed in the world and not in the bundle, when something that was asked for could not be had.
    pub fn fault(&self) -> Option<String> {
        lock(&self.shared.fault).clone()
    }

    fn take(&self, path: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        let shared = &self.shared;
        let mut state = lock(&shared.state);
        loop {
            match state.slots.get(path) {
                Some(Slot::Coming) => {
                    state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                Some(Slot::Here(_)) => {
                    let Some(Slot::Here(fetched)) = state.slots.remove(path) else { continue };
                    state.bytes = state.bytes.saturating_sub(fetched.as_ref().map_or(0, Vec::len));
                    shared.changed.notify_all();
                    return fetched;
                }
                None => {
                    state.passed.insert(path.to_owned());
                    drop(state);
                    let fetched = shared.fetch(path, most);
                    if path == CHECKPOINT {
                        shared.learn(fetched.as_deref().unwrap_or_default());
                    }
                    return fetched;
                }
            }
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        lock(&self.shared.state).ends = true;
        self.shared.changed.notify_all();
    }
}

impl BundleFiles for Remote {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        self.take(path, most).map_err(|error| {
            if let FetchError::World(why) = &error {
                let file = self.shared.address.named(path);
                lock(&self.shared.fault).get_or_insert_with(|| format!("{file}: {why}"));
            }
            error.into()
        })
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        let size = *lock(&self.shared.size);
        paths_of(size.unwrap_or(0))
    }
}
