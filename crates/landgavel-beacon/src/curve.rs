//! The few operations on the curve BLS12-381 that the other modules need, and its bytes.

use ark_bls12_381::{Bls12_381, Fq, Fq2, Fq6, Fq12, Fr, G1Affine, G1Projective, G2Affine, g1};
use ark_ec::hashing::HashToCurve;
use ark_ec::hashing::curve_maps::wb::WBMap;
use ark_ec::hashing::map_to_curve_hasher::MapToCurveBasedHasher;
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::field_hashers::DefaultFieldHasher;
use ark_ff::{BigInteger, PrimeField};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use sha2::{Digest as _, Sha256};

/// Bytes of a compressed point of G1, which is a round's signature.
pub const SIGNATURE_LENGTH: usize = 48;

/// Bytes of a compressed point of G2: a public key, and the point of a seal.
pub(crate) const G2_LENGTH: usize = 96;

/// Bytes of an element of the target group, written out.
pub(crate) const GT_LENGTH: usize = 576;

/// The domain of RFC 9380 under which quicknet hashes a round to a point (scheme
/// `bls-unchained-g1-rfc9380` of drand).
const DOMAIN: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

type HasherToG1 = MapToCurveBasedHasher<G1Projective, DefaultFieldHasher<Sha256, 128>, WBMap<g1::Config>>;

/// Reads a point of G1: of exact length, canonical, on the curve, in the subgroup, not the identity.
pub(crate) fn read_g1(bytes: &[u8]) -> Option<G1Affine> {
    // The point is written again: it then has one encoding, whatever the library lets pass.
    let point = G1Affine::deserialize_compressed(bytes).ok()?;
    (!point.is_zero() && write_g1(&point) == bytes).then_some(point)
}

/// Reads a point of G2: of exact length, canonical, on the curve, in the subgroup, not the identity.
pub(crate) fn read_g2(bytes: &[u8]) -> Option<G2Affine> {
    let point = G2Affine::deserialize_compressed(bytes).ok()?;
    (!point.is_zero() && write_g2(&point) == bytes).then_some(point)
}

pub(crate) fn write_g1(point: &G1Affine) -> [u8; SIGNATURE_LENGTH] {
    let mut bytes = [0; SIGNATURE_LENGTH];
    point.serialize_compressed(bytes.as_mut_slice()).expect("a compressed point of G1 has 48 bytes");
    bytes
}

pub(crate) fn write_g2(point: &G2Affine) -> [u8; G2_LENGTH] {
    let mut bytes = [0; G2_LENGTH];
    point.serialize_compressed(bytes.as_mut_slice()).expect("a compressed point of G2 has 96 bytes");
    bytes
}

/// The point that a round's signature is a multiple of: the hash to G1 of SHA-256 of the round.
pub(crate) fn round_point(round: u64) -> G1Affine {
    let message = Sha256::digest(round.to_be_bytes());
    HasherToG1::new(DOMAIN)
        .and_then(|hasher| hasher.hash(&message))
        .expect("the map fails on no field element that a hash is known to give")
}

/// `scalar · point` in G1.
pub(crate) fn times_g1(point: &G1Affine, scalar: &Fr) -> G1Affine {
    (*point * scalar).into_affine()
}

/// `scalar` times the generator of G2.
pub(crate) fn generator_times(scalar: &Fr) -> G2Affine {
    (G2Affine::generator() * scalar).into_affine()
}

/// Whether `signature` is the point of `round` times the secret behind `key`.
pub(crate) fn is_signed(key: &G2Affine, round: u64, signature: &G1Affine) -> bool {
    let sides = Bls12_381::multi_pairing([*signature, -round_point(round)], [G2Affine::generator(), *key]);
    sides.0 == Fq12::from(1_u64)
}

/// The pairing of two points, as bytes in the order that drand's libraries hash it: the highest
/// coefficient first on each level of the tower, each number as 48 bytes, most significant first.
pub(crate) fn pairing_bytes(left: &G1Affine, right: &G2Affine) -> [u8; GT_LENGTH] {
    let element = Bls12_381::pairing(left, right).0;
    let mut bytes = [0; GT_LENGTH];
    for (slot, number) in bytes.chunks_exact_mut(48).zip(fq12(&element)) {
        slot.copy_from_slice(&number.into_bigint().to_bytes_be());
    }
    bytes
}

fn fq12(element: &Fq12) -> impl Iterator<Item = Fq> {
    [element.c1, element.c0].into_iter().flat_map(fq6)
}

fn fq6(element: Fq6) -> impl Iterator<Item = Fq> {
    [element.c2, element.c1, element.c0].into_iter().flat_map(fq2)
}

fn fq2(element: Fq2) -> [Fq; 2] {
    [element.c1, element.c0]
}
