use landgavel_pledge::{Approval, Command};
use serde_json::{Map, Value};

use super::{Change, Holder, PledgeRecord, Role};
use crate::keys::PublicKey;
use crate::pledges::parse_ask;
use crate::record::fields::Fields;
use crate::record::{Fault, ID_MAX, Received, id_hash};

/// Name of the format of a signed command to a pledge.
pub const PLEDGE_COMMAND_FORMAT: &str = "landgavel-pledge-command/1";
/// Fields that bind every signature, beside those of the command itself.
const BINDING: [&str; 5] = ["format", "pledge", "opening", "id", "key"];

/// Who must sign a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// Nobody: time passes.
    Nobody,
    /// The source that the command names.
    Source,
    /// The winner.
    Winner,
    /// Two officers, whom the command names when it states a decision.
    Officers,
    /// Two officers, or an officer and the issuer when it is a guarantor of the opening.
    OfficerAndIssuer,
}

/// Who must sign a command, by its verb.
pub fn signer(verb: &str) -> Signer {
    match verb {
        "tick" => Signer::Nobody,
        "evidence" | "retract" => Signer::Source,
        "dispute" => Signer::Winner,
        "bond" | "extend-bond" => Signer::OfficerAndIssuer,
        _ => Signer::Officers,
    }
}

/// A command after everything that binds it was checked.
pub(super) struct Asked {
    pub what: What,
    pub id: Option<u128>,
}

/// What is asked: of the pledge, or of its record.
pub(super) enum What {
    Pledge(Command),
    Rekey(Change),
}

impl PledgeRecord {
    pub(super) fn intake(&self, received: &Received) -> Result<Asked, Fault> {
        let fields = Fields::new(received.document.object());
        let verb = fields.text("do")?;
        self.check_signers(verb, received, &fields)?;
        if signer(verb) == Signer::Nobody {
            fields.only(&["do"])?;
            return Ok(Asked { what: What::Pledge(Command::Tick), id: None });
        }
        if !self.is_published {
            return Err(Fault::NoticeNotPublished);
        }
        let id = self.check_binding(received, &fields)?;
        let own = own_fields(received)?;
        let what = match verb {
            "rekey" => What::Rekey(self.rekey(&fields)?),
            _ => What::Pledge(parse_ask(&self.opened, &own).map_err(|error| Fault::Field {
                field: error.field,
                message: format!("{}, expected {}", error.message, error.expected),
            })?),
        };
        Ok(Asked { what, id: Some(id) })
    }

    fn check_signers(&self, verb: &str, received: &Received, fields: &Fields<'_>) -> Result<(), Fault> {
        let expected = signer(verb);
        let signers: Vec<&PublicKey> = received.signatures.iter().map(|signed| &signed.key).collect();
        let not_allowed = |key: &PublicKey, expected: &str| {
            Err(Fault::KeyNotAllowed { key: key.to_string(), expected: expected.to_owned() })
        };
        match (expected, signers.as_slice()) {
            (Signer::Nobody, []) => Ok(()),
            (Signer::Nobody, [key, ..]) => not_allowed(key, "no signature"),
            (Signer::Source, [key]) => {
                let source = fields.text("source")?;
                match self.holder_of(key) {
                    Some((Role::Source, holder)) if holder.name == source => Ok(()),
                    _ => not_allowed(key, &format!("the key of the source “{source}”")),
                }
            }
            (Signer::Winner, [key]) => match self.holder_of(key) {
                Some((Role::Winner, _)) => Ok(()),
                _ => not_allowed(key, "the winner's key"),
            },
            (Signer::Officers | Signer::OfficerAndIssuer, [first, second]) => {
                let officer = |key: &PublicKey| match self.holder_of(key) {
                    Some((Role::Officer, holder)) => Some(holder.name.as_str()),
                    _ => None,
                };
                let Some(one) = officer(first) else { return not_allowed(first, "an officer's key first") };
                let other = match (officer(second), expected) {
                    (Some(other), _) if other != one => other,
                    (None, Signer::OfficerAndIssuer) if self.is_issuer(second, verb, fields)? => return Ok(()),
                    _ => return not_allowed(second, "the key of a second officer"),
                };
                self.check_names(fields, received, one, other)
            }
            (Signer::Source, _) => Err(Fault::Unsigned { by: "the source", needed: 1 }),
            (Signer::Winner, _) => Err(Fault::Unsigned { by: "the winner", needed: 1 }),
            (Signer::Officers, _) => Err(Fault::Unsigned { by: "officers", needed: 2 }),
            (Signer::OfficerAndIssuer, _) => {
                Err(Fault::Unsigned { by: "officers, or an officer and the issuer", needed: 2 })
            }
        }
    }

    /// Whether a key is that of the issuer of the bond in question.
    fn is_issuer(&self, key: &PublicKey, verb: &str, fields: &Fields<'_>) -> Result<bool, Fault> {
        let issuer = if verb == "bond" {
            fields.text("issuer")?
        } else {
            let number = usize::try_from(fields.count("bond")?).unwrap_or(usize::MAX);
            let bond = number.checked_sub(1).and_then(|index| self.opened.pledge.bonds().get(index));
            bond.map_or("", |held| held.bond.issuer.as_str())
        };
        Ok(matches!(self.holder_of(key), Some((Role::Guarantor, holder)) if holder.name == issuer))
    }

    /// Officers whom a command names are those who signed it, in their order.
    fn check_names(&self, fields: &Fields<'_>, received: &Received, one: &str, other: &str) -> Result<(), Fault> {
        for (field, name) in [("officer", one), ("second_officer", other)] {
            if received.document.object().has(field) && fields.text(field)? != name {
                return Err(fields.wrong(field, format!("is not who signed there, expected “{name}”")).into());
            }
        }
        Ok(())
    }

    /// Format, pledge, opening, key and id.
    fn check_binding(&self, received: &Received, fields: &Fields<'_>) -> Result<u128, Fault> {
        let format = fields.text("format")?;
        if format != PLEDGE_COMMAND_FORMAT {
            return Err(fields.wrong("format", format!("is “{format}”, expected “{PLEDGE_COMMAND_FORMAT}”")).into());
        }
        let pledge = fields.text("pledge")?;
        if pledge != self.opening.pledge {
            return Err(Fault::OtherPledge { named: format!("the pledge {pledge}") });
        }
        let opening = fields.digest("opening")?;
        if opening != self.digest {
            return Err(Fault::OtherPledge { named: format!("the opening {opening}") });
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
        if self.ids.contains(&hash) {
            return Err(Fault::IdRepeated { id: id.to_owned() });
        }
        Ok(hash)
    }

    /// Another key for somebody whose key is lost or known to others: an act of two officers, neither of whom it is about.
    fn rekey(&self, fields: &Fields<'_>) -> Result<Change, Fault> {
        let known = [&BINDING[..], &["do", "of", "new_key", "officer", "second_officer", "reason", "note"]].concat();
        fields.only(&known)?;
        let (of, key) = (fields.text("of")?, fields.key("new_key")?);
        let approval = Approval {
            first: fields.text("officer")?.to_owned(),
            second: fields.text("second_officer")?.to_owned(),
            reason: fields.text("reason")?.to_owned(),
        };
        if !self.opening.holders().any(|holder| holder.name == of) {
            return Err(fields.wrong("of", format!("“{of}” is nobody whose signature counts here")).into());
        }
        if of == approval.first || of == approval.second {
            return Err(fields.wrong("of", "is one of the two officers who sign, expected a third").into());
        }
        if self.holder_of(&key).is_some() {
            return Err(fields.wrong("new_key", "is somebody's key already").into());
        }
        Ok(Change::Rekeyed { of: of.to_owned(), key, approval })
    }

    fn holder_of(&self, key: &PublicKey) -> Option<(Role, &Holder)> {
        self.holders.iter().find(|(_, holder)| holder.key == *key).map(|(role, holder)| (*role, holder))
    }
}

/// The command without the fields that bind its signature. A record writes a thing in one way: files may write numbers as
/// texts, or leave fields empty.
fn own_fields(received: &Received) -> Result<Map<String, Value>, Fault> {
    let fields = Fields::new(received.document.object());
    let Ok(Value::Object(mut own)) = serde_json::from_str(received.text()) else {
        return Err(fields.wrong("do", "is in no object").into());
    };
    own.retain(|field, _| !BINDING.contains(&field.as_str()));
    for (field, value) in &own {
        let expected = match field.as_str() {
            "bond" | "claim" | "year" => value.is_u64(),
            "on_demand" => value.is_boolean(),
            _ => value.as_str().is_some_and(|text| !text.is_empty()),
        };
        if !expected {
            return Err(fields.wrong(field, "is not written as a record writes it").into());
        }
    }
    Ok(own)
}
