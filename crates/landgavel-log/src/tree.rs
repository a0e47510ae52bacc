//! The Merkle tree of RFC 6962, section 2.1: hashes, streaming roots, proofs.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The most entries a tree may have: what other implementations hold in a signed 64-bit number.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// The most hashes in a proof: one for each level of a tree of [`MAX_SIZE`] entries.
pub const MAX_PROOF: usize = 63;

/// A SHA-256 hash of a leaf or node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

/// The hash of an entry: SHA-256 of a zero byte and the entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of an inner node: SHA-256 of a one byte and both children.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the empty tree: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

impl Hash {
    /// Reads a hash in base64 (RFC 4648, section 4), as checkpoints and proofs write it.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Hash> {
        // 32 bytes are 44 characters; more is not looked at.
        if text.len() != 44 {
            return None;
        }
        STANDARD.decode(text).ok()?.try_into().ok().map(Hash)
    }
}

/// Base64, as checkpoints and proofs write it.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

/// A tree that only grows at its right edge: at most 63 hashes, whatever its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// The roots of the complete subtrees, largest first: one for each bit of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// Appends the hash of a leaf.
    ///
    /// # Errors
    ///
    /// [`TreeError::TooLarge`] when the tree has [`MAX_SIZE`] leaves.
    pub fn push(&mut self, leaf: Hash) -> Result<(), TreeError> {
        if self.size >= MAX_SIZE {
            return Err(TreeError::TooLarge);
        }
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
        Ok(())
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; computed when asked, with at most 62 hashes.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

/// The root over complete subtrees, largest first.
pub(crate) fn fold(peaks: &[Hash]) -> Hash {
    peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right)).unwrap_or_else(empty_root)
}

/// Gives the roots of complete subtrees: the one at (`level`, `index`) spans the leaves from
/// `index · 2^level` on, `2^level` of them.
pub trait HashReader {
    /// The hash, or nothing if the subtree is not complete or cannot be read.
    fn hash(&self, level: u8, index: u64) -> Option<Hash>;
}

/// The root of the tree with the first `size` leaves.
///
/// # Errors
///
/// [`TreeError`] when `size` is too large or the reader lacks a hash.
pub fn root_of(reader: &impl HashReader, size: u64) -> Result<Hash, TreeError> {
    check_size(size)?;
    if size == 0 { Ok(empty_root()) } else { range(reader, 0, size) }
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
///
/// # Errors
///
/// [`TreeError`] when the leaf is not in the tree or the reader lacks a hash.
pub fn prove_inclusion(reader: &impl HashReader, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
    check_size(size)?;
    if index >= size {
        return Err(TreeError::OutOfRange);
    }
    let (mut low, mut high) = (0, size);
    let mut proof = Vec::new();
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            proof.push(range(reader, middle, high)?);
            high = middle;
        } else {
            proof.push(range(reader, low, middle)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old` leaves is a prefix of that of `new` (RFC 6962, section 2.1.2). It
/// is empty for an empty or equal old tree.
///
/// # Errors
///
/// [`TreeError`] when `old` is larger than `new` or the reader lacks a hash.
pub fn prove_consistency(reader: &impl HashReader, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
    check_size(new)?;
    if old > new {
        return Err(TreeError::OutOfRange);
    }
    let mut proof = Vec::new();
    if old == 0 {
        return Ok(proof);
    }
    let (mut low, mut high) = (0, new);
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            proof.push(range(reader, middle, high)?);
            high = middle;
        } else {
            proof.push(range(reader, low, middle)?);
            low = middle;
        }
    }
    if low != 0 {
        proof.push(range(reader, low, high)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that `leaf` is number `index` (from zero) of the tree of `size` leaves with this `root`.
///
/// # Errors
///
/// [`TreeError`] says what does not fit.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), TreeError> {
    check_size(size)?;
    if index >= size {
        return Err(TreeError::OutOfRange);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(TreeError::ProofLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            // Levels on which this node has no sibling are passed over.
            let passed = node.trailing_zeros();
            (node, last) = (node >> passed, last >> passed);
        } else {
            hash = node_hash(hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(TreeError::ProofLength);
    }
    if hash == root { Ok(()) } else { Err(TreeError::RootDiffers) }
}

/// Checks that the tree of `old` leaves with `old_root` is a prefix of that of `new` with `new_root`.
///
/// # Errors
///
/// [`TreeError`] says what does not fit.
pub fn verify_consistency(old: u64, new: u64, proof: &[Hash], old_root: Hash, new_root: Hash) -> Result<(), TreeError> {
    check_size(new)?;
    if old > new {
        return Err(TreeError::OutOfRange);
    }
    if old == 0 || old == new {
        if !proof.is_empty() {
            return Err(TreeError::ProofLength);
        }
        let expected = if old == 0 { empty_root() } else { new_root };
        let new_is_right = new != 0 || new_root == empty_root();
        return if old_root == expected && new_is_right { Ok(()) } else { Err(TreeError::RootDiffers) };
    }
    // RFC 9162, section 2.1.4.2. If the old tree is complete, its root is where the path starts.
    let passed = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> passed, (new - 1) >> passed);
    let (start, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(TreeError::ProofLength)?;
        (*first, rest)
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in rest {
        if last == 0 {
            return Err(TreeError::ProofLength);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(*sibling, old_hash);
            new_hash = node_hash(*sibling, new_hash);
            let passed = node.trailing_zeros();
            (node, last) = (node >> passed, last >> passed);
        } else {
            new_hash = node_hash(new_hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(TreeError::ProofLength);
    }
    if old_hash == old_root && new_hash == new_root { Ok(()) } else { Err(TreeError::RootDiffers) }
}

/// What is wrong with a tree, a proof or a question about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeError {
    /// More than [`MAX_SIZE`] leaves.
    TooLarge,
    /// The leaf or the old tree is not within the tree.
    OutOfRange,
    /// The proof has too few or too many hashes for these sizes.
    ProofLength,
    /// The proof leads to another root.
    RootDiffers,
    /// The root of a complete subtree cannot be read.
    Missing {
        /// Height of the subtree.
        level: u8,
        /// Its number on that level.
        index: u64,
    },
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeError::TooLarge => write!(f, "a tree has at most {MAX_SIZE} leaves"),
            TreeError::OutOfRange => f.write_str("expected a leaf or an old tree within the tree"),
            TreeError::ProofLength => f.write_str("the proof has not as many hashes as these sizes need"),
            TreeError::RootDiffers => f.write_str("the proof leads to another root"),
            TreeError::Missing { level, index } => {
                write!(f, "the hash of the complete subtree {index} at level {level} is missing")
            }
        }
    }
}

impl core::error::Error for TreeError {}

fn check_size(size: u64) -> Result<(), TreeError> {
    if size > MAX_SIZE { Err(TreeError::TooLarge) } else { Ok(()) }
}

/// The largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The root over the leaves from `low` to before `high`, where `low` is a multiple of a power of two
/// that is at least their number.
fn range(reader: &impl HashReader, low: u64, high: u64) -> Result<Hash, TreeError> {
    let mut peaks = Vec::new();
    let mut start = low;
    while start < high {
        let level = (high - start).ilog2();
        let (level, index) = (u8::try_from(level).unwrap_or(u8::MAX), start >> level);
        peaks.push(reader.hash(level, index).ok_or(TreeError::Missing { level, index })?);
        start += 1 << level;
    }
    Ok(fold(&peaks))
}
