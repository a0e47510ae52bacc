//! As much Markdown as the checks need: lines outside fences, code spans, links, tables, headings.

/// A line of prose or table, with its number from 1.
pub(crate) struct Line<'a> {
    pub(crate) number: usize,
    pub(crate) text: &'a str,
}

/// The lines that are not inside a fenced block, the fences left out too.
pub(crate) fn prose(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut inside = false;
    for (index, text) in text.lines().enumerate() {
        if text.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            lines.push(Line { number: index + 1, text });
        }
    }
    lines
}

/// What stands between single backticks on one line.
pub(crate) fn code_spans(line: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let fence = rest[start..].chars().take_while(|c| *c == '`').count();
        let body = &rest[start + fence..];
        let Some(end) = body.find(&"`".repeat(fence)) else { break };
        spans.push(body[..end].trim());
        rest = &body[end + fence..];
    }
    spans
}

/// Targets of inline links on one line.
pub(crate) fn link_targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find("](") {
        let body = &rest[start + 2..];
        let Some(end) = body.find(')') else { break };
        targets.push(body[..end].split_whitespace().next().unwrap_or(""));
        rest = &body[end..];
    }
    targets
}

/// Level and words of a heading line.
pub(crate) fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.chars().take_while(|c| *c == '#').count();
    let words = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level, words.trim()))
}

/// A table: its header and its rows, each row with its line number.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<(usize, Vec<String>)>,
}

/// All tables outside fences.
pub(crate) fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut previous = 0;
    for line in prose(text) {
        let Some(cells) = cells(line.text) else { continue };
        let continues = previous != 0 && line.number == previous + 1;
        previous = line.number;
        match tables.last_mut() {
            Some(table) if continues => {
                if !cells.iter().all(|cell| is_rule(cell)) {
                    table.rows.push((line.number, cells));
                }
            }
            _ => tables.push(Table { header: cells, rows: Vec::new() }),
        }
    }
    tables
}

fn is_rule(cell: &str) -> bool {
    cell.contains('-') && cell.chars().all(|c| c == '-' || c == ':')
}

fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
        escaped = c == '\\';
    }
    Some(cells.iter().map(|cell| cell.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_not_prose() {
        let numbers: Vec<usize> = prose("a\n```\nb\n```\nc").iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 5]);
    }

    #[test]
    fn spans_links_and_headings_are_found() {
        assert_eq!(code_spans("see `a/b` and ``c`d`` or `open"), ["a/b", "c`d"]);
        assert_eq!(link_targets("[a](b.md#c) and [d](e \"f\")"), ["b.md#c", "e"]);
        assert_eq!(heading("## bid_late: too late"), Some((2, "bid_late: too late")));
        assert_eq!(heading("#hash"), None);
    }

    #[test]
    fn two_tables_stay_two() {
        let text = "| a | b |\n|---|:-:|\n| 1 | x\\|y |\n\n| c |\n|---|\n| 2 |\n";
        let tables = tables(text);
        assert_eq!(tables.len(), 2);
        assert_eq!(tables[0].header, ["a", "b"]);
        assert_eq!(tables[0].rows, [(3, vec!["1".to_owned(), "x\\|y".to_owned()])]);
        assert_eq!(tables[1].rows.len(), 1);
    }
}
