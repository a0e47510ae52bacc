//! Outages: when the hall pauses a sale by itself, with what was measured as evidence, and when it resumes.

use std::sync::{Mutex, PoisonError};

use landgavel_base::{Duration, Instant};
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::{COMMAND_FORMAT, Notice};
use landgavel_sale::{Sale, Status};
use serde_json::{Value, json};

use super::intake::Submission;

/// When an entry has waited for witnesses so long, the sale stands still: half of what the notice bears, so that as much
/// is left to have it witnessed before the record breaks its own rule.
pub fn bears_silence_ms(notice: &Notice) -> i64 {
    notice.checkpoint_within.millis() / 2
}

/// After an outage bidders have this long to come back before periods start again.
pub const RESUME_AFTER_MS: i64 = 10_000;

/// A stretch of time in which the hall took no commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last moment at which the hall was known to work.
    pub from: Instant,
    /// When it worked again.
    pub to: Instant,
    /// What was wrong.
    pub cause: Cause,
}

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The hall was not running.
    Restart,
    /// The hall stood still: its store did not answer, or the process was not running.
    Stalled {
        /// By the machine's count of passing time.
        stood_ms: u64,
    },
    /// The machine's clock went forward by more than has passed: set by somebody, or the machine slept.
    ClockStep,
    /// More commands than the hall bears were turned away because too many waited.
    Intake {
        /// Turned away.
        failed: u64,
        /// Asked, with those.
        asked: u64,
    },
    /// Too few witnesses have answered for half the time that an entry may wait for them.
    Unwitnessed {
        /// Time of the first entry that waits.
        since: Instant,
    },
}

impl Cause {
    fn code(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Stalled { .. } => "stalled",
            Self::ClockStep => "clock_step",
            Self::Intake { .. } => "intake_errors",
            Self::Unwitnessed { .. } => "unwitnessed",
        }
    }
}

impl Gap {
    /// Whether a sale must stand still for it: a period runs, and the gap is longer than the rule bears or
    /// something fell due in it. Without witnesses every stage stands still, whatever its clock.
    pub fn pauses(&self, sale: &Sale) -> bool {
        let runs = matches!(sale.status(), Status::Running(_)) && !sale.is_paused();
        if matches!(self.cause, Cause::Unwitnessed { .. }) {
            return runs;
        }
        let due_in_gap = sale.due().is_some_and(|due| due > self.from && due <= self.to);
        let is_long = self.to.millis() - self.from.millis() > sale.lot().rulebook.outage.measured_over.millis();
        // Whoever was turned away had no part in the time, however short it was.
        let is_shut = matches!(self.cause, Cause::Intake { .. });
        runs && sale.due().is_some() && (due_in_gap || is_long || is_shut)
    }

    /// What was measured.
    pub fn evidence(&self) -> String {
        let mut evidence = json!({
            "cause": self.cause.code(), "from_ms": self.from.millis(), "to_ms": self.to.millis(),
        });
        match self.cause {
            Cause::Restart | Cause::ClockStep => {}
            Cause::Stalled { stood_ms } => evidence["stood_ms"] = json!(stood_ms),
            Cause::Unwitnessed { since } => evidence["unwitnessed_since_ms"] = json!(since.millis()),
            Cause::Intake { failed, asked } => {
                (evidence["failed"], evidence["asked"]) = (json!(failed), json!(asked));
            }
        }
        canonical::encode(&evidence)
    }

    /// When the sale may go on.
    pub fn resumes(&self) -> Instant {
        resumes(self.to)
    }
}

/// When a sale may go on, if all is well from now on.
pub fn resumes(now: Instant) -> Instant {
    now.after(Duration::from_millis(RESUME_AFTER_MS).unwrap_or_default())
}

/// Commands are counted in windows of this length, in milliseconds.
const WINDOW_MS: i64 = 5_000;
/// So many must have been turned away in one; a few are a burst that asking again gets over.
const FAILED_LEAST: u64 = 50;
/// And so large a part of those that asked: one in so many.
const FAILED_ONE_IN: u64 = 20;

/// Counts commands that were turned away because too many waited, until they are an outage.
#[derive(Default)]
pub struct Intake(Mutex<Count>);

#[derive(Clone, Copy, Default)]
struct Count {
    began: Option<Instant>,
    asked: u64,
    failed: u64,
}

impl Intake {
    /// A command was asked; whether it was turned away.
    pub fn asked(&self, now: Instant, has_failed: bool) {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if count.began.is_none_or(|began| now.millis() - began.millis() > WINDOW_MS) {
            *count = Count { began: Some(now), ..Count::default() };
        }
        count.asked += 1;
        count.failed += u64::from(has_failed);
    }

    /// The outage that the current window has become, if it is one; it is told once.
    pub fn outage(&self, now: Instant) -> Option<Gap> {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Count { began, asked, failed } = *count;
        if failed < FAILED_LEAST || failed.saturating_mul(FAILED_ONE_IN) < asked {
            return None;
        }
        *count = Count::default();
        let from = began.unwrap_or(now).min(now);
        Some(Gap { from, to: now, cause: Cause::Intake { failed, asked } })
    }
}

/// A command in the hall's own name. `serial` makes its id.
pub fn signed(notice: &Notice, key: &SigningKey, verb: &str, evidence: Option<&str>, serial: u64) -> Submission {
    let public = key.public().to_string();
    let mut command = json!({
        "do": verb, "format": COMMAND_FORMAT, "id": format!("hall-{verb}-{serial}"), "key": public,
        "lot": notice.lot, "rulebook": notice.rulebook_sha256.to_string(),
    });
    if let Some(evidence) = evidence {
        command["evidence"] = Value::from(evidence);
    }
    let command = canonical::encode(&command);
    let signature = key.sign(command.as_bytes());
    Submission { command, signatures: vec![(public, signature)] }
}
