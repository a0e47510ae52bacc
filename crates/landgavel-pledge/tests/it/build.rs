//! A contract like those of Wenzhou's Lucheng, and a runner that lets days pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use landgavel_base::{
    Area, Bilingual, Date, Digest, Instant, LocalTime, Money, Obligation, Period, PeriodUnit, Ratio, UtcOffset,
    WorkingCalendar,
};
use landgavel_pledge::{
    Accounting, Approval, Ban, Bond, BondForm, BondRule, Command, Contract, Delay, Direction, Duty, Event, Evidence,
    Finding, Forfeit, Formula, Ground, Happened, IdleRule, Measure, Milestone, Party, Pledge, Promise, Reason, Span,
    Start, Subject, TakeBackRule, Tranche,
};

pub(crate) const HANDOVER: Subject = Subject::Milestone(0);
pub(crate) const START: Subject = Subject::Milestone(1);
pub(crate) const COMPLETION: Subject = Subject::Milestone(2);
pub(crate) const OUTPUT: Subject = Subject::Milestone(3);

pub(crate) fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).expect("a day")
}

pub(crate) fn yuan(yuan: i64) -> Money {
    Money::from_minor(yuan * 100).expect("a sum")
}

pub(crate) fn percent(percent: i64) -> Ratio {
    Ratio::from_ppm(percent * 10_000).expect("a share")
}

fn period(count: u32, unit: PeriodUnit) -> Period {
    Period { count, unit }
}

fn words(text: &str) -> Bilingual {
    Bilingual::new(text, text)
}

fn milestone(id: &str, owed_by: Party, after: Start, months: u32) -> Milestone {
    Milestone {
        id: id.into(),
        name: words(id),
        owed_by,
        after,
        within: period(months, PeriodUnit::Month),
        delay: None,
        tranche: None,
        source: "inspector".into(),
    }
}

/// 1‰ of the price for each day.
pub(crate) const PER_MILLE: i64 = 1_000;

/// 4,000 m² are exactly 6 mu; price 5,600,000 yuan; 400,000 yuan of tax per mu and year; bond of a tenth of the price.
/// Working days of an empty calendar, so that no last day is moved but from weekends.
pub(crate) fn contract() -> Contract {
    let delay = Delay { per_day: Ratio::from_ppm(PER_MILLE).expect("a share"), at_most: percent(10) };
    let tranche = |share, also_late| Some(Tranche { share: percent(share), also_late });
    let mut start = milestone("start", Party::Winner, Start::Milestone(0), 6);
    (start.delay, start.tranche) = (Some(delay), tranche(30, false));
    let mut completion = milestone("completion", Party::Winner, Start::Milestone(1), 18);
    (completion.delay, completion.tranche) = (Some(delay), tranche(30, true));
    Contract {
        id: "pledge/1".into(),
        winner: "B001".into(),
        currency: "CNY".into(),
        price: yuan(5_600_000),
        deposit: None,
        area: Area::from_hundredths_m2(400_000).expect("an area"),
        signed: day(2021, 1, 4),
        utc_offset: UtcOffset::from_minutes(480).expect("an offset"),
        calendar: WorkingCalendar::new("plain", (2021, 2060), Vec::new(), Vec::new()).expect("a calendar"),
        milestones: vec![
            milestone("handover", Party::Seller, Start::Signed, 1),
            start,
            completion,
            milestone("output", Party::Winner, Start::Milestone(2), 12),
        ],
        promises: vec![tax(Formula::Gap, Accounting::Yearly, 3)],
        duties: Vec::new(),
        bans: Vec::new(),
        bond: BondRule {
            amount: yuan(560_000),
            forms: vec![BondForm::Cash, BondForm::Guarantee],
            beneficiary: "park".into(),
            lodge_within: period(30, PeriodUnit::Day),
            outlasts_by: 30,
            warn_before: 90,
            top_up_within: period(10, PeriodUnit::WorkingDay),
        },
        idle: Some(IdleRule { start: 1, fee_after: 12, fee: percent(20), take_back_after: 24 }),
        halt: None,
        take_back: Some(take_back()),
        cure: period(30, PeriodUnit::Day),
    }
}

/// Start, completion and tax are grounds; each year from the handover takes off 2 %; nothing is paid for buildings.
pub(crate) fn take_back() -> TakeBackRule {
    TakeBackRule {
        grounds: vec![Ground::Milestone(1), Ground::Milestone(2), Ground::Promise(0)],
        rectify: period(30, PeriodUnit::Day),
        used_from: Start::Milestone(0),
        per_year: percent(2),
        buildings: None,
        forfeits: Forfeit::Unmet,
    }
}

/// Tax per mu in quanta of 0.01 万元, which are 10,000 fen: 40 万元 are 4,000.
pub(crate) fn tax(formula: Formula, accounting: Accounting, years: u16) -> Promise {
    Promise {
        id: "tax".into(),
        name: words("tax per mu"),
        measure: Measure::MoneyPerMu(10_000),
        committed: 4_000,
        direction: Direction::AtLeast,
        after: 3,
        span: Span::Years(years),
        evidence_within: period(3, PeriodUnit::Month),
        formula,
        accounting,
        source: "tax bureau".into(),
    }
}

/// The land is not let go for so many years from its output; doing so costs a share of the price.
pub(crate) fn ban(years: u32, penalty: Option<Ratio>) -> Ban {
    Ban {
        id: "transfer".into(),
        name: words("transfer"),
        after: Start::Milestone(3),
        lasts: period(years, PeriodUnit::Year),
        penalty,
        source: "registry".into(),
    }
}

/// Money owed by a day, such as a price that is due within a month.
pub(crate) fn duty(amount: i64, due: Date) -> Duty {
    let obligation = Obligation { id: "pay".into(), text: words("pay"), amount: Some(yuan(amount)), due: Some(due) };
    Duty { obligation, source: "treasury".into(), is_bond: false }
}

pub(crate) fn approval() -> Approval {
    Approval { first: "one".into(), second: "two".into(), reason: "flood".into() }
}

pub(crate) fn cash(amount: i64) -> Bond {
    Bond {
        form: BondForm::Cash,
        amount: yuan(amount),
        currency: "CNY".into(),
        issuer: "winner".into(),
        beneficiary: "park".into(),
        on_demand: true,
        valid_until: None,
        number: None,
        letter: None,
        is_confirmed: true,
    }
}

/// Each is a paper of its own.
pub(crate) fn guarantee(amount: i64, valid_until: Date) -> Bond {
    static PAPERS: AtomicU64 = AtomicU64::new(0);
    let number = PAPERS.fetch_add(1, Ordering::Relaxed);
    let mut letter = Digest([0; 32]);
    letter.0[..8].copy_from_slice(&number.to_be_bytes());
    Bond {
        form: BondForm::Guarantee,
        issuer: "bank".into(),
        valid_until: Some(valid_until),
        number: Some(number.to_string()),
        letter: Some(letter),
        ..cash(amount)
    }
}

/// A letter that amends a guarantee.
pub(crate) fn longer(bond: usize, valid_until: Date) -> Command {
    Command::ExtendBond { bond, valid_until, letter: Digest([5; 32]) }
}

pub(crate) fn on(subject: Subject, date: Date) -> Command {
    Command::EnterEvidence(Evidence {
        subject,
        finding: Finding::On(date),
        source: match subject {
            Subject::Duty(_) => "treasury",
            Subject::Ban(_) => "registry",
            Subject::Milestone(_) | Subject::Period(..) | Subject::Idle => "inspector",
        }
        .into(),
        document: Digest([1; 32]),
        is_confirmed: false,
    })
}

pub(crate) fn figure(promise: u16, period: u16, quanta: i64) -> Command {
    Command::EnterEvidence(Evidence {
        subject: Subject::Period(promise, period),
        finding: Finding::Figure(quanta),
        source: "tax bureau".into(),
        document: Digest([2; 32]),
        is_confirmed: true,
    })
}

/// A pledge, its events, and today.
pub(crate) struct Run {
    pub(crate) pledge: Pledge,
    pub(crate) events: Vec<Event>,
    pub(crate) opened: Instant,
    pub(crate) today: Date,
}

pub(crate) fn noon(date: Date) -> Instant {
    let offset = UtcOffset::from_minutes(480).expect("an offset");
    LocalTime { date, millis_of_day: 43_200_000 }.instant(offset).expect("a moment")
}

impl Run {
    pub(crate) fn of(contract: Contract) -> Self {
        let today = contract.signed;
        let pledge = Pledge::open(Arc::new(contract), noon(today)).expect("a sound contract");
        Self { pledge, events: Vec::new(), opened: noon(today), today }
    }

    /// A pledge with its bond in cash, the land handed over on the first day.
    pub(crate) fn begun(contract: Contract) -> Self {
        let mut run = Self::of(contract);
        run.must(Command::LodgeBond(cash(560_000)));
        let today = run.today;
        run.must(on(HANDOVER, today));
        run
    }

    /// Lets days pass, one due thing after the other, each at its own time.
    pub(crate) fn until(&mut self, today: Date) -> &mut Self {
        while let Some(due) = self.pledge.due().filter(|due| *due <= noon(today)) {
            let events = self.pledge.decide(due, &Command::Tick).expect("a tick");
            assert!(!events.is_empty(), "a due tick does something: {:?}", self.pledge);
            self.take(events);
            // Each tick is a step onward: a contract of 200 parts and 70 years has some ten thousand of them.
            assert!(self.events.len() < 50_000, "the same comes again and again: {:?}", self.events.last());
        }
        self.today = today;
        self
    }

    fn take(&mut self, events: Vec<Event>) {
        events.iter().for_each(|event| self.pledge.apply(event));
        self.events.extend(events);
    }

    pub(crate) fn ask(&mut self, command: Command) -> Result<Vec<Happened>, Reason> {
        let before = self.pledge.clone();
        let decided = self.pledge.decide(noon(self.today), &command).map_err(|refusal| refusal.reason);
        assert_eq!(self.pledge, before, "deciding changes nothing");
        let events = decided?;
        let happened = events.iter().map(|event| event.happened.clone()).collect();
        self.take(events);
        let today = self.today;
        self.until(today);
        Ok(happened)
    }

    pub(crate) fn must(&mut self, command: Command) -> Vec<Happened> {
        self.ask(command.clone()).unwrap_or_else(|reason| panic!("{command:?}: {reason:?}"))
    }

    /// Milestones all in time; the output on the day given, from which years are counted.
    pub(crate) fn built(&mut self) -> Date {
        self.until(day(2021, 6, 1)).must(on(START, day(2021, 6, 1)));
        self.until(day(2022, 6, 1)).must(on(COMPLETION, day(2022, 6, 1)));
        let output = day(2023, 1, 1);
        self.until(output).must(on(OUTPUT, output));
        output
    }
}
