//! Sales by the hundred million: compiled rules, a sale to each lane of the machine's vectors.
//!
//! Every word that a sale needs comes from a counter (seed, sale, index), so that rules meet the same bidders, any thread may play
//! any sale, and every [`Level`] gives the same numbers. Modules: `plan`, `wide`, `words`, `play`, `tally`, `plain`.

pub mod plain;
mod plan;
mod play;
mod tally;
mod wide;
mod words;

use std::ops::Range;

pub use plan::{MOST_HEIGHT, MOST_LADDERS, MOST_LEGS, Plan};
pub(crate) use play::NOBODY;
pub use tally::{Batch, Hears, MOST_LANES, Tally};

use crate::chance::Seed;
use crate::course::{Course, Ladder, LegKind};
use crate::level::Level;
use crate::straight::{Ending, MOST_BIDDERS, Outcome};

/// The word of a sale that draws lots.
pub(crate) const LOTS: u32 = 0;
/// The word of a sale that says what becomes of the winner.
pub(crate) const FATE: u32 = 1;
/// The first word of the first bidder.
pub(crate) const BIDDERS: u32 = 2;

/// How far bidders go. A height is a rung counted from 1; 0 is no bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Crowd {
    /// Per ladder a height of its own, spread evenly; a word for each.
    Even(Vec<Even>),
    /// One of these types, equally likely; a word for each bidder. A type holds the height on the first ladder in the lower
    /// half of a word, on the second in the upper half.
    Types(Vec<u32>),
}

/// Heights `low`, …, `low + count − 1`, equally likely; none above the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Even {
    /// Least.
    pub low: u32,
    /// How many; at least 1.
    pub count: u32,
}

/// Why sales are not played this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMany {
    /// The rule has too many legs, ladders or rungs.
    Rule,
    /// No bidders, or more than [`MOST_BIDDERS`].
    Bidders,
    /// No heights for each ladder, no types, types for more than two ladders, or a height above [`MOST_HEIGHT`].
    Crowd,
}

/// A rule and a crowd, ready to be played.
#[derive(Debug, Clone)]
pub struct Many {
    course: Course,
    plan: Plan,
    crowd: Crowd,
    bidders: usize,
    seed: Seed,
}

impl Many {
    /// Makes it ready.
    ///
    /// # Errors
    /// [`NotMany`].
    pub fn new(course: &Course, crowd: Crowd, bidders: usize, seed: Seed) -> Result<Self, NotMany> {
        let plan = Plan::new(course).ok_or(NotMany::Rule)?;
        if !(1..=MOST_BIDDERS).contains(&bidders) {
            return Err(NotMany::Bidders);
        }
        let fits = match &crowd {
            Crowd::Even(even) => {
                let one = |even: &Even| even.count > 0 && even.low.saturating_add(even.count) <= MOST_HEIGHT;
                even.len() == plan.ladders() && even.iter().all(one)
            }
            Crowd::Types(types) => !types.is_empty() && types.len() <= 1 << 24 && plan.ladders() <= 2,
        };
        if fits { Ok(Self { course: course.clone(), plan, crowd, bidders, seed }) } else { Err(NotMany::Crowd) }
    }

    /// Words of a sale.
    pub fn words(&self) -> u32 {
        let each = match &self.crowd {
            Crowd::Even(even) => even.len(),
            Crowd::Types(_) => 1,
        };
        BIDDERS + u32::try_from(each * self.bidders).unwrap_or(u32::MAX)
    }

    /// Plays sales and counts.
    pub fn tally(&self, level: Level, sales: Range<u64>) -> Tally {
        level.run(tally::Count { many: self, sales })
    }

    /// Plays sales and hands over each batch, in order; for crowds of types.
    pub fn each<H: Hears>(&self, level: Level, sales: Range<u64>, hears: H) -> H {
        level.run(tally::Each { many: self, sales, hears })
    }

    /// Plays sales and tells of each; for tests, and for those who want to see single sales.
    pub fn outcomes(&self, level: Level, sales: Range<u64>) -> Vec<Outcome> {
        level.run(tally::Tell { many: self, sales })
    }

    /// The heights of a sale's bidders by ladder, and the word that draws its lots: one sale as it is defined, without vectors.
    pub fn sale(&self, sale: u64) -> (Vec<Vec<u32>>, u32) {
        let mut heights = vec![vec![0; self.bidders]; self.plan.ladders()];
        let mut index = BIDDERS;
        for bidder in 0..self.bidders {
            match &self.crowd {
                Crowd::Even(even) => {
                    for (ladder, even) in even.iter().enumerate() {
                        let height = even.low + pick(self.seed.word(sale, index), even.count);
                        heights[ladder][bidder] = self.plan.tops()[ladder].map_or(height, |top| height.min(top));
                        index += 1;
                    }
                }
                Crowd::Types(types) => {
                    let count = u32::try_from(types.len()).unwrap_or(u32::MAX);
                    let both = types[pick(self.seed.word(sale, index), count) as usize];
                    for (ladder, height) in [both & 0xFFFF, both >> 16].into_iter().enumerate().take(heights.len()) {
                        heights[ladder][bidder] = self.plan.tops()[ladder].map_or(height, |top| height.min(top));
                    }
                    index += 1;
                }
            }
        }
        (heights, self.seed.word(sale, LOTS))
    }

    /// The limits that stand for heights, as `straight` and the engine take them.
    pub fn limits(&self, heights: &[Vec<u32>]) -> Vec<i64> {
        let mut limits = vec![i64::MIN; self.bidders * self.course.attributes];
        for (ladder, heights) in self.ladders().zip(heights) {
            for (bidder, height) in heights.iter().enumerate() {
                let rung = height.checked_sub(1);
                let limit = rung.map_or(i64::MIN, |rung| ladder.amount(rung));
                limits[bidder * self.course.attributes + usize::from(ladder.attribute.0)] = limit;
            }
        }
        limits
    }

    fn ladders(&self) -> impl Iterator<Item = Ladder> {
        self.course.legs.iter().filter_map(|leg| match leg.kind {
            LegKind::Ladder(ladder) => Some(ladder),
            LegKind::Draw | LegKind::Sealed(_) => None,
        })
    }

    /// An outcome from the numbers of a lane.
    fn outcome(&self, winner: u32, offers: &[u32], endings: &[u32], entrants: Vec<usize>) -> Outcome {
        let winner = usize::try_from(winner).ok().filter(|winner| *winner < self.bidders);
        let mut terms = vec![None; self.course.attributes];
        for (ladder, offer) in self.ladders().zip(offers) {
            terms[usize::from(ladder.attribute.0)] = offer.checked_sub(1).map(|rung| ladder.amount(rung));
        }
        let ending = |number| match number {
            play::SETTLED => Some(Ending::Settled),
            play::CAPPED => Some(Ending::Capped),
            play::EMPTY => Some(Ending::Empty),
            play::DRAWN => Some(Ending::Drawn),
            _ => None,
        };
        let path = endings.iter().enumerate().filter_map(|(leg, number)| Some((leg, ending(*number)?))).collect();
        Outcome { winner, terms, path, entrants }
    }
}

/// A whole number below `below`, from a word.
pub fn pick(word: u32, below: u32) -> u32 {
    u32::try_from((u64::from(word) * u64::from(below)) >> 32).unwrap_or(u32::MAX)
}
