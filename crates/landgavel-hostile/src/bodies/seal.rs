use std::sync::LazyLock;

use landgavel_beacon::{ENVELOPE_LENGTH, Envelope, LocalChain, Output, open, seal as make, verify};

use crate::tape::{Tape, mangle};

const ROUND: u64 = 10;
const SECRET: &[u8] = b"41 bytes that nobody may read before then";

struct Known {
    chain: LocalChain,
    sealed: [u8; ENVELOPE_LENGTH],
    right: Output,
    wrong: Output,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let chain = LocalChain::from_seed([7; 32], 1_700_000_000, 3).unwrap();
    let sealed = *make(chain.chain(), ROUND, SECRET, [1; 32]).unwrap().as_bytes();
    let output = |round| verify(chain.chain(), round, &chain.sign(round)).unwrap();
    Known { right: output(ROUND), wrong: output(ROUND + 1), chain, sealed }
});

/// An envelope, changed or of any bytes, opened with the right round and with a wrong one; and a round whose
/// signature is any bytes.
///
/// # Panics
/// When an envelope opens by another round, a changed one opens, a forged round is believed, or anything panics.
pub fn seal(bytes: &[u8]) {
    let known = &*KNOWN;
    let mut tape = Tape::new(bytes);
    let kind = tape.byte() % 4;
    if kind == 3 {
        let round = 1 + tape.number() % 64;
        let mut signature = known.chain.sign(round).to_vec();
        while !tape.is_empty() {
            mangle(&mut signature, &mut tape);
        }
        let is_right = signature == known.chain.sign(round);
        assert_eq!(verify(known.chain.chain(), round, &signature).is_ok(), is_right);
        return;
    }
    let envelope = if kind == 2 {
        tape.rest().to_vec()
    } else {
        let mut envelope = known.sealed.to_vec();
        while !tape.is_empty() {
            let at = tape.below(envelope.len());
            // A change of length may have left nothing.
            if let Some(byte) = envelope.get_mut(at) {
                *byte ^= tape.byte();
            }
            // A changed length ends at once, so it comes seldom.
            if tape.byte() == 1 {
                mangle(&mut envelope, &mut tape);
            }
        }
        envelope
    };
    let Ok(parsed) = Envelope::parse(&envelope) else { return };
    assert_eq!(parsed.as_bytes()[..], envelope);
    let output = if kind == 1 { &known.wrong } else { &known.right };
    match open(output, &parsed) {
        Ok(text) => {
            assert!(envelope == known.sealed && kind != 1, "a changed envelope opened");
            assert_eq!(text, SECRET);
        }
        Err(error) => assert!(envelope != known.sealed || kind == 1, "{error}"),
    }
}

/// The good envelope with each round, with a change in each of its fields, and a round.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0], vec![1], [vec![2], KNOWN.sealed.to_vec()].concat(), vec![3], vec![3; 12]];
    for at in [0_u16, 7, 8, 39, 40, 47, 48, 49, 143, 144, 159, 160, 175, 176, 400, 700] {
        let [high, low] = at.to_be_bytes();
        seeds.push(vec![0, high, low, 1, 0]);
        seeds.push(vec![1, high, low, 0x80, 0]);
    }
    seeds
}
