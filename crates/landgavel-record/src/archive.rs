//! A bundle as a zip archive, over any bytes that can be read and sought.
//!
//! The archive is judged before a file in it is opened: its list of files ends where the archive ends and is not
//! too long, each name stands once and climbs out of nothing, each entry is a plain file, and what stands before
//! a file agrees with the list. Otherwise two readers could see two bundles in one archive.

use std::cell::RefCell;
use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;

use crate::bundle::{BundleFiles, FILES_MAX, ReadError};

/// Bits of a Unix mode that say what kind of file it is, and those of a plain file and of a folder.
const KIND: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// A bundle as a zip archive. Files are found by name and read through limits, so neither a bomb nor a
/// name that climbs out of the archive does harm.
pub struct Archive<R> {
    zip: RefCell<ZipArchive<R>>,
    paths: Vec<String>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive.
    ///
    /// # Errors
    /// In words: it is no zip archive, or one that two readers could read in two ways, or holds what is no file
    /// of a bundle.
    pub fn open(mut reader: R) -> Result<Self, String> {
        let count = check_end(&mut reader)?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let zip = ZipArchive::with_config(config, reader);
        let mut zip = zip.map_err(|error| format!("is no zip archive: {error}"))?;
        if zip.has_duplicate_names() {
            return Err("has two files of one name, so that two readers could see two bundles in it".to_owned());
        }
        if zip.len() != count {
            return Err(format!("has a list of {} files and says that there are {count}", zip.len()));
        }
        let mut paths = Vec::with_capacity(count);
        for name in zip.file_names() {
            let name = name.map_err(|error| error.to_string())?.into_owned();
            if !is_inside(&name) {
                return Err(format!("has a file named {name:?}, which is not a path inside a bundle"));
            }
            if !name.ends_with('/') {
                paths.push(name);
            }
        }
        zip.validate_header_consistency().map_err(|error| format!("can be read in two ways: {error}"))?;
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(|error| format!("is no zip archive: {error}"))?;
            let is_plain = file.unix_mode().is_none_or(|mode| matches!(mode & KIND, 0 | PLAIN | FOLDER));
            if !is_plain || file.encrypted() {
                return Err("has an entry that is no plain file: a link, a device, or encrypted".to_owned());
            }
        }
        Ok(Self { zip: RefCell::new(zip), paths })
    }
}

/// The record at the very end of an archive tells how many files there are and where their list stands. It is
/// read here first, because a list is held in memory, and because other readers look for it elsewhere when it
/// does not end the archive. Gives how many files there are. Offsets are those of PKWARE's APPNOTE 6.3.10, 4.3.14 to 4.3.16.
fn check_end(reader: &mut (impl Read + Seek)) -> Result<usize, String> {
    const END: usize = 22;
    const LOCATOR: usize = 20;
    const END_64: usize = 56;
    let none = "is no zip archive, or something stands after its end: a comment, or bytes of another file";
    let length = reader.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    let at = length.checked_sub(END as u64).ok_or(none)?;
    let end: [u8; END] = bytes_at(reader, at).ok_or(none)?;
    if !end.starts_with(b"PK\x05\x06") || number(&end, 20, 2) != 0 {
        return Err(none.to_owned());
    }
    let short = (number(&end, 10, 2), number(&end, 12, 4), number(&end, 16, 4));
    let is_long = short.0 == 0xffff || short.1 == 0xffff_ffff || short.2 == 0xffff_ffff;
    let (at, (count, size, from)) = if is_long {
        let locator: Option<[u8; LOCATOR]> = at.checked_sub(LOCATOR as u64).and_then(|at| bytes_at(reader, at));
        let locator = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")).ok_or(none)?;
        let at = number(&locator, 8, 8);
        let end: [u8; END_64] = bytes_at(reader, at).ok_or(none)?;
        if !end.starts_with(b"PK\x06\x06") {
            return Err(none.to_owned());
        }
        (at, (number(&end, 32, 8), number(&end, 40, 8), number(&end, 48, 8)))
    } else {
        (at, short)
    };
    if count > FILES_MAX as u64 {
        return Err(format!("has {count} files, and a bundle has at most {FILES_MAX}"));
    }
    if from.checked_add(size) != Some(at) {
        return Err("has a list of files that does not end where the archive ends".to_owned());
    }
    usize::try_from(count).map_err(|error| error.to_string())
}

fn bytes_at<const N: usize>(reader: &mut (impl Read + Seek), at: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    reader.seek(SeekFrom::Start(at)).ok()?;
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// A little-endian number of so many bytes at a place that the layout fixes.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Whether a name is a relative path with `/` that only goes down; a folder's name ends with `/`.
fn is_inside(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    !path.contains(['\\', ':', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

impl<R: Read + Seek> BundleFiles for Archive<R> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        let mut zip = self.zip.borrow_mut();
        let file = match zip.by_name(path) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Err(ReadError::Missing),
            Err(error) => return Err(ReadError::Failed(error.to_string())),
        };
        read_at_most(file, most)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.paths.clone())
    }
}

/// Reads all of it, and no more than so many bytes.
///
/// # Errors
/// It is longer, or cannot be read.
pub fn read_at_most(reader: impl Read, most: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).map_or(u64::MAX, |most| most.saturating_add(1));
    match reader.take(limit).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > most => Err(ReadError::TooLarge { most }),
        Ok(_) => Ok(bytes),
        Err(error) => Err(ReadError::Failed(error.to_string())),
    }
}
