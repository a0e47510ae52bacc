use landgavel_score::{Column, ColumnId, ColumnKind, Exact, Expression, Indicator, IndicatorId, Subject, ZeroDivisor};

use super::super::super::build as common;
use super::super::super::finding::{Code, Problem};
use super::super::super::shape::unknown;
use super::super::super::tree::Node;
use super::super::condition::terms;
use super::super::{Blank, ColumnRule};
use super::{Builder, decimals};

impl Builder<'_> {
    pub(super) fn columns(&mut self, root: &Node) {
        for entry in root.get("columns").map_or(&[][..], Node::entries) {
            let node = &entry.node;
            let words: Vec<String> =
                common::items(node, "words").iter().filter_map(Node::text).map(str::to_owned).collect();
            let is_closed = node.has("words");
            let kind = match node.text_of("kind") {
                Some("yes-no") => ColumnKind::YesNo,
                Some("word") => ColumnKind::Word { words },
                _ => ColumnKind::Number { decimals: decimals(Some(node), "decimals", 4) },
            };
            let places = self.decimals_of(&kind);
            let name = common::bilingual(node, "name");
            let mut heads = vec![entry.key.clone(), name.zh.clone(), name.en.clone()];
            heads.extend(common::items(node, "headers").iter().filter_map(Node::text).map(str::to_owned));
            let (at_least, at_most) = (self.number(node, "at_least", places), self.number(node, "at_most", places));
            let typical = self.number(node, "typical", places);
            if typical.is_some_and(|typical| typical <= 0) {
                self.report(node, Problem::of(Code::BadNumber, "`typical`").expected("a number above zero"));
            }
            self.rules.push(ColumnRule {
                heads,
                blank: match node.text_of("blank") {
                    Some("zero") => Blank::Zero,
                    Some("refuse") => Blank::Refuse,
                    _ => Blank::Missing,
                },
                at_least,
                at_most,
                typical,
                is_closed,
            });
            self.columns.push(Column { id: entry.key.clone(), name, unit: common::text(node, "unit"), kind });
        }
    }

    fn decimals_of(&self, kind: &ColumnKind) -> u8 {
        match kind {
            ColumnKind::Number { decimals } => *decimals,
            ColumnKind::YesNo | ColumnKind::Word { .. } => 0,
        }
    }

    pub(super) fn indicators(&mut self, root: &Node) {
        for entry in root.get("indicators").map_or(&[][..], Node::entries) {
            let node = &entry.node;
            let Some(of) = node.get("of").and_then(|of| self.expression(of)) else { continue };
            let over = match node.get("over") {
                None => None,
                Some(over) => match self.expression(over) {
                    None => continue,
                    some => some,
                },
            };
            let kept = decimals(Some(node), "decimals", 4);
            let Some(times) = self.factor(node, "times") else { continue };
            // Quotients of quanta to quanta: 10^(kept − of + over).
            let exponent =
                i32::from(kept) - i32::from(of.decimals) + over.as_ref().map_or(0, |over| i32::from(over.decimals));
            let power = 10i128.pow(exponent.unsigned_abs());
            let scale = if exponent < 0 { Exact::new(1, power) } else { Exact::new(power, 1) };
            let Some(factor) = scale.and_then(|scale| scale.times(times)) else { continue };
            self.indicators.push(Indicator {
                id: entry.key.clone(),
                name: common::bilingual(node, "name"),
                unit: common::text(node, "unit"),
                decimals: kept,
                of,
                over,
                factor,
                zero_divisor: match node.text_of("zero_divisor") {
                    Some("missing") => ZeroDivisor::Missing,
                    _ => ZeroDivisor::Refuse,
                },
            });
        }
    }

    fn expression(&mut self, node: &Node) -> Option<Expression> {
        let written = match terms(node.text().unwrap_or_default()) {
            Ok(written) => written,
            Err(problem) => {
                self.report(node, problem);
                return None;
            }
        };
        let mut found = Vec::new();
        for (sign, name) in written {
            let Some(index) = self.columns.iter().position(|column| column.id == name) else {
                let ids: Vec<String> = self.columns.iter().map(|column| column.id.clone()).collect();
                self.report(node, unknown(Code::UnknownColumn, name, ids.iter().map(String::as_str)));
                return None;
            };
            if let ColumnKind::Word { .. } = self.columns[index].kind {
                let problem = Problem::of(Code::BadCondition, format_args!("`{name}` holds words"));
                self.report(node, problem.expected("columns of numbers"));
                return None;
            }
            self.used.insert(index);
            found.push((sign, index, self.decimals_of(&self.columns[index].kind)));
        }
        let most = found.iter().map(|(_, _, decimals)| *decimals).max().unwrap_or(0);
        let terms = found
            .into_iter()
            .map(|(sign, index, decimals)| (ColumnId(index), sign * 10i64.pow(u32::from(most - decimals))))
            .collect();
        Some(Expression { terms, decimals: most })
    }

    /// What a name in a test stands for.
    pub(super) fn subject(&mut self, name: &str) -> Option<Subject> {
        if name == "total" {
            return Some(Subject::Total);
        }
        if let Some(index) = self.dimensions.iter().position(|(id, _)| id == name) {
            return Some(Subject::Dimension(index));
        }
        if let Some(index) = self.indicators.iter().position(|indicator| indicator.id == name) {
            return Some(Subject::Indicator(IndicatorId(index)));
        }
        let index = self.columns.iter().position(|column| column.id == name)?;
        self.used.insert(index);
        Some(Subject::Column(ColumnId(index)))
    }

    /// The indicator of a name; a column of numbers becomes one when it is first named.
    pub(super) fn indicator(&mut self, node: &Node, key: &str) -> Option<IndicatorId> {
        let node = node.get(key)?;
        let name = node.text().unwrap_or_default();
        self.indicator_named(node, name)
    }

    pub(super) fn indicator_named(&mut self, node: &Node, name: &str) -> Option<IndicatorId> {
        if let Some(index) = self.indicators.iter().position(|indicator| indicator.id == name) {
            return Some(IndicatorId(index));
        }
        let Some(index) = self.columns.iter().position(|column| column.id == name) else {
            let names = self.names();
            self.report(node, unknown(Code::UnknownColumn, name, names.iter().map(String::as_str)));
            return None;
        };
        let column = &self.columns[index];
        if let ColumnKind::Word { .. } = column.kind {
            let problem = Problem::of(Code::BadCondition, format_args!("`{name}` holds words"));
            self.report(node, problem.expected("an indicator or a column of numbers"));
            return None;
        }
        let decimals = self.decimals_of(&column.kind);
        self.used.insert(index);
        self.indicators.push(Indicator {
            id: column.id.clone(),
            name: column.name.clone(),
            unit: column.unit.clone(),
            decimals,
            of: Expression { terms: vec![(ColumnId(index), 1)], decimals },
            over: None,
            factor: Exact::ONE,
            zero_divisor: ZeroDivisor::Refuse,
        });
        Some(IndicatorId(self.indicators.len() - 1))
    }
}
