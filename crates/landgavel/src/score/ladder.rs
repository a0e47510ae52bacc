//! `landgavel score ladder`: facts of enterprises in, where each stands and what it lacks out.

use std::fmt::Write as _;

use anyhow::Result;
use landgavel_base::Date;
use landgavel_record::figures::TableFault;
use landgavel_record::ladder::{
    Ascent, Climb, FactsTable, Standing, State, Surveyed, climb_json, gap_words, need_words, page, standing_words,
};
use landgavel_record::language::{Files, Finding, Ladder, load_facts, load_ladder};
use landgavel_record::wire::read_date;
use serde_json::{Value, json};

use super::{csv, tell_ignored, unreadable, unusable};
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, bad, faint, good, note, shown};

/// Tell where enterprises stand on the ladder (小升规, 创新型, 专精特新, 小巨人) and exactly what each lacks for the next rung.
///
/// Exit codes: 0 told; 1 a firm is not on the rung that was asked for, or is not in the table; 2 the facts or the ladder cannot be
/// used, each fault with its line and column; 3 a file cannot be read.
#[derive(clap::Args)]
pub struct Arguments {
    /// Facts: a TOML file of one enterprise, or a table of many, CSV, a workbook or Parquet; `-` reads a table from standard input.
    facts: String,
    /// Sheet of a workbook; without, the first one.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Day whose standards are applied, YYYY-MM-DD.
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Date,
    /// Where no standard of that day is known, apply the last one that was, and say so.
    #[arg(long)]
    last_known: bool,
    /// Another ladder than the one that the program carries, a TOML file.
    #[arg(long, value_name = "FILE")]
    ladder: Option<String>,
    /// One firm only.
    #[arg(long, value_name = "FIRM")]
    firm: Option<String>,
    /// Ask whether all firms stand on this rung.
    #[arg(long, value_name = "RUNG")]
    rung: Option<String>,
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

pub fn day(text: &str) -> Result<Date, String> {
    read_date(text).ok_or_else(|| "expected a day such as 2026-11-30".to_owned())
}

/// The ladder that the program carries, and its cards.
struct Carried;

const LADDER: &str = "data/ladders/cn.toml";

macro_rules! carried {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),*]
    };
}

const CARRIED: &[(&str, &str)] = carried![
    "data/ladders/cn.toml",
    "scorecards/cn/national/on-scale-industry/1998.toml",
    "scorecards/cn/national/on-scale-industry/2007.toml",
    "scorecards/cn/national/on-scale-industry/2011.toml",
    "scorecards/cn/national/innovative-sme/2022.toml",
    "scorecards/cn/national/specialised-sme/2022.toml",
    "scorecards/cn/national/little-giant/2022.toml",
    "scorecards/cn/national/digital-level/2022.toml",
];

impl Files for Carried {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = CARRIED.iter().find(|(known, _)| *known == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "the program does not carry this file".to_owned())
    }
}

pub fn ladder(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let loaded = match &arguments.ladder {
        Some(path) => load_ladder(&Disk, path),
        None => load_ladder(&Carried, LADDER),
    };
    let (ladder, table) = match (loaded, facts(&arguments.facts, arguments.sheet.as_deref(), tongue)?) {
        (Ok(ladder), Ok(table)) => (ladder, table),
        (Err(findings), _) | (_, Err(findings)) => {
            return Ok(unusable(&findings, arguments.json));
        }
    };
    print_findings(&ladder.findings);
    if let Some(id) = arguments.rung.as_ref().filter(|id| !ladder.rungs.iter().any(|rung| rung.id == **id)) {
        let ids: Vec<&str> = ladder.rungs.iter().map(|rung| rung.id.as_str()).collect();
        eprintln!("the ladder has no rung `{id}`; there are {}", ids.join(", "));
        return Ok(Exit::WrongUse);
    }
    match table.and_then(|table| told(arguments, &ladder, &table, tongue)) {
        Ok(exit) => Ok(exit),
        Err(faults) => Ok(unreadable(&arguments.facts, &faults, arguments.json, tongue)),
    }
}

/// Facts that can be read.
type Read<T> = Result<T, Vec<TableFault>>;

/// The facts, or what is wrong with the file of one enterprise or with a workbook.
pub fn facts(path: &str, sheet: Option<&str>, tongue: Tongue) -> Result<Result<Read<FactsTable>, Vec<Finding>>> {
    if std::path::Path::new(path).extension().is_some_and(|extension| extension == "toml") {
        return Ok(load_facts(&Disk, path).map(|facts| Ok(FactsTable::of_facts(&facts))));
    }
    Ok(Ok(csv(path, sheet, tongue)?.map(FactsTable::of_csv)))
}

fn told(arguments: &Arguments, ladder: &Ladder, table: &FactsTable, tongue: Tongue) -> Result<Exit, Vec<TableFault>> {
    let ascent = Ascent::of(ladder, table, arguments.on, arguments.last_known)?;
    let surveyed = ascent.survey(table)?;
    tell_ignored(&ascent.ignored, tongue);
    let chosen: Vec<usize> = (0..surveyed.firms())
        .filter(|firm| arguments.firm.as_ref().is_none_or(|name| surveyed.firm(*firm) == *name))
        .collect();
    if chosen.is_empty() {
        let name = arguments.firm.as_deref().unwrap_or_default();
        eprintln!("{}: {name}", tongue.say("表中没有这家企业", "the table has no such firm"));
        return Ok(Exit::No);
    }
    if arguments.json {
        let firms: Vec<Value> = chosen.iter().map(|firm| climb_json(&surveyed.climb(*firm, table))).collect();
        println!(
            "{:#}",
            json!({
                "ladder": ladder.id, "on": arguments.on.to_string(), "is_sample": table.is_sample,
                "ignored_heads": ascent.ignored, "firms": firms,
            })
        );
    } else if arguments.html {
        print!("{}", page(&surveyed, table));
    } else {
        print!("{}", text(arguments, &surveyed, table, &chosen, tongue));
    }
    let Some(id) = &arguments.rung else { return Ok(Exit::Good) };
    let stands = |firm: &usize| {
        let climb = surveyed.climb(*firm, table);
        climb.rungs.iter().any(|standing| standing.rung.id == *id && standing.state == State::Reached)
    };
    Ok(if chosen.iter().all(stands) { Exit::Good } else { Exit::No })
}

fn text(
    arguments: &Arguments,
    surveyed: &Surveyed<'_>,
    table: &FactsTable,
    chosen: &[usize],
    tongue: Tongue,
) -> String {
    let day = surveyed.day();
    let mut out = String::new();
    if table.is_sample {
        let _ =
            writeln!(out, "{}", note(&tongue.say("样本：企业与数字均为虚构", "a sample: the enterprise is invented")));
    }
    let (zh, en) = (
        format!("按 {day} 施行的标准；达到标准不等于已认定"),
        format!("by the standards in force on {day}; meeting one is not yet a title"),
    );
    let _ = writeln!(out, "{}", faint(&tongue.say(&zh, &en)));
    for firm in chosen.iter().take(arguments.top) {
        one(&mut out, &surveyed.climb(*firm, table), tongue);
    }
    if chosen.len() > arguments.top {
        let more = chosen.len() - arguments.top;
        let _ =
            writeln!(out, "{}", tongue.say(&format!("另有 {more} 家，见 --json"), &format!("{more} more; see --json")));
    }
    out
}

fn one(out: &mut String, climb: &Climb<'_>, tongue: Tongue) {
    let at = climb.reached.and_then(|index| climb.rungs.get(index));
    let at = at.map_or_else(
        || tongue.say("尚未站上第一级", "not yet on the first rung"),
        |standing| tongue.word(&standing.rung.name.zh, &standing.rung.name.en),
    );
    let _ = writeln!(out, "{}: {at}", shown(&climb.firm));
    for (index, standing) in climb.rungs.iter().enumerate() {
        rung(out, standing, climb.next == Some(index), tongue);
    }
    climb.beside.iter().for_each(|standing| rung(out, standing, true, tongue));
}

/// A rung; what it lacks, in full for the next one.
fn rung(out: &mut String, standing: &Standing<'_>, is_next: bool, tongue: Tongue) {
    let mark = match standing.state {
        State::Reached => good("✓"),
        State::NotReached => bad("✗"),
        State::FactsMissing | State::StandardUnknown => note("?"),
    };
    let name = tongue.word(&standing.rung.name.zh, &standing.rung.name.en);
    let words = standing_words(standing);
    let _ = writeln!(out, "  {mark} {name}: {}", shown(&tongue.say(&words.zh, &words.en)));
    for gap in &standing.gaps {
        let many = gap.alternatives.len() > 1;
        let any =
            if many { format!(" {}", tongue.say("（任一即可）", "(any is enough)")) } else { String::new() };
        let _ = writeln!(out, "      {}{any}", shown(&tongue.word(&gap.name.zh, &gap.name.en)));
        for (index, words) in gap_words(gap).iter().enumerate() {
            let _ = writeln!(out, "        - {}", shown(&tongue.say(&words.zh, &words.en)));
            let needs = gap.alternatives.get(index).map_or(&[][..], Vec::as_slice);
            for (raise, gain) in needs.iter().flat_map(|need| &need.raises).filter(|_| is_next) {
                let words = need_words(raise);
                let _ = writeln!(out, "            +{gain}  {}", faint(&shown(&tongue.say(&words.zh, &words.en))));
            }
        }
        if let Some(source) = gap.source.as_ref().filter(|_| is_next) {
            let _ = writeln!(out, "        {}", faint(&shown(source)));
        }
    }
}
