use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use anyhow::{Context as _, Result, anyhow};
use landgavel_base::{
    Area, Bilingual, Date, Digest, Instant, LocalTime, Money, Period, PeriodUnit, Ratio, UtcOffset, WorkingCalendar,
};
use landgavel_pledge::{
    Accounting, Bond, BondForm, BondRule, Command, Contract, Direction, Evidence, Finding, Formula, IdleRule, Measure,
    Milestone, Party, Pledge, Promise, Span, Start, Subject,
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

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    let contracts: Vec<Arc<Contract>> = (0..DAYS).map(|day| Ok(Arc::new(contract(day)?))).collect::<Result<_>>()?;
    let mut pledges = Vec::new();
    for index in 0..arguments.pledges {
        let contract = contracts[index as usize % contracts.len()].clone();
        let opened = morning(contract.signed)?;
        let mut pledge = Pledge::open(contract, opened).map_err(|error| anyhow!("{error:?}"))?;
        for command in [lodged()?, handed_over(pledge.contract().signed)] {
            let events = pledge.decide(opened, &command).map_err(|refusal| anyhow!("{refusal:?}"))?;
            events.iter().for_each(|event| pledge.apply(event));
        }
        pledges.push(pledge);
    }
    // Every pledge is asked what is due, as on a start without a queue.
    let watch = Stopwatch::now();
    let mut queue: BTreeMap<Instant, Vec<u32>> = BTreeMap::new();
    for (index, pledge) in (0u32..).zip(&pledges) {
        if let Some(due) = pledge.due() {
            queue.entry(due).or_default().push(index);
        }
    }
    let scan = watch.elapsed().as_secs_f64();
    // Then day by day until nothing is due any more.
    let (mut steps, mut worst, mut days) = (0u64, 0f64, 0u64);
    let all = Stopwatch::now();
    let mut today = morning(contracts[0].signed)?;
    while let Some((&first, _)) = queue.first_key_value() {
        let watch = Stopwatch::now();
        today = today.max(first);
        while let Some(entry) = queue.first_entry().filter(|entry| *entry.key() <= today) {
            for index in entry.remove() {
                let pledge = &mut pledges[index as usize];
                let events = pledge.decide(today, &Command::Tick).map_err(|refusal| anyhow!("{refusal:?}"))?;
                events.iter().for_each(|event| pledge.apply(event));
                steps += 1;
                if let Some(due) = pledge.due() {
                    queue.entry(due).or_default().push(index);
                }
            }
        }
        days += 1;
        worst = worst.max(watch.elapsed().as_secs_f64());
    }
    let whole = all.elapsed().as_secs_f64();
    let report = json!({
        "pledges": arguments.pledges, "years": YEARS, "dates_each": 3 + 2 * YEARS, "steps": steps, "days_with_steps": days,
        "ask_all_s": format!("{scan:.3}"), "worst_day_s": format!("{worst:.3}"), "all_days_s": format!("{whole:.3}"),
        "peak_mib": peak_mib()?,
    });
    if arguments.json {
        println!("{report:#}");
    } else {
        println!(
            "{} pledges × {YEARS} years: what is due of all {scan:.3} s; worst day {worst:.3} s; all {days} days with {steps} steps {whole:.3} s",
            arguments.pledges
        );
    }
    Ok(Exit::Good)
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
    }))
}

fn handed_over(day: Date) -> Command {
    Command::EnterEvidence(Evidence {
        subject: Subject::Milestone(0),
        finding: Finding::On(day),
        source: "inspector".into(),
        document: Digest([0; 32]),
    })
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
        bond: BondRule {
            amount: Money::from_minor(56_000_000).context("a sum")?,
            forms: vec![BondForm::Cash],
            beneficiary: "park".into(),
            lodge_within: Period { count: 30, unit: PeriodUnit::Day },
            outlasts_by: 30,
            warn_before: 90,
            top_up_within: Period { count: 10, unit: PeriodUnit::WorkingDay },
        },
        idle: Some(IdleRule {
            start: 1,
            fee_after: 12,
            fee: Ratio::from_ppm(200_000).context("a share")?,
            take_back_after: 24,
        }),
        cure: Period { count: 30, unit: PeriodUnit::Day },
    })
}
