//! The pure sale engine: a rulebook and a lot become a sale; commands become events or refusals.
//!
//! It knows no disk, wire, clock or chance: time, randomness and identity are arguments, and
//! `no_std` makes the compiler hold that wall. Modules: `rulebook`, `lot`, `command`, `outcome`,
//! `event`, `refusal`, `mechanism`, `state`, `step`, `decide`, `view`.
#![no_std]

extern crate alloc;

pub mod command;
mod decide;
pub mod event;
pub mod lot;
pub mod mechanism;
pub mod outcome;
pub mod refusal;
pub mod rulebook;
mod state;
mod step;
mod view;

pub use command::{Application, BidderId, Bond, Command};
pub use decide::{LegalBid, LegalQuote};
pub use event::{Event, Happened};
pub use lot::Lot;
pub use outcome::Status;
pub use refusal::{Reason, Refusal};
pub use state::{Arisen, Awarding, Bidder, EndedStage, MAX_APPLICANTS, Period, Sale, Seat, Standing};
pub use view::{BidderView, OfferView, StageView, View, Viewer};
