//! What falls due in a pledge and what is at risk: the same list on pages, in calendars and in what is sent out.
//!
//! Nothing is judged here: days and verdicts are the engine's. It is said how near they are.

use landgavel_base::{Bilingual, Date, Money};
use landgavel_pledge::{BondForm, ClaimState, Status, Subject, Verdict};
use landgavel_record::language::format_money;
use landgavel_record::pledges::{Light, NEAR_DAYS, Opened, subject_in_words, verdict_in_words};

/// What a day is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A milestone, a period of a promise, a duty.
    Subject(Subject),
    /// A claim, by index.
    Claim(usize),
    /// A bond, by index.
    Bond(usize),
    /// What must be lodged, by index of the demand.
    Demand(usize),
    /// The whole pledge.
    Whole,
}

impl About {
    /// Its name, which never changes: calendars and reminders know a matter by it.
    pub fn name(self, opened: &Opened) -> String {
        let contract = opened.pledge.contract();
        match self {
            Self::Subject(Subject::Idle) => "idle".to_owned(),
            Self::Subject(Subject::Milestone(index)) => {
                let one = contract.milestones.get(usize::from(index));
                format!("milestone-{}", one.map_or("", |one| one.id.as_str()))
            }
            Self::Subject(Subject::Period(promise, period)) => {
                let one = contract.promises.get(usize::from(promise));
                format!("promise-{}-{}", one.map_or("", |one| one.id.as_str()), period + 1)
            }
            Self::Subject(Subject::Duty(index)) => {
                let one = contract.duties.get(usize::from(index));
                format!("duty-{}", one.map_or("", |one| one.obligation.id.as_str()))
            }
            Self::Subject(Subject::Ban(index)) => {
                let one = contract.bans.get(usize::from(index));
                format!("ban-{}", one.map_or("", |one| one.id.as_str()))
            }
            Self::Claim(index) => format!("claim-{}", index + 1),
            Self::Bond(index) => format!("bond-{}", index + 1),
            Self::Demand(index) => format!("demand-{}", index + 1),
            Self::Whole => "pledge".to_owned(),
        }
    }
}

/// Something that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// How bad it is.
    pub light: Light,
    /// What it is about.
    pub about: About,
    /// What it is, and why.
    pub words: Bilingual,
    /// By when, or since when.
    pub day: Option<Date>,
}

/// A day that lies ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDay {
    /// When.
    pub day: Date,
    /// What it is about.
    pub about: About,
    /// What falls due.
    pub words: Bilingual,
}

fn both(zh: String, en: String) -> Bilingual {
    Bilingual { zh, en }
}

fn days_until(day: Date, today: Date) -> i32 {
    day.days_since_epoch() - today.days_since_epoch()
}

/// All days that lie ahead or were not dealt with, the nearest first.
pub fn due_days(opened: &Opened) -> Vec<DueDay> {
    let pledge = &opened.pledge;
    let mut days = Vec::new();
    if pledge.status() == Status::Running {
        for subject in pledge.subjects().filter(|subject| pledge.verdict(*subject).is_none()) {
            let Some(day) = pledge.due_of(subject) else { continue };
            let name = subject_in_words(pledge, subject);
            let words = match pledge.evidence(subject) {
                None if matches!(subject, Subject::Ban(_)) => {
                    both(format!("{}：限制期满", name.zh), format!("{}: ends", name.en))
                }
                Some(_) => both(format!("{}：认定", name.zh), format!("{}: verdict", name.en)),
                None => both(format!("{}：凭证截止", name.zh), format!("{}: evidence due", name.en)),
            };
            days.push(DueDay { day, about: About::Subject(subject), words });
        }
        if pledge.missing() > Money::ZERO {
            for (index, demand) in pledge.demands().iter().enumerate().filter(|(_, demand)| !demand.was_missed) {
                let Some(day) = demand.due else { continue };
                let amount = format_money(demand.amount, &pledge.contract().currency);
                let words = both(format!("履约保证应缴 {amount}"), format!("bond of {amount} to be lodged"));
                days.push(DueDay { day, about: About::Demand(index), words });
            }
        }
    }
    for (index, claim) in pledge.claims().iter().enumerate().filter(|(_, claim)| claim.state != ClaimState::Closed) {
        let name = subject_in_words(pledge, claim.subject);
        let words = both(format!("索赔整改期满：{}", name.zh), format!("time to cure ends: {}", name.en));
        days.push(DueDay { day: claim.cure_until, about: About::Claim(index), words });
    }
    for (index, held) in pledge.bonds().iter().enumerate() {
        let is_letter = held.bond.form == BondForm::Guarantee && held.held() > Money::ZERO;
        if let Some(day) = held.bond.valid_until.filter(|_| is_letter) {
            let issuer = &held.bond.issuer;
            let words = both(format!("保函到期：{issuer}"), format!("guarantee ends: {issuer}"));
            days.push(DueDay { day, about: About::Bond(index), words });
        }
        if let Some(demand) = pledge.extension_demand(index) {
            let issuer = &held.bond.issuer;
            let words = both(
                format!("保函展期或更换截止：{issuer}"),
                format!("guarantee to be extended or replaced: {issuer}"),
            );
            days.push(DueDay { day: demand.due, about: About::Bond(index), words });
        }
    }
    days.sort_by_key(|due| due.day);
    days
}

/// What must be looked at on a day, the worst first.
pub fn concerns(opened: &Opened, today: Date) -> Vec<Concern> {
    let pledge = &opened.pledge;
    let money = |amount: Money| format_money(amount, &pledge.contract().currency);
    let mut concerns = Vec::new();
    let mut add = |light, about, words, day| concerns.push(Concern { light, about, words, day });
    if pledge.status() == Status::TakenBack {
        add(Light::Red, About::Whole, both("土地已收回".into(), "the land was taken back".into()), None);
    }
    if let Some(level) = pledge.idle().filter(|_| pledge.status() == Status::Running) {
        let words = match level {
            landgavel_pledge::IdleLevel::Fee => both("土地闲置满一年".into(), "the land lies idle for a year".into()),
            landgavel_pledge::IdleLevel::TakeBack => {
                both("土地闲置满两年，可收回".into(), "idle for so long that it may be taken back".into())
            }
        };
        add(Light::Red, About::Subject(Subject::Idle), words, None);
    }
    for (subject, due) in pledge.owed_by_seller(today) {
        let name = subject_in_words(pledge, subject);
        let words = both(
            format!("出让人逾期：{}", name.zh),
            format!("the seller is late: {}; what the winner owes after it waits", name.en),
        );
        add(Light::Red, About::Subject(subject), words, Some(due));
    }
    for subject in pledge.subjects() {
        let is_red = match pledge.verdict(subject) {
            Some(Verdict::Undetermined) => true,
            // A claim tells of its breach while it is open, and when it is closed the breach was made good. After a
            // discharge nobody can do anything about it.
            Some(Verdict::Breached) => {
                let is_claimed = pledge.claims().iter().any(|claim| claim.subject == subject);
                !is_claimed && pledge.status() != Status::Discharged
            }
            Some(Verdict::Met | Verdict::Cured | Verdict::Waived) | None => false,
        };
        if let Some(verdict) = pledge.verdict(subject).filter(|_| is_red) {
            let (name, words) = (subject_in_words(pledge, subject), verdict_in_words(verdict));
            let words = both(format!("{}：{}", name.zh, words.zh), format!("{}: {}", name.en, words.en));
            add(Light::Red, About::Subject(subject), words, pledge.due_of(subject));
        }
    }
    if pledge.status() == Status::Running && pledge.missing() > Money::ZERO {
        let missing = money(pledge.missing());
        let demands = || pledge.demands().iter().enumerate();
        let day = demands().filter_map(|(_, demand)| demand.due).max();
        let is_late = demands().any(|(_, demand)| demand.was_missed);
        let words = if is_late {
            both(format!("履约保证欠缺 {missing}，已逾期"), format!("bond missing: {missing}, overdue"))
        } else {
            both(format!("履约保证待缴 {missing}"), format!("bond to be lodged: {missing}"))
        };
        add(if is_late { Light::Red } else { Light::Amber }, About::Demand(0), words, day);
    }
    for (index, claim) in pledge.claims().iter().enumerate().filter(|(_, claim)| claim.state != ClaimState::Closed) {
        let name = subject_in_words(pledge, claim.subject);
        let owed = money(pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed()));
        let is_late = days_until(claim.cure_until, today) < 0;
        let (zh, en) = match claim.state {
            ClaimState::Disputed => ("有异议", "disputed"),
            _ if is_late => ("整改期已过", "the time to cure is over"),
            _ => ("整改期内", "may still be cured"),
        };
        let words =
            both(format!("索赔 {}：尚欠 {owed}，{zh}", name.zh), format!("claim for {}: {owed} owed, {en}", name.en));
        let is_red = is_late && claim.state != ClaimState::Disputed;
        add(if is_red { Light::Red } else { Light::Amber }, About::Claim(index), words, Some(claim.cure_until));
    }
    for due in due_days(opened) {
        let left = days_until(due.day, today);
        let is_seen = matches!(due.about, About::Claim(_) | About::Demand(_) | About::Subject(Subject::Ban(_)));
        if is_seen || left > NEAR_DAYS {
            continue;
        }
        let (zh, en) = if left < 0 {
            ("，已过期".to_owned(), ", passed".to_owned())
        } else {
            (format!("，还有 {left} 天"), format!(", in {left} days"))
        };
        let words = both(format!("{}{zh}", due.words.zh), format!("{}{en}", due.words.en));
        add(if left < 0 { Light::Red } else { Light::Amber }, due.about, words, Some(due.day));
    }
    concerns.sort_by_key(|concern| (concern.light, concern.day.is_none(), concern.day));
    concerns
}

/// The worst of a list.
pub fn worst(concerns: &[Concern]) -> Light {
    concerns.iter().map(|concern| concern.light).min().unwrap_or(Light::Green)
}
