//! What is wrong with a table, by line and column, in both languages.

use core::fmt;

macro_rules! fault_codes {
    ($($name:ident, $word:literal, $zh:literal, $en:literal;)*) => {
        /// What kind of fault it is. Words are never reused or renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultCode {
            $(#[doc = $en] $name,)*
        }

        impl FaultCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means, in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)* }
            }

            /// What it means, in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

fault_codes! {
    TooLarge, "table-too-large", "数据表超过 4 GiB", "the table is larger than 4 GiB";
    NotUtf8, "not-utf8", "不是 UTF-8，请另存为 UTF-8", "the table is not UTF-8; save it as UTF-8";
    Empty, "empty-table", "没有数据行", "the table has no rows";
    HeadMissing, "head-missing", "缺少这一列", "the column is missing";
    HeadTwice, "head-twice", "这一列出现两次", "the column stands twice";
    WrongWidth, "wrong-width", "列数与表头不符", "the line has another number of cells than the heads";
    BadQuotes, "bad-quotes", "引号不成对", "the quotes of a cell do not match";
    FirmMissing, "firm-missing", "没有企业名称", "the firm is missing";
    FigureMissing, "figure-missing", "缺少数字", "the figure is missing";
    Text, "text", "应为数字", "a text stands where a number belongs";
    Infinite, "infinite", "不是有限数", "the number is not finite";
    Exponent, "exponent", "不接受指数写法，请写成小数", "an exponent is not taken; write a decimal number";
    Separated, "separated", "数字中有千位分隔符，请去掉", "the number has separators; take them out";
    Percent, "percent", "数字带百分号，请按该列的单位书写", "the number has a percent sign; write it in the column's unit";
    NumberTooLarge, "number-too-large", "数字过大", "the number is too large";
    BelowPlausible, "below-plausible", "低于最小合理值", "the figure is below the least plausible";
    AbovePlausible, "above-plausible", "高于最大合理值", "the figure is above the greatest plausible";
    NotYesNo, "not-yes-no", "应为“是”或“否”", "yes or no is expected";
    UnknownWord, "unknown-word", "不是可选词之一", "the word is not one of those allowed";
    DuplicateFirm, "duplicate-firm", "企业重复", "the firm stands twice";
    FirmOnTwoParcels, "firm-on-two-parcels", "同一企业对应两宗地", "the firm stands on two parcels";
    GroupsDiffer, "groups-differ", "同一宗地的企业分属两组", "firms on one parcel belong to two groups";
    DivisorNotPositive, "divisor-not-positive", "除数为零或负数", "what the indicator is divided by is zero or negative";
    ValueMissing, "value-missing", "缺少该项数据，评价表不允许缺", "the item has no value, and the card does not allow that";
    BenchmarkNotPositive, "benchmark-not-positive", "基准值为零或负数，无法相除", "the benchmark is zero or negative: nothing can be divided by it";
    NotWorkbook, "not-workbook", "不是可读的 XLSX 工作簿", "the file is no workbook (XLSX) that can be read";
    WorkbookTooLarge, "workbook-too-large", "工作簿解压后过大，请另存为 CSV", "the workbook is too large once unpacked; save the sheet as CSV";
    SheetMissing, "sheet-missing", "没有这张工作表", "the workbook has no such sheet";
    NotParquet, "not-parquet", "不是可读的 Parquet 表", "the file is no table of Parquet that can be read";
    ParquetTooLarge, "parquet-too-large", "Parquet 表过大，请另存为 CSV", "the table of Parquet is too large; save it as CSV";
    SumTooLarge, "sum-too-large", "合计过大", "a sum is too large";
}

/// One thing that is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// Line, from 1; 0 for the whole table.
    pub line: usize,
    /// Head of the column, or id of the indicator or item.
    pub column: String,
    /// What kind of fault it is.
    pub code: FaultCode,
    /// What was found, shortened.
    pub found: String,
    /// More, in Chinese.
    pub more_zh: String,
    /// More, in English.
    pub more_en: String,
}

/// Longest quotation of a cell.
const FOUND_CHARS_MAX: usize = 40;

impl TableFault {
    pub(super) fn new(line: usize, column: &str, code: FaultCode, found: &str) -> Self {
        let mut short: String = found.chars().take(FOUND_CHARS_MAX).collect();
        if short.len() < found.len() {
            short.push('…');
        }
        Self { line, column: column.to_owned(), code, found: short, more_zh: String::new(), more_en: String::new() }
    }

    /// A table that is longer than any that is read; for whoever knows its length before reading it.
    pub fn too_large() -> Self {
        Self::new(0, "", FaultCode::TooLarge, "")
    }

    /// A table of Parquet that cannot be read.
    pub fn parquet(bad: &crate::parquet::Unreadable) -> Self {
        let code = if bad.is_too_large { FaultCode::ParquetTooLarge } else { FaultCode::NotParquet };
        let fault = Self::new(0, &bad.column, code, "");
        fault.more(&*bad.what[0], &*bad.what[1])
    }

    pub(super) fn more(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        (self.more_zh, self.more_en) = (zh.into(), en.into());
        self
    }

    /// The fault in Chinese, without its place.
    pub fn zh(&self) -> String {
        sentence(self.code.zh(), &self.found, &self.more_zh, ("：", "；"))
    }

    /// The fault in English, without its place.
    pub fn en(&self) -> String {
        sentence(self.code.en(), &self.found, &self.more_en, (": ", "; "))
    }
}

fn sentence(code: &str, found: &str, more: &str, marks: (&str, &str)) -> String {
    let found = if found.is_empty() { String::new() } else { format!("{}`{found}`", marks.0) };
    let more = if more.is_empty() { String::new() } else { format!("{}{more}", marks.1) };
    format!("{code}{found}{more}")
}

/// Shown as `line 3, tax: error[text]: …`.
impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "table")?,
            line => write!(f, "line {line}")?,
        }
        if !self.column.is_empty() {
            write!(f, ", {}", self.column)?;
        }
        write!(f, ": error[{}]: {}", self.code.as_str(), self.en())
    }
}

/// Most faults kept: nobody reads more at once, and a table of noise must not take long.
pub(super) const FAULTS_MAX: usize = 1_000;
