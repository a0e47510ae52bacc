use std::io::IsTerminal as _;

use anyhow::Result;
use landgavel_record::record::{Entry, Refused};
use landgavel_record::verify::{Observer, Options, verify};
use landgavel_record::words::{event_in_words, intake_refusal_in_words, refusal_in_words};
use landgavel_sale::Sale;
use landgavel_sale::command::BidderId;
use landgavel_sale::event::Happened;
use landgavel_sale::rulebook::StageId;
use serde_json::{Map, Value};

use crate::bundle::{Bundle, NotOpened};
use crate::client::Network;
use crate::exit::Exit;
use crate::report::print_report;
use crate::show::{Tongue, faint, note, shown};
use crate::workers::Threads;

/// Walk through the record of a bundle, deciding every entry again.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bundle: a directory, a zip archive, or the http(s) address of either.
    bundle: String,
    /// Wait after each entry: Enter goes on, c goes on without waiting, q leaves out all but the verdict.
    #[arg(long, conflicts_with = "json")]
    step: bool,
    /// Print each entry as a line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    network: Network,
}

/// Fields that bind a command to its sale, and long texts: they are checked, and tell a reader nothing.
const LEFT_OUT: [&str; 13] = [
    "do",
    "bidder",
    "format",
    "lot",
    "rulebook",
    "id",
    "key",
    "seen",
    "stage",
    "attribute",
    "envelope",
    "commitment",
    "outputs",
];

/// Characters of a field's value; `--json` has the whole.
const VALUE_MAX: usize = 60;

struct Walk {
    waits: bool,
    is_quiet: bool,
    json: bool,
    tongue: Tongue,
    stage: Option<StageId>,
}

impl Observer for Walk {
    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        if self.json {
            println!("{}", entry.line);
            return;
        }
        let text = self.text(sale, entry);
        if self.is_quiet {
            return;
        }
        print!("{text}");
        if self.waits {
            self.wait();
        }
    }
}

impl Walk {
    /// An entry: its number, time and command, and below them what it led to.
    fn text(&mut self, sale: &Sale, entry: &Entry) -> String {
        let at = entry.at.local(sale.lot().rulebook.utc_offset);
        let mut text =
            format!("{} {at}  {}\n", faint(&format!("#{:<5}", entry.number)), shown(&command(&entry.command)));
        let mut line = |sentence: &str| text.push_str(&format!("       {}\n", shown(sentence)));
        let languages = self.tongue.languages();
        match &entry.result {
            Ok(events) => {
                let codes = |id: BidderId| sale.bidder(id).map_or_else(String::new, |known| known.code().to_owned());
                for event in events {
                    if let Happened::StageOpened { stage, .. } = &event.happened {
                        self.stage = Some(*stage);
                    }
                    for language in languages {
                        line(&event_in_words(sale.lot(), self.stage, &codes, event, *language));
                    }
                }
            }
            Err(Refused::Engine(refusal)) => {
                line(&self.tongue.say("不予接受", "refused"));
                for language in languages {
                    line(&refusal_in_words(sale.lot(), refusal, *language));
                }
            }
            Err(Refused::Intake(refusal)) => {
                line(&self.tongue.say("不予接受", "refused"));
                for language in languages {
                    line(&intake_refusal_in_words(*refusal, *language));
                }
            }
        }
        text
    }

    fn wait(&mut self) {
        let (zh, en) = ("回车：下一条；c：不再停；q：只看结论", "Enter: next; c: no more waiting; q: the verdict");
        eprint!("{} ", note(&self.tongue.say(zh, en)));
        let mut answer = String::new();
        // The end of the input ends the waiting and nothing else.
        let read = std::io::stdin().read_line(&mut answer).unwrap_or(0);
        let answer = answer.trim();
        self.waits = read > 0 && !matches!(answer, "c" | "q");
        self.is_quiet = answer == "q";
    }
}

/// A command in a few words: what is asked, by whom, and its own fields.
fn command(text: &str) -> String {
    let object: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let field = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut words = vec![field("do"), field("bidder")];
    for (name, value) in object.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let short: String = value.chars().take(VALUE_MAX).collect();
        words.push(if short == value { format!("{name}={value}") } else { format!("{name}={short}…") });
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

pub fn replay(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    if arguments.step && !std::io::stdin().is_terminal() {
        eprintln!("--step waits for a key, and standard input is no terminal.");
        return Ok(Exit::WrongUse);
    }
    let bundle = match Bundle::open(&arguments.bundle, &arguments.network) {
        Ok(bundle) => bundle,
        Err(NotOpened { exit, why }) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let mut walk = Walk { waits: arguments.step, is_quiet: false, json: arguments.json, tongue, stage: None };
    let report = verify(bundle.files(), &Options::default(), &Threads::all(), &mut walk);
    if let Some(fault) = bundle.fault() {
        eprintln!("{fault}\nNothing is said of the bundle: it could not be read to its end.");
        return Ok(Exit::WorldFailed);
    }
    if !arguments.json {
        print_report(&report, tongue);
    } else if let Some(wrong) = &report.wrong {
        eprintln!("{wrong}");
    }
    Ok(if report.holds() { Exit::Good } else { Exit::No })
}
