use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use landgavel_record::language::load_lot;
use landgavel_record::run::{Entry, RunError, Runner};
use landgavel_record::wire::RequestLines;
use landgavel_sale::{Lot, Sale, Status};

use crate::bundle::BundleWriter;
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::refusals::refusal_line;
use crate::table;

/// Run a sale from a file of commands.
#[derive(clap::Args)]
pub struct Arguments {
    /// Lot, a TOML file that names its rulebook.
    lot: String,
    /// Commands, JSON Lines or CSV; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    commands: String,
    /// Directory of the bundle.
    #[arg(long, value_name = "DIR", default_value = "out/bundle")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = match load_lot(&Disk, &arguments.lot) {
        Ok(loaded) => loaded,
        Err(findings) => {
            print_findings(&findings);
            return Ok(Exit::WrongUse);
        }
    };
    print_findings(&loaded.findings);
    let input: Box<dyn BufRead> = if arguments.commands == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        match File::open(&arguments.commands) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => {
                eprintln!("{}: cannot be opened: {error}", arguments.commands);
                return Ok(Exit::WrongUse);
            }
        }
    };
    let mut bundle = BundleWriter::begin(&arguments.out, &loaded)?;
    let mut runner = Runner::new(Arc::new(loaded.lot.clone()));
    let mut log = Log { refusals: Vec::new(), entries: 0, fault: None };
    let mut lines = RequestLines::new(input);
    let mut fault = None;
    while let Some(next) = lines.next_request() {
        let (line, object) = match next {
            Ok(found) => found,
            Err(error) => {
                let field = error.field.map_or_else(String::new, |field| format!(" {field}"));
                fault = Some(format!(
                    "{}:{}:{field}: {}. Expected: {}.",
                    arguments.commands, error.line, error.message, error.expected
                ));
                break;
            }
        };
        if let Err(error) = runner.request(&object, &mut |entry| log.take(&loaded.lot, &mut bundle, entry)) {
            fault = Some(format!("{}:{line}: {}", arguments.commands, run_error(&error, runner.sale())));
            break;
        }
        if log.fault.is_some() {
            break;
        }
    }
    if let Some(fault) = fault {
        bundle.abandon();
        eprintln!("{fault}");
        eprintln!("Nothing was written.");
        return Ok(Exit::WrongUse);
    }
    runner.finish(&mut |entry| log.take(&loaded.lot, &mut bundle, entry));
    if let Some(error) = log.fault {
        bundle.abandon();
        return Err(error).context("cannot write the bundle");
    }
    let outcome = table::outcome_json(runner.sale(), log.entries, &log.refusals);
    bundle.finish(&loaded, &outcome, log.entries)?;
    if arguments.json {
        println!("{outcome:#}");
    } else {
        print!("{}", table::outcome_text(runner.sale(), loaded.is_sample, &log.refusals));
        eprintln!("Bundle: {} ({} entries)", arguments.out.display(), log.entries);
    }
    Ok(match runner.sale().status() {
        Status::Awarded | Status::Provisional => Exit::Good,
        Status::PassedIn(_) | Status::Annulled { .. } | Status::Admitting | Status::Running(_) => Exit::No,
    })
}

/// What a run writes down as it goes.
struct Log {
    refusals: Vec<serde_json::Value>,
    entries: u64,
    fault: Option<anyhow::Error>,
}

/// Refusals listed with the outcome; the record holds them all.
const REFUSALS_LISTED: usize = 50;

impl Log {
    fn take(&mut self, lot: &Lot, bundle: &mut BundleWriter, entry: Entry) {
        self.entries = entry.number;
        if let Err(refusal) = &entry.result
            && self.refusals.len() < REFUSALS_LISTED
        {
            self.refusals.push(serde_json::json!({
                "entry": entry.number, "at_ms": entry.at.millis(), "command": entry.command,
                "code": refusal.reason.code(), "detail": refusal_line(lot, refusal),
            }));
        }
        if let Err(error) = bundle.entry(&entry.line) {
            self.fault.get_or_insert(error);
        }
    }
}

fn run_error(error: &RunError, sale: &Sale) -> String {
    match error {
        RunError::Field(error) => format!("{}: {}. Expected: {}.", error.field, error.message, error.expected),
        RunError::OutOfOrder { last } => format!(
            "at: the command is older than the sale. Expected: {} or later.",
            last.local(sale.lot().rulebook.utc_offset)
        ),
    }
}
