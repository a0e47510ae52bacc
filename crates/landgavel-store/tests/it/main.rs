//! The store: both drivers against one suite, and what only one of them can show.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod archive;
mod cluster;
mod conformance;
mod crash;
mod disk;
mod places;
mod postgres;
mod sqlite;
mod writer;
