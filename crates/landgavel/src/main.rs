//! Landgavel on the command line: flags and printing. No rule, no SQL, no HTML.

mod beacon;
mod bench;
mod bundle;
mod check;
mod client;
mod disk;
mod exit;
mod receipt;
mod refusals;
mod relay;
mod remote;
mod replay;
mod run;
mod show;
mod table;
mod verify;
mod witness;
mod workers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;
use landgavel_record::language::{Which, reference, schema};

/// Sell scarce public land by rules that nobody can rig.
///
/// Data goes to standard output, words to standard error. Exit codes: 0 good, 1 the answer is no,
/// 2 wrong use or unreadable input, 3 the world failed.
#[derive(Parser)]
#[command(name = "landgavel", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a rulebook or a lot: all findings at once.
    Check(check::Arguments),
    /// Run a sale from a file of commands; write a bundle; print the outcome.
    Run(run::Arguments),
    /// Verify a bundle: recompute everything, name the first thing that is wrong.
    Verify(verify::Arguments),
    /// Walk through the record of a bundle, deciding every entry again.
    Replay(replay::Arguments),
    /// Make and verify receipts: one entry of a record, proven without the record.
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// Run a witness: it cosigns checkpoints of logs that only grow.
    Witness(witness::Arguments),
    /// Fetch and check rounds of the public beacon.
    #[command(subcommand)]
    Beacon(beacon::Beacon),
    /// Print the JSON Schema of a file of the language.
    Schema {
        /// Which file.
        file: SchemaOf,
    },
    /// Print the reference page of the rulebook language.
    Reference,
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// Files of the language.
#[derive(Clone, Copy, clap::ValueEnum)]
enum SchemaOf {
    /// A rulebook.
    Rulebook,
    /// A lot.
    Lot,
    /// A calendar of working days.
    WorkingCalendar,
}

fn print_schema(file: SchemaOf) -> anyhow::Result<Exit> {
    let which = match file {
        SchemaOf::Rulebook => Which::Rulebook,
        SchemaOf::Lot => Which::Lot,
        SchemaOf::WorkingCalendar => Which::WorkingCalendar,
    };
    println!("{:#}", schema(which));
    Ok(Exit::Good)
}

fn print_reference() -> anyhow::Result<Exit> {
    print!("{}", reference());
    Ok(Exit::Good)
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(arguments) => check::check(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Replay(arguments) => replay::replay(&arguments),
        Command::Receipt(command) => receipt::receipt(&command),
        Command::Witness(arguments) => witness::witness(&arguments),
        Command::Beacon(beacon) => beacon::beacon(&beacon),
        Command::Schema { file } => print_schema(file),
        Command::Reference => print_reference(),
        Command::Bench(bench) => bench::bench(&bench),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("landgavel: {error:#}");
            Exit::WorldFailed.into()
        }
    }
}
