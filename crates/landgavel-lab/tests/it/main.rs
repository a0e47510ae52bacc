//! Tests of the lab.
#![expect(clippy::disallowed_methods, reason = "tests read the shipped rules from disk")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod compiling;
mod equilibria;
mod groups;
mod many_sales;
mod same_as_engine;
mod studies;
mod theory;
mod theory_sealed;

use std::path::{Path, PathBuf};

use landgavel_record::language::{Files, load_lot};
use landgavel_sale::Lot;

struct Repository;

impl Files for Repository {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A lot of the repository.
fn lot(name: &str) -> std::sync::Arc<Lot> {
    lot_at(&root().join("lots").join(name))
}

fn lot_at(path: &Path) -> std::sync::Arc<Lot> {
    std::sync::Arc::new(load_lot(&Repository, path.to_str().unwrap()).unwrap().lot)
}

/// The TOML files under a folder, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    let (mut stack, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}
