//! `landgavel score`: a card and a table in, grades with their reasons out.

mod county;
mod ladder;
mod policy;
mod show;

pub use show::{fault as fault_line, notes};

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use landgavel_base::Date;
use landgavel_record::figures::{
    Figures, Layout, Results, TableFault, csv_head, csv_rows, is_workbook, json, page, read_workbook, row_json,
};
use landgavel_record::language::{Finding, LoadedCard, in_force, load_scorecard};
use landgavel_record::parquet::{LIMITS, is_parquet, to_csv};
use landgavel_score::{Mark, Survey};
use serde_json::{Value, json};

use crate::disk::{Disk, finding_json, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, shown};

/// Score a table of firms by a scorecard; every point says why.
///
/// Exit codes: 0 scored; 1 the firm that was asked for is not in the table, or the gates of the card do not hold for it;
/// 2 the card or the table cannot be used, each fault with its line and column; 3 a file cannot be read or written.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    board: Option<Boards>,
    /// Scorecard, a TOML file, or a folder that holds its versions.
    #[arg(required = true)]
    card: Option<String>,
    /// Table of figures: CSV in UTF-8, a workbook (XLSX) or Parquet; `-` reads standard input.
    #[arg(required = true)]
    table: Option<String>,
    /// Sheet of a workbook; without, the first one.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Day, YYYY-MM-DD: of a folder's versions the one in force on it is taken.
    #[arg(long)]
    on: Option<String>,
    /// Gives a parameter of the card another value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print JSON: the same as --format json.
    #[arg(long)]
    json: bool,
    /// One firm only, with every line of its arithmetic.
    #[arg(long, value_name = "FIRM")]
    firm: Option<String>,
    /// Most firms that the text lists.
    #[arg(long, default_value_t = 50)]
    top: usize,
    /// In CSV: leave out the points of each item.
    #[arg(long)]
    brief: bool,
}

/// What else is told of figures than grades.
#[derive(clap::Subcommand)]
enum Boards {
    /// Show the scoreboard of a county.
    County(county::Arguments),
    /// Tell where enterprises stand on the ladder, and what each lacks for the next rung.
    Ladder(ladder::Arguments),
    /// Tell which policies firms are entitled to, and why, and why not.
    Policy(policy::Arguments),
}

/// Forms of the results.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One line per firm.
    Csv,
    /// All, with every line of arithmetic.
    Json,
    /// One page that loads nothing.
    Html,
}

pub fn score(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    match (&arguments.board, &arguments.card, &arguments.table) {
        (Some(Boards::County(arguments)), _, _) => county::county(arguments, tongue),
        (Some(Boards::Ladder(arguments)), _, _) => ladder::ladder(arguments, tongue),
        (Some(Boards::Policy(arguments)), _, _) => policy::policy(arguments, tongue),
        (None, Some(card), Some(table)) => grades(arguments, card, table, tongue),
        // The parser asks for both.
        (None, _, _) => Ok(Exit::WrongUse),
    }
}

fn grades(arguments: &Arguments, card: &str, path: &str, tongue: Tongue) -> Result<Exit> {
    let is_json = arguments.json || arguments.format == Format::Json;
    let set = parameters(&arguments.set)?;
    let on = match arguments.on.as_deref().map(|text| (text, date(text))) {
        Some((text, None)) => {
            eprintln!("`{text}` is no day; write YYYY-MM-DD");
            return Ok(Exit::WrongUse);
        }
        on => on.and_then(|(_, day)| day),
    };
    let loaded = match chosen_card(card, on, &set)? {
        Ok(loaded) => loaded,
        Err(findings) => {
            return Ok(unusable(&findings, is_json));
        }
    };
    print_findings(&loaded.findings);
    let scored = csv(path, arguments.sheet.as_deref(), tongue)?
        .and_then(|bytes| read(&loaded, &bytes).and_then(|figures| finish(arguments, tongue, &figures)));
    match scored {
        Ok(exit) => Ok(exit),
        Err(faults) => {
            let list: Vec<Value> = faults.iter().map(fault_json).collect();
            if is_json {
                let is_whole = faults.len() < landgavel_score::FAULTS_MAX;
                println!("{:#}", json!({"ok": false, "faults": list, "is_whole": is_whole}));
            } else {
                faults.iter().for_each(|fault| eprintln!("{path}: {}", show::fault(fault, tongue)));
                if faults.len() >= landgavel_score::FAULTS_MAX {
                    let most = landgavel_score::FAULTS_MAX;
                    let words = tongue.say(&format!("只列出前 {most} 处"), &format!("the first {most} are shown"));
                    eprintln!("{path}: {words}");
                }
            }
            Ok(Exit::WrongUse)
        }
    }
}

/// Tells what is wrong with a file of the language.
fn unusable(findings: &[Finding], is_json: bool) -> Exit {
    if is_json {
        let findings: Vec<Value> = findings.iter().map(finding_json).collect();
        println!("{:#}", json!({"ok": false, "findings": findings}));
    } else {
        print_findings(findings);
    }
    Exit::WrongUse
}

/// Tells what is wrong with a file of facts.
fn unreadable(path: &str, faults: &[TableFault], is_json: bool, tongue: Tongue) -> Exit {
    if is_json {
        let list: Vec<Value> = faults.iter().map(fault_json).collect();
        println!("{:#}", json!({"ok": false, "faults": list}));
    } else {
        faults.iter().for_each(|fault| eprintln!("{path}: {}", show::fault(fault, tongue)));
    }
    Exit::WrongUse
}

/// Columns of a table that nothing was read from.
fn tell_ignored(columns: &[String], tongue: Tongue) {
    if !columns.is_empty() {
        let list = shown(&columns.join(", "));
        eprintln!("{}", tongue.say(&format!("未用到的列：{list}"), &format!("columns not used: {list}")));
    }
}

fn fault_json(fault: &TableFault) -> Value {
    json!({
        "line": fault.line, "column": fault.column, "code": fault.code.as_str(), "found": fault.found,
        "message_zh": fault.zh(), "message_en": fault.en(),
    })
}

/// The card, or of a folder the version that is in force on the day; or what is wrong, which may be told already.
pub fn chosen_card(card: &str, on: Option<Date>, set: &[(String, String)]) -> Result<Result<LoadedCard, Vec<Finding>>> {
    let path = Path::new(card);
    if !path.is_dir() {
        return Ok(load_scorecard(&Disk, card, set));
    }
    let mut versions = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    for file in paths.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
        match load_scorecard(&Disk, &file.to_string_lossy(), set) {
            Ok(loaded) => versions.push(loaded),
            Err(findings) => return Ok(Err(findings)),
        }
    }
    let list = || versions.iter().map(|loaded| loaded.card.version.as_str()).collect::<Vec<_>>().join(", ");
    let day = match on {
        Some(day) => day,
        None if versions.len() == 1 => return Ok(Ok(versions.remove(0))),
        None => {
            eprintln!("{card} holds the versions {}; choose one by --on YYYY-MM-DD", list());
            return Ok(Err(Vec::new()));
        }
    };
    let Some(chosen) = in_force(versions.iter(), day) else {
        eprintln!("no version of {card} is in force on {day}; there are {}", list());
        return Ok(Err(Vec::new()));
    };
    Ok(Ok(chosen.clone()))
}

/// Values that `--set` gives to parameters.
pub fn parameters(set: &[String]) -> Result<Vec<(String, String)>> {
    let pair = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    set.iter().map(pair).collect::<Option<Vec<_>>>().context("--set is written NAME=VALUE")
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A table as CSV, whatever it came as; sheets that are left out are told.
pub fn csv(path: &str, sheet: Option<&str>, tongue: Tongue) -> Result<Result<Vec<u8>, Vec<TableFault>>> {
    let most = u64::from(u32::MAX);
    // A file that is too long is refused before it is held.
    if path != "-" && std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > most) {
        return Ok(Err(vec![TableFault::too_large()]));
    }
    let mut bytes = Vec::new();
    let read = if path == "-" {
        read_table(std::io::stdin().lock(), most, &mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| read_table(file, most, &mut bytes))
    };
    read.with_context(|| format!("cannot read {path}"))?;
    if is_parquet(&bytes) {
        return Ok(columns(&bytes, tongue));
    }
    if !is_workbook(&bytes) {
        return Ok(Ok(bytes));
    }
    let sheet = match read_workbook(&bytes, sheet) {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(vec![fault])),
    };
    if !sheet.others.is_empty() {
        let (name, others) = (shown(&sheet.name), shown(&sheet.others.join(", ")));
        let (zh, en) =
            (format!("读取工作表 {name}；未读取：{others}"), format!("read the sheet {name}, not: {others}"));
        eprintln!("{}", tongue.say(&zh, &en));
    }
    Ok(Ok(sheet.csv))
}

/// One byte more than a table may have, which differs by its kind: what goes on is refused.
fn read_table(mut file: impl std::io::Read, most: u64, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    const KIND: u64 = 4;
    file.by_ref().take(KIND).read_to_end(bytes)?;
    let most = if is_parquet(bytes) { LIMITS.file as u64 } else { most };
    file.take(most + 1 - KIND).read_to_end(bytes).map(drop)
}

/// A table of Parquet as CSV; columns of floats are told.
fn columns(bytes: &[u8], tongue: Tongue) -> Result<Vec<u8>, Vec<TableFault>> {
    let table = to_csv(bytes, LIMITS).map_err(|bad| vec![TableFault::parquet(&bad)])?;
    if !table.floats.is_empty() {
        let floats = shown(&table.floats.join(", "));
        let (zh, en) = (
            format!("这些列存为浮点数，按能还原它的最短小数读取：{floats}"),
            format!("stored as floats, read as the shortest decimals that give them: {floats}"),
        );
        eprintln!("{}", tongue.say(&zh, &en));
    }
    Ok(table.csv)
}

/// Reads a table with as many hands as this machine has.
pub fn read<'a>(loaded: &'a LoadedCard, bytes: &'a [u8]) -> Result<Figures<'a>, Vec<TableFault>> {
    let layout = Layout::of(loaded, bytes)?;
    let parts = in_parallel(layout.split(hands()), |range| layout.read(range));
    Figures::join(&layout, parts)
}

/// The totals of all units, in parallel: each stands by itself.
pub fn marks(figures: &Figures<'_>, survey: &Survey<'_>) -> Result<Vec<Mark>, Vec<TableFault>> {
    let rows = figures.table().rows();
    let size = rows.div_ceil(hands()).max(1);
    let ranges = (0..rows).step_by(size).map(|start| start..(start + size).min(rows)).collect();
    let parts = in_parallel(ranges, |range| {
        let (mut marks, mut faults) = (Vec::with_capacity(range.len()), Vec::new());
        for row in range {
            match survey.mark(row) {
                Ok(mark) => marks.push(mark),
                Err(fault) if faults.len() < landgavel_score::FAULTS_MAX => faults.push(fault),
                Err(_) => break,
            }
        }
        (marks, faults)
    });
    let mut all = Vec::with_capacity(rows);
    let mut faults = Vec::new();
    for (marks, found) in parts {
        all.extend(marks);
        faults.extend(found.into_iter().map(|fault| figures.fault(fault)));
    }
    // As many as one reader of the table keeps, whatever the number of hands.
    faults.truncate(landgavel_score::FAULTS_MAX);
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

/// The lines of the CSV, in order, in parts.
pub fn lines(results: &Results<'_>, survey: &Survey<'_>, with_points: bool) -> Vec<Vec<u8>> {
    let firms = results.figures.firms();
    let size = firms.div_ceil(hands()).max(1);
    let ranges = (0..firms).step_by(size).map(|start| start..(start + size).min(firms)).collect();
    in_parallel(ranges, |range| {
        let explain = |unit: usize| survey.explain(unit).ok();
        let told: Option<&dyn Fn(usize) -> _> = if with_points { Some(&explain) } else { None };
        csv_rows(results, range, &|unit| survey.exemption(unit), told)
    })
}

fn hands() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn in_parallel<In: Send, Out: Send>(work: Vec<In>, each: impl Fn(In) -> Out + Sync) -> Vec<Out> {
    std::thread::scope(|scope| {
        let each = &each;
        let running: Vec<_> = work.into_iter().map(|part| scope.spawn(move || each(part))).collect();
        running.into_iter().map(|part| part.join().expect("a panic in a part is a panic of the whole")).collect()
    })
}

fn finish(arguments: &Arguments, tongue: Tongue, figures: &Figures<'_>) -> Result<Exit, Vec<TableFault>> {
    let survey = figures.survey()?;
    let marks = marks(figures, &survey)?;
    let graded = survey.grade(&marks);
    let results = Results { figures, marks, graded };
    let explain = |unit: usize| survey.explain(unit).ok();
    let exempt = |unit: usize| survey.exemption(unit);
    notes(figures, tongue);
    if let Some(name) = &arguments.firm {
        let Some(firm) = (0..figures.firms()).find(|firm| figures.firm(*firm) == *name) else {
            eprintln!("{}: {name}", tongue.say("表中没有这家企业", "the table has no such firm"));
            return Ok(Exit::No);
        };
        let explanation = explain(figures.unit(firm));
        if arguments.json || arguments.format == Format::Json {
            println!("{:#}", row_json(&results, firm, explanation.as_ref()));
        } else {
            print!("{}", show::firm(&results, firm, explanation.as_ref(), tongue));
        }
        let qualifies = explanation.is_some_and(|explanation| explanation.gates.iter().all(|gate| gate.holds));
        return Ok(if qualifies { Exit::Good } else { Exit::No });
    }
    match arguments.format {
        Format::Json => println!("{:#}", json(&results, &explain)),
        _ if arguments.json => println!("{:#}", json(&results, &explain)),
        Format::Csv => {
            show::bytes(csv_head(&results, !arguments.brief).as_bytes());
            lines(&results, &survey, !arguments.brief).iter().for_each(|part| show::bytes(part));
        }
        Format::Html => print!("{}", page(&results, &explain)),
        Format::Text => print!("{}", show::text(&results, &exempt, arguments.top, tongue)),
    }
    Ok(Exit::Good)
}
