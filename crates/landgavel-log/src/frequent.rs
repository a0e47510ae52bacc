//! Keys that verify often: the same verdict as [`crate::ed25519`], faster, for a table per key.

use alloc::boxed::Box;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{BasepointTable as _, IsIdentity as _};
use sha2::{Digest as _, Sha512};

use crate::ed25519::PublicKey;

/// A public key with a table of its multiples, of about 30 KiB.
///
/// Making the table costs about as much as two verifications; each one after that costs little more than
/// half. The verdict is that of [`PublicKey::verifies`] for every input.
#[derive(Clone)]
pub struct FrequentKey {
    bytes: [u8; 32],
    /// Multiples of the key's point with its sign changed.
    negative: Box<EdwardsBasepointTable>,
}

impl FrequentKey {
    /// Makes the table of a key.
    #[must_use]
    pub fn new(key: &PublicKey) -> FrequentKey {
        let bytes = key.to_bytes();
        // A public key is a point: this crate has no other way to make one.
        let point = CompressedEdwardsY(bytes).decompress().unwrap_or_default();
        FrequentKey { bytes, negative: Box::new(EdwardsBasepointTable::create(&-point)) }
    }

    /// Whether `signature` (64 bytes) is this key's signature of `message`, strictly judged.
    ///
    /// `R' = [s]B − [k]A` is computed and compared with `R` as bytes. So `R` must be written canonically;
    /// it is of low order exactly when `R'` is; and its point need not be recovered.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = <&[u8; 64]>::try_from(signature) else { return false };
        let (r, s) = signature.split_at(32);
        let Some(s) =
            <[u8; 32]>::try_from(s).ok().and_then(|s| Option::<Scalar>::from(Scalar::from_canonical_bytes(s)))
        else {
            return false;
        };
        let hash = Sha512::new_with_prefix(r).chain_update(self.bytes).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        let expected: EdwardsPoint = EdwardsPoint::mul_base(&s) + self.negative.mul_base(&k);
        expected.compress().as_bytes() == r && !expected.mul_by_cofactor().is_identity()
    }
}
