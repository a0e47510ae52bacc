use landgavel_base::{Date, Digest, FactValue};
use serde_json::{Value, json};

use super::fields::{Expected, Fields};
use super::identity::is_committed;
use super::notice::NoticeError;
use crate::canonical::{self, Document, Item};
use crate::wire::read_date;

/// Name of the format of a certificate of standing.
pub const CERTIFICATE_FORMAT: &str = "landgavel-standing/1";
/// Longest text of a certificate, in bytes.
pub const CERTIFICATE_MAX: usize = 4096;

/// A certificate of standing (等级证书): what a scorecard or a ladder found of an enterprise, signed by who found it. It is the
/// one thing that leaves a scorecard for a later sale, and enters it as a fact.
///
/// It is for one application: `identity` is the commitment that the application states, so it names nobody, and nobody else can use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingCertificate {
    /// Name of the fact, such as `grade`.
    pub fact: String,
    /// What was found.
    pub value: FactValue,
    /// Of whom: the `identity` of an application, see [`super::identity_commitment`].
    pub identity: String,
    /// Who says so.
    pub issuer: String,
    /// Day from which it counts.
    pub issued: Date,
    /// Last day.
    pub valid_until: Date,
    /// What it rests on: id and SHA-256 of the card, and SHA-256 of the table of figures.
    pub basis: Basis,
}

/// What a certificate rests on, so that whoever is shown card and table can score again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Id of the scorecard.
    pub card: String,
    /// SHA-256 of its file.
    pub card_sha256: Digest,
    /// SHA-256 of the table.
    pub table_sha256: Digest,
}

impl StandingCertificate {
    /// The certificate as the text that its issuer signs.
    pub fn text(&self) -> String {
        canonical::encode(&json!({
            "format": CERTIFICATE_FORMAT, "fact": self.fact, "value": value_json(&self.value),
            "identity": self.identity, "issuer": self.issuer, "issued": self.issued.to_string(),
            "valid_until": self.valid_until.to_string(),
            "basis": {"card": self.basis.card, "card_sha256": self.basis.card_sha256.to_string(),
                      "table_sha256": self.basis.table_sha256.to_string()},
        }))
    }

    /// Reads a certificate.
    ///
    /// # Errors
    /// The first field that is missing, unknown or ill-formed, with what was expected.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let whole = |message: String| NoticeError { field: String::new(), message };
        if text.len() > CERTIFICATE_MAX {
            return Err(whole(format!("is longer than {CERTIFICATE_MAX} bytes")));
        }
        let document = Document::parse(text).map_err(|error| whole(error.to_string()))?;
        let object = document.object();
        let value = object.get("value").and_then(fact_value);
        let read = |fields: &Fields<'_>| Self::read(fields, value);
        read(&Fields::new(object)).map_err(|error| NoticeError { field: error.field, message: error.message })
    }

    fn read(fields: &Fields<'_>, value: Option<FactValue>) -> Result<Self, Expected> {
        let format = fields.text("format")?;
        if format != CERTIFICATE_FORMAT {
            return Err(fields.wrong("format", format!("is “{format}”, expected “{CERTIFICATE_FORMAT}”")));
        }
        fields.only(&["format", "fact", "value", "identity", "issuer", "issued", "valid_until", "basis"])?;
        let day = |field: &str| {
            let text = fields.text(field)?;
            read_date(text)
                .ok_or_else(|| fields.wrong(field, format!("is “{text}”, expected a day such as 2027-05-31")))
        };
        // A name would be anybody's who bears it, in every sale; a commitment is one application's.
        let identity = fields.text("identity")?;
        if !is_committed(identity) {
            return Err(
                fields.wrong("identity", "is no commitment, expected sha256: and 64 lower-case hexadecimal digits")
            );
        }
        let value = value.filter(|value| *value != FactValue::Text(String::new()));
        let basis = fields.object("basis")?;
        basis.only(&["card", "card_sha256", "table_sha256"])?;
        let certificate = Self {
            fact: fields.text("fact")?.to_owned(),
            value: value.ok_or_else(|| fields.wrong("value", "is no text, whole number, true or false"))?,
            identity: identity.to_owned(),
            issuer: fields.text("issuer")?.to_owned(),
            issued: day("issued")?,
            valid_until: day("valid_until")?,
            basis: Basis {
                card: basis.text("card")?.to_owned(),
                card_sha256: basis.digest("card_sha256")?,
                table_sha256: basis.digest("table_sha256")?,
            },
        };
        if certificate.valid_until < certificate.issued {
            return Err(fields.wrong("valid_until", "is before the day of issue"));
        }
        Ok(certificate)
    }

    /// Whether it counts on a day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.issued <= day && day <= self.valid_until
    }
}

fn value_json(value: &FactValue) -> Value {
    match value {
        FactValue::Text(text) => json!(text),
        FactValue::Number(number) => json!(number),
        FactValue::YesNo(yes) => json!(yes),
    }
}

/// A fact as JSON writes it.
pub(super) fn fact_value(item: Item<'_>) -> Option<FactValue> {
    let text = item.text().map(|text| FactValue::Text(text.to_owned()));
    text.or_else(|| item.integer().map(FactValue::Number)).or_else(|| item.flag().map(FactValue::YesNo))
}
