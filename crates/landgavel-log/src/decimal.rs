//! Numbers as the formats write them: ASCII decimal, without sign or leading zeroes.

/// The number that `text` writes, or nothing if it is written in any other way.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { text.parse().ok() } else { None }
}
