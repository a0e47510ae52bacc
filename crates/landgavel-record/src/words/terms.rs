//! The field's words for an attribute: price or another value, rising or falling.

use landgavel_sale::rulebook::{Attribute, Direction, UnitKind};

use super::Language;

/// Words that depend on what is bid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Starting price, starting value.
    pub start: &'static str,
    /// Increment, decrement.
    pub step: &'static str,
    /// Value at which a stage stops.
    pub cap: &'static str,
    /// Value that must be met.
    pub reserve: &'static str,
    /// Best standing bid.
    pub best: &'static str,
    /// Worst of several.
    pub worst: &'static str,
    /// Better than, of an amount: "above".
    pub beyond: &'static str,
    /// So much better: "plus".
    pub plus: &'static str,
    /// As good as or better: "at least".
    pub at_least: &'static str,
}

impl Terms {
    /// The words for an attribute; those of a price that rises when a stage has none.
    pub fn of(attribute: Option<&Attribute>, language: Language) -> Self {
        let is_price = attribute.is_none_or(|a| matches!(a.unit.kind, UnitKind::Money { yearly: false, .. }));
        let direction = attribute.map_or(Direction::Up, |attribute| attribute.direction);
        match (language, direction) {
            (Language::Zh, Direction::Up) => Self {
                start: if is_price { "起始价" } else { "起始值" },
                step: if is_price { "增价幅度" } else { "递增幅度" },
                cap: if is_price { "最高限价" } else { "最高限值" },
                reserve: if is_price { "底价" } else { "保留值" },
                best: "最高报价",
                worst: "最低报价",
                beyond: "高于",
                plus: "加",
                at_least: "不低于",
            },
            (Language::Zh, Direction::Down) => Self {
                start: if is_price { "起始价" } else { "起始值" },
                step: if is_price { "减价幅度" } else { "递减幅度" },
                cap: if is_price { "最低限价" } else { "最低限值" },
                reserve: if is_price { "保留价" } else { "保留值" },
                best: "最低报价",
                worst: "最高报价",
                beyond: "低于",
                plus: "减去",
                at_least: "不高于",
            },
            (Language::En, Direction::Up) => Self {
                start: if is_price { "starting price" } else { "starting value" },
                step: "increment",
                cap: if is_price { "price cap" } else { "cap" },
                reserve: if is_price { "reserve price" } else { "reserve value" },
                best: "highest bid",
                worst: "lowest bid",
                beyond: "above",
                plus: "plus",
                at_least: "at least",
            },
            (Language::En, Direction::Down) => Self {
                start: if is_price { "starting price" } else { "starting value" },
                step: "decrement",
                cap: if is_price { "lower price limit" } else { "lower limit" },
                reserve: if is_price { "reserve price" } else { "reserve value" },
                best: "lowest bid",
                worst: "highest bid",
                beyond: "below",
                plus: "minus",
                at_least: "at most",
            },
        }
    }
}
