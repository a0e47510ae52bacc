use landgavel_log::tile::{TileKind, decode_bundle, encode_entry, tile_at, tiles_of};
use landgavel_log::tree::{
    Hash, HashReader, leaf_hash, node_hash, prove_consistency, prove_inclusion, root_of, verify_consistency,
    verify_inclusion,
};
use serde_json::{Value, json};

use super::{compare, hex};

/// Most leaves of the trees here.
const LEAVES: u64 = 257;

fn entry(index: u64) -> String {
    format!("entry {index}")
}

/// The tree over the entries, by its definition.
struct Tree;

impl HashReader for Tree {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        match level {
            0 => (index < LEAVES).then(|| leaf_hash(entry(index).as_bytes())),
            _ => Some(node_hash(self.hash(level - 1, 2 * index)?, self.hash(level - 1, 2 * index + 1)?)),
        }
    }
}

fn hashes(proof: &[Hash]) -> Vec<String> {
    proof.iter().map(|hash| hex(&hash.0)).collect()
}

fn root(size: u64) -> Hash {
    root_of(&Tree, size).unwrap()
}

fn inclusion() -> Vec<Value> {
    let mut cases = Vec::new();
    for (index, size) in [(0, 1), (0, 2), (1, 2), (2, 3), (3, 7), (6, 7), (0, 256), (255, 256), (256, 257), (100, 257)]
    {
        let (leaf, proof) = (leaf_hash(entry(index).as_bytes()), prove_inclusion(&Tree, index, size).unwrap());
        assert!(verify_inclusion(leaf, index, size, &proof, root(size)).is_ok());
        let mut case = |index: u64, size: u64, proof: &[Hash]| {
            let holds = verify_inclusion(leaf, index, size, proof, root(size)).is_ok();
            cases.push(json!({"leaf": hex(&leaf.0), "index": index, "size": size, "proof": hashes(proof),
                              "root": hex(&root(size).0), "holds": holds}));
            holds
        };
        assert!(case(index, size, &proof));
        if let [_, shorter @ ..] = proof.as_slice() {
            assert!(!case(index, size, shorter));
        }
        if size > 1 {
            assert!(!case((index + 1) % size, size, &proof));
            assert!(!case(index, size, &[proof.as_slice(), &[leaf]].concat()));
        }
        assert!(!case(size, size, &proof));
    }
    cases
}

fn consistency() -> Vec<Value> {
    let mut cases = Vec::new();
    for (old, new) in [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (7, 8), (8, 8), (255, 257), (256, 257)] {
        let proof = prove_consistency(&Tree, old, new).unwrap();
        let mut case = |old_root: Hash, proof: &[Hash]| {
            let holds = verify_consistency(old, new, proof, old_root, root(new)).is_ok();
            cases.push(json!({"old": old, "new": new, "old_root": hex(&old_root.0), "new_root": hex(&root(new).0),
                              "proof": hashes(proof), "holds": holds}));
            holds
        };
        assert!(case(root(old), &proof));
        assert!(!case(leaf_hash(b"another"), &proof));
        assert!(!case(root(old), &[proof.as_slice(), &[root(old)]].concat()));
        if let [shorter @ .., _] = proof.as_slice() {
            assert!(!case(root(old), shorter));
        }
    }
    cases
}

fn bundles() -> Value {
    let mut accepted = Vec::new();
    for entries in [vec![b"a".to_vec()], vec![Vec::new(), b"bc".to_vec()], vec![vec![7; 300], vec![0]]] {
        let mut bundle = Vec::new();
        entries.iter().for_each(|entry| encode_entry(entry, &mut bundle).unwrap());
        assert_eq!(decode_bundle(&bundle, u16::try_from(entries.len()).unwrap()).unwrap(), entries);
        accepted.push(
            json!({"entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(), "bundle": hex(&bundle)}),
        );
    }
    let refused = [
        ("000161", 2, "fewer entries than the tile is wide"),
        ("000161000162", 1, "more entries than the tile is wide"),
        ("0002", 1, "the length of an entry that is not there"),
        ("000261", 1, "an entry that is cut short"),
        ("00016100", 1, "half a length"),
        ("", 1, "nothing"),
    ];
    let refused = refused.iter().map(|(hex, width, why)| {
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        assert!(decode_bundle(&bytes, *width).is_err(), "{why}");
        json!({"bundle": hex, "width": width, "why": why})
    });
    json!({"accepted": accepted, "refused": refused.collect::<Vec<_>>()})
}

#[test]
fn trees_tiles_and_proofs() {
    let roots: Vec<Value> =
        (0..=9).chain([255, 256, 257]).map(|size| json!({"size": size, "root": hex(&root(size).0)})).collect();
    let leaves: Vec<Value> = [String::new(), entry(0), "落槌".to_owned()]
        .iter()
        .map(|entry| json!({"entry": entry, "leaf": hex(&leaf_hash(entry.as_bytes()).0)}))
        .collect();
    let tiles: Vec<Value> = [0, 1, 255, 256, 257, 512, 65_536, 65_792]
        .iter()
        .map(|size| {
            let mut paths: Vec<String> = tiles_of(*size).map(|path| path.to_string()).collect();
            paths.sort_unstable();
            let (first, last) = (paths.first().cloned(), paths.last().cloned());
            let listed = if paths.len() > 12 { json!(null) } else { json!(paths) };
            json!({"size": size, "count": paths.len(), "first": first, "last": last, "paths": listed})
        })
        .collect();
    let names: Vec<Value> = [(0, 5), (999, 256), (1000, 1), (1_234_067, 5), (1_000_000_000, 256)]
        .iter()
        .map(|(index, width)| {
            let path = tile_at(TileKind::Hashes(0), *index, index * 256 + width).unwrap();
            json!({"level": 0, "index": index, "width": width, "path": path.to_string()})
        })
        .collect();
    compare(
        "log.json",
        &json!({"about": "Trees and tiles, docs/format/bundle.md. Entry n of the trees is the text `entry n`.",
                "leaves": leaves, "roots": roots, "inclusion": inclusion(), "consistency": consistency(),
                "tiles": tiles, "names": names, "bundles": bundles()}),
    );
}
