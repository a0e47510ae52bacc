//! Columns on their way to NumPy and Arrow.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::{Field, Schema};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

/// Columns of NumPy by name, in order.
pub struct Columns<'py> {
    dict: Bound<'py, PyDict>,
}

impl<'py> Columns<'py> {
    pub fn new(py: Python<'py>) -> Self {
        Self { dict: PyDict::new(py) }
    }

    /// Adds an array; its memory is handed over, not copied.
    pub fn add<T: numpy::Element>(&mut self, name: &str, values: Vec<T>) -> PyResult<()> {
        self.dict.set_item(name, PyArray1::from_vec(self.dict.py(), values))
    }

    /// Adds texts, as an array of NumPy's text of a fixed width.
    pub fn add_text(&mut self, name: &str, values: Vec<String>) -> PyResult<()> {
        let numpy = self.dict.py().import("numpy")?;
        self.dict.set_item(name, numpy.call_method1("array", (values, "U"))?)
    }

    pub fn done(self) -> Bound<'py, PyDict> {
        self.dict
    }
}

/// A stream of Arrow's C interface with one batch of these columns: arrays of NumPy or lists of text. Floats that are no numbers
/// become nulls.
#[pyfunction]
pub fn arrow_stream<'py>(py: Python<'py>, columns: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyCapsule>> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, values) in columns.iter() {
        let name: String = name.extract()?;
        let array = array(&values).ok_or_else(|| {
            PyTypeError::new_err(format!("column {name}: neither float64, int64, int32, bool nor a list of texts"))
        })?;
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|bad| PyValueError::new_err(bad.to_string()))?;
    let reader = RecordBatchIterator::new([Ok(batch)], schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), c"arrow_array_stream")
}

fn array(values: &Bound<'_, PyAny>) -> Option<ArrayRef> {
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, f64>>() {
        let mut builder = Float64Builder::new();
        values.as_array().iter().for_each(|value| builder.append_option((!value.is_nan()).then_some(*value)));
        return Some(Arc::new(builder.finish()));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, i64>>() {
        let mut builder = Int64Builder::new();
        values.as_array().iter().for_each(|value| builder.append_value(*value));
        return Some(Arc::new(builder.finish()));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, i32>>() {
        let mut builder = Int32Builder::new();
        values.as_array().iter().for_each(|value| builder.append_value(*value));
        return Some(Arc::new(builder.finish()));
    }
    if let Ok(values) = values.extract::<PyReadonlyArray1<'_, bool>>() {
        let mut builder = BooleanBuilder::new();
        values.as_array().iter().for_each(|value| builder.append_value(*value));
        return Some(Arc::new(builder.finish()));
    }
    let texts = values.extract::<Vec<String>>().ok()?;
    let mut builder = StringBuilder::new();
    texts.iter().for_each(|text| builder.append_value(text));
    Some(Arc::new(builder.finish()))
}
