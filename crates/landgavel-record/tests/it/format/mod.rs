//! The vectors of the format, `docs/format/vectors`: what the code gives, kept word for word, for whoever writes
//! another implementation. The second verifier, in `docs/format/reference`, is held to them too.

mod bytes;
mod draws;
pub mod entries;
mod keys;
mod log;
mod notes;

use std::path::Path;

use serde_json::Value;

/// Compares a file of vectors with what the code gives.
#[track_caller]
fn compare(name: &str, vectors: &Value) {
    let now = format!("{vectors:#}\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/vectors").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (kept, now)) in (1..).zip(kept.lines().zip(now.lines())) {
        assert_eq!(kept, now, "{name}:{number}: UPDATE_GOLDEN=1 writes it anew");
    }
    assert_eq!(kept.len(), now.len(), "{name}: UPDATE_GOLDEN=1 writes it anew");
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    crate::desk::hex(bytes)
}

/// Bytes that look like chance and are not: SHA-256 of a text.
fn bytes_of(text: &str) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).into()
}
