use std::io::Cursor;

use landgavel_record::archive::Archive;
use landgavel_record::bundle::{BundleFiles as _, ReadError};
use landgavel_record::verify::{Alone, Options, Silent, verify};

use crate::memory::Bundle;
use crate::samples::tiny;
use crate::tape::{Tape, mangle};

/// Most bytes asked of one file.
const MOST: usize = 64 * 1024;

/// A zip archive of any bytes, or that of a good bundle changed. It is refused, or its files are those that it
/// had, or its verdict is that it does not hold.
///
/// # Panics
/// When it is not so, or a reader gives more than was asked for.
pub fn archive(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let bytes = if tape.byte().is_multiple_of(2) {
        tape.rest().to_vec()
    } else {
        let mut bytes = tiny().zip();
        while !tape.is_empty() {
            mangle(&mut bytes, &mut tape);
        }
        bytes
    };
    let Ok(archive) = Archive::open(Cursor::new(bytes)) else { return };
    let mut found = Bundle::default();
    for path in archive.paths().unwrap() {
        match archive.read(&path, MOST) {
            Ok(bytes) => {
                assert!(bytes.len() <= MOST, "{} bytes", bytes.len());
                found.0.insert(path, bytes);
            }
            Err(ReadError::Missing) => panic!("{path} is listed and missing"),
            Err(ReadError::TooLarge { .. } | ReadError::Failed(_)) => return,
        }
    }
    let report = verify(&archive, &Options::default(), &Alone::default(), &mut Silent);
    assert_eq!(report.holds(), found == *tiny(), "{}", report.json());
}

/// A small archive, stored and deflated, and changes of the good one.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut small = Bundle::default();
    small.0.insert("policy.txt".to_owned(), vec![b' '; 300]);
    small.0.insert("tile/0/000".to_owned(), b"x".to_vec());
    let mut seeds = vec![vec![1], [vec![0], small.zip()].concat()];
    let end = u16::try_from(tiny().zip().len()).unwrap_or(u16::MAX);
    for at in [4, 30, 60, end / 2, end - 700, end - 40, end - 12, end - 6] {
        let [high, low] = at.to_be_bytes();
        seeds.push(vec![1, 1, high, low, 0, 1, 0xff]);
        seeds.push(vec![1, 3, high, low, 0, 9]);
    }
    seeds
}
