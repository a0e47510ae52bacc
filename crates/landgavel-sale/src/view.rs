//! What each role may see of a sale, by its information policy.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use landgavel_base::{Instant, Quantity};

use crate::command::BidderId;
use crate::decide::LegalBid;
use crate::event::PhaseName;
use crate::mechanism::Offer;
use crate::outcome::Status;
use crate::rulebook::{Item, Role, Shown, StageId, StageKind};
use crate::state::{EndedStage, Running, Sale};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody.
    Public,
    /// One of the bidders, who always sees what is its own.
    Bidder(BidderId),
    /// The seller's officer.
    Officer,
    /// Auditor, notary or supervisor.
    Auditor,
}

impl Viewer {
    fn role(self) -> Role {
        match self {
            Self::Public => Role::Public,
            Self::Bidder(_) => Role::Bidder,
            Self::Officer => Role::Officer,
            Self::Auditor => Role::Auditor,
        }
    }
}

/// What a viewer sees. `None` = the policy does not show it (yet), or there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// How the sale stands.
    pub status: Status,
    /// Whether running periods stand still.
    pub is_paused: bool,
    /// Stages that have ended, then the running one.
    pub stages: Vec<StageView>,
    /// Bidders with what may be seen of them.
    pub bidders: Vec<BidderView>,
    /// The viewer's own legal amounts, for a bidder in open bidding who sees amounts.
    pub legal: Option<LegalBid>,
}

/// What is seen of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageView {
    /// Which stage.
    pub stage: StageId,
    /// Its phase while it runs.
    pub phase: Option<PhaseName>,
    /// When the phase closes.
    pub closes: Option<Instant>,
    /// Number of bidders standing in it.
    pub field_size: Option<usize>,
    /// Starting value.
    pub start: Option<Quantity>,
    /// Cap.
    pub cap: Option<Quantity>,
    /// Reserve.
    pub reserve: Option<Quantity>,
    /// Offers, best first.
    pub offers: Vec<OfferView>,
}

/// What is seen of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferView {
    /// Code of who made it.
    pub code: Option<String>,
    /// Its value.
    pub value: Option<Quantity>,
}

/// What is seen of a bidder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidderView {
    /// Code name.
    pub code: String,
    /// Identity behind it.
    pub identity: Option<String>,
    /// Corporate group.
    pub group: Option<String>,
}

impl Sale {
    /// What a viewer may see now.
    pub fn view(&self, viewer: Viewer) -> View {
        View { bidders: self.view_bidders(viewer), ..self.view_top(viewer, usize::MAX) }
    }

    /// The same with only the best so many offers of each stage, and the viewer's own, and without the list of bidders:
    /// for a board that is shown again and again while very many take part.
    pub fn view_top(&self, viewer: Viewer, most: usize) -> View {
        let mut stages: Vec<StageView> = self.ended.iter().map(|ended| self.view_ended(ended, viewer, most)).collect();
        if let Some(running) = &self.running {
            stages.push(self.view_running(running, viewer, most));
        }
        let legal = match viewer {
            // What is legal next follows from the best amount, and tells it.
            Viewer::Bidder(bidder) if self.is_shown(Item::Amounts, viewer, false) => {
                self.legal_bid(bidder).filter(|legal| self.takes_bid(bidder, legal.least))
            }
            Viewer::Bidder(_) => None,
            Viewer::Public | Viewer::Officer | Viewer::Auditor => None,
        };
        View { status: self.status.clone(), is_paused: self.is_paused(), stages, bidders: Vec::new(), legal }
    }

    /// Whether the policy shows an item to a viewer by now; `stage_ended` tells whether the stage that it is
    /// about has ended.
    pub fn is_shown(&self, item: Item, viewer: Viewer, stage_ended: bool) -> bool {
        match self.lot.rulebook.information.shown(item, viewer.role()) {
            Shown::AtOnce => true,
            Shown::StageEnd => stage_ended || self.status.is_final(),
            Shown::SaleEnd => self.status.is_final(),
            Shown::Never => false,
        }
    }

    fn view_bidders(&self, viewer: Viewer) -> Vec<BidderView> {
        let sees_all = self.is_shown(Item::Identities, viewer, false);
        let sees_groups = self.is_shown(Item::Groups, viewer, false);
        // The mere list of codes tells how many take part.
        let sees_count = self.is_shown(Item::BidderCount, viewer, !self.ended.is_empty());
        let all = (0u32..).map(BidderId).zip(&self.bidders);
        all.filter(|(_, bidder)| bidder.is_bidder())
            .filter(|(id, _)| sees_count || viewer == Viewer::Bidder(*id))
            .map(|(id, bidder)| {
                let is_own = viewer == Viewer::Bidder(id);
                let application = &bidder.application;
                BidderView {
                    code: application.code.clone(),
                    identity: application.identity.clone().filter(|_| sees_all || is_own),
                    group: application.group.clone().filter(|_| sees_groups || is_own),
                }
            })
            .collect()
    }

    /// Offers as the policy shows them; without amounts or codes the rest says nothing and is left out.
    fn view_offers(
        &self,
        stage: StageId,
        offers: &[(BidderId, Quantity)],
        viewer: Viewer,
        ended: bool,
    ) -> Vec<OfferView> {
        let item = match self.lot.rulebook.stage(stage).kind {
            StageKind::Sealed(_) => Item::SealedAmounts,
            StageKind::Score(_) => Item::Marks,
            _ => Item::Amounts,
        };
        let (sees_amounts, sees_codes) =
            (self.is_shown(item, viewer, ended), self.is_shown(Item::Codes, viewer, ended));
        offers
            .iter()
            .filter_map(|&(bidder, value)| {
                let is_own = viewer == Viewer::Bidder(bidder);
                let offer = OfferView {
                    code: (sees_codes || is_own).then(|| self.bidders[bidder.index()].code().to_string()),
                    value: (sees_amounts || is_own).then_some(value),
                };
                (sees_amounts || is_own).then_some(offer)
            })
            .collect()
    }

    fn view_ended(&self, ended: &EndedStage, viewer: Viewer, most: usize) -> StageView {
        let ranked = ended.ranking.iter().filter_map(|&bidder| ended.offer_of(bidder).map(|value| (bidder, value)));
        let mut offers: Vec<(BidderId, Quantity)> = ranked.take(most).collect();
        if offers.len() < most {
            let ranking: BTreeSet<&BidderId> = ended.ranking.iter().collect();
            let others = ended.offers.iter().filter(|(bidder, _)| !ranking.contains(bidder));
            offers.extend(others.map(|(&bidder, offer)| (bidder, offer.value)).take(most - offers.len()));
        }
        let own = own(viewer).and_then(|bidder| ended.offers.get(&bidder).map(|offer| (bidder, offer.value)));
        add_own(&mut offers, own);
        let kind = &self.lot.rulebook.stage(ended.stage).kind;
        let revealed = self.is_shown(Item::Revealed, viewer, true);
        StageView {
            stage: ended.stage,
            phase: None,
            closes: None,
            field_size: self.is_shown(Item::BidderCount, viewer, true).then_some(ended.field.len()),
            start: ended.values.start,
            cap: ended.values.cap.filter(|_| revealed || kind.cap().is_some_and(|cap| is_public(&cap.limit))),
            reserve: ended.values.reserve.filter(|_| revealed || kind.reserve().is_some_and(is_public)),
            offers: self.view_offers(ended.stage, &offers, viewer, true),
        }
    }

    /// Whose turn it is tells who stands in the sale: without codes only the round is seen.
    fn shown_phase(&self, phase: PhaseName, viewer: Viewer) -> PhaseName {
        match phase {
            PhaseName::Turn { round, bidder }
                if viewer != Viewer::Bidder(bidder) && !self.is_shown(Item::Codes, viewer, false) =>
            {
                PhaseName::Round(round)
            }
            shown => shown,
        }
    }

    fn view_running(&self, running: &Running, viewer: Viewer, most: usize) -> StageView {
        let direction = self.direction(running.id);
        let mut standing = running.all_offers();
        // Of equal offers the earlier stands before the later.
        let place = |(_, offer): &(BidderId, Offer)| (direction.gain(Quantity::ZERO, offer.value), offer.order);
        if most < standing.len() {
            standing.select_nth_unstable_by_key(most, place);
            standing.truncate(most);
        }
        standing.sort_by_key(place);
        let mut offers: Vec<(BidderId, Quantity)> =
            standing.into_iter().map(|(bidder, offer)| (bidder, offer.value)).collect();
        let own = own(viewer).and_then(|bidder| running.offer(bidder).map(|offer| (bidder, offer.value)));
        add_own(&mut offers, own);
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let revealed = self.is_shown(Item::Revealed, viewer, false);
        StageView {
            stage: running.id,
            phase: running.phase.as_ref().map(|phase| self.shown_phase(phase.name, viewer)),
            closes: running.phase.as_ref().and_then(|phase| phase.closes),
            field_size: self.is_shown(Item::BidderCount, viewer, false).then_some(running.field.len()),
            start: running.values.start,
            cap: running.values.cap.filter(|_| revealed || kind.cap().is_some_and(|cap| is_public(&cap.limit))),
            reserve: running.values.reserve.filter(|_| revealed || kind.reserve().is_some_and(is_public)),
            offers: self.view_offers(running.id, &offers, viewer, false),
        }
    }
}

fn own(viewer: Viewer) -> Option<BidderId> {
    match viewer {
        Viewer::Bidder(bidder) => Some(bidder),
        Viewer::Public | Viewer::Officer | Viewer::Auditor => None,
    }
}

/// The viewer's own offer stands last where it is not among the best.
fn add_own(offers: &mut Vec<(BidderId, Quantity)>, own: Option<(BidderId, Quantity)>) {
    if let Some(own) = own.filter(|(own, _)| !offers.iter().any(|(bidder, _)| bidder == own)) {
        offers.push(own);
    }
}

fn is_public(limit: &crate::rulebook::Limit) -> bool {
    matches!(limit, crate::rulebook::Limit::Public(_))
}
