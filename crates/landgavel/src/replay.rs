use std::io::IsTerminal as _;

use anyhow::Result;
use landgavel_record::record::{Entry, Refused};
use landgavel_record::verify::{Observer, Options, verify};
use landgavel_record::wire::event_json;
use landgavel_sale::Sale;

use crate::bundle::{Bundle, NotOpened};
use crate::client::Network;
use crate::exit::Exit;
use crate::refusals::refusal_line;
use crate::verify::print_report;
use crate::workers::Threads;

/// Walk through the record of a bundle, deciding every entry again.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bundle: a directory, a zip archive, or the http(s) address of either.
    bundle: String,
    /// Wait for Enter after each entry, on a terminal.
    #[arg(long)]
    step: bool,
    /// Print each entry as a line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

struct Walk {
    waits: bool,
    json: bool,
}

impl Observer for Walk {
    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        if self.json {
            println!("{}", entry.line);
            return;
        }
        let at = entry.at.local(sale.lot().rulebook.utc_offset);
        println!("#{} {at}  {}", entry.number, entry.command);
        match &entry.result {
            Ok(events) => events.iter().for_each(|event| println!("    {}", event_json(sale, event))),
            Err(Refused::Engine(refusal)) => println!("    refused {}", refusal_line(sale.lot(), refusal)),
            Err(Refused::Intake(refusal)) => println!("    refused {}", refusal.code()),
        }
        if self.waits {
            let mut answer = String::new();
            // The end of the input ends the waiting and nothing else.
            let _ = std::io::stdin().read_line(&mut answer);
        }
    }
}

pub fn replay(arguments: &Arguments) -> Result<Exit> {
    let bundle = match Bundle::open(&arguments.bundle, &arguments.network) {
        Ok(bundle) => bundle,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let mut walk = Walk { waits: arguments.step && std::io::stdin().is_terminal(), json: arguments.json };
    let report = verify(bundle.files(), &Options::default(), &Threads::all(), &mut walk);
    if let Some(fault) = bundle.fault() {
        eprintln!("{fault}\nNothing is said of the bundle: it could not be read to its end.");
        return Ok(Exit::WorldFailed);
    }
    if !arguments.json {
        print_report(&report);
    } else if let Some(wrong) = &report.wrong {
        eprintln!("{wrong}");
    }
    Ok(if report.holds() { Exit::Good } else { Exit::No })
}
