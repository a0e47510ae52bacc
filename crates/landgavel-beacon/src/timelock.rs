//! Sealing to a round that is to come, and opening when it has come.

use alloc::vec::Vec;
use core::fmt;

use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use sha2::{Digest as _, Sha256};

use crate::chain::Chain;
use crate::envelope::{BODY_LENGTH, Envelope, HEADER_LENGTH, MAX_PLAINTEXT, header};
use crate::ibe::{KEY_LENGTH, Key, hide, reveal};
use crate::round::Output;

/// Bytes before the text that say how long it is.
const PREFIX: usize = 2;

/// Seals `plaintext` so that it opens when `round` of `chain` is published.
///
/// `randomness` is 32 bytes of the operating system's chance, fresh for each seal and told to nobody: who
/// knows it and guesses the text can confirm the guess. The same arguments give the same bytes. The text
/// takes part in making the keys, so randomness that was used twice by mistake does not give two texts
/// one key.
///
/// # Errors
///
/// [`SealError`] if the text is too long or the round is 0.
pub fn seal(chain: &Chain, round: u64, plaintext: &[u8], randomness: [u8; 32]) -> Result<Envelope, SealError> {
    if round == 0 {
        return Err(SealError::RoundZero);
    }
    let mut body = pad(plaintext)?;
    let (key, sigma) = keys(chain, round, &randomness, &body);
    let hidden = hide(chain.key(), round, &key, &sigma).ok_or(SealError::Randomness)?;
    let header = header(&chain.hash(), round, &hidden);
    let tag = cipher(&key, &header)
        .encrypt_in_place_detached(&Nonce::default(), &header, &mut body)
        .map_err(|_| SealError::TooLong { found: plaintext.len() })?;
    Ok(Envelope::from_parts(&header, hidden.u, &body, &tag.into()))
}

/// Opens a seal with what its round published.
///
/// # Errors
///
/// [`OpenError`] says why it does not open. It never will, unless it is for another chain or round.
pub fn open(output: &Output, envelope: &Envelope) -> Result<Vec<u8>, OpenError> {
    if envelope.chain_hash() != output.chain_hash() {
        return Err(OpenError::OtherChain);
    }
    if envelope.round() != output.round() {
        return Err(OpenError::OtherRound { sealed_to: envelope.round(), opened_with: output.round() });
    }
    let key = reveal(output.point(), &envelope.hidden()).ok_or(OpenError::NotSealedToRound)?;
    let header = envelope.header();
    let mut body = envelope.body();
    cipher(&key, &header)
        .decrypt_in_place_detached(&Nonce::default(), &header, &mut body, &Tag::from(envelope.tag()))
        .map_err(|_| OpenError::Altered)?;
    unpad(&body).map(<[u8]>::to_vec).ok_or(OpenError::Padding)
}

fn pad(plaintext: &[u8]) -> Result<[u8; BODY_LENGTH], SealError> {
    let too_long = SealError::TooLong { found: plaintext.len() };
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(too_long);
    }
    let length = u16::try_from(plaintext.len()).map_err(|_| too_long)?;
    let mut body = [0; BODY_LENGTH];
    body[..PREFIX].copy_from_slice(&length.to_be_bytes());
    body[PREFIX..PREFIX + plaintext.len()].copy_from_slice(plaintext);
    Ok(body)
}

/// The text, if it is not too long and nothing but zeros stands behind it.
fn unpad(body: &[u8; BODY_LENGTH]) -> Option<&[u8]> {
    let (length, rest) = body.split_first_chunk::<PREFIX>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (text, padding) = rest.split_at_checked(length)?;
    (length <= MAX_PLAINTEXT && padding.iter().all(|byte| *byte == 0)).then_some(text)
}

/// The key of the body, and the chance that hides it.
fn keys(chain: &Chain, round: u64, randomness: &[u8; 32], body: &[u8; BODY_LENGTH]) -> (Key, Key) {
    let digest = Sha256::new()
        .chain_update("landgavel/seal/1/keys")
        .chain_update(randomness)
        .chain_update(chain.hash())
        .chain_update(round.to_be_bytes())
        .chain_update(body)
        .finalize();
    (core::array::from_fn(|at| digest[at]), core::array::from_fn(|at| digest[KEY_LENGTH + at]))
}

/// The cipher of one body. Its key depends on the whole header and is used once, so the nonce is zero.
fn cipher(key: &Key, header: &[u8; HEADER_LENGTH]) -> ChaCha20Poly1305 {
    let body_key =
        Sha256::new().chain_update("landgavel/seal/1/body").chain_update(key).chain_update(header).finalize();
    ChaCha20Poly1305::new(&body_key)
}

/// Why a text can't be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// There is one size of envelope, and the text does not fit.
    TooLong {
        /// Bytes of the text.
        found: usize,
    },
    /// Rounds begin at 1.
    RoundZero,
    /// The randomness leads to no key; other randomness does.
    Randomness,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { found } => {
                write!(f, "at most {MAX_PLAINTEXT} bytes can be sealed in an envelope, and this has {found}")
            }
            Self::RoundZero => f.write_str("nothing can be sealed to round 0: a chain's rounds begin at 1"),
            Self::Randomness => f.write_str("this randomness leads to no key: seal again with other randomness"),
        }
    }
}

impl core::error::Error for SealError {}

/// Why an envelope does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// It is for another chain.
    OtherChain,
    /// It is for another round.
    OtherRound {
        /// The round that the envelope names.
        sealed_to: u64,
        /// The round of the output.
        opened_with: u64,
    },
    /// It names this round and was not sealed to it, or its key was not made as the format says.
    NotSealedToRound,
    /// Its header or body is not what was sealed.
    Altered,
    /// What was sealed does not have the form of a padded text.
    Padding,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherChain => f.write_str("the envelope is sealed to another chain"),
            Self::OtherRound { sealed_to, opened_with } => {
                write!(f, "the envelope is sealed to round {sealed_to}, and this is round {opened_with}")
            }
            Self::NotSealedToRound => {
                f.write_str("the envelope names this round, but its key was not sealed to it as the format says")
            }
            Self::Altered => f.write_str("the envelope was altered, or its body was not made with its key"),
            Self::Padding => f.write_str("the sealed text is not padded as the format says"),
        }
    }
}

impl core::error::Error for OpenError {}
