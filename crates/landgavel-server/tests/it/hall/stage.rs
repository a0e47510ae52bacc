//! A hall with the sample sale of Yiwu's rule of four parts, and people who sign.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use landgavel_base::Instant;
use landgavel_beacon::LocalChain;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{self, KeyKind};
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::{COMMAND_FORMAT, Issuer, Officer, sha256};
use landgavel_server::clock::{Clock, PacedClock};
use landgavel_server::desk::foundation::load;
use landgavel_server::desk::intake::{Gate, Submission};
use landgavel_server::desk::shown::Standing;
use landgavel_server::desk::{Outcome, Rounds, Setting, Witnesses};
use landgavel_server::hall::{Hall, House, NoticeSettings, Room, WitnessAt};
use landgavel_server::keys::Keys;
use landgavel_store::Store;
use serde_json::{Map, Value, json};

/// The sale of every test.
pub const SALE: &str = "p1";
pub const HOST: &str = "hall.invalid";

/// A key of a seed that is one word.
pub fn key(name: &str) -> SigningKey {
    SigningKey::ed25519(sha256(name.as_bytes()).0)
}

pub fn note_key(name: &str, kind: KeyKind) -> note::SigningKey {
    note::SigningKey::new(name, kind, SecretKey::from_seed(&sha256(name.as_bytes()).0)).unwrap()
}

/// A time as the files write it.
pub fn time(text: &str) -> Instant {
    let object: Map<String, Value> = serde_json::from_value(json!({"at": text, "do": "tick"})).unwrap();
    let lot = Arc::new(load(&rulebook(), &lot_file()).unwrap().lot);
    let sale = landgavel_sale::Sale::open(lot);
    landgavel_record::wire::parse_request(&sale, &object).unwrap().at
}

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub fn rulebook() -> Vec<u8> {
    fs::read(repository("rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml")).unwrap()
}

pub fn lot_file() -> Vec<u8> {
    fs::read(repository("lots/cn/zhejiang/yiwu/sample-p1.toml")).unwrap()
}

/// The commands of the sample, each with its time.
pub fn sample() -> Vec<(Instant, Map<String, Value>)> {
    let text = fs::read_to_string(repository("lots/cn/zhejiang/yiwu/sample-p1.commands.jsonl")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
            let at = time(object.remove("at").unwrap().as_str().unwrap());
            object.remove("note");
            (at, object)
        })
        .collect()
}

/// A directory that is gone with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("landgavel-hall-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        // A process that was killed left its folder, and numbers of processes come again.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn store(&self) -> String {
        self.0.join("hall.db").to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A hall whose clock stands still until a test sets it.
pub struct Stage {
    pub hall: Arc<Hall>,
    pub clock: Arc<PacedClock>,
    pub room: Arc<Room>,
    serial: AtomicU64,
}

const WITNESSES: [&str; 3] = ["hall.invalid/w1", "hall.invalid/w2", "hall.invalid/w3"];

pub fn setting(store: Store, clock: Arc<PacedClock>) -> Setting {
    let log = note_key(HOST, KeyKind::Ed25519);
    let hall = note_key("hall", KeyKind::Ed25519);
    let witnesses = WITNESSES.map(|name| note_key(name, KeyKind::Cosignature));
    Setting {
        store,
        clock,
        keys: Arc::new(Keys::new(log, &hall)),
        gate: Arc::new(Gate::default()),
        witnesses: Witnesses::Own(Arc::new(witnesses.to_vec())),
        rounds: Rounds::Own(Arc::new(chain())),
    }
}

fn chain() -> LocalChain {
    LocalChain::from_seed(sha256(b"chain").0, 1_692_803_367, 3).unwrap()
}

impl Stage {
    /// A hall with a fresh store, and the sample sale created in it, at the moment of its notice.
    pub async fn set(folder: &Folder) -> Self {
        let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
        Self::at(folder, clock).await
    }

    /// The same under other rules.
    pub async fn under(folder: &Folder, rulebook: &[u8]) -> Self {
        let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
        Self::begin(Store::open(&folder.store()).await.unwrap(), clock, rulebook, Vec::new()).await
    }

    /// The same with a notice that names issuers of certificates.
    pub async fn with_issuers(folder: &Folder, issuers: Vec<Issuer>) -> Self {
        let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
        Self::begin(Store::open(&folder.store()).await.unwrap(), clock, &rulebook(), issuers).await
    }

    /// The same from whatever the store holds, at whatever time it is.
    pub async fn at(folder: &Folder, clock: Arc<PacedClock>) -> Self {
        Self::on(Store::open(&folder.store()).await.unwrap(), clock).await
    }

    /// The same on a store that is open already.
    pub async fn on(store: Store, clock: Arc<PacedClock>) -> Self {
        Self::begin(store, clock, &rulebook(), Vec::new()).await
    }

    /// The same in another house.
    pub async fn by(store: Store, clock: Arc<PacedClock>, house: House) -> Self {
        Self::begin_by(store, clock, &rulebook(), Vec::new(), house).await
    }

    async fn begin(store: Store, clock: Arc<PacedClock>, rulebook: &[u8], issuers: Vec<Issuer>) -> Self {
        Self::begin_by(store, clock, rulebook, issuers, house()).await
    }

    async fn begin_by(
        store: Store,
        clock: Arc<PacedClock>,
        rulebook: &[u8],
        issuers: Vec<Issuer>,
        house: House,
    ) -> Self {
        let hall = Hall::open(setting(store, Arc::clone(&clock)), house).await.unwrap();
        let room = match hall.room(SALE) {
            Some(room) => room,
            None => {
                let (policy, signed) = notice_under(&hall, rulebook, issuers);
                hall.create(SALE, rulebook, &lot_file(), &policy, &signed).await.unwrap()
            }
        };
        let stage = Self { hall, clock, room, serial: AtomicU64::new(0) };
        stage.until(|room| room.standing() == Standing::Open).await;
        stage.until(|room| room.shown().unwrap().look().published.is_some()).await;
        stage
    }

    /// Waits until something holds; a test that waits in vain ends by its own limit.
    pub async fn until(&self, holds: impl Fn(&Room) -> bool) {
        while !holds(&self.room) {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    /// Waits until everything is published that is stored.
    pub async fn published(&self) {
        let now = self.clock.now();
        self.clock.jump_to(Instant::from_millis(now.millis() + 1000).unwrap());
        self.until(|_| self.is_published()).await;
    }

    /// Binds a command to the sale as it stands and has it signed by those who must.
    pub fn sign(&self, mut command: Map<String, Value>) -> Submission {
        let verb = command["do"].as_str().unwrap().to_owned();
        let by_bidder = ["apply", "withdraw", "bid", "join", "accept", "seal", "file", "confirm"].contains(&&*verb);
        let signers: Vec<SigningKey> = match (by_bidder, &*verb) {
            (true, _) => vec![key(command["bidder"].as_str().unwrap())],
            (false, "annul") => vec![key("officer-1"), key("officer-2")],
            (false, _) => vec![key("officer-1")],
        };
        let shown = self.room.shown().unwrap();
        let state = shown.look();
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let defaults = BTreeMap::from([
            ("format", json!(COMMAND_FORMAT)),
            ("lot", json!(state.notice.lot)),
            ("rulebook", json!(state.notice.rulebook_sha256.to_string())),
            ("id", json!(format!("{serial:06}"))),
            ("key", json!(signers[0].public().to_string())),
        ]);
        for (name, value) in defaults {
            command.entry(name.to_owned()).or_insert(value);
        }
        let code = command.get("bidder").and_then(Value::as_str).unwrap_or_default().to_owned();
        let tree = state.published.as_ref().map(|published| published.tree.clone());
        let (size, root) = tree.map_or((0, [0; 32]), |tree| (tree.size(), tree.root().0));
        let seen = json!({"root": landgavel_base::Digest(root).to_string(), "size": size});
        drop(state);
        if by_bidder {
            command.entry("seen").or_insert(seen);
            if ["bid", "join", "accept", "seal", "file"].contains(&&*verb) {
                let mine = self.room.own_frame(&code).unwrap_or_default();
                let stage = mine["binding"]["stage"].as_str().unwrap_or("none").to_owned();
                command.entry("stage").or_insert(json!(stage));
                if verb == "bid" {
                    let attribute = mine["binding"]["attribute"].as_str().unwrap_or("none").to_owned();
                    command.entry("attribute").or_insert(json!(attribute));
                }
            }
        }
        signed(&Value::Object(command), &signers)
    }

    /// Asks for something, and waits for the frame that shows it.
    pub async fn ask(&self, command: Map<String, Value>) -> Outcome {
        let outcome = self.room.ask(self.sign(command)).await.unwrap();
        if let Outcome::Entered(written) = &outcome {
            let number = written.entry.number;
            self.until(|room| room.shown().unwrap().look().entries > number).await;
        }
        outcome
    }

    /// Plays the sample up to a moment, one command after the other.
    pub async fn play(&self, until: &str) {
        let until = time(until);
        for (at, command) in sample() {
            if at > until {
                break;
            }
            if command["do"] == "beacon" {
                self.go_to(time("2026-04-17T10:25:01+08:00")).await;
                self.draw().await;
                continue;
            }
            self.go_to(at).await;
            self.ask(command).await;
        }
        self.go_to(until).await;
    }

    /// Lets the round of the frozen draw come.
    pub async fn draw(&self) {
        self.until(|room| room.shown().unwrap().look().frozen.is_some()).await;
        self.published().await;
        let round_ms = |frame: Value| frame["draw"]["round_ms"].as_i64();
        self.until(|_| round_ms(self.frame()).is_some()).await;
        let round = round_ms(self.frame()).unwrap();
        self.go_to(Instant::from_millis(round).unwrap()).await;
        self.until(|room| room.shown().unwrap().look().drawn.is_some()).await;
    }

    /// What everybody sees.
    pub fn frame(&self) -> Value {
        serde_json::from_slice(&self.room.frames().borrow().json).unwrap()
    }

    /// Lets time pass, moment by moment: what falls due is decided, and witnessed a second later.
    pub async fn go_to(&self, at: Instant) {
        loop {
            let second_from_now = Instant::from_millis(self.clock.now().millis() + 1000).unwrap();
            if second_from_now < at && !self.is_published() {
                self.published().await;
            }
            let due = self.room.shown().unwrap().look().sale.due();
            let next = due.filter(|due| *due < at).unwrap_or(at);
            self.clock.jump_to(next);
            self.until(|room| {
                let shown = room.shown().unwrap();
                let state = shown.look();
                state.sale.due().is_none_or(|due| due > next)
            })
            .await;
            if next == at {
                return;
            }
        }
    }

    fn is_published(&self) -> bool {
        let shown = self.room.shown().unwrap();
        let state = shown.look();
        state.published.as_ref().is_some_and(|published| published.tree.size() == state.entries)
    }
}

/// Signs a value as it stands.
pub fn signed(command: &Value, signers: &[SigningKey]) -> Submission {
    let command = canonical::encode(command);
    let signatures = signers.iter().map(|key| (key.public().to_string(), key.sign(command.as_bytes()))).collect();
    Submission { command, signatures }
}

/// What this hall puts into notices.
pub fn house() -> House {
    let witness = |(index, name): (usize, &&str)| WitnessAt {
        name: format!("w{index}"),
        key: note_key(name, KeyKind::Cosignature).verifier().clone(),
        url: None,
    };
    let officer = |name: &str| Officer { name: name.to_owned(), key: key(name).public() };
    House {
        host: HOST.to_owned(),
        node: "node-1".to_owned(),
        lease_ms: 15_000,
        witnesses: WITNESSES.iter().enumerate().map(witness).collect(),
        quorum: 2,
        officers: ["officer-1", "officer-2"].map(|name| key(name).public().to_string()).to_vec(),
        notice: NoticeSettings {
            officers: vec![officer("officer-1"), officer("officer-2")],
            hall: Some(key("hall").public()),
            chain: Arc::new(chain().chain().clone()),
            draw_delay_ms: 30_000,
            seal_delay_ms: 12_000,
            parties: Vec::new(),
            fallback: None,
            checkpoint_within_ms: 60_000,
            clock_tolerance_ms: 10_000,
            is_demonstration: true,
            issuers: Vec::new(),
        },
    }
}

/// Policy and notice of the sample under some rules, signed by two officers.
fn notice_under(hall: &Hall, rulebook: &[u8], issuers: Vec<Issuer>) -> (String, Submission) {
    let id = landgavel_store::SaleId::parse(SALE).unwrap();
    let lot_id = load(rulebook, &lot_file()).unwrap().lot.id;
    let settings = NoticeSettings { issuers, ..hall.notice_settings() };
    let (text, policy) = hall.notice(&id, &lot_id, rulebook, &lot_file(), &settings);
    let signatures = ["officer-1", "officer-2"]
        .map(|name| (key(name).public().to_string(), key(name).sign(text.as_bytes())))
        .to_vec();
    (policy, Submission { command: text, signatures })
}
