use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};

/// What stands in the record for who an applicant is: persons stay out of what can never be erased, and whoever is told
/// salt and identity can check both.
///
/// SHA-256 over the tag `landgavel/identity/v1`, a zero byte, lot id and bidder's code each as a big-endian u32 length
/// and its bytes, the 32-byte salt, and the identity as length and bytes.
pub fn identity_commitment(lot: &str, code: &str, salt: Digest, identity: &str) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/identity/v1\0");
    let mut field = |text: &str| {
        hash.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(text);
    };
    field(lot);
    field(code);
    hash.update(salt.0);
    let length = u32::try_from(identity.len()).unwrap_or(u32::MAX).to_be_bytes();
    Digest(hash.chain_update(length).chain_update(identity).finalize().into())
}

/// What every commitment to an identity begins with where a record states it.
pub const COMMITTED: &str = "sha256:";

/// Whether an application states its identity as a commitment.
pub(super) fn is_committed(identity: &str) -> bool {
    identity.strip_prefix(COMMITTED).is_some_and(|hex| Digest::from_hex(hex).is_some())
}

/// A commitment as applications and certificates state it: `sha256:` and 64 hexadecimal digits.
pub fn stated_identity(lot: &str, code: &str, salt: Digest, identity: &str) -> String {
    format!("{COMMITTED}{}", identity_commitment(lot, code, salt, identity))
}
