//! Results for people.

use std::fmt::Write as _;
use std::io::Write as _;

use landgavel_record::figures::{Figures, Results, TableFault, lines};
use landgavel_score::Explanation;

use crate::show::{Tongue, faint, padded, shown, width_of};

/// A fault with its place.
pub fn fault(fault: &TableFault, tongue: Tongue) -> String {
    let place = match fault.line {
        0 => String::new(),
        line => tongue.say(&format!("第 {line} 行"), &format!("line {line}")) + ", ",
    };
    let column = if fault.column.is_empty() { String::new() } else { format!("{}: ", shown(&fault.column)) };
    format!("{place}{column}error[{}]: {}", fault.code.as_str(), shown(&tongue.say(&fault.zh(), &fault.en())))
}

/// What was seen in the table that is no error, to standard error.
pub fn notes(figures: &Figures<'_>, tongue: Tongue) {
    if figures.rounded > 0 {
        let count = figures.rounded;
        let (zh, en) = (
            format!("{count} 个数字的小数位超出，已四舍五入"),
            format!("{count} figures had more decimals than are kept and were rounded"),
        );
        eprintln!("{}", tongue.say(&zh, &en));
    }
    for doubt in figures.doubts() {
        let words = doubt.words();
        eprintln!("{}", shown(&tongue.say(&words.zh, &words.en)));
    }
    if !figures.ignored.is_empty() {
        let list = shown(&figures.ignored.join(", "));
        eprintln!("{}", tongue.say(&format!("未用到的列：{list}"), &format!("columns not used: {list}")));
    }
}

/// Counts of grades, then the firms by group and rank.
pub fn text(results: &Results<'_>, exempt: &dyn Fn(usize) -> Option<usize>, top: usize, tongue: Tongue) -> String {
    let figures = results.figures;
    let card = &figures.card().card;
    let mut out = format!(
        "{}  {}\n",
        shown(&tongue.say(&card.title.zh, &card.title.en)),
        faint(&format!("{} {}", card.id, card.version))
    );
    let counts: Vec<String> = card
        .grading
        .names()
        .iter()
        .zip(&results.graded.counts)
        .map(|(name, count)| format!("{} {count}", shown(name)))
        .collect();
    let _ = writeln!(out, "  {}", counts.join("  "));
    let head = [("名次", "rank"), ("等级", "grade"), ("总分", "total"), ("企业", "firm"), ("组", "group")];
    let mut rows = vec![head.map(|(zh, en)| tongue.word(zh, en))];
    let mut order: Vec<usize> = (0..figures.firms()).collect();
    order.sort_by_key(|firm| (figures.group(*firm).to_owned(), results.rank(*firm).unwrap_or(u32::MAX), *firm));
    for firm in order.iter().take(top) {
        rows.push([
            results.rank(*firm).map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            shown(&results.grade(*firm, exempt(figures.unit(*firm)))),
            results.total(*firm),
            shown(&figures.firm(*firm)),
            shown(figures.group(*firm)),
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| width_of(&row[column])).max().unwrap_or(0)).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
    if order.len() > top {
        let more = order.len() - top;
        let _ = writeln!(
            out,
            "  {}",
            tongue.say(&format!("另有 {more} 家，见 --format csv"), &format!("{more} more; see --format csv"))
        );
    }
    out
}

/// One firm, line by line.
pub fn firm(results: &Results<'_>, firm: usize, explanation: Option<&Explanation>, tongue: Tongue) -> String {
    let figures = results.figures;
    let exempt = explanation.and_then(|explanation| explanation.exempt);
    let mut out = format!("{}\n", shown(&figures.firm(firm)));
    let mut before = None;
    for line in explanation.map_or_else(Vec::new, |explanation| lines(figures.card(), explanation)) {
        let mark = match (&line.points, line.holds) {
            (Some(points), _) => points.clone(),
            (None, Some(true)) => "✓".to_owned(),
            (None, _) => "✗".to_owned(),
        };
        let _ = writeln!(out, "  {}  {}", padded(&mark, 12), shown(&tongue.say(&line.name.zh, &line.name.en)));
        let why = if line.why.zh == line.why.en { line.why.zh.clone() } else { tongue.say(&line.why.zh, &line.why.en) };
        let _ = writeln!(out, "                {}", shown(&why));
        // A source that holds for line after line is told once.
        if let Some(source) = line.source.as_ref().filter(|_| before != Some(line.source.clone())) {
            let _ = writeln!(out, "                {}", faint(&shown(source)));
        }
        before = Some(line.source.clone());
    }
    let total = results.total(firm);
    let _ = writeln!(out, "  {}  {}", padded(&total, 12), tongue.word("总分", "total"));
    let rank = results.rank(firm).map_or_else(String::new, |rank| format!("  {} {rank}", tongue.word("名次", "rank")));
    let _ =
        writeln!(out, "  {}  {}{rank}", padded(&shown(&results.grade(firm, exempt)), 12), tongue.word("等级", "grade"));
    out
}

/// Bytes to standard output; a reader that goes away ends the program without ado.
pub fn bytes(bytes: &[u8]) {
    if let Err(error) = std::io::stdout().lock().write_all(bytes) {
        panic!("failed printing to stdout: {error}");
    }
}
