//! The tree against published values, and all proofs of all small trees.

use landgavel_log::tree::{
    Frontier, Hash, HashReader, TreeError, empty_root, leaf_hash, node_hash, prove_consistency, prove_inclusion,
    root_of, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::entry;

/// Leaves and the roots of the trees over them: reference values of Certificate Transparency, from
/// `testonly/constants.go` of transparency-dev/merkle (Apache-2.0).
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hash(text: &str) -> Hash {
    Hash(unhex(text).try_into().unwrap())
}

/// Leaf hashes in memory; an inner hash is computed by the plain recursion.
struct Leaves(Vec<Hash>);

impl Leaves {
    fn new(size: u64) -> Leaves {
        Leaves((0..size).map(|index| leaf_hash(&entry(index))).collect())
    }
}

impl HashReader for Leaves {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        let start = (index << level) as usize;
        self.0.get(start..start + (1 << level)).map(plain_root)
    }
}

/// The definition of RFC 6962, section 2.1, word for word.
fn plain_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        more => {
            let mut split = 1;
            while split * 2 < more.len() {
                split *= 2;
            }
            node_hash(plain_root(&more[..split]), plain_root(&more[split..]))
        }
    }
}

#[test]
fn roots_are_the_published_ones() {
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), hash(ROOTS[0]));
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        frontier.push(leaf_hash(&unhex(leaf))).unwrap();
        assert_eq!(frontier.root(), hash(root));
    }
}

#[test]
fn published_paths_are_made_and_accepted() {
    let leaves = Leaves(LEAVES.iter().map(|leaf| leaf_hash(&unhex(leaf))).collect());
    let inclusion = prove_inclusion(&leaves, 5, 8).unwrap();
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion, expected.map(hash));
    let consistency = prove_consistency(&leaves, 6, 8).unwrap();
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency, expected.map(hash));
}

#[test]
fn all_roots_and_proofs_of_small_trees_hold() {
    let leaves = Leaves::new(64);
    let roots: Vec<Hash> = (0..=64).map(|size| plain_root(&leaves.0[..size])).collect();
    let mut frontier = Frontier::new();
    for size in 0..=64_u64 {
        let root = roots[size as usize];
        assert_eq!((frontier.root(), root_of(&leaves, size)), (root, Ok(root)));
        for index in 0..size {
            let proof = prove_inclusion(&leaves, index, size).unwrap();
            let leaf = leaves.0[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &proof, root).is_err(), "{index} as {other} of {size}");
            }
            let longer: Vec<Hash> = proof.iter().copied().chain([root]).collect();
            assert_eq!(verify_inclusion(leaf, index, size, &longer, root), Err(TreeError::ProofLength));
            if let Some((_, shorter)) = proof.split_last() {
                assert_eq!(verify_inclusion(leaf, index, size, shorter, root), Err(TreeError::ProofLength));
            }
        }
        for old in 0..=size {
            let proof = prove_consistency(&leaves, old, size).unwrap();
            assert_eq!(verify_consistency(old, size, &proof, roots[old as usize], root), Ok(()), "{old} of {size}");
            let wrong = leaf_hash(b"another");
            assert!(verify_consistency(old, size, &proof, wrong, root).is_err());
            if old > 0 {
                assert!(verify_consistency(old, size, &proof, roots[old as usize], wrong).is_err());
            }
            let longer: Vec<Hash> = proof.iter().copied().chain([root]).collect();
            assert!(verify_consistency(old, size, &longer, roots[old as usize], root).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_consistency(old, size, shorter, roots[old as usize], root).is_err());
            }
        }
        if size < 64 {
            frontier.push(leaves.0[size as usize]).unwrap();
        }
    }
}

#[test]
fn a_proof_with_one_bit_changed_is_refused() {
    let leaves = Leaves::new(21);
    let root = plain_root(&leaves.0);
    for index in 0..21 {
        let proof = prove_inclusion(&leaves, index, 21).unwrap();
        for changed in changed_hashes(&proof) {
            assert!(verify_inclusion(leaves.0[index as usize], index, 21, &changed, root).is_err());
        }
        let old_root = plain_root(&leaves.0[..index as usize]);
        for changed in changed_hashes(&prove_consistency(&leaves, index, 21).unwrap()) {
            assert!(verify_consistency(index, 21, &changed, old_root, root).is_err());
        }
    }
}

fn changed_hashes(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let flat: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
    crate::bit_flips(&flat).map(|bytes| bytes.chunks(32).map(|hash| Hash(hash.try_into().unwrap())).collect()).collect()
}

#[test]
fn what_is_out_of_range_is_refused() {
    let leaves = Leaves::new(3);
    assert_eq!(prove_inclusion(&leaves, 3, 3), Err(TreeError::OutOfRange));
    assert_eq!(prove_consistency(&leaves, 4, 3), Err(TreeError::OutOfRange));
    assert_eq!(prove_inclusion(&leaves, 0, u64::MAX), Err(TreeError::TooLarge));
    assert!(matches!(prove_inclusion(&leaves, 0, 4), Err(TreeError::Missing { .. })));
}

proptest! {
    #[test]
    fn arbitrary_proofs_are_judged_without_panic(
        index: u64, size: u64, bytes in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Hash> = bytes.into_iter().map(Hash).collect();
        let root = leaf_hash(b"root");
        prop_assert!(verify_inclusion(leaf_hash(b"leaf"), index, size, &proof, root).is_err());
        prop_assert!(verify_consistency(index, size, &proof, leaf_hash(b"old"), root).is_err());
    }
}
