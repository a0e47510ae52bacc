//! The rulebook language, from outside.

mod amounts;
mod findings;
mod reference;
mod samples;

use std::collections::BTreeMap;
use std::path::Path;

use landgavel_record::language::Files;

/// Files of the repository.
pub(crate) struct Repository;

impl Files for Repository {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read(root.join(path)).map_err(|error| error.to_string())
    }
}

/// Files in memory.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<u8>>);

impl Memory {
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}
