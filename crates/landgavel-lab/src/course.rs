//! A rulebook as a straight course of legs: what the fast evaluators run.
//!
//! Only rules whose outcome follows from each bidder's limits alone compile: open ladders with or without a cap, and plain
//! draws. All else runs on the engine, slower, and the reason is a value.

use std::fmt;
use std::sync::Arc;

use landgavel_base::Quantity;
use landgavel_sale::rulebook::{
    Against, AttributeId, Direction, DrawWeights, Entrants, Exit, Limit, StageId, StageKind, StepMode, Survivors, Tie,
};
use landgavel_sale::{Lot, Sale};

/// A compiled rule of one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The legs, in the order of the rule's stages.
    pub legs: Vec<Leg>,
    /// Number of attributes of the rule.
    pub attributes: usize,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Which stage of the rule.
    pub stage: StageId,
    /// What happens in it.
    pub kind: LegKind,
    /// Where it leads when somebody leads below any cap, or was drawn.
    pub settled: Next,
    /// Where it leads when the cap was reached.
    pub capped: Next,
    /// Where it leads when nobody bid.
    pub empty: Next,
}

/// What happens in a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegKind {
    /// Open bids up a ladder.
    Ladder(Ladder),
    /// A plain draw.
    Draw,
}

/// Legal amounts: `start`, `start + step`, … up to the cap, in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// What is bid.
    pub attribute: AttributeId,
    /// First amount, in quanta.
    pub start: i64,
    /// From rung to rung, in quanta; above zero.
    pub step: i64,
    /// Rung of the cap; `None` = no cap.
    pub top: Option<u32>,
}

/// Where a leg leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The leader wins.
    Win,
    /// Unsold.
    PassIn,
    /// Some go on to another leg.
    Go {
        /// Its index.
        leg: usize,
        /// Who goes.
        survivors: Survivors,
        /// Only if they are at least so many …
        at_least: u32,
        /// … otherwise this.
        otherwise: Box<Next>,
    },
}

/// Why a rule does not compile: the stage, and what in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStraight {
    /// Id of the stage, as the rulebook names it.
    pub stage: String,
    /// What only the engine knows to do.
    pub what: &'static str,
}

impl fmt::Display for NotStraight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage `{}`: {}", self.stage, self.what)
    }
}

impl Ladder {
    /// The amount of a rung.
    pub fn amount(&self, rung: u32) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(i64::from(rung)))
    }

    /// The highest rung within a limit, never above the cap; `None` below the start.
    pub fn rung(&self, limit: i64) -> Option<u32> {
        let above = limit.checked_sub(self.start).filter(|above| *above >= 0)?;
        let rung = u32::try_from(above / self.step).unwrap_or(u32::MAX);
        Some(self.top.map_or(rung, |top| rung.min(top)))
    }
}

/// Compiles a lot's rule.
///
/// # Errors
/// The first stage that only the engine can play, and why.
pub fn compile(lot: &Arc<Lot>) -> Result<Course, NotStraight> {
    let rules = &lot.rulebook;
    let sale = Sale::open(Arc::clone(lot));
    let stage_error = |id: &str, what| NotStraight { stage: id.to_owned(), what };
    if rules.award.winners != 1 {
        return Err(stage_error("award", "several winners"));
    }
    let mut legs = Vec::new();
    for (index, stage) in rules.stages.iter().enumerate() {
        let fail = |what| stage_error(&stage.id, what);
        if stage.entrants != Entrants::Field {
            return Err(fail("not the whole field may act"));
        }
        let kind = match &stage.kind {
            StageKind::Draw(rule) if rule.weights == DrawWeights::Plain => LegKind::Draw,
            StageKind::Draw(_) => return Err(fail("a draw with weights")),
            StageKind::Ascending(rule) => {
                let number = |amount| sale.value_of(amount).map(Quantity::quanta);
                if rules.attribute(rule.attribute).direction != Direction::Up {
                    return Err(fail("less is better"));
                }
                if rule.reserve.is_some() {
                    return Err(fail("a reserve"));
                }
                if rules.stages[..index].iter().any(|other| other.kind.attribute() == Some(rule.attribute)) {
                    return Err(fail("bids on what an earlier stage was about"));
                }
                if rule.step.mode != StepMode::Multiple || rule.step.over != Against::Best || rule.step.adjustable {
                    return Err(fail("steps that are not whole multiples over the best bid"));
                }
                let (Some(start), Some(step)) = (number(&rule.start), number(&rule.step.by)) else {
                    return Err(fail("a start or step that depends on the sale"));
                };
                if step <= 0 {
                    return Err(fail("no step"));
                }
                let top = match &rule.cap {
                    None => None,
                    Some(cap) => {
                        let Limit::Public(amount) = &cap.limit else { return Err(fail("a committed cap")) };
                        let Some(cap_at) = number(amount) else { return Err(fail("a cap that depends on the sale")) };
                        if cap.acceptance.millis() == 0 {
                            return Err(fail("a cap that only its first bidder takes"));
                        }
                        let rungs = cap_at.checked_sub(start).filter(|above| *above >= 0 && above % step == 0);
                        let rungs = rungs.and_then(|above| u32::try_from(above / step).ok());
                        Some(rungs.ok_or_else(|| fail("a cap that is no rung of the ladder"))?)
                    }
                };
                LegKind::Ladder(Ladder { attribute: rule.attribute, start, step, top })
            }
            StageKind::Descending(_)
            | StageKind::Sealed(_)
            | StageKind::Rounds(_)
            | StageKind::Score(_)
            | StageKind::Fixed(_)
            | StageKind::First(_) => return Err(fail("not an open ladder and not a draw")),
        };
        if !matches!(stage.exits.tied, Tie::Earliest) && matches!(kind, LegKind::Ladder(_)) {
            return Err(fail("ties that the earlier bid does not break"));
        }
        let next =
            |exit| next(exit, index).ok_or_else(|| fail("an exit that goes back, or to others than this leg knows"));
        legs.push(Leg {
            stage: StageId(u16::try_from(index).unwrap_or(u16::MAX)),
            kind,
            settled: next(&stage.exits.settled)?,
            capped: next(&stage.exits.capped)?,
            empty: next(&stage.exits.empty)?,
        });
    }
    Ok(Course { legs, attributes: rules.attributes.len() })
}

fn next(exit: &Exit, from: usize) -> Option<Next> {
    match exit {
        Exit::Win => Some(Next::Win),
        Exit::PassIn => Some(Next::PassIn),
        Exit::Back(_) => None,
        Exit::Go { to, survivors, at_least, otherwise } => {
            let leg = usize::from(to.0);
            let is_known = matches!(survivors, Survivors::Acceptors | Survivors::Active | Survivors::Field);
            (is_known && leg > from).then_some(())?;
            let otherwise = Box::new(next(otherwise, from)?);
            Some(Next::Go { leg, survivors: *survivors, at_least: *at_least, otherwise })
        }
    }
}
