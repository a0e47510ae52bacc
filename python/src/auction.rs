//! Sealed first-price auctions among equals.

use landgavel_lab::equilibrium::{Game, NoGame};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns::Columns;

/// Values and bids at most, so that a game fits in memory.
const MOST: usize = 1 << 20;

/// Solves it; the answer holds the arrays `bid` (per value) and `played` (per legal bid) and, never without them, the gain that is left.
#[pyfunction]
pub fn first_price<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    bids: PyReadonlyArray1<'py, f64>,
    bidders: u32,
    gain_at_most: f64,
    most_turns: u32,
) -> PyResult<Bound<'py, PyDict>> {
    let game = Game { types: values.as_array().to_vec(), bids: bids.as_array().to_vec(), bidders };
    if game.types.len() > MOST || game.bids.len() > MOST || bidders > 10_000 {
        return Err(PyValueError::new_err(format!("at most {MOST} values and bids, and 10000 bidders")));
    }
    let found = py.detach(|| game.solve(gain_at_most, most_turns)).map_err(|no| {
        PyValueError::new_err(match no {
            NoGame::TooSmall => "at least two bidders, two values and two bids",
            NoGame::NotRising => "values and bids rise, each above the last, and are finite",
        })
    })?;
    let mut columns = Columns::new(py);
    columns.add("bid", found.strategy)?;
    columns.add("played", found.played)?;
    let answer = columns.done();
    answer.set_item("epsilon", found.epsilon)?;
    answer.set_item("epsilon_share", found.relative)?;
    answer.set_item("epsilon_any_bid", found.any_bid)?;
    answer.set_item("turns", found.turns)?;
    Ok(answer)
}
