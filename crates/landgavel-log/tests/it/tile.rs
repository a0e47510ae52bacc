//! Tiles: paths of the specification, and proofs read from tiles.

use landgavel_log::tile::{
    MAX_ENTRY, TileError, TileKind, TilePath, TileSet, TileWriter, WIDTH, decode_bundle, encode_entry, tiles_of,
};
use landgavel_log::tree::{
    Frontier, leaf_hash, prove_consistency, prove_inclusion, root_of, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::{bit_flips, entry, log_of};

#[test]
fn paths_are_those_of_the_specification() {
    let kinds = [
        (TileKind::Hashes(0), 1_234_067, WIDTH, "tile/0/x001/x234/067"),
        (TileKind::Hashes(0), 1234, 17, "tile/0/x001/234.p/17"),
        (TileKind::Hashes(63), 999, 255, "tile/63/999.p/255"),
        (TileKind::Entries, 0, WIDTH, "tile/entries/000"),
        (TileKind::Entries, 1000, 1, "tile/entries/x001/000.p/1"),
        (TileKind::Entries, u64::MAX, WIDTH, "tile/entries/x018/x446/x744/x073/x709/x551/615"),
    ];
    for (kind, index, width, text) in kinds {
        let path = TilePath { kind, index, width };
        assert_eq!((path.to_string().as_str(), TilePath::parse(text)), (text, Ok(path)));
    }
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for text in [
        "",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/001",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/017",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/001/",
        "/tile/0/001",
        "tile/entries/x018/x446/x744/x073/x709/x551/616",
        "tile/0/+01",
    ] {
        assert_eq!(TilePath::parse(text), Err(TileError::Path), "{text}");
    }
}

#[test]
fn tiles_of_the_sizes_in_the_specification() {
    let count = |size, kind| tiles_of(size).filter(|tile| tile.kind == kind).count();
    let last = |size, kind| tiles_of(size).filter(|tile| tile.kind == kind).last().unwrap().width;
    assert_eq!((count(70_000, TileKind::Hashes(0)), last(70_000, TileKind::Hashes(0))), (274, 112));
    assert_eq!((count(70_000, TileKind::Hashes(1)), last(70_000, TileKind::Hashes(1))), (2, 17));
    assert_eq!((count(70_000, TileKind::Hashes(2)), last(70_000, TileKind::Hashes(2))), (1, 1));
    assert_eq!((count(256, TileKind::Hashes(0)), last(256, TileKind::Hashes(1))), (1, 1));
    assert_eq!(tiles_of(0).count(), 0);
}

#[test]
fn written_tiles_are_the_listed_ones_and_prove_every_entry() {
    for size in [0, 1, 2, 255, 256, 257, 511, 700, 66_000] {
        let (writer, tiles) = log_of(size);
        let mut listed: Vec<TilePath> = tiles_of(size).collect();
        listed.sort();
        assert_eq!(tiles.keys().copied().collect::<Vec<_>>(), listed, "{size}");
        let mut frontier = Frontier::new();
        (0..size).for_each(|index| frontier.push(leaf_hash(&entry(index))).unwrap());
        let reader = TileSet::new(size, |path: &TilePath| tiles.get(path).cloned());
        assert_eq!((writer.root(), root_of(&reader, size)), (frontier.root(), Ok(frontier.root())));
        for index in (0..size).step_by(1 + size as usize / 97) {
            let proof = prove_inclusion(&reader, index, size).unwrap();
            assert_eq!(verify_inclusion(leaf_hash(&entry(index)), index, size, &proof, writer.root()), Ok(()));
            let proof = prove_consistency(&reader, index, size).unwrap();
            let old = root_of(&reader, index).unwrap();
            assert_eq!(verify_consistency(index, size, &proof, old, writer.root()), Ok(()));
        }
    }
}

#[test]
fn a_writer_goes_on_from_partial_tiles() {
    for size in [0, 1, 255, 256, 300, 65_536, 65_800] {
        let (mut first, tiles) = log_of(size);
        let mut second = TileWriter::resume(size, |path| tiles.get(path).cloned()).unwrap();
        assert_eq!(second.root(), first.root());
        for index in size..size + 300 {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            first.append(&entry(index), |path, bytes| a.push((path, bytes.to_vec()))).unwrap();
            second.append(&entry(index), |path, bytes| b.push((path, bytes.to_vec()))).unwrap();
            assert_eq!(a, b);
        }
        assert_eq!(second.root(), first.root());
    }
    assert!(matches!(TileWriter::resume(3, |_| None), Err(TileError::Missing(_))));
}

#[test]
fn a_bundle_with_one_bit_changed_is_refused() {
    let (_, tiles) = log_of(5);
    let bundle = TilePath { kind: TileKind::Entries, index: 0, width: 5 };
    for changed in bit_flips(&tiles[&bundle]) {
        let lookup = |path: &TilePath| if *path == bundle { Some(changed.clone()) } else { tiles.get(path).cloned() };
        assert_eq!(TileWriter::resume(5, lookup), Err(TileError::Bundle));
    }
}

#[test]
fn the_longest_entry_is_taken_and_one_more_byte_is_not() {
    let mut bundle = Vec::new();
    assert_eq!(encode_entry(&vec![7; MAX_ENTRY], &mut bundle), Ok(()));
    assert_eq!(decode_bundle(&bundle, 1).unwrap(), [vec![7; MAX_ENTRY]]);
    let mut writer = TileWriter::new();
    assert_eq!(writer.append(&vec![7; MAX_ENTRY + 1], |_, _| ()), Err(TileError::Entry));
    assert_eq!(writer, TileWriter::new());
}

proptest! {
    #[test]
    fn arbitrary_bundles_are_read_or_refused(bytes: Vec<u8>, width in 0..=256_u16) {
        if let Ok(entries) = decode_bundle(&bytes, width) {
            let mut again = Vec::new();
            entries.iter().for_each(|entry| encode_entry(entry, &mut again).unwrap());
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_path_that_is_read_is_written_the_same(text in "tile/(entries|[0-9]{1,3})/(x?[0-9]{2,4}/){0,7}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(path) = TilePath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}
