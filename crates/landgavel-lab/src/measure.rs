//! What is measured of sales, and summed.

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
    pub(crate) fn add(&mut self, ended: &Ended) {
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

/// A share in (0, 1) from a word.
#[inline(always)]
pub(crate) fn share(word: u32) -> f64 {
    (f64::from(word) + 0.5) / 4_294_967_296.0
}
