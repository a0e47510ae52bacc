//! A course as flat lists, for evaluators that follow all ways at once.

use landgavel_sale::rulebook::Survivors;

use crate::course::{Course, LegKind, Next};

/// Most legs of a rule that is played many sales at once; no shipped rule has more than four.
pub const MOST_LEGS: usize = 8;
/// Most ladders of such a rule.
pub const MOST_LADDERS: usize = 4;
/// Highest height: above it, heights would not fit the halves of a word in which types hold them.
pub const MOST_HEIGHT: u32 = 0xFFFF;

/// A rule ready for many sales at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) legs: Vec<Leg>,
    /// Per ladder, in the order of legs: the height of its cap, `None` = no cap.
    tops: Vec<Option<u32>>,
    /// Per ladder, which attribute is bid.
    attributes: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leg {
    /// Number of its ladder; `None` = a draw.
    pub(crate) ladder: Option<usize>,
    pub(crate) settled: Exit,
    pub(crate) capped: Exit,
    pub(crate) empty: Exit,
}

/// The ways out of a leg: the first whose condition holds is taken, and if none does, the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) goes: Vec<Go>,
    pub(crate) is_won: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Go {
    pub(crate) leg: usize,
    /// Those who accepted the cap go on, otherwise the whole field.
    pub(crate) only_acceptors: bool,
    pub(crate) at_least: u32,
}

impl Plan {
    /// From a compiled rule; `None` where it has too many legs or rungs for this way.
    pub fn new(course: &Course) -> Option<Self> {
        let (mut legs, mut tops, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
        for leg in &course.legs {
            let ladder = match leg.kind {
                LegKind::Draw => None,
                LegKind::Sealed(_) => return None,
                LegKind::Ladder(ladder) => {
                    let top = ladder.top.map(|top| top.saturating_add(1));
                    if top.is_some_and(|top| top > MOST_HEIGHT) {
                        return None;
                    }
                    tops.push(top);
                    attributes.push(usize::from(ladder.attribute.0));
                    Some(tops.len() - 1)
                }
            };
            let [settled, capped, empty] = [&leg.settled, &leg.capped, &leg.empty].map(exit);
            legs.push(Leg { ladder, settled, capped, empty });
        }
        (legs.len() <= MOST_LEGS && tops.len() <= MOST_LADDERS).then_some(Self { legs, tops, attributes })
    }

    /// Number of ladders.
    pub fn ladders(&self) -> usize {
        self.tops.len()
    }

    /// Per ladder the height of its cap: 1 is the first rung, 0 is no bid.
    pub fn tops(&self) -> &[Option<u32>] {
        &self.tops
    }

    /// Which attribute is bid on a ladder.
    pub fn attribute(&self, ladder: usize) -> usize {
        self.attributes[ladder]
    }
}

fn exit(next: &Next) -> Exit {
    let (mut goes, mut next) = (Vec::new(), next);
    loop {
        match next {
            Next::Win => return Exit { goes, is_won: true },
            Next::PassIn => return Exit { goes, is_won: false },
            Next::Go { leg, survivors, at_least, otherwise } => {
                let only_acceptors = *survivors == Survivors::Acceptors;
                goes.push(Go { leg: *leg, only_acceptors, at_least: *at_least });
                next = otherwise;
            }
        }
    }
}
