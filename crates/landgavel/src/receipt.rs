use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use landgavel_base::{Instant, UtcOffset};
use landgavel_log::policy::{MAX_POLICY, Policy};
use landgavel_log::proof::MAX_BYTES;
use landgavel_log::tile::MAX_ENTRY;
use landgavel_record::bundle::ReadError;
use landgavel_record::receipt::{NotMade, Proven, ReceiptReport, judge, make};

use crate::bundle::{Bundle, NotOpened};
use crate::client::Network;
use crate::exit::Exit;
use crate::show::shown;

/// Make and verify receipts: one entry of a record, proven without the record.
#[derive(clap::Subcommand)]
pub enum Receipt {
    /// Make the receipt of an entry of a bundle, under the first checkpoint that covers it.
    Make(MakeArguments),
    /// Verify a receipt without the log, by a policy that you trust.
    Verify(VerifyArguments),
}

#[derive(clap::Args)]
pub struct MakeArguments {
    /// Bundle: a directory, a zip archive, or the http(s) address of either.
    bundle: String,
    /// Number of the entry, from 0.
    entry: u64,
    /// Write the receipt to a file, by custom with the ending .tlog-proof, instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
}

#[derive(clap::Args)]
pub struct VerifyArguments {
    /// Receipt.
    receipt: PathBuf,
    /// Policy with the keys of the log and the witnesses that you trust.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The entry, if the receipt does not hold it, or to be compared with the one that it holds.
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

pub fn receipt(command: &Receipt) -> Result<Exit> {
    match command {
        Receipt::Make(arguments) => make_receipt(arguments),
        Receipt::Verify(arguments) => verify_receipt(arguments),
    }
}

fn make_receipt(arguments: &MakeArguments) -> Result<Exit> {
    let bundle = match Bundle::open(&arguments.bundle, &arguments.network) {
        Ok(bundle) => bundle,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let receipt = match make(bundle.files(), arguments.entry) {
        Ok(receipt) => receipt,
        Err(why) => {
            eprintln!("{}: entry {}: {why}", arguments.bundle, arguments.entry);
            if let Some(fault) = bundle.fault() {
                eprintln!("{fault}");
                return Ok(Exit::WorldFailed);
            }
            return Ok(match why {
                NotMade::File(_, ReadError::Failed(_)) => Exit::WorldFailed,
                NotMade::NoSuchEntry { .. } | NotMade::File(..) => Exit::WrongUse,
                NotMade::Malformed(..) | NotMade::DoesNotHold(_) => Exit::No,
            });
        }
    };
    match &arguments.out {
        None => print!("{receipt}"),
        Some(path) => {
            fs::write(path, receipt.to_string()).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(Exit::Good)
}

fn verify_receipt(arguments: &VerifyArguments) -> Result<Exit> {
    let all = || -> std::result::Result<_, String> {
        let policy = read_policy(&arguments.policy)?;
        let entry = arguments.entry.as_ref().map(|path| read_limited(path, MAX_ENTRY)).transpose()?;
        Ok((read_limited(&arguments.receipt, MAX_BYTES)?, policy, entry))
    };
    let (receipt, policy, entry) = match all() {
        Ok(all) => all,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let report = judge(&receipt, &policy, entry.as_deref());
    if arguments.json {
        println!("{}", report.json());
    } else {
        print_report(&report, policy.witnesses().len());
    }
    Ok(if report.holds() { Exit::Good } else { Exit::No })
}

/// Reads a policy of the reader's own.
pub fn read_policy(path: &Path) -> std::result::Result<Policy, String> {
    let bad = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = String::from_utf8(read_limited(path, MAX_POLICY)?).map_err(|error| bad(&error))?;
    Policy::parse(&text).map_err(|error| bad(&error))
}

/// Reads a file up to one byte more than it may have, so that who judges it sees that it is too large.
fn read_limited(path: &Path, most: usize) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).map_or(u64::MAX, |most| most.saturating_add(1));
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| format!("{}: cannot be read: {error}", path.display()))
}

fn print_report(report: &ReceiptReport, witnesses: usize) {
    match &report.verdict {
        Err(wrong) => println!("不成立 · it does not hold\n  {} [{}]", wrong.message, wrong.code),
        Ok(proven) => {
            println!("成立 · it holds");
            println!("  log       {}", proven.origin);
            println!("  entry     {} (of {} when the witnesses saw it)", proven.index, proven.size);
            println!("  leaf      {}", proven.leaf);
            println!("  root      {}", proven.root);
            println!("  seen by   {} ({} of {witnesses})", proven.witnesses.join(", "), proven.witnesses.len());
            println!("  seen at   {}", time(proven));
            println!("\n{}", shown(&String::from_utf8_lossy(&proven.entry)));
        }
    }
}

/// When enough witnesses had seen it, in UTC.
fn time(proven: &Proven) -> String {
    let millis = i64::try_from(proven.witnessed_s).ok().and_then(|seconds| seconds.checked_mul(1000));
    match millis.and_then(Instant::from_millis).zip(UtcOffset::from_minutes(0)) {
        Some((at, utc)) => format!("{} UTC", at.local(utc)),
        None => format!("{} s after 1970", proven.witnessed_s),
    }
}
