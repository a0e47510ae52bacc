//! A full disk and a dead database, as whoever bids meets them: an honest 503, no receipt, and nothing lost.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::PacedClock;
use landgavel_server::desk::Outcome;
use landgavel_server::desk::intake::Submission;
use landgavel_server::desk::shown::Standing;
use landgavel_server::hall::{Hall, House};
use landgavel_server::people::Allowance;
use landgavel_store::Store;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, SALE, Stage, house, setting, time};

const VARIABLE: &str = "LANDGAVEL_TEST_HALL_DISK";

fn bid(stage: &Stage, amount: &str) -> Submission {
    let command: Map<String, Value> =
        serde_json::from_value(json!({"do": "bid", "bidder": "A", "amount": amount})).unwrap();
    stage.sign(command)
}

/// Status, type and body of what the hall answers.
async fn post(api: &Api, submission: &Submission) -> (StatusCode, String, Value) {
    let signatures: Vec<Value> =
        submission.signatures.iter().map(|(key, signature)| json!({"key": key, "signature": signature})).collect();
    let body = json!({"command": submission.command, "signatures": signatures}).to_string();
    let request = Request::post(format!("/api/v1/sales/{SALE}/commands")).body(Body::from(body)).unwrap();
    let response = api.router().oneshot(request).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let (status, bytes) = (response.status(), to_bytes(response.into_body(), usize::MAX).await.unwrap());
    (status, kind, serde_json::from_slice(&bytes).unwrap())
}

async fn is_ready(api: &Api) -> bool {
    let request = Request::get("/readyz").body(Body::empty()).unwrap();
    api.router().oneshot(request).await.unwrap().status() == StatusCode::OK
}

/// An answer without a receipt, which says what to do.
fn is_honest(answer: &(StatusCode, String, Value)) -> bool {
    let (status, kind, body) = answer;
    let says = ["outcome_unknown", "store_failed"].iter().any(|code| body["code"] == *code);
    *status == StatusCode::SERVICE_UNAVAILABLE
        && kind == "application/problem+json"
        && says
        && body["receipt"].is_null()
}

async fn open_again(stage: &Stage) {
    stage.until(|room| room.standing() == Standing::Open).await;
}

async fn answered_once(stage: &Stage, api: &Api, submission: &Submission) {
    let (mut last, mut entry) = (StatusCode::SERVICE_UNAVAILABLE, Value::Null);
    while last == StatusCode::SERVICE_UNAVAILABLE {
        let (status, _, body) = post(api, submission).await;
        (last, entry) = (status, body["entry"].clone());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(last, StatusCode::OK);
    let (_, _, again) = post(api, submission).await;
    assert_eq!((&again["entry"], &again["repeated"]), (&entry, &json!(true)));
    let stored = stage.hall.setting().store.head(stage.room.id()).await.unwrap().size;
    assert_eq!(json!(stored - 1), entry);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_answered_without_a_receipt_and_room_for_it_is_all_that_is_needed() {
    #[expect(clippy::disallowed_methods, reason = "this is how the process is told what to do")]
    let Ok(path) = std::env::var(VARIABLE) else {
        return again("a_full_disk_is_answered_without_a_receipt_and_room_for_it_is_all_that_is_needed");
    };
    let folder = Folder(PathBuf::from(path));
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let often = Allowance { burst: 10_000, period_ms: 1 };
    let api = Api::new(Arc::clone(&stage.hall), Bounds { address: often, key: often, ..Bounds::default() });
    // Something else fills the disk to the last page.
    let ballast = folder.0.join("ballast");
    let filled =
        Command::new("dd").arg("if=/dev/zero").arg(format!("of={}", ballast.display())).arg("bs=4096").output();
    assert!(!filled.unwrap().status.success(), "the disk is not full");
    let submission = bid(&stage, "2310 万元");
    // Pages of the log that were there already still take some entries: those are answered, and they are safe.
    let mut refused = false;
    for amount in 0..200 {
        // Refused for their amount: each is an entry all the same.
        let submission = bid(&stage, &format!("{} 万元", amount + 1));
        let answer = post(&api, &submission).await;
        if answer.0 != StatusCode::OK {
            assert!(is_honest(&answer), "{answer:?}");
            refused = true;
            break;
        }
    }
    assert!(refused, "a full disk took everything");
    stage.until(|room| matches!(room.standing(), Standing::Stopped { is_retried: true, .. })).await;
    assert!(is_honest(&post(&api, &submission).await) && !is_ready(&api).await);
    std::fs::remove_file(ballast).unwrap();
    open_again(&stage).await;
    answered_once(&stage, &api, &submission).await;
    assert!(is_ready(&api).await);
    stage.hall.close().await;
}

/// Runs a test again in a process of its own, whose folder is a small disk.
fn again(test: &str) {
    let around = ["unshare", "--map-root-user", "--mount"];
    if !Command::new(around[0]).args(&around[1..]).arg("true").status().is_ok_and(|status| status.success()) {
        return eprintln!("LEFT OUT: no file system can be mounted here");
    }
    let folder = Folder::new();
    let words = "mount -t tmpfs -o size=6m none \"$TEST_FOLDER\" && exec \"$TEST_BINARY\" \"hall::faults::$TEST_NAME\" --exact --nocapture";
    let output = Command::new(around[0])
        .args(&around[1..])
        .args(["sh", "-c", words])
        .env("TEST_BINARY", std::env::current_exe().unwrap())
        .env("TEST_NAME", test)
        .env("TEST_FOLDER", &folder.0)
        .env(VARIABLE, &folder.0)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// A server of the test's own; its programs run as somebody whom it does not refuse.
struct Server {
    folder: Folder,
    programs: PathBuf,
}

impl Server {
    fn new(programs: &Path) -> Self {
        let server = Self { folder: Folder::new(), programs: programs.to_owned() };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&server.folder.0).status().unwrap().success());
        }
        server.run("initdb", &["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        server.start();
        server
    }

    fn start(&self) {
        let settings = format!("-k {} -c listen_addresses=", self.folder.0.display());
        let log = format!("{}/log", self.folder.0.display());
        self.run("pg_ctl", &["start", "--wait", "--silent", "-l", &log, "-o", &settings]);
    }

    fn stop(&self) {
        self.run("pg_ctl", &["stop", "--wait", "--silent", "--mode=immediate"]);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() { Command::new("runuser") } else { Command::new(&program) };
        if is_root() {
            command.args(["-u", "postgres", "--"]).arg(&program);
        }
        command.arg("-D").arg(self.folder.0.join("data")).args(arguments).current_dir(&self.folder.0);
        assert!(command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap().success());
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.trim_ascii() == b"0"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_postgres_is_answered_without_a_receipt_and_the_sale_goes_on_when_it_is_back() {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the programs are")]
    let Ok(programs) = std::env::var("LANDGAVEL_TEST_POSTGRES_PROGRAMS") else {
        return eprintln!("LEFT OUT: LANDGAVEL_TEST_POSTGRES_PROGRAMS names no folder");
    };
    let server = Server::new(Path::new(&programs));
    let url = format!("postgres:///postgres?host={}&user=postgres", server.folder.0.display());
    let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
    let stage = Stage::on(Store::open(&url).await.unwrap(), clock).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let api = Api::new(Arc::clone(&stage.hall), Bounds::default());
    let submission = bid(&stage, "2310 万元");
    server.stop();
    let answer = post(&api, &submission).await;
    assert!(is_honest(&answer), "{answer:?}");
    stage.until(|room| matches!(room.standing(), Standing::Stopped { is_retried: true, .. })).await;
    assert!(is_honest(&post(&api, &submission).await) && !is_ready(&api).await);
    server.start();
    open_again(&stage).await;
    answered_once(&stage, &api, &submission).await;
    stage.hall.close().await;
    server.stop();
}

/// The node that writes is gone from one moment to the next and gives no lease back. By the database's clock the lease
/// lapses, and the other node, which asks every two seconds, goes on with the sale.
#[test]
fn when_the_writing_node_dies_another_takes_over_within_its_lease_on_postgres() {
    const LEASE_MS: i64 = 5_000;
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the programs are")]
    let Ok(programs) = std::env::var("LANDGAVEL_TEST_POSTGRES_PROGRAMS") else {
        return eprintln!("LEFT OUT: LANDGAVEL_TEST_POSTGRES_PROGRAMS names no folder");
    };
    let server = Server::new(Path::new(&programs));
    let url = format!("postgres:///postgres?host={}&user=postgres", server.folder.0.display());
    let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
    let node = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let house = |node: &str| House { node: node.to_owned(), lease_ms: LEASE_MS, ..house() };
    let first_node = node();
    let submission = first_node.block_on(async {
        let stage = Stage::by(Store::open(&url).await.unwrap(), Arc::clone(&clock), house("node-1")).await;
        stage.play("2026-04-08T08:00:00+08:00").await;
        stage.published().await;
        bid(&stage, "2310 万元")
    });
    let second_node = node();
    let room = second_node.block_on(async {
        let store = Store::open(&url).await.unwrap();
        let hall = Hall::open(setting(store, Arc::clone(&clock)), house("node-2")).await.unwrap();
        let room = hall.room(SALE).unwrap();
        while room.standing() != Standing::Elsewhere {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        room
    });
    first_node.shutdown_background();
    let died = std::time::Instant::now();
    second_node.block_on(async {
        while room.standing() != Standing::Open {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        // The lease from its last renewal on, one question, and reading the sale back on a busy machine.
        let took = died.elapsed();
        assert!(took < std::time::Duration::from_secs(15), "{took:?}");
        eprintln!("taken over after {} ms, with a lease of {LEASE_MS} ms", took.as_millis());
        assert!(matches!(room.ask(submission).await, Ok(Outcome::Entered(_))));
    });
    second_node.shutdown_background();
    server.stop();
}
