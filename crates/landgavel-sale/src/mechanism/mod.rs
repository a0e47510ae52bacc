//! Allocation and payment as pure functions, so that a stranger can run them again.

mod commitment;
mod draw;
mod points;
mod ranking;

pub use commitment::{commitment_digest, seal_digest};
pub use draw::{entrants_root, seed, shuffle, tickets_order};
pub(crate) use points::{mean_half_up, score_points};
pub(crate) use ranking::{Offer, rank, top_is_tied};
