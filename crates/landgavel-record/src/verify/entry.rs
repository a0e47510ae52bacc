use std::fmt;

use landgavel_base::Instant;
use landgavel_log::tree::{Hash, leaf_hash};

use serde_core::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::report::Check;
use crate::canonical::{Document, Item};
use crate::keys::KeyCache;
use crate::record::{NotReceived, Received};

/// An entry of the log, read and its signatures verified: the part of the work that needs no order.
#[derive(Clone)]
pub struct Prepared {
    /// Its bytes.
    pub bytes: Vec<u8>,

    /// Its hash, the leaf of the tree.
    pub(super) leaf: Hash,

    pub(super) content: Result<Content, Unfit>,
}

/// What an entry says was received.
#[derive(Clone)]
pub(super) struct Content {
    pub number: u64,
    pub is_notice: bool,
    pub received: Received,
}

/// Why bytes are no entry.
#[derive(Clone)]
pub(super) struct Unfit {
    pub check: Check,
    pub code: &'static str,
    pub message: String,
}

impl Prepared {
    /// Reads an entry and verifies its signatures; depends on nothing but its bytes.
    pub fn new(bytes: Vec<u8>, keys: &mut KeyCache) -> Self {
        let content = match Outline::read(&bytes) {
            Ok(outline) => outline.check(keys),
            Err(error) => {
                let message = format!("is no entry of this format: {error}");
                Err(Unfit { check: Check::Binding, code: "unreadable_entry", message })
            }
        };
        Self { leaf: leaf_hash(&bytes), bytes, content }
    }
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
        // What is written as it should be is read in one pass. The general reader says what is wrong with the rest.
        match Self::quick(bytes) {
            Some(outline) => Ok(outline),
            None => general(bytes).map_err(|error| error.to_string()),
        }
    }

    /// Reads an entry in its one form; nothing when it is in another, or a field is not as expected.
    fn quick(bytes: &[u8]) -> Option<Self> {
        let document = Document::parse(std::str::from_utf8(bytes).ok()?).ok()?;
        let mut outline = Self::default();
        let mut has = [false; 3];
        for (name, value) in document.object().fields() {
            match name {
                "at_ms" => (outline.at_ms, has[0]) = (value.integer()?, true),
                "entry" => (outline.number, has[1]) = (u64::try_from(value.integer()?).ok()?, true),
                "command" | "notice" if !has[2] => {
                    (outline.text, has[2]) = (value.text()?.into(), true);
                    outline.is_notice = name == "notice";
                }
                "signatures" => {
                    outline.signatures = value.list()?.items().map(signature).collect::<Option<_>>()?;
                }
                "events" | "refused" => {}
                _ => return None,
            }
        }
        (has == [true; 3]).then_some(outline)
    }

    fn check(self, keys: &mut KeyCache) -> Result<Content, Unfit> {
        let unfit = |check, code, message: String| Unfit { check, code, message };
        let at = Instant::from_millis(self.at_ms).ok_or_else(|| {
            unfit(Check::Binding, "unreadable_entry", format!("has the time {} ms, which is out of range", self.at_ms))
        })?;
        let signatures = self.signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
        let received = Received::check(at, self.text, signatures, keys).map_err(|error| {
            let (check, code) = match &error {
                NotReceived::Text(_) => (Check::Binding, "not_canonical"),
                NotReceived::TooManySignatures => (Check::Signatures, "too_many_signatures"),
                NotReceived::Key(_) => (Check::Signatures, "no_key"),
                NotReceived::Signature { .. } => (Check::Signatures, "bad_signature"),
            };
            unfit(check, code, error.to_string())
        })?;
        Ok(Content { number: self.number, is_notice: self.is_notice, received })
    }
}

fn signature(item: Item<'_>) -> Option<(String, String)> {
    let mut fields = item.object()?.fields();
    match (fields.next()?, fields.next()?, fields.next()) {
        (("key", Item::Text(key)), ("signature", Item::Text(signature)), None) => Some((key.into(), signature.into())),
        _ => None,
    }
}

/// The outline of an entry in any form of JSON, or what is wrong with it.
fn general(bytes: &[u8]) -> Result<Outline, serde_json::Error> {
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

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENTRY: &str = r#"{"at_ms":-5,"command":"{\"do\":\"bid\",\"note\":\"摇\\n\"}","entry":7,"events":[{"a":1}],"signatures":[{"key":"k","signature":"s"},{"key":"k2","signature":""}]}"#;
    const REFUSED: &str = r#"{"at_ms":0,"command":"{}","entry":1,"refused":{"code":"x"}}"#;
    const NOTICE: &str = r#"{"at_ms":0,"entry":0,"notice":"{}","signatures":[]}"#;

    /// What the quick reader reads, the general one reads too; gives whether the quick one did.
    fn is_quick(text: &str) -> bool {
        let quick = Outline::quick(text.as_bytes());
        if let Some(quick) = &quick {
            assert_eq!(general(text.as_bytes()).ok().as_ref(), Some(quick), "{text}");
        }
        quick.is_some()
    }

    #[test]
    fn entries_in_their_one_form_are_read_quickly() {
        assert!(is_quick(ENTRY) && is_quick(REFUSED) && is_quick(NOTICE));
        let read = general(ENTRY.as_bytes()).unwrap();
        assert_eq!((read.number, read.at_ms, read.is_notice, read.signatures.len()), (7, -5, false, 2));
        assert_eq!(read.text, r#"{"do":"bid","note":"摇\n"}"#);
    }

    #[test]
    fn other_entries_are_left_to_the_general_reader() {
        for (from, to) in [
            ("\"at_ms\":-5", "\"at_ms\":\"5\""),
            ("\"at_ms\":-5,", ""),
            ("\"entry\":7", "\"entry\":-7"),
            ("\"entry\":7", "\"entry\": 7"),
            ("\"events\"", "\"f\":1,\"events\""),
            ("\"events\":", "\"events\":[],\"notice\":\"{}\",\"refused\":"),
            ("\"signature\":\"s\"", "\"signature\":1"),
            ("{\"key\":\"k\",", "{"),
            ("\"signature\":\"s\"", "\"signature\":\"s\",\"t\":1"),
            ("[{\"key\"", "[[],{\"key\""),
        ] {
            let text = ENTRY.replacen(from, to, 1);
            assert_ne!(text, ENTRY, "{from}");
            assert!(!is_quick(&text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn a_changed_entry_is_never_read_in_two_ways(
            entry in proptest::sample::select(vec![ENTRY, REFUSED, NOTICE]),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..128, 0u8..3), 1..4),
        ) {
            let mut bytes = entry.as_bytes().to_vec();
            for (place, byte, what) in changes {
                let at = place.index(bytes.len());
                match what {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            if let Ok(text) = std::str::from_utf8(&bytes) {
                is_quick(text);
            }
        }
    }
}
