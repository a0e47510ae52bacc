//! What is lacking, as texts and numbers that stand by themselves.

use landgavel_base::Bilingual;
use landgavel_score::{Cell, ColumnKind, Comparison, Exact, Figure, Subject, Survey, Target};

use super::{sign, yes_no};
use crate::figures::{format_itself, format_quanta, source_of};
use crate::language::LoadedCard;

/// A gate that does not hold (or a grade that is not reached), and what each alternative lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Id of the gate, or name of the grade.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// Where the clause comes from, in short.
    pub source: Option<String>,
    /// Alternatives, any of which is enough; of each, what is needed, all of it.
    pub alternatives: Vec<Vec<Need>>,
}

/// A value that is short of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Id of the column, indicator or dimension; `total` for the total.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// Unit.
    pub unit: String,
    /// The value; `None` when it was not given.
    pub value: Option<Bilingual>,
    /// How it must compare.
    pub sign: &'static str,
    /// With what.
    pub wanted: Bilingual,
    /// The bound itself is not enough: more than `by` is wanted.
    pub is_strict: bool,
    /// By how much it is short of the bound, for numbers.
    pub by: Option<String>,
    /// For a quotient: the figure that is enough, all others as they are.
    pub figure: Option<Enough>,
    /// For points: what would bring more of them, with the points gained.
    pub raises: Vec<(Need, String)>,
}

/// A figure that is enough, all others as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enough {
    /// Id of the column.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// Unit.
    pub unit: String,
    /// The figure that is enough.
    pub wanted: String,
    /// By how much the present one differs.
    pub by: String,
}

pub(crate) fn of_gate(loaded: &LoadedCard, gap: &landgavel_score::Gap) -> Gap {
    let rule = &loaded.card.gates[gap.gate];
    let need = |need: &landgavel_score::Need| {
        let raises = need.raises.iter().map(|raise| {
            let gain = format_quanta(raise.gain, loaded.card.points_decimals);
            (of_target(loaded, &raise.target), gain)
        });
        Need { raises: raises.collect(), ..of_target(loaded, &need.target) }
    };
    Gap {
        id: rule.id.clone(),
        name: rule.name.clone(),
        source: source_of(loaded, &format!("gates.{}", rule.id), "gates"),
        alternatives: gap.alternatives.iter().map(|needs| needs.iter().map(need).collect()).collect(),
    }
}

pub(super) fn to_band(loaded: &LoadedCard, total: i64, least: i64, name: &str) -> Gap {
    let target = Target {
        subject: Subject::Total,
        comparison: Comparison::AtLeast,
        value: Some(total),
        exact: None,
        wanted: least,
        figure: None,
    };
    Gap {
        id: name.to_owned(),
        name: Bilingual::new(name, name),
        source: source_of(loaded, "grades", "grades"),
        alternatives: vec![vec![of_target(loaded, &target)]],
    }
}

/// The figures that a standard must have and a row lacks.
pub(super) fn of_missing(loaded: &LoadedCard, survey: &Survey<'_>, row: usize) -> Vec<Gap> {
    let items = loaded.card.items.iter().enumerate().filter(|(index, _)| survey.item(row, *index).is_err());
    items
        .map(|(_, item)| Gap {
            id: item.id.clone(),
            name: item.name.clone(),
            source: source_of(loaded, &format!("items.{}", item.id), "items"),
            alternatives: Vec::new(),
        })
        .collect()
}

fn of_target(loaded: &LoadedCard, target: &Target) -> Need {
    let card = &loaded.card;
    let (id, name, unit, kind) = match target.subject {
        Subject::Total => {
            let kind = ColumnKind::Number { decimals: card.total_decimals };
            ("total".to_owned(), Bilingual::new("总分", "total"), "分".to_owned(), kind)
        }
        Subject::Dimension(index) => {
            let (id, name) = &card.dimensions[index];
            (id.clone(), name.clone(), "分".to_owned(), ColumnKind::Number { decimals: card.points_decimals })
        }
        Subject::Indicator(id) => {
            let known = &card.indicators[id.0];
            let kind = ColumnKind::Number { decimals: known.decimals };
            (known.id.clone(), known.name.clone(), known.unit.clone(), kind)
        }
        Subject::Column(id) => {
            let known = &card.columns[id.0];
            (known.id.clone(), known.name.clone(), known.unit.clone(), known.kind.clone())
        }
    };
    let is_number = matches!(kind, ColumnKind::Number { .. });
    let itself = target.exact.zip(decimals(&kind));
    let by = match itself {
        Some((exact, decimals)) => off(exact, target.wanted).map(|by| format_itself(by, decimals)),
        None => target.value.filter(|_| is_number).map(|value| difference(value, target.wanted, &kind)),
    };
    Need {
        id,
        name,
        unit,
        value: target.value.map(|value| match itself {
            Some((exact, decimals)) => {
                let number = format_itself(exact, decimals);
                Bilingual::new(number.clone(), number)
            }
            None => text(value, &kind),
        }),
        sign: sign(target.comparison),
        wanted: text(target.wanted, &kind),
        is_strict: target.comparison.is_strict(),
        by,
        figure: target.figure.map(|figure| enough(loaded, figure)),
        raises: Vec::new(),
    }
}

fn enough(loaded: &LoadedCard, figure: Figure) -> Enough {
    let column = &loaded.card.columns[figure.column];
    Enough {
        id: column.id.clone(),
        name: column.name.clone(),
        unit: column.unit.clone(),
        wanted: text(figure.wanted, &column.kind).zh,
        by: difference(figure.value, figure.wanted, &column.kind),
    }
}

fn decimals(kind: &ColumnKind) -> Option<u8> {
    match kind {
        ColumnKind::Number { decimals } => Some(*decimals),
        ColumnKind::YesNo | ColumnKind::Word { .. } => None,
    }
}

/// How far a value itself is from its bound.
fn off(exact: Exact, wanted: i64) -> Option<Exact> {
    let wanted = i128::from(wanted).checked_mul(exact.denominator())?;
    Exact::new(wanted.checked_sub(exact.numerator())?.checked_abs()?, exact.denominator())
}

fn difference(value: i64, wanted: i64, kind: &ColumnKind) -> String {
    // INVARIANT: figures are safe integers, so their difference does not overflow.
    text((wanted - value).abs(), kind).zh
}

fn text(value: i64, kind: &ColumnKind) -> Bilingual {
    match kind {
        ColumnKind::Number { decimals } => {
            let number = format_quanta(value, *decimals);
            Bilingual::new(number.clone(), number)
        }
        ColumnKind::YesNo => yes_no(value == 1),
        ColumnKind::Word { words } => {
            let word = usize::try_from(value).ok().and_then(|index| words.get(index));
            word.map_or_else(|| Bilingual::new("其他", "other"), |word| Bilingual::new(word.clone(), word.clone()))
        }
    }
}

const _: () = assert!(Cell::known(i64::MAX).is_none(), "figures are safe integers");
