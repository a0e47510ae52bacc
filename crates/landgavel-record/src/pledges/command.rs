use landgavel_base::{Date, Digest, Instant, Money, Quantity};
use landgavel_pledge::{Approval, Bond, BondForm, Command, Evidence, Finding, Halted, Subject};
use serde_json::{Map, Value};

use super::Opened;
use crate::language::{IDLE, parse_area, parse_money, parse_quantity};
use crate::wire::{WireError, parse_time, read_date};

/// Verbs and the fields that each may have besides `at` and `do`.
const VERBS: [(&str, &[&str]); 14] = [
    ("tick", &[]),
    ("bond", BOND),
    ("extend-bond", &["bond", "valid_until", "letter"]),
    ("evidence", EVIDENCE),
    ("retract", &["about", "year", "source", "reason"]),
    ("pay", &["claim", "amount"]),
    ("dispute", &["claim", "statement"]),
    ("settle", &["claim", "amount", "officer", "second_officer", "reason"]),
    ("call-bond", &["claim"]),
    ("call-expiring", &["bond"]),
    ("extend", &["about", "until", "officer", "second_officer", "reason"]),
    ("stop-time", &["from", "until", "officer", "second_officer", "reason"]),
    ("waive", &["about", "year", "officer", "second_officer", "reason"]),
    ("take-back", &["amount", "officer", "second_officer", "reason"]),
];

const BOND: &[&str] = &[
    "form",
    "amount",
    "currency",
    "issuer",
    "beneficiary",
    "on_demand",
    "valid_until",
    "number",
    "letter",
    "confirmed",
];
/// Characters of the number of a guarantee.
const NUMBER_MAX: usize = 64;
const EVIDENCE: &[&str] =
    &["about", "year", "on", "figure", "since", "until", "built", "invested", "source", "document", "confirmed"];

type Read<T> = Result<T, WireError>;

/// Reads the time of a line of a file of commands.
///
/// # Errors
/// It is missing or no moment.
pub fn parse_at(object: &Map<String, Value>) -> Read<Instant> {
    parse_time("at", text(object, "at")?)
}

/// Reads a command without its time.
///
/// # Errors
/// The field that cannot be read, and what was expected.
pub fn parse_ask(opened: &Opened, object: &Map<String, Value>) -> Read<Command> {
    let fields = Fields { opened, object };
    let verb = fields.text("do")?;
    let Some((_, allowed)) = VERBS.iter().find(|(name, _)| *name == verb) else {
        let verbs: Vec<&str> = VERBS.iter().map(|(name, _)| *name).collect();
        return wrong("do", format!("“{verb}” is none of the commands"), verbs.join(", "));
    };
    let is_known = |field: &String| allowed.contains(&field.as_str()) || matches!(field.as_str(), "do" | "note");
    // A table has every column in every row: what is empty is not there.
    if let Some((field, _)) = object.iter().find(|(field, value)| !is_known(field) && !is_empty(value)) {
        return wrong(field, format!("“{verb}” has no such field"), allowed.join(", "));
    }
    fields.command(verb)
}

/// A command of a file as a record writes it: nothing empty, numbers as numbers, yes and no as true and false.
pub fn written(mut command: Map<String, Value>) -> Map<String, Value> {
    command.retain(|_, value| !is_empty(value));
    for (field, value) in &mut command {
        let again = match (field.as_str(), value.as_str()) {
            ("bond" | "claim" | "year", Some(text)) => text.parse::<u64>().ok().map(Value::from),
            ("on_demand" | "confirmed", Some(text)) => yes_or_no(text).map(Value::from),
            _ => None,
        };
        *value = again.unwrap_or_else(|| value.take());
    }
    command
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "是" => Some(true),
        "false" | "no" | "否" => Some(false),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn wrong<T>(field: &str, message: impl Into<String>, expected: impl Into<String>) -> Read<T> {
    Err(WireError { field: field.to_owned(), message: message.into(), expected: expected.into() })
}

fn optional<'a>(object: &'a Map<String, Value>, field: &str) -> Read<Option<&'a str>> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => wrong(field, "is not a text", "a text, in quotes"),
    }
}

fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Read<&'a str> {
    match optional(object, field)? {
        Some(text) => Ok(text),
        None => wrong(field, "is missing", "a text"),
    }
}

struct Fields<'a> {
    opened: &'a Opened,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn command(&self, verb: &str) -> Read<Command> {
        Ok(match verb {
            "bond" => Command::LodgeBond(self.bond()?),
            "extend-bond" => Command::ExtendBond {
                bond: self.number("bond")?,
                valid_until: self.date("valid_until")?,
                letter: self.digest("letter")?,
            },
            "evidence" => Command::EnterEvidence(self.evidence()?),
            "retract" => Command::RetractEvidence {
                subject: self.subject()?,
                source: self.text("source")?.to_owned(),
                reason: self.text("reason")?.to_owned(),
            },
            "pay" => Command::Pay { claim: self.number("claim")?, amount: self.money("amount")? },
            "dispute" => Command::Dispute { claim: self.number("claim")?, statement: self.digest("statement")? },
            "settle" => Command::Settle {
                claim: self.number("claim")?,
                amount: self.money("amount")?,
                approval: self.approval()?,
            },
            "call-bond" => Command::CallBond { claim: self.number("claim")? },
            "call-expiring" => Command::CallExpiring { bond: self.number("bond")? },
            "extend" => {
                let Subject::Milestone(index) = self.subject()? else {
                    return wrong("about", "is no milestone: only their terms are extended", "the id of a milestone");
                };
                Command::Extend { milestone: index.into(), until: self.date("until")?, approval: self.approval()? }
            }
            "stop-time" => {
                Command::StopTime { from: self.date("from")?, until: self.date("until")?, approval: self.approval()? }
            }
            "waive" => Command::Waive { subject: self.subject()?, approval: self.approval()? },
            "take-back" => Command::TakeBack { compensation: self.money("amount")?, approval: self.approval()? },
            _ => Command::Tick,
        })
    }

    fn has(&self, field: &str) -> bool {
        self.object.get(field).is_some_and(|value| !is_empty(value))
    }

    fn optional(&self, field: &str) -> Read<Option<&'a str>> {
        optional(self.object, field)
    }

    fn text(&self, field: &str) -> Read<&'a str> {
        text(self.object, field)
    }

    /// Claims and bonds are numbered from 1, as people count.
    fn number(&self, field: &str) -> Read<usize> {
        let number = match self.object.get(field) {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        match number.and_then(|number| usize::try_from(number).ok()).and_then(|number| number.checked_sub(1)) {
            Some(index) => Ok(index),
            None => wrong(field, "is no number of one", "a whole number from 1, in the order in which they came"),
        }
    }

    fn date(&self, field: &str) -> Read<Date> {
        let text = self.text(field)?;
        match read_date(text) {
            Some(date) => Ok(date),
            None => wrong(field, format!("“{text}” is not a day"), "a day such as 2027-05-31"),
        }
    }

    fn yes_or_no(&self, field: &str) -> Read<Option<bool>> {
        let Some(value) = self.object.get(field).filter(|value| !is_empty(value)) else { return Ok(None) };
        match value.as_bool().or_else(|| yes_or_no(value.as_str().unwrap_or_default())) {
            Some(yes) => Ok(Some(yes)),
            None => wrong(field, "is neither yes nor no", "true or false"),
        }
    }

    fn money(&self, field: &str) -> Read<Money> {
        let currency = &self.opened.pledge.contract().currency;
        parse_money(self.text(field)?, currency).or_else(|why| wrong(field, why, "an amount with its unit"))
    }

    fn digest(&self, field: &str) -> Read<Digest> {
        match Digest::from_hex(self.text(field)?) {
            Some(digest) => Ok(digest),
            None => wrong(field, "is no digest", "the SHA-256 of the document, 64 lower-case hexadecimal digits"),
        }
    }

    fn approval(&self) -> Read<Approval> {
        Ok(Approval {
            first: self.text("officer")?.to_owned(),
            second: self.text("second_officer")?.to_owned(),
            reason: self.text("reason")?.to_owned(),
        })
    }

    /// What a command is about: the id of a milestone, promise, duty or ban, or `idle`; of a yearly promise with its year from 1.
    fn subject(&self) -> Read<Subject> {
        let contract = self.opened.pledge.contract();
        let id = self.text("about")?;
        let short = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        let has_year = self.has("year");
        if has_year && contract.promises.iter().all(|promise| promise.id != id) {
            return wrong("year", "goes with promises alone", "no year");
        }
        if let Some(index) = contract.milestones.iter().position(|milestone| milestone.id == id) {
            return Ok(Subject::Milestone(short(index)));
        }
        if let Some(index) = contract.promises.iter().position(|promise| promise.id == id) {
            let period = if has_year { self.number("year")? } else { 0 };
            if !has_year && contract.periods(index) > 1 {
                return wrong("year", "is missing", "the year of the promise, from 1");
            }
            return Ok(Subject::Period(short(index), short(period)));
        }
        if let Some(index) = contract.duties.iter().position(|duty| duty.obligation.id == id) {
            return Ok(Subject::Duty(short(index)));
        }
        if let Some(index) = contract.bans.iter().position(|ban| ban.id == id) {
            return Ok(Subject::Ban(short(index)));
        }
        if id == IDLE {
            return Ok(Subject::Idle);
        }
        let milestones = contract.milestones.iter().map(|milestone| milestone.id.as_str());
        let promises = contract.promises.iter().map(|promise| promise.id.as_str());
        let duties = contract.duties.iter().map(|duty| duty.obligation.id.as_str());
        let bans = contract.bans.iter().map(|ban| ban.id.as_str());
        let known: Vec<&str> = milestones.chain(promises).chain(duties).chain(bans).chain([IDLE]).collect();
        wrong("about", format!("“{id}” is nothing of this pledge"), known.join(", "))
    }

    fn evidence(&self) -> Read<Evidence> {
        let subject = self.subject()?;
        let finding = match (subject, self.optional("figure")?) {
            (_, Some(_)) if self.has("on") => return wrong("on", "does not go with a figure", "one of both"),
            (Subject::Idle, None) if self.has("on") => {
                return wrong("on", "does not go with idle land", "since, a day");
            }
            (Subject::Idle, None) => Finding::Halted(self.halted()?),
            (Subject::Period(promise, _), Some(text)) => Finding::Figure(self.figure(promise, text)?),
            (_, Some(_)) => return wrong("figure", "does not go with a day that is awaited", "on, a day"),
            (Subject::Period(..), None) if !self.has("on") => return wrong("figure", "is missing", "a figure"),
            (_, None) => Finding::On(self.date("on")?),
        };
        if subject != Subject::Idle {
            self.without(&["since", "until", "built", "invested"], "goes with idle land alone")?;
        }
        if matches!(finding, Finding::On(_)) {
            self.without(&["confirmed"], "does not go with a day")?;
        }
        Ok(Evidence {
            subject,
            finding,
            source: self.text("source")?.to_owned(),
            document: self.digest("document")?,
            is_confirmed: self.yes_or_no("confirmed")?.unwrap_or(false),
        })
    }

    /// Nothing that is said is passed over.
    fn without(&self, fields: &[&str], why: &str) -> Read<()> {
        match fields.iter().find(|field| self.has(field)) {
            Some(field) => wrong(field, why, "nothing here"),
            None => Ok(()),
        }
    }

    /// Work that has stopped on land that was begun.
    fn halted(&self) -> Read<Halted> {
        let built = parse_area(self.text("built")?).or_else(|why| wrong("built", why, "an area such as 5000 m2"))?;
        let (since, until) = (self.date("since")?, self.date("until")?);
        Ok(Halted { since, until, built, invested: self.money("invested")? })
    }

    fn figure(&self, promise: u16, text: &str) -> Read<i64> {
        let Some(attribute) = self.opened.attributes.get(usize::from(promise)) else {
            return wrong("about", "is no promise", "the id of a promise");
        };
        // Figures may be below zero: tax that was paid back.
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        match parse_quantity(attribute, digits) {
            Ok(quantity) => Ok(sign * Quantity::quanta(quantity)),
            Err(why) => wrong("figure", why, format!("a figure in {}", attribute.unit.text)),
        }
    }

    fn bond_number(&self) -> Read<Option<String>> {
        let Some(text) = self.optional("number")? else { return Ok(None) };
        let is_one = text.trim() == text && text.chars().count() <= NUMBER_MAX && !text.chars().any(char::is_control);
        if !is_one {
            let expected = format!("1 to {NUMBER_MAX} characters on one line, without spaces around them");
            return wrong("number", "is no number of a guarantee", expected);
        }
        Ok(Some(text.to_owned()))
    }

    fn bond(&self) -> Read<Bond> {
        let contract = self.opened.pledge.contract();
        let form = match self.text("form")? {
            "cash" => BondForm::Cash,
            "guarantee" => BondForm::Guarantee,
            other => return wrong("form", format!("“{other}” is no form of a bond"), "cash or guarantee"),
        };
        if form == BondForm::Cash {
            self.without(&["valid_until", "number", "letter"], "goes with a guarantee alone")?;
        }
        let is_on_demand = self.yes_or_no("on_demand")?.unwrap_or(form == BondForm::Cash);
        let currency = self.optional("currency")?.unwrap_or(&contract.currency).to_owned();
        let text = self.text("amount")?;
        let amount = parse_money(text, &currency).or_else(|why| wrong("amount", why, "an amount with its unit"))?;
        Ok(Bond {
            form,
            amount,
            currency,
            issuer: self.text("issuer")?.to_owned(),
            beneficiary: self.optional("beneficiary")?.unwrap_or(&contract.bond.beneficiary).to_owned(),
            on_demand: is_on_demand,
            valid_until: match self.optional("valid_until")? {
                None => None,
                Some(_) => Some(self.date("valid_until")?),
            },
            number: self.bond_number()?,
            letter: match self.optional("letter")? {
                None => None,
                Some(_) => Some(self.digest("letter")?),
            },
            is_confirmed: self.yes_or_no("confirmed")?.unwrap_or(false),
        })
    }
}
