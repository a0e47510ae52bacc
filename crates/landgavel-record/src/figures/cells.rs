//! Fields of a line, and the numbers in them.

use landgavel_base::SAFE_INTEGER_MAX;
use landgavel_score::FINEST;

/// Where a text stands in the bytes of a table. Tables are smaller than 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The same text as a name: without white space of any kind around it, which no eye tells apart. Otherwise one firm could
    /// stand in a table as several.
    pub(crate) fn name(self, bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(self.of(bytes)) else { return self };
        let before = text.len() - text.trim_start().len();
        let name = text.trim();
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = self.start + short(before);
        Self { start, end: start + short(name.len()) }
    }
}

/// What ended a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Delimiter,
    Line,
    /// A quoted field that does not end, or goes on behind its quotes.
    BadQuotes,
}

/// The field at `at`, without quotes and spaces around it; what ended it; where the next one starts.
pub(super) fn field(bytes: &[u8], at: usize, delimiter: u8) -> (Span, End, usize) {
    let mut start = at;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    if bytes.get(start) == Some(&b'"') {
        return quoted(bytes, start + 1, delimiter);
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| *byte == delimiter || *byte == b'\n').unwrap_or(rest.len());
    let stop = start + length;
    let end = if bytes.get(stop) == Some(&delimiter) { End::Delimiter } else { End::Line };
    (trimmed(bytes, start, stop), end, (stop + 1).min(bytes.len()))
}

fn quoted(bytes: &[u8], start: usize, delimiter: u8) -> (Span, End, usize) {
    let mut at = start;
    let stop = loop {
        match bytes.get(at) {
            None => return (span(start, at), End::BadQuotes, at),
            Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 2,
            Some(b'"') => break at,
            Some(_) => at += 1,
        }
    };
    let mut after = stop + 1;
    while matches!(bytes.get(after), Some(b' ' | b'\r')) {
        after += 1;
    }
    match bytes.get(after) {
        None => (span(start, stop), End::Line, after),
        Some(b'\n') => (span(start, stop), End::Line, after + 1),
        Some(byte) if *byte == delimiter => (span(start, stop), End::Delimiter, after + 1),
        Some(_) => (span(start, stop), End::BadQuotes, after),
    }
}

fn trimmed(bytes: &[u8], start: usize, mut stop: usize) -> Span {
    while stop > start && matches!(bytes[stop - 1], b' ' | b'\r') {
        stop -= 1;
    }
    span(start, stop)
}

fn span(start: usize, end: usize) -> Span {
    // INVARIANT: `Layout::of` refuses longer tables.
    let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: short(start), end: short(end) }
}

/// A text without doubled quotes.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\"\"", "\"")
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotANumber {
    Text,
    Infinite,
    Exponent,
    Separated,
    Percent,
    TooLarge,
}

/// A decimal number as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// In units of `10^−decimals`, rounded half away from zero.
    pub(super) quanta: i64,
    /// Whether it was rounded.
    pub(super) is_rounded: bool,
    /// What it has beyond the quanta, in units of 10⁻⁹, rounded too.
    pub(super) rest: i64,
}

/// Reads a decimal number.
pub(super) fn number(text: &[u8], decimals: u8) -> Result<Number, NotANumber> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let mut units: i64 = 0;
    let mut places: Option<u8> = None;
    let mut count = 0usize;
    let more = FINEST.saturating_sub(decimals);
    let (mut next, mut is_rounded) = (None, false);
    let (mut fine, mut fine_places, mut after_fine) = (0i64, 0u8, None);
    for byte in digits {
        match (byte, places) {
            (b'0'..=b'9', _) => {
                count += 1;
                let digit = i64::from(byte - b'0');
                match &mut places {
                    Some(places) if *places == decimals => {
                        next.get_or_insert(digit);
                        is_rounded |= digit != 0;
                        if fine_places < more {
                            (fine, fine_places) = (fine * 10 + digit, fine_places + 1);
                        } else {
                            after_fine.get_or_insert(digit);
                        }
                        continue;
                    }
                    Some(places) => *places += 1,
                    None => {}
                }
                units = units.checked_mul(10).and_then(|units| units.checked_add(digit)).ok_or(NotANumber::TooLarge)?;
            }
            (b'.', None) if count > 0 => places = Some(0),
            _ => return Err(why_not(text)),
        }
    }
    if count == 0 || digits.last() == Some(&b'.') {
        return Err(why_not(text));
    }
    for _ in places.unwrap_or(0)..decimals {
        units = units.checked_mul(10).ok_or(NotANumber::TooLarge)?;
    }
    let up = i64::from(next.is_some_and(|digit| digit >= 5));
    units = units.checked_add(up).ok_or(NotANumber::TooLarge)?;
    if units > SAFE_INTEGER_MAX {
        return Err(NotANumber::TooLarge);
    }
    let scale = |places: u8| 10i64.pow(u32::from(places));
    let fine = fine * scale(more - fine_places) + i64::from(after_fine.is_some_and(|digit| digit >= 5));
    let rest = fine - up * scale(more);
    let sign = if is_negative { -1 } else { 1 };
    Ok(Number { quanta: sign * units, is_rounded, rest: sign * rest })
}

fn why_not(text: &[u8]) -> NotANumber {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_prefix(b"-").or(lower.strip_prefix(b"+")).unwrap_or(&lower);
    let is_numeric = |extra: &[u8]| {
        bare.first().is_some_and(u8::is_ascii_digit)
            && bare.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.' || extra.contains(byte))
    };
    match bare {
        b"inf" | b"infinity" | b"nan" => NotANumber::Infinite,
        _ if is_numeric(b"e+-") && bare.contains(&b'e') => NotANumber::Exponent,
        _ if is_numeric(b",") && bare.contains(&b',') => NotANumber::Separated,
        _ if is_numeric(b"%") && bare.contains(&b'%') => NotANumber::Percent,
        _ => NotANumber::Text,
    }
}

/// Reads yes or no.
pub(super) fn yes_no(text: &[u8]) -> Option<bool> {
    match core::str::from_utf8(text).ok()? {
        "1" | "yes" | "true" | "是" | "Yes" | "YES" | "TRUE" | "True" | "有" => Some(true),
        "" | "0" | "no" | "false" | "否" | "No" | "NO" | "FALSE" | "False" | "无" => Some(false),
        _ => None,
    }
}
