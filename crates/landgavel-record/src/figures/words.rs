//! A score in words: one line per item, gate and veto, with its arithmetic.

use landgavel_base::{Bilingual, Source};
use landgavel_score::{
    Base, Card, ColumnKind, Conversion, Exact, Explanation, ItemPoints, ItemRole, Missing, Rule, RuleJudgement,
    Subject, Way, Why,
};

use crate::language::LoadedCard;

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Id of the item, gate or veto.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// Points, for items.
    pub points: Option<String>,
    /// The arithmetic; the same in both languages but for words.
    pub why: Bilingual,
    /// Whether it holds, for gates and vetoes.
    pub holds: Option<bool>,
    /// Where the clause comes from.
    pub source: Option<String>,
}

/// Writes `value · 10^−decimals` without trailing zeros.
pub fn format_quanta(value: i64, decimals: u8) -> String {
    format_wide(i128::from(value), decimals)
}

fn format_wide(value: i128, decimals: u8) -> String {
    let scale = 10u128.pow(u32::from(decimals.min(30)));
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let places = format!("{rest:0width$}", width = usize::from(decimals));
    format!("{sign}{whole}.{}", places.trim_end_matches('0'))
}

/// A unit as English has it behind a number; one that has no English word stays.
pub(crate) fn unit_in_english(unit: &str) -> &str {
    match unit {
        "分" => "points",
        "年" => "years",
        "人" => "persons",
        "家" => "firms",
        "项" => "items",
        "个" => "projects",
        "亩" => "mu",
        other => other,
    }
}

pub(super) fn decimals_of(kind: &ColumnKind) -> u8 {
    match kind {
        ColumnKind::Number { decimals } => *decimals,
        ColumnKind::YesNo | ColumnKind::Word { .. } => 0,
    }
}

/// An exact number of quanta, to ten decimals where it does not end.
fn format_exact(value: Exact, decimals: u8) -> String {
    const MORE: u32 = 6;
    // A number beyond this is so long that its own digits say enough.
    let Some(scaled) = value.numerator().checked_mul(10i128.pow(MORE)) else {
        return format_wide(value.numerator() / value.denominator(), decimals);
    };
    let is_whole = scaled % value.denominator() == 0;
    let (whole, rest) = (scaled / value.denominator(), scaled % value.denominator());
    let up = i128::from(rest.unsigned_abs() >= value.denominator().unsigned_abs().div_ceil(2));
    let text = format_wide(whole + up * scaled.signum(), decimals + 6);
    if is_whole { text } else { format!("{text}…") }
}

/// A number of quanta that stands so close to a bound that its rounding says the contrary: with as many digits as it has, or as
/// show on which side it stands. What is left off is cut, and the bound has fewer decimals, so the text never reaches it from below.
pub(crate) fn format_itself(value: Exact, decimals: u8) -> String {
    const MORE: u8 = 12;
    const DIGITS_MAX: u8 = 30;
    let (numerator, denominator) = (value.numerator().unsigned_abs(), value.denominator().unsigned_abs());
    let (mut whole, mut rest) = (numerator / denominator, numerator % denominator);
    let mut places = 0;
    // At least one digit more than the bound has; above it, on to the first that is not zero.
    let mut seen = false;
    while rest != 0 && (places < MORE || !seen) && decimals + places < DIGITS_MAX {
        let Some((up, scaled)) = rest.checked_mul(10).zip(whole.checked_mul(10)) else { break };
        (whole, rest) = (scaled + up / denominator, up % denominator);
        seen |= up / denominator != 0;
        places += 1;
    }
    let sign = if value.numerator() < 0 { -1 } else { 1 };
    let text =
        i128::try_from(whole).map_or_else(|_| "?".to_owned(), |whole| format_wide(sign * whole, decimals + places));
    if rest == 0 { text } else { format!("{text}…") }
}

fn decimals_of_subject(card: &Card, subject: Subject) -> u8 {
    match subject {
        Subject::Indicator(id) => card.indicators[id.0].decimals,
        Subject::Column(id) => decimals_of(&card.columns[id.0].kind),
        Subject::Total => card.total_decimals,
        Subject::Dimension(_) => card.points_decimals,
    }
}

/// The lines of an explanation: items first, then gates and vetoes.
pub fn lines(loaded: &LoadedCard, explanation: &Explanation) -> Vec<Line> {
    let card = &loaded.card;
    if let Some((rule, mark)) = explanation.exempt.and_then(|index| card.exemptions.get(index)) {
        let why = Bilingual::new(format!("不参评，记 {mark}"), format!("not evaluated, marked {mark}"));
        let source = source(loaded, &format!("exempt.{}", rule.id), "exempt");
        return vec![Line {
            id: rule.id.clone(),
            name: rule.name.clone(),
            points: None,
            why,
            holds: Some(true),
            source,
        }];
    }
    let measured = explanation.items.iter().zip(&explanation.bases).zip(&explanation.exacts);
    let items = measured.enumerate().map(|(index, ((points, base), exact))| {
        let item = &card.items[index];
        let sign = if item.role == ItemRole::Malus && points.points != 0 { "-" } else { "" };
        Line {
            id: item.id.clone(),
            name: item.name.clone(),
            points: Some(format!("{sign}{}", format_quanta(points.points, card.points_decimals))),
            why: arithmetic(card, index, *points, *base, *exact),
            holds: None,
            source: source(loaded, &format!("items.{}", item.id), "items"),
        }
    });
    let gates = card.gates.iter().zip(&explanation.gates).map(|(rule, judged)| (rule, judged, "gates"));
    let vetoes = card.vetoes.iter().zip(&explanation.vetoes).map(|((rule, _), judged)| (rule, judged, "vetoes"));
    let rules = gates.chain(vetoes).map(|(rule, judged, list)| Line {
        id: rule.id.clone(),
        name: rule.name.clone(),
        points: None,
        why: tests(card, rule, judged),
        holds: Some(judged.holds),
        source: source(loaded, &format!("{list}.{}", rule.id), list),
    });
    let conversion = explanation.total.and_then(|total| total.converted);
    let conversion = conversion.map(|conversion| conversion_line(loaded, conversion));
    items.chain(conversion).chain(rules).collect()
}

/// Whether items of a card may be left out, so that a row has a line of [`conversion_line`].
pub(super) fn may_convert(card: &Card) -> bool {
    card.items.iter().any(|item| item.role == ItemRole::Base && item.missing == Missing::Renormalise)
}

/// What a conversion adds to the points of the items, so that all lines add up.
pub(super) fn conversion_points(conversion: Conversion) -> i64 {
    conversion.result.saturating_sub(conversion.earned)
}

fn conversion_line(loaded: &LoadedCard, conversion: Conversion) -> Line {
    let points = |points: i64| format_quanta(points, loaded.card.points_decimals);
    let Conversion { earned, full, kept, result } = conversion;
    let why = if kept == 0 {
        Bilingual::new("基本分各项全部剔除，记零分", "every base item is left out: zero")
    } else {
        let how = format!("{} × {} ÷ {} = {}", points(earned), points(full), points(kept), points(result));
        Bilingual::new(format!("基本分折算：{how}"), format!("base points: {how}"))
    };
    Line {
        id: CONVERSION.into(),
        name: Bilingual::new("剔除折算", "left out and converted"),
        points: Some(points(conversion_points(conversion))),
        why,
        holds: None,
        source: source(loaded, "items", "items"),
    }
}

/// Id of the line that converts, and head of its column.
pub(super) const CONVERSION: &str = "left_out_converted";

/// Where a clause comes from, in short.
pub(crate) fn source(loaded: &LoadedCard, path: &str, list: &str) -> Option<String> {
    let find = |wanted: &str| loaded.sources.iter().find(|(known, _)| known == wanted);
    find(path).or_else(|| find(list)).map(|(_, source)| match source {
        Source::Assumption => "assumption".to_owned(),
        Source::Published(note) => match &note.article {
            Some(article) => format!("{} {article}", note.law),
            None => note.law.clone(),
        },
    })
}

fn arithmetic(card: &Card, index: usize, points: ItemPoints, base: Base, exact: Option<Exact>) -> Bilingual {
    let item = &card.items[index];
    let raw = format_quanta(points.raw, card.points_decimals);
    let without = |zh: &str, en: &str| {
        let (zh_what, en_what) = match points.value {
            None => ("缺数据", "no value"),
            Some(_) => ("各家均为零，无从比较", "all have zero, so nothing is measured"),
        };
        Bilingual::new(format!("{zh_what}，{zh}"), format!("{en_what}: {en}"))
    };
    let (zh, en) = match points.why {
        Why::MissingZero => return without("记零分", "zero"),
        Why::MissingMean => return without("记本组平均分", "the mean points of the group"),
        Why::LeftOut => return without("剔除并折算其余各项", "left out, the other items count for more"),
        Why::Counted => (String::new(), String::new()),
        Why::Capped => {
            let most = format_quanta(item.most.unwrap_or(points.points), card.points_decimals);
            (format!("，封顶 {most}"), format!(", capped at {most}"))
        }
        Why::Floored => ("，负分记零".to_owned(), ", raised to zero".to_owned()),
    };
    let Some(way) = points.way.and_then(|way| item.ways.get(way)) else { return Bilingual::default() };
    let value = match (exact, way.indicator()) {
        (Some(exact), Some(id)) => format_itself(exact, card.indicators[id.0].decimals),
        _ => value_text(card, way, points.value.unwrap_or_default()),
    };
    let weight = format_quanta(item.weight, card.points_decimals);
    let (zh_how, en_how) = match (way, base) {
        (Way::Linear { indicator, .. }, Base::Ratio { benchmark, .. }) => {
            let base = format_exact(benchmark, card.indicators[indicator.0].decimals);
            let how = format!("{value} ÷ {base} × {weight} = {raw}");
            (how.clone(), how)
        }
        (Way::MinMax { indicator, at_least, at_greatest, .. }, Base::Range { least, greatest }) => {
            let decimals = card.indicators[indicator.0].decimals;
            let (low, high) =
                (format_quanta(*at_least, card.points_decimals), format_quanta(*at_greatest, card.points_decimals));
            if least == greatest {
                return Bilingual::new(
                    format!("{value}，各家相同，得满分 {raw}"),
                    format!("{value}, alike for all: full points, {raw}"),
                );
            }
            let (least, greatest) = (format_quanta(least, decimals), format_quanta(greatest, decimals));
            let how = format!("{low} + ({high} − {low}) × ({value} − {least}) ÷ ({greatest} − {least}) = {raw}");
            (how.clone(), how)
        }
        (Way::Steps { .. }, _) => (format!("{value}，分档得 {raw}"), format!("{value}: the step gives {raw}")),
        (Way::PerUnit { indicator, each, points, .. }, _) => {
            let each = format_quanta(*each, card.indicators[indicator.0].decimals);
            let points = format_quanta(*points, card.points_decimals);
            (
                format!("{value}，每满 {each} 得 {points}，共 {raw}"),
                format!("{value}: {points} for each full {each}, {raw} in all"),
            )
        }
        _ => (format!("{value}，得 {raw}"), format!("{value}: {raw}")),
    };
    Bilingual::new(format!("{zh_how}{zh}"), format!("{en_how}{en}"))
}

fn value_text(card: &Card, way: &Way, value: i64) -> String {
    match way {
        Way::Choice { column, .. } => cell_text(&card.columns[column.0].kind, value),
        Way::Linear { indicator, .. }
        | Way::MinMax { indicator, .. }
        | Way::Steps { indicator, .. }
        | Way::PerUnit { indicator, .. } => format_quanta(value, card.indicators[indicator.0].decimals),
    }
}

fn cell_text(kind: &ColumnKind, value: i64) -> String {
    match kind {
        ColumnKind::Number { decimals } => format_quanta(value, *decimals),
        ColumnKind::YesNo => if value == 1 { "是 yes" } else { "否 no" }.to_owned(),
        ColumnKind::Word { words } => usize::try_from(value)
            .ok()
            .and_then(|index| words.get(index))
            .cloned()
            .unwrap_or_else(|| "其他 other".into()),
    }
}

fn tests(card: &Card, rule: &Rule, judged: &RuleJudgement) -> Bilingual {
    let alternatives = rule.any_of.iter().zip(&judged.alternatives).map(|(tests, judged)| {
        let tests = tests.iter().zip(judged).map(|(test, judged)| {
            let value = match (judged.value, test.subject) {
                (Some(_), Subject::Indicator(_) | Subject::Column(_)) if judged.exact.is_some() => {
                    let decimals = decimals_of_subject(card, test.subject);
                    judged.exact.map_or_else(String::new, |exact| format_itself(exact, decimals))
                }
                (None, _) => "?".to_owned(),
                (Some(value), Subject::Total) => format_quanta(value, card.total_decimals),
                (Some(value), Subject::Dimension(_)) => format_quanta(value, card.points_decimals),
                (Some(value), Subject::Indicator(id)) => format_quanta(value, card.indicators[id.0].decimals),
                (Some(value), Subject::Column(id)) => cell_text(&card.columns[id.0].kind, value),
            };
            format!("{} {} ({value})", if judged.holds { "✓" } else { "✗" }, test.text)
        });
        tests.collect::<Vec<_>>()
    });
    let alternatives: Vec<Vec<String>> = alternatives.collect();
    let join = |and: &str, or: &str| alternatives.iter().map(|tests| tests.join(and)).collect::<Vec<_>>().join(or);
    Bilingual::new(join(" 且 ", " 或 "), join(" and ", " or "))
}
