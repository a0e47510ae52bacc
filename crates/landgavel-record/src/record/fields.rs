use landgavel_base::{Digest, Duration};

use crate::canonical::{Item, Object};
use crate::keys::PublicKey;

/// A field that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub field: String,
    pub message: String,
}

/// Typed access to the fields of an object.
pub(crate) struct Fields<'a> {
    object: Object<'a>,
    path: String,
}

impl<'a> Fields<'a> {
    pub fn new(object: Object<'a>) -> Self {
        Self { object, path: String::new() }
    }

    pub fn wrong(&self, field: &str, message: impl Into<String>) -> Expected {
        Expected { field: format!("{}{field}", self.path), message: message.into() }
    }

    /// No field but these.
    pub fn only(&self, known: &[&str]) -> Result<(), Expected> {
        match self.object.fields().find(|(key, _)| !known.contains(key)) {
            Some((key, _)) => {
                Err(self.wrong(key, format!("is not a field here, expected one of {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    fn get(&self, field: &str) -> Result<Item<'a>, Expected> {
        self.object.get(field).ok_or_else(|| self.wrong(field, "is missing"))
    }

    pub fn text(&self, field: &str) -> Result<&'a str, Expected> {
        match self.get(field)?.text() {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.wrong(field, "is not a text, expected a text that is not empty")),
        }
    }

    pub fn flag(&self, field: &str) -> Result<bool, Expected> {
        self.get(field)?.flag().ok_or_else(|| self.wrong(field, "is neither true nor false"))
    }

    pub fn count(&self, field: &str) -> Result<u64, Expected> {
        self.get(field)?
            .integer()
            .and_then(|count| u64::try_from(count).ok())
            .ok_or_else(|| self.wrong(field, "is not a whole number from 0"))
    }

    pub fn duration(&self, field: &str) -> Result<Duration, Expected> {
        let millis = i64::try_from(self.count(field)?).ok();
        millis.and_then(Duration::from_millis).ok_or_else(|| self.wrong(field, "is not a length of time in ms"))
    }

    pub fn digest(&self, field: &str) -> Result<Digest, Expected> {
        Digest::from_hex(self.text(field)?)
            .ok_or_else(|| self.wrong(field, "is not a digest, expected 64 lower-case hexadecimal digits"))
    }

    pub fn hex(&self, field: &str, length: usize) -> Result<Vec<u8>, Expected> {
        from_hex(self.text(field)?)
            .filter(|bytes| bytes.len() == length)
            .ok_or_else(|| self.wrong(field, format!("is not hexadecimal, expected {} lower-case digits", 2 * length)))
    }

    pub fn key(&self, field: &str) -> Result<PublicKey, Expected> {
        PublicKey::parse(self.text(field)?).map_err(|error| self.wrong(field, error.to_string()))
    }

    pub fn object(&self, field: &str) -> Result<Fields<'a>, Expected> {
        match self.get(field)?.object() {
            Some(object) => Ok(Fields { object, path: format!("{}{field}.", self.path) }),
            None => Err(self.wrong(field, "is not an object")),
        }
    }

    pub fn list<T>(
        &self,
        field: &str,
        most: usize,
        read: impl Fn(&Fields<'a>) -> Result<T, Expected>,
    ) -> Result<Vec<T>, Expected> {
        let Some(list) = self.get(field)?.list().filter(|list| list.items().count() <= most) else {
            return Err(self.wrong(field, format!("is not a list of at most {most}")));
        };
        list.items()
            .enumerate()
            .map(|(index, item)| match item.object() {
                Some(object) => read(&Fields { object, path: format!("{}{field}[{index}].", self.path) }),
                None => Err(self.wrong(field, format!("has an item {index} that is not an object"))),
            })
            .collect()
    }
}

/// Reads lower-case hexadecimal.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
