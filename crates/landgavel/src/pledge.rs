//! `landgavel pledge`: a sale and terms in, what was promised against what was delivered out.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::Result;
use landgavel_base::{Date, Instant};
use landgavel_pledge::{ClaimState, Command, Status};
use landgavel_record::language::{PledgeTerms, format_money, load_pledge_terms};
use landgavel_record::pledges::{
    Opened, event_in_words, open, page, parse_command, reason_in_words, standing_json, status_in_words,
    subject_in_words,
};
use landgavel_record::record::Entry;
use landgavel_record::verify::{Observer, Options, verify};
use landgavel_record::wire::{RequestLines, read_date};
use landgavel_sale::Sale;
use landgavel_sale::event::Happened;
use serde_json::{Value, json};

use crate::bundle::{Bundle, NotOpened};
use crate::client::Network;
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::report::print_report;
use crate::show::{Tongue, bad, columns, faint, good, note, shown};
use crate::workers::Threads;

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
    /// Print JSON: how the pledge stands, all that has happened, and what was refused.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print one HTML page that loads nothing.
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    network: Network,
}

fn parse_date(text: &str) -> Result<Date, String> {
    read_date(text).ok_or_else(|| "expected a day such as 2027-05-31".to_owned())
}

/// Most steps that days alone may bring: many times what the largest contract has.
const STEPS_MAX: usize = 1_000_000;

/// Refusals that are listed; the rest is counted.
const REFUSALS_LISTED: usize = 50;

/// Hears when the sale was awarded, and keeps it as it stood then and after.
#[derive(Default)]
struct Awarded {
    sale: Option<(Sale, Instant)>,
}

impl Observer for Awarded {
    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        let events = entry.result.as_deref().unwrap_or_default();
        let awarded = events.iter().any(|event| matches!(event.happened, Happened::Awarded));
        // What is said and changes nothing needs no copy.
        if awarded || (self.sale.is_some() && !events.is_empty()) {
            let at = self.sale.take().map_or(entry.at, |(_, at)| at);
            self.sale = Some((sale.clone(), at));
        }
    }
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
    let opened = match opened(arguments, &terms, tongue) {
        Ok(opened) => opened,
        Err((exit, why)) => {
            eprintln!("{why}");
            return Ok(exit);
        }
    };
    let mut run = Run { opened, happened: Vec::new(), refused: Vec::new(), refused_count: 0 };
    if let Err((exit, why)) = run.all(arguments) {
        eprintln!("{why}");
        return Ok(exit);
    }
    run.print(arguments, &terms, tongue);
    Ok(run.exit())
}

/// Verifies the sale and opens its pledge.
fn opened(arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) -> Result<Opened, Ended> {
    let bundle = Bundle::open(&arguments.sale, &arguments.network).map_err(|NotOpened { exit, why }| (exit, why))?;
    let mut awarded = Awarded::default();
    let report = verify(bundle.files(), &Options::default(), &Threads::all(), &mut awarded);
    if let Some(fault) = bundle.fault() {
        return Err((Exit::WorldFailed, fault.to_string()));
    }
    if !report.holds() {
        print_report(&report, tongue);
        let why = tongue.say(
            "出让记录未通过验证，不据此开立履约",
            "the record of the sale does not hold: no pledge is opened from it",
        );
        return Err((Exit::WrongUse, why));
    }
    let Some((sale, at)) = awarded.sale else {
        return Err((Exit::WrongUse, open_error(arguments, "the sale has not ended in an award")));
    };
    let signed = arguments.signed.unwrap_or_else(|| at.local(sale.lot().rulebook.utc_offset).date);
    if signed < at.local(sale.lot().rulebook.utc_offset).date {
        return Err((Exit::WrongUse, format!("--signed {signed}: is before the award")));
    }
    open(&sale, arguments.winner.as_deref(), terms, signed, at)
        .map_err(|why| (Exit::WrongUse, open_error(arguments, &why.to_string())))
}

fn open_error(arguments: &Arguments, why: &str) -> String {
    format!("{} on {}: no pledge: {why}", arguments.terms, arguments.sale)
}

struct Run {
    opened: Opened,
    happened: Vec<landgavel_pledge::Event>,
    /// The first of what was refused, and how many there were.
    refused: Vec<Value>,
    refused_count: u64,
}

impl Run {
    fn all(&mut self, arguments: &Arguments) -> Result<(), Ended> {
        if let Some(name) = &arguments.commands {
            let input: Box<dyn BufRead> = if name == "-" {
                Box::new(BufReader::new(std::io::stdin()))
            } else {
                let file = File::open(name).map_err(|error| (Exit::WrongUse, format!("{name}: {error}")))?;
                Box::new(BufReader::new(file))
            };
            self.commands(name, input)?;
        }
        if let Some(until) = arguments.until {
            // What falls due on a day is decided when it is over.
            let offset = self.opened.pledge.contract().utc_offset;
            let end = landgavel_base::LocalTime { date: until, millis_of_day: 86_399_999 }.instant(offset);
            if let Some(end) = end {
                self.advance(end).map_err(|why| (Exit::WrongUse, why))?;
            }
        }
        Ok(())
    }

    fn commands(&mut self, name: &str, input: Box<dyn BufRead>) -> Result<(), Ended> {
        let mut lines = RequestLines::new(input);
        while let Some(next) = lines.next_request() {
            let (line, object) = next.map_err(|error| {
                let field = error.field.map_or_else(String::new, |field| format!(" {field}:"));
                (
                    Exit::WrongUse,
                    format!("{name}:{}:{field} {}. Expected: {}.", error.line, error.message, error.expected),
                )
            })?;
            let asked = parse_command(&self.opened, &object).map_err(|error| {
                let why = format!("{name}:{line}: {}: {}. Expected: {}.", error.field, error.message, error.expected);
                (Exit::WrongUse, why)
            })?;
            if asked.at < self.opened.pledge.last() {
                let last = self.opened.pledge.last().local(self.opened.pledge.contract().utc_offset);
                return Err((
                    Exit::WrongUse,
                    format!("{name}:{line}: at: is older than what came before. Expected: {last} or later."),
                ));
            }
            self.advance(asked.at).map_err(|why| (Exit::WrongUse, format!("{name}:{line}: {why}")))?;
            match self.opened.pledge.decide(asked.at, &asked.command) {
                Ok(events) => self.take(events),
                Err(refusal) => {
                    self.refused_count += 1;
                    if self.refused.len() == REFUSALS_LISTED {
                        continue;
                    }
                    let words = reason_in_words(refusal.reason);
                    self.refused.push(json!({"line": line, "at_ms": asked.at.millis(), "code": refusal.reason.code(),
                                             "zh": words.zh, "en": words.en}));
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, events: Vec<landgavel_pledge::Event>) {
        for event in events {
            self.opened.pledge.apply(&event);
            self.happened.push(event);
        }
    }

    /// Lets days pass up to a moment.
    fn advance(&mut self, to: Instant) -> Result<(), String> {
        for _ in 0..STEPS_MAX {
            let Some(due) = self.opened.pledge.due().filter(|due| *due <= to) else { return Ok(()) };
            let events = self
                .opened
                .pledge
                .decide(due, &Command::Tick)
                .map_err(|refusal| format!("a day cannot pass: {}", reason_in_words(refusal.reason).en))?;
            self.take(events);
        }
        Err("the days bring no end: a bug of the engine".to_owned())
    }

    fn today(&self, arguments: &Arguments) -> Date {
        let pledge = &self.opened.pledge;
        let last = pledge.last().local(pledge.contract().utc_offset).date;
        arguments.until.map_or(last, |until| until.max(last))
    }

    fn exit(&self) -> Exit {
        let pledge = &self.opened.pledge;
        let is_breached = pledge.subjects().any(|one| pledge.verdict(one) == Some(landgavel_pledge::Verdict::Breached));
        let owes = pledge.claims().iter().any(|claim| claim.state != ClaimState::Closed);
        let lacks = pledge.missing() > landgavel_base::Money::ZERO && pledge.demands().iter().any(|one| one.was_missed);
        let is_bad = is_breached || owes || lacks || pledge.status() == Status::TakenBack;
        if is_bad { Exit::No } else { Exit::Good }
    }

    fn print(&self, arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) {
        let standing = standing_json(&self.opened, self.today(arguments));
        if arguments.json {
            let events = self.happened.iter().map(|event| {
                let words = event_in_words(&self.opened, &event.happened);
                json!({"at_ms": event.at.millis(), "zh": words.zh, "en": words.en})
            });
            let mut all = standing;
            all["events"] = events.collect();
            all["refused"] = json!(self.refused);
            all["refused_count"] = json!(self.refused_count);
            all["sample"] = json!(terms.is_sample);
            println!("{all:#}");
            return;
        }
        if arguments.html {
            print!("{}", page(&self.opened, &terms.title, terms.is_sample, self.today(arguments), &self.happened));
            self.print_refused(arguments, tongue);
            return;
        }
        self.print_text(&standing, arguments, terms, tongue);
        self.print_refused(arguments, tongue);
    }

    fn print_text(&self, standing: &Value, arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) {
        let pledge = &self.opened.pledge;
        let contract = pledge.contract();
        let width = columns();
        let money = |amount| format_money(amount, &contract.currency);
        print!("{}", tongue.fit("", &terms.title.zh, &terms.title.en, width));
        if terms.is_sample {
            println!("{}", note(&tongue.say("样本：条款为虚构", "a sample: these terms are invented")));
        }
        let status = status_in_words(pledge.status());
        println!(
            "{}: {}  {}: {}  {}: {}  {}: {}",
            tongue.word("竞得人", "winner"),
            shown(&contract.winner),
            tongue.word("地价", "price"),
            money(contract.price),
            tongue.word("签订日", "contract"),
            contract.signed,
            tongue.word("状态", "status"),
            tongue.word(&status.zh, &status.en),
        );
        println!();
        for event in &self.happened {
            let at = event.at.local(contract.utc_offset).date;
            let words = event_in_words(&self.opened, &event.happened);
            print!(
                "{}",
                tongue.fit(&format!("{}  ", faint(&at.to_string())), &shown(&words.zh), &shown(&words.en), width)
            );
        }
        println!("\n{}", tongue.word("承诺与认定", "promises and verdicts"));
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or("–").to_owned();
        for item in standing["items"].as_array().into_iter().flatten() {
            let mark = match item["verdict"].as_str() {
                Some("met" | "cured" | "waived") => {
                    good(&tongue.word(&text(item, "verdict_zh"), &text(item, "verdict_en")))
                }
                Some(_) => bad(&tongue.word(&text(item, "verdict_zh"), &text(item, "verdict_en"))),
                None if item["due"].is_null() => faint(&tongue.word("待前一节点", "waits for the step before")),
                None => faint(&tongue.word("未到期", "not due yet")),
            };
            println!(
                "  {}  {} {}  {} {}  {} {}  {mark}",
                tongue.word(&text(item, "zh"), &text(item, "en")),
                tongue.word("承诺", "promised"),
                text(item, "promised"),
                tongue.word("实际", "shown"),
                text(item, "shown"),
                tongue.word("期限", "due"),
                text(item, "due"),
            );
        }
        println!(
            "\n{}: {}  {}: {}  {}: {}",
            tongue.word("履约保证应缴", "bond required"),
            money(contract.bond.amount),
            tongue.word("现有", "held"),
            money(pledge.held()),
            tongue.word("欠缺", "missing"),
            money(pledge.missing()),
        );
        let today = self.today(arguments);
        for (index, claim) in pledge.claims().iter().enumerate() {
            let name = subject_in_words(pledge, claim.subject);
            let owed = match claim.state {
                ClaimState::Closed => landgavel_base::Money::ZERO,
                ClaimState::Open | ClaimState::Disputed => {
                    pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed())
                }
            };
            println!(
                "{} {}  {}  {} {}  {} {}  {} {}  {} {}",
                tongue.word("索赔", "claim"),
                index + 1,
                tongue.word(&name.zh, &name.en),
                tongue.word("金额", "amount"),
                money(claim.amount),
                tongue.word("已付", "paid"),
                money(claim.paid),
                tongue.word("保证支付", "from the bond"),
                money(claim.from_bond),
                tongue.word("尚欠", "still owed"),
                money(owed),
            );
        }
    }

    fn print_refused(&self, arguments: &Arguments, tongue: Tongue) {
        for refused in &self.refused {
            let line = format!("{}:{}: ", arguments.commands.as_deref().unwrap_or("-"), refused["line"]);
            let text = |field: &str| refused[field].as_str().unwrap_or_default();
            eprint!("{}", tongue.fit(&line, text("zh"), text("en"), columns()));
        }
        let more = self.refused_count - u64::try_from(self.refused.len()).unwrap_or(0);
        if more > 0 {
            eprintln!("{}", tongue.say(&format!("另有 {more} 项被拒绝"), &format!("{more} more were refused")));
        }
    }
}
