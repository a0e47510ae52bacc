use alloc::string::String;

/// Where a clause or a number comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A published text.
    Published(SourceNote),
    /// Nobody published it: we chose it, and every report says so.
    Assumption,
}

/// The citation of a published text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceNote {
    /// Title or number of the law, notice or report.
    pub law: String,
    /// Article, clause or page, when the text has them.
    pub article: Option<String>,
    /// Public address, when there is one.
    pub url: Option<String>,
    /// Day on which it was read, `YYYY-MM-DD`.
    pub read_on: Option<String>,
}
