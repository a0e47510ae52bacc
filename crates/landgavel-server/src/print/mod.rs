//! Papers as PDF: a sheet in words becomes pages with the glyphs that they use, and nothing else.
//!
//! It knows no sale: what stands on a sheet is said by who makes it, once for the screen and for paper. The same sheet and
//! font give the same bytes: no date, no chance. Modules, each importing only from those before it: `font`, `lines`,
//! `layout`, `pdf`.

mod font;
mod layout;
mod lines;
mod pdf;
#[cfg(test)]
mod test_font;

pub use font::Font;
use landgavel_record::words::Language;
pub use pdf::pdf;

/// What stands on a paper, in one language.
pub struct Sheet {
    /// Its language.
    pub language: Language,
    /// What it is.
    pub title: String,
    /// What stands under the title, in order.
    pub blocks: Vec<Block>,
    /// The record that it was made from.
    pub source: Source,
}

/// A part of a paper.
pub enum Block {
    /// Something to know before anything else.
    Notice(String),
    /// A paragraph.
    Text(String),
    /// Names and their values.
    Facts(Vec<(String, String)>),
    /// What was agreed.
    Term {
        /// Of what.
        name: String,
        /// As a figure.
        value: String,
        /// What the capitals are of, and the capitals, which are Chinese.
        capitals: Option<(String, String)>,
    },
    /// Lines under a heading.
    List {
        /// Of what.
        heading: String,
        /// Whether each has a number.
        is_numbered: bool,
        /// The lines.
        lines: Vec<String>,
    },
    /// Places to sign.
    Signatures(Vec<String>),
}

/// Where a paper comes from.
pub struct Source {
    /// Words before the name of the log.
    pub before: String,
    /// The log.
    pub origin: String,
    /// Words between the log and its root.
    pub between: String,
    /// The root of the log.
    pub root: String,
}

impl Sheet {
    /// What stands between a name and its value.
    pub fn colon(&self) -> &'static str {
        match self.language {
            Language::Zh => "：",
            Language::En => ": ",
        }
    }
}

impl Sheet {
    /// Which page of how many.
    fn page_of(&self, number: usize, count: usize) -> String {
        match self.language {
            Language::Zh => format!("第 {number} 页，共 {count} 页"),
            Language::En => format!("Page {number} of {count}"),
        }
    }
}
