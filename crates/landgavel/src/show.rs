//! How things look to people: languages, colours, columns, and how far long work has come.
//!
//! A colour is never the only carrier of a meaning, and stands only on a terminal whose owner has not set
//! `NO_COLOR`. Bars go to standard error, and only where that is a terminal.

use console::{Term, measure_text_width, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use landgavel_record::words::Language;

/// Language of what is printed for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Tongue {
    /// Chinese and English, side by side.
    Both,
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Tongue {
    /// A sentence; two of them stand side by side.
    pub fn say(self, zh: &str, en: &str) -> String {
        match self {
            Self::Both => format!("{zh} · {en}"),
            Self::Zh => zh.to_owned(),
            Self::En => en.to_owned(),
        }
    }

    /// A word or two, as in a column's head.
    pub fn word(self, zh: &str, en: &str) -> String {
        match self {
            Self::Both => format!("{zh} {en}"),
            Self::Zh => zh.to_owned(),
            Self::En => en.to_owned(),
        }
    }

    /// The languages to tell a thing in, each on lines of its own.
    pub fn languages(self) -> &'static [Language] {
        match self {
            Self::Both => &[Language::Zh, Language::En],
            Self::Zh => &[Language::Zh],
            Self::En => &[Language::En],
        }
    }

    /// Sentences behind `indent`: on one line if they fit into `width` columns, else each on its own.
    pub fn fit(self, before: &str, zh: &str, en: &str, width: usize) -> String {
        let indent = measure_text_width(before);
        let line = self.say(zh, en);
        if self != Self::Both || indent + measure_text_width(&line) <= width {
            return format!("{before}{line}\n");
        }
        format!("{before}{zh}\n{}{en}\n", " ".repeat(indent))
    }
}

/// Columns of the terminal that standard output is; no limit where it is none.
pub fn columns() -> usize {
    let term = Term::stdout();
    if !term.is_term() {
        return usize::MAX;
    }
    term.size_checked().map_or(usize::MAX, |(_, columns)| usize::from(columns))
}

/// Good, in green.
pub fn good(text: &str) -> String {
    style(text).green().bold().to_string()
}

/// Wrong, in red.
pub fn bad(text: &str) -> String {
    style(text).red().bold().to_string()
}

/// To be noted, in yellow.
pub fn note(text: &str) -> String {
    style(text).yellow().to_string()
}

/// Of less weight.
pub fn faint(text: &str) -> String {
    style(text).dim().to_string()
}

/// Columns that a text takes; wide characters take two.
pub fn width_of(text: &str) -> usize {
    measure_text_width(text)
}

/// A text with spaces behind it up to a width.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// A text of a stranger without characters that a terminal obeys or that turn the direction of writing.
pub fn shown(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A bar that goes when it is dropped.
pub struct Bar(ProgressBar);

impl Bar {
    fn new(template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // A template that cannot be read leaves the plain bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▌ "));
        }
        Self(bar)
    }

    /// Counts bytes that are fetched.
    pub fn bytes() -> Self {
        Self::new("下载 fetching │{bar:30}│ {bytes} / {total_bytes}  {bytes_per_sec}  {elapsed}")
    }

    /// Counts entries that are judged.
    pub fn entries() -> Self {
        Self::new("验证 verifying │{bar:30}│ {human_pos} / {human_len} 条 entries  {elapsed}  {msg}")
    }

    /// Counts commands that are entered; nobody knows how many there will be.
    pub fn commands() -> Self {
        Self::new("运行 running  {human_pos} 条 commands  {elapsed}")
    }

    /// So much is done, of so much if that is known.
    pub fn at(&self, done: u64, of: Option<u64>) {
        if let Some(of) = of {
            self.0.set_length(of);
        }
        self.0.set_position(done);
    }

    /// What else is to be said.
    pub fn says(&self, words: String) {
        self.0.set_message(words);
    }

    /// Hides the bar while something is printed.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_as_two_columns() {
        assert_eq!(padded("地价", 6), "地价  ");
        assert_eq!(padded("price", 6), "price ");
        assert_eq!(padded("地价 price", 6), "地价 price");
    }

    #[test]
    fn two_languages_share_a_line_if_they_fit() {
        assert_eq!(Tongue::Both.fit("- ", "地价", "price", 14), "- 地价 · price\n");
        assert_eq!(Tongue::Both.fit("- ", "地价", "price", 13), "- 地价\n  price\n");
        assert_eq!(Tongue::Zh.fit("- ", "地价", "price", 3), "- 地价\n");
    }

    #[test]
    fn a_stranger_cannot_command_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\r\n\u{9b}c\u{202e}d\u{7f}地"), "a�[2Jb���c�d�地");
    }
}
