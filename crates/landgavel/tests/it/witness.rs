//! A witness as a program: its key, its end, and what it remembers when it is killed.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, SigningKey, VerifierKey};
use landgavel_log::policy::Policy;
use landgavel_log::tree::{Hash, HashReader, leaf_hash, node_hash, root_of};
use landgavel_server::clock::MachineClock;
use landgavel_server::witness::{Asker, Fault, NotWitnessed, Patience};

use crate::{Desk, landgavel, root};

/// A log of which every entry is its own number, and on another history that and a mark.
struct Numbers {
    mark: &'static str,
}

impl HashReader for Numbers {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        match level {
            0 => Some(leaf_hash(format!("{index}{}", self.mark).as_bytes())),
            level => Some(node_hash(self.hash(level - 1, index * 2)?, self.hash(level - 1, index * 2 + 1)?)),
        }
    }
}

fn log_key() -> SigningKey {
    SigningKey::new("log.example/numbers", KeyKind::Ed25519, SecretKey::from_seed(&[1; 32])).unwrap()
}

fn note(log: &Numbers, size: u64) -> Note {
    let root = root_of(log, size).unwrap();
    let origin = log_key().verifier().name().to_owned();
    Checkpoint { origin, size, root, extensions: Vec::new() }.sign(&log_key()).unwrap()
}

/// A witness as a process of its own.
struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(desk: &Desk) -> Running {
        let mut process = Command::new(env!("CARGO_BIN_EXE_landgavel"))
            .args(["witness", "--key", &desk.path("w.key"), "--state", &desk.path("state"), "--json"])
            .args(["--log", &log_key().verifier().to_string(), "--listen", "127.0.0.1:0"])
            .current_dir(root())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        Running { process, address: said["listen"].as_str().unwrap().to_owned() }
    }

    /// Asks it alone for a cosignature, as a log that remembers nothing.
    fn ask(&self, key: &VerifierKey, log: &Arc<Numbers>, size: u64) -> Result<u64, NotWitnessed> {
        let text = format!("log {}\nwitness w {key} http://{}\nquorum w\n", log_key().verifier(), self.address);
        let asker = Asker::new(Arc::new(MachineClock), Patience::default());
        asker.collect(&note(log, size), &Policy::parse(&text).unwrap(), log).map(|done| done.witnessed.checkpoint.size)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn new_key(desk: &Desk) -> VerifierKey {
    let made = landgavel(&["witness", "--key", &desk.path("w.key"), "--init", "w.example"]);
    assert_eq!(made.status.code(), Some(0));
    VerifierKey::parse(String::from_utf8(made.stdout).unwrap().trim_end()).unwrap()
}

#[test]
fn a_witness_that_is_killed_keeps_its_size() {
    let desk = Desk::new("witness-killed");
    let key = new_key(&desk);
    assert_eq!(fs::metadata(desk.path("w.key")).unwrap().permissions().mode() & 0o777, 0o600);
    let (log, fork) = (Arc::new(Numbers { mark: "" }), Arc::new(Numbers { mark: "!" }));
    for size in [5, 5, 19] {
        // Killed after each answer, without a chance to tidy up.
        assert_eq!(Running::start(&desk).ask(&key, &log, size), Ok(size));
    }
    let again = Running::start(&desk);
    let faults = |asked: Result<u64, NotWitnessed>| asked.unwrap_err().faults.remove(0).1;
    assert_eq!(faults(again.ask(&key, &fork, 30)), Fault::Status(422));
    assert_eq!(faults(again.ask(&key, &log, 5)), Fault::OtherSize(19));
    assert_eq!(again.ask(&key, &log, 30), Ok(30));
}

#[test]
fn a_witness_that_is_asked_to_end_ends_well() {
    let desk = Desk::new("witness-ended");
    let key = new_key(&desk);
    let mut running = Running::start(&desk);
    assert_eq!(running.ask(&key, &Arc::new(Numbers { mark: "" }), 3), Ok(3));
    let id = running.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    running.process.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_second_witness_on_the_same_state_a_damaged_state_and_wrong_use_end_with_2() {
    let desk = Desk::new("witness-use");
    new_key(&desk);
    let running = Running::start(&desk);
    let log = log_key().verifier().to_string();
    let (key, state) = (desk.path("w.key"), desk.path("state"));
    let start = |more: &[&str]| {
        let mut arguments = vec!["witness", "--key", &key, "--state", &state, "--listen", "127.0.0.1:0"];
        arguments.extend_from_slice(more);
        let output = landgavel(&arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = start(&["--log", &log]);
    assert!(code == Some(2) && said.contains("another process works on this directory"), "{code:?} {said}");
    drop(running);
    let hash = landgavel_log::witness::origin_hash(log_key().verifier().name());
    fs::write(desk.0.join("state").join(&hash), "old\n").unwrap();
    let (code, said) = start(&["--log", &log]);
    assert!(code == Some(2) && said.contains(&hash), "{code:?} {said}");
    fs::remove_file(desk.0.join("state").join(&hash)).unwrap();

    assert_eq!(start(&[]).0, Some(2), "no log");
    assert_eq!(start(&["--log", "log.example+00000000+AAAA"]).0, Some(2), "a key that is none");
    assert_eq!(start(&["--policy", &desk.path("none")]).0, Some(2));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = start(&["--log", &log]);
    assert!(code == Some(2) && said.contains("mode 0644"), "{code:?} {said}");
    let twice = landgavel(&["witness", "--key", &key, "--init", "w.example"]);
    assert_eq!(twice.status.code(), Some(2), "a key is never written over");
}
