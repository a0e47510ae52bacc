//! Which beacon: its public key, when its rounds come, and the hash that names it.

use core::fmt;

use ark_bls12_381::G2Affine;
use sha2::{Digest as _, Sha256};

use crate::curve::{G2_LENGTH, read_g2};

/// Bytes of a chain's public key, a compressed point of G2.
pub const PUBLIC_KEY_LENGTH: usize = G2_LENGTH;

const MS_PER_SECOND: i64 = 1000;

/// The public key of quicknet, as published in drand's clients (tlock-js `src/drand/defaults.ts`,
/// drand-verify `src/verify.rs`).
const QUICKNET_KEY: [u8; PUBLIC_KEY_LENGTH] = [
    0x83, 0xcf, 0x0f, 0x28, 0x96, 0xad, 0xee, 0x7e, 0xb8, 0xb5, 0xf0, 0x1f, 0xca, 0xd3, 0x91, 0x22, 0x12, 0xc4, 0x37,
    0xe0, 0x07, 0x3e, 0x91, 0x1f, 0xb9, 0x00, 0x22, 0xd3, 0xe7, 0x60, 0x18, 0x3c, 0x8c, 0x4b, 0x45, 0x0b, 0x6a, 0x0a,
    0x6c, 0x3a, 0xc6, 0xa5, 0x77, 0x6a, 0x2d, 0x10, 0x64, 0x51, 0x0d, 0x1f, 0xec, 0x75, 0x8c, 0x92, 0x1c, 0xc2, 0x2b,
    0x0e, 0x17, 0xe6, 0x3a, 0xaf, 0x4b, 0xcb, 0x5e, 0xd6, 0x63, 0x04, 0xde, 0x9c, 0xf8, 0x09, 0xbd, 0x27, 0x4c, 0xa7,
    0x3b, 0xab, 0x4a, 0xf5, 0xa6, 0xe9, 0xc7, 0x6a, 0x4b, 0xc0, 0x9e, 0x76, 0xea, 0xe8, 0x99, 0x1e, 0xf5, 0xec, 0xe4,
    0x5a,
];

/// The seed that quicknet's nodes fixed at its start (`groupHash` in tlock-js).
const QUICKNET_SEED: [u8; 32] = [
    0xf4, 0x77, 0xd5, 0xc8, 0x9f, 0x21, 0xa1, 0x7c, 0x86, 0x3a, 0x7f, 0x93, 0x7c, 0x6a, 0x6d, 0x15, 0x85, 0x94, 0x14,
    0xd2, 0xbe, 0x09, 0xcd, 0x44, 0x8d, 0x42, 0x79, 0xaf, 0x33, 0x1c, 0x5d, 0x3e,
];

/// 2023-08-23T15:09:27Z, the time of quicknet's first round (tlock-js `src/drand/defaults.ts`).
const QUICKNET_GENESIS_S: i64 = 1_692_803_367;
const QUICKNET_PERIOD_S: u32 = 3;

/// A beacon: a public key under which rounds are signed at known times.
///
/// Only chains that are pinned in this source count as public. Every other is local: whoever made its
/// key can sign all rounds in advance, so it serves rehearsals and tests.
#[derive(Clone, PartialEq, Eq)]
pub struct Chain {
    name: &'static str,
    is_local: bool,
    public_key: [u8; PUBLIC_KEY_LENGTH],
    key: G2Affine,
    genesis_ms: i64,
    period_ms: i64,
    hash: [u8; 32],
}

impl Chain {
    /// The chain `quicknet` of drand's League of Entropy, pinned.
    pub fn quicknet() -> Self {
        Self::new("quicknet", false, &QUICKNET_KEY, QUICKNET_SEED, QUICKNET_GENESIS_S, QUICKNET_PERIOD_S)
            .expect("the constants are fixed, and a test compares their hash with the published one")
    }

    /// A chain that is not public, of which only the key is known.
    ///
    /// `genesis_s` is the time of round 1 in seconds since 1970 in UTC, `period_s` the seconds between
    /// rounds.
    ///
    /// # Errors
    ///
    /// [`BadChain`] if the key is no point of G2, or no chain can have these times.
    pub fn local(public_key: &[u8], genesis_s: i64, period_s: u32) -> Result<Self, BadChain> {
        Self::new("local", true, public_key, [0; 32], genesis_s, period_s)
    }

    fn new(
        name: &'static str,
        is_local: bool,
        public_key: &[u8],
        seed: [u8; 32],
        genesis_s: i64,
        period_s: u32,
    ) -> Result<Self, BadChain> {
        let key = read_g2(public_key).ok_or(BadChain::Key)?;
        let public_key: [u8; PUBLIC_KEY_LENGTH] = public_key.try_into().map_err(|_| BadChain::Key)?;
        let genesis_ms = genesis_s.checked_mul(MS_PER_SECOND).filter(|ms| *ms >= 0).ok_or(BadChain::Genesis)?;
        let period_ms = i64::from(period_s) * MS_PER_SECOND;
        if period_ms == 0 {
            return Err(BadChain::Period);
        }
        // As drand does it: `Info.Hash` in its `common/chain/info.go`.
        let hash = Sha256::new()
            .chain_update(period_s.to_be_bytes())
            .chain_update(genesis_s.to_be_bytes())
            .chain_update(public_key)
            .chain_update(seed)
            .chain_update(name)
            .finalize()
            .into();
        Ok(Self { name, is_local, public_key, key, genesis_ms, period_ms, hash })
    }

    /// The name of a pinned chain, or `local`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether whoever made the key could sign all rounds in advance.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// The hash by which drand names the chain; it binds the key and the times.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The compressed public key, a point of G2.
    pub fn public_key(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        &self.public_key
    }

    /// When round 1 comes: milliseconds since 1970 in UTC.
    pub fn genesis_ms(&self) -> i64 {
        self.genesis_ms
    }

    /// Milliseconds between rounds.
    pub fn period_ms(&self) -> i64 {
        self.period_ms
    }

    /// When a round comes: milliseconds since 1970 in UTC.
    ///
    /// `None` for round 0, which no chain signs, and for a time beyond 64 bits.
    pub fn time_of_round(&self, round: u64) -> Option<i64> {
        let periods = i64::try_from(round.checked_sub(1)?).ok()?;
        periods.checked_mul(self.period_ms)?.checked_add(self.genesis_ms)
    }

    /// The first round that comes at a time or after it.
    ///
    /// `None` if the time of that round is beyond 64 bits.
    pub fn round_at(&self, time_ms: i64) -> Option<u64> {
        let since = time_ms.saturating_sub(self.genesis_ms).max(0).unsigned_abs();
        let round = since.div_ceil(self.period_ms.unsigned_abs()).checked_add(1)?;
        self.time_of_round(round).map(|_| round)
    }

    pub(crate) fn key(&self) -> &G2Affine {
        &self.key
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("name", &self.name).field("genesis_ms", &self.genesis_ms).finish_non_exhaustive()
    }
}

/// Why there can be no such chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadChain {
    /// The key is not a compressed point of G2.
    Key,
    /// The first round is before 1970, or its time does not fit in 64 bits of milliseconds.
    Genesis,
    /// Rounds would all come at once.
    Period,
}

impl fmt::Display for BadChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "the public key is not 96 bytes of a point of the curve's group G2",
            Self::Genesis => "the time of the first round is before 1970 or too far away",
            Self::Period => "the period is zero seconds; rounds need at least one second between them",
        })
    }
}

impl core::error::Error for BadChain {}
