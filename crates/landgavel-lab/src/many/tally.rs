//! Blocks of sales: their words, their heights, and what is counted of them.

use std::ops::Range;

use pulp::{Simd, WithSimd, bytemuck};

use super::plan::{MOST_LADDERS, MOST_LEGS};
use super::play::{Heights, NOBODY, Played, play};
use super::words::{below, fill, iota};
use super::{BIDDERS, Crowd, FATE, LOTS, Many};
use crate::straight::{MOST_BIDDERS, Outcome};

/// Most words of a sale, a multiple of four.
const MOST_WORDS: usize = 4 + MOST_BIDDERS * MOST_LADDERS;
/// Most lanes of any level.
pub const MOST_LANES: usize = 16;
/// Batches until the lanes' sums, of heights below 2^16, are taken over.
const FLUSH: u32 = 1 << 14;

/// Counts of sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Played.
    pub sales: u64,
    /// Sold.
    pub sold: u64,
    /// Where lots were drawn.
    pub drawn: u64,
    /// Per ladder: sales whose winner made an offer on it.
    pub offers: [u64; MOST_LADDERS],
    /// Per ladder: the sum of these offers, as heights.
    pub heights: [u64; MOST_LADDERS],
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.sales += other.sales;
        self.sold += other.sold;
        self.drawn += other.drawn;
        for ladder in 0..MOST_LADDERS {
            self.offers[ladder] += other.offers[ladder];
            self.heights[ladder] += other.heights[ladder];
        }
        self
    }
}

/// Counts sales.
pub(super) struct Count<'a> {
    pub(super) many: &'a Many,
    pub(super) sales: Range<u64>,
}

impl WithSimd for Count<'_> {
    type Output = Tally;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Tally {
        // Loops over bidders are unrolled for the usual numbers; others leave some places empty.
        match self.many.bidders {
            ..=2 => count::<S, 2>(simd, self.many, self.sales),
            3 => count::<S, 3>(simd, self.many, self.sales),
            4..=5 => count::<S, 5>(simd, self.many, self.sales),
            6..=8 => count::<S, 8>(simd, self.many, self.sales),
            9..=16 => count::<S, 16>(simd, self.many, self.sales),
            _ => count::<S, MOST_BIDDERS>(simd, self.many, self.sales),
        }
    }
}

/// Lanes in which sums grow until they are taken over.
struct Sums<S: Simd> {
    sold: S::u32s,
    drawn: S::u32s,
    offers: [S::u32s; MOST_LADDERS],
    heights: [S::u32s; MOST_LADDERS],
}

impl<S: Simd> Sums<S> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        let zero = simd.splat_u32s(0);
        Self { sold: zero, drawn: zero, offers: [zero; MOST_LADDERS], heights: [zero; MOST_LADDERS] }
    }

    #[inline(always)]
    fn add<const N: usize>(&mut self, simd: S, ladders: usize, played: &Played<S, N>) {
        let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
        self.sold = simd.add_u32s(self.sold, simd.select_u32s(played.is_sold, one, zero));
        self.drawn = simd.add_u32s(self.drawn, simd.select_u32s(played.is_drawn, one, zero));
        for ladder in 0..ladders.min(MOST_LADDERS) {
            let offer = played.offers[ladder];
            self.offers[ladder] = simd.add_u32s(self.offers[ladder], simd.min_u32s(offer, one));
            self.heights[ladder] = simd.add_u32s(self.heights[ladder], offer);
        }
    }

    #[inline(always)]
    fn take_over(&mut self, simd: S, tally: &mut Tally) {
        tally.sold += total::<S>(self.sold);
        tally.drawn += total::<S>(self.drawn);
        for ladder in 0..MOST_LADDERS {
            tally.offers[ladder] += total::<S>(self.offers[ladder]);
            tally.heights[ladder] += total::<S>(self.heights[ladder]);
        }
        *self = Self::new(simd);
    }
}

#[inline(always)]
pub(super) fn lanes<S: Simd>(of: &S::u32s) -> &[u32] {
    bytemuck::cast_slice(std::slice::from_ref(of))
}

#[inline(always)]
pub(super) fn total<S: Simd>(of: S::u32s) -> u64 {
    lanes::<S>(&of).iter().map(|lane| u64::from(*lane)).sum()
}

#[inline(always)]
fn count<S: Simd, const N: usize>(simd: S, many: &Many, sales: Range<u64>) -> Tally {
    let mut tally = Tally { sales: sales.end.saturating_sub(sales.start), ..Tally::default() };
    let mut batches = Batches::<S, N>::new(simd, sales);
    let ladders = many.plan.ladders();
    let mut sums = Sums::new(simd);
    let mut since = 0;
    while let Some((valid, _)) = batches.next(simd, many) {
        let played = play(simd, &many.plan, &batches.heights, many.bidders, batches.words[LOTS as usize], valid);
        sums.add(simd, ladders, &played);
        since += 1;
        if since == FLUSH {
            sums.take_over(simd, &mut tally);
            since = 0;
        }
    }
    sums.take_over(simd, &mut tally);
    tally
}

/// Tells of each sale.
pub(super) struct Tell<'a> {
    pub(super) many: &'a Many,
    pub(super) sales: Range<u64>,
}

impl WithSimd for Tell<'_> {
    type Output = Vec<Outcome>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<Outcome> {
        match self.many.bidders {
            ..=5 => tell::<S, 5>(simd, self.many, self.sales),
            _ => tell::<S, MOST_BIDDERS>(simd, self.many, self.sales),
        }
    }
}

#[inline(always)]
fn tell<S: Simd, const N: usize>(simd: S, many: &Many, sales: Range<u64>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut batches = Batches::<S, N>::new(simd, sales);
    let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
    while let Some((valid, _)) = batches.next(simd, many) {
        let played = play(simd, &many.plan, &batches.heights, many.bidders, batches.words[LOTS as usize], valid);
        let valid = simd.select_u32s(valid, one, zero);
        let mut entrants = [zero; N];
        for (entrant, mask) in entrants.iter_mut().zip(played.entrants) {
            *entrant = simd.select_u32s(mask, one, zero);
        }
        for lane in 0..S::U32_LANES {
            if lanes::<S>(&valid)[lane] == 0 {
                continue;
            }
            let mut offers = [0; MOST_LADDERS];
            for (offer, of) in offers.iter_mut().zip(&played.offers) {
                *offer = lanes::<S>(of)[lane];
            }
            let mut endings = [0; MOST_LEGS];
            for (ending, of) in endings.iter_mut().zip(&played.endings) {
                *ending = lanes::<S>(of)[lane];
            }
            let entrants = entrants.iter().enumerate().filter(|(_, of)| lanes::<S>(of)[lane] == 1);
            let entrants = entrants.map(|(number, _)| number).collect();
            outcomes.push(many.outcome(lanes::<S>(&played.winner)[lane], &offers, &endings, entrants));
        }
    }
    outcomes
}

/// The sales of a batch, a sale to each lane, whose bidders were drawn from a table of types.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The lanes that hold sales.
    pub lanes: Range<usize>,
    /// How many lanes there are; the others hold nothing that means anything.
    pub width: usize,
    /// Who won; [`NOBODY`] = unsold.
    pub winner: [u32; MOST_LANES],
    /// Per ladder the winner's offer as a height; 0 = none.
    pub offers: [[u32; MOST_LANES]; MOST_LADDERS],
    /// Whether lots were drawn: 1 or 0.
    pub is_drawn: [u32; MOST_LANES],
    /// Per bidder its type.
    pub kinds: &'a [[u32; MOST_LANES]],
    /// The word that says what becomes of the winner.
    pub fate: [u32; MOST_LANES],
}

/// What is done with batches, at the level at which they are played. `batch` should be inlined, so that it uses the vectors too.
pub trait Hears {
    /// Hears of a batch; batches come in order.
    fn batch(&mut self, batch: &Batch<'_>);
}

/// Hands over each batch, in order.
pub(super) struct Each<'a, H> {
    pub(super) many: &'a Many,
    pub(super) sales: Range<u64>,
    pub(super) hears: H,
}

impl<H: Hears> WithSimd for Each<'_, H> {
    type Output = H;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> H {
        match self.many.bidders {
            ..=5 => each::<S, 5, H>(simd, self.many, self.sales, self.hears),
            6..=16 => each::<S, 16, H>(simd, self.many, self.sales, self.hears),
            _ => each::<S, MOST_BIDDERS, H>(simd, self.many, self.sales, self.hears),
        }
    }
}

#[inline(always)]
fn each<S: Simd, const N: usize, H: Hears>(simd: S, many: &Many, sales: Range<u64>, mut hears: H) -> H {
    let mut batches = Batches::<S, N>::new(simd, sales);
    let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
    let bidders = N.min(many.bidders);
    let store = |of: S::u32s| {
        let mut all = [0; MOST_LANES];
        all[..S::U32_LANES].copy_from_slice(lanes::<S>(&of));
        all
    };
    while let Some((valid, within)) = batches.next(simd, many) {
        let played = play(simd, &many.plan, &batches.heights, many.bidders, batches.words[LOTS as usize], valid);
        let nobody = simd.splat_u32s(NOBODY);
        hears.batch(&Batch {
            lanes: within,
            width: S::U32_LANES,
            winner: store(simd.select_u32s(played.is_sold, played.winner, nobody)),
            offers: played.offers.map(store),
            is_drawn: store(simd.select_u32s(played.is_drawn, one, zero)),
            kinds: &batches.places[..bidders],
            fate: store(batches.words[FATE as usize]),
        });
    }
    hears
}

/// Batches of sales, as many as there are lanes, with their words and heights.
struct Batches<S: Simd, const N: usize> {
    /// Per bidder and lane the type, where types are drawn.
    places: [[u32; MOST_LANES]; N],
    sales: Range<u64>,
    first: u64,
    iota: S::u32s,
    words: [S::u32s; MOST_WORDS],
    heights: Heights<S, N>,
}

impl<S: Simd, const N: usize> Batches<S, N> {
    #[inline(always)]
    fn new(simd: S, sales: Range<u64>) -> Self {
        let zero = simd.splat_u32s(0);
        let first = sales.start - sales.start % S::U32_LANES as u64;
        Self {
            sales,
            first,
            iota: iota(simd),
            words: [zero; MOST_WORDS],
            heights: [[zero; N]; MOST_LADDERS],
            places: [[0; MOST_LANES]; N],
        }
    }

    /// Draws the next batch; which lanes are within the range of sales, as a mask and by number.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "both lie between nought and the lanes")]
    fn next(&mut self, simd: S, many: &Many) -> Option<(S::m32s, Range<usize>)> {
        let lanes = S::U32_LANES as u64;
        if self.first >= self.sales.end {
            return None;
        }
        let from = self.sales.start.saturating_sub(self.first) as u32;
        let to = (self.sales.end - self.first).min(lanes) as u32;
        let valid = simd.and_m32s(
            simd.greater_than_or_equal_u32s(self.iota, simd.splat_u32s(from)),
            simd.less_than_u32s(self.iota, simd.splat_u32s(to)),
        );
        let calls = many.words().div_ceil(4) as usize;
        if let Some(words) = self.words.as_chunks_mut::<4>().0.get_mut(..calls) {
            fill(simd, self.first, many.seed.key(), words);
        }
        match &many.crowd {
            Crowd::Even(even) => self.even(simd, many, even),
            Crowd::Types(types) => self.types(simd, many, types),
        }
        self.first += lanes;
        Some((valid, from as usize..to as usize))
    }

    #[inline(always)]
    fn even(&mut self, simd: S, many: &Many, even: &[super::Even]) {
        let ladders = even.len().min(MOST_LADDERS);
        for (ladder, even) in even.iter().enumerate().take(MOST_LADDERS) {
            let (low, count) = (simd.splat_u32s(even.low), simd.splat_u32s(even.count));
            let top = simd.splat_u32s(many.plan.tops()[ladder].unwrap_or(u32::MAX));
            for bidder in 0..N.min(many.bidders) {
                let word = self.words[BIDDERS as usize + bidder * ladders + ladder];
                let height = simd.add_u32s(low, below(simd, word, count));
                self.heights[ladder][bidder] = simd.min_u32s(height, top);
            }
        }
    }

    #[inline(always)]
    fn types(&mut self, simd: S, many: &Many, types: &[u32]) {
        let count = simd.splat_u32s(u32::try_from(types.len()).unwrap_or(u32::MAX));
        let tops = [0, 1].map(|ladder| many.plan.tops().get(ladder).copied().flatten().unwrap_or(u32::MAX));
        let tops = [simd.splat_u32s(tops[0]), simd.splat_u32s(tops[1])];
        let (half, sixteen) = (simd.splat_u32s(0xFFFF), simd.splat_u32s(16));
        // All are looked up before any is used, so that loads don't wait for the stores before them.
        let mut found = [[0u32; MOST_LANES]; N];
        let bidders = N.min(many.bidders);
        let words = &self.words[BIDDERS as usize..];
        for ((found, places), word) in found.iter_mut().zip(&mut self.places).zip(words).take(bidders) {
            let place = below(simd, *word, count);
            for ((found, own), place) in found.iter_mut().zip(places).zip(lanes::<S>(&place)) {
                (*found, *own) = (types[*place as usize], *place);
            }
        }
        for (bidder, found) in found.iter().enumerate().take(bidders) {
            let both = simd.partial_load_u32s(&found[..S::U32_LANES]);
            self.heights[0][bidder] = simd.min_u32s(simd.and_u32s(both, half), tops[0]);
            self.heights[1][bidder] = simd.min_u32s(simd.wrapping_dyn_shr_u32s(both, sixteen), tops[1]);
        }
    }
}
