//! Rounds of a beacon as files and relays give them. Nobody is believed: each is checked against the chain's key.

use std::collections::BTreeMap;
use std::fmt;

use landgavel_beacon::{BeaconError, Chain, LocalChain, Output, verify};
use serde_json::{Map, Value, json};

use crate::record::hex;

/// Most bytes of a relay's answer about one round; it has some 260.
pub const ANSWER_MAX: usize = 4096;
/// Most bytes of a file of rounds: some 60,000 of them, two days of a chain of three seconds.
pub const FILE_MAX: usize = 16 * 1024 * 1024;

/// Why a round cannot be had from somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundError {
    /// It is not there.
    Missing,
    /// What is there is no round, in words.
    Unreadable(String),
    /// It is another round.
    OtherRound {
        /// The one that was found.
        found: u64,
    },
    /// The chain did not sign it.
    Forged(BeaconError),
    /// The randomness beside the signature is not its hash.
    OtherRandomness,
    /// The world failed, in words.
    World(String),
}

impl fmt::Display for RoundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the round is not there"),
            Self::Unreadable(why) => write!(f, "is no round: {why}"),
            Self::OtherRound { found } => write!(f, "round {found} came instead"),
            Self::Forged(error) => write!(f, "{error}"),
            Self::OtherRandomness => f.write_str("the randomness is not the hash of the signature beside it"),
            Self::World(why) => f.write_str(why),
        }
    }
}

/// Where rounds come from.
pub trait Rounds {
    /// The output of a round, checked against the chain.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn output(&self, chain: &Chain, round: u64) -> Result<Output, RoundError>;
}

/// A local chain knows all its rounds.
impl Rounds for LocalChain {
    fn output(&self, chain: &Chain, round: u64) -> Result<Output, RoundError> {
        verify(chain, round, &self.sign(round)).map_err(RoundError::Forged)
    }
}

/// A round as somebody says it is; nothing is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its number.
    pub round: u64,
    signature: Vec<u8>,
    randomness: Option<Vec<u8>>,
}

impl Claim {
    fn read(value: &Value) -> Result<Self, RoundError> {
        let unreadable = |why: &str| RoundError::Unreadable(why.to_owned());
        let object = value.as_object().ok_or_else(|| unreadable("not an object"))?;
        let round = object.get("round").and_then(Value::as_u64).ok_or_else(|| unreadable("it has no number round"))?;
        let bytes = |field: &str| -> Result<Option<Vec<u8>>, RoundError> {
            match object.get(field) {
                None => Ok(None),
                Some(Value::String(text)) => read_hex(text)
                    .map(Some)
                    .ok_or_else(|| RoundError::Unreadable(format!("{field} is not in hexadecimal digits"))),
                Some(_) => Err(RoundError::Unreadable(format!("{field} is not a text"))),
            }
        };
        let signature = bytes("signature")?.ok_or_else(|| unreadable("it has no signature"))?;
        Ok(Self { round, signature, randomness: bytes("randomness")? })
    }

    /// Checks it against the chain that is meant.
    ///
    /// # Errors
    /// The chain did not sign it, or it contradicts itself.
    pub fn check(&self, chain: &Chain) -> Result<Output, RoundError> {
        let output = verify(chain, self.round, &self.signature).map_err(RoundError::Forged)?;
        match &self.randomness {
            Some(randomness) if *randomness != output.randomness() => Err(RoundError::OtherRandomness),
            _ => Ok(output),
        }
    }
}

/// Reads a relay's answer about one round and checks it.
///
/// The answer is drand's: `{"round":…,"randomness":"…","signature":"…"}`, in hexadecimal; the randomness may
/// be left out, and other fields are not looked at.
///
/// # Errors
/// What is wrong with it.
pub fn read_answer(chain: &Chain, round: u64, answer: &[u8]) -> Result<Output, RoundError> {
    let value: Value = serde_json::from_slice(answer).map_err(|error| RoundError::Unreadable(error.to_string()))?;
    let claim = Claim::read(&value)?;
    if claim.round != round {
        return Err(RoundError::OtherRound { found: claim.round });
    }
    claim.check(chain)
}

/// A round as a line of a file.
pub fn line(output: &Output) -> String {
    let mut object = Map::new();
    object.insert("round".to_owned(), json!(output.round()));
    object.insert("randomness".to_owned(), json!(hex(&output.randomness())));
    object.insert("signature".to_owned(), json!(hex(output.signature())));
    Value::Object(object).to_string()
}

/// Rounds from a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoundsFile {
    claims: BTreeMap<u64, Claim>,
}

impl RoundsFile {
    /// Reads a file: rounds as JSON one after the other, on lines or not, or lists of them.
    ///
    /// # Errors
    /// What cannot be read, with the place of it in the file, or two different signatures for one round.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut file = Self::default();
        for (index, value) in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().enumerate() {
            let value = value.map_err(|error| format!("is not JSON: {error}"))?;
            let values = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
            for value in values {
                let claim = Claim::read(value).map_err(|error| format!("entry {}: {error}", index + 1))?;
                if let Some(other) = file.claims.get(&claim.round)
                    && other.signature != claim.signature
                {
                    return Err(format!("has two different signatures for round {}", claim.round));
                }
                file.claims.insert(claim.round, claim);
            }
        }
        if file.claims.is_empty() { Err("holds no round".to_owned()) } else { Ok(file) }
    }

    /// All that is said in it, in the order of the rounds.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.values()
    }
}

impl Rounds for RoundsFile {
    fn output(&self, chain: &Chain, round: u64) -> Result<Output, RoundError> {
        self.claims.get(&round).ok_or(RoundError::Missing)?.check(chain)
    }
}

/// Hexadecimal digits in either case.
fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Rounds of quicknet as drand published them: 42 in the documentation of its HTTP API
    // (https://docs.drand.love/developer/http-api), 123 in drand-verify `src/verify.rs`.
    const ROUND_42: &str =
        "95a9f9f5b231b7714de1553105d8ffdf3dcda24cfdb1e689319bccf79a9c8ce430a91b811fbfaf763900bc998b5d686a";
    const ROUND_123: &str =
        "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";
    const RANDOMNESS_123: &str = "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc";

    fn answer(round: u64, signature: &str) -> Vec<u8> {
        format!("{{\"round\":{round},\"signature\":\"{signature}\"}}").into_bytes()
    }

    #[test]
    fn published_rounds_are_read_in_every_form_that_relays_give_them() {
        let chain = Chain::quicknet();
        let forms = [
            format!(r#"{{"round":123,"randomness":"{RANDOMNESS_123}","signature":"{ROUND_123}"}}"#),
            format!(r#"{{ "signature": "{}", "round": 123, "previous_signature": "" }}"#, ROUND_123.to_uppercase()),
        ];
        for form in forms {
            let output = read_answer(&chain, 123, form.as_bytes()).unwrap();
            assert_eq!(hex(&output.randomness()), RANDOMNESS_123);
            let again = line(&output);
            assert_eq!(read_answer(&chain, 123, again.as_bytes()), Ok(output));
        }
        assert_eq!(read_answer(&chain, 42, &answer(42, ROUND_42)).map(|output| output.round()), Ok(42));
    }

    #[test]
    fn every_lie_of_a_relay_is_named() {
        let chain = Chain::quicknet();
        let ask = |bytes: &[u8]| read_answer(&chain, 123, bytes);
        assert_eq!(ask(&answer(42, ROUND_42)), Err(RoundError::OtherRound { found: 42 }));
        let not_signed = Err(RoundError::Forged(BeaconError::NotSigned { round: 123 }));
        assert_eq!(ask(&answer(123, ROUND_42)), not_signed, "another round's signature");
        let local = LocalChain::from_seed([1; 32], 1_692_803_367, 3).unwrap();
        assert_eq!(ask(&answer(123, &hex(&local.sign(123)))), not_signed, "another chain's");
        assert_eq!(ask(&answer(123, &ROUND_123[2..])), Err(RoundError::Forged(BeaconError::Length { found: 47 })));
        let mut flipped = ROUND_123.to_owned();
        flipped.replace_range(95..96, "3");
        assert!(matches!(ask(&answer(123, &flipped)), Err(RoundError::Forged(_))), "one bit");
        let zeros = "0".repeat(64);
        let lie = format!(r#"{{"round":123,"randomness":"{zeros}","signature":"{ROUND_123}"}}"#);
        assert_eq!(ask(lie.as_bytes()), Err(RoundError::OtherRandomness));
        for bad in [
            "",
            "<html>",
            "[]",
            "null",
            "{}",
            r#"{"round":"123","signature":""}"#,
            r#"{"round":-1,"signature":""}"#,
            r#"{"round":123}"#,
            r#"{"round":123,"signature":7}"#,
            r#"{"round":123,"signature":"xy"}"#,
            r#"{"round":123,"signature":"abc"}"#,
            r#"{"round":18446744073709551616,"signature":""}"#,
        ] {
            assert!(matches!(ask(bad.as_bytes()), Err(RoundError::Unreadable(_))), "{bad}");
        }
    }

    #[test]
    fn a_file_has_rounds_on_lines_or_in_lists_and_no_two_for_one_number() {
        let chain = Chain::quicknet();
        let lines = [answer(42, ROUND_42), b"\n".to_vec(), answer(123, ROUND_123)].concat();
        let list = [b"[".to_vec(), answer(123, ROUND_123), b",".to_vec(), answer(42, ROUND_42), b"]".to_vec()].concat();
        for bytes in [&lines, &list] {
            let file = RoundsFile::parse(bytes).unwrap();
            assert_eq!(file.output(&chain, 123).map(|output| output.round()), Ok(123));
            assert_eq!(file.output(&chain, 124), Err(RoundError::Missing));
            assert_eq!(file.claims().map(|claim| claim.round).collect::<Vec<_>>(), [42, 123]);
        }
        let twice = [answer(42, ROUND_42), answer(42, ROUND_123)].concat();
        assert!(RoundsFile::parse(&twice).unwrap_err().contains("two different signatures for round 42"));
        assert!(RoundsFile::parse(b"").unwrap_err().contains("holds no round"));
        assert!(RoundsFile::parse(&lines[..lines.len() - 1]).unwrap_err().contains("line 2"));
    }
}
