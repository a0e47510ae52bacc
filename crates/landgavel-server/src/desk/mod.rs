//! The desk: the one writer of a sale.
//!
//! `intake` verifies signatures before anything waits; `book` is the record and its tree in memory.

pub mod book;
pub mod intake;
