use std::sync::Arc;

use landgavel_base::{Digest, Duration};
use landgavel_beacon::Chain;
use landgavel_sale::Lot;
use serde_json::{Value, json};

use super::fields::{Expected, Fields};
use super::standing::{CERTIFICATES_MAX, Issuer};
use crate::canonical::{self, Document, Object};
use crate::keys::PublicKey;

/// Name of the record's format.
pub const RECORD_FORMAT: &str = "landgavel-record/1";
/// Name of the format of a record whose notice names issuers of certificates; all else is as in the first.
pub const RECORD_FORMAT_WITH_ISSUERS: &str = "landgavel-record/2";
/// Most tolerance between honest clocks, and most time until witnesses have seen an entry.
pub(crate) const CLOCK_TOLERANCE_MAX_MS: u64 = 60_000;
pub(crate) const WITNESSED_WITHIN_MAX_MS: u64 = 3_600_000;
/// Most officers, parties of a commit–reveal, or secrets that a notice may list.
const LIST_MAX: usize = 64;

/// What is fixed before the first bid, and stands as entry 0 of the record.
///
/// Everything that could be chosen later to somebody's gain is here: the rules by their digest, who
/// may sign for the seller, which beacon and how long after the freeze its round comes, and how fast
/// the log must be witnessed.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Name of the log, the first line of its checkpoints.
    pub origin: String,
    /// Id of the lot.
    pub lot: String,
    /// SHA-256 of `lot.toml`.
    pub lot_sha256: Digest,
    /// SHA-256 of `rulebook.toml`.
    pub rulebook_sha256: Digest,
    /// SHA-256 of `policy.txt`.
    pub policy_sha256: Digest,
    /// Who may sign for the seller.
    pub officers: Vec<Officer>,
    /// The hall's own key: it may sign that the sale pauses and goes on, and nothing else. No officer's.
    pub hall: Option<PublicKey>,
    /// The chain of the sale's draws and seals.
    pub chain: Arc<Chain>,
    /// From the freeze of the entrants to the earliest round of their draw.
    pub draw_delay: Duration,
    /// From the end of a sealing window to the round that opens its seals.
    pub seal_delay: Duration,
    /// Parties of a commit–reveal, with the SHA-256 commitments of their secrets, in the order of use.
    pub parties: Vec<Party>,
    /// What stands in for the chain when it fails.
    pub fallback: Option<Fallback>,
    /// Within this time of an entry, witnesses have cosigned a checkpoint that covers it.
    pub checkpoint_within: Duration,
    /// How far honest clocks may differ.
    pub clock_tolerance: Duration,
    /// Keys and parties were made for a demonstration.
    pub is_demonstration: bool,
    /// Whose certificates show facts of applicants: of the facts named here, applications state nothing without one.
    pub issuers: Vec<Issuer>,
}

/// Who may sign for the seller.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Name or post.
    pub name: String,
    /// Key.
    pub key: PublicKey,
}

/// A party of a commit–reveal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Hash of its secret, see [`super::sources::party_commitment`].
    pub commitment: Digest,
}

/// What stands in for the chain when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// How long after the freeze it may be used.
    pub after: Duration,
    /// Which public number, in words: where and when it is announced.
    pub number: String,
}

/// A field of a notice that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeError {
    /// Name of the field, empty for the notice as a whole.
    pub field: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl Notice {
    /// The notice as the text that officers sign.
    pub fn text(&self) -> String {
        let officers: Vec<Value> =
            self.officers.iter().map(|officer| json!({"key": officer.key.to_string(), "name": officer.name})).collect();
        let parties: Vec<Value> = self
            .parties
            .iter()
            .map(|party| json!({"commitment": party.commitment.to_string(), "name": party.name}))
            .collect();
        let mut notice = json!({
            "format": RECORD_FORMAT, "origin": self.origin, "lot": self.lot, "lot_sha256": self.lot_sha256.to_string(),
            "rulebook_sha256": self.rulebook_sha256.to_string(), "policy_sha256": self.policy_sha256.to_string(),
            "officers": officers, "beacon": chain_json(&self.chain), "draw_delay_ms": self.draw_delay.millis(),
            "seal_delay_ms": self.seal_delay.millis(), "parties": parties,
            "checkpoint_within_ms": self.checkpoint_within.millis(),
            "clock_tolerance_ms": self.clock_tolerance.millis(), "demonstration": self.is_demonstration,
        });
        if let Some(fallback) = &self.fallback {
            notice["fallback"] = json!({"after_ms": fallback.after.millis(), "number": fallback.number});
        }
        if let Some(hall) = &self.hall {
            notice["hall"] = json!(hall.to_string());
        }
        if !self.issuers.is_empty() {
            let issuers = self.issuers.iter();
            let issuers = issuers.map(|one| json!({"fact": one.fact, "key": one.key.to_string(), "name": one.name}));
            notice["format"] = json!(RECORD_FORMAT_WITH_ISSUERS);
            notice["issuers"] = issuers.collect();
        }
        canonical::encode(&notice)
    }

    /// Reads a notice.
    ///
    /// # Errors
    /// The first field that is missing, unknown or ill-formed, with what was expected.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let document =
            Document::parse(text).map_err(|error| NoticeError { field: String::new(), message: error.to_string() })?;
        Self::read(document.object()).map_err(|error| NoticeError { field: error.field, message: error.message })
    }

    fn read(object: Object<'_>) -> Result<Self, Expected> {
        let fields = Fields::new(object);
        let format = fields.text("format")?;
        let has_issuers = match format {
            RECORD_FORMAT => false,
            RECORD_FORMAT_WITH_ISSUERS if object.has("issuers") => true,
            _ => {
                let expected = format!("“{RECORD_FORMAT}”, or “{RECORD_FORMAT_WITH_ISSUERS}” with issuers");
                return Err(fields.wrong("format", format!("is “{format}”, expected {expected}")));
            }
        };
        fields.only(&[
            if has_issuers { "issuers" } else { "format" },
            "format",
            "origin",
            "lot",
            "lot_sha256",
            "rulebook_sha256",
            "policy_sha256",
            "officers",
            "hall",
            "beacon",
            "draw_delay_ms",
            "seal_delay_ms",
            "parties",
            "fallback",
            "checkpoint_within_ms",
            "clock_tolerance_ms",
            "demonstration",
        ])?;
        let officers = fields.list("officers", LIST_MAX, |officer| {
            officer.only(&["key", "name"])?;
            Ok(Officer { name: officer.text("name")?.to_owned(), key: officer.key("key")? })
        })?;
        let hall = match object.get("hall") {
            None => None,
            Some(_) => Some(fields.key("hall")?),
        };
        if officers.iter().any(|officer| Some(&officer.key) == hall.as_ref()) {
            return Err(fields.wrong("hall", "is an officer's key, expected one that can sign pauses and nothing else"));
        }
        let parties = fields.list("parties", LIST_MAX, |party| {
            party.only(&["commitment", "name"])?;
            Ok(Party { name: party.text("name")?.to_owned(), commitment: party.digest("commitment")? })
        })?;
        let issuers = if has_issuers { issuers(&fields)? } else { Vec::new() };
        let fallback = match object.get("fallback") {
            None => None,
            Some(_) => {
                let fallback = fields.object("fallback")?;
                fallback.only(&["after_ms", "number"])?;
                Some(Fallback { after: fallback.duration("after_ms")?, number: fallback.text("number")?.to_owned() })
            }
        };
        for (field, most) in
            [("clock_tolerance_ms", CLOCK_TOLERANCE_MAX_MS), ("checkpoint_within_ms", WITNESSED_WITHIN_MAX_MS)]
        {
            if fields.count(field)? > most {
                return Err(fields.wrong(field, format!("is more than {most} ms: times would be bound by nothing")));
            }
        }
        // By a clock that is late the window is still open when the round has come.
        if fields.count("seal_delay_ms")? < fields.count("clock_tolerance_ms")? {
            return Err(fields.wrong("seal_delay_ms", "is less than clock_tolerance_ms: seals could be read too early"));
        }
        Ok(Self {
            origin: fields.text("origin")?.to_owned(),
            lot: fields.text("lot")?.to_owned(),
            lot_sha256: fields.digest("lot_sha256")?,
            rulebook_sha256: fields.digest("rulebook_sha256")?,
            policy_sha256: fields.digest("policy_sha256")?,
            officers,
            hall,
            chain: Arc::new(chain(&fields.object("beacon")?)?),
            draw_delay: fields.duration("draw_delay_ms")?,
            seal_delay: fields.duration("seal_delay_ms")?,
            parties,
            fallback,
            checkpoint_within: fields.duration("checkpoint_within_ms")?,
            clock_tolerance: fields.duration("clock_tolerance_ms")?,
            is_demonstration: fields.flag("demonstration")?,
            issuers,
        })
    }

    /// Whether a key is one of the officers'.
    pub fn is_officer(&self, key: &PublicKey) -> bool {
        self.officers.iter().any(|officer| officer.key == *key)
    }

    /// Whether a key is the hall's own.
    pub fn is_hall(&self, key: &PublicKey) -> bool {
        self.hall.as_ref() == Some(key)
    }

    /// Whether the notice is about this lot.
    pub fn is_of(&self, lot: &Lot) -> bool {
        self.lot == lot.id
    }
}

/// Issuers of certificates, sorted by fact and name; each once.
fn issuers(fields: &Fields<'_>) -> Result<Vec<Issuer>, Expected> {
    let issuers = fields.list("issuers", LIST_MAX, |issuer| {
        issuer.only(&["fact", "key", "name"])?;
        let (fact, name) = (issuer.text("fact")?.to_owned(), issuer.text("name")?.to_owned());
        Ok(Issuer { fact, name, key: issuer.key("key")? })
    })?;
    if issuers.is_empty() {
        return Err(fields.wrong("issuers", "names nobody, expected an issuer or the first format"));
    }
    let mut facts: Vec<&str> = issuers.iter().map(|issuer| issuer.fact.as_str()).collect();
    facts.dedup();
    if facts.len() > CERTIFICATES_MAX {
        let message = format!("are of more than {CERTIFICATES_MAX} facts: no application could show them all");
        return Err(fields.wrong("issuers", message));
    }
    let place = |issuer: &Issuer| (issuer.fact.clone(), issuer.name.clone());
    if !issuers.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])) {
        return Err(fields.wrong("issuers", "are not in the order of fact and name, each once"));
    }
    Ok(issuers)
}

fn chain_json(chain: &Chain) -> Value {
    if chain.is_local() {
        json!({"chain": "local", "public_key": hex(chain.public_key()), "genesis_s": chain.genesis_ms() / 1000,
               "period_s": chain.period_ms() / 1000})
    } else {
        json!({"chain": chain.name()})
    }
}

fn chain(fields: &Fields<'_>) -> Result<Chain, Expected> {
    match fields.text("chain")? {
        "quicknet" => {
            fields.only(&["chain"])?;
            Ok(Chain::quicknet())
        }
        "local" => {
            fields.only(&["chain", "public_key", "genesis_s", "period_s"])?;
            let key = fields.hex("public_key", 96)?;
            let (genesis, period) = (fields.count("genesis_s")?, fields.count("period_s")?);
            let times = i64::try_from(genesis).ok().zip(u32::try_from(period).ok());
            let (genesis, period) = times.ok_or_else(|| fields.wrong("genesis_s", "is out of range"))?;
            Chain::local(&key, genesis, period).map_err(|error| fields.wrong("public_key", error.to_string()))
        }
        other => Err(fields.wrong("chain", format!("is “{other}”, expected quicknet or local"))),
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
