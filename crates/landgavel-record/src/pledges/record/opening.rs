use landgavel_base::{Date, Digest, Duration};
use serde_json::{Value, json};

use crate::canonical::{self, Document};
use crate::keys::PublicKey;
use crate::record::fields::{Expected, Fields};
use crate::record::{CLOCK_TOLERANCE_MAX_MS, NoticeError, WITNESSED_WITHIN_MAX_MS};
use crate::wire::read_date;

/// Name of the format of a pledge's record.
pub const PLEDGE_RECORD_FORMAT: &str = "landgavel-pledge-record/1";
/// Most officers, sources or guarantors of a pledge.
const LIST_MAX: usize = 64;

/// A name and the key that signs for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Name or post, as the terms and the commands write it.
    pub name: String,
    /// Key.
    pub key: PublicKey,
}

/// The record of the sale from which a pledge is opened, as it stood then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleNamed {
    /// Name of its log.
    pub origin: String,
    /// Digest of its notice: the leaf hash of entry 0.
    pub notice: Digest,
    /// Size of its log.
    pub entries: u64,
    /// Root of its log at that size.
    pub root: Digest,
    /// SHA-256 of its `outcome.json`.
    pub outcome_sha256: Digest,
}

/// What is fixed when a pledge is opened, and stands as entry 0 of its record: from which sale, for which winner, on which
/// terms, and whose signatures count from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Name of the log, the first line of its checkpoints.
    pub origin: String,
    /// Id of the terms.
    pub pledge: String,
    /// SHA-256 of `terms.toml`.
    pub terms_sha256: Digest,
    /// SHA-256 of `policy.txt`.
    pub policy_sha256: Digest,
    /// The sale.
    pub sale: SaleNamed,
    /// The winner by its code in the sale, and its key.
    pub winner: Holder,
    /// Day of the contract.
    pub signed: Date,
    /// Who supervises; acts need two of them.
    pub officers: Vec<Holder>,
    /// Who shows what was delivered; each source of the terms is among them.
    pub sources: Vec<Holder>,
    /// Issuers that may confirm their own bonds, with one officer; others are confirmed by two.
    pub guarantors: Vec<Holder>,
    /// Within this time of an entry, witnesses have cosigned a checkpoint that covers it.
    pub checkpoint_within: Duration,
    /// How far honest clocks may differ.
    pub clock_tolerance: Duration,
    /// Keys were made for a demonstration.
    pub is_demonstration: bool,
}

impl Opening {
    /// The opening as the text that officers sign.
    pub fn text(&self) -> String {
        let holder = |holder: &Holder| json!({"key": holder.key.to_string(), "name": holder.name});
        let list = |holders: &[Holder]| holders.iter().map(holder).collect::<Vec<Value>>();
        canonical::encode(&json!({
            "format": PLEDGE_RECORD_FORMAT, "origin": self.origin, "pledge": self.pledge,
            "terms_sha256": self.terms_sha256.to_string(), "policy_sha256": self.policy_sha256.to_string(),
            "sale": {"origin": self.sale.origin, "notice": self.sale.notice.to_string(), "entries": self.sale.entries,
                     "root": self.sale.root.to_string(), "outcome_sha256": self.sale.outcome_sha256.to_string()},
            "winner": holder(&self.winner), "signed": self.signed.to_string(), "officers": list(&self.officers),
            "sources": list(&self.sources), "guarantors": list(&self.guarantors),
            "checkpoint_within_ms": self.checkpoint_within.millis(), "clock_tolerance_ms": self.clock_tolerance.millis(),
            "demonstration": self.is_demonstration,
        }))
    }

    /// Reads an opening.
    ///
    /// # Errors
    /// The first field that is missing, unknown or ill-formed, with what was expected.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let document =
            Document::parse(text).map_err(|error| NoticeError { field: String::new(), message: error.to_string() })?;
        let fields = Fields::new(document.object());
        Self::read(&fields).map_err(|error| NoticeError { field: error.field, message: error.message })
    }

    fn read(fields: &Fields<'_>) -> Result<Self, Expected> {
        let format = fields.text("format")?;
        if format != PLEDGE_RECORD_FORMAT {
            return Err(fields.wrong("format", format!("is “{format}”, expected “{PLEDGE_RECORD_FORMAT}”")));
        }
        fields.only(&[
            "format",
            "origin",
            "pledge",
            "terms_sha256",
            "policy_sha256",
            "sale",
            "winner",
            "signed",
            "officers",
            "sources",
            "guarantors",
            "checkpoint_within_ms",
            "clock_tolerance_ms",
            "demonstration",
        ])?;
        let sale = fields.object("sale")?;
        sale.only(&["origin", "notice", "entries", "root", "outcome_sha256"])?;
        for (field, most) in
            [("clock_tolerance_ms", CLOCK_TOLERANCE_MAX_MS), ("checkpoint_within_ms", WITNESSED_WITHIN_MAX_MS)]
        {
            if fields.count(field)? > most {
                return Err(fields.wrong(field, format!("is more than {most} ms: times would be bound by nothing")));
            }
        }
        let signed = fields.text("signed")?;
        let signed = read_date(signed)
            .ok_or_else(|| fields.wrong("signed", format!("is “{signed}”, expected a day such as 2027-05-31")))?;
        let opening = Self {
            origin: fields.text("origin")?.to_owned(),
            pledge: fields.text("pledge")?.to_owned(),
            terms_sha256: fields.digest("terms_sha256")?,
            policy_sha256: fields.digest("policy_sha256")?,
            sale: SaleNamed {
                origin: sale.text("origin")?.to_owned(),
                notice: sale.digest("notice")?,
                entries: sale.count("entries")?,
                root: sale.digest("root")?,
                outcome_sha256: sale.digest("outcome_sha256")?,
            },
            winner: read_holder(&fields.object("winner")?)?,
            signed,
            officers: fields.list("officers", LIST_MAX, read_holder)?,
            sources: fields.list("sources", LIST_MAX, read_holder)?,
            guarantors: fields.list("guarantors", LIST_MAX, read_holder)?,
            checkpoint_within: fields.duration("checkpoint_within_ms")?,
            clock_tolerance: fields.duration("clock_tolerance_ms")?,
            is_demonstration: fields.flag("demonstration")?,
        };
        match opening.twice() {
            Some(what) => {
                Err(fields.wrong("officers", format!("names {what} twice, expected each name and key in one place")))
            }
            None => Ok(opening),
        }
    }

    /// Everybody whose signature counts.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        let lists = self.officers.iter().chain(&self.sources).chain(&self.guarantors);
        std::iter::once(&self.winner).chain(lists)
    }

    /// A name or key that stands in two places: whoever signs must be one.
    fn twice(&self) -> Option<String> {
        let all: Vec<&Holder> = self.holders().collect();
        all.iter().enumerate().find_map(|(index, one)| {
            let other = all[..index].iter().find(|other| other.name == one.name || other.key == one.key)?;
            Some(if other.name == one.name { format!("“{}”", one.name) } else { one.key.to_string() })
        })
    }
}

fn read_holder(fields: &Fields<'_>) -> Result<Holder, Expected> {
    fields.only(&["key", "name"])?;
    Ok(Holder { name: fields.text("name")?.to_owned(), key: fields.key("key")? })
}
