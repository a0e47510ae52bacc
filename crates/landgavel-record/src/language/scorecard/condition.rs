//! Texts that name columns: sums (`own + leased_in - leased_out`) and tests (`total >= 60 and award`).

use landgavel_base::Decimal;
use landgavel_score::{Comparison, Subject};

use super::super::finding::{Code, Problem};

/// A term of a sum: its sign and the column it names.
pub(crate) fn terms(text: &str) -> Result<Vec<(i64, &str)>, Problem> {
    let bad =
        || Problem::of(Code::BadCondition, format_args!("`{text}`")).expected("columns joined by ` + ` and ` - `");
    let mut out = Vec::new();
    let mut sign = Some(1);
    for word in text.split_whitespace() {
        match (word, sign) {
            ("+", None) => sign = Some(1),
            ("-", None) => sign = Some(-1),
            (name, Some(found)) if name.starts_with(char::is_alphabetic) => {
                out.push((found, name));
                sign = None;
            }
            _ => return Err(bad()),
        }
    }
    if out.is_empty() || sign.is_some() { Err(bad()) } else { Ok(out) }
}

/// A test as written: what is compared, how, and with what text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written<'a> {
    pub(crate) name: &'a str,
    pub(crate) comparison: Comparison,
    pub(crate) value: &'a str,
}

/// The tests of an alternative.
pub(crate) fn tests(text: &str) -> Result<Vec<(Written<'_>, String)>, Problem> {
    text.split(" and ").map(|part| Ok((test(part.trim())?, part.trim().to_owned()))).collect()
}

fn test(text: &str) -> Result<Written<'_>, Problem> {
    let bad = || {
        Problem::of(Code::BadCondition, format_args!("`{text}`"))
            .expected("tests such as `total >= 60`, `sector = industry`, `award` or `not award`, joined by ` and `")
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    match *words.as_slice() {
        ["not", name] => Ok(Written { name, comparison: Comparison::Equal, value: "no" }),
        [name] => Ok(Written { name, comparison: Comparison::Equal, value: "yes" }),
        [name, sign, value] => Ok(Written { name, comparison: comparison(sign).ok_or_else(bad)?, value }),
        _ => Err(bad()),
    }
}

/// A comparison by its sign.
pub(crate) fn comparison(sign: &str) -> Option<Comparison> {
    Some(match sign {
        ">=" | "≥" => Comparison::AtLeast,
        ">" => Comparison::Above,
        "<=" | "≤" => Comparison::AtMost,
        "<" => Comparison::Below,
        "=" => Comparison::Equal,
        "!=" | "≠" => Comparison::Unequal,
        _ => return None,
    })
}

/// A decimal number in units of `10^−decimals`.
pub(crate) fn quanta(text: &str, decimals: u8) -> Result<i64, Problem> {
    let bad = |why: String| Problem::of(Code::BadNumber, format_args!("`{text}`")).expected(why);
    let number = Decimal::parse(text).map_err(|_| bad("a decimal number such as 24.097".into()))?;
    number.scaled(decimals).ok_or_else(|| bad(format!("a number with at most {decimals} decimals")))
}

/// What a name may stand for in tests.
pub(crate) fn subject_words(subject: Subject) -> &'static str {
    match subject {
        Subject::Total => "the total",
        Subject::Dimension(_) => "a dimension",
        Subject::Indicator(_) => "an indicator",
        Subject::Column(_) => "a column",
    }
}
