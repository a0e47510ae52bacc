//! Backups: one file that holds a whole store, and fills an empty one in either database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::portable::{Census, Checked, tally};
use crate::sqlite::{Sqlite, channel, check_file, dump_file};
use crate::store::Store;

impl Store {
    /// Writes all of the store, as of one moment, into a new file; others write on meanwhile. The file is
    /// itself a store in SQLite, whichever database this one is. It is read again and checked before it
    /// gets its name.
    ///
    /// # Errors
    ///
    /// [`Fault::Address`] when the file is there already, [`Fault::Corrupt`] when what the store holds does
    /// not fit together, and others.
    pub async fn backup(&self, path: &Path) -> Result<Census, Fault> {
        backup(self, path).await
    }

    /// Fills this store, which must be empty, from a backup, all or nothing; counts, heads and digests are
    /// compared before and after. Leases are not taken over.
    ///
    /// # Errors
    ///
    /// [`Fault::Limit`] when the store is not empty, [`Fault::Corrupt`] when the backup is damaged,
    /// [`Fault::Foreign`], [`Fault::Newer`] and others.
    pub async fn restore(&self, path: &Path) -> Result<Census, Fault> {
        restore(self, path).await
    }

    /// Looks at all that the store holds, and computes every digest again.
    ///
    /// # Errors
    ///
    /// [`Fault`] when it can't be read to the end; what is wrong in it is a finding.
    pub async fn check(&self) -> Result<Checked, Fault> {
        check(self).await
    }
}

/// Writes a backup; it has its name only when it is whole, checked and on the disk.
async fn backup(store: &Store, path: &Path) -> Result<Census, Fault> {
    if path.exists() {
        return Err(Fault::Address { why: format!("{} is there already", path.display()) });
    }
    let part = beside(path, ".part");
    let _ = fs::remove_file(&part);
    let outcome = write(store, &part).await;
    let outcome = outcome.and_then(|census| settle(&part, path).map(|()| census).map_err(|error| told(path, &error)));
    if outcome.is_err() {
        // What is not whole would only be taken for something.
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&part, end));
        }
    }
    outcome
}

async fn write(store: &Store, part: &Path) -> Result<Census, Fault> {
    match store {
        Store::Sqlite(store) => {
            store.copy(part).await?;
            checked(part).await
        }
        Store::Postgres(store) => {
            let file = Sqlite::open_alone(part).await?;
            let (from, counting) = channel();
            let (counted, to) = channel();
            let (dumped, there, loaded) = tokio::join!(store.dump(from), tally(counting, Some(counted)), file.load(to));
            dumped?;
            loaded?;
            let census = there?.sound("the database")?;
            file.close_alone().await?;
            same(&census, &checked(part).await?)?;
            Ok(census)
        }
    }
}

/// Fills an empty store from a backup.
async fn restore(store: &Store, path: &Path) -> Result<Census, Fault> {
    let before = checked(path).await?;
    let (from, to) = channel();
    let path = path.to_owned();
    let dump = tokio::task::spawn_blocking(move || dump_file(&path, &from));
    let (dumped, loaded) = tokio::join!(dump, async {
        match store {
            Store::Sqlite(store) => store.load(to).await,
            Store::Postgres(store) => store.load(to).await,
        }
    });
    loaded?;
    dumped.map_err(|error| Fault::Database { why: format!("reading the backup ended: {error}") })??;
    let after = check(store).await?.sound("the restored store")?;
    same(&before, &after)?;
    Ok(after)
}

/// Looks at all that a store holds.
async fn check(store: &Store) -> Result<Checked, Fault> {
    match store {
        Store::Sqlite(store) => store.check().await,
        Store::Postgres(store) => {
            let (from, to) = channel();
            let (dumped, counted) = tokio::join!(store.dump(from), tally(to, None));
            dumped?;
            counted
        }
    }
}

async fn checked(path: &Path) -> Result<Census, Fault> {
    let (path, words) = (path.to_owned(), format!("the backup {}", path.display()));
    let checked = tokio::task::spawn_blocking(move || check_file(&path)).await;
    checked.map_err(|error| Fault::Database { why: format!("the check ended: {error}") })??.sound(&words)
}

fn same(before: &Census, after: &Census) -> Result<(), Fault> {
    if before == after {
        Ok(())
    } else {
        Err(Fault::Corrupt { what: "what was written is not what was read".to_owned() })
    }
}

/// Brings the file to the disk under its name.
fn settle(part: &Path, path: &Path) -> std::io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn told(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Unreachable { why: format!("{}: {error}", path.display()) }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
