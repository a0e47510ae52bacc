//! Tests of the vocabulary, through its public surface only.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, like the tests themselves")]

mod area;
mod calendar;
mod capitals;
mod credit_code;
mod decimal;
mod money;
mod parcel;
mod ratio;
mod time;
mod unit_number;
