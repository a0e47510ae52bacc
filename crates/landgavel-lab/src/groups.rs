//! Bidders who act together: a ring, a firm with shells, a seller who bids.
//!
//! The one of a group that values the plot most bids for it. The others keep still on the ladder, since each bid of theirs would only
//! raise what the group pays; but once outsiders have driven it to the cap, each who can bear the cap may take it, and is then one more ticket in the draw.

use crate::course::{Ladder, LegKind};
use crate::game::Game;
use crate::study::Behaviour;

/// Changes limits, one for each bidder and attribute, to what groups do. The bidders that a behaviour adds stand last.
pub fn act(game: &Game, behaviour: Behaviour, bidders: u32, limits: &mut [i64]) {
    let (attributes, bidders) = (game.attributes(), bidders as usize);
    match behaviour {
        Behaviour::Truthful | Behaviour::Shaded { .. } | Behaviour::Equilibrium { .. } => {}
        Behaviour::Ring { members, tickets } => {
            let group: Vec<usize> = (0..bidders.min(members as usize)).collect();
            follow(game, &group, tickets, attributes, limits);
        }
        Behaviour::Shells { firms } => {
            let group: Vec<usize> = std::iter::once(0).chain(bidders..bidders + firms as usize).collect();
            follow(game, &group, true, attributes, limits);
        }
        Behaviour::Shill { to } => {
            let own = &mut limits[bidders * attributes..];
            own.fill(i64::MIN);
            game.limit_price(to, own);
        }
    }
}

fn follow(game: &Game, group: &[usize], tickets: bool, attributes: usize, limits: &mut [i64]) {
    let price = game.price();
    let Some(&leader) =
        group.iter().max_by_key(|&&member| (limits[member * attributes + price], std::cmp::Reverse(member)))
    else {
        return;
    };
    let ladders = game.course().into_iter().flat_map(|course| &course.legs).filter_map(|leg| match leg.kind {
        LegKind::Ladder(ladder) => Some(ladder),
        LegKind::Sealed(_) | LegKind::Draw => None,
    });
    let ladders: Vec<Ladder> = if tickets { ladders.collect() } else { Vec::new() };
    let mut takes = vec![false; attributes];
    let count = limits.len() / attributes;
    let mut left: Vec<usize> = (0..count).filter(|bidder| !group.contains(bidder)).collect();
    for ladder in ladders {
        let column = usize::from(ladder.attribute.0);
        let rung = |bidder: usize| ladder.rung(limits[bidder * attributes + column]);
        let Some(top) = ladder.top else { break };
        // Driven to the cap: the leader would take it, and an outsider stands at most one rung below.
        let is_driven =
            rung(leader) == Some(top) && left.iter().any(|&bidder| rung(bidder).is_some_and(|rung| rung + 1 >= top));
        takes[column] = is_driven;
        if !is_driven {
            break;
        }
        left.retain(|&bidder| rung(bidder) == Some(top));
    }
    for &member in group.iter().filter(|member| **member != leader) {
        for (column, takes) in takes.iter().enumerate() {
            if !takes {
                limits[member * attributes + column] = i64::MIN;
            }
        }
        // Who cannot bear a cap leaves before it.
        for ladder in game.course().into_iter().flat_map(|course| &course.legs).filter_map(|leg| match leg.kind {
            LegKind::Ladder(ladder) => Some(ladder),
            LegKind::Sealed(_) | LegKind::Draw => None,
        }) {
            let limit = &mut limits[member * attributes + usize::from(ladder.attribute.0)];
            if ladder.top.is_some() && ladder.rung(*limit) != ladder.top {
                *limit = i64::MIN;
            }
        }
    }
}
