use totp_rs::{Algorithm, TOTP};

use super::chance;

/// How long one code counts, in seconds. Source: RFC 6238, section 5.2.
pub const PERIOD_S: u64 = 30;
const DIGITS: usize = 6;
/// How many periods a clock may differ, each way.
const SKEW: u8 = 1;

/// The shared secret of one-time codes (RFC 6238, SHA-1, six digits: what every authenticator app reads).
#[derive(Clone, PartialEq, Eq)]
pub struct CodeSecret([u8; 20]);

impl CodeSecret {
    /// A new one.
    pub fn make() -> Self {
        Self(chance::bytes())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// For typing into an app by hand: base32.
    pub fn base32(&self) -> String {
        totp_rs::Secret::Raw(self.0.to_vec()).to_encoded().to_string()
    }

    /// For an app's camera: the otpauth address.
    pub fn address(&self, issuer: &str, account: &str) -> String {
        // A colon separates the two in the address.
        self.totp(&issuer.replace(':', " "), &account.replace(':', " ")).get_url()
    }

    /// The code of a moment.
    pub fn code(&self, now_s: u64) -> String {
        self.totp("", "").generate(now_s)
    }

    /// The period whose code this is, if it is later than the last one used: a code counts once.
    pub fn period_of(&self, code: &str, now_s: u64, last: Option<u64>) -> Option<u64> {
        let now = now_s / PERIOD_S;
        let skew = u64::from(SKEW);
        (now.saturating_sub(skew)..=now + skew)
            .filter(|period| last.is_none_or(|last| *period > last))
            .find(|period| is_same(code.trim().as_bytes(), self.code(period * PERIOD_S).as_bytes()))
    }

    fn totp(&self, issuer: &str, account: &str) -> TOTP {
        TOTP::new_unchecked(
            Algorithm::SHA1,
            DIGITS,
            SKEW,
            PERIOD_S,
            self.0.to_vec(),
            Some(issuer.to_owned()).filter(|issuer| !issuer.is_empty()),
            account.to_owned(),
        )
    }
}

impl std::fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeSecret(…)")
    }
}

/// Compares in a time that does not tell where two texts differ.
pub(super) fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1; the last six of its eight digits.
        let secret = CodeSecret::from_bytes(b"12345678901234567890").unwrap();
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(secret.code(time), code);
        }
    }

    #[test]
    fn a_code_counts_once_and_one_period_either_way() {
        let secret = CodeSecret::make();
        let code = secret.code(3000);
        assert_eq!(secret.period_of(&code, 3000, None), Some(100));
        assert_eq!(secret.period_of(&code, 3059, None), Some(100));
        assert_eq!(secret.period_of(&code, 3060, None), None);
        assert_eq!(secret.period_of(&code, 3000, Some(100)), None);
        assert_eq!(secret.period_of("000", 3000, None), None);
    }
}
