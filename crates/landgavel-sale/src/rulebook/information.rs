/// Who looks at a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Anybody.
    Public,
    /// An admitted bidder; it always sees what is its own.
    Bidder,
    /// The seller's officer.
    Officer,
    /// Auditor, notary or supervisor.
    Auditor,
}

impl Role {
    /// All roles, in the order of the policy's columns.
    pub const ALL: [Self; 4] = [Self::Public, Self::Bidder, Self::Officer, Self::Auditor];
}

/// What may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Amounts of open bids.
    Amounts,
    /// Code names beside the amounts.
    Codes,
    /// Amounts of sealed bids that have been opened.
    SealedAmounts,
    /// Identities behind the code names.
    Identities,
    /// Corporate groups.
    Groups,
    /// Number of bidders standing.
    BidderCount,
    /// Marks of the panel.
    Marks,
    /// Committed caps and reserves that have been revealed.
    Revealed,
}

impl Item {
    /// All items, in the order of the policy's rows.
    pub const ALL: [Self; 8] = [
        Self::Amounts,
        Self::Codes,
        Self::SealedAmounts,
        Self::Identities,
        Self::Groups,
        Self::BidderCount,
        Self::Marks,
        Self::Revealed,
    ];
}

/// From when something is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// As it happens.
    AtOnce,
    /// When its stage has ended.
    StageEnd,
    /// When the sale has ended.
    SaleEnd,
    /// Never.
    Never,
}

/// Who sees what, and from when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InformationPolicy {
    /// One row per [`Item::ALL`], one column per [`Role::ALL`].
    pub shown: [[Shown; 4]; 8],
}

impl InformationPolicy {
    /// From when `role` sees `item`.
    pub fn shown(&self, item: Item, role: Role) -> Shown {
        self.shown[item as usize][role as usize]
    }
}
