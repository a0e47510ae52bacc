//! What runs for long and talks: today a witness and those who ask it; later the hall.
//!
//! It holds sockets, files and the clock, and decides nothing: what a witness may sign is decided in
//! `landgavel-log`, what a sale does in `landgavel-sale`. Modules, each importing only from those before it:
//! `clock`, `http`, `key_file`, `witness`.

pub mod clock;
pub mod http;
pub mod key_file;
pub mod witness;
