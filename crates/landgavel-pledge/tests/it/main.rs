//! Pledges from outside: commands and days in, events out.

mod acts;
mod bans;
mod bonds;
mod build;
mod claims;
mod deeds;
mod doubts;
mod duties;
mod extension;
mod fair;
mod formulas;
mod halted;
mod idle;
mod ledger;
mod limits;
mod price_back;
mod properties;
mod refusals;
mod stopped;
mod taken_back;
mod unshown;
mod verdicts;
