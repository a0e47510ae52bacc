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

/// The limits of all bidders: for bidder `b` and attribute `a`, `limits[b * attributes + a]`, in quanta.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// All limits; below a ladder's start = it does not bid.
    pub of: &'a [i64],
    /// Number of attributes.
    pub attributes: usize,
}

impl Limits<'_> {
    /// Number of bidders.
    pub fn bidders(&self) -> usize {
        self.of.len() / self.attributes.max(1)
    }

    fn rung(&self, ladder: &Ladder, bidder: usize) -> Option<u32> {
        ladder.rung(self.of[bidder * self.attributes + usize::from(ladder.attribute.0)])
    }
}

/// Plays a sale. `pick(n)` draws one of `n` entrants; it is asked once, and only where lots are drawn.
pub fn evaluate(course: &Course, limits: Limits<'_>, pick: impl FnOnce(u32) -> u32) -> Outcome {
    let mut outcome =
        Outcome { winner: None, terms: vec![None; course.attributes], path: Vec::new(), entrants: Vec::new() };
    let mut field = Field::all(limits.bidders());
    let mut at = 0;
    let mut pick = Some(pick);
    while let Some(leg) = course.legs.get(at) {
        if field.len() == 0 {
            break;
        }
        let (next, leader, acceptors) = match &leg.kind {
            LegKind::Ladder(ladder) => {
                let climb = climb(ladder, limits, field);
                outcome.path.push((at, climb.ending));
                let next = match climb.ending {
                    Ending::Empty => &leg.empty,
                    Ending::Capped => &leg.capped,
                    Ending::Settled | Ending::Drawn => &leg.settled,
                };
                if climb.ending != Ending::Empty {
                    outcome.terms[usize::from(ladder.attribute.0)] = Some(ladder.amount(climb.rung));
                }
                (next, climb.leader, climb.acceptors)
            }
            LegKind::Draw => {
                outcome.path.push((at, Ending::Drawn));
                outcome.entrants = field.members().collect();
                let pick = pick.take().map_or(0, |pick| pick(field.len())).min(field.len() - 1);
                (&leg.settled, field.members().nth(pick as usize).unwrap_or_default(), field)
            }
        };
        match follow(next, acceptors, field) {
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

enum Where {
    Won,
    Unsold,
    On(usize, Field),
}

fn follow(next: &Next, acceptors: Field, field: Field) -> Where {
    match next {
        Next::Win => Where::Won,
        Next::PassIn => Where::Unsold,
        Next::Go { leg, survivors, at_least, otherwise } => {
            let who = if *survivors == Survivors::Acceptors { acceptors } else { field };
            if who.len() >= *at_least { Where::On(*leg, who) } else { follow(otherwise, acceptors, field) }
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
