//! The board: what each role sees of a sale now, as JSON.
//!
//! It shows no more than `Sale::view` and the information policy give. `frame` is what everybody sees, the same
//! bytes for all; `mine` is what a bidder sees beside it; `past` tells the last events; `amount` writes amounts.

mod amount;
mod frame;
mod mine;
mod past;

pub use frame::{beat, public_frame};
pub use mine::{binding_now, own_frame};
pub use past::{tells_line, told};

use landgavel_base::Bilingual;
use landgavel_record::words::Language;
use serde_json::{Value, json};

/// Offers, and places of a draw, on a board at most.
const LINES: usize = 20;
/// Events on a board at most. Every viewer is sent all of them with each change, in two languages, so that a frame grows
/// with them above all; whoever wants to see more reads the entries.
const EVENTS: usize = 12;

fn both(text: &Bilingual) -> Value {
    json!({"zh": text.zh, "en": text.en})
}

fn in_both(tell: impl Fn(Language) -> String) -> Value {
    json!({"zh": tell(Language::Zh), "en": tell(Language::En)})
}

fn words(zh: &str, en: &str) -> Value {
    json!({"zh": zh, "en": en})
}
