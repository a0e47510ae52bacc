//! Articles as one text: plain, and Markdown.

use super::{Language, Paragraph, Section};

/// The articles as plain text: `第一条` / `Article 1` with numbered provisions, each with its clause and source.
pub fn render_text(sections: &[Section], language: Language) -> String {
    let mut out = String::new();
    for (index, section) in (1u32..).zip(sections) {
        out.push_str(&heading(index, section, language));
        out.push_str("\n\n");
        let mut before: Option<&str> = None;
        for (number, paragraph) in (1u32..).zip(&section.paragraphs) {
            let note = note(paragraph, before, language);
            before = paragraph.source.as_deref();
            let line = match language {
                Language::Zh => format!("{index}.{number}　{}〔{note}〕\n", paragraph.text),
                Language::En => format!("{index}.{number}  {} [{note}]\n", paragraph.text),
            };
            out.push_str(&line);
        }
        out.push('\n');
    }
    out
}

/// The articles as Markdown; clause and source in small print.
pub fn render_markdown(sections: &[Section], language: Language) -> String {
    let mut out = String::new();
    for (index, section) in (1u32..).zip(sections) {
        out.push_str("## ");
        out.push_str(&heading(index, section, language));
        out.push_str("\n\n");
        for (number, paragraph) in (1u32..).zip(&section.paragraphs) {
            let text = escaped(&paragraph.text);
            let source = match (&paragraph.source, language) {
                (None, _) => String::new(),
                (Some(source), Language::Zh) => format!("；{}", escaped(source)),
                (Some(source), Language::En) => format!("; {}", escaped(source)),
            };
            out.push_str(&format!("**{index}.{number}** {text} <small>`{}`{source}</small>\n\n", paragraph.clause));
        }
    }
    out
}

fn heading(index: u32, section: &Section, language: Language) -> String {
    match language {
        Language::Zh => format!("第{}条　{}", chinese_number(index), section.heading),
        Language::En => format!("Article {index}  {}", section.heading),
    }
}

/// Clause and source; a source said just before in the article is not said again.
fn note(paragraph: &Paragraph, before: Option<&str>, language: Language) -> String {
    match (&paragraph.source, language) {
        (None, _) => paragraph.clause.clone(),
        (Some(source), Language::Zh) if before == Some(source) => format!("{}；同上", paragraph.clause),
        (Some(source), Language::En) if before == Some(source) => format!("{}; as above", paragraph.clause),
        (Some(source), Language::Zh) => format!("{}；{source}", paragraph.clause),
        (Some(source), Language::En) => format!("{}; {source}", paragraph.clause),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// A count in Chinese numerals, as articles are numbered; beyond 99 in digits.
pub(super) fn chinese_number(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: u32| DIGITS[usize::try_from(value).expect("a decimal digit")];
    match (number / 10, number % 10) {
        (0, 0) => "零".to_owned(),
        (0, ones) => digit(ones).to_owned(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens @ 2..=9, ones) => format!("{}十{}", digit(tens), digit(ones)),
        (_, _) => number.to_string(),
    }
}
