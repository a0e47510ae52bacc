//! The value of a cell as text: exact, or recognisable as what is no figure.

use landgavel_base::Date;

/// How the cells of a style are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Plain,
    Percent,
    Date,
}

/// The format of a code: of one that every workbook knows, or of one that this workbook defines.
pub(super) fn format(id: u32, code: Option<&str>) -> Format {
    match (id, code) {
        (_, Some(code)) => of_code(code),
        // Numbers of built-in formats: ECMA-376 part 1, 18.8.30; 27 to 58 are dates in East Asian workbooks.
        (9 | 10, None) => Format::Percent,
        (14..=22 | 27..=36 | 45..=47 | 50..=58, None) => Format::Date,
        (_, None) => Format::Plain,
    }
}

/// What a code shows: quoted and escaped letters and what stands in brackets mean nothing.
fn of_code(code: &str) -> Format {
    let (mut is_quoted, mut depth, mut is_escaped) = (false, 0u32, false);
    for letter in code.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' | '_' | '*' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '%' => return Format::Percent,
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => return Format::Date,
            _ => {}
        }
    }
    Format::Plain
}

/// The exact text of a number cell: the shortest decimal that is the same double.
pub(super) fn number(text: &str, format: Format, has_1904: bool) -> String {
    let shortest = match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{number}"),
        // What is no number stays what it is, for the reader of tables to refuse.
        Ok(_) | Err(_) => return text.trim().to_owned(),
    };
    let shortest = if shortest == "-0" { "0".to_owned() } else { shortest };
    match format {
        Format::Plain => shortest,
        Format::Percent => format!("{}%", hundredfold(&shortest)),
        Format::Date => day(&shortest, has_1904).unwrap_or(shortest),
    }
}

/// A decimal text times a hundred, by its point alone.
fn hundredfold(text: &str) -> String {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let mut places = places.to_owned();
    while places.len() < 2 {
        places.push('0');
    }
    let (moved, rest) = places.split_at(2);
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let all = format!("{digits}{moved}");
    let all = all.trim_start_matches('0');
    let all = if all.is_empty() { "0" } else { all };
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{all}") } else { format!("{sign}{all}.{rest}") }
}

/// The day of a serial number; a time of day is told by a `+`.
fn day(text: &str, has_1904: bool) -> Option<String> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let serial: i32 = whole.parse().ok().filter(|serial| *serial >= 0)?;
    // Day 60 of the 1900 system is a 29 February that never was.
    let (year, shift) = match (has_1904, serial) {
        (true, serial) => (1904, serial),
        (false, 0) => return None,
        (false, serial @ 1..=60) => (1900, serial - 1),
        (false, serial) => (1900, serial - 2),
    };
    let first = Date::from_ymd(year, 1, 1)?;
    let day = first.plus_days(shift)?;
    Some(if places.is_empty() { day.to_string() } else { format!("{day}+") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_decimals_that_are_the_same_double() {
        let plain = |text: &str| number(text, Format::Plain, false);
        let cases = [
            ("48.194000000000003", "48.194"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("1E-3", "0.001"),
            ("1.5E+4", "15000"),
            ("-0", "0"),
            ("2000", "2000"),
            ("9007199254740993", "9007199254740992"),
            ("#DIV/0!", "#DIV/0!"),
            ("1e999", "1e999"),
        ];
        for (text, exact) in cases {
            assert_eq!(plain(text), exact, "{text}");
        }
        assert_eq!(number("0.0275", Format::Percent, false), "2.75%");
        assert_eq!(number("-1.5", Format::Percent, false), "-150%");
        assert_eq!(number("0.5", Format::Percent, false), "50%");
        assert_eq!(number("0", Format::Percent, false), "0%");
        assert_eq!(number("0.00005", Format::Percent, false), "0.005%");
    }

    #[test]
    fn dates_are_days_and_no_numbers() {
        let date = |text: &str, has_1904| number(text, Format::Date, has_1904);
        assert_eq!(date("45992", false), "2025-12-01");
        assert_eq!(date("45992.5", false), "2025-12-01+");
        assert_eq!(date("61", false), "1900-03-01");
        assert_eq!(date("1", false), "1900-01-01");
        assert_eq!(date("0", true), "1904-01-01");
        assert_eq!(date("99999999999", false), "99999999999");
    }

    #[test]
    fn formats_are_known_by_number_and_by_code() {
        assert_eq!(
            (format(0, None), format(9, None), format(14, None)),
            (Format::Plain, Format::Percent, Format::Date)
        );
        assert_eq!(format(164, Some("0.00%")), Format::Percent);
        assert_eq!(format(164, Some("yyyy\"年\"m\"月\"d\"日\"")), Format::Date);
        assert_eq!(format(164, Some("#,##0.00\"万元 d%\"")), Format::Plain);
        assert_eq!(format(164, Some("[Red]0.0_);\\d0")), Format::Plain);
    }
}
