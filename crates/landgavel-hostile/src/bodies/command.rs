use std::sync::LazyLock;

use landgavel_base::Instant;
use landgavel_record::canonical::{Document, encode};
use landgavel_record::keys::{KeyCache, PublicKey};
use landgavel_record::record::{Notice, Received, Record};
use serde_json::Value;

use crate::forge::Forge;
use crate::json::change;
use crate::samples::{LOTTERY, P1, TINY, p1, tiny};
use crate::tape::{Tape, mangle};

/// Longest entry that a log takes.
const ENTRY_MAX: usize = 65_535;

/// A sale at each of its entries.
struct Sale {
    forge: Forge,
    states: Vec<Record>,
}

impl Sale {
    fn of(mut forge: Forge) -> Self {
        let mut states = Vec::new();
        let last = forge.judge(|record| states.push(record.clone()));
        states.push(last);
        Self { forge, states }
    }
}

static SALES: LazyLock<[Sale; 3]> = LazyLock::new(|| {
    let lottery = Forge::of(&LOTTERY, LOTTERY.run(usize::MAX));
    [Forge::of(&TINY, tiny().clone()), Forge::of(&P1, p1().clone()), lottery].map(Sale::of)
});

/// A command, of any bytes or changed from a good one and signed again, brought to a sale at any of its entries.
///
/// # Panics
/// When canonical text is not what its encoding gives, a command that is turned away leaves a trace, an entry
/// is no entry, or anything below panics.
pub fn command(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let sale = &SALES[usize::from(tape.byte() % 3)];
    let place = tape.below(sale.states.len());
    let record = &sale.states[place];
    let last = record.sale().last().millis();
    let delay = match tape.byte() % 4 {
        0 => tape.edge(),
        steps => i64::from(steps - 1) * 1_000_000,
    };
    let Some(at) = Instant::from_millis(last.saturating_add(delay)) else { return };
    let mut signatures = Vec::new();
    let text = if tape.byte().is_multiple_of(4) {
        raw(tape.rest())
    } else {
        // Most commands are those that come next, so that they get far.
        let near = (place + 1 + usize::from(tape.byte() % 8)) % sale.forge.entries.len();
        let mut text = changed(&sale.forge, near, &mut tape);
        let signers = signers(&text);
        if tape.byte() == 1 {
            let mut bytes = text.into_bytes();
            mangle(&mut bytes, &mut tape);
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
        let signed = sale.forge.signatures(&text, &signers);
        let field = |signed: &Value, name: &str| signed[name].as_str().unwrap_or_default().to_owned();
        let pairs = signed.as_array().into_iter().flatten();
        signatures.extend(pairs.map(|signed| (field(signed, "key"), field(signed, "signature"))));
        text
    };
    let signatures = signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
    if let Ok(received) = Received::check(at, text, signatures, &mut KeyCache::default()) {
        enter(record, &received);
    }
}

fn enter(record: &Record, received: &Received) {
    let mut after = record.clone();
    match after.enter(received) {
        Ok(entry) => {
            assert!(entry.line.len() <= ENTRY_MAX, "an entry of {} bytes", entry.line.len());
            let line = Document::parse(entry.line.as_str()).unwrap();
            assert_eq!(line.object().get("command").and_then(|text| text.text()), Some(received.text()));
            assert_eq!(after.size(), record.size() + 1);
        }
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            assert!(after.size() == record.size() && after.sale() == record.sale(), "{fault}: it left a trace");
        }
    }
}

/// Bytes as text, which is also tried as everything else that a record reads from text.
fn raw(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Ok(notice) = Notice::parse(&text) {
        assert_eq!(notice.text(), text);
    }
    if let Ok(key) = PublicKey::parse(&text) {
        assert_eq!(key.text(), text);
    }
    text
}

fn changed(forge: &Forge, place: usize, tape: &mut Tape<'_>) -> String {
    let mut command = if place == 0 { forge.entry(0)["notice"].clone() } else { forge.command(place) };
    for _ in 0..tape.byte() % 4 {
        change(&mut command, tape);
    }
    encode(&command)
}

/// Who has to sign it, as far as it says.
fn signers(text: &str) -> Vec<String> {
    let command: Value = serde_json::from_str(text).unwrap_or_default();
    let bidder = || vec![format!("bidder/{}", command["bidder"].as_str().unwrap_or("A"))];
    match command["do"].as_str().unwrap_or_default() {
        "tick" | "open" | "beacon" => Vec::new(),
        "apply" | "withdraw" | "bid" | "join" | "accept" | "seal" | "file" | "confirm" => bidder(),
        "annul" => vec!["officer/1".to_owned(), "officer/2".to_owned()],
        _ => vec!["officer/1".to_owned()],
    }
}

/// The next command of each state as it is, and texts of each kind.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (sale, count) in [(0, 18), (1, 60), (2, 12)] {
        seeds.extend((0..count).map(|place| vec![sale, 0, place, 1, 1, 0, 0]));
        seeds.extend((0..count).step_by(5).map(|place| vec![sale, 0, place, 1, 1, 0, 1, 1, 1, 0, 3, 9, 7]));
    }
    let sale = &SALES[0];
    let texts = (0..sale.forge.entries.len()).map(|place| changed(&sale.forge, place, &mut Tape::new(&[])));
    let keys = ["officer/1", "bidder/A"].map(|holder| sale.forge.key(holder).public().to_string());
    let notice = sale.forge.entry(0)["notice"].as_str().unwrap_or_default().to_owned();
    for text in texts.chain(keys).chain([notice]) {
        let mut seed = vec![0, 0, 3, 1, 0];
        seed.extend(text.bytes());
        seeds.push(seed);
    }
    seeds
}
