//! Tests of the beacon and of seals, at the public surface.

mod chains;
mod hex;
mod hostile;
mod rounds;
mod seals;
