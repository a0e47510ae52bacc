//! A case on the kernels of `many`: types as heights on the rule's ladders, amounts by height.

use crate::chance::Seed;
use crate::conduct::Conduct;
use crate::course::{Ladder, LegKind};
use crate::game::Game;
use crate::many::{Crowd, MOST_HEIGHT, Many};
use crate::population::TYPES;
use crate::study::Behaviour;

/// A case ready to be played many sales at once.
#[derive(Debug, Clone)]
pub struct Kernel {
    pub(crate) many: Many,
    /// Place of the ladder of the price among the ladders, and its amounts by height, ten thousand yuan for the lot.
    /// Where it has no ladder, one amount for all.
    price: (usize, Vec<f64>),
    /// The same of the promise, per mu and year.
    promise: (usize, Vec<f64>),
}

impl Kernel {
    /// Makes it; `None` where bidders act in groups, quotes are sealed, or the rule has too many ladders or rungs.
    pub fn new(game: &Game, conduct: &Conduct, behaviour: Behaviour, bidders: u32, seed: Seed) -> Option<Self> {
        let is_alone = match behaviour {
            Behaviour::Truthful | Behaviour::Shaded { .. } | Behaviour::Equilibrium { .. } => true,
            Behaviour::Ring { .. } | Behaviour::Shells { .. } | Behaviour::Shill { .. } => false,
        };
        let course = game.course().filter(|_| is_alone)?;
        let ladders: Vec<Ladder> = course
            .legs
            .iter()
            .filter_map(|leg| match leg.kind {
                LegKind::Ladder(ladder) => Some(ladder),
                LegKind::Sealed(_) | LegKind::Draw => None,
            })
            .collect();
        if ladders.len() > 2 {
            return None;
        }
        let mut types = Vec::with_capacity(TYPES as usize);
        let mut highest = [0; 2];
        for kind in 0..TYPES as usize {
            let mut heights = [0; 2];
            for (place, ladder) in ladders.iter().enumerate() {
                heights[place] = conduct.height(ladder, kind);
                highest[place] = highest[place].max(heights[place]);
            }
            if heights.iter().any(|height| *height > MOST_HEIGHT) {
                return None;
            }
            types.push(heights[0] | heights[1] << 16);
        }
        let without = game.terms_of(None, None);
        let amounts = |is_it: &dyn Fn(&Ladder) -> bool, of: &dyn Fn(i64) -> f64, none: f64| {
            let Some((place, ladder)) = ladders.iter().enumerate().find(|(_, ladder)| is_it(ladder)) else {
                return (0, vec![none]);
            };
            let amount = |height: u32| height.checked_sub(1).map_or(none, |rung| of(ladder.amount(rung)));
            (place, (0..=highest[place]).map(amount).collect())
        };
        let price =
            amounts(&|ladder| game.is_price(ladder.attribute), &|at| game.terms_of(Some(at), None).0, without.0);
        let is_promise = |ladder: &Ladder| game.promise() == Some(ladder.attribute);
        let promise = amounts(&is_promise, &|at| game.terms_of(None, Some(at)).1, without.1);
        let many = Many::new(course, Crowd::Types(types), bidders as usize, seed).ok()?;
        Some(Self { many, price, promise })
    }

    /// By height of the winner's offer its price, and which ladder it is on; the same of the promise.
    pub(crate) fn terms(&self) -> [(usize, &[f64]); 2] {
        [(self.price.0, &self.price.1), (self.promise.0, &self.promise.1)]
    }
}
