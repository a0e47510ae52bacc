use landgavel_base::FactValue;
use landgavel_sale::rulebook::{Prerequisite, SoleBidder, Test};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::Check;

impl Check<'_> {
    /// Somebody can be admitted, and every rule of admission can apply.
    pub(super) fn admission(&mut self) {
        let lot = self.lot;
        let rule = &lot.rulebook.admission;
        let Some(node) = self.root.get("admission").cloned() else { return };
        let attempts = node.get("attempts").map_or(&[][..], Node::items);
        for (attempt, written) in rule.attempts.iter().zip(attempts) {
            if let Some(most) = rule.max_bidders.filter(|most| attempt.min_bidders > *most) {
                let detail = format!("{} of at most {most}", attempt.min_bidders);
                self.report_at(written, &["min_bidders"], Problem::of(Code::TooFewSeats, detail));
            }
            if attempt.min_bidders > 1 && (attempt.sole != SoleBidder::Proceed || attempt.same_sole_only) {
                let key = if attempt.same_sole_only { "same_sole_only" } else { "sole" };
                self.report_at(written, &[key], Problem::of(Code::SoleRuleUnused, format_args!("`{key}`")));
            }
        }
        if let Some(bond) = &rule.bond {
            if bond.forms.is_empty() {
                self.report_at(&node, &["bond", "forms"], Problem::of(Code::BondWithoutForm, "`forms` is empty"));
            }
            if let (Some(due), Some(opens)) = (bond.lodge_by, rule.window.opens)
                && lot.moment(due) <= lot.moment(opens)
            {
                let name = &lot.rulebook.calendar[usize::from(due.0)].id;
                let problem = Problem::of(Code::BondTooEarly, format_args!("`{name}`"));
                self.report_at(&node, &["bond", "lodge_by"], problem);
            }
        }
        if !self.sink.is_broken("admission.requires") {
            self.requirements(&node, &rule.prerequisites);
        }
    }

    fn requirements(&mut self, node: &Node, requirements: &[Prerequisite]) {
        let written = node.get("requires").map_or(&[][..], Node::items);
        for (index, requirement) in requirements.iter().enumerate() {
            let earlier = &requirements[..index];
            let alike: Vec<&Test> =
                earlier.iter().filter(|other| other.fact == requirement.fact).map(|other| &other.test).collect();
            // Only the requirement that makes it impossible is named, not all that follow.
            let was_possible = is_possible(&alike);
            let all: Vec<&Test> = alike.into_iter().chain([&requirement.test]).collect();
            if was_possible && !is_possible(&all) {
                let problem = Problem::of(Code::ContradictoryRequirements, format_args!("`{}`", requirement.fact));
                self.report(written.get(index).unwrap_or(node), problem);
            }
        }
    }
}

/// Whether some value of a fact passes all tests.
fn is_possible(tests: &[&Test]) -> bool {
    let passes = |value: &FactValue, test: &Test| match (test, value) {
        (Test::OneOf(values), _) => values.contains(value),
        (Test::NotOneOf(values), _) => !values.contains(value),
        (Test::AtLeast(bound), FactValue::Number(number)) => number >= bound,
        (Test::AtMost(bound), FactValue::Number(number)) => number <= bound,
        (Test::AtLeast(_) | Test::AtMost(_), FactValue::Text(_) | FactValue::YesNo(_)) => false,
    };
    let listed = tests.iter().find_map(|test| match test {
        Test::OneOf(values) => Some(values),
        Test::NotOneOf(_) | Test::AtLeast(_) | Test::AtMost(_) => None,
    });
    if let Some(values) = listed {
        return values.iter().any(|value| tests.iter().all(|test| passes(value, test)));
    }
    let least = tests.iter().filter_map(|test| match test {
        Test::AtLeast(bound) => Some(*bound),
        Test::OneOf(_) | Test::NotOneOf(_) | Test::AtMost(_) => None,
    });
    let most = tests.iter().filter_map(|test| match test {
        Test::AtMost(bound) => Some(*bound),
        Test::OneOf(_) | Test::NotOneOf(_) | Test::AtLeast(_) => None,
    });
    match (least.max(), most.min()) {
        (Some(least), Some(most)) => least <= most,
        (None, _) | (_, None) => true,
    }
}
