//! Outages: when the hall pauses a sale by itself, with what was measured as evidence, and when it resumes.

use landgavel_base::{Duration, Instant};
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::{COMMAND_FORMAT, Notice};
use landgavel_sale::{Sale, Status};
use serde_json::{Value, json};

use super::intake::Submission;

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
    /// Storing took so long.
    SlowCommit,
}

impl Cause {
    fn code(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::SlowCommit => "slow_commit",
        }
    }
}

impl Gap {
    /// Whether a sale must stand still for it: a period runs, and the gap is longer than the rule bears or
    /// something fell due in it.
    pub fn pauses(&self, sale: &Sale) -> bool {
        let runs = matches!(sale.status(), Status::Running(_)) && !sale.is_paused();
        let due_in_gap = sale.due().is_some_and(|due| due > self.from && due <= self.to);
        let length = self.to.millis() - self.from.millis();
        runs && sale.due().is_some() && (due_in_gap || length > sale.lot().rulebook.outage.measured_over.millis())
    }

    /// What was measured.
    pub fn evidence(&self) -> String {
        canonical::encode(&json!({
            "cause": self.cause.code(), "from_ms": self.from.millis(), "to_ms": self.to.millis(),
        }))
    }

    /// When the sale may go on.
    pub fn resumes(&self) -> Instant {
        self.to.after(Duration::from_millis(RESUME_AFTER_MS).unwrap_or_default())
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
