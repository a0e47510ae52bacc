//! The course of the day.

use std::time::Duration;

use landgavel_base::Instant;
use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::verify::{Alone, Options, Report, Silent, verify};
use landgavel_sale::{Standing, Status};
use serde_json::{Value, json};

use super::Demo;
use super::robots::{ROBOTS, Robot};
use crate::clock::Clock as _;
use crate::desk::Outcome;
use crate::export::Bundle;

/// How often robots look.
const LOOK: Duration = Duration::from_millis(120);
/// The day of applications begins this long before the bond is due.
const BEFORE_BOND_DUE_MS: i64 = 30 * 60 * 1000;
/// Of the days of quotes only the last minutes are played.
const BEFORE_QUOTES_CLOSE_MS: i64 = 120_000;
/// Most rounds of looking: an hour.
const LOOKS: usize = 30_000;

/// What happened, told to whoever runs the demonstration.
#[derive(Debug)]
pub enum Told {
    /// Applications are open; a visitor may take part.
    Waiting {
        /// For so many seconds.
        seconds: u64,
    },
    /// A phase of the sale began.
    Phase(String),
    /// The sale has ended, and its record was verified.
    Ended(Box<Report>),
    /// The winner's promise was held to account, and its first years have passed.
    Pledged,
}

impl Demo {
    /// Plays the sale to its end.
    ///
    /// # Errors
    /// In words, when the hall does not go on.
    pub async fn play(&self, tell: impl Fn(Told)) -> Result<(), String> {
        self.until(|demo| demo.room.shown().is_some_and(|shown| shown.look().published.is_some())).await?;
        self.go_to(earlier(self.moment("bond_due")?, BEFORE_BOND_DUE_MS)).await?;
        for robot in self.cast_of_robots() {
            self.ask(apply(robot)).await;
        }
        tell(Told::Waiting { seconds: self.pace.wait_s });
        let wait = tokio::time::sleep(Duration::from_secs(self.pace.wait_s));
        tokio::pin!(wait);
        let begin = self.door.begin.notified();
        tokio::pin!(begin);
        loop {
            self.admit_all(false).await;
            tokio::select! {
                () = &mut wait => break,
                () = &mut begin => break,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        self.admit_all(true).await;
        self.go_to(self.moment("quote_opens")?).await?;
        self.quote().await;
        self.go_to(earlier(self.moment("quote_closes")?, BEFORE_QUOTES_CLOSE_MS)).await?;
        self.bid_to_the_end(&tell).await?;
        let report = self.verify().await?;
        tell(Told::Ended(Box::new(report)));
        // A sale that passed in leaves nobody who promised something.
        if matches!(self.status(), Some(Status::Awarded)) {
            self.hold_to_promise().await?;
            tell(Told::Pledged);
        }
        Ok(())
    }

    /// The robots that take part.
    fn cast_of_robots(&self) -> &'static [Robot] {
        &ROBOTS[..self.pace.robots.min(ROBOTS.len())]
    }

    /// A moment of the calendar by its name.
    fn moment(&self, name: &str) -> Result<Instant, String> {
        let lot = &self.room.foundation().loaded.lot;
        let mut moments = lot.rulebook.calendar.iter().zip(&lot.calendar);
        moments.find(|(moment, _)| moment.id == name).map(|(_, at)| *at).ok_or(format!("no moment {name}"))
    }

    async fn ask(&self, command: Value) -> Option<Outcome> {
        let submission = self.cast.sign(&self.room, command)?;
        match self.room.ask(submission).await {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::warn!(?error, "a robot was not answered");
                None
            }
        }
    }

    /// The officer lodges the bonds that came in and decides; the last time also on those of groups that have one already.
    async fn admit_all(&self, refuses: bool) {
        let until = "2027-06-30T00:00:00+08:00";
        for (code, has_bond, group_taken) in self.applicants() {
            let robot = ROBOTS.iter().find(|robot| robot.code == code);
            let form = robot.map_or("cash", |robot| robot.form);
            if !has_bond {
                let amount = lot_parameter(&self.room.foundation().loaded.parameters, "bid_bond");
                let mut bond = json!({"do": "bond", "bidder": code, "amount": amount, "form": form});
                if form == "guarantee" {
                    bond["valid_until"] = json!(until);
                    bond["issuer"] = json!("示例银行（虚构）");
                }
                self.ask(bond).await;
            }
            if !group_taken {
                self.ask(json!({"do": "admit", "bidder": code})).await;
            } else if refuses {
                let reason = "同一集团已有竞买人（示例） The group has a bidder already (sample)";
                self.ask(json!({"do": "reject", "bidder": code, "reason": reason})).await;
            }
        }
    }

    /// Applicants that are not decided: code, whether a bond is there, whether their group has a bidder.
    fn applicants(&self) -> Vec<(String, bool, bool)> {
        let Some(shown) = self.room.shown() else { return Vec::new() };
        let state = shown.look();
        let bidders = state.sale.bidders();
        let has_bidder = |group: Option<&str>| {
            group.is_some_and(|group| {
                bidders.iter().any(|other| *other.standing() == Standing::Bidder && other.group() == Some(group))
            })
        };
        let open = bidders.iter().filter(|bidder| *bidder.standing() == Standing::Applicant);
        open.map(|bidder| (bidder.code().to_owned(), bidder.bond().is_some(), has_bidder(bidder.group()))).collect()
    }

    /// The first days of quotes, in a few moments.
    async fn quote(&self) {
        for (robot, steps) in self.cast_of_robots().iter().zip([0i64, 2, 4, 6]) {
            let Some(mine) = self.room.own_frame(robot.code) else { continue };
            let choices = mine["legal"]["choices"].as_array().cloned().unwrap_or_default();
            let Some(amount) = choices.get(usize::try_from(steps.min(2)).unwrap_or(0)) else { continue };
            self.ask(json!({"do": "bid", "bidder": robot.code, "amount": amount["text"]})).await;
        }
    }

    async fn bid_to_the_end(&self, tell: &impl Fn(Told)) -> Result<(), String> {
        self.clock.run_at(u64::from(self.pace.speed) * 1000);
        let mut phase = Value::Null;
        for _ in 0..LOOKS {
            tokio::time::sleep(LOOK).await;
            let frame: Value = serde_json::from_slice(&self.room.frames().borrow().json).unwrap_or_default();
            if frame["phase"]["title"] != phase && frame["phase"]["title"].is_object() {
                phase = frame["phase"]["title"].clone();
                let words = |both: &Value| format!("{} {}", text(&both["zh"]), text(&both["en"]));
                tell(Told::Phase(format!("{} · {}", words(&frame["stage"]["title"]), words(&phase))));
            }
            match self.status() {
                Some(Status::Running(_)) | Some(Status::Admitting) => self.robots(&frame).await,
                Some(Status::Provisional) => self.conclude().await,
                Some(Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. }) => return Ok(()),
                None => return Err("the sale is not open".to_owned()),
            }
        }
        Err("the sale did not end within an hour".to_owned())
    }

    async fn robots(&self, frame: &Value) {
        let now = self.clock.now().millis();
        for robot in self.cast_of_robots() {
            let Some(mine) = self.room.own_frame(robot.code) else { continue };
            if let Some(command) = robot.act(frame, &mine, now) {
                self.ask(command).await;
                // The next one sees the bid first: nobody bids blindly.
                return;
            }
        }
    }

    /// Examination by the officer; a robot that has won signs, a visitor signs in the room.
    async fn conclude(&self) {
        self.clock.run_at(1000);
        let seats: Vec<(String, bool)> = match self.room.shown() {
            Some(shown) => {
                let state = shown.look();
                let code = |id| state.sale.bidder(id).map_or_else(String::new, |bidder| bidder.code().to_owned());
                state.sale.seats().iter().map(|seat| (code(seat.bidder), seat.is_qualified)).collect()
            }
            None => Vec::new(),
        };
        for (code, is_qualified) in seats {
            if !is_qualified {
                self.ask(json!({"do": "qualify", "bidder": code})).await;
            } else if ROBOTS.iter().any(|robot| robot.code == code) {
                self.ask(json!({"do": "confirm", "bidder": code})).await;
            }
        }
    }

    fn status(&self) -> Option<Status> {
        self.room.shown().map(|shown| shown.look().sale.status().clone())
    }

    fn is_published(&self) -> bool {
        self.room.shown().is_some_and(|shown| {
            let state = shown.look();
            state.published.as_ref().is_some_and(|published| published.tree.size() == state.entries)
        })
    }

    /// Waits for something that the hall does by itself.
    async fn until(&self, holds: impl Fn(&Self) -> bool) -> Result<(), String> {
        for _ in 0..6000 {
            if holds(self) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("the hall did not go on for a minute".to_owned())
    }

    /// Skips to a moment: what falls due on the way is decided at its time, and witnessed before the clock goes on.
    async fn go_to(&self, at: Instant) -> Result<(), String> {
        self.clock.run_at(1000);
        loop {
            self.until(Self::is_published).await?;
            let due = self.room.shown().and_then(|shown| shown.look().sale.due());
            let next = due.filter(|due| *due < at).unwrap_or(at);
            self.clock.jump_to(next);
            let passed = |demo: &Self| {
                demo.room.shown().is_some_and(|shown| shown.look().sale.due().is_none_or(|due| due > next))
            };
            self.until(passed).await?;
            if next == at {
                return Ok(());
            }
        }
    }

    /// Verifies the record as anybody can.
    async fn verify(&self) -> Result<Report, String> {
        self.clock.run_at(1000);
        self.until(Self::is_published).await?;
        let published =
            self.room.shown().and_then(|shown| shown.look().published.clone()).ok_or("nothing is published")?;
        let bundle = Bundle::new(self.hall.setting().store.clone(), self.room.id().clone(), published);
        let mut files = Vec::new();
        for path in bundle.paths() {
            let bytes = bundle.file(&path).await.map_err(|error| error.to_string())?;
            files.push((path, bytes.unwrap_or_default()));
        }
        let files = InMemory(files);
        let judged =
            tokio::task::spawn_blocking(move || verify(&files, &Options::default(), &Alone::default(), &mut Silent));
        judged.await.map_err(|error| error.to_string())
    }
}

fn apply(robot: &Robot) -> Value {
    json!({"do": "apply", "bidder": robot.code, "identity": robot.name, "group": robot.group, "facts": {"industry": "C345"}})
}

fn earlier(at: Instant, millis: i64) -> Instant {
    Instant::from_millis(at.millis() - millis).unwrap_or(at)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn lot_parameter(parameters: &[landgavel_record::language::Parameter], id: &str) -> String {
    parameters.iter().find(|parameter| parameter.id == id).map(|found| found.text.clone()).unwrap_or_default()
}

/// A bundle's files in memory.
struct InMemory(Vec<(String, Vec<u8>)>);

impl BundleFiles for InMemory {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        match self.0.iter().find(|(name, _)| name == path) {
            None => Err(ReadError::Missing),
            Some((_, bytes)) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some((_, bytes)) => Ok(bytes.clone()),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.iter().map(|(path, _)| path.clone()).collect())
    }
}
