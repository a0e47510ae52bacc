//! Archives that would lead a reader astray.

use std::io::{Cursor, Write as _};

use landgavel_record::archive::Archive;
use landgavel_record::bundle::{BundleFiles as _, ReadError};
use zip::write::SimpleFileOptions;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn names_that_lead_out_of_an_archive_are_refused() {
    for name in ["../policy.txt", "/policy.txt", "tile/../../policy.txt", "tile\\0", "./policy.txt"] {
        let bytes = archive(&[(name, b"x")]);
        assert!(Archive::open(Cursor::new(bytes)).is_err(), "{name}");
    }
}

#[test]
fn two_files_of_one_name_are_refused() {
    // The writer refuses to make them, so the second name is changed in the bytes.
    let mut bytes = archive(&[("policy.txt", b"one"), ("policy.tyt", b"two")]);
    for at in 0..bytes.len() - 10 {
        if &bytes[at..at + 10] == b"policy.tyt" {
            bytes[at + 8] = b'x';
        }
    }
    assert!(Archive::open(Cursor::new(bytes)).is_err());
}

#[test]
fn a_file_that_swells_is_read_up_to_its_limit() {
    let bytes = archive(&[("policy.txt", &vec![b' '; 1 << 24])]);
    assert!(bytes.len() < 1 << 16, "the archive itself is small");
    let archive = Archive::open(Cursor::new(bytes)).unwrap();
    assert_eq!(archive.read("policy.txt", 1000), Err(ReadError::TooLarge { most: 1000 }));
    assert_eq!(archive.read("lot.toml", 1000), Err(ReadError::Missing));
}

#[test]
fn an_archive_cut_off_is_refused() {
    let bytes = archive(&[("policy.txt", b"one")]);
    for length in 0..bytes.len() {
        assert!(Archive::open(Cursor::new(bytes[..length].to_vec())).is_err(), "{length}");
    }
}
