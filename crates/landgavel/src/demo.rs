use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use landgavel_server::demo::{Pace, ROBOTS, Told};
use landgavel_server::exhibition::{Offers, Shown, show};
use landgavel_server::pages::VerifierPage;

use crate::exit::Exit;
use crate::paper_font::PaperFont;
use crate::published;
use crate::show::Tongue;

/// Where `cargo xtask page` puts the verifier.
const VERIFIER: &str = "target/page/verify.html";

/// Show a whole sale in the live hall, with robots that bid; take part if you like.
///
/// Nothing is installed or kept: keys, witnesses and the clock are made for the demonstration, and its record says so.
#[derive(clap::Args)]
pub struct Arguments {
    /// Address to listen on; port 0 lets the machine pick one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// How many seconds of the sale pass in one while people bid.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    speed: u32,
    /// Seconds to wait for somebody who wants to bid against the robots.
    #[arg(long, value_name = "S", default_value_t = 60)]
    wait: u64,
    /// How many robots bid; with 0 those who open the page have the sale to themselves.
    #[arg(long, value_name = "N", default_value_t = ROBOTS, value_parser = robots)]
    robots: usize,
    /// End when the sale has ended, instead of leaving the hall open.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    font: PaperFont,
}

fn robots(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count <= ROBOTS).ok_or_else(|| format!("expected 0 to {ROBOTS}"))
}

pub fn demo(arguments: &Arguments) -> Result<Exit> {
    let printer = match arguments.font.printer() {
        Ok(printer) => printer,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let folder = tempfile::tempdir()?;
    let verifier = std::fs::read(VERIFIER).ok().and_then(|page| VerifierPage::read(page).ok());
    if verifier.is_none() {
        eprintln!(
            "大厅不带复核页；cargo xtask page 可以做出它 · no verifier in the browser: cargo xtask page makes it"
        );
    }
    let pace = Pace { speed: arguments.speed, wait_s: arguments.wait, robots: arguments.robots };
    let holds = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&holds);
    let once = arguments.once;
    let tell = move |shown: Shown| match shown {
        Shown::Open(address) => {
            eprintln!("大厅已开 · the hall is open");
            println!("http://{address}/");
            eprintln!("一场示例出让即将开始；看或参加：http://{address}/demo · watch or take part there");
        }
        Shown::Told(Told::Waiting { seconds }) => {
            eprintln!("报名中，{seconds} 秒后开始竞价 · applications are open, the bidding begins in {seconds} s");
        }
        Shown::Told(Told::Phase(words)) => eprintln!("  {words}"),
        Shown::Told(Told::Ended(report)) => {
            told.store(report.holds(), Ordering::Relaxed);
            crate::report::print_report(&report, Tongue::Both);
            if !once {
                eprintln!("大厅仍开着，按 Ctrl-C 结束 · the hall stays open; Ctrl-C ends it");
            }
        }
        Shown::Told(Told::Pledged) => {
            eprintln!(
                "承诺已开立履约监管，七年一瞬：/pledges/demo · the promise is held to account, seven years in a moment"
            );
        }
        Shown::Stuck(why) => eprintln!("演示中断 · the demonstration stopped: {why}"),
    };
    let offers = Offers { verifier, printer, scores: published::samples() };
    if let Err(error) = show(folder.path(), arguments.listen, pace, once, offers, tell) {
        eprintln!("{}: {error}", arguments.listen);
        return Ok(Exit::WorldFailed);
    }
    Ok(if holds.load(Ordering::Relaxed) || !once { Exit::Good } else { Exit::No })
}
