//! Why a study cannot be used: file, line, field, rule, and what was expected.

use std::fmt;

use landgavel_record::language::Finding;
use toml::de::{DeTable, DeValue};

/// Why a study cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// File in which it stands; `None` = the study itself.
    pub file: Option<String>,
    /// Line in that file, from 1, where it is known.
    pub line: Option<usize>,
    /// Field of the study, as a dotted path; empty where the file cannot be read as a study at all.
    pub place: String,
    /// The kind of rule that is broken: `syntax`, `value`, or, in a lot or rulebook, the code that `landgavel check` gives it.
    pub rule: String,
    /// What is wrong, and what was expected.
    pub text: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), None) = (self.line, &self.file) {
            write!(f, "line {line}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: {}", self.text),
            (Some(file), None) => write!(f, "{file}: {}", self.text),
            (None, _) => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Wrong {}

impl Wrong {
    /// A field of the study that is wrong.
    pub(crate) fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: None, line: None, place: place.into(), rule: "value".to_owned(), text: text.into() }
    }

    /// A text that is no study.
    pub(crate) fn syntax(error: &toml::de::Error, text: &str) -> Self {
        let line = error.span().map(|span| line_at(text, span.start));
        let told = error.message().to_owned();
        Self { file: None, line, place: String::new(), rule: "syntax".to_owned(), text: told }
    }

    /// What is wrong in a lot or its rulebook; `text` is the lot as it is written.
    pub(crate) fn in_lot(place: String, path: &str, text: &str, found: Option<&Finding>) -> Self {
        let Some(found) = found else { return Self::new(place, format!("{path} cannot be used")).in_file(path, None) };
        let expected = found.expected.as_deref().map_or_else(String::new, |what| format!("; expected {what}"));
        let told = format!("`{}`: {}{expected}", found.field, found.message_en);
        // The lot was judged with the study's values in it, so lines are those of what is written.
        let line = if found.file == path { line_of(text, &found.field) } else { usize::try_from(found.line).ok() };
        let wrong = Self { rule: found.code.to_string(), ..Self::new(place, told) };
        wrong.in_file(&found.file, line)
    }

    /// The same, in another file.
    pub(crate) fn in_file(self, file: &str, line: Option<usize>) -> Self {
        Self { file: Some(file.to_owned()), line, ..self }
    }

    /// The same with its line in the text of the study, if the field stands there.
    #[must_use]
    pub fn located(mut self, study: &str) -> Self {
        if self.file.is_none() && self.line.is_none() {
            self.line = line_of(study, &self.place);
        }
        self
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1
}

/// The line of a dotted path, or of the nearest part of it that is written. Of a list of tables the last one with that `id` is taken, which is the one too many where two have it.
fn line_of(text: &str, path: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let (mut line, mut at): (Option<usize>, Option<&DeValue<'_>>) = (None, None);
    for part in path.split('.') {
        let value = match at {
            None => table.get_ref().get(part),
            Some(DeValue::Table(table)) => table.get(part),
            Some(DeValue::Array(list)) => list.iter().rev().find(|one| match one.get_ref() {
                DeValue::Table(table) => {
                    matches!(table.get("id").map(|id| id.get_ref()), Some(DeValue::String(id)) if id == part)
                }
                _ => false,
            }),
            Some(_) => None,
        };
        let Some(value) = value else { break };
        line = Some(line_at(text, value.span().start));
        at = Some(value.get_ref());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n\n[b]\nc = [\n 2,\n]\n\n[[d]]\nid = \"x\"\n\n[[d]]\nid = \"y\"\nvary = { z = [1] }\n";

    #[test]
    fn a_field_is_found_by_its_path_or_where_it_should_stand() {
        let lines =
            [("a", Some(1)), ("b.c", Some(4)), ("b.none", Some(3)), ("d.y.vary.z", Some(13)), ("d.y.years", Some(11))];
        for (path, line) in lines {
            assert_eq!(line_of(TEXT, path), line, "{path}");
        }
        assert_eq!(line_of(TEXT, "none"), None);
        assert_eq!(line_of("a = [", "a"), None);
    }
}
