use landgavel_base::FactValue;
use landgavel_sale::rulebook::{
    Admission, AttemptRule, BondForm, BondRule, Deciding, Forfeit, Prerequisite, SoleBidder, Test,
};

use super::super::finding::{Code, Problem};
use super::super::scope::Site;
use super::super::tree::Node;
use super::{Build, bilingual, items, text};

impl Build<'_> {
    pub(crate) fn admission(&mut self, node: Option<&Node>) -> Admission {
        let window = self.window(node.and_then(|node| node.get("window")));
        let Some(node) = node else {
            return Admission {
                window,
                decide_until: None,
                open_until: None,
                bond: None,
                prerequisites: Vec::new(),
                one_per_group: true,
                deciding: Deciding::Officer,
                max_bidders: None,
                withdraw_until: None,
                attempts: vec![DEFAULT_ATTEMPT],
            };
        };
        let attempts: Vec<AttemptRule> = items(node, "attempts").iter().map(|node| self.attempt(node)).collect();
        Admission {
            window,
            decide_until: self.moment(node, "decide_until"),
            open_until: self.stage_ref(node, "open_until"),
            bond: node.get("bond").and_then(|bond| self.bond(bond)),
            prerequisites: items(node, "requires").iter().filter_map(|node| self.requirement(node)).collect(),
            one_per_group: node.yes("one_per_group"),
            deciding: if node.text_of("decided_by") == Some("rule") { Deciding::Rule } else { Deciding::Officer },
            max_bidders: self.count(node, "max_bidders"),
            withdraw_until: self.moment(node, "withdraw_until"),
            attempts: if attempts.is_empty() { vec![DEFAULT_ATTEMPT] } else { attempts },
        }
    }

    fn attempt(&mut self, node: &Node) -> AttemptRule {
        AttemptRule {
            min_bidders: self.count(node, "min_bidders").unwrap_or(1),
            sole: match node.text_of("sole") {
                Some("pass-in") => SoleBidder::PassIn,
                Some("win-at-start") => SoleBidder::WinAtStart,
                _ => SoleBidder::Proceed,
            },
            same_sole_only: node.yes("same_sole_only"),
        }
    }

    fn bond(&mut self, node: &Node) -> Option<BondRule> {
        let forms = items(node, "forms")
            .iter()
            .filter_map(|form| match form.text()? {
                "cash" => Some(BondForm::Cash),
                "guarantee" => Some(BondForm::Guarantee),
                "insurance" => Some(BondForm::Insurance),
                _ => None,
            })
            .collect();
        let forfeits = items(node, "forfeits")
            .iter()
            .filter_map(|forfeit| match forfeit.text()? {
                "default" => Some(Forfeit::Default),
                "disqualification" => Some(Forfeit::Disqualification),
                "unopened-seal" => Some(Forfeit::UnopenedSeal),
                "late-withdrawal" => Some(Forfeit::LateWithdrawal),
                _ => None,
            })
            .collect();
        Some(BondRule {
            amount: self.money_rule(node, "amount", Site::BEFORE)?,
            forms,
            lodge_by: self.moment(node, "lodge_by"),
            guarantee_runs: self.duration(node, "guarantee_runs"),
            forfeits,
        })
    }

    fn requirement(&mut self, node: &Node) -> Option<Prerequisite> {
        let keys = ["one_of", "not_one_of", "at_least", "at_most", "is"];
        let written: Vec<&str> = keys.into_iter().filter(|key| node.has(key)).collect();
        let [key] = written[..] else {
            let problem = Problem::of(Code::MissingKey, "exactly one test is wanted");
            self.report(node, problem.expected("one of one_of, not_one_of, at_least, at_most, is"));
            return None;
        };
        let value = node.get(key)?;
        let single = |build: &mut Self| super::fact(value, build.sink);
        let test = match key {
            "one_of" => Test::OneOf(self.facts(node, "one_of")),
            "not_one_of" => Test::NotOneOf(self.facts(node, "not_one_of")),
            "is" => Test::OneOf(vec![single(self)]),
            _ => {
                let FactValue::Number(bound) = single(self) else {
                    self.report(value, Problem::of(Code::WrongType, "a bound is a number").expected("a whole number"));
                    return None;
                };
                if key == "at_least" { Test::AtLeast(bound) } else { Test::AtMost(bound) }
            }
        };
        Some(Prerequisite { fact: text(node, "fact"), test, text: bilingual(node, "text") })
    }
}

/// What holds when a rulebook says nothing of attempts.
const DEFAULT_ATTEMPT: AttemptRule = AttemptRule { min_bidders: 1, sole: SoleBidder::Proceed, same_sole_only: false };
