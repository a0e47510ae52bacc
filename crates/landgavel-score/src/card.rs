//! What a scorecard is: columns, indicators, items, rules, grades. Data, not code.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use landgavel_base::{Bilingual, Date};

use crate::number::Exact;

/// Most dimensions of a card: their sums are held on the stack.
pub const DIMENSIONS_MAX: usize = 16;
/// Most grades of a card.
pub const GRADES_MAX: usize = 32;

/// Index of a column in its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// Index of an indicator in its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndicatorId(pub usize);

/// Index of a grade in its card, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GradeId(pub u8);

/// A scorecard (评价表), one published version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Path-like id: place, then name.
    pub id: String,
    /// Version; a published one never changes.
    pub version: String,
    /// Title.
    pub title: Bilingual,
    /// First day in force; `None` = always.
    pub from: Option<Date>,
    /// First day no longer in force; `None` = until it is replaced.
    pub until: Option<Date>,
    /// Figures that a row has.
    pub columns: Vec<Column>,
    /// Quantities made of them.
    pub indicators: Vec<Indicator>,
    /// Groups of items whose points are summed apart (维度).
    pub dimensions: Vec<(String, Bilingual)>,
    /// What gives points.
    pub items: Vec<Item>,
    /// What must hold to qualify (门槛).
    pub gates: Vec<Rule>,
    /// What worsens a grade (一票否决): no better grade than this.
    pub vetoes: Vec<(Rule, GradeId)>,
    /// Who is not evaluated (豁免), and what is written in place of a grade.
    pub exemptions: Vec<(Rule, String)>,
    /// Rows are compared within their group.
    pub is_grouped: bool,
    /// Decimals of an item's points; each is rounded once, half away from zero.
    pub points_decimals: u8,
    /// Decimals of a total, rounded half away from zero; ranks and grades use the rounded total.
    pub total_decimals: u8,
    /// How totals become grades.
    pub grading: Grading,
}

/// A figure of each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Unit of the figures, as written.
    pub unit: String,
    /// What its cells hold.
    pub kind: ColumnKind,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers with so many decimals.
    Number {
        /// Decimals kept.
        decimals: u8,
    },
    /// 1 for yes, 0 for no.
    YesNo,
    /// The index of a word in this list; one behind its end for any other word.
    Word {
        /// Words that the card knows.
        words: Vec<String>,
    },
}

/// A sum of columns, each added or taken away, in units of `10^−decimals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Column and factor: ±10^k, so that all have the same decimals.
    pub terms: Vec<(ColumnId, i64)>,
    /// Decimals of the sum.
    pub decimals: u8,
}

/// A quantity made of columns: `times · of ÷ over`, rounded half away from zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Unit, as written.
    pub unit: String,
    /// Decimals kept.
    pub decimals: u8,
    /// What is divided.
    pub of: Expression,
    /// By what; `None` = by one.
    pub over: Option<Expression>,
    /// Factor from the quotient of the sums (in their own quanta) to the indicator's quanta.
    pub factor: Exact,
    /// What a divisor of zero or less means.
    pub zero_divisor: ZeroDivisor,
}

/// What a divisor that is not positive means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroDivisor {
    /// An error of the table, named by row.
    Refuse,
    /// The indicator is missing for that row.
    Missing,
}

/// What gives points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Index of its dimension.
    pub dimension: Option<usize>,
    /// Base points, bonus or malus.
    pub role: ItemRole,
    /// Full points (its weight), in quanta of points.
    pub weight: i64,
    /// Never more than this; `None` = no cap.
    pub most: Option<i64>,
    /// The ways to earn them; the best one counts.
    pub ways: Vec<Way>,
    /// What holds when no way has a value.
    pub missing: Missing,
}

/// What an item does to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemRole {
    /// Part of the full points.
    Base,
    /// Added (加分).
    Bonus,
    /// Taken away (扣分).
    Malus,
}

/// One way to earn an item's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// `weight · value ÷ benchmark`.
    Linear {
        /// Of what.
        indicator: IndicatorId,
        /// Against what.
        benchmark: Benchmark,
    },
    /// Between the group's least and greatest value, in proportion; all alike get `at_greatest`.
    MinMax {
        /// Of what.
        indicator: IndicatorId,
        /// Points of the least value.
        at_least: i64,
        /// Points of the greatest value.
        at_greatest: i64,
        /// Compared with whom.
        scope: Scope,
    },
    /// By a table of steps.
    Steps {
        /// Of what.
        indicator: IndicatorId,
        /// The table.
        steps: Steps,
    },
    /// So many points for each full `each`.
    PerUnit {
        /// Of what.
        indicator: IndicatorId,
        /// Quanta of the indicator.
        each: i64,
        /// Points for each.
        points: i64,
    },
    /// By a word or a yes.
    Choice {
        /// Which column.
        column: ColumnId,
        /// Points by the value of the cell.
        points: Vec<(i64, i64)>,
        /// Points for any other value.
        otherwise: i64,
    },
}

/// A table of steps: the first that holds gives the points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Comparison of the value with a step's bound.
    pub comparison: Comparison,
    /// Steps, best first.
    pub steps: Vec<Step>,
    /// Points when none holds.
    pub otherwise: i64,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Bound in quanta of the indicator.
    pub bound: i64,
    /// Its points.
    pub points: i64,
}

/// What a value is measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benchmark {
    /// A published number, in quanta of the indicator.
    Fixed(i64),
    /// The mean of the rows' values, each row alike.
    MeanOfRows {
        /// Multiple of the mean.
        times: Exact,
        /// Whose mean.
        scope: Scope,
    },
    /// The total of what is divided over the total of what it is divided by (全市平均).
    MeanOfTotals {
        /// Multiple of the mean.
        times: Exact,
        /// Whose mean.
        scope: Scope,
    },
    /// The value at a share of the rows from below, by nearest rank: the ⌈share · n⌉-th.
    Quantile {
        /// Parts per million, 1 to 1,000,000.
        share: u32,
        /// Multiple of it.
        times: Exact,
        /// Of whom.
        scope: Scope,
    },
}

/// Who is compared with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The rows of one group.
    Group,
    /// All rows.
    All,
}

/// What holds for an item of which a row has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No points.
    Zero,
    /// The mean points of the rows of its group that have one.
    MeanPoints,
    /// The item is left out, and the other base items count for more.
    Renormalise,
    /// An error of the table.
    Refuse,
}

/// A rule that holds when any of its alternatives does; an alternative holds when all its tests do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Alternatives.
    pub any_of: Vec<Vec<Test>>,
}

/// A comparison with a number. It does not hold for what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// What is compared.
    pub subject: Subject,
    /// How.
    pub comparison: Comparison,
    /// With what, in the subject's quanta.
    pub value: i64,
    /// As the card says it.
    pub text: String,
}

/// What a test is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The rounded total.
    Total,
    /// The points of a dimension.
    Dimension(usize),
    /// The value of an indicator.
    Indicator(IndicatorId),
    /// A cell.
    Column(ColumnId),
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// ≥
    AtLeast,
    /// >
    Above,
    /// ≤
    AtMost,
    /// <
    Below,
    /// =
    Equal,
    /// ≠
    Unequal,
}

impl Comparison {
    /// Whether it holds of something that stands so to its bound.
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::AtLeast => order.is_ge(),
            Self::Above => order.is_gt(),
            Self::AtMost => order.is_le(),
            Self::Below => order.is_lt(),
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
        }
    }

    /// Whether the bound itself is left out on one side of it.
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Above | Self::Below)
    }

    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "=",
            Self::Unequal => "!=",
        }
    }
}

/// How totals become grades. Grades are listed best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grading {
    /// By rank in the group (or among all).
    Quantile {
        /// Cuts, best grade first; the last ends at the whole.
        cuts: Vec<Cut>,
        /// How a share of the rows becomes a count.
        rounding: Rounding,
        /// What equal totals share.
        ties: Ties,
        /// Indicators that order equal totals, more is better; a missing one is last.
        tie_break: Vec<IndicatorId>,
        /// Among whom.
        scope: Scope,
    },
    /// By the total: least total of each grade, best first, and the grade of all others.
    Bands {
        /// Least total in its quanta, and name of the grade.
        bands: Vec<(i64, String)>,
        /// The grade below all bands.
        otherwise: String,
    },
    /// By the gates: all hold, or not.
    Gates {
        /// When all hold.
        qualified: String,
        /// When one does not.
        otherwise: String,
    },
}

/// Up to which share of the ranks a grade goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Name of the grade.
    pub grade: String,
    /// Share from the top in parts per million.
    pub to: u32,
}

/// How a share of the rows becomes a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Down: a grade never gets more than its share.
    Down,
    /// Up: it never gets less.
    Up,
    /// To the nearest, halves up.
    HalfUp,
}

/// Which grade equal totals share where a cut falls between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// The better one.
    Better,
    /// The worse one.
    Worse,
}

impl Grading {
    /// Names of the grades, best first.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Quantile { cuts, .. } => cuts.iter().map(|cut| cut.grade.as_str()).collect(),
            Self::Bands { bands, otherwise } => {
                bands.iter().map(|(_, name)| name.as_str()).chain([otherwise.as_str()]).collect()
            }
            Self::Gates { qualified, otherwise } => [qualified.as_str(), otherwise.as_str()].into(),
        }
    }
}

impl Card {
    /// By column: whether a figure of it is compared with a bound, so that more than its own decimals may decide.
    pub fn compared(&self) -> Vec<bool> {
        let mut compared = vec![false; self.columns.len()];
        let mut mark = |id: ColumnId| {
            if let Some(column) = compared.get_mut(id.0) {
                *column = true;
            }
        };
        let rules = self.gates.iter().chain(self.vetoes.iter().map(|(rule, _)| rule));
        let rules = rules.chain(self.exemptions.iter().map(|(rule, _)| rule));
        let subjects = rules.flat_map(|rule| rule.any_of.iter().flatten().map(|test| test.subject));
        let ways = self.items.iter().flat_map(|item| &item.ways).filter_map(|way| match way {
            Way::Steps { indicator, .. } | Way::PerUnit { indicator, .. } => Some(Subject::Indicator(*indicator)),
            Way::Linear { .. } | Way::MinMax { .. } | Way::Choice { .. } => None,
        });
        for subject in subjects.chain(ways) {
            match subject {
                Subject::Column(id) => mark(id),
                Subject::Indicator(id) => {
                    let Some(indicator) = self.indicators.get(id.0) else { continue };
                    let over = indicator.over.iter().flat_map(|over| &over.terms);
                    indicator.of.terms.iter().chain(over).for_each(|(id, _)| mark(*id));
                }
                Subject::Total | Subject::Dimension(_) => {}
            }
        }
        compared
    }
}

impl Way {
    /// The indicator that it looks at, when it is not a column.
    pub const fn indicator(&self) -> Option<IndicatorId> {
        match self {
            Self::Linear { indicator, .. }
            | Self::MinMax { indicator, .. }
            | Self::Steps { indicator, .. }
            | Self::PerUnit { indicator, .. } => Some(*indicator),
            Self::Choice { .. } => None,
        }
    }
}
