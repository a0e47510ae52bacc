//! The lab: what a rule does to price, promise, lottery and default, before a city adopts it.
//!
//! Here are floats and chance, which no other crate may hold; there is no clock and no disk: texts come in, tables come out.
//! Nothing of the lab decides a real sale. Modules, each importing only from those before it: `course`, `straight`, `stepped`,
//! `chance`, `level`, `many`, `distribution`, `bidder`, `behaviour`, `wrong`, `study`, `population`, `game`, `groups`, `contest`, `conduct`, `certify`, `kernel`, `measure`, `sheet`,
//! `simulate`, `work`, `summary`, `chart`, `report`; and `indifference`, `equilibrium`.
#![expect(
    clippy::float_arithmetic,
    reason = "simulation and statistics are about real numbers; no sale is decided here"
)]

mod behaviour;
pub mod bidder;
pub mod certify;
pub mod chance;
mod chart;
pub mod conduct;
pub mod contest;
pub mod course;
pub mod distribution;
pub mod equilibrium;
pub mod game;
pub mod groups;
mod indifference;
pub mod kernel;
pub mod level;
pub mod many;
mod measure;
pub mod population;
pub mod report;
mod sheet;
pub mod simulate;
pub mod stepped;
pub mod straight;
pub mod study;
pub mod summary;
pub mod work;
mod wrong;
