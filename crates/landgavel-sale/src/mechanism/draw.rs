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
    shuffle_by(count, |bound| numbers.below(bound))
}

/// The same with numbers from elsewhere, so that every run of numbers can be tried.
fn shuffle_by(count: usize, mut below: impl FnMut(u64) -> u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        let other = below(place as u64 + 1);
        order.swap(place, usize::try_from(other).expect("below the count"));
    }
    order
}

/// The order in which entrants are drawn when entrant i holds `tickets[i]` tickets: one draw after
/// another among the tickets that are left; entrants without tickets follow in their own order.
pub fn tickets_order(seed: Digest, tickets: &[u64]) -> Vec<usize> {
    let mut numbers = Numbers::new(seed);
    tickets_order_by(tickets, |bound| numbers.below(bound))
}

fn tickets_order_by(tickets: &[u64], mut below: impl FnMut(u64) -> u64) -> Vec<usize> {
    let mut left: Vec<usize> = (0..tickets.len()).filter(|&index| tickets[index] > 0).collect();
    let mut order = Vec::with_capacity(tickets.len());
    let mut total: u64 = left.iter().map(|&index| tickets[index]).sum();
    while !left.is_empty() {
        let mut ticket = below(total);
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

    /// Runs something with every run of numbers below the bounds that it asks for.
    fn with_every_run(mut each: impl FnMut(&mut dyn FnMut(u64) -> u64)) {
        // The numbers of a run, and their bounds; the last that can grow grows.
        let mut run: Vec<(u64, u64)> = Vec::new();
        loop {
            let mut used = 0;
            each(&mut |bound| {
                if used == run.len() {
                    run.push((0, bound));
                }
                used += 1;
                assert_eq!(run[used - 1].1, bound, "bounds depend on the numbers before them alone");
                run[used - 1].0
            });
            while run.last().is_some_and(|(number, bound)| number + 1 == *bound) {
                run.pop();
            }
            match run.last_mut() {
                Some((number, _)) => *number += 1,
                None => return,
            }
        }
    }

    #[test]
    fn every_order_comes_from_exactly_one_run_of_numbers() {
        for count in 0..=7usize {
            let mut found = alloc::collections::BTreeSet::new();
            let mut runs = 0usize;
            with_every_run(|below| {
                runs += 1;
                assert!(found.insert(shuffle_by(count, below)), "an order comes twice");
            });
            assert_eq!(runs, (1..=count).product::<usize>(), "{count} entrants");
        }
    }

    /// A number below a bound comes from exactly as many words as any other: the words above are thrown away.
    #[test]
    fn every_number_below_a_bound_has_as_many_words() {
        let bounds = (1..=4096u64).chain([1 << 32, (1 << 32) + 1, 1 << 62, (1 << 62) + 1, (1 << 63) - 1, 1 << 63]);
        for bound in bounds {
            let excess = (u64::MAX % bound + 1) % bound;
            let words = u128::from(u64::MAX - excess) + 1;
            assert_eq!(words % u128::from(bound), 0, "{bound}");
            assert!(words > 1 << 63, "fewer than half are thrown away: {bound}");
        }
    }

    /// Over all runs of numbers an entrant comes first exactly as often as its share of the tickets.
    #[test]
    fn tickets_weigh_every_place_exactly() {
        for tickets in [&[1u64, 2, 3][..], &[4, 1, 1], &[1, 1, 1, 1], &[2, 0, 5], &[3, 3]] {
            let mut weights: alloc::collections::BTreeMap<Vec<usize>, u128> = alloc::collections::BTreeMap::new();
            let everything: u128 = (1..=tickets.iter().sum::<u64>()).map(u128::from).product();
            with_every_run(|below| {
                // A run of few numbers stands for all runs of many that begin with it.
                let mut choices = 1;
                let order = tickets_order_by(tickets, |bound| {
                    choices *= u128::from(bound);
                    below(bound)
                });
                assert_eq!(everything % choices, 0);
                *weights.entry(order).or_default() += everything / choices;
            });
            assert_eq!(weights.values().sum::<u128>(), everything);
            for (order, weight) in weights {
                // The chance of an order: at each place the entrant's tickets among those that are left.
                let mut left: u64 = tickets.iter().sum();
                let (mut above, mut below) = (1, 1);
                for &entrant in order.iter().filter(|&&entrant| tickets[entrant] > 0) {
                    above *= u128::from(tickets[entrant]);
                    below *= u128::from(left);
                    left -= tickets[entrant];
                }
                assert_eq!(weight * below, everything * above, "{tickets:?}: {order:?}");
            }
        }
    }

    #[test]
    fn who_has_no_ticket_is_drawn_last() {
        let seed = Digest([7; 32]);
        assert_eq!(tickets_order(seed, &[0, 5, 0])[..], [1, 0, 2]);
    }
}
