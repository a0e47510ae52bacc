//! Keys that verify often: the same verdict as [`crate::ed25519`] in half its time, for a table per key.

use alloc::sync::Arc;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest as _, Sha512};

use crate::ed25519::PublicKey;
use crate::multiples::Multiples;

/// Multiples of the base point, about 0.7 MB, and the points of low order; all frequent keys share them.
#[derive(Clone)]
pub struct BaseTable(Arc<Base>);

struct Base {
    multiples: Multiples<8, 32>,
    low_order: [[u8; 32]; 8],
}

impl BaseTable {
    /// Makes the table, which takes as long as about 20 verifications.
    #[must_use]
    pub fn new() -> BaseTable {
        let low_order = EIGHT_TORSION.map(|point| point.compress().0);
        BaseTable(Arc::new(Base { multiples: Multiples::new(&ED25519_BASEPOINT_POINT), low_order }))
    }
}

impl Default for BaseTable {
    fn default() -> Self {
        Self::new()
    }
}

/// A public key with a table of its multiples, of about 230 kB.
///
/// Making the table costs about as much as seven verifications; each one after that costs about half. The
/// verdict is that of [`PublicKey::verifies`] for every input.
pub struct FrequentKey {
    bytes: [u8; 32],
    base: BaseTable,
    /// Multiples of the key's point with its sign changed.
    negative: Multiples<6, 43>,
}

impl FrequentKey {
    /// Makes the table of a key.
    #[must_use]
    pub fn new(key: &PublicKey, base: &BaseTable) -> FrequentKey {
        let bytes = key.to_bytes();
        // A public key is a point: this crate has no other way to make one.
        let point = CompressedEdwardsY(bytes).decompress().unwrap_or_default();
        FrequentKey { bytes, base: base.clone(), negative: Multiples::new(&-point) }
    }

    /// Whether `signature` (64 bytes) is this key's signature of `message`, strictly judged.
    ///
    /// `R' = [s]B − [k]A` is computed and compared with `R` as bytes. So `R` must be written canonically; it is of
    /// low order exactly when it is one of eight texts; and its point need not be recovered.
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
        let mut expected = EdwardsPoint::default();
        self.base.0.multiples.add(&mut expected, &s);
        self.negative.add(&mut expected, &k);
        expected.compress().as_bytes() == r && self.base.0.low_order.iter().all(|low| low != r)
    }
}
