use alloc::vec::Vec;

use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};

use super::commitment::update_field;

/// Root of the entrants' Merkle tree (RFC 6962 §2.1) over their codes in byte order.
pub fn entrants_root(codes: &[&str]) -> Digest {
    let mut sorted: Vec<&str> = codes.to_vec();
    sorted.sort_unstable();
    let leaves: Vec<[u8; 32]> = sorted
        .iter()
        .map(|code| Sha256::new_with_prefix([0u8]).chain_update(code.as_bytes()).finalize().into())
        .collect();
    Digest(subtree(&leaves))
}

fn subtree(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            Sha256::new_with_prefix([1u8]).chain_update(subtree(left)).chain_update(subtree(right)).finalize().into()
        }
    }
}

/// Seed of a draw.
///
/// SHA-256 over the tag `landgavel/draw/v1`, a zero byte, lot id and stage id each as a big-endian
/// u32 length and its bytes, the entrants' root, and each output of the beacon in the order of the
/// rule's sources.
pub fn seed(lot: &str, stage: &str, root: Digest, outputs: &[Digest]) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/draw/v1\0");
    update_field(&mut hash, lot.as_bytes());
    update_field(&mut hash, stage.as_bytes());
    hash.update(root.0);
    for output in outputs {
        hash.update(output.0);
    }
    Digest(hash.finalize().into())
}

/// Unbiased numbers from a seed: block i is SHA-256(seed ‖ i as u64 big-endian), four big-endian
/// u64 words each.
struct Numbers {
    seed: Digest,
    block: u64,
    words: [u64; 4],
    used: usize,
}

impl Numbers {
    fn new(seed: Digest) -> Self {
        Self { seed, block: 0, words: [0; 4], used: 4 }
    }

    fn word(&mut self) -> u64 {
        if self.used == 4 {
            let bytes: [u8; 32] =
                Sha256::new_with_prefix(self.seed.0).chain_update(self.block.to_be_bytes()).finalize().into();
            for (word, chunk) in self.words.iter_mut().zip(bytes.chunks_exact(8)) {
                *word = u64::from_be_bytes(chunk.try_into().expect("chunks of eight"));
            }
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Uniform below `bound` by rejection: words at or above the largest multiple of `bound` are
    /// thrown away. A bound below 2^63 rejects less than half of them.
    fn below(&mut self, bound: u64) -> u64 {
        let excess = (u64::MAX % bound + 1) % bound;
        loop {
            let word = self.word();
            if word <= u64::MAX - excess {
                return word % bound;
            }
        }
    }
}

/// A uniform permutation of `0..count`: Fisher–Yates from the last place down.
pub fn shuffle(seed: Digest, count: usize) -> Vec<usize> {
    let mut numbers = Numbers::new(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        let other = numbers.below(place as u64 + 1);
        order.swap(place, usize::try_from(other).expect("below the count"));
    }
    order
}

/// The order in which entrants are drawn when entrant i holds `tickets[i]` tickets: one draw after
/// another among the tickets that are left; entrants without tickets follow in their own order.
pub fn tickets_order(seed: Digest, tickets: &[u64]) -> Vec<usize> {
    let mut numbers = Numbers::new(seed);
    let mut left: Vec<usize> = (0..tickets.len()).filter(|&index| tickets[index] > 0).collect();
    let mut order = Vec::with_capacity(tickets.len());
    let mut total: u64 = left.iter().map(|&index| tickets[index]).sum();
    while !left.is_empty() {
        let mut ticket = numbers.below(total);
        let place = left
            .iter()
            .position(|&index| {
                let held = tickets[index];
                if ticket < held {
                    true
                } else {
                    ticket -= held;
                    false
                }
            })
            .expect("the ticket is below the total");
        let drawn = left.remove(place);
        total -= tickets[drawn];
        order.push(drawn);
    }
    order.extend((0..tickets.len()).filter(|&index| tickets[index] == 0));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed once by independent Python and JavaScript programs.
    #[test]
    fn shuffle_matches_an_independent_vector() {
        let seed = Digest::from_hex("aa973faad65f84b8a443cede8d51fa12567af43c88973aef8ec8a5b460995cc7").unwrap();
        assert_eq!(shuffle(seed, 10), [5, 8, 2, 4, 6, 0, 7, 3, 1, 9]);
    }

    #[test]
    fn a_root_does_not_depend_on_the_order_of_entrants() {
        assert_eq!(entrants_root(&["A", "B", "C"]), entrants_root(&["C", "A", "B"]));
        assert_ne!(entrants_root(&["A", "B", "C"]), entrants_root(&["A", "B"]));
    }

    #[test]
    fn every_order_of_four_is_about_equally_frequent() {
        let mut counts = alloc::collections::BTreeMap::new();
        for number in 0u32..24_000 {
            let seed = Digest(Sha256::digest(number.to_be_bytes()).into());
            *counts.entry(shuffle(seed, 4)).or_insert(0i64) += 1;
        }
        assert_eq!(counts.len(), 24);
        // χ² with 23 degrees of freedom exceeds 49.7 with probability 0.001; scaled by 1000.
        let chi_square: i64 = counts.values().map(|count| (count - 1000) * (count - 1000)).sum();
        assert!(chi_square < 49_700, "{chi_square}");
    }

    #[test]
    fn tickets_weigh_the_first_place() {
        let mut first = [0u32; 3];
        for number in 0u32..6_000 {
            let seed = Digest(Sha256::digest(number.to_be_bytes()).into());
            first[tickets_order(seed, &[1, 2, 3])[0]] += 1;
        }
        assert!(
            first[0].abs_diff(1000) < 120 && first[1].abs_diff(2000) < 150 && first[2].abs_diff(3000) < 160,
            "{first:?}"
        );
    }

    #[test]
    fn who_has_no_ticket_is_drawn_last() {
        let seed = Digest([7; 32]);
        assert_eq!(tickets_order(seed, &[0, 5, 0])[..], [1, 0, 2]);
    }
}
