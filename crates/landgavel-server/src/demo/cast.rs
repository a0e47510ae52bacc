use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use landgavel_base::Instant;
use landgavel_beacon::LocalChain;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{self, KeyKind};
use landgavel_record::canonical;
use landgavel_record::keys::{PublicKey, SigningKey};
use landgavel_record::record::{COMMAND_FORMAT, Officer, sha256};
use landgavel_store::SaleId;
use serde_json::{Map, Value, json};

use crate::desk::foundation::load;
use crate::desk::intake::Submission;
use crate::hall::{Hall, House, LEASE_MS, NoticeSettings, Room, WitnessAt, notice_text, policy_text};
use crate::people::Role;

/// Id of the sale.
pub const SALE: &str = "demo";
/// The role of a visitor who bids. Each gets an account of its own, `visitor-1` and so on, and bids as V01 and so on.
pub const VISITOR: &str = "visitor";
/// Visitors that may bid in one demonstration.
pub const VISITORS: usize = 8;

/// Period and genesis of the local chain, as the public one has them.
pub const CHAIN_GENESIS_S: i64 = 1_692_803_367;
pub const CHAIN_PERIOD_S: u32 = 3;

const RULEBOOK: &[u8] = include_bytes!("../../../../rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml");
const LOT: &[u8] = include_bytes!("../../../../lots/cn/zhejiang/wenling/gy020108-2-four-part.toml");
const WITNESSES: [&str; 3] = ["w1", "w2", "w3"];
const QUORUM: usize = 2;
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
const BY_BIDDERS: [&str; 8] = ["apply", "withdraw", "bid", "join", "accept", "seal", "file", "confirm"];
const IN_A_STAGE: [&str; 5] = ["bid", "join", "accept", "seal", "file"];

/// Everybody's keys: made from words, so they are nobody's secret.
pub struct Cast {
    host: String,
    serial: AtomicU64,
}

/// What others see of a person.
pub fn shown_name(role: Role) -> &'static str {
    match role {
        Role::Officer => "经办人 Officer（演示 demo）",
        Role::Bidder => "访客企业 Visitor（演示 demo）",
        Role::Guarantor => "示例银行 Sample Bank（演示 demo）",
        Role::Auditor => "公证员 Notary（演示 demo）",
        Role::Source => "税务局 Tax Bureau（演示 demo）",
    }
}

/// The account of a visitor, counted from 1.
pub fn visitor_name(number: usize) -> String {
    format!("{VISITOR}-{number}")
}

/// The code that a visitor's account bids under; nothing for other accounts.
pub fn visitor_code(account: &str) -> Option<String> {
    let number: usize = account.strip_prefix(VISITOR)?.strip_prefix('-')?.parse().ok()?;
    (1..=VISITORS).contains(&number).then(|| format!("V{number:02}"))
}

impl Cast {
    pub fn new(host: &str) -> Self {
        Self { host: host.to_owned(), serial: AtomicU64::new(0) }
    }

    fn seed(name: &str) -> [u8; 32] {
        sha256(format!("landgavel demonstration: {name}").as_bytes()).0
    }

    /// The key with which somebody signs commands.
    pub fn key(name: &str) -> SigningKey {
        SigningKey::ed25519(Self::seed(name))
    }

    fn note_key(&self, name: &str, kind: KeyKind) -> note::SigningKey {
        note::SigningKey::new(name, kind, SecretKey::from_seed(&Self::seed(name)))
            .expect("these names are names of keys")
    }

    pub fn log_key(&self) -> note::SigningKey {
        self.note_key(&self.host, KeyKind::Ed25519)
    }

    pub fn hall_key(&self) -> note::SigningKey {
        self.note_key("hall", KeyKind::Ed25519)
    }

    pub fn chain_seed(&self) -> [u8; 32] {
        Self::seed("chain")
    }

    pub fn witnesses(&self) -> Vec<note::SigningKey> {
        WITNESSES.iter().map(|name| self.note_key(&format!("{}/{name}", self.host), KeyKind::Cosignature)).collect()
    }

    /// When the notice is published.
    pub fn notice_at(&self) -> Instant {
        load(RULEBOOK, LOT).expect("the shipped sample is sound").lot.calendar[0]
    }

    /// The hall's witnesses and what its notices fix.
    pub fn house(&self, hall_key: PublicKey, chain: &LocalChain) -> House {
        let witnesses = self
            .witnesses()
            .iter()
            .zip(WITNESSES)
            .map(|(key, name)| WitnessAt { name: name.to_owned(), key: key.verifier().clone(), url: None })
            .collect();
        let officer = |name: &str| Officer { name: format!("{name}（演示 demo）"), key: Self::key(name).public() };
        let notice = NoticeSettings {
            officers: OFFICERS.map(officer).to_vec(),
            hall: Some(hall_key),
            chain: Arc::new(chain.chain().clone()),
            draw_delay_ms: 30_000,
            seal_delay_ms: 12_000,
            parties: Vec::new(),
            fallback: None,
            // The longest that a notice may bear: the clock runs up to hundreds of times as fast as witnesses do.
            checkpoint_within_ms: 3_600_000,
            clock_tolerance_ms: 10_000,
            is_demonstration: true,
            issuers: Vec::new(),
        };
        let officers = OFFICERS.map(|name| Self::key(name).public().to_string()).to_vec();
        let node = "demo".to_owned();
        House { host: self.host.clone(), node, lease_ms: LEASE_MS, witnesses, quorum: QUORUM, officers, notice }
    }

    /// Publishes the sale: its notice is signed by two officers.
    pub async fn publish(&self, hall: &Arc<Hall>, house: &House) -> Result<Arc<Room>, String> {
        let id = SaleId::parse(SALE).expect("the constant is an id");
        let policy = policy_text(&hall.log_key(&id), &house.witnesses, QUORUM);
        let lot = load(RULEBOOK, LOT).expect("the shipped sample is sound").lot.id;
        let text = notice_text(&hall.origin(&id), &lot, RULEBOOK, LOT, &policy, &house.notice);
        let signatures = OFFICERS.map(|name| signature(&Self::key(name), &text)).to_vec();
        let signed = Submission { command: text, signatures };
        hall.create(SALE, RULEBOOK, LOT, &policy, &signed).await.map_err(|error| error.to_string())
    }

    /// Binds a command to the sale as it stands, signed by those who must.
    pub fn sign(&self, room: &Room, command: Value) -> Option<Submission> {
        let Value::Object(mut command) = command else { return None };
        let verb = command.get("do")?.as_str()?.to_owned();
        let by_bidder = BY_BIDDERS.contains(&&*verb);
        let code = command.get("bidder").and_then(Value::as_str).unwrap_or_default().to_owned();
        let signer = if by_bidder { Self::key(&code) } else { Self::key("officer-1") };
        self.bind(room, &mut command, &verb, &code, &signer)?;
        let text = canonical::encode(&Value::Object(command));
        let signatures = vec![signature(&signer, &text)];
        Some(Submission { command: text, signatures })
    }

    fn bind(
        &self,
        room: &Room,
        command: &mut Map<String, Value>,
        verb: &str,
        code: &str,
        signer: &SigningKey,
    ) -> Option<()> {
        let binding = room.binding()?;
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let mut fields = BTreeMap::from([
            ("format", json!(COMMAND_FORMAT)),
            ("lot", binding["lot"].clone()),
            ("rulebook", binding["rulebook"].clone()),
            ("id", json!(format!("{code}-{serial:06}"))),
            ("key", json!(signer.public().to_string())),
        ]);
        if BY_BIDDERS.contains(&verb) {
            fields.insert("seen", binding["seen"].clone());
        }
        if IN_A_STAGE.contains(&verb) {
            fields.insert("stage", binding["stage"].clone());
        }
        if verb == "bid" {
            fields.insert("attribute", binding["attribute"].clone());
        }
        command.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Some(())
    }
}

fn signature(key: &SigningKey, text: &str) -> (String, String) {
    (key.public().to_string(), key.sign(text.as_bytes()))
}
