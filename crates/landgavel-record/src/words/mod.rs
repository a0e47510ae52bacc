//! A rulebook, its events and its refusals in plain words, Chinese and English.
//!
//! Every match over the rule's types is closed, so that a new construct cannot stay unsaid. Each
//! sentence is written in both languages at one place, so that a reader can compare them.

mod admission;
mod award;
mod calendar;
mod events;
mod exits;
mod limits;
mod open_stages;
mod other_stages;
mod outcome;
mod policy;
mod refusals;
mod render;
mod result_events;
mod rounds;
mod sealed;
mod speech;
mod stages;
mod terms;
mod view;

use landgavel_sale::lot::Lot;
use landgavel_sale::rulebook::Rulebook;

pub use events::{Narrator, event_in_words};
pub use outcome::outcome_in_words;
pub use refusals::{clause_path, intake_refusal_in_words, refusal_in_words};
pub use render::{render_markdown, render_text};
pub use view::{phase_in_words, view_in_words};

use speech::Speech;

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// An article of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub heading: String,
    /// What it says.
    pub paragraphs: Vec<Paragraph>,
}

/// One provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// The provision in words.
    pub text: String,
    /// Dotted path of the clause that it renders, such as `stages.price.cap`; `engine` for what holds in every sale.
    pub clause: String,
    /// Short citation of the clause's source; `None` when the rulebook names none.
    pub source: Option<String>,
}

/// The whole rule, article by article. With a lot, its moments and commitments stand beside their names.
pub fn rule_in_words(rulebook: &Rulebook, lot: Option<&Lot>, language: Language) -> Vec<Section> {
    let speech = Speech { rulebook, lot, language };
    let mut sections = vec![calendar::general(&speech)];
    sections.extend(calendar::lot(&speech));
    sections.push(calendar::moments(&speech));
    sections.push(calendar::attributes(&speech));
    sections.push(admission::admission(&speech));
    sections.push(admission::bond(&speech));
    sections.extend(stages::stages(&speech));
    sections.push(award::award(&speech));
    sections.push(award::obligations(&speech));
    sections.push(policy::outage(&speech));
    sections.push(policy::information(&speech));
    sections.push(policy::annulment(&speech));
    sections
}
