//! After the award: the winner's promise is held to account, and seven years pass in a moment.

use std::sync::Arc;

use landgavel_base::{Date, Instant, LocalTime, Money, Quantity};
use landgavel_pledge::ClaimState;
use landgavel_record::canonical;
use landgavel_record::language::{format_money, format_quantity};
use landgavel_record::pledges::record::PLEDGE_COMMAND_FORMAT;
use landgavel_record::record::sha256;
use serde_json::{Value, json};

use super::Demo;
use super::cast::{Cast, SALE};
use crate::clock::Clock as _;
use crate::desk::intake::Submission;
use crate::desk::shown::Standing;
use crate::hall::{AskedOpening, Openings, TERMS_TEMPLATES};
use crate::people::{AccountName, Enrolment};
use crate::pledges::{Outcome, Pledge};

/// Id of the pledge.
pub const PLEDGE: &str = "demo";
/// The bank that stands behind the promise, as its bonds name it.
const BANK: &str = "样本银行";
/// The source of the tax figures, as the terms name it.
const BUREAU: &str = "税务局（样本）";
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// What happens, by days after the contract.
const COURSE: [(i32, Step); 13] = [
    (8, Step::Bond { years: 4 }),
    (20, Step::Reached("handover", 20)),
    (190, Step::Reached("start", 188)),
    // Fifteen days late: a claim, which is paid.
    (770, Step::Reached("completion", 765)),
    (790, Step::Pay),
    (820, Step::Shown("investment", 1, 1036)),
    (1260, Step::Extend { years: 12 }),
    (1475, Step::Reached("attainment", 1470)),
    (1890, Step::Shown("tax", 1, 1030)),
    (2260, Step::Shown("tax", 2, 940)),
    (2340, Step::Pay),
    (2620, Step::Shown("tax", 3, 780)),
    // Not paid within the time to cure: the bank is called, and what its guarantee does not hold stays owed.
    (2760, Step::Call),
];

#[derive(Clone, Copy)]
enum Step {
    /// The bank's guarantee is lodged, valid for so many years from the contract.
    Bond { years: i32 },
    /// It is extended.
    Extend { years: i32 },
    /// A milestone was reached, so many days after the contract.
    Reached(&'static str, i32),
    /// A promise's figure of a year, in thousandths of what was promised.
    Shown(&'static str, u16, i64),
    /// What is owed on the last claim is paid.
    Pay,
    /// The bond is called for the last claim.
    Call,
}

impl Demo {
    /// Opens the pledge of the sale that was just awarded, and lets its first years pass.
    ///
    /// # Errors
    /// In words, when the hall does not go on.
    pub(super) async fn hold_to_promise(&self) -> Result<(), String> {
        let pledge = self.open_pledge().await?;
        self.pledge_until(&pledge, |pledge| {
            pledge.standing() == Standing::Open && is_published(pledge) && pledge.bundle().is_some()
        })
        .await?;
        self.seat_parties(&pledge).await?;
        let signed = pledge.foundation().opening.signed;
        for (number, (days, step)) in COURSE.into_iter().enumerate() {
            let today = signed.plus_days(days).ok_or("beyond the calendar")?;
            self.pledge_to(&pledge, today).await?;
            let Some((command, signers)) = command(&pledge, signed, today, step) else { continue };
            let submission = bound(&pledge, command, number, &signers);
            let received = pledge.receive(submission).map_err(|_| "a signature of the demonstration does not hold")?;
            match pledge.ask(received).await {
                Ok(Outcome::Entered(written)) if written.entry.result.is_ok() => {}
                other => tracing::warn!(?other, number, "a step of the demonstration's pledge was not taken"),
            }
        }
        self.pledge_witnessed(&pledge).await
    }

    /// The parties' accounts get the keys with which this program signs for them, so that each sees its own pages.
    async fn seat_parties(&self, pledge: &Pledge) -> Result<(), String> {
        let winner = &pledge.foundation().opening.winner;
        let keys = [("enterprise", winner.name.as_str()), ("bank", BANK), ("bureau", BUREAU)];
        for (account, of) in keys {
            let key = Cast::key(of);
            // A visitor that has won has an account of its own.
            if account == "enterprise" && key.public() != winner.key {
                continue;
            }
            let account = AccountName::parse(account).map_err(|_| "no name of an account")?;
            let (host, word) = ("demo.invalid", "demo");
            let signature = key.sign(Enrolment::text(host, &account, word).as_bytes());
            let public = key.public();
            let enrolment = Enrolment { key: public.text(), signature: &signature, host, word };
            self.people.enrol(&account, &enrolment).await.map_err(|error| format!("{error:?}"))?;
        }
        Ok(())
    }

    async fn open_pledge(&self) -> Result<Arc<Pledge>, String> {
        let terms = TERMS_TEMPLATES[0].text;
        let named = crate::pledges::foundation::load_terms(terms.as_bytes()).map_err(|_| "the terms have errors")?;
        let key = |name: &str| (name.to_owned(), Cast::key(name).public().to_string());
        let asked = AskedOpening {
            pledge: PLEDGE.to_owned(),
            sale: SALE.to_owned(),
            terms: terms.to_owned(),
            sources: named.signed_by().into_iter().map(key).collect(),
            guarantors: vec![key(BANK)],
            ..AskedOpening::default()
        };
        let openings = Openings::of(&self.hall);
        let (asked, text) = openings.write(asked).await.map_err(|why| why.to_string())?;
        let signed = sign(&text.opening, &OFFICERS);
        openings.open(&asked, &text, &signed).await.map_err(|why| why.to_string())
    }

    async fn pledge_until(&self, pledge: &Pledge, holds: impl Fn(&Pledge) -> bool) -> Result<(), String> {
        for _ in 0..6000 {
            if holds(pledge) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        Err("the pledge did not go on for half a minute".to_owned())
    }

    /// Everything is witnessed before the clock goes on.
    async fn pledge_witnessed(&self, pledge: &Pledge) -> Result<(), String> {
        let second = Instant::from_millis(self.clock.now().millis() + 1000).unwrap_or(self.clock.now());
        self.clock.jump_to(second);
        self.pledge_until(pledge, is_published).await
    }

    /// Skips to ten in the morning of a day: what falls due on the way is told on its day.
    async fn pledge_to(&self, pledge: &Pledge, day: Date) -> Result<(), String> {
        let offset = self.room.foundation().loaded.lot.rulebook.utc_offset;
        let ten = LocalTime { date: day, millis_of_day: 10 * 3_600_000 }.instant(offset).ok_or("no such day")?;
        loop {
            self.pledge_witnessed(pledge).await?;
            let next = due(pledge).filter(|due| *due < ten).unwrap_or(ten).max(self.clock.now());
            self.clock.jump_to(next);
            self.pledge_until(pledge, |pledge| due(pledge).is_none_or(|due| due > next)).await?;
            if next >= ten {
                return Ok(());
            }
        }
    }
}

fn due(pledge: &Pledge) -> Option<Instant> {
    pledge.shown()?.look().record.opened().pledge.due()
}

fn is_published(pledge: &Pledge) -> bool {
    pledge.shown().is_some_and(|shown| {
        let state = shown.look();
        state.published.as_ref().is_some_and(|published| published.tree.size() == state.entries)
    })
}

/// A step as a command, with the names of who signs it.
fn command(pledge: &Pledge, signed: Date, today: Date, step: Step) -> Option<(Value, Vec<String>)> {
    let shown = pledge.shown()?;
    let state = shown.look();
    let opened = state.record.opened();
    let contract = opened.pledge.contract();
    let day = |years: i32| signed.plus_months(12 * years).map(|day| day.to_string());
    let money = |amount: Money| format_money(amount, &contract.currency);
    let officers = || OFFICERS.map(str::to_owned).to_vec();
    let with_bank = || vec![OFFICERS[0].to_owned(), BANK.to_owned()];
    let document = |what: &str| sha256(what.as_bytes()).to_string();
    Some(match step {
        Step::Bond { years } => {
            let amount = money(contract.bond.amount);
            let bond = json!({"do": "bond", "form": "guarantee", "amount": amount, "issuer": BANK, "on_demand": true,
                              "valid_until": day(years)?, "number": "样保-001", "letter": document("letter of guarantee")});
            (bond, with_bank())
        }
        Step::Extend { years } => {
            let letter = document("letter of amendment");
            (json!({"do": "extend-bond", "bond": 1, "valid_until": day(years)?, "letter": letter}), with_bank())
        }
        Step::Reached(id, days) => {
            let source = contract.milestones.iter().find(|milestone| milestone.id == id)?.source.clone();
            let on = signed.plus_days(days)?.to_string();
            let evidence = json!({"do": "evidence", "about": id, "on": on, "source": source, "document": document(id)});
            (evidence, vec![source])
        }
        Step::Shown(id, year, thousandths) => {
            let index = contract.promises.iter().position(|promise| promise.id == id)?;
            let (promise, attribute) = (&contract.promises[index], opened.attributes.get(index)?);
            let quantity = Quantity::new(promise.committed * thousandths / 1000)?;
            let source = promise.source.clone();
            let mut evidence = json!({"do": "evidence", "about": id, "figure": format_quantity(attribute, quantity),
                                      "source": source, "document": document(&format!("{id}/{year}"))});
            if contract.periods(index) > 1 {
                evidence["year"] = json!(year);
            }
            (evidence, vec![source])
        }
        Step::Pay => {
            let claims = opened.pledge.claims();
            let index = claims.iter().rposition(|claim| claim.state != ClaimState::Closed)?;
            let owed = opened.pledge.claim_owed(index, today)?;
            (json!({"do": "pay", "claim": index + 1, "amount": money(owed)}), officers())
        }
        Step::Call => {
            let claims = opened.pledge.claims();
            let index = claims.iter().rposition(|claim| claim.state != ClaimState::Closed)?;
            (json!({"do": "call-bond", "claim": index + 1}), officers())
        }
    })
}

/// Binds a command to the pledge, signed by those who must.
fn bound(pledge: &Pledge, mut command: Value, number: usize, signers: &[String]) -> Submission {
    if let Some(shown) = pledge.shown() {
        let state = shown.look();
        command["pledge"] = json!(state.record.opening().pledge);
        command["opening"] = json!(state.record.digest().to_string());
    }
    command["format"] = json!(PLEDGE_COMMAND_FORMAT);
    command["key"] = json!(Cast::key(&signers[0]).public().to_string());
    command["id"] = json!(format!("demo-{number:03}"));
    let signers: Vec<&str> = signers.iter().map(String::as_str).collect();
    sign(&canonical::encode(&command), &signers)
}

fn sign(text: &str, signers: &[&str]) -> Submission {
    let signature = |name: &&str| {
        let key = Cast::key(name);
        (key.public().to_string(), key.sign(text.as_bytes()))
    };
    Submission { command: text.to_owned(), signatures: signers.iter().map(signature).collect() }
}
