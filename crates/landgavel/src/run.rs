use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use landgavel_base::Digest;
use landgavel_record::language::load_lot;
use landgavel_record::outcome::outcome_json;
use landgavel_record::record::{Entry, Refused};
use landgavel_record::rehearsal::{NotEntered, Rehearsal};
use landgavel_record::wire::RequestLines;
use landgavel_sale::{Lot, Sale, Status};
use serde_json::{Value, json};

use crate::bundle::{BundleWriter, pack};
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::refusals::refusal_line;
use crate::show::Bar;
use crate::table;

/// Run a sale from a file of commands, with keys made for the run; write a bundle; print the outcome.
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
    /// Also pack the bundle into an archive.
    #[arg(long, value_name = "FILE")]
    zip: Option<PathBuf>,
    /// Make the run's keys from these 64 hexadecimal digits; without, from the lot itself. The same run
    /// always gives the same bytes.
    #[arg(long, value_name = "HEX", value_parser = parse_seed)]
    seed: Option<Digest>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn parse_seed(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "expected 64 lower-case hexadecimal digits".to_owned())
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
    let mut bundle = BundleWriter::begin(&arguments.out)?;
    let mut rehearsal = Rehearsal::open(&loaded, arguments.seed.map(|seed| seed.0), &mut bundle);
    let mut refusals = Vec::new();
    let mut turned_away = Vec::new();
    let mut hear = |entry: &Entry| note_refusal(&loaded.lot, &mut refusals, entry);
    let mut lines = RequestLines::new(input);
    let mut fault = None;
    let bar = Bar::commands();
    let mut entered = 0;
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
        match rehearsal.request(&object, &mut bundle, &mut hear) {
            Ok(()) => {}
            Err(NotEntered::TurnedAway(why)) => {
                let why = format!("{}:{line}: not entered: {why} [{}]", arguments.commands, why.code());
                bar.aside(|| eprintln!("{why}"));
                turned_away.push(why);
            }
            Err(error) => {
                fault = Some(format!("{}:{line}: {}", arguments.commands, run_error(&error, rehearsal.sale())));
                break;
            }
        }
        if bundle.has_failed() {
            break;
        }
        entered += 1;
        bar.at(entered, None);
    }
    drop(bar);
    if let Some(fault) = fault {
        bundle.abandon();
        eprintln!("{fault}");
        eprintln!("Nothing was written.");
        return Ok(Exit::WrongUse);
    }
    rehearsal.finish(&mut bundle, &mut hear);
    bundle.finish()?;
    if let Some(archive) = &arguments.zip {
        pack(&arguments.out, archive).with_context(|| format!("cannot write {}", archive.display()))?;
    }
    let sale = rehearsal.sale();
    if arguments.json {
        let mut outcome = outcome_json(sale);
        outcome["entries"] = json!(rehearsal.size());
        outcome["refusals"] = json!(refusals);
        outcome["not_entered"] = json!(turned_away);
        println!("{outcome:#}");
    } else {
        print!("{}", table::outcome_text(sale, loaded.is_sample, &refusals));
        eprintln!(
            "Bundle: {} ({} entries), signed with keys made for this run. Verify it: landgavel verify {}",
            arguments.out.display(),
            rehearsal.size(),
            arguments.out.display()
        );
    }
    Ok(match sale.status() {
        Status::Awarded | Status::Provisional => Exit::Good,
        Status::PassedIn(_) | Status::Annulled { .. } | Status::Admitting | Status::Running(_) => Exit::No,
    })
}

/// Refusals listed with the outcome; the record holds them all.
const REFUSALS_LISTED: usize = 50;

fn note_refusal(lot: &Lot, refusals: &mut Vec<Value>, entry: &Entry) {
    let Err(refused) = &entry.result else { return };
    if refusals.len() == REFUSALS_LISTED {
        return;
    }
    let detail = match refused {
        Refused::Engine(refusal) => refusal_line(lot, refusal),
        Refused::Intake(refusal) => format!("{} [record]", refusal.code()),
    };
    refusals.push(json!({
        "entry": entry.number, "at_ms": entry.at.millis(), "command": entry.command, "code": refused.code(),
        "detail": detail,
    }));
}

fn run_error(error: &NotEntered, sale: &Sale) -> String {
    match error {
        NotEntered::Field(error) => format!("{}: {}. Expected: {}.", error.field, error.message, error.expected),
        NotEntered::OutOfOrder { last } => format!(
            "at: the command is older than the sale. Expected: {} or later.",
            last.local(sale.lot().rulebook.utc_offset)
        ),
        NotEntered::TurnedAway(why) => why.to_string(),
    }
}
