use core::fmt;

use crate::malformed::{Malformed, Reader};

/// Characters of the code in the order of their values, 0 to 30: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WHAT: &str = "unified social credit code";
const LETTER: &str = "a digit or a capital letter other than I, O, S, V, Z";

/// A unified social credit code (统一社会信用代码): 18 characters that name an organisation in China.
///
/// One character for the registering authority, one for the kind of organisation, six digits for the
/// county, nine for the organisation code and one check character. Source: GB 32100-2015.
///
/// Only the form is required. Codes in official use fail the check character (91350203M0001QAY9B is
/// one), so the check is a warning for people and never a reason to turn a bidder away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode([u8; 18]);

impl CreditCode {
    /// Reads 18 characters of the code's alphabet, with digits at positions 3 to 8.
    ///
    /// # Errors
    ///
    /// The first position that leaves the form.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader::new(WHAT, text);
        let mut code = [b'0'; 18];
        for (index, slot) in code.iter_mut().enumerate() {
            *slot = match index {
                2..=7 => reader.digits::<1>()?[0],
                _ => reader.take(LETTER, letter)?,
            };
        }
        reader.end("the end after 18 characters")?;
        Ok(Self(code))
    }

    /// The code's text.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// Character of the registering authority: `1` offices of establishment, `9` market regulators.
    pub fn authority(&self) -> char {
        char::from(self.0[0])
    }

    /// Character of the kind of organisation within its authority.
    pub fn category(&self) -> char {
        char::from(self.0[1])
    }

    /// Six digits of the county that registered it.
    pub fn county(&self) -> &str {
        ascii(&self.0[2..8])
    }

    /// Nine characters of the organisation code (组织机构代码).
    pub fn organisation_code(&self) -> &str {
        ascii(&self.0[8..17])
    }

    /// Compares the last character with the one that the others call for.
    ///
    /// Weights are powers of 3 modulo 31. Source: GB 32100-2015.
    pub fn check_digit(&self) -> CheckDigit {
        let mut weight = 1;
        let mut sum = 0;
        for byte in &self.0[..17] {
            let value = ALPHABET.iter().position(|known| known == byte).expect("parse admits the alphabet only");
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        CheckDigit::compare(ALPHABET[(31 - sum % 31) % 31], self.0[17])
    }

    /// Compares the last character of the organisation code with the one that its others call for.
    ///
    /// Weights 3 7 9 10 5 8 4 2 modulo 11; letters count from A = 10 to Z = 35. Source: GB 11714-1997.
    pub fn organisation_check_digit(&self) -> CheckDigit {
        const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = self.0[8..16]
            .iter()
            .zip(WEIGHTS)
            .map(|(byte, weight)| {
                char::from(*byte).to_digit(36).expect("parse admits digits and letters only") * weight
            })
            .sum();
        let expected = match 11 - sum % 11 {
            10 => b'X',
            11 => b'0',
            digit => b'0' + u8::try_from(digit).expect("1 to 9"),
        };
        CheckDigit::compare(expected, self.0[16])
    }
}

/// What a check character says of a code: a warning, never a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// It is the one that the other characters call for.
    Matches,
    /// It is another: the code was mistyped, or issued so.
    Differs {
        /// The character called for.
        expected: char,
        /// The character that stands there.
        found: char,
    },
}

impl CheckDigit {
    fn compare(expected: u8, found: u8) -> Self {
        if expected == found {
            Self::Matches
        } else {
            Self::Differs { expected: char::from(expected), found: char::from(found) }
        }
    }
}

fn letter(found: char) -> Option<u8> {
    u8::try_from(found).ok().filter(|byte| ALPHABET.contains(byte))
}

fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("parse admits ASCII only")
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
