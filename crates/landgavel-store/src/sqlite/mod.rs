//! The store in one SQLite file: nothing to install, one machine.

mod connection;
mod journal;
mod keeper;
mod lease;
mod portable;
mod readers;
mod shelf;
mod vault;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

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
        Self::open_with(path, keeper::start).await
    }

    /// The same for a file that is only filled and closed: nobody else has it open, not even a keeper.
    pub(crate) async fn open_alone(path: &Path) -> Result<Sqlite, Fault> {
        Self::open_with(path, |_, _, _| Ok(())).await
    }

    async fn open_with(
        path: &Path,
        keep: fn(&Path, &mut Connection, Arc<Broken>) -> Result<(), Fault>,
    ) -> Result<Sqlite, Fault> {
        let path: PathBuf = path.to_owned();
        let opened = path.clone();
        let broken = Arc::new(Broken::default());
        let noted = Arc::clone(&broken);
        let open = move || {
            let mut connection = connection::open_writer(&opened)?;
            keep(&opened, &mut connection, noted)?;
            Ok(connection)
        };
        let connection = tokio::task::spawn_blocking(open)
            .await
            .map_err(|error| Fault::Database { why: format!("opening ended: {error}") })??;
        let writer = Writer::start(connection, Arc::clone(&broken))?;
        Ok(Sqlite { writer, readers: Readers::new(path, broken), watchers: Arc::default() })
    }
}
