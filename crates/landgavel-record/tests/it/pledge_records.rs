//! Records of pledges: who may sign what, and what a verifier finds.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use landgavel_base::{Digest, Instant, Money};
use landgavel_hostile::forge::Forge;
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::pledged::{Sold, TINY_TERMS, forge_of, terms as terms_of, tiny_sold};
use landgavel_pledge::{Contract, Pledge, Subject};
use landgavel_record::archive::Archive;
use landgavel_record::bundle::BundleFiles;
use landgavel_record::canonical;
use landgavel_record::keys::{KeyCache, SigningKey};
use landgavel_record::language::{Files, PledgeTerms, load_pledge_terms};
use landgavel_record::pledges::record::{
    Change, Holder, Opening, PLEDGE_COMMAND_FORMAT, PledgeEntry, PledgeRecord, outcome_json,
};
use landgavel_record::pledges::subject_in_words;
use landgavel_record::record::{Fault, Received, sha256};
use landgavel_record::rehearsal::{PledgeGrounds, PledgeRehearsal, Sink as _};
use landgavel_record::verify::{Alone, Caveat, Check, Of, Options, Report, verify};
use serde_json::{Value, json};

pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

pub(crate) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub(crate) fn terms() -> PledgeTerms {
    load_pledge_terms(&Disk, &file("pledges/cn/zhejiang/sample/four-part.toml").to_string_lossy()).unwrap()
}

/// The golden four-part sale.
pub(crate) fn sale() -> Sold {
    let archive = Archive::open(BufReader::new(File::open(file("golden/1/four-part.zip")).unwrap())).unwrap();
    let mut files = Bundle::default();
    for path in archive.paths().unwrap() {
        files.file(&path, &archive.read(&path, 1 << 26).unwrap());
    }
    Sold::of(files)
}

/// A run of the sample, changed before it is opened.
fn run(change: impl FnOnce(&mut PledgeGrounds<'_>)) -> Bundle {
    let (sale, terms) = (sale(), terms());
    let mut grounds = PledgeGrounds { officers: Vec::new(), ..sale.grounds(&terms).unwrap() };
    change(&mut grounds);
    let commands = std::fs::read(file("pledges/cn/zhejiang/sample/four-part.jsonl")).unwrap();
    sale.run(grounds, &commands, usize::MAX).unwrap()
}

/// 2.50 of 9 元: a fifth of it, 1.80, is earnest money (定金), the other 0.70 prepayment (民法典, art. 586).
#[test]
fn what_is_deposited_beyond_a_fifth_of_the_price_is_prepayment() {
    let (sold, terms) = (tiny_sold(), terms_of(TINY_TERMS.as_bytes()));
    let mut opened = sold.opened(&terms).unwrap();
    assert_eq!(opened.deposit_in_words(), None, "no bond was asked for");
    let contract = Contract { deposit: Money::from_minor(250), ..opened.pledge.contract().clone() };
    opened.pledge = Pledge::open(Arc::new(contract), opened.pledge.last()).unwrap();
    let words = opened.deposit_in_words().unwrap();
    for part in ["2.5 元", "9 元 × 20 % = 1.8 元", "定金 1.8 元", "其余 0.7 元 为预付款"] {
        assert!(words.zh.contains(part), "{}", words.zh);
    }
    let split = |json: Value| (json["deposit"]["earnest_minor"].clone(), json["deposit"]["prepayment_minor"].clone());
    assert_eq!(split(outcome_json(&opened.pledge)), (json!(180), json!(70)));
}

fn fault(report: &Report) -> (Check, &'static str) {
    report.wrong.as_ref().map(|wrong| (wrong.check, wrong.code)).unwrap()
}

#[test]
fn a_pledge_verifies_from_the_sale_to_the_call_on_the_bond() {
    let bundle = run(|_| {});
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    assert_eq!(report.of, Of::Pledge);
    let standing = report.outcome.as_ref().unwrap();
    assert_eq!(standing["claims"][2]["from_bond_minor"], 100_120_000);
    assert_eq!((report.count(Check::Sale), report.count(Check::Replay)), (63, report.subject.entries - 1));
    assert!(report.caveats.contains(&Caveat::OtherOfficers) && report.caveats.contains(&Caveat::PledgeRuns));
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!((json["format"].as_str(), json["verdict"].as_str()), (Some("landgavel-pledge-report/1"), Some("holds")));
    // The same run gives the same bytes.
    assert_eq!(bundle, run(|_| {}));
}

#[test]
fn no_byte_of_a_bundle_can_be_changed_unseen() {
    let bundle = run(|_| {});
    // A stride that no length of a field shares: some positions of every file, those of small files all.
    for (path, bytes) in &bundle.0 {
        let stride = (bytes.len() / 24).max(1);
        for at in (0..bytes.len()).step_by(stride) {
            let mut changed = bundle.clone();
            changed.0.get_mut(path).unwrap()[at] ^= 1;
            assert!(!changed.report().holds(), "{path} at byte {at}");
        }
        let mut without = bundle.clone();
        without.0.remove(path);
        assert!(!without.report().holds(), "without {path}");
    }
    for stray in ["rulebook.toml", "tile/0/001", "sale/terms.toml", "more"] {
        let mut with = bundle.clone();
        with.file(stray, b"x");
        assert_eq!(fault(&with.report()).1, "stray", "{stray}");
    }
}

/// Whoever ran the sample, with all keys of the run.
fn forge() -> Forge {
    let (sale, terms) = (sale(), terms());
    forge_of(&sale, &terms, run(|_| {}))
}

#[test]
fn whoever_holds_every_key_changes_nothing_that_follows() {
    assert_eq!(forge().forge(), run(|_| {}));
    // The first entry whose line has this in it.
    let having = |forge: &Forge, words: &str| {
        let has = |entry: &Vec<u8>| std::str::from_utf8(entry).unwrap().contains(words);
        forge.entries.iter().position(has).unwrap_or_else(|| panic!("no entry with {words}"))
    };
    let forged = |change: &dyn Fn(&mut Forge)| {
        let mut forge = forge();
        change(&mut forge);
        fault(&forge.forge().report())
    };
    // A shortfall that the terms do not give.
    let kinder = |forge: &mut Forge| {
        let number = having(forge, "\"remainder_minor\":");
        let line = String::from_utf8(forge.entries[number].clone()).unwrap();
        let at = line.find("\"remainder_minor\":").unwrap() + "\"remainder_minor\":".len();
        forge.entries[number] = format!("{}1{}", &line[..at], &line[at..]).into_bytes();
    };
    assert_eq!(forged(&kinder), (Check::Replay, "does_not_follow"));
    // Nothing came of a day that brought something.
    let silent = |forge: &mut Forge| {
        let number = forge.find("tick", 1);
        let mut entry = forge.entry(number);
        entry["events"] = json!([]);
        forge.put(number, &entry);
    };
    assert_eq!(forged(&silent), (Check::Replay, "does_not_follow"));
    // The day is left out.
    assert_eq!(forged(&|forge| forge.remove(forge.find("tick", 1))), (Check::Replay, "tick_owed"));
    // Evidence in a source's name, signed by an officer.
    let foreign = |forge: &mut Forge| forge.resign(forge.find("evidence", 1), &["officer/1"], |_| {});
    assert_eq!(forged(&foreign), (Check::Signatures, "key_not_allowed"));
    // An entry dated back by a month.
    let earlier = |forge: &mut Forge| {
        let number = forge.find("evidence", 1);
        let mut entry = forge.entry(number);
        entry["at_ms"] = json!(entry["at_ms"].as_i64().unwrap() - 86_400_000 * 30);
        forge.put(number, &entry);
    };
    assert_eq!(forged(&earlier), (Check::Times, "dated_back"));
    // Another standing at the end than the one that follows.
    let standing = |forge: &mut Forge| {
        let text = String::from_utf8(forge.bundle.0["standing.json"].clone()).unwrap();
        forge.bundle.file("standing.json", text.replace("breached", "met").as_bytes());
    };
    assert_eq!(forged(&standing), (Check::Outcome, "other_outcome"));
}

/// Witnesses that were silent for a day in ten years spoiled the record for ever.
#[test]
fn what_was_witnessed_late_is_a_caveat() {
    assert!(!run(|_| {}).report().caveats.contains(&Caveat::WitnessedLate));
    let mut forge = forge();
    forge.checkpoints.last_mut().unwrap().1 += 86_400;
    let report = forge.forge().report();
    assert!(report.holds() && report.caveats.contains(&Caveat::WitnessedLate), "{:?}", report.wrong);
    // Long before the entries that it covers it cannot have been.
    forge.checkpoints.last_mut().unwrap().1 -= 2 * 86_400;
    assert_eq!(fault(&forge.forge().report()), (Check::Times, "dated_forward"));
}

#[test]
fn an_opening_that_does_not_fit_is_named() {
    let other_root = |grounds: &mut PledgeGrounds<'_>| grounds.sale.root = Digest([7; 32]);
    assert_eq!(fault(&run(other_root).report()), (Check::Notice, "other_sale"));
    let other_outcome = |grounds: &mut PledgeGrounds<'_>| grounds.sale.outcome_sha256 = Digest([7; 32]);
    assert_eq!(fault(&run(other_outcome).report()), (Check::Notice, "other_sale"));
    // Terms that were changed after the opening.
    let mut bundle = run(|_| {});
    let terms = String::from_utf8(bundle.0["terms.toml"].clone()).unwrap();
    bundle.file("terms.toml", terms.replace("cure = \"30 days\"", "cure = \"31 days\"").as_bytes());
    assert_eq!(fault(&bundle.report()), (Check::Notice, "other_file"));
    // Another notice than the reader expects.
    let options = Options { notice: Some(Digest([1; 32])), ..Options::default() };
    let report = verify(&run(|_| {}), &options, &Alone::default(), &mut landgavel_record::verify::Silent);
    assert_eq!(fault(&report), (Check::Notice, "other_notice"));
    // A sale that is another one, though it holds.
    let mut bundle = run(|_| {});
    bundle.file("sale/outcome.json", b"{}\n");
    assert_eq!(fault(&bundle.report()), (Check::Sale, "other_outcome"));
}

/// Terms out of memory.
struct Text(String);

impl Files for Text {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.clone().into_bytes())
    }
}

/// Commands say what they are about by an id alone.
#[test]
fn an_id_of_terms_stands_once_in_all_lists() {
    let text = std::fs::read_to_string(file("pledges/cn/zhejiang/sample/four-part.toml")).unwrap();
    for (from, to) in [
        ("id = \"transfer\"", "id = \"start\""),
        ("id = \"transfer\"", "id = \"tax\""),
        ("id = \"transfer\"", "id = \"idle\""),
        ("id = \"investment\"", "id = \"handover\""),
        ("id = \"completion\"", "id = \"start\""),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let findings = load_pledge_terms(&Text(changed), "terms.toml").unwrap_err();
        assert!(findings.iter().any(|finding| finding.code.as_str() == "duplicate-id"), "{from} {to}: {findings:#?}");
    }
    // A ban names a milestone, and lasts.
    for (from, to, code) in [
        ("after = \"attainment\"\nlasts", "after = \"nothing\"\nlasts", "bad-reference"),
        ("lasts = \"5 years\"", "lasts = \"0 days\"", "out-of-range"),
        ("lasts = \"5 years\"", "lasts = \"5 years\"\npenalty = \"101 %\"", "out-of-range"),
        ("lasts = \"5 years\"\n", "", "missing-key"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let findings = load_pledge_terms(&Text(changed), "terms.toml").unwrap_err();
        assert!(findings.iter().any(|finding| finding.code.as_str() == code), "{from} {to}: {findings:#?}");
    }
}

/// A record whose keys a test holds.
struct Desk {
    record: PledgeRecord,
    serial: u32,
}

fn key(name: &str) -> SigningKey {
    SigningKey::ed25519(sha256(name.as_bytes()).0)
}

fn holder(name: &str) -> Holder {
    Holder { name: name.to_owned(), key: key(name).public() }
}

const LAND: &str = "自然资源局（样本）";

impl Desk {
    fn open() -> Self {
        let (sale, terms) = (sale(), terms());
        let opened = sale.opened(&terms).unwrap();
        let opening = Opening {
            origin: "test.invalid/pledge".to_owned(),
            pledge: terms.id.clone(),
            terms_sha256: sha256(&terms.text),
            policy_sha256: Digest([0; 32]),
            sale: sale.named,
            winner: Holder { name: opened.pledge.contract().winner.clone(), key: key("winner").public() },
            signed: opened.pledge.contract().signed,
            officers: ["甲", "乙", "丙"].map(holder).to_vec(),
            sources: terms.signed_by().into_iter().map(holder).collect(),
            guarantors: vec![holder("样本银行")],
            checkpoint_within: landgavel_base::Duration::from_millis(60_000).unwrap(),
            clock_tolerance: landgavel_base::Duration::from_millis(10_000).unwrap(),
            is_demonstration: false,
        };
        let at = opened.pledge.last();
        let text = opening.text();
        assert_eq!(Opening::parse(&text).unwrap(), opening);
        let received = signed(at, &text, &["甲", "乙"]);
        let mut record = PledgeRecord::open(opening.into(), opened, &received);
        record.published();
        Self { record, serial: 0 }
    }

    fn at(&self, day: i64) -> Instant {
        Instant::from_millis(self.record.last().millis() + day * 86_400_000).unwrap()
    }

    fn text(&mut self, command: &Value, first: &str) -> Value {
        self.serial += 1;
        let mut command = command.clone();
        for (field, value) in [
            ("format", PLEDGE_COMMAND_FORMAT.to_owned()),
            ("pledge", self.record.opening().pledge.clone()),
            ("opening", self.record.digest().to_string()),
            ("id", self.serial.to_string()),
            ("key", key(first).public().to_string()),
        ] {
            command[field] = json!(value);
        }
        command
    }

    fn ask(&mut self, command: &Value, signers: &[&str]) -> Result<PledgeEntry, Fault> {
        let text = self.text(command, signers[0]);
        let at = self.record.last();
        self.record.enter(&signed(at, &canonical::encode(&text), signers))
    }
}

fn signed(at: Instant, text: &str, signers: &[&str]) -> Received {
    let signatures: Vec<_> =
        signers.iter().map(|name| (key(name).public().to_string(), key(name).sign(text.as_bytes()))).collect();
    let signatures = signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
    Received::check(at, text, signatures, &mut KeyCache::default()).unwrap()
}

fn bond(issuer: &str) -> Value {
    json!({"do": "bond", "form": "guarantee", "amount": "250.3 万元", "issuer": issuer, "on_demand": true,
           "valid_until": "2029-12-31", "number": "样保2026-001", "letter": "88".repeat(32)})
}

fn handover(source: &str) -> Value {
    json!({"do": "evidence", "about": "handover", "on": "2026-04-23", "source": source,
           "document": "1".repeat(64)})
}

fn act(verb: &str, more: Value) -> Value {
    let mut act = json!({"do": verb, "officer": "甲", "second_officer": "乙", "reason": "样本"});
    for (field, value) in more.as_object().unwrap() {
        act[field] = value.clone();
    }
    act
}

#[test]
fn only_who_may_sign_something_is_heard() {
    let mut desk = Desk::open();
    let code = |asked: Result<PledgeEntry, Fault>| asked.map(|_| "entered").unwrap_or_else(|fault| fault.code());
    // Evidence is its source's, whatever name it bears.
    assert_eq!(code(desk.ask(&handover(LAND), &["税务局（样本）"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&handover(LAND), &["甲"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&handover(LAND), &["路人"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&handover(LAND), &[LAND, "甲"])), "unsigned");
    assert_eq!(code(desk.ask(&handover(LAND), &[LAND])), "entered");
    // A source that is known, but not the one that the terms ask, is refused by the terms, and that is recorded.
    let refused = desk.ask(&handover("税务局（样本）"), &["税务局（样本）"]).unwrap();
    assert_eq!(refused.result.unwrap_err().code(), "wrong_source");
    assert!(refused.line.contains("\"refused\":{\"code\":\"wrong_source\"}"), "{}", refused.line);
    // A bond is confirmed by two officers, or by one and its issuer.
    assert_eq!(code(desk.ask(&bond("样本银行"), &["甲"])), "unsigned");
    assert_eq!(code(desk.ask(&bond("样本银行"), &["甲", "甲"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&bond("他人银行"), &["甲", "样本银行"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&bond("样本银行"), &["样本银行", "甲"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&bond("样本银行"), &["甲", "样本银行"])), "entered");
    let longer = json!({"do": "extend-bond", "bond": 1, "valid_until": "2031-12-31", "letter": "9".repeat(64)});
    assert_eq!(code(desk.ask(&longer, &["甲", "样本银行"])), "entered");
    // Acts are of two officers, and say whose.
    let stop = act("stop-time", json!({"from": "2026-06-01", "until": "2026-07-01"}));
    assert_eq!(code(desk.ask(&stop, &["甲", "丙"])), "field");
    assert_eq!(code(desk.ask(&stop, &["乙", "甲"])), "field");
    assert_eq!(code(desk.ask(&stop, &["甲", "样本银行"])), "key_not_allowed");
    assert_eq!(code(desk.ask(&stop, &["甲", "乙"])), "entered");
    // The winner disputes; there is no claim yet, which the terms say.
    let dispute = json!({"do": "dispute", "claim": 1, "statement": "2".repeat(64)});
    assert_eq!(code(desk.ask(&dispute, &["甲"])), "key_not_allowed");
    assert_eq!(desk.ask(&dispute, &["winner"]).unwrap().result.unwrap_err().code(), "unknown_claim");
    // Time passes by itself, and is signed by nobody.
    assert_eq!(code(desk.ask(&json!({"do": "tick"}), &["甲"])), "key_not_allowed");
}

#[test]
fn what_is_signed_is_for_this_pledge_and_once() {
    let mut desk = Desk::open();
    let at = desk.record.last();
    let enter = |desk: &mut Desk, field: &str, value: Value| {
        let mut text = desk.text(&handover(LAND), LAND);
        text[field] = value;
        let received = signed(at, &canonical::encode(&text), &[LAND]);
        desk.record.enter(&received).map(|_| ()).map_err(|fault| fault.code())
    };
    assert_eq!(enter(&mut desk, "pledge", json!("cn/other")), Err("other_pledge"));
    assert_eq!(enter(&mut desk, "opening", json!("3".repeat(64))), Err("other_pledge"));
    assert_eq!(enter(&mut desk, "format", json!("landgavel-command/1")), Err("field"));
    assert_eq!(enter(&mut desk, "key", json!(key("甲").public().to_string())), Err("field"));
    assert_eq!(enter(&mut desk, "id", json!("x".repeat(65))), Err("field"));
    assert_eq!(enter(&mut desk, "about", json!("")), Err("field"));
    assert_eq!(enter(&mut desk, "gold", json!("1")), Err("field"));
    assert_eq!(enter(&mut desk, "id", json!("again")), Ok(()));
    assert_eq!(enter(&mut desk, "id", json!("again")), Err("id_repeated"));
}

#[test]
fn nothing_comes_before_its_time() {
    let mut desk = Desk::open();
    // The bond is overdue after ten working days: what that brings comes before anything else.
    let late = desk.at(60);
    let text = canonical::encode(&desk.text(&bond("样本银行"), "甲"));
    let bond = signed(late, &text, &["甲", "乙"]);
    assert!(matches!(desk.record.enter(&bond), Err(Fault::TickOwed { .. })));
    // So it is of what the terms know nothing of.
    let new_key = key("new").public().to_string();
    let text = canonical::encode(&desk.text(&act("rekey", json!({"of": LAND, "new_key": new_key})), "甲"));
    assert!(matches!(desk.record.enter(&signed(late, &text, &["甲", "乙"])), Err(Fault::TickOwed { .. })));
    let tick = |at| Received::unsigned(at, "{\"do\":\"tick\"}").unwrap();
    while desk.record.opened().pledge.due().is_some_and(|due| due <= late) {
        desk.record.enter(&tick(late)).unwrap();
    }
    assert!(desk.record.enter(&bond).is_ok());
    let early = Instant::from_millis(late.millis() - 1).unwrap();
    assert!(matches!(desk.record.enter(&tick(early)), Err(Fault::TimeRunsBackwards { .. })));
    // Nothing is signed before the opening is published.
    let mut unpublished = Desk::open();
    let (sale, terms) = (sale(), terms());
    let opening = unpublished.record.opening().clone();
    let received = signed(unpublished.record.last(), &opening.text(), &["甲", "乙"]);
    unpublished.record = PledgeRecord::open(opening, sale.opened(&terms).unwrap(), &received);
    assert!(matches!(unpublished.ask(&handover(LAND), &[LAND]), Err(Fault::NoticeNotPublished)));
}

#[test]
fn a_lost_key_is_replaced_by_two_officers_and_counts_no_more() {
    let mut desk = Desk::open();
    let rekey = |of: &str, key: &str| act("rekey", json!({"of": of, "new_key": self::key(key).public().to_string()}));
    assert_eq!(desk.ask(&rekey("路人", "new"), &["甲", "乙"]).unwrap_err().code(), "field");
    assert_eq!(desk.ask(&rekey("甲", "new"), &["甲", "乙"]).unwrap_err().code(), "field");
    assert_eq!(desk.ask(&rekey(LAND, "税务局（样本）"), &["甲", "乙"]).unwrap_err().code(), "field");
    assert_eq!(desk.ask(&rekey(LAND, "new"), &["甲"]).unwrap_err().code(), "unsigned");
    let entry = desk.ask(&rekey(LAND, "new"), &["甲", "乙"]).unwrap();
    assert!(matches!(entry.result.unwrap().as_slice(), [Change::Rekeyed { of, .. }] if of == LAND));
    assert_eq!(desk.ask(&handover(LAND), &[LAND]).unwrap_err().code(), "key_not_allowed");
    assert!(desk.ask(&handover(LAND), &["new"]).is_ok());
    // Who stole the old key becomes nobody else by it, nor its owner again.
    for of in ["税务局（样本）", LAND] {
        assert_eq!(desk.ask(&rekey(of, LAND), &["甲", "乙"]).unwrap_err().code(), "field", "{of}");
    }
}

#[test]
fn a_report_says_that_keys_were_replaced() {
    let (sale, terms) = (sale(), terms());
    let rekey = json!({"at": "2026-05-06T10:00:00+08:00", "do": "rekey", "of": LAND, "officer": "甲",
                       "second_officer": "乙", "reason": "样本"});
    let report = sale.run(sale.grounds(&terms).unwrap(), rekey.to_string().as_bytes(), 1).unwrap().report();
    assert!(report.holds() && report.caveats.contains(&Caveat::KeysReplaced), "{:?}", report.wrong);
    assert!(!run(|_| {}).report().caveats.contains(&Caveat::KeysReplaced));
}

/// Whose keys the reader trusts is for the reader to say, of the sale inside too.
#[test]
fn a_policy_that_names_the_log_of_the_sale_judges_the_sale() {
    let bundle = run(|_| {});
    let text = |path: &str| String::from_utf8(bundle.0[path].clone()).unwrap();
    let log = |path: &str| text(path).lines().find(|line| line.starts_with("log ")).unwrap().to_owned();
    let judged = |policy: String, notice: Option<Digest>| {
        let options = Options { policy: Some(policy), notice };
        verify(&bundle, &options, &Alone::default(), &mut landgavel_record::verify::Silent)
    };
    let own = text("policy.txt");
    let report = judged(own.clone(), None);
    assert!(report.holds() && report.caveats.contains(&Caveat::PolicyFromBundle), "{:?}", report.wrong);
    // Witnesses of both logs, any of whom is enough: another key has another name in the second policy.
    let sale = text("sale/policy.txt");
    let witnesses = |text: &str, name: &str| -> String {
        let lines = text.lines().filter_map(|line| line.strip_prefix("witness witness-"));
        lines.map(|line| format!("witness {name}-{line}\n")).collect()
    };
    let both = format!(
        "{}\n{}\n{}{}group both 2 p-1 p-2 p-3\ngroup sold 2 s-1 s-2 s-3\ngroup one any both sold\nquorum one\n",
        log("policy.txt"),
        log("sale/policy.txt"),
        witnesses(&own, "p"),
        witnesses(&sale, "s"),
    );
    let digest = Digest::from_hex(report.subject.notice.as_deref().unwrap());
    let report = judged(both.clone(), digest);
    assert!(report.holds(), "{:?}", report.wrong);
    for caveat in [Caveat::PolicyFromBundle, Caveat::NoticeFromBundle] {
        assert!(!report.caveats.contains(&caveat), "{caveat:?}");
    }
    // Of witnesses who never saw the sale.
    let fewer = format!(
        "{}\n{}\n{}group both 2 p-1 p-2 p-3\nquorum both\n",
        log("policy.txt"),
        log("sale/policy.txt"),
        witnesses(&own, "p")
    );
    let report = judged(fewer, None);
    assert_eq!(fault(&report), (Check::Sale, "not_believed"));
    assert_eq!(report.wrong.unwrap().file, "sale/checkpoint");
}

/// What a command says is heard, or it is no command.
#[test]
fn nothing_that_a_command_says_is_passed_over() {
    let mut desk = Desk::open();
    let mut field = |change: &dyn Fn(&mut Value), command: Value, signers: &[&str]| {
        let mut command = command;
        change(&mut command);
        match desk.ask(&command, signers).unwrap_err() {
            Fault::Field { field, .. } => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(field(&|command| command["year"] = json!(1), handover(LAND), &[LAND]), "year");
    assert_eq!(field(&|command| command["on"] = json!("20260423"), handover(LAND), &[LAND]), "on");
    let tax = "税务局（样本）";
    let figure = || json!({"do": "evidence", "about": "tax", "year": 1, "figure": "1 万元/亩·年", "source": tax, "document": "1".repeat(64)});
    assert_eq!(field(&|command| command["on"] = json!("2026-04-23"), figure(), &[tax]), "on");
    assert_eq!(field(&|command| drop(command.as_object_mut().unwrap().remove("figure")), figure(), &[tax]), "figure");
    assert_eq!(field(&|command| command["form"] = json!("cash"), bond("样本银行"), &["甲", "乙"]), "valid_until");
    for (gone, left) in [(&["valid_until"][..], "number"), (&["valid_until", "number"], "letter")] {
        let cash = |command: &mut Value| {
            command["form"] = json!("cash");
            gone.iter().for_each(|field| drop(command.as_object_mut().unwrap().remove(*field)));
        };
        assert_eq!(field(&cash, bond("样本银行"), &["甲", "乙"]), left);
    }
    for number in [" 1", "1 ", " ", "1\n", &"号".repeat(65)] {
        assert_eq!(field(&|command| command["number"] = json!(number), bond("样本银行"), &["甲", "乙"]), "number");
    }
    // What goes with idle land goes with nothing else, and the other way round.
    for more in ["since", "until", "built", "invested"] {
        assert_eq!(field(&|command| command[more] = json!("2026-04-23"), handover(LAND), &[LAND]), more);
    }
    let idle = |command: &mut Value| command["about"] = json!("idle");
    assert_eq!(field(&idle, handover(LAND), &[LAND]), "on");
    assert_eq!(field(&|command| command["confirmed"] = json!(true), handover(LAND), &[LAND]), "confirmed");
}

#[test]
fn a_run_signs_with_new_keys_once_they_are_replaced() {
    let (sale, terms) = (sale(), terms());
    let grounds = PledgeGrounds {
        terms: &terms,
        opened: sale.opened(&terms).unwrap(),
        sale: sale.named.clone(),
        officers: Vec::new(),
        sources: Vec::new(),
    };
    let mut bundle = Bundle::default();
    let mut rehearsal = PledgeRehearsal::open(grounds, &mut bundle).unwrap();
    let winner = rehearsal.opened().pledge.contract().winner.clone();
    let rekey = |of: &str| {
        json!({"at": "2028-06-13T10:00:00+08:00", "do": "rekey", "of": of, "officer": "officer/1",
               "second_officer": "officer/2", "reason": "样本"})
    };
    let evidence = |about: &str, on: &str, source: &str| {
        json!({"at": "2028-06-12T10:00:00+08:00", "do": "evidence", "about": about, "on": on, "source": source,
               "document": "1".repeat(64)})
    };
    let dispute = json!({"at": "2028-06-14T10:00:00+08:00", "do": "dispute", "claim": 3, "statement": "2".repeat(64)});
    let investment = json!({"at": "2028-08-01T10:00:00+08:00", "do": "evidence", "about": "investment",
                            "figure": "362.5 万元/亩", "source": "统计局（样本）", "document": "4".repeat(64)});
    let mut handover = evidence("handover", "2026-05-20", LAND);
    handover["at"] = json!("2026-05-20T10:00:00+08:00");
    let mut results = Vec::new();
    for command in [
        handover,
        evidence("completion", "2028-06-08", "住房和城乡建设局（样本）"),
        rekey(&winner),
        rekey("统计局（样本）"),
        dispute,
        investment,
    ] {
        let mut heard = |entry: &PledgeEntry| results.push(entry.result.as_ref().map(|_| ()).map_err(|why| why.code()));
        rehearsal.request(command.as_object().unwrap(), &mut bundle, &mut heard).unwrap();
    }
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[test]
fn openings_that_name_somebody_twice_cannot_be_read() {
    let desk = Desk::open();
    let opening = desk.record.opening().text();
    let (first, second) = (key("甲").public().to_string(), key("乙").public().to_string());
    let error = Opening::parse(&opening.replace(&second, &first)).unwrap_err();
    assert_eq!(error.field, "officers");
    for (from, to, field) in [
        ("\"signed\":\"2026-04-23\"", "\"signed\":\"2026-02-30\"", "signed"),
        ("\"checkpoint_within_ms\":60000", "\"checkpoint_within_ms\":3600001", "checkpoint_within_ms"),
        ("\"entries\":63", "\"entries\":-1", "sale.entries"),
        ("landgavel-pledge-record/1", "landgavel-pledge-record/2", "format"),
    ] {
        assert!(opening.contains(from), "{from}");
        assert_eq!(Opening::parse(&opening.replace(from, to)).unwrap_err().field, field);
    }
}

#[test]
fn a_year_beyond_all_years_has_words() {
    let sale = sale();
    let terms = terms();
    let grounds = sale.grounds(&terms).unwrap();
    let rehearsal = PledgeRehearsal::open(grounds, &mut Bundle::default()).unwrap();
    let pledge = &rehearsal.opened().pledge;
    let yearly = (0..).find(|promise| pledge.contract().periods(usize::from(*promise)) > 1).unwrap();
    let words = subject_in_words(pledge, Subject::Period(yearly, u16::MAX));
    assert!(words.zh.ends_with("第65536年") && words.en.ends_with("year 65536"), "{words:?}");
}
