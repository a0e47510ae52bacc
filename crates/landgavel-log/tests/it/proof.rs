//! Proofs of inclusion: every entry of small logs, every changed bit, every missing witness.

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::{CosignatureError, cosign};
use landgavel_log::note::{KeyKind, Note, NoteError};
use landgavel_log::policy::Policy;
use landgavel_log::proof::{MAX_BYTES, MAX_EXTRA, Proof, ProofError};
use landgavel_log::tile::TileSet;
use landgavel_log::tree::{Hash, TreeError, leaf_hash};
use landgavel_log::witnessed::WitnessedError;
use proptest::prelude::*;

use crate::{bit_flips, entry, key, log_of};

const ORIGIN: &str = "log.example/a";

/// A policy of the log and three witnesses of which so many are needed.
fn policy(threshold: usize) -> Policy {
    let mut text = format!("log {}\n", key(ORIGIN, KeyKind::Ed25519, 1).verifier());
    for number in 1..=3 {
        text += &format!("witness w{number} {}\n", witness(number).verifier());
    }
    Policy::parse(&(text + &format!("group all-of-them {threshold} w1 w2 w3\nquorum all-of-them\n"))).unwrap()
}

fn witness(number: u8) -> landgavel_log::note::SigningKey {
    key(&format!("w{number}.example"), KeyKind::Cosignature, 10 + number)
}

/// The checkpoint of a log of so many entries, cosigned by the witnesses in the bits of `set`, at times
/// 101, 102 and 103.
fn note(size: u64, set: u8) -> Note {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: log_of(size).0.root(), extensions: Vec::new() };
    let mut note = checkpoint.sign(&key(ORIGIN, KeyKind::Ed25519, 1)).unwrap();
    for number in (1..=3).filter(|number| set >> (number - 1) & 1 == 1) {
        note.add(cosign(note.text(), &witness(number), 100 + u64::from(number)).unwrap()).unwrap();
    }
    note
}

fn proof(index: u64, size: u64, set: u8) -> Proof {
    let (_, tiles) = log_of(size);
    Proof::new(&TileSet::new(size, |path| tiles.get(path).cloned()), index, note(size, set)).unwrap()
}

#[test]
fn every_entry_of_small_logs_has_a_proof_that_holds_for_it_alone() {
    let policy = policy(2);
    for size in (1..=20).chain([255, 256, 257, 600]) {
        let (_, tiles) = log_of(size);
        let reader = TileSet::new(size, |path| tiles.get(path).cloned());
        let note = note(size, 7);
        for index in (0..size).step_by(if size > 20 { 37 } else { 1 }) {
            let made = Proof::new(&reader, index, note.clone()).unwrap();
            let read = Proof::parse(made.to_string().as_bytes()).unwrap();
            assert_eq!((&read, read.index()), (&made, index));
            let witnessed = read.verify(leaf_hash(&entry(index)), &policy).unwrap();
            assert_eq!((witnessed.checkpoint.size, witnessed.at), (size, 102));
            for other in [index + 1, index.wrapping_sub(1)] {
                let wrong = read.verify(leaf_hash(&entry(other)), &policy);
                assert_eq!(wrong, Err(ProofError::Tree(TreeError::RootDiffers)), "{other} for {index} of {size}");
            }
        }
        assert_eq!(Proof::new(&reader, size, note), Err(ProofError::Tree(TreeError::OutOfRange)));
    }
}

/// The lines of the example in C2SP tlog-proof, whose own signatures and extra data are cut short there.
#[test]
fn the_example_of_the_specification_is_read() {
    let head = "c2sp.org/tlog-proof@v1\nextra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6\nindex 73894\n\
        gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\
        EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n\
        AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n\n";
    let body = "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n";
    let mut note = Note::new(body.into()).unwrap();
    note.sign(&key("example.com/fancylog", KeyKind::Ed25519, 5)).unwrap();
    let text = format!("{head}{note}");
    let proof = Proof::parse(text.as_bytes()).unwrap();
    assert_eq!(proof.to_string(), text);
    assert_eq!((proof.index(), proof.path().len()), (73894, 5));
    assert_eq!(proof.extra(), Some(&b"age-v1.2.1-darwin-arm64.tar.gz"[..]));
    assert_eq!(proof.path()[0].to_string(), "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=");
    assert_eq!(proof.note().text(), body);
}

/// No receipt counts before enough witnesses have seen its checkpoint, whichever they are.
#[test]
fn no_receipt_is_final_without_the_quorum() {
    for threshold in 1..=3 {
        let policy = policy(threshold);
        for set in 0..8_u8 {
            let verdict = proof(3, 7, set).verify(leaf_hash(&entry(3)), &policy);
            let cosigned = set.count_ones() as usize;
            if cosigned >= threshold {
                // The time is that of the last of the earliest who were enough.
                let times: Vec<u64> = (1..=3).filter(|n| set >> (n - 1) & 1 == 1).map(|n| 100 + n).collect();
                assert_eq!(verdict.unwrap().at, times[threshold - 1]);
            } else {
                let expected = WitnessedError::NotEnough { cosigned, of: 3 };
                assert_eq!(verdict, Err(ProofError::Witnessed(expected)));
            }
        }
    }
}

#[test]
fn a_cosignature_of_another_root_spoils_the_receipt() {
    let mut note = note(7, 3);
    // Witness 3 saw the log as it was shown to somebody else.
    let other = self::note(6, 0).text().to_owned();
    note.add(cosign(&other, &witness(3), 103).unwrap()).unwrap();
    let (_, tiles) = log_of(7);
    let proof = Proof::new(&TileSet::new(7, |path| tiles.get(path).cloned()), 0, note).unwrap();
    let expected = WitnessedError::Cosignature { witness: 2, error: CosignatureError::Wrong };
    assert_eq!(proof.verify(leaf_hash(&entry(0)), &policy(2)), Err(ProofError::Witnessed(expected)));
}

#[test]
fn unknown_logs_and_policies_without_witnesses_are_named() {
    let proof = proof(0, 3, 7);
    let verdict = |policy: &str| proof.verify(leaf_hash(&entry(0)), &Policy::parse(policy).unwrap()).unwrap_err();
    let w1 = witness(1).verifier().to_string();
    let other = key("log.example/b", KeyKind::Ed25519, 1).verifier().to_string();
    let impostor = key(ORIGIN, KeyKind::Ed25519, 2).verifier().to_string();
    assert_eq!(verdict("quorum none\n").code(), "no_quorum_asked");
    assert_eq!(verdict(&format!("log {other}\nwitness w {w1}\nquorum w\n")).code(), "unknown_log");
    let expected = ProofError::Witnessed(WitnessedError::Note(NoteError::NoKnownKey));
    assert_eq!(verdict(&format!("log {impostor}\nwitness w {w1}\nquorum w\n")), expected);
    // A log that changed its key: either may sign.
    let own = key(ORIGIN, KeyKind::Ed25519, 1).verifier().to_string();
    let both = format!("log {impostor}\nlog {own}\nwitness w {w1}\nquorum w\n");
    assert!(proof.verify(leaf_hash(&entry(0)), &Policy::parse(&both).unwrap()).is_ok());
}

#[test]
fn every_changed_bit_and_every_truncation_of_a_receipt_is_refused() {
    let policy = policy(3);
    let bytes = proof(4, 6, 7).with_extra(entry(4)).unwrap().to_string().into_bytes();
    let holds = |bytes: &[u8]| {
        let proof = Proof::parse(bytes)?;
        // The entry stands in the extra data, so the tree vouches for it too.
        proof.verify(leaf_hash(proof.extra().unwrap_or_default()), &policy)
    };
    assert!(holds(&bytes).is_ok());
    for changed in bit_flips(&bytes) {
        assert!(holds(&changed).is_err(), "{}", String::from_utf8_lossy(&changed));
    }
    for length in 0..bytes.len() {
        assert!(holds(&bytes[..length]).is_err(), "the first {length} bytes");
    }
    assert!(holds(&[&bytes[..], b"\n"].concat()).is_err());
}

#[test]
fn a_reader_with_another_tree_makes_no_proof() {
    let (_, mut tiles) = log_of(9);
    let made = Proof::new(&TileSet::new(9, |path| tiles.get(path).cloned()), 2, note(8, 0));
    assert!(made.is_ok(), "a later tree has the hashes of the earlier one");
    let first = tiles.keys().find(|path| path.to_string() == "tile/0/000.p/9").copied().unwrap();
    tiles.get_mut(&first).unwrap()[40] ^= 1;
    let made = |index| Proof::new(&TileSet::new(9, |path| tiles.get(path).cloned()), index, note(8, 0));
    assert_eq!(made(2), Err(ProofError::Tree(TreeError::RootDiffers)));
    assert_eq!(made(1), Err(ProofError::Tree(TreeError::RootDiffers)));
    let nothing = Proof::new(&TileSet::new(9, |_| None), 1, note(8, 0));
    assert!(matches!(nothing, Err(ProofError::Tree(TreeError::Missing { .. }))));
}

#[test]
fn each_limit_and_each_line_is_kept() {
    let note = note(3, 0).to_string();
    let hash = format!("{}\n", Hash([7; 32]));
    let read = |text: &str| Proof::parse(text.as_bytes());
    let head = "c2sp.org/tlog-proof@v1\nindex 1\n";
    assert!(read(&format!("{head}{}\n{note}", hash.repeat(63))).is_ok());
    let long = Proof::parse(format!("{head}{}\n{note}", hash.repeat(63)).as_bytes()).unwrap();
    let verdict = long.verify(leaf_hash(&entry(1)), &policy(1));
    assert!(matches!(verdict, Err(ProofError::Witnessed(_))), "the witnesses are asked first");
    for (text, expected) in [
        (format!("{head}{}\n{note}", hash.repeat(64)), ProofError::Path),
        (format!("{head}{note}"), ProofError::Path),
        (format!("{head}AAAA\n\n{note}"), ProofError::Path),
        // Trailing bits that are not zero: a second way to write the same hash.
        (format!("{head}{}\n\n{note}", "/".repeat(43) + "="), ProofError::Path),
        (format!("{head}{}\n\n{note}", hash.trim_end().trim_end_matches('=')), ProofError::Path),
        (format!("{head}{hash}\r\n{note}"), ProofError::Path),
        (format!("{head}\n"), ProofError::Note(NoteError::Unsigned)),
        (format!("c2sp.org/tlog-proof@v2\nindex 1\n\n{note}"), ProofError::Header),
        (format!("c2sp.org/tlog-proof@v1\r\nindex 1\n\n{note}"), ProofError::Header),
        (String::new(), ProofError::Header),
        (format!("c2sp.org/tlog-proof@v1\nindex 01\n\n{note}"), ProofError::Index),
        (format!("c2sp.org/tlog-proof@v1\nindex -1\n\n{note}"), ProofError::Index),
        (format!("c2sp.org/tlog-proof@v1\nindex 9223372036854775807\n\n{note}"), ProofError::Index),
        (format!("c2sp.org/tlog-proof@v1\n\n{note}"), ProofError::Index),
        (format!("c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n{note}"), ProofError::Extra),
        (format!("c2sp.org/tlog-proof@v1\nextra QQ\nindex 1\n\n{note}"), ProofError::Extra),
        (format!("c2sp.org/tlog-proof@v1\nextra QR==\nindex 1\n\n{note}"), ProofError::Extra),
        (format!("c2sp.org/tlog-proof@v1\nindex 1\nextra QQ==\n\n{note}"), ProofError::Path),
        (format!("c2sp.org/tlog-proof@v1\nextra QQ==\nextra QQ==\nindex 1\n\n{note}"), ProofError::Index),
    ] {
        assert_eq!(read(&text), Err(expected), "{text}");
    }
    assert_eq!(Proof::parse(&vec![b'a'; MAX_BYTES + 1]), Err(ProofError::TooLarge));
    assert_eq!(Proof::parse(b"c2sp.org/tlog-proof@v1\n\xff"), Err(ProofError::NotText));
    let proof = || Proof::parse(format!("{head}\n{note}").as_bytes()).unwrap();
    assert_eq!(proof().with_extra(vec![0; MAX_EXTRA + 1]), Err(ProofError::Extra));
    assert_eq!(proof().with_extra(Vec::new()), Err(ProofError::Extra));
    let largest = proof().with_extra(vec![0; MAX_EXTRA]).unwrap();
    assert_eq!(read(&largest.to_string()), Ok(largest));
}

proptest! {
    #[test]
    fn arbitrary_proofs_are_read_or_refused(text in "(c2sp\\.org/tlog-proof@v1\n|extra |index |[0-9A-Za-z+/=]{0,44}|\n|— a ){0,12}") {
        if let Ok(proof) = Proof::parse(text.as_bytes()) {
            prop_assert_eq!(proof.to_string(), text);
        }
    }
}
