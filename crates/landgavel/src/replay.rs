use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use landgavel_record::language::load_lot;
use landgavel_record::run::Replay;
use landgavel_record::wire::event_json;

use crate::disk::{BundleFiles, print_findings};
use crate::exit::Exit;
use crate::refusals::refusal_line;
use crate::table;

/// Walk through the record of a bundle.
#[derive(clap::Args)]
pub struct Arguments {
    /// Directory of the bundle.
    bundle: PathBuf,
    /// Show every entry; on a terminal, wait for Enter after each.
    #[arg(long)]
    step: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn replay(arguments: &Arguments) -> Result<Exit> {
    let files = BundleFiles { directory: arguments.bundle.clone() };
    let loaded = match load_lot(&files, "lot.toml") {
        Ok(loaded) => loaded,
        Err(findings) => {
            print_findings(&findings);
            return Ok(Exit::WrongUse);
        }
    };
    let path = arguments.bundle.join("entries.jsonl");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            eprintln!("{}: cannot be opened: {error}", path.display());
            return Ok(Exit::WrongUse);
        }
    };
    let mut replay = Replay::new(Arc::new(loaded.lot.clone()));
    let mut entries = 0;
    for line in BufReader::new(file).lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                eprintln!("{}:{}: cannot be read: {error}", path.display(), entries + 1);
                return Ok(Exit::WrongUse);
            }
        };
        match replay.entry(&line) {
            Ok(entry) => {
                entries = entry.number;
                if arguments.step {
                    show(replay.sale(), &entry)?;
                }
            }
            Err(error) => {
                eprintln!("{}: entry {}: {}", path.display(), error.entry, error.message);
                return Ok(Exit::No);
            }
        }
    }
    let outcome = table::outcome_json(replay.sale(), entries, &[]);
    if arguments.json {
        println!("{outcome:#}");
    } else {
        print!("{}", table::outcome_text(replay.sale(), loaded.is_sample, &[]));
        eprintln!("All {entries} entries follow from the rules.");
    }
    Ok(Exit::Good)
}

fn show(sale: &landgavel_sale::Sale, entry: &landgavel_record::run::Entry) -> Result<()> {
    let at = entry.at.local(sale.lot().rulebook.utc_offset);
    println!("#{} {at}  {}", entry.number, entry.command);
    match &entry.result {
        Ok(events) => events.iter().for_each(|event| println!("    {}", event_json(sale, event))),
        Err(refusal) => println!("    refused {}", refusal_line(sale.lot(), refusal)),
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer)?;
    }
    Ok(())
}
