//! Dictionaries of Python as the TOML of a study.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// How deep dictionaries and lists may lie in each other.
const DEPTH: usize = 16;

/// A study as text, from a dictionary of the same shape.
#[pyfunction]
pub fn to_toml(study: &Bound<'_, PyDict>) -> PyResult<String> {
    let toml::Value::Table(table) = value(study.as_any(), "study", 0)? else {
        return Err(PyTypeError::new_err("a study is a dictionary"));
    };
    toml::to_string(&table).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn value(from: &Bound<'_, PyAny>, at: &str, depth: usize) -> PyResult<toml::Value> {
    if depth > DEPTH {
        return Err(PyValueError::new_err(format!("{at}: more than {DEPTH} levels")));
    }
    // A truth is a number to Python, so it is asked first.
    if let Ok(truth) = from.cast::<PyBool>() {
        return Ok(toml::Value::Boolean(truth.is_true()));
    }
    if from.is_instance_of::<PyInt>() {
        return Ok(toml::Value::Integer(from.extract()?));
    }
    if from.is_instance_of::<PyFloat>() {
        return Ok(toml::Value::Float(from.extract()?));
    }
    if from.is_instance_of::<PyString>() {
        return Ok(toml::Value::String(from.extract()?));
    }
    if let Ok(dict) = from.cast::<PyDict>() {
        let mut table = toml::Table::new();
        for (name, one) in dict.iter() {
            let name: String = name.extract()?;
            let at = format!("{at}.{name}");
            table.insert(name, value(&one, &at, depth + 1)?);
        }
        return Ok(toml::Value::Table(table));
    }
    if from.is_instance_of::<PyList>() || from.is_instance_of::<PyTuple>() {
        let list = from.try_iter()?.map(|one| value(&one?, at, depth + 1));
        return Ok(toml::Value::Array(list.collect::<PyResult<_>>()?));
    }
    let kind = from.get_type().name()?;
    Err(PyTypeError::new_err(format!("{at}: a {kind} has no place in a study")))
}
