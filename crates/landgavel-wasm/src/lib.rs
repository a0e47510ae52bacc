//! The verifier for a browser: bytes of a bundle in, the report out, byte for byte what
//! `landgavel verify --json` prints.
//!
//! It holds no rule. [`verify`] is the verdict, [`legend`] the words for the names in it; `exports` is
//! the door by which a page calls them without any glue but numbers: the page asks for room, writes its
//! bytes there, and reads the report. The page itself is under `page/`; `cargo xtask page` joins it.

mod folder;
mod steady;

#[cfg(target_arch = "wasm32")]
mod exports;

use landgavel_base::Digest;
use landgavel_record::bundle::BundleFiles;
use landgavel_record::canonical;
use landgavel_record::verify::{self as judge, Options};

pub use folder::Folder;
pub use steady::Progress;
use steady::{Listener, Steady};

/// A verdict for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The report as canonical JSON.
    pub report: String,
    /// The outcome in words, `{"en":…,"zh":…}`, or `null`.
    pub outcome: String,
}

/// Verifies a bundle. An empty policy or notice is none given.
///
/// # Errors
/// In words, where the command line would exit with 2: what is given as a notice is no digest.
pub fn verify(
    files: &dyn BundleFiles,
    policy: &str,
    notice: &str,
    progress: impl FnMut(Progress),
) -> Result<Verdict, String> {
    let notice = match notice {
        "" => None,
        text => Some(Digest::from_hex(text).ok_or("--notice: expected 64 lower-case hexadecimal digits")?),
    };
    let policy = Some(policy).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let steady = Steady::new(progress);
    let mut listener = Listener::new(&steady);
    let report = judge::verify(files, &Options { policy, notice }, &steady, &mut listener);
    let outcome = listener.outcome().filter(|_| report.holds());
    Ok(Verdict { report: report.json(), outcome: outcome.unwrap_or_else(|| "null".to_owned()) })
}

/// The words for checks, caveats and codes in both languages, as JSON.
pub fn legend() -> String {
    canonical::encode(&judge::legend())
}
