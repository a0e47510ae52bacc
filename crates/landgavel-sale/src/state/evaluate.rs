use landgavel_base::{Money, Quantity};

use super::{Sale, Values};
use crate::command::BidderId;
use crate::lot::Secret;
use crate::outcome::Terms;
use crate::rulebook::{Amount, AttributeId, Limit, MoneyRule, Reference, StageId, StageKind};

/// Whose terms `own` means.
#[derive(Clone, Copy)]
pub(crate) enum Own<'a> {
    /// Nobody's: the rule has no bidder here.
    Nobody,
    /// A bidder's values from stages that have ended.
    Bidder(BidderId),
    /// A winner's terms.
    Winner(&'a Terms),
}

/// A value that a stage's rule names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Start,
    Step,
    Cap,
    Reserve,
    Floor,
}

/// Deepest chain of rules that refer to rules; a checked rulebook stays far below it, an unchecked
/// one that refers to itself ends here instead of running forever.
const MAX_DEPTH: u8 = 16;

impl Sale {
    /// Works out an amount; shares are rounded down. `None` when a value is not known or out of range.
    pub(crate) fn amount(&self, amount: &Amount, own: Own<'_>) -> Option<Quantity> {
        self.amount_at(amount, own, 0)
    }

    /// What an amount of the rule is worth now, when no bidder's own terms are in it.
    pub fn value_of(&self, amount: &Amount) -> Option<Quantity> {
        self.amount(amount, Own::Nobody)
    }

    fn amount_at(&self, amount: &Amount, own: Own<'_>, depth: u8) -> Option<Quantity> {
        amount.parts.iter().try_fold(amount.constant, |sum, part| {
            let value = self.reference(part.of, own, depth)?;
            let share = i128::from(value.quanta()) * i128::from(part.share.ppm());
            sum.checked_add(Quantity::new(i64::try_from(share.div_euclid(1_000_000)).ok()?)?)
        })
    }

    /// Works out a sum of money for the whole lot; each share is rounded half up.
    pub(crate) fn money(&self, rule: &MoneyRule, own: Own<'_>) -> Option<Money> {
        let sum = rule.parts.iter().try_fold(rule.constant, |sum, part| {
            let value = self.reference(part.of, own, 0)?;
            let attribute = self.lot.rulebook.attribute(self.attribute_of(part.of)?);
            let money = attribute.lot_money(value, self.lot.area)?;
            sum.checked_add(money.scale_half_up(i128::from(part.share.ppm()), 1_000_000)?)
        })?;
        let sum = rule.at_most.map_or(sum, |most| sum.min(most));
        Some(rule.at_least.map_or(sum, |least| sum.max(least)))
    }

    /// The values of a stage as its rule gives them now.
    pub(crate) fn stage_values(&self, stage: StageId) -> Values {
        let get = |named| self.rule_value(stage, named, 0);
        let mut values = Values {
            start: get(Named::Start).unwrap_or_default(),
            step: get(Named::Step).unwrap_or_default(),
            cap: get(Named::Cap).unwrap_or_default(),
            reserve: get(Named::Reserve).unwrap_or_default(),
            floor: get(Named::Floor).unwrap_or_default(),
            is_broken: false,
        };
        values.is_broken = [Named::Start, Named::Step, Named::Cap, Named::Reserve, Named::Floor]
            .into_iter()
            .any(|named| get(named).is_none());
        values
    }

    fn attribute_of(&self, reference: Reference) -> Option<AttributeId> {
        match reference {
            Reference::Start(stage) | Reference::Cap(stage) | Reference::Step(stage) | Reference::Best(stage) => {
                self.lot.rulebook.stage(stage).kind.attribute()
            }
            Reference::Own(attribute) => Some(attribute),
        }
    }

    fn reference(&self, reference: Reference, own: Own<'_>, depth: u8) -> Option<Quantity> {
        if depth >= MAX_DEPTH {
            return None;
        }
        match reference {
            Reference::Start(stage) => self.known(stage, |values| values.start, Named::Start, depth),
            Reference::Cap(stage) => self.known(stage, |values| values.cap, Named::Cap, depth),
            Reference::Step(stage) => self.known(stage, |values| values.step, Named::Step, depth),
            Reference::Best(stage) => match self.running.as_ref().filter(|running| running.id == stage) {
                Some(running) => running.best(),
                None => self.last_ended(stage).and_then(|ended| ended.best),
            },
            Reference::Own(attribute) => {
                let value = match own {
                    Own::Nobody => None,
                    Own::Bidder(bidder) => self.bidder(bidder).and_then(|b| b.terms[usize::from(attribute.0)]),
                    Own::Winner(terms) => terms.value(attribute),
                };
                value.or(self.lot.rulebook.attribute(attribute).base)
            }
        }
    }

    /// A value of a stage: of the running one, of the last one ended, or of the rule itself.
    fn known(&self, stage: StageId, get: fn(&Values) -> Option<Quantity>, named: Named, depth: u8) -> Option<Quantity> {
        if let Some(running) = self.running.as_ref().filter(|running| running.id == stage) {
            return get(&running.values);
        }
        match self.last_ended(stage) {
            Some(ended) => get(&ended.values),
            None => self.rule_value(stage, named, depth + 1).flatten(),
        }
    }

    /// Outer `None`: the rule names the value, but it cannot be worked out. Inner `None`: the rule
    /// names no such value, or it is committed and not shown yet.
    fn rule_value(&self, stage: StageId, named: Named, depth: u8) -> Option<Option<Quantity>> {
        let amount = |amount: &Amount| self.amount_at(amount, Own::Nobody, depth).map(Some);
        let limit = |limit: Option<&Limit>, secret| match limit {
            None => Some(None),
            Some(Limit::Public(value)) => amount(value),
            Some(Limit::Committed { .. }) => Some(self.secret_value(stage, secret)),
        };
        match (&self.lot.rulebook.stage(stage).kind, named) {
            (StageKind::Ascending(rule), Named::Start) => amount(&rule.start),
            (StageKind::Ascending(rule), Named::Step) => amount(&rule.step.by),
            (StageKind::Ascending(rule), Named::Cap) => limit(rule.cap.as_ref().map(|cap| &cap.limit), Secret::Cap),
            (StageKind::Ascending(rule), Named::Reserve) => limit(rule.reserve.as_ref(), Secret::Reserve),
            (StageKind::Rounds(rule), Named::Start) => amount(&rule.start),
            (StageKind::Rounds(rule), Named::Step) => amount(&rule.step.by),
            (StageKind::Rounds(rule), Named::Cap) => limit(rule.cap.as_ref().map(|cap| &cap.limit), Secret::Cap),
            (StageKind::Rounds(rule), Named::Reserve) => limit(rule.reserve.as_ref(), Secret::Reserve),
            (StageKind::Sealed(rule), Named::Reserve) => limit(rule.reserve.as_ref(), Secret::Reserve),
            (StageKind::Descending(rule), Named::Start) => amount(&rule.start),
            (StageKind::Descending(rule), Named::Step) => amount(&rule.step),
            (StageKind::Descending(rule), Named::Floor) => amount(&rule.floor),
            (StageKind::Fixed(rule), Named::Start) => amount(&rule.value),
            (
                StageKind::Ascending(_)
                | StageKind::Rounds(_)
                | StageKind::Sealed(_)
                | StageKind::Descending(_)
                | StageKind::Fixed(_)
                | StageKind::Score(_)
                | StageKind::Draw(_)
                | StageKind::First(_),
                Named::Start | Named::Step | Named::Cap | Named::Reserve | Named::Floor,
            ) => Some(None),
        }
    }
}
