//! The verifier for a browser: bytes of an archive in, the report out, byte for byte what
//! `landgavel verify --json` prints.
//!
//! It holds no rule. [`verify`] is the verdict; `exports` is the door by which a page calls it without
//! any glue but numbers: the page asks for room, writes its bytes there, and reads the report.

use std::io::Cursor;

use landgavel_base::Digest;
use landgavel_record::archive::Archive;
use landgavel_record::verify::{Alone, Observer, Options, verify as judge};

#[cfg(target_arch = "wasm32")]
mod exports;

struct Progress<F>(F);

impl<F: FnMut(u64, u64)> Observer for Progress<F> {
    fn progress(&mut self, done: u64, total: u64) {
        (self.0)(done, total);
    }
}

/// Verifies a zip archive: the report as canonical JSON. An empty policy or notice is none given.
///
/// # Errors
/// In words, where the command line would exit with 2: no archive, or no digest.
pub fn verify(archive: &[u8], policy: &str, notice: &str, progress: impl FnMut(u64, u64)) -> Result<String, String> {
    let notice = match notice {
        "" => None,
        text => Some(Digest::from_hex(text).ok_or("--notice: expected 64 lower-case hexadecimal digits")?),
    };
    let policy = Some(policy).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let files = Archive::open(Cursor::new(archive))?;
    Ok(judge(&files, &Options { policy, notice }, &Alone::default(), &mut Progress(progress)).json())
}
