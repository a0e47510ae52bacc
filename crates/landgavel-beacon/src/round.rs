//! Whether a signature is a round's, and the randomness that it gives.

use core::fmt;

use ark_bls12_381::G1Affine;
use sha2::{Digest as _, Sha256};

use crate::chain::Chain;
use crate::curve::{SIGNATURE_LENGTH, is_signed, read_g1};

/// What a chain published in a round, checked; there is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    chain_hash: [u8; 32],
    is_local: bool,
    round: u64,
    bytes: [u8; SIGNATURE_LENGTH],
    point: G1Affine,
}

impl Output {
    /// The hash that names the chain.
    pub fn chain_hash(&self) -> [u8; 32] {
        self.chain_hash
    }

    /// Whether somebody could know this output in advance; see [`Chain::is_local`].
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// The round.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// The signature, a compressed point of G1.
    pub fn signature(&self) -> &[u8; SIGNATURE_LENGTH] {
        &self.bytes
    }

    /// The round's randomness: SHA-256 of the signature.
    pub fn randomness(&self) -> [u8; 32] {
        Sha256::digest(self.bytes).into()
    }

    pub(crate) fn point(&self) -> &G1Affine {
        &self.point
    }
}

/// Checks that `signature` is what `chain` published in `round`.
///
/// # Errors
///
/// [`BeaconError`] says what is wrong with it.
pub fn verify(chain: &Chain, round: u64, signature: &[u8]) -> Result<Output, BeaconError> {
    if round == 0 {
        return Err(BeaconError::RoundZero);
    }
    let bytes: [u8; SIGNATURE_LENGTH] =
        signature.try_into().map_err(|_| BeaconError::Length { found: signature.len() })?;
    let point = read_g1(&bytes).ok_or(BeaconError::NotAPoint)?;
    if !is_signed(chain.key(), round, &point) {
        return Err(BeaconError::NotSigned { round });
    }
    Ok(Output { chain_hash: chain.hash(), is_local: chain.is_local(), round, bytes, point })
}

/// Why bytes are not a round's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeaconError {
    /// Rounds begin at 1.
    RoundZero,
    /// The signature has another length.
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The bytes are no canonical point of the group, or its identity.
    NotAPoint,
    /// The key of the chain did not sign this round so.
    NotSigned {
        /// The round asked for.
        round: u64,
    },
}

impl fmt::Display for BeaconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoundZero => f.write_str("round 0 does not exist: a chain's rounds begin at 1"),
            Self::Length { found } => {
                write!(f, "a round's signature has {SIGNATURE_LENGTH} bytes, and this has {found}")
            }
            Self::NotAPoint => f.write_str("the signature's bytes are not a point of the curve's group G1"),
            Self::NotSigned { round } => write!(f, "the signature is not the one of round {round} of this chain"),
        }
    }
}

impl core::error::Error for BeaconError {}
