//! What fuzzers run. Each body takes any bytes and panics when something is not as it must be.

mod archive;
mod bundle;
mod command;
mod forged;
mod json;
mod lines;
mod log;
mod openings;
mod pledges;
mod promised;
mod receipt;
mod rounds;
mod rules;
mod seal;
mod tables;
mod tiles;

pub use archive::archive;
pub use bundle::bundle;
pub use command::command;
pub use forged::forged;
pub use json::json;
pub use lines::lines;
pub use log::log;
pub use openings::openings;
pub use pledges::pledges;
pub use promised::promised;
pub use receipt::receipt;
pub use rounds::rounds;
pub use rules::rules;
pub use seal::seal;
pub use tables::tables;
pub use tiles::tiles;

/// A body with the name of its fuzzer and of its folder of seeds.
pub struct Target {
    /// Name.
    pub name: &'static str,
    /// What is run.
    pub run: fn(&[u8]),
    /// Inputs that reach far, from which a fuzzer starts.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 16] = [
    Target { name: "archive", run: archive, seeds: archive::seeds },
    Target { name: "bundle", run: bundle, seeds: bundle::seeds },
    Target { name: "command", run: command, seeds: command::seeds },
    Target { name: "forged", run: forged, seeds: forged::seeds },
    Target { name: "json", run: json, seeds: json::seeds },
    Target { name: "lines", run: lines, seeds: lines::seeds },
    Target { name: "log", run: log, seeds: log::seeds },
    Target { name: "openings", run: openings, seeds: openings::seeds },
    Target { name: "pledges", run: pledges, seeds: pledges::seeds },
    Target { name: "promised", run: promised, seeds: promised::seeds },
    Target { name: "receipt", run: receipt, seeds: receipt::seeds },
    Target { name: "rounds", run: rounds, seeds: rounds::seeds },
    Target { name: "rules", run: rules, seeds: rules::seeds },
    Target { name: "seal", run: seal, seeds: seal::seeds },
    Target { name: "tables", run: tables, seeds: tables::seeds },
    Target { name: "tiles", run: tiles, seeds: tiles::seeds },
];
