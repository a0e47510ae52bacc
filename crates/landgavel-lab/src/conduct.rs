//! What every type does in a case: how far it goes on open ladders, and what it quotes under seal.
//!
//! Open ladders are bid to the limit, see `bidder`. A sealed quote is a game: those who may quote are the types that came so far, their number is
//! known (acceptances are public), and an equilibrium is sought for each number. It is solved on coarse cells of types that play alike and at
//! most [`RUNGS`] rungs; `certify` then measures it on every type and every legal rung.

use crate::bidder::Bidder;
use crate::contest::{Contest, Mix, Side};
use crate::course::Ladder;
use crate::game::Game;
use crate::population::Types;

/// Cells: so many rows of values, and in each so many of productivity.
const ROWS: usize = 64;
const IN_ROW: usize = 16;
/// Most rungs that are solved on.
const RUNGS: usize = 257;
/// What is sought on cells: the gain as a share of the best.
const SOUGHT: f64 = 5e-4;
/// Most turns of play.
const TURNS: u32 = 4_000;
/// Where play begins: as shares of the highest quote that a type can bear. Equilibria that differ would be found from different ones.
pub const BEGINNINGS: [f64; 3] = [0.5, 0.0, 1.0];

/// What every type does.
#[derive(Debug, Clone)]
pub struct Conduct {
    attributes: usize,
    /// Per type and attribute, in quanta.
    limits: Vec<i64>,
    /// Per type, whether it stays away.
    is_away: Vec<bool>,
    /// Per sealed leg.
    pub(crate) quotes: Vec<Quotes>,
    /// What is known of it as an equilibrium.
    pub claim: Claim,
}

/// What is known of play as an equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It is not meant to be one.
    NotMeant,
    /// What deviations gain.
    Measured(Certificate),
    /// That is not known, and why.
    Unknown(String),
}

/// How near a case's play is to an equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Mean over types of what the best deviation gains, ten thousand yuan for the lot.
    pub epsilon: f64,
    /// The largest gain of any type.
    pub worst: f64,
    /// What a bidder earns on average, the same; what coming costs is taken off.
    pub earned: f64,
    /// ε as a share of what the best deviations earn.
    pub relative: f64,
    /// Mean sealed quote among as many entrants as there are bidders, as a height; not a number where nothing is sealed.
    pub quote: f64,
    /// Of play found from other beginnings: its mean quote, and its relative ε.
    pub others: Vec<(f64, f64)>,
    /// Share of the types that come; the others stay away, since coming costs more than it earns them.
    pub coming: f64,
    /// Rungs of the largest ladder on which deviations were looked at.
    pub rungs: u32,
}

impl Certificate {
    /// Whether play from other beginnings comes to the same: mean quotes less than half a rung apart.
    pub fn is_one(&self) -> bool {
        self.others.iter().all(|(quote, _)| (quote - self.quote).abs() < 0.5)
    }
}

/// Quotes in a sealed leg.
#[derive(Debug, Clone)]
pub(crate) struct Quotes {
    pub(crate) leg: usize,
    /// Per type the highest quote that it can bear, as a height: a rung counted from 1.
    pub(crate) most: Vec<u32>,
    /// Per type its cell; none for types that never come so far.
    cell: Vec<u32>,
    /// Per number of entrants and cell; empty where so few never come.
    of: Vec<Vec<Mix>>,
}

const NOWHERE: u32 = u32::MAX;

/// A sealed leg that is to be solved.
#[derive(Clone, Copy)]
pub(crate) struct Sealed<'a> {
    pub(crate) leg: usize,
    /// What may be quoted.
    pub(crate) ladder: &'a Ladder,
    /// The types that come so far.
    pub(crate) kinds: &'a [u32],
    pub(crate) types: &'a Types,
    pub(crate) conduct: &'a Conduct,
    /// The fewest and the most who may quote.
    pub(crate) counts: (u32, u32),
    /// One of [`BEGINNINGS`].
    pub(crate) beginning: f64,
}

impl Conduct {
    /// Open ladders to the limit, keeping a margin: a share of the value. Nothing is quoted.
    pub fn new(game: &Game, types: &Types, margin: f64) -> Self {
        let attributes = game.attributes();
        let mut limits = vec![i64::MIN; attributes * types.all().len()];
        for (one, limits) in types.all().iter().zip(limits.chunks_exact_mut(attributes)) {
            game.limits_of(one, margin, limits);
        }
        Self { attributes, limits, is_away: vec![false; types.all().len()], quotes: Vec::new(), claim: Claim::NotMeant }
    }

    /// Lets a type stay away: it bids on nothing.
    pub(crate) fn keep_away(&mut self, kind: usize) {
        self.is_away[kind] = true;
        self.limits[kind * self.attributes..][..self.attributes].fill(i64::MIN);
    }

    /// Whether a type stays away.
    pub fn is_away(&self, kind: usize) -> bool {
        self.is_away[kind]
    }

    /// Limits of a type, per attribute.
    pub fn limits(&self, kind: usize) -> &[i64] {
        &self.limits[kind * self.attributes..][..self.attributes]
    }

    /// How high a type goes on a ladder: the rung counted from 1, 0 = no bid.
    pub(crate) fn height(&self, ladder: &Ladder, kind: usize) -> u32 {
        ladder.rung(self.limits(kind)[usize::from(ladder.attribute.0)]).map_or(0, |rung| rung.saturating_add(1))
    }

    /// What a type quotes among so many entrants: rungs with their probabilities; empty where nothing is quoted.
    pub fn quoted(&self, leg: usize, kind: usize, entrants: u32) -> Vec<(u32, f64)> {
        let Some(quotes) = self.quotes.iter().find(|quotes| quotes.leg == leg) else { return Vec::new() };
        quotes.mix(kind, entrants).filter_map(|(height, share)| Some((height.checked_sub(1)?, share))).collect()
    }

    /// The rung that a type quotes among so many entrants; `share` in (0, 1) chooses where it mixes.
    pub fn quote(&self, leg: usize, kind: usize, entrants: u32, share: f64) -> Option<u32> {
        let quotes = self.quotes.iter().find(|quotes| quotes.leg == leg)?;
        let (mut upto, mut chosen) = (0.0, None);
        for (height, probability) in quotes.mix(kind, entrants) {
            chosen = Some(height);
            upto += probability;
            if share < upto {
                break;
            }
        }
        chosen?.checked_sub(1)
    }
}

impl Quotes {
    /// Heights that a type quotes among so many entrants, with their probabilities. None goes beyond what it can bear.
    pub(crate) fn mix(&self, kind: usize, entrants: u32) -> impl Iterator<Item = (u32, f64)> {
        let (most, cell) = (self.most[kind], self.cell[kind]);
        // Alone, the lowest quote wins.
        let alone = (entrants == 1).then_some((most.min(1), 1.0));
        let mixes = if alone.is_some() { None } else { self.of.get(entrants as usize) };
        let mix = mixes.and_then(|cells| cells.get(cell as usize)).map_or(&[][..], Vec::as_slice);
        alone.into_iter().chain(mix.iter().map(move |(rung, share)| ((rung + 1).min(most), *share)))
    }

    /// Solves a sealed leg for each number of entrants; `pay` is what winning at a rung is worth to a bidder.
    pub(crate) fn solve(sealed: &Sealed<'_>, pay: &dyn Fn(&Bidder, u32) -> f64) -> Self {
        let Sealed { leg, ladder, kinds, types, conduct, counts: (fewest, most_entrants), beginning } = *sealed;
        let all = types.all();
        let most: Vec<u32> = (0..all.len()).map(|kind| conduct.height(ladder, kind)).collect();
        let highest = kinds.iter().map(|&kind| most[kind as usize]).max().unwrap_or(0).max(1);
        let stride = (highest as usize).div_ceil(RUNGS).max(1);
        let grid: Vec<u32> = (0..highest).step_by(stride).collect();
        let cells = cells(kinds, all);
        let mut cell = vec![NOWHERE; all.len()];
        for (number, members) in (0u32..).zip(&cells) {
            members.iter().for_each(|&kind| cell[kind as usize] = number);
        }
        let mut side = Side { wins: Vec::new(), loses: vec![0.0; grid.len()], begins: Vec::new() };
        for members in &cells {
            let count = members.len() as f64;
            let mean = |rung: u32| members.iter().map(|&kind| pay(&all[kind as usize], rung)).sum::<f64>() / count;
            side.wins.extend(grid.iter().map(|&rung| mean(rung)));
            let bears = members.iter().map(|&kind| f64::from(most[kind as usize])).sum::<f64>() / count;
            let from = grid.partition_point(|&rung| f64::from(rung) <= beginning * (bears - 1.0)).saturating_sub(1);
            side.begins.push(u32::try_from(from).unwrap_or_default());
        }
        let mut of = vec![Vec::new(); most_entrants as usize + 1];
        for entrants in fewest.max(2)..=most_entrants {
            let contest = Contest { sides: vec![side.clone()], bidders: entrants, rungs: grid.len() };
            let found = contest.solve(SOUGHT, TURNS).mixes.pop().unwrap_or_default();
            let legal = |mix: Mix| mix.into_iter().map(|(place, share)| (grid[place as usize], share)).collect();
            of[entrants as usize] = found.into_iter().map(legal).collect();
        }
        Self { leg, most, cell, of }
    }
}

/// Cells of types that are near each other: by value, and within that by productivity, equally many in each.
fn cells(kinds: &[u32], all: &[Bidder]) -> Vec<Vec<u32>> {
    // Types lie in the order of their values.
    let rows = kinds.chunks(kinds.len().div_ceil(ROWS).max(1));
    let mut cells = Vec::new();
    for row in rows {
        let mut row = row.to_vec();
        row.sort_by(|a, b| all[*a as usize].productivity.total_cmp(&all[*b as usize].productivity));
        cells.extend(row.chunks(row.len().div_ceil(IN_ROW).max(1)).map(<[u32]>::to_vec));
    }
    cells
}
