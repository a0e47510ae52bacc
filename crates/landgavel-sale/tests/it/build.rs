//! Small rulebooks and lots, and a hall that drives a sale through them.

use std::sync::Arc;

use landgavel_base::{
    Area, Bilingual, Digest, Duration, Instant, Money, Period, PeriodUnit, Quantity, Ratio, UtcOffset, WorkingCalendar,
};
use landgavel_sale::rulebook::*;
use landgavel_sale::{Application, BidderId, Bond, Command, Event, Happened, Lot, Reason, Refusal, Sale, Status};

pub const A: BidderId = BidderId(0);
pub const B: BidderId = BidderId(1);
pub const C: BidderId = BidderId(2);
pub const PRICE: AttributeId = AttributeId(0);
pub const TAX: AttributeId = AttributeId(1);
pub const OPENS: MomentId = MomentId(0);
pub const CLOSES: MomentId = MomentId(1);
pub const QUOTE_ENDS: MomentId = MomentId(2);

/// Applications close at this second, quotes at the next.
pub const CLOSE: i64 = 1_000;
pub const QUOTE_END: i64 = 2_000;

/// Seconds after Monday 2026-01-05, midnight UTC.
pub fn at(seconds: i64) -> Instant {
    Instant::from_millis(1_767_571_200_000 + seconds * 1_000).unwrap()
}

pub fn secs(seconds: i64) -> Duration {
    Duration::from_millis(seconds * 1_000).unwrap()
}

pub fn q(quanta: i64) -> Quantity {
    Quantity::new(quanta).unwrap()
}

pub fn fixed(quanta: i64) -> Amount {
    Amount::fixed(q(quanta))
}

pub fn text(id: &str) -> Bilingual {
    Bilingual::new(id, id)
}

pub fn salt(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn attribute(id: &str, per: Per, yearly: bool, base: Option<i64>) -> Attribute {
    Attribute {
        id: id.into(),
        name: text(id),
        unit: Unit { text: "元".into(), kind: UnitKind::Money { minor_per_unit: 100, per, yearly } },
        decimals: 0,
        direction: Direction::Up,
        base: base.map(q),
    }
}

pub fn go(to: u16, survivors: Survivors, at_least: u32, otherwise: Exit) -> Exit {
    Exit::Go { to: StageId(to), survivors, at_least, otherwise: Box::new(otherwise) }
}

/// The leader wins; everything else is unsold.
pub fn exits() -> Exits {
    Exits {
        settled: Exit::Win,
        capped: Exit::Win,
        empty: Exit::PassIn,
        below_reserve: Exit::PassIn,
        overdue: Exit::PassIn,
        tied: Tie::Earliest,
    }
}

pub fn stage(id: &str, kind: StageKind) -> Stage {
    Stage { id: id.into(), title: text(id), kind, entrants: Entrants::Field, exits: exits() }
}

/// One row per item: everything at once, sealed amounts and marks when the stage has ended.
pub fn open_policy() -> InformationPolicy {
    let mut shown = [[Shown::AtOnce; 4]; 8];
    shown[Item::SealedAmounts as usize] = [Shown::StageEnd; 4];
    shown[Item::Marks as usize] = [Shown::StageEnd; 4];
    InformationPolicy { shown }
}

/// No bond, decided by the rule, no examination, final at once.
pub fn rulebook(stages: Vec<Stage>) -> Rulebook {
    let moment = |id: &str| Moment { id: id.into(), name: text(id), after_previous: None };
    Rulebook {
        id: "test/rule".into(),
        version: "2026-01".into(),
        title: text("rule"),
        currency: "CNY".into(),
        utc_offset: UtcOffset::default(),
        calendar: vec![moment("opens"), moment("closes"), moment("quote_ends")],
        attributes: vec![attribute("price", Per::Lot, false, None), attribute("tax", Per::Mu, true, Some(8))],
        admission: Admission {
            window: Window { opens: Some(OPENS), closes: WindowEnd::At(CLOSES) },
            decide_until: None,
            open_until: None,
            bond: None,
            prerequisites: Vec::new(),
            one_per_group: true,
            deciding: Deciding::Rule,
            max_bidders: None,
            withdraw_until: None,
            attempts: vec![AttemptRule { min_bidders: 1, sole: SoleBidder::Proceed, same_sole_only: false }],
        },
        stages,
        award: AwardRule { winners: 1, pays: Vec::new(), qualification: None, confirmation: None, cascade: None },
        obligations: Vec::new(),
        outage: OutageRule { resume: Resume::FullPeriod, measured_over: secs(0) },
        information: open_policy(),
        annulment_causes: vec![AnnulmentCause { id: "collusion".into(), text: text("collusion") }],
        sources: Vec::new(),
    }
}

pub fn bond_rule() -> BondRule {
    BondRule {
        amount: MoneyRule { constant: Money::from_minor(20_000).unwrap(), ..MoneyRule::default() },
        forms: vec![BondForm::Cash, BondForm::Guarantee],
        lodge_by: None,
        guarantee_runs: None,
        forfeits: vec![Forfeit::Default, Forfeit::LateWithdrawal],
    }
}

pub fn cap(value: i64, acceptance: i64) -> Cap {
    Cap {
        limit: Limit::Public(fixed(value)),
        acceptance: secs(acceptance),
        holds_through_quote: false,
        short_step: true,
    }
}

/// Live bidding from 100 by tens, with a countdown of 60 seconds.
pub fn ascending() -> Ascending {
    Ascending {
        attribute: PRICE,
        start: fixed(100),
        step: Step { by: fixed(10), mode: StepMode::Multiple, over: Against::Best, adjustable: false },
        cap: None,
        reserve: None,
        carries: false,
        leader_may_raise: false,
        quote: None,
        ask: None,
        close: Close::Countdown { length: secs(60), first: None, hard_stop: None },
    }
}

/// One price each, lodged within 100 seconds and opened within 50.
pub fn sealed(winner: Statistic) -> Sealed {
    Sealed {
        quotes: vec![Quote { attribute: PRICE, min: None, max: None, multiple_of: None }],
        window: Window { opens: None, closes: WindowEnd::After(secs(100)) },
        open_within: secs(50),
        revisable: false,
        reserve: None,
        winner,
        carries: false,
    }
}

pub fn nearest_mean() -> Statistic {
    Statistic::Nearest { to: Toward::Mean, trim_high: 0, trim_low: 0, side: Side::Either }
}

/// From 200 down by ten every 30 seconds to 150.
pub fn descending() -> Descending {
    Descending { attribute: PRICE, start: fixed(200), step: fixed(10), every: secs(30), floor: fixed(150) }
}

/// Rounds of 60 seconds with 10 seconds between, until a silent one.
pub fn rounds(order: RoundOrder) -> Rounds {
    Rounds {
        attribute: PRICE,
        start: fixed(100),
        step: Step { by: fixed(10), mode: StepMode::AtLeast, over: Against::Best, adjustable: false },
        cap: None,
        reserve: None,
        carries: false,
        order,
        length: secs(60),
        pause: secs(10),
        ends_on: RoundEnd::Time,
        max_rounds: None,
        silence_ends: true,
        inactive: Inactive::Out,
        hard_stop: None,
    }
}

pub fn score() -> Score {
    Score {
        attribute: PRICE,
        filing: Some(Window { opens: None, closes: WindowEnd::After(secs(100)) }),
        marking: Some(secs(100)),
        judges: 3,
        drop_high: 1,
        drop_low: 1,
        criteria: vec![Criterion {
            id: "scheme".into(),
            name: text("scheme"),
            points: q(100),
            kind: CriterionKind::Panel,
        }],
        pass: None,
    }
}

pub fn draw() -> Draw {
    Draw { weights: DrawWeights::Plain, sources: vec![BeaconSource::Local], reveal_within: secs(600) }
}

pub fn fixed_price() -> Fixed {
    Fixed { attribute: PRICE, value: fixed(500), window: Window { opens: None, closes: WindowEnd::After(secs(100)) } }
}

pub fn first() -> First {
    First { of: FirstOf::Window(Window { opens: None, closes: WindowEnd::After(secs(100)) }) }
}

/// Price by quotes, question and countdown up to a cap; tax live up to its cap; then a draw.
pub fn four_part() -> Rulebook {
    let mut price = stage(
        "price",
        StageKind::Ascending(Ascending {
            start: fixed(1_000),
            step: Step { by: fixed(100), mode: StepMode::Multiple, over: Against::Best, adjustable: false },
            cap: Some(cap(1_500, 300)),
            quote: Some(Window { opens: Some(CLOSES), closes: WindowEnd::At(QUOTE_ENDS) }),
            ask: Some(Ask { window: secs(240), who: AskedParty::Field }),
            close: Close::Countdown { length: secs(240), first: None, hard_stop: None },
            ..ascending()
        }),
    );
    price.exits.capped = go(1, Survivors::Acceptors, 2, Exit::Win);
    let mut tax = stage(
        "tax",
        StageKind::Ascending(Ascending {
            attribute: TAX,
            start: fixed(10),
            step: Step { by: fixed(1), mode: StepMode::Multiple, over: Against::Best, adjustable: false },
            cap: Some(cap(12, 60)),
            ..ascending()
        }),
    );
    tax.exits.capped = go(2, Survivors::Acceptors, 2, Exit::Win);
    tax.exits.empty = Exit::Back(StageId(0));
    let mut book = rulebook(vec![price, tax, stage("draw", StageKind::Draw(draw()))]);
    book.admission.deciding = Deciding::Officer;
    book.admission.bond = Some(bond_rule());
    book.award.qualification =
        Some(Qualification { within: Within::Time(secs(3_600)), silence: Silence::Disqualifies });
    book.award.confirmation = Some(Within::Period(Period { count: 5, unit: PeriodUnit::WorkingDay }));
    book.award.cascade = Some(Cascade { at_most: 1 });
    book.obligations = vec![ObligationRule {
        id: "pay-early".into(),
        text: text("pay-early"),
        triggers: vec![Trigger::StageEnded {
            stage: StageId(0),
            why: Some(landgavel_sale::outcome::EndReason::Capped),
        }],
        obligor: Obligor::Winner,
        amount: Some(MoneyRule {
            parts: vec![Part { share: Ratio::from_ppm(500_000).unwrap(), of: Reference::Own(PRICE) }],
            ..MoneyRule::default()
        }),
        due: Some(Period { count: 1, unit: PeriodUnit::Month }),
    }];
    book
}

/// A rulebook of one stage.
pub fn single(kind: StageKind) -> Rulebook {
    rulebook(vec![stage("only", kind)])
}

pub fn lot(rulebook: Rulebook) -> Lot {
    Lot {
        id: "test/lot".into(),
        title: text("lot"),
        rulebook,
        area: Area::from_hundredths_m2(200_000_000).unwrap(),
        calendar: vec![at(0), at(CLOSE), at(QUOTE_END)],
        attempt: 1,
        previous_sole_applicant: None,
        commitments: Vec::new(),
        working_days: WorkingCalendar::new("none", (2020, 2030), vec![], vec![]).unwrap(),
    }
}

pub fn application(code: &str) -> Application {
    Application { code: code.into(), identity: Some(format!("identity of {code}")), group: None, facts: Vec::new() }
}

pub fn apply(code: &str) -> Command {
    Command::Apply(application(code))
}

pub fn bid(bidder: BidderId, amount: i64) -> Command {
    Command::PlaceBid { bidder, amount: q(amount) }
}

pub fn accept(bidder: BidderId) -> Command {
    Command::Accept { bidder }
}

pub fn lodge(bidder: BidderId) -> Command {
    let bond =
        Bond { form: BondForm::Cash, amount: Money::from_minor(20_000).unwrap(), valid_until: None, issuer: None };
    Command::LodgeBond { bidder, bond }
}

/// The envelope of one amount for the only stage of [`single`].
pub fn envelope(code: &str, amount: i64, salt: Digest) -> Digest {
    landgavel_sale::mechanism::seal_digest("test/lot", "only", code, &[q(amount)], salt)
}

/// Most steps a sale may take by itself at one call.
pub const MOST_STEPS: usize = 400;

/// Lets happen what is due up to `now`, each step at its time. Gives the events.
pub fn advance(sale: &mut Sale, now: Instant) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..MOST_STEPS {
        let Some(due) = sale.due().filter(|&due| due <= now) else { return events };
        let step = sale.decide(due.max(sale.last()), &Command::Tick).unwrap();
        assert!(!step.is_empty(), "a due tick does something: {:?}", sale.status());
        for event in &step {
            sale.apply(event);
        }
        events.extend(step);
    }
    panic!("the sale takes more than {MOST_STEPS} steps by itself");
}

/// A sale with its record.
#[derive(Clone)]
pub struct Hall {
    pub lot: Arc<Lot>,
    pub sale: Sale,
    pub events: Vec<Event>,
}

impl Hall {
    pub fn of(lot: Lot) -> Self {
        let lot = Arc::new(lot);
        Self { sale: Sale::open(Arc::clone(&lot)), lot, events: Vec::new() }
    }

    pub fn open(rulebook: Rulebook) -> Self {
        Self::of(lot(rulebook))
    }

    /// A hall in which so many bidders A, B, C … applied; admission has closed.
    pub fn with_bidders(rulebook: Rulebook, count: usize) -> Self {
        let mut hall = Self::open(rulebook);
        for code in ["A", "B", "C", "D", "E"].into_iter().take(count) {
            hall.act(1, &apply(code));
        }
        hall.until(CLOSE);
        hall
    }

    pub fn until(&mut self, second: i64) {
        let events = advance(&mut self.sale, at(second));
        self.events.extend(events);
    }

    pub fn attempt(&mut self, second: i64, command: &Command) -> Result<Vec<Happened>, Refusal> {
        self.until(second);
        let events = self.sale.decide(at(second), command)?;
        for event in &events {
            self.sale.apply(event);
        }
        let happened = events.iter().map(|event| event.happened.clone()).collect();
        self.events.extend(events);
        Ok(happened)
    }

    /// Does what must be allowed.
    pub fn act(&mut self, second: i64, command: &Command) -> Vec<Happened> {
        match self.attempt(second, command) {
            Ok(happened) => happened,
            Err(refusal) => panic!("{command:?} at {second} is refused: {refusal:?}"),
        }
    }

    /// Does what must be refused.
    pub fn refused(&mut self, second: i64, command: &Command) -> Reason {
        match self.attempt(second, command) {
            Ok(happened) => panic!("{command:?} at {second} is allowed: {happened:?}"),
            Err(refusal) => refusal.reason,
        }
    }

    /// The state is the fold of the events.
    pub fn assert_fold(&self) {
        let mut again = Sale::open(Arc::clone(&self.lot));
        for event in &self.events {
            again.apply(event);
        }
        assert_eq!(again, self.sale);
    }

    pub fn winners(&self) -> Vec<BidderId> {
        self.sale.seats().iter().map(|seat| seat.bidder).collect()
    }

    /// The only winner's price, when it is sold.
    pub fn sold_for(&self) -> Option<(BidderId, i64)> {
        let seat = self.sale.seats().first().filter(|_| *self.sale.status() == Status::Awarded)?;
        Some((seat.bidder, seat.terms.value(PRICE)?.quanta()))
    }
}
