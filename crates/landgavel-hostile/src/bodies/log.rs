use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::{Note, Signature, VerifierKey};
use landgavel_log::policy::Policy;
use landgavel_log::proof::Proof;
use landgavel_log::tile::{TileKind, TilePath, tile_at};
use landgavel_log::tree::Hash;
use landgavel_log::witness::{AddCheckpoint, cosignature_told, size_told};
use landgavel_log::witnessed::judge;

use crate::samples::tiny;
use crate::tape::Tape;

/// Texts of the log: notes, checkpoints, keys, policies, proofs, requests, paths. What is read is written back
/// byte for byte, so that no two texts mean one thing.
///
/// # Panics
/// When it is not, or a reader panics.
pub fn log(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let kind = tape.byte() % 8;
    let bytes = tape.rest();
    let text = std::str::from_utf8(bytes);
    match (kind, text) {
        (0, _) => note(bytes),
        (1, Ok(text)) => {
            if let Ok(checkpoint) = Checkpoint::parse(text) {
                assert_eq!(checkpoint.to_string(), text);
            }
            if let Some(hash) = Hash::from_base64(text) {
                assert_eq!(hash.to_string(), text);
            }
        }
        (2, Ok(text)) => {
            if let Ok(key) = VerifierKey::parse(text) {
                assert_eq!(key.to_string(), text);
            }
            if let Ok(signature) = Signature::parse(text) {
                assert_eq!(signature.to_string(), text);
            }
        }
        (3, Ok(text)) => policy(text),
        (4, _) => {
            if let Ok(proof) = Proof::parse(bytes) {
                assert_eq!(proof.to_string().as_bytes(), bytes);
            }
        }
        (5, _) => {
            if let Ok(request) = AddCheckpoint::parse(bytes) {
                assert_eq!(request.to_string().as_bytes(), bytes);
            }
        }
        (6, Ok(text)) => path(text),
        (7, _) => {
            let _ = size_told(bytes);
            let policy = own_policy();
            let witness = policy.witnesses().first().map(|witness| &witness.key);
            let _ = witness.map(|key| cosignature_told(bytes, "a log\n", key));
        }
        _ => {}
    }
}

fn own_policy() -> Policy {
    Policy::parse(&String::from_utf8_lossy(&tiny().0["policy.txt"])).unwrap()
}

fn note(bytes: &[u8]) {
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.to_string().as_bytes(), bytes);
    if let Ok(witnessed) = judge(&note, &own_policy()) {
        let good = Note::parse(&tiny().0["checkpoint"]).unwrap();
        let lines = String::from_utf8_lossy(&tiny().0["checkpoints.jsonl"]).into_owned();
        let is_ours = note.text() == good.text() || lines.contains(&note.text().replace('\n', "\\n"));
        assert!(is_ours, "believed without its keys: {}", witnessed.checkpoint);
    }
}

fn policy(text: &str) {
    let Ok(policy) = Policy::parse(text) else { return };
    let count = policy.witnesses().len();
    let nobody = policy.evaluate(&[]);
    assert_eq!(nobody, policy.evaluate(&vec![None; count]));
    let all: Vec<Option<u64>> = (0..count).map(|place| Some(place as u64 + 1)).collect();
    // Who asks for a quorum can be satisfied by all, and never by nobody.
    use landgavel_log::policy::Evaluation::{NotReached, NotRequired, ReachedAt};
    match (nobody, policy.evaluate(&all)) {
        (NotRequired, NotRequired) => assert!(!policy.requires_witnesses()),
        (NotReached, ReachedAt(time)) => assert!((1..=count as u64).contains(&time)),
        other => panic!("{other:?}"),
    }
}

fn path(text: &str) {
    let Ok(path) = TilePath::parse(text) else { return };
    assert_eq!(path.to_string(), text);
    let entries = match path.kind {
        TileKind::Entries => path.index.checked_mul(256),
        TileKind::Hashes(level) => path.index.checked_mul(256).and_then(|n| n.checked_shl(u32::from(level) * 8)),
    };
    if let Some(size) = entries {
        let _ = tile_at(path.kind, path.index, size);
    }
}

/// Texts of each kind.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let files = &tiny().0;
    let text = |file: &str| String::from_utf8_lossy(&files[file]).into_owned();
    let note = text("checkpoint");
    let head = note.split("\n\n").next().map(|head| format!("{head}\n")).unwrap_or_default();
    let policy = text("policy.txt");
    let key = policy.split_whitespace().find(|word| word.contains('+')).unwrap_or_default().to_owned();
    let line = note.lines().last().unwrap_or_default().to_owned();
    let hash = head.lines().nth(2).unwrap_or_default();
    let groups = policy.replace("quorum witnesses", "group two any witnesses\nquorum two");
    let proof = format!("c2sp.org/tlog-proof@v1\nextra QQ==\nindex 3\n{hash}\n{hash}\n\n{note}");
    let request = format!("old 5\n{hash}\n\n{note}");
    let paths = ["tile/0/x001/234.p/17", "tile/entries/000", "tile/63/255", "tile/7/x999/x999/x999/999"];
    let fixed = [(0, note), (1, head), (2, key), (2, line.clone()), (3, policy), (3, groups), (4, proof), (5, request)];
    let told = [(7, line + "\n"), (7, "18\n".to_owned())];
    let paths = paths.map(|path| (6, path.to_owned()));
    fixed.into_iter().chain(told).chain(paths).map(|(kind, text)| [vec![kind], text.into_bytes()].concat()).collect()
}
