//! What officers sign: the notice of a sale, and the policy that it fixes.

use std::sync::Arc;

use landgavel_base::Duration;
use landgavel_beacon::Chain;
use landgavel_log::note::VerifierKey;
use landgavel_record::keys::PublicKey;
use landgavel_record::record::{Fallback, Issuer, Notice, Officer, Party, sha256};

/// What a notice fixes beside the files and the log.
#[derive(Debug, Clone)]
pub struct NoticeSettings {
    /// Who may sign for the seller.
    pub officers: Vec<Officer>,
    /// The hall's own key, with which it signs pauses that it measured.
    pub hall: Option<PublicKey>,
    /// The chain of draws and seals.
    pub chain: Arc<Chain>,
    /// From the freeze of the entrants to the earliest round of their draw, in milliseconds.
    pub draw_delay_ms: i64,
    /// From the end of a sealing window to the round that opens its seals, in milliseconds.
    pub seal_delay_ms: i64,
    /// Parties of a commit–reveal.
    pub parties: Vec<Party>,
    /// What stands in for the chain when it fails.
    pub fallback: Option<Fallback>,
    /// Within this time of an entry witnesses have cosigned, in milliseconds.
    pub checkpoint_within_ms: i64,
    /// How far honest clocks may differ, in milliseconds.
    pub clock_tolerance_ms: i64,
    /// Keys were made for a demonstration.
    pub is_demonstration: bool,
    /// Whose certificates show facts of applicants.
    pub issuers: Vec<Issuer>,
}

/// A witness of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAt {
    /// Its name in the policy.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it answers; nothing for one in this process.
    pub url: Option<String>,
}

/// The policy of a log with these witnesses, of whom so many must have cosigned.
pub fn policy_text(log: &VerifierKey, witnesses: &[WitnessAt], quorum: usize) -> String {
    let mut policy = format!("log {log}\n");
    for witness in witnesses {
        let url = witness.url.as_ref().map_or_else(String::new, |url| format!(" {url}"));
        policy += &format!("witness {} {}{url}\n", witness.name, witness.key);
    }
    let names: Vec<&str> = witnesses.iter().map(|witness| witness.name.as_str()).collect();
    policy + &format!("group witnesses {quorum} {}\nquorum witnesses\n", names.join(" "))
}

/// The text of a notice, for officers to read and sign.
pub fn notice_text(
    origin: &str,
    lot_id: &str,
    rulebook: &[u8],
    lot: &[u8],
    policy: &str,
    settings: &NoticeSettings,
) -> String {
    let millis = |millis: i64| Duration::from_millis(millis).unwrap_or(Duration::ZERO);
    let notice = Notice {
        origin: origin.to_owned(),
        lot: lot_id.to_owned(),
        lot_sha256: sha256(lot),
        rulebook_sha256: sha256(rulebook),
        policy_sha256: sha256(policy.as_bytes()),
        officers: settings.officers.clone(),
        hall: settings.hall.clone(),
        chain: Arc::clone(&settings.chain),
        draw_delay: millis(settings.draw_delay_ms),
        seal_delay: millis(settings.seal_delay_ms),
        parties: settings.parties.clone(),
        fallback: settings.fallback.clone(),
        checkpoint_within: millis(settings.checkpoint_within_ms),
        clock_tolerance: millis(settings.clock_tolerance_ms),
        is_demonstration: settings.is_demonstration,
        issuers: settings.issuers.clone(),
    };
    notice.text()
}
