use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{Exit, Exits, StageId, Survivors, Tie};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::Build;

impl Build<'_> {
    pub(crate) fn exits(&mut self, here: StageId, node: Option<&Node>) -> Exits {
        let is_last = usize::from(here.0) + 1 >= self.scope.stages.len();
        let mut exit = |key: &str, ending: EndReason, default: Exit| {
            let written = node.and_then(|node| node.get(key));
            written.and_then(|node| self.exit(here, node, ending)).unwrap_or(default)
        };
        let capped = if is_last { Exit::Win } else { go(next(here), EndReason::Capped) };
        Exits {
            settled: exit("settled", EndReason::Settled, Exit::Win),
            capped: exit("capped", EndReason::Capped, capped),
            empty: exit("empty", EndReason::Empty, Exit::PassIn),
            below_reserve: exit("below_reserve", EndReason::BelowReserve, Exit::PassIn),
            overdue: exit("overdue", EndReason::Overdue, Exit::PassIn),
            tied: self.tie(here, node.and_then(|node| node.get("tied"))),
        }
    }

    fn tie(&mut self, here: StageId, node: Option<&Node>) -> Tie {
        let Some(node) = node else { return Tie::Earliest };
        match node.text() {
            Some("earliest") => Tie::Earliest,
            Some("lower") => Tie::Lower,
            Some("higher") => Tie::Higher,
            _ => self.exit(here, node, EndReason::Tied).map_or(Tie::Earliest, Tie::Exit),
        }
    }

    /// Reads an exit; `None` when it has a finding.
    fn exit(&mut self, here: StageId, node: &Node, ending: EndReason) -> Option<Exit> {
        match node.text() {
            Some("win") => return Some(Exit::Win),
            Some("pass-in") => return Some(Exit::PassIn),
            Some(_) => {
                if usize::from(here.0) + 1 >= self.scope.stages.len() {
                    self.report(node, Problem::of(Code::NoNextStage, "`next`"));
                    return None;
                }
                return Some(go(next(here), ending));
            }
            None => {}
        }
        if node.has("back") {
            return self.stage_ref(node, "back").map(Exit::Back);
        }
        let to = self.stage_ref(node, "to")?;
        if to <= here {
            let id = &self.scope.stage(to).id;
            let problem = Problem::of(Code::EndlessPipeline, format_args!("`{id}` does not come later"));
            self.report(node, problem.expected("the id of a later stage"));
        }
        let Exit::Go { survivors, at_least, otherwise, .. } = go(to, ending) else { return None };
        let survivors = node.get("survivors").map_or(survivors, |node| self.survivors(node));
        let written = self.count(node, "at_least");
        let otherwise = match (node.get("otherwise"), written) {
            (Some(written), _) => Box::new(self.exit(here, written, ending)?),
            (None, Some(1)) => Box::new(Exit::PassIn),
            (None, _) => otherwise,
        };
        Some(Exit::Go { to, survivors, at_least: written.unwrap_or(at_least), otherwise })
    }

    fn survivors(&mut self, node: &Node) -> Survivors {
        match node.text() {
            Some("active") => Survivors::Active,
            Some("field") => Survivors::Field,
            Some("admitted") => Survivors::Admitted,
            Some("tied") => Survivors::Tied,
            Some(_) => Survivors::Acceptors,
            None => Survivors::Top(self.count(node, "top").unwrap_or(1)),
        }
    }
}

fn next(here: StageId) -> StageId {
    StageId(here.0.saturating_add(1))
}

/// The defaults of an exit to another stage. Where nobody made an offer nobody can win, so one
/// survivor is enough to go on.
fn go(to: StageId, ending: EndReason) -> Exit {
    let (survivors, at_least, otherwise) = match ending {
        EndReason::Capped => (Survivors::Acceptors, 2, Exit::Win),
        EndReason::Settled => (Survivors::Active, 2, Exit::Win),
        // Who stayed below the reserve must not win by being alone.
        EndReason::BelowReserve => (Survivors::Active, 1, Exit::PassIn),
        EndReason::Tied => (Survivors::Tied, 2, Exit::Win),
        EndReason::Empty | EndReason::Overdue => (Survivors::Field, 1, Exit::PassIn),
    };
    Exit::Go { to, survivors, at_least, otherwise: Box::new(otherwise) }
}
