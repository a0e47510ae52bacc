//! `landgavel pledge`: a sale and terms in, what was promised against what was delivered out.

mod run;
mod show;

use std::path::PathBuf;

use anyhow::Result;
use landgavel_base::{Date, Digest};
use landgavel_record::bundle::{BundleFiles, PLEDGE_BUNDLE_JSON, SALE_FOLDER};
use landgavel_record::canonical;
use landgavel_record::language::{PledgeTerms, load_pledge_terms};
use landgavel_record::pledges::record::SaleNamed;
use landgavel_record::pledges::{bank_demands, open};
use landgavel_record::record::sha256;
use landgavel_record::rehearsal::{PledgeGrounds, Sink};
use landgavel_record::verify::{HeardAward, Of, Options, verify};
use landgavel_record::wire::read_date;

use crate::bundle::{Bundle, BundleWriter, NotOpened, pack};
use crate::client::Network;
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::report::print_report;
use crate::show::Tongue;
use crate::workers::Threads;
use run::{Commands, Run, Target};

/// Hold the winner of a sale to its promise: open the pledge from a verified bundle, enter what is shown, and tell
/// what is met, what is owed, and what the bond pays.
///
/// Exit codes: 0 nothing is owed, breached or missing; 1 something is; 2 the terms, the bundle or the file of commands
/// cannot be used; 3 the world failed.
#[derive(clap::Args)]
pub struct Arguments {
    /// Terms of the pledge, a TOML file.
    terms: String,
    /// Bundle of the sale: a directory, a zip archive, or the http(s) address of either. It is verified first.
    #[arg(long, value_name = "BUNDLE")]
    sale: String,
    /// Commands, JSON Lines or CSV; `-` reads standard input. Without, the pledge is opened and nothing more.
    #[arg(long, value_name = "FILE")]
    commands: Option<String>,
    /// Code of the winner; needed when there are several.
    #[arg(long, value_name = "CODE")]
    winner: Option<String>,
    /// Day of the contract, from which terms run; without, the day of the award.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    signed: Option<Date>,
    /// Let days pass until this one after the last command.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    until: Option<Date>,
    /// Directory of a bundle of the pledge: the sale's record, the terms, and every command signed with keys made for the
    /// run.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also pack the bundle into an archive.
    #[arg(long, value_name = "FILE", requires = "out")]
    zip: Option<PathBuf>,
    /// Print JSON: how the pledge stands, all that has happened, and what was refused.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print one HTML page that loads nothing.
    #[arg(long)]
    html: bool,
    /// Print the demand on a bank with this number, from 1, as one HTML page to be sealed and sent: each guarantee that was
    /// called has one.
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "html"], value_parser = clap::value_parser!(u16).range(1..))]
    demand: Option<u16>,
    #[command(flatten)]
    network: Network,
}

fn parse_date(text: &str) -> Result<Date, String> {
    read_date(text).ok_or_else(|| "expected a day such as 2027-05-31".to_owned())
}

/// Why it ends early: its exit, and what is said.
type Ended = (Exit, String);

pub fn pledge(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let terms = match load_pledge_terms(&Disk, &arguments.terms) {
        Ok(terms) => terms,
        Err(findings) => {
            print_findings(&findings);
            return Ok(Exit::WrongUse);
        }
    };
    print_findings(&terms.findings);
    let mut run = match played(arguments, &terms, tongue) {
        Ok(run) => run,
        Err((exit, why)) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    if let Some(number) = arguments.demand {
        let demands = bank_demands(run.opened(), &run.happened);
        let Some(demand) = demands.get(usize::from(number) - 1) else {
            let count = demands.len();
            let why = match count {
                0 => tongue.say(
                    &format!("--demand {number}：没有索付通知：没有从保函中提取过款项"),
                    &format!("--demand {number}: there is no demand on a bank: nothing was called of a guarantee."),
                ),
                _ => tongue.say(
                    &format!("--demand {number}：没有这份索付通知，共有 {count} 份"),
                    &format!("--demand {number}: there is no such demand. Expected: a number from 1 to {count}."),
                ),
            };
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        };
        print!("{}", demand.page(run.opened(), terms.is_sample));
    } else {
        run.print(arguments, &terms, tongue);
    }
    if let Some((bundle, out)) = run.finish().zip(arguments.out.as_ref()) {
        bundle.finish()?;
        if let Some(archive) = &arguments.zip {
            pack(out, archive)?;
        }
        let (out, entries) = (out.display(), run.size());
        let made = tongue.say(
            "各方密钥均为本次运行生成，只证明条款得到遵守，不证明是谁签的",
            "every key was made for this run: it proves that the terms were followed, and not who signed",
        );
        let (bundle, count) = (tongue.word("记录包", "bundle"), tongue.word("条", "entries"));
        eprintln!("{bundle}: {out} ({entries} {count})\n{made}");
        eprintln!("{}: landgavel verify {out}", tongue.word("验证", "verify it"));
    }
    Ok(run.exit(run.today(arguments)))
}

/// Verifies the sale, opens its pledge and plays it to its end. Nothing is written when a line cannot be read.
fn played(arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) -> Result<Run, Ended> {
    let bundle = Bundle::open(&arguments.sale, &arguments.network).map_err(|NotOpened { exit, why }| (exit, why))?;
    let mut commands = arguments.commands.as_deref().map(Commands::open).transpose()?;
    let (officers, sources) = commands.as_mut().map(Commands::names).transpose()?.unwrap_or_default();
    let mut grounds = grounds(arguments, terms, &bundle, tongue)?;
    grounds.officers = officers;
    grounds.sources = sources;
    let target = match &arguments.out {
        None => Target::Nowhere,
        Some(out) => {
            let failed = |error: anyhow::Error| (Exit::WorldFailed, format!("{error:#}"));
            let mut writer = BundleWriter::begin(out, PLEDGE_BUNDLE_JSON).map_err(failed)?;
            if let Err(why) = copy(bundle.files(), &mut writer) {
                writer.abandon();
                return Err((Exit::WorldFailed, why));
            }
            Target::Bundle(writer)
        }
    };
    let mut run = Run::begin(grounds, target)?;
    let played = run.all(commands.as_mut(), arguments.until);
    if let Err(ended) = played {
        if let Some(writer) = run.finish() {
            writer.abandon();
        }
        return Err(ended);
    }
    Ok(run)
}

/// The record of the sale goes into the bundle of its pledge.
fn copy(files: &dyn BundleFiles, sink: &mut dyn Sink) -> Result<(), String> {
    const FILE_MAX: usize = 64 << 20;
    for path in files.paths()? {
        let bytes = files.read(&path, FILE_MAX).map_err(|error| format!("{path}: {error}"))?;
        sink.file(&format!("{SALE_FOLDER}{path}"), &bytes);
    }
    Ok(())
}

/// Verifies the sale and opens its pledge.
fn grounds<'a>(
    arguments: &Arguments,
    terms: &'a PledgeTerms,
    bundle: &Bundle,
    tongue: Tongue,
) -> Result<PledgeGrounds<'a>, Ended> {
    let mut award = HeardAward::default();
    let report = verify(bundle.files(), &Options::default(), &Threads::all(), &mut award);
    if let Some(fault) = bundle.fault() {
        return Err((Exit::WorldFailed, fault));
    }
    if !report.holds() {
        print_report(&report, tongue);
        let why = tongue.say(
            "出让记录未通过验证，不据此开立履约",
            "the record of the sale does not hold: no pledge is opened from it",
        );
        return Err((Exit::WrongUse, why));
    }
    if report.of != Of::Sale {
        return Err((Exit::WrongUse, open_error(arguments, "it is the bundle of a pledge, expected that of a sale")));
    }
    let Some(((sale, at), last)) = award.awarded().zip(award.last()) else {
        return Err((Exit::WrongUse, open_error(arguments, "the sale has not ended in an award")));
    };
    let awarded = at.local(sale.lot().rulebook.utc_offset).date;
    let signed = arguments.signed.unwrap_or(awarded);
    if signed < awarded {
        return Err((Exit::WrongUse, format!("--signed {signed}: is before the award")));
    }
    let opened = open(sale, arguments.winner.as_deref(), terms, signed, last)
        .map_err(|why| (Exit::WrongUse, open_error(arguments, &why.to_string())))?;
    let digest = |hex: &Option<String>| hex.as_deref().and_then(Digest::from_hex).unwrap_or(Digest([0; 32]));
    let outcome = report.outcome.as_ref().map(|outcome| canonical::encode(outcome) + "\n").unwrap_or_default();
    let sale = SaleNamed {
        origin: report.subject.origin.clone().unwrap_or_default(),
        notice: digest(&report.subject.notice),
        entries: report.subject.entries,
        root: digest(&report.subject.root),
        outcome_sha256: sha256(outcome.as_bytes()),
    };
    Ok(PledgeGrounds { terms, opened, sale, officers: Vec::new(), sources: Vec::new() })
}

fn open_error(arguments: &Arguments, why: &str) -> String {
    format!("{} on {}: no pledge: {why}", arguments.terms, arguments.sale)
}
