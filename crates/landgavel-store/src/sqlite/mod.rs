//! The store in one SQLite file: nothing to install, one machine.

mod connection;
mod journal;
mod lease;
mod portable;
mod readers;
mod shelf;
mod vault;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::Fault;
use crate::watchers::Watchers;

pub(crate) use portable::{channel, check_file, dump_file};
use readers::Readers;
use writer::{Broken, Writer};

/// A store in an SQLite file. Copies of it are the same store.
#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
    watchers: Arc<Watchers>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the file; makes it when it is not there.
    ///
    /// # Errors
    ///
    /// [`Fault`]: a foreign file, a newer version, a disk that fails.
    pub(crate) async fn open(path: &Path) -> Result<Sqlite, Fault> {
        let path: PathBuf = path.to_owned();
        let opened = path.clone();
        let connection = tokio::task::spawn_blocking(move || connection::open_writer(&opened))
            .await
            .map_err(|error| Fault::Database { why: format!("opening ended: {error}") })??;
        let broken = Arc::new(Broken::default());
        let writer = Writer::start(connection, Arc::clone(&broken))?;
        Ok(Sqlite { writer, readers: Readers::new(path, broken), watchers: Arc::default() })
    }
}
