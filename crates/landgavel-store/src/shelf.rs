//! The shelf: what can be made again from the journal, kept so that a start is quick.

use crate::fault::Fault;

/// The most bytes of a key.
pub const MAX_KEY: usize = 512;

/// The most bytes of a value.
pub const MAX_VALUE: usize = 8 << 20;

/// The most rows of one scan or listing: a caller that wants more asks again from the last key.
pub const MAX_ROWS: usize = 1 << 20;

/// A key of the shelf and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Whether a key, and its value, may be stored.
pub(crate) fn check(key: &[u8], value: Option<&[u8]>) -> Result<(), Fault> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Fault::limit(format!("a key has 1 to {MAX_KEY} bytes")));
    }
    match value {
        Some(value) if value.len() > MAX_VALUE => {
            Err(Fault::limit(format!("a value of {} bytes; {MAX_VALUE} is the most", value.len())))
        }
        _ => Ok(()),
    }
}

/// The least key above all that begin with this prefix; `None` when there is none.
pub(crate) fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_above_all_its_keys() {
        assert_eq!(end_of(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end_of(&[1, 0xff, 0xff]), Some(vec![2]));
        assert_eq!(end_of(&[0xff]), None);
        assert_eq!(end_of(b""), None);
    }
}
