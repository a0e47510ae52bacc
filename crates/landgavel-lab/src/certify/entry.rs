//! Who comes, where coming costs: the types that earn at least that much among those who come.

use super::Case;
use crate::conduct::Conduct;
use crate::course::{LegKind, Next};

/// Most times that types are put in order anew.
const ORDERS: usize = 4;
/// So few types are not told apart while halving where quotes are sealed, since each try solves those anew.
const COARSE: usize = 16;

/// Lets the types stay away that would not earn what coming costs.
///
/// Types are put in order of what coming earns them. The more of that order come, the less the last of them earns, so the place where it earns
/// just its cost is found by halving; among those who come then, the order may be another, and it is done anew. What is wrong with what is
/// found, the certificate measures.
///
/// # Errors
/// What in the rule is beyond it.
pub(super) fn settle(case: &Case<'_>, conduct: &mut Conduct) -> Result<(), &'static str> {
    let first = &case.course.legs[0];
    if !matches!(first.kind, LegKind::Ladder(_)) {
        return Err("where coming costs, a rule that does not begin with open bids");
    }
    if matches!(first.empty, Next::Go { .. }) {
        return Err("where coming costs, a rule in which those who do not bid go on");
    }
    let least = if case.course.sealed().next().is_some() { COARSE } else { 1 };
    let all = conduct.clone();
    let with = |order: &[usize], coming: usize| {
        let mut conduct = all.clone();
        order[coming..].iter().for_each(|&kind| conduct.keep_away(kind));
        conduct
    };
    let mut order: Vec<usize> = (0..case.types.all().len()).collect();
    let mut coming = order.len();
    for _ in 0..ORDERS {
        let mut now = with(&order, coming);
        let met = case.met(&mut now, 0.5)?;
        let earns: Vec<f64> = (0..order.len()).map(|kind| case.earns(&met, &now, kind).0).collect();
        if (0..order.len()).all(|kind| (earns[kind] < case.entry_cost) == now.is_away(kind)) {
            break;
        }
        order.sort_by(|&a, &b| earns[b].total_cmp(&earns[a]));
        let (mut fewest, mut most) = (0, order.len());
        while most - fewest >= least {
            let middle = (fewest + most).div_ceil(2);
            let mut tried = with(&order, middle);
            let met = case.met(&mut tried, 0.5)?;
            if case.earns(&met, &tried, order[middle - 1]).0 >= case.entry_cost {
                fewest = middle;
            } else {
                most = middle - 1;
            }
        }
        coming = fewest;
    }
    *conduct = with(&order, coming);
    Ok(())
}
