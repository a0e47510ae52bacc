//! What a pledge stands on: terms and policy as files, the opening that fixes them, and the sale as it was then.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_log::note::VerifierKey;
use landgavel_log::policy::Policy;
use landgavel_record::language::{Finding, OneText, PledgeTerms, load_pledge_terms};
use landgavel_record::pledges::record::{Opening, PledgeRecord};
use landgavel_record::record::{notice_line, sha256};
use landgavel_record::verify::{Fixed, SaleGrounds};
use landgavel_store::SaleFile;

use crate::desk::foundation::{read_signed, signed_bytes};
use crate::desk::intake::{Gate, Submission};

/// Names of the files, in the store and in a bundle.
pub const TERMS: &str = "terms.toml";
/// See [`TERMS`].
pub const POLICY: &str = "policy.txt";
/// The opening with its signatures; a bundle has it as entry 0.
const OPENING: &str = "opening.json";
/// What the sale had come to when the pledge was opened, as its bundle tells it.
const SALE_OUTCOME: &str = "sale-outcome.json";

/// What a pledge stands on.
pub struct Foundation {
    /// The terms.
    pub terms: PledgeTerms,
    /// The policy of the log.
    pub policy: Arc<Policy>,
    /// Its text.
    pub policy_text: String,
    /// The opening.
    pub opening: Opening,
    /// The opening as its officers signed it.
    pub signed: Submission,
    /// What the sale had come to.
    pub sale_outcome: Arc<str>,
}

/// Why files are no foundation of a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFounded {
    /// A file is missing or not of its format.
    File {
        /// Its name.
        file: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The terms have errors.
    Terms(Vec<Finding>),
    /// The opening does not fit what it names.
    Opening(String),
    /// The sale that the opening names could not be read now; later it may be.
    NotRead(String),
}

impl fmt::Display for NotFounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, why } => write!(f, "{file}: {why}"),
            Self::Terms(findings) => {
                let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Opening(why) => write!(f, "the opening {why}"),
            Self::NotRead(why) => write!(f, "the sale cannot be read now: {why}"),
        }
    }
}

/// Reads terms from their bytes, wherever they came from.
///
/// # Errors
///
/// All findings.
pub fn load_terms(text: &[u8]) -> Result<PledgeTerms, Vec<Finding>> {
    load_pledge_terms(&OneText(text), TERMS)
}

/// The files of a pledge to be opened.
pub fn files(terms: &[u8], policy: &str, sale_outcome: &str, signed: &Submission) -> Vec<SaleFile> {
    vec![
        (TERMS.to_owned(), terms.to_vec()),
        (POLICY.to_owned(), policy.as_bytes().to_vec()),
        (SALE_OUTCOME.to_owned(), sale_outcome.as_bytes().to_vec()),
        (OPENING.to_owned(), signed_bytes(signed)),
    ]
}

impl Foundation {
    /// Reads the files of a pledge whose log has this key.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn read(files: &[SaleFile], log: &VerifierKey) -> Result<Self, NotFounded> {
        let files: BTreeMap<&str, &[u8]> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let file = |file: &'static str| {
            files.get(file).copied().ok_or(NotFounded::File { file, why: "is missing".to_owned() })
        };
        let text = |name: &'static str| {
            let not_text = |_| NotFounded::File { file: name, why: "is not UTF-8".to_owned() };
            String::from_utf8(file(name)?.to_vec()).map_err(not_text)
        };
        let signed = read_signed(file(OPENING)?).ok_or_else(|| NotFounded::File {
            file: OPENING,
            why: "is not an object with notice and signatures".to_owned(),
        })?;
        let terms = load_terms(file(TERMS)?).map_err(NotFounded::Terms)?;
        let policy_text = text(POLICY)?;
        let bad_policy = |why: String| NotFounded::File { file: POLICY, why };
        let policy = Policy::parse(&policy_text).map_err(|error| bad_policy(error.to_string()))?;
        if !policy.requires_witnesses() || !policy.logs().contains(log) {
            return Err(bad_policy(format!("does not name the log {log}, or asks for no witness")));
        }
        let opening = Opening::parse(&signed.command)
            .map_err(|error| NotFounded::Opening(format!("is wrong in {}: {}", error.field, error.message)))?;
        let sale_outcome = text(SALE_OUTCOME)?.into();
        Ok(Self { terms, policy: Arc::new(policy), policy_text, opening, signed, sale_outcome })
    }

    /// Opens the record at a time, from the sale that the opening names: checked as every verifier will. With the line of
    /// entry 0.
    ///
    /// # Errors
    ///
    /// Why no record can be opened.
    pub fn open(&self, at: Instant, sale: &SaleGrounds, gate: &Gate) -> Result<(PledgeRecord, String), NotFounded> {
        let received = gate.check(at, self.signed.clone()).map_err(|why| NotFounded::Opening(why.to_string()))?;
        let policy = sha256(self.policy_text.as_bytes());
        let fixed = Fixed { terms: &self.terms, policy, origin: &self.opening.origin, sale };
        let (record, _) =
            fixed.open(&received).map_err(|(code, why)| NotFounded::Opening(format!("{why} [{code}]")))?;
        Ok((record, notice_line(&received)))
    }
}
