//! Bundles at addresses, on servers that answer well or badly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::server::{Answer, Server};
use crate::{COMMANDS, Desk, LOT, landgavel};

const AUTHORITY: &str = "crates/landgavel/tests/tls/authority.pem";

/// Files of a site by their paths.
type Site = BTreeMap<String, Vec<u8>>;

/// A bundle and its archive, as a site has them.
fn site(desk: &Desk) -> Site {
    let (bundle, archive) = (desk.path("bundle"), desk.path("bundle.zip"));
    let output = landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle, "--zip", &archive]);
    assert_eq!(output.status.code(), Some(0));
    let mut site = files_below(Path::new(&bundle), "/sales/bundle");
    site.insert("/sales/bundle.zip".to_owned(), fs::read(archive).unwrap());
    site
}

fn files_below(folder: &Path, prefix: &str) -> Site {
    let mut site = Site::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            site.extend(files_below(&entry.path(), &path));
        } else {
            site.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    site
}

fn file(site: &Site, path: &str) -> Answer {
    let path = path.split('?').next().unwrap();
    site.get(path).map_or(Answer::Status(404), |bytes| Answer::File(bytes.clone()))
}

/// Serves a site, but one file as the test wants it.
fn serve_but(site: &Site, but: &'static str, answer: impl Fn(Vec<u8>) -> Answer + Send + Sync + 'static) -> Server {
    let site = site.clone();
    Server::new(move |path| {
        let path = path.split('?').next().unwrap();
        match path.ends_with(but) {
            true => answer(site.get(path).cloned().unwrap_or_default()),
            false => file(&site, path),
        }
    })
}

fn verify(address: &str) -> Output {
    landgavel(&["verify", address, "--json", "--timeout", "1"])
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The world failed: exit code 3, the words say why, and nothing is said of the bundle.
fn check_world_failed(output: &Output, said: &str) {
    let words = words(output);
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains(said), "“{said}” is not in: {words}");
    assert!(output.stdout.is_empty(), "a verdict on a bundle that was not read");
}

/// The bundle is wrong: exit code 1, and the report names the check and the code.
fn check_wrong(output: &Output, file: &str, code: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", words(output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["wrong"]["file"].as_str(), report["wrong"]["code"].as_str()), (Some(file), Some(code)));
}

#[test]
fn a_bundle_at_an_address_gets_the_same_report_as_its_directory() {
    let desk = Desk::new("address");
    let site = site(&desk);
    let local = landgavel(&["verify", &desk.path("bundle"), "--json"]);
    assert_eq!(local.status.code(), Some(0));
    let plain = Server::new({
        let site = site.clone();
        move |path| file(&site, path)
    });
    let chunked = Server::new({
        let site = site.clone();
        move |path| match file(&site, path) {
            Answer::File(bytes) => Answer::Chunked(bytes),
            other => other,
        }
    });
    let tls = Server::tls("server", move |path| file(&site, path));
    for (server, path) in [
        (&plain, "/sales/bundle"),
        (&plain, "/sales/bundle/"),
        (&plain, "/sales/bundle?token=1/2#top"),
        (&plain, "/sales/bundle.zip"),
        (&chunked, "/sales/bundle"),
        (&chunked, "/sales/bundle.zip?token=1"),
        (&tls, "/sales/bundle"),
        (&tls, "/sales/bundle.zip"),
    ] {
        let output = landgavel(&["verify", &server.url(path), "--json", "--ca", AUTHORITY]);
        assert_eq!(output.status.code(), Some(0), "{path}: {}", words(&output));
        assert_eq!(output.stdout, local.stdout, "{path}");
    }
    let asked = plain.asked();
    assert!(asked.contains(&"/sales/bundle/checkpoint?token=1/2".to_owned()), "the query goes with every file");
    assert!(asked.iter().all(|path| !path.contains('#') && !path.contains("//")), "{asked:?}");
}

#[test]
fn the_address_of_a_sale_leads_to_the_archive_that_its_hall_publishes() {
    let desk = Desk::new("addresses-hall");
    let site = site(&desk);
    let server = Server::new(move |path| file(&site, path));
    for address in [server.url("/sales"), server.url("/sales/")] {
        let output = verify(&address);
        assert!(output.status.success(), "{}", words(&output));
    }
    let output = verify(&server.url("/elsewhere/"));
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("none as bundle.zip below it"), "{}", words(&output));
}

#[test]
fn a_bundle_at_an_address_replays() {
    let desk = Desk::new("address-replay");
    let site = site(&desk);
    let server = Server::new(move |path| file(&site, path));
    let local = landgavel(&["replay", &desk.path("bundle"), "--json"]);
    let remote = landgavel(&["replay", &server.url("/sales/bundle"), "--json"]);
    assert_eq!((remote.status.code(), &remote.stdout), (Some(0), &local.stdout));
    check_world_failed(&landgavel(&["replay", "http://127.0.0.1:9/x", "--timeout", "1"]), "refused");
}

/// A sale of 700 bids, whose tiles are many.
fn long_site(desk: &Desk) -> Site {
    let mut lines = "at,do,bidder,amount\n".to_owned();
    for bidder in ["A", "B"] {
        lines += &format!("2026-03-02T09:00:00+08:00,apply,{bidder},\n");
    }
    for bid in 0..700 {
        let (time, bidder) = (format!("{:02}:{:02}", bid / 60, bid % 60), ["A", "B"][bid % 2]);
        lines += &format!("2026-03-02T10:{time}+08:00,bid,{bidder},{} 元\n", 10_000 + bid);
    }
    let (commands, bundle) = (desk.path("commands.csv"), desk.path("bundle"));
    fs::write(&commands, lines).unwrap();
    let lot = "crates/landgavel/src/bench/lot.toml";
    let output = landgavel(&["run", lot, "--commands", &commands, "--out", &bundle]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    files_below(Path::new(&bundle), "/sales/bundle")
}

#[test]
fn files_are_fetched_several_at_once_and_each_once() {
    let desk = Desk::new("at-once");
    let site = long_site(&desk);
    let files: Vec<String> = site.keys().cloned().collect();
    let company = Arc::new((Mutex::new(0), Condvar::new()));
    // No tile is given out before two are asked for, so one request after the other would take its time.
    let server = Server::new(move |path| {
        if path.contains("/tile/") {
            let (count, joined) = &*company;
            let mut count = count.lock().unwrap();
            *count += 1;
            joined.notify_all();
            let _ = joined.wait_timeout_while(count, Duration::from_secs(30), |count| *count < 2).unwrap();
        }
        file(&site, path)
    });
    let output = landgavel(&["verify", &server.url("/sales/bundle"), "--json", "--timeout", "20"]);
    assert_eq!(output.stdout, landgavel(&["verify", &desk.path("bundle"), "--json"]).stdout, "{}", words(&output));
    assert!(server.most_at_once() > 1);
    let mut asked = server.asked();
    asked.sort_unstable();
    assert_eq!(asked, files);
}

#[test]
fn a_file_that_is_missing_or_changed_at_an_address_is_named_as_in_a_directory() {
    let desk = Desk::new("address-wrong");
    let site = long_site(&desk);
    for (path, code) in
        [("tile/0/001", "missing"), ("checkpoints.jsonl", "missing"), ("tile/entries/002.p/197", "missing")]
    {
        check_wrong(&verify(&serve_but(&site, path, |_| Answer::Status(404)).url("/sales/bundle")), path, code);
    }
    let flip = |mut bytes: Vec<u8>| {
        *bytes.last_mut().unwrap() ^= 1;
        Answer::File(bytes)
    };
    for (path, code) in [("tile/0/001", "other_tile"), ("tile/1/000.p/2", "other_tile"), ("bundle.json", "format")] {
        check_wrong(&verify(&serve_but(&site, path, flip).url("/sales/bundle")), path, code);
    }
    // A page for people in place of whatever is missing, as some servers send it.
    let page = |_| Answer::File(b"<!doctype html><title>Not here</title>".to_vec());
    let empty = |_| Answer::File(Vec::new());
    check_wrong(&verify(&serve_but(&site, "tile/0/001", empty).url("/sales/bundle")), "tile/0/001", "other_tile");
    check_wrong(&verify(&serve_but(&site, "tile/0/000", page).url("/sales/bundle")), "tile/0/000", "other_tile");
}

#[test]
fn a_file_beyond_its_limit_is_not_fetched() {
    let desk = Desk::new("address-large");
    let site = site(&desk);
    let promised = |_| Answer::Promised(1 << 40, vec![b'x'; 1000]);
    check_wrong(&verify(&serve_but(&site, "/policy.txt", promised).url("/sales/bundle")), "policy.txt", "too_large");
    let grown = |_| Answer::Chunked(vec![b'x'; 64 * 1024 + 1]);
    check_wrong(&verify(&serve_but(&site, "/policy.txt", grown).url("/sales/bundle")), "policy.txt", "too_large");
    let output = verify(&serve_but(&site, ".zip", promised).url("/sales/bundle.zip"));
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    assert!(words(&output).contains("larger than 2147483648 bytes"), "{}", words(&output));
}

#[test]
fn a_server_that_fails_is_told_from_a_bundle_that_is_wrong() {
    let desk = Desk::new("address-fails");
    let site = site(&desk);
    let check = |answer: fn(Vec<u8>) -> Answer, said: &str| {
        for but in ["/bundle.json", "/checkpoint", "/outcome.json", ".p/61"] {
            let server = serve_but(&site, but, answer);
            check_world_failed(&verify(&server.url("/sales/bundle")), said);
        }
        check_world_failed(&verify(&serve_but(&site, ".zip", answer).url("/sales/bundle.zip")), said);
    };
    check(|_| Answer::Status(500), "the server answered 500");
    check(|_| Answer::Status(403), "the server answered 403");
    check(|_| Answer::Status(206), "the server answered 206");
    check(|bytes| Answer::Promised(bytes.len(), bytes[..bytes.len() - 1].to_vec()), "broke off after");
    check(Answer::Endless, "says no length");
    check(|bytes| Answer::With("content-encoding: gzip\r\n", bytes), "packed as \"gzip\"");
    check(|_| Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()), "not HTTP");
    check(|_| Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\n".to_vec()), "HTTP");
    check(|_| Answer::Raw([b"HTTP/1.1 200 OK\r\nx: ", &[b'y'; 200_000][..]].concat()), "header");
    check(|_| Answer::Raw(Vec::new()), "/sales/bundle");
}

#[test]
fn a_server_that_holds_the_reader_up_is_left() {
    let desk = Desk::new("address-slow");
    let site = site(&desk);
    for but in ["/checkpoint", ".zip"] {
        let path = if but == ".zip" { "/sales/bundle.zip" } else { "/sales/bundle" };
        let silent = serve_but(&site, but, |_| Answer::Silence);
        check_world_failed(&verify(&silent.url(path)), "nothing came for 1 s");
        let dripping = serve_but(&site, but, Answer::Drip);
        check_world_failed(&verify(&dripping.url(path)), "comes too slowly");
    }
}

#[test]
fn redirects_are_followed_a_few_times_and_never_away_from_https() {
    let desk = Desk::new("address-redirect");
    let site = site(&desk);
    let mirror = Server::new({
        let site = site.clone();
        move |path| file(&site, path)
    });
    let to = mirror.url("");
    let front = Server::new(move |path| Answer::Redirect(format!("{to}{path}")));
    let output = verify(&front.url("/sales/bundle"));
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));

    let circle = Server::new(|path| Answer::Redirect(path.to_owned()));
    check_world_failed(&verify(&circle.url("/sales/bundle")), "leads on more than 5 times");
    for (away, said) in [("ftp://127.0.0.1/x", "neither http nor https"), ("file:///etc/hostname", "/sales/bundle")] {
        let away = Server::new(move |_| Answer::Redirect(away.to_owned()));
        check_world_failed(&verify(&away.url("/sales/bundle")), said);
    }
    let to = mirror.url("");
    let down = Server::tls("server", move |path| Answer::Redirect(format!("{to}{path}")));
    let output = landgavel(&["verify", &down.url("/sales/bundle"), "--json", "--ca", AUTHORITY]);
    check_world_failed(&output, "from https to an address without it");
}

#[test]
fn a_server_that_cannot_prove_its_name_is_refused() {
    let answer = |_: &str| Answer::Status(404);
    for certificate in ["expired", "elsewhere"] {
        let server = Server::tls(certificate, answer);
        check_world_failed(&landgavel(&["verify", &server.url("/x"), "--json", "--ca", AUTHORITY]), "TLS: ");
        assert!(server.asked().is_empty(), "nothing was asked of a server that nobody knows");
    }
    let server = Server::tls("server", answer);
    check_world_failed(&verify(&server.url("/x")), "--ca tells which authorities to trust");
    let plain = Server::new(answer);
    check_world_failed(&verify(&plain.url("/x").replace("http:", "https:")), "/x: ");
    assert!(plain.asked().is_empty());
}

#[test]
fn an_address_that_is_none_and_one_without_a_bundle_are_wrong_use() {
    let empty = Server::new(|_| Answer::Status(404));
    let not_zip = Server::new(|_| Answer::File(b"PK, not really".to_vec()));
    for (address, said) in [
        (empty.url("/x"), "there is no bundle at this address"),
        (empty.url("/x.zip"), "there is no bundle at this address"),
        (not_zip.url("/x.zip"), "is no zip archive"),
        ("http://".to_owned(), "names no host"),
        ("http://user:word@127.0.0.1/x".to_owned(), "a name or password"),
        ("http://127.0.0.1:999999/x".to_owned(), "a port"),
        ("http://a b/x".to_owned(), "is no address"),
        ("https://拍卖.invalid/x".to_owned(), "xn--"),
    ] {
        let output = verify(&address);
        assert_eq!(output.status.code(), Some(2), "{address}: {}", words(&output));
        assert!(words(&output).contains(said), "{address}: {}", words(&output));
    }
    for (ca, said) in [(LOT, "holds no certificate"), ("none.pem", "No such file")] {
        let output = landgavel(&["verify", &empty.url("/x"), "--ca", ca]);
        assert_eq!(output.status.code(), Some(2));
        assert!(words(&output).contains(said), "{}", words(&output));
    }
}

#[test]
fn a_host_that_cannot_be_reached_is_told_in_bounded_time() {
    for (address, said) in [
        ("http://127.0.0.1:9/bundle", "the connection is refused"),
        ("https://127.0.0.1:9/bundle.zip", "the connection is refused"),
        ("http://host.invalid/bundle", "host.invalid"),
    ] {
        check_world_failed(&verify(address), said);
    }
}
