//! Archives that would lead a reader astray, or take its memory.

use std::io::{Cursor, Write as _};

use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::tiny;
use landgavel_record::archive::Archive;
use landgavel_record::bundle::{BundleFiles as _, FILES_MAX, ReadError};
use landgavel_record::verify::{Alone, Options, Report, Silent, verify};
use zip::write::SimpleFileOptions;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn refused(bytes: Vec<u8>) -> String {
    Archive::open(Cursor::new(bytes)).err().unwrap_or_else(|| "it is opened".to_owned())
}

/// Writes over some bytes wherever they stand.
fn replaced(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    for at in 0..=bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
    }
    bytes
}

/// Writes over some bytes before the end.
fn at_end(mut bytes: Vec<u8>, from_end: usize, new: &[u8]) -> Vec<u8> {
    let at = bytes.len() - from_end;
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// Where the list of files begins.
fn list_of(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap()
}

#[test]
fn names_that_lead_out_of_an_archive_are_refused() {
    for name in ["../policy.txt", "/policy.txt", "tile/../../policy.txt", "tile\\0", "./policy.txt", "C:policy.txt"] {
        let said = refused(archive(&[(name, b"x")]));
        assert!(said.contains("not a path inside a bundle"), "{name}: {said}");
    }
    let null = replaced(archive(&[("policy.txt", b"x")]), b"policy.txt", b"policy\0txt");
    assert!(refused(null).contains("not a path inside a bundle"));
}

#[test]
fn two_files_of_one_name_are_refused() {
    // The writer refuses to make them, so the second name is changed in the bytes.
    let twice = replaced(archive(&[("policy.txt", b"one"), ("policy.tyt", b"two")]), b"policy.tyt", b"policy.txt");
    assert!(refused(twice).contains("two files of one name"));
}

#[test]
fn a_file_that_swells_is_read_up_to_its_limit() {
    let bytes = archive(&[("policy.txt", &vec![b' '; 1 << 24])]);
    assert!(bytes.len() < 1 << 16, "the archive itself is small");
    let archive = Archive::open(Cursor::new(bytes)).unwrap();
    assert_eq!(archive.read("policy.txt", 1000), Err(ReadError::TooLarge { most: 1000 }));
    assert_eq!(archive.read("lot.toml", 1000), Err(ReadError::Missing));
}

/// The declared size says nothing: what comes out is counted.
#[test]
fn a_size_that_lies_does_not_matter() {
    let good = archive(&[("policy.txt", &vec![b' '; 100_000])]);
    let lie = replaced(good, &100_000_u32.to_le_bytes(), &10_u32.to_le_bytes());
    if let Ok(archive) = Archive::open(Cursor::new(lie)) {
        match archive.read("policy.txt", 1000) {
            Ok(bytes) => assert!(bytes.len() <= 1000),
            Err(error) => assert!(matches!(error, ReadError::TooLarge { .. } | ReadError::Failed(_)), "{error:?}"),
        }
    }
}

#[test]
fn an_archive_cut_off_is_refused() {
    let bytes = archive(&[("policy.txt", b"one")]);
    for length in 0..bytes.len() {
        assert!(Archive::open(Cursor::new(bytes[..length].to_vec())).is_err(), "{length}");
    }
}

/// What stands before or after an archive would make another program find another list of files.
#[test]
fn an_archive_begins_and_ends_its_file() {
    let good = archive(&[("policy.txt", b"one")]);
    assert!(Archive::open(Cursor::new(good.clone())).is_ok());
    let comment = [at_end(good.clone(), 2, &3_u16.to_le_bytes()), b"abc".to_vec()].concat();
    assert!(refused(comment).contains("something stands after its end"));
    assert!(refused([good.clone(), b"abc".to_vec()].concat()).contains("something stands after its end"));
    assert!(refused([b"abc".to_vec(), good.clone()].concat()).contains("does not end where the archive ends"));
    assert!(refused([good.clone(), good].concat()).contains("does not end where the archive ends"));
}

/// A list may claim any length; no memory is taken for it.
#[test]
fn a_list_that_claims_too_much_is_refused() {
    let good = archive(&[("policy.txt", b"one"), ("lot.toml", b"two")]);
    for count in [0_u16, 1, 3, 0xfffe] {
        let lie = at_end(good.clone(), 14, &[count.to_le_bytes(), count.to_le_bytes()].concat());
        assert_ne!(refused(lie), "it is opened", "{count}");
    }
    // The long form: its own record of the end, where it stands, and the short one that points to it.
    let list = list_of(&good);
    for (count, size) in [(u64::MAX, 118_u64), (1 << 32, 118), (2, u64::MAX), (100_001, 118)] {
        let mut long = good[..good.len() - 22].to_vec();
        let at = long.len() as u64;
        long.extend(b"PK\x06\x06");
        for (bytes, number) in [(8, 44), (2, 45), (2, 45), (4, 0), (4, 0), (8, count), (8, count), (8, size)] {
            long.extend(&u64::to_le_bytes(number)[..bytes]);
        }
        long.extend(&u64::to_le_bytes(list as u64));
        long.extend(b"PK\x06\x07\0\0\0\0");
        long.extend(&at.to_le_bytes());
        long.extend(&1_u32.to_le_bytes());
        long.extend(b"PK\x05\x06\0\0\0\0");
        long.extend([0xff; 12]);
        long.extend([0; 2]);
        assert_ne!(refused(long), "it is opened", "{count} {size}");
    }
}

#[test]
fn an_archive_of_too_many_files_is_refused_before_they_are_listed() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for number in 0..=FILES_MAX {
        writer.start_file(format!("{number}"), stored).unwrap();
    }
    let said = refused(writer.finish().unwrap().into_inner());
    assert_eq!(said, format!("has {} files, and a bundle has at most {FILES_MAX}", FILES_MAX + 1));
}

/// Who unpacks such an archive gets a link, and who reads it gets the name of a file.
#[test]
fn links_devices_and_encrypted_files_are_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("policy.txt", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert!(refused(writer.finish().unwrap().into_inner()).contains("no plain file"));
    let good = archive(&[("policy.txt", b"one")]);
    let list = list_of(&good);
    for (kind, is_refused) in [(0o120_777, true), (0o010_644, true), (0o020_644, true), (0o100_644, false)] {
        let mut bytes = good.clone();
        bytes[list + 5] = 3;
        bytes[list + 38..list + 42].copy_from_slice(&(u32::to_le_bytes(kind << 16)));
        assert_eq!(refused(bytes).contains("no plain file"), is_refused, "{kind:o}");
    }
    let mut encrypted = good;
    encrypted[6] |= 1;
    encrypted[list + 8] |= 1;
    assert_ne!(refused(encrypted), "it is opened");
}

/// Two readers, one that goes by the list and one that goes from file to file, must see one bundle.
#[test]
fn an_archive_that_can_be_read_in_two_ways_is_refused() {
    let good = archive(&[("policy.txt", b"one"), ("lot.toml", b"two")]);
    let mut other_name = good.clone();
    other_name[30] = b'P';
    assert!(refused(other_name).contains("two ways"));
    let mut same_place = good.clone();
    let second = list_of(&good) + 46 + "policy.txt".len();
    same_place[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(refused(same_place).contains("two ways"));
    // A file that stands in the archive and not in its list.
    let one = archive(&[("policy.txt", b"one")]);
    let (list, end) = (list_of(&one), one.len() - 22);
    let hidden = archive(&[("lot.toml", b"two")]);
    let hidden = &hidden[..list_of(&hidden)];
    let mut bytes = [&one[..list], hidden, &one[list..]].concat();
    let moved = u32::try_from(list + hidden.len()).unwrap().to_le_bytes();
    let at = bytes.len() - 6;
    bytes[at..at + 4].copy_from_slice(&moved);
    assert!(end > list && refused(bytes).contains("two ways"));
}

fn report(bytes: Vec<u8>) -> Option<Report> {
    let archive = Archive::open(Cursor::new(bytes)).ok()?;
    Some(verify(&archive, &Options::default(), &Alone::default(), &mut Silent))
}

#[test]
fn an_archive_within_an_archive_is_stray() {
    let mut bundle = tiny().clone();
    bundle.0.insert("bundle.zip".to_owned(), tiny().zip());
    assert_eq!(report(bundle.zip()).and_then(|report| report.wrong).unwrap().code, "stray");
}

/// Bits of the container that are no bits of a file (dates, versions, attributes) may change; then every file
/// is what it was. All other changes are refused or named.
#[test]
fn a_flipped_bit_of_an_archive_is_refused_or_changes_no_file() {
    let good = tiny().zip();
    let list = list_of(&good);
    // All of the list of files and of the end; the files themselves by samples.
    let bits = (8 * list..8 * good.len()).chain((0..8 * list).step_by(97));
    let (mut tried, mut refused, mut same) = (0, 0, 0);
    for bit in bits {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        tried += 1;
        let Ok(archive) = Archive::open(Cursor::new(bytes)) else {
            refused += 1;
            continue;
        };
        let mut found = Bundle::default();
        let whole = archive.paths().unwrap().into_iter().try_for_each(|path| {
            found.0.insert(path.clone(), archive.read(&path, 1 << 26)?);
            Ok::<(), ReadError>(())
        });
        if whole.is_err() || found != *tiny() {
            let report = verify(&archive, &Options::default(), &Alone::default(), &mut Silent);
            assert!(!report.holds(), "bit {bit} of byte {}", bit / 8);
            refused += 1;
        } else {
            same += 1;
        }
    }
    assert_eq!(tried, refused + same);
    assert!(refused > 4000 && same < tried / 4, "{tried} tried, {refused} refused, {same} without effect");
}
