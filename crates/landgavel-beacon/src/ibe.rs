//! A key of 16 bytes, encrypted to a round that has not come.
//!
//! Identity-based encryption of Boneh and Franklin with the check of Fujisaki and Okamoto, byte for byte
//! as drand's tlock does it with 16-byte keys (eprint 2023/189; tlock-js `src/crypto/ibe.ts`). The round is
//! the identity, and its signature is the key that opens.

use ark_bls12_381::{Fr, G1Affine, G2Affine};
use ark_ff::{PrimeField, Zero};
use sha2::{Digest as _, Sha256};

use crate::curve::{generator_times, pairing_bytes, round_point, times_g1};

/// Bytes of the key, and of the chance that hides it.
pub(crate) const KEY_LENGTH: usize = 16;

pub(crate) type Key = [u8; KEY_LENGTH];

/// The three parts of the encrypted key.
pub(crate) struct Hidden {
    pub(crate) u: G2Affine,
    pub(crate) v: Key,
    pub(crate) w: Key,
}

/// Encrypts `key` to `round` under the public key of a chain, with the chance `sigma`.
///
/// `None` if `sigma` and `key` lead to no scalar, which no hash is known to do.
pub(crate) fn hide(public_key: &G2Affine, round: u64, key: &Key, sigma: &Key) -> Option<Hidden> {
    let scalar = scalar(sigma, key)?;
    // Multiplying the point before pairing gives the power of the pairing, for less work.
    let mask = pairing_mask(&times_g1(&round_point(round), &scalar), public_key);
    Some(Hidden { u: generator_times(&scalar), v: xor(sigma, &mask), w: xor(key, &sigma_mask(sigma)) })
}

/// Decrypts with the round's signature.
///
/// `None` if the parts were not made for that round, or not as the scheme says.
pub(crate) fn reveal(signature: &G1Affine, hidden: &Hidden) -> Option<Key> {
    let sigma = xor(&hidden.v, &pairing_mask(signature, &hidden.u));
    let key = xor(&hidden.w, &sigma_mask(&sigma));
    let scalar = scalar(&sigma, &key)?;
    (generator_times(&scalar) == hidden.u).then_some(key)
}

/// H2 of the scheme.
fn pairing_mask(left: &G1Affine, right: &G2Affine) -> Key {
    first_half(Sha256::new().chain_update("IBE-H2").chain_update(pairing_bytes(left, right)))
}

/// H3 of the scheme: hashed with a counter until the number is below the order of the group. One try
/// in ten misses.
fn scalar(sigma: &Key, key: &Key) -> Option<Fr> {
    let seed = Sha256::new().chain_update("IBE-H3").chain_update(sigma).chain_update(key).finalize();
    (1..u16::MAX)
        .find_map(|counter| {
            let mut bytes: [u8; 32] =
                Sha256::new().chain_update(counter.to_le_bytes()).chain_update(seed).finalize().into();
            bytes[0] >>= 1;
            let number = Fr::from_be_bytes_mod_order(&bytes);
            // A number at or above the order changes when it is reduced.
            (big_endian(&number) == bytes).then_some(number)
        })
        .filter(|number| !number.is_zero())
}

/// H4 of the scheme.
fn sigma_mask(sigma: &Key) -> Key {
    first_half(Sha256::new().chain_update("IBE-H4").chain_update(sigma))
}

fn big_endian(number: &Fr) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (slot, limb) in bytes.chunks_exact_mut(8).zip(number.into_bigint().0.iter().rev()) {
        slot.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

fn first_half(hash: Sha256) -> Key {
    let digest = hash.finalize();
    core::array::from_fn(|at| digest[at])
}

fn xor(left: &Key, right: &Key) -> Key {
    core::array::from_fn(|at| left[at] ^ right[at])
}
