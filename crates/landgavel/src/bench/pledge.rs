use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Context as _, Result, anyhow};
use landgavel_base::{
    Area, Bilingual, Date, Digest, Instant, LocalTime, Money, Period, PeriodUnit, Ratio, UtcOffset, WorkingCalendar,
};
use landgavel_pledge::{
    Accounting, Bond, BondForm, BondRule, Command, Contract, Direction, Event, Evidence, Finding, Formula, Happened,
    IdleRule, Measure, Milestone, Party, Pledge, Promise, Span, Start, Subject, Verdict,
};
use serde_json::json;

use super::peak_mib;
use crate::exit::Exit;

/// What is measured.
#[derive(clap::Args)]
pub struct Arguments {
    /// Number of pledges.
    #[arg(long, default_value_t = 100_000)]
    pledges: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const YEARS: u16 = 10;
/// Contracts are signed over so many days.
const DAYS: i32 = 365;

/// What happened, counted.
#[derive(Default)]
struct Counts {
    entered: u64,
    judged: u64,
    breached: u64,
    claims: u64,
}

impl Counts {
    fn count(&mut self, events: &[Event]) {
        for event in events {
            match &event.happened {
                Happened::EvidenceEntered(_) => self.entered += 1,
                Happened::Judged { verdict, .. } => {
                    self.judged += 1;
                    self.breached += u64::from(*verdict == Verdict::Breached);
                }
                Happened::ClaimRaised { .. } => self.claims += 1,
                _ => {}
            }
        }
    }
}

/// Pledges, and at what time the clock next matters for which of them.
struct Book {
    pledges: Vec<Pledge>,
    queue: BTreeMap<Instant, Vec<u32>>,
    queued: Vec<Option<Instant>>,
    counts: Counts,
}

impl Book {
    fn act(&mut self, index: u32, now: Instant, command: &Command) -> Result<()> {
        let pledge = &mut self.pledges[index as usize];
        let events = pledge.decide(now, command).map_err(|refusal| anyhow!("{refusal:?}"))?;
        events.iter().for_each(|event| pledge.apply(event));
        self.counts.count(&events);
        Ok(())
    }

    /// Evidence can bring the next date forward; an entry of the queue that is not the pledge's own is passed over.
    fn enqueue(&mut self, index: u32) {
        let due = self.pledges[index as usize].due();
        if let Some(due) = due
            && self.queued[index as usize] != Some(due)
        {
            self.queue.entry(due).or_default().push(index);
        }
        self.queued[index as usize] = due;
    }

    /// All that is due by now.
    fn tick(&mut self, now: Instant) -> Result<u64> {
        let mut steps = 0;
        while let Some(entry) = self.queue.first_entry().filter(|entry| *entry.key() <= now) {
            let due = *entry.key();
            for index in entry.remove() {
                if self.queued[index as usize] == Some(due) {
                    self.queued[index as usize] = None;
                    self.act(index, now, &Command::Tick)?;
                    self.enqueue(index);
                    steps += 1;
                }
            }
        }
        Ok(steps)
    }
}

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    let contracts: Vec<Arc<Contract>> = (0..DAYS).map(|day| Ok(Arc::new(contract(day)?))).collect::<Result<_>>()?;
    let mut book = Book { pledges: Vec::new(), queue: BTreeMap::new(), queued: Vec::new(), counts: Counts::default() };
    // What is brought on which day, by the day on which contracts were signed.
    let mut papers: BTreeMap<Instant, Vec<(usize, Paper)>> = BTreeMap::new();
    for (day, contract) in contracts.iter().enumerate() {
        for (date, paper) in papers_of(contract.signed)? {
            papers.entry(morning(date)?).or_default().push((day, paper));
        }
    }
    for index in 0..arguments.pledges {
        let contract = contracts[index as usize % contracts.len()].clone();
        let opened = morning(contract.signed)?;
        book.pledges.push(Pledge::open(contract, opened).map_err(|error| anyhow!("{error:?}"))?);
        book.queued.push(None);
        let handed_over = Paper::Reached(0, contracts[index as usize % contracts.len()].signed);
        book.act(index, opened, &lodged()?)?;
        book.act(index, opened, &handed_over.command(index))?;
    }
    // Every pledge is asked what is due, as on a start without a queue.
    let watch = Stopwatch::now();
    (0..arguments.pledges).for_each(|index| book.enqueue(index));
    let scan = watch.elapsed().as_secs_f64();
    // Then day by day until nothing is due any more: first what the day brings by itself, which is measured by the day, then
    // the papers that come in.
    let (mut steps, mut worst, mut days, mut ticking) = (0u64, Duration::ZERO, 0u64, Duration::ZERO);
    let all = Stopwatch::now();
    while let Some(today) = [book.queue.keys().next(), papers.keys().next()].into_iter().flatten().min().copied() {
        let watch = Stopwatch::now();
        let done = book.tick(today)?;
        let took = watch.elapsed();
        (steps, ticking, worst) = (steps + done, ticking + took, worst.max(took));
        days += u64::from(done > 0);
        for (day, paper) in papers.remove(&today).unwrap_or_default() {
            for index in (day..arguments.pledges as usize).step_by(contracts.len()) {
                let index = u32::try_from(index)?;
                book.act(index, today, &paper.command(index))?;
                book.enqueue(index);
            }
        }
    }
    let whole = all.elapsed().as_secs_f64();
    let (worst, ticking) = (worst.as_secs_f64(), ticking.as_secs_f64());
    let Counts { entered, judged, breached, claims } = book.counts;
    let report = json!({
        "pledges": arguments.pledges, "years": YEARS, "dates_each": 3 + 2 * YEARS, "steps": steps, "days_with_steps": days,
        "entered": entered, "judged": judged, "breached": breached, "claims": claims,
        "ask_all_s": format!("{scan:.3}"), "worst_day_s": format!("{worst:.3}"), "all_ticks_s": format!("{ticking:.3}"),
        "with_papers_s": format!("{whole:.3}"), "peak_mib": peak_mib()?,
    });
    if arguments.json {
        println!("{report:#}");
    } else {
        println!(
            "{} pledges × {YEARS} years: what is due of all {scan:.3} s; worst day {worst:.3} s; all {days} days with {steps} steps \
             {ticking:.3} s, with papers {whole:.3} s\n{entered} papers entered, {judged} judged, {breached} of them breached, {claims} \
             claims",
            arguments.pledges
        );
    }
    Ok(Exit::Good)
}

/// What a source says, whichever the pledge.
#[derive(Clone, Copy)]
enum Paper {
    Reached(u16, Date),
    Figure(u16, u16),
}

impl Paper {
    fn command(self, index: u32) -> Command {
        let (subject, finding, source) = match self {
            Self::Reached(milestone, day) => (Subject::Milestone(milestone), Finding::On(day), "inspector"),
            Self::Figure(promise, year) => {
                // From 3,800 to 4,599 against 4,000: a quarter of all years falls short.
                let spread = (u64::from(index) * 7_919 + u64::from(year) * 104_729 + u64::from(promise) * 31) % 800;
                let figure = 3_800 + i64::try_from(spread).unwrap_or_default();
                (Subject::Period(promise, year), Finding::Figure(figure), "tax bureau")
            }
        };
        Command::EnterEvidence(Evidence {
            subject,
            finding,
            source: source.into(),
            document: Digest([0; 32]),
            is_confirmed: false,
        })
    }
}

/// The winner's milestones a few days before their time, then the figures of two promises a month after each of their years.
fn papers_of(signed: Date) -> Result<Vec<(Date, Paper)>> {
    let mut papers = Vec::new();
    let mut output = signed;
    for (milestone, months) in [(1, 6), (2, 24), (3, 36)] {
        output = signed.plus_months(months).and_then(|day| day.plus_days(-5)).context("within the calendar")?;
        papers.push((output, Paper::Reached(milestone, output)));
    }
    for year in 0..YEARS {
        let ends = output.plus_months(12 * (i32::from(year) + 1)).and_then(|day| day.plus_days(31));
        let comes = ends.context("within the calendar")?;
        papers.extend([(comes, Paper::Figure(0, year)), (comes, Paper::Figure(1, year))]);
    }
    Ok(papers)
}

fn offset() -> Result<UtcOffset> {
    UtcOffset::from_minutes(480).context("an offset")
}

fn morning(date: Date) -> Result<Instant> {
    LocalTime { date, millis_of_day: 0 }.instant(offset()?).context("within the calendar")
}

fn lodged() -> Result<Command> {
    Ok(Command::LodgeBond(Bond {
        form: BondForm::Cash,
        amount: Money::from_minor(56_000_000).context("a sum")?,
        currency: "CNY".into(),
        issuer: "winner".into(),
        beneficiary: "park".into(),
        on_demand: true,
        valid_until: None,
        number: None,
        letter: None,
        is_confirmed: false,
    }))
}

/// Four milestones and two indicators, each judged for ten years.
fn contract(day: i32) -> Result<Contract> {
    let words = |text: &str| Bilingual::new(text, text);
    let milestone = |id: &str, owed_by, after, months| Milestone {
        id: id.into(),
        name: words(id),
        owed_by,
        after,
        within: Period { count: months, unit: PeriodUnit::Month },
        delay: None,
        tranche: None,
        source: "inspector".into(),
    };
    let promise = |id: &str, measure, formula| Promise {
        id: id.into(),
        name: words(id),
        measure,
        committed: 4_000,
        direction: Direction::AtLeast,
        after: 3,
        span: Span::Years(YEARS),
        evidence_within: Period { count: 3, unit: PeriodUnit::Month },
        formula,
        accounting: Accounting::Yearly,
        source: "tax bureau".into(),
    };
    let first = Date::from_ymd(2021, 1, 4).context("a day")?;
    Ok(Contract {
        id: "bench".into(),
        winner: "B001".into(),
        currency: "CNY".into(),
        deposit: None,
        price: Money::from_minor(560_000_000).context("a sum")?,
        area: Area::from_hundredths_m2(400_000).context("an area")?,
        signed: first.plus_days(day).context("a day")?,
        utc_offset: offset()?,
        calendar: WorkingCalendar::new("weekdays", (2021, 2060), Vec::new(), Vec::new())?,
        milestones: vec![
            milestone("handover", Party::Seller, Start::Signed, 1),
            milestone("start", Party::Winner, Start::Milestone(0), 6),
            milestone("completion", Party::Winner, Start::Milestone(1), 18),
            milestone("output", Party::Winner, Start::Milestone(2), 12),
        ],
        promises: vec![
            promise("tax", Measure::MoneyPerMu(10_000), Formula::Gap),
            promise("research", Measure::Other, Formula::Nothing),
        ],
        duties: Vec::new(),
        bans: Vec::new(),
        bond: BondRule {
            amount: Money::from_minor(56_000_000).context("a sum")?,
            forms: vec![BondForm::Cash],
            beneficiary: "park".into(),
            lodge_within: Period { count: 30, unit: PeriodUnit::Day },
            outlasts_by: 30,
            warn_before: 90,
            top_up_within: Period { count: 10, unit: PeriodUnit::WorkingDay },
        },
        halt: None,
        take_back: None,
        idle: Some(IdleRule {
            start: 1,
            fee_after: 12,
            fee: Ratio::from_ppm(200_000).context("a share")?,
            take_back_after: 24,
        }),
        cure: Period { count: 30, unit: PeriodUnit::Day },
    })
}
