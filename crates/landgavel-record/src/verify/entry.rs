use std::fmt;

use landgavel_base::Instant;

use serde_core::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::report::Check;
use crate::keys::KeyCache;
use crate::record::{NotReceived, Received};

/// An entry of the log, read and its signatures verified: the part of the work that needs no order.
pub struct Prepared {
    /// Its bytes.
    pub bytes: Vec<u8>,

    pub(super) content: Result<Content, Unfit>,
}

/// What an entry says was received.
pub(super) struct Content {
    pub number: u64,
    pub is_notice: bool,
    pub received: Received,
}

/// Why bytes are no entry.
pub(super) struct Unfit {
    pub check: Check,
    pub code: &'static str,
    pub message: String,
}

impl Prepared {
    /// Reads an entry and verifies its signatures; depends on nothing but its bytes.
    pub fn new(bytes: Vec<u8>, keys: &mut KeyCache) -> Self {
        let content = read(&bytes, keys);
        Self { bytes, content }
    }
}

fn read(bytes: &[u8], keys: &mut KeyCache) -> Result<Content, Unfit> {
    let unfit = |check, code, message: String| Unfit { check, code, message };
    let outline = outline(bytes)
        .map_err(|error| unfit(Check::Binding, "unreadable_entry", format!("is no entry of this format: {error}")))?;
    let at = Instant::from_millis(outline.at_ms).ok_or_else(|| {
        unfit(Check::Binding, "unreadable_entry", format!("has the time {} ms, which is out of range", outline.at_ms))
    })?;
    let signatures = outline.signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
    let received = Received::check(at, outline.text, signatures, keys).map_err(|error| {
        let (check, code) = match &error {
            NotReceived::Text(_) => (Check::Binding, "not_canonical"),
            NotReceived::TooManySignatures => (Check::Signatures, "too_many_signatures"),
            NotReceived::Key(_) => (Check::Signatures, "no_key"),
            NotReceived::Signature { .. } => (Check::Signatures, "bad_signature"),
        };
        unfit(check, code, error.to_string())
    })?;
    Ok(Content { number: outline.number, is_notice: outline.is_notice, received })
}

/// The fields of an entry that say what was received. The others are made again and compared as bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its number.
    pub number: u64,
    /// Its time, in milliseconds since 1970.
    pub at_ms: i64,
    /// The text that was signed.
    pub text: String,
    /// It holds the notice, and no command.
    pub is_notice: bool,
    /// Keys and signatures in base64, not verified.
    pub signatures: Vec<(String, String)>,
}

impl Outline {
    /// Reads an entry; verifies nothing.
    ///
    /// # Errors
    /// What is no entry of this format, in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        outline(bytes).map_err(|error| error.to_string())
    }
}

fn outline(bytes: &[u8]) -> Result<Outline, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let outline = reader.deserialize_map(OutlineVisitor)?;
    reader.end()?;
    Ok(outline)
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with at_ms, entry, command or notice, events or refused, and signatures")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
        let mut outline = Outline::default();
        let mut has = [false; 3];
        while let Some(name) = items.next_key::<String>()? {
            match name.as_str() {
                "at_ms" => (outline.at_ms, has[0]) = (items.next_value()?, true),
                "entry" => (outline.number, has[1]) = (items.next_value()?, true),
                "command" => (outline.text, has[2]) = (items.next_value()?, true),
                "notice" => {
                    (outline.text, has[2]) = (items.next_value()?, true);
                    outline.is_notice = true;
                }
                "signatures" => outline.signatures = items.next_value_seed(Signatures)?,
                "events" | "refused" => {
                    items.next_value::<IgnoredAny>()?;
                }
                other => return Err(A::Error::custom(format!("unknown field “{other}”"))),
            }
        }
        if has == [true; 3] { Ok(outline) } else { Err(A::Error::custom("at_ms, entry or command is missing")) }
    }
}

struct Signatures;

impl<'de> serde_core::de::DeserializeSeed<'de> for Signatures {
    type Value = Vec<(String, String)>;

    fn deserialize<D: serde_core::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Signatures {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects with key and signature")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = items.next_element_seed(OneSignature)? {
            all.push(one);
        }
        Ok(all)
    }
}

struct OneSignature;

impl<'de> serde_core::de::DeserializeSeed<'de> for OneSignature {
    type Value = (String, String);

    fn deserialize<D: serde_core::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneSignature {
    type Value = (String, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with key and signature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (mut key, mut signature) = (None, None);
        while let Some(name) = items.next_key::<String>()? {
            match name.as_str() {
                "key" => key = Some(items.next_value()?),
                "signature" => signature = Some(items.next_value()?),
                other => return Err(A::Error::custom(format!("unknown field “{other}”"))),
            }
        }
        key.zip(signature).ok_or_else(|| A::Error::custom("key or signature is missing"))
    }
}
