use landgavel_base::Ratio;
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{
    Amount, AwardRule, Cascade, ObligationRule, Obligor, PayRule, Qualification, Silence, StageId, Trigger, Uniform,
};

use super::super::amount::{ratio, read_percent};
use super::super::finding::{Code, Problem};
use super::super::scope::{ParameterValue, Site};
use super::super::tree::{Node, Value};
use super::{Build, bilingual, text};

impl Build<'_> {
    pub(crate) fn award(&mut self, node: Option<&Node>) -> AwardRule {
        let Some(node) = node else {
            return AwardRule { winners: 1, pays: Vec::new(), qualification: None, confirmation: None, cascade: None };
        };
        let mut pays = Vec::new();
        for entry in node.get("pays").map_or(&[][..], Node::entries) {
            let found = self.scope.attribute_named(&entry.key);
            let Some(attribute) = self.keep(&entry.node, found) else { continue };
            let rule = match entry.node.text() {
                Some("second") => PayRule::Second,
                Some("lowest-accepted") => PayRule::Uniform(Uniform::LowestAccepted),
                Some("highest-rejected") => PayRule::Uniform(Uniform::HighestRejected),
                Some(_) => PayRule::Own,
                None => {
                    let amount = self.amount(&entry.node, "amount", Some(attribute), Site::AFTER);
                    let when = entry.node.get("when").and_then(|when| self.stage_ending(when));
                    PayRule::Amount { amount: amount.unwrap_or_default(), when }
                }
            };
            pays.push((attribute, rule));
        }
        AwardRule {
            winners: self.count(node, "winners").unwrap_or(1),
            pays,
            qualification: node.get("qualification").map(|node| Qualification {
                within: self.limit(node, "within"),
                silence: match node.text_of("silence") {
                    Some("qualifies") => Silence::Qualifies,
                    _ => Silence::Disqualifies,
                },
            }),
            confirmation: self.within(node, "confirmation"),
            cascade: node.get("cascade").map(|node| Cascade { at_most: self.count(node, "at_most").unwrap_or(1) }),
        }
    }

    pub(crate) fn obligation(&mut self, node: &Node) -> ObligationRule {
        let triggers = match node.get("when") {
            None => Vec::new(),
            Some(when) => match &when.value {
                Value::List(items) => items.iter().filter_map(|item| self.trigger(item)).collect(),
                _ => self.trigger(when).into_iter().collect(),
            },
        };
        ObligationRule {
            id: text(node, "id"),
            text: bilingual(node, "text"),
            triggers,
            obligor: if node.text_of("obligor") == Some("seller") { Obligor::Seller } else { Obligor::Winner },
            amount: self.money_rule(node, "amount", Site::AFTER),
            due: self.period(node, "due"),
        }
    }

    fn trigger(&mut self, node: &Node) -> Option<Trigger> {
        if node.has("stage") {
            return self.stage_ending(node).map(|(stage, why)| Trigger::StageEnded { stage, why });
        }
        if node.has("premium_of") {
            let stage = self.stage_ref(node, "premium_of")?;
            return self.premium(node, stage);
        }
        let attribute = self.attribute(node, "attribute")?;
        let at: Amount = self.amount(node, "reaches", Some(attribute), Site::AFTER)?;
        Some(Trigger::Reached { attribute, at })
    }

    fn stage_ending(&mut self, node: &Node) -> Option<(StageId, Option<EndReason>)> {
        Some((self.stage_ref(node, "stage")?, node.text_of("ended").and_then(end_reason)))
    }

    fn premium(&mut self, node: &Node, stage: StageId) -> Option<Trigger> {
        if !self.scope.stage(stage).has_start {
            let id = &self.scope.stage(stage).id;
            self.report(node, Problem::of(Code::BadReference, format_args!("stage `{id}` has no start")));
        }
        let (key, inclusive) = match (node.has("at_least"), node.has("over")) {
            (true, false) => ("at_least", true),
            (false, true) => ("over", false),
            (true, true) | (false, false) => {
                let problem = Problem::of(Code::MissingKey, "exactly one of `at_least` and `over` is wanted");
                self.report(node, problem);
                return None;
            }
        };
        let share = self.percent(node.get(key)?)?;
        Some(Trigger::Premium { stage, share, inclusive })
    }

    fn percent(&mut self, node: &Node) -> Option<Ratio> {
        let pick = |value| match value {
            ParameterValue::Percent(ratio) => Some(ratio),
            _ => None,
        };
        self.scalar(node, "a parameter of percent", pick, |text| ratio(read_percent(text)?, text))
    }
}

fn end_reason(word: &str) -> Option<EndReason> {
    match word {
        "settled" => Some(EndReason::Settled),
        "capped" => Some(EndReason::Capped),
        "empty" => Some(EndReason::Empty),
        "below-reserve" => Some(EndReason::BelowReserve),
        "overdue" => Some(EndReason::Overdue),
        "tied" => Some(EndReason::Tied),
        _ => None,
    }
}
