//! Pledges from outside: commands and days in, events out.

mod acts;
mod bonds;
mod build;
mod formulas;
mod properties;
mod refusals;
mod verdicts;
