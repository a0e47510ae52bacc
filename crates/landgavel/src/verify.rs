use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Result;
use landgavel_base::Digest;
use landgavel_record::verify::{Check, Observer, Options, Report, verify as judge};

use crate::bundle;
use crate::exit::Exit;
use crate::workers::Threads;

/// Verify a bundle: recompute everything, name the first thing that is wrong.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bundle: a directory or a zip archive.
    bundle: PathBuf,
    /// Policy with the keys of the log and the witnesses that you trust, instead of the bundle's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Digest of the notice as it was published elsewhere, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    notice: Option<Digest>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

fn parse_digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "expected 64 lower-case hexadecimal digits".to_owned())
}

struct Progress {
    shows: bool,
}

impl Observer for Progress {
    fn progress(&mut self, done: u64, total: u64) {
        if self.shows {
            eprint!("\r{done} / {total} entries");
        }
    }
}

pub fn verify(arguments: &Arguments) -> Result<Exit> {
    let policy = match arguments.policy.as_ref().map(std::fs::read_to_string) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(error)) => {
            eprintln!("--policy: cannot be read: {error}");
            return Ok(Exit::WrongUse);
        }
    };
    let files = match bundle::open(&arguments.bundle) {
        Ok(files) => files,
        Err(why) => {
            eprintln!("{}: {why}", arguments.bundle.display());
            return Ok(Exit::WrongUse);
        }
    };
    let options = Options { policy, notice: arguments.notice };
    let shows = std::io::stderr().is_terminal();
    let report = judge(&*files, &options, &Threads::all(), &mut Progress { shows });
    if shows {
        eprint!("\r\x1b[K");
    }
    if arguments.json {
        println!("{}", report.json());
    } else {
        print_report(&report);
    }
    Ok(if report.holds() { Exit::Good } else { Exit::No })
}

/// Prints a report for people.
pub fn print_report(report: &Report) {
    if let Some(title) = &report.subject.title {
        println!("{} · {}", title.zh, title.en);
    }
    for (check, count) in Check::ALL.into_iter().zip(report.counts) {
        let mark = match &report.wrong {
            Some(wrong) if wrong.check == check => "✗",
            Some(_) => "·",
            None => "✓",
        };
        let title = check.title();
        println!("  {mark} {:<12} {count:>9}  {} · {}", check.name(), title.zh, title.en);
    }
    let subject = &report.subject;
    for (name, value) in [("log", &subject.origin), ("root", &subject.root), ("notice", &subject.notice)] {
        if let Some(value) = value {
            println!("  {name:<7} {value}");
        }
    }
    for key in &subject.trusted {
        println!("  trusted {key}");
    }
    for caveat in &report.caveats {
        let text = caveat.text();
        println!("  ! {} · {}", text.zh, text.en);
    }
    match &report.wrong {
        None => println!("全部成立 · everything holds ({} entries)", subject.entries),
        Some(wrong) => println!("不成立 · it does not hold\n  {wrong}"),
    }
}
