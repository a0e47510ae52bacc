//! Notes, checkpoints and cosignatures: examples of the specifications, and what is refused.

use landgavel_log::checkpoint::{Checkpoint, CheckpointError};
use landgavel_log::cosignature::{CosignatureError, attach, cosign, cosigned_at};
use landgavel_log::ed25519::{KeyError, PublicKey};
use landgavel_log::note::{KeyKind, MAX_SIGNATURES, Note, NoteError, SigningKey, VerifierKey};
use landgavel_log::tree::empty_root;
use proptest::prelude::*;

use crate::{bit_flips, key};

/// The example of C2SP signed-note, "Verifier keys".
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The example of C2SP tlog-cosignature.
const EXAMPLE_CHECKPOINT: &str = "example.com/behind-the-sofa\n20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn signed() -> Note {
    let checkpoint = Checkpoint { origin: "log.example/a".into(), size: 0, root: empty_root(), extensions: Vec::new() };
    checkpoint.sign(&key("log.example/a", KeyKind::Ed25519, 1)).unwrap()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key = VerifierKey::parse(EXAMPLE_KEY).unwrap();
    assert_eq!(key.to_string(), EXAMPLE_KEY);
    let note = Note::parse(EXAMPLE_NOTE.as_bytes()).unwrap();
    assert_eq!(note.to_string(), EXAMPLE_NOTE);
    assert_eq!(note.verify(std::slice::from_ref(&key)), Ok(vec![&key]));
    for changed in bit_flips(EXAMPLE_NOTE.as_bytes()) {
        assert!(Note::parse(&changed).and_then(|note| note.verify(std::slice::from_ref(&key)).map(|_| ())).is_err());
    }
    for changed in bit_flips(EXAMPLE_KEY.as_bytes()) {
        let Ok(text) = std::str::from_utf8(&changed) else { continue };
        assert!(VerifierKey::parse(text).is_err(), "{text}");
    }
}

/// The pair of keys in the documentation of Go's package note.
#[test]
fn a_secret_key_of_go_is_read_and_written_back() {
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = SigningKey::parse(secret).unwrap();
    assert_eq!((key.verifier().to_string().as_str(), key.secret_text().as_str()), (public, secret));
    let cosigner = crate::key("w.example", KeyKind::Cosignature, 3);
    assert_eq!(SigningKey::parse(&cosigner.secret_text()).unwrap().verifier(), cosigner.verifier());
    for text in [public, "PRIVATE+KEY+", "PRIVATE+KEY+a+b", ""] {
        assert_eq!(SigningKey::parse(text).unwrap_err(), NoteError::SecretForm, "{text}");
    }
    let other_name = SigningKey::parse(&secret.replace("Peter", "Petra"));
    assert_eq!(other_name.unwrap_err(), NoteError::KeyId);
    assert!(!format!("{key:?}").contains("AYEKFA"), "a key that is printed for its reader is not given away");
}

#[test]
fn the_checkpoint_of_the_specification_is_read() {
    let note = Note::parse(EXAMPLE_CHECKPOINT.as_bytes()).unwrap();
    assert_eq!(note.to_string(), EXAMPLE_CHECKPOINT);
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_string(), note.text());
    // Four bytes of id, then eight of time.
    assert_eq!(note.signatures()[1].bytes[..8], 1_679_315_147_u64.to_be_bytes());
}

#[test]
fn a_checkpoint_with_one_bit_changed_is_refused() {
    let log = key("log.example/a", KeyKind::Ed25519, 1);
    let bytes = signed().to_string().into_bytes();
    assert!(Checkpoint::open(&bytes, log.verifier()).is_ok());
    for changed in bit_flips(&bytes) {
        assert!(Checkpoint::open(&changed, log.verifier()).is_err());
    }
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = empty_root().to_string();
    for text in [
        format!("a\n0\n{root}"),
        format!("\n0\n{root}\n"),
        format!("a\n00\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n9223372036854775808\n{root}\n"),
        format!("a\n1\n{}\n", &root[1..]),
        format!("a\n1\n{root}\n\nx\n"),
        "a\n1\n".to_owned(),
    ] {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
    let of_another = key("log.example/b", KeyKind::Ed25519, 2);
    let checkpoint = Checkpoint { origin: "log.example/a".into(), size: 0, root: empty_root(), extensions: Vec::new() };
    let bytes = checkpoint.sign(&of_another).unwrap().to_string();
    assert_eq!(Checkpoint::open(bytes.as_bytes(), of_another.verifier()), Err(CheckpointError::Origin));
    let hidden_line = Checkpoint { origin: "a\n5".into(), ..checkpoint };
    assert!(hidden_line.sign(&of_another).is_err());
}

#[test]
fn unknown_signatures_are_ignored_and_wrong_ones_of_known_keys_are_not() {
    let (log, other) = (key("log.example/a", KeyKind::Ed25519, 1), key("log.example/a", KeyKind::Ed25519, 2));
    let mut note = signed();
    note.sign(&other).unwrap();
    assert_eq!(note.verify(&[log.verifier().clone()]).unwrap(), [log.verifier()]);
    let mut forged = note.signatures()[1].clone();
    forged.id = log.verifier().id();
    note.add(forged).unwrap();
    assert_eq!(note.verify(&[log.verifier().clone()]), Err(NoteError::WrongSignature));
    let unknown = key("log.example/c", KeyKind::Ed25519, 3);
    assert_eq!(signed().verify(&[unknown.verifier().clone()]), Err(NoteError::NoKnownKey));
}

#[test]
fn sixty_four_signatures_are_read_and_one_more_is_not() {
    let mut note = signed();
    let line = note.signatures()[0].to_string();
    while note.signatures().len() < MAX_SIGNATURES {
        note.add(note.signatures()[0].clone()).unwrap();
    }
    let text = note.to_string();
    assert!(Note::parse(text.as_bytes()).is_ok());
    assert_eq!(Note::parse(format!("{text}{line}\n").as_bytes()), Err(NoteError::TooMany));
}

#[test]
fn weak_and_non_canonical_keys_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::LowOrder));
    assert_eq!(PublicKey::from_bytes(&[0; 32]), Err(KeyError::LowOrder));
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xf0, 0x7f);
    assert_eq!(PublicKey::from_bytes(&non_canonical), Err(KeyError::NoPoint));
    assert_eq!(PublicKey::from_bytes(&[9; 31]), Err(KeyError::Length));
}

#[test]
fn a_cosignature_tells_when_and_no_bit_of_it_may_change() {
    let witness = key("witness.example/w", KeyKind::Cosignature, 7);
    let mut note = signed();
    let line = cosign(note.text(), &witness, 1_679_315_147).unwrap().to_string();
    assert_eq!(cosigned_at(&note, witness.verifier()), Ok(None));
    attach(&mut note, &line, witness.verifier()).unwrap();
    assert_eq!(cosigned_at(&note, witness.verifier()), Ok(Some(1_679_315_147)));
    for changed in bit_flips(line.as_bytes()) {
        let Ok(line) = std::str::from_utf8(&changed) else { continue };
        assert!(attach(&mut signed(), line, witness.verifier()).is_err());
    }
    let earlier = cosign(note.text(), &witness, 5).unwrap();
    note.add(earlier).unwrap();
    assert_eq!(cosigned_at(&note, witness.verifier()), Ok(Some(5)));
}

#[test]
fn kinds_of_keys_and_impossible_times_are_kept_apart() {
    let (log, witness) = (key("a", KeyKind::Ed25519, 1), key("a", KeyKind::Cosignature, 1));
    assert_ne!(log.verifier().id(), witness.verifier().id());
    assert_eq!(cosign("x\n", &log, 1), Err(CosignatureError::Kind));
    assert_eq!(signed().sign(&witness), Err(NoteError::Kind));
    assert_eq!(cosign("x\n", &witness, 0), Err(CosignatureError::Time));
    assert_eq!(cosign("x\n", &witness, 1 << 63), Err(CosignatureError::Time));
}

proptest! {
    #[test]
    fn arbitrary_notes_are_read_or_refused(bytes: Vec<u8>, text in "[a\n— +=AB]{0,80}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            if let Ok(note) = Note::parse(bytes) {
                prop_assert_eq!(note.to_string().into_bytes(), bytes);
            }
        }
        let _ = VerifierKey::parse(&text);
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
