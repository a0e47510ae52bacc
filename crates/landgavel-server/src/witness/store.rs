use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use landgavel_log::note::MAX_NOTE;

/// The file whose lock says that a process works on a directory.
const LOCK: &str = "lock";

/// A directory with one small file per name. A file is replaced whole, and lasting once it is replaced;
/// while a store is open, no other can be opened on its directory.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    /// The lock goes with the process, however that ends.
    _lock: File,
}

/// Why a store cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// Another process works on the directory.
    InUse,
    /// A file of the store says what it cannot have been given to keep; a person must look.
    Damaged {
        /// Its path.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk failed.
    Io(PathBuf, io::Error),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::InUse => f.write_str("another process works on this directory"),
            StoreError::Damaged { path, why } => write!(f, "{}: {why}", path.display()),
            StoreError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for StoreError {}

impl Store {
    /// Opens a directory, made if there is none, for this process alone.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] when another has it open, [`StoreError::Io`] when the disk fails.
    pub fn open(directory: &Path) -> Result<Store, StoreError> {
        let fault = |error| StoreError::Io(directory.to_owned(), error);
        make_lasting(directory).map_err(fault)?;
        let lock = OpenOptions::new().create(true).append(true).open(directory.join(LOCK)).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => Ok(Store { directory: directory.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(fault(error)),
        }
    }

    /// Where the file of a name is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What was written last under a name, or nothing if nothing was.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is a file and it cannot be read or is larger than a note.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::Io(path, error)),
        };
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_NOTE).map_or(u64::MAX, |limit| limit + 1);
        file.take(limit).read_to_end(&mut bytes).map_err(|error| StoreError::Io(path.clone(), error))?;
        if bytes.len() > MAX_NOTE {
            return Err(StoreError::Damaged { path, why: format!("has more than {MAX_NOTE} bytes") });
        }
        Ok(Some(bytes))
    }

    /// Replaces what stands under a name. When this returns, a power cut no longer undoes it; at every
    /// moment before, the old or the new is there, whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; then either of the two may stand.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (path, new) = (self.path(name), self.path(&format!("{name}.new")));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            // The name itself is kept by the directory.
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|error| StoreError::Io(path.clone(), error))
    }
}

/// Makes a directory and those above it, so that a power cut does not take them away again with what is in them.
fn make_lasting(directory: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        directory.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
    fs::create_dir_all(directory)?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(above)?.sync_all()?;
    }
    Ok(())
}
