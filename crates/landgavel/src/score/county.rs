//! `landgavel score county`: published figures of a county in, its scoreboard out.

use std::fmt::Write as _;

use anyhow::Result;
use landgavel_record::counties::{
    Board, Row, board, board_json, page, points_words, rank_words, source_words, total_words, value_words,
};
use landgavel_record::figures::format_quanta;
use landgavel_record::language::{FIGURE_DECIMALS, load_county_figures, load_scorecard};
use serde_json::json;

use super::{fault_json, parameters, show, unusable};
use crate::disk::{Disk, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, faint, padded, shown, width_of};

/// Show the scoreboard of a county: each published figure, against the province and the peers of which it was published too.
///
/// What nobody published is told as missing; nothing is filled in. Exit codes: 0 shown; 2 the figures or the card cannot be
/// used; 3 a file cannot be read.
#[derive(clap::Args)]
pub struct Arguments {
    /// Figures of counties, a TOML file.
    figures: String,
    /// Another scorecard than the one that the file names.
    #[arg(long)]
    card: Option<String>,
    /// Gives a parameter of the card, such as a weight, another value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print one HTML page that loads nothing.
    #[arg(long)]
    html: bool,
}

pub fn county(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let set = parameters(&arguments.set)?;
    let loaded = load_county_figures(&Disk, &arguments.figures).and_then(|county| {
        let path = arguments.card.as_deref().unwrap_or(&county.card_path);
        load_scorecard(&Disk, path, &set).map(|card| (county, card))
    });
    let (county, card) = match loaded {
        Ok(loaded) => loaded,
        Err(findings) => {
            return Ok(unusable(&findings, arguments.json));
        }
    };
    print_findings(&county.findings);
    print_findings(&card.findings);
    let board = match board(&county, &card) {
        Ok(board) => board,
        Err(faults) => {
            if arguments.json {
                let told = faults.iter().map(|fault| {
                    let mut told = fault_json(&fault.fault);
                    told["place"] = json!(fault.place);
                    told
                });
                println!("{:#}", json!({"ok": false, "faults": told.collect::<Vec<_>>()}));
            }
            for fault in faults.iter().filter(|_| !arguments.json) {
                let mut there = fault.fault.clone();
                there.line = 0;
                eprintln!("{}: {}: {}", arguments.figures, fault.place, show::fault(&there, tongue));
            }
            return Ok(Exit::WrongUse);
        }
    };
    if arguments.json {
        println!("{:#}", board_json(&board));
    } else if arguments.html {
        print!("{}", page(&board));
    } else {
        print!("{}", text(&board, tongue));
    }
    Ok(Exit::Good)
}

fn text(board: &Board<'_>, tongue: Tongue) -> String {
    let county = board.county;
    let mut out = format!("{}\n", shown(&tongue.say(&county.title.zh, &county.title.en)));
    if county.is_sample {
        let _ = writeln!(out, "  {}", tongue.say("样本：数字均为虚构", "a sample: every figure is invented"));
    }
    let rows = board.sections.iter().flat_map(|section| &section.rows);
    let names = rows.map(|row| width_of(&shown(&tongue.word(&row.name.zh, &row.name.en))));
    let width = names.max().unwrap_or(0);
    let mut told_source = String::new();
    for section in &board.sections {
        let other = || tongue.word("其他已公布数字", "other published figures");
        let name = section.name.map_or_else(other, |name| tongue.word(&name.zh, &name.en));
        let _ = writeln!(out, "{}", shown(&name));
        for row in &section.rows {
            let name = padded(&shown(&tongue.word(&row.name.zh, &row.name.en)), width);
            let say = |text: &landgavel_base::Bilingual| {
                if text.zh == text.en { text.zh.clone() } else { tongue.say(&text.zh, &text.en) }
            };
            let value = row.figure.map(|figure| say(&value_words(figure, row.unit)));
            let mut parts: Vec<String> = value.into_iter().collect();
            if let Some((reference, ahead)) = row.reference {
                let place = &county.places[reference.place].name;
                let against = format_quanta(reference.value, FIGURE_DECIMALS);
                let ahead = ahead.map_or_else(String::new, |ahead| {
                    format!(" ({}{})", if ahead > 0 { "+" } else { "" }, format_quanta(ahead, FIGURE_DECIMALS))
                });
                parts.push(format!("{} {against}{}{ahead}", tongue.word(&place.zh, &place.en), row.unit));
            }
            parts.extend(rank_words(board, row).map(|rank| say(&rank)));
            parts.push(faint(&say(&points_words(board, row.points))));
            let _ = writeln!(out, "  {name}  {}", shown(&parts.join("; ")));
            let indent = " ".repeat(width + 4);
            for line in grounds(row, &mut told_source, tongue) {
                let _ = writeln!(out, "{indent}{}", faint(&shown(&line)));
            }
        }
    }
    let total = total_words(board);
    let _ = writeln!(out, "{}", tongue.say(&total.zh, &total.en));
    out
}

/// What a figure counts, and when, and who published it; a source that holds for row after row is told once.
fn grounds(row: &Row<'_>, told: &mut String, tongue: Tongue) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(figure) = row.figure else { return lines };
    let period = format!("{}: {} – {}", tongue.word("期间", "period"), figure.from, figure.to);
    let meaning = row.meaning.map(|meaning| tongue.say(&meaning.zh, &meaning.en));
    lines.push([Some(period), meaning].into_iter().flatten().collect::<Vec<_>>().join("; "));
    let computed = row.reference.and_then(|(reference, _)| reference.computed.as_ref());
    lines.extend(computed.map(|how| tongue.say(&how.zh, &how.en)));
    let source = source_words(figure.source.as_ref());
    if !source.is_empty() && source != *told {
        lines.push(format!("{}: {source}", tongue.word("出处", "source")));
        *told = source;
    }
    lines
}
