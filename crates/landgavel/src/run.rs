use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use landgavel_base::{Digest, Duration, Instant};
use landgavel_record::bundle::BUNDLE_JSON;
use landgavel_record::language::{Loaded, load_lot, parse_duration};
use landgavel_record::outcome::outcome_json;
use landgavel_record::record::{Entry, Fallback, Issuer, Refused};
use landgavel_record::rehearsal::{Beacon, NotEntered, Rehearsal, Terms};
use landgavel_record::rounds::RoundError;
use landgavel_record::wire::{RequestLines, time_text};
use landgavel_record::words::{Language, intake_refusal_in_words, refusal_in_words};
use landgavel_sale::{Lot, Sale, Status};
use serde_json::{Value, json};

use crate::bundle::{BundleWriter, pack};
use crate::certificate::{in_order, parse_issuer};
use crate::client::Network;
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::refusals::refusal_line;
use crate::relay::Sources;
use crate::show::{Bar, Tongue, columns};
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
    /// Chain of draws and seals: `local`, of one key made for the run, or `quicknet`, drand's public one, whose
    /// rounds come from --rounds or --relay. Either is fixed in the notice.
    #[arg(long, value_name = "CHAIN", default_value = "local", help_heading = "Notice")]
    beacon: ChainName,
    /// File of rounds of quicknet, as JSON; each is checked against the chain's key.
    #[arg(long, value_name = "FILE", help_heading = "Notice")]
    rounds: Option<PathBuf>,
    /// Relay of drand's HTTP interface; several are asked in turn, and none is believed.
    #[arg(long, value_name = "URL", help_heading = "Notice")]
    relay: Vec<String>,
    /// Public number that may stand in for a chain that fails, in words: where and when it is announced.
    #[arg(long, value_name = "WORDS", help_heading = "Notice")]
    fallback: Option<String>,
    /// How long after the freeze the fallback may be used.
    #[arg(long, value_name = "TIME", default_value = "1 h", value_parser = parse_duration, requires = "fallback",
          help_heading = "Notice")]
    fallback_after: Duration,
    /// Party of a commit–reveal, in the order of use; without, officer, notary and bidders. The secrets are made
    /// for the run.
    #[arg(long, value_name = "NAME", help_heading = "Notice")]
    party: Vec<String>,
    /// From the freeze of a draw's entrants to the earliest round of the draw.
    #[arg(long, value_name = "TIME", default_value = "30 s", value_parser = parse_duration, help_heading = "Notice")]
    draw_delay: Duration,
    /// From the end of a sealing window to the earliest round that opens its seals.
    #[arg(long, value_name = "TIME", default_value = "15 s", value_parser = parse_duration, help_heading = "Notice")]
    seal_delay: Duration,
    /// Issuer whose certificates show a fact of applicants, `FACT NAME KEY`: applications state the fact with a certificate or
    /// not at all; repeatable.
    #[arg(long, value_parser = parse_issuer, help_heading = "Notice")]
    issuer: Vec<Issuer>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

/// A chain that a run can use.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ChainName {
    /// One key, made for the run.
    Local,
    /// The public chain of drand's League of Entropy.
    Quicknet,
}

impl Arguments {
    /// What the notice fixes.
    fn terms(&self) -> Result<Terms, String> {
        let has_sources = self.rounds.is_some() || !self.relay.is_empty();
        let beacon = match (self.beacon, has_sources) {
            (ChainName::Local, false) => Beacon::Local,
            (ChainName::Local, true) => return Err("--rounds and --relay go with --beacon quicknet".to_owned()),
            (ChainName::Quicknet, true) => {
                Beacon::Quicknet(Box::new(Sources::open(self.rounds.as_ref(), &self.relay, &self.network)?))
            }
            (ChainName::Quicknet, false) => {
                return Err("--beacon quicknet needs rounds: name a --rounds file or a --relay".to_owned());
            }
        };
        let usual = Terms::default();
        Ok(Terms {
            seed: self.seed.map(|seed| seed.0),
            beacon,
            draw_delay: self.draw_delay,
            seal_delay: self.seal_delay,
            parties: if self.party.is_empty() { usual.parties } else { self.party.clone() },
            fallback: self
                .fallback
                .as_ref()
                .map(|number| Fallback { after: self.fallback_after, number: number.clone() }),
            issuers: in_order(self.issuer.clone()),
        })
    }
}

fn parse_seed(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "expected 64 lower-case hexadecimal digits".to_owned())
}

/// Why a run ends early: its exit, and what is said.
type Ended = (Exit, String);

pub fn run(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let loaded = match load_lot(&Disk, &arguments.lot) {
        Ok(loaded) => loaded,
        Err(findings) => {
            print_findings(&findings);
            return Ok(Exit::WrongUse);
        }
    };
    print_findings(&loaded.findings);
    let opened = arguments.input().and_then(|input| Ok((input, arguments.terms()?)));
    let (input, terms) = match opened {
        Ok(opened) => opened,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let mut bundle = BundleWriter::begin(&arguments.out, BUNDLE_JSON)?;
    let rehearsal = match Rehearsal::on_terms(&loaded, terms, &mut bundle) {
        Ok(rehearsal) => rehearsal,
        Err(why) => {
            bundle.abandon();
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let mut run = Run {
        loaded: &loaded,
        rehearsal,
        bundle,
        refusals: Vec::new(),
        turned_away: Vec::new(),
        takes_certificates: !arguments.issuer.is_empty(),
    };
    if let Err((exit, why)) = run.enter_all(&arguments.commands, input) {
        run.bundle.abandon();
        eprintln!("{why}");
        eprintln!("Nothing was written.");
        return Ok(exit);
    }
    run.end(arguments, tongue)
}

impl Arguments {
    fn input(&self) -> Result<Box<dyn BufRead>, String> {
        if self.commands == "-" {
            return Ok(Box::new(BufReader::new(std::io::stdin())));
        }
        match File::open(&self.commands) {
            Ok(file) => Ok(Box::new(BufReader::new(file))),
            Err(error) => Err(format!("{}: cannot be opened: {error}", self.commands)),
        }
    }
}

/// A sale that is run, its bundle as it is written, and what is told of it afterwards.
struct Run<'a> {
    loaded: &'a Loaded,
    rehearsal: Rehearsal,
    bundle: BundleWriter,
    refusals: Vec<Value>,
    turned_away: Vec<String>,
    takes_certificates: bool,
}

impl Run<'_> {
    /// Enters all commands of a file, and lets time pass to the end.
    fn enter_all(&mut self, name: &str, input: Box<dyn BufRead>) -> Result<(), Ended> {
        let bar = Bar::commands();
        let mut lines = RequestLines::new(input);
        let mut entered = 0;
        while let Some(next) = lines.next_request() {
            let (line, object) = next.map_err(|error| {
                let field = error.field.map_or_else(String::new, |field| format!(" {field}:"));
                let why = format!("{field} {}. Expected: {}.", error.message, error.expected);
                (Exit::WrongUse, format!("{name}:{}:{why}", error.line))
            })?;
            // Most often the flag was forgotten: it would turn away every applicant.
            if !self.takes_certificates && object.contains_key("certificates") {
                let why = format!(
                    "{name}:{line}: certificates: this sale names no issuer. Expected: --issuer 'FACT NAME KEY' of who signed \
                     them, or no certificates."
                );
                return Err((Exit::WrongUse, why));
            }
            let mut hear = |entry: &Entry| note_refusal(&self.loaded.lot, &mut self.refusals, entry);
            match self.rehearsal.request(&object, &mut self.bundle, &mut hear) {
                Ok(()) => {}
                Err(NotEntered::TurnedAway(why)) => {
                    let why = format!("{name}:{line}: not entered: {why} [{}]", why.code());
                    bar.aside(|| eprintln!("{why}"));
                    self.turned_away.push(why);
                }
                Err(error) => {
                    let why = format!("{name}:{line}: {}", run_error(&error, self.rehearsal.sale()));
                    return Err((exit_of(&error), why));
                }
            }
            if self.bundle.has_failed() {
                return Ok(());
            }
            entered += 1;
            bar.at(entered, None);
        }
        let mut hear = |entry: &Entry| note_refusal(&self.loaded.lot, &mut self.refusals, entry);
        let ended = self.rehearsal.finish(&mut self.bundle, &mut hear);
        ended.map_err(|error| (exit_of(&error), run_error(&error, self.rehearsal.sale())))
    }

    /// Names the bundle, packs it, and tells how the sale ended.
    fn end(self, arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
        self.bundle.finish()?;
        if let Some(archive) = &arguments.zip {
            pack(&arguments.out, archive).with_context(|| format!("cannot write {}", archive.display()))?;
        }
        let (sale, entries) = (self.rehearsal.sale(), self.rehearsal.size());
        if arguments.json {
            let mut outcome = outcome_json(sale);
            outcome["entries"] = json!(entries);
            outcome["refusals"] = json!(self.refusals);
            outcome["not_entered"] = json!(self.turned_away);
            println!("{outcome:#}");
        } else {
            print!("{}", table::outcome_text(sale, self.loaded.is_sample, &self.refusals, tongue, columns()));
            let out = arguments.out.display();
            let (bundle, count) = (tongue.word("记录包", "bundle"), tongue.word("条", "entries"));
            eprintln!("{bundle}: {out} ({entries} {count})");
            let made = tongue.say(
                "各方密钥均为本次运行生成，只证明规则得到遵守，不证明是谁签的",
                "every key was made for this run: it proves that the rules were followed, and not who signed",
            );
            eprintln!("{made}\n{}: landgavel verify {out}", tongue.word("验证", "verify it"));
        }
        Ok(match sale.status() {
            Status::Awarded | Status::Provisional => Exit::Good,
            Status::PassedIn(_) | Status::Annulled { .. } | Status::Admitting | Status::Running(_) => Exit::No,
        })
    }
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
        Refused::Intake(refusal) => format!("{} [record]", intake_refusal_in_words(*refusal, Language::En)),
    };
    let words = |language| match refused {
        Refused::Engine(refusal) => refusal_in_words(lot, refusal, language),
        Refused::Intake(refusal) => intake_refusal_in_words(*refusal, language),
    };
    refusals.push(json!({
        "entry": entry.number, "at_ms": entry.at.millis(), "command": entry.command, "code": refused.code(),
        "detail": detail, "zh": words(Language::Zh), "en": words(Language::En),
    }));
}

/// The file is wrong, or the world failed.
fn exit_of(error: &NotEntered) -> Exit {
    match error {
        NotEntered::NoRound { why: RoundError::World(_), .. } => Exit::WorldFailed,
        NotEntered::NoRound { .. } | NotEntered::Field(_) | NotEntered::OutOfOrder { .. } => Exit::WrongUse,
        NotEntered::TurnedAway(_) => Exit::WrongUse,
    }
}

fn run_error(error: &NotEntered, sale: &Sale) -> String {
    match error {
        NotEntered::Field(error) => format!("{}: {}. Expected: {}.", error.field, error.message, error.expected),
        NotEntered::OutOfOrder { last } => format!(
            "at: the command is older than the sale. Expected: {} or later.",
            last.local(sale.lot().rulebook.utc_offset)
        ),
        NotEntered::TurnedAway(why) => why.to_string(),
        NotEntered::NoRound { round, at_ms, why } => {
            let at = Instant::from_millis(*at_ms).map(time_text).unwrap_or_default();
            format!("round {round} of {at} cannot be had: {why}")
        }
    }
}
