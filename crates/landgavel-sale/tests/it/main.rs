//! Tests of the sale engine, through its public surface only.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, like the tests themselves")]

mod build;
mod draws;
mod fixed_bugs;
mod kinds;
mod outages;
mod playthrough;
mod properties;
mod views;
