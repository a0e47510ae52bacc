//! Sales played by the block: each block has its own counters, so any thread may play any block.

use crate::bidder::Bidder;
use crate::chance::{Purpose, Seed};
use crate::distribution::{Correlation, Distribution};
use crate::game::Game;
use crate::study::{Behaviour, Population, Wrong};

/// What is measured of every sale that is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Price, ten thousand yuan per mu.
    Price,
    /// Promised tax, ten thousand yuan per mu and year.
    Promised,
    /// Delivered tax, the same.
    Delivered,
    /// The winner's productivity over that of the best bidder, a share.
    Quality,
    /// The winner owes more than its bond, a share of sales.
    Default,
    /// Lots were drawn, a share of sales.
    Lottery,
    /// What the winner keeps, ten thousand yuan per mu.
    Rent,
    /// Price and what is paid for shortfalls, ten thousand yuan per mu.
    Revenue,
}

impl Measure {
    /// All, in the order of the tables.
    pub const ALL: [Self; 8] = [
        Self::Price,
        Self::Promised,
        Self::Delivered,
        Self::Quality,
        Self::Default,
        Self::Lottery,
        Self::Rent,
        Self::Revenue,
    ];

    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Promised => "promised",
            Self::Delivered => "delivered",
            Self::Quality => "quality",
            Self::Default => "default",
            Self::Lottery => "lottery",
            Self::Rent => "rent",
            Self::Revenue => "revenue",
        }
    }
}

/// Blocks of a case; the spread over them gives the intervals.
pub const BLOCKS: u64 = 100;

/// Sums over the sales of a block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Sales played.
    pub sales: u64,
    /// Of these, sold.
    pub sold: u64,
    /// Sales that the engine did not end.
    pub unended: u64,
    /// Per measure, over the sold.
    pub of: [f64; Measure::ALL.len()],
}

/// Who bids, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Crowd {
    value: Distribution,
    productivity: Distribution,
    correlation: Correlation,
    spread: f64,
    behaviour: Behaviour,
}

impl Crowd {
    /// From a study.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn new(population: &Population, behaviour: Behaviour) -> Result<Self, Wrong> {
        let (value, productivity, correlation) = population.read()?;
        Ok(Self { value, productivity, correlation, spread: population.delivery_spread, behaviour })
    }

    fn bidder(&self, seed: Seed, sale: u64, number: u32) -> Bidder {
        let [first, second, ..] = seed.uniforms(Purpose::Type, sale, number);
        Bidder {
            value: self.value.quantile(first),
            productivity: self.productivity.quantile(self.correlation.tie(first, second)).max(0.0),
            spread: self.spread,
        }
    }
}

/// Plays the sales of one block out of [`BLOCKS`].
pub fn block(game: &Game, crowd: &Crowd, bidders: u32, seed: Seed, sales: u64, block: u64) -> Sums {
    let (from, to) = (sales * block / BLOCKS, sales * (block + 1) / BLOCKS);
    let attributes = game.attributes();
    let mut firms = Vec::with_capacity(bidders as usize);
    let mut limits = vec![i64::MIN; attributes * bidders as usize];
    let mut sums = Sums::default();
    let margin = match crowd.behaviour {
        Behaviour::Shaded { by } => by,
        Behaviour::Truthful | Behaviour::Ring { .. } => 0.0,
    };
    for sale in from..to {
        firms.clear();
        firms.extend((0..bidders).map(|number| crowd.bidder(seed, sale, number)));
        for (firm, limits) in firms.iter().zip(limits.chunks_exact_mut(attributes)) {
            game.limits_of(firm, margin, limits);
        }
        if let Behaviour::Ring { members } = crowd.behaviour {
            keep_strongest(&firms, &mut limits, attributes, members as usize);
        }
        sums.sales += 1;
        let [lots, fate, ..] = seed.uniforms(Purpose::Lots, sale, 0);
        let Some(outcome) = game.play(&limits, lots) else {
            sums.unended += 1;
            continue;
        };
        let Some(firm) = outcome.winner.and_then(|winner| firms.get(winner)) else { continue };
        let (price, promised) = game.terms_of(&outcome);
        let terms = game.terms(price);
        let delivered = firm.delivers(fate);
        let owed = terms.weight * (promised - delivered).max(0.0);
        let best = firms.iter().map(|firm| firm.productivity).fold(0.0, f64::max);
        let share = |is: bool| if is { 1.0 } else { 0.0 };
        let measured = [
            price / game.mu(),
            promised,
            delivered,
            if best > 0.0 { firm.productivity / best } else { 1.0 },
            share(owed > terms.bond),
            share(!outcome.entrants.is_empty()),
            (firm.value - price - owed.min(terms.bond)) / game.mu(),
            (price + owed.min(terms.bond)) / game.mu(),
        ];
        sums.sold += 1;
        for (sum, one) in sums.of.iter_mut().zip(measured) {
            *sum += one;
        }
    }
    sums
}

/// Of a ring only the member who values the plot most bids.
fn keep_strongest(firms: &[Bidder], limits: &mut [i64], attributes: usize, members: usize) {
    let members = members.min(firms.len());
    let values = firms[..members].iter().map(|firm| firm.value);
    let strongest = values.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index);
    for member in (0..members).filter(|member| Some(*member) != strongest) {
        limits[member * attributes..(member + 1) * attributes].fill(i64::MIN);
    }
}
