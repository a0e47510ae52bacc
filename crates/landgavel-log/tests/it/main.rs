//! Tests of the log, linked into one binary.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod cctv;
mod durable;
mod frequent;
mod note;
mod policy;
mod proof;
mod tile;
mod tree;
mod witness;

use std::collections::BTreeMap;

use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tile::{TilePath, TileWriter};

/// A key whose seed is one byte, repeated.
fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&[seed; 32])).unwrap()
}

/// Entry number `index` of the logs in these tests.
fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// A log of so many entries, with all its tiles.
fn log_of(size: u64) -> (TileWriter, BTreeMap<TilePath, Vec<u8>>) {
    let (mut writer, mut tiles) = (TileWriter::new(), BTreeMap::new());
    for index in 0..size {
        let at = writer.append(&entry(index), |path, bytes| assert!(tiles.insert(path, bytes.to_vec()).is_none()));
        assert_eq!(at, Ok(index));
    }
    writer.partials(|path, bytes| assert!(tiles.insert(path, bytes.to_vec()).is_none()));
    (writer, tiles)
}

/// All texts that differ from `bytes` in one bit.
fn bit_flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
