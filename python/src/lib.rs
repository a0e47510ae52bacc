//! The lab as a module of Python. Nothing is computed here: studies, sales and equilibria are those of `landgavel-lab`, and the
//! classes that people use are written in Python, in the folder landgavel beside this one. Modules: `failure`, `columns`, `watch`,
//! `table`, `study`, `findings`, `auction`.

mod auction;
mod columns;
mod failure;
mod findings;
mod study;
mod table;
mod watch;

use pyo3::prelude::*;

/// What the classes of Python stand on.
#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<study::Study>()?;
    module.add_class::<findings::Findings>()?;
    module.add_function(wrap_pyfunction!(auction::first_price, module)?)?;
    module.add_function(wrap_pyfunction!(columns::arrow_stream, module)?)?;
    module.add_function(wrap_pyfunction!(table::to_toml, module)?)
}
