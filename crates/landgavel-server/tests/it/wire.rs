//! What a witness says over HTTP, and what it bears from clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use landgavel_log::note::KeyKind;
use landgavel_log::witness::{MAX_REQUEST, cosignature_told, origin_hash, size_told};
use landgavel_server::http::Limits;

use crate::{Folder, History, ORIGIN, Running, SetClock, key, open_cosigner, witness_key};

struct Answered {
    status: u16,
    kind: String,
    body: String,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

fn answered(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answered {
    let mut response = response.unwrap();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = response.body_mut().read_to_string().unwrap();
    Answered { status: response.status().as_u16(), kind, body }
}

fn post(server: &Running, body: &str) -> Answered {
    answered(agent().post(format!("{}/add-checkpoint", server.url())).send(body))
}

fn get(server: &Running, path: &str) -> Answered {
    answered(agent().get(format!("{}{path}", server.url())).call())
}

fn start(name: &str, limits: Limits) -> (Folder, Running) {
    let folder = Folder::new(name);
    let cosigner = open_cosigner(&folder.0, 1, &SetClock::at(100));
    (folder, Running::start(cosigner, limits))
}

#[test]
fn each_status_of_the_protocol_is_answered() {
    let (_folder, server) = start("statuses", Limits::default());
    let log = History::truth();
    let monitored = format!("/{}/checkpoint", origin_hash(ORIGIN));
    assert_eq!(get(&server, &monitored).status, 404);
    let first = post(&server, &log.request(0, 5));
    assert_eq!(first.status, 200);
    let key_1 = witness_key(1);
    assert_eq!(cosignature_told(first.body.as_bytes(), log.note(5).text(), key_1.verifier()).unwrap().1, 100);

    let conflict = post(&server, &log.request(0, 9));
    assert_eq!((conflict.status, conflict.kind.as_str(), conflict.body.as_str()), (409, "text/x.tlog.size", "5\n"));
    assert_eq!(size_told(conflict.body.as_bytes()), Some(5));
    assert_eq!(post(&server, &History::new(2).request(5, 9)).status, 422);
    assert_eq!(post(&server, &History::new(2).request(5, 5)).status, 422);
    assert_eq!(post(&server, &log.request(5, 9).replace("old 5", "old 10")).status, 400);
    assert_eq!(post(&server, "old 5\n").status, 400);
    let mut note = landgavel_log::note::Note::new(log.note(9).text().to_owned()).unwrap();
    note.sign(&key(ORIGIN, KeyKind::Ed25519, 2)).unwrap();
    assert_eq!(post(&server, &format!("old 5\n\n{note}")).status, 403);
    let mut note = landgavel_log::note::Note::new(log.note(9).text().replace(ORIGIN, "other")).unwrap();
    note.sign(&key("other", KeyKind::Ed25519, 1)).unwrap();
    assert_eq!(post(&server, &format!("old 5\n\n{note}")).status, 404);
    assert_eq!((get(&server, "/add-checkpoint").status, get(&server, "/").status), (405, 404));

    assert_eq!(get(&server, &monitored).body, format!("{}{}", log.note(5), first.body));
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_the_next_request_is_answered() {
    let (_folder, server) = start("large", Limits::default());
    let (status, _) = raw(&server, MAX_REQUEST + 1, &vec![b'a'; MAX_REQUEST + 1]);
    assert_eq!(status, Some(400));
    assert_eq!(post(&server, &History::truth().request(0, 5)).status, 200);
}

/// Sends a head for a body of `length` bytes and what there is of it; gives the status and the rest.
fn raw(server: &Running, length: usize, body: &[u8]) -> (Option<u16>, String) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    read_status(&mut stream)
}

fn read_status(stream: &mut TcpStream) -> (Option<u16>, String) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let _ = reader.read_line(&mut line);
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|text| text.parse().ok());
    (status, line)
}

#[test]
fn slow_and_idle_clients_are_let_go() {
    let limits = Limits { head: Duration::from_millis(200), body: Duration::from_millis(200), ..Limits::default() };
    let (_folder, server) = start("slow", limits);
    let (status, _) = raw(&server, 1000, b"old 0\n");
    assert_eq!(status, Some(408), "a body that does not come");
    for sent in ["", "POST /add-checkpoint HTTP/1.1\r\nHo"] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        // Without a limit of its own the server would let go after half a minute.
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "the connection is closed after {sent:?}");
    }
    assert_eq!(post(&server, &History::truth().request(0, 5)).status, 200);
}

#[test]
fn more_connections_than_are_borne_wait_their_turn() {
    let limits = Limits { connections: 2, head: Duration::from_millis(300), ..Limits::default() };
    let (_folder, server) = start("crowd", limits);
    let idle: Vec<TcpStream> = (0..6).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    assert_eq!(post(&server, &History::truth().request(0, 5)).status, 200);
    drop(idle);
}

#[test]
fn a_request_that_has_begun_is_answered_before_the_end() {
    let (_folder, mut server) = start("ending", Limits::default());
    let body = History::truth().request(0, 5);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (length, half) = (body.len(), body.len() / 2);
    write!(
        stream,
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    // The server says that it waits for the body; only then is it asked to stop.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body.as_bytes()[..half]).unwrap();
    server.ask_to_stop();
    stream.write_all(&body.as_bytes()[half..]).unwrap();
    assert_eq!(read_status(&mut stream).0, Some(200));
    drop(server);
}
