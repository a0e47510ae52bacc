//! How the golden records of pledges were made. What is frozen is not made again.

use landgavel_base::Digest;
use landgavel_hostile::pledged::tiny_pledge;
use landgavel_record::pledges::record::Holder;
use serde_json::{Value, json};

use super::Make;
use super::keeper::{Keeper, day};
use super::refusals::refused;
use crate::desk::key;
use crate::pledge_records::{file, sale as four_part};
use crate::tampering::Bundle;

/// Caveats that the golden records bear between them.
pub const CAVEATS: [&str; 8] = [
    "demonstration",
    "sample",
    "local-chain",
    "policy-from-bundle",
    "pledge-runs",
    "other-officers",
    "witnessed-late",
    "keys-replaced",
];

/// Words that they hold between them, beside the events, commands, steps and refusals that the format names.
pub const MUST_HOLD: [&str; 8] = ["met", "cured", "breached", "undetermined", "fee", "take_back", "cash", "guarantee"];

/// Terms with something of every kind.
pub const TERMS: &str = include_str!("pledge_terms.toml");

pub const LAND: &str = "规划局";
pub const TAX: &str = "税务局/sm2";
pub const FIGURES: &str = "统计局";
pub const BANK: &str = "样本银行";
pub const OFFICERS: [&str; 2] = ["officer/1", "officer/2/sm2"];

/// Every record with its name.
pub const ALL: &[(&str, Make)] = &[
    ("four-part", four_part_run),
    ("tiny", || tiny_pledge().clone()),
    ("kept", kept),
    ("waived", waived),
    ("breached", breached),
    ("taken-back", taken_back),
    ("forfeited", forfeited),
    ("undetermined", undetermined),
    ("idle", idle),
    ("idle-with-bond", idle_with_bond),
    ("halted", halted),
    ("extend-or-pay", extend_or_pay),
    ("reduced", reduced),
    ("confirmed", confirmed),
    ("duties", duties),
    ("refused", refused),
    ("witnessed-late", witnessed_late),
    ("long-events", long_events),
    ("many-entries", many_entries),
];

/// The sample of the repository.
fn four_part_run() -> Bundle {
    let sale = four_part();
    let terms = crate::pledge_records::terms();
    let commands = std::fs::read(file("pledges/cn/zhejiang/sample/four-part.jsonl")).unwrap();
    sale.run(sale.grounds(&terms).unwrap(), &commands, usize::MAX).unwrap()
}

// Commands ----------------------------------------------------------------------------------------

pub fn document(byte: u8) -> String {
    Digest([byte; 32]).to_string()
}

pub fn on(about: &str, day: &str) -> Value {
    json!({"do": "evidence", "about": about, "on": day, "source": LAND, "document": document(1)})
}

pub fn figure(source: &str, about: &str, year: Option<u8>, figure: &str) -> Value {
    let mut command =
        json!({"do": "evidence", "about": about, "figure": figure, "source": source, "document": document(2)});
    if let Some(year) = year {
        command["year"] = json!(year);
    }
    command
}

/// Work that has stopped.
pub fn left(since: &str, until: &str, built: &str) -> Value {
    json!({"do": "evidence", "about": "idle", "since": since, "until": until, "built": built, "invested": "3000 万元",
           "source": LAND, "document": document(4)})
}

pub fn retract(about: &str) -> Value {
    json!({"do": "retract", "about": about, "source": LAND, "reason": "笔误"})
}

pub fn act(verb: &str, more: Value) -> Value {
    let mut act = json!({"do": verb, "officer": OFFICERS[0], "second_officer": OFFICERS[1], "reason": "会议纪要"});
    for (field, value) in more.as_object().unwrap() {
        act[field] = value.clone();
    }
    act
}

pub fn guarantee(until: &str) -> Value {
    json!({"do": "bond", "form": "guarantee", "amount": "200 万元", "issuer": BANK, "on_demand": true,
           "valid_until": until, "number": "样保2026-001", "letter": document(5), "note": "保函原件存档"})
}

pub fn lengthen(bond: u8, until: &str) -> Value {
    json!({"do": "extend-bond", "bond": bond, "valid_until": until, "letter": document(6)})
}

pub fn cash(amount: &str) -> Value {
    json!({"do": "bond", "form": "cash", "amount": amount, "issuer": "A"})
}

pub fn pay(claim: u8, amount: &str) -> Value {
    json!({"do": "pay", "claim": claim, "amount": amount})
}

pub fn dispute(claim: u8) -> Value {
    json!({"do": "dispute", "claim": claim, "statement": document(3)})
}

pub fn call(claim: u8) -> Value {
    json!({"do": "call-bond", "claim": claim})
}

pub fn take_back(amount: &str) -> Value {
    act("take-back", json!({"amount": amount}))
}

// Records -----------------------------------------------------------------------------------------

/// The land is handed over, building starts and is completed in time.
fn built(keeper: &mut Keeper) {
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-09-01", on("start", "2026-08-30"), &[LAND]);
    keeper.done("2027-09-01", on("end", "2027-08-30"), &[LAND]);
}

/// All is kept; a bank confirms its own guarantee; it ends discharged.
fn kept() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", guarantee("2028-12-31"), &[OFFICERS[0], BANK]);
    built(&mut keeper);
    keeper.done("2027-11-01", figure(FIGURES, "invest", None, "350 万元/亩"), &[FIGURES]);
    // It is needed for longer.
    keeper.done("2028-11-20", lengthen(1, "2030-12-31"), &[OFFICERS[0], BANK]);
    for (day, year) in [("2028-11-21", 1u8), ("2029-10-01", 2)] {
        keeper.done(day, figure(TAX, "tax", Some(year), "30.5 万元/亩·年"), &[TAX]);
        keeper.done(day, figure(FIGURES, "energy", Some(year), "0.5 吨标煤"), &[FIGURES]);
    }
    keeper.advance(day("2031-01-10"));
    keeper.no("2031-01-10", cash("1 元"), &OFFICERS, "pledge_over");
    keeper.finish()
}

/// What officers may allow: more time, time that does not count, and that something is not demanded; what a source took
/// back; a year with a sum over two.
fn waived() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", cash("150 万元"), &OFFICERS);
    keeper.done("2026-03-06", cash("50 万元"), &OFFICERS);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-04-01", act("stop-time", json!({"from": "2026-04-01", "until": "2026-05-01"})), &OFFICERS);
    keeper.done("2026-05-02", act("extend", json!({"about": "start", "until": "2026-12-31"})), &OFFICERS);
    keeper.done("2026-09-01", on("start", "2026-09-01"), &[LAND]);
    // What released a part of the bond stands; completion was written down wrongly.
    keeper.done("2027-06-01", on("end", "2027-05-30"), &[LAND]);
    keeper.done("2027-06-02", retract("end"), &[LAND]);
    keeper.done("2028-04-01", act("waive", json!({"about": "end"})), &OFFICERS);
    keeper.done("2028-04-02", act("waive", json!({"about": "sell"})), &OFFICERS);
    keeper.done("2028-04-03", figure(FIGURES, "invest", None, "175 万元/亩"), &[FIGURES]);
    keeper.done("2028-06-01", act("waive", json!({"about": "invest"})), &OFFICERS);
    keeper.done("2029-02-10", figure(TAX, "tax", Some(1), "10 万元/亩·年"), &[TAX]);
    keeper.done("2029-09-01", act("waive", json!({"about": "tax", "year": 1})), &OFFICERS);
    keeper.advance(day("2029-09-01"));
    keeper.finish()
}

/// Late, short, disputed, settled, paid within the time to cure, called; a ban broken; a key replaced; the land taken back
/// against its price and what was built.
fn breached() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", guarantee("2030-12-31"), &OFFICERS);
    keeper.done("2026-03-06", cash("10 万元"), &OFFICERS);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-06-01", on("let", "2026-05-30"), &[LAND]);
    // Nine days late, paid in time.
    keeper.done("2026-10-01", on("start", "2026-09-30"), &[LAND]);
    keeper.done("2026-10-10", pay(1, "5 万元"), &OFFICERS);
    keeper.done("2026-10-11", pay(1, "4 万元"), &OFFICERS);
    keeper.done("2027-09-01", on("end", "2027-08-30"), &[LAND]);
    let rekey = act("rekey", json!({"of": TAX, "new_key": key("税务局/new").public().to_string()}));
    keeper.done("2027-10-01", rekey, &OFFICERS);
    // Half of what was promised.
    keeper.done("2027-11-01", figure(FIGURES, "invest", None, "175 万元/亩"), &[FIGURES]);
    keeper.done("2027-12-15", dispute(2), &["A"]);
    keeper.done("2027-12-16", act("settle", json!({"claim": 2, "amount": "300 万元"})), &OFFICERS);
    keeper.done("2028-06-01", call(2), &OFFICERS);
    keeper.done("2028-07-01", on("sell", "2028-06-30"), &[LAND]);
    keeper.done("2028-10-01", figure(TAX, "tax", Some(1), "29 万元/亩·年"), &["税务局/new"]);
    keeper.no("2029-03-01", take_back("600 万元"), &OFFICERS, "other_compensation");
    // 1000 less 3 years of 2 %, and half of 5250 less 2 years of 5 %.
    keeper.done("2029-03-01", take_back("3302.5 万元"), &OFFICERS);
    keeper.done("2029-03-02", pay(3, "200 万元"), &OFFICERS);
    keeper.advance(day("2029-03-02"));
    keeper.finish()
}

/// Tax of a year is short and stays unpaid; all of the bond is forfeited but what is claimed, which is called after it.
fn taken_back() -> Bundle {
    let terms = TERMS.replacen("used_from", "forfeits = \"all\"\nused_from", 1);
    let mut keeper = Keeper::changed(&terms, |_| {});
    keeper.done("2026-03-05", cash("200 万元"), &OFFICERS);
    built(&mut keeper);
    let year = |figure: &str| self::figure(TAX, "tax", Some(1), figure);
    keeper.done("2028-10-01", year("92 万元/亩·年"), &[TAX]);
    let wrong = json!({"do": "retract", "about": "tax", "year": 1, "source": TAX, "reason": "笔误"});
    keeper.done("2028-10-02", wrong, &[TAX]);
    keeper.done("2028-10-02", year("29 万元/亩·年"), &[TAX]);
    keeper.done("2029-03-01", take_back("940 万元"), &OFFICERS);
    keeper.done("2029-03-02", call(1), &OFFICERS);
    keeper.advance(day("2029-03-03"));
    keeper.finish()
}

/// Started late, and not paid for: what stands behind the start is forfeited, and the rest goes back once it is paid.
fn forfeited() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", guarantee("2030-12-31"), &[OFFICERS[0], BANK]);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-10-01", on("start", "2026-09-30"), &[LAND]);
    keeper.no("2026-11-20", take_back("980 万元"), &OFFICERS, "cure_runs");
    keeper.done("2026-12-02", take_back("980 万元"), &OFFICERS);
    keeper.done("2026-12-03", pay(1, "9 万元"), &OFFICERS);
    keeper.advance(day("2026-12-04"));
    keeper.finish()
}

/// No figures come; one that comes late is judged at once.
fn undetermined() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", guarantee("2028-06-30"), &OFFICERS);
    built(&mut keeper);
    keeper.advance(day("2029-06-01"));
    keeper.done("2029-06-01", figure(TAX, "tax", Some(1), "-0.5 万元/亩·年"), &[TAX]);
    keeper.finish()
}

/// Nothing is done at all; two officers who are not of the sale open it; the land goes back without payment.
fn idle() -> Bundle {
    let mut keeper = Keeper::changed(TERMS, |opening| {
        let holder = |name: &str| Holder { name: name.to_owned(), key: key(name).public() };
        opening.officers = ["officer/1", "officer/2/sm2", "officer/3", "officer/4"].map(holder).to_vec();
        opening.officers.rotate_left(2);
        opening.is_demonstration = true;
    });
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.advance(day("2028-09-25"));
    keeper.no("2028-09-25", call(1), &OFFICERS, "nothing_held");
    keeper.no("2028-09-25", take_back("1 元"), &OFFICERS, "other_compensation");
    keeper.done("2028-09-26", take_back("0 元"), &OFFICERS);
    keeper.advance(day("2028-09-27"));
    keeper.finish()
}

/// The same with a bond: what claims leave of it is forfeited when they are paid.
fn idle_with_bond() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", cash("200 万元"), &OFFICERS);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2028-09-26", take_back("0 元"), &OFFICERS);
    keeper.done("2028-09-27", pay(1, "200 万元"), &OFFICERS);
    keeper.done("2028-09-28", pay(2, "200 万元"), &OFFICERS);
    keeper.advance(day("2028-09-29"));
    keeper.finish()
}

/// Land that was begun and left: looked at too early, found idle, said in error, found idle again.
fn halted() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", cash("200 万元"), &OFFICERS);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.no("2026-04-01", left("2026-03-20", "2026-04-01", "0 m2"), &[LAND], "term_not_begun");
    keeper.done("2026-09-01", on("start", "2026-08-30"), &[LAND]);
    keeper.done("2026-12-01", left("2026-09-01", "2026-12-01", "1000 m2"), &[LAND]);
    keeper.no("2027-10-01", left("2027-09-30", "2026-09-01", "1000 m2"), &[LAND], "empty_span");
    keeper.done("2027-10-01", left("2026-09-01", "2027-09-30", "1000 m2"), &[LAND]);
    keeper.no("2027-10-02", retract("start"), &[LAND], "out_of_order");
    keeper.no("2027-10-02", left("2026-09-01", "2027-10-02", "1000 m2"), &[LAND], "already_settled");
    keeper.done("2027-10-02", retract("idle"), &[LAND]);
    keeper.no("2027-10-03", left("2026-09-01", "2027-10-03", "20001 m2"), &[LAND], "beyond_land");
    let mut doubted = left("2026-09-01", "2027-10-03", "1.5 亩");
    doubted["invested"] = json!("3000 元");
    keeper.no("2027-10-03", doubted.clone(), &[LAND], "investment_doubted");
    doubted["confirmed"] = json!(true);
    keeper.done("2027-10-03", doubted, &[LAND]);
    keeper.done("2027-10-04", pay(2, "30 万元"), &OFFICERS);
    keeper.advance(day("2027-10-05"));
    keeper.finish()
}

/// A guarantee ends too soon, and is called for all that it holds because nobody extends or replaces it.
fn extend_or_pay() -> Bundle {
    let mut keeper = Keeper::open();
    let expiring = json!({"do": "call-expiring", "bond": 1});
    keeper.done("2026-03-05", guarantee("2026-12-31"), &[OFFICERS[0], BANK]);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-09-01", on("start", "2026-08-30"), &[LAND]);
    keeper.no("2026-10-01", expiring.clone(), &OFFICERS, "not_expiring");
    keeper.no("2026-12-02", expiring.clone(), &OFFICERS, "extension_awaited");
    keeper.done("2026-12-22", expiring, &OFFICERS);
    keeper.advance(day("2027-02-01"));
    keeper.finish()
}

/// Nobody shows the start, and a part of what it comes to is paid; then an earlier day is shown.
fn reduced() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", cash("200 万元"), &OFFICERS);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2027-04-20", pay(1, "50 万元"), &OFFICERS);
    keeper.done("2027-04-25", on("start", "2026-10-01"), &[LAND]);
    keeper.advance(day("2027-04-26"));
    keeper.finish()
}

/// Figures and amounts that look like ones in another unit; whose currency and beneficiary are said though they need not be.
fn confirmed() -> Bundle {
    let mut keeper = Keeper::open();
    let with = |mut command: Value, more: Value| {
        for (field, value) in more.as_object().unwrap() {
            command[field] = value.clone();
        }
        command
    };
    let little = with(cash("2000 元"), json!({"currency": "CNY", "beneficiary": "管委会"}));
    keeper.no("2026-03-05", little.clone(), &OFFICERS, "bond_doubted");
    keeper.done("2026-03-05", with(little, json!({"confirmed": true})), &OFFICERS);
    // Just what is missing.
    keeper.done("2026-03-06", with(guarantee("2030-12-31"), json!({"amount": "199.8 万元"})), &[OFFICERS[0], BANK]);
    built(&mut keeper);
    let much = figure(FIGURES, "invest", None, "35000 万元/亩");
    keeper.no("2027-11-01", much.clone(), &[FIGURES], "figure_doubted");
    keeper.done("2027-11-02", with(much, json!({"confirmed": true, "year": 1, "note": "已核对"})), &[FIGURES]);
    keeper.finish()
}

/// Duties of the sale: the bond that comes in full meets its own, and what was paid late cures the other.
fn duties() -> Bundle {
    let terms = TERMS.to_owned() + "[duties]\nsigned_by = \"规划局\"\nsource = \"assumption\"\n";
    let mut keeper = Keeper::changed(&terms, |_| {});
    keeper.no("2026-03-04", on("performance-bond", "2026-03-04"), &[LAND], "shown_by_bond");
    keeper.done("2026-03-05", cash("150 万元"), &OFFICERS);
    keeper.done("2026-03-30", cash("50 万元"), &OFFICERS);
    keeper.done("2026-04-10", on("balance", "2026-04-09"), &[LAND]);
    keeper.finish()
}

/// Witnesses were silent for a day; a guarantee ends, its end was told ahead, and nothing replaces it.
fn witnessed_late() -> Bundle {
    let mut keeper = Keeper::open();
    keeper.done("2026-03-05", guarantee("2026-12-31"), &OFFICERS);
    let late = keeper.record.last().millis() + 86_400_000;
    keeper.publish(late);
    keeper.done("2026-03-20", on("hand", "2026-03-20"), &[LAND]);
    keeper.done("2026-09-01", on("start", "2026-08-30"), &[LAND]);
    keeper.advance(day("2027-02-01"));
    keeper.finish()
}

/// Terms that take no cash; an act whose event repeats so long a reason that the entry holds the hash of its events.
fn long_events() -> Bundle {
    let terms = TERMS.replacen("beneficiary", "forms = [\"guarantee\"]\nbeneficiary", 1);
    let mut keeper = Keeper::changed(&terms, |_| {});
    keeper.no("2026-03-04", cash("200 万元"), &OFFICERS, "bond_form_not_accepted");
    let reason = "\"理\"".repeat(4_200);
    let mut waive = act("waive", json!({"about": "let"}));
    waive["reason"] = json!(reason);
    keeper.done("2026-03-05", waive, &OFFICERS);
    keeper.finish()
}

/// More entries than a tile holds: ticks that bring nothing.
fn many_entries() -> Bundle {
    let mut keeper = Keeper::open();
    let from = keeper.record.last().millis();
    for number in 0..260 {
        keeper.enter(from + 2000 + 100 * number, &json!({"do": "tick"}), &[]);
    }
    keeper.finish()
}
