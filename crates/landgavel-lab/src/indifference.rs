//! Where fictitious play may begin: bids between which types are indifferent.
//!
//! Among equals with values of their own the equilibrium without a ladder is known: each bids what the highest of the others has on
//! average when it is lower. On a ladder, a type stands between two bids where both earn the same. These equations, one for each bid that
//! is made, are solved by Newton's method from there; each has three neighbouring unknowns. What comes of it is a guess like any other:
//! how near it is to an equilibrium is measured afterwards.

/// Steps of Newton's method; from the equilibrium without a ladder a handful does.
const STEPS: usize = 30;
/// Below this the equations hold, in money.
const HOLDS: f64 = 1e-13;

/// The probability of each bid; `None` where values lie below the lowest bid or the equations find no solution.
pub(crate) fn begin(types: &[f64], bids: &[f64], bidders: u32) -> Option<Vec<f64>> {
    if types.first()? < bids.first()? {
        return None;
    }
    let unladdered = unladdered(types, bidders);
    // Up to which share of the types each bid is made: where it is as near as the next.
    let mut upto: Vec<f64> = Vec::with_capacity(bids.len());
    for pair in bids.windows(2) {
        let share = share_below(&unladdered, (pair[0] + pair[1]) / 2.0);
        if share >= 1.0 {
            break;
        }
        if share <= upto.last().copied().unwrap_or(0.0) {
            return None;
        }
        upto.push(share);
    }
    let mut system = System { types, bids, bidders, upto };
    let mut miss = system.miss()?;
    for _ in 0..STEPS {
        if miss <= HOLDS {
            break;
        }
        let Some(now) = system.improve(miss) else { break };
        miss = now;
    }
    let mut played = vec![0.0; bids.len()];
    let mut before = 0.0;
    for (place, share) in system.upto.iter().copied().chain([1.0]).enumerate() {
        played[place] = share - before;
        before = share;
    }
    Some(played)
}

/// The equilibrium without a ladder, by type: v − ∫F^(n−1) ÷ F(v)^(n−1), with types that stand for equal parts of the whole.
fn unladdered(types: &[f64], bidders: u32) -> Vec<f64> {
    let count = real(types.len());
    let power = i32::try_from(bidders).unwrap_or(i32::MAX) - 1;
    let at = |place: usize| ((real(place) + 0.5) / count).powi(power);
    let mut area = 0.0;
    (0..types.len())
        .map(|place| {
            if let Some(before) = place.checked_sub(1) {
                area += (types[place] - types[before]) * (at(place) + at(before)) / 2.0;
            }
            types[place] - area / at(place)
        })
        .collect()
}

/// The share of types whose number is below a bound; between types in proportion.
fn share_below(of: &[f64], bound: f64) -> f64 {
    let count = real(of.len());
    let place = of.partition_point(|one| *one < bound);
    if place == of.len() {
        let last = of[place - 1];
        let step = if place > 1 { last - of[place - 2] } else { 0.0 };
        // Half a type stands above the last.
        return if step > 0.0 { ((real(place) - 0.5 + (bound - last) / step) / count).min(1.0) } else { 1.0 };
    }
    let Some(before) = place.checked_sub(1) else {
        let first = of[0].max(f64::MIN_POSITIVE);
        return 0.5 / count * (bound / first).clamp(0.0, 1.0);
    };
    let part = (bound - of[before]) / (of[place] - of[before]);
    (real(before) + 0.5 + part) / count
}

/// The equations of indifference.
struct System<'a> {
    types: &'a [f64],
    bids: &'a [f64],
    bidders: u32,
    /// Up to which share of types each bid is made; the last bid is made by the rest.
    upto: Vec<f64>,
}

impl System<'_> {
    /// The type at a share of all, and by how much it rises there.
    fn value(&self, share: f64) -> (f64, f64) {
        let types = self.types;
        let count = real(types.len());
        let at = (share * count - 0.5).clamp(0.0, count - 1.0);
        let place = floor(at).min(types.len() - 2);
        let rise = types[place + 1] - types[place];
        (types[place] + (at - real(place)) * rise, rise * count)
    }

    /// The probability of winning with a bid that the types between two shares make, and how it moves with each of the shares.
    fn odds(&self, from: f64, to: f64) -> (f64, f64, f64) {
        let power = i32::try_from(self.bidders).unwrap_or(i32::MAX);
        let n = f64::from(self.bidders);
        let odds = (to.powi(power) - from.powi(power)) / (n * (to - from));
        (odds, (odds - from.powi(power - 1)) / (to - from), (to.powi(power - 1) - odds) / (to - from))
    }

    fn share(&self, place: usize) -> f64 {
        self.upto.get(place).copied().unwrap_or(1.0)
    }

    fn before(&self, place: usize) -> f64 {
        place.checked_sub(1).map_or(0.0, |before| self.upto[before])
    }

    /// What each equation misses, with its derivatives by the share before, its own and the next.
    fn equations(&self) -> Vec<[f64; 4]> {
        let bids = self.bids;
        let equation = |place: usize| {
            let (before, own, next) = (self.before(place), self.upto[place], self.share(place + 1));
            let (value, rise) = self.value(own);
            let (low, low_before, low_own) = self.odds(before, own);
            let (high, high_own, high_next) = self.odds(own, next);
            let (less, more) = (value - bids[place], value - bids[place + 1]);
            let by_own = less * low_own - more * high_own + rise * (low - high);
            [less * low - more * high, less * low_before, by_own, -more * high_next]
        };
        (0..self.upto.len()).map(equation).collect()
    }

    fn miss(&self) -> Option<f64> {
        let most = self.equations().iter().map(|[miss, ..]| miss.abs()).fold(0.0, f64::max);
        most.is_finite().then_some(most)
    }

    /// One step of Newton's method, shorter where it would leave the order of bids or miss more.
    fn improve(&mut self, miss: f64) -> Option<f64> {
        let step = solved(&self.equations())?;
        let from = self.upto.clone();
        let mut length = 1.0;
        while length > 1e-3 {
            self.upto = from.iter().zip(&step).map(|(share, step)| share - length * step).collect();
            let rises = self.upto.windows(2).all(|pair| pair[0] < pair[1]);
            let is_within =
                self.upto.first().is_none_or(|first| *first > 0.0) && self.upto.last().is_none_or(|last| *last < 1.0);
            if rises
                && is_within
                && let Some(now) = self.miss().filter(|now| *now < miss)
            {
                return Some(now);
            }
            length /= 2.0;
        }
        self.upto = from;
        None
    }
}

/// Solves equations of three neighbouring unknowns each.
fn solved(equations: &[[f64; 4]]) -> Option<Vec<f64>> {
    let mut rows: Vec<(f64, f64)> = Vec::with_capacity(equations.len());
    for [miss, before, own, next] in equations {
        let (next_before, miss_before) = rows.last().copied().unwrap_or((0.0, 0.0));
        let pivot = own - before * next_before;
        if pivot == 0.0 || !pivot.is_finite() {
            return None;
        }
        rows.push((next / pivot, (miss - before * miss_before) / pivot));
    }
    let mut step = vec![0.0; rows.len()];
    let mut after = 0.0;
    for (place, (next, miss)) in rows.iter().enumerate().rev() {
        after = miss - next * after;
        step[place] = after;
    }
    Some(step)
}

#[expect(clippy::cast_precision_loss, reason = "grids are small")]
fn real(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a grid, not below zero")]
fn floor(of: f64) -> usize {
    of as usize
}
