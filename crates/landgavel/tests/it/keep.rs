//! What a hall keeps: backups, restores and exports, and a hall that is killed again and again.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::{Desk, landgavel};

/// A hall in live bidding with eight bidders, in a directory; it ends with the test.
struct Hall(Child);

impl Hall {
    fn begin(directory: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_landgavel"))
            .args(["bench", "hall", "--bidders", "8", "--stage", directory])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listen"), "{line}");
        Self(child)
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn good(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn verifies(archive: &str) {
    let output = landgavel(&["verify", archive]);
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_backup_of_a_running_hall_restores_to_the_same_and_its_export_verifies() {
    let desk = Desk::new("keep");
    let hall = Hall::begin(&desk.path("hall"));
    let data = desk.path("hall");
    let backup = good(&landgavel(&["backup", "--json", "--data", &data, &desk.path("backup.db")]));
    let live = good(&landgavel(&["export", "--json", "--data", &data, "bench", &desk.path("live.zip")]));
    drop(hall);
    verifies(&desk.path("live.zip"));
    assert!(live["entries"].as_u64() >= Some(9), "{live}");
    let again = landgavel(&["backup", "--data", &data, &desk.path("backup.db")]);
    assert_eq!(again.status.code(), Some(2), "an older backup is never written over");

    let restored = good(&landgavel(&["restore", "--json", "--data", &desk.path("new"), &desk.path("backup.db")]));
    assert_eq!((&restored["entries"], &restored["digest"]), (&backup["entries"], &backup["digest"]));
    good(&landgavel(&["export", "--json", "--data", &desk.path("new"), "bench", &desk.path("new.zip")]));
    verifies(&desk.path("new.zip"));
    let twice = landgavel(&["restore", "--data", &desk.path("new"), &desk.path("backup.db")]);
    assert_eq!(twice.status.code(), Some(3), "what is there is never written over");
    let none = landgavel(&["export", "--data", &desk.path("new"), "other", &desk.path("other.zip")]);
    assert_eq!(none.status.code(), Some(1));
    assert!(!Path::new(&desk.path("other.zip")).exists());
    let nowhere = landgavel(&["backup", "--data", &desk.path("nowhere"), &desk.path("nothing.db")]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(!Path::new(&desk.path("nowhere")).exists(), "a mistyped path makes no empty hall");
    let over = landgavel(&["export", "--data", &desk.path("new"), "bench", &desk.path("new.zip")]);
    assert_eq!(over.status.code(), Some(2), "an archive is never written over");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(desk.path("new.zip")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it may hold what the rules still hide");
}

#[test]
fn an_address_that_is_none_tells_no_password_and_makes_no_file() {
    let desk = Desk::new("keep-addresses");
    for url in ["mysql://user:SECRET@host/db", "postgress:user:SECRET@host", "http://user:SECRET@host/"] {
        for command in [["backup", "--database-url", url], ["restore", "--database-url", url]] {
            let file = desk.path("hall.backup");
            std::fs::write(&file, "").unwrap();
            let file = if command[0] == "backup" { desk.path("new.backup") } else { file };
            let output = landgavel(&[&command[..], &[file.as_str()]].concat());
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{words}");
            assert!(words.contains("neither postgres: nor sqlite:") && !words.contains("SECRET"), "{words}");
        }
    }
}

/// `LANDGAVEL_TEST_POSTGRES` names a server; `cargo xtask ci` starts one.
#[test]
fn a_backup_goes_to_postgres_and_back() {
    let Ok(server) = std::env::var("LANDGAVEL_TEST_POSTGRES") else {
        return eprintln!("LEFT OUT: LANDGAVEL_TEST_POSTGRES names no server");
    };
    let name = format!("landgavel_keep_{}", std::process::id());
    let psql = |words: &str| {
        let output = Command::new("psql").args([&server.replacen("postgres:", "postgresql:", 1), "-c", words]).output();
        output.is_ok_and(|output| output.status.success())
    };
    assert!(psql(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")), "psql makes a database");
    let url = server.replacen("/postgres?", &format!("/{name}?"), 1);
    let desk = Desk::new("keep-postgres");
    drop(Hall::begin(&desk.path("hall")));
    let first = good(&landgavel(&["backup", "--json", "--data", &desk.path("hall"), &desk.path("first.db")]));
    let there = good(&landgavel(&["restore", "--json", "--database-url", &url, &desk.path("first.db")]));
    let second = good(&landgavel(&["backup", "--json", "--database-url", &url, &desk.path("second.db")]));
    good(&landgavel(&["export", "--json", "--database-url", &url, "bench", &desk.path("there.zip")]));
    assert!(psql(&format!("DROP DATABASE {name} WITH (FORCE)")));
    assert_eq!((&first["digest"], &first["digest"]), (&there["digest"], &second["digest"]));
    verifies(&desk.path("there.zip"));
}

#[test]
fn a_hall_that_is_killed_at_random_moments_loses_no_receipt_and_ends_no_sale() {
    let report = good(&landgavel(&["bench", "hall", "--json", "--kills", "24"]));
    assert_eq!(report["kills"], 24);
    assert_eq!((&report["lost"], &report["without_proof"], &report["ended"]), (&0.into(), &0.into(), &0.into()));
    assert!(report["receipts"].as_u64() > Some(100), "{report}");
}
