//! What a study found.

use std::sync::Arc;

use landgavel_lab::report;
use landgavel_lab::simulate::Measure;
use landgavel_lab::work::{Finished, Work};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::columns::Columns;

/// What is finished of a study.
#[pyclass(frozen, module = "landgavel._native")]
pub struct Findings {
    pub work: Arc<Work>,
    pub text: String,
    pub finished: Finished,
}

#[pymethods]
impl Findings {
    /// The table of designs as `landgavel lab` writes it.
    fn csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.findings().csv())
    }

    /// The report as `landgavel lab` writes it.
    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| self.findings().html(&self.text))
    }

    /// The table of designs as columns.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let findings = py.detach(|| self.findings());
        let rows = findings.rows();
        let mut columns = Columns::new(py);
        columns.add_text("case", rows.iter().map(|row| row.case.clone()).collect())?;
        columns.add_text("design", rows.iter().map(|row| row.design.to_owned()).collect())?;
        columns.add_text("setting", rows.iter().map(|row| row.setting.clone()).collect())?;
        columns.add("bidders", rows.iter().map(|row| i64::from(row.bidders)).collect())?;
        columns.add("sales", rows.iter().map(|row| i64::try_from(row.sales).unwrap_or(i64::MAX)).collect())?;
        columns.add_text("path", rows.iter().map(|row| row.path.to_owned()).collect())?;
        columns.add_text("claim", rows.iter().map(|row| row.claim.to_owned()).collect())?;
        for (name, of) in [
            ("epsilon", (|found| found.epsilon) as fn(&landgavel_lab::conduct::Certificate) -> f64),
            ("epsilon_share", |found| found.relative),
            ("epsilon_worst", |found| found.worst),
        ] {
            columns.add(name, rows.iter().map(|row| row.certificate.map_or(f64::NAN, of)).collect())?;
        }
        let names = std::iter::once("sold").chain(Measure::ALL.map(Measure::as_str));
        for (place, name) in names.enumerate() {
            let of = |what: fn(&landgavel_lab::summary::Estimate) -> f64| {
                rows.iter().map(|row| row.of[place].as_ref().map_or(f64::NAN, what)).collect::<Vec<f64>>()
            };
            columns.add(name, of(|estimate| estimate.mean))?;
            columns.add(&format!("{name}_half"), of(|estimate| estimate.half))?;
        }
        Ok(columns.done())
    }

    /// What is recommended, per number of bidders: dictionaries with names of cases.
    fn advice<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let findings = py.detach(|| self.findings());
        let list = PyList::empty(py);
        for advice in findings.advice() {
            let one = PyDict::new(py);
            one.set_item("bidders", advice.bidders)?;
            one.set_item("best", advice.best)?;
            one.set_item("not_separable", advice.not_separable.clone())?;
            let scores = advice.scores.iter().map(|(case, score)| {
                let of = |what: fn(&(f64, landgavel_lab::summary::Estimate)) -> f64| score.as_ref().map(what);
                (*case, of(|score| score.0), of(|score| score.1.mean), of(|score| score.1.half))
            });
            one.set_item("scores", scores.collect::<Vec<_>>())?;
            list.append(one)?;
        }
        Ok(list)
    }

    /// How many blocks of sales are finished.
    #[getter]
    fn blocks(&self) -> usize {
        self.finished.len()
    }
}

impl Findings {
    fn findings(&self) -> report::Findings<'_> {
        report::Findings::new(&self.work, &self.finished)
    }
}
