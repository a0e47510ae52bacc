//! The register of a hall: one more log, whose entries name each sale that was published and each outcome, so that no
//! sale can be hidden and none can be shown with two endings. `docs/format/register.md` tells the bytes.
//!
//! Here is what an entry says and what entries say together; `judge` reads the files of a register and compares a sale
//! with it.

mod judge;

use std::collections::BTreeMap;

use landgavel_base::{Digest, Instant};
use serde_json::{Value, json};

pub use judge::{
    Agrees, Believed, NotHeld, REGISTER_FILES, REGISTER_JSON, Unfit, agrees, ending_of, is_held, read_register,
};

use crate::canonical::{self, Document, Item, Object};

/// What stands behind the name of the host in the name of a register's log.
pub const REGISTER: &str = "/register";
/// Most entries of a register that is read: a hall keeps a thousand sales, each with a few.
pub const ENTRIES_MAX: u64 = 1 << 20;

/// What an entry of a register says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// By which policy its checkpoints are believed from here on.
    Policy {
        /// Digest of the policy's text.
        policy: Digest,
    },
    /// A sale was published.
    Notice {
        /// Its id.
        sale: String,
        /// Leaf hash of entry 0 of its record: the root of its log at size 1.
        root: Digest,
    },
    /// A sale has come to an outcome that is final, by a checkpoint that witnesses saw.
    Outcome {
        /// Its id.
        sale: String,
        /// Entries that the checkpoint covers.
        size: u64,
        /// Its root.
        root: Digest,
        /// How it ended.
        ending: Ending,
        /// Digest of the outcome's text.
        outcome: Digest,
    },
}

/// How a sale may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Sold.
    Awarded,
    /// Unsold.
    PassedIn,
    /// Ended by an act.
    Annulled,
}

impl Ending {
    /// The word of an outcome's status.
    pub fn word(self) -> &'static str {
        match self {
            Self::Awarded => "awarded",
            Self::PassedIn => "passed_in",
            Self::Annulled => "annulled",
        }
    }

    /// Reads the word; nothing for a status that is not final.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Awarded, Self::PassedIn, Self::Annulled].into_iter().find(|ending| ending.word() == word)
    }
}

/// An entry of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry {
    /// When it was entered.
    pub at: Instant,
    /// What it says.
    pub says: Says,
}

impl RegisterEntry {
    /// Its bytes in the log of a hall.
    pub fn line(&self, host: &str) -> String {
        let at = self.at.millis();
        canonical::encode(&match &self.says {
            Says::Policy { policy } => {
                json!({"at_ms": at, "log": format!("{host}{REGISTER}"), "policy_sha256": policy.to_string(), "says": "policy"})
            }
            Says::Notice { sale, root } => {
                json!({"at_ms": at, "log": sale_log(host, sale), "notice": root.to_string(), "sale": sale, "says": "notice"})
            }
            Says::Outcome { sale, size, root, ending, outcome } => json!({
                "at_ms": at, "ending": ending.word(), "log": sale_log(host, sale), "outcome_sha256": outcome.to_string(),
                "root": root.to_string(), "sale": sale, "says": "outcome", "size": size,
            }),
        })
    }

    /// Reads an entry; nothing else than what [`RegisterEntry::line`] makes is one.
    fn read(line: &[u8], host: &str) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "is not UTF-8".to_owned())?;
        let document = Document::parse(text).map_err(|error| error.to_string())?;
        let object = document.object();
        let at = integer(object, "at_ms")?;
        let at = Instant::from_millis(at).ok_or_else(|| format!("has the time {at} ms, which is out of range"))?;
        let says = match word(object, "says")? {
            "policy" => Says::Policy { policy: digest(object, "policy_sha256")? },
            "notice" => Says::Notice { sale: id(object)?, root: digest(object, "notice")? },
            "outcome" => {
                let size = integer(object, "size")?;
                Says::Outcome {
                    sale: id(object)?,
                    size: u64::try_from(size).ok().filter(|size| *size > 0).ok_or(format!("has the size {size}"))?,
                    root: digest(object, "root")?,
                    ending: Ending::of(word(object, "ending")?)
                        .ok_or("has an ending other than awarded, passed_in and annulled")?,
                    outcome: digest(object, "outcome_sha256")?,
                }
            }
            other => return Err(format!("says “{other}”, expected policy, notice or outcome")),
        };
        let entry = Self { at, says };
        // Names of logs follow from the host, and there is no further field.
        match entry.line(host) == text {
            true => Ok(entry),
            false => Err(format!("has other fields, or another log, than one of the register of {host} has")),
        }
    }
}

fn sale_log(host: &str, sale: &str) -> String {
    format!("{host}/sales/{sale}")
}

fn word<'a>(object: Object<'a>, name: &str) -> Result<&'a str, String> {
    object.get(name).and_then(Item::text).ok_or_else(|| format!("has no text “{name}”"))
}

fn integer(object: Object<'_>, name: &str) -> Result<i64, String> {
    object.get(name).and_then(Item::integer).ok_or_else(|| format!("has no whole number “{name}”"))
}

fn digest(object: Object<'_>, name: &str) -> Result<Digest, String> {
    Digest::from_hex(word(object, name)?).ok_or_else(|| format!("has “{name}” that is not 64 hexadecimal digits"))
}

/// An id stands in addresses, so it has the letters of one.
fn id(object: Object<'_>) -> Result<String, String> {
    let sale = word(object, "sale")?;
    let plain = sale.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let fits = (1..=200).contains(&sale.len()) && plain && !sale.starts_with('.');
    if fits { Ok(sale.to_owned()) } else { Err("has a sale whose name is none".to_owned()) }
}

/// A sale as the register names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub sale: String,
    /// Number of the entry that names its notice.
    pub entry: u64,
    /// When that was entered.
    pub at: Instant,
    /// Leaf hash of its notice.
    pub notice: Digest,
    /// Its outcome, once it has one.
    pub outcome: Option<RegisteredOutcome>,
}

/// An outcome as the register names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredOutcome {
    /// Number of the entry.
    pub entry: u64,
    /// When it was entered.
    pub at: Instant,
    /// Entries of the sale's record by then.
    pub size: u64,
    /// Root of the sale's log at that size.
    pub root: Digest,
    /// How it ended.
    pub ending: Ending,
    /// Digest of the outcome's text.
    pub outcome: Digest,
}

/// What the entries of a register say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    host: String,
    entries: u64,
    last: Option<Instant>,
    policy: Option<Digest>,
    sales: Vec<Registered>,
    places: BTreeMap<String, usize>,
}

/// Why an entry cannot stand in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotEntered {
    /// Stable, for programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl std::fmt::Display for NotEntered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Register {
    /// A register of a host without entries.
    pub fn new(host: &str) -> Self {
        Self { host: host.to_owned(), entries: 0, last: None, policy: None, sales: Vec::new(), places: BTreeMap::new() }
    }

    /// The host whose sales it names.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.entries
    }

    /// When the last of them was entered.
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Digest of the policy by which it is believed.
    pub fn policy(&self) -> Option<Digest> {
        self.policy
    }

    /// All sales, in the order of their notices.
    pub fn sales(&self) -> &[Registered] {
        &self.sales
    }

    /// A sale by its id.
    pub fn sale(&self, id: &str) -> Option<&Registered> {
        self.places.get(id).and_then(|place| self.sales.get(*place))
    }

    /// Takes the next entry.
    ///
    /// # Errors
    ///
    /// Why it cannot stand there.
    pub fn enter(&mut self, line: &[u8]) -> Result<(), NotEntered> {
        let no = |code, message: String| Err(NotEntered { code, message });
        let RegisterEntry { at, says } = match RegisterEntry::read(line, &self.host) {
            Ok(entry) => entry,
            Err(message) => return no("unreadable_entry", message),
        };
        if self.last.is_some_and(|last| at < last) {
            return no("time_runs_backwards", "is older than the entry before it".to_owned());
        }
        let entry = self.entries;
        match says {
            Says::Policy { policy } => self.policy = Some(policy),
            _ if entry == 0 => return no("no_policy", "comes before the entry that names the policy".to_owned()),
            Says::Notice { sale, root } => {
                if let Some(known) = self.sale(&sale) {
                    let message = format!("names a second notice of {sale}; the first is in entry {}", known.entry);
                    return no("two_notices", message);
                }
                self.places.insert(sale.clone(), self.sales.len());
                self.sales.push(Registered { sale, entry, at, notice: root, outcome: None });
            }
            Says::Outcome { sale, size, root, ending, outcome } => {
                let known = self.places.get(&sale).and_then(|place| self.sales.get_mut(*place));
                let Some(known) = known else {
                    return no("no_notice", format!("names an outcome of {sale}, whose notice it does not name"));
                };
                if let Some(before) = &known.outcome {
                    let message = format!("names a second outcome of {sale}; the first is in entry {}", before.entry);
                    return no("two_outcomes", message);
                }
                known.outcome = Some(RegisteredOutcome { entry, at, size, root, ending, outcome });
            }
        }
        (self.entries, self.last) = (entry + 1, Some(at));
        Ok(())
    }

    /// What it says, for programs.
    pub fn json(&self) -> Value {
        let outcome = |outcome: &RegisteredOutcome| {
            json!({"entry": outcome.entry, "at_ms": outcome.at.millis(), "size": outcome.size,
                   "root": outcome.root.to_string(), "ending": outcome.ending.word(),
                   "outcome_sha256": outcome.outcome.to_string()})
        };
        let sale = |sale: &Registered| {
            json!({"sale": sale.sale, "log": sale_log(&self.host, &sale.sale), "entry": sale.entry, "at_ms": sale.at.millis(),
                   "notice": sale.notice.to_string(), "outcome": sale.outcome.as_ref().map(outcome)})
        };
        json!({"log": format!("{}{REGISTER}", self.host), "entries": self.entries,
               "sales": self.sales.iter().map(sale).collect::<Vec<_>>()})
    }
}
