//! Makes every change of the tiny bundle and says how many were named: `cargo xtask tamper`.
//!
//! Words: `--stride N` takes every N-th change only.

use std::process::ExitCode;

use landgavel_hostile::samples::tiny;
use landgavel_hostile::tamper::{Change, every_change, run};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let stride = match words.as_slice() {
        [] => 1,
        [flag, number] if flag == "--stride" => number.parse().unwrap_or(1),
        _ => {
            eprintln!("expected nothing, or --stride and a number");
            return ExitCode::from(2);
        }
    };
    let good = tiny();
    assert!(good.report().holds(), "the bundle that is changed must hold");
    let changes: Vec<Change> = every_change(good).into_iter().step_by(stride).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (tallies, missed) = run(good, &changes, threads);
    let bytes: usize = good.0.values().map(Vec::len).sum();
    println!("a bundle of {} files and {bytes} bytes", good.0.len());
    for (kind, tally) in &tallies {
        println!("{:>8} {kind}, {} named", tally.tried, tally.named);
    }
    for change in &missed {
        println!("MISSED {change:?}");
    }
    ExitCode::from(u8::from(!missed.is_empty()))
}
