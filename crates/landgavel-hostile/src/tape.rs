/// A fuzzer's bytes, read as choices. When they end, every choice is the first.
pub struct Tape<'a> {
    bytes: &'a [u8],
}

impl<'a> Tape<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.bytes.split_first().unwrap_or((&0, &[]));
        self.bytes = rest;
        *first
    }

    pub fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// A place among `count`; 0 when there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let (high, low) = (self.byte(), self.byte());
        usize::from(u16::from_be_bytes([high, low])).checked_rem(count).unwrap_or(0)
    }

    /// At most so many bytes.
    pub fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(most.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.bytes)
    }

    /// A number from those that break programs.
    pub fn edge(&mut self) -> i64 {
        const EDGES: [i64; 12] = [
            0,
            1,
            -1,
            255,
            65_536,
            1 << 31,
            (1 << 53) - 1,
            -((1 << 53) - 1),
            1 << 53,
            i64::MAX,
            i64::MIN,
            253_402_300_800_000,
        ];
        let choice = self.byte();
        EDGES.get(usize::from(choice)).copied().unwrap_or_else(|| i64::from(choice))
    }
}

/// Changes bytes in one of the ways in which files go wrong.
pub fn mangle(bytes: &mut Vec<u8>, tape: &mut Tape<'_>) {
    let kind = tape.byte() % 8;
    let at = tape.below(bytes.len());
    let to = (at + 1 + tape.below(64)).min(bytes.len());
    match kind {
        0 if at < bytes.len() => bytes[at] ^= 1 << (tape.byte() % 8),
        1 if at < bytes.len() => bytes[at] = tape.byte(),
        2 => drop(bytes.splice(at..at, tape.take(to - at).iter().copied())),
        3 => drop(bytes.drain(at..to)),
        4 => bytes.truncate(at),
        5 => bytes.extend_from_within(at..to),
        6 => {
            let piece = bytes[at..to].to_vec();
            let other = tape.below(bytes.len());
            drop(bytes.splice(other..other, piece));
        }
        _ => {
            let other = tape.below(bytes.len());
            if at < bytes.len() && other < bytes.len() {
                bytes.swap(at, other);
            }
        }
    }
}
