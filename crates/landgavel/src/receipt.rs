use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use landgavel_base::{Digest, Instant, UtcOffset};
use landgavel_log::durable::{DurableReceipt, HEADER};
use landgavel_log::policy::{MAX_POLICY, Policy};
use landgavel_log::proof::MAX_BYTES;
use landgavel_log::tile::MAX_ENTRY;
use landgavel_log::tree::leaf_hash;
use landgavel_record::bundle::ReadError;
use landgavel_record::receipt::{NotMade, Proven, ReceiptReport, judge, make};
use serde_json::json;

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
    /// Receipt: a witnessed proof, or the log's own word that a hall gives at once.
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
    if receipt.starts_with(HEADER.as_bytes()) {
        return Ok(verify_durable(&receipt, &policy, entry.as_deref(), arguments.json));
    }
    let report = judge(&receipt, &policy, entry.as_deref());
    if arguments.json {
        println!("{}", report.json());
    } else {
        print_report(&report, policy.witnesses().len());
    }
    Ok(if report.holds() { Exit::Good } else { Exit::No })
}

/// Judges the log's own word; no witness stands behind it yet.
fn verify_durable(receipt: &[u8], policy: &Policy, entry: Option<&[u8]>, as_json: bool) -> Exit {
    let opened = policy.logs().iter().map(|log| DurableReceipt::open(receipt, log));
    let opened = opened.reduce(|found, next| found.or(next));
    let judged = match opened {
        None => Err(("unknown_log", "the policy names no log".to_owned())),
        Some(Err(error)) => Err(("log_signature", format!("no log of the policy has given it: {error}"))),
        Some(Ok(receipt)) if entry.is_some_and(|entry| leaf_hash(entry) != receipt.leaf) => {
            Err(("other_entry", "it was given for another entry".to_owned()))
        }
        Some(Ok(receipt)) => Ok(receipt),
    };
    match &judged {
        Err((code, why)) if as_json => {
            println!("{}", json!({"kind": "durable", "holds": false, "wrong": {"code": code, "message": why}}));
        }
        Ok(receipt) if as_json => println!(
            "{}",
            json!({"kind": "durable", "holds": true, "origin": receipt.origin, "entry": receipt.entry,
                   "leaf": Digest(receipt.leaf.0).to_string(), "at_ms": receipt.at_ms})
        ),
        Err((code, why)) => println!("不成立 · it does not hold\n  {why} [{code}]"),
        Ok(receipt) => {
            let at = i64::try_from(receipt.at_ms).ok().and_then(Instant::from_millis);
            let at = at.zip(UtcOffset::from_minutes(0)).map(|(at, utc)| format!("{} UTC", at.local(utc)));
            println!("成立，仅为日志自己的承诺 · it holds, as the log's own word: no witness has seen it yet");
            println!("  log       {}", receipt.origin);
            println!("  entry     {}", receipt.entry);
            println!("  leaf      {}", Digest(receipt.leaf.0));
            println!("  taken at  {}", at.unwrap_or_else(|| format!("{} ms after 1970", receipt.at_ms)));
        }
    }
    if judged.is_ok() { Exit::Good } else { Exit::No }
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
