//! A bundle as a folder whose files were handed over one by one.

use std::collections::BTreeMap;

use landgavel_record::bundle::{BundleFiles, ReadError};

/// Files by their paths, with `/` between the parts.
#[derive(Debug, Default)]
pub struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    /// Adds a file; of two with one path the later stays.
    pub fn add(&mut self, path: String, bytes: Vec<u8>) {
        self.0.insert(path, bytes);
    }
}

impl BundleFiles for Folder {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        match self.0.get(path) {
            None => Err(ReadError::Missing),
            Some(bytes) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some(bytes) => Ok(bytes.clone()),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}
