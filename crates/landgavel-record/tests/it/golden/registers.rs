//! How the golden registers were made, and how they are judged. What is frozen is not made again.
//!
//! An archive has the files of a register in `register`, bundles of sales in `sales/ID`, and the policy of a reader in
//! `trusted.txt`, if it brings one. Its report tells what the register says, and how each sale stands beside it; of what is
//! wrong the code and the place, and no words.

use std::collections::BTreeSet;
use std::io::Cursor;

use landgavel_base::{Digest, Instant};
use landgavel_log::tile::TileWriter;
use landgavel_record::archive::Archive;
use landgavel_record::bundle::{BundleFiles, POLICY_MAX, ReadError};
use landgavel_record::canonical::encode;
use landgavel_record::record::sha256;
use landgavel_record::register::{
    Agrees, Ending, REGISTER_JSON, RegisterEntry, Says, Unfit, agrees, ending_of, read_register,
};
use landgavel_record::rehearsal::Sink as _;
use landgavel_record::verify::{Alone, Options, Silent, verify};
use serde_json::{Value, json};

use super::Make;
use super::make::{ANNULMENT, at, fixture};
use crate::desk::{Desk, cosigned, log_key, policy_of, witnesses};
use crate::tampering::Bundle;

/// Codes and endings that the reports hold between them.
pub const MUST_HOLD: [&str; 25] = [
    "awarded",
    "passed_in",
    "annulled",
    "under_way",
    "other_log",
    "other_key",
    "not_registered",
    "other_notice",
    "record_ends_before",
    "other_root",
    "outcome_not_registered",
    "other_outcome",
    "missing",
    "format",
    "unreadable",
    "no_quorum",
    "not_believed",
    "bundle",
    "unreadable_entry",
    "no_policy",
    "time_runs_backwards",
    "two_notices",
    "no_notice",
    "two_outcomes",
    "other_file",
];

const HOST: &str = "hall.invalid";

// Judging -----------------------------------------------------------------------------------------

/// A folder of an archive.
struct Folder<'a>(&'a Archive<Cursor<Vec<u8>>>, String);

impl BundleFiles for Folder<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        self.0.read(&format!("{}{path}", self.1), most)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.paths()?.iter().filter_map(|path| path.strip_prefix(&self.1).map(str::to_owned)).collect())
    }
}

fn wrong(unfit: &Unfit) -> Value {
    json!({"wrong": {"code": unfit.code, "entry": unfit.entry, "file": unfit.file}})
}

/// The report of an archive.
pub fn report(files: &Archive<Cursor<Vec<u8>>>) -> String {
    let trusted = files.read("trusted.txt", POLICY_MAX).ok().map(|bytes| String::from_utf8(bytes).unwrap());
    let believed = match read_register(&Folder(files, "register/".to_owned()), trusted.as_deref()) {
        Err(unfit) => return encode(&json!({"register": wrong(&unfit)})),
        Ok(believed) => believed,
    };
    let ids: BTreeSet<String> = files
        .paths()
        .unwrap()
        .iter()
        .filter_map(|path| path.strip_prefix("sales/")?.split_once('/').map(|(id, _)| id.to_owned()))
        .collect();
    let beside = ids.into_iter().map(|id| {
        let sale = Folder(files, format!("sales/{id}/"));
        let report = verify(&sale, &Options::default(), &Alone::default(), &mut Silent);
        assert!(report.holds(), "{id}: {:?}", report.wrong);
        let stands = match agrees(&believed, &report, &sale) {
            Ok(Agrees::UnderWay) => json!({"agrees": "under_way"}),
            Ok(Agrees::Ended(outcome)) => json!({"agrees": outcome.ending.word()}),
            Err(unfit) => wrong(&unfit),
        };
        (id, stands)
    });
    let beside: serde_json::Map<String, Value> = beside.collect();
    let mut told = believed.register.json();
    told["key"] = json!(believed.key.to_string());
    told["root"] = json!(believed.root.to_string());
    told["witnessed_s"] = json!(believed.witnessed_s);
    encode(&json!({"beside": beside, "register": told}))
}

// Making ------------------------------------------------------------------------------------------

/// A sale of the hall, its log under any host and with the key of any hall.
fn hall_sale(host: &str, hall: &str, id: &str) -> Desk {
    let (rules, lot) = fixture("hammer");
    let origin = format!("{host}/sales/{id}");
    let mut desk = Desk::in_log(log_key(&origin, hall), &(rules + ANNULMENT), &lot, |_| {});
    desk.publish_at(desk.record.last().millis() + 1000);
    desk
}

fn begun(id: &str) -> Desk {
    let mut desk = hall_sale(HOST, HOST, id);
    desk.done(at("09:10:00"), json!({"do": "apply", "bidder": "A"}), &["A"]);
    desk
}

fn awarded(mut desk: Desk) -> Desk {
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), &["A"]);
    desk.done(at("10:00:40"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:01:00"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:02:00"));
    desk
}

fn passed_in(mut desk: Desk) -> Desk {
    desk.advance(at("12:00:00"));
    desk
}

fn annulled(mut desk: Desk) -> Desk {
    let annul = json!({"do": "annul", "cause": "force-majeure", "reason": "洪水淹没地块"});
    desk.done(at("09:30:00"), annul, &["officer/1", "officer/2/sm2"]);
    desk
}

/// What a register says of a sale's notice and of its outcome.
fn named(id: &str, bundle: &Bundle) -> (Says, Option<Says>) {
    let report = bundle.report();
    let digest = |hex: &Option<String>| Digest::from_hex(hex.as_deref().unwrap()).unwrap();
    let (notice, root, size) = (digest(&report.subject.notice), digest(&report.subject.root), report.subject.entries);
    let text = &bundle.0["outcome.json"];
    let outcome = ending_of(std::str::from_utf8(text).unwrap()).map(|ending| Says::Outcome {
        sale: id.to_owned(),
        size,
        root,
        ending,
        outcome: sha256(text),
    });
    (Says::Notice { sale: id.to_owned(), root: notice }, outcome)
}

fn register_log() -> landgavel_log::note::SigningKey {
    log_key(&format!("{HOST}/register"), HOST)
}

fn moment(second: i64) -> Instant {
    Instant::from_millis(at("13:00:00") + 1000 * second).unwrap()
}

fn lines(says: &[Says]) -> Vec<String> {
    (0..).zip(says).map(|(second, says)| RegisterEntry { at: moment(second), says: says.clone() }.line(HOST)).collect()
}

/// A register as it is served, with so many witnesses.
fn served(policy: &str, lines: &[String], witnessing: usize) -> Bundle {
    let (mut files, mut tree) = (Bundle::default(), TileWriter::new());
    for line in lines {
        tree.append(line.as_bytes(), |path, bytes| files.file(&format!("register/{path}"), bytes)).unwrap();
    }
    tree.partials(|path, bytes| files.file(&format!("register/{path}"), bytes));
    let note = cosigned(&register_log(), &witnesses()[..witnessing], &tree, at("14:00:00"));
    files.file("register/register.json", REGISTER_JSON.as_bytes());
    files.file("register/policy.txt", policy.as_bytes());
    files.file("register/checkpoint", note.as_bytes());
    files
}

fn says_policy(policy: &str) -> Says {
    Says::Policy { policy: sha256(policy.as_bytes()) }
}

/// A hall with sales of every ending, one under way and a change of its policy.
fn honest() -> (Vec<Says>, Vec<(&'static str, Bundle)>) {
    let sales = vec![
        ("p1", awarded(begun("p1")).finish()),
        ("p2", passed_in(hall_sale(HOST, HOST, "p2")).finish()),
        ("p3", annulled(begun("p3")).finish()),
        ("p4", begun("p4").finish()),
    ];
    let mut says = vec![says_policy("of another quorum\n")];
    for (id, bundle) in &sales {
        let (notice, outcome) = named(id, bundle);
        says.push(notice);
        says.extend(outcome);
        if *id == "p2" {
            says.push(says_policy(&policy_of(&register_log())));
        }
    }
    (says, sales)
}

fn with_sales(mut register: Bundle, sales: &[(&'static str, Bundle)]) -> Bundle {
    for (id, bundle) in sales {
        for (path, bytes) in &bundle.0 {
            register.file(&format!("sales/{id}/{path}"), bytes);
        }
    }
    register
}

fn whole() -> Bundle {
    let (says, sales) = honest();
    with_sales(served(&policy_of(&register_log()), &lines(&says), 2), &sales)
}

/// Sales that a hall hid, exchanged, cut or ended otherwise than it registered.
fn dishonest() -> Bundle {
    let (mut says, _) = honest();
    says.truncate(6);
    let mut sales = vec![
        ("hidden", awarded(begun("hidden")).finish()),
        ("elsewhere", awarded(hall_sale_with("other.invalid", "other.invalid", "elsewhere")).finish()),
        ("strange-key", awarded(hall_sale_with(HOST, "stranger", "strange-key")).finish()),
    ];
    let say = |id: &'static str, bundle: Bundle, change: &dyn Fn(Says) -> Option<Says>, says: &mut Vec<Says>| {
        let (notice, outcome) = named(id, &bundle);
        says.extend(change(notice));
        says.extend(outcome.and_then(change));
        (id, bundle)
    };
    let outcome = |change: &dyn Fn(u64, Digest, Ending, Digest) -> (u64, Digest, Ending, Digest), says: Says| match says
    {
        Says::Outcome { sale, size, root, ending, outcome } => {
            let (size, root, ending, outcome) = change(size, root, ending, outcome);
            Some(Says::Outcome { sale, size, root, ending, outcome })
        }
        other => Some(other),
    };
    let other = Digest([7; 32]);
    sales.push(say(
        "exchanged",
        awarded(begun("exchanged")).finish(),
        &|says| match says {
            Says::Notice { sale, .. } => Some(Says::Notice { sale, root: other }),
            says => Some(says),
        },
        &mut says,
    ));
    sales.push(say(
        "unended",
        awarded(begun("unended")).finish(),
        &|says| match says {
            Says::Outcome { .. } => None,
            says => Some(says),
        },
        &mut says,
    ));
    sales.push(say(
        "cut",
        awarded(begun("cut")).finish(),
        &|says| outcome(&|size, root, ending, digest| (size + 1, root, ending, digest), says),
        &mut says,
    ));
    sales.push(say(
        "other-tree",
        awarded(begun("other-tree")).finish(),
        &|says| outcome(&|size, _, ending, digest| (size - 1, other, ending, digest), says),
        &mut says,
    ));
    sales.push(say(
        "other-ending",
        awarded(begun("other-ending")).finish(),
        &|says| outcome(&|size, root, _, digest| (size, root, Ending::PassedIn, digest), says),
        &mut says,
    ));
    sales.push(say(
        "other-outcome",
        awarded(begun("other-outcome")).finish(),
        &|says| outcome(&|size, root, ending, _| (size, root, ending, other), says),
        &mut says,
    ));
    // It is registered as ended while its record runs.
    let running = begun("too-early").finish();
    let (notice, _) = named("too-early", &running);
    let (_, ended) = named("too-early", &awarded(begun("too-early")).finish());
    let Some(Says::Outcome { ending, outcome, .. }) = ended else { unreachable!() };
    let root = Digest::from_hex(running.report().subject.root.as_deref().unwrap()).unwrap();
    says.push(notice);
    says.push(Says::Outcome {
        sale: "too-early".to_owned(),
        size: running.report().subject.entries,
        root,
        ending,
        outcome,
    });
    sales.push(("too-early", running));
    with_sales(served(&policy_of(&register_log()), &lines(&says), 2), &sales)
}

fn hall_sale_with(host: &str, hall: &str, id: &str) -> Desk {
    let mut desk = hall_sale(host, hall, id);
    desk.done(at("09:10:00"), json!({"do": "apply", "bidder": "A"}), &["A"]);
    desk
}

/// A register of these entries that is wrong in one thing.
fn of(says: &[Says]) -> Bundle {
    served(&policy_of(&register_log()), &lines(says), 2)
}

fn changed(change: impl FnOnce(&mut Bundle)) -> Bundle {
    let (says, _) = honest();
    let mut register = of(&says);
    change(&mut register);
    register
}

fn with_line(change: impl FnOnce(&mut Vec<String>)) -> Bundle {
    let (says, _) = honest();
    let mut lines = lines(&says);
    change(&mut lines);
    served(&policy_of(&register_log()), &lines, 2)
}

fn trusted(log: &str) -> Bundle {
    changed(|files| {
        let policy = policy_of(&log_key(log, HOST)).replacen("log ", " \tlog ", 1);
        files.file("trusted.txt", policy.as_bytes());
    })
}

/// A register of some of the entries of an honest one.
fn some(choose: impl FnOnce(&[Says]) -> Vec<Says>) -> Bundle {
    of(&choose(&honest().0))
}

/// The bytes of its entries.
fn entries_of(files: &mut Bundle) -> &mut Vec<u8> {
    files.0.iter_mut().find(|(path, _)| path.contains("tile/entries")).unwrap().1
}

fn second_outcome(says: &Says) -> Says {
    let Says::Outcome { sale, size, root, outcome, .. } = says.clone() else { unreachable!() };
    Says::Outcome { sale, size: size + 1, root, ending: Ending::Annulled, outcome }
}

fn no_quorum(files: &mut Bundle) {
    let lone = format!("log {}\nquorum none\n", register_log().verifier());
    files.file("register/policy.txt", lone.as_bytes());
}

/// The fourth entry as one of another moment or host.
fn fourth(second: i64, host: &str) -> String {
    RegisterEntry { at: moment(second), says: honest().0[3].clone() }.line(host)
}

/// Every archive with its name.
pub const ALL: &[(&str, Make)] = &[
    ("whole", whole),
    ("dishonest", dishonest),
    ("policy-of-a-sale", || trusted(&format!("{HOST}/sales/p1"))),
    ("policy-of-another-hall", || trusted("hall.invalid.other/sales/p1")),
    ("no-checkpoint", || changed(|files| drop(files.0.remove("register/checkpoint")))),
    ("other-format", || {
        changed(|files| files.file("register/register.json", b"{\"format\":\"landgavel-register/2\"}\n"))
    }),
    ("no-policy-text", || changed(|files| files.file("register/policy.txt", b"quorum\n"))),
    ("no-quorum", || changed(no_quorum)),
    ("one-witness", || served(&policy_of(&register_log()), &lines(&honest().0), 1)),
    ("cut-tile", || changed(|files| entries_of(files).truncate(90))),
    ("changed-entry", || changed(|files| entries_of(files)[60] ^= 1)),
    ("other-policy", || some(|says| says[..5].to_vec())),
    ("empty", || of(&[])),
    ("no-policy", || some(|says| says[1..].to_vec())),
    ("two-notices", || some(|says| vec![says[0].clone(), says[1].clone(), says[1].clone()])),
    ("no-notice", || some(|says| vec![says[0].clone(), says[2].clone()])),
    ("two-outcomes", || some(|says| [&says[..3], &[second_outcome(&says[2])]].concat())),
    ("backwards", || with_line(|lines| lines[3] = fourth(-1, HOST))),
    ("other-host", || with_line(|lines| lines[3] = fourth(3, "other.invalid"))),
    ("further-field", || with_line(|lines| lines[3] = lines[3].replacen("\"sale\":", "\"more\":1,\"sale\":", 1))),
    ("no-id", || with_line(|lines| lines[3] = lines[3].replace("p2", ".p2"))),
    ("unknown-word", || {
        with_line(|lines| lines[3] = lines[3].replacen("\"says\":\"notice\"", "\"says\":\"pledge\"", 1))
    }),
];
