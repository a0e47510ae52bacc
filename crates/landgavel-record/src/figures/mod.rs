//! Tables of figures: CSV or a workbook in, scores with their reasons out.
//!
//! Bytes come in whole and may be read in parts, by as many hands as the caller has: [`Layout::split`],
//! [`Layout::read`], [`Figures::join`]. Then [`Figures::survey`] and the rows one by one. Modules: `cells`, `equal`,
//! `fault`, `layout`, `join`, `words`, `doubts`, `report`, `page`, `workbook`.

mod cells;
mod doubts;
mod equal;
mod fault;
mod join;
mod layout;
mod page;
mod report;
mod words;
mod workbook;

pub use cells::Span;
pub use doubts::{Against, Doubt};
pub use fault::{FaultCode, TableFault};
pub use join::Figures;
pub use layout::{Layout, Part};
pub(crate) use page::escaped;
pub use page::page;
pub use report::{Results, csv_head, csv_rows, json, row_json};
pub use words::{Line, format_quanta, lines};
pub(crate) use words::{format_itself, source as source_of, unit_in_english};
pub use workbook::{Sheet, is_workbook, read_workbook};
