use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{CriterionKind, Exit, Exits, Limit, Stage, StageId, StageKind, Survivors, Tie};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::Check;

const ENDINGS: [(&str, EndReason); 6] = [
    ("settled", EndReason::Settled),
    ("capped", EndReason::Capped),
    ("empty", EndReason::Empty),
    ("below_reserve", EndReason::BelowReserve),
    ("overdue", EndReason::Overdue),
    ("tied", EndReason::Tied),
];

impl Check<'_> {
    /// Every stage can be reached, every exit can be taken and leaves somebody to go on or to win.
    pub(super) fn flow(&mut self) {
        let lot = self.lot;
        let stages = &lot.rulebook.stages;
        let nodes: Vec<(StageId, Node)> = self.stages().map(|(id, node)| (id, node.clone())).collect();
        let mut reached = vec![false; stages.len()];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        // Exits lead to later stages only, so one pass in order reaches all that can be reached.
        for ((id, node), stage) in nodes.iter().zip(stages) {
            let is_reached = reached.get(usize::from(id.0)).copied().unwrap_or(false);
            if !is_reached {
                let problem = Problem::of(Code::UnreachableStage, format_args!("`{}`", stage.id));
                self.report_at(node, &["id"], problem);
            }
            for (key, ending) in ENDINGS {
                let Some(exit) = exit_of(&stage.exits, ending) else { continue };
                let written = node.get("exits").and_then(|exits| exits.get(key)).filter(|written| written.written);
                if !can_end(stage, ending) {
                    if let Some(written) = written {
                        self.report(written, Problem::of(Code::UnusedExit, format_args!("`{key}`")));
                    }
                    continue;
                }
                if is_reached {
                    mark(exit, &mut reached);
                    // Nobody knows where an exit that could not be read leads.
                    if self.is_broken(node) {
                        reached.iter_mut().for_each(|reached| *reached = true);
                    }
                }
                self.exit((*id, stage, node), ending, exit, written.unwrap_or(node));
            }
        }
    }

    /// `node` is where the exit stands, or the stage when it is a default.
    fn exit(&mut self, at: (StageId, &Stage, &Node), ending: EndReason, exit: &Exit, node: &Node) {
        let (here, stage, clause) = at;
        match exit {
            Exit::Win if ending == EndReason::Empty => {
                self.report(node, Problem::of(Code::WinWithoutOffer, format_args!("`{}`", stage.id)));
            }
            Exit::Win | Exit::PassIn => {}
            Exit::Back(earlier) => {
                let header = self.headers.get(usize::from(earlier.0));
                let name = header.map(|header| header.id.clone()).unwrap_or_default();
                if *earlier >= here {
                    let problem = Problem::of(Code::StageNotEarlier, format_args!("`{name}`"));
                    self.report_at(node, &["back"], problem.expected("the id of an earlier stage"));
                } else if header.is_some_and(|header| !header.ranks) {
                    self.report_at(node, &["back"], Problem::of(Code::BackWithoutRanking, format_args!("`{name}`")));
                }
            }
            Exit::Go { survivors, at_least, otherwise, .. } => {
                if !can_survive(&stage.kind, ending, *survivors) {
                    let problem = Problem::of(Code::NoSurvivors, format_args!("{}", survivor_word(*survivors)));
                    let expected = match ending {
                        EndReason::Empty => "field or admitted",
                        _ => "active, field, admitted or { top = … }",
                    };
                    self.report_at(node, &["survivors"], problem.expected(expected));
                }
                let is_alone = ending == EndReason::Capped && *survivors == Survivors::Acceptors && *at_least > 1;
                let has_no_time = stage
                    .kind
                    .cap()
                    .is_some_and(|cap| cap.acceptance == landgavel_base::Duration::ZERO && !cap.holds_through_quote);
                if is_alone && has_no_time && matches!(stage.kind, StageKind::Ascending(_)) {
                    let problem = Problem::of(Code::AcceptorsAlone, format_args!("`{}`", stage.id));
                    self.report_at(clause, &["cap"], problem.expected("`acceptance` in the cap"));
                }
                if **otherwise != Exit::Win {
                    let inner = node.get("otherwise").unwrap_or(node);
                    self.exit(at, ending, otherwise, inner);
                }
            }
        }
    }
}

fn exit_of(exits: &Exits, ending: EndReason) -> Option<&Exit> {
    match ending {
        EndReason::Settled => Some(&exits.settled),
        EndReason::Capped => Some(&exits.capped),
        EndReason::Empty => Some(&exits.empty),
        EndReason::BelowReserve => Some(&exits.below_reserve),
        EndReason::Overdue => Some(&exits.overdue),
        EndReason::Tied => match &exits.tied {
            Tie::Exit(exit) => Some(exit),
            Tie::Earliest | Tie::Lower | Tie::Higher => None,
        },
    }
}

/// Whether a stage of this kind can end in this way.
fn can_end(stage: &Stage, ending: EndReason) -> bool {
    let is_committed = |limit: Option<&Limit>| matches!(limit, Some(Limit::Committed { .. }));
    let kind = &stage.kind;
    match ending {
        EndReason::Settled => true,
        EndReason::Empty => !matches!(kind, StageKind::Draw(_)),
        EndReason::Capped => kind.cap().is_some(),
        EndReason::BelowReserve => kind.reserve().is_some(),
        EndReason::Overdue => {
            let has_panel = |kind: &CriterionKind| matches!(kind, CriterionKind::Panel);
            is_committed(kind.cap().map(|cap| &cap.limit))
                || is_committed(kind.reserve())
                || match kind {
                    StageKind::Draw(_) => true,
                    StageKind::Score(score) => score.criteria.iter().any(|criterion| has_panel(&criterion.kind)),
                    StageKind::Ascending(_)
                    | StageKind::Descending(_)
                    | StageKind::Sealed(_)
                    | StageKind::Rounds(_)
                    | StageKind::Fixed(_)
                    | StageKind::First(_) => false,
                }
        }
        EndReason::Tied => match kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) | StageKind::Sealed(_) | StageKind::Score(_) => true,
            StageKind::Descending(_) | StageKind::Draw(_) | StageKind::Fixed(_) | StageKind::First(_) => false,
        },
    }
}

/// Whether anybody can be such a survivor after such an ending.
fn can_survive(kind: &StageKind, ending: EndReason, survivors: Survivors) -> bool {
    match survivors {
        Survivors::Field | Survivors::Admitted => true,
        Survivors::Active | Survivors::Top(_) => ending != EndReason::Empty,
        Survivors::Tied => ending == EndReason::Tied,
        Survivors::Acceptors => match ending {
            EndReason::Capped => true,
            EndReason::Settled => {
                matches!(kind, StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_))
            }
            EndReason::Empty | EndReason::BelowReserve | EndReason::Overdue | EndReason::Tied => false,
        },
    }
}

fn survivor_word(survivors: Survivors) -> &'static str {
    match survivors {
        Survivors::Acceptors => "`acceptors`",
        Survivors::Active => "`active`",
        Survivors::Field => "`field`",
        Survivors::Admitted => "`admitted`",
        Survivors::Tied => "`tied`",
        Survivors::Top(_) => "`top`",
    }
}

fn mark(exit: &Exit, reached: &mut [bool]) {
    if let Exit::Go { to, otherwise, .. } = exit {
        if let Some(slot) = reached.get_mut(usize::from(to.0)) {
            *slot = true;
        }
        mark(otherwise, reached);
    }
}
