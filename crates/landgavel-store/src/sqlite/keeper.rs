//! The thread that carries the write-ahead log over into the file, beside the one that writes.
//!
//! Left to itself SQLite does it within a commit, and whoever waits for that commit waits for the fsync of
//! the whole file too. Here it is done in small pieces meanwhile; the writer only starts the log again, or,
//! when the keeper falls far behind, finishes what is left.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;

use super::connection::{fault_of, open_keeper};
use super::writer::Broken;
use crate::fault::Fault;

/// After so many new pages (4 MiB) the keeper is called: seldom enough that its fsync costs less than those
/// of the commits between, often enough that it has little to write.
const PIECE: i32 = 512;

/// With so many pages in the log (64 MiB) the writer does what is left of it before it goes on, so that the
/// log does not grow for ever under a load that never pauses.
const MOST: i32 = 8_192;

/// Starts the keeper and lets the writer's connection call it. It ends when that connection is closed.
pub(super) fn start(path: &Path, writer: &mut Connection, broken: Arc<Broken>) -> Result<(), Fault> {
    let connection = open_keeper(path)?;
    let (call, calls) = sync_channel(1);
    std::thread::Builder::new()
        .name("store-keeper".to_owned())
        .spawn(move || keep(&connection, &calls, &broken))
        .map_err(|error| Fault::Unreachable { why: format!("no thread for the log: {error}") })?;
    let mut called_at = 0;
    writer
        .wal_hook(Some(move |wal: &mut Wal, pages| {
            committed(wal, pages, &mut called_at, &call);
            // The commit holds, whatever became of the log.
            Ok(())
        }))
        .map_err(fault_of)
}

fn committed(wal: &mut Wal, pages: i32, called_at: &mut i32, call: &SyncSender<()>) {
    if pages < *called_at {
        // The log was started again.
        *called_at = 0;
    }
    if pages >= MOST {
        // If it fails it is tried at the next commit; the keeper notes failures of the disk.
        let _ = wal.checkpoint_v2(CheckpointMode::PASSIVE);
    } else if pages - *called_at >= PIECE {
        match call.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => *called_at = pages,
            Err(TrySendError::Disconnected(())) => {}
        }
    }
}

fn keep(connection: &Connection, calls: &Receiver<()>, broken: &Broken) {
    while calls.recv().is_ok() {
        if let Err(error) = connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
            broken.note(&fault_of(error));
        }
    }
}
