//! Whether rules that are well written also make sense: all findings at once, each at its clause.

mod admission;
mod flow;
mod times;
mod values;

use landgavel_sale::lot::{Lot, Secret};
use landgavel_sale::rulebook::{Limit, StageId};

use super::finding::{Code, Problem, Sink};
use super::scope::StageHeader;
use super::tree::Node;

/// What the checks look at, and where they report.
pub(crate) struct Check<'a> {
    lot: &'a Lot,
    root: &'a Node,
    headers: &'a [StageHeader],
    sink: &'a mut Sink,
    /// Paths of stages that could not be read in full.
    broken: Vec<String>,
}

/// Checks a lot against its own rulebook. `file` is the lot's file, when there is one.
pub(crate) fn check(
    lot: &Lot,
    root: &Node,
    headers: &[StageHeader],
    file: Option<(&Node, &mut Sink)>,
    sink: &mut Sink,
) {
    let items = root.get("stages").map_or(&[][..], Node::items);
    let broken = items.iter().map(|stage| stage.path.clone()).filter(|path| sink.is_broken(path)).collect();
    let mut check = Check { lot, root, headers, sink, broken };
    check.flow();
    check.values();
    check.admission();
    if file.as_ref().is_none_or(|(_, lot_sink)| !lot_sink.is_broken("calendar")) {
        check.times();
    }
    check.sources();
    if let Some((lot_root, lot_sink)) = file {
        commitments(lot, lot_root, lot_sink);
    }
}

impl Check<'_> {
    fn report(&mut self, node: &Node, problem: Problem) {
        self.sink.report(node.place, &node.path, problem);
    }

    /// Reports at the deepest of nested keys that stands in the file.
    fn report_at(&mut self, node: &Node, keys: &[&str], problem: Problem) {
        let mut deepest = node;
        for key in keys {
            let Some(next) = deepest.get(key).filter(|next| next.written) else { break };
            deepest = next;
        }
        self.report(deepest, problem);
    }

    /// Stages with their nodes; a node that could not be read has no stage either.
    fn stages(&self) -> impl Iterator<Item = (StageId, &Node)> {
        let nodes = self.root.get("stages").map_or(&[][..], Node::items);
        (0u16..).map(StageId).zip(nodes)
    }

    fn is_broken(&self, stage: &Node) -> bool {
        self.broken.contains(&stage.path)
    }

    /// Every clause that binds somebody says where it comes from.
    fn sources(&mut self) {
        let root = self.root;
        let has = |path: &str| self.lot.rulebook.source_of(path).is_some();
        let lists = ["stages", "obligations", "annulment"].into_iter().flat_map(|key| root.get(key));
        let singles = ["admission", "award"].into_iter().filter_map(|key| root.get(key));
        let clauses = lists.flat_map(Node::items).chain(singles);
        let bare: Vec<&Node> = clauses.filter(|clause| clause.written && !has(&clause.path)).collect();
        for clause in bare {
            let problem = Problem::of(Code::NoSource, format_args!("`{}`", clause.path));
            self.report(clause, problem.expected("`source`, at least `source = \"assumption\"`"));
        }
    }
}

/// Committed limits stand in the lot or have a moment to lodge them; no hash stands there in vain.
fn commitments(lot: &Lot, lot_root: &Node, sink: &mut Sink) {
    let at = lot_root.get("commitments").unwrap_or(lot_root);
    for (index, stage) in (0u16..).zip(&lot.rulebook.stages) {
        let limits = [
            ("cap", Secret::Cap, stage.kind.cap().map(|cap| &cap.limit)),
            ("reserve", Secret::Reserve, stage.kind.reserve()),
        ];
        for (word, secret, limit) in limits {
            let given = lot.commitments.iter().any(|found| found.stage == StageId(index) && found.secret == secret);
            let field = format!("commitments.{}.{word}", stage.id);
            match limit {
                Some(Limit::Committed { lodge_by: None, .. }) if !given => {
                    let problem = Problem::of(Code::CommitmentMissing, format_args!("{word} of `{}`", stage.id));
                    sink.report(at.place, &field, problem.expected("its hash here, or `lodge_by` in the rulebook"));
                }
                Some(Limit::Committed { .. }) => {}
                Some(Limit::Public(_)) | None if given => {
                    let place = at.get(&stage.id).and_then(|node| node.get(word)).map_or(at.place, |node| node.place);
                    let problem = Problem::of(Code::CommitmentUnused, format_args!("{word} of `{}`", stage.id));
                    sink.report(place, &field, problem);
                }
                Some(Limit::Public(_)) | None => {}
            }
        }
    }
}
