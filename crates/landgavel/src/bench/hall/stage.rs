//! The hall that is measured, in a process of its own: one sale in live bidding, real keys, real disk.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use landgavel_base::Instant;
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::{COMMAND_FORMAT, Officer, sha256};
use landgavel_server::api::Bounds;
use landgavel_server::clock::PacedClock;
use landgavel_server::desk::Outcome;
use landgavel_server::desk::foundation::load;
use landgavel_server::desk::intake::Submission;
use landgavel_server::hall::{Hall, NoticeSettings, Room};
use landgavel_server::people::Allowance;
use landgavel_server::run::{Config, RoundsFrom, WitnessedBy, answer, open};
use serde_json::{Value, json};

/// The sale that is measured.
pub const SALE: &str = "bench";
const RULEBOOK: &str = include_str!("rulebook.toml");
const LOT: &str = include_str!("lot.toml");
/// Bounds that the measurement does not meet: it comes from one address.
const WIDE: Allowance = Allowance { burst: 1_000_000, period_ms: 1 };

/// The key of a bidder of the measurement.
pub fn key(name: &str) -> SigningKey {
    SigningKey::ed25519(sha256(format!("landgavel/bench/{name}").as_bytes()).0)
}

/// The code of a bidder.
pub fn code(bidder: usize) -> String {
    format!("B{bidder:04}")
}

/// Runs the hall until it is killed; prints where it listens.
pub fn run(directory: &Path, bidders: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Arc::new(PacedClock::new(opening()?, 1000));
        let config = Config {
            origin: "http://127.0.0.1".to_owned(),
            verifier: None,
            directory: directory.to_owned(),
            database: None,
            host: "bench.invalid".to_owned(),
            witnesses: WitnessedBy::Own,
            rounds: RoundsFrom::Own,
            officers: Vec::new(),
            is_demonstration: true,
        };
        let hall = open(config, clock.clone()).await?;
        let room = create(&hall).await?;
        admit(&room, bidders).await?;
        clock.jump_to(Instant::from_millis(opening()?.millis() + 3_600_000).context("in range")?);
        until(|| phase(&room) == json!("live")).await;
        let bounds = Bounds { address: WIDE, key: WIDE, streams: WIDE, viewers: 100_000 };
        let address: SocketAddr = "127.0.0.1:0".parse()?;
        let announce = |address: SocketAddr| println!("{}", json!({"listen": address.to_string()}));
        answer(hall, address, bounds, |_| Default::default(), announce, std::future::pending()).await?;
        Ok(())
    })
}

fn opening() -> Result<Instant> {
    let loaded = load(RULEBOOK.as_bytes(), LOT.as_bytes()).map_err(|findings| anyhow!("{findings:?}"))?;
    loaded.lot.calendar.first().copied().context("the lot has a calendar")
}

async fn create(hall: &Hall) -> Result<Arc<Room>> {
    let id = landgavel_store::SaleId::parse(SALE).context("an id")?;
    let loaded = load(RULEBOOK.as_bytes(), LOT.as_bytes()).map_err(|findings| anyhow!("{findings:?}"))?;
    let officers = ["officer-1", "officer-2"].map(|name| Officer { name: name.to_owned(), key: key(name).public() });
    let settings = NoticeSettings { officers: officers.to_vec(), ..hall.notice_settings() };
    let (notice, policy) = hall.notice(&id, &loaded.lot.id, RULEBOOK.as_bytes(), LOT.as_bytes(), &settings);
    let signatures = ["officer-1", "officer-2"]
        .map(|name| (key(name).public().to_string(), key(name).sign(notice.as_bytes())))
        .to_vec();
    let signed = Submission { command: notice, signatures };
    let room = hall.create(SALE, RULEBOOK.as_bytes(), LOT.as_bytes(), &policy, &signed).await;
    let room = room.map_err(|error| anyhow!("{error}"))?;
    until(|| frame(&room)["seen"]["size"].as_u64() > Some(0)).await;
    Ok(room)
}

async fn admit(room: &Room, bidders: usize) -> Result<()> {
    let seen = frame(room)["seen"].clone();
    let notice = &room.foundation().notice;
    for bidder in 0..bidders {
        let key = key(&code(bidder));
        let command = canonical::encode(&json!({
            "do": "apply", "bidder": code(bidder), "format": COMMAND_FORMAT, "id": "apply", "lot": notice.lot,
            "key": key.public().to_string(), "rulebook": notice.rulebook_sha256.to_string(), "seen": seen,
        }));
        let signatures = vec![(key.public().to_string(), key.sign(command.as_bytes()))];
        match room.ask(Submission { command, signatures }).await {
            Ok(Outcome::Entered(written)) if written.entry.result.is_ok() => {}
            other => bail!("an application was not taken: {other:?}"),
        }
    }
    Ok(())
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
