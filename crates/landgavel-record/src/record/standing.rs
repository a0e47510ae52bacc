//! Facts that a sale believes of nobody but their issuers: an application brings certificates for them.

use landgavel_base::FactValue;

use super::certificate::{CERTIFICATE_MAX, StandingCertificate, fact_value};
use super::intake::Body;
use super::{Fault, IntakeRefusal, Received, Record};
use crate::keys::PublicKey;

/// Most certificates of one application, and most facts that a notice leaves to issuers.
pub(super) const CERTIFICATES_MAX: usize = 16;

/// Whose certificates show a fact in a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Name of the fact.
    pub fact: String,
    /// Name or post.
    pub name: String,
    /// Key.
    pub key: PublicKey,
}

/// A certificate as an application brings it.
struct Brought {
    text: String,
    signature: String,
}

impl Record {
    /// Whether an application shows by certificates whatever only issuers may say: each such fact, as it states it.
    pub(super) fn certified(&self, received: &Received, body: &Body<'_>) -> Result<Option<IntakeRefusal>, Fault> {
        let issuers = &self.notice.issuers;
        if issuers.is_empty() {
            return Ok(None);
        }
        let brought = match body.object.has("certificates") {
            false => Vec::new(),
            true => body.fields.list("certificates", CERTIFICATES_MAX, |fields| {
                fields.only(&["signature", "text"])?;
                let text = fields.text("text")?;
                if text.len() > CERTIFICATE_MAX {
                    return Err(fields.wrong("text", format!("is longer than {CERTIFICATE_MAX} bytes")));
                }
                Ok(Brought { text: text.to_owned(), signature: fields.text("signature")?.to_owned() })
            })?,
        };
        let mut facts: Vec<&str> = issuers.iter().map(|issuer| issuer.fact.as_str()).collect();
        facts.dedup();
        let stated =
            |fact: &str| body.object.get("facts").and_then(|facts| facts.object()?.get(fact)).and_then(fact_value);
        for fact in facts {
            if let Some(refusal) = self.shown(fact, stated(fact), &brought, received) {
                return Ok(Some(refusal));
            }
        }
        // What is shown to no purpose was meant for something.
        if brought.len() > issuers.len() {
            return Ok(Some(IntakeRefusal::CertificateInvalid));
        }
        Ok(None)
    }

    /// Whether certificates show a fact as stated; if not, what is wrong with the last that speaks of it.
    fn shown(
        &self,
        fact: &str,
        stated: Option<FactValue>,
        brought: &[Brought],
        received: &Received,
    ) -> Option<IntakeRefusal> {
        let identity = received.field("identity");
        let is_taken = self.identities.contains(identity);
        let day = received.at.local(self.sale.lot().rulebook.utc_offset).date;
        let mut found = IntakeRefusal::CertificateMissing;
        for one in brought {
            let Ok(certificate) = StandingCertificate::parse(&one.text) else {
                found = IntakeRefusal::CertificateInvalid;
                continue;
            };
            if certificate.fact != fact {
                continue;
            }
            let issuers = self.notice.issuers.iter().filter(|issuer| issuer.fact == fact);
            let is_signed = issuers
                .into_iter()
                .any(|issuer| issuer.name == certificate.issuer && issuer.key.verify_text(&one.text, &one.signature));
            found = if !is_signed || certificate.identity != identity || is_taken {
                IntakeRefusal::CertificateInvalid
            } else if !certificate.is_valid_on(day) {
                IntakeRefusal::CertificateNotValidNow
            } else if Some(&certificate.value) != stated.as_ref() {
                IntakeRefusal::CertificateContradicts
            } else {
                return None;
            };
        }
        Some(found)
    }
}
