//! A bundle as a zip archive, over any bytes that can be read and sought.
//!
//! Names are judged before a file is opened: each stands once, and none climbs out of the archive.
//! Two files of one name would let two readers see two bundles in one archive.

use std::cell::RefCell;
use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::bundle::{BundleFiles, FILES_MAX, ReadError};

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
    /// In words: it is no zip archive, or one of its names is not a path inside a bundle, or comes twice.
    pub fn open(reader: R) -> Result<Self, String> {
        let zip = ZipArchive::new(reader).map_err(|error| format!("is no zip archive: {error}"))?;
        if zip.len() > FILES_MAX {
            return Err(format!("has more than {FILES_MAX} files, the most a bundle may have"));
        }
        if zip.has_duplicate_names() {
            return Err("has two files of one name, so that two readers could see two bundles in it".to_owned());
        }
        let mut paths = Vec::with_capacity(zip.len());
        for name in zip.file_names() {
            let name = name.map_err(|error| error.to_string())?.into_owned();
            if !is_inside(&name) {
                return Err(format!("has a file named {name:?}, which is not a path inside a bundle"));
            }
            if !name.ends_with('/') {
                paths.push(name);
            }
        }
        Ok(Self { zip: RefCell::new(zip), paths })
    }
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
