//! `landgavel score policy`: facts of firms in, what each is entitled to out.

use std::fmt::Write as _;

use anyhow::Result;
use landgavel_base::Date;
use landgavel_record::figures::TableFault;
use landgavel_record::ladder::{FactsTable, State, gap_words};
use landgavel_record::language::{PolicyBook, in_force, load_policy_book};
use landgavel_record::policies::{Entitlement, Read, catalogue_words, entitlement_json, entitlement_words, page};
use serde_json::{Value, json};

use super::ladder::{day, facts};
use super::{tell_ignored, unreadable, unusable};
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, bad, faint, good, note, shown};

/// Tell which policies of a book firms are entitled to, and why, and why not.
///
/// Exit codes: 0 told; 1 the firm that was asked for is not in the table; 2 the facts or the book cannot be used, each fault with its
/// line and column, or the book is not in force on the day; 3 a file cannot be read.
#[derive(clap::Args)]
pub struct Arguments {
    /// Policy book, a TOML file.
    book: String,
    /// Facts: a TOML file of one enterprise, or a table of many, CSV, a workbook or Parquet; `-` reads a table from standard input.
    facts: String,
    /// Sheet of a workbook; without, the first one.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Day on which the book must be in force, YYYY-MM-DD.
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    /// One firm only.
    #[arg(long, value_name = "FIRM")]
    firm: Option<String>,
    /// Most firms that the text lists.
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// Print JSON.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print one HTML page that loads nothing.
    #[arg(long)]
    html: bool,
}

pub fn policy(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let facts = facts(&arguments.facts, arguments.sheet.as_deref(), tongue)?;
    let (book, table) = match (load_policy_book(&Disk, &arguments.book), facts) {
        (Ok(book), Ok(table)) => (book, table),
        (Err(findings), _) | (_, Err(findings)) => {
            return Ok(unusable(&findings, arguments.json));
        }
    };
    print_findings(&book.card.findings);
    if let Some(day) = arguments.on.filter(|day| in_force([&book.card].into_iter(), *day).is_none()) {
        eprintln!("{}: version {} is not in force on {day}", arguments.book, book.card.card.version);
        return Ok(Exit::WrongUse);
    }
    match table.and_then(|table| told(arguments, &book, &table, tongue)) {
        Ok(exit) => Ok(exit),
        Err(faults) => Ok(unreadable(&arguments.facts, &faults, arguments.json, tongue)),
    }
}

fn told(arguments: &Arguments, book: &PolicyBook, table: &FactsTable, tongue: Tongue) -> Result<Exit, Vec<TableFault>> {
    let read = Read::of(book, table)?;
    let survey = read.survey(table)?;
    tell_ignored(read.ignored(), tongue);
    let chosen: Vec<usize> =
        (0..read.firms()).filter(|firm| arguments.firm.as_ref().is_none_or(|name| read.firm(*firm) == *name)).collect();
    if chosen.is_empty() {
        let name = arguments.firm.as_deref().unwrap_or_default();
        eprintln!("{}: {name}", tongue.say("表中没有这家企业", "the table has no such firm"));
        return Ok(Exit::No);
    }
    if arguments.html {
        print!("{}", page(&read, &survey, table));
        return Ok(Exit::Good);
    }
    if arguments.json {
        let firms = chosen.iter().map(|firm| {
            let policies: Vec<Value> = read.entitlements(&survey, *firm).iter().map(entitlement_json).collect();
            json!({"firm": read.firm(*firm), "policies": policies})
        });
        let catalogue = catalogue_words(book);
        let catalogue = catalogue.iter().map(|tier| json!({"zh": tier.zh, "en": tier.en}));
        println!(
            "{:#}",
            json!({
                "book": book.card.card.id, "version": book.card.card.version,
                "is_sample": book.is_sample || table.is_sample, "catalogue": catalogue.collect::<Vec<_>>(),
                "ignored_heads": read.ignored(), "firms": firms.collect::<Vec<_>>(),
            })
        );
        return Ok(Exit::Good);
    }
    let title = &book.card.card.title;
    println!("{}", shown(&tongue.say(&title.zh, &title.en)));
    for tier in catalogue_words(book) {
        println!("  {}", faint(&shown(&tongue.say(&tier.zh, &tier.en))));
    }
    for firm in chosen.iter().take(arguments.top) {
        let mut out = format!("{}\n", shown(&read.firm(*firm)));
        read.entitlements(&survey, *firm).iter().for_each(|entitlement| one(&mut out, entitlement, tongue));
        print!("{out}");
    }
    if chosen.len() > arguments.top {
        let more = chosen.len() - arguments.top;
        println!("{}", tongue.say(&format!("另有 {more} 家，见 --json"), &format!("{more} more; see --json")));
    }
    Ok(Exit::Good)
}

fn one(out: &mut String, entitlement: &Entitlement<'_>, tongue: Tongue) {
    let mark = match entitlement.state {
        State::Reached => good("✓"),
        State::NotReached => bad("✗"),
        State::FactsMissing | State::StandardUnknown => note("?"),
    };
    let say = |text: &landgavel_base::Bilingual| {
        if text.zh == text.en { text.zh.clone() } else { tongue.say(&text.zh, &text.en) }
    };
    let name = &entitlement.policy.name;
    let words = say(&entitlement_words(entitlement));
    let _ = writeln!(out, "  {mark} {}: {}", shown(&tongue.word(&name.zh, &name.en)), shown(&words));
    if entitlement.state == State::Reached {
        for line in &entitlement.why {
            let _ = writeln!(out, "      {}", faint(&shown(&say(&line.why))));
        }
    }
    for words in entitlement.gaps.iter().flat_map(gap_words) {
        let _ = writeln!(out, "      - {}", shown(&say(&words)));
    }
}
