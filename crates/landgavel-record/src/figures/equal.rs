//! Which texts are equal, among millions, without a table that depends on chance.

use super::cells::Span;

/// For each text the index of the first one equal to it.
pub(super) fn first_equal(bytes: &[u8], spans: &[Span]) -> Vec<u32> {
    let short = |index: usize| u32::try_from(index).expect("tables are smaller than 4 GiB");
    let mut marked: Vec<(u64, u32)> =
        spans.iter().enumerate().map(|(index, span)| (mark(span.of(bytes)), short(index))).collect();
    // Equal texts have equal marks and stand together, in the order of the table.
    marked.sort_unstable();
    let mut first: Vec<u32> = (0..spans.len()).map(short).collect();
    for run in marked.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        // Marks of unequal texts meet by accident or by malice; a run is then sorted by its texts.
        let mut rows: Vec<u32> = run.iter().map(|(_, row)| *row).collect();
        let text = |row: u32| spans[row as usize].of(bytes);
        rows.sort_by(|a, b| text(*a).cmp(text(*b)));
        for equals in rows.chunk_by(|a, b| text(*a) == text(*b)) {
            let least = equals.iter().copied().min().unwrap_or_default();
            equals.iter().for_each(|row| first[*row as usize] = least);
        }
    }
    first
}

/// A number of a text: equal texts have equal ones.
fn mark(text: &[u8]) -> u64 {
    let mut mark = 0xcbf2_9ce4_8422_2325u64 ^ text.len() as u64;
    for chunk in text.chunks(8) {
        let mut word = [0u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mark = (mark ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    mark
}
