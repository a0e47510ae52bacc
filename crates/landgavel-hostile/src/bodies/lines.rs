use std::sync::{Arc, LazyLock};

use landgavel_record::language::Loaded;
use landgavel_record::rehearsal::Rehearsal;
use landgavel_record::run::Runner;
use landgavel_record::wire::RequestLines;

use crate::memory::Bundle;
use crate::samples::{LOTTERY, P1, Sample, TINY};
use crate::tape::{Tape, mangle};

/// Most commands of one run: enough for a sale to end, few enough for a fuzzer.
const COMMANDS_MAX: usize = 80;
const SAMPLES: [Sample; 3] = [TINY, P1, LOTTERY];

/// A file of commands, JSON lines or CSV, of any bytes or changed from a good one, run in a sale without
/// signatures or in a signed rehearsal, whose bundle then holds.
///
/// # Panics
/// When it does not, or something below panics.
pub fn lines(bytes: &[u8]) {
    static LOTS: LazyLock<[Loaded; 3]> = LazyLock::new(|| SAMPLES.map(|sample| sample.loaded()));
    let mut tape = Tape::new(bytes);
    let (kind, way) = (usize::from(tape.byte() % 3), tape.byte() % 4);
    let file = if way < 2 {
        tape.rest().to_vec()
    } else {
        let mut file = Vec::from(SAMPLES[kind].commands);
        while !tape.is_empty() {
            mangle(&mut file, &mut tape);
        }
        file
    };
    let mut lines = RequestLines::new(file.as_slice());
    let requests = std::iter::from_fn(|| lines.next_request()).take(COMMANDS_MAX).map_while(Result::ok);
    let loaded = &LOTS[kind];
    if way % 2 == 0 {
        let mut bundle = Bundle::default();
        let mut rehearsal = Rehearsal::open(loaded, None, &mut bundle);
        for (_, request) in requests {
            let _ = rehearsal.request(&request, &mut bundle, &mut |_| {});
        }
        rehearsal.finish(&mut bundle, &mut |_| {}).unwrap();
        let report = bundle.report();
        assert!(report.holds(), "{}", report.json());
    } else {
        let mut runner = Runner::new(Arc::new(loaded.lot.clone()));
        for (_, request) in requests {
            let _ = runner.request(&request, &mut |_| {});
        }
        runner.finish(&mut |_| {});
    }
}

/// The files of the samples in all ways, and CSV.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let csv = "\u{feff}at;do;bidder;form;amount;fact.industry\r\n2026-03-24T09:00:00+08:00;apply;A;;;C345\r\n\
               2026-03-25T09:00:00+08:00;bond;A;cash;360 万元;\r\n";
    let mut seeds: Vec<Vec<u8>> = (0..2).flat_map(|kind| (2..4).map(move |way| vec![kind, way])).collect();
    for way in 0..2 {
        seeds.push([vec![0, way], TINY.commands.into()].concat());
        seeds.push([vec![1, way], csv.into()].concat());
        seeds.push([vec![1, way], P1.commands.lines().take(14).collect::<Vec<_>>().join("\n").into()].concat());
    }
    let bid = r#"{"at":"2026-01-05T12:00:01+08:00","do":"bid","bidder":"A","amount":"9 元"}"#;
    seeds.push([vec![2, 1], LOTTERY.commands.into(), bid.into()].concat());
    for at in 0..6 {
        seeds.push(vec![at % 2, 3, at, at, 40, 0, 20, 0, 9]);
    }
    seeds
}
