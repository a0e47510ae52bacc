//! A worked example of a rule: invented bidders walk a whole sale through the engine itself.
//!
//! It shows what the words of a rule come to. Bidders, amounts, marks, salts and random outputs are
//! invented; every line is an event that the engine decided.

mod moves;
mod robots;

use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_sale::event::{Event, Happened};
use landgavel_sale::{Lot, Sale};

use crate::words::{Language, Narrator};

/// A sale played by invented bidders.
#[derive(Debug, Clone)]
pub struct Example {
    /// The sale at its end.
    pub sale: Sale,
    /// All that happened, first to last.
    pub events: Vec<Event>,
}

/// One sentence of the example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub text: String,
}

/// Of more events of one kind in a row only so many are told, then how many follow.
const TOLD_IN_A_ROW: usize = 6;

/// Plays a whole sale of a lot with invented bidders, from the notice to the end.
///
/// Values that the lot commits by hash are replaced by invented ones, since nobody here can reveal them.
pub fn play(lot: &Lot) -> Example {
    robots::Play::new(Arc::new(robots::with_own_secrets(lot))).play_out()
}

impl Example {
    /// The example in sentences.
    pub fn lines(&self, language: Language) -> Vec<Line> {
        let codes = |bidder| self.sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
        let mut narrator = Narrator::new(self.sale.lot(), language);
        let mut lines: Vec<Line> = Vec::new();
        let mut row = 0;
        let mut before: Option<&Happened> = None;
        let mut left_out = 0;
        for event in &self.events {
            let is_same =
                before.is_some_and(|b| core::mem::discriminant(b) == core::mem::discriminant(&event.happened));
            row = if is_same { row + 1 } else { 1 };
            before = Some(&event.happened);
            let text = narrator.tell(&codes, event);
            if row > TOLD_IN_A_ROW {
                left_out += 1;
                continue;
            }
            if left_out > 0 {
                lines.push(more(event.at, left_out, language));
                left_out = 0;
            }
            lines.push(Line { at: event.at, text });
        }
        if let (true, Some(last)) = (left_out > 0, self.events.last()) {
            lines.push(more(last.at, left_out, language));
        }
        lines
    }
}

fn more(at: Instant, count: u32, language: Language) -> Line {
    let text = match language {
        Language::Zh => format!("（同类事项另有{count}项，从略。）"),
        Language::En => format!("({count} more of the same kind.)"),
    };
    Line { at, text }
}
