//! Amounts as people write them: grouped digits, the unit's own words, nothing rounded.

use landgavel_base::{Duration, Instant, Money, Period, PeriodUnit, Quantity, Ratio, UtcOffset};
use landgavel_sale::rulebook::{Attribute, Per, UnitKind, Within};

use crate::language::minor_digits;
use crate::words::Language;

/// Writes an integer count of 10^−places with grouped digits; no more decimals than `keep` that end in zero.
fn decimal(value: i128, places: u32, keep: u32) -> String {
    let digits = value.unsigned_abs().to_string();
    let width = usize::try_from(places).expect("few places");
    let padded = format!("{digits:0>least$}", least = width + 1);
    let (whole, fraction) = padded.split_at(padded.len() - width);
    let kept = usize::try_from(keep).expect("few places").min(width);
    let fraction = &fraction[..fraction.trim_end_matches('0').len().max(kept)];
    // An integer is shown bare; decimals that must be kept are kept only beside others.
    let fraction = if fraction.bytes().all(|digit| digit == b'0') { "" } else { fraction };
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Writes a quantity with its unit: `1,820万元`, `CNY 18,200,000`, `25万元/亩·年`, `CNY 250,000 per mu per year`.
pub fn quantity_in_words(attribute: &Attribute, quantity: Quantity, currency: &str, language: Language) -> String {
    let (quanta, places) = (i128::from(quantity.quanta()), u32::from(attribute.decimals));
    let number = decimal(quanta, places, 0);
    let is_one = quanta == 10i128.pow(places);
    let text = attribute.unit.text.strip_prefix("other:").unwrap_or(&attribute.unit.text);
    match (attribute.unit.kind, language) {
        (UnitKind::Money { .. }, Language::Zh) if !text.is_ascii() => format!("{number}{text}"),
        (UnitKind::Money { minor_per_unit, per, yearly }, _) => {
            let digits = minor_digits(currency);
            let major = decimal(quanta * i128::from(minor_per_unit), places + digits, digits);
            match language {
                Language::Zh => {
                    format!("{major} {currency}{}{}", per_in_words(per, language), if yearly { "·年" } else { "" })
                }
                Language::En => {
                    format!(
                        "{currency} {major}{}{}",
                        per_in_words(per, language),
                        if yearly { " per year" } else { "" }
                    )
                }
            }
        }
        (UnitKind::Area { .. } | UnitKind::Other, Language::Zh) => match text {
            "m2" | "m²" => format!("{number}平方米"),
            "mu" => format!("{number}亩"),
            "ha" => format!("{number}公顷"),
            other => format!("{number}{}{other}", if other.is_ascii() { " " } else { "" }),
        },
        (UnitKind::Area { .. } | UnitKind::Other, Language::En) => match text {
            "m2" | "平方米" => format!("{number} m²"),
            "亩" => format!("{number} mu"),
            "公顷" => format!("{number} ha"),
            other => format!("{number} {other}"),
        },
        (UnitKind::Percent, _) => format!("{number}%"),
        (UnitKind::Time(unit), _) => format!("{number}{}", unit_in_words(unit, is_one, language)),
        (UnitKind::Points, Language::Zh) => format!("{number}分"),
        (UnitKind::Points, Language::En) => format!("{number} {}", if is_one { "point" } else { "points" }),
    }
}

/// What one unit of an attribute is, without a number.
pub(crate) fn unit_in_text(attribute: &Attribute, currency: &str, language: Language) -> String {
    let text = attribute.unit.text.strip_prefix("other:").unwrap_or(&attribute.unit.text);
    match (attribute.unit.kind, language) {
        (UnitKind::Money { .. }, Language::Zh) => text.to_owned(),
        (UnitKind::Money { per, yearly, .. }, Language::En) => {
            format!("{currency}{}{}", per_in_words(per, language), if yearly { " per year" } else { "" })
        }
        (UnitKind::Area { .. } | UnitKind::Percent | UnitKind::Other, _) => {
            let one = quantity_in_words(attribute, Quantity::ZERO, currency, language);
            one.trim_start_matches('0').trim_start().to_owned()
        }
        (UnitKind::Time(unit), _) => unit_in_words(unit, false, language).trim().to_owned(),
        (UnitKind::Points, Language::Zh) => "分".to_owned(),
        (UnitKind::Points, Language::En) => "points".to_owned(),
    }
}

fn per_in_words(per: Per, language: Language) -> &'static str {
    match (per, language) {
        (Per::Lot, _) => "",
        (Per::Mu, Language::Zh) => "/亩",
        (Per::SquareMetre, Language::Zh) => "/平方米",
        (Per::Hectare, Language::Zh) => "/公顷",
        (Per::Mu, Language::En) => " per mu",
        (Per::SquareMetre, Language::En) => " per m²",
        (Per::Hectare, Language::En) => " per hectare",
    }
}

fn unit_in_words(unit: PeriodUnit, is_one: bool, language: Language) -> &'static str {
    match (unit, language, is_one) {
        (PeriodUnit::Day, Language::Zh, _) => "日",
        (PeriodUnit::WorkingDay, Language::Zh, _) => "个工作日",
        (PeriodUnit::Month, Language::Zh, _) => "个月",
        (PeriodUnit::Year, Language::Zh, _) => "年",
        (PeriodUnit::Day, Language::En, true) => " day",
        (PeriodUnit::Day, Language::En, false) => " days",
        (PeriodUnit::WorkingDay, Language::En, true) => " working day",
        (PeriodUnit::WorkingDay, Language::En, false) => " working days",
        (PeriodUnit::Month, Language::En, true) => " month",
        (PeriodUnit::Month, Language::En, false) => " months",
        (PeriodUnit::Year, Language::En, true) => " year",
        (PeriodUnit::Year, Language::En, false) => " years",
    }
}

/// Writes money exactly: renminbi in `万元` from 10,000 yuan on; otherwise, and in English, in full.
pub fn money_in_words(money: Money, currency: &str, language: Language) -> String {
    let (minor, digits) = (i128::from(money.minor()), minor_digits(currency));
    match language {
        Language::En => format!("{currency} {}", decimal(minor, digits, digits)),
        Language::Zh if currency != "CNY" => format!("{} {currency}", decimal(minor, digits, digits)),
        Language::Zh if minor.unsigned_abs() >= 1_000_000 => format!("{}万元", decimal(minor, digits + 4, 0)),
        Language::Zh => format!("{}元", decimal(minor, digits, digits)),
    }
}

/// Writes a share: `120%`, `37.5%`.
pub(crate) fn percent(share: Ratio) -> String {
    format!("{}%", decimal(i128::from(share.ppm()), 4, 0))
}

/// Writes a length of time by the clock: `1小时30分钟`, `1 hour 30 minutes`; days say how many hours they are.
pub fn duration_in_words(duration: Duration, language: Language) -> String {
    const DAY: i64 = 86_400_000;
    let millis = duration.millis();
    if millis > 0 && millis % DAY == 0 {
        let (days, hours) = (millis / DAY, millis / 3_600_000);
        let day = if days == 1 { "day" } else { "days" };
        return match language {
            Language::Zh => format!("{days}天（{hours}小时）"),
            Language::En => format!("{days} {day} ({hours} hours)"),
        };
    }
    let parts = [
        (millis / 3_600_000, "小时", "hour"),
        (millis / 60_000 % 60, "分钟", "minute"),
        (millis / 1000 % 60, "秒", "second"),
        (millis % 1000, "毫秒", "millisecond"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, zh, en)| match language {
            Language::Zh => format!("{count}{zh}"),
            Language::En => format!("{count} {en}{}", if count == 1 { "" } else { "s" }),
        })
        .collect();
    match (words.is_empty(), language) {
        (true, Language::Zh) => "0秒".to_owned(),
        (true, Language::En) => "0 seconds".to_owned(),
        (false, Language::Zh) => words.concat(),
        (false, Language::En) => words.join(" "),
    }
}

/// Writes a legal term: `10个工作日`, `10 working days`.
pub fn period_in_words(period: Period, language: Language) -> String {
    format!("{}{}", period.count, unit_in_words(period.unit, period.count == 1, language))
}

/// Writes a time limit of either sort.
pub(crate) fn within_in_words(within: Within, language: Language) -> String {
    match within {
        Within::Time(duration) => duration_in_words(duration, language),
        Within::Period(period) => period_in_words(period, language),
    }
}

/// Writes a moment with its offset: `2026-03-01 09:00:00 UTC+08:00`.
pub fn instant_in_words(instant: Instant, offset: UtcOffset) -> String {
    format!("{} UTC{offset}", instant.local(offset))
}
