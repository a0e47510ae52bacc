//! Prints how long sealing, checking a round and opening take on this machine.
//!
//! `cargo run --release -p landgavel-beacon --example speed`
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::error::Error;
use std::time::Instant;

use landgavel_beacon::{Envelope, LocalChain, open, seal, verify};

const TIMES: u8 = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let local = LocalChain::from_seed([7; 32], 1_700_000_000, 3)?;
    let signature = local.sign(10);

    let sealed: Vec<Envelope> = measure("seal", |number| seal(local.chain(), 10, b"1200 per mu", [number; 32]))?;
    let output = verify(local.chain(), 10, &signature)?;
    measure("check a round", |_| verify(local.chain(), 10, &signature))?;
    measure("read an envelope", |number| Envelope::parse(sealed[usize::from(number)].as_bytes()))?;
    measure("open", |number| open(&output, &sealed[usize::from(number)]))?;
    Ok(())
}

fn measure<T, E>(what: &str, mut work: impl FnMut(u8) -> Result<T, E>) -> Result<Vec<T>, E> {
    let begun = Instant::now();
    let results = (0..TIMES).map(&mut work).collect::<Result<Vec<T>, E>>()?;
    let each = begun.elapsed() / u32::from(TIMES);
    println!("{what}: {} µs each, mean of {TIMES}", each.as_micros());
    Ok(results)
}
