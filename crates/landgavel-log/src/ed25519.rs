//! Ed25519 (RFC 8032) with one verdict: the strict one.
//!
//! Verifiers differ on signatures made with keys or points of low order. The strict verdict refuses
//! them all, and is the one that libsodium gives.

use core::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// A public key that is a canonical point, not of low order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A secret key. Its `Debug` form does not show it.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

/// Why 32 bytes are no acceptable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// Not 32 bytes.
    Length,
    /// Not the canonical encoding of a point of the curve.
    NoPoint,
    /// A point of low order: for it signatures exist that fit many texts.
    LowOrder,
}

impl PublicKey {
    /// Reads the 32 bytes of RFC 8032.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for another length, for bytes that are no canonical point, and for low order.
    pub fn from_bytes(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyError::Length)?;
        if !is_canonical(bytes) {
            return Err(KeyError::NoPoint);
        }
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NoPoint)?;
        if key.is_weak() { Err(KeyError::LowOrder) } else { Ok(PublicKey(key)) }
    }

    /// The 32 bytes of RFC 8032.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether `signature` (64 bytes) is this key's signature of `message`, strictly judged.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl SecretKey {
    /// The key of a seed of 32 bytes (RFC 8032 calls it the private key). The seed must be secret and
    /// drawn evenly.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> SecretKey {
        SecretKey(SigningKey::from_bytes(seed))
    }

    /// The seed it was made from.
    pub(crate) fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs; the same message always gives the same 64 bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey of {:?}", self.public())
    }
}

/// Whether the y coordinate (little-endian, without the sign bit) is below 2^255 − 19.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = bytes;
    !(*first >= 0xed && middle.iter().all(|byte| *byte == 0xff) && last & 0x7f == 0x7f)
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyError::Length => "an Ed25519 public key has 32 bytes",
            KeyError::NoPoint => "expected a point of the curve in its canonical encoding",
            KeyError::LowOrder => "the key is a point of low order, and such keys are refused",
        })
    }
}

impl core::error::Error for KeyError {}
