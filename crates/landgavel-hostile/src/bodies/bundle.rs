use crate::memory::Bundle;
use crate::samples::tiny;
use crate::tape::{Tape, mangle};

/// A good bundle whose files were changed: the verdict must be that it does not hold.
///
/// # Panics
/// When a changed bundle holds, an unchanged one does not, or the verifier panics.
pub fn bundle(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut bundle = tiny().clone();
    while !tape.is_empty() {
        step(&mut bundle, &mut tape);
    }
    let report = bundle.report();
    assert_eq!(report.holds(), bundle == *tiny(), "{}", report.json());
}

pub(super) fn step(bundle: &mut Bundle, tape: &mut Tape<'_>) {
    let kind = tape.byte() % 16;
    let Some(path) = nth(bundle, tape.below(bundle.0.len())) else { return };
    match kind {
        0 => drop(bundle.0.remove(&path)),
        1 => {
            let other = String::from_utf8_lossy(tape.take(24)).into_owned();
            bundle.0.insert(other, tape.take(64).to_vec());
        }
        2 => {
            let Some(other) = nth(bundle, tape.below(bundle.0.len())) else { return };
            let (one, two) = (bundle.0[&path].clone(), bundle.0[&other].clone());
            bundle.0.insert(path, two);
            bundle.0.insert(other, one);
        }
        3 => drop(bundle.0.insert(path, tape.rest().to_vec())),
        4 => {
            let count = tape.number() & 0xff_ffff;
            bundle.0.entry(path).and_modify(|bytes| bytes.resize(usize::try_from(count).unwrap_or(0), b'\n'));
        }
        _ => drop(bundle.0.entry(path).and_modify(|bytes| mangle(bytes, tape))),
    }
}

fn nth(bundle: &Bundle, place: usize) -> Option<String> {
    bundle.0.keys().nth(place).cloned()
}

/// One for each kind of step, on each file.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let files = u8::try_from(tiny().0.len()).unwrap_or(u8::MAX);
    let mut seeds = vec![Vec::new()];
    for file in 0..files {
        seeds.push(vec![5, 0, file, 0, 0, 40, 0, 1, 3]);
        seeds.push(vec![file % 5, 0, file, 0, file / 2, b'x', 0, 1]);
    }
    seeds
}
