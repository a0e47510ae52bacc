//! What a sale stands on: its rulebook, lot and policy as files, and the notice that fixes them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_log::note::VerifierKey;
use landgavel_log::policy::Policy;
use landgavel_record::canonical::{self, Document, Item, Object};
use landgavel_record::language::{Files, Finding, Loaded, load_lot};
use landgavel_record::record::{Entry, Notice, Received, notice_line, sha256};
use landgavel_store::SaleFile;
use serde_json::{Value, json};

use super::intake::{Gate, Submission};

/// Names of the files, in the store and in a bundle.
pub const RULEBOOK: &str = "rulebook.toml";
/// See [`RULEBOOK`].
pub const LOT: &str = "lot.toml";
/// See [`RULEBOOK`].
pub const POLICY: &str = "policy.txt";
/// The notice with its signatures; a bundle has it as entry 0.
const NOTICE: &str = "notice.json";

/// Officers that must have signed a notice.
const OFFICERS: usize = 2;

/// What a sale stands on.
pub struct Foundation {
    /// The lot with its rules, as loaded.
    pub loaded: Loaded,
    /// The policy of the log.
    pub policy: Arc<Policy>,
    /// Its text.
    pub policy_text: String,
    /// The notice.
    pub notice: Arc<Notice>,
    /// The notice as its officers signed it.
    pub signed: Submission,
}

/// Why files are no foundation of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFounded {
    /// A file is missing or not of its format.
    File {
        /// Its name.
        file: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The rulebook or lot has errors.
    Rules(Vec<Finding>),
    /// The notice is not about these files or this log.
    Notice {
        /// Which field.
        field: String,
        /// What is wrong, and what was expected.
        why: String,
    },
    /// Fewer than two officers of the notice have signed it.
    FourEyes,
}

impl fmt::Display for NotFounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, why } => write!(f, "{file}: {why}"),
            Self::Rules(findings) => {
                let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Notice { field, why } => write!(f, "the notice's {field} {why}"),
            Self::FourEyes => f.write_str("the notice needs the signatures of two different officers of its list"),
        }
    }
}

struct Texts<'a> {
    rulebook: &'a [u8],
    lot: &'a [u8],
}

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == LOT { self.lot } else { self.rulebook }.to_vec())
    }
}

/// Reads a lot and its rulebook from their bytes, wherever they came from.
///
/// # Errors
///
/// All findings.
pub fn load(rulebook: &[u8], lot: &[u8]) -> Result<Loaded, Vec<Finding>> {
    load_lot(&Texts { rulebook, lot }, LOT)
}

impl Foundation {
    /// Reads the files of a sale whose log has this key, and checks them as every verifier will.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn read(files: &[SaleFile], log: &VerifierKey, gate: &Gate) -> Result<Self, NotFounded> {
        let files: BTreeMap<&str, &[u8]> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let file = |file: &'static str| {
            files.get(file).copied().ok_or(NotFounded::File { file, why: "is missing".to_owned() })
        };
        let (rulebook, lot, policy) = (file(RULEBOOK)?, file(LOT)?, file(POLICY)?);
        let signed = read_signed(file(NOTICE)?).ok_or_else(|| NotFounded::File {
            file: NOTICE,
            why: "is not an object with notice and signatures".to_owned(),
        })?;
        let loaded = load(rulebook, lot).map_err(NotFounded::Rules)?;
        let bad_policy = |why: String| NotFounded::File { file: POLICY, why };
        let policy_text = String::from_utf8(policy.to_vec()).map_err(|_| bad_policy("is not UTF-8".to_owned()))?;
        let parsed = Policy::parse(&policy_text).map_err(|error| bad_policy(error.to_string()))?;
        if !parsed.requires_witnesses() {
            return Err(bad_policy("asks for no witness".to_owned()));
        }
        if !parsed.logs().contains(log) {
            return Err(bad_policy(format!("does not name the log {log}")));
        }
        let wrong = |field: &str, why: String| NotFounded::Notice { field: field.to_owned(), why };
        let notice = Notice::parse(&signed.command).map_err(|error| wrong(&error.field, error.message))?;
        let digests: [(&str, Digest, Digest); 3] = [
            ("rulebook_sha256", notice.rulebook_sha256, sha256(rulebook)),
            ("lot_sha256", notice.lot_sha256, sha256(lot)),
            ("policy_sha256", notice.policy_sha256, sha256(policy)),
        ];
        for (field, named, is) in digests {
            if named != is {
                return Err(wrong(field, format!("is {named}, the file's is {is}")));
            }
        }
        if !notice.is_of(&loaded.lot) {
            return Err(wrong("lot", format!("is {}, the file's is {}", notice.lot, loaded.lot.id)));
        }
        if notice.origin != log.name() {
            return Err(wrong("origin", format!("is {}, this log's name is {}", notice.origin, log.name())));
        }
        let epoch = Instant::from_millis(0).expect("the epoch is a time");
        let received = gate.check(epoch, signed.clone()).map_err(|error| wrong("signatures", error.to_string()))?;
        let mut keys: Vec<&str> = received.signatures.iter().map(|signed| signed.key.text()).collect();
        keys.sort_unstable();
        keys.dedup();
        let all_officers = received.signatures.iter().all(|signed| notice.is_officer(&signed.key));
        if keys.len() < OFFICERS || keys.len() != received.signatures.len() || !all_officers {
            return Err(NotFounded::FourEyes);
        }
        Ok(Self { loaded, policy: Arc::new(parsed), policy_text, notice: Arc::new(notice), signed })
    }

    /// Entry 0 at a time.
    ///
    /// # Panics
    ///
    /// Never: the signatures were verified when the foundation was read.
    pub fn entry(&self, at: Instant, gate: &Gate) -> Entry {
        let received = gate.check(at, self.signed.clone()).expect("the notice was verified when it was read");
        let line = notice_line(&received);
        Entry { number: 0, at, command: received.text().to_owned(), result: Ok(Vec::new()), line }
    }

    /// Whether the text of entry 0 is this notice, with these signatures.
    pub fn is_entry(&self, received: &Received) -> bool {
        let signatures = received.signatures.iter().map(|signed| (signed.key.text(), signed.signature.as_str()));
        received.text() == self.signed.command
            && signatures.eq(self.signed.signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str())))
    }
}

/// The files of a sale to be created.
pub fn files(rulebook: &[u8], lot: &[u8], policy: &str, signed: &Submission) -> Vec<SaleFile> {
    vec![
        (RULEBOOK.to_owned(), rulebook.to_vec()),
        (LOT.to_owned(), lot.to_vec()),
        (POLICY.to_owned(), policy.as_bytes().to_vec()),
        (NOTICE.to_owned(), signed_bytes(signed)),
    ]
}

/// What was signed, with its signatures, as a file of the store.
pub(crate) fn signed_bytes(signed: &Submission) -> Vec<u8> {
    let signatures: Vec<Value> =
        signed.signatures.iter().map(|(key, signature)| json!({"key": key, "signature": signature})).collect();
    canonical::encode(&json!({"notice": signed.command, "signatures": signatures})).into_bytes()
}

/// Reads it back.
pub(crate) fn read_signed(bytes: &[u8]) -> Option<Submission> {
    let document = Document::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    let object = document.object();
    let text = |object: Object<'_>, name| object.get(name).and_then(Item::text).map(str::to_owned);
    let signatures = object.get("signatures")?.list()?;
    let signatures = signatures.items().map(|signed| {
        let signed = signed.object()?;
        Some((text(signed, "key")?, text(signed, "signature")?))
    });
    Some(Submission { command: text(object, "notice")?, signatures: signatures.collect::<Option<Vec<_>>>()? })
}
