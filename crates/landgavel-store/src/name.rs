//! Names: of sales, files, holders, kinds and ids.

use std::fmt;

use crate::fault::Fault;

/// The most bytes of a name: of a sale, a file, a holder, a kind or an id.
pub const MAX_NAME: usize = 200;

/// The name of a sale in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaleId(String);

impl SaleId {
    /// Reads a name: 1 to [`MAX_NAME`] letters, digits, `.`, `_` and `-` of ASCII, no `.` in front.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=MAX_NAME).contains(&text.len()) && !text.starts_with('.');
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a name may be stored: some characters, none of them a control character.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Fault> {
    let fits = (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(Fault::limit(format!("a {what} has a name of 1 to {MAX_NAME} bytes, all printable")))
    }
}
