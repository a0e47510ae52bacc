//! Units as they are written, what they measure, and numbers with units.

use landgavel_base::{Money, PeriodUnit, Quantity};
use landgavel_sale::rulebook::{Attribute, Per, Unit, UnitKind};

use super::finding::{Code, Problem};
use super::number::{Exact, write_decimal};

/// Minor digits of currencies that differ from two, and those that sales are known in. Source: ISO 4217.
const MINOR_DIGITS: [(&str, u32); 24] = [
    ("AED", 2),
    ("AUD", 2),
    ("BHD", 3),
    ("CAD", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CNY", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("IDR", 2),
    ("INR", 2),
    ("ISK", 0),
    ("JPY", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("MOP", 2),
    ("NZD", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TWD", 2),
    ("UAH", 2),
    ("USD", 2),
    ("VND", 0),
];

const MULTIPLES: [(&str, i64); 8] = [
    ("thousand", 1_000),
    ("ten-thousand", 10_000),
    ("lakh", 100_000),
    ("hundred-thousand", 100_000),
    ("million", 1_000_000),
    ("crore", 10_000_000),
    ("hundred-million", 100_000_000),
    ("billion", 1_000_000_000),
];

/// Digits after the point of a currency; two for one that the table does not name.
pub fn minor_digits(currency: &str) -> u32 {
    MINOR_DIGITS.iter().find(|(code, _)| *code == currency).map_or(2, |(_, digits)| *digits)
}

/// Whether a text has the form of an ISO 4217 code.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// A unit that was read: its kind, and the currency or word that the kind leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) kind: UnitKind,
    /// Currency of money, word of another thing; empty otherwise.
    pub(crate) word: String,
}

/// Reads a unit such as `万元/亩·年`, `m2`, `%`, `other:jobs`.
pub(crate) fn read_unit(text: &str) -> Result<Reading, Problem> {
    let text = text.trim();
    if let Some(word) = text.strip_prefix("other:").map(str::trim).filter(|word| word.starts_with(char::is_alphabetic))
    {
        return Ok(Reading { kind: UnitKind::Other, word: word.to_owned() });
    }
    let simple = |kind| Ok(Reading { kind, word: String::new() });
    if let Some((numerator, denominator)) = area_hundredths(text) {
        return simple(UnitKind::Area { numerator, denominator });
    }
    match text {
        "%" | "percent" | "％" => return simple(UnitKind::Percent),
        "分" | "point" | "points" => return simple(UnitKind::Points),
        "年" | "year" | "years" => return simple(UnitKind::Time(PeriodUnit::Year)),
        "月" | "个月" | "month" | "months" => return simple(UnitKind::Time(PeriodUnit::Month)),
        "日" | "天" | "day" | "days" => return simple(UnitKind::Time(PeriodUnit::Day)),
        "个工作日" | "工作日" | "working day" | "working days" => {
            return simple(UnitKind::Time(PeriodUnit::WorkingDay));
        }
        _ => {}
    }
    read_money_unit(text).ok_or_else(|| {
        Problem::of(Code::BadUnit, format_args!("`{text}`")).expected(
            "万元, 元, 亿元, SGD, million-HKD …, with /亩, /m2, /ha, /年; m2, 亩, ha, %, 年, 月, 日, 分, or other:WORD",
        )
    })
}

fn read_money_unit(text: &str) -> Option<Reading> {
    let mut words = text.split(['/', '·']).map(str::trim);
    let (multiple, currency) = money_word(words.next()?)?;
    let mut per = None;
    let mut yearly = false;
    for word in words {
        match (word, area_hundredths(word)) {
            ("年" | "year" | "a", _) if !yearly => yearly = true,
            (_, Some((200_000, 3))) if per.is_none() && !yearly => per = Some(Per::Mu),
            (_, Some((100, 1))) if per.is_none() && !yearly => per = Some(Per::SquareMetre),
            (_, Some((1_000_000, 1))) if per.is_none() && !yearly => per = Some(Per::Hectare),
            _ => return None,
        }
    }
    let minor_per_unit = multiple.checked_mul(10i64.pow(minor_digits(&currency)))?;
    let kind = UnitKind::Money { minor_per_unit, per: per.unwrap_or(Per::Lot), yearly };
    Some(Reading { kind, word: currency })
}

fn money_word(word: &str) -> Option<(i64, String)> {
    match word {
        "元" | "yuan" => return Some((1, "CNY".into())),
        "万元" | "wan-yuan" => return Some((10_000, "CNY".into())),
        "亿元" | "yi-yuan" => return Some((100_000_000, "CNY".into())),
        _ => {}
    }
    if is_currency(word) {
        return Some((1, word.to_owned()));
    }
    let (prefix, code) = word.rsplit_once('-')?;
    let (_, multiple) = MULTIPLES.iter().find(|(name, _)| *name == prefix)?;
    is_currency(code).then(|| (*multiple, code.to_owned()))
}

fn area_hundredths(word: &str) -> Option<(i64, i64)> {
    match word {
        "m2" | "m²" | "㎡" | "平方米" => Some((100, 1)),
        "亩" | "mu" => Some((200_000, 3)),
        "ha" | "公顷" => Some((1_000_000, 1)),
        _ => None,
    }
}

/// How much one unit is, in the smallest common unit of what it measures, and what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    Money { per_area: bool, yearly: bool },
    Area,
    Percent,
    Days,
    WorkingDays,
    Months,
    Points,
    Other,
}

pub(crate) fn dimension(kind: UnitKind) -> (Dimension, Exact) {
    let exact = |numerator: i64, denominator: i64| {
        Exact::new(i128::from(numerator), i128::from(denominator)).expect("unit tables have positive denominators")
    };
    match kind {
        UnitKind::Money { minor_per_unit, per, yearly } => {
            // Minor units for the lot, or for each hundredth of a square metre.
            let (per_area, factor) = match per {
                Per::Lot => (false, Exact::whole(i128::from(minor_per_unit))),
                Per::SquareMetre => (true, exact(minor_per_unit, 100)),
                Per::Hectare => (true, exact(minor_per_unit, 1_000_000)),
                Per::Mu => (true, Exact::new(i128::from(minor_per_unit) * 3, 200_000).expect("positive denominator")),
            };
            (Dimension::Money { per_area, yearly }, factor)
        }
        UnitKind::Area { numerator, denominator } => (Dimension::Area, exact(numerator, denominator)),
        UnitKind::Percent => (Dimension::Percent, Exact::ONE),
        UnitKind::Time(PeriodUnit::Day) => (Dimension::Days, Exact::ONE),
        UnitKind::Time(PeriodUnit::WorkingDay) => (Dimension::WorkingDays, Exact::ONE),
        UnitKind::Time(PeriodUnit::Month) => (Dimension::Months, Exact::ONE),
        UnitKind::Time(PeriodUnit::Year) => (Dimension::Months, Exact::whole(12)),
        UnitKind::Points => (Dimension::Points, Exact::ONE),
        UnitKind::Other => (Dimension::Other, Exact::ONE),
    }
}

/// Splits `1800 万元` into number and unit text.
pub(crate) fn split_number(text: &str) -> Option<(Exact, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    // `1,800` and `1_800` are refused: a comma is a point in half of the world.
    if rest.starts_with([',', '_', '，', '\'']) {
        return None;
    }
    Some((Exact::parse(number)?, rest.trim()))
}

/// The number in the attribute's own quanta, exact; the unit may be left out.
pub(crate) fn quanta(attribute: &Attribute, number: Exact, unit: &str) -> Result<Exact, Problem> {
    let wrong = || {
        Problem::of(Code::WrongUnit, format_args!("`{unit}`")).expected(format!("an amount in {}", attribute.unit.text))
    };
    let scale = Exact::whole(i128::from(attribute.quanta_per_unit()));
    let beyond = || Problem::of(Code::BeyondRange, "the number is too large");
    if unit.is_empty() || unit == attribute.unit.text {
        return number.times(scale).ok_or_else(beyond);
    }
    if attribute.unit.kind == UnitKind::Other {
        return Err(wrong());
    }
    let own = read_unit(&attribute.unit.text)?;
    let reading = read_unit(unit)?;
    let ((own_dimension, own_factor), (dimension, factor)) = (dimension(own.kind), dimension(reading.kind));
    if own_dimension != dimension || own.word != reading.word {
        return Err(wrong());
    }
    number
        .times(factor)
        .and_then(|exact| exact.over(own_factor))
        .and_then(|exact| exact.times(scale))
        .ok_or_else(beyond)
}

/// Makes quanta of an exact number of them.
pub(crate) fn whole_quanta(attribute: &Attribute, exact: Exact, text: &str) -> Result<Quantity, Problem> {
    let whole = exact.as_whole().ok_or_else(|| {
        let code = if split_number(text).is_some_and(|(_, unit)| unit.is_empty() || unit == attribute.unit.text) {
            Code::BadAmount
        } else {
            Code::WrongUnit
        };
        let quantum = format_quantity(attribute, Quantity::new(1).unwrap_or_default());
        Problem::of(code, format_args!("`{text}` is no whole number of {quantum}"))
            .expected(format!("a whole multiple of {quantum}"))
    })?;
    let quantity = i64::try_from(whole).ok().and_then(Quantity::new);
    quantity.ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`{text}`")))
}

pub(crate) fn read_quantity(attribute: &Attribute, text: &str) -> Result<Quantity, Problem> {
    let bad = || {
        Problem::of(Code::BadAmount, format_args!("`{text}`"))
            .expected(format!("a number in {}, such as \"12.5 {}\"", attribute.unit.text, attribute.unit.text))
    };
    let (number, unit) = split_number(text).ok_or_else(bad)?;
    whole_quanta(attribute, quanta(attribute, number, unit)?, text.trim())
}

pub(crate) fn read_money(text: &str, currency: &str) -> Result<Money, Problem> {
    let bad = || {
        let example = if currency == "CNY" { "360 万元".to_owned() } else { format!("360 {currency}") };
        Problem::of(Code::BadAmount, format_args!("`{text}`")).expected(format!("money such as \"{example}\""))
    };
    let (number, unit) = split_number(text).ok_or_else(bad)?;
    let exact = minor_units(number, unit, currency)?;
    let whole = exact
        .as_whole()
        .ok_or_else(|| Problem::of(Code::BadAmount, format_args!("`{text}` is finer than the minor unit")))?;
    i64::try_from(whole)
        .ok()
        .and_then(Money::from_minor)
        .ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`{text}`")))
}

/// Money with its unit, in minor units of the currency.
pub(crate) fn minor_units(number: Exact, unit: &str, currency: &str) -> Result<Exact, Problem> {
    let wrong = || Problem::of(Code::WrongUnit, format_args!("`{unit}`")).expected(format!("money in {currency}"));
    if unit.is_empty() {
        return Err(wrong());
    }
    let reading = read_unit(unit)?;
    let UnitKind::Money { minor_per_unit, per: Per::Lot, yearly: false } = reading.kind else { return Err(wrong()) };
    if reading.word != currency {
        return Err(wrong());
    }
    number
        .times(Exact::whole(i128::from(minor_per_unit)))
        .ok_or_else(|| Problem::of(Code::BeyondRange, "the number is too large"))
}

/// The unit of an attribute, in the rulebook's currency.
pub(crate) fn attribute_unit(text: &str, currency: &str) -> Result<Unit, Problem> {
    let reading = read_unit(text)?;
    match reading.kind {
        UnitKind::Money { .. } if reading.word != currency => {
            Err(Problem::of(Code::WrongUnit, format_args!("`{text}`")).expected(format!("money in {currency}")))
        }
        UnitKind::Other => Ok(Unit { text: reading.word, kind: reading.kind }),
        kind => Ok(Unit { text: text.trim().to_owned(), kind }),
    }
}

/// The unit of an attribute whose own could not be read.
pub(crate) fn unread_unit() -> Unit {
    Unit { text: UNREAD.into(), kind: UnitKind::Other }
}

/// Whether an attribute's unit could not be read: nothing can be said of its amounts then.
pub(crate) fn is_unread(attribute: &Attribute) -> bool {
    attribute.unit.kind == UnitKind::Other && attribute.unit.text == UNREAD
}

const UNREAD: &str = "?";

/// Decimals that an attribute keeps when it does not say.
pub(crate) fn default_decimals(kind: UnitKind) -> u8 {
    match kind {
        UnitKind::Money { minor_per_unit, per: Per::Lot, .. } => {
            u8::try_from(minor_per_unit.unsigned_abs().checked_ilog10().unwrap_or(0)).unwrap_or(2)
        }
        UnitKind::Money { .. }
        | UnitKind::Area { .. }
        | UnitKind::Percent
        | UnitKind::Time(_)
        | UnitKind::Points
        | UnitKind::Other => 2,
    }
}

/// Writes a quantity with its unit: `1820 万元`.
pub fn format_quantity(attribute: &Attribute, quantity: Quantity) -> String {
    format!("{} {}", write_decimal(quantity.quanta(), u32::from(attribute.decimals)), attribute.unit.text)
}

/// Reads a quantity; the unit may be left out, or be another unit of the same measure.
///
/// # Errors
///
/// A sentence that says what is wrong and what was expected.
pub fn parse_quantity(attribute: &Attribute, text: &str) -> Result<Quantity, String> {
    read_quantity(attribute, text).map_err(sentence)
}

/// Reads money such as `360 万元` or `1.5 million-SGD`.
///
/// # Errors
///
/// A sentence that says what is wrong and what was expected.
pub fn parse_money(text: &str, currency: &str) -> Result<Money, String> {
    read_money(text, currency).map_err(sentence)
}

pub(super) fn sentence(problem: Problem) -> String {
    match problem.expected {
        Some(expected) => format!("{} Expected: {expected}.", problem.en),
        None => problem.en,
    }
}

/// Writes money: renminbi in `万元` from 10,000 元 on, otherwise in `元`; other currencies with their code.
pub fn format_money(money: Money, currency: &str) -> String {
    let digits = minor_digits(currency);
    if currency != "CNY" {
        return format!("{} {currency}", write_decimal(money.minor(), digits));
    }
    let is_large = money.minor().unsigned_abs() >= 1_000_000;
    if is_large {
        format!("{} 万元", write_decimal(money.minor(), digits + 4))
    } else {
        format!("{} 元", write_decimal(money.minor(), digits))
    }
}
