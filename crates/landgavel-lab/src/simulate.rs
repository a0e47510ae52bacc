//! Sales played by the block: each block has its own counters, so any thread may play any block.

use crate::chance::Seed;
use crate::conduct::Conduct;
use crate::game::Game;
use crate::groups;
use crate::kernel::Kernel;
use crate::level::Level;
use crate::many::{BIDDERS, FATE, LOTS};
use crate::measure::share;
pub use crate::measure::{Ended, Measure, Sold, Sums};
use crate::population::Types;
use crate::sheet::{Bought, Counts, Sheet, Tells};
use crate::study::Behaviour;

/// Blocks of a case; the spread over them gives the intervals.
pub const BLOCKS: u64 = 100;

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

/// The sales of a block out of [`BLOCKS`].
pub fn range(sales: u64, block: u64) -> std::ops::Range<u64> {
    sales * block / BLOCKS..sales * (block + 1) / BLOCKS
}

/// The word of a sale from which the choices of who mixes begin: beyond those of all bidders.
const MIXES: u32 = 128;

impl Case<'_> {
    /// Plays sales: many at once where that is possible. Both ways give the same bits.
    pub fn play(&self, sales: std::ops::Range<u64>) -> Sums {
        let Some(kernel) = self.kernel else { return self.play_each(sales) };
        kernel.many.each(Level::best(), sales, Counts { sheet: self.sheet(kernel), sums: Sums::default() }).sums
    }

    /// Plays sales one at a time.
    pub fn play_each(&self, sales: std::ops::Range<u64>) -> Sums {
        let mut sums = Sums::default();
        self.one_by_one(sales, |ended| sums.add(&ended));
        sums
    }

    /// Plays sales and tells how each ended, in order.
    pub fn each(&self, sales: std::ops::Range<u64>, each: impl FnMut(Ended)) {
        let Some(kernel) = self.kernel else { return self.one_by_one(sales, each) };
        kernel.many.each(Level::best(), sales, Tells { sheet: self.sheet(kernel), each });
    }

    fn sheet<'b>(&'b self, kernel: &'b Kernel) -> Sheet<'b> {
        Sheet { game: self.game, types: self.types, kernel }
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
                firm: types[kinds[winner]],
                best,
                terms: self.game.terms_of(price, promise),
                is_drawn: !outcome.entrants.is_empty(),
                fate: word(FATE),
            };
            each(Ended::Sold(Sold { winner, kind: kinds[winner], of: bought.measured(self.game) }));
        }
    }
}
