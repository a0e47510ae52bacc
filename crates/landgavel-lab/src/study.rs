//! A study as written: which rules, on whom, what varies, what is wanted.

use serde::Deserialize;

pub use crate::behaviour::Behaviour;
use crate::distribution::{Correlation, Distribution};
pub use crate::wrong::Wrong;

/// The format that this version reads.
pub const FORMAT: &str = "landgavel-study/1";
/// Most bidders of a sale in a study.
const MOST_BIDDERS: u32 = 64;
/// Most cases of a study: designs times what varies times numbers of bidders.
pub const MOST_CASES: usize = 2_000;
/// Largest value or productivity of a bidder, in ten thousand yuan: 10^13 yuan, far above any parcel, far below where amounts end.
const MOST_VALUE: f64 = 1e9;
/// Most sales of a case.
const MOST_SALES: u64 = 10_000_000_000;

fn wrong<T>(place: impl Into<String>, text: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::new(place, text))
}

/// Text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    format: String,
    /// Title.
    pub title: Both,
    /// What the reader must know.
    #[serde(default)]
    pub notes: Vec<Both>,
    /// The seed: the same seed gives the same tables.
    pub seed: u64,
    /// Sales per case.
    pub sales: u64,
    /// Who bids.
    pub population: Population,
    /// How they bid.
    #[serde(default)]
    pub behaviour: Behaviour,
    /// The rules that are compared.
    #[serde(default)]
    pub designs: Vec<Design>,
    /// What is wanted.
    pub objective: Objective,
}

/// Who bids.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Numbers of bidders to try.
    pub bidders: Vec<u32>,
    /// Value of the plot, ten thousand yuan for the lot, net of tax.
    pub value: Spread,
    /// Tax that a bidder gives on average, ten thousand yuan per mu and year.
    pub productivity: Spread,
    /// Correlation of value and productivity, by ranks.
    #[serde(default)]
    pub correlation: f64,
    /// Half-width of what is delivered around a bidder's average, as a share of it.
    pub delivery_spread: f64,
    /// What it costs to come, paid by whoever comes and wins or not, ten thousand yuan for the lot: a file prepared, a deposit financed.
    #[serde(default)]
    pub entry_cost: f64,
    /// The most that a bidder can pay for the land, ten thousand yuan for the lot, whatever it is worth to it; none = no such bound.
    pub budget: Option<Spread>,
    /// Where these numbers come from; `assumption` when nobody measured them.
    pub source: String,
}

/// A distribution as written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    tag = "distribution",
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a distribution, such as { distribution = \"uniform\", low = 0, high = 1 }"
)]
pub enum Spread {
    /// Always the same.
    Constant {
        /// The value.
        value: f64,
    },
    /// Equally likely between bounds.
    Uniform {
        /// Least.
        low: f64,
        /// Most.
        high: f64,
    },
    /// The bell curve.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation; or `variance`.
        sd: Option<f64>,
        /// Square of the standard deviation.
        variance: Option<f64>,
    },
    /// Long-tailed, never negative.
    LogNormal {
        /// Half lie below.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Long-tailed.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// One of these.
    Table {
        /// The values.
        values: Vec<f64>,
    },
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Id, such as `four-part`.
    pub id: String,
    /// Title.
    pub title: Both,
    /// Path of the lot, from the study.
    pub lot: String,
    /// Values of the lot set otherwise.
    #[serde(default)]
    pub set: toml::Table,
    /// Values of the lot that vary: each with its list.
    #[serde(default)]
    pub vary: toml::Table,
    /// Id of the attribute that is the price.
    #[serde(default = "price")]
    pub price: String,
    /// Id of the attribute that is promised per mu and year; none = nothing is promised.
    pub promise: Option<String>,
    /// Bond behind the promise, as a share of the price.
    #[serde(default)]
    pub bond: Vec<f64>,
    /// Years for which a shortfall is owed.
    #[serde(default = "years")]
    pub years: f64,
}

fn price() -> String {
    "price".to_owned()
}

fn years() -> f64 {
    3.0
}

/// What is wanted: weights on the three goals, and a limit on default.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Weight of a low price; per standard deviation over the designs, as the other two.
    pub low_price: f64,
    /// Weight of the winner's productivity.
    pub quality: f64,
    /// Weight of tax delivered per mu.
    pub delivered: f64,
    /// Most winners that may owe more than their bond, as a share.
    pub default_at_most: f64,
}

impl Spread {
    fn read(&self) -> Result<Distribution, String> {
        let distribution = match self.clone() {
            Self::Constant { value } => Distribution::Constant(value),
            Self::Uniform { low, high } => Distribution::Uniform { low, high },
            Self::Normal { mean, sd, variance } => {
                let sd = match (sd, variance) {
                    (Some(sd), None) => sd,
                    (None, Some(variance)) if variance >= 0.0 => variance.sqrt(),
                    (None, Some(variance)) => return Err(format!("the variance {variance} is below zero")),
                    _ => return Err("give either `sd` or `variance`".to_owned()),
                };
                Distribution::Normal { mean, sd }
            }
            Self::LogNormal { median, sigma } => Distribution::LogNormal { median, sigma },
            Self::Exponential { mean } => Distribution::Exponential { mean },
            Self::Table { values } => Distribution::Table(values),
        };
        let distribution = distribution.checked().map_err(|bad| bad.to_string())?;
        for share in [1e-9, 1.0 - 1e-9] {
            let value = distribution.quantile(share);
            if value.is_nan() || value.abs() > MOST_VALUE {
                return Err(format!("some bidders have {value:e}; nothing beyond {MOST_VALUE:e} makes sense here"));
            }
        }
        Ok(distribution)
    }
}

impl Population {
    /// Distributions of value and productivity, and how they go together.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn read(&self) -> Result<(Distribution, Distribution, Correlation), Wrong> {
        let at = |place: &str, text: String| Wrong::new(format!("population.{place}"), text);
        Ok((
            self.value.read().map_err(|text| at("value", text))?,
            self.productivity.read().map_err(|text| at("productivity", text))?,
            Correlation::new(self.correlation).map_err(|bad| at("correlation", bad.to_string()))?,
        ))
    }
}

impl Population {
    /// How budgets are spread, where there are any; they go with neither value nor productivity.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn read_budget(&self) -> Result<Option<Distribution>, Wrong> {
        let read = |budget: &Spread| budget.read().map_err(|text| Wrong::new("population.budget", text));
        self.budget.as_ref().map(read).transpose()
    }
}

impl Study {
    /// Reads a study.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line or its field.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let study: Self = toml::from_str(text).map_err(|error| Wrong::syntax(&error, text))?;
        study.check().map_err(|wrong| wrong.located(text))?;
        Ok(study)
    }

    fn check(&self) -> Result<(), Wrong> {
        if self.format != FORMAT {
            return wrong("format", format!("`{}` is not known; this version reads `{FORMAT}`", self.format));
        }
        if self.sales == 0 || self.sales > MOST_SALES {
            return wrong("sales", format!("{} sales; from 1 to {MOST_SALES} per case", self.sales));
        }
        if self.designs.is_empty() {
            return wrong("designs", "a study needs at least one design, with the path of a lot");
        }
        if self.population.bidders.is_empty() {
            return wrong("population.bidders", "a list of at least one number of bidders");
        }
        for &bidders in &self.population.bidders {
            if bidders == 0 || bidders > MOST_BIDDERS {
                return wrong("population.bidders", format!("{bidders} bidders; from 1 to {MOST_BIDDERS}"));
            }
        }
        if !(0.0..=1.0).contains(&self.population.delivery_spread) {
            return wrong("population.delivery_spread", "a share from 0 to 1");
        }
        let entry_cost = self.population.entry_cost;
        if !(0.0..=MOST_VALUE).contains(&entry_cost) {
            return wrong("population.entry_cost", "an amount not below zero, ten thousand yuan for the lot");
        }
        if entry_cost > 0.0 && !matches!(self.behaviour, Behaviour::Equilibrium { .. }) {
            let text = "only `behaviour.kind = \"equilibrium\"` says who comes where coming costs";
            return wrong("population.entry_cost", text);
        }
        match self.behaviour {
            Behaviour::Shaded { by } if !(0.0..1.0).contains(&by) => {
                return wrong("behaviour.by", "a share from 0 to 1");
            }
            Behaviour::Ring { members: 0, .. } => return wrong("behaviour.members", "at least 1"),
            Behaviour::Equilibrium { gain_at_most } if !(0.0..1.0).contains(&gain_at_most) => {
                return wrong("behaviour.gain_at_most", "a share from 0 to 1");
            }
            Behaviour::Shells { firms } if firms == 0 || firms >= MOST_BIDDERS => {
                return wrong("behaviour.firms", format!("from 1 to {}", MOST_BIDDERS - 1));
            }
            Behaviour::Shill { to } if !(0.0..=MOST_VALUE).contains(&to) => {
                return wrong("behaviour.to", "an amount not below zero");
            }
            _ => {}
        }
        for &bidders in &self.population.bidders {
            if bidders + self.behaviour.adds() > MOST_BIDDERS {
                return wrong(
                    "population.bidders",
                    format!("{bidders}, and those that the behaviour adds; at most {MOST_BIDDERS}"),
                );
            }
            if bidders < 2 && matches!(self.behaviour, Behaviour::Equilibrium { .. }) {
                return wrong("population.bidders", "an equilibrium needs at least two");
            }
        }
        self.population.read()?;
        self.population.read_budget()?;
        let mut ids = std::collections::BTreeSet::new();
        for design in &self.designs {
            let at = |field: &str| format!("designs.{}.{field}", design.id);
            let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if design.id.is_empty() || !design.id.chars().all(is_id) || !ids.insert(&design.id) {
                return wrong(at("id"), "lower-case letters, digits and hyphens, each design another");
            }
            if design.bond.iter().any(|bond| !(0.0..=10.0).contains(bond)) {
                return wrong(at("bond"), "shares of the price, from 0 to 10");
            }
            if !(design.years > 0.0 && design.years <= 70.0) {
                return wrong(at("years"), "above 0, at most 70");
            }
            for (name, values) in &design.vary {
                if values.as_array().is_none_or(Vec::is_empty) {
                    return wrong(format!("{}.{name}", at("vary")), "a list of values");
                }
            }
        }
        let o = self.objective;
        if [o.low_price, o.quality, o.delivered].iter().any(|weight| !(weight.is_finite() && *weight >= 0.0)) {
            return wrong("objective", "weights are not below zero");
        }
        if !(0.0..=1.0).contains(&o.default_at_most) {
            return wrong("objective.default_at_most", "a share from 0 to 1");
        }
        // Counted before any is made: a few long lists multiply beyond all memory.
        let cases = self.designs.iter().fold(0usize, |sum, design| {
            let lists = design.vary.values().filter_map(toml::Value::as_array).map(Vec::len);
            let each = lists.chain([design.bond.len().max(1), self.population.bidders.len()]);
            sum.saturating_add(each.fold(1, usize::saturating_mul))
        });
        if cases > MOST_CASES {
            return wrong("designs", format!("{cases} cases; at most {MOST_CASES}"));
        }
        Ok(())
    }

    /// Every case: a design, what is set in it, a bond, a number of bidders.
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (index, design) in self.designs.iter().enumerate() {
            let mut sets = vec![Vec::new()];
            for (name, values) in &design.vary {
                let values = values.as_array().cloned().unwrap_or_default();
                let mut longer = Vec::new();
                for set in sets {
                    for value in &values {
                        let mut set: Vec<(String, toml::Value)> = set.clone();
                        set.push((name.clone(), value.clone()));
                        longer.push(set);
                    }
                }
                sets = longer;
            }
            let bonds: Vec<Option<f64>> =
                if design.bond.is_empty() { vec![None] } else { design.bond.iter().copied().map(Some).collect() };
            for set in sets {
                for &bond in &bonds {
                    for &bidders in &self.population.bidders {
                        choices.push(Choice { design: index, set: set.clone(), bond, bidders });
                    }
                }
            }
        }
        choices
    }
}

/// One case of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Index of the design.
    pub design: usize,
    /// What varies, with its value here.
    pub set: Vec<(String, toml::Value)>,
    /// Bond as a share of the price; `None` = as the lot says.
    pub bond: Option<f64>,
    /// Number of bidders.
    pub bidders: u32,
}

impl Choice {
    /// What varies, in a line.
    pub fn label(&self) -> String {
        let mut parts: Vec<String> = self
            .set
            .iter()
            .map(|(name, value)| {
                format!("{name} = {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        if let Some(bond) = self.bond {
            parts.push(format!("bond = {} %", (bond * 1e4).round() / 1e2));
        }
        parts.join(", ")
    }
}
