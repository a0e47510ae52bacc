//! The pure sale engine.
pub mod rulebook;
pub mod lot; pub mod command; pub mod event; pub mod outcome; pub mod refusal;
extern crate alloc;
