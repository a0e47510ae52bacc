//! Sales played by the block: each block has its own counters, so any thread may play any block.

use crate::bidder::Bidder;
use crate::chance::Seed;
use crate::conduct::Conduct;
use crate::game::Game;
use crate::groups;
use crate::kernel::Kernel;
use crate::level::Level;
use crate::many::{BIDDERS, FATE, LOTS};
use crate::population::Types;
use crate::study::Behaviour;

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

impl Sums {
    /// Counts a sale.
    fn add(&mut self, ended: &Ended) {
        self.sales += 1;
        match ended {
            Ended::Not => self.unended += 1,
            Ended::Unsold => {}
            Ended::Sold(sold) => {
                self.sold += 1;
                for (sum, one) in self.of.iter_mut().zip(sold.of) {
                    *sum += one;
                }
            }
        }
    }
}

/// A case ready to be played.
#[derive(Debug)]
pub struct Case<'a> {
    /// The lot under its rule.
    pub game: &'a Game,
    /// Who may bid.
    pub types: &'a Types,
    /// What they do.
    pub conduct: &'a Conduct,
    /// What groups of them do.
    pub behaviour: Behaviour,
    /// How many bid, without those whom the behaviour adds.
    pub bidders: u32,
    /// The seed of the study.
    pub seed: Seed,
    /// The case on the kernels, where that is possible.
    pub kernel: Option<&'a Kernel>,
}

/// How a sale ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ended {
    /// The engine did not end it.
    Not,
    /// Nobody bought it.
    Unsold,
    /// Somebody did.
    Sold(Sold),
}

/// What came of a sale that is sold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sold {
    /// Place of the winner among the bidders, from 0.
    pub winner: usize,
    /// The winner's place in the table of types.
    pub kind: usize,
    /// Every [`Measure`], in the order of the tables.
    pub of: [f64; Measure::ALL.len()],
}

/// A sale that is sold, before it is measured.
struct Bought<'a> {
    firm: &'a Bidder,
    /// The productivity of the best bidder.
    best: f64,
    /// Price, ten thousand yuan for the lot, and promise per mu and year.
    terms: (f64, f64),
    is_drawn: bool,
    fate: u32,
}

/// The sales of a block out of [`BLOCKS`].
pub fn range(sales: u64, block: u64) -> std::ops::Range<u64> {
    sales * block / BLOCKS..sales * (block + 1) / BLOCKS
}

/// The word of a sale from which the choices of who mixes begin: beyond those of all bidders.
const MIXES: u32 = 128;

impl Case<'_> {
    /// Plays sales: many at once where that is possible. Both ways give the same bits.
    pub fn play(&self, sales: std::ops::Range<u64>) -> Sums {
        let mut sums = Sums::default();
        self.each(sales, |ended| sums.add(&ended));
        sums
    }

    /// Plays sales one at a time.
    pub fn play_each(&self, sales: std::ops::Range<u64>) -> Sums {
        let mut sums = Sums::default();
        self.one_by_one(sales, |ended| sums.add(&ended));
        sums
    }

    /// Plays sales and tells how each ended, in order.
    pub fn each(&self, sales: std::ops::Range<u64>, mut each: impl FnMut(Ended)) {
        let Some(kernel) = self.kernel else { return self.one_by_one(sales, each) };
        let types = self.types.all();
        kernel.many.each(Level::best(), sales, |deal| {
            let Some(winner) = deal.winner else { return each(Ended::Unsold) };
            let kind = deal.kinds[winner] as usize;
            let best = deal.kinds.iter().map(|&kind| types[kind as usize].productivity).fold(0.0, f64::max);
            let bought = Bought {
                firm: &types[kind],
                best,
                terms: kernel.terms(&deal.offers),
                is_drawn: deal.is_drawn,
                fate: deal.fate,
            };
            each(Ended::Sold(Sold { winner, kind, of: self.measured(&bought) }));
        });
    }

    fn one_by_one(&self, sales: std::ops::Range<u64>, mut each: impl FnMut(Ended)) {
        let (types, attributes) = (self.types.all(), self.game.attributes());
        let all = self.bidders + self.behaviour.adds();
        let mut kinds = Vec::with_capacity(all as usize);
        let mut limits = vec![i64::MIN; attributes * all as usize];
        for sale in sales {
            let word = |index: u32| self.seed.word(sale, index);
            kinds.clear();
            kinds.extend((0..self.bidders).map(|number| Types::place(word(BIDDERS + number))));
            kinds.extend((self.bidders..all).map(|_| kinds[0]).collect::<Vec<_>>());
            for (&kind, limits) in kinds.iter().zip(limits.chunks_exact_mut(attributes)) {
                limits.copy_from_slice(self.conduct.limits(kind));
            }
            groups::act(self.game, self.behaviour, self.bidders, &mut limits);
            let quote = |bidder: usize, leg: usize, entrants| {
                let mixes = MIXES + u32::try_from(bidder).unwrap_or_default();
                self.conduct.quote(leg, kinds[bidder], entrants, share(word(mixes)))
            };
            let Some(outcome) = self.game.play(&limits, quote, word(LOTS)) else {
                each(Ended::Not);
                continue;
            };
            let is_real =
                |winner: &usize| !(matches!(self.behaviour, Behaviour::Shill { .. }) && *winner + 1 == all as usize);
            let Some(winner) = outcome.winner.filter(is_real) else {
                each(Ended::Unsold);
                continue;
            };
            let best = kinds.iter().map(|&kind| types[kind].productivity).fold(0.0, f64::max);
            let (price, promise) = self.game.offers(&outcome);
            let bought = Bought {
                firm: &types[kinds[winner]],
                best,
                terms: self.game.terms_of(price, promise),
                is_drawn: !outcome.entrants.is_empty(),
                fate: word(FATE),
            };
            each(Ended::Sold(Sold { winner, kind: kinds[winner], of: self.measured(&bought) }));
        }
    }

    fn measured(&self, bought: &Bought<'_>) -> [f64; Measure::ALL.len()] {
        let (game, firm) = (self.game, bought.firm);
        let (price, promised) = bought.terms;
        let terms = game.terms(price);
        let delivered = firm.delivers(share(bought.fate));
        let owed = terms.weight * (promised - delivered).max(0.0);
        let share = |is: bool| if is { 1.0 } else { 0.0 };
        [
            price / game.mu(),
            promised,
            delivered,
            if bought.best > 0.0 { firm.productivity / bought.best } else { 1.0 },
            share(owed > terms.bond),
            share(bought.is_drawn),
            (firm.value - price - owed.min(terms.bond)) / game.mu(),
            (price + owed.min(terms.bond)) / game.mu(),
        ]
    }
}

/// A share in (0, 1) from a word.
fn share(word: u32) -> f64 {
    (f64::from(word) + 0.5) / 4_294_967_296.0
}
