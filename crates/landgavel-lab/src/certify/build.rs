//! The legs of a rule as a bidder meets them: which opponents have come so far, what they do there, and where it leads.

use landgavel_sale::rulebook::Survivors;

use super::{After, Deal, MOST_NODES, MOST_RUNGS, Node, Odds, Shape, worth};
use crate::bidder::Bidder;
use crate::conduct::{Conduct, Quotes, Sealed};
use crate::contest::odds;
use crate::course::{Course, Ladder, LegKind, Next};
use crate::game::Game;
use crate::population::Types;

/// Offers that are made when a leg begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offers {
    pub(super) price: Option<i64>,
    pub(super) promise: Option<i64>,
}

/// Finds who meets whom.
pub(super) struct Build<'a> {
    pub(super) game: &'a Game,
    pub(super) course: &'a Course,
    pub(super) types: &'a Types,
    pub(super) conduct: &'a mut Conduct,
    pub(super) beginning: f64,
    pub(super) nodes: Vec<Node>,
    pub(super) quote: f64,
}

impl Build<'_> {
    /// Adds a leg that these types of opponents reach, with the fewest and the most bidders in it.
    pub(super) fn node(
        &mut self,
        leg: usize,
        kinds: &[u32],
        counts: (u32, u32),
        terms: Offers,
    ) -> Result<usize, &'static str> {
        if self.nodes.len() >= MOST_NODES {
            return Err("too many ways through the rule");
        }
        if kinds.is_empty() {
            // Nobody comes here, so nobody meets anybody here.
            self.nodes.push(Node { deals: vec![self.deal(terms)], shape: Shape::Draw });
            return Ok(self.nodes.len() - 1);
        }
        let of = &self.course.legs[leg];
        if of.settled != Next::Win {
            return Err("a leg whose leader does not win at once");
        }
        let node = match of.kind {
            LegKind::Draw => Node { deals: vec![self.deal(terms)], shape: Shape::Draw },
            LegKind::Ladder(ladder) => self.ladder(leg, ladder, kinds, counts, terms)?,
            LegKind::Sealed(ladder) => self.sealed(leg, ladder, kinds, counts, terms)?,
        };
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    fn with(&self, terms: Offers, ladder: &Ladder, height: u32) -> Offers {
        let amount = height.checked_sub(1).map(|rung| ladder.amount(rung));
        if self.game.is_price(ladder.attribute) {
            Offers { price: amount, ..terms }
        } else {
            Offers { promise: amount, ..terms }
        }
    }

    fn deal(&self, offers: Offers) -> Deal {
        let (price, promise) = self.game.terms_of(offers.price, offers.promise);
        Deal { price, promise }
    }

    fn deals(&self, terms: Offers, ladder: &Ladder, highest: u32) -> Vec<Deal> {
        (0..=highest).map(|height| self.deal(self.with(terms, ladder, height))).collect()
    }

    fn after(
        &mut self,
        next: &Next,
        kinds: &[u32],
        (fewest, most): (u32, u32),
        terms: Offers,
    ) -> Result<After, &'static str> {
        match next {
            Next::Win => Ok(After { go: None, is_won: true }),
            Next::PassIn => Ok(After { go: None, is_won: false }),
            Next::Go { leg, at_least, otherwise, .. } => {
                let is_won = match **otherwise {
                    Next::Win => true,
                    Next::PassIn => false,
                    Next::Go { .. } => return Err("a way that forks twice"),
                };
                let node = self.node(*leg, kinds, (fewest.max(*at_least), most), terms)?;
                Ok(After { go: Some((node, *at_least)), is_won })
            }
        }
    }

    fn ladder(
        &mut self,
        leg: usize,
        ladder: Ladder,
        kinds: &[u32],
        counts: (u32, u32),
        terms: Offers,
    ) -> Result<Node, &'static str> {
        let heights: Vec<u32> = kinds.iter().map(|&kind| self.conduct.height(&ladder, kind as usize)).collect();
        let top = ladder.top.map(|top| top.saturating_add(1));
        let highest = top.unwrap_or_else(|| heights.iter().max().map_or(1, |most| most.saturating_add(1)));
        if highest > MOST_RUNGS {
            return Err("a ladder of more than 4096 rungs");
        }
        let mut shares = vec![0.0; highest as usize + 1];
        for &height in &heights {
            shares[height as usize] += 1.0 / kinds.len() as f64;
        }
        let takers = if top.is_some() { shares[highest as usize] } else { 0.0 };
        let odds = (0..counts.1).map(|others| Odds::new(&shares, others, takers)).collect();
        let of = self.course.legs[leg].clone();
        let some = |is: &dyn Fn(u32) -> bool| -> Vec<u32> {
            kinds.iter().zip(&heights).filter(|(_, height)| is(**height)).map(|(&kind, _)| kind).collect()
        };
        let at_cap = self.with(terms, &ladder, highest);
        let capped = match (top, &of.capped) {
            (None, _) => After { go: None, is_won: true },
            (Some(_), Next::Go { survivors, .. }) if *survivors != Survivors::Acceptors => {
                return Err("a cap after which others than its acceptors go on");
            }
            (Some(_), next) => self.after(next, &some(&|height| height == highest), (2, counts.1), at_cap)?,
        };
        if of.empty == Next::Win {
            return Err("a leg without bids that is won");
        }
        let none = self.with(terms, &ladder, 0);
        let empty = self.after(&of.empty, &some(&|height| height == 0), counts, none)?;
        let deals = self.deals(terms, &ladder, highest);
        Ok(Node { deals, shape: Shape::Ladder { ladder, odds, capped, empty } })
    }

    fn sealed(
        &mut self,
        leg: usize,
        ladder: Ladder,
        kinds: &[u32],
        counts: (u32, u32),
        terms: Offers,
    ) -> Result<Node, &'static str> {
        let of = self.course.legs[leg].clone();
        if let Some(Next::Go { leg: to, at_least, .. }) = &of.tied
            && (self.course.legs[*to].kind != LegKind::Draw
                || self.course.legs[*to].settled != Next::Win
                || *at_least > 2)
        {
            return Err("equal quotes that are not told apart by lot");
        }
        if of.tied == Some(Next::PassIn) {
            return Err("equal quotes that end the sale");
        }
        if self.conduct.quotes.iter().any(|quotes| quotes.leg == leg) {
            return Err("a sealed leg that is reached in several ways");
        }
        if self.game.is_price(ladder.attribute) && self.types.all().iter().any(|one| one.budget < f64::INFINITY) {
            return Err("a sealed price where budgets are short");
        }
        let conduct = &*self.conduct;
        let most = kinds.iter().map(|&kind| conduct.height(&ladder, kind as usize)).max().unwrap_or(0);
        if most > MOST_RUNGS {
            return Err("a sealed quote of more than 4096 rungs");
        }
        let deals = self.deals(terms, &ladder, most.saturating_add(1));
        let pay = |bidder: &Bidder, rung: u32| worth(self.game, bidder, deals[rung as usize + 1]);
        let sealed =
            Sealed { leg, ladder: &ladder, kinds, types: self.types, conduct, counts, beginning: self.beginning };
        let made = Quotes::solve(&sealed, &pay);
        let highest = kinds.iter().map(|&kind| made.most[kind as usize]).max().unwrap_or(0).saturating_add(1);
        let highest = ladder.top.map_or(highest, |top| highest.min(top.saturating_add(1)));
        let (mut all, mut nobody) = (Vec::new(), Vec::new());
        for others in 0..counts.1 {
            let mut shares = vec![0.0; highest as usize + 1];
            for &kind in kinds {
                for (height, share) in made.mix(kind as usize, others + 1) {
                    shares[height as usize] += share / kinds.len() as f64;
                }
            }
            if others + 1 == counts.1 {
                self.quote = (0u32..).zip(&shares).map(|(height, share)| f64::from(height) * share).sum();
            }
            nobody.push(shares[0].powi(i32::try_from(others).unwrap_or(i32::MAX)));
            all.push(odds(&shares, others));
        }
        self.conduct.quotes.push(made);
        if of.empty == Next::Win {
            return Err("a leg without bids that is won");
        }
        let none = self.with(terms, &ladder, 0);
        let without: Vec<u32> = Vec::new();
        let empty = self.after(&of.empty, &without, counts, none)?;
        let deals = self.deals(terms, &ladder, highest);
        Ok(Node { deals, shape: Shape::Sealed { leg, odds: all, none: nobody, empty } })
    }
}
