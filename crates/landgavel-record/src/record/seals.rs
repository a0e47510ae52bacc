use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_base::{Digest, Instant, Quantity};
use landgavel_beacon::{Envelope, Output, open, verify};
use landgavel_sale::Status;
use landgavel_sale::command::{BidderId, Command};
use landgavel_sale::mechanism::seal_digest;
use landgavel_sale::rulebook::StageKind;

use super::intake::{Body, sha256};
use super::{Fault, IntakeRefusal, Record};

/// Most amounts in one sealed bid.
const AMOUNTS_MAX: usize = 32;

/// A timelocked seal that waits to be opened.
#[derive(Clone)]
pub(super) struct Lodged {
    pub envelope: Envelope,
    pub round: u64,
    /// SHA-256 of the ciphertext.
    pub hash: Digest,
    /// Commitment to lot, stage, code, amounts and salt.
    pub commitment: Digest,
}

/// What a sealed bid hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAmounts {
    /// One per quote of the stage, in quanta.
    pub amounts: Vec<Quantity>,
    /// Salt of the commitment.
    pub salt: Digest,
}

/// The bytes that are sealed: the salt, the count of amounts, each as a big-endian i64.
pub fn sealed_plaintext(sealed: &SealedAmounts) -> Vec<u8> {
    let mut bytes = sealed.salt.0.to_vec();
    bytes.push(u8::try_from(sealed.amounts.len().min(AMOUNTS_MAX)).unwrap_or(u8::MAX));
    for amount in sealed.amounts.iter().take(AMOUNTS_MAX) {
        bytes.extend(amount.quanta().to_be_bytes());
    }
    bytes
}

fn read_plaintext(bytes: &[u8]) -> Option<SealedAmounts> {
    let (salt, rest) = bytes.split_first_chunk::<32>()?;
    let (count, rest) = rest.split_first()?;
    let count = usize::from(*count);
    if count > AMOUNTS_MAX || rest.len() != 8 * count {
        return None;
    }
    let amounts = rest
        .chunks_exact(8)
        .map(|chunk| Quantity::new(i64::from_be_bytes(chunk.try_into().ok()?)))
        .collect::<Option<Vec<_>>>()?;
    Some(SealedAmounts { amounts, salt: Digest(*salt) })
}

impl Record {
    /// A bid sealed to the stage's round.
    pub(super) fn lodge_timelock(&self, body: &Body<'_>) -> Result<Result<(Command, Lodged), IntakeRefusal>, Fault> {
        body.fields.only(&[
            "bidder",
            "commitment",
            "do",
            "envelope",
            "format",
            "id",
            "key",
            "lot",
            "note",
            "rulebook",
            "seen",
            "stage",
        ])?;
        let bidder = self.named(body)?;
        let commitment = body.fields.digest("commitment")?;
        let Ok(bytes) = BASE64_STANDARD.decode(body.fields.text("envelope")?) else {
            return Ok(Err(IntakeRefusal::EnvelopeMalformed));
        };
        let Ok(envelope) = Envelope::parse(&bytes) else { return Ok(Err(IntakeRefusal::EnvelopeMalformed)) };
        let round = envelope.round();
        // Where no window is open there is no right round, and the engine says why it takes no seal.
        let is_other = self.seal_round().is_some_and(|right| right != round);
        if envelope.chain_hash() != self.notice.chain.hash() || is_other {
            return Ok(Err(IntakeRefusal::OtherRound));
        }
        let hash = sha256(&bytes);
        if self.ciphertexts.contains(&hash) {
            return Ok(Err(IntakeRefusal::CiphertextCopied));
        }
        let lodged = Lodged { envelope, round, hash, commitment };
        let readable_from = self.readable_from(round);
        Ok(Ok((Command::LodgeSeal { bidder, envelope: commitment, readable_from }, lodged)))
    }

    /// From when a hall must expect a seal to be read: its clock may be late by the tolerance.
    fn readable_from(&self, round: u64) -> Option<Instant> {
        let comes = self.notice.chain.time_of_round(round)?;
        let from = comes.saturating_sub(self.notice.clock_tolerance.millis()).clamp(0, Instant::MAX_MILLIS);
        Instant::from_millis(from)
    }

    /// Opens a seal with the signature of its round: anybody can, and gets the same.
    pub(super) fn open_timelock(&self, at: Instant, body: &Body<'_>) -> Result<(Command, Output), Fault> {
        body.fields.only(&["bidder", "do", "round", "signature"])?;
        let bidder = self.named(body)?;
        let (round, bytes) = (body.fields.count("round")?, body.fields.hex("signature", 48)?);
        let Some(lodged) = self.seals.get(&bidder) else {
            let message = "this bidder has no seal that waits to be opened".to_owned();
            return Err(Fault::WrongOpening { message });
        };
        if lodged.round != round {
            let message = format!("the seal was made to round {}, this is round {round}", lodged.round);
            return Err(Fault::WrongOpening { message });
        }
        let signature = self.round_signature(at, round, &bytes)?;
        let sealed = open(&signature, &lodged.envelope).ok().and_then(|bytes| read_plaintext(&bytes));
        let rulebook = &self.sale.lot().rulebook;
        let (stage, quotes) = match self.sale.status() {
            Status::Running(id) => match &rulebook.stage(*id).kind {
                StageKind::Sealed(rule) => (rulebook.stage(*id).id.as_str(), rule.quotes.len()),
                _ => ("", 0),
            },
            _ => ("", 0),
        };
        let (code, lot) = (self.code(bidder), &self.sale.lot().id);
        // Another number of amounts is no bid of this stage either: nobody may leave a seal that nothing ends.
        let sealed = sealed.filter(|sealed| {
            sealed.amounts.len() == quotes
                && seal_digest(lot, stage, code, &sealed.amounts, sealed.salt) == lodged.commitment
        });
        Ok((opening(bidder, sealed), signature))
    }

    /// A verified signature of a round that had come by then.
    pub(super) fn round_signature(&self, at: Instant, round: u64, bytes: &[u8]) -> Result<Output, Fault> {
        let chain = &self.notice.chain;
        let from = chain
            .time_of_round(round)
            .ok_or_else(|| Fault::WrongOpening { message: format!("the chain has no round {round}") })?;
        if at.millis() + self.notice.clock_tolerance.millis() < from {
            return Err(Fault::RoundNotYet { round, at_ms: from });
        }
        if let Some(known) = &self.opened_by
            && known.round() == round
            && known.signature()[..] == *bytes
        {
            return Ok(known.clone());
        }
        verify(chain, round, bytes).map_err(|error| Fault::WrongOpening { message: error.to_string() })
    }
}

fn opening(bidder: BidderId, sealed: Option<SealedAmounts>) -> Command {
    match sealed {
        Some(sealed) => Command::OpenSeal { bidder, amounts: Some(sealed.amounts), salt: sealed.salt },
        None => Command::OpenSeal { bidder, amounts: None, salt: Digest([0; 32]) },
    }
}
