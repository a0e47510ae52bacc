use std::path::PathBuf;

use anyhow::Result;
use landgavel_base::Digest;
use landgavel_record::bundle::PLEDGE_BUNDLE_JSON;
use landgavel_record::verify::{Observer, Options, verify as judge};
use serde_json::json;

use crate::bundle::{Bundle, NotOpened};
use crate::client::Network;
use crate::exit::Exit;
use crate::register::{Register, agreement, wrong_json};
use crate::report::print_report;
use crate::show::{Bar, Tongue};
use crate::workers::Threads;

/// Verify a bundle: recompute everything, name the first thing that is wrong.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bundle: a directory, a zip archive, or the http(s) address of either.
    bundle: String,
    /// Policy with the keys of the log and the witnesses that you trust, instead of the bundle's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Digest of the notice as it was published elsewhere, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    notice: Option<Digest>,
    /// Register of the hall that held the sale: the hall's address, or a directory. The sale must stand in it, as it does here.
    #[arg(long, value_name = "HALL")]
    register: Option<String>,
    /// Print the report as JSON; with --register under `report`, beside `register`.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

fn parse_digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "expected 64 lower-case hexadecimal digits".to_owned())
}

/// Most bytes of a bundle's `bundle.json`.
const FORMAT_MAX: usize = 1024;

struct Progress<'a> {
    bar: Bar,
    bundle: &'a Bundle,
}

impl Observer for Progress<'_> {
    fn progress(&mut self, done: u64, total: u64) {
        self.bar.at(done, Some(total));
        if let Bundle::Remote(remote) = self.bundle {
            self.bar.says(format!("{} MiB", remote.fetched() >> 20));
        }
    }
}

pub fn verify(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let policy = match arguments.policy.as_deref().map(crate::bundle::read_policy) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(error)) => {
            eprintln!("--policy: cannot be read: {error}");
            return Ok(Exit::WrongUse);
        }
    };
    let bundle = match Bundle::open(&arguments.bundle, &arguments.network) {
        Ok(bundle) => bundle,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    // Where no register is asked for, each file is read once only.
    let format = arguments.register.as_ref().map(|_| bundle.files().read("bundle.json", FORMAT_MAX));
    if format.is_some_and(|format| format.is_ok_and(|format| format == PLEDGE_BUNDLE_JSON.as_bytes())) {
        eprintln!(
            "--register: a register names sales and no pledges. Give the bundle of the sale from which this pledge was opened"
        );
        return Ok(Exit::WrongUse);
    }
    // Before anything is computed: a register that cannot be had should be heard of at once.
    let register = arguments.register.as_deref().map(|at| Register::open(at, policy.as_deref(), &arguments.network));
    let register = match register.transpose() {
        Ok(register) => register,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let options = Options { policy, notice: arguments.notice };
    let mut progress = Progress { bar: Bar::entries(), bundle: &bundle };
    let report = judge(bundle.files(), &options, &Threads::all(), &mut progress);
    drop(progress);
    let agrees = register.filter(|_| report.holds()).map(|register| register.agrees(&report, bundle.files()));
    if let Some(fault) = bundle.fault() {
        eprintln!("{fault}\nNothing is said of the bundle: it could not be read to its end.");
        return Ok(Exit::WorldFailed);
    }
    match (arguments.json, arguments.register.is_some()) {
        (true, false) => println!("{}", report.json()),
        (true, true) => {
            let register = agrees
                .as_ref()
                .map(|agrees| json!({"agrees": agrees.is_ok(), "wrong": agrees.as_ref().err().map(wrong_json)}));
            println!("{}", json!({"report": report.json(), "register": register}));
        }
        (false, _) => {
            print_report(&report, tongue);
            if let Some(agrees) = &agrees {
                println!("{}", agreement(agrees, tongue));
            }
        }
    }
    Ok(if report.holds() && agrees.is_none_or(|agrees| agrees.is_ok()) { Exit::Good } else { Exit::No })
}
