use landgavel_base::{Date, Digest, FactValue, Instant, Quantity, SAFE_INTEGER_MAX};
use landgavel_sale::command::{Application, BidderId, Bond, Command};
use landgavel_sale::lot::Secret;
use landgavel_sale::rulebook::{Attribute, AttributeId, BondForm, StageId, StageKind};
use landgavel_sale::{Sale, Status};
use serde_json::{Map, Value};

use crate::canonical::{Document, Item, Object};
use crate::language::{parse_money, parse_quantity};

/// A command as it came in, with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The sale's time.
    pub at: Instant,
    /// What is asked.
    pub command: Command,
    /// Amounts of a sealed bid that the file tells in the open; whoever runs the file opens the
    /// seal with them when its time comes.
    pub sealed_amounts: Option<Vec<Quantity>>,
}

/// A field of a command that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// Name of the field.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub expected: String,
}

/// Nobody has this id: the engine answers `unknown_bidder`.
const NOBODY: BidderId = BidderId(u32::MAX);

struct Fields<'a> {
    sale: &'a Sale,
    object: Object<'a>,
}

type Read<T> = Result<T, WireError>;

fn wrong<T>(field: &str, message: impl Into<String>, expected: impl Into<String>) -> Read<T> {
    Err(WireError { field: field.to_owned(), message: message.into(), expected: expected.into() })
}

const FIELDS: [(&str, &[&str]); 25] = [
    ("apply", &["bidder", "identity", "group", "facts", "certificates"]),
    ("bond", &["bidder", "form", "amount", "valid_until", "issuer"]),
    ("withdraw", &["bidder"]),
    ("admit", &["bidder"]),
    ("reject", &["bidder", "reason"]),
    ("commit", &["stage", "secret", "digest"]),
    ("reveal", &["stage", "secret", "value", "salt"]),
    ("bid", &["bidder", "amount"]),
    ("join", &["bidder"]),
    ("accept", &["bidder"]),
    ("seal", &["bidder", "amount", "amounts", "envelope", "salt"]),
    ("open", &["bidder", "amount", "amounts", "salt"]),
    ("file", &["bidder", "documents"]),
    ("mark", &["judge", "bidder", "criterion", "points"]),
    ("beacon", &["outputs"]),
    ("step", &["amount"]),
    ("call", &[]),
    ("hammer", &[]),
    ("pause", &["evidence"]),
    ("resume", &[]),
    ("qualify", &["bidder"]),
    ("disqualify", &["bidder", "reason"]),
    ("confirm", &["bidder"]),
    ("default", &["bidder"]),
    ("annul", &["cause", "reason"]),
];

/// Reads one command. Amounts are read in the attribute of the stage that runs.
///
/// # Errors
/// The first field that is missing, unknown or ill-formed, with what was expected.
pub fn parse_request(sale: &Sale, object: &Map<String, Value>) -> Result<Request, WireError> {
    let document = Document::of(object);
    let fields = Fields { sale, object: document.object() };
    let at = parse_time("at", fields.text("at")?)?;
    let (command, sealed_amounts) = parse_verb(&fields, &["at"])?;
    Ok(Request { at, command, sealed_amounts })
}

/// Reads one command whose time is known. `beside` are fields that may stand beside the command's own.
///
/// # Errors
/// As [`parse_request`].
pub(crate) fn parse_command(sale: &Sale, object: Object<'_>, beside: &[&str]) -> Result<Command, WireError> {
    parse_verb(&Fields { sale, object }, beside).map(|(command, _)| command)
}

fn parse_verb(fields: &Fields<'_>, beside: &[&str]) -> Read<(Command, Option<Vec<Quantity>>)> {
    let verb = fields.text("do")?;
    if verb == "tick" {
        return Ok((Command::Tick, None));
    }
    let Some((_, allowed)) = FIELDS.iter().find(|(name, _)| *name == verb) else {
        let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        return wrong("do", format!("unknown command “{verb}”"), format!("one of {}, tick", known.join(", ")));
    };
    let stray = fields.object.fields().find(|(key, _)| {
        let is_known = matches!(*key, "do" | "note") || beside.contains(key);
        !is_known && !allowed.contains(key)
    });
    if let Some((key, _)) = stray {
        return wrong(key, format!("“{verb}” has no such field"), format!("at, do, note, {}", allowed.join(", ")));
    }
    fields.command(verb)
}

/// Reads a moment as commands write it: RFC 3339 with an offset.
pub fn read_time(text: &str) -> Option<Instant> {
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed.ok().and_then(|time| Instant::from_millis(time.as_millisecond()))
}

pub(crate) fn parse_time(field: &str, text: &str) -> Read<Instant> {
    match read_time(text) {
        Some(at) => Ok(at),
        None => wrong(
            field,
            format!("“{text}” is not a moment"),
            "RFC 3339 with an offset, such as 2026-03-25T09:00:00+08:00",
        ),
    }
}

impl<'a> Fields<'a> {
    fn command(&self, verb: &str) -> Read<(Command, Option<Vec<Quantity>>)> {
        Ok((
            match verb {
                "apply" => Command::Apply(self.application()?),
                "bond" => Command::LodgeBond { bidder: self.bidder()?, bond: self.bond()? },
                "withdraw" => Command::Withdraw { bidder: self.bidder()? },
                "admit" => Command::Admit { bidder: self.bidder()? },
                "reject" => Command::Reject { bidder: self.bidder()?, reason: self.owned("reason")? },
                "commit" => {
                    Command::Commit { stage: self.stage()?, secret: self.secret()?, digest: self.digest("digest")? }
                }
                "reveal" => self.reveal()?,
                "bid" => Command::PlaceBid {
                    bidder: self.bidder()?,
                    amount: self.quantity("amount", self.deciding("amount")?)?,
                },
                "join" => Command::Join { bidder: self.bidder()? },
                "accept" => Command::Accept { bidder: self.bidder()? },
                "seal" => return self.seal(),
                "open" => self.open()?,
                "file" => Command::FileScheme { bidder: self.bidder()?, documents: self.digest("documents")? },
                "mark" => Command::GiveMark {
                    judge: self.owned("judge")?,
                    bidder: self.bidder()?,
                    criterion: self.owned("criterion")?,
                    points: self.quantity("points", self.deciding("points")?)?,
                },
                "beacon" => Command::RevealBeacon { outputs: self.outputs()? },
                "step" => Command::ChangeStep { step: self.quantity("amount", self.deciding("amount")?)? },
                "call" => Command::CallBid,
                "hammer" => Command::FallHammer,
                "pause" => Command::Pause { evidence: self.owned("evidence")? },
                "resume" => Command::Resume,
                "qualify" => Command::Qualify { bidder: self.bidder()? },
                "disqualify" => Command::Disqualify { bidder: self.bidder()?, reason: self.owned("reason")? },
                "confirm" => Command::Confirm { bidder: self.bidder()? },
                "default" => Command::DeclareDefault { bidder: self.bidder()? },
                "annul" => Command::Annul { cause: self.owned("cause")?, reason: self.owned("reason")? },
                other => return wrong("do", format!("unknown command “{other}”"), "a command of the reference"),
            },
            None,
        ))
    }

    fn optional(&self, field: &str) -> Read<Option<&'a str>> {
        match self.object.get(field) {
            None | Some(Item::Null) => Ok(None),
            Some(Item::Text("")) => Ok(None),
            Some(Item::Text(text) | Item::Number(text)) => Ok(Some(text)),
            Some(other) => wrong(field, format!("{other} is not a text"), "a text"),
        }
    }

    fn text(&self, field: &str) -> Read<&'a str> {
        match self.optional(field)? {
            Some(text) => Ok(text),
            None => wrong(field, "is missing", "a text"),
        }
    }

    fn owned(&self, field: &str) -> Read<String> {
        self.text(field).map(str::to_owned)
    }

    fn bidder(&self) -> Read<BidderId> {
        let code = self.text("bidder")?;
        Ok(self.sale.bidder_named(code).unwrap_or(NOBODY))
    }

    fn stage(&self) -> Read<StageId> {
        let name = self.text("stage")?;
        let rulebook = &self.sale.lot().rulebook;
        match rulebook.stage_named(name) {
            Some(stage) => Ok(stage),
            None => {
                let known: Vec<&str> = rulebook.stages.iter().map(|stage| stage.id.as_str()).collect();
                wrong("stage", format!("no stage “{name}”"), format!("one of {}", known.join(", ")))
            }
        }
    }

    fn secret(&self) -> Read<Secret> {
        match self.text("secret")? {
            "cap" => Ok(Secret::Cap),
            "reserve" => Ok(Secret::Reserve),
            other => wrong("secret", format!("“{other}” is neither"), "cap or reserve"),
        }
    }

    fn digest(&self, field: &str) -> Read<Digest> {
        let text = self.text(field)?;
        Digest::from_hex(text).map_or_else(|| wrong(field, "is not a digest", "64 lower-case hexadecimal digits"), Ok)
    }

    /// The attribute that the running stage decides on, or the first of the rulebook. A sale by lot alone may
    /// have none.
    fn deciding(&self, field: &str) -> Read<&Attribute> {
        let running = match self.sale.status() {
            Status::Running(stage) => self.sale.lot().rulebook.stage(*stage).kind.attribute(),
            _ => None,
        };
        self.attribute(field, running.unwrap_or(AttributeId(0)))
    }

    fn attribute(&self, field: &str, id: AttributeId) -> Read<&Attribute> {
        match self.sale.lot().rulebook.attributes.get(usize::from(id.0)) {
            Some(attribute) => Ok(attribute),
            None => wrong(field, "is an amount, and this sale has no quantities", "no amount"),
        }
    }

    fn quantity(&self, field: &str, attribute: &Attribute) -> Read<Quantity> {
        let text = self.text(field)?;
        parse_quantity(attribute, text)
            .or_else(|message| wrong(field, message, format!("an amount in {}", attribute.unit.text)))
    }

    fn application(&self) -> Read<Application> {
        let mut facts = Vec::new();
        if let Some(given) = self.object.get("facts") {
            let Item::Object(given) = given else { return wrong("facts", "is not an object", "names with values") };
            for (name, value) in given.fields() {
                let value = match value {
                    Item::Flag(flag) => FactValue::YesNo(flag),
                    Item::Number(_) => {
                        match value.integer().filter(|n| n.unsigned_abs() <= SAFE_INTEGER_MAX.unsigned_abs()) {
                            Some(number) => FactValue::Number(number),
                            None => return wrong(&format!("facts.{name}"), "is out of range", "a whole number"),
                        }
                    }
                    Item::Text(text) => FactValue::Text(text.to_owned()),
                    other => {
                        return wrong(
                            &format!("facts.{name}"),
                            format!("{other} is no fact"),
                            "text, number or yes/no",
                        );
                    }
                };
                facts.push((name.to_owned(), value));
            }
        }
        Ok(Application {
            code: self.owned("bidder")?,
            identity: self.optional("identity")?.map(str::to_owned),
            group: self.optional("group")?.map(str::to_owned),
            facts,
        })
    }

    fn bond(&self) -> Read<Bond> {
        let form = match self.text("form")? {
            "cash" => BondForm::Cash,
            "guarantee" => BondForm::Guarantee,
            "insurance" => BondForm::Insurance,
            other => return wrong("form", format!("“{other}” is no form of bond"), "cash, guarantee or insurance"),
        };
        let amount = self.text("amount")?;
        let amount = parse_money(amount, &self.sale.lot().rulebook.currency)
            .or_else(|message| wrong("amount", message, "a sum of money, such as 360 万元"))?;
        let valid_until = match self.optional("valid_until")? {
            Some(text) => Some(parse_time("valid_until", text)?),
            None => None,
        };
        Ok(Bond { form, amount, valid_until, issuer: self.optional("issuer")?.map(str::to_owned) })
    }

    fn reveal(&self) -> Read<Command> {
        let (stage, secret) = (self.stage()?, self.secret()?);
        let decided = self.sale.lot().rulebook.stage(stage).kind.attribute();
        let attribute = self.attribute("value", decided.unwrap_or(AttributeId(0)))?;
        Ok(Command::Reveal { stage, secret, value: self.quantity("value", attribute)?, salt: self.digest("salt")? })
    }

    /// Amounts of a sealed bid, one per quote of the stage, separated by `|` when there are several.
    fn amounts(&self) -> Read<Option<Vec<Quantity>>> {
        let (field, texts) = match (self.object.get("amounts"), self.optional("amount")?) {
            (Some(Item::List(list)), _) => {
                let texts = list.items().map(|item| item.text().map_or_else(|| item.to_string(), str::to_owned));
                ("amounts", texts.collect())
            }
            (Some(Item::Text(text)), _) if !text.is_empty() => {
                ("amounts", text.split('|').map(str::to_owned).collect())
            }
            (_, Some(text)) => ("amount", vec![text.to_owned()]),
            (_, None) => return Ok(None),
        };
        let texts: Vec<String> = texts;
        let rulebook = &self.sale.lot().rulebook;
        let quotes: Vec<AttributeId> = match self.sale.status() {
            Status::Running(stage) => match &rulebook.stage(*stage).kind {
                StageKind::Sealed(rule) => rule.quotes.iter().map(|quote| quote.attribute).collect(),
                _ => vec![AttributeId(0)],
            },
            _ => vec![AttributeId(0)],
        };
        let first = quotes.first().copied().unwrap_or(AttributeId(0));
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let attribute = self.attribute(field, quotes.get(index).copied().unwrap_or(first))?;
                parse_quantity(attribute, text)
                    .or_else(|message| wrong(field, message, format!("an amount in {}", attribute.unit.text)))
            })
            .collect::<Read<Vec<Quantity>>>()
            .map(Some)
    }

    fn seal(&self) -> Read<(Command, Option<Vec<Quantity>>)> {
        let bidder = self.bidder()?;
        if self.object.has("envelope") {
            let envelope = self.digest("envelope")?;
            return Ok((Command::LodgeSeal { bidder, envelope, readable_from: None }, None));
        }
        let Some(amounts) = self.amounts()? else {
            return wrong("amount", "is missing", "the sealed amount, or an envelope");
        };
        let lot = self.sale.lot();
        let stage = match self.sale.status() {
            Status::Running(stage) => lot.rulebook.stage(*stage).id.as_str(),
            _ => "",
        };
        let code = self.text("bidder")?;
        let envelope = landgavel_sale::mechanism::seal_digest(&lot.id, stage, code, &amounts, run_salt(&lot.id, code));
        Ok((Command::LodgeSeal { bidder, envelope, readable_from: None }, Some(amounts)))
    }

    fn open(&self) -> Read<Command> {
        let salt = if self.object.has("salt") {
            self.digest("salt")?
        } else {
            run_salt(&self.sale.lot().id, self.text("bidder")?)
        };
        Ok(Command::OpenSeal { bidder: self.bidder()?, amounts: self.amounts()?, salt })
    }

    fn outputs(&self) -> Read<Vec<Digest>> {
        let texts: Vec<String> = match self.object.get("outputs") {
            Some(Item::List(list)) => list.items().filter_map(|item| item.text().map(str::to_owned)).collect(),
            Some(Item::Text(text)) => text.split('|').map(str::to_owned).collect(),
            _ => return wrong("outputs", "is missing", "a list of outputs, 64 hexadecimal digits each"),
        };
        texts
            .iter()
            .map(|text| {
                Digest::from_hex(text)
                    .map_or_else(|| wrong("outputs", "is not a beacon output", "64 lower-case hexadecimal digits"), Ok)
            })
            .collect()
    }
}

/// The salt of a sealed bid whose amounts a command file tells in the open. It hides nothing, and
/// need not: the file itself is readable.
pub(crate) fn run_salt(lot: &str, code: &str) -> Digest {
    use sha2::{Digest as _, Sha256};
    let hash =
        Sha256::new_with_prefix(b"landgavel/run-salt/v1\0").chain_update(lot).chain_update([0]).chain_update(code);
    Digest(hash.finalize().into())
}

/// A moment as commands write it, in UTC.
pub fn time_text(at: Instant) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(|_| String::new(), |time| time.to_string())
}

/// Reads a day in its one form, such as `2027-05-31`.
pub fn read_date(text: &str) -> Option<Date> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let part = |number: i8| u32::try_from(number).ok();
    let date = Date::from_ymd(day.year().into(), part(day.month())?, part(day.day())?);
    date.filter(|date| date.to_string() == text)
}
