//! Tests of the beacon and of seals, at the public surface.
#![expect(clippy::disallowed_methods, reason = "one test compares the published vectors on disk")]

mod chains;
mod hex;
mod hostile;
mod rounds;
mod seals;
mod vectors;
