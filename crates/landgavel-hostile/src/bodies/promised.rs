use std::sync::LazyLock;

use super::bundle::step as step_of_bundle;
use super::forged::{ENTRY_MAX, step as step_of_forge};
use crate::forge::Forge;
use crate::pledged::{TINY_TERMS, forge_of, terms, tiny_pledge, tiny_sold};
use crate::tape::Tape;

/// The bundle of a pledge with its files changed, which then does not hold; or its record changed by whoever ran it, signed
/// and had witnessed again, on which two verdicts are the same.
///
/// # Panics
/// When it is not so, or the verifier panics.
pub fn promised(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    if tape.byte().is_multiple_of(2) {
        let mut bundle = tiny_pledge().clone();
        while !tape.is_empty() {
            step_of_bundle(&mut bundle, &mut tape);
        }
        let report = bundle.report();
        assert_eq!(report.holds(), bundle == *tiny_pledge(), "{}", report.json());
        return;
    }
    static GOOD: LazyLock<Forge> =
        LazyLock::new(|| forge_of(tiny_sold(), &terms(TINY_TERMS.as_bytes()), tiny_pledge().clone()));
    let mut forge = GOOD.clone();
    while !tape.is_empty() && !forge.entries.is_empty() {
        step_of_forge(&mut forge, &mut tape);
    }
    if forge.entries.iter().any(|entry| entry.len() > ENTRY_MAX) {
        return;
    }
    let bundle = forge.forge();
    let report = bundle.report();
    assert_eq!(report.json(), bundle.report().json());
}

/// One for each kind of step, on some files and entries.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new(), vec![1]];
    let files = u8::try_from(tiny_pledge().0.len()).unwrap_or(u8::MAX);
    for file in 0..files {
        seeds.push(vec![0, file % 6, 0, file, 0, 0, 40, 0, 1, 3]);
    }
    for kind in 0..14 {
        for entry in [0_u8, 2, 5, 9] {
            seeds.push(vec![1, kind, 0, entry, 1, 1, 0, 2, 3, 1, 0, 1, 5]);
        }
    }
    seeds
}
