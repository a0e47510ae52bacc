//! What names mean while a rulebook is read: attributes, stages, moments, parameters.

use core::cell::RefCell;
use std::collections::BTreeSet;

use landgavel_base::{Area, Duration, Money, Period, Quantity, Ratio};
use landgavel_sale::rulebook::{Attribute, AttributeId, MomentId, StageId, UnitKind};

use super::finding::{Code, Problem};
use super::number::Exact;
use super::shape::unknown;
use super::unit::{Dimension, dimension};

/// What an expression may name at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// The stage it stands in.
    pub(crate) stage: Option<StageId>,
    /// How many of start, step, cap of its own stage are known before it.
    pub(crate) rank: usize,
    /// Whether it is worked out for a particular bidder.
    pub(crate) has_bidder: bool,
    /// Whether it is worked out after the stages.
    pub(crate) after_stages: bool,
}

impl Site {
    /// Before any stage: bonds.
    pub(crate) const BEFORE: Self = Self { stage: None, rank: 0, has_bidder: false, after_stages: false };
    /// After all stages, for a winner: payments, duties.
    pub(crate) const AFTER: Self = Self { stage: None, rank: 0, has_bidder: true, after_stages: true };

    pub(crate) fn within(stage: StageId, rank: usize) -> Self {
        Self { stage: Some(stage), rank, has_bidder: false, after_stages: false }
    }

    pub(crate) fn of_bidder(self) -> Self {
        Self { has_bidder: true, ..self }
    }
}

/// What later text may name of a stage.
#[derive(Debug, Clone)]
pub(crate) struct StageHeader {
    pub(crate) id: String,
    pub(crate) attribute: Option<AttributeId>,
    pub(crate) has_start: bool,
    pub(crate) has_step: bool,
    pub(crate) has_cap: bool,
    /// Whether it ends with a ranking of offers.
    pub(crate) ranks: bool,
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterValue {
    /// An amount of an attribute.
    Quantity(AttributeId, Quantity),
    /// Money.
    Money(Money),
    /// A length of time.
    Duration(Duration),
    /// A legal term.
    Period(Period),
    /// A whole number.
    Count(u32),
    /// A percentage.
    Percent(Ratio),
}

#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) id: String,
    /// `None` when the value could not be read; that has its own finding.
    pub(crate) value: Option<ParameterValue>,
}

/// All names.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) currency: &'a str,
    pub(crate) area: Area,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) moments: &'a [String],
    pub(crate) stages: &'a [StageHeader],
    pub(crate) parameters: &'a [Known],
    pub(crate) used: &'a RefCell<BTreeSet<String>>,
}

impl Scope<'_> {
    pub(crate) fn attribute(&self, id: AttributeId) -> &Attribute {
        &self.attributes[usize::from(id.0)]
    }

    pub(crate) fn stage(&self, id: StageId) -> &StageHeader {
        &self.stages[usize::from(id.0)]
    }

    pub(crate) fn attribute_named(&self, name: &str) -> Result<AttributeId, Problem> {
        let ids = || self.attributes.iter().map(|attribute| attribute.id.as_str());
        index(ids().position(|id| id == name))
            .map(AttributeId)
            .ok_or_else(|| unknown(Code::UnknownAttribute, name, ids()))
    }

    pub(crate) fn stage_named(&self, name: &str) -> Result<StageId, Problem> {
        let ids = || self.stages.iter().map(|stage| stage.id.as_str());
        index(ids().position(|id| id == name)).map(StageId).ok_or_else(|| unknown(Code::UnknownStage, name, ids()))
    }

    pub(crate) fn moment_named(&self, name: &str) -> Result<MomentId, Problem> {
        let ids = || self.moments.iter().map(String::as_str);
        index(ids().position(|id| id == name)).map(MomentId).ok_or_else(|| unknown(Code::UnknownMoment, name, ids()))
    }

    /// A parameter's value. `Ok(None)` when it could not be read, which has been reported.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<ParameterValue>, Problem> {
        self.used.borrow_mut().insert(name.to_owned());
        let known = self.parameters.iter().find(|known| known.id == name);
        let ids = self.parameters.iter().map(|known| known.id.as_str());
        known.map(|known| known.value).ok_or_else(|| unknown(Code::UnknownParameter, name, ids))
    }

    pub(crate) fn percent_parameter(&self, name: &str) -> Result<Exact, Problem> {
        match self.parameter(name)? {
            Some(ParameterValue::Percent(ratio)) => Ok(of_ppm(ratio)),
            None => Err(Problem::consequence()),
            Some(_) => Err(wrong_kind(name, "a parameter of percent")),
        }
    }

    /// A parameter as an exact number of quanta of an attribute.
    pub(crate) fn parameter_in_quanta(&self, name: &str, target: &Attribute) -> Result<Exact, Problem> {
        let wrong = || wrong_kind(name, &format!("a parameter in {}", target.unit.text));
        let (target_dimension, factor) = dimension(target.unit.kind);
        let scale = Exact::whole(i128::from(target.quanta_per_unit()));
        let in_units = match self.parameter(name)? {
            None => return Err(Problem::consequence()),
            Some(ParameterValue::Quantity(id, quantity)) => {
                let own = self.attribute(id);
                let (own_dimension, own_factor) = dimension(own.unit.kind);
                if own_dimension != target_dimension || (own.unit.kind == UnitKind::Other && own.unit != target.unit) {
                    return Err(wrong());
                }
                let units = Exact::new(i128::from(quantity.quanta()), i128::from(own.quanta_per_unit()));
                units.and_then(|units| units.times(own_factor)).and_then(|exact| exact.over(factor))
            }
            Some(ParameterValue::Money(money))
                if target_dimension == (Dimension::Money { per_area: false, yearly: false }) =>
            {
                Exact::whole(i128::from(money.minor())).over(factor)
            }
            Some(ParameterValue::Percent(ratio)) if target_dimension == Dimension::Percent => {
                of_ppm(ratio).times(Exact::whole(100))
            }
            Some(ParameterValue::Count(count)) if matches!(target_dimension, Dimension::Other | Dimension::Points) => {
                Some(Exact::whole(i128::from(count)))
            }
            Some(_) => return Err(wrong()),
        };
        in_units
            .and_then(|units| units.times(scale))
            .ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`${name}`")))
    }

    /// A parameter as money for the whole lot.
    pub(crate) fn parameter_in_minor_units(&self, name: &str) -> Result<Exact, Problem> {
        let money = match self.parameter(name)? {
            None => return Err(Problem::consequence()),
            Some(ParameterValue::Money(money)) => money,
            Some(ParameterValue::Quantity(id, quantity)) if self.attribute(id).is_money() => self
                .attribute(id)
                .lot_money(quantity, self.area)
                .ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`${name}`")))?,
            Some(_) => return Err(wrong_kind(name, "a parameter of money")),
        };
        Ok(Exact::whole(i128::from(money.minor())))
    }
}

fn of_ppm(ratio: Ratio) -> Exact {
    Exact::new(i128::from(ratio.ppm()), 1_000_000).expect("positive denominator")
}

pub(crate) fn wrong_kind(name: &str, expected: &str) -> Problem {
    Problem::of(Code::WrongUnit, format_args!("`${name}` is of another kind")).expected(expected)
}

fn index(position: Option<usize>) -> Option<u16> {
    position.and_then(|position| u16::try_from(position).ok())
}
