use std::fmt;

use landgavel_base::Instant;

/// Why what was signed does not fit the sale as it stands. The command is entered, and led to
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntakeRefusal {
    /// It was signed for a stage that does not run.
    OtherStage,
    /// It was signed for an attribute that the stage does not decide on.
    OtherAttribute,
    /// It names a checkpoint that this log has not published.
    UnknownCheckpoint,
    /// Its envelope is none.
    EnvelopeMalformed,
    /// Its envelope is sealed to another round than the stage's.
    OtherRound,
    /// Its ciphertext was lodged before.
    CiphertextCopied,
    /// It brings no certificate for a fact that only issuers may state.
    CertificateMissing,
    /// A certificate is none, is not its issuer's, or is for another application.
    CertificateInvalid,
    /// A certificate does not count yet, or no more.
    CertificateNotValidNow,
    /// It states something else than its certificate.
    CertificateContradicts,
}

impl IntakeRefusal {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::OtherStage,
        Self::OtherAttribute,
        Self::UnknownCheckpoint,
        Self::EnvelopeMalformed,
        Self::OtherRound,
        Self::CiphertextCopied,
        Self::CertificateMissing,
        Self::CertificateInvalid,
        Self::CertificateNotValidNow,
        Self::CertificateContradicts,
    ];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherStage => "other_stage",
            Self::OtherAttribute => "other_attribute",
            Self::UnknownCheckpoint => "unknown_checkpoint",
            Self::EnvelopeMalformed => "envelope_malformed",
            Self::OtherRound => "other_round",
            Self::CiphertextCopied => "ciphertext_copied",
            Self::CertificateMissing => "certificate_missing",
            Self::CertificateInvalid => "certificate_invalid",
            Self::CertificateNotValidNow => "certificate_not_valid_now",
            Self::CertificateContradicts => "certificate_contradicts",
        }
    }
}

/// Why a command can be no entry of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A field is missing, unknown or ill-formed.
    Field {
        /// Its name.
        field: String,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// It is older than the entry before it.
    TimeRunsBackwards {
        /// Time of the last event.
        last: Instant,
    },
    /// Time had to bring something first.
    TickOwed {
        /// When it was due.
        due: Instant,
    },
    /// A tick brings what was due earlier.
    TickLate {
        /// When it was due.
        due: Instant,
    },
    /// No checkpoint covers the notice yet.
    NoticeNotPublished,
    /// Its entry would be longer than a log's entry may be.
    EntryTooLong,
    /// So many signatures are needed, by whom.
    Unsigned {
        /// Who must sign.
        by: &'static str,
        /// How many must.
        needed: usize,
    },
    /// A key signed that may not.
    KeyNotAllowed {
        /// The key.
        key: String,
        /// Whose key was expected.
        expected: String,
    },
    /// Somebody else enrolled this code or this key.
    AlreadyEnrolled {
        /// The code.
        bidder: String,
    },
    /// It is signed for another sale.
    OtherSale {
        /// The lot or rulebook that it names.
        named: String,
    },
    /// It is signed for another pledge.
    OtherPledge {
        /// The pledge or opening that it names.
        named: String,
    },
    /// A command of this key with this id is in the record.
    IdRepeated {
        /// The id.
        id: String,
    },
    /// A source of the draw is not what the notice fixed.
    Source {
        /// Index of the source in the rule.
        index: usize,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// The round did not exist yet at the entry's time.
    RoundNotYet {
        /// The round.
        round: u64,
        /// When it comes.
        at_ms: i64,
    },
    /// The opening is not by the round to which the seal was made.
    WrongOpening {
        /// What is wrong, and what was expected.
        message: String,
    },
    /// A seal was called unreadable without the attempt to open it.
    SealNotOpened {
        /// Whose.
        bidder: String,
    },
}

impl Fault {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Field { .. } => "field",
            Self::TimeRunsBackwards { .. } => "time_runs_backwards",
            Self::TickOwed { .. } => "tick_owed",
            Self::TickLate { .. } => "tick_late",
            Self::NoticeNotPublished => "notice_not_published",
            Self::EntryTooLong => "entry_too_long",
            Self::Unsigned { .. } => "unsigned",
            Self::KeyNotAllowed { .. } => "key_not_allowed",
            Self::AlreadyEnrolled { .. } => "already_enrolled",
            Self::OtherSale { .. } => "other_sale",
            Self::OtherPledge { .. } => "other_pledge",
            Self::IdRepeated { .. } => "id_repeated",
            Self::Source { .. } => "source",
            Self::RoundNotYet { .. } => "round_not_yet",
            Self::WrongOpening { .. } => "wrong_opening",
            Self::SealNotOpened { .. } => "seal_not_opened",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { field, message } => write!(f, "field {field}: {message}"),
            Self::TimeRunsBackwards { last } => {
                write!(f, "is older than what happened before it, at {} ms", last.millis())
            }
            Self::TickOwed { due } => {
                write!(f, "was decided before what time had to bring at {} ms", due.millis())
            }
            Self::TickLate { due } => {
                write!(f, "brings what was due at {} ms, and must say that time", due.millis())
            }
            Self::NoticeNotPublished => {
                f.write_str("was signed before any checkpoint covered the notice on which it rests")
            }
            Self::EntryTooLong => write!(f, "would make an entry of more than {} bytes", super::entry::ENTRY_MAX),
            Self::Unsigned { by, needed } => write!(f, "needs {needed} signature(s) of {by}"),
            Self::KeyNotAllowed { key, expected } => write!(f, "is signed by {key}, expected {expected}"),
            Self::AlreadyEnrolled { bidder } => write!(f, "enrols a key or the code “{bidder}” a second time"),
            Self::OtherSale { named } => write!(f, "was signed for another sale: it names {named}"),
            Self::OtherPledge { named } => write!(f, "was signed for another pledge: it names {named}"),
            Self::IdRepeated { id } => write!(f, "repeats the id “{id}” of an earlier command of the same key"),
            Self::Source { index, message } => write!(f, "source {index} of the draw: {message}"),
            Self::RoundNotYet { round, at_ms } => {
                write!(f, "holds the output of round {round}, which did not exist before {at_ms} ms")
            }
            Self::WrongOpening { message } => write!(f, "opens a seal wrongly: {message}"),
            Self::SealNotOpened { bidder } => {
                write!(f, "calls the seal of “{bidder}” unreadable, but no entry tries to open it")
            }
        }
    }
}
