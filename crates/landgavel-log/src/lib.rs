//! A transparency log of opaque entries: Merkle tree, tiles, signed checkpoints, cosignatures, policies.
//!
//! The formats are those of C2SP (<https://c2sp.org>), so that programs of others read them too. It
//! knows bytes only: no sale, disk, wire, clock or chance; time is an argument. Modules, each
//! importing only from those before it: `decimal`, `ed25519`, `multiples`, `frequent`, `tree`, `tile`, `note`, `checkpoint`,
//! `cosignature`, `policy`, `witnessed`, `proof`, `durable`, `witness`.
//!
//! ```
//! use landgavel_log::tree::{Frontier, leaf_hash, verify_inclusion};
//!
//! let mut log = Frontier::new();
//! log.push(leaf_hash(b"first")).unwrap();
//! log.push(leaf_hash(b"second")).unwrap();
//! let proof = [leaf_hash(b"second")];
//! verify_inclusion(leaf_hash(b"first"), 0, 2, &proof, log.root()).unwrap();
//! ```
#![no_std]

extern crate alloc;

pub mod checkpoint;
pub mod cosignature;
mod decimal;
pub mod durable;
pub mod ed25519;
pub mod frequent;
mod multiples;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod tree;
pub mod witness;
pub mod witnessed;
