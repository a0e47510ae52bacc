//! Places for stores that last as long as a test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use landgavel_store::Store;
use landgavel_store::conformance::Place;

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("landgavel-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn all(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An SQLite file.
pub struct SqlitePlace {
    pub folder: Folder,
    now_ms: AtomicI64,
}

impl SqlitePlace {
    pub fn new() -> Self {
        Self { folder: Folder::new(), now_ms: AtomicI64::new(1_700_000_000_000) }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path("hall.db")
    }
}

impl Place for SqlitePlace {
    async fn open(&self) -> Store {
        Store::open(&format!("sqlite:{}", self.path().display())).await.unwrap()
    }

    async fn let_pass(&self, ms: i64) -> i64 {
        self.now_ms.fetch_add(ms, Ordering::Relaxed) + ms
    }
}
