//! Bytes that nobody honest would send: what fuzzers feed to every decoder, and what attackers make of a
//! record whose keys they hold.
//!
//! Nothing here ships. It stands aside so that the fuzzers under `fuzz/`, the tests of other crates and the
//! run over every bit of a bundle share one copy. Modules, each importing only from those before it: `tape`,
//! `memory`, `samples`, `json`, `forge`, `pledged`, `tamper`, `bodies`.
//!
//! A body is a function of bytes that panics when it finds a fault and returns otherwise:
//!
//! ```
//! landgavel_hostile::bodies::log(b"\x00not a note");
//! ```
#![expect(clippy::unwrap_used, reason = "what stops here is a fault that was looked for, or a broken sample")]

pub mod bodies;
pub mod forge;
mod json;
pub mod memory;
pub mod pledged;
pub mod samples;
pub mod tamper;
mod tape;
