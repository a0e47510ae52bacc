//! Results as CSV and JSON. Rows are firms, in the order of the table.

use core::ops::Range;

use landgavel_base::Decimal;
use landgavel_score::{Explanation, Graded, Mark, Outcome};
use serde_json::{Value, json};

use super::doubts::Against;
use super::join::Figures;
use super::words::{CONVERSION, conversion_points, format_quanta, lines, may_convert};

/// What scoring a table gave.
#[derive(Debug)]
pub struct Results<'a> {
    /// The table.
    pub figures: &'a Figures<'a>,
    /// Totals, by unit.
    pub marks: Vec<Mark>,
    /// Ranks and grades, by unit.
    pub graded: Graded,
}

impl Results<'_> {
    /// Total of a firm as text; empty when it is not evaluated.
    pub fn total(&self, firm: usize) -> String {
        let total = self.marks.get(self.figures.unit(firm)).and_then(|mark| mark.total.get());
        total.map_or_else(String::new, |total| format_quanta(total, self.figures.card().card.total_decimals))
    }

    /// Rank of a firm, when it is evaluated.
    pub fn rank(&self, firm: usize) -> Option<u32> {
        self.graded.ranks.get(self.figures.unit(firm)).copied().flatten()
    }

    /// Grade of a firm, or the mark of its exemption.
    pub fn grade(&self, firm: usize, exempt: Option<usize>) -> String {
        let card = &self.figures.card().card;
        match self.graded.grades.get(self.figures.unit(firm)).copied().flatten() {
            Some(grade) => {
                card.grading.names().get(usize::from(grade.0)).map_or_else(String::new, |name| (*name).to_owned())
            }
            None => {
                exempt.and_then(|index| card.exemptions.get(index)).map_or_else(String::new, |(_, mark)| mark.clone())
            }
        }
    }
}

impl Results<'_> {
    /// The outcome of a firm as a plain value, such as a certificate carries.
    pub fn outcome(&self, firm: usize, exempt: Option<usize>) -> Outcome {
        let card = &self.figures.card().card;
        let total = self.marks.get(self.figures.unit(firm)).and_then(|mark| mark.total.get());
        Outcome {
            card: card.id.clone(),
            version: card.version.clone(),
            subject: self.figures.firm(firm),
            grade: self.grade(firm, exempt),
            is_evaluated: total.is_some(),
            total: total.and_then(|total| Decimal::new(total, card.total_decimals)),
            rank: self.rank(firm),
        }
    }
}

/// Heads of the CSV: firm, group, total, rank, grade, then the items if their points are told.
pub fn csv_head(results: &Results<'_>, with_points: bool) -> String {
    let card = &results.figures.card().card;
    let items = card.items.iter().map(|item| item.id.as_str());
    let ids = items.chain(may_convert(card).then_some(CONVERSION)).filter(|_| with_points);
    let ids: String = ids.map(|id| format!(",{id}")).collect();
    format!("firm,group,total,rank,grade{ids}\n")
}

/// One line per firm of a range, so that several hands can write at once.
///
/// `explain` gives the explanation of a unit; without it the points are left out, which is faster.
pub fn csv_rows(
    results: &Results<'_>,
    firms: Range<usize>,
    exempt: &dyn Fn(usize) -> Option<usize>,
    explain: Option<&dyn Fn(usize) -> Option<Explanation>>,
) -> Vec<u8> {
    let figures = results.figures;
    let card = &figures.card().card;
    let names: Vec<String> = card.grading.names().into_iter().map(quoted).collect();
    let mut out = Vec::with_capacity(firms.len() * 48);
    for firm in firms {
        let unit = figures.unit(firm);
        push(&mut out, &figures.firm(firm));
        out.push(b',');
        push(&mut out, figures.group(firm));
        out.push(b',');
        if let Some(total) = results.marks.get(unit).and_then(|mark| mark.total.get()) {
            push_decimal(&mut out, total, card.total_decimals);
        }
        out.push(b',');
        if let Some(rank) = results.rank(firm) {
            push_decimal(&mut out, i64::from(rank), 0);
        }
        out.push(b',');
        match results.graded.grades.get(unit).copied().flatten() {
            Some(grade) => {
                out.extend_from_slice(names.get(usize::from(grade.0)).map_or("", String::as_str).as_bytes());
            }
            None => push(&mut out, &results.grade(firm, exempt(unit))),
        }
        if let Some(explanation) = explain.map(|explain| explain(unit)) {
            for index in 0..card.items.len() {
                out.push(b',');
                if let Some(points) = explanation.as_ref().and_then(|explanation| explanation.items.get(index)) {
                    push_decimal(&mut out, points.points, card.points_decimals);
                }
            }
            if may_convert(card) {
                out.push(b',');
                let total = explanation.and_then(|explanation| explanation.total);
                if let Some(conversion) = total.and_then(|total| total.converted) {
                    push_decimal(&mut out, conversion_points(conversion), card.points_decimals);
                }
            }
        }
        out.push(b'\n');
    }
    out
}

fn push(out: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    if text.bytes().all(is_plain) && !text.starts_with(FORMULA) {
        out.extend_from_slice(text.as_bytes());
    } else {
        out.extend_from_slice(quoted(text).as_bytes());
    }
}

/// Writes what [`format_quanta`] gives, digit by digit: a million rows have no time for more.
fn push_decimal(out: &mut Vec<u8>, value: i64, decimals: u8) {
    let mut digits = [b'0'; 32];
    let mut at = digits.len();
    let (mut rest, mut places, mut seen) = (value.unsigned_abs(), decimals, false);
    while rest > 0 || places > 0 || at == digits.len() {
        let digit = (rest % 10) as u8;
        rest /= 10;
        let is_place = places > 0;
        if !is_place || digit != 0 || seen {
            at -= 1;
            digits[at] = b'0' + digit;
            seen = true;
        }
        if is_place {
            places -= 1;
            if places == 0 {
                if seen {
                    at -= 1;
                    digits[at] = b'.';
                }
                if rest == 0 {
                    at -= 1;
                    digits[at] = b'0';
                    break;
                }
            }
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// What a spreadsheet may take for the beginning of a formula, in Latin and in full width.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell of CSV. A text that a spreadsheet would run as a formula gets an apostrophe.
fn quoted(text: &str) -> String {
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', ';', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// All of it as JSON, each firm with its lines.
pub fn json(results: &Results<'_>, explain: &dyn Fn(usize) -> Option<Explanation>) -> Value {
    let figures = results.figures;
    let loaded = figures.card();
    let card = &loaded.card;
    let firms: Vec<Value> =
        (0..figures.firms()).map(|firm| row_json(results, firm, explain(figures.unit(firm)).as_ref())).collect();
    let counts: Vec<Value> = card
        .grading
        .names()
        .iter()
        .zip(&results.graded.counts)
        .map(|(name, count)| json!({"grade": name, "units": count}))
        .collect();
    json!({
        "card": {
            "id": card.id, "version": card.version, "title": {"zh": card.title.zh, "en": card.title.en},
            "from": card.from.map(|date| date.to_string()), "until": card.until.map(|date| date.to_string()),
            "parameters": loaded.parameters.iter().map(|parameter| json!({
                "id": parameter.id, "value": parameter.value, "set": parameter.is_set,
            })).collect::<Vec<_>>(),
        },
        "rows": figures.firms(), "units": figures.table().rows(), "rounded_cells": figures.rounded,
        "ignored_heads": figures.ignored, "doubts": doubts(figures), "grades": counts, "firms": firms,
    })
}

fn doubts(figures: &Figures<'_>) -> Vec<Value> {
    let doubts = figures.doubts().into_iter().map(|doubt| {
        let words = doubt.words();
        let (usual, indicator, value) = match &doubt.against {
            Against::Middle(usual) | Against::Typical(usual) => (usual, None, None),
            Against::Benchmark { indicator, value, benchmark } => (benchmark, Some(indicator), Some(value)),
        };
        json!({
            "line": doubt.line, "column": doubt.column, "found": doubt.found, "unit": doubt.unit,
            "against": doubt.against.code(), "usual": usual, "indicator": indicator, "value": value,
            "figures": doubt.figures, "is_small": doubt.is_small, "words": {"zh": words.zh, "en": words.en},
        })
    });
    doubts.collect()
}

/// One firm as JSON.
pub fn row_json(results: &Results<'_>, firm: usize, explanation: Option<&Explanation>) -> Value {
    let figures = results.figures;
    let exempt = explanation.and_then(|explanation| explanation.exempt);
    let told = explanation.map_or_else(Vec::new, |explanation| lines(figures.card(), explanation));
    let lines: Vec<Value> = told
        .into_iter()
        .map(|line| {
            json!({
                "id": line.id, "name": {"zh": line.name.zh, "en": line.name.en}, "points": line.points,
                "holds": line.holds, "why": {"zh": line.why.zh, "en": line.why.en}, "source": line.source,
            })
        })
        .collect();
    let total = results.total(firm);
    json!({
        "firm": figures.firm(firm), "line": figures.line(firm), "group": figures.group(firm),
        "unit": figures.unit(firm), "total": if total.is_empty() { Value::Null } else { json!(total) },
        "rank": results.rank(firm), "grade": results.grade(firm, exempt), "lines": lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_format_quanta_writes_them() {
        for value in [0, 1, 9, 10, 100, 101, 1_000_000, 1_234_567, -1, -100, -1_234_500, i64::MAX / 1024] {
            for decimals in [0, 1, 2, 4, 6, 9] {
                let mut out = Vec::new();
                push_decimal(&mut out, value, decimals);
                assert_eq!(
                    String::from_utf8(out).expect("digits"),
                    format_quanta(value, decimals),
                    "{value} {decimals}"
                );
            }
        }
    }
}
