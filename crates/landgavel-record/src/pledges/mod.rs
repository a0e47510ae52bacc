//! Pledges between files and the engine: an award and terms become a contract; lines become commands; what has happened is
//! said in words.

mod codes;
mod command;
mod demand;
mod demand_page;
mod demand_words;
mod light;
mod open;
mod page;
pub mod record;
mod standing;
mod steps;
mod terms_words;
mod words;

pub use command::{parse_ask, parse_at, written};
pub use demand::{Amendment, BankDemand, bank_demands};
pub use demand_page::{demand_asks, demand_places, demand_signatures, demand_title};
pub use light::{Light, NEAR_DAYS, subject_light};
pub use open::{NotOpened, Opened, open, winners};
pub use page::page;
pub use standing::standing_json;
pub use terms_words::terms_in_words;
pub use words::{event_in_words, reason_in_words, status_in_words, subject_in_words, verdict_in_words};
