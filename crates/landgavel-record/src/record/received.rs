use std::fmt;

use landgavel_base::Instant;

use crate::canonical::{Document, Item};
use crate::keys::{KeyCache, KeyError, PublicKey};

/// Most bytes of one command; with its events it must fit into a log entry of 65,535 bytes.
const TEXT_MAX: usize = 32 * 1024;
/// Most signatures under one command.
const SIGNATURES_MAX: usize = 4;

/// A key and its signature over the bytes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub key: PublicKey,
    /// The signature in base64, as received.
    pub signature: String,
}

/// A command as received: canonical, and every signature under it verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The sale's time at which it is decided.
    pub at: Instant,
    /// Who signed them.
    pub signatures: Vec<Signed>,
    /// The bytes that were signed, read.
    pub(crate) document: Document<'static>,
}

/// Why something received is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReceived {
    /// The text is too long or not canonical JSON.
    Text(String),
    /// Too many signatures.
    TooManySignatures,
    /// A key is none.
    Key(KeyError),
    /// A signature is not valid.
    Signature {
        /// Of this key.
        key: String,
    },
}

impl fmt::Display for NotReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(why) => write!(f, "the command {why}"),
            Self::TooManySignatures => write!(f, "more than {SIGNATURES_MAX} signatures"),
            Self::Key(error) => write!(f, "{error}"),
            Self::Signature { key } => write!(f, "the signature of {key} is not valid for these bytes"),
        }
    }
}

impl Received {
    /// Reads a command and verifies each signature over its bytes, given as key and base64 text.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check<'a>(
        at: Instant,
        text: impl Into<String>,
        signatures: impl IntoIterator<Item = (&'a str, &'a str)>,
        keys: &mut KeyCache,
    ) -> Result<Self, NotReceived> {
        Self::check_by(at, text, signatures, |key| keys.get(key))
    }

    /// As [`Received::check`], with keys from wherever the caller keeps them: a cache that several
    /// threads share is then held only while a key is looked up, and not while a signature is verified.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_by<'a>(
        at: Instant,
        text: impl Into<String>,
        signatures: impl IntoIterator<Item = (&'a str, &'a str)>,
        mut find: impl FnMut(&str) -> Result<PublicKey, KeyError>,
    ) -> Result<Self, NotReceived> {
        let document = read(text.into())?;
        let mut checked = Vec::new();
        for (key, signature) in signatures {
            if checked.len() == SIGNATURES_MAX {
                return Err(NotReceived::TooManySignatures);
            }
            let key = find(key).map_err(NotReceived::Key)?;
            if !key.verify_text(document.text(), signature) {
                return Err(NotReceived::Signature { key: key.to_string() });
            }
            checked.push(Signed { key, signature: signature.to_owned() });
        }
        Ok(Self { at, signatures: checked, document })
    }

    /// The same command, decided at another time: what was signed holds no time.
    #[must_use]
    pub fn stamped(self, at: Instant) -> Self {
        Self { at, ..self }
    }

    /// A text field of the command; empty when it has none of that name.
    pub fn field(&self, name: &str) -> &str {
        self.document.object().get(name).and_then(Item::text).unwrap_or_default()
    }

    /// What the command asks for.
    pub fn verb(&self) -> &str {
        self.field("do")
    }

    /// The bytes that were signed.
    pub fn text(&self) -> &str {
        self.document.text()
    }

    /// A command that nobody signs: time passing, a beacon's output, an opening by it.
    ///
    /// # Errors
    /// When the text is not canonical.
    pub fn unsigned(at: Instant, text: &str) -> Result<Self, NotReceived> {
        Self::check(at, text, [], &mut KeyCache::default())
    }
}

fn read(text: String) -> Result<Document<'static>, NotReceived> {
    if text.len() > TEXT_MAX {
        return Err(NotReceived::Text(format!("is longer than {TEXT_MAX} bytes")));
    }
    Document::parse(text).map_err(|error| NotReceived::Text(error.to_string()))
}
