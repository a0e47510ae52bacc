use landgavel_pledge::{Approval, Command};
use serde_json::{Map, Value};

use super::{Change, Holder, PledgeRecord, Role};
use crate::canonical::Document;
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
    /// The signatures that it still lacks.
    lacks: Option<Fault>,
}

/// What is asked: of the pledge, or of its record.
pub(super) enum What {
    Pledge(Command),
    Rekey(Change),
}

/// A text that may enter the record, before the terms are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// What it asks of the pledge; nothing when it only replaces a key.
    pub command: Option<Command>,
    /// Whether all have signed that must.
    pub is_signed: bool,
}

impl PledgeRecord {
    /// Whether a text would enter the record with signatures of these keys, in this order, or with those of more: asked
    /// before somebody signs what can be no entry. The terms may still refuse it.
    ///
    /// # Errors
    /// Why it can be no entry, whoever signs too.
    pub fn fits(&self, text: &str, keys: &[PublicKey]) -> Result<Fitting, Fault> {
        let received = Received::unsigned(self.last, text)
            .map_err(|why| Fault::Field { field: "do".to_owned(), message: why.to_string() })?;
        let asked = self.asked(&received.document, &keys.iter().collect::<Vec<_>>())?;
        let command = match asked.what {
            What::Pledge(command) => Some(command),
            What::Rekey(_) => None,
        };
        Ok(Fitting { command, is_signed: asked.lacks.is_none() })
    }

    /// Who issues the bond of which a text tells, by name; nothing when it tells of none.
    pub fn issuer_in(&self, text: &str) -> Option<String> {
        let received = Received::unsigned(self.last, text).ok()?;
        let fields = Fields::new(received.document.object());
        let verb = fields.text("do").ok().filter(|verb| signer(verb) == Signer::OfficerAndIssuer)?;
        self.issuer(verb, &fields).ok().map(str::to_owned)
    }

    pub(super) fn intake(&self, received: &Received) -> Result<Asked, Fault> {
        let keys: Vec<&PublicKey> = received.signatures.iter().map(|signed| &signed.key).collect();
        let asked = self.asked(&received.document, &keys)?;
        match asked.lacks {
            Some(lacks) => Err(lacks),
            None => Ok(asked),
        }
    }

    fn asked(&self, document: &Document<'_>, keys: &[&PublicKey]) -> Result<Asked, Fault> {
        let fields = Fields::new(document.object());
        let verb = fields.text("do")?;
        let lacks = self.check_signers(verb, keys, document, &fields)?;
        if signer(verb) == Signer::Nobody {
            fields.only(&["do"])?;
            return Ok(Asked { what: What::Pledge(Command::Tick), id: None, lacks });
        }
        if !self.is_published {
            return Err(Fault::NoticeNotPublished);
        }
        let id = self.check_binding(keys, &fields)?;
        let own = own_fields(document.text()).ok_or_else(|| fields.wrong("do", "is in no object"))?;
        check_written(&own, &fields)?;
        let what = match verb {
            "rekey" => What::Rekey(self.rekey(&fields)?),
            _ => What::Pledge(parse_ask(&self.opened, &own).map_err(|error| Fault::Field {
                field: error.field,
                message: format!("{}, expected {}", error.message, error.expected),
            })?),
        };
        Ok(Asked { what, id: Some(id), lacks })
    }

    /// Whether these keys may sign, in this order; gives what is still lacking when a second one may follow the first.
    fn check_signers(
        &self,
        verb: &str,
        signers: &[&PublicKey],
        document: &Document<'_>,
        fields: &Fields<'_>,
    ) -> Result<Option<Fault>, Fault> {
        let expected = signer(verb);
        let not_allowed = |key: &PublicKey, expected: &str| {
            Err(Fault::KeyNotAllowed { key: key.to_string(), expected: expected.to_owned() })
        };
        match (expected, signers) {
            (Signer::Nobody, []) => Ok(None),
            (Signer::Nobody, [key, ..]) => not_allowed(key, "no signature"),
            (Signer::Source, [key]) => {
                let source = fields.text("source")?;
                match self.holder_of(key) {
                    Some((Role::Source, holder)) if holder.name == source => Ok(None),
                    _ => not_allowed(key, &format!("the key of the source “{source}”")),
                }
            }
            (Signer::Winner, [key]) => match self.holder_of(key) {
                Some((Role::Winner, _)) => Ok(None),
                _ => not_allowed(key, "the winner's key"),
            },
            (Signer::Officers | Signer::OfficerAndIssuer, [first, rest @ ..]) if rest.len() < 2 => {
                let officer = |key: &PublicKey| match self.holder_of(key) {
                    Some((Role::Officer, holder)) => Some(holder.name.as_str()),
                    _ => None,
                };
                let Some(one) = officer(first) else { return not_allowed(first, "an officer's key first") };
                let [second] = rest else {
                    check_named(fields, document, "officer", one)?;
                    self.check_second(fields, document, one)?;
                    return Ok(Some(unsigned(expected)));
                };
                let other = match (officer(second), expected) {
                    (Some(other), _) if other != one => other,
                    (None, Signer::OfficerAndIssuer) if self.is_issuer(second, verb, fields)? => return Ok(None),
                    _ => return not_allowed(second, "the key of a second officer"),
                };
                // Officers whom a command names are those who signed it, in their order.
                check_named(fields, document, "officer", one)?;
                check_named(fields, document, "second_officer", other)?;
                Ok(None)
            }
            (expected, _) => Err(unsigned(expected)),
        }
    }

    /// The officer whom a command names as the second is somebody who can sign there.
    fn check_second(&self, fields: &Fields<'_>, document: &Document<'_>, first: &str) -> Result<(), Fault> {
        if !document.object().has("second_officer") {
            return Ok(());
        }
        let name = fields.text("second_officer")?;
        let is_other =
            self.holders.iter().any(|(role, holder)| *role == Role::Officer && holder.name == name && name != first);
        if is_other { Ok(()) } else { Err(fields.wrong("second_officer", "is no other officer of this pledge").into()) }
    }

    /// The issuer of the bond in question.
    fn issuer<'a>(&'a self, verb: &str, fields: &Fields<'a>) -> Result<&'a str, Fault> {
        if verb == "bond" {
            return Ok(fields.text("issuer")?);
        }
        let number = usize::try_from(fields.count("bond")?).unwrap_or(usize::MAX);
        let bond = number.checked_sub(1).and_then(|index| self.opened.pledge.bonds().get(index));
        Ok(bond.map_or("", |held| held.bond.issuer.as_str()))
    }

    /// Whether a key is that of the issuer of the bond in question.
    fn is_issuer(&self, key: &PublicKey, verb: &str, fields: &Fields<'_>) -> Result<bool, Fault> {
        let issuer = self.issuer(verb, fields)?;
        Ok(matches!(self.holder_of(key), Some((Role::Guarantor, holder)) if holder.name == issuer))
    }

    /// Format, pledge, opening, key and id.
    fn check_binding(&self, keys: &[&PublicKey], fields: &Fields<'_>) -> Result<u128, Fault> {
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
        let key = keys.first().map_or("", |key| key.text());
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
        if self.holder_of(&key).is_some() || self.replaced.contains(&key) {
            return Err(fields.wrong("new_key", "is or was somebody's key, expected one that is nobody's").into());
        }
        Ok(Change::Rekeyed { of: of.to_owned(), key, approval })
    }

    fn holder_of(&self, key: &PublicKey) -> Option<(Role, &Holder)> {
        self.holders.iter().find(|(_, holder)| holder.key == *key).map(|(role, holder)| (*role, holder))
    }
}

/// An officer whom a command names in a field is the one who signed there.
fn check_named(fields: &Fields<'_>, document: &Document<'_>, field: &str, name: &str) -> Result<(), Fault> {
    if document.object().has(field) && fields.text(field)? != name {
        return Err(fields.wrong(field, format!("is not who signed there, expected “{name}”")).into());
    }
    Ok(())
}

fn unsigned(expected: Signer) -> Fault {
    let (by, needed) = match expected {
        Signer::Nobody => ("nobody", 0),
        Signer::Source => ("the source", 1),
        Signer::Winner => ("the winner", 1),
        Signer::Officers => ("officers", 2),
        Signer::OfficerAndIssuer => ("officers, or an officer and the issuer", 2),
    };
    Fault::Unsigned { by, needed }
}

/// The fields of a command that are its own, without those that bind its signature; nothing when the text is no object.
pub fn own_fields(text: &str) -> Option<Map<String, Value>> {
    let Ok(Value::Object(mut own)) = serde_json::from_str(text) else { return None };
    own.retain(|field, _| !BINDING.contains(&field.as_str()));
    Some(own)
}

/// A record writes a thing in one way: files may write numbers as texts, or leave fields empty.
fn check_written(own: &Map<String, Value>, fields: &Fields<'_>) -> Result<(), Fault> {
    for (field, value) in own {
        let expected = match field.as_str() {
            "bond" | "claim" | "year" => value.is_u64(),
            "on_demand" | "confirmed" => value.is_boolean(),
            _ => value.as_str().is_some_and(|text| !text.is_empty()),
        };
        if !expected {
            return Err(fields.wrong(field, "is not written as a record writes it").into());
        }
    }
    Ok(())
}
