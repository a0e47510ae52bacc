use std::sync::Arc;

use landgavel_base::{Digest, Duration, FactValue, Instant, Money, Quantity};
use landgavel_sale::command::{Application, BidderId, Bond, Command};
use landgavel_sale::event::{Event, PhaseName};
use landgavel_sale::lot::{Commitment, Secret};
use landgavel_sale::mechanism::commitment_digest;
use landgavel_sale::rulebook::{
    AttributeId, BondForm, Direction, DrawWeights, Entrants, Limit, MomentId, Stage, StageId, StageKind, Test, UnitKind,
};
use landgavel_sale::{Lot, Sale, Status, Viewer};
use sha2::{Digest as _, Sha256};

use super::Example;

/// Bidders of the example, unless the rule asks for more.
const BIDDERS: u32 = 3;

/// Most acts and steps of time of an example; a rule that needs more is cut short.
const MOST_STEPS: usize = 5_000;

/// Most tries to act in one phase.
const MOST_TURNS: usize = 200;

/// A secret that the example chose.
#[derive(Clone, Copy)]
struct OwnSecret {
    stage: StageId,
    secret: Secret,
    value: Quantity,
}

pub(super) struct Play {
    pub sale: Sale,
    events: Vec<Event>,
    secrets: Vec<OwnSecret>,
    pub bidders: Vec<BidderId>,
}

/// An invented output or salt: SHA-256 over a tag, a name and a number.
pub(super) fn invented(name: &str, number: u32) -> Digest {
    let hash = Sha256::new_with_prefix(b"landgavel/example/v1\0").chain_update(name).chain_update(number.to_be_bytes());
    Digest(hash.finalize().into())
}

/// The lot with commitments to values that the example knows.
pub(super) fn with_own_secrets(lot: &Lot) -> Lot {
    let mut own = lot.clone();
    let secrets = own_secrets(lot);
    own.commitments = secrets.iter().filter(|secret| !is_lodged(lot, secret)).map(|s| s.commitment(lot)).collect();
    own
}

fn limits(stage: &Stage) -> [(Secret, Option<&Limit>); 2] {
    [(Secret::Cap, stage.kind.cap().map(|cap| &cap.limit)), (Secret::Reserve, stage.kind.reserve())]
}

fn is_lodged(lot: &Lot, own: &OwnSecret) -> bool {
    limits(lot.rulebook.stage(own.stage)).into_iter().any(|(secret, limit)| {
        secret == own.secret && matches!(limit, Some(Limit::Committed { lodge_by: Some(_), .. }))
    })
}

/// A value for every limit that the rule commits: a cap six steps beyond the start, a reserve two.
fn own_secrets(lot: &Lot) -> Vec<OwnSecret> {
    let sale = Sale::open(Arc::new(lot.clone()));
    let mut secrets = Vec::new();
    for (index, stage) in (0u16..).zip(&lot.rulebook.stages) {
        for (secret, limit) in limits(stage) {
            if !matches!(limit, Some(Limit::Committed { .. })) {
                continue;
            }
            let steps = if secret == Secret::Cap { 6 } else { 2 };
            let (start, step) = match &stage.kind {
                StageKind::Ascending(rule) => (sale.value_of(&rule.start), sale.value_of(&rule.step.by)),
                StageKind::Rounds(rule) => (sale.value_of(&rule.start), sale.value_of(&rule.step.by)),
                StageKind::Sealed(rule) => {
                    let quote = rule.quotes.first();
                    let min = quote.and_then(|quote| quote.min.as_ref()).and_then(|bound| sale.value_of(&bound.at));
                    // A bound on what nobody has bid yet says nothing of the scale.
                    let min = min.filter(|min| stage.kind.attribute().is_none_or(|a| *min > fiftieth(usual(lot, a))));
                    (min, quote.and_then(|quote| quote.multiple_of.as_ref()).and_then(|step| sale.value_of(step)))
                }
                StageKind::Descending(_)
                | StageKind::Score(_)
                | StageKind::Draw(_)
                | StageKind::Fixed(_)
                | StageKind::First(_) => (None, None),
            };
            let Some(attribute) = stage.kind.attribute() else { continue };
            let start = start.unwrap_or_else(|| usual(lot, attribute));
            let direction = lot.rulebook.attribute(attribute).direction;
            let value = moved(direction, start, step.unwrap_or_else(|| fiftieth(start)), steps);
            secrets.push(OwnSecret { stage: StageId(index), secret, value });
        }
    }
    secrets
}

/// An amount for a rule that bounds it nowhere: a million of a currency, a hundred of anything else.
pub(super) fn usual(lot: &Lot, attribute: AttributeId) -> Quantity {
    let attribute = lot.rulebook.attribute(attribute);
    let whole = match attribute.unit.kind {
        UnitKind::Money { minor_per_unit, .. } => (100_000_000 / minor_per_unit.max(1)).max(1),
        _ => 100,
    };
    let quanta = 10i64.checked_pow(u32::from(attribute.decimals)).and_then(|unit| whole.checked_mul(unit));
    quanta.and_then(Quantity::new).unwrap_or_default()
}

/// A step for a rule that names none: a fiftieth of the amount, at least one quantum.
pub(super) fn fiftieth(amount: Quantity) -> Quantity {
    Quantity::new((amount.quanta().abs() / 50).max(1)).unwrap_or_default()
}

/// So many steps better; the amount itself when that would leave the safe range.
pub(super) fn moved(direction: Direction, from: Quantity, step: Quantity, steps: i64) -> Quantity {
    let sign = match direction {
        Direction::Up => 1,
        Direction::Down => -1,
    };
    let by = step.quanta().checked_mul(steps * sign);
    by.and_then(|by| from.quanta().checked_add(by)).and_then(Quantity::new).unwrap_or(from)
}

impl OwnSecret {
    fn salt(self) -> Digest {
        invented("salt", u32::from(self.stage.0) * 2 + u32::from(self.secret == Secret::Reserve))
    }

    fn commitment(self, lot: &Lot) -> Commitment {
        let name = match self.secret {
            Secret::Cap => "cap",
            Secret::Reserve => "reserve",
        };
        let digest = commitment_digest(&lot.id, &lot.rulebook.stage(self.stage).id, name, self.value, self.salt());
        Commitment { stage: self.stage, secret: self.secret, digest }
    }
}

impl Play {
    pub fn new(lot: Arc<Lot>) -> Self {
        let secrets = own_secrets(&lot);
        Self { sale: Sale::open(lot), events: Vec::new(), secrets, bidders: Vec::new() }
    }

    /// Plays until nothing can happen any more, or nothing that the example knows to do.
    pub fn play_out(mut self) -> Example {
        self.admit_all();
        let mut phase_before = None;
        let mut turn = 0;
        for _ in 0..MOST_STEPS {
            if self.sale.status().is_final() {
                break;
            }
            let key = (self.sale.ended_stages().len(), self.phase());
            turn = if phase_before == Some(key) { turn + 1 } else { 0 };
            phase_before = Some(key);
            // What the rule refuses is left to the next in turn; when nobody moves, time does.
            let has_moved = match self.next_move(turn) {
                Some(command) => self.act_soon(&command) || turn < MOST_TURNS,
                None => false,
            };
            if !has_moved && !self.tick() {
                break;
            }
        }
        Example { sale: self.sale, events: self.events }
    }

    /// The phase of the running stage, as an auditor sees it.
    pub fn phase(&self) -> Option<PhaseName> {
        self.running_view().and_then(|view| view.phase)
    }

    fn running_view(&self) -> Option<landgavel_sale::StageView> {
        let Status::Running(_) = self.sale.status() else { return None };
        self.sale.view(Viewer::Auditor).stages.pop()
    }

    /// Whatever the rule refuses is left out of the example: it shows a lawful sale.
    fn act(&mut self, at: Instant, command: &Command) -> bool {
        let Ok(events) = self.sale.decide(at, command) else { return false };
        for event in &events {
            self.sale.apply(event);
        }
        let has_events = !events.is_empty();
        self.events.extend(events);
        has_events
    }

    /// Acts a little after the last event, well before anything is due.
    fn act_soon(&mut self, command: &Command) -> bool {
        let last = self.sale.last();
        let gap = self.sale.due().map_or(30_000, |due| due.since(last).millis() / 8).clamp(0, 30_000);
        let gap = if gap > 1_000 { gap - gap % 1_000 } else { gap };
        let gap = self.clock_wait().unwrap_or(gap);
        // Calls of a host keep their distance; the engine says no until it is kept.
        [gap, gap.max(1_000) * 60, 600_000]
            .into_iter()
            .any(|gap| Duration::from_millis(gap).is_some_and(|gap| self.act(last.after(gap), command)))
    }

    /// A falling clock is watched for two and a half ticks before somebody stops it; milliseconds.
    fn clock_wait(&self) -> Option<i64> {
        let Status::Running(stage) = self.sale.status() else { return None };
        let StageKind::Descending(rule) = &self.sale.lot().rulebook.stage(*stage).kind else { return None };
        (self.phase() == Some(PhaseName::Clock)).then(|| rule.every.millis().checked_mul(5).map(|ms| ms / 2))?
    }

    /// Lets time bring what is due next.
    fn tick(&mut self) -> bool {
        let Some(due) = self.sale.due() else { return false };
        let at = due.max(self.sale.last());
        self.act(at, &Command::Tick)
    }

    fn advance(&mut self, to: Instant) {
        for _ in 0..MOST_STEPS {
            if self.sale.due().is_none_or(|due| due > to) || !self.tick() {
                return;
            }
        }
    }

    fn moment(&self, moment: MomentId) -> Instant {
        self.sale.lot().moment(moment)
    }

    fn admit_all(&mut self) {
        let lot = Arc::new(self.sale.lot().clone());
        for secret in self.secrets.clone() {
            if is_lodged(&lot, &secret) {
                let Commitment { stage, secret, digest } = secret.commitment(&lot);
                let first = lot.calendar.first().copied().unwrap_or(self.sale.last());
                self.act(first.max(self.sale.last()), &Command::Commit { stage, secret, digest });
            }
        }
        let rule = &lot.rulebook.admission;
        let opens = rule.window.opens.map(|moment| self.moment(moment)).or(lot.calendar.first().copied());
        self.advance(opens.unwrap_or(self.sale.last()));
        let attempt = usize::try_from(lot.attempt).unwrap_or(1).saturating_sub(1);
        let least = rule.attempts.get(attempt).or(rule.attempts.last()).map_or(1, |attempt| attempt.min_bidders);
        let count = BIDDERS.max(least.min(26)).max(lot.rulebook.award.winners.saturating_add(1).min(26));
        let count = rule.max_bidders.map_or(count, |most| count.min(most));
        for number in 0..count {
            let code = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0)).to_string();
            let application = Application { code, identity: None, group: None, facts: facts(&lot, number) };
            let at = self.sale.last().max(opens.unwrap_or(self.sale.last()));
            if !self.act(at, &Command::Apply(application)) {
                continue;
            }
            let bidder = BidderId(u32::try_from(self.sale.bidders().len()).unwrap_or(1).saturating_sub(1));
            self.bidders.push(bidder);
            self.lodge_bond(at, bidder);
            self.act(at, &Command::Admit { bidder });
        }
    }

    fn lodge_bond(&mut self, at: Instant, bidder: BidderId) {
        let lot = self.sale.lot();
        let Some(rule) = &lot.rulebook.admission.bond else { return };
        // Guarantees are what a rule that allows them is about.
        let preferred = [BondForm::Guarantee, BondForm::Cash, BondForm::Insurance];
        let Some(form) = preferred.into_iter().find(|form| rule.forms.contains(form)) else { return };
        let amount = self.sale.least_bond(bidder).unwrap_or(Money::ZERO);
        let year = Duration::from_millis(730 * 86_400_000);
        let valid_until = (form != BondForm::Cash).then(|| year.map(|year| at.after(year))).flatten();
        let issuer = (form != BondForm::Cash).then(|| "sample bank".to_owned());
        self.act(at, &Command::LodgeBond { bidder, bond: Bond { form, amount, valid_until, issuer } });
    }

    /// What shows a committed value of a stage, when it is not shown yet.
    pub fn reveal(&self, stage: StageId, turn: usize) -> Option<Command> {
        let own = self.secrets.iter().filter(|own| own.stage == stage).nth(turn)?;
        Some(Command::Reveal { stage, secret: own.secret, value: own.value, salt: own.salt() })
    }
}

/// Facts with which an invented bidder meets every condition; the first also has every privilege.
fn facts(lot: &Lot, number: u32) -> Vec<(String, FactValue)> {
    let mut facts: Vec<(String, FactValue)> = Vec::new();
    for prerequisite in &lot.rulebook.admission.prerequisites {
        let value = match &prerequisite.test {
            Test::OneOf(values) => values.first().cloned(),
            Test::NotOneOf(_) => None,
            Test::AtLeast(bound) | Test::AtMost(bound) => Some(FactValue::Number(*bound)),
        };
        if let Some(value) = value {
            facts.push((prerequisite.fact.clone(), value));
        }
    }
    for stage in &lot.rulebook.stages {
        if let (Entrants::WithFact { fact, value }, 0) = (&stage.entrants, number) {
            facts.push((fact.clone(), value.clone()));
        }
        if let StageKind::Draw(rule) = &stage.kind {
            match &rule.weights {
                DrawWeights::Plain => {}
                DrawWeights::Weighted { fact } | DrawWeights::Tiered { fact } => {
                    facts.push((fact.clone(), FactValue::Number(i64::from(number % 2) + 1)));
                }
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    facts.retain(|(name, _)| seen.insert(name.clone()));
    facts
}
