//! Scorecards (评价表): a table of figures becomes points, ranks and grades, and every point says why.
//!
//! It knows no file, clock or chance, nor where its table comes from; `no_std` makes the compiler hold
//! that wall. All figures are integers of stated decimals; a value is rounded once, when it is
//! divided, and once more when it becomes points; a total is a sum. What is compared with a bound is not rounded. A table is read in three passes: benchmarks
//! ([`Survey::of`]), totals ([`Survey::total`], each row by itself), grades ([`Survey::grade`]).
//! Modules, each importing only from those before it: `number`, `card`, `fault`, `table`, `indicator`,
//! `rule`, `base`, `points`, `survey`, `gap`, `grade`, `outcome`.
#![no_std]

extern crate alloc;

mod base;
mod card;
mod fault;
mod gap;
mod grade;
mod indicator;
mod number;
mod outcome;
mod points;
mod rule;
mod survey;
mod table;

pub use base::Base;
pub use card::{
    Benchmark, Card, Column, ColumnId, ColumnKind, Comparison, Cut, DIMENSIONS_MAX, Expression, GRADES_MAX, GradeId,
    Grading, Indicator, IndicatorId, Item, ItemRole, Missing, Rounding, Rule, Scope, Step, Steps, Subject, Test, Ties,
    Way, ZeroDivisor,
};
pub use fault::{FAULTS_MAX, Fault};
pub use gap::{Figure, Gap, Need, Raise, Target};
pub use grade::Graded;
pub use indicator::Value;
pub use number::{Cell, Exact, half_away};
pub use outcome::Outcome;
pub use points::{ItemPoints, Why};
pub use rule::{RuleJudgement, TestJudgement};
pub use survey::{Conversion, Explanation, Mark, Survey, Total};
pub use table::{FINEST, Table};
