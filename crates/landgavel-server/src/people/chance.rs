use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Bytes that nobody can guess, from the operating system.
///
/// # Panics
/// When the operating system has none: nothing may then be secret.
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives chance");
    bytes
}

/// A secret of 256 bits as text.
pub(super) fn secret() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A word of 80 bits that nobody can guess, in letters and digits: for ids that also serve as a proof of knowing.
pub fn secret_word() -> String {
    // Base32 without 0, 1, 8 and 9, which people misread; 16 letters of 5 bits.
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    bytes::<16>().iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
}

/// A salt of 256 bits.
pub fn salt() -> [u8; 32] {
    bytes()
}
