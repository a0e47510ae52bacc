//! Where law meets bytes: the rulebook language, commands and events on the wire, runs, records and
//! their verification.
//!
//! The only crate that knows both the engine and its formats. It knows no disk, network, clock or
//! chance: files come in as bytes, entries go out as lines. Modules: `language`, `amounts`,
//! `words`, `parquet`, `figures`, `counties`, `ladder`, `policies`, `canonical`, `wire`, `run`, `example`, `keys`, `record`, `rounds`, `outcome`, `pledges`,
//! `bundle`, `archive`, `rehearsal`, `receipt`, `verify`, `register`, `schemas`.

pub mod amounts;
pub mod archive;
pub mod bundle;
pub mod canonical;
pub mod counties;
pub mod example;
pub mod figures;
pub mod keys;
pub mod ladder;
pub mod language;
pub mod outcome;
pub mod parquet;
pub mod pledges;
pub mod policies;
pub mod receipt;
pub mod record;
pub mod register;
pub mod rehearsal;
pub mod rounds;
pub mod run;
pub mod schemas;
pub mod verify;
pub mod wire;
pub mod words;
