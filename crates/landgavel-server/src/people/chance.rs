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
