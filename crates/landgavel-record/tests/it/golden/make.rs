//! How the golden records were made. What is frozen is not made again.

use landgavel_base::{Digest, Quantity};
use landgavel_record::language::{Files, load_lot};
use landgavel_record::record::Notice;
use landgavel_record::rehearsal::{Beacon, Rehearsal, Terms};
use landgavel_record::rounds::{Rounds, RoundsFile};
use landgavel_sale::mechanism::commitment_digest;
use serde_json::{Value, json};

use super::Make;
use crate::desk::{Desk, key, time};
use crate::format::entries;
use crate::tampering::Bundle;

const OFFICERS: [&str; 2] = ["officer/1", "officer/2/sm2"];

struct Repository;

impl Files for Repository {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read(root.join(path)).map_err(|error| error.to_string())
    }
}

/// Every record with its name.
pub const ALL: &[(&str, Make)] = &[
    ("four-part", || shipped("lots/cn/zhejiang/wenling/gy020108-2-four-part", SIGNED)),
    ("three-winners", || shipped("crates/landgavel/tests/unseen/three_plots", "")),
    ("quicknet", quicknet),
    ("open-bidding", || entries::open_sale().finish()),
    ("sealed-outage", || entries::sealed_sale().finish()),
    ("combined-draw", || entries::combined_draw().finish()),
    ("fallback-draw", || entries::fallback_draw().finish()),
    ("weighted-draw", || drawn_by("{ weighted = \"tickets\" }").finish()),
    ("tiered-draw", || drawn_by("{ tiered = \"tickets\" }").finish()),
    ("draw-not-held", || draw_not_held().finish()),
    ("secret-cap", || secret_cap().finish()),
    ("scheme", || scheme().finish()),
    ("rounds-in-turn", || rounds_in_turn().finish()),
    ("rounds-together", || rounds_together().finish()),
    ("clock", || clock().finish()),
    ("first-come", || first_come().finish()),
    ("first-refusal", || first_refusal().finish()),
    ("admission", || admission().finish()),
    ("annulled", || annulled().finish()),
    ("passed-in", || passed_in().finish()),
    ("not-ended", || not_ended().finish()),
    ("long-events", || long_events().finish()),
    ("many-entries", || many_entries().finish()),
];

pub fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

pub fn fixture(name: &str) -> (String, String) {
    let read = |path: String| String::from_utf8(Repository.read(&path).unwrap()).unwrap();
    (read(format!("casebook/fixtures/{name}_rules.toml")), read(format!("casebook/fixtures/{name}.toml")))
}

fn open(name: &str) -> Desk {
    let (rules, lot) = fixture(name);
    Desk::open(&rules, &lot, |_| {})
}

fn apply(code: &str, facts: Value) -> Value {
    json!({"do": "apply", "bidder": code, "facts": facts})
}

/// Whom the draw of the four-part sale ranks first is examined and signs.
const SIGNED: &str = r#"
{"at": "2026-04-22T11:00:00+08:00", "do": "qualify", "bidder": "D"}
{"at": "2026-04-23T10:00:00+08:00", "do": "confirm", "bidder": "D"}
"#;

/// A sale of the repository, run as `landgavel run` runs it, with more commands at its end.
fn shipped(lot: &str, more: &str) -> Bundle {
    let loaded = load_lot(&Repository, &format!("{lot}.toml")).unwrap();
    let commands = String::from_utf8(Repository.read(&format!("{lot}.commands.jsonl")).unwrap()).unwrap() + more;
    play(&loaded, &commands, Terms::default())
}

fn play(loaded: &landgavel_record::language::Loaded, commands: &str, terms: Terms) -> Bundle {
    let mut bundle = Bundle::default();
    let mut rehearsal = Rehearsal::on_terms(loaded, terms, &mut bundle).unwrap();
    for line in commands.lines().filter(|line| line.starts_with('{')) {
        rehearsal.request(&serde_json::from_str(line).unwrap(), &mut bundle, &mut |_| {}).unwrap();
    }
    rehearsal.finish(&mut bundle, &mut |_| {}).unwrap();
    bundle
}

/// Sealed bids and a draw by published rounds of the public chain.
fn quicknet() -> Bundle {
    let folder = "crates/landgavel/tests/draws";
    let loaded = load_lot(&Repository, &format!("{folder}/drand.toml")).unwrap();
    let read = |name: &str| Repository.read(&format!("{folder}/{name}")).unwrap();
    let rounds: Box<dyn Rounds> = Box::new(RoundsFile::parse(&read("rounds.jsonl")).unwrap());
    let draw_delay = landgavel_base::Duration::from_millis(243_000).unwrap();
    let terms = Terms { beacon: Beacon::Quicknet(rounds), draw_delay, ..Terms::default() };
    play(&loaded, &String::from_utf8(read("commands.jsonl")).unwrap(), terms)
}

/// A draw whose entrants hold tickets, or stand on tiers.
fn drawn_by(weights: &str) -> Desk {
    let (rules, lot) = fixture("drawn");
    let rules = rules.replace(
        r#"sources = ["drand", "public-number"]"#,
        &format!("sources = [\"commit-reveal\"]\nweights = {weights}"),
    );
    let mut desk = Desk::open(&rules, &lot, |_| {});
    for (minute, (code, tickets)) in (10..).zip([("A", 1), ("B", 3), ("C", 0), ("D", 2), ("E", 3)]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({"tickets": tickets})), &[code]);
    }
    desk.advance(at("10:00:00"));
    let secrets = ["notary", "bidders"].map(|party| crate::desk::secret(party).to_string());
    desk.done(at("10:01:00"), json!({"do": "beacon", "outputs": [{"secrets": secrets}]}), &[]);
    desk.advance(at("10:01:00"));
    desk
}

fn draw_not_held() -> Desk {
    let mut desk = open("drawn");
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    desk.advance(at("11:00:00"));
    desk
}

/// A cap and a reserve that were bound by their hashes, shown after the bidding.
fn secret_cap() -> Desk {
    let mut desk = open("secret");
    let lot = desk.record.notice().lot.clone();
    let salt = Digest([7; 32]);
    desk.done(at("09:10:00"), apply("A", json!({})), &["A"]);
    desk.done(at("09:11:00"), apply("B", json!({})), &["B/sm2"]);
    let digest = commitment_digest(&lot, "price", "reserve", Quantity::new(1050).unwrap(), salt).to_string();
    let commit = json!({"do": "commit", "stage": "price", "secret": "reserve", "digest": digest});
    desk.done(at("09:20:00"), commit, &["officer/2/sm2"]);
    desk.done(at("10:01:00"), bid("A", "1100 万元"), &["A"]);
    desk.done(at("10:02:00"), bid("B", "1200 万元"), &["B/sm2"]);
    for (clock, secret, value) in [("10:08:00", "reserve", "1050 万元"), ("10:08:10", "cap", "1200 万元")] {
        let reveal =
            json!({"do": "reveal", "stage": "price", "secret": secret, "value": value, "salt": salt.to_string()});
        desk.done(at(clock), reveal, &["officer/1"]);
    }
    desk.advance(at("11:00:00"));
    desk
}

/// Schemes that a panel marks.
fn scheme() -> Desk {
    let mut desk = open("panel");
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    for (minute, code) in (10..).zip(["A", "B"]) {
        let documents = Digest([minute; 32]).to_string();
        desk.done(
            at(&format!("10:{minute}:00")),
            json!({"do": "file", "bidder": code, "documents": documents}),
            &[code],
        );
    }
    let mut second = 0;
    for judge in ["评委一", "评委二"] {
        for (code, design, green) in [("A", 50, "35 分"), ("B", 45, "39 分")] {
            for (criterion, points) in [("design", json!(design)), ("green", json!(green))] {
                second += 1;
                let mark =
                    json!({"do": "mark", "judge": judge, "bidder": code, "criterion": criterion, "points": points});
                desk.done(at("10:31:00") + 1000 * second, mark, &["officer/1"]);
            }
        }
    }
    desk.advance(at("11:30:00"));
    desk
}

fn bid(code: &str, amount: &str) -> Value {
    json!({"do": "bid", "bidder": code, "amount": amount})
}

/// Two bidders who bid in turn, until one is silent.
fn rounds_in_turn() -> Desk {
    let mut desk = open("turns");
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    desk.done(at("10:00:10"), bid("A", "1000 万元"), &["A"]);
    assert_eq!(desk.refused(at("10:00:20"), bid("A", "1020 万元"), &["A"]), "not_your_turn");
    desk.done(at("10:00:30"), bid("B", "1020 万元"), &["B"]);
    desk.done(at("10:00:40"), json!({"do": "step", "amount": "10 万元"}), &["officer/1"]);
    desk.done(at("10:00:50"), bid("A", "1030 万元"), &["A"]);
    desk.advance(at("11:00:00"));
    desk
}

/// Three bidders who bid together in rounds.
fn rounds_together() -> Desk {
    let mut desk = open("together");
    for (minute, code) in (10..).zip(["A", "B", "C"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    desk.done(at("10:00:10"), bid("A", "1000 万元"), &["A"]);
    desk.done(at("10:00:20"), bid("B", "1040 万元"), &["B"]);
    desk.done(at("10:03:10"), bid("C", "1100 万元"), &["C"]);
    desk.advance(at("11:00:00"));
    desk
}

/// The rules of the hammer with another stage.
fn with_stage(stage: &str) -> Desk {
    let (rules, lot) = fixture("hammer");
    let (before, rest) = rules.split_once("[[stages]]").unwrap();
    let (_, after) = rest.split_once("[award]").unwrap();
    let mut desk = Desk::open(&format!("{before}[[stages]]\n{stage}\n[award]{after}"), &lot, |_| {});
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    desk
}

/// A clock that falls until somebody takes its value.
fn clock() -> Desk {
    let mut desk = with_stage(
        "id = \"clock\"\ntitle = { zh = \"降价\", en = \"clock\" }\nkind = \"descending\"\nattribute = \"price\"\n\
         start = \"1500 万元\"\nstep = \"10 万元\"\nevery = \"60 s\"\nfloor = \"900 万元\"",
    );
    desk.done(at("10:07:30"), json!({"do": "accept", "bidder": "B"}), &["B"]);
    desk.advance(at("11:00:00"));
    desk
}

/// Whoever takes it first.
fn first_come() -> Desk {
    let mut desk = with_stage(
        "id = \"first\"\ntitle = { zh = \"先到先得\", en = \"first come\" }\nkind = \"first\"\n\
         of = { window = { closes = \"10 min\" } }",
    );
    desk.done(at("10:00:30"), json!({"do": "accept", "bidder": "B"}), &["B"]);
    desk.advance(at("11:00:00"));
    desk
}

/// A tenant who takes what another would have paid, and more.
fn first_refusal() -> Desk {
    let mut desk = open("ladder");
    for (minute, (code, tenant)) in (10..).zip([("A", false), ("B", true)]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({"tenant": tenant})), &[code]);
    }
    for (clock, code) in [("10:01:00", "A"), ("10:02:00", "B")] {
        desk.done(at(clock), json!({"do": "accept", "bidder": code}), &[code]);
    }
    assert_eq!(desk.refused(at("10:11:00"), json!({"do": "accept", "bidder": "A"}), &["A"]), "not_entrant");
    desk.done(at("10:12:00"), json!({"do": "accept", "bidder": "B"}), &["B"]);
    desk.advance(at("11:00:00"));
    desk
}

/// Bonds, prerequisites, groups: who is admitted, who is refused, who steps back; then the posted price.
fn admission() -> Desk {
    let (rules, lot) = fixture("admission");
    let mut desk = Desk::open(&rules, &lot, |_| {});
    for (second, (code, group, rung)) in
        (10..).zip([("A", "甲", 2), ("B", "乙", 3), ("C", "乙", 2), ("D", "丁", 1), ("E", "戊", 2)])
    {
        let apply = json!({"do": "apply", "bidder": code, "group": group, "facts": {"rung": rung}});
        desk.done(at(&format!("09:00:{second}")), apply, &[code]);
    }
    for (second, code) in (10..).zip(["A", "B", "C", "D"]) {
        let bond = json!({"do": "bond", "bidder": code, "form": "cash", "amount": "200 万元"});
        desk.done(at(&format!("09:01:{second}")), bond, &["officer/1"]);
    }
    for (second, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:02:{second}")), json!({"do": "admit", "bidder": code}), &["officer/1"]);
    }
    for (clock, code, why) in [
        ("09:02:30", "C", "group_already_admitted"),
        ("09:02:40", "D", "prerequisite_not_met"),
        ("09:02:50", "E", "bond_missing"),
    ] {
        assert_eq!(desk.refused(at(clock), json!({"do": "admit", "bidder": code}), &["officer/1"]), why);
    }
    desk.done(at("09:03:00"), json!({"do": "reject", "bidder": "D", "reason": "梯度不足"}), &["officer/2/sm2"]);
    desk.done(at("09:03:10"), json!({"do": "withdraw", "bidder": "B"}), &["B"]);
    desk.advance(at("10:00:00"));
    desk.done(at("10:01:00"), json!({"do": "accept", "bidder": "A"}), &["A"]);
    desk.advance(at("11:00:00"));
    desk
}

pub const ANNULMENT: &str =
    "\n[[annulment]]\nid = \"force-majeure\"\ntext = { zh = \"不可抗力\", en = \"force majeure\" }\n";

fn annulled() -> Desk {
    let (rules, lot) = fixture("hammer");
    let mut desk = Desk::open(&(rules + ANNULMENT), &lot, |notice: &mut Notice| {
        notice.hall = Some(key("hall/sm2").public());
    });
    desk.done(at("09:10:00"), apply("A", json!({})), &["A"]);
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), &["A"]);
    desk.done(at("10:00:20"), json!({"do": "pause", "evidence": "洪水"}), &["hall/sm2"]);
    let annul = json!({"do": "annul", "cause": "force-majeure", "reason": "洪水淹没地块"});
    desk.done(at("10:30:00"), annul, &OFFICERS);
    desk.done(at("11:00:00"), json!({"do": "object", "bidder": "A", "text": "请求重新公告。"}), &["A"]);
    desk
}

fn passed_in() -> Desk {
    let mut desk = open("hammer");
    desk.done(at("09:30:00"), json!({"do": "tick"}), &[]);
    desk.advance(at("10:00:00"));
    desk
}

fn not_ended() -> Desk {
    let mut desk = open("hammer");
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), apply(code, json!({})), &[code]);
    }
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), &["A"]);
    desk
}

/// Codes so long that the lists of them do not fit into an entry.
fn long_events() -> Desk {
    let mut desk = open("hammer");
    for (second, code) in (10..).zip(["A", "B", "C"]) {
        desk.done(at(&format!("09:00:{second}")), apply(&code.repeat(23_000), json!({})), &[code]);
    }
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A".repeat(23_000), "amount": "1000 万元"}), &["A"]);
    desk.done(at("10:00:30"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:00:50"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:01:00"));
    desk
}

/// More entries than a tile holds.
fn many_entries() -> Desk {
    let mut desk = open("hammer");
    desk.done(at("09:10:00"), apply("A", json!({})), &["A"]);
    desk.done(at("09:10:30"), apply("B", json!({})), &["B"]);
    for number in 0..262 {
        let code = if number % 2 == 0 { "A" } else { "B" };
        let bid = json!({"do": "bid", "bidder": code, "amount": 1000 + 20 * number});
        desk.done(at("10:00:10") + 40 * number, bid, &[code]);
    }
    desk.done(at("10:01:00"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:01:20"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:02:00"));
    desk
}
