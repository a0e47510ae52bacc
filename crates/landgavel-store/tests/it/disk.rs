//! Disks that are full or fail, under SQLite. The system itself is made to refuse: each test starts this
//! binary again under a limit, and looks at what the store said there.

use std::process::Command;

use landgavel_store::{AppendError, Batch, CreateError, Fault, Fence, Head, Marking, SaleId, Store, VaultError};

use crate::crash::verify;
use crate::places::{Folder, SqlitePlace};
use crate::writer::{self, Manner};

const VARIABLE: &str = "LANDGAVEL_TEST_DISK";

/// Starts one test of this module again by a shell that first sets a limit.
fn again(around: &[&str], limit: &str, test: &str, folder: &Folder) -> Command {
    let shell =
        ["sh", "-c", &format!("{limit} && exec \"$TEST_BINARY\" disk::{test} --exact --nocapture")].map(str::to_owned);
    let mut words = around.iter().map(|word| (*word).to_owned()).chain(shell);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).env("TEST_BINARY", std::env::current_exe().unwrap());
    command.env("TEST_FOLDER", folder.all()).env(VARIABLE, folder.path("hall.db"));
    command
}

/// Runs it to its end; what it printed.
fn passes(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{words}");
    said
}

fn told() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is how the process is told what to do")]
    std::env::var(VARIABLE).ok()
}

async fn begun(path: &str) -> (Store, SaleId, Fence) {
    let store = Store::open(path).await.unwrap();
    let sale = SaleId::parse("s").unwrap();
    store.create(&sale, Vec::new()).await.unwrap();
    let fence = store.take(&sale, "a", 0, 60_000).await.unwrap().unwrap();
    (store, sale, fence)
}

/// Appends until the store refuses; the last head, and why it refused.
async fn fill(store: &Store, fence: &Fence) -> (Head, AppendError) {
    let mut head = Head::EMPTY;
    loop {
        match store.append(fence, head, Batch::of(vec![vec![7; 60_000]])).await {
            Ok(next) => head = next,
            Err(error) => return (head, error),
        }
        assert!(head.size < 10_000, "the disk does not get full");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_keeps_what_is_there() {
    let Some(path) = told() else {
        let around = ["unshare", "--map-root-user", "--mount"];
        if !Command::new(around[0]).args(&around[1..]).arg("true").status().is_ok_and(|status| status.success()) {
            return eprintln!("LEFT OUT: no file system can be mounted here");
        }
        let mount = "mount -t tmpfs -o size=6m none \"$TEST_FOLDER\"";
        passes(again(&around, mount, "a_full_disk_refuses_what_is_new_and_keeps_what_is_there", &Folder::new()));
        return;
    };
    let ballast = format!("{path}.ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let (store, sale, fence) = begun(&path).await;
    let (head, error) = fill(&store, &fence).await;
    assert_eq!(error, AppendError::Full);
    assert!(head.size > 5);
    for _ in 0..3 {
        let refused = store.append(&fence, head, Batch::of(vec![vec![8; 60_000]])).await;
        assert_eq!(refused, Err(AppendError::Full));
    }
    assert_eq!(store.vault_put("k", "a", Marking::Plain, &[1; 200_000]).await, Err(VaultError::Full));
    let another = SaleId::parse("t").unwrap();
    let refused = store.create(&another, vec![("lot.toml".to_owned(), vec![1; 200_000])]).await;
    assert_eq!(refused, Err(CreateError::Fault(Fault::Full)));
    // All that was acknowledged can be read, and nothing else is there.
    let entries = store.read(&sale, 0, usize::MAX, usize::MAX).await.unwrap();
    assert_eq!(Head::EMPTY.after(&entries), head);
    assert_eq!(store.head(&sale).await.unwrap(), head);
    assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
    // Room comes back, and it works again by itself.
    std::fs::remove_file(ballast).unwrap();
    store.append(&fence, head, Batch::of(vec![vec![8; 60_000]])).await.unwrap();
}

/// A file that the system lets grow no further: SQLite takes that for a disk that fails.
#[tokio::test]
async fn after_a_failed_write_the_store_refuses_everything_until_it_is_opened_again() {
    let Some(path) = told() else {
        // In blocks of 512 bytes; the signal that comes with it is ignored.
        let limit = "trap '' XFSZ && ulimit -f 4000";
        let test = "after_a_failed_write_the_store_refuses_everything_until_it_is_opened_again";
        let folder = Folder::new();
        passes(again(&[], limit, test, &folder));
        // Without the limit all is well again, and every acknowledged entry is there.
        let store = Store::open(folder.path("hall.db").to_str().unwrap()).await.unwrap();
        assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
        let told = std::fs::read_to_string(folder.path("acknowledged")).unwrap();
        assert!(store.sales().await.unwrap()[0].1.size >= told.parse().unwrap());
        return;
    };
    let (store, sale, fence) = begun(&path).await;
    let (head, error) = fill(&store, &fence).await;
    assert!(matches!(error, AppendError::Fault(Fault::Broken { .. })), "{error:?}");
    refuses_everything(&store, &sale, &fence, head).await;
    let folder = std::path::Path::new(&path).parent().unwrap();
    std::fs::write(folder.join("acknowledged"), head.size.to_string()).unwrap();
}

async fn refuses_everything(store: &Store, sale: &SaleId, fence: &Fence, head: Head) {
    let is_broken = |fault: &Fault| matches!(fault, Fault::Broken { .. });
    let refused = store.append(fence, head, Batch::of(vec![b"small".to_vec()])).await;
    assert!(matches!(&refused, Err(AppendError::Fault(fault)) if is_broken(fault)), "{refused:?}");
    assert!(is_broken(&store.head(sale).await.unwrap_err()));
    assert!(is_broken(&store.shelf_get(b"k").await.unwrap_err()));
    assert!(is_broken(&store.shelf_put(b"k", None).await.unwrap_err()));
    let refused = store.vault_put("k", "a", Marking::Plain, b"x").await;
    assert!(matches!(&refused, Err(VaultError::Fault(fault)) if is_broken(fault)), "{refused:?}");
    assert!(is_broken(&store.check().await.unwrap_err()));
}

/// A library that stands before the system's fsync, or `None` where it can't be made.
fn library(folder: &Folder) -> Option<std::path::PathBuf> {
    let library = folder.path("sync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/sync.c");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    if made.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    eprintln!("LEFT OUT: cc can't make a library that stands before fsync");
    None
}

#[tokio::test]
async fn after_a_failed_fsync_nothing_is_acknowledged() {
    let test = "after_a_failed_fsync_nothing_is_acknowledged";
    let Some(path) = told() else {
        let tools = Folder::new();
        let Some(library) = library(&tools) else { return };
        // The first ones belong to the opening; each of the others is an append's.
        for failing in [20, 21, 33] {
            let folder = Folder::new();
            let mut command = again(&[], "true", test, &folder);
            command.env("LD_PRELOAD", &library).env("LANDGAVEL_TEST_FAILING_SYNC", failing.to_string());
            assert!(passes(command).contains("FAILED SYNC"));
            let store = Store::open(folder.path("hall.db").to_str().unwrap()).await.unwrap();
            assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
            let told = std::fs::read_to_string(folder.path("acknowledged")).unwrap();
            assert!(store.sales().await.unwrap()[0].1.size >= told.parse().unwrap());
        }
        return;
    };
    let (store, sale, fence) = begun(&path).await;
    let (head, error) = fill(&store, &fence).await;
    assert!(matches!(error, AppendError::Fault(Fault::Broken { .. })), "{error:?}");
    assert!(head.size < 40, "{head:?}: it was acknowledged after the failure");
    refuses_everything(&store, &sale, &fence, head).await;
    let folder = std::path::Path::new(&path).parent().unwrap();
    std::fs::write(folder.join("acknowledged"), head.size.to_string()).unwrap();
}

/// The order in which the system is asked and the caller is answered.
#[tokio::test]
async fn an_append_is_acknowledged_after_its_fsync() {
    let tools = Folder::new();
    let Some(library) = library(&tools) else { return };
    let place = SqlitePlace::new();
    // One sale alone, so that no commit of another stands between.
    let output = writer::command(&place.url(), "a", Manner::Single, 40).env("LD_PRELOAD", &library).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut synced = false;
    let mut acknowledged = 0;
    for line in said.lines() {
        if line == "SYNC" {
            synced = true;
        } else if line.contains("ACK ") {
            assert!(synced, "{line} was told before its fsync:\n{said}");
            synced = false;
            acknowledged += 1;
        }
    }
    assert_eq!(acknowledged, 40);
    assert_eq!(verify(&place.url(), &said).await, 40);
}
