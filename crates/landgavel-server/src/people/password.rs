use argon2::password_hash::{PasswordHash as Parsed, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use super::chance;

/// Shortest password, in characters. Source: OWASP ASVS 4.0.3, 2.1.1.
const MIN_CHARS: usize = 12;
/// Longest, in bytes: hashing takes time in its length. ASVS 2.1.2 asks for at least 64 characters.
const MAX_BYTES: usize = 512;
/// Memory (KiB), passes and lanes. Source: OWASP Password Storage Cheat Sheet, Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords that are tried first by whoever guesses, as stems: with digits around they stay as bad.
const COMMON: [&str; 14] = [
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "123456",
    "abcdef",
    "letmein",
    "iloveyou",
    "administrator",
    "welcome",
    "woaini",
    "landgavel",
    "zhongguo",
    "111111",
];

/// A password as it is kept: Argon2id with a salt, in the PHC text form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than 12 characters.
    TooShort,
    /// More than 512 bytes.
    TooLong,
    /// It is among those that are tried first, or repeats a few characters.
    Common,
}

impl PasswordError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
        }
    }
}

impl PasswordHash {
    /// Hashes a password that is good enough. It takes tens of milliseconds and 19 MiB: not on a thread that serves others.
    ///
    /// # Errors
    /// Why it is not taken.
    ///
    /// # Panics
    /// Never: the constants are valid.
    pub fn make(password: &str) -> Result<Self, PasswordError> {
        check(password)?;
        let salt = SaltString::encode_b64(&chance::bytes::<16>()).expect("16 bytes make a salt");
        let hash = argon2().hash_password(password.as_bytes(), &salt).expect("the constants are valid");
        Ok(Self(hash.to_string()))
    }

    /// Whether this is the password. As slow as making it.
    pub fn is_of(&self, password: &str) -> bool {
        password.len() <= MAX_BYTES
            && Parsed::new(&self.0).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    }

    /// Takes as long as a check of a real one: whoever guesses names must not learn which exist.
    pub fn waste(password: &str) {
        let salt = SaltString::encode_b64(&[0; 16]).expect("16 bytes make a salt");
        let short = password.get(..MAX_BYTES.min(password.len())).unwrap_or_default();
        drop(argon2().hash_password(short.as_bytes(), &salt));
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        Parsed::new(text).ok().map(|_| Self(text.to_owned()))
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn check(password: &str) -> Result<(), PasswordError> {
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    let lower = password.to_lowercase();
    let letters: String = lower.chars().filter(|c| !c.is_ascii_digit() && !c.is_ascii_punctuation()).collect();
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let is_stem = COMMON.iter().any(|stem| letters == *stem || lower == stem.repeat(lower.len() / stem.len()));
    if is_stem || distinct.len() < 5 { Err(PasswordError::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let hash = PasswordHash::make("鞋都五十二号地块之约定口令").unwrap();
        assert!(hash.is_of("鞋都五十二号地块之约定口令"));
        assert!(!hash.is_of("鞋都五十二号地块之约定口令 "));
        assert_eq!(PasswordHash::from_text(hash.text()), Some(hash));
    }

    #[test]
    fn what_is_guessed_first_is_not_taken() {
        let cases = [
            ("short", PasswordError::TooShort),
            ("password1234", PasswordError::Common),
            ("administrator!2026", PasswordError::Common),
            ("123456123456", PasswordError::Common),
            ("aaaaaaaaaaaaaaaa", PasswordError::Common),
            ("abababababab", PasswordError::Common),
        ];
        for (password, why) in cases {
            assert_eq!(PasswordHash::make(password).err(), Some(why), "{password}");
        }
        assert_eq!(PasswordHash::make(&"长".repeat(200)).err(), Some(PasswordError::TooLong));
    }

    #[test]
    fn a_hash_is_not_printed() {
        assert!(!format!("{:?}", PasswordHash::make("correct horse battery").unwrap()).contains("argon2"));
    }
}
