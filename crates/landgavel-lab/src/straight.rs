//! The straight evaluator: the outcome of a compiled rule among bidders who bid up to their limits.
//!
//! Bidders come up the ladder in the order of their limits, the weakest first, each with one bid at its limit; the strongest
//! bids one rung above the runner-up, or the same rung where it can go no further, and then the earlier stands. That is
//! where an open ladder ends when nobody bids beyond its limit and nobody stops short of it.

use landgavel_sale::rulebook::Survivors;

use crate::course::{Course, Ladder, LegKind, Next};

/// Most bidders of a simulated sale.
pub const MOST_BIDDERS: usize = 64;

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Somebody leads below any cap.
    Settled,
    /// The cap was reached.
    Capped,
    /// Nobody bid.
    Empty,
    /// Lots were drawn.
    Drawn,
    /// Several sealed quotes are the best.
    Tied,
}

/// What came of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Who won; `None` = unsold.
    pub winner: Option<usize>,
    /// Per attribute what the winner bid, in quanta; `None` = it made no offer on it.
    pub terms: Vec<Option<i64>>,
    /// The legs that were run, in order, with their endings.
    pub path: Vec<(usize, Ending)>,
    /// Among whom lots were drawn, in ascending order; empty = no draw.
    pub entrants: Vec<usize>,
}

/// A set of bidders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field(u64);

impl Field {
    fn all(bidders: usize) -> Self {
        Self(if bidders >= MOST_BIDDERS { u64::MAX } else { (1 << bidders) - 1 })
    }

    fn len(self) -> u32 {
        self.0.count_ones()
    }

    fn members(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let next = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(next)
        })
    }
}

/// What a ladder led to.
struct Climb {
    ending: Ending,
    leader: usize,
    rung: u32,
    acceptors: Field,
}

/// What all bidders do: for bidder `b`, `of[b * columns + c]` is its limit on the attribute `c`, and beyond the attributes its
/// quote in a sealed leg ([`Course::column`]), in quanta.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// All limits; below a ladder's start = it does not bid.
    pub of: &'a [i64],
    /// [`Course::columns`].
    pub columns: usize,
}

impl Limits<'_> {
    /// Number of bidders.
    pub fn bidders(&self) -> usize {
        self.of.len() / self.columns.max(1)
    }

    fn rung(&self, ladder: &Ladder, bidder: usize) -> Option<u32> {
        ladder.rung(self.get(bidder, usize::from(ladder.attribute.0)))
    }

    /// A number of a bidder.
    pub fn get(&self, bidder: usize, column: usize) -> i64 {
        self.of[bidder * self.columns + column]
    }
}

/// Plays a sale. `pick(n)` draws one of `n`; it is asked at most once, where lots are drawn or equal quotes are told apart by chance.
pub fn evaluate(course: &Course, limits: Limits<'_>, pick: impl FnOnce(u32) -> u32) -> Outcome {
    let quote = |bidder: usize, leg: usize, _| {
        let (column, LegKind::Sealed(ladder)) = (course.column(leg)?, course.legs.get(leg)?.kind) else { return None };
        ladder.rung(limits.get(bidder, column))
    };
    evaluate_with(course, limits, quote, pick)
}

/// The same where quotes depend on how many may quote: `quote(bidder, leg, entrants)` is the rung of a quote, `None` = none.
pub fn evaluate_with(
    course: &Course,
    limits: Limits<'_>,
    mut quote: impl FnMut(usize, usize, u32) -> Option<u32>,
    pick: impl FnOnce(u32) -> u32,
) -> Outcome {
    let mut outcome =
        Outcome { winner: None, terms: vec![None; course.attributes], path: Vec::new(), entrants: Vec::new() };
    let mut field = Field::all(limits.bidders());
    let mut at = 0;
    let mut pick = Some(pick);
    while let Some(leg) = course.legs.get(at) {
        if field.len() == 0 {
            break;
        }
        let (next, leader, survivors) = match leg.kind {
            LegKind::Ladder(ladder) => {
                let climb = climb(&ladder, limits, field);
                outcome.path.push((at, climb.ending));
                let next = match climb.ending {
                    Ending::Empty => &leg.empty,
                    Ending::Capped => &leg.capped,
                    Ending::Settled | Ending::Drawn | Ending::Tied => &leg.settled,
                };
                if climb.ending != Ending::Empty {
                    outcome.terms[usize::from(ladder.attribute.0)] = Some(ladder.amount(climb.rung));
                }
                (next, climb.leader, climb.acceptors)
            }
            LegKind::Sealed(ladder) => {
                let (best, tied) = best_quote(&ladder, field, |bidder| quote(bidder, at, field.len()));
                let Some(rung) = best else {
                    outcome.path.push((at, Ending::Empty));
                    match follow(&leg.empty, tied, field) {
                        Where::On(to, who) => (at, field) = (to, who),
                        Where::Won | Where::Unsold => break,
                    }
                    continue;
                };
                outcome.terms[usize::from(ladder.attribute.0)] = Some(ladder.amount(rung));
                match &leg.tied {
                    Some(next) if tied.len() > 1 => {
                        outcome.path.push((at, Ending::Tied));
                        (next, tied.members().next().unwrap_or_default(), tied)
                    }
                    Some(_) | None => {
                        outcome.path.push((at, Ending::Settled));
                        let first = if tied.len() > 1 { pick.take().map_or(0, |pick| pick(tied.len())) } else { 0 };
                        (&leg.settled, tied.members().nth(first as usize).unwrap_or_default(), tied)
                    }
                }
            }
            LegKind::Draw => {
                outcome.path.push((at, Ending::Drawn));
                outcome.entrants = field.members().collect();
                let pick = pick.take().map_or(0, |pick| pick(field.len())).min(field.len() - 1);
                (&leg.settled, field.members().nth(pick as usize).unwrap_or_default(), field)
            }
        };
        match follow(next, survivors, field) {
            Where::Won => {
                outcome.winner = Some(leader);
                return outcome;
            }
            Where::Unsold => break,
            Where::On(to, who) => (at, field) = (to, who),
        }
    }
    outcome.terms.fill(None);
    outcome
}

/// The highest quote, never above the highest that is allowed, and all who made it.
fn best_quote(ladder: &Ladder, field: Field, mut quote: impl FnMut(usize) -> Option<u32>) -> (Option<u32>, Field) {
    let (mut best, mut tied) = (None, 0u64);
    for bidder in field.members() {
        let Some(rung) = quote(bidder).map(|rung| ladder.top.map_or(rung, |top| rung.min(top))) else { continue };
        if best.is_none_or(|best| rung > best) {
            (best, tied) = (Some(rung), 0);
        }
        tied |= if best == Some(rung) { 1 << bidder } else { 0 };
    }
    (best, Field(tied))
}

enum Where {
    Won,
    Unsold,
    On(usize, Field),
}

/// `survivors` are those who accepted a cap, or who made the best quote.
fn follow(next: &Next, survivors: Field, field: Field) -> Where {
    match next {
        Next::Win => Where::Won,
        Next::PassIn => Where::Unsold,
        Next::Go { leg, survivors: who, at_least, otherwise } => {
            let who = if matches!(who, Survivors::Acceptors | Survivors::Tied) { survivors } else { field };
            if who.len() >= *at_least { Where::On(*leg, who) } else { follow(otherwise, survivors, field) }
        }
    }
}

fn climb(ladder: &Ladder, limits: Limits<'_>, field: Field) -> Climb {
    let (mut first, mut second, mut leader, mut at_top) = (None, None, 0, 0u64);
    for bidder in field.members() {
        let Some(rung) = limits.rung(ladder, bidder) else { continue };
        if ladder.top == Some(rung) {
            at_top |= 1 << bidder;
        }
        if first.is_none_or(|best| rung > best) {
            (second, first, leader) = (first, Some(rung), bidder);
        } else if second.is_none_or(|best| rung > best) {
            second = Some(rung);
        }
    }
    let Some(most) = first else {
        return Climb { ending: Ending::Empty, leader, rung: 0, acceptors: Field(0) };
    };
    let rung = second.map_or(0, |second| most.min(second.saturating_add(1)));
    if ladder.top == Some(rung) {
        return Climb { ending: Ending::Capped, leader, rung, acceptors: Field(at_top) };
    }
    Climb { ending: Ending::Settled, leader, rung, acceptors: Field(0) }
}
