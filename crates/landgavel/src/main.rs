//! Landgavel on the command line: flags and printing. No rule, no SQL, no HTML.

mod bench;
mod bundle;
mod check;
mod disk;
mod exit;
mod replay;
mod run;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;

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
    /// Walk through the record of a bundle, deciding every entry again.
    Replay(replay::Arguments),
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(arguments) => check::check(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Replay(arguments) => replay::replay(&arguments),
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
