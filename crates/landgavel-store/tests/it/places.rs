//! Places for stores that last as long as a test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use landgavel_store::Store;
use landgavel_store::conformance::Place;
use tokio_postgres::NoTls;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// No other test has this name.
fn fresh(prefix: &str) -> String {
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(fresh("landgavel_store"));
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

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }
}

impl Place for SqlitePlace {
    async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    async fn let_pass(&self, ms: i64) -> i64 {
        self.now_ms.fetch_add(ms, Ordering::Relaxed) + ms
    }
}

/// A database of its own on the server that `LANDGAVEL_TEST_POSTGRES` names, dropped at the end.
pub struct PostgresPlace {
    server: String,
    database: String,
}

impl PostgresPlace {
    /// `None`, said aloud, where no server is given. `cargo xtask ci` starts one, and says when it can't.
    pub async fn new() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where a server is")]
        let given = std::env::var("LANDGAVEL_TEST_POSTGRES").ok();
        if given.is_none() {
            eprintln!("LEFT OUT: LANDGAVEL_TEST_POSTGRES names no server");
        }
        let place = Self::on(&given?).await;
        Some(place)
    }

    /// On a server whose address names the database `postgres`.
    pub async fn on(server: &str) -> Self {
        let place = Self { server: server.to_owned(), database: fresh("landgavel_test") };
        let words = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", place.database);
        execute(server, &words).await.unwrap();
        place
    }

    pub fn url(&self) -> String {
        self.server.replacen("/postgres?", &format!("/{}?", self.database), 1)
    }
}

impl Place for PostgresPlace {
    async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// The server's clock counts, and it can't be set: leases lapse earlier instead.
    async fn let_pass(&self, ms: i64) -> i64 {
        execute(&self.url(), &format!("UPDATE landgavel.head SET lapses_ms = lapses_ms - {ms}")).await.unwrap();
        0
    }
}

impl Drop for PostgresPlace {
    fn drop(&mut self) {
        let (server, words) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.database));
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // A server that a test has killed has nothing to drop.
            drop(runtime.block_on(execute(&server, &words)));
        };
        let _ = std::thread::spawn(work).join();
    }
}

/// Runs statements on a connection of their own.
pub async fn execute(url: &str, words: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let outcome = client.batch_execute(words).await;
    drop(client);
    let _ = connection.await;
    outcome
}
