//! Tests of the crate from outside.
#![expect(clippy::disallowed_methods, reason = "tests read the shipped rules from disk")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod adversary;
mod archives;
mod attack_table;
mod attacks;
mod bad_input;
mod canonical;
mod casebook;
mod certificates;
mod desk;
mod door;
mod examples;
mod format;
mod golden;
mod language;
mod outages;
mod parquet;
mod playthroughs;
mod pledge_casebook;
mod pledge_records;
mod properties;
mod receipts;
mod register;
mod schemas;
mod scorecards;
mod sources;
mod statements;
mod tampering;
mod vectors;
