use landgavel_base::Instant;
use landgavel_sale::rulebook::{FirstOf, StageKind, Window, WindowEnd};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::Check;

/// A window with the keys that lead to it.
struct Placed<'a> {
    window: &'a Window,
    keys: &'static [&'static str],
}

impl Check<'_> {
    /// Windows open before they close and follow each other.
    pub(super) fn times(&mut self) {
        let lot = self.lot;
        let Some(admission) = self.root.get("admission").cloned() else { return };
        let rule = &lot.rulebook.admission;
        self.is_forward(&admission, &["window"], &rule.window);
        let decided = [self.end(&rule.window), rule.decide_until.map(|moment| lot.moment(moment))];
        // Applications that stay open do not hold up the stages.
        let applied = if rule.open_until.is_some() { None } else { decided.into_iter().flatten().max() };
        let nodes: Vec<Node> = self.stages().map(|(_, node)| node.clone()).collect();
        let mut before: Option<(Instant, &str)> = applied.map(|at| (at, "admission"));
        for (node, stage) in nodes.iter().zip(&lot.rulebook.stages) {
            let Some(placed) = window_of(&stage.kind) else { continue };
            self.is_forward(node, placed.keys, placed.window);
            // Where a window may open with its stage, only its end must lie behind what went before.
            let must_follow = placed
                .window
                .opens
                .map(|moment| (lot.moment(moment), true))
                .or_else(|| self.end(placed.window).map(|end| (end, false)));
            if let (Some((last, what)), Some((at, is_opening))) = (before, must_follow)
                && (at < last || (!is_opening && at == last))
            {
                let detail = format!("`{}` and `{what}`", stage.id);
                self.report_at(node, placed.keys, Problem::of(Code::WindowOverlap, detail));
            }
            if let Some(end) = self.end(placed.window) {
                before = Some(before.map_or((end, stage.id.as_str()), |last| last.max((end, stage.id.as_str()))));
            }
        }
    }

    /// When a window ends, as far as the calendar alone tells.
    fn end(&self, window: &Window) -> Option<Instant> {
        match window.closes {
            WindowEnd::At(moment) => Some(self.lot.moment(moment)),
            WindowEnd::After(duration) => window.opens.map(|moment| self.lot.moment(moment).after(duration)),
        }
    }

    fn is_forward(&mut self, node: &Node, keys: &[&str], window: &Window) {
        let (Some(opens), WindowEnd::At(closes)) = (window.opens, window.closes) else { return };
        if self.lot.moment(closes) <= self.lot.moment(opens) {
            let name = |index: u16| self.lot.rulebook.calendar[usize::from(index)].id.clone();
            let detail = format!("`{}` to `{}`", name(opens.0), name(closes.0));
            self.report_at(node, keys, Problem::of(Code::WindowReversed, detail));
        }
    }
}

fn window_of(kind: &StageKind) -> Option<Placed<'_>> {
    match kind {
        StageKind::Ascending(rule) => rule.quote.as_ref().map(|window| Placed { window, keys: &["quote"] }),
        StageKind::Sealed(rule) => Some(Placed { window: &rule.window, keys: &["window"] }),
        StageKind::Score(rule) => rule.filing.as_ref().map(|window| Placed { window, keys: &["filing"] }),
        StageKind::Fixed(rule) => Some(Placed { window: &rule.window, keys: &["window"] }),
        StageKind::First(rule) => match &rule.of {
            FirstOf::Window(window) => Some(Placed { window, keys: &["of", "window"] }),
            FirstOf::Stage(_) => None,
        },
        StageKind::Descending(_) | StageKind::Rounds(_) | StageKind::Draw(_) => None,
    }
}
