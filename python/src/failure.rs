//! What goes wrong, as exceptions of Python.

use landgavel_lab::study::Wrong;
use landgavel_lab::work::STOPPED;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError};
use pyo3::prelude::*;

/// The exception for a study that cannot be used: with file, line, field and rule.
pub fn wrong(py: Python<'_>, study: &str, wrong: &Wrong) -> PyErr {
    if wrong.rule == STOPPED {
        return PyKeyboardInterrupt::new_err(wrong.text.clone());
    }
    let file = wrong.file.as_deref().unwrap_or(study);
    let made = py
        .import("landgavel._errors")
        .and_then(|module| module.getattr("StudyError"))
        .and_then(|class| class.call1((file, wrong.line, &wrong.place, &wrong.rule, &wrong.text)));
    match made {
        Ok(error) => PyErr::from_value(error),
        Err(fault) => fault,
    }
}

/// Room for so many, or Python's own error that there is none.
pub fn room<T>(count: usize) -> PyResult<Vec<T>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(count).map_err(|_| PyMemoryError::new_err(format!("no memory for {count} sales")))?;
    Ok(vec)
}
