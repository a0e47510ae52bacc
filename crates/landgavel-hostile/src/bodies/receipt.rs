use std::sync::LazyLock;

use landgavel_log::note::{Note, VerifierKey};
use landgavel_log::policy::Policy;
use landgavel_log::proof::Proof;
use landgavel_log::tile::{TilePath, TileSet, decode_bundle};
use landgavel_log::tree::{Hash, leaf_hash, prove_consistency, root_of};
use landgavel_log::witness::{AddCheckpoint, Seen, Submitted};

use crate::samples::tiny;
use crate::tape::{Tape, mangle};

/// What the log of the tiny sale gives.
struct Known {
    policy: Policy,
    logs: Vec<VerifierKey>,
    note: Note,
    leaves: Vec<Hash>,
    /// The first entries of it, as a witness may have seen them.
    old: Seen,
    request: Vec<u8>,
}

fn lookup(path: &TilePath) -> Option<Vec<u8>> {
    tiny().0.get(&path.to_string()).cloned()
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let files = &tiny().0;
    let policy = Policy::parse(&String::from_utf8_lossy(&files["policy.txt"])).unwrap();
    let note = Note::parse(&files["checkpoint"]).unwrap();
    let entries = files.iter().find(|(path, _)| path.starts_with("tile/entries/")).map(|(_, bytes)| bytes).unwrap();
    let leaves: Vec<Hash> = decode_bundle(entries, 18).unwrap().into_iter().map(leaf_hash).collect();
    let tiles = TileSet::new(18, lookup);
    let old = Seen { size: 5, root: root_of(&tiles, 5).unwrap(), time: 1 };
    let proof = prove_consistency(&tiles, 5, 18).unwrap();
    let request = AddCheckpoint { old_size: 5, proof, note: note.clone() }.to_string().into_bytes();
    Known { logs: policy.logs().to_vec(), policy, note, leaves, old, request }
});

/// A receipt, or a request to a witness, changed on its way: what holds says what the good one said.
///
/// # Panics
/// When a changed receipt proves another entry, or a witness follows to another tree.
pub fn receipt(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let known = &*KNOWN;
    let (kind, index) = (tape.byte() % 2, tape.below(known.leaves.len()));
    if kind == 0 {
        let good = Proof::new(&TileSet::new(18, lookup), index as u64, known.note.clone()).unwrap();
        let mut text = good.to_string().into_bytes();
        while !tape.is_empty() {
            mangle(&mut text, &mut tape);
        }
        let Ok(proof) = Proof::parse(&text) else { return };
        let Ok(witnessed) = proof.verify(known.leaves[index], &known.policy) else { return };
        assert_eq!((proof.index(), proof.path()), (index as u64, good.path()));
        assert_eq!(witnessed.checkpoint.to_string(), known.note.text());
        let other = known.leaves[(index + 1) % known.leaves.len()];
        assert!(proof.verify(other, &known.policy).is_err());
    } else {
        let mut text = known.request.clone();
        while !tape.is_empty() {
            mangle(&mut text, &mut tape);
        }
        let Ok(request) = AddCheckpoint::parse(&text) else { return };
        let Ok(submitted) = Submitted::check(request, &known.logs) else { return };
        if let Ok(seen) = submitted.follows(&known.old, 2) {
            assert_eq!(submitted.note().text(), known.note.text());
            assert_eq!(seen.size, 18);
        }
    }
}

/// Both, whole and with one change.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = (0..18).map(|index| vec![0, 0, index]).collect();
    seeds.push(vec![1, 0, 0]);
    for kind in 0..8 {
        seeds.push(vec![0, 0, 3, kind, 0, 60, 0, 1, 3]);
        seeds.push(vec![1, 0, 0, kind, 0, 2, 0, 1, 3]);
    }
    seeds
}
