//! How a study says that bidders bid.

use serde::Deserialize;

/// How bidders bid.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Behaviour {
    /// Up to where the surplus is gone; weakly dominant with private values and open bids.
    #[default]
    Truthful,
    /// Stops short of it by this share of its value.
    Shaded {
        /// Share of the value kept as a margin.
        by: f64,
    },
    /// An approximate equilibrium: open ladders to the limit, sealed quotes as found; how near it is, is measured.
    Equilibrium {
        /// The most that deviations may gain for figures to be claimed, as a share of what a bidder earns.
        #[serde(default = "gain")]
        gain_at_most: f64,
    },
    /// The first so many bidders are a ring: only its strongest member bids up.
    Ring {
        /// Members.
        members: u32,
        /// Whether the others still take a cap that outsiders have driven the price to, each for a ticket in the draw.
        #[serde(default)]
        tickets: bool,
    },
    /// The first bidder comes with so many more firms of its own, which take caps for tickets in the draw.
    Shells {
        /// Firms beside the first.
        firms: u32,
    },
    /// The seller bids too, secretly, up to this; what it wins is not sold.
    Shill {
        /// Ten thousand yuan for the lot.
        to: f64,
    },
}

fn gain() -> f64 {
    0.01
}

impl Behaviour {
    /// Bidders that it adds.
    pub const fn adds(self) -> u32 {
        match self {
            Self::Shells { firms } => firms,
            Self::Shill { .. } => 1,
            Self::Truthful | Self::Shaded { .. } | Self::Equilibrium { .. } | Self::Ring { .. } => 0,
        }
    }
}
