use alloc::string::String;

/// A fact about an applicant, shown by a document or a certificate and entered as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// A word, such as an industry code or a grade.
    Text(String),
    /// A whole number, such as years or fen.
    Number(i64),
    /// Yes or no.
    YesNo(bool),
}
