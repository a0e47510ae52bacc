//! Signed notes (C2SP signed-note v1): a text and signature lines under it.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::ed25519::{KeyError, PublicKey, SecretKey};

/// The most bytes of a note.
pub const MAX_NOTE: usize = 65_536;

/// The most signature lines of a note; the format asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// The most bytes of a key's name.
pub const MAX_NAME: usize = 255;

/// How a key signs: the type byte of signed-note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// Ed25519 over the text (0x01): logs.
    Ed25519,
    /// Ed25519 over a time and the text (0x04): witnesses.
    Cosignature,
}

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            KeyKind::Ed25519 => 0x01,
            KeyKind::Cosignature => 0x04,
        }
    }

    fn of_byte(byte: u8) -> Option<KeyKind> {
        match byte {
            0x01 => Some(KeyKind::Ed25519),
            0x04 => Some(KeyKind::Cosignature),
            _ => None,
        }
    }
}

/// A public key with its name: `name+id+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: PublicKey,
    id: u32,
}

impl VerifierKey {
    /// Names a key.
    ///
    /// # Errors
    ///
    /// [`NoteError::Name`] for a name that is empty, too long, or holds a space, a plus sign or a
    /// control character.
    pub fn new(name: &str, kind: KeyKind, key: PublicKey) -> Result<VerifierKey, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name);
        }
        let hashed = Sha256::new().chain_update(name).chain_update([b'\n', kind.byte()]).chain_update(key.to_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hashed.finalize());
        Ok(VerifierKey { name: name.to_owned(), kind, key, id: u32::from_be_bytes([a, b, c, d]) })
    }

    /// Reads `name+id+base64`.
    ///
    /// # Errors
    ///
    /// [`NoteError`] for another form, another kind of key, an id that does not fit, or a weak key.
    pub fn parse(text: &str) -> Result<VerifierKey, NoteError> {
        let (name, id, kind, bytes) = read_key(text).ok_or(NoteError::KeyForm)?;
        let key = VerifierKey::new(name, kind, PublicKey::from_bytes(&bytes).map_err(NoteError::Key)?)?;
        if id == format!("{:08x}", key.id) { Ok(key) } else { Err(NoteError::KeyId) }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The bare key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The first four bytes of the hash of name, kind and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::from([self.kind.byte()]);
        bytes.extend_from_slice(&self.key.to_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(bytes))
    }
}

/// Takes `name+id+base64` apart; the encoded key is a kind and 32 bytes.
fn read_key(text: &str) -> Option<(&str, &str, KeyKind, [u8; 32])> {
    // The encoded key may itself hold plus signs; a name may not.
    let (name, rest) = text.split_once('+')?;
    let (id, encoded) = rest.split_once('+')?;
    if encoded.len() != 44 {
        return None;
    }
    let bytes = STANDARD.decode(encoded).ok()?;
    let (kind, bytes) = bytes.split_first()?;
    Some((name, id, KeyKind::of_byte(*kind)?, bytes.try_into().ok()?))
}

/// What a secret key begins with, as Go's package note writes it.
const SECRET: &str = "PRIVATE+KEY+";

/// A secret key with its name.
#[derive(Debug, Clone)]
pub struct SigningKey {
    verifier: VerifierKey,
    secret: SecretKey,
}

impl SigningKey {
    /// Names a secret key.
    ///
    /// # Errors
    ///
    /// [`NoteError::Name`] as in [`VerifierKey::new`].
    pub fn new(name: &str, kind: KeyKind, secret: SecretKey) -> Result<SigningKey, NoteError> {
        Ok(SigningKey { verifier: VerifierKey::new(name, kind, secret.public())?, secret })
    }

    /// Reads `PRIVATE+KEY+name+id+base64`, the form of Go's package note.
    ///
    /// # Errors
    ///
    /// [`NoteError`] for another form, another kind of key, or an id that does not fit.
    pub fn parse(text: &str) -> Result<SigningKey, NoteError> {
        let (name, id, kind, seed) = text.strip_prefix(SECRET).and_then(read_key).ok_or(NoteError::SecretForm)?;
        let key = SigningKey::new(name, kind, SecretKey::from_seed(&seed))?;
        if id == format!("{:08x}", key.verifier.id) { Ok(key) } else { Err(NoteError::KeyId) }
    }

    /// The secret itself, in the form that [`SigningKey::parse`] reads. Only a file that nobody else can read
    /// is a place for it.
    #[must_use]
    pub fn secret_text(&self) -> String {
        let VerifierKey { name, kind, id, .. } = &self.verifier;
        let mut bytes = Vec::from([kind.byte()]);
        bytes.extend_from_slice(&self.secret.seed());
        format!("{SECRET}{name}+{id:08x}+{}", STANDARD.encode(bytes))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The same secret under another name: one key may sign for several logs, each by its own name.
    ///
    /// # Errors
    ///
    /// [`NoteError::Name`] as in [`VerifierKey::new`].
    pub fn named(&self, name: &str) -> Result<SigningKey, NoteError> {
        SigningKey::new(name, self.verifier.kind, self.secret.clone())
    }

    /// The bare secret.
    #[must_use]
    pub fn secret(&self) -> &SecretKey {
        &self.secret
    }

    /// Signs bytes as they are.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message)
    }
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub id: u32,
    /// What the key's kind makes of it; at least one byte.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// A signature by `key`.
    #[must_use]
    pub fn by(key: &VerifierKey, bytes: Vec<u8>) -> Signature {
        Signature { name: key.name.clone(), id: key.id, bytes }
    }

    /// Reads a line without its newline.
    ///
    /// # Errors
    ///
    /// [`NoteError::SignatureLine`] for another form.
    pub fn parse(line: &str) -> Result<Signature, NoteError> {
        let (name, encoded) =
            line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::SignatureLine)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::SignatureLine)?;
        match bytes.split_first_chunk::<4>() {
            Some((id, rest)) if is_name(name) && !rest.is_empty() => {
                Ok(Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: rest.to_vec() })
            }
            Some(_) | None => Err(NoteError::SignatureLine),
        }
    }
}

/// The line without its newline.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A text with signatures. The text must not be used before a trusted key verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note without signatures yet.
    ///
    /// # Errors
    ///
    /// [`NoteError`] unless the text ends in a newline, holds no other control character, and is at
    /// most [`MAX_NOTE`] bytes.
    pub fn new(text: String) -> Result<Note, NoteError> {
        if text.len() > MAX_NOTE {
            return Err(NoteError::TooLarge);
        }
        if !text.ends_with('\n') || has_control(&text) {
            return Err(NoteError::Text);
        }
        Ok(Note { text, signatures: Vec::new() })
    }

    /// Reads a note; verifies nothing.
    ///
    /// # Errors
    ///
    /// [`NoteError`] for another form or more than the limits.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLarge);
        }
        let whole = core::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        let (text, lines) = whole.rfind("\n\n").map(|at| whole.split_at(at + 1)).ok_or(NoteError::Unsigned)?;
        let lines = lines.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(NoteError::Unsigned)?;
        let mut note = Note::new(text.to_owned())?;
        for line in lines.split('\n') {
            note.add(Signature::parse(line)?)?;
        }
        Ok(note)
    }

    /// The text, with its last newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, known or not, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooMany`] beyond [`MAX_SIGNATURES`].
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooMany);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Signs the text with a key of kind [`KeyKind::Ed25519`].
    ///
    /// # Errors
    ///
    /// [`NoteError::Kind`] for a key of another kind, [`NoteError::TooMany`] as in [`Note::add`].
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), NoteError> {
        if key.verifier.kind != KeyKind::Ed25519 {
            return Err(NoteError::Kind);
        }
        self.add(Signature::by(&key.verifier, key.sign(self.text.as_bytes()).to_vec()))
    }

    /// The signatures that bear the name and id of `key`; not yet verified.
    pub fn signatures_by<'a>(&'a self, key: &'a VerifierKey) -> impl Iterator<Item = &'a Signature> {
        self.signatures.iter().filter(|signature| signature.name == key.name && signature.id == key.id)
    }

    /// Which of `keys` (of kind [`KeyKind::Ed25519`]; others are passed over) have signed, in the order
    /// of `keys`. Signatures of unknown keys are ignored.
    ///
    /// # Errors
    ///
    /// [`NoteError::WrongSignature`] when a signature of a known key does not verify, and
    /// [`NoteError::NoKnownKey`] when no known key has signed.
    pub fn verify<'a>(&self, keys: &'a [VerifierKey]) -> Result<Vec<&'a VerifierKey>, NoteError> {
        let mut good = Vec::new();
        for key in keys.iter().filter(|key| key.kind == KeyKind::Ed25519) {
            let mut signed = false;
            for signature in self.signatures_by(key) {
                if !key.key.verifies(self.text.as_bytes(), &signature.bytes) {
                    return Err(NoteError::WrongSignature);
                }
                signed = true;
            }
            if signed {
                good.push(key);
            }
        }
        if good.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(good) }
    }
}

/// The whole note, as it is sent and stored.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn is_name(name: &str) -> bool {
    let good = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(good)
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

/// What is wrong with a note or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteError {
    /// A key's name that is not allowed.
    Name,
    /// Not a verifier key of a known kind.
    KeyForm,
    /// Not a secret key of a known kind.
    SecretForm,
    /// The id in a verifier key is not that of its name and key.
    KeyId,
    /// The bytes of a key are refused.
    Key(KeyError),
    /// The key is of a kind that does not sign this.
    Kind,
    /// Too many bytes.
    TooLarge,
    /// The text is not text, or does not end in a newline.
    Text,
    /// No empty line with signature lines after it.
    Unsigned,
    /// A signature line of another form.
    SignatureLine,
    /// Too many signature lines.
    TooMany,
    /// A signature of a known key does not verify.
    WrongSignature,
    /// No known key has signed.
    NoKnownKey,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteError::Name => {
                write!(f, "a key's name has 1 to {MAX_NAME} bytes without space, plus sign or control character")
            }
            NoteError::KeyForm => f.write_str("expected a verifier key: name, plus, id, plus, Ed25519 key in base64"),
            NoteError::SecretForm => {
                f.write_str("expected a secret key: `PRIVATE+KEY+`, name, plus, id, plus, Ed25519 key in base64")
            }
            NoteError::KeyId => f.write_str("expected the id that belongs to the key's name, kind and bytes"),
            NoteError::Key(error) => error.fmt(f),
            NoteError::Kind => f.write_str("expected a key of the kind that signs this"),
            NoteError::TooLarge => write!(f, "a note has at most {MAX_NOTE} bytes"),
            NoteError::Text => {
                f.write_str("expected text in UTF-8 that ends in a newline and has no control character")
            }
            NoteError::Unsigned => f.write_str("expected an empty line and signature lines after the text"),
            NoteError::SignatureLine => f.write_str("expected a signature line: dash, name, signature in base64"),
            NoteError::TooMany => write!(f, "a note has at most {MAX_SIGNATURES} signatures"),
            NoteError::WrongSignature => f.write_str("a signature of a known key does not verify"),
            NoteError::NoKnownKey => f.write_str("expected a signature of a known key"),
        }
    }
}

impl core::error::Error for NoteError {}
