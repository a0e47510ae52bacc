//! The same bidders on the engine itself: every bid a command, every consequence an event.
//!
//! What the straight evaluator says is held to this; rules that do not compile are played here.

use std::sync::Arc;

use landgavel_base::{Digest, Duration, FactValue, Instant, Money, Quantity};
use landgavel_sale::command::{Application, BidderId, Bond, Command};
use landgavel_sale::event::PhaseName;
use landgavel_sale::mechanism::seal_digest;
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{BondForm, Close, Direction, Limit, StageId, StageKind, Statistic, Test};
use landgavel_sale::{Lot, Sale, Status, Viewer};

use crate::straight::{Ending, Limits, Outcome};

/// Steps of time and acts of one sale; a rule that needs more is a fault of the play, and said.
const MOST_STEPS: usize = 20_000;

/// Why a sale could not be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPlayed {
    /// So many bidders could not be admitted: the rule asks for facts or numbers that the play does not bring.
    NotAdmitted,
    /// The rule has a stage in which limits do not tell what a bidder does.
    Stage(String),
    /// The sale did not end.
    NoEnd,
}

/// A lot whose bidders are admitted, ready to be played many times.
#[derive(Debug, Clone)]
pub struct Stepped {
    lot: Arc<Lot>,
    opened: Sale,
    attributes: usize,
}

impl Stepped {
    /// Admits so many bidders by the rule's own procedure.
    ///
    /// # Errors
    /// [`NotPlayed`], where the rule does not admit them or has stages that limits do not decide.
    pub fn new(lot: &Arc<Lot>, bidders: usize) -> Result<Self, NotPlayed> {
        for stage in &lot.rulebook.stages {
            let is_known = match &stage.kind {
                StageKind::Ascending(_) | StageKind::Draw(_) => true,
                StageKind::Sealed(rule) => rule.winner == Statistic::Best && rule.quotes.len() == 1,
                _ => false,
            };
            if !is_known {
                return Err(NotPlayed::Stage(stage.id.clone()));
            }
        }
        let mut sale = Sale::open(Arc::clone(lot));
        let rule = &lot.rulebook.admission;
        let opens = rule.window.opens.map(|moment| lot.moment(moment)).or(lot.calendar.first().copied());
        let opens = opens.unwrap_or(sale.last());
        advance(&mut sale, opens);
        for number in 0..bidders {
            let at = sale.last().max(opens);
            let facts = facts(lot);
            let application = Application { code: code(number), identity: None, group: None, facts };
            act(&mut sale, at, &Command::Apply(application))?;
            let bidder = id(number);
            if let Some(bond) = &rule.bond {
                let form = bond.forms.first().copied().unwrap_or(BondForm::Cash);
                let amount = sale.least_bond(bidder).unwrap_or(Money::ZERO);
                let later = Duration::from_millis(730 * 86_400_000).map(|time| at.after(time));
                let valid_until = later.filter(|_| form != BondForm::Cash);
                let bond = Bond { form, amount, valid_until, issuer: Some("sample bank".to_owned()) };
                act(&mut sale, at, &Command::LodgeBond { bidder, bond })?;
            }
            is_taken(&mut sale, at, &Command::Admit { bidder });
        }
        Ok(Self { lot: Arc::clone(lot), opened: sale, attributes: lot.rulebook.attributes.len() })
    }

    /// Plays the sale among these limits; `output` is what the beacon says.
    ///
    /// # Errors
    /// [`NotPlayed::NoEnd`] when the sale does not end.
    pub fn play(&self, limits: Limits<'_>, output: Digest) -> Result<Outcome, NotPlayed> {
        let mut sale = self.opened.clone();
        for _ in 0..MOST_STEPS {
            if sale.status().is_final() {
                return Ok(self.outcome(&sale));
            }
            if !somebody_acts(&self.lot, &mut sale, limits, output) && !call(&mut sale) && !tick(&mut sale) {
                return Err(NotPlayed::NoEnd);
            }
        }
        Err(NotPlayed::NoEnd)
    }

    fn outcome(&self, sale: &Sale) -> Outcome {
        let mut outcome =
            Outcome { winner: None, terms: vec![None; self.attributes], path: Vec::new(), entrants: Vec::new() };
        let winner = sale.seats().first().map(|seat| seat.bidder);
        outcome.winner = winner.map(BidderId::index);
        for ended in sale.ended_stages() {
            let kind = &sale.lot().rulebook.stage(ended.stage).kind;
            let ending = match (kind, ended.why) {
                (StageKind::Draw(_), _) => Ending::Drawn,
                (_, EndReason::Empty) => Ending::Empty,
                (_, EndReason::Capped) => Ending::Capped,
                (_, EndReason::Tied) => Ending::Tied,
                _ => Ending::Settled,
            };
            if ending == Ending::Drawn {
                outcome.entrants = ended.field.iter().map(|bidder| bidder.index()).collect();
            }
            if let (Some(attribute), Some(_)) = (kind.attribute(), winner) {
                outcome.terms[usize::from(attribute.0)] = ended.best.map(Quantity::quanta);
            }
            outcome.path.push((usize::from(ended.stage.0), ending));
        }
        outcome
    }
}

fn code(number: usize) -> String {
    format!("{number:02}")
}

fn id(number: usize) -> BidderId {
    BidderId(u32::try_from(number).unwrap_or(u32::MAX))
}

fn facts(lot: &Lot) -> Vec<(String, FactValue)> {
    let value = |test: &Test| match test {
        Test::OneOf(values) => values.first().cloned(),
        Test::NotOneOf(_) => None,
        Test::AtLeast(bound) | Test::AtMost(bound) => Some(FactValue::Number(*bound)),
    };
    let known = lot.rulebook.admission.prerequisites.iter();
    known.filter_map(|rule| Some((rule.fact.clone(), value(&rule.test)?))).collect()
}

/// Whether a command is taken and leads to something.
fn is_taken(sale: &mut Sale, at: Instant, command: &Command) -> bool {
    sale.play(at, command).unwrap_or(false)
}

fn act(sale: &mut Sale, at: Instant, command: &Command) -> Result<(), NotPlayed> {
    if is_taken(sale, at, command) { Ok(()) } else { Err(NotPlayed::NotAdmitted) }
}

fn tick(sale: &mut Sale) -> bool {
    let Some(due) = sale.due() else { return false };
    let at = due.max(sale.last());
    is_taken(sale, at, &Command::Tick)
}

/// Where a host calls the bid, it does so when nobody bids any more, and lets the hammer fall.
fn call(sale: &mut Sale) -> bool {
    let Status::Running(stage) = *sale.status() else { return false };
    let StageKind::Ascending(rule) = &sale.lot().rulebook.stage(stage).kind else { return false };
    let Close::Hammer { gap, .. } = rule.close else { return false };
    let at = sale.last().after(gap);
    is_taken(sale, at, &Command::FallHammer) || is_taken(sale, at, &Command::CallBid)
}

fn advance(sale: &mut Sale, to: Instant) {
    while sale.due().is_some_and(|due| due <= to) && tick(sale) {}
}

/// Lets who wants to and may act do so; `false` lets time pass.
fn somebody_acts(lot: &Lot, sale: &mut Sale, limits: Limits<'_>, output: Digest) -> bool {
    let stage = match sale.status() {
        Status::Running(stage) => *stage,
        Status::Provisional => {
            let seat = sale.seats().iter().find(|seat| !seat.is_qualified || !seat.is_confirmed);
            let asked = seat.map(|seat| match (seat.bidder, seat.is_qualified) {
                (bidder, true) => Command::Confirm { bidder },
                (bidder, false) => Command::Qualify { bidder },
            });
            return asked.is_some_and(|asked| do_now(sale, &asked));
        }
        Status::Admitting | Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. } => return false,
    };
    let Some(phase) = sale.period().map(|period| period.name) else { return false };
    let kind = &lot.rulebook.stage(stage).kind;
    let bidders = 0..limits.bidders();
    match phase {
        PhaseName::Frozen => {
            let StageKind::Draw(rule) = kind else { return false };
            do_now(sale, &Command::RevealBeacon { outputs: vec![output; rule.sources.len()] })
        }
        PhaseName::Ask => any_of(bidders, |bidder| do_now(sale, &Command::Join { bidder: id(bidder) })),
        PhaseName::Sealing => any_of(bidders, |bidder| {
            let quote = quote(sale, stage, limits, bidder);
            let envelope = quote.map(|quote| envelope(sale, stage, bidder, quote));
            let lodged = |envelope| Command::LodgeSeal { bidder: id(bidder), envelope, readable_from: None };
            envelope.is_some_and(|envelope| do_now(sale, &lodged(envelope)))
        }),
        PhaseName::Opening => any_of(bidders, |bidder| {
            let opened = |quote| Command::OpenSeal { bidder: id(bidder), amounts: Some(vec![quote]), salt: SALT };
            quote(sale, stage, limits, bidder).is_some_and(|quote| do_now(sale, &opened(quote)))
        }),
        PhaseName::Quote | PhaseName::Live => bid(lot, sale, kind, limits) || accept(lot, sale, kind, limits),
        PhaseName::Acceptance => accept(lot, sale, kind, limits),
        _ => false,
    }
}

/// Lets each act in turn, whoever has acted before; whether anybody did.
fn any_of<B>(bidders: impl Iterator<Item = B>, acts: impl FnMut(B) -> bool) -> bool {
    bidders.map(acts).filter(|acted| *acted).count() > 0
}

/// Nothing is hidden from a simulation, so one salt does.
const SALT: Digest = Digest([0; 32]);

fn envelope(sale: &Sale, stage: StageId, bidder: usize, amount: Quantity) -> Digest {
    let lot = sale.lot();
    seal_digest(&lot.id, &lot.rulebook.stage(stage).id, &code(bidder), &[amount], SALT)
}

/// What a bidder quotes in a sealed stage: its number there, brought down to what may be quoted; `None` below that.
fn quote(sale: &Sale, stage: StageId, limits: Limits<'_>, bidder: usize) -> Option<Quantity> {
    let rules = &sale.lot().rulebook;
    let before = rules.stages[..usize::from(stage.0)].iter();
    let number = before.filter(|other| matches!(other.kind, StageKind::Sealed(_))).count();
    let own = limits.get(bidder, rules.attributes.len() + number);
    let legal = sale.legal_quotes(id(bidder))?.pop()?;
    let (least, _) = legal.min?;
    let most = legal.max.map_or(own, |(most, _)| own.min(most.quanta()));
    let step = legal.multiple_of.map_or(1, Quantity::quanta);
    let above = most.checked_sub(least.quanta()).filter(|above| *above >= 0)?;
    Quantity::new(least.quanta() + above / step * step)
}

/// Whether a command is taken at this moment; then it is done.
fn do_now(sale: &mut Sale, command: &Command) -> bool {
    let at = sale.last();
    is_taken(sale, at, command)
}

/// How far each goes in a stage, where more is better.
fn own_limits<'a>(lot: &Lot, kind: &StageKind, limits: Limits<'a>) -> Option<impl Iterator<Item = i64> + use<'a>> {
    let attribute = kind.attribute()?;
    let column = usize::from(attribute.0);
    let up = lot.rulebook.attribute(attribute).direction == Direction::Up;
    up.then(|| (0..limits.bidders()).map(move |bidder| limits.get(bidder, column)))
}

/// The weakest of those who can still bid goes to its limit; the strongest one rung only.
fn bid(lot: &Lot, sale: &mut Sale, kind: &StageKind, limits: Limits<'_>) -> bool {
    let mut willing: Vec<(i64, usize, Quantity)> = Vec::with_capacity(limits.bidders());
    let leader = sale.leader().map(BidderId::index);
    for (bidder, limit) in own_limits(lot, kind, limits).into_iter().flatten().enumerate() {
        if leader == Some(bidder) {
            continue;
        }
        let Some(legal) = sale.legal_bid(id(bidder)) else { continue };
        let (least, step) = (legal.least.quanta(), legal.step.quanta());
        let highest = legal.cap.map_or(limit, |cap| limit.min(cap.quanta()));
        if least <= highest && step > 0 {
            willing.push((least + (highest - least) / step * step, bidder, legal.least));
        }
    }
    willing.sort_unstable();
    // Not all who would bid may: some are out of the stage.
    let mut able = willing.iter().filter(|(_, bidder, least)| sale.takes_bid(id(*bidder), *least));
    let Some(&(top, bidder, least)) = able.next() else { return false };
    // The last one left answers with the least; of equals the first comes first.
    let amount = if able.next().is_none() { Some(least) } else { Quantity::new(top) };
    amount.is_some_and(|amount| do_now(sale, &Command::PlaceBid { bidder: id(bidder), amount }))
}

fn accept(lot: &Lot, sale: &mut Sale, kind: &StageKind, limits: Limits<'_>) -> bool {
    let StageKind::Ascending(rule) = kind else { return false };
    // A public cap is known without a view of the whole sale.
    let cap = match rule.cap.as_ref().map(|cap| &cap.limit) {
        None => None,
        Some(Limit::Public(amount)) => sale.value_of(amount).map(Quantity::quanta),
        Some(_) => sale.view(Viewer::Auditor).stages.pop().and_then(|stage| stage.cap).map(Quantity::quanta),
    };
    let Some(cap) = cap else { return false };
    let would = own_limits(lot, kind, limits).into_iter().flatten().enumerate().filter(|(_, limit)| *limit >= cap);
    any_of(would, |(bidder, _)| do_now(sale, &Command::Accept { bidder: id(bidder) }))
}
