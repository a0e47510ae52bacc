//! What the invented bidders, the host and the panel do in each phase.

use landgavel_base::Quantity;
use landgavel_sale::LegalQuote;
use landgavel_sale::Status;
use landgavel_sale::command::{BidderId, Command};
use landgavel_sale::event::PhaseName;
use landgavel_sale::mechanism::seal_digest;
use landgavel_sale::rulebook::{Close, CriterionKind, Direction, StageId, StageKind, StepMode};

use super::robots::{Play, fiftieth, invented, moved, usual};

/// Rounds in which the invented bidders still bid.
const LIVELY_ROUNDS: u32 = 3;

impl Play {
    /// The `turn`-th act in the running phase; `None` lets time pass.
    pub(super) fn next_move(&self, turn: usize) -> Option<Command> {
        match self.sale.status() {
            Status::Running(stage) => self.move_in_stage(*stage, turn),
            Status::Provisional => self.move_of_award(),
            Status::Admitting | Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. } => None,
        }
    }

    fn move_in_stage(&self, stage: StageId, turn: usize) -> Option<Command> {
        let kind = &self.sale.lot().rulebook.stage(stage).kind;
        match self.phase()? {
            PhaseName::Quote => self.quote(kind, turn),
            PhaseName::Ask => Some(Command::Join { bidder: *self.bidders.get(turn)? }),
            PhaseName::Live => self.live(kind, turn),
            PhaseName::Acceptance => Some(Command::Accept { bidder: *self.bidders.iter().rev().nth(turn)? }),
            PhaseName::Sealing => self.seal(stage, turn),
            PhaseName::Opening => self.open(stage, turn),
            PhaseName::Round(round) => self.round(kind, round, turn),
            PhaseName::Turn { round, bidder } => {
                (turn == 0 && round <= LIVELY_ROUNDS).then(|| self.least(bidder)).flatten()
            }
            PhaseName::Pause => None,
            PhaseName::Clock => self.bidders.get((turn + 1) % self.bidders.len().max(1)).map(accept),
            PhaseName::Filing => {
                let bidder = *self.bidders.get(turn)?;
                Some(Command::FileScheme { bidder, documents: invented("scheme", bidder.0) })
            }
            PhaseName::Marking => self.mark(kind, turn),
            PhaseName::Frozen => {
                let StageKind::Draw(rule) = kind else { return None };
                let outputs = (0u32..).zip(&rule.sources).map(|(number, _)| invented("output", number)).collect();
                (turn == 0).then_some(Command::RevealBeacon { outputs })
            }
            PhaseName::Taking => self.bidders.get(turn).filter(|_| turn < 2).map(accept),
            PhaseName::Revealing => self.reveal(stage, turn),
        }
    }

    fn least(&self, bidder: BidderId) -> Option<Command> {
        let legal = self.sale.legal_bid(bidder)?;
        Some(Command::PlaceBid { bidder, amount: legal.least })
    }

    fn quote(&self, kind: &StageKind, turn: usize) -> Option<Command> {
        // Where nothing follows the quotes, all come to bid in them.
        let is_all = matches!(kind, StageKind::Ascending(rule) if rule.close == Close::QuoteEnd);
        let bids = if is_all { self.bidders.len() } else { 2 };
        (turn < bids).then(|| self.bidders.get(turn)).flatten().and_then(|&bidder| self.least(bidder))
    }

    /// A bids, B goes for the cap when there is one; without a cap three bids and silence.
    fn live(&self, kind: &StageKind, turn: usize) -> Option<Command> {
        let StageKind::Ascending(rule) = kind else { return None };
        let bidder = *self.bidders.get(turn % self.bidders.len().max(1))?;
        let legal = self.sale.legal_bid(bidder);
        let bids = if rule.cap.is_some() { 2 * self.bidders.len() } else { 3 };
        if turn < bids
            && let Some(legal) = legal
        {
            let jumps = turn > 0 && legal.mode != StepMode::Exact;
            let amount = legal.cap.filter(|_| jumps).unwrap_or(legal.least);
            return Some(Command::PlaceBid { bidder, amount });
        }
        match rule.close {
            Close::Hammer { calls, .. } => {
                let called = turn.saturating_sub(bids);
                let is_done = u32::try_from(called).is_ok_and(|called| called >= calls);
                Some(if is_done { Command::FallHammer } else { Command::CallBid })
            }
            Close::Countdown { .. } | Close::QuoteEnd => None,
        }
    }

    fn round(&self, kind: &StageKind, round: u32, turn: usize) -> Option<Command> {
        let StageKind::Rounds(_) = kind else { return None };
        // One bidder fewer in every round, each round begun by another.
        let (before, count) = (usize::try_from(round).ok()?.saturating_sub(1), self.bidders.len());
        let bidder = *self.bidders.get((before + turn) % count.max(1))?;
        (turn + before < count).then(|| self.least(bidder)).flatten()
    }

    fn amounts(&self, stage: StageId, bidder: BidderId) -> Option<Vec<Quantity>> {
        let StageKind::Sealed(rule) = &self.sale.lot().rulebook.stage(stage).kind else { return None };
        let legal = self.sale.legal_quotes(bidder)?;
        let pairs = rule.quotes.iter().zip(legal);
        Some(
            pairs
                .map(|(quote, legal)| {
                    let direction = self.sale.lot().rulebook.attribute(quote.attribute).direction;
                    let usual = usual(self.sale.lot(), quote.attribute);
                    sealed_amount(direction, legal, usual, i64::from(bidder.0))
                })
                .collect(),
        )
    }

    fn seal(&self, stage: StageId, turn: usize) -> Option<Command> {
        let bidder = *self.bidders.get(turn)?;
        let code = self.sale.bidder(bidder)?.code();
        let lot = self.sale.lot();
        let amounts = self.amounts(stage, bidder)?;
        let name = &lot.rulebook.stage(stage).id;
        let envelope = seal_digest(&lot.id, name, code, &amounts, invented("seal", bidder.0));
        Some(Command::LodgeSeal { bidder, envelope, readable_from: None })
    }

    fn open(&self, stage: StageId, turn: usize) -> Option<Command> {
        let bidder = *self.bidders.get(turn)?;
        Some(Command::OpenSeal {
            bidder,
            amounts: Some(self.amounts(stage, bidder)?),
            salt: invented("seal", bidder.0),
        })
    }

    fn mark(&self, kind: &StageKind, turn: usize) -> Option<Command> {
        let StageKind::Score(rule) = kind else { return None };
        let panel: Vec<_> = rule.criteria.iter().filter(|criterion| criterion.kind == CriterionKind::Panel).collect();
        let (judges, bidders) = (usize::try_from(rule.judges).ok()?, self.bidders.len());
        let judge = turn / (panel.len() * bidders).max(1);
        let criterion = panel.get(turn / bidders.max(1) % panel.len().max(1)).filter(|_| judge < judges)?;
        let bidder = *self.bidders.get(turn % bidders.max(1))?;
        // Marks between six and nine tenths of the points.
        let tenths = 6 + i64::try_from((judge + turn) % 4).ok()?;
        let points = Quantity::new(criterion.points.quanta().checked_mul(tenths)? / 10)?;
        let judge = format!("J{}", judge + 1);
        Some(Command::GiveMark { judge, bidder, criterion: criterion.id.clone(), points })
    }

    fn move_of_award(&self) -> Option<Command> {
        let seats = self.sale.seats();
        if let Some(seat) = seats.iter().find(|seat| !seat.is_qualified) {
            return Some(Command::Qualify { bidder: seat.bidder });
        }
        let seat = seats.iter().find(|seat| !seat.is_confirmed)?;
        Some(Command::Confirm { bidder: seat.bidder })
    }
}

fn accept(bidder: &BidderId) -> Command {
    Command::Accept { bidder: *bidder }
}

/// A valid amount, a little different for every bidder.
fn sealed_amount(direction: Direction, legal: LegalQuote, usual: Quantity, number: i64) -> Quantity {
    let (good, limit) = match direction {
        Direction::Up => (legal.min, legal.max),
        Direction::Down => (legal.max, legal.min),
    };
    // The second bidder is the best.
    let rank = if number == 1 { 4 } else { number + 1 };
    let from = match (good, limit) {
        // A bound on what nobody has bid says nothing of the scale.
        (Some((from, _)), None) if from < fiftieth(usual) && legal.multiple_of.is_none() => usual,
        (Some((from, _)), _) => from,
        (None, Some((from, _))) => return sealed_from(direction, from, legal, rank - 6),
        (None, None) => usual,
    };
    let amount = sealed_from(direction, from, legal, rank);
    match limit {
        Some((end, inclusive)) if is_beyond(direction, amount, end) => {
            let step = legal.multiple_of.unwrap_or(Quantity::new(1).unwrap_or_default());
            moved(direction, end, step, if inclusive { 0 } else { -1 })
        }
        _ => amount,
    }
}

fn sealed_from(direction: Direction, from: Quantity, legal: LegalQuote, steps: i64) -> Quantity {
    moved(direction, from, legal.multiple_of.unwrap_or_else(|| fiftieth(from)), steps)
}

fn is_beyond(direction: Direction, amount: Quantity, end: Quantity) -> bool {
    match direction {
        Direction::Up => amount >= end,
        Direction::Down => amount <= end,
    }
}
