use landgavel_score::{Benchmark, ColumnId, ColumnKind, Comparison, Item, ItemRole, Missing, Step, Steps, Way};

use super::super::super::build as common;
use super::super::super::finding::{Code, Problem};
use super::super::super::shape::unknown;
use super::super::super::tree::Node;
use super::super::condition::{Written, comparison};
use super::Builder;

impl Builder<'_> {
    pub(super) fn item(&mut self, node: &Node) -> Option<Item> {
        let weight = self.number(node, "points", self.points_decimals)?;
        if weight <= 0 {
            self.report(node, Problem::of(Code::BadNumber, "`points`").expected("full points above zero"));
        }
        let dimension = node.get("dimension").and_then(|named| {
            let text = named.text().unwrap_or_default();
            let found = self.dimensions.iter().position(|(id, _)| id == text);
            if found.is_none() {
                let ids: Vec<String> = self.dimensions.iter().map(|(id, _)| id.clone()).collect();
                self.report(named, unknown(Code::UnknownDimension, text, ids.iter().map(String::as_str)));
            }
            found
        });
        let mut ways = Vec::new();
        for way in common::items(node, "ways") {
            ways.push(self.way(way, weight));
        }
        let ways = ways.into_iter().collect::<Option<Vec<Way>>>()?;
        if ways.is_empty() {
            self.report(node, Problem::of(Code::MissingKey, "`ways` is empty").expected("at least one way"));
        }
        let is_linear = ways.iter().any(|way| matches!(way, Way::Linear { .. }));
        let most = match node.get("cap") {
            None if is_linear => {
                let problem = Problem::of(Code::CapUnsaid, format_args!("`{}`", node.path));
                self.report(node, problem.expected("cap = \"150 %\", or cap = \"none\""));
                None
            }
            None => Some(weight),
            Some(cap) if cap.text() == Some("none") => None,
            Some(_) => Some(self.share_of(node, "cap", weight)?),
        };
        let greatest = ways.iter().flat_map(stated_points).max();
        if let (Some(greatest), Some(most)) = (greatest, most)
            && greatest > most
        {
            self.report(node, Problem::of(Code::PointsBeyondFull, format_args!("`{}`", node.path)));
        }
        Some(Item {
            id: common::text(node, "id"),
            name: common::bilingual(node, "name"),
            dimension,
            role: match node.text_of("role") {
                Some("bonus") => ItemRole::Bonus,
                Some("malus") => ItemRole::Malus,
                _ => ItemRole::Base,
            },
            weight,
            most,
            ways,
            missing: match node.text_of("missing") {
                Some("mean-points") => Missing::MeanPoints,
                Some("renormalise") => Missing::Renormalise,
                Some("refuse") => Missing::Refuse,
                _ => Missing::Zero,
            },
        })
    }

    fn way(&mut self, node: &Node, weight: i64) -> Option<Way> {
        let points = self.points_decimals;
        match node.text_of("kind")? {
            "linear" => {
                let indicator = self.indicator(node, "of")?;
                let benchmark = self.benchmark(node.get("base")?, self.indicators[indicator.0].decimals)?;
                Some(Way::Linear { indicator, benchmark })
            }
            "min-max" => Some(Way::MinMax {
                indicator: self.indicator(node, "of")?,
                at_least: self.share_of(node, "low", weight)?,
                at_greatest: self.share_of(node, "high", weight)?,
                scope: self.scope(node),
            }),
            "steps" => {
                let indicator = self.indicator(node, "of")?;
                let decimals = self.indicators[indicator.0].decimals;
                Some(Way::Steps { indicator, steps: self.steps(node, decimals)? })
            }
            "per-unit" => {
                let indicator = self.indicator(node, "of")?;
                let each = self.number(node, "each", self.indicators[indicator.0].decimals)?;
                if each <= 0 {
                    self.report(node, Problem::of(Code::BadNumber, "`each`").expected("a number above zero"));
                    return None;
                }
                Some(Way::PerUnit { indicator, each, points: self.number(node, "points", points)? })
            }
            "choice" => self.choice(node),
            _ => None,
        }
    }

    fn steps(&mut self, node: &Node, decimals: u8) -> Option<Steps> {
        let comparison = comparison(node.text_of("comparison")?)?;
        let mut steps: Vec<Step> = Vec::new();
        for step in common::items(node, "steps") {
            let bound = self.number(step, "bound", decimals)?;
            let points = self.number(step, "points", self.points_decimals)?;
            let follows = steps.last().is_none_or(|before| match comparison {
                Comparison::AtLeast | Comparison::Above => bound < before.bound,
                Comparison::AtMost | Comparison::Below => bound > before.bound,
                Comparison::Equal | Comparison::Unequal => true,
            });
            if !follows {
                self.report(step, Problem::of(Code::StepsOrder, format_args!("`{}`", step.path)));
            }
            steps.push(Step { bound, points });
        }
        Some(Steps { comparison, steps, otherwise: self.number(node, "otherwise", self.points_decimals)? })
    }

    fn choice(&mut self, node: &Node) -> Option<Way> {
        let named = node.get("of")?;
        let name = named.text().unwrap_or_default();
        let Some(index) = self.columns.iter().position(|column| column.id == name) else {
            let names = self.names();
            self.report(named, unknown(Code::UnknownColumn, name, names.iter().map(String::as_str)));
            return None;
        };
        if let ColumnKind::Number { .. } = self.columns[index].kind {
            let problem = Problem::of(Code::BadCondition, format_args!("`{name}` holds numbers"));
            self.report(named, problem.expected("a column of words or of yes and no"));
            return None;
        }
        self.used.insert(index);
        let mut points = Vec::new();
        for entry in node.get("points").map_or(&[][..], Node::entries) {
            let test = Written { name, comparison: Comparison::Equal, value: &entry.key };
            let value = self.cell_value(&entry.node, ColumnId(index), test)?;
            points.push((value, self.number_of(&entry.node, self.points_decimals)?));
        }
        let otherwise = self.number(node, "otherwise", self.points_decimals)?;
        Some(Way::Choice { column: ColumnId(index), points, otherwise })
    }

    fn benchmark(&mut self, node: &Node, decimals: u8) -> Option<Benchmark> {
        if !node.is_table() {
            let value = self.number_of(node, decimals)?;
            if value <= 0 {
                self.report(node, Problem::of(Code::BadNumber, "`base`").expected("a benchmark above zero"));
            }
            return Some(Benchmark::Fixed(value));
        }
        let times = self.factor(node, "times")?;
        let scope = self.scope(node);
        match (node.text_of("mean"), node.has("quantile")) {
            (Some("totals"), false) => Some(Benchmark::MeanOfTotals { times, scope }),
            (Some(_), false) => Some(Benchmark::MeanOfRows { times, scope }),
            (None, true) => {
                let share = self.share(node, "quantile")?;
                if !(1..=1_000_000).contains(&share) {
                    self.report(node, Problem::of(Code::OutOfRange, "`quantile`").expected("above 0 %, at most 100 %"));
                }
                Some(Benchmark::Quantile { share, times, scope })
            }
            _ => {
                let problem = Problem::of(Code::MissingKey, "a base found in the table");
                self.report(node, problem.expected("either `mean` or `quantile`"));
                None
            }
        }
    }
}

/// Points that a way states outright.
fn stated_points(way: &Way) -> Vec<i64> {
    match way {
        Way::Linear { .. } | Way::PerUnit { .. } => Vec::new(),
        Way::MinMax { at_least, at_greatest, .. } => vec![*at_least, *at_greatest],
        Way::Steps { steps, .. } => steps.steps.iter().map(|step| step.points).chain([steps.otherwise]).collect(),
        Way::Choice { points, otherwise, .. } => points.iter().map(|(_, points)| *points).chain([*otherwise]).collect(),
    }
}
