use landgavel_base::{Digest, Quantity};
use sha2::{Digest as _, Sha256};

/// Hash that commits a secret cap or reserve.
///
/// SHA-256 over the tag `landgavel/commitment/v1`, a zero byte, the fields `lot`, `stage` and
/// `secret` (`cap` or `reserve`) each as a big-endian u32 length and its bytes, the value as a
/// big-endian i64 and the 32-byte salt.
pub fn commitment_digest(lot: &str, stage: &str, secret: &str, value: Quantity, salt: Digest) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/commitment/v1\0");
    for field in [lot, stage, secret] {
        update_field(&mut hash, field.as_bytes());
    }
    hash.update(value.quanta().to_be_bytes());
    hash.update(salt.0);
    Digest(hash.finalize().into())
}

/// Hash that binds a sealed bid to its amounts.
///
/// SHA-256 over the tag `landgavel/seal/v1`, a zero byte, the fields `lot`, `stage` and `code` each
/// as a big-endian u32 length and its bytes, the count of amounts as a big-endian u32, each amount
/// as a big-endian i64, and the 32-byte salt.
pub fn seal_digest(lot: &str, stage: &str, code: &str, amounts: &[Quantity], salt: Digest) -> Digest {
    let mut hash = Sha256::new_with_prefix(b"landgavel/seal/v1\0");
    for field in [lot, stage, code] {
        update_field(&mut hash, field.as_bytes());
    }
    hash.update(length(amounts.len()));
    for amount in amounts {
        hash.update(amount.quanta().to_be_bytes());
    }
    hash.update(salt.0);
    Digest(hash.finalize().into())
}

pub(super) fn update_field(hash: &mut Sha256, field: &[u8]) {
    hash.update(length(field.len()));
    hash.update(field);
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("fields are far below 4 GiB").to_be_bytes()
}
