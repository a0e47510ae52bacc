//! `landgavel certificate`: what a scorecard found of a firm, signed, for an application to a sale.

use std::path::PathBuf;

use anyhow::Result;
use landgavel_base::{Date, Digest, FactValue};
use landgavel_log::note::KeyKind;
use landgavel_record::archive::read_at_most;
use landgavel_record::figures::{Results, row_json};
use landgavel_record::keys::{PublicKey, SigningKey};
use landgavel_record::record::{
    Basis, CERTIFICATE_MAX, COMMITTED, Issuer, StandingCertificate, sha256, stated_identity,
};
use landgavel_record::wire::read_date;
use landgavel_score::Card;
use landgavel_server::key_file::{self, KeyFileError};
use serde_json::{Value, json};

use crate::disk::print_findings;
use crate::exit::Exit;
use crate::score::{chosen_card, csv, fault_line, marks, read};
use crate::show::{Tongue, shown};

/// Certificates of standing: a grade leaves its scorecard, signed, and a later sale's admission can demand it.
#[derive(clap::Subcommand)]
pub enum Certificate {
    /// Make an issuer's key and print its public half, as notices name it.
    Key(KeyArguments),
    /// Score a table, and sign what was found of one firm, for one application.
    Issue(Box<IssueArguments>),
    /// Say what a certificate states, and whether an issuer signed it.
    Check(CheckArguments),
}

#[derive(clap::Args)]
pub struct KeyArguments {
    /// File of the secret key, readable by its owner alone; never written over.
    key: PathBuf,
    /// Name of the issuer, without spaces.
    #[arg(long)]
    name: String,
}

/// Exit codes: 0 issued; 1 the firm is not in the table, or has no grade; 2 card, table, key or application cannot be used;
/// 3 a file cannot be read.
#[derive(clap::Args)]
pub struct IssueArguments {
    /// Scorecard, a TOML file, or a folder that holds its versions: the one in force on the day of issue is taken.
    card: String,
    /// Table of figures: CSV in UTF-8, a workbook (XLSX) or Parquet; `-` reads standard input.
    table: String,
    /// Sheet of a workbook; without, the first one.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Day on which the version of the card must be in force; without, the day of issue.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    on: Option<Date>,
    /// Take a card, given as a file, though it is not in force on that day.
    #[arg(long)]
    out_of_force: bool,
    /// The firm, as the table names it.
    #[arg(long)]
    firm: String,
    /// File of the issuer's secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Name of the fact that the grade becomes.
    #[arg(long, default_value = "grade")]
    fact: String,
    /// What stands for the applicant in its application, `sha256:` and 64 hexadecimal digits.
    #[arg(long, value_name = "COMMITMENT", required_unless_present = "lot", conflicts_with_all = ["lot", "code", "salt"])]
    identity: Option<String>,
    /// Instead: id of the lot of the application,
    #[arg(long, value_name = "ID", requires_all = ["code", "salt"])]
    lot: Option<String>,
    /// the code under which the applicant bids,
    #[arg(long)]
    code: Option<String>,
    /// and its salt, 64 hexadecimal digits; the identity is the firm's name in the table.
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    salt: Option<Digest>,
    /// Day from which it counts.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    issued: Date,
    /// Last day.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    valid_until: Date,
    /// Gives a parameter of the card another value; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(clap::Args)]
pub struct CheckArguments {
    /// File of the certificate.
    certificate: PathBuf,
    /// Issuer, `FACT NAME KEY`.
    #[arg(long, value_parser = parse_issuer)]
    issuer: Issuer,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn parse_digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "expected 64 lower-case hexadecimal digits".to_owned())
}

fn parse_date(text: &str) -> Result<Date, String> {
    read_date(text).ok_or_else(|| "expected a day such as 2027-05-31".to_owned())
}

/// Reads an issuer as flags write it: fact, name and key with spaces between.
pub fn parse_issuer(text: &str) -> Result<Issuer, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [fact, name, key] = words.as_slice() else {
        return Err("expected a fact, a name and a key, with spaces between".to_owned());
    };
    let key = PublicKey::parse(key).map_err(|error| error.to_string())?;
    Ok(Issuer { fact: (*fact).to_owned(), name: (*name).to_owned(), key })
}

/// Issuers as a notice lists them.
pub fn in_order(mut issuers: Vec<Issuer>) -> Vec<Issuer> {
    issuers.sort_by(|one, other| (&one.fact, &one.name).cmp(&(&other.fact, &other.name)));
    issuers
}

pub fn certificate(command: &Certificate, tongue: Tongue) -> Result<Exit> {
    match command {
        Certificate::Key(arguments) => Ok(make_key(arguments)),
        Certificate::Issue(arguments) => issue(arguments, tongue),
        Certificate::Check(arguments) => check(arguments, tongue),
    }
}

fn make_key(arguments: &KeyArguments) -> Exit {
    match key_file::make(&arguments.key, &arguments.name, KeyKind::Ed25519) {
        Ok(key) => {
            println!("{} {}", key.verifier().name(), signing(&key).public());
            Exit::Good
        }
        Err(error) => {
            eprintln!("{}: {error}", arguments.key.display());
            if matches!(error, KeyFileError::Io(_)) { Exit::WorldFailed } else { Exit::WrongUse }
        }
    }
}

fn signing(key: &landgavel_log::note::SigningKey) -> SigningKey {
    SigningKey::Ed25519(Box::new(key.secret().clone()))
}

fn issue(arguments: &IssueArguments, tongue: Tongue) -> Result<Exit> {
    let wrong = |why: String| {
        eprintln!("{why}");
        Ok(Exit::WrongUse)
    };
    let set = crate::score::parameters(&arguments.set)?;
    let day = arguments.on.unwrap_or(arguments.issued);
    let loaded = match chosen_card(&arguments.card, Some(day), &set)? {
        Ok(loaded) => loaded,
        Err(findings) => {
            print_findings(&findings);
            return Ok(Exit::WrongUse);
        }
    };
    if !arguments.out_of_force
        && let Some(why) = not_in_force(&loaded.card, day, tongue)
    {
        return wrong(format!("{}: {why}", arguments.card));
    }
    let identity = match (&arguments.identity, &arguments.lot, &arguments.code, arguments.salt) {
        (Some(identity), ..) if identity.strip_prefix(COMMITTED).is_some_and(|hex| Digest::from_hex(hex).is_some()) => {
            identity.clone()
        }
        (None, Some(lot), Some(code), Some(salt)) => stated_identity(lot, code, salt, &arguments.firm),
        _ => return wrong(format!("--identity: expected {COMMITTED} and 64 lower-case hexadecimal digits")),
    };
    let key = match key_file::read(&arguments.key, KeyKind::Ed25519) {
        Ok(key) => key,
        Err(error) => return wrong(format!("{}: {error}", arguments.key.display())),
    };
    if arguments.valid_until < arguments.issued {
        return wrong("--valid-until: is before --issued".to_owned());
    }
    let bytes = csv(&arguments.table, arguments.sheet.as_deref(), tongue)?;
    let graded = bytes.and_then(|bytes| Ok((grade(&loaded, &bytes, &arguments.firm)?, sha256(&bytes))));
    let (value, table_sha256) = match graded {
        Ok((Some(value), table_sha256)) => (value, table_sha256),
        Ok((None, _)) => {
            let words = tongue.say("表中没有这家企业，或它没有等级", "the table has no such firm, or it has no grade");
            eprintln!("{words}: {}", shown(&arguments.firm));
            return Ok(Exit::No);
        }
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("{}: {}", arguments.table, fault_line(fault, tongue)));
            return Ok(Exit::WrongUse);
        }
    };
    let certificate = StandingCertificate {
        fact: arguments.fact.clone(),
        value: FactValue::Text(value),
        identity,
        issuer: key.verifier().name().to_owned(),
        issued: arguments.issued,
        valid_until: arguments.valid_until,
        basis: Basis { card: loaded.card.id.clone(), card_sha256: sha256(&loaded.text), table_sha256 },
    };
    let text = certificate.text();
    // What is issued must be one that a sale can read.
    if let Err(error) = StandingCertificate::parse(&text) {
        return wrong(format!("makes no certificate: {} {}", error.field, error.message));
    }
    println!("{}", json!({"signature": signing(&key).sign(text.as_bytes()), "text": text}));
    Ok(Exit::Good)
}

/// Why a version of a card counts not on a day, and what does.
fn not_in_force(card: &Card, day: Date, tongue: Tongue) -> Option<String> {
    let version = &card.version;
    let (zh, en) = match (card.from, card.until) {
        (Some(from), _) if day < from => (format!("自 {from} 起施行"), format!("is in force from {from} on")),
        (_, Some(until)) if day >= until => {
            (format!("已于 {until} 失效"), format!("is no longer in force since {until}"))
        }
        _ => return None,
    };
    Some(tongue.say(
        &format!("{version} 版{zh}，{day} 不适用；可给出存放各版本的文件夹，或用 --on 指明日期，或用 --out-of-force 明示仍用该版"),
        &format!(
            "version {version} {en}, not on {day}; name a folder that holds the versions, a day by --on, or say --out-of-force"
        ),
    ))
}

/// The grade of a firm of a table.
fn grade(
    loaded: &landgavel_record::language::LoadedCard,
    bytes: &[u8],
    firm: &str,
) -> Result<Option<String>, Vec<landgavel_record::figures::TableFault>> {
    let figures = read(loaded, bytes)?;
    let survey = figures.survey()?;
    let marks = marks(&figures, &survey)?;
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    let found = (0..figures.firms()).find(|row| figures.firm(*row) == firm);
    Ok(found.and_then(|row| row_json(&results, row, None)["grade"].as_str().map(str::to_owned)))
}

fn check(arguments: &CheckArguments, tongue: Tongue) -> Result<Exit> {
    let path = arguments.certificate.display();
    let bytes = match std::fs::File::open(&arguments.certificate) {
        Ok(file) => read_at_most(file, 2 * CERTIFICATE_MAX).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let read = bytes.and_then(|bytes| {
        let whole: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        let field = |name: &str| whole[name].as_str().map(str::to_owned).ok_or_else(|| format!("{name}: is missing"));
        let (text, signature) = (field("text")?, field("signature")?);
        let certificate =
            StandingCertificate::parse(&text).map_err(|error| format!("text: {} {}", error.field, error.message))?;
        Ok((certificate, text, signature))
    });
    let (certificate, text, signature) = match read {
        Ok(read) => read,
        Err(why) => {
            eprintln!("{path}: is no certificate: {why}");
            return Ok(Exit::WrongUse);
        }
    };
    let issuer = &arguments.issuer;
    let is_named = certificate.fact == issuer.fact && certificate.issuer == issuer.name;
    let is_good = is_named && issuer.key.verify_text(&text, &signature);
    let value = match &certificate.value {
        FactValue::Text(text) => text.clone(),
        FactValue::Number(number) => number.to_string(),
        FactValue::YesNo(yes) => yes.to_string(),
    };
    if arguments.json {
        println!("{}", json!({"verdict": if is_good { "holds" } else { "fails" }, "certificate": text}));
    } else {
        let verdict = if is_good {
            tongue.say("签名有效", "signed by this issuer")
        } else {
            tongue.say("不是该出证人所签", "not signed by this issuer")
        };
        let days = format!("{} – {}", certificate.issued, certificate.valid_until);
        println!("{} = {}  {days}", shown(&certificate.fact), shown(&value));
        println!("{}  {}", shown(&certificate.issuer), shown(&certificate.identity));
        println!("{verdict}");
    }
    Ok(if is_good { Exit::Good } else { Exit::No })
}
