//! Envelopes from somebody who wants the opener to fall over, or to read what was not sealed.

use ark_bls12_381::{Fq, Fq2, G2Affine};
use ark_ec::AffineRepr as _;
use ark_ff::Field as _;
use ark_serialize::CanonicalSerialize as _;
use landgavel_beacon::{BeaconError, Chain, ENVELOPE_LENGTH, Envelope, EnvelopeError, OpenError, open, seal, verify};
use proptest::prelude::*;

use crate::seals::{local, output};

const ROUND_AT: usize = 40;
const U_AT: usize = 48;
const V_AT: usize = 144;
const BODY_AT: usize = 176;

fn sealed() -> [u8; ENVELOPE_LENGTH] {
    *seal(local().chain(), 10, b"1200 per mu", [1; 32]).expect("it fits").as_bytes()
}

fn with(change: impl FnOnce(&mut [u8; ENVELOPE_LENGTH])) -> Result<Envelope, EnvelopeError> {
    let mut bytes = sealed();
    change(&mut bytes);
    Envelope::parse(&bytes)
}

#[test]
fn a_changed_bit_anywhere_is_refused() {
    let output = output(&local(), 10);
    for at in 0..ENVELOPE_LENGTH {
        let verdict = with(|bytes| bytes[at] ^= 1 << (at % 8)).map(|envelope| open(&output, &envelope));
        let expected = match at {
            0..8 => verdict == Err(EnvelopeError::Magic),
            8..ROUND_AT => verdict == Ok(Err(OpenError::OtherChain)),
            ROUND_AT..U_AT => matches!(verdict, Ok(Err(OpenError::OtherRound { opened_with: 10, .. }))),
            U_AT..V_AT => verdict == Err(EnvelopeError::Point) || verdict == Ok(Err(OpenError::NotSealedToRound)),
            V_AT..BODY_AT => verdict == Ok(Err(OpenError::NotSealedToRound)),
            _ => verdict == Ok(Err(OpenError::Altered)),
        };
        assert!(expected, "byte {at}: {verdict:?}");
    }
}

#[test]
fn every_bit_of_the_label_is_bound_by_the_seal() {
    let local = local();
    for bit in 0..64 {
        let round = 10 ^ (1_u64 << bit);
        let envelope = with(|bytes| bytes[ROUND_AT..U_AT].copy_from_slice(&round.to_be_bytes())).unwrap();
        assert_eq!(open(&output(&local, round), &envelope), Err(OpenError::NotSealedToRound));
    }
}

#[test]
fn a_seal_moved_to_a_chain_of_the_same_key_does_not_open() {
    // Same key and round: the hidden key is found, and the body still tells the difference.
    let local = local();
    let twin = Chain::local(local.chain().public_key(), 1_700_000_000, 4).unwrap();
    let envelope = with(|bytes| bytes[8..ROUND_AT].copy_from_slice(&twin.hash())).unwrap();
    let output = verify(&twin, 10, &local.sign(10)).unwrap();
    assert_eq!(open(&output, &envelope), Err(OpenError::Altered));
}

#[test]
fn the_body_of_one_seal_under_the_head_of_another_does_not_open() {
    let other = seal(local().chain(), 10, b"9999 per mu", [2; 32]).unwrap();
    let envelope = with(|bytes| bytes[BODY_AT..].copy_from_slice(&other.as_bytes()[BODY_AT..])).unwrap();
    assert_eq!(open(&output(&local(), 10), &envelope), Err(OpenError::Altered));
}

#[test]
fn another_length_is_no_envelope() {
    let bytes = sealed();
    for length in 0..ENVELOPE_LENGTH {
        assert_eq!(Envelope::parse(&bytes[..length]), Err(EnvelopeError::Length { found: length }));
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Envelope::parse(&longer), Err(EnvelopeError::Length { found: ENVELOPE_LENGTH + 1 }));
}

#[test]
fn round_zero_is_no_round() {
    let bytes = with(|bytes| bytes[ROUND_AT..U_AT].fill(0));
    assert_eq!(bytes, Err(EnvelopeError::RoundZero));
}

#[test]
fn bytes_that_are_no_point_of_the_group_are_refused() {
    let identity = {
        let mut bytes = [0; 96];
        bytes[0] = 0xc0;
        bytes
    };
    let identity_with_rest = {
        let mut bytes = identity;
        bytes[95] = 1;
        bytes
    };
    for point in [[0; 96], [0xff; 96], identity, identity_with_rest] {
        assert_eq!(with(|bytes| bytes[U_AT..V_AT].copy_from_slice(&point)), Err(EnvelopeError::Point));
    }
    assert_eq!(with(|bytes| bytes[U_AT] &= 0x7f), Err(EnvelopeError::Point), "not compressed");
}

#[test]
fn a_point_of_the_curve_outside_the_group_is_refused() {
    let mut x = Fq::ONE;
    let point = loop {
        x += Fq::ONE;
        if let Some(point) = G2Affine::get_point_from_x_unchecked(Fq2::new(x, Fq::ONE), false) {
            break point;
        }
    };
    assert!(point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve() && !point.is_zero());
    let mut compressed = Vec::new();
    point.serialize_compressed(&mut compressed).unwrap();
    assert_eq!(with(|bytes| bytes[U_AT..V_AT].copy_from_slice(&compressed)), Err(EnvelopeError::Point));
    assert!(Chain::local(&compressed, 0, 1).is_err(), "nor is it a key");
}

#[test]
fn another_point_of_the_group_does_not_open() {
    let envelope = with(|bytes| bytes[U_AT..V_AT].copy_from_slice(local().chain().public_key())).unwrap();
    assert_eq!(open(&output(&local(), 10), &envelope), Err(OpenError::NotSealedToRound));
}

#[test]
fn every_reason_is_told_in_words() {
    let told = [
        EnvelopeError::Length { found: 3 }.to_string(),
        OpenError::OtherRound { sealed_to: 10, opened_with: 11 }.to_string(),
        BeaconError::Length { found: 3 }.to_string(),
    ];
    assert_eq!(
        told,
        [
            "a sealed envelope has 704 bytes, and this has 3",
            "the envelope is sealed to round 10, and this is round 11",
            "a round's signature has 48 bytes, and this has 3",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..=ENVELOPE_LENGTH + 8)) {
        prop_assert!(Envelope::parse(&bytes).is_err());
        prop_assert!(verify(&Chain::quicknet(), 123, &bytes).is_err());
        prop_assert!(Chain::local(&bytes, 0, 1).is_err());
    }

    #[test]
    fn an_envelope_with_arbitrary_bytes_behind_its_label_is_answered(
        point in any::<[u8; 32]>(),
        rest in proptest::collection::vec(any::<u8>(), ENVELOPE_LENGTH - V_AT),
    ) {
        // The head and half of the point's first coordinate stay, so that some bytes are points of the curve.
        let parsed = with(|bytes| {
            bytes[V_AT - 32..V_AT].copy_from_slice(&point);
            bytes[V_AT..].copy_from_slice(&rest);
        });
        prop_assert_eq!(parsed, Err(EnvelopeError::Point));
        let kept_point = with(|bytes| bytes[V_AT..].copy_from_slice(&rest)).unwrap();
        prop_assert_eq!(open(&output(&local(), 10), &kept_point), Err(OpenError::NotSealedToRound));
    }
}
