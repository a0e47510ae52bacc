//! A witness (C2SP tlog-witness) and whoever asks witnesses.
//!
//! `store` keeps on disk what was cosigned last; `cosigner` is the witness without its wire; `serve` is the wire;
//! `ask` collects cosignatures until a policy has its quorum.

mod ask;
mod cosigner;
mod serve;
mod store;

pub use ask::{Asker, Fault, NotWitnessed, Patience, WitnessedNote};
pub use cosigner::{Answer, Cosigner};
pub use serve::{router, run};
pub use store::{Store, StoreError};
