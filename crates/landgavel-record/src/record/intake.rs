use landgavel_base::Digest;
use landgavel_beacon::Output;
use landgavel_sale::Status;
use landgavel_sale::command::{BidderId, Command};
use sha2::{Digest as _, Sha256};

use super::fields::{Expected, Fields};
use super::seals::Lodged;
use super::{COMMAND_FORMAT, Fault, IntakeRefusal, Received, Record};
use crate::canonical::{Item, Object};
use crate::wire::parse_command;

/// Longest idempotency key, in bytes.
pub(crate) const ID_MAX: usize = 64;

/// Longest text of an objection, an answer or a correction, in bytes; longer ones enter by their hash.
const STATEMENT_MAX: usize = 4096;

/// A command after everything that binds it was checked.
pub(super) struct Asked {
    pub command: Result<Command, IntakeRefusal>,
    pub id: Option<u128>,
    pub lodged: Option<Lodged>,
    pub opened_by: Option<Output>,
    pub by_hand: bool,
    /// It says something and changes nothing.
    pub is_statement: bool,
}

/// Commands that are signed for a stage.
const IN_A_STAGE: [&str; 5] = ["bid", "join", "accept", "seal", "file"];

/// Who must sign a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signer {
    Nobody,
    Bidder,
    Officers(usize),
    /// One officer, or the hall itself.
    OfficerOrHall,
}

/// Fields that bind every signature, beside those of the command itself.
const BINDING: [&str; 5] = ["format", "lot", "rulebook", "id", "key"];
/// Fields whose value may be a whole number; all others of a command's own are texts.
const AMOUNTS: [&str; 3] = ["amount", "points", "value"];

impl From<Expected> for Fault {
    fn from(expected: Expected) -> Self {
        Self::Field { field: expected.field, message: expected.message }
    }
}

/// A command without the fields that bind its signature.
pub(super) struct Body<'a> {
    pub object: Object<'a>,
    pub fields: Fields<'a>,
}

impl Record {
    pub(super) fn intake(&self, received: &Received) -> Result<Asked, Fault> {
        let object = received.document.object();
        let body = Body { object, fields: Fields::new(object) };
        let verb = body.fields.text("do")?;
        if object.has("note") {
            body.fields.text("note")?;
        }
        let mut asked = Asked {
            command: Ok(Command::Tick),
            id: None,
            lodged: None,
            opened_by: None,
            by_hand: false,
            is_statement: false,
        };
        let signer = self.signer(verb, object);
        self.check_signers(signer, verb, received, &body)?;
        if signer != Signer::Nobody && self.checkpoints.is_empty() {
            return Err(Fault::NoticeNotPublished);
        }
        if signer == Signer::Nobody {
            asked.command = match verb {
                "tick" => {
                    body.fields.only(&["do"])?;
                    Ok(Command::Tick)
                }
                "open" => {
                    let (command, signature) = self.open_timelock(received.at, &body)?;
                    asked.opened_by = Some(signature);
                    Ok(command)
                }
                _ => {
                    body.fields.only(&["do", "outputs"])?;
                    Ok(self.beacon(received.at, &body, &mut asked.by_hand)?)
                }
            };
            return Ok(asked);
        }
        asked.id = Some(self.check_binding(received, &body)?);
        if let Some(refusal) = self.misfit(signer, &body)? {
            asked.command = Err(refusal);
            return Ok(asked);
        }
        match verb {
            "apply" => match self.certified(received, &body)? {
                Some(refusal) => asked.command = Err(refusal),
                None => asked.command = Ok(self.plain(signer, verb, &body)?),
            },
            "object" | "answer" | "correct" => {
                self.check_statement(verb, &body)?;
                asked.is_statement = true;
            }
            "seal" => match self.lodge_timelock(&body)? {
                Ok((command, lodged)) => {
                    asked.command = Ok(command);
                    asked.lodged = Some(lodged);
                }
                Err(refusal) => asked.command = Err(refusal),
            },
            "beacon" => {
                body.fields.only(&["do", "outputs", "note", "format", "lot", "rulebook", "id", "key"])?;
                asked.command = Ok(self.beacon(received.at, &body, &mut asked.by_hand)?);
            }
            _ => asked.command = Ok(self.plain(signer, verb, &body)?),
        }
        Ok(asked)
    }

    fn signer(&self, verb: &str, object: Object<'_>) -> Signer {
        match verb {
            "tick" | "open" => Signer::Nobody,
            "beacon" if super::sources::is_by_hand(object) => Signer::Officers(2),
            "beacon" => Signer::Nobody,
            "apply" | "withdraw" | "bid" | "join" | "accept" | "seal" | "file" | "confirm" | "object" => Signer::Bidder,
            "annul" => Signer::Officers(2),
            "pause" | "resume" => Signer::OfficerOrHall,
            _ => Signer::Officers(1),
        }
    }

    fn check_signers(&self, signer: Signer, verb: &str, received: &Received, body: &Body<'_>) -> Result<(), Fault> {
        match signer {
            Signer::Nobody if received.signatures.is_empty() => Ok(()),
            Signer::Nobody => Err(Fault::KeyNotAllowed {
                key: received.signatures[0].key.to_string(),
                expected: "no signature".to_owned(),
            }),
            Signer::OfficerOrHall if received.signatures.iter().any(|signed| self.notice.is_hall(&signed.key)) => {
                match received.signatures.len() {
                    1 => Ok(()),
                    _ => Err(Fault::Unsigned { by: "the hall, and nobody beside it", needed: 1 }),
                }
            }
            Signer::Officers(_) | Signer::OfficerOrHall => {
                let needed = if let Signer::Officers(needed) = signer { needed } else { 1 };
                for (index, signed) in received.signatures.iter().enumerate() {
                    let is_new = received.signatures[..index].iter().all(|other| other.key != signed.key);
                    if !is_new || !self.notice.is_officer(&signed.key) {
                        let expected = "different officers of the notice".to_owned();
                        return Err(Fault::KeyNotAllowed { key: signed.key.to_string(), expected });
                    }
                }
                if received.signatures.len() == needed {
                    Ok(())
                } else {
                    Err(Fault::Unsigned { by: "officers", needed })
                }
            }
            Signer::Bidder => {
                let [signed] = received.signatures.as_slice() else {
                    return Err(Fault::Unsigned { by: "the bidder", needed: 1 });
                };
                let code = body.fields.text("bidder")?;
                match (self.keys.get(code), verb == "apply") {
                    (Some(key), false) if *key == signed.key => Ok(()),
                    (Some(key), false) => {
                        Err(Fault::KeyNotAllowed { key: signed.key.to_string(), expected: key.to_string() })
                    }
                    (None, false) => Err(Fault::KeyNotAllowed {
                        key: signed.key.to_string(),
                        expected: "the key of an application".to_owned(),
                    }),
                    (None, true) if !self.enrolled.contains(signed.key.text()) => Ok(()),
                    (_, true) => Err(Fault::AlreadyEnrolled { bidder: code.to_owned() }),
                }
            }
        }
    }

    /// Format, sale, rulebook, key and id.
    fn check_binding(&self, received: &Received, body: &Body<'_>) -> Result<u128, Fault> {
        let fields = &body.fields;
        let format = fields.text("format")?;
        if format != COMMAND_FORMAT {
            return Err(fields.wrong("format", format!("is “{format}”, expected “{COMMAND_FORMAT}”")).into());
        }
        let lot = fields.text("lot")?;
        if lot != self.sale.lot().id {
            return Err(Fault::OtherSale { named: format!("lot {lot}") });
        }
        let rulebook = fields.digest("rulebook")?;
        if rulebook != self.notice.rulebook_sha256 {
            return Err(Fault::OtherSale { named: format!("rulebook {rulebook}") });
        }
        let key = received.signatures.first().map_or("", |signed| signed.key.text());
        if fields.text("key")? != key {
            return Err(fields.wrong("key", "is not the key of the first signature").into());
        }
        let id = fields.text("id")?;
        if id.len() > ID_MAX {
            return Err(fields.wrong("id", format!("is longer than {ID_MAX} bytes")).into());
        }
        let hash = id_hash(key, id);
        if self.ids.contains_key(&hash) {
            return Err(Fault::IdRepeated { id: id.to_owned() });
        }
        Ok(hash)
    }

    /// The entry of the earlier command of this key with this id.
    pub fn entry_with_id(&self, key: &str, id: &str) -> Option<u64> {
        self.ids.get(&id_hash(key, id)).copied()
    }

    /// An objection, an answer to one, or a correction: words about the sale, with documents by their hash.
    fn check_statement(&self, verb: &str, body: &Body<'_>) -> Result<(), Fault> {
        let fields = &body.fields;
        let own: &[&str] = if verb == "object" { &["bidder", "seen"] } else { &["about"] };
        fields.only(&[&BINDING[..], &["do", "text", "documents", "note"], own].concat())?;
        if fields.text("text")?.len() > STATEMENT_MAX {
            return Err(fields.wrong("text", format!("is longer than {STATEMENT_MAX} bytes")).into());
        }
        if body.object.has("documents") {
            fields.digest("documents")?;
        }
        if verb != "object" && fields.count("about")? >= self.entries {
            return Err(fields.wrong("about", "is not the number of an earlier entry").into());
        }
        Ok(())
    }

    /// What a bidder signed must be about the sale as it stands.
    fn misfit(&self, signer: Signer, body: &Body<'_>) -> Result<Option<IntakeRefusal>, Fault> {
        if signer != Signer::Bidder {
            return Ok(None);
        }
        let seen = body.fields.object("seen")?;
        seen.only(&["root", "size"])?;
        let (size, root) = (seen.count("size")?, seen.digest("root")?);
        if self.checkpoints.get(&size) != Some(&root.0) {
            return Ok(Some(IntakeRefusal::UnknownCheckpoint));
        }
        let verb = body.fields.text("do")?;
        if !IN_A_STAGE.contains(&verb) {
            return Ok(None);
        }
        let stage = body.fields.text("stage")?;
        let running = match self.sale.status() {
            Status::Running(id) => Some(self.sale.lot().rulebook.stage(*id)),
            _ => None,
        };
        if running.is_none_or(|running| running.id != stage) {
            return Ok(Some(IntakeRefusal::OtherStage));
        }
        if verb == "bid" {
            let decides = running.and_then(|stage| stage.kind.attribute());
            let name = decides.map(|attribute| self.sale.lot().rulebook.attribute(attribute).id.as_str());
            if Some(body.fields.text("attribute")?) != name {
                return Ok(Some(IntakeRefusal::OtherAttribute));
            }
        }
        Ok(None)
    }

    /// A command that the wire's own reader understands. Files of commands may write things in several ways,
    /// a record in one.
    fn plain(&self, signer: Signer, verb: &str, body: &Body<'_>) -> Result<Command, Fault> {
        let mut beside = BINDING.to_vec();
        if signer == Signer::Bidder {
            beside.push("seen");
        }
        if IN_A_STAGE.contains(&verb) {
            beside.push("stage");
        }
        if verb == "bid" {
            beside.push("attribute");
        }
        for (field, value) in body.object.fields() {
            match value {
                Item::Number(_) if AMOUNTS.contains(&field) => {}
                Item::Object(_) if matches!(field, "facts" | "seen") => {}
                Item::List(_) if field == "certificates" => {
                    if self.notice.issuers.is_empty() {
                        let why = "has no place in this sale: its notice names no issuer, so it takes no certificates";
                        return Err(body.fields.wrong(field, why).into());
                    }
                }
                _ => {
                    let text = body.fields.text(field)?;
                    if field == "valid_until" && !is_moment(text) {
                        return Err(body.fields.wrong(field, "is not YYYY-MM-DDThh:mm:ss with Z or ±hh:mm").into());
                    }
                }
            }
        }
        match parse_command(&self.sale, body.object, &beside) {
            Ok(command) => Ok(command),
            Err(error) => Err(Fault::Field {
                field: error.field,
                message: format!("{}, expected {}", error.message, error.expected),
            }),
        }
    }

    /// The bidder that a command names, or nobody.
    pub(super) fn named(&self, body: &Body<'_>) -> Result<BidderId, Fault> {
        let code = body.fields.text("bidder")?;
        Ok(self.sale.bidder_named(code).unwrap_or(BidderId(u32::MAX)))
    }
}

/// The one form of a moment in a record; whether there is such a day is for the reader of moments to say.
fn is_moment(text: &str) -> bool {
    let fits = |pattern: &str| {
        pattern.len() == text.len()
            && pattern.bytes().zip(text.bytes()).all(|(form, byte)| match form {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == form,
            })
    };
    fits("0000-00-00T00:00:00Z") || fits("0000-00-00T00:00:00+00:00")
}

pub(crate) fn id_hash(key: &str, id: &str) -> u128 {
    let hash = Sha256::new_with_prefix(key).chain_update([0]).chain_update(id).finalize();
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    u128::from_be_bytes(half)
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}
