//! Landgavel on the command line: flags and printing. No rule, no SQL, no HTML.

mod account;
mod beacon;
mod bench;
mod bundle;
mod certificate;
mod check;
mod client;
mod demo;
mod disk;
mod exit;
mod keep;
mod lab;
mod manual;
mod paper_font;
mod pledge;
mod published;
mod receipt;
mod refusals;
mod register;
mod relay;
mod remote;
mod replay;
mod report;
mod run;
mod score;
mod serve;
mod show;
mod table;
mod verify;
mod witness;
mod workers;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use exit::Exit;
use landgavel_record::language::{Which, pledge_terms_reference, reference, schema, scorecard_reference};
use landgavel_record::schemas::{self, Document};
use show::Tongue;

/// Sell scarce public land by rules that nobody can rig.
///
/// Data goes to standard output, words to standard error. Exit codes: 0 good, 1 the answer is no,
/// 2 wrong use or unreadable input, 3 the world failed.
#[derive(Parser)]
#[command(name = "landgavel", version, max_term_width = 100)]
struct Cli {
    /// Language of what is printed for people.
    #[arg(long, global = true, value_enum, default_value_t = Tongue::Both)]
    lang: Tongue,
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
    /// Check the register of a hall, and that the hall serves every sale in it as it stands there.
    Register(register::Arguments),
    /// Walk through the record of a bundle, deciding every entry again.
    Replay(replay::Arguments),
    /// Make and verify receipts: one entry of a record, proven without the record.
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// Run the hall: sales that people and programs take part in.
    Serve(Box<serve::Arguments>),
    /// Invite officers, guarantors and auditors to a hall; list and close accounts.
    #[command(subcommand)]
    Account(account::Account),
    /// Write all that a hall holds into one file, as of one moment; the hall may run meanwhile.
    Backup(keep::Backup),
    /// Fill an empty database from a backup, all or nothing.
    Restore(keep::Restore),
    /// Write the bundle of a sale, up to its last witnessed checkpoint, without the hall running.
    Export(keep::Export),
    /// Run a witness: it cosigns checkpoints of logs that only grow.
    Witness(witness::Arguments),
    /// Show a whole sale in the live hall, with robots that bid.
    Demo(demo::Arguments),
    /// Fetch and check rounds of the public beacon.
    #[command(subcommand)]
    Beacon(beacon::Beacon),
    /// Hold the winner of a sale to its promise.
    Pledge(pledge::Arguments),
    /// Score a table of firms by a scorecard; show a county's scoreboard, firms on their ladder, or what they are entitled to.
    Score(score::Arguments),
    /// Certificates of standing: what a scorecard found, signed for a later sale.
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Try rules before they are adopted: play a study, write tables and a report.
    Lab(lab::Arguments),
    /// Print the JSON Schema of a file of the language, or of a document of the record.
    Schema {
        /// Which one.
        file: SchemaOf,
    },
    /// Print a reference page.
    Reference {
        /// Which page.
        #[arg(default_value = "rulebook")]
        page: ReferenceOf,
    },
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::Bench),
}

/// Files of the language, and documents of the record.
#[derive(Clone, Copy, clap::ValueEnum)]
enum SchemaOf {
    /// A rulebook.
    Rulebook,
    /// A lot.
    Lot,
    /// A calendar of working days.
    WorkingCalendar,
    /// A scorecard.
    Scorecard,
    /// Terms of a pledge.
    PledgeTerms,
    /// Published figures of counties.
    CountyFigures,
    /// Rungs of an enterprise ladder.
    Ladder,
    /// Facts of one enterprise.
    Facts,
    /// Policies of a place.
    PolicyBook,
    /// The notice: the text that officers sign.
    Notice,
    /// A command: the text that was signed.
    Command,
    /// An entry of the log.
    Entry,
    /// A line of checkpoints.jsonl.
    CheckpointLine,
    /// The outcome of a sale.
    Outcome,
    /// A verdict on a bundle.
    Report,
}

/// Reference pages.
#[derive(Clone, Copy, clap::ValueEnum)]
enum ReferenceOf {
    /// The language of rulebooks, lots and commands.
    Rulebook,
    /// The language of scorecards and their tables.
    Scorecard,
    /// The language of pledges.
    PledgeTerms,
    /// The command line.
    CommandLine,
}

fn print_schema(file: SchemaOf) -> anyhow::Result<Exit> {
    let schema = match file {
        SchemaOf::Rulebook => schema(Which::Rulebook),
        SchemaOf::Lot => schema(Which::Lot),
        SchemaOf::WorkingCalendar => schema(Which::WorkingCalendar),
        SchemaOf::Scorecard => schema(Which::Scorecard),
        SchemaOf::PledgeTerms => schema(Which::PledgeTerms),
        SchemaOf::CountyFigures => schema(Which::CountyFigures),
        SchemaOf::Ladder => schema(Which::Ladder),
        SchemaOf::Facts => schema(Which::Facts),
        SchemaOf::PolicyBook => schema(Which::PolicyBook),
        SchemaOf::Notice => schemas::schema(Document::Notice),
        SchemaOf::Command => schemas::schema(Document::Command),
        SchemaOf::Entry => schemas::schema(Document::Entry),
        SchemaOf::CheckpointLine => schemas::schema(Document::CheckpointLine),
        SchemaOf::Outcome => schemas::schema(Document::Outcome),
        SchemaOf::Report => schemas::schema(Document::Report),
    };
    println!("{schema:#}");
    Ok(Exit::Good)
}

fn print_reference(page: ReferenceOf) -> anyhow::Result<Exit> {
    match page {
        ReferenceOf::Rulebook => print!("{}", reference()),
        ReferenceOf::Scorecard => print!("{}", scorecard_reference()),
        ReferenceOf::PledgeTerms => print!("{}", pledge_terms_reference()),
        ReferenceOf::CommandLine => print!("{}", manual::manual(Cli::command())),
    }
    Ok(Exit::Good)
}

/// A reader that goes away, as `head` does, ends the program without ado; what it did not read, it did not want.
fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        let Some(why) = words.strip_prefix("failed printing to stdout: ") else { return usual(panic) };
        if !why.starts_with("Broken pipe") {
            eprintln!("landgavel: standard output cannot be written: {why}");
        }
        std::process::exit(i32::from(Exit::WorldFailed.code()));
    }));
}

fn main() -> ExitCode {
    end_with_the_reader();
    let cli = Cli::parse();
    let tongue = cli.lang;
    let result = match cli.command {
        Command::Check(arguments) => check::check(&arguments, tongue),
        Command::Run(arguments) => run::run(&arguments, tongue),
        Command::Verify(arguments) => verify::verify(&arguments, tongue),
        Command::Register(arguments) => register::register(&arguments, tongue),
        Command::Replay(arguments) => replay::replay(&arguments, tongue),
        Command::Receipt(command) => receipt::receipt(&command),
        Command::Serve(arguments) => serve::serve(*arguments),
        Command::Account(account) => account::account(account),
        Command::Backup(arguments) => keep::backup(&arguments),
        Command::Restore(arguments) => keep::restore(&arguments),
        Command::Export(arguments) => keep::export(&arguments),
        Command::Witness(arguments) => witness::witness(&arguments),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Beacon(beacon) => beacon::beacon(&beacon),
        Command::Pledge(arguments) => pledge::pledge(&arguments, tongue),
        Command::Score(arguments) => score::score(&arguments, tongue),
        Command::Certificate(command) => certificate::certificate(&command, tongue),
        Command::Lab(arguments) => lab::lab(&arguments, tongue),
        Command::Schema { file } => print_schema(file),
        Command::Reference { page } => print_reference(page),
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
