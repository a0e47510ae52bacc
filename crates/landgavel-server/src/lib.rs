//! What runs for long and talks: the hall of sales, and a witness of other logs.
//!
//! It holds sockets, files, keys and the clock, and decides nothing: what a witness may sign is decided in
//! `landgavel-log`, what a sale does in `landgavel-sale`. Modules, each importing only from those before it:
//! `clock`, `line`, `http`, `key_file`, `witness`, `keys`, `desk`, `export`, `board`, `not_done`, `people`, `pledges`, `register`, `hall`, `dossier`,
//! `notices`, `reminders`, `print`, `scores`, `api`, `demo`, `pages`, `site`, `run`, `exhibition`.

pub mod api;
pub mod board;
pub mod clock;
pub mod demo;
pub mod desk;
pub mod dossier;
pub mod exhibition;
pub mod export;
pub mod hall;
pub mod http;
pub mod key_file;
pub mod keys;
mod line;
pub mod not_done;
pub mod notices;
pub mod pages;
pub mod people;
pub mod pledges;
pub mod print;
pub mod register;
pub mod reminders;
pub mod run;
pub mod scores;
pub mod site;
pub mod witness;
