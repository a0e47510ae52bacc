//! Sealing and opening.

use landgavel_beacon::{
    Chain, ENVELOPE_LENGTH, Envelope, LocalChain, MAX_PLAINTEXT, OpenError, Output, SealError, open, seal, verify,
};
use proptest::prelude::*;

/// A local chain that begins with 2023-11-14T22:13:20Z, a round every three seconds.
pub(crate) fn local() -> LocalChain {
    LocalChain::from_seed([7; 32], 1_700_000_000, 3).expect("possible times")
}

/// What the chain publishes in a round.
pub(crate) fn output(local: &LocalChain, round: u64) -> Output {
    verify(local.chain(), round, &local.sign(round)).expect("its own signature")
}

#[test]
fn every_envelope_has_one_length_and_opens_to_what_was_sealed() {
    let local = local();
    let output = output(&local, 10);
    for length in [0, 1, 16, 479, MAX_PLAINTEXT] {
        // Zeros at the end come back too: one published library strips them.
        for byte in [0, 0xff] {
            let plaintext = vec![byte; length];
            let envelope = seal(local.chain(), 10, &plaintext, [1; 32]).unwrap();
            assert_eq!(envelope.as_bytes().len(), ENVELOPE_LENGTH);
            assert_eq!((envelope.round(), envelope.chain_hash()), (10, local.chain().hash()));
            let received = Envelope::parse(envelope.as_bytes()).unwrap();
            assert_eq!(received, envelope);
            assert_eq!(open(&output, &received), Ok(plaintext));
        }
    }
}

#[test]
fn what_does_not_fit_is_not_sealed() {
    let chain = Chain::quicknet();
    assert_eq!(seal(&chain, 1, &[0; MAX_PLAINTEXT + 1], [1; 32]), Err(SealError::TooLong { found: 481 }));
    assert_eq!(seal(&chain, 1, &[0; 70_000], [1; 32]), Err(SealError::TooLong { found: 70_000 }));
    assert_eq!(seal(&chain, 0, b"", [1; 32]), Err(SealError::RoundZero));
}

#[test]
fn a_seal_follows_from_its_arguments_and_each_of_them_counts() {
    let local = local();
    let first = seal(local.chain(), 10, b"a", [1; 32]).unwrap();
    assert_eq!(seal(local.chain(), 10, b"a", [1; 32]).unwrap(), first);
    let elsewhere = LocalChain::from_seed([8; 32], 1_700_000_000, 3).unwrap();
    // Not only the bytes: the hidden key too, so that reused randomness does not reuse a key.
    let point = |envelope: &Envelope| envelope.as_bytes()[48..144].to_vec();
    for other in [
        seal(local.chain(), 10, b"b", [1; 32]),
        seal(local.chain(), 10, b"a\0", [1; 32]),
        seal(local.chain(), 10, b"a", [2; 32]),
        seal(local.chain(), 11, b"a", [1; 32]),
        seal(elsewhere.chain(), 10, b"a", [1; 32]),
    ] {
        assert_ne!(point(&other.unwrap()), point(&first));
    }
}

#[test]
fn another_round_or_chain_opens_nothing() {
    let local = local();
    let envelope = seal(local.chain(), 10, b"bid", [1; 32]).unwrap();
    for round in [1, 9, 11] {
        let refused = OpenError::OtherRound { sealed_to: 10, opened_with: round };
        assert_eq!(open(&output(&local, round), &envelope), Err(refused));
    }
    let elsewhere = LocalChain::from_seed([8; 32], 1_700_000_000, 3).unwrap();
    assert_eq!(open(&output(&elsewhere, 10), &envelope), Err(OpenError::OtherChain));
}

#[test]
fn what_is_sealed_to_quicknet_opens_with_what_quicknet_published() {
    let chain = Chain::quicknet();
    let envelope = seal(&chain, 123, "每亩 1200 元".as_bytes(), [9; 32]).unwrap();
    let signature = crate::hex::bytes(
        "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92",
    );
    let output = verify(&chain, 123, &signature).unwrap();
    assert_eq!(open(&output, &envelope).unwrap(), "每亩 1200 元".as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_comes_back(
        plaintext in proptest::collection::vec(any::<u8>(), 0..=MAX_PLAINTEXT),
        randomness in any::<[u8; 32]>(),
        round in 1_u64..=u64::MAX,
    ) {
        let local = local();
        let envelope = seal(local.chain(), round, &plaintext, randomness).unwrap();
        prop_assert_eq!(open(&output(&local, round), &envelope), Ok(plaintext));
    }
}
