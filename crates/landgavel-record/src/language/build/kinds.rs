use landgavel_base::{Duration, Quantity};
use landgavel_sale::rulebook::{
    Against, Amount, Ascending, Ask, AskedParty, AttributeId, BeaconSource, Bound, Cap, Close, Criterion,
    CriterionKind, Descending, Draw, DrawWeights, First, FirstOf, Fixed, HardStop, Inactive, Limit, Quote, RoundEnd,
    RoundOrder, Rounds, Score, Sealed, Side, StageId, StageKind, Statistic, Step, StepMode, Toward,
};

use super::super::duration::read_time_of_day;
use super::super::finding::{Code, Problem};
use super::super::scope::Site;
use super::super::tree::{Node, Value};
use super::{Build, bilingual, items, text};

/// How many of start, step and cap are known to a value: see [`Site`].
const AT_START: usize = 0;
const AT_STEP: usize = 1;
const AT_CAP: usize = 2;
const AFTER_CAP: usize = 3;

/// Names the first attribute when a stage's own could not be read; that has its own finding.
const STAND_IN: AttributeId = AttributeId(0);

impl Build<'_> {
    pub(crate) fn stage_kind(&mut self, id: StageId, node: &Node) -> StageKind {
        let attribute = self.attribute(node, "attribute");
        match node.text_of("kind") {
            Some("ascending") => StageKind::Ascending(self.ascending(id, attribute, node)),
            Some("descending") => StageKind::Descending(Descending {
                attribute: attribute.unwrap_or(STAND_IN),
                start: self.value(node, "start", attribute, Site::within(id, AT_START)),
                step: self.value(node, "step", attribute, Site::within(id, AT_STEP)),
                every: self.positive(node, "every"),
                floor: self.value(node, "floor", attribute, Site::within(id, AT_CAP)),
            }),
            Some("sealed") => StageKind::Sealed(self.sealed(id, attribute, node)),
            Some("rounds") => StageKind::Rounds(self.rounds(id, attribute, node)),
            Some("score") => StageKind::Score(self.score(id, attribute, node)),
            Some("fixed") => StageKind::Fixed(Fixed {
                attribute: attribute.unwrap_or(STAND_IN),
                value: self.value(node, "value", attribute, Site::within(id, AT_START)),
                window: self.window(node.get("window")),
            }),
            Some("first") => StageKind::First(First { of: self.first_of(id, node) }),
            _ => StageKind::Draw(self.draw(node)),
        }
    }

    /// An amount that must be there.
    fn value(&mut self, node: &Node, key: &str, attribute: Option<AttributeId>, site: Site) -> Amount {
        self.amount(node, key, attribute, site).unwrap_or_default()
    }

    /// A time that must be there and must not be zero.
    fn positive(&mut self, node: &Node, key: &str) -> Duration {
        let Some(duration) = self.duration(node, key) else { return Duration::ZERO };
        if duration == Duration::ZERO {
            let at = node.get(key).unwrap_or(node);
            self.report(at, Problem::of(Code::CountdownZero, format_args!("`{key}`")));
        }
        duration
    }

    fn ascending(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Ascending {
        let quote = node.get("quote").map(|quote| self.window(Some(quote)));
        let ask = node.get("ask").map(|ask| Ask {
            window: self.positive(ask, "window"),
            who: if ask.text_of("who") == Some("field") { AskedParty::Field } else { AskedParty::Quoted },
        });
        if let (None, Some(ask)) = (quote, node.get("ask")) {
            let problem = Problem::of(Code::BadReference, "an ask follows a quote period, and there is none");
            self.report(ask, problem.expected("`quote` too, or no `ask`"));
        }
        Ascending {
            attribute: attribute.unwrap_or(STAND_IN),
            start: self.value(node, "start", attribute, Site::within(id, AT_START)),
            step: self.step(id, attribute, node),
            cap: node.get("cap").map(|cap| self.cap(id, attribute, cap)),
            reserve: node.get("reserve").map(|reserve| self.limit_of(id, attribute, reserve, AFTER_CAP)),
            carries: node.yes("carries"),
            leader_may_raise: node.yes("leader_may_raise"),
            close: self.close(node, quote.is_some()),
            quote,
            ask,
        }
    }

    fn close(&mut self, node: &Node, has_quote: bool) -> Close {
        let Some(close) = node.get("close") else { return Close::QuoteEnd };
        if !close.is_table() {
            if !has_quote {
                let problem = Problem::of(Code::BadReference, "there is no quote period that could end");
                self.report(close, problem.expected("`quote`, or another close"));
            }
            return Close::QuoteEnd;
        }
        if let Some(hammer) = close.get("hammer") {
            let gap = self.duration(hammer, "gap").unwrap_or(Duration::ZERO);
            return Close::Hammer { calls: self.count(hammer, "calls").unwrap_or(3), gap };
        }
        let length = self.positive(close, "countdown");
        let first = close.has("first").then(|| self.positive(close, "first"));
        Close::Countdown { length, first, hard_stop: self.hard_stop(close) }
    }

    fn hard_stop(&mut self, node: &Node) -> Option<HardStop> {
        let node = node.get("hard_stop")?;
        if let Value::Time(time) = &node.value {
            return time.millis_of_day.map(HardStop::Daily);
        }
        let text = node.text()?;
        if let Some(time) = read_time_of_day(text) {
            return Some(HardStop::Daily(time));
        }
        let moment = self.scope.moment_named(text);
        self.keep(node, moment).map(HardStop::At)
    }

    fn step(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Step {
        let site = Site::within(id, AT_STEP);
        let step = node.get("step");
        let Some(table) = step.filter(|step| step.is_table()) else {
            let by = step.and_then(|step| self.amount_of(step, attribute, site)).unwrap_or_default();
            return Step { by, mode: StepMode::Multiple, over: Against::Best, adjustable: false };
        };
        Step {
            by: self.value(table, "by", attribute, site),
            mode: match table.text_of("mode") {
                Some("at-least") => StepMode::AtLeast,
                Some("exact") => StepMode::Exact,
                _ => StepMode::Multiple,
            },
            over: if table.text_of("over") == Some("own") { Against::Own } else { Against::Best },
            adjustable: table.yes("adjustable"),
        }
    }

    fn cap(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Cap {
        Cap {
            limit: self.limit_of(id, attribute, node, AT_CAP),
            acceptance: self.duration(node, "acceptance").unwrap_or(Duration::ZERO),
            holds_through_quote: node.yes("holds_through_quote"),
            short_step: node.yes("short_step"),
        }
    }

    fn limit_of(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node, rank: usize) -> Limit {
        let site = Site::within(id, rank);
        if !node.is_table() {
            return Limit::Public(self.amount_of(node, attribute, site).unwrap_or_default());
        }
        let Some(committed) = node.get("committed") else {
            return Limit::Public(self.value(node, "at", attribute, site));
        };
        if !node.yes("committed") {
            self.report(committed, Problem::of(Code::UnknownWord, "`false`").expected("true, or `at`"));
        }
        Limit::Committed {
            lodge_by: self.moment(node, "lodge_by"),
            reveal_within: self.duration(node, "reveal_within").unwrap_or(Duration::ZERO),
        }
    }

    fn sealed(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Sealed {
        let written = items(node, "quotes");
        let keys = ["attribute", "min", "max", "multiple_of"];
        let mut quotes: Vec<Quote> = written.iter().map(|quote| self.quote(id, quote)).collect();
        match (written.is_empty(), keys.iter().find_map(|key| node.get(key))) {
            (false, Some(extra)) => {
                let problem = Problem::of(Code::UnknownKey, "with `quotes`, attribute and bounds stand in each quote");
                self.report(extra, problem);
            }
            (true, None) => {
                let problem = Problem::of(Code::MissingKey, "`attribute` or `quotes`");
                self.report(node, problem.expected("`attribute = \"price\"`, or a list `quotes`"));
            }
            (true, Some(_)) => quotes.push(self.quote(id, node)),
            (false, None) => {}
        }
        let decides = quotes.first().map(|quote| quote.attribute).or(attribute);
        Sealed {
            quotes,
            window: self.window(node.get("window")),
            open_within: self.positive(node, "open_within"),
            revisable: node.yes("revisable"),
            reserve: node.get("reserve").map(|reserve| self.limit_of(id, decides, reserve, AFTER_CAP)),
            winner: self.statistic(id, decides, node),
            carries: node.yes("carries"),
        }
    }

    fn quote(&mut self, id: StageId, node: &Node) -> Quote {
        let attribute = self.attribute(node, "attribute");
        let site = Site::within(id, AT_START).of_bidder();
        Quote {
            attribute: attribute.unwrap_or(STAND_IN),
            min: node.get("min").and_then(|bound| self.bound(bound, "above", "below", attribute, site)),
            max: node.get("max").and_then(|bound| self.bound(bound, "below", "above", attribute, site)),
            multiple_of: self.amount(node, "multiple_of", attribute, site),
        }
    }

    fn bound(
        &mut self,
        node: &Node,
        key: &str,
        wrong_key: &str,
        attribute: Option<AttributeId>,
        site: Site,
    ) -> Option<Bound> {
        if !node.is_table() {
            return self.amount_of(node, attribute, site).map(|at| Bound { at, inclusive: true });
        }
        if node.has(wrong_key) {
            let problem = Problem::of(Code::UnknownKey, format_args!("`{wrong_key}`"));
            self.report(node, problem.expected(format!("{{ {key} = … }}")));
            return None;
        }
        self.amount(node, key, attribute, site).map(|at| Bound { at, inclusive: false })
    }

    fn statistic(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Statistic {
        let Some(nearest) = node.get("winner").filter(|winner| winner.is_table()) else { return Statistic::Best };
        let to = match nearest.text_of("nearest") {
            Some("mean") => Toward::Mean,
            Some("median") => Toward::Median,
            _ => Toward::Amount(self.value(nearest, "nearest", attribute, Site::within(id, AT_START))),
        };
        Statistic::Nearest {
            to,
            trim_high: self.count(nearest, "trim_high").unwrap_or(0),
            trim_low: self.count(nearest, "trim_low").unwrap_or(0),
            side: match nearest.text_of("side") {
                Some("not-above") => Side::NotAbove,
                Some("not-below") => Side::NotBelow,
                _ => Side::Either,
            },
        }
    }

    fn rounds(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Rounds {
        Rounds {
            attribute: attribute.unwrap_or(STAND_IN),
            start: self.value(node, "start", attribute, Site::within(id, AT_START)),
            step: self.step(id, attribute, node),
            cap: node.get("cap").map(|cap| self.cap(id, attribute, cap)),
            reserve: node.get("reserve").map(|reserve| self.limit_of(id, attribute, reserve, AFTER_CAP)),
            carries: node.yes("carries"),
            order: if node.text_of("order") == Some("in-turn") { RoundOrder::InTurn } else { RoundOrder::Together },
            length: self.positive(node, "length"),
            pause: self.duration(node, "pause").unwrap_or(Duration::ZERO),
            ends_on: if node.text_of("ends_on") == Some("first-bid") { RoundEnd::FirstBid } else { RoundEnd::Time },
            max_rounds: self.count(node, "max_rounds"),
            silence_ends: node.yes("silence_ends"),
            inactive: if node.text_of("inactive") == Some("out") { Inactive::Out } else { Inactive::Stay },
            hard_stop: self.hard_stop(node),
        }
    }

    fn score(&mut self, id: StageId, attribute: Option<AttributeId>, node: &Node) -> Score {
        let criteria = items(node, "criteria").iter().map(|item| self.criterion(id, attribute, item)).collect();
        super::duplicates(items(node, "criteria"), self.sink);
        Score {
            attribute: attribute.unwrap_or(STAND_IN),
            filing: node.get("filing").map(|filing| self.window(Some(filing))),
            marking: self.duration(node, "marking"),
            judges: self.count(node, "judges").unwrap_or(0),
            drop_high: self.count(node, "drop_high").unwrap_or(0),
            drop_low: self.count(node, "drop_low").unwrap_or(0),
            criteria,
            pass: self.quantity(node, "pass", attribute),
        }
    }

    fn criterion(&mut self, id: StageId, score: Option<AttributeId>, node: &Node) -> Criterion {
        let by = node.get("by").filter(|by| by.is_table());
        let kind = match by {
            None => CriterionKind::Panel,
            Some(by) if by.has("share_of_best") => {
                CriterionKind::ShareOfBest(self.attribute(by, "share_of_best").unwrap_or(STAND_IN))
            }
            Some(by) => {
                let offer = self.attribute(by, "linear");
                let site = Site::within(id, AT_START);
                CriterionKind::Linear {
                    attribute: offer.unwrap_or(STAND_IN),
                    zero_at: self.value(by, "zero_at", offer, site),
                    full_at: self.value(by, "full_at", offer, site),
                }
            }
        };
        Criterion {
            id: text(node, "id"),
            name: bilingual(node, "name"),
            points: self.quantity(node, "points", score).unwrap_or(Quantity::ZERO),
            kind,
        }
    }

    fn draw(&mut self, node: &Node) -> Draw {
        let weights = match node.get("weights").filter(|weights| weights.is_table()) {
            None => DrawWeights::Plain,
            Some(weights) if weights.has("weighted") => DrawWeights::Weighted { fact: text(weights, "weighted") },
            Some(weights) => DrawWeights::Tiered { fact: text(weights, "tiered") },
        };
        let sources = items(node, "sources")
            .iter()
            .filter_map(|source| match source.text()? {
                "drand" => Some(BeaconSource::Drand),
                "commit-reveal" => Some(BeaconSource::CommitReveal),
                "public-number" => Some(BeaconSource::PublicNumber),
                "witnessed" => Some(BeaconSource::Witnessed),
                "local" => Some(BeaconSource::Local),
                _ => None,
            })
            .collect();
        let reveal_within = self.duration(node, "reveal_within").unwrap_or(Duration::ZERO);
        Draw { weights, sources, reveal_within }
    }

    fn first_of(&mut self, id: StageId, node: &Node) -> FirstOf {
        match node.get("of") {
            Some(of) if of.has("stage") => FirstOf::Stage(self.ranked_before(id, of, "stage").unwrap_or(StageId(0))),
            Some(of) => FirstOf::Window(self.window(of.get("window"))),
            None => FirstOf::Window(self.window(None)),
        }
    }
}
