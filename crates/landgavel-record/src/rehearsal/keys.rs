use std::collections::BTreeMap;

use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};

use crate::keys::SigningKey;

/// Keys made for one run, all from one seed. Who has the seed has every key: such a record proves
/// that the rules were followed, and not who signed.
pub(super) struct RunKeys {
    seed: [u8; 32],
    known: BTreeMap<String, SigningKey>,
}

impl RunKeys {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, known: BTreeMap::new() }
    }

    /// 32 bytes for a purpose: SHA-256 over a tag, the seed and the purpose.
    pub fn bytes(&self, purpose: &str) -> [u8; 32] {
        Sha256::new_with_prefix(b"landgavel/run/v1\0").chain_update(self.seed).chain_update(purpose).finalize().into()
    }

    pub fn digest(&self, purpose: &str) -> Digest {
        Digest(self.bytes(purpose))
    }

    /// The key of a holder.
    pub fn key(&mut self, holder: &str) -> &SigningKey {
        let bytes = self.bytes(holder);
        self.known.entry(holder.to_owned()).or_insert_with(|| SigningKey::ed25519(bytes))
    }
}
