//! Commands and events as JSON: the one place where the engine's words become bytes.

mod command;
mod event;
mod lines;
mod strict;

pub use command::{Request, WireError, parse_request, read_date, read_time, time_text};
pub(crate) use command::{parse_command, parse_time, run_salt};
pub(crate) use event::{end_reason, pass_in_json};
pub use event::{event_json, refusal_json};
pub use lines::{LineError, NumberedRequest, RequestLines};

/// Largest line of a command file and largest entry of a record, in bytes.
pub const LINE_MAX_BYTES: usize = 65_535;
