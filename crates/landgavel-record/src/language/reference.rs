//! The reference page of the language: prose from files beside this one, tables from the shapes.

use core::fmt::Write as _;

use super::calendar::WORKING_CALENDARS;
use super::county::COUNTY_FIGURES;
use super::finding::{Code, Severity};
use super::ladder::{FACTS, LADDER};
use super::pledge_terms::PLEDGE_TERMS;
use super::policy::POLICY_BOOK;
use super::scorecard::{GRADE_KINDS, SCORECARD, WAY_KINDS};
use super::shape::{Field, Kind, Need, Shape, Word};
use super::shapes::{CALENDAR_FILE, LOT, RULEBOOK, STAGE, STAGE_KINDS};

const HEAD: &str = include_str!("reference/head.md");
const PLEDGE_TERMS_HEAD: &str = include_str!("reference/pledge_terms.md");
const SCORECARD_HEAD: &str = include_str!("reference/scorecard.md");
const SCORECARD_TABLES: &str = include_str!("reference/scorecard_tables.md");
const AMOUNTS: &str = include_str!("reference/amounts.md");
const COMMANDS: &str = include_str!("reference/commands.md");

/// What a stage of a kind does, with an example, by the name of the kind.
const KINDS: [(&str, &str); 8] = [
    ("ascending", include_str!("reference/ascending.md")),
    ("descending", include_str!("reference/descending.md")),
    ("sealed", include_str!("reference/sealed.md")),
    ("rounds", include_str!("reference/rounds.md")),
    ("score", include_str!("reference/score.md")),
    ("draw", include_str!("reference/draw.md")),
    ("fixed", include_str!("reference/fixed.md")),
    ("first", include_str!("reference/first.md")),
];

/// The reference page of the language in Markdown.
pub fn reference() -> String {
    let mut page = Page { text: format!("{HEAD}\n{AMOUNTS}\n"), told: Vec::new() };
    page.part("Rulebook 交易规则", &RULEBOOK, false);
    page.stages();
    page.line("## Tables of a rulebook 规则中的各表");
    page.rest();
    page.part("Lot 出让标的", &LOT, true);
    page.part("Working calendar 工作日历", &CALENDAR_FILE, true);
    let calendars = WORKING_CALENDARS.map(|id| format!("`{id}`")).join(", ");
    page.line(&format!(
        "The program carries the calendars {calendars}. Years that a calendar does not cover are not guessed."
    ));
    page.line(COMMANDS);
    page.findings();
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    page.text
}

/// The reference page of the scorecard language in Markdown.
pub fn scorecard_reference() -> String {
    let mut page = Page { text: format!("{SCORECARD_HEAD}\n"), told: Vec::new() };
    page.part("Scorecard 评价表", &SCORECARD, true);
    for (title, kinds) in [("Ways to earn points 计分方式", &WAY_KINDS[..]), ("Grades 等级", &GRADE_KINDS[..])] {
        page.line(&format!("## {title}"));
        for kind in kinds {
            page.line(&format!("### `kind = \"{}\"` {}", kind.name, kind.zh));
            page.line(kind.en);
            page.table(kind.fields);
            page.note_below(kind.fields);
        }
        page.rest();
    }
    page.line(SCORECARD_TABLES);
    page.part("County figures 县域工业数据", &COUNTY_FIGURES, true);
    page.part("Ladder 企业梯度", &LADDER, true);
    page.part("Facts 企业情况", &FACTS, true);
    page.part("Policy book 产业政策汇编", &POLICY_BOOK, true);
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    page.text
}

/// The reference page of the language of pledges in Markdown.
pub fn pledge_terms_reference() -> String {
    let mut page = Page { text: format!("{PLEDGE_TERMS_HEAD}\n"), told: Vec::new() };
    page.part("Terms of a pledge 履约监管条款", &PLEDGE_TERMS, true);
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    page.text
}

struct Page {
    text: String,
    /// Tables that were told or wait to be told.
    told: Vec<&'static Shape>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\n\n");
    }

    /// A file's table, and with `and_all` every table below it.
    fn part(&mut self, title: &str, shape: &'static Shape, and_all: bool) {
        self.line(&format!("## {title}"));
        self.line(shape.en);
        self.table(shape.fields);
        self.note_below(shape.fields);
        if and_all {
            self.rest();
        }
    }

    fn stages(&mut self) {
        self.line("## Stages 阶段");
        self.line(STAGE.en);
        self.table(STAGE.fields);
        self.note_below(STAGE.fields);
        for kind in &STAGE_KINDS {
            self.line(&format!("### `kind = \"{}\"` {}", kind.name, kind.zh));
            self.line(kind.en);
            if let Some((_, prose)) = KINDS.iter().find(|(name, _)| *name == kind.name) {
                self.line(prose.trim_end());
            }
            self.table(kind.fields);
            self.note_below(kind.fields);
        }
    }

    /// Tells every table that was named but not told.
    fn rest(&mut self) {
        let mut index = 0;
        while let Some(shape) = self.told.get(index).copied() {
            index += 1;
            let heading = format!("### {} {}", shape.name, shape.zh);
            if self.text.contains(&format!("{heading}\n")) {
                continue;
            }
            self.line(&heading);
            self.line(shape.en);
            self.table(shape.fields);
            self.note_below(shape.fields);
        }
    }

    fn note_below(&mut self, fields: &'static [Field]) {
        for field in fields {
            self.note(&field.kind);
        }
    }

    fn note(&mut self, kind: &Kind) {
        match kind {
            Kind::Table(shape) if !self.told.iter().any(|known| core::ptr::eq(*known, *shape)) => {
                self.told.push(shape);
            }
            Kind::List(kind) | Kind::Map(kind) => self.note(kind),
            Kind::Either(kinds) => kinds.iter().for_each(|kind| self.note(kind)),
            Kind::Kinds { common, .. } if !core::ptr::eq(*common, &STAGE) => self.note(&Kind::Table(common)),
            _ => {}
        }
    }

    fn table(&mut self, fields: &[Field]) {
        self.text.push_str("| key | 中文 | value | needed | meaning |\n|---|---|---|---|---|\n");
        for field in fields {
            let need = match field.need {
                Need::Required => "required".to_owned(),
                Need::Optional => "optional".to_owned(),
                Need::Default("{}") => "all defaults".to_owned(),
                Need::Default(text) => format!("default `{text}`"),
            };
            let Field { key, zh, en, .. } = field;
            // INVARIANT: writing to a String does not fail.
            let _ = writeln!(self.text, "| `{key}` | {zh} | {} | {need} | {} |", value_words(&field.kind), cell(en));
        }
        self.text.push('\n');
        self.words(fields);
    }

    /// The words that may stand in the fields, and what each means; fields with the same words together.
    fn words(&mut self, fields: &[Field]) {
        let mut told: Vec<(Vec<&str>, Vec<&'static Word>)> = Vec::new();
        for field in fields {
            let mut words: Vec<&'static Word> = Vec::new();
            gather_words(&field.kind, &mut words);
            let is_same =
                |known: &[&'static Word]| known.iter().map(|word| word.en).eq(words.iter().map(|word| word.en));
            match told.iter_mut().find(|(_, known)| is_same(known)) {
                _ if words.len() < 2 => {}
                Some((keys, _)) => keys.push(field.key),
                None => told.push((vec![field.key], words)),
            }
        }
        for (keys, words) in told {
            let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(self.text, "Words of {keys}:\n");
            for Word { word, zh, en } in words {
                let _ = writeln!(self.text, "- `\"{word}\"` {zh}: {en}");
            }
            self.text.push('\n');
        }
    }

    fn findings(&mut self) {
        self.line("## Findings 检查结果");
        self.line(
            "Every finding names file, line, column, field and one of these codes. Errors keep the file from being used; \
             warnings do not.",
        );
        self.text.push_str("| code | | 中文 | meaning |\n|---|---|---|---|\n");
        for code in Code::ALL {
            let severity = match code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let _ = writeln!(self.text, "| `{code}` | {severity} | {} | {} |", code.zh(), cell(code.en()));
        }
        self.text.push('\n');
    }
}

fn gather_words(kind: &Kind, out: &mut Vec<&'static Word>) {
    match kind {
        Kind::OneOf(words) => out.extend(words.iter()),
        Kind::List(kind) | Kind::Map(kind) => gather_words(kind, out),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| gather_words(kind, out)),
        _ => {}
    }
}

/// What a value may be, short enough for a cell.
fn value_words(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".into(),
        Kind::Id | Kind::PathId => "id".into(),
        Kind::Bilingual => "text in both languages".into(),
        Kind::YesNo => "true/false".into(),
        Kind::Count { min, max: u32::MAX } => format!("whole number ≥ {min}"),
        Kind::Count { min, max } => format!("whole number {min} to {max}"),
        Kind::Amount(of) => format!("amount of {of}"),
        Kind::Money => "money".into(),
        Kind::Duration => "duration".into(),
        Kind::Period => "period".into(),
        Kind::Within => "duration or period".into(),
        Kind::Percent => "percentage".into(),
        Kind::Decimal => "decimal number".into(),
        Kind::Unit => "unit".into(),
        Kind::Offset => "offset".into(),
        Kind::Date => "date".into(),
        Kind::Instant => "date and time with offset".into(),
        Kind::Digest => "64 hexadecimal digits".into(),
        Kind::Source => "source".into(),
        Kind::Moment => "moment".into(),
        Kind::WindowEnd => "moment or duration".into(),
        Kind::HardStop => "moment or `HH:MM`".into(),
        Kind::Stage => "stage".into(),
        Kind::Attribute => "attribute".into(),
        Kind::Fact => "text, whole number or true/false".into(),
        Kind::OneOf(words) => words.iter().map(|word| format!("`\"{}\"`", word.word)).collect::<Vec<_>>().join(", "),
        Kind::Table(shape) => format!("[{}]", shape.name),
        Kind::List(kind) => format!("list of {}", value_words(kind)),
        Kind::Map(kind) => format!("table by id of {}", value_words(kind)),
        Kind::Kinds { common, .. } => format!("[{}]", common.name),
        Kind::Either(kinds) => kinds.iter().map(value_words).collect::<Vec<_>>().join(" or "),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
