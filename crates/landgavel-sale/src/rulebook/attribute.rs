use alloc::string::String;

use landgavel_base::{Area, Bilingual, Money, PeriodUnit, Quantity};

/// Index of an attribute in its rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeId(pub u16);

/// A named quantity: land price, yearly tax per mu, floor area handed over, score …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Id, such as `price`.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Unit in which amounts are written and shown.
    pub unit: Unit,
    /// Decimals kept: one quantum is 10^−decimals units.
    pub decimals: u8,
    /// Which way is better for the seller.
    pub direction: Direction,
    /// Value that binds a winner who made no offer on it, such as the tax indicator of the lot.
    pub base: Option<Quantity>,
}

/// Which way an attribute gets better for the seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better: price, tax.
    Up,
    /// Less is better: years, subsidy, rent asked.
    Down,
}

impl Direction {
    /// Whether `a` is strictly better than `b`.
    pub fn is_better(self, a: Quantity, b: Quantity) -> bool {
        match self {
            Self::Up => a > b,
            Self::Down => a < b,
        }
    }

    /// `from` improved by `by`; `None` beyond the safe range.
    pub fn improve(self, from: Quantity, by: Quantity) -> Option<Quantity> {
        match self {
            Self::Up => from.checked_add(by),
            Self::Down => from.checked_sub(by),
        }
    }

    /// How much better `a` is than `b` (negative when worse).
    pub fn gain(self, a: Quantity, b: Quantity) -> i64 {
        match self {
            Self::Up => a.quanta() - b.quanta(),
            Self::Down => b.quanta() - a.quanta(),
        }
    }
}

/// A unit as written, and what it measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// As written in the rulebook: `万元/亩·年`.
    pub text: String,
    /// What it measures.
    pub kind: UnitKind,
}

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// Money, for the lot or per area, once or each year.
    Money {
        /// Minor units (fen) in one unit of this name.
        minor_per_unit: i64,
        /// For the whole lot, or per what area.
        per: Per,
        /// Whether it is owed each year.
        yearly: bool,
    },
    /// Area: hundredths of m² in `denominator` units are `numerator` (a mu is 200000/3).
    Area {
        /// Hundredths of a square metre …
        numerator: i64,
        /// … in so many units.
        denominator: i64,
    },
    /// A percentage.
    Percent,
    /// A length of time.
    Time(PeriodUnit),
    /// Points of a score.
    Points,
    /// Any other countable thing, named by its word.
    Other,
}

/// What area an amount of money is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The whole lot.
    Lot,
    /// Each mu.
    Mu,
    /// Each square metre of land.
    SquareMetre,
    /// Each hectare.
    Hectare,
}

impl Per {
    /// Area as a fraction of this unit: (numerator, denominator), exact.
    fn of(self, area: Area) -> (i128, i128) {
        let hundredths = i128::from(area.hundredths_m2());
        match self {
            Self::Lot => (1, 1),
            Self::Mu => (hundredths * 3, 200_000),
            Self::SquareMetre => (hundredths, 100),
            Self::Hectare => (hundredths, 1_000_000),
        }
    }
}

impl Attribute {
    /// Quanta in one unit: 10^decimals.
    pub fn quanta_per_unit(&self) -> i64 {
        10i64.pow(u32::from(self.decimals))
    }

    /// Money for the whole lot (per year when the unit is yearly), half up to the minor unit.
    ///
    /// `None` when the attribute is not money or the sum is out of range.
    pub fn lot_money(&self, value: Quantity, area: Area) -> Option<Money> {
        let UnitKind::Money { minor_per_unit, per, .. } = self.unit.kind else { return None };
        let (numerator, denominator) = per.of(area);
        Money::from_minor(value.quanta())?
            .scale_half_up(i128::from(minor_per_unit) * numerator, i128::from(self.quanta_per_unit()) * denominator)
    }

    /// Money per mu, half up to the minor unit; `None` as for [`Attribute::lot_money`] or without area.
    pub fn mu_money(&self, value: Quantity, area: Area) -> Option<Money> {
        let UnitKind::Money { minor_per_unit, per, .. } = self.unit.kind else { return None };
        let (numerator, denominator) = per.of(area);
        let (mu_numerator, mu_denominator) = Per::Mu.of(area);
        if mu_numerator == 0 {
            return None;
        }
        Money::from_minor(value.quanta())?.scale_half_up(
            i128::from(minor_per_unit) * numerator * mu_denominator,
            i128::from(self.quanta_per_unit()) * denominator * mu_numerator,
        )
    }

    /// Whether the attribute is an amount of money.
    pub fn is_money(&self) -> bool {
        matches!(self.unit.kind, UnitKind::Money { .. })
    }
}
