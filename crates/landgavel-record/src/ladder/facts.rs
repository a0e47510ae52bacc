//! Facts of one enterprise or of many, as one table.

use crate::language::Facts;

/// A table of facts: CSV, or one enterprise's file made into one line of it.
#[derive(Debug, Clone)]
pub struct FactsTable {
    bytes: Vec<u8>,
    /// Line of the enterprise's name and of each fact by its head, where a file of one enterprise was given.
    lines: Option<(usize, Vec<(String, usize)>)>,
    /// The file says that the enterprise is invented.
    pub is_sample: bool,
}

impl FactsTable {
    /// A table as it was given.
    pub fn of_csv(bytes: Vec<u8>) -> Self {
        Self { bytes, lines: None, is_sample: false }
    }

    /// One enterprise.
    pub fn of_facts(facts: &Facts) -> Self {
        let (mut heads, mut row) = (vec![quoted("firm")], vec![quoted(&facts.firm)]);
        let mut lines = Vec::new();
        for (head, value, line) in &facts.facts {
            heads.push(quoted(head));
            row.push(quoted(value));
            lines.push((head.clone(), line_number(*line)));
        }
        let bytes = format!("{}\n{}\n", heads.join(","), row.join(",")).into_bytes();
        Self { bytes, lines: Some((line_number(facts.firm_line), lines)), is_sample: facts.is_sample }
    }

    /// The table as CSV.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line of the file that was given, of a line of the table and the head of a column.
    pub fn line(&self, line: usize, head: &str) -> usize {
        match &self.lines {
            None => line,
            Some(_) if line == 0 => 0,
            Some((firm, lines)) => lines.iter().find(|(known, _)| known == head).map_or(*firm, |(_, line)| *line),
        }
    }
}

fn line_number(line: u32) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
