//! The bytes of a seal: one length, one recipient, nothing optional.

use alloc::boxed::Box;
use core::fmt;

use ark_bls12_381::G2Affine;

use crate::curve::{G2_LENGTH, read_g2, write_g2};
use crate::ibe::{Hidden, KEY_LENGTH, Key};

/// Names the format and its version.
const MAGIC: [u8; 8] = *b"LGSEAL\x00\x01";

const CHAIN_AT: usize = MAGIC.len();
const ROUND_AT: usize = CHAIN_AT + 32;
const U_AT: usize = ROUND_AT + 8;
const V_AT: usize = U_AT + G2_LENGTH;
const W_AT: usize = V_AT + KEY_LENGTH;

/// Bytes before the body; the body's check covers them too.
pub(crate) const HEADER_LENGTH: usize = W_AT + KEY_LENGTH;

/// Bytes of the padded text, before encryption and after it.
pub(crate) const BODY_LENGTH: usize = 512;

/// Bytes of the check behind the body.
pub(crate) const TAG_LENGTH: usize = 16;

/// Bytes of every envelope.
pub const ENVELOPE_LENGTH: usize = HEADER_LENGTH + BODY_LENGTH + TAG_LENGTH;

/// Most bytes that can be sealed: a signed offer fits, and a longer class would need another version.
pub const MAX_PLAINTEXT: usize = 480;

/// A seal whose form is right; whether it opens shows when its round has come.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    bytes: Box<[u8; ENVELOPE_LENGTH]>,
    u: G2Affine,
}

impl Envelope {
    /// Reads a seal; no byte more, no byte less, no other form.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`] says what is wrong with the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let bytes: [u8; ENVELOPE_LENGTH] =
            bytes.try_into().map_err(|_| EnvelopeError::Length { found: bytes.len() })?;
        if bytes[..CHAIN_AT] != MAGIC {
            return Err(EnvelopeError::Magic);
        }
        if field::<8>(&bytes, ROUND_AT) == [0; 8] {
            return Err(EnvelopeError::RoundZero);
        }
        let u = read_g2(&bytes[U_AT..V_AT]).ok_or(EnvelopeError::Point)?;
        Ok(Self { bytes: Box::new(bytes), u })
    }

    /// The hash of the chain that it claims to be sealed to.
    pub fn chain_hash(&self) -> [u8; 32] {
        field(&self.bytes, CHAIN_AT)
    }

    /// The round that it claims to be sealed to; only opening shows whether that is true.
    pub fn round(&self) -> u64 {
        u64::from_be_bytes(field(&self.bytes, ROUND_AT))
    }

    /// All its bytes.
    pub fn as_bytes(&self) -> &[u8; ENVELOPE_LENGTH] {
        &self.bytes
    }

    pub(crate) fn from_parts(
        header: &[u8; HEADER_LENGTH],
        u: G2Affine,
        body: &[u8; BODY_LENGTH],
        tag: &[u8; TAG_LENGTH],
    ) -> Self {
        let mut bytes = Box::new([0; ENVELOPE_LENGTH]);
        let (front, back) = bytes.split_at_mut(HEADER_LENGTH);
        front.copy_from_slice(header);
        back[..BODY_LENGTH].copy_from_slice(body);
        back[BODY_LENGTH..].copy_from_slice(tag);
        Self { bytes, u }
    }

    pub(crate) fn header(&self) -> [u8; HEADER_LENGTH] {
        field(&self.bytes, 0)
    }

    pub(crate) fn hidden(&self) -> Hidden {
        Hidden { u: self.u, v: field(&self.bytes, V_AT), w: field(&self.bytes, W_AT) }
    }

    pub(crate) fn body(&self) -> [u8; BODY_LENGTH] {
        field(&self.bytes, HEADER_LENGTH)
    }

    pub(crate) fn tag(&self) -> [u8; TAG_LENGTH] {
        field(&self.bytes, HEADER_LENGTH + BODY_LENGTH)
    }
}

/// The header of a seal to a round of a chain.
pub(crate) fn header(chain_hash: &[u8; 32], round: u64, hidden: &Hidden) -> [u8; HEADER_LENGTH] {
    let mut bytes = [0; HEADER_LENGTH];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(0, &MAGIC);
    put(CHAIN_AT, chain_hash);
    put(ROUND_AT, &round.to_be_bytes());
    put(U_AT, &write_g2(&hidden.u));
    let (v, w): (&Key, &Key) = (&hidden.v, &hidden.w);
    put(V_AT, v);
    put(W_AT, w);
    bytes
}

/// The `N` bytes at a place that the layout fixes.
fn field<const N: usize>(bytes: &[u8; ENVELOPE_LENGTH], at: usize) -> [u8; N] {
    core::array::from_fn(|offset| bytes[at + offset])
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("round", &self.round()).finish_non_exhaustive()
    }
}

/// Why bytes are not an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeError {
    /// An envelope has one length.
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The first eight bytes name another format or version.
    Magic,
    /// Rounds begin at 1.
    RoundZero,
    /// The point is not canonical, not on the curve, not in the group, or its identity.
    Point,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => write!(f, "a sealed envelope has {ENVELOPE_LENGTH} bytes, and this has {found}"),
            Self::Magic => f.write_str("the bytes do not begin as a sealed envelope of version 1 does"),
            Self::RoundZero => f.write_str("it is sealed to round 0, which no chain has"),
            Self::Point => f.write_str("the point in the envelope is not one of the curve's group G2"),
        }
    }
}

impl core::error::Error for EnvelopeError {}
