//! Chance by counter: the same seed, sale, bidder and purpose give the same number, whoever asks, in whatever order.
//!
//! So rules are compared on the same bidders (common random numbers), and results don't depend on the number of threads.
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; SC 2011).

pub(crate) const ROUNDS: usize = 10;
pub(crate) const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
pub(crate) const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Four words from a counter and a key.
pub fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let (high0, low0) = wide(MULTIPLIERS[0], counter[0]);
        let (high1, low1) = wide(MULTIPLIERS[1], counter[2]);
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
    }
    counter
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn wide(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    ((product >> 32) as u32, product as u32)
}

/// What a number is drawn for; each has a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What a bidder is.
    Type,
    /// What becomes of its business.
    Fate,
    /// The lots.
    Lots,
    /// Anything that a study draws once.
    Design,
    /// All of one sale, word by word.
    Sale,
}

/// The seed of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The key of the generator.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    pub(crate) fn key(self) -> [u32; 2] {
        [self.0 as u32, (self.0 >> 32) as u32]
    }

    /// A word of the stream of a sale.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word, and a place among four")]
    pub fn word(self, sale: u64, index: u32) -> u32 {
        let counter = [sale as u32, (sale >> 32) as u32, index / 4, Purpose::Sale as u32];
        philox(counter, self.key())[(index % 4) as usize]
    }

    /// Four uniform numbers in (0, 1) for a bidder of a sale.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    pub fn uniforms(self, purpose: Purpose, sale: u64, bidder: u32) -> [f64; 4] {
        let counter = [sale as u32, (sale >> 32) as u32, bidder, purpose as u32];
        let words = philox(counter, self.key());
        words.map(|word| (f64::from(word) + 0.5) / 4_294_967_296.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_numbers() {
        // Known answers of Random123 for philox4x32-10.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let digits_of_pi = philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!(digits_of_pi, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }
}
