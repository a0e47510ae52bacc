use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::area::Area;
use crate::decimal::Decimal;
use crate::source::Source;
use crate::text::Bilingual;
use crate::unit_number::UnitNumber;

/// A piece of land as the cadastre and the plan describe it (ISO 19152 spatial unit).
///
/// It says nothing of price, rules or dates; the land under a rulebook is a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The seller's id, such as `GY020108-2`.
    pub id: String,
    /// What people call it.
    pub name: Bilingual,
    /// Where it lies, in words.
    pub location: Bilingual,
    /// Real estate unit number, when the cadastre has given one.
    pub unit_number: Option<UnitNumber>,
    /// Area granted.
    pub area: Area,
    /// Corners of the boundary on the map; empty when none was given.
    pub outline: Vec<Position>,
    /// Planned use.
    pub land_use: LandUse,
    /// Industries admitted, as codes of GB/T 4754; empty when the notice names none.
    pub industries: Vec<String>,
    /// Years of the right to be granted, for the main use.
    pub term_years: u32,
    /// What the plan and the notice demand of whoever builds there.
    pub conditions: Vec<PlanningCondition>,
}

/// A point on the map, in degrees of CGCS2000 (EPSG 4490), kept as whole ten-millionths: about a centimetre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    longitude: i64,
    latitude: i64,
}

impl Position {
    /// Ten-millionths in one degree.
    pub const PER_DEGREE: i64 = 10_000_000;

    /// Builds a position from ten-millionths of degrees; `None` beyond ±180° or ±90°.
    pub const fn new(longitude: i64, latitude: i64) -> Option<Self> {
        if longitude.abs() <= 180 * Self::PER_DEGREE && latitude.abs() <= 90 * Self::PER_DEGREE {
            Some(Self { longitude, latitude })
        } else {
            None
        }
    }

    /// Reads `120.0712345 29.3012345`: longitude, a space, latitude, each with at most seven places.
    pub fn parse(text: &str) -> Option<Self> {
        let (longitude, latitude) = text.split_once(' ')?;
        let degrees = |text: &str| Decimal::parse(text).ok()?.scaled(7);
        Self::new(degrees(longitude)?, degrees(latitude)?)
    }

    /// East of Greenwich, in ten-millionths of a degree.
    pub const fn longitude(self) -> i64 {
        self.longitude
    }

    /// North of the equator, in ten-millionths of a degree.
    pub const fn latitude(self) -> i64 {
        self.latitude
    }
}

/// A land use by its code in a published classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandUse {
    /// Code as published, such as `100102`.
    pub code: String,
    /// Name in the classification.
    pub name: Bilingual,
}

/// A bound on one indicator of a parcel (ISO 19152 restriction, 规划条件).
///
/// Ids and units in use, after the wording of Zhejiang notices:
///
/// | id | Chinese | unit |
/// |---|---|---|
/// | `far` | 容积率 | `1` |
/// | `site_coverage` | 建筑密度 | `%` |
/// | `green_ratio` | 绿地率 | `%` |
/// | `height` | 建筑高度 | `m` |
/// | `investment_intensity` | 投资强度 | `万元/亩` |
/// | `output_per_mu` | 亩均产值 | `万元/亩·年` |
/// | `value_added_per_mu` | 亩均增加值 | `万元/亩·年` |
/// | `tax_per_mu` | 亩均税收 | `万元/亩·年` |
/// | `research_spending` | 研发经费占比 | `%` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanningCondition {
    /// Id of the indicator, lower case with underscores.
    pub id: String,
    /// Name of the indicator.
    pub name: Bilingual,
    /// Unit of both bounds, as in the table; `1` for a pure number.
    pub unit: String,
    /// Least value allowed, itself included; `None` when there is no lower bound.
    pub min: Option<Decimal>,
    /// Greatest value allowed, itself included; `None` when there is no upper bound.
    pub max: Option<Decimal>,
    /// Where the bound is published; `None` when the notice of the sale is its only source.
    pub source: Option<Source>,
}

impl PlanningCondition {
    /// Whether a value, in the condition's unit, keeps both bounds.
    pub fn is_met_by(&self, value: Decimal) -> bool {
        self.min.is_none_or(|min| value.compare(min) != Ordering::Less)
            && self.max.is_none_or(|max| value.compare(max) != Ordering::Greater)
    }
}
