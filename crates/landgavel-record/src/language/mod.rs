//! The rulebook language: TOML files to a [`Lot`](landgavel_sale::lot::Lot).
//!
//! A file is read once into a tree that knows where each value stands (`tree`), completed by the shape
//! tables that describe the language (`shape`, `shapes`), turned into the types of the sale (`build`),
//! and checked for sense (`check`). Every pass reports all it finds and goes on.

mod amount;
mod build;
mod calendar;
mod check;
mod county;
mod duration;
mod finding;
mod ladder;
mod land_use;
mod load;
mod number;
mod pledge_terms;
mod policy;
mod reference;
mod schema;
mod scope;
mod scorecard;
mod shape;
mod shapes;
mod tree;
mod unit;

pub use build::parse_area;
pub use calendar::{WORKING_CALENDARS, read_working_calendar, working_calendar};
pub use county::{
    Certainty, CountyFigure, CountyFigures, CountyIndicator, FIGURE_DECIMALS, Place as CountyPlace, load_county_figures,
};
pub use finding::{Code, Finding, Place, Severity};
pub use ladder::{Facts, Ladder, Pending, Rung, load_facts, load_ladder};
pub use load::{Files, Loaded, OneText, Parameter, join, load_lot, load_rulebook};
pub(crate) use pledge_terms::BOND_PRACTICE;
pub use pledge_terms::IDLE;
pub use pledge_terms::{
    BondAmount, BondTerms, Committed, DutyTerms, MilestoneTerms, PledgeTerms, PromiseTerms, load_pledge_terms,
};
pub use policy::{Industry, Policy, PolicyBook, Tier, Zone, load_policy_book};
pub use reference::{pledge_terms_reference, reference, scorecard_reference};
pub use schema::{Which, schema};
pub use scope::ParameterValue;
pub use scorecard::{Blank, CardParameter, ColumnRule, Heads, LoadedCard, in_force, load_scorecard};
pub use tree::FILE_BYTES_MAX;
pub use unit::{format_money, format_quantity, minor_digits, parse_money, parse_quantity};

/// Reads a length of time as rulebooks have it: `5 min`, `1 h 30 min`, `4 小时`.
///
/// # Errors
/// What is wrong, and what was expected.
pub fn parse_duration(text: &str) -> Result<landgavel_base::Duration, String> {
    duration::read_duration(text).map_err(|problem| {
        let expected = problem.expected.map(|words| format!("; expected {words}")).unwrap_or_default();
        format!("{}{expected}", problem.en)
    })
}
