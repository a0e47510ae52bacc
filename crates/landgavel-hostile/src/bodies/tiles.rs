use landgavel_log::tile::{TileKind, TilePath, TileSet, TileWriter, decode_bundle, decode_hashes, encode_entry};
use landgavel_log::tree::{
    Frontier, Hash, HashReader, leaf_hash, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
use std::collections::BTreeMap;

use crate::tape::Tape;

/// Most leaves of a tree that is made here: it has tiles of two levels.
const LEAVES_MAX: usize = 600;

/// Tiles and bundles of entries of any bytes, and proofs in a tree that a hostile hand changes.
///
/// # Panics
/// When bytes that are read are not written back the same, a changed proof holds, or a reader panics.
pub fn tiles(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    match tape.byte() % 4 {
        0 => decode(&mut tape),
        1 => resume(&mut tape),
        2 => proofs(&mut tape),
        _ => numbers(&mut tape),
    }
}

fn decode(tape: &mut Tape<'_>) {
    let width = u16::try_from(tape.below(300)).unwrap_or(0);
    let bytes = tape.rest();
    if let Ok(entries) = decode_bundle(bytes, width) {
        let mut again = Vec::new();
        entries.iter().for_each(|entry| encode_entry(entry, &mut again).unwrap());
        assert_eq!(again, bytes);
    }
    if let Ok(hashes) = decode_hashes(bytes, width) {
        assert_eq!(hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>(), bytes);
    }
}

/// A writer that starts from tiles which somebody else kept.
fn resume(tape: &mut Tape<'_>) {
    let size = match tape.byte() % 3 {
        0 => tape.number(),
        _ => tape.below(700) as u64,
    };
    let mut kept: BTreeMap<TilePath, Vec<u8>> = BTreeMap::new();
    let mut honest = TileWriter::new();
    for number in 0..size.min(LEAVES_MAX as u64) {
        honest.append(&number.to_be_bytes(), |_, _| ()).unwrap();
    }
    honest.partials(|path, bytes| drop(kept.insert(path, bytes.to_vec())));
    let is_changed = tape.byte() % 2 == 1;
    if is_changed {
        let place = tape.below(kept.len());
        kept.values_mut().nth(place).into_iter().for_each(|bytes| crate::tape::mangle(bytes, tape));
    }
    let resumed = TileWriter::resume(size, |path| kept.get(path).cloned());
    if let Ok(mut writer) = resumed {
        assert_eq!(writer.size(), size);
        let _ = (writer.append(b"more", |_, _| ()), writer.root());
        assert!(is_changed || honest.size() != size || writer.size() == honest.size() + 1);
    }
}

struct Leaves(Vec<Hash>);

impl HashReader for Leaves {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        let width = 1_usize.checked_shl(u32::from(level))?;
        let from = usize::try_from(index).ok()?.checked_mul(width)?;
        let mut tree = Frontier::new();
        self.0.get(from..from.checked_add(width)?)?.iter().for_each(|leaf| tree.push(*leaf).unwrap());
        Some(tree.root())
    }
}

/// A proof in a real tree, changed: nothing but the same proof may hold.
fn proofs(tape: &mut Tape<'_>) {
    let size = 1 + tape.below(70);
    let leaves = Leaves((0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect());
    let root = |size: usize| {
        let mut tree = Frontier::new();
        leaves.0[..size].iter().for_each(|leaf| tree.push(*leaf).unwrap());
        tree.root()
    };
    let (index, old) = (tape.below(size), tape.below(size + 1));
    let (long, of) = (size as u64, index as u64);
    let mut inclusion = prove_inclusion(&leaves, of, long).unwrap();
    let mut consistency = prove_consistency(&leaves, old as u64, long).unwrap();
    assert_eq!(verify_inclusion(leaves.0[index], of, long, &inclusion, root(size)), Ok(()));
    assert_eq!(verify_consistency(old as u64, long, &consistency, root(old), root(size)), Ok(()));
    let good = (inclusion.clone(), consistency.clone());
    change(&mut inclusion, tape);
    change(&mut consistency, tape);
    let inclusion_holds = verify_inclusion(leaves.0[index], of, long, &inclusion, root(size)).is_ok();
    let consistency_holds = verify_consistency(old as u64, long, &consistency, root(old), root(size)).is_ok();
    assert_eq!((inclusion_holds, consistency_holds), (inclusion == good.0, consistency == good.1));
}

fn change(proof: &mut Vec<Hash>, tape: &mut Tape<'_>) {
    let place = tape.below(proof.len());
    match tape.byte() % 6 {
        0 => {}
        1 => drop(proof.pop()),
        2 => proof.push(Hash([tape.byte(); 32])),
        3 if !proof.is_empty() => drop(proof.remove(place)),
        4 => proof.reverse(),
        _ => proof.iter_mut().skip(place).take(1).for_each(|hash| hash.0[0] ^= tape.byte()),
    }
}

/// Proofs of any bytes at any sizes.
fn numbers(tape: &mut Tape<'_>) {
    let (a, b) = (tape.number(), tape.number());
    let hashes: Vec<Hash> = tape.rest().as_chunks::<32>().0.iter().take(80).copied().map(Hash).collect();
    let root = hashes.first().copied().unwrap_or(Hash([0; 32]));
    let _ = verify_inclusion(root, a, b, &hashes, root);
    let _ = verify_consistency(a, b, &hashes, root, root);
    let empty = TileSet::new(b, |_: &TilePath| None);
    let _ = (prove_inclusion(&empty, a, b), prove_consistency(&empty, a, b), empty.hash(63, a));
    let _ = landgavel_log::tile::tile_at(TileKind::Hashes(7), a, b);
}

/// One or more for each part.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0, 0, 2, 0, 1, b'a', 0, 0], [vec![0, 0, 2], vec![7; 64]].concat()];
    seeds.extend([[1, 1, 2, 88, 0], [1, 1, 2, 88, 1], [1, 0, 0, 0, 1]].map(Vec::from));
    seeds.extend([0_u8, 1, 2, 5, 31, 63, 69].map(|size| vec![2, 0, size, 0, size / 2, 0, size / 3, 0, 1, 5, 3]));
    seeds.push([vec![3], vec![0; 15], vec![9], vec![1; 96]].concat());
    seeds.push([vec![3], vec![0x7f; 16], vec![1; 2016]].concat());
    seeds
}
