//! A rulebook as a straight course of legs: what the fast evaluators run.
//!
//! Only rules whose outcome follows from each bidder's limits and quotes alone compile: open ladders with or without a cap, one
//! sealed quote of which the best wins, and plain draws. All else runs on the engine, slower, and the reason is a value.

use std::fmt;
use std::sync::Arc;

use landgavel_base::Quantity;
use landgavel_sale::rulebook::{
    Against, Amount, Ascending, AttributeId, Bound, Direction, DrawWeights, Entrants, Exit, Limit, Sealed, StageId,
    StageKind, Statistic, StepMode, Survivors, Tie,
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

impl Course {
    /// The sealed legs, in order: their indices, and what may be quoted.
    pub fn sealed(&self) -> impl Iterator<Item = (usize, Ladder)> {
        self.legs.iter().enumerate().filter_map(|(leg, of)| match of.kind {
            LegKind::Sealed(ladder) => Some((leg, ladder)),
            LegKind::Ladder(_) | LegKind::Draw => None,
        })
    }

    /// Numbers that say what a bidder does: a limit for each attribute, then a quote for each sealed leg.
    pub fn columns(&self) -> usize {
        self.attributes + self.sealed().count()
    }

    /// The column of a sealed leg's quotes.
    pub fn column(&self, leg: usize) -> Option<usize> {
        self.sealed().position(|(sealed, _)| sealed == leg).map(|place| self.attributes + place)
    }
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
    /// Where it leads when several sealed quotes are the best; `None` = who came first leads, which is chance.
    pub tied: Option<Next>,
}

/// What happens in a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegKind {
    /// Open bids up a ladder.
    Ladder(Ladder),
    /// One sealed quote each, on a rung; the highest wins and pays what it says. The top of the ladder is no cap but the highest quote.
    Sealed(Ladder),
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
    if rules.award.winners != 1 {
        return Err(NotStraight { stage: "award".to_owned(), what: "several winners" });
    }
    let mut legs = Vec::new();
    for (index, stage) in rules.stages.iter().enumerate() {
        let fail = |what| NotStraight { stage: stage.id.clone(), what };
        if stage.entrants != Entrants::Field {
            return Err(fail("not the whole field may act"));
        }
        let attribute = stage.kind.attribute();
        if attribute.is_some_and(|attribute| rules.attribute(attribute).direction != Direction::Up) {
            return Err(fail("less is better"));
        }
        let is_open = |other: &StageKind| matches!(other, StageKind::Ascending(_));
        let kind = match &stage.kind {
            StageKind::Draw(rule) if rule.weights == DrawWeights::Plain => LegKind::Draw,
            StageKind::Draw(_) => return Err(fail("a draw with weights")),
            StageKind::Ascending(rule) => LegKind::Ladder(ascending(&sale, rule).map_err(fail)?),
            StageKind::Sealed(rule) => LegKind::Sealed(sealed(&sale, rule).map_err(fail)?),
            StageKind::Descending(_)
            | StageKind::Rounds(_)
            | StageKind::Score(_)
            | StageKind::Fixed(_)
            | StageKind::First(_) => return Err(fail("not an open ladder, a sealed quote or a draw")),
        };
        let earlier = &rules.stages[..index];
        if is_open(&stage.kind)
            && attribute.is_some()
            && earlier.iter().any(|other| other.kind.attribute() == attribute)
        {
            return Err(fail("bids on what an earlier stage was about"));
        }
        let next = |exit| next(exit, index).ok_or_else(|| fail("an exit back, or one that some of the field take"));
        let tied = match (&stage.kind, &stage.exits.tied) {
            (StageKind::Sealed(_), Tie::Exit(exit)) => Some(next(exit)?),
            (_, Tie::Exit(_)) => return Err(fail("a tie that leads elsewhere")),
            (_, Tie::Earliest | Tie::Lower | Tie::Higher) => None,
        };
        legs.push(Leg {
            stage: StageId(u16::try_from(index).unwrap_or(u16::MAX)),
            kind,
            settled: next(&stage.exits.settled)?,
            capped: next(&stage.exits.capped)?,
            empty: next(&stage.exits.empty)?,
            tied,
        });
    }
    Ok(Course { legs, attributes: rules.attributes.len() })
}

fn number(sale: &Sale, amount: &Amount) -> Option<i64> {
    sale.value_of(amount).map(Quantity::quanta)
}

/// A cap or a highest quote as a rung.
fn top(start: i64, step: i64, cap: i64) -> Option<u32> {
    let rungs = cap.checked_sub(start).filter(|above| *above >= 0 && above % step == 0)?;
    u32::try_from(rungs / step).ok()
}

fn ascending(sale: &Sale, rule: &Ascending) -> Result<Ladder, &'static str> {
    if rule.reserve.is_some() {
        return Err("a reserve");
    }
    if rule.step.mode != StepMode::Multiple || rule.step.over != Against::Best || rule.step.adjustable {
        return Err("steps that are not whole multiples over the best bid");
    }
    let (Some(start), Some(step)) = (number(sale, &rule.start), number(sale, &rule.step.by)) else {
        return Err("a start or step that depends on the sale");
    };
    if step <= 0 {
        return Err("no step");
    }
    let top = match &rule.cap {
        None => None,
        Some(cap) => {
            let Limit::Public(amount) = &cap.limit else { return Err("a committed cap") };
            let Some(cap_at) = number(sale, amount) else { return Err("a cap that depends on the sale") };
            if cap.acceptance.millis() == 0 {
                return Err("a cap that only its first bidder takes");
            }
            Some(top(start, step, cap_at).ok_or("a cap that is no rung of the ladder")?)
        }
    };
    Ok(Ladder { attribute: rule.attribute, start, step, top })
}

fn sealed(sale: &Sale, rule: &Sealed) -> Result<Ladder, &'static str> {
    let [quote] = rule.quotes.as_slice() else { return Err("several amounts in one quote") };
    if rule.winner != Statistic::Best {
        return Err("not the best quote wins");
    }
    if rule.reserve.is_some() {
        return Err("a reserve");
    }
    if rule.carries {
        return Err("offers of an earlier stage count");
    }
    let Some(Bound { at, inclusive: true }) = &quote.min else { return Err("no lowest quote") };
    let step = quote.multiple_of.as_ref().map_or(Some(1), |step| number(sale, step));
    let (Some(start), Some(step)) = (number(sale, at), step) else {
        return Err("a bound or step that depends on the sale");
    };
    if step <= 0 {
        return Err("no step");
    }
    let top = match &quote.max {
        None => None,
        Some(Bound { at, inclusive: true }) => {
            let most = number(sale, at).ok_or("a bound that depends on the sale")?;
            Some(top(start, step, most).ok_or("a highest quote that is no rung")?)
        }
        Some(Bound { .. }) => return Err("a highest quote that is itself not allowed"),
    };
    Ok(Ladder { attribute: quote.attribute, start, step, top })
}

fn next(exit: &Exit, from: usize) -> Option<Next> {
    match exit {
        Exit::Win => Some(Next::Win),
        Exit::PassIn => Some(Next::PassIn),
        Exit::Back(_) => None,
        Exit::Go { to, survivors, at_least, otherwise } => {
            let leg = usize::from(to.0);
            let is_known =
                matches!(survivors, Survivors::Acceptors | Survivors::Active | Survivors::Field | Survivors::Tied);
            (is_known && leg > from).then_some(())?;
            let otherwise = Box::new(next(otherwise, from)?);
            Some(Next::Go { leg, survivors: *survivors, at_least: *at_least, otherwise })
        }
    }
}
