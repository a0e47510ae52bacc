//! A hall whose sample sale was awarded, and a pledge opened from it, as programs ask it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use landgavel_base::Instant;
use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::canonical;
use landgavel_record::verify::{Alone, Options, Report, Silent, verify};
use landgavel_server::clock::Clock as _;
use landgavel_server::desk::Outcome;
use landgavel_server::desk::shown::Standing;
use landgavel_server::export::Exported as _;
use landgavel_server::hall::TERMS_TEMPLATES;
use landgavel_server::pledges::Pledge;
use serde_json::{Value, json};

use super::office::Office;
use super::stage::{Folder, Stage, key, time};

pub const PLEDGE: &str = "park-1";
/// Sources of the sample terms, each with the word that its key is made from.
pub const SOURCES: [(&str, &str); 5] = [
    ("自然资源局（样本）", "land"),
    ("住房和城乡建设局（样本）", "housing"),
    ("经济和信息化局（样本）", "economy"),
    ("统计局（样本）", "statistics"),
    ("税务局（样本）", "tax"),
];

pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl BundleFiles for Files {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::Missing)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

/// An office whose sale was awarded, and witnessed to its end.
pub async fn awarded(folder: &Folder) -> (Office, String) {
    let office = Office::filled(Stage::set(folder).await).await;
    office.stage.play("2026-04-20T14:00:00+08:00").await;
    let winner = {
        let shown = office.stage.room.shown().unwrap();
        let state = shown.look();
        state.sale.bidder(state.sale.seats()[0].bidder).unwrap().code().to_owned()
    };
    for verb in ["qualify", "confirm"] {
        let command = serde_json::from_value(json!({"do": verb, "bidder": winner})).unwrap();
        let outcome = office.stage.ask(command).await;
        assert!(matches!(outcome, Outcome::Entered(written) if written.entry.result.is_ok()), "{verb}");
    }
    office.stage.published().await;
    (office, winner)
}

/// What an officer asks for.
pub fn asked() -> Value {
    let sources: Vec<Value> =
        SOURCES.iter().map(|(name, word)| json!({"name": name, "key": key(word).public().to_string()})).collect();
    let guarantors = json!([{"name": "样本银行", "key": key("bank").public().to_string()}]);
    json!({"pledge": PLEDGE, "sale": "p1", "terms": TERMS_TEMPLATES[0].text, "sources": sources, "guarantors": guarantors})
}

/// Two officers open the pledge.
pub async fn open(office: &Office) -> Arc<Pledge> {
    open_as(office, asked()).await
}

/// Two officers open what was asked for.
pub async fn open_as(office: &Office, asked: Value) -> Arc<Pledge> {
    let (status, opening) = office.ask("officer-1", Method::POST, "/api/v1/openings", asked).await;
    assert_eq!(status, StatusCode::OK, "{opening}");
    let path = format!("/api/v1/openings/{}/signatures", opening["opening"].as_str().unwrap());
    let text = opening["text"].as_str().unwrap();
    for (who, stands) in [("officer-1", "open"), ("officer-2", "published")] {
        let (status, told) = office.signs(who, &path, text).await;
        assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!(stands)), "{told}");
    }
    let pledge = office.stage.hall.pledge(PLEDGE).unwrap();
    ready(&pledge).await;
    pledge
}

/// Waits until it takes commands.
pub async fn ready(pledge: &Pledge) {
    until(pledge, |pledge| pledge.standing() == Standing::Open && pledge.shown().unwrap().look().published.is_some())
        .await;
}

pub async fn until(pledge: &Pledge, holds: impl Fn(&Pledge) -> bool) {
    while !holds(pledge) {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Lets time pass, day by day that matters: each is told, and witnessed a second later.
pub async fn go_to(office: &Office, pledge: &Pledge, at: Instant) {
    loop {
        published(office, pledge).await;
        let due = pledge.shown().unwrap().look().record.opened().pledge.due();
        let next = due.filter(|due| *due < at).unwrap_or(at).max(office.stage.clock.now());
        office.stage.clock.jump_to(next);
        until(pledge, |pledge| {
            pledge.shown().unwrap().look().record.opened().pledge.due().is_none_or(|due| due > next)
        })
        .await;
        if next >= at {
            return;
        }
    }
}

/// Waits until everything is published that is stored.
pub async fn published(office: &Office, pledge: &Pledge) {
    let now = office.stage.clock.now();
    office.stage.clock.jump_to(Instant::from_millis(now.millis() + 1000).unwrap());
    until(pledge, |pledge| {
        let shown = pledge.shown().unwrap();
        let state = shown.look();
        state.published.as_ref().is_some_and(|published| published.tree.size() == state.entries)
    })
    .await;
}

/// A command bound to the pledge, and its signers' signatures.
pub fn signed(pledge: &Pledge, id: &str, mut command: Value, signers: &[&str]) -> Value {
    {
        let shown = pledge.shown().unwrap();
        let state = shown.look();
        command["format"] = json!("landgavel-pledge-command/1");
        command["pledge"] = json!(state.record.opening().pledge);
        command["opening"] = json!(state.record.digest().to_string());
    }
    command["key"] = json!(key(signers[0]).public().to_string());
    command["id"] = json!(id);
    let text = canonical::encode(&command);
    let one = |who: &&str| json!({"key": key(who).public().to_string(), "signature": key(who).sign(text.as_bytes())});
    json!({"command": text, "signatures": signers.iter().map(one).collect::<Vec<Value>>()})
}

/// Sends a command with all its signatures.
pub async fn send(office: &Office, body: Value) -> (StatusCode, Value) {
    office.ask("", Method::POST, &format!("/api/v1/pledges/{PLEDGE}/commands"), body).await
}

/// The commands of the sample up to a moment, each signed by who may.
pub async fn play(office: &Office, pledge: &Pledge, winner: &str, until: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pledges/cn/zhejiang/sample/four-part.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for (number, line) in lines.enumerate() {
        let mut command: Value = serde_json::from_str(line).unwrap();
        let at = time(command["at"].as_str().unwrap());
        if at > time(until) {
            break;
        }
        command.as_object_mut().unwrap().remove("at");
        go_to(office, pledge, at).await;
        if command["do"] == "pay" {
            // The sample's own sale has another price: what is owed here is paid.
            let claim = usize::try_from(command["claim"].as_u64().unwrap()).unwrap() - 1;
            let today = pledge.shown().unwrap().look().today(at);
            let owed = pledge.shown().unwrap().look().record.opened().pledge.claim_owed(claim, today).unwrap().minor();
            command["amount"] = json!(format!("{}.{:02} 元", owed / 100, owed % 100));
        }
        let source = SOURCES.iter().find(|(name, _)| command["source"] == json!(name));
        let signers = match (source, command["do"].as_str().unwrap()) {
            (Some((_, word)), _) => vec![*word],
            (None, "dispute") => vec![winner],
            (None, "bond" | "extend-bond") => vec!["officer-1", "bank"],
            (None, _) => vec!["officer-1", "officer-2"],
        };
        let (status, told) = send(office, signed(pledge, &format!("line-{number}"), command, &signers)).await;
        assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{line}: {told}");
    }
    go_to(office, pledge, time(until)).await;
    published(office, pledge).await;
}

/// The verdict of a stranger on what the hall publishes.
pub async fn verdict(pledge: &Pledge) -> Report {
    let bundle = pledge.bundle().unwrap();
    let mut files = BTreeMap::new();
    for path in bundle.paths() {
        files.insert(path.clone(), bundle.file(&path).await.unwrap().unwrap());
    }
    verify(&Files(files), &Options::default(), &Alone::default(), &mut Silent)
}
