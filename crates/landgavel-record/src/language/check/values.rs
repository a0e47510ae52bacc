use landgavel_base::Quantity;
use landgavel_sale::rulebook::{
    Amount, AttributeId, Cap, Close, CriterionKind, Descending, Direction, Limit, Quote, Reference, Rulebook, Score,
    StageKind, Step, StepMode, UnitKind,
};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::super::unit::format_quantity;
use super::Check;

/// Deepest chain of values that refer to values: there are as many stages at most.
const DEPTH_MAX: u32 = 64;

/// What is known of an amount before the sale.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Known(Quantity),
    /// It depends on bids or on a secret.
    Open,
    /// It is beyond the safe range.
    Beyond,
}

impl Value {
    fn known(self) -> Option<Quantity> {
        match self {
            Self::Known(quantity) => Some(quantity),
            Self::Open | Self::Beyond => None,
        }
    }
}

fn evaluate(rulebook: &Rulebook, amount: &Amount, depth: u32) -> Value {
    let mut sum = i128::from(amount.constant.quanta());
    for part in &amount.parts {
        let named = match part.of {
            Reference::Best(_) | Reference::Own(_) => None,
            Reference::Start(stage) => start_of(&rulebook.stage(stage).kind),
            Reference::Step(stage) => step_of(&rulebook.stage(stage).kind),
            Reference::Cap(stage) => match rulebook.stage(stage).kind.cap().map(|cap| &cap.limit) {
                Some(Limit::Public(amount)) => Some(amount),
                Some(Limit::Committed { .. }) | None => None,
            },
        };
        let Some(named) = named.filter(|_| depth < DEPTH_MAX) else { return Value::Open };
        match evaluate(rulebook, named, depth + 1) {
            // The engine rounds each share down.
            Value::Known(value) => {
                sum += (i128::from(value.quanta()) * i128::from(part.share.ppm())).div_euclid(1_000_000)
            }
            other => return other,
        }
    }
    i64::try_from(sum).ok().and_then(Quantity::new).map_or(Value::Beyond, Value::Known)
}

fn start_of(kind: &StageKind) -> Option<&Amount> {
    match kind {
        StageKind::Ascending(rule) => Some(&rule.start),
        StageKind::Rounds(rule) => Some(&rule.start),
        StageKind::Descending(rule) => Some(&rule.start),
        StageKind::Fixed(rule) => Some(&rule.value),
        StageKind::Sealed(_) | StageKind::Score(_) | StageKind::Draw(_) | StageKind::First(_) => None,
    }
}

fn step_of(kind: &StageKind) -> Option<&Amount> {
    match kind {
        StageKind::Ascending(rule) => Some(&rule.step.by),
        StageKind::Rounds(rule) => Some(&rule.step.by),
        StageKind::Descending(rule) => Some(&rule.step),
        StageKind::Sealed(_) | StageKind::Score(_) | StageKind::Draw(_) | StageKind::Fixed(_) | StageKind::First(_) => {
            None
        }
    }
}

/// An open stage whose bids rise from a start by steps to a cap.
struct Climb<'a> {
    attribute: AttributeId,
    start: &'a Amount,
    step: &'a Step,
    cap: Option<&'a Cap>,
    reserve: Option<&'a Limit>,
}

impl Check<'_> {
    /// Starts, steps, caps, reserves, bounds and points fit each other.
    pub(super) fn values(&mut self) {
        let lot = self.lot;
        let nodes: Vec<Node> = self.stages().map(|(_, node)| node.clone()).collect();
        for (node, stage) in nodes.iter().zip(&lot.rulebook.stages) {
            if self.is_broken(node) {
                continue;
            }
            match &stage.kind {
                StageKind::Ascending(rule) => {
                    let (cap, reserve) = (rule.cap.as_ref(), rule.reserve.as_ref());
                    let climb = Climb { attribute: rule.attribute, start: &rule.start, step: &rule.step, cap, reserve };
                    self.climb(node, &climb);
                    if matches!(rule.close, Close::Countdown { hard_stop: Some(_), .. }) {
                        let problem = Problem::of(Code::HardStopCutsCountdown, format_args!("`{}`", stage.id));
                        self.report_at(node, &["close", "hard_stop"], problem);
                    }
                }
                StageKind::Rounds(rule) => {
                    let (cap, reserve) = (rule.cap.as_ref(), rule.reserve.as_ref());
                    let climb = Climb { attribute: rule.attribute, start: &rule.start, step: &rule.step, cap, reserve };
                    self.climb(node, &climb);
                }
                StageKind::Descending(rule) => self.descending(node, rule),
                StageKind::Sealed(rule) => {
                    let written = node.get("quotes").map_or(&[][..], Node::items);
                    for (index, quote) in rule.quotes.iter().enumerate() {
                        self.quote(written.get(index).unwrap_or(node), quote);
                    }
                }
                StageKind::Score(rule) => self.score(node, rule),
                StageKind::Draw(rule) => {
                    if rule.sources.is_empty() {
                        self.report_at(
                            node,
                            &["sources"],
                            Problem::of(Code::DrawWithoutSource, format_args!("`{}`", stage.id)),
                        );
                    }
                    if rule.sources.contains(&landgavel_sale::rulebook::BeaconSource::Local) {
                        self.report_at(
                            node,
                            &["sources"],
                            Problem::of(Code::LocalBeacon, format_args!("`{}`", stage.id)),
                        );
                    }
                }
                StageKind::Fixed(rule) => {
                    self.value(node, &["value"], &rule.value);
                }
                StageKind::First(_) => {}
            }
        }
    }

    /// The value when it is known; one beyond the range is reported.
    fn value(&mut self, node: &Node, keys: &[&str], amount: &Amount) -> Option<Quantity> {
        let value = evaluate(&self.lot.rulebook, amount, 0);
        if value == Value::Beyond {
            self.report_at(node, keys, Problem::of(Code::BeyondRange, format_args!("`{}`", keys.join("."))));
        }
        if let Some(known) = value.known().filter(|known| known.quanta() < 0) {
            let detail = format!("`{}` is {}", keys.join("."), known.quanta());
            self.report_at(node, keys, Problem::of(Code::NegativeAmount, detail));
        }
        value.known()
    }

    fn public(&mut self, node: &Node, keys: &[&str], limit: Option<&Limit>) -> Option<Quantity> {
        match limit {
            Some(Limit::Public(amount)) => self.value(node, keys, amount),
            Some(Limit::Committed { .. }) | None => None,
        }
    }

    fn shown(&self, attribute: AttributeId, quanta: i64) -> String {
        let attribute = self.lot.rulebook.attributes.get(usize::from(attribute.0));
        attribute
            .map_or_else(String::new, |attribute| format_quantity(attribute, Quantity::new(quanta).unwrap_or_default()))
    }

    fn direction(&self, attribute: AttributeId) -> Direction {
        let attribute = self.lot.rulebook.attributes.get(usize::from(attribute.0));
        attribute.map_or(Direction::Up, |attribute| attribute.direction)
    }

    fn climb(&mut self, node: &Node, climb: &Climb<'_>) {
        let direction = self.direction(climb.attribute);
        let start = self.value(node, &["start"], climb.start);
        let step = self.value(node, &["step", "by"], &climb.step.by);
        let cap = self.public(node, &["cap", "at"], climb.cap.map(|cap| &cap.limit));
        let reserve = self.public(node, &["reserve", "at"], climb.reserve);
        if step == Some(Quantity::ZERO) && climb.step.mode != StepMode::AtLeast {
            let problem = Problem::of(Code::StepZero, "every bid would equal the one before");
            self.report_at(node, &["step", "by"], problem.expected("more than zero, or mode = \"at-least\""));
        }
        if let (Some(reserve), Some(cap)) = (reserve, cap)
            && direction.is_better(reserve, cap)
        {
            self.report_at(
                node,
                &["reserve", "at"],
                Problem::of(Code::ReserveBeyondCap, self.shown(climb.attribute, cap.quanta())),
            );
        }
        if let (Some(reserve), Some(start)) = (reserve, start)
            && !direction.is_better(reserve, start)
        {
            self.report_at(
                node,
                &["reserve", "at"],
                Problem::of(Code::ReserveNotBetter, self.shown(climb.attribute, start.quanta())),
            );
        }
        let (Some(start), Some(cap), Some(rule)) = (start, cap, climb.cap) else { return };
        let way = direction.gain(cap, start);
        if way <= 0 {
            let problem = Problem::of(Code::CapNotBetter, self.shown(climb.attribute, cap.quanta()));
            let expected = format!("better than the start, {}", self.shown(climb.attribute, start.quanta()));
            self.report_at(node, &["cap", "at"], problem.expected(expected));
            return;
        }
        let Some(step) = step.map(Quantity::quanta).filter(|step| *step > 0) else { return };
        if rule.short_step {
            return;
        }
        let (way_shown, step_shown) = (self.shown(climb.attribute, way), self.shown(climb.attribute, step));
        if step > way {
            let problem = Problem::of(Code::StepTooLarge, format_args!("{step_shown} in {way_shown}"));
            self.report_at(node, &["step", "by"], problem);
        } else if climb.step.mode != StepMode::AtLeast && way % step != 0 {
            let whole = way / step * step;
            let (below, above) = match direction {
                Direction::Up => (start.quanta() + whole, start.quanta() + whole + step),
                Direction::Down => (start.quanta() - whole, start.quanta() - whole - step),
            };
            let expected = format!(
                "a cap of {} or {}, or `short_step = true` in the cap",
                self.shown(climb.attribute, below),
                self.shown(climb.attribute, above)
            );
            let problem = Problem::of(Code::StepDoesNotDivide, format_args!("{step_shown} in {way_shown}"));
            self.report_at(node, &["step", "by"], problem.expected(expected));
        }
    }

    fn descending(&mut self, node: &Node, rule: &Descending) {
        let direction = self.direction(rule.attribute);
        let (start, floor) = (self.value(node, &["start"], &rule.start), self.value(node, &["floor"], &rule.floor));
        if self.value(node, &["step"], &rule.step) == Some(Quantity::ZERO) {
            self.report_at(node, &["step"], Problem::of(Code::StepZero, "the clock would not move"));
        }
        if let (Some(start), Some(floor)) = (start, floor)
            && !direction.is_better(start, floor)
        {
            self.report_at(
                node,
                &["floor"],
                Problem::of(Code::FloorNotWorse, self.shown(rule.attribute, floor.quanta())),
            );
        }
    }

    fn quote(&mut self, node: &Node, quote: &Quote) {
        let min = quote.min.as_ref().and_then(|bound| self.value(node, &["min"], &bound.at));
        let max = quote.max.as_ref().and_then(|bound| self.value(node, &["max"], &bound.at));
        if let (Some(min), Some(max)) = (min, max) {
            let both_count = quote.min.as_ref().is_some_and(|bound| bound.inclusive)
                && quote.max.as_ref().is_some_and(|bound| bound.inclusive);
            if min > max || (min == max && !both_count) {
                let (low, high) =
                    (self.shown(quote.attribute, min.quanta()), self.shown(quote.attribute, max.quanta()));
                self.report_at(node, &["max"], Problem::of(Code::BoundsEmpty, format_args!("{low} to {high}")));
            }
        }
        if let Some(multiple) = &quote.multiple_of
            && self.value(node, &["multiple_of"], multiple) == Some(Quantity::ZERO)
        {
            self.report_at(node, &["multiple_of"], Problem::of(Code::StepZero, "nothing is a multiple of zero"));
        }
    }

    fn score(&mut self, node: &Node, rule: &Score) {
        let attribute = self.lot.rulebook.attributes.get(usize::from(rule.attribute.0));
        if attribute.is_some_and(|attribute| attribute.unit.kind != UnitKind::Points) {
            let problem = Problem::of(Code::WrongUnit, "a score is in points");
            self.report_at(node, &["attribute"], problem.expected("an attribute with unit = \"points\""));
        }
        let sum: i64 = rule.criteria.iter().map(|criterion| criterion.points.quanta()).fold(0, i64::saturating_add);
        if let Some(pass) = rule.pass.filter(|pass| pass.quanta() > sum) {
            let (pass, sum) = (self.shown(rule.attribute, pass.quanta()), self.shown(rule.attribute, sum));
            self.report_at(node, &["pass"], Problem::of(Code::PassTooHigh, format_args!("{pass} of {sum}")));
        }
        let is_panel = |kind: &CriterionKind| matches!(kind, CriterionKind::Panel);
        if rule.criteria.iter().any(|criterion| is_panel(&criterion.kind)) {
            if rule.marking.is_none_or(|time| time == landgavel_base::Duration::ZERO) || rule.judges == 0 {
                let problem = Problem::of(Code::PanelWithoutTime, "a criterion is marked by the panel");
                self.report(node, problem.expected("`marking` and `judges`"));
            } else if rule.judges <= rule.drop_high.saturating_add(rule.drop_low) {
                let detail =
                    format!("{} judges, {} dropped", rule.judges, rule.drop_high.saturating_add(rule.drop_low));
                self.report_at(node, &["judges"], Problem::of(Code::TooFewJudges, detail));
            }
        }
        let written = node.get("criteria").map_or(&[][..], Node::items);
        for (criterion, item) in rule.criteria.iter().zip(written) {
            if let CriterionKind::Linear { zero_at, full_at, .. } = &criterion.kind {
                let (zero, full) =
                    (self.value(item, &["by", "zero_at"], zero_at), self.value(item, &["by", "full_at"], full_at));
                if zero.is_some() && zero == full {
                    let problem = Problem::of(Code::BoundsEmpty, "`zero_at` equals `full_at`");
                    self.report_at(item, &["by", "full_at"], problem);
                }
            }
        }
    }
}
