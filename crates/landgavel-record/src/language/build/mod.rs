//! A completed tree to the types of the sale. Missing keys and wrong types have their findings by now;
//! a stand-in keeps the rest of the file checked, and no file with an error leaves this module's caller.

mod admission;
mod award;
mod exits;
mod kinds;
mod names;
mod parcel;
mod stages;

use landgavel_base::{Bilingual, Duration, FactValue, Period, PeriodUnit, Quantity, Source, SourceNote, UtcOffset};
use landgavel_sale::rulebook::{
    Amount, AnnulmentCause, AttributeId, InformationPolicy, Item, Moment, MomentId, MoneyRule, OutageRule, Resume,
    Role, Rulebook, Shown, StageId, Window, WindowEnd, Within,
};

pub(crate) use names::{attributes, header_list, parameters};
pub(crate) use parcel::{land, parcel};

use super::amount;
use super::duration::{read_duration, read_offset, read_period, read_within};
use super::finding::{Code, Place, Problem, Sink};
use super::scope::{ParameterValue, Scope, Site, wrong_kind};
use super::shape::{Need, unknown};
use super::shapes::INFORMATION;
use super::tree::{Node, Value, read_default};
use super::unit;

/// Reads clauses in the light of all names.
pub(crate) struct Build<'a> {
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) sink: &'a mut Sink,
}

/// Reads the whole rulebook; names come from the scope.
pub(crate) fn rulebook(root: &Node, scope: &Scope<'_>, sink: &mut Sink) -> Rulebook {
    let sources = sources(root, sink);
    let mut build = Build { scope, sink };
    let calendar = items(root, "calendar").iter().map(|node| build.moment_of_calendar(node)).collect();
    let admission = build.admission(root.get("admission"));
    let stages = items(root, "stages").iter().enumerate().map(|(index, node)| build.stage(index, node)).collect();
    let award = build.award(root.get("award"));
    let obligations = items(root, "obligations").iter().map(|node| build.obligation(node)).collect();
    let outage = build.outage(root.get("outage"));
    let annulment_causes = items(root, "annulment")
        .iter()
        .map(|node| AnnulmentCause { id: text(node, "id"), text: bilingual(node, "text") })
        .collect();
    Rulebook {
        id: text(root, "id"),
        version: text(root, "version"),
        title: bilingual(root, "title"),
        currency: scope.currency.to_owned(),
        utc_offset: utc_offset(root, build.sink),
        calendar,
        attributes: scope.attributes.to_vec(),
        admission,
        stages,
        award,
        obligations,
        outage,
        information: information(root.get("information")),
        annulment_causes,
        sources,
    }
}

pub(crate) fn utc_offset(root: &Node, sink: &mut Sink) -> UtcOffset {
    let Some(node) = root.get("utc_offset") else { return UtcOffset::default() };
    read_offset(node.text().unwrap_or_default()).unwrap_or_else(|problem| {
        sink.report(node.place, &node.path, problem);
        UtcOffset::default()
    })
}

pub(crate) fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[], Node::items)
}

pub(crate) fn text(node: &Node, key: &str) -> String {
    node.text_of(key).unwrap_or_default().to_owned()
}

pub(crate) fn bilingual(node: &Node, key: &str) -> Bilingual {
    match node.get(key) {
        Some(node) if node.is_table() => Bilingual::new(text(node, "zh"), text(node, "en")),
        Some(node) => {
            let both = node.text().unwrap_or_default();
            Bilingual::new(both, both)
        }
        None => Bilingual::default(),
    }
}

/// Any fact: text, whole number, or yes/no.
pub(crate) fn fact(node: &Node, sink: &mut Sink) -> FactValue {
    match &node.value {
        Value::Text(text) => FactValue::Text(text.clone()),
        Value::YesNo(yes) => FactValue::YesNo(*yes),
        Value::Number(number) => FactValue::Number(number.parse().unwrap_or_else(|_| {
            let problem = Problem::of(Code::OutOfRange, number).expected("a whole number");
            sink.report(node.place, &node.path, problem);
            0
        })),
        Value::Time(_) | Value::List(_) | Value::Table(_) => FactValue::YesNo(false),
    }
}

/// All `source` keys of a file, by the path of the clause; a source of the whole file counts for each part.
pub(crate) fn sources(root: &Node, sink: &mut Sink) -> Vec<(String, Source)> {
    let mut out = Vec::new();
    if let Some(source) = root.get("source").and_then(|node| source(node, root, sink)) {
        out.extend(
            root.entries()
                .iter()
                .filter(|entry| !matches!(entry.key.as_str(), "sources" | "source"))
                .map(|entry| (entry.key.clone(), source.clone())),
        );
    }
    for entry in root.entries() {
        if entry.key != "sources" {
            gather(&entry.node, root, sink, &mut out);
        }
    }
    out
}

// Recursion is bounded by the nesting that the TOML parser admits.
fn gather(node: &Node, root: &Node, sink: &mut Sink, out: &mut Vec<(String, Source)>) {
    if let Some(found) = node.get("source").and_then(|source_node| source(source_node, root, sink)) {
        out.retain(|(path, _)| *path != node.path);
        out.push((node.path.clone(), found));
    }
    for entry in node.entries() {
        if entry.key != "source" {
            gather(&entry.node, root, sink, out);
        }
    }
    for item in node.items() {
        gather(item, root, sink, out);
    }
}

pub(crate) fn source(node: &Node, root: &Node, sink: &mut Sink) -> Option<Source> {
    if node.is_table() {
        return Some(Source::Published(citation(node)));
    }
    match node.text()? {
        "assumption" => Some(Source::Assumption),
        id => match root.get("sources").and_then(|sources| sources.get(id)) {
            Some(found) => Some(Source::Published(citation(found))),
            None => {
                let ids = root.get("sources").map_or(&[][..], Node::entries).iter().map(|entry| entry.key.as_str());
                sink.report(node.place, &node.path, unknown(Code::UnknownSource, id, ids.chain(["assumption"])));
                None
            }
        },
    }
}

fn citation(node: &Node) -> SourceNote {
    let optional = |key| node.text_of(key).map(str::to_owned);
    let read_on = match node.get("read_on").map(|node| &node.value) {
        Some(Value::Time(time)) => Some(time.text.clone()),
        _ => optional("read_on"),
    };
    SourceNote { law: text(node, "law"), article: optional("article"), url: optional("url"), read_on }
}

fn information(node: Option<&Node>) -> InformationPolicy {
    let mut shown = [[Shown::Never; 4]; 8];
    let Some(node) = node else { return InformationPolicy { shown } };
    for (row, item) in shown.iter_mut().zip(Item::ALL) {
        let key = match item {
            Item::Amounts => "amounts",
            Item::Codes => "codes",
            Item::SealedAmounts => "sealed_amounts",
            Item::Identities => "identities",
            Item::Groups => "groups",
            Item::BidderCount => "bidder_count",
            Item::Marks => "marks",
            Item::Revealed => "revealed",
        };
        let default = default_shown(key);
        for (cell, role) in row.iter_mut().zip(Role::ALL) {
            let role_key = match role {
                Role::Public => "public",
                Role::Bidder => "bidder",
                Role::Officer => "officer",
                Role::Auditor => "auditor",
            };
            let value = node.get(key);
            let written = value.and_then(|value| value.text().or_else(|| value.text_of(role_key)));
            *cell = match written.or_else(|| default.as_ref().and_then(|default| default.text_of(role_key))) {
                Some("at-once") => Shown::AtOnce,
                Some("stage-end") => Shown::StageEnd,
                Some("sale-end") => Shown::SaleEnd,
                _ => Shown::Never,
            };
        }
    }
    InformationPolicy { shown }
}

/// What a partial table of roles leaves out, from the shape table.
fn default_shown(key: &str) -> Option<Node> {
    let field = INFORMATION.fields.iter().find(|field| field.key == key)?;
    match field.need {
        Need::Default(text) => Some(read_default(text, Place::default(), key)),
        Need::Required | Need::Optional => None,
    }
}

impl Build<'_> {
    pub(crate) fn report(&mut self, node: &Node, problem: Problem) {
        self.sink.report(node.place, &node.path, problem);
    }

    /// Keeps a value, or reports why there is none.
    pub(crate) fn keep<T>(&mut self, node: &Node, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.report(node, problem)).ok()
    }

    fn moment_of_calendar(&mut self, node: &Node) -> Moment {
        Moment {
            id: text(node, "id"),
            name: bilingual(node, "name"),
            after_previous: self.within(node, "after_previous"),
        }
    }

    pub(crate) fn moment(&mut self, node: &Node, key: &str) -> Option<MomentId> {
        let node = node.get(key)?;
        let found = self.scope.moment_named(node.text()?);
        self.keep(node, found)
    }

    pub(crate) fn stage_ref(&mut self, node: &Node, key: &str) -> Option<StageId> {
        let node = node.get(key)?;
        let found = self.scope.stage_named(node.text()?);
        self.keep(node, found)
    }

    pub(crate) fn attribute(&mut self, node: &Node, key: &str) -> Option<AttributeId> {
        let node = node.get(key)?;
        let found = self.scope.attribute_named(node.text()?);
        self.keep(node, found)
    }

    /// A scalar that may be a parameter: `pick` takes the parameter's value, `read` the text.
    fn scalar<T>(
        &mut self,
        node: &Node,
        expected: &str,
        pick: impl Fn(ParameterValue) -> Option<T>,
        read: impl Fn(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let text = node.scalar()?;
        let Some(name) = text.strip_prefix('$') else {
            let result = read(text);
            return self.keep(node, result);
        };
        let value = self.scope.parameter(name);
        let value = self.keep(node, value.and_then(|value| value.ok_or_else(Problem::consequence)))?;
        let picked = pick(value).ok_or_else(|| wrong_kind(name, expected));
        self.keep(node, picked)
    }

    pub(crate) fn duration(&mut self, node: &Node, key: &str) -> Option<Duration> {
        let pick = |value| match value {
            ParameterValue::Duration(duration) => Some(duration),
            _ => None,
        };
        self.scalar(node.get(key)?, "a parameter of duration", pick, read_duration)
    }

    pub(crate) fn period(&mut self, node: &Node, key: &str) -> Option<Period> {
        let pick = |value| match value {
            ParameterValue::Period(period) => Some(period),
            _ => None,
        };
        self.scalar(node.get(key)?, "a parameter of period", pick, read_period)
    }

    pub(crate) fn within(&mut self, node: &Node, key: &str) -> Option<Within> {
        let pick = |value| match value {
            ParameterValue::Duration(duration) => Some(Within::Time(duration)),
            ParameterValue::Period(period) => Some(Within::Period(period)),
            _ => None,
        };
        self.scalar(node.get(key)?, "a parameter of duration or period", pick, read_within)
    }

    /// A time limit that must be there; its stand-in is a day.
    pub(crate) fn limit(&mut self, node: &Node, key: &str) -> Within {
        self.within(node, key).unwrap_or(Within::Period(Period { count: 1, unit: PeriodUnit::Day }))
    }

    pub(crate) fn count(&mut self, node: &Node, key: &str) -> Option<u32> {
        let pick = |value| match value {
            ParameterValue::Count(count) => Some(count),
            _ => None,
        };
        let read = |text: &str| text.parse().map_err(|_| Problem::of(Code::OutOfRange, text));
        self.scalar(node.get(key)?, "a parameter of count", pick, read)
    }

    pub(crate) fn amount(
        &mut self,
        node: &Node,
        key: &str,
        attribute: Option<AttributeId>,
        site: Site,
    ) -> Option<Amount> {
        let node = node.get(key)?;
        self.amount_of(node, attribute, site)
    }

    pub(crate) fn amount_of(&mut self, node: &Node, attribute: Option<AttributeId>, site: Site) -> Option<Amount> {
        let result = amount::amount(node.scalar()?, attribute?, site, self.scope);
        self.keep(node, result)
    }

    pub(crate) fn quantity(&mut self, node: &Node, key: &str, attribute: Option<AttributeId>) -> Option<Quantity> {
        let node = node.get(key)?;
        let amount = self.amount_of(node, attribute, Site::BEFORE)?;
        if !amount.parts.is_empty() {
            self.report(node, Problem::of(Code::BadReference, "only a fixed amount can stand here"));
            return None;
        }
        Some(amount.constant)
    }

    pub(crate) fn money_rule(&mut self, node: &Node, key: &str, site: Site) -> Option<MoneyRule> {
        let node = node.get(key)?;
        let expression = if node.is_table() { node.get("amount")? } else { node };
        let result = amount::money(expression.scalar()?, site, self.scope);
        let (constant, parts) = self.keep(expression, result)?;
        let mut limit = |key: &str| {
            let node = node.get(key)?;
            let result = amount::money(node.scalar()?, Site::BEFORE, self.scope).and_then(|(constant, parts)| {
                let fixed = parts.is_empty().then_some(constant);
                fixed.ok_or_else(|| Problem::of(Code::BadReference, "only a fixed sum can stand here"))
            });
            self.keep(node, result)
        };
        let (at_most, at_least) = (limit("at_most"), limit("at_least"));
        if let (Some(most), Some(least)) = (at_most, at_least)
            && least > most
        {
            self.report(node, Problem::of(Code::BoundsEmpty, "`at_least` is above `at_most`"));
        }
        Some(MoneyRule { constant, parts, at_most, at_least })
    }

    pub(crate) fn window(&mut self, node: Option<&Node>) -> Window {
        let stand_in = Window { opens: None, closes: WindowEnd::After(Duration::ZERO) };
        let Some(node) = node else { return stand_in };
        let opens = self.moment(node, "opens");
        let Some(closes) = node.get("closes") else { return stand_in };
        let text = closes.text().unwrap_or_default();
        let end = match self.scope.moment_named(text) {
            Ok(moment) => Some(WindowEnd::At(moment)),
            Err(_) if text.starts_with(|first: char| first.is_ascii_digit() || first == '$') => {
                self.duration(node, "closes").map(WindowEnd::After)
            }
            Err(problem) => {
                self.report(closes, problem);
                None
            }
        };
        if end == Some(WindowEnd::After(Duration::ZERO)) {
            self.report(closes, Problem::of(Code::WindowReversed, "it lasts no time"));
        }
        Window { opens, closes: end.unwrap_or(stand_in.closes) }
    }

    fn outage(&mut self, node: Option<&Node>) -> OutageRule {
        let resume = match node.and_then(|node| node.text_of("resume")) {
            Some("remaining") => Resume::Remaining,
            _ => Resume::FullPeriod,
        };
        let measured_over = node.and_then(|node| self.duration(node, "measured_over"));
        OutageRule { resume, measured_over: measured_over.unwrap_or(Duration::ZERO) }
    }

    pub(crate) fn facts(&mut self, node: &Node, key: &str) -> Vec<FactValue> {
        items(node, key).iter().map(|item| fact(item, self.sink)).collect()
    }
}

/// Reports the second and later uses of an id in a list.
pub(crate) fn duplicates(nodes: &[Node], sink: &mut Sink) {
    for (index, node) in nodes.iter().enumerate() {
        let Some(id) = node.text_of("id") else { continue };
        if nodes[..index].iter().any(|earlier| earlier.text_of("id") == Some(id)) {
            let place = node.get("id").map_or(node.place, |id| id.place);
            sink.report(place, &node.path, Problem::of(Code::Duplicate, format_args!("`{id}`")));
        }
    }
}

/// Area that a rulebook is checked with when no lot gives one: 20,000 m², which are 30 mu.
pub(crate) const EXAMPLE_AREA_HUNDREDTHS: u64 = 2_000_000;

/// Reads an area with its unit.
pub(crate) fn area(node: &Node, sink: &mut Sink) -> Option<landgavel_base::Area> {
    let text = node.scalar()?;
    let is_some = |area: &landgavel_base::Area| area.hundredths_m2() > 0;
    let beyond = || Problem::of(Code::BeyondRange, format_args!("`{text}`"));
    let result = read_area(text).and_then(|area| Some(area).filter(is_some).ok_or_else(beyond));
    result.map_err(|problem| sink.report(node.place, &node.path, problem)).ok()
}

fn read_area(text: &str) -> Result<landgavel_base::Area, Problem> {
    let expected = "an area such as \"20000 m2\" or \"30 亩\"";
    let bad = || Problem::of(Code::BadAmount, format_args!("`{text}`")).expected(expected);
    let (number, unit_text) = unit::split_number(text).ok_or_else(bad)?;
    let wrong = || Problem::of(Code::WrongUnit, format_args!("`{unit_text}`")).expected(expected);
    if unit_text.is_empty() {
        return Err(wrong());
    }
    let (dimension, factor) = unit::dimension(unit::read_unit(unit_text)?.kind);
    if dimension != unit::Dimension::Area {
        return Err(wrong());
    }
    let hundredths = number.times(factor).and_then(super::number::Exact::as_whole).ok_or_else(|| {
        Problem::of(Code::WrongUnit, format_args!("`{text}` is no whole number of 0.01 m²"))
            .expected("the area in m², as surveyed")
    })?;
    let area = u64::try_from(hundredths).ok().and_then(landgavel_base::Area::from_hundredths_m2);
    area.ok_or_else(|| Problem::of(Code::BeyondRange, format_args!("`{text}`")))
}

/// Reads an area of a command, such as `5000 m2`; it may be zero.
///
/// # Errors
/// What is wrong with it.
pub fn parse_area(text: &str) -> Result<landgavel_base::Area, String> {
    read_area(text).map_err(unit::sentence)
}
