//! Where the randomness of a draw comes from, and how each source becomes an output of 32 bytes.

use landgavel_base::{Digest, Instant};
use landgavel_sale::Status;
use landgavel_sale::command::Command;
use landgavel_sale::rulebook::{BeaconSource, StageKind};
use sha2::{Digest as _, Sha256};

use super::fields::{Fields, from_hex};
use super::intake::Body;
use super::{Fault, Record};
use crate::canonical::{Item, Object};

/// Longest public number, in bytes.
const NUMBER_MAX: usize = 1024;

/// What a party of a commit–reveal commits to.
///
/// SHA-256 over the tag `landgavel/party/v1`, a zero byte, lot id and party's name each as a big-endian
/// u32 length and its bytes, and the 32-byte secret.
pub fn party_commitment(lot: &str, party: &str, secret: Digest) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/party/v1\0");
    for field in [lot, party] {
        hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(field);
    }
    hash.update(secret.0);
    Digest(hash.finalize().into())
}

/// Output of a commit–reveal: SHA-256 over the tag `landgavel/commit-reveal/v1`, a zero byte, and the
/// secrets in the order of the notice's parties.
pub fn commit_reveal_output(secrets: &[Digest]) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/commit-reveal/v1\0");
    secrets.iter().for_each(|secret| hash.update(secret.0));
    Digest(hash.finalize().into())
}

/// Output of a number announced or drawn in public: SHA-256 over the tag `landgavel/number/v1`, a zero
/// byte, and the number's characters as UTF-8.
pub fn number_output(number: &str) -> Digest {
    Digest(Sha256::new_with_prefix(b"landgavel/number/v1\0").chain_update(number).finalize().into())
}

/// Whether any output was brought by people and not by a chain or by committed secrets.
pub(super) fn is_by_hand(object: Object<'_>) -> bool {
    let outputs = object.get("outputs").and_then(Item::list);
    outputs
        .is_some_and(|outputs| outputs.items().any(|output| output.object().is_some_and(|output| output.has("number"))))
}

impl Record {
    /// The outputs of a draw's sources, each checked against the notice.
    pub(super) fn beacon(&self, at: Instant, body: &Body<'_>, by_hand: &mut bool) -> Result<Command, Fault> {
        *by_hand = is_by_hand(body.object);
        let running = match self.sale.status() {
            Status::Running(id) => Some(&self.sale.lot().rulebook.stage(*id).kind),
            _ => None,
        };
        let (Some(StageKind::Draw(rule)), Some(_)) = (running, self.frozen_at) else {
            return Err(Fault::Source { index: 0, message: "no draw waits for it".to_owned() });
        };
        let Some(outputs) = body.object.get("outputs").and_then(Item::list) else {
            return Err(body.fields.wrong("outputs", "is missing, expected a list").into());
        };
        let outputs: Vec<Item<'_>> = outputs.items().collect();
        if outputs.len() != rule.sources.len() {
            let message = format!("{} outputs, expected {}", outputs.len(), rule.sources.len());
            return Err(Fault::Source { index: outputs.len().min(rule.sources.len()), message });
        }
        let mut digests = Vec::with_capacity(outputs.len());
        for (index, (output, source)) in outputs.iter().zip(&rule.sources).enumerate() {
            let Some(object) = output.object() else {
                return Err(Fault::Source { index, message: "is not an object".to_owned() });
            };
            let digest = self.output(at, *source, object).map_err(|fault| match fault {
                fault @ Fault::RoundNotYet { .. } => fault,
                other => Fault::Source { index, message: other.to_string() },
            })?;
            digests.push(digest);
        }
        Ok(Command::RevealBeacon { outputs: digests })
    }

    fn output(&self, at: Instant, source: BeaconSource, object: Object<'_>) -> Result<Digest, Fault> {
        let fields = Fields::new(object);
        match source {
            BeaconSource::Drand | BeaconSource::Local if object.has("number") => self.fallback(at, &fields),
            BeaconSource::Drand | BeaconSource::Local => {
                fields.only(&["round", "signature"])?;
                let round = fields.count("round")?;
                let fixed = self.draw_round();
                if Some(round) != fixed {
                    let fixed = fixed.map_or_else(|| "none".to_owned(), |round| round.to_string());
                    return Err(fields.wrong("round", format!("is {round}, the notice fixes {fixed}")).into());
                }
                let signature = self.round_signature(at, round, &fields.hex("signature", 48)?)?;
                Ok(Digest(signature.randomness()))
            }
            BeaconSource::CommitReveal => {
                fields.only(&["secrets"])?;
                self.secrets(object, &fields)
            }
            BeaconSource::PublicNumber | BeaconSource::Witnessed => {
                fields.only(&["number"])?;
                number(&fields)
            }
        }
    }

    fn secrets(&self, object: Object<'_>, fields: &Fields<'_>) -> Result<Digest, Fault> {
        let texts: Vec<Item<'_>> =
            object.get("secrets").and_then(Item::list).map(|list| list.items().collect()).unwrap_or_default();
        let parties = &self.notice.parties;
        if parties.is_empty() || texts.len() != parties.len() {
            return Err(fields.wrong("secrets", format!("is not a list of {} secrets", parties.len())).into());
        }
        let mut secrets = Vec::with_capacity(texts.len());
        for (text, party) in texts.iter().zip(parties) {
            let secret = text.text().and_then(from_hex).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).map(Digest);
            let matching =
                secret.filter(|&secret| party_commitment(&self.sale.lot().id, &party.name, secret) == party.commitment);
            match matching {
                Some(secret) => secrets.push(secret),
                None => {
                    let message = format!("the secret of “{}” is not what it committed to", party.name);
                    return Err(fields.wrong("secrets", message).into());
                }
            }
        }
        Ok(commit_reveal_output(&secrets))
    }

    /// A public number in place of a chain that has failed, as the notice fixes it.
    fn fallback(&self, at: Instant, fields: &Fields<'_>) -> Result<Digest, Fault> {
        fields.only(&["number"])?;
        let Some(fallback) = &self.notice.fallback else {
            return Err(fields.wrong("number", "stands in for the chain, but the notice fixes no fallback").into());
        };
        let from = self.frozen_at.map(|frozen| frozen.after(fallback.after));
        if from.is_none_or(|from| at < from) {
            return Err(fields.wrong("number", "stands in for the chain too early").into());
        }
        number(fields)
    }
}

fn number(fields: &Fields<'_>) -> Result<Digest, Fault> {
    let text = fields.text("number")?;
    if text.len() > NUMBER_MAX {
        return Err(fields.wrong("number", format!("is longer than {NUMBER_MAX} bytes")).into());
    }
    Ok(number_output(text))
}
