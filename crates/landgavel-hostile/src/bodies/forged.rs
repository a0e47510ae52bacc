use std::sync::LazyLock;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::forge::Forge;
use crate::json::change;
use crate::samples::{TINY, tiny};
use crate::tape::{Tape, mangle};

/// Longest entry that a log takes.
pub(super) const ENTRY_MAX: usize = 65_535;

/// A record that its operator changed, signed and had witnessed again. It may hold or not; the verifier must
/// say so, twice the same, and never stop.
///
/// # Panics
/// When two verdicts differ or the verifier panics.
pub fn forged(bytes: &[u8]) {
    static GOOD: LazyLock<Forge> = LazyLock::new(|| Forge::of(&TINY, tiny().clone()));
    let mut forge = GOOD.clone();
    let mut tape = Tape::new(bytes);
    while !tape.is_empty() && !forge.entries.is_empty() {
        step(&mut forge, &mut tape);
    }
    if forge.entries.iter().any(|entry| entry.len() > ENTRY_MAX) {
        return;
    }
    let bundle = forge.forge();
    let report = bundle.report();
    assert_eq!(report.json(), bundle.report().json());
}

pub(super) fn step(forge: &mut Forge, tape: &mut Tape<'_>) {
    let kind = tape.byte() % 14;
    let place = tape.below(forge.entries.len());
    let is_read = forge.entries.iter().all(|entry| serde_json::from_slice::<Value>(entry).is_ok_and(|e| e.is_object()));
    match kind {
        0 if is_read => forge.remove(place),
        1 if is_read => forge.insert(place, forge.entries[place].clone()),
        2 => {
            let other = tape.below(forge.entries.len());
            forge.entries.swap(place, other);
        }
        3 if is_read => forge.renumber(),
        4 => mangle(&mut forge.entries[place], tape),
        5 | 6 if is_read => {
            let mut entry = forge.entry(place);
            change(&mut entry, tape);
            forge.put(place, &entry);
        }
        7 | 8 if is_read && forge.entry(place)["command"].is_string() => resign(forge, place, tape),
        9 if is_read && forge.entry(0)["notice"].is_string() => renotice(forge, tape),
        10 => {
            let place = tape.below(forge.checkpoints.len());
            if let Some((_, time)) = forge.checkpoints.get_mut(place) {
                *time = time.saturating_add_signed(tape.edge()).clamp(1, i64::MAX.unsigned_abs());
            }
        }
        11 => {
            let place = tape.below(forge.checkpoints.len());
            if let Some((size, _)) = forge.checkpoints.get_mut(place) {
                *size = size.saturating_add_signed(tape.edge());
            }
        }
        12 => drop(forge.checkpoints.pop()),
        13 if is_read => exchange(forge, tape),
        _ => {}
    }
}

fn resign(forge: &mut Forge, place: usize, tape: &mut Tape<'_>) {
    if serde_json::from_str::<Value>(forge.entry(place)["command"].as_str().unwrap_or_default()).is_err() {
        return;
    }
    let holders: &[&str] = match tape.byte() % 6 {
        0 => &[],
        1 => &["bidder/A"],
        2 => &["bidder/B"],
        3 => &["officer/1"],
        4 => &["officer/1", "officer/2"],
        _ => &["bidder/C"],
    };
    let key = holders.first().map(|holder| forge.key(holder).public().to_string());
    forge.resign(place, holders, |command| {
        change(command, tape);
        if let (Some(fields), Some(key)) = (command.as_object_mut(), key) {
            fields.insert("key".to_owned(), json!(key));
        }
    });
}

fn renotice(forge: &mut Forge, tape: &mut Tape<'_>) {
    if serde_json::from_str::<Value>(forge.entry(0)["notice"].as_str().unwrap_or_default()).is_ok() {
        forge.renotice(|notice| change(notice, tape));
    }
}

/// Changes rulebook, lot or policy, and the notice's digest of it.
fn exchange(forge: &mut Forge, tape: &mut Tape<'_>) {
    let (file, field) =
        [("rulebook.toml", "rulebook_sha256"), ("lot.toml", "lot_sha256"), ("policy.txt", "policy_sha256")]
            [tape.below(3)];
    let Some(bytes) = forge.bundle.0.get_mut(file) else { return };
    mangle(bytes, tape);
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let is_notice = forge.entry(0)["notice"].as_str().is_some_and(|text| serde_json::from_str::<Value>(text).is_ok());
    if is_notice {
        forge.renotice(|notice| {
            if let Some(fields) = notice.as_object_mut() {
                fields.insert(field.to_owned(), json!(digest));
            }
        });
    }
}

/// One for each kind of step, on some entries.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new()];
    for kind in 0..14 {
        for entry in [0_u8, 1, 6, 9, 14] {
            seeds.push(vec![kind, 0, entry, 1, 1, 0, 2, 3, 1, 0, 1, 5]);
        }
    }
    seeds
}
