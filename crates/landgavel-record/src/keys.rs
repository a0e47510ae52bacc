//! Keys with the name of their algorithm, and the verdict on a signature.
//!
//! - `ed25519:` and 32 bytes in base64. The verdict is the strict one of `landgavel_log::ed25519`; a
//!   key of low order is no key.
//! - `sm2:` and an uncompressed point of 65 bytes in base64. Signatures are r ‖ s over SM3, with the
//!   usual identity `1234567812345678` (GB/T 32918.2, GB/T 32905).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_log::ed25519;
use landgavel_log::frequent::{BaseTable, FrequentKey};
use sm2::dsa::signature::{Signer as _, Verifier as _};

/// The identity that SM2 signatures hash when none was agreed.
const SM2_IDENTITY: &str = "1234567812345678";
/// Most keys that a cache keeps.
const CACHE_MAX: usize = 65_536;
/// Most keys that have a table, of about 230 kB each.
const TABLES_MAX: usize = 512;
/// How often a key must have come before a table is worth its making, which takes as long as some fourteen
/// verifications save.
const USES_BEFORE_TABLE: u32 = 16;

/// A public key with its algorithm.
#[derive(Clone)]
pub struct PublicKey(Arc<Key>);

struct Key {
    text: Box<str>,
    point: Point,
}

enum Point {
    Ed25519(ed25519::PublicKey),
    Frequent(FrequentKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError {
    /// The text, cut to a readable length.
    pub text: String,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "“{}” is no key: {}; expected ed25519:BASE64 or sm2:BASE64", self.text, self.why)
    }
}

impl PublicKey {
    /// Reads a key in its text form.
    ///
    /// # Errors
    /// An unknown algorithm, base64 that is not canonical, a point that is none or is of low order.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let wrong = |why: &str| KeyError { text: text.chars().take(100).collect(), why: why.to_owned() };
        let (algorithm, key) = text.split_once(':').ok_or_else(|| wrong("it names no algorithm"))?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| wrong("its bytes are not base64"))?;
        let point = match algorithm {
            "ed25519" => {
                let bytes: [u8; 32] = bytes.try_into().map_err(|_| wrong("it is not 32 bytes"))?;
                Point::Ed25519(ed25519::PublicKey::from_bytes(&bytes).map_err(|error| wrong(&error.to_string()))?)
            }
            "sm2" => {
                if bytes.len() != 65 || bytes[0] != 4 {
                    return Err(wrong("it is not an uncompressed point of 65 bytes"));
                }
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_IDENTITY, &bytes);
                Point::Sm2(Box::new(key.map_err(|_| wrong("its point is not on the curve"))?))
            }
            _ => return Err(wrong("its algorithm is not known")),
        };
        Ok(Self(Arc::new(Key { text: text.into(), point })))
    }

    /// Its text form.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The verdict on a signature over a message. The same on every machine, for every input.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0.point {
            Point::Ed25519(key) => key.verifies(message, signature),
            Point::Frequent(key) => key.verifies(message, signature),
            Point::Sm2(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

impl PublicKey {
    /// The verdict on a signature over a text, written in base64.
    pub fn verify_text(&self, text: &str, signature: &str) -> bool {
        // No algorithm has signatures beyond 64 bytes.
        let mut bytes = [0; 96];
        let length = BASE64_STANDARD.decode_slice(signature, &mut bytes).unwrap_or(0);
        self.verify(text.as_bytes(), &bytes[..length])
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.text == other.0.text
    }
}

impl Eq for PublicKey {}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.text())
    }
}

/// Tables of the keys that come often; threads share them.
#[derive(Default)]
pub struct KeyTables(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    base: Option<BaseTable>,
    keys: BTreeMap<String, PublicKey>,
}

impl KeyTables {
    /// A key with its table, if it has one.
    fn find(&self, text: &str) -> Option<PublicKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys.get(text).cloned()
    }

    /// Makes the table of a key, unless it has one, or can have none, or there are too many.
    fn make(&self, key: &PublicKey) -> PublicKey {
        let Point::Ed25519(point) = &key.0.point else { return key.clone() };
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tables.keys.get(key.text()) {
            return known.clone();
        }
        if tables.keys.len() >= TABLES_MAX {
            return key.clone();
        }
        let frequent = FrequentKey::new(point, tables.base.get_or_insert_default());
        let key = PublicKey(Arc::new(Key { text: key.text().into(), point: Point::Frequent(frequent) }));
        tables.keys.insert(key.text().to_owned(), key.clone());
        key
    }
}

/// Keys that one thread has read before.
#[derive(Default)]
pub struct KeyCache {
    tables: Arc<KeyTables>,
    known: BTreeMap<String, Known>,
}

struct Known {
    key: PublicKey,
    uses: u32,
}

impl KeyCache {
    /// A cache that shares its tables with others.
    pub fn sharing(tables: &Arc<KeyTables>) -> Self {
        Self { tables: tables.clone(), known: BTreeMap::new() }
    }

    /// Reads a key, or finds it.
    ///
    /// # Errors
    /// As [`PublicKey::parse`].
    pub fn get(&mut self, text: &str) -> Result<PublicKey, KeyError> {
        if let Some(known) = self.known.get_mut(text) {
            known.uses = known.uses.saturating_add(1);
            if known.uses == USES_BEFORE_TABLE {
                known.key = self.tables.make(&known.key);
            }
            return Ok(known.key.clone());
        }
        let key = match self.tables.find(text) {
            Some(key) => key,
            None => PublicKey::parse(text)?,
        };
        if self.known.len() == CACHE_MAX {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), Known { key: key.clone(), uses: 0 });
        Ok(key)
    }
}

/// A key that signs.
pub enum SigningKey {
    /// Ed25519.
    Ed25519(Box<ed25519::SecretKey>),
    /// SM2 with SM3.
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl SigningKey {
    /// An Ed25519 key from its 32-byte seed.
    pub fn ed25519(seed: [u8; 32]) -> Self {
        Self::Ed25519(Box::new(ed25519::SecretKey::from_seed(&seed)))
    }

    /// An SM2 key from its 32-byte scalar; `None` when it is 0 or beyond the order.
    pub fn sm2(scalar: [u8; 32]) -> Option<Self> {
        let secret = sm2::SecretKey::from_slice(&scalar).ok()?;
        Some(Self::Sm2(Box::new(sm2::dsa::SigningKey::new(SM2_IDENTITY, &secret).ok()?)))
    }

    /// Its public key.
    ///
    /// # Panics
    /// Never: what a signing key yields is a key.
    pub fn public(&self) -> PublicKey {
        let (algorithm, bytes) = match self {
            Self::Ed25519(key) => ("ed25519", key.public().to_bytes().to_vec()),
            Self::Sm2(key) => ("sm2", key.verifying_key().to_sec1_bytes().to_vec()),
        };
        PublicKey::parse(&format!("{algorithm}:{}", BASE64_STANDARD.encode(bytes))).expect("a signing key has a point")
    }

    /// Signs a message; the signature in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        match self {
            Self::Ed25519(key) => BASE64_STANDARD.encode(key.sign(message)),
            Self::Sm2(key) => BASE64_STANDARD.encode(key.sign(message).to_bytes()),
        }
    }
}
