//! JSON Schemas (2020-12) of the record's documents, for other programs.
//!
//! They say what a document looks like. What binds one to another (signatures, order, the tree) they cannot say, nor
//! lengths in bytes, nor the one way of writing a value: `docs/format` does. Modules: `parts`, `commands`, `entries`,
//! `reports`.

mod commands;
mod entries;
mod parts;
mod reports;

use serde_json::{Map, Value, json};

/// A document of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// What is fixed before the first bid: the text that officers sign.
    Notice,
    /// What somebody asked: the text that was signed.
    Command,
    /// An entry of the log.
    Entry,
    /// A line of `checkpoints.jsonl`.
    CheckpointLine,
    /// `outcome.json`.
    Outcome,
    /// A verdict on a bundle.
    Report,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Notice, Self::Command, Self::Entry, Self::CheckpointLine, Self::Outcome, Self::Report];

    /// The word in file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Command => "command",
            Self::Entry => "entry",
            Self::CheckpointLine => "checkpoint-line",
            Self::Outcome => "outcome",
            Self::Report => "report",
        }
    }
}

/// The schema of a document.
pub fn schema(document: Document) -> Value {
    let body = match document {
        Document::Notice => commands::notice(),
        Document::Command => commands::command(),
        Document::Entry => entries::entry(),
        Document::CheckpointLine => reports::checkpoint_line(),
        Document::Outcome => reports::outcome(),
        Document::Report => reports::report(),
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(format!("Landgavel {}, format 1", document.as_str())));
    if let Value::Object(body) = body {
        schema.extend(body);
    }
    schema.insert("$defs".to_owned(), parts::definitions(&Value::Object(schema.clone())));
    Value::Object(schema)
}
