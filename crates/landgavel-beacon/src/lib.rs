//! Public randomness and time seals: checks a round of a beacon, seals to one and opens with it.
//!
//! A beacon publishes a signature every few seconds. Its hash is randomness that nobody could choose,
//! and the signature itself opens what was sealed to that round, for everybody at once and for nobody
//! before. This crate is pure: the time, a round's signature and the chance that a seal needs are
//! arguments. It knows nothing of sales, networks, clocks or files. Every byte that comes from outside
//! may be hostile and is answered with an error value. The bytes of a seal are told in
//! `docs/format/seal.md`. Modules, each importing only from those before it: `curve`, `chain`,
//! `local`, `round`, `ibe`, `envelope`, `timelock`.
//!
//! ```
//! use landgavel_beacon::{Envelope, LocalChain, open, seal, verify};
//!
//! let local = LocalChain::from_seed([7; 32], 1_700_000_000, 3)?;
//! let chain = local.chain();
//! // In use the 32 bytes are fresh randomness of the operating system.
//! let sealed = seal(chain, 10, b"1200 per mu", [1; 32])?;
//!
//! // Round 10 comes.
//! let output = verify(chain, 10, &local.sign(10))?;
//! let received = Envelope::parse(sealed.as_bytes())?;
//! assert_eq!(open(&output, &received)?, b"1200 per mu");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
#![no_std]

extern crate alloc;

mod chain;
mod curve;
mod envelope;
mod ibe;
mod local;
mod round;
mod timelock;

pub use chain::{BadChain, Chain, PUBLIC_KEY_LENGTH};
pub use curve::SIGNATURE_LENGTH;
pub use envelope::{ENVELOPE_LENGTH, Envelope, EnvelopeError, MAX_PLAINTEXT};
pub use local::LocalChain;
pub use round::{BeaconError, Output, verify};
pub use timelock::{OpenError, SealError, open, seal};
