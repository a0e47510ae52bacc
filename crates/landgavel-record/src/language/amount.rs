//! Amount expressions: `120 % of $price_start`, `price.cap + price.step`, `360 万元`.

use landgavel_base::{Money, Quantity, Ratio};
use landgavel_sale::rulebook::{Amount, AttributeId, Part, Reference, StageId};

use super::finding::{Code, Problem};
use super::number::Exact;
use super::scope::{Scope, Site};
use super::shape::unknown;
use super::unit;

/// Longest sum: no published rule adds more than three values.
const TERMS_MAX: usize = 16;

/// One summand as written.
struct Term<'text> {
    is_negative: bool,
    /// Share of the base; one when only the base stands there.
    share: Exact,
    /// Whether the share came as a percentage, so that a constant may be rounded down.
    is_share: bool,
    base: Base<'text>,
}

enum Base<'text> {
    Literal(Exact, &'text str),
    Parameter(&'text str),
    /// `price.cap`, or `cap` alone.
    Name(&'text str),
}

const GRAMMAR: &str = "amounts, $parameters, `N % of X`, `N x X`, with `+` and `-` between them";

fn bad(text: &str) -> Problem {
    Problem::of(Code::BadAmount, format_args!("`{text}`")).expected(GRAMMAR)
}

/// Splits at `+`, and at `-` with blanks around it (ids and units may contain `-`).
fn terms<'text>(text: &'text str, scope: &Scope<'_>) -> Result<Vec<Term<'text>>, Problem> {
    let mut out = Vec::new();
    let mut is_negative = false;
    let mut rest = text;
    loop {
        let plus = rest.find('+').map(|index| (index, 1, false));
        let minus = [" - ", " − ", " – "]
            .iter()
            .filter_map(|sign| rest.find(sign).map(|index| (index, sign.len(), true)))
            .min();
        let cut = match (plus, minus) {
            (Some(plus), Some(minus)) => Some(plus.min(minus)),
            (plus, minus) => plus.or(minus),
        };
        let (head, next) =
            cut.map_or((rest, None), |(at, len, negative)| (&rest[..at], Some((&rest[at + len..], negative))));
        out.push(term(head.trim(), is_negative, scope).map_err(|problem| match problem {
            Some(problem) => problem,
            None => bad(text),
        })?);
        if out.len() > TERMS_MAX {
            return Err(bad(text));
        }
        match next {
            Some((tail, negative)) => (rest, is_negative) = (tail, negative),
            None => return Ok(out),
        }
    }
}

/// `Err(None)` means that the term does not follow the grammar.
fn term<'text>(text: &'text str, is_negative: bool, scope: &Scope<'_>) -> Result<Term<'text>, Option<Problem>> {
    if let Some((left, base)) = split_of(text) {
        let share = match left.strip_prefix('$') {
            Some(name) => scope.percent_parameter(name).map_err(Some)?,
            None => read_percent(left).map_err(|_| None)?,
        };
        return Ok(Term { is_negative, share, is_share: true, base: base_of(base)? });
    }
    if let Some((number, rest)) = unit::split_number(text) {
        let multiplied = ["x ", "X ", "×", "*"].iter().find_map(|sign| rest.strip_prefix(sign));
        if let Some(base) = multiplied {
            return Ok(Term { is_negative, share: number, is_share: true, base: base_of(base.trim())? });
        }
    }
    Ok(Term { is_negative, share: Exact::ONE, is_share: false, base: base_of(text)? })
}

fn split_of(text: &str) -> Option<(&str, &str)> {
    let (left, base) = text.split_once(" of ")?;
    Some((left.trim(), base.trim()))
}

fn base_of(text: &str) -> Result<Base<'_>, Option<Problem>> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
    };
    if let Some(name) = text.strip_prefix('$') {
        return if is_name(name) { Ok(Base::Parameter(name)) } else { Err(None) };
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return unit::split_number(text).map(|(number, unit)| Base::Literal(number, unit)).ok_or(None);
    }
    if is_name(text) { Ok(Base::Name(text)) } else { Err(None) }
}

/// Reads `37.5 %` as a fraction of one.
pub(crate) fn read_percent(text: &str) -> Result<Exact, Problem> {
    let bad = || Problem::of(Code::BadPercent, format_args!("`{text}`")).expected("a percentage such as \"37.5 %\"");
    let (number, unit) = unit::split_number(text).ok_or_else(bad)?;
    if !matches!(unit, "%" | "％" | "percent") {
        return Err(bad());
    }
    number.over(Exact::whole(100)).ok_or_else(bad)
}

/// A fraction of one as a ratio in parts per million.
pub(crate) fn ratio(share: Exact, text: &str) -> Result<Ratio, Problem> {
    share
        .times(Exact::whole(1_000_000))
        .and_then(Exact::as_whole)
        .and_then(|ppm| i64::try_from(ppm).ok())
        .and_then(Ratio::from_ppm)
        .ok_or_else(|| Problem::of(Code::BadPercent, format_args!("`{text}`")).expected("a share down to 0.0001 %"))
}

/// Reads an amount of an attribute.
pub(crate) fn amount(text: &str, attribute: AttributeId, site: Site, scope: &Scope<'_>) -> Result<Amount, Problem> {
    let target = scope.attribute(attribute);
    if unit::is_unread(target) {
        return Err(Problem::consequence());
    }
    let mut total: i128 = 0;
    let mut parts = Vec::new();
    for term in terms(text, scope)? {
        let constant = match term.base {
            Base::Name(name) => {
                let (of, of_attribute) = reference(name, site, scope)?;
                let other = scope.attribute(of_attribute);
                if unit::is_unread(other) {
                    return Err(Problem::consequence());
                }
                if other.unit != target.unit || other.decimals != target.decimals {
                    let detail = format!("`{name}` is in {}", other.unit.text);
                    return Err(
                        Problem::of(Code::WrongUnit, detail).expected(format!("a value in {}", target.unit.text))
                    );
                }
                parts.push(part(&term, of, text)?);
                continue;
            }
            Base::Literal(number, unit) => unit::quanta(target, number, unit)?,
            Base::Parameter(name) => scope.parameter_in_quanta(name, target)?,
        };
        let exact =
            constant.times(term.share).ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`{text}`")))?;
        // A share of a constant is rounded down to the quantum; a plain amount must be exact.
        let value =
            if term.is_share { exact.floor() } else { i128::from(unit::whole_quanta(target, exact, text)?.quanta()) };
        total += if term.is_negative { -value } else { value };
    }
    let constant = i64::try_from(total).ok().and_then(Quantity::new);
    let constant = constant.ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`{text}`")))?;
    if parts.is_empty() && constant.quanta() < 0 {
        return Err(Problem::of(Code::NegativeAmount, format_args!("`{text}`")));
    }
    Ok(Amount { constant, parts })
}

/// Reads a sum of money.
pub(crate) fn money(text: &str, site: Site, scope: &Scope<'_>) -> Result<(Money, Vec<Part>), Problem> {
    let beyond = || Problem::of(Code::BeyondRange, format_args!("`{text}`"));
    let mut total = Money::ZERO;
    let mut parts = Vec::new();
    for term in terms(text, scope)? {
        let constant = match term.base {
            Base::Name(name) => {
                let (of, of_attribute) = reference(name, site, scope)?;
                let other = scope.attribute(of_attribute);
                if unit::is_unread(other) {
                    return Err(Problem::consequence());
                }
                if !other.is_money() {
                    let detail = format!("`{name}` is in {}", other.unit.text);
                    return Err(Problem::of(Code::WrongUnit, detail).expected("a value in money"));
                }
                parts.push(part(&term, of, text)?);
                continue;
            }
            Base::Literal(number, unit) => unit::minor_units(number, unit, scope.currency)?,
            Base::Parameter(name) => scope.parameter_in_minor_units(name)?,
        };
        let exact = constant.times(term.share).ok_or_else(beyond)?;
        let whole = if term.is_share { round_half_up(exact) } else { exact.as_whole() };
        let whole =
            whole.ok_or_else(|| Problem::of(Code::BadAmount, format_args!("`{text}` is finer than the minor unit")))?;
        let value = i64::try_from(whole).ok().and_then(Money::from_minor).ok_or_else(beyond)?;
        total =
            if term.is_negative { total.checked_sub(value) } else { total.checked_add(value) }.ok_or_else(beyond)?;
    }
    if parts.is_empty() && total.minor() < 0 {
        return Err(Problem::of(Code::NegativeAmount, format_args!("`{text}`")));
    }
    Ok((total, parts))
}

/// The nearest whole number of minor units, halves up, as for shares of values known later.
fn round_half_up(exact: Exact) -> Option<i128> {
    let doubled = exact.numerator.checked_mul(2)?.checked_add(exact.denominator)?;
    Some(doubled.div_euclid(exact.denominator.checked_mul(2)?))
}

fn part(term: &Term<'_>, of: Reference, text: &str) -> Result<Part, Problem> {
    let share = ratio(term.share, text)?;
    let share = if term.is_negative { Ratio::from_ppm(-share.ppm()).unwrap_or_default() } else { share };
    Ok(Part { share, of })
}

/// Resolves `price.cap`, `own.tax`, or `cap` alone.
fn reference(name: &str, site: Site, scope: &Scope<'_>) -> Result<(Reference, AttributeId), Problem> {
    if let Some(attribute) = name.strip_prefix("own.") {
        let id = scope.attribute_named(attribute)?;
        if !site.has_bidder {
            return Err(Problem::of(Code::OwnWithoutBidder, format_args!("`{name}`")));
        }
        return Ok((Reference::Own(id), id));
    }
    let (stage, word) = match name.rsplit_once('.') {
        Some((stage, word)) => (scope.stage_named(stage)?, word),
        None => {
            let here = site.stage.ok_or_else(|| {
                Problem::of(Code::BadReference, format_args!("`{name}`"))
                    .expected("the stage too, such as `price.start`")
            })?;
            (here, name)
        }
    };
    resolve(stage, word, name, site, scope)
}

fn resolve(
    stage: StageId,
    word: &str,
    name: &str,
    site: Site,
    scope: &Scope<'_>,
) -> Result<(Reference, AttributeId), Problem> {
    let rank = ["start", "step", "cap", "best"].iter().position(|known| *known == word);
    let Some(rank) = rank else {
        return Err(unknown(Code::BadReference, word, ["start", "cap", "step", "best"].into_iter()));
    };
    let header = scope.stage(stage);
    let has = [header.has_start, header.has_step, header.has_cap, header.ranks];
    let Some(attribute) = header.attribute.filter(|_| has[rank]) else {
        let detail = format!("stage `{}` has no {word}", header.id);
        return Err(Problem::of(Code::BadReference, detail));
    };
    // Within a stage values are worked out in the order start, step, cap, then the rest.
    let is_known = match site.stage {
        Some(here) if stage == here => rank < site.rank && word != "best",
        Some(here) => stage < here,
        None => word != "best" || site.after_stages,
    };
    if !is_known {
        return Err(Problem::of(Code::StageNotEarlier, format_args!("`{name}` is not known yet here"))
            .expected("a value of an earlier stage, or in one stage: start, then step, then cap"));
    }
    let of = match rank {
        0 => Reference::Start(stage),
        1 => Reference::Step(stage),
        2 => Reference::Cap(stage),
        _ => Reference::Best(stage),
    };
    Ok((of, attribute))
}
