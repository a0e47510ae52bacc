//! Which chain, and when its rounds come.

use landgavel_beacon::{BadChain, Chain, LocalChain};
use proptest::prelude::*;

use crate::hex;

/// Published with quicknet: tlock-js `src/drand/defaults.ts`, drand-verify `src/verify.rs`.
const QUICKNET_HASH: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";

#[test]
fn the_pinned_constants_hash_to_the_published_chain_hash() {
    let chain = Chain::quicknet();
    assert_eq!(hex::text(&chain.hash()), QUICKNET_HASH);
    assert_eq!((chain.name(), chain.is_local()), ("quicknet", false));
    assert_eq!((chain.genesis_ms(), chain.period_ms()), (1_692_803_367_000, 3000));
}

#[test]
fn a_chain_that_is_not_pinned_says_that_it_is_local() {
    let made = LocalChain::from_seed([1; 32], 1_700_000_000, 3).unwrap();
    assert_eq!((made.chain().name(), made.chain().is_local()), ("local", true));
    // Quicknet's own key and times do not make a public chain of one that is stated by others.
    let stated = Chain::local(Chain::quicknet().public_key(), 1_692_803_367, 3).unwrap();
    assert!(stated.is_local());
    assert_ne!(stated.hash(), Chain::quicknet().hash());
}

#[test]
fn a_local_chain_is_known_by_its_public_side_alone() {
    let made = LocalChain::from_seed([2; 32], 1_700_000_000, 5).unwrap();
    let known = Chain::local(made.chain().public_key(), 1_700_000_000, 5).unwrap();
    assert_eq!(&known, made.chain());
    let other = LocalChain::from_seed([3; 32], 1_700_000_000, 5).unwrap();
    assert_ne!(other.chain().hash(), known.hash());
    for (genesis, period) in [(1_700_000_001, 5), (1_700_000_000, 6)] {
        assert_ne!(Chain::local(known.public_key(), genesis, period).unwrap().hash(), known.hash());
    }
}

#[test]
fn no_chain_has_a_bad_key_or_impossible_times() {
    let key = *Chain::quicknet().public_key();
    assert_eq!(Chain::local(&key, 0, 0), Err(BadChain::Period));
    assert_eq!(Chain::local(&key, -1, 1), Err(BadChain::Genesis));
    assert_eq!(Chain::local(&key, i64::MAX, 1), Err(BadChain::Genesis));
    assert_eq!(Chain::local(&key[..95], 0, 1), Err(BadChain::Key));
    assert_eq!(Chain::local(&[0; 96], 0, 1), Err(BadChain::Key));
    let mut identity = [0; 96];
    identity[0] = 0xc0;
    assert_eq!(Chain::local(&identity, 0, 1), Err(BadChain::Key));
}

#[test]
fn round_one_comes_at_genesis_and_round_zero_never() {
    let chain = Chain::quicknet();
    assert_eq!(chain.time_of_round(0), None);
    assert_eq!(chain.time_of_round(1), Some(1_692_803_367_000));
    assert_eq!(chain.time_of_round(2), Some(1_692_803_370_000));
    assert_eq!(chain.time_of_round(u64::MAX), None);
}

#[test]
fn the_round_at_a_time_is_the_first_not_before_it() {
    let chain = Chain::quicknet();
    let genesis = chain.genesis_ms();
    assert_eq!(chain.round_at(i64::MIN), Some(1));
    assert_eq!(chain.round_at(genesis), Some(1));
    assert_eq!(chain.round_at(genesis + 1), Some(2));
    assert_eq!(chain.round_at(genesis + 3000), Some(2));
    assert_eq!(chain.round_at(genesis + 3001), Some(3));
    // The round after the last moment of 64 bits has no time.
    assert_eq!(chain.round_at(i64::MAX), None);
}

proptest! {
    #[test]
    fn round_and_time_agree(time in any::<i64>(), genesis in 0..=i64::MAX / 1000, period in 1..=u32::MAX) {
        let chain = Chain::local(Chain::quicknet().public_key(), genesis, period).unwrap();
        if let Some(round) = chain.round_at(time) {
            let comes = chain.time_of_round(round).unwrap();
            prop_assert!(comes >= time);
            prop_assert!(round == 1 || chain.time_of_round(round - 1).unwrap() < time);
        } else {
            // No round comes between that moment and the end of 64 bits.
            prop_assert!(i128::from(time) + i128::from(chain.period_ms()) > i128::from(i64::MAX));
        }
    }

    #[test]
    fn the_round_at_the_time_of_a_round_is_that_round(round in 1_u64..1 << 40) {
        let chain = Chain::quicknet();
        prop_assert_eq!(chain.round_at(chain.time_of_round(round).unwrap()), Some(round));
    }
}
