//! What the best deviation gains: exact expectations over the opponents' types, for every type and every legal rung.
//!
//! Opponents are independent draws from the table of types and play their `conduct`. A deviator may stop at any other rung of an open ladder,
//! take or refuse a cap, and quote any legal amount, each knowing how many are left; so this is its best answer in the game that
//! the straight evaluator plays. What it cannot do here is in the guide: it cannot make opponents change what they do by how it bids.

mod build;
mod deviate;
mod entry;

use build::{Build, Offers};
use deviate::Deviator;

use crate::bidder::Bidder;
use crate::conduct::{BEGINNINGS, Certificate, Claim, Conduct, Quotes};
use crate::contest::odds;
use crate::course::{Course, Ladder};
use crate::game::Game;
use crate::population::Types;
use crate::straight::MOST_BIDDERS;

/// Most rungs of a ladder whose deviations are looked at.
const MOST_RUNGS: u32 = 4_096;
/// Most nodes: legs by the ways to them.
const MOST_NODES: usize = 64;

/// Seeks an equilibrium from each beginning; the first is kept, and the others say whether there are more. Whoever comes pays
/// `entry_cost`, ten thousand yuan for the lot.
pub fn sought(game: &Game, types: &Types, bidders: u32, entry_cost: f64) -> Conduct {
    let mut conduct = Conduct::new(game, types, 0.0);
    let Some(course) = game.course() else {
        conduct.claim = Claim::Unknown("only the engine plays this rule".to_owned());
        return conduct;
    };
    let case = Case { game, course, types, bidders, entry_cost };
    if entry_cost > 0.0
        && let Err(why) = entry::settle(&case, &mut conduct)
    {
        conduct.claim = Claim::Unknown(why.to_owned());
        return conduct;
    }
    let beginnings = if course.sealed().next().is_some() { &BEGINNINGS[..] } else { &BEGINNINGS[..1] };
    let mut first: Option<(Vec<Quotes>, Certificate)> = None;
    for &beginning in beginnings {
        conduct.quotes.clear();
        match certify(&case, &mut conduct, beginning) {
            Err(why) => {
                conduct.claim = Claim::Unknown(why.to_owned());
                return conduct;
            }
            Ok(found) => match &mut first {
                None => first = Some((conduct.quotes.clone(), found)),
                Some((_, kept)) => kept.others.push((found.quote, found.relative)),
            },
        }
    }
    if let Some((quotes, certificate)) = first {
        conduct.quotes = quotes;
        conduct.claim = Claim::Measured(certificate);
    }
    conduct
}

/// What the best deviations gain from a conduct in which nothing is sealed.
///
/// # Errors
/// What in the rule is beyond it.
pub fn measure(game: &Game, types: &Types, mut conduct: Conduct, bidders: u32) -> Result<Certificate, &'static str> {
    let course = game.course().filter(|course| course.sealed().next().is_none());
    let course = course.ok_or("not a rule of open bids that compiles")?;
    certify(&Case { game, course, types, bidders, entry_cost: 0.0 }, &mut conduct, 0.0)
}

/// A case whose play is measured.
struct Case<'a> {
    game: &'a Game,
    course: &'a Course,
    types: &'a Types,
    bidders: u32,
    entry_cost: f64,
}

/// What opponents do, as a bidder meets it.
struct Met {
    nodes: Vec<Node>,
    root: usize,
    quote: f64,
}

impl Case<'_> {
    /// Solves what is sealed, from a beginning.
    fn met(&self, conduct: &mut Conduct, beginning: f64) -> Result<Met, &'static str> {
        if self.bidders < 2 || self.bidders as usize > MOST_BIDDERS {
            return Err("an equilibrium needs at least two bidders");
        }
        let kinds: Vec<u32> = (0u32..).zip(self.types.all()).map(|(kind, _)| kind).collect();
        let Self { game, course, types, bidders, .. } = *self;
        let mut build = Build { game, course, types, conduct, beginning, nodes: Vec::new(), quote: f64::NAN };
        let root = build.node(0, &kinds, (bidders, bidders), Offers { price: None, promise: None })?;
        Ok(Met { nodes: build.nodes, root, quote: build.quote })
    }

    /// What the best answer of a type that comes earns, and what its conduct does; what coming costs is not taken off.
    fn earns(&self, met: &Met, conduct: &Conduct, kind: usize) -> (f64, f64) {
        let bidder = &self.types.all()[kind];
        Deviator { game: self.game, nodes: &met.nodes, conduct, kind, bidder }.value(met.root, self.bidders - 1)
    }
}

/// Solves what is sealed, from this beginning, and measures the whole.
///
/// # Errors
/// What in the rule is beyond it.
fn certify(case: &Case<'_>, conduct: &mut Conduct, beginning: f64) -> Result<Certificate, &'static str> {
    let met = case.met(conduct, beginning)?;
    let rungs = met.nodes.iter().map(|node| node.deals.len()).max().and_then(|most| u32::try_from(most - 1).ok());
    let mut sums = (0.0, 0.0, 0.0f64);
    let mut coming = 0.0;
    for kind in 0..case.types.all().len() {
        let (best, played) = case.earns(&met, conduct, kind);
        // Coming or not is an answer too.
        let is_away = conduct.is_away(kind);
        let best = if case.entry_cost > 0.0 { (best - case.entry_cost).max(0.0) } else { best };
        let played = if is_away { 0.0 } else { played - case.entry_cost };
        coming += if is_away { 0.0 } else { 1.0 };
        sums = (sums.0 + best, sums.1 + played, sums.2.max(best - played));
    }
    let count = f64::from(crate::population::TYPES);
    let (best, earned) = (sums.0 / count, sums.1 / count);
    let epsilon = (best - earned).max(0.0);
    let relative = if epsilon > 0.0 { epsilon / best.abs().max(epsilon) } else { 0.0 };
    Ok(Certificate {
        epsilon,
        worst: sums.2,
        earned,
        relative,
        quote: met.quote,
        others: Vec::new(),
        coming: coming / count,
        rungs: rungs.unwrap_or_default(),
    })
}

/// What winning now would mean: the price, ten thousand yuan for the lot, and the promise per mu and year.
#[derive(Debug, Clone, Copy)]
struct Deal {
    price: f64,
    promise: f64,
}

/// A leg among opponents of whom some are left.
struct Node {
    /// Per height of its ladder; the first is without an offer.
    deals: Vec<Deal>,
    shape: Shape,
}

enum Shape {
    Ladder { ladder: Ladder, odds: Vec<Odds>, capped: After, empty: After },
    Sealed { leg: usize, odds: Vec<Vec<f64>>, none: Vec<f64>, empty: After },
    Draw,
}

/// Where an ending leads.
#[derive(Debug, Clone, Copy)]
struct After {
    /// A node, if at least so many go there.
    go: Option<(usize, u32)>,
    /// Otherwise one of them wins, or nobody.
    is_won: bool,
}

/// The chances of an open ladder against so many.
struct Odds {
    /// Probability that the highest of them stands at a height.
    highest: Vec<f64>,
    /// Probability of winning a tie at a height.
    ties: Vec<f64>,
    /// Probability that so many of them take the cap.
    takers: Vec<f64>,
}

impl Odds {
    fn new(shares: &[f64], others: u32, takers: f64) -> Self {
        let power = i32::try_from(others).unwrap_or(i32::MAX);
        let even = odds(shares, others);
        let (mut below, mut upto) = (0.0f64, 0.0f64);
        let (mut highest, mut ties) = (Vec::new(), Vec::new());
        for (share, even) in shares.iter().zip(even) {
            upto = (upto + share).min(1.0);
            let all_below = if others == 0 { 1.0 } else { below.powi(power) };
            let first = highest.is_empty();
            // Without opponents the highest of them is "no bid".
            highest.push(if others == 0 { f64::from(u8::from(first)) } else { upto.powi(power) - all_below });
            ties.push(if others == 0 { 0.0 } else { (even - all_below).max(0.0) });
            below = upto;
        }
        let mut counts = vec![0.0; others as usize + 1];
        let mut ways = 1.0;
        for (taken, count) in (0u32..).zip(&mut counts) {
            let (few, rest) = (i32::try_from(taken).unwrap_or(0), i32::try_from(others - taken).unwrap_or(0));
            *count = ways * takers.powi(few) * (1.0 - takers).powi(rest);
            ways *= f64::from(others - taken) / f64::from(taken + 1);
        }
        Self { highest, ties, takers: counts }
    }
}

/// What winning at these terms is worth to a bidder on average. It never takes what it cannot pay.
fn worth(game: &Game, bidder: &Bidder, deal: Deal) -> f64 {
    const RUIN: f64 = -1e15;
    // Limits are whole quanta, budgets are not: what differs by rounding alone can be paid.
    const ROUNDING: f64 = 1e-9;
    if deal.price > bidder.budget + ROUNDING * bidder.budget.abs() {
        return RUIN;
    }
    bidder.value - deal.price - bidder.cost(deal.promise, game.terms(deal.price))
}
