//! A completed tree to a card. Missing keys and wrong types have their findings by now.

mod columns;
mod grades;
mod items;

use std::collections::BTreeSet;

use landgavel_base::{Bilingual, Date};
use landgavel_score::{
    Card, Column, ColumnId, ColumnKind, Comparison, DIMENSIONS_MAX, Exact, GradeId, Grading, Indicator, Rule, Scope,
    Subject, Test,
};

use super::super::amount::{ratio, read_percent};
use super::super::build as common;
use super::super::finding::{Code, Problem, Sink};
use super::super::shape::unknown;
use super::super::tree::{Node, Value};
use super::condition::{self, quanta};
use super::{ColumnRule, Heads};

/// What is known while a card is built.
struct Builder<'a> {
    sink: &'a mut Sink,
    columns: Vec<Column>,
    rules: Vec<ColumnRule>,
    indicators: Vec<Indicator>,
    dimensions: Vec<(String, Bilingual)>,
    is_grouped: bool,
    points_decimals: u8,
    total_decimals: u8,
    /// Columns that something uses.
    used: BTreeSet<usize>,
}

/// Reads the whole card. No file with an error leaves the caller.
pub(crate) fn card(root: &Node, sink: &mut Sink) -> (Option<Card>, Heads) {
    let rounding = root.get("rounding");
    let group = common::items(root.get("table").unwrap_or(root), "group");
    for list in ["items", "gates", "vetoes", "exempt"] {
        common::duplicates(common::items(root, list), sink);
    }
    let mut builder = Builder {
        sink,
        columns: Vec::new(),
        rules: Vec::new(),
        indicators: Vec::new(),
        dimensions: Vec::new(),
        is_grouped: !group.is_empty(),
        points_decimals: decimals(rounding, "points", 6),
        total_decimals: decimals(rounding, "total", 2),
        used: BTreeSet::new(),
    };
    builder.columns(root);
    builder.dimensions(root);
    builder.indicators(root);
    builder.unique_names(root);
    let items = common::items(root, "items").iter().filter_map(|node| builder.item(node)).collect();
    let gates = common::items(root, "gates").iter().filter_map(|node| builder.rule(node, true)).collect();
    let grading = root.get("grades").and_then(|node| builder.grading(node));
    let names: Vec<String> =
        grading.as_ref().map_or_else(Vec::new, |grading| grading.names().into_iter().map(str::to_owned).collect());
    let vetoes = common::items(root, "vetoes")
        .iter()
        .filter_map(|node| Some((builder.rule(node, true)?, builder.grade(node, "not_above", &names)?)))
        .collect();
    let exemptions = common::items(root, "exempt")
        .iter()
        .filter_map(|node| Some((builder.rule(node, false)?, common::text(node, "mark"))))
        .collect();
    builder.warn_of_unused(root);
    let (from, until) = in_force(root, builder.sink);
    let heads = heads(root, builder.rules, builder.sink);
    let card = grading.map(|grading| Card {
        id: common::text(root, "id"),
        version: common::text(root, "version"),
        title: common::bilingual(root, "title"),
        from,
        until,
        columns: builder.columns,
        indicators: builder.indicators,
        dimensions: builder.dimensions,
        items,
        gates,
        vetoes,
        exemptions,
        is_grouped: builder.is_grouped,
        points_decimals: builder.points_decimals,
        total_decimals: builder.total_decimals,
        grading,
    });
    (card, heads)
}

fn heads(root: &Node, columns: Vec<ColumnRule>, sink: &mut Sink) -> Heads {
    let list = |key| {
        let table = root.get("table").map_or(&[][..], |table| common::items(table, key));
        table.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let heads = Heads { firm: list("firm"), group: list("group"), parcel: list("parcel"), columns };
    report_shared(root, &heads, sink);
    heads
}

/// A column of a table is one thing: no head names two.
fn report_shared(root: &Node, heads: &Heads, sink: &mut Sink) {
    let table = root.get("table").unwrap_or(root);
    let named = [("firm", &heads.firm), ("group", &heads.group), ("parcel", &heads.parcel)];
    let named = named.map(|(key, own)| (own, table.get(key).unwrap_or(table)));
    let entries = root.get("columns").map_or(&[][..], Node::entries);
    let columns = heads.columns.iter().zip(entries).map(|(column, entry)| (&column.heads, &entry.node));
    let mut known: Vec<&str> = Vec::new();
    for (own, node) in named.into_iter().chain(columns) {
        let mut of_this: Vec<&str> = own.iter().map(String::as_str).filter(|head| !head.is_empty()).collect();
        // A name may be the same in both languages, and stand among the heads once more.
        of_this.sort_unstable();
        of_this.dedup();
        for head in of_this.iter().filter(|head| known.contains(*head)) {
            let problem = Problem::of(Code::Duplicate, format_args!("`{head}`"));
            sink.report(node.place, &node.path, problem.expected("a head that names no other column"));
        }
        known.extend(of_this);
    }
}

fn decimals(node: Option<&Node>, key: &str, default: u8) -> u8 {
    node.and_then(|node| node.get(key)).and_then(Node::scalar).and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn in_force(root: &Node, sink: &mut Sink) -> (Option<Date>, Option<Date>) {
    let Some(node) = root.get("in_force") else { return (None, None) };
    let mut day = |key: &str| {
        let node = node.get(key)?;
        let read = match &node.value {
            Value::Time(time) => {
                time.date.and_then(|(year, month, day)| Date::from_ymd(year.into(), month.into(), day.into()))
            }
            _ => None,
        };
        if read.is_none() {
            sink.report(
                node.place,
                &node.path,
                Problem::of(Code::BadDate, "in_force").expected("a date such as 2022-08-01"),
            );
        }
        read
    };
    (day("from"), day("until"))
}

impl Builder<'_> {
    fn report(&mut self, node: &Node, problem: Problem) {
        self.sink.report(node.place, &node.path, problem);
    }

    /// A decimal number of a key, in units of `10^−decimals`.
    fn number(&mut self, node: &Node, key: &str, decimals: u8) -> Option<i64> {
        let node = node.get(key)?;
        self.number_of(node, decimals)
    }

    fn number_of(&mut self, node: &Node, decimals: u8) -> Option<i64> {
        match quanta(node.scalar().unwrap_or_default(), decimals) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.report(node, problem);
                None
            }
        }
    }

    /// A decimal number of a key, exact and positive.
    fn factor(&mut self, node: &Node, key: &str) -> Option<Exact> {
        let node = node.get(key)?;
        let value = self.number_of(node, 9)?;
        if value <= 0 {
            self.report(node, Problem::of(Code::BadNumber, value).expected("a number above zero"));
            return None;
        }
        Exact::new(i128::from(value), 1_000_000_000)
    }

    /// A share of a key in parts per million, 0 to the limit.
    fn share(&mut self, node: &Node, key: &str) -> Option<u32> {
        let node = node.get(key)?;
        let text = node.text().unwrap_or_default();
        let read = read_percent(text).and_then(|share| ratio(share, text));
        match read.map(|ratio| u32::try_from(ratio.ppm())) {
            Ok(Ok(ppm)) => Some(ppm),
            Ok(Err(_)) => {
                self.report(node, Problem::of(Code::OutOfRange, text).expected("a share from 0 % to 4000 %"));
                None
            }
            Err(problem) => {
                self.report(node, problem);
                None
            }
        }
    }

    /// A share of some points.
    fn share_of(&mut self, node: &Node, key: &str, points: i64) -> Option<i64> {
        let ppm = self.share(node, key)?;
        Exact::new(i128::from(ppm), 1_000_000)?.of(points)
    }

    fn scope(&mut self, node: &Node) -> Scope {
        let Some(within) = node.get("within") else { return Scope::All };
        let wants_group = within.text() == Some("group");
        if wants_group && !self.is_grouped && within.written {
            self.report(within, Problem::of(Code::GroupsMissing, "`table.group`"));
        }
        if wants_group && self.is_grouped { Scope::Group } else { Scope::All }
    }

    fn dimensions(&mut self, root: &Node) {
        let Some(node) = root.get("dimensions") else { return };
        if node.entries().len() > DIMENSIONS_MAX {
            let problem = Problem::of(Code::OutOfRange, format_args!("{} dimensions", node.entries().len()));
            self.report(node, problem.expected(format!("at most {DIMENSIONS_MAX}")));
        }
        for entry in node.entries() {
            self.dimensions.push((entry.key.clone(), common::bilingual(node, &entry.key)));
        }
    }

    /// Tests name columns, indicators and dimensions alike, so each name stands once.
    fn unique_names(&mut self, root: &Node) {
        let mut seen: Vec<&str> = vec!["total"];
        for table in ["columns", "indicators", "dimensions"] {
            for entry in root.get(table).map_or(&[][..], Node::entries) {
                if seen.contains(&entry.key.as_str()) {
                    let problem = Problem::of(Code::Duplicate, format_args!("`{}`", entry.key));
                    self.sink.report(entry.place, &entry.node.path, problem);
                }
                seen.push(&entry.key);
            }
        }
    }

    fn warn_of_unused(&mut self, root: &Node) {
        for (index, entry) in root.get("columns").map_or(&[][..], Node::entries).iter().enumerate() {
            if !self.used.contains(&index) {
                let problem = Problem::of(Code::UnusedColumn, format_args!("`{}`", entry.key));
                self.sink.report(entry.place, &entry.node.path, problem);
            }
        }
    }

    fn grade(&mut self, node: &Node, key: &str, names: &[String]) -> Option<GradeId> {
        let node = node.get(key)?;
        let text = node.text().unwrap_or_default();
        match names.iter().position(|name| name == text).and_then(|index| u8::try_from(index).ok()) {
            Some(index) => Some(GradeId(index)),
            None => {
                self.report(node, unknown(Code::UnknownGrade, text, names.iter().map(String::as_str)));
                None
            }
        }
    }

    /// A rule; `may_name_points` is false for what is judged before points are known.
    fn rule(&mut self, node: &Node, may_name_points: bool) -> Option<Rule> {
        let mut any_of = Vec::new();
        let alternatives = node.get("any_of")?;
        if alternatives.items().is_empty() {
            self.report(
                alternatives,
                Problem::of(Code::MissingKey, "`any_of` is empty").expected("at least one alternative"),
            );
        }
        for alternative in alternatives.items() {
            match condition::tests(alternative.text().unwrap_or_default()) {
                Ok(written) => {
                    let tests =
                        written.into_iter().map(|(test, text)| self.test(alternative, test, text, may_name_points));
                    any_of.push(tests.collect::<Option<Vec<Test>>>());
                }
                Err(problem) => {
                    self.report(alternative, problem);
                    any_of.push(None);
                }
            }
        }
        let any_of = any_of.into_iter().collect::<Option<_>>()?;
        Some(Rule { id: common::text(node, "id"), name: common::bilingual(node, "name"), any_of })
    }

    fn test(&mut self, node: &Node, test: condition::Written<'_>, text: String, may_name_points: bool) -> Option<Test> {
        let Some(subject) = self.subject(test.name) else {
            let names: Vec<String> = self.names();
            self.report(node, unknown(Code::UnknownColumn, test.name, names.iter().map(String::as_str)));
            return None;
        };
        if !may_name_points && matches!(subject, Subject::Total | Subject::Dimension(_)) {
            let words = condition::subject_words(subject);
            let problem = Problem::of(Code::BadCondition, format_args!("`{text}` names {words}"));
            self.report(node, problem.expected("columns and indicators: points are not known yet"));
            return None;
        }
        let value = match subject {
            Subject::Total => self.quanta(node, test.value, self.total_decimals),
            Subject::Dimension(_) => self.quanta(node, test.value, self.points_decimals),
            Subject::Indicator(id) => self.quanta(node, test.value, self.indicators[id.0].decimals),
            Subject::Column(id) => self.cell_value(node, id, test),
        }?;
        Some(Test { subject, comparison: test.comparison, value, text })
    }

    fn quanta(&mut self, node: &Node, text: &str, decimals: u8) -> Option<i64> {
        match quanta(text, decimals) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.report(node, problem);
                None
            }
        }
    }

    /// The value of a cell as a test or a choice writes it.
    fn cell_value(&mut self, node: &Node, id: ColumnId, test: condition::Written<'_>) -> Option<i64> {
        let order = !matches!(test.comparison, Comparison::Equal | Comparison::Unequal);
        let kind = &self.columns[id.0].kind;
        if order && !matches!(kind, ColumnKind::Number { .. }) {
            let problem = Problem::of(Code::BadCondition, format_args!("`{}` has no order", test.name));
            self.report(node, problem.expected("`=` or `!=`"));
            return None;
        }
        match kind {
            ColumnKind::Number { decimals } => {
                let decimals = *decimals;
                self.quanta(node, test.value, decimals)
            }
            ColumnKind::YesNo => match test.value {
                "yes" => Some(1),
                "no" => Some(0),
                other => {
                    self.report(node, unknown(Code::UnknownWord, other, ["yes", "no"].into_iter()));
                    None
                }
            },
            ColumnKind::Word { .. } => self.word(node, id, test.value),
        }
    }

    /// The index of a word of a column; an open list learns it.
    fn word(&mut self, node: &Node, id: ColumnId, word: &str) -> Option<i64> {
        let is_closed = self.rules[id.0].is_closed;
        let ColumnKind::Word { words } = &mut self.columns[id.0].kind else { return None };
        let known = words.iter().position(|known| known == word);
        if known.is_none() && is_closed {
            let words = words.clone();
            self.report(node, unknown(Code::UnknownWord, word, words.iter().map(String::as_str)));
            return None;
        }
        let index = known.unwrap_or_else(|| {
            words.push(word.to_owned());
            words.len() - 1
        });
        i64::try_from(index).ok()
    }
}

impl Builder<'_> {
    fn names(&self) -> Vec<String> {
        let columns = self.columns.iter().map(|column| column.id.clone());
        let indicators = self.indicators.iter().map(|indicator| indicator.id.clone());
        columns.chain(indicators).chain(["total".to_owned()]).collect()
    }

    fn grading(&mut self, node: &Node) -> Option<Grading> {
        grades::grading(self, node)
    }
}
