use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use landgavel_record::language::Loaded;
use serde_json::json;

/// Name of the format while it is not frozen.
pub const FORMAT: &str = "landgavel-bundle/0";

/// A bundle that is being written: it appears under its name only when it is whole.
pub struct BundleWriter {
    target: PathBuf,
    partial: PathBuf,
    entries: BufWriter<File>,
}

impl BundleWriter {
    /// Begins a bundle beside its final place.
    pub fn begin(target: &Path, loaded: &Loaded) -> Result<Self> {
        if target.exists() && !target.join("bundle.json").exists() && fs::read_dir(target)?.next().is_some() {
            bail!("{} exists and is not a bundle: name another directory with --out", target.display());
        }
        let mut name = target.file_name().context("--out names no directory")?.to_owned();
        name.push(".partial");
        let partial = target.with_file_name(name);
        if partial.exists() {
            fs::remove_dir_all(&partial).with_context(|| format!("cannot clear {}", partial.display()))?;
        }
        fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
        fs::write(partial.join("rulebook.toml"), &loaded.rulebook_text)?;
        fs::write(partial.join("lot.toml"), loaded.lot_text.as_deref().unwrap_or_default())?;
        let entries = BufWriter::new(File::create(partial.join("entries.jsonl"))?);
        Ok(Self { target: target.to_owned(), partial, entries })
    }

    /// Adds one entry.
    pub fn entry(&mut self, line: &str) -> Result<()> {
        self.entries.write_all(line.as_bytes())?;
        self.entries.write_all(b"\n")?;
        Ok(())
    }

    /// Makes the bundle whole and gives it its name.
    pub fn finish(mut self, loaded: &Loaded, outcome: &serde_json::Value, entries: u64) -> Result<()> {
        self.entries.flush()?;
        self.entries.get_ref().sync_all()?;
        let manifest = json!({
            "format": FORMAT, "lot": loaded.lot.id, "rulebook": loaded.lot.rulebook.id,
            "rulebook_version": loaded.lot.rulebook.version, "entries": entries, "is_sample": loaded.is_sample,
        });
        fs::write(self.partial.join("bundle.json"), format!("{manifest:#}\n"))?;
        fs::write(self.partial.join("outcome.json"), format!("{outcome:#}\n"))?;
        if self.target.exists() {
            fs::remove_dir_all(&self.target)?;
        }
        fs::rename(&self.partial, &self.target).with_context(|| format!("cannot name {}", self.target.display()))
    }

    /// Takes away what was written.
    pub fn abandon(self) {
        drop(self.entries);
        // Nothing more can be done if even this fails; the name says that it is partial.
        let _ = fs::remove_dir_all(&self.partial);
    }
}
