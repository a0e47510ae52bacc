//! Where law meets bytes: the rulebook language, commands and events on the wire, runs and replays.
//!
//! The only crate that knows both the engine and its formats. It knows no disk, network, clock or
//! chance: files come in as bytes, entries go out as lines. Modules: `language`, `amounts`,
//! `words`, `wire`, `run`, `example`.

pub mod amounts;
pub mod example;
pub mod language;
pub mod run;
pub mod wire;
pub mod words;
