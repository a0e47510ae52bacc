//! The hall that is measured, in a process of its own: one sale, real keys, real disk, the pages and the API as served.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use landgavel_base::Instant;
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::{COMMAND_FORMAT, Officer, sha256};
use landgavel_server::api::Bounds;
use landgavel_server::clock::{Clock as _, MachineClock, PacedClock};
use landgavel_server::desk::Outcome;
use landgavel_server::desk::foundation::load;
use landgavel_server::desk::intake::Submission;
use landgavel_server::hall::{Hall, NoticeSettings, Room};
use landgavel_server::pages::{Pages, Site};
use landgavel_server::people::{Allowance, Directory};
use landgavel_server::run::{Config, RoundsFrom, WitnessedBy, answer, open};
use landgavel_server::site::app;
use serde_json::{Map, Value, json};

use super::process::Scene;

/// The sale that is measured.
pub const SALE: &str = "bench";
const RULEBOOK: &str = include_str!("../rulebook.toml");
const LOT: &str = include_str!("../lot.toml");
const SURGE_RULEBOOK: &str = include_str!("surge.toml");
const SURGE_LOT: &str = include_str!("surge_lot.toml");
/// Bounds that the measurement does not meet: it comes from one address.
const WIDE: Allowance = Allowance { burst: 1_000_000, period_ms: 1 };
/// Commands that a thread of this process has under way at once.
const AT_ONCE: u64 = 1024;
/// Before the fixed end, when the minute of the surge begins; a little is left for the client to begin.
const SURGE_BEFORE_MS: i64 = 60_500;
/// The clock of a hall that is killed, in thousandths: what takes minutes for people passes in seconds.
const KILLED_RATE: u64 = 20_000;
/// Where the stage remembers which time it was, so that a restart goes on with it.
const CLOCK: &str = "clock";

/// The key of a bidder of the measurement.
pub fn key(name: &str) -> SigningKey {
    SigningKey::ed25519(sha256(format!("landgavel/bench/{name}").as_bytes()).0)
}

/// The code of a bidder.
pub fn code(bidder: usize) -> String {
    format!("B{bidder:04}")
}

impl Scene {
    fn texts(self) -> (String, &'static str) {
        match self {
            Self::Hot | Self::Filled => (RULEBOOK.to_owned(), LOT),
            Self::Surge => (SURGE_RULEBOOK.to_owned(), SURGE_LOT),
            Self::Killed => (RULEBOOK.replace("5 min", "60 s"), LOT),
        }
    }

    fn rate(self) -> u64 {
        if self == Self::Killed { KILLED_RATE } else { 1000 }
    }
}

/// Runs the hall until it is killed; prints where it listens. A directory in which it ran before is gone on with.
pub fn run(directory: &Path, bidders: usize, scene: Scene, events: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (rulebook, lot) = scene.texts();
        let loaded = load(rulebook.as_bytes(), lot.as_bytes()).map_err(|findings| anyhow!("{findings:?}"))?;
        let moments = &loaded.lot.calendar;
        let opening = *moments.first().context("the lot has a calendar")?;
        let remembered = std::fs::read_to_string(directory.join(CLOCK)).ok();
        let clock = match &remembered {
            // Until the beginning is done the sale's own clock goes as the machine's.
            None => PacedClock::new(opening, 1000),
            Some(text) => PacedClock::new(time_since(text, scene.rate())?, scene.rate()),
        };
        let clock = Arc::new(clock);
        let hall = open(config(directory), clock.clone()).await?;
        if remembered.is_none() {
            let room = create(&hall, &rulebook, lot).await?;
            admit(&room, bidders).await?;
            // What stands must be witnessed before an hour passes at once, or the record would rightly not hold.
            until(|| frame(&room)["seen"]["size"] == frame(&room)["entries"]).await;
            clock.jump_to(*moments.get(1).context("a second moment")?);
            until(|| phase(&room) == json!(if scene == Scene::Surge { "quote" } else { "live" })).await;
            fill(&room, bidders, events).await?;
            clock.run_at(scene.rate());
            let times = format!("{} {}", MachineClock.now().millis(), clock.now().millis());
            std::fs::write(directory.join(CLOCK), times)?;
        }
        if let (Scene::Surge, Some(end)) = (scene, moments.get(2)) {
            let start = Instant::from_millis(end.millis() - SURGE_BEFORE_MS).context("in range")?;
            let clock = Arc::clone(&clock);
            std::thread::spawn(move || {
                let mut line = String::new();
                if std::io::stdin().read_line(&mut line).is_ok_and(|count| count > 0) {
                    clock.jump_to(start);
                }
            });
        }
        let bounds = Bounds { address: WIDE, key: WIDE, streams: WIDE, viewers: 100_000 };
        let address: SocketAddr = "127.0.0.1:0".parse()?;
        let announce = |address: SocketAddr| println!("{}", json!({"listen": address.to_string()}));
        let site = Site {
            origin: "http://127.0.0.1".to_owned(),
            is_demo: false,
            verifier: None,
            printer: None,
            scores: Arc::default(),
        };
        let people = Directory::new(hall.setting().store.clone());
        let pages = Pages { hall: Arc::clone(&hall), people, clock, site: Arc::new(site) };
        answer(hall, address, bounds, |api| app(pages, api, None), announce, std::future::pending()).await?;
        Ok(())
    })
}

fn config(directory: &Path) -> Config {
    Config {
        origin: "http://127.0.0.1".to_owned(),
        verifier: None,
        printer: None,
        scores: Arc::default(),
        proxies: Vec::new(),
        webhook: None,
        directory: directory.to_owned(),
        database: None,
        host: "bench.invalid".to_owned(),
        witnesses: WitnessedBy::Own,
        rounds: RoundsFrom::Own,
        officers: Vec::new(),
        is_demonstration: true,
        issuers: Vec::new(),
    }
}

/// The time of a sale whose clock has gone on at its rate since it was remembered.
fn time_since(text: &str, rate: u64) -> Result<Instant> {
    let (machine, sale) = text.split_once(' ').context("two times")?;
    let passed = MachineClock.now().millis() - machine.parse::<i64>()?;
    let sale: i64 = sale.trim().parse()?;
    Instant::from_millis(sale + passed * i64::try_from(rate)? / 1000).context("in range")
}

async fn create(hall: &Hall, rulebook: &str, lot: &str) -> Result<Arc<Room>> {
    let id = landgavel_store::SaleId::parse(SALE).context("an id")?;
    let loaded = load(rulebook.as_bytes(), lot.as_bytes()).map_err(|findings| anyhow!("{findings:?}"))?;
    let officers = ["officer-1", "officer-2"].map(|name| Officer { name: name.to_owned(), key: key(name).public() });
    let settings = NoticeSettings { officers: officers.to_vec(), ..hall.notice_settings() };
    let (notice, policy) = hall.notice(&id, &loaded.lot.id, rulebook.as_bytes(), lot.as_bytes(), &settings);
    let signatures = ["officer-1", "officer-2"]
        .map(|name| (key(name).public().to_string(), key(name).sign(notice.as_bytes())))
        .to_vec();
    let signed = Submission { command: notice, signatures };
    let room = hall.create(SALE, rulebook.as_bytes(), lot.as_bytes(), &policy, &signed).await;
    let room = room.map_err(|error| anyhow!("{error}"))?;
    until(|| frame(&room)["seen"]["size"].as_u64() > Some(0)).await;
    Ok(room)
}

async fn admit(room: &Arc<Room>, bidders: usize) -> Result<()> {
    let binding = Bound::now(room);
    let application = move |number: u64| {
        let bidder = code(usize::try_from(number).unwrap_or(0));
        binding.signed(&bidder, &[("do", json!("apply")), ("id", json!("apply"))])
    };
    let accepted = ask_all(room, u64::try_from(bidders)?, application).await?;
    if accepted != u64::try_from(bidders)? {
        bail!("{accepted} of {bidders} applications were accepted");
    }
    Ok(())
}

/// Bids of this process itself, for a journal of that length.
async fn fill(room: &Arc<Room>, bidders: usize, events: u64) -> Result<()> {
    let binding = Bound::now(room);
    let count = u64::try_from(bidders)?.max(1);
    let bid = move |number: u64| {
        let bidder = code(usize::try_from(number % count).unwrap_or(0));
        let parts = [
            ("do", json!("bid")),
            ("id", json!(format!("fill-{number}"))),
            ("amount", json!(10_000 + number)),
            ("attribute", json!("price")),
            ("stage", json!("price")),
        ];
        binding.signed(&bidder, &parts)
    };
    ask_all(room, events, bid).await.map(|_| ())
}

/// What commands are bound to.
struct Bound {
    lot: String,
    rulebook: String,
    seen: Value,
}

impl Bound {
    fn now(room: &Room) -> Self {
        let notice = &room.foundation().notice;
        let (lot, rulebook) = (notice.lot.clone(), notice.rulebook_sha256.to_string());
        Self { lot, rulebook, seen: frame(room)["seen"].clone() }
    }

    fn signed(&self, bidder: &str, parts: &[(&str, Value)]) -> Submission {
        let key = key(bidder);
        let public = key.public().to_string();
        let mut command = Map::new();
        command.extend(parts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        command.insert("bidder".to_owned(), json!(bidder));
        command.insert("format".to_owned(), json!(COMMAND_FORMAT));
        command.insert("key".to_owned(), json!(public));
        command.insert("lot".to_owned(), json!(self.lot));
        command.insert("rulebook".to_owned(), json!(self.rulebook));
        command.insert("seen".to_owned(), self.seen.clone());
        let command = canonical::encode(&Value::Object(command));
        let signatures = vec![(public, key.sign(command.as_bytes()))];
        Submission { command, signatures }
    }
}

/// Asks for so many things from a thread of its own, in their order, many at once; how many were accepted.
async fn ask_all(
    room: &Arc<Room>,
    count: u64,
    make: impl Fn(u64) -> Submission + Send + Sync + 'static,
) -> Result<u64> {
    let room = Arc::clone(room);
    let make = Arc::new(make);
    let asking = move || -> Result<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut accepted = 0;
        for from in (0..count).step_by(usize::try_from(AT_ONCE)?) {
            let numbers = from..(from + AT_ONCE).min(count);
            accepted += runtime.block_on(async {
                // Tasks of one thread begin in the order in which they were made.
                let tasks: Vec<_> = numbers
                    .map(|number| {
                        let (room, make) = (Arc::clone(&room), Arc::clone(&make));
                        tokio::spawn(async move { room.ask(make(number)).await })
                    })
                    .collect();
                let mut accepted = 0;
                for task in tasks {
                    match task.await?.map_err(|error| anyhow!("{error:?}"))? {
                        Outcome::Entered(written) => accepted += u64::from(written.entry.result.is_ok()),
                        other => bail!("a command of the stage was not entered: {other:?}"),
                    }
                }
                Ok(accepted)
            })?;
        }
        Ok(accepted)
    };
    tokio::task::spawn_blocking(asking).await?
}

fn frame(room: &Room) -> Value {
    serde_json::from_slice(&room.frames().borrow().json).unwrap_or_default()
}

fn phase(room: &Room) -> Value {
    frame(room)["phase"]["name"].clone()
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
