//! A bundle in memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::rehearsal::Sink;
use landgavel_record::verify::{Alone, Options, Report, Silent, verify};

/// A bundle in memory: bytes by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle(pub BTreeMap<String, Vec<u8>>);

impl Sink for Bundle {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), bytes.to_vec());
    }

    fn append(&mut self, path: &str, bytes: &[u8]) {
        self.0.entry(path.to_owned()).or_default().extend_from_slice(bytes);
    }
}

impl BundleFiles for Bundle {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Missing),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

impl Bundle {
    /// The verdict on it, by its own policy.
    pub fn report(&self) -> Report {
        verify(self, &Options::default(), &Alone::default(), &mut Silent)
    }

    /// The bundle as a zip archive, its files in the order of their names.
    ///
    /// # Panics
    /// Never: memory takes what is written to it.
    pub fn zip(&self) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in &self.0 {
            writer.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}
