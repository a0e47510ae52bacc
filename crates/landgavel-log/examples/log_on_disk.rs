//! Writes a log of numbered entries to a directory, as others' tools read it: tiles, checkpoints, a policy, and
//! receipts of some entries.
//!
//! ```text
//! log_on_disk DIRECTORY SIZE
//! ```
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "an example writes files and stops at a fault")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, SigningKey};
use landgavel_log::proof::Proof;
use landgavel_log::tile::{TileSet, TileWriter};

const ORIGIN: &str = "sample.invalid/numbers";

/// Sample keys, of which everybody knows the secrets.
fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&[seed; 32])).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").repeat(1 + usize::try_from(index % 7).unwrap()).into_bytes()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, size] = arguments.as_slice() else { panic!("expected a directory and a size") };
    let (directory, size) = (PathBuf::from(directory), size.parse::<u64>().unwrap());
    let write = |path: &str, bytes: &[u8]| {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let log = key(ORIGIN, KeyKind::Ed25519, 1);
    let witnesses = [2, 3, 4].map(|seed| key(&format!("w{seed}.sample.invalid"), KeyKind::Cosignature, seed));
    let mut policy = format!("log {}\n", log.verifier());
    for (number, witness) in witnesses.iter().enumerate() {
        policy += &format!("witness w{number} {}\n", witness.verifier());
    }
    write("policy.txt", (policy + "group w 2 w0 w1 w2\nquorum w\n").as_bytes());

    let (mut tiles, mut files, mut notes) = (TileWriter::new(), BTreeMap::new(), Vec::new());
    for index in 0..size {
        tiles.append(&entry(index), |path, bytes| drop(files.insert(path, bytes.to_vec()))).unwrap();
        // Checkpoints around powers of two, where trees change their shape.
        let after = index + 1;
        if (after + 1).is_power_of_two() || after.is_power_of_two() || index.is_power_of_two() || after == size {
            notes.push((after, head(&tiles, &log, &witnesses)));
        }
    }
    tiles.partials(|path, bytes| drop(files.insert(path, bytes.to_vec())));
    files.iter().for_each(|(path, bytes)| write(&path.to_string(), bytes));
    let line = |note: &Note| format!("{{\"note\":\"{}\"}}\n", note.to_string().replace('\n', "\\n"));
    write("checkpoints.jsonl", notes.iter().map(|(_, note)| line(note)).collect::<String>().as_bytes());

    let hashes = TileSet::new(size, |path| files.get(path).cloned());
    for (covered, note) in &notes {
        for index in [0, covered / 2, covered - 1] {
            let receipt = Proof::new(&hashes, index, note.clone()).unwrap().with_extra(entry(index)).unwrap();
            write(&format!("receipts/{covered}-{index}.tlog-proof"), receipt.to_string().as_bytes());
        }
    }
}

/// The signed and cosigned checkpoint of a log.
fn head(tiles: &TileWriter, log: &SigningKey, witnesses: &[SigningKey]) -> Note {
    let checkpoint =
        Checkpoint { origin: ORIGIN.to_owned(), size: tiles.size(), root: tiles.root(), extensions: Vec::new() };
    let mut note = checkpoint.sign(log).unwrap();
    for witness in witnesses {
        note.add(cosign(note.text(), witness, 1_700_000_000).unwrap()).unwrap();
    }
    note
}
