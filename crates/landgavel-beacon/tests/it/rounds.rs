//! Whether a signature is a round's, with a second implementation as the judge.

use ark_bls12_381::G1Affine;
use ark_ec::AffineRepr as _;
use ark_ff::Field as _;
use ark_serialize::CanonicalSerialize as _;
use drand_verify::{G2PubkeyRfc, Pubkey as _};
use landgavel_beacon::{BeaconError, Chain, LocalChain, verify};

use crate::hex;

/// What quicknet published. Round 123: drand-verify `src/verify.rs`; its randomness is published with it.
const ROUND: u64 = 123;
const SIGNATURE: &str =
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";
const RANDOMNESS: &str = "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc";

/// Round 657413 of quicknet, from the README of mcdcam/python-drand-verify.
const LATER: (u64, &str, &str) = (
    657_413,
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
    "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
);

#[test]
fn published_rounds_of_quicknet_verify() {
    let chain = Chain::quicknet();
    for (round, signature, randomness) in [(ROUND, SIGNATURE, RANDOMNESS), LATER] {
        let output = verify(&chain, round, &hex::bytes(signature)).unwrap();
        assert_eq!(hex::text(&output.randomness()), randomness);
        assert_eq!(hex::text(output.signature()), signature);
        assert_eq!((output.round(), output.chain_hash(), output.is_local()), (round, chain.hash(), false));
    }
}

#[test]
fn a_published_signature_is_no_other_rounds_and_no_other_chains() {
    let signature = hex::bytes(SIGNATURE);
    let quicknet = Chain::quicknet();
    for round in [ROUND - 1, ROUND + 1, 1, u64::MAX] {
        assert_eq!(verify(&quicknet, round, &signature), Err(BeaconError::NotSigned { round }));
    }
    assert_eq!(verify(&quicknet, 0, &signature), Err(BeaconError::RoundZero));
    let local = LocalChain::from_seed([4; 32], 1_692_803_367, 3).unwrap();
    assert_eq!(verify(local.chain(), ROUND, &signature), Err(BeaconError::NotSigned { round: ROUND }));
    assert_eq!(verify(&quicknet, ROUND, &local.sign(ROUND)), Err(BeaconError::NotSigned { round: ROUND }));
}

#[test]
fn a_local_chain_signs_what_verifies_and_its_output_says_local() {
    let local = LocalChain::from_seed([5; 32], 1_700_000_000, 3).unwrap();
    let output = verify(local.chain(), 9, &local.sign(9)).unwrap();
    assert!(output.is_local());
    assert_eq!(output.chain_hash(), local.chain().hash());
    assert_ne!(output.randomness(), verify(local.chain(), 10, &local.sign(10)).unwrap().randomness());
}

#[test]
fn every_verdict_is_that_of_drand_verify() {
    let quicknet = Chain::quicknet();
    let local = LocalChain::from_seed([6; 32], 1_700_000_000, 3).unwrap();
    let published = hex::bytes(SIGNATURE);
    let mut good = 0;
    let mut judge = |chain: &Chain, round: u64, signature: &[u8]| {
        let oracle = G2PubkeyRfc::from_fixed(*chain.public_key()).unwrap();
        let expected = oracle.verify(round, b"", signature).unwrap_or(false);
        let ours = verify(chain, round, signature);
        assert_eq!(ours.is_ok(), expected, "round {round}, {}: {ours:?}", hex::text(signature));
        if let Ok(output) = ours {
            good += 1;
            assert_eq!(output.randomness(), drand_verify::derive_randomness(signature));
        }
    };
    for round in 1..=10 {
        judge(local.chain(), round, &local.sign(round));
        judge(local.chain(), round, &local.sign(round + 1));
    }
    judge(&quicknet, ROUND, &published);
    for at in 0..published.len() * 8 {
        let mut altered = published.clone();
        altered[at / 8] ^= 1 << (at % 8);
        judge(&quicknet, ROUND, &altered);
    }
    assert_eq!(good, 11, "all rounds that were signed are good, and nothing else");
}

#[test]
fn bytes_that_are_no_point_of_the_group_are_told_apart_from_a_wrong_signature() {
    let chain = Chain::quicknet();
    let signature = hex::bytes(SIGNATURE);
    for length in [0, 1, 47] {
        assert_eq!(verify(&chain, ROUND, &signature[..length]), Err(BeaconError::Length { found: length }));
    }
    let longer = [signature.clone(), vec![0]].concat();
    assert_eq!(verify(&chain, ROUND, &longer), Err(BeaconError::Length { found: 49 }));
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    for bytes in [[0; 48], [0xff; 48], identity] {
        assert_eq!(verify(&chain, ROUND, &bytes), Err(BeaconError::NotAPoint));
    }
    let mut uncompressed = signature;
    uncompressed[0] &= 0x7f;
    assert_eq!(verify(&chain, ROUND, &uncompressed), Err(BeaconError::NotAPoint));
}

#[test]
fn a_point_of_the_curve_outside_the_group_is_refused() {
    let mut x = ark_bls12_381::Fq::ONE;
    let point = loop {
        x += ark_bls12_381::Fq::ONE;
        if let Some(point) = G1Affine::get_point_from_x_unchecked(x, false) {
            break point;
        }
    };
    assert!(point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve() && !point.is_zero());
    let mut bytes = Vec::new();
    point.serialize_compressed(&mut bytes).unwrap();
    assert_eq!(verify(&Chain::quicknet(), ROUND, &bytes), Err(BeaconError::NotAPoint));
}
