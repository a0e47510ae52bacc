//! Durable receipts: what they bind, and that nothing else reads like one.

use landgavel_log::checkpoint::{Checkpoint, CheckpointError};
use landgavel_log::durable::{DurableReceipt, ReceiptError};
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tree::leaf_hash;

fn key(name: &str) -> SigningKey {
    SigningKey::new(name, KeyKind::Ed25519, SecretKey::from_seed(&[7; 32])).unwrap()
}

fn receipt() -> DurableReceipt {
    DurableReceipt {
        origin: "hall.example/sales/p1".into(),
        entry: 17,
        leaf: leaf_hash(b"a bid"),
        at_ms: 1_776_391_200_123,
    }
}

#[test]
fn a_receipt_reads_back_what_was_signed() {
    let key = key("hall.example/sales/p1");
    let note = receipt().sign(&key).unwrap().to_string();
    assert_eq!(DurableReceipt::open(note.as_bytes(), key.verifier()), Ok(receipt()));
    assert!(note.starts_with("landgavel-receipt/1\nhall.example/sales/p1\n17\n"), "{note}");
}

#[test]
fn every_changed_byte_of_the_text_is_found() {
    let key = key("hall.example/sales/p1");
    let note = receipt().sign(&key).unwrap();
    let (text, whole) = (note.text().len(), note.to_string().into_bytes());
    for at in 0..text {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(DurableReceipt::open(&changed, key.verifier()).is_err(), "byte {at}");
    }
}

#[test]
fn a_receipt_of_another_log_of_the_same_key_is_refused() {
    let (mine, other) = (key("hall.example/sales/p1"), key("hall.example/sales/p2"));
    assert_eq!(receipt().sign(&other), Err(ReceiptError::Origin));
    let note = receipt().sign(&mine).unwrap().to_string();
    assert!(DurableReceipt::open(note.as_bytes(), other.verifier()).is_err());
}

#[test]
fn a_receipt_is_no_checkpoint_and_a_checkpoint_no_receipt() {
    let key = key("hall.example/sales/p1");
    let note = receipt().sign(&key).unwrap();
    assert_eq!(Checkpoint::parse(note.text()), Err(CheckpointError::Size));
    let origin = key.verifier().name().to_owned();
    let checkpoint = Checkpoint { origin, size: 18, root: leaf_hash(b""), extensions: Vec::new() };
    let signed = checkpoint.sign(&key).unwrap().to_string();
    assert_eq!(DurableReceipt::open(signed.as_bytes(), key.verifier()), Err(ReceiptError::Form));
}
