//! A beacon of one key, for tests and rehearsals where no public beacon can be reached.

use ark_bls12_381::Fr;
use ark_ff::PrimeField;
use sha2::{Digest as _, Sha256};

use crate::chain::{BadChain, Chain};
use crate::curve::{SIGNATURE_LENGTH, generator_times, round_point, times_g1, write_g1, write_g2};

/// A chain of the same scheme as quicknet whose one secret key comes from a seed.
///
/// Whoever has the seed knows every round in advance. Its chain says so with `is_local`.
pub struct LocalChain {
    secret: Fr,
    chain: Chain,
}

impl LocalChain {
    /// Makes the chain of a seed; see [`Chain::local`] for the times.
    ///
    /// # Errors
    ///
    /// [`BadChain`] if no chain can have these times.
    pub fn from_seed(seed: [u8; 32], genesis_s: i64, period_s: u32) -> Result<Self, BadChain> {
        // 64 bytes, so that the remainder is as good as uniform.
        let mut wide = [0; 64];
        for (half, number) in wide.chunks_exact_mut(32).zip(0_u8..) {
            let tag = Sha256::new().chain_update("landgavel/local-chain/1").chain_update([number]);
            half.copy_from_slice(&tag.chain_update(seed).finalize());
        }
        let secret = Fr::from_be_bytes_mod_order(&wide);
        let public_key = write_g2(&generator_times(&secret));
        let chain = Chain::local(&public_key, genesis_s, period_s)?;
        Ok(Self { secret, chain })
    }

    /// The public side.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The signature of a round, which opens what is sealed to it.
    pub fn sign(&self, round: u64) -> [u8; SIGNATURE_LENGTH] {
        write_g1(&times_g1(&round_point(round), &self.secret))
    }
}
