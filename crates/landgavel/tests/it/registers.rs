//! The register of a hall at an address, on servers that hide a sale or show another one.

use std::collections::BTreeMap;
use std::fs;

use landgavel_base::{Digest, Instant};
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tile::TileWriter;
use landgavel_log::tree::leaf_hash;
use landgavel_record::record::sha256;
use landgavel_record::register::{Ending, REGISTER_JSON, RegisterEntry, Says};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::{COMMANDS, Desk, LOT, landgavel};

type Site = BTreeMap<String, Vec<u8>>;

fn key(name: &str, kind: KeyKind) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&sha256(b"hall").0)).unwrap()
}

fn policy(origin: &str) -> String {
    let witness = key("w.example", KeyKind::Cosignature);
    format!("log {}\nwitness w {}\nquorum w\n", key(origin, KeyKind::Ed25519).verifier(), witness.verifier())
}

/// Puts a log under a place of the site: tiles, checkpoint, policy.
fn log(site: &mut Site, place: &str, origin: &str, lines: &[String]) -> Digest {
    let mut tree = TileWriter::new();
    let mut put = |path: String, bytes: &[u8]| drop(site.insert(format!("{place}/{path}"), bytes.to_vec()));
    for line in lines {
        tree.append(line.as_bytes(), |path, bytes| put(path.to_string(), bytes)).unwrap();
    }
    tree.partials(|path, bytes| put(path.to_string(), bytes));
    let checkpoint =
        Checkpoint { origin: origin.to_owned(), size: tree.size(), root: tree.root(), extensions: Vec::new() };
    let mut note = checkpoint.sign(&key(origin, KeyKind::Ed25519)).unwrap();
    let cosignature = cosign(note.text(), &key("w.example", KeyKind::Cosignature), 1_780_000_000).unwrap();
    note.add(cosignature).unwrap();
    put("checkpoint".to_owned(), note.to_string().as_bytes());
    put("policy.txt".to_owned(), policy(origin).as_bytes());
    Digest(tree.root().0)
}

/// A hall with two sales: one under way, one ended after three of its four entries.
fn hall() -> Site {
    let mut site = Site::new();
    let entries = |sale: &str, count: usize| (0..count).map(|number| format!("{sale} {number}")).collect::<Vec<_>>();
    log(&mut site, "/sales/open/log", "hall.example/sales/open", &entries("open", 300));
    let root = log(&mut site, "/sales/done/log", "hall.example/sales/done", &entries("done", 3));
    log(&mut site, "/sales/done/log", "hall.example/sales/done", &entries("done", 4));
    let notice =
        |sale: &str| Says::Notice { sale: sale.to_owned(), root: Digest(leaf_hash(format!("{sale} 0").as_bytes()).0) };
    let says = [
        Says::Policy { policy: sha256(policy("hall.example/register").as_bytes()) },
        notice("open"),
        notice("done"),
        Says::Outcome { sale: "done".to_owned(), size: 3, root, ending: Ending::Awarded, outcome: Digest([5; 32]) },
    ];
    let at = Instant::from_millis(1_780_000_000_000).unwrap();
    let lines: Vec<String> = says.into_iter().map(|says| RegisterEntry { at, says }.line("hall.example")).collect();
    log(&mut site, "/register/log", "hall.example/register", &lines);
    site.insert("/register/log/register.json".to_owned(), REGISTER_JSON.as_bytes().to_vec());
    site
}

fn serve(site: Site) -> Server {
    Server::new(move |path| site.get(path).map_or(Answer::Status(404), |bytes| Answer::File(bytes.clone())))
}

/// Exit code, and what is said of a sale.
fn asked(site: Site, sale: &str) -> (Option<i32>, Value) {
    let server = serve(site);
    let output = landgavel(&["register", &server.url(""), "--json", "--timeout", "2"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let row = told["sales"].as_array().and_then(|rows| rows.iter().find(|row| row["sale"] == sale)).cloned();
    (output.status.code(), row.unwrap_or(told)["wrong"]["code"].clone())
}

#[test]
fn a_hall_that_serves_what_its_register_names_is_good() {
    assert_eq!(asked(hall(), "open"), (Some(0), Value::Null));
    assert_eq!(asked(hall(), "done"), (Some(0), Value::Null));
}

#[test]
fn a_sale_that_is_hidden_or_shown_otherwise_is_named() {
    let mut hidden = hall();
    hidden.retain(|path, _| !path.starts_with("/sales/open/"));
    assert_eq!(asked(hidden, "open"), (Some(1), json!("not_served")));

    let mut other = hall();
    log(&mut other, "/sales/open/log", "hall.example/sales/open", &["another".to_owned(), "notice".to_owned()]);
    assert_eq!(asked(other, "open"), (Some(1), json!("other_notice")));

    let mut two_endings = hall();
    let lines = ["done 0", "done 1", "another ending", "done 3"].map(str::to_owned);
    log(&mut two_endings, "/sales/done/log", "hall.example/sales/done", &lines);
    assert_eq!(asked(two_endings, "done"), (Some(1), json!("other_root")));

    let mut cut = hall();
    log(&mut cut, "/sales/done/log", "hall.example/sales/done", &["done 0".to_owned(), "done 1".to_owned()]);
    assert_eq!(asked(cut, "done"), (Some(1), json!("record_ends_before")));

    let mut elsewhere = hall();
    log(&mut elsewhere, "/sales/open/log", "hall.example/sales/other", &["open 0".to_owned()]);
    assert_eq!(asked(elsewhere, "open"), (Some(1), json!("other_log")));
}

#[test]
fn a_register_that_does_not_hold_is_told_from_one_that_cannot_be_had() {
    let mut forged = hall();
    let tile = forged.get_mut("/register/log/tile/entries/000.p/4").unwrap();
    tile[40] ^= 1;
    assert_eq!(asked(forged, "open"), (Some(1), json!("other_root")));

    let server = Server::new(|_| Answer::Status(503));
    assert_eq!(landgavel(&["register", &server.url("")]).status.code(), Some(3));
    let nowhere = serve(Site::new());
    assert_eq!(landgavel(&["register", &nowhere.url("")]).status.code(), Some(2));
    // The register is there, and a sale's log fails in the world: the others are told all the same.
    let failing = |site: Site| {
        let server = Server::new(move |path| match site.get(path) {
            _ if path.starts_with("/sales/open") => Answer::Status(503),
            Some(bytes) => Answer::File(bytes.clone()),
            None => Answer::Status(404),
        });
        let output = landgavel(&["register", &server.url(""), "--json"]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let codes: Vec<Value> =
            told["sales"].as_array().unwrap().iter().map(|sale| sale["wrong"]["code"].clone()).collect();
        (output.status.code(), told["holds"].clone(), codes)
    };
    assert_eq!(failing(hall()), (Some(3), json!(false), vec![json!("not_asked"), Value::Null]));
    // What is known to be wrong counts for more.
    let mut hidden = hall();
    hidden.retain(|path, _| !path.starts_with("/sales/done/"));
    assert_eq!(failing(hidden), (Some(1), json!(false), vec![json!("not_asked"), json!("not_served")]));
}

/// A tree whose entries nobody can read.
#[test]
fn a_hall_that_serves_hashes_without_entries_is_named() {
    for (path, sale) in [("open/log/tile/entries/000", "open"), ("open/log/tile/entries/001.p/44", "open")] {
        let path = format!("/sales/{path}");
        let mut hidden = hall();
        hidden.remove(&path).unwrap();
        assert_eq!(asked(hidden, sale), (Some(1), json!("entries_not_served")), "{path}");
        let mut changed = hall();
        *changed.get_mut(&path).unwrap().last_mut().unwrap() ^= 1;
        assert_eq!(asked(changed, sale), (Some(1), json!("entries_not_served")), "{path}");
    }
}

/// A pledge stands in no register, and is not said to be of another hall.
#[test]
fn a_pledge_beside_a_register_is_told_to_bring_its_sale() {
    let desk = Desk::new("register-pledge");
    let bundle = desk.path("pledge");
    fs::create_dir_all(&bundle).unwrap();
    fs::write(format!("{bundle}/bundle.json"), landgavel_record::bundle::PLEDGE_BUNDLE_JSON).unwrap();
    let output = landgavel(&["verify", &bundle, "--register", "http://nowhere.invalid"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("no pledges") && words.contains("bundle of the sale"), "{words}");
}

/// The sample sale was not held by this hall, so its register says nothing for it.
#[test]
fn a_bundle_beside_a_register_of_another_hall_does_not_pass() {
    let desk = Desk::new("registers");
    let (bundle, register) = (desk.path("bundle"), desk.path("register"));
    landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle]);
    for (path, bytes) in hall() {
        let Some(path) = path.strip_prefix("/register/log/") else { continue };
        let path = std::path::Path::new(&register).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let good = landgavel(&["register", &register, "--lang", "en"]);
    let words = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && words.contains("the hall was not asked"), "{words}");
    let output = landgavel(&["verify", &bundle, "--register", &register, "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["register"]["wrong"]["code"]), (Some(1), &json!("other_log")), "{told}");
    assert_eq!(told["report"]["wrong"], Value::Null);
}
