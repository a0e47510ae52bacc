//! Streams as clients on a real connection read them, byte by byte: who keeps up, who stalls, who goes, who talks out of
//! turn, and how they end.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::{Clock as _, MachineClock};
use landgavel_server::http::{Limits, serve};
use landgavel_server::pages::{Pages, Site};
use landgavel_server::people::{AccountName, Directory, Role};
use landgavel_server::site::app;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::office::enrol;
use super::stage::{Folder, SALE, Stage};

/// The least, or the system holds more frames than are made.
const TINY: u32 = 2048;
/// Frames that are made while somebody stalls: more than the system holds for it.
const MISSED: usize = 12;

/// A hall that serves on a port.
struct Served {
    stage: Stage,
    api: Api,
    people: Directory,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn start(folder: &Folder, bounds: Bounds) -> Self {
        let stage = Stage::set(folder).await;
        stage.play("2026-04-08T08:00:00+08:00").await;
        stage.published().await;
        let people = Directory::new(stage.hall.setting().store.clone());
        let pages = Pages {
            hall: Arc::clone(&stage.hall),
            people: people.clone(),
            clock: stage.clock.clone(),
            site: Arc::new(Site {
                origin: "https://hall.invalid".to_owned(),
                is_demo: false,
                verifier: None,
                printer: None,
                scores: Arc::default(),
            }),
        };
        let api = Api::new(Arc::clone(&stage.hall), bounds);
        // What connections that are taken have, they have from the one that listens.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(TINY).unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let app = app(pages, &api, None);
        // Whoever does not end in time would hold the test up until its own limit.
        let limits = Limits { ending: Duration::from_secs(3600), ..Limits::default() };
        let serving = tokio::spawn(async move {
            serve(listener, app, limits, async {
                let _ = stopped.await;
            })
            .await;
        });
        Self { stage, api, people, address, stop, serving }
    }

    /// One more entry, and the frame that shows it: a bid that is too low is one too.
    async fn frame(&self) {
        let bid = json!({"do": "bid", "bidder": "A", "amount": "1800 万元"});
        self.stage.ask(serde_json::from_value(bid).unwrap()).await;
        let entries = self.entries();
        self.stage.until(|room| room.frames().borrow().entries == entries).await;
    }

    fn entries(&self) -> u64 {
        self.stage.room.shown().unwrap().look().entries
    }

    /// Ends all streams and the server, as a process does that was asked to stop.
    async fn end(self) {
        self.api.close();
        let _ = self.stop.send(());
        self.serving.await.unwrap();
        self.stage.hall.close().await;
    }

    fn request(version: &str, more: &str) -> String {
        format!("GET /api/v1/sales/{SALE}/stream HTTP/{version}\r\nhost: hall.invalid\r\n{more}\r\n")
    }

    async fn view(&self) -> Viewer {
        self.ask(&Self::request("1.1", "")).await
    }

    async fn ask(&self, request: &str) -> Viewer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(TINY).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        Viewer { stream, ahead: Vec::new() }
    }
}

/// A client that believes nothing: each byte must be where the protocol has it.
struct Viewer {
    stream: TcpStream,
    ahead: Vec<u8>,
}

impl Viewer {
    /// Reads more; nothing when the connection is over.
    async fn more(&mut self) -> Option<()> {
        let mut piece = [0; 512];
        match self.stream.read(&mut piece).await {
            Ok(0) | Err(_) => None,
            Ok(count) => {
                self.ahead.extend_from_slice(&piece[..count]);
                Some(())
            }
        }
    }

    async fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < count {
            self.more().await?;
        }
        Some(self.ahead.drain(..count).collect())
    }

    async fn up_to(&mut self, end: &str) -> Option<String> {
        let at = loop {
            let found = self.ahead.windows(end.len()).position(|window| window == end.as_bytes());
            match found {
                Some(at) => break at,
                None => self.more().await?,
            }
        };
        String::from_utf8(self.take(at + end.len()).await?).ok()
    }

    async fn head(&mut self) -> String {
        self.up_to("\r\n\r\n").await.unwrap()
    }

    /// The next event, which is a chunk by itself. Without one: whether the body ended in good order.
    async fn event(&mut self) -> Result<String, bool> {
        let length = self.up_to("\r\n").await.ok_or(false)?;
        let length = usize::from_str_radix(length.trim_end(), 16).expect("a length where the protocol has one");
        let text = self.take(length + 2).await.ok_or(false)?;
        let text = String::from_utf8(text).unwrap();
        let text = text.strip_suffix("\r\n").expect("a chunk ends where it says");
        if text.is_empty() {
            return Err(true);
        }
        assert!(text.starts_with("id: ") || text.starts_with("event: "), "{text}");
        assert!(text.find("\n\n") == Some(text.len() - 2), "{text}");
        Ok(text.to_owned())
    }

    /// Reads until this frame; says which were seen on the way.
    async fn frames_until(&mut self, entries: u64) -> Vec<u64> {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|last| *last < entries) {
            if let Some(number) = id(&self.event().await.unwrap()) {
                seen.push(number);
            }
        }
        assert!(seen.is_sorted() && seen.last() == Some(&entries), "{seen:?}");
        seen
    }

    /// Reads to the end; says whether it was one in good order.
    async fn end(&mut self) -> bool {
        loop {
            if let Err(is_good) = self.event().await {
                return is_good;
            }
        }
    }
}

/// The id of a frame; nothing for other events.
fn id(event: &str) -> Option<u64> {
    event.strip_prefix("id: ")?.split_once('\n')?.0.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http_reads_frames_in_order_and_signs_of_life_until_the_hall_ends() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds::default()).await;
    let url = format!("http://{}/api/v1/sales/{SALE}/stream", served.address);
    let (began, has_begun) = oneshot::channel();
    let client = tokio::task::spawn_blocking(move || {
        let response = ureq::get(url).call().unwrap();
        began.send(()).unwrap();
        let mut text = String::new();
        response.into_body().into_reader().read_to_string(&mut text).unwrap();
        text
    });
    has_begun.await.unwrap();
    let mut viewer = served.view().await;
    assert!(viewer.head().await.contains("text/event-stream"));
    let mut seen = viewer.frames_until(served.entries()).await;
    for _ in 0..MISSED {
        served.frame().await;
        seen.extend(viewer.frames_until(served.entries()).await);
    }
    assert!(seen.is_sorted(), "{seen:?}");
    while !viewer.event().await.unwrap().starts_with("event: beat\ndata: {") {}
    served.frame().await;
    let entries = served.entries();
    viewer.frames_until(entries).await;
    served.end().await;
    assert!(viewer.end().await);
    let text = client.await.unwrap();
    let all: Vec<u64> = text.split_inclusive("\n\n").filter_map(id).collect();
    assert!(all.is_sorted() && all.last() == Some(&entries) && all.len() > 1, "{all:?}");
    assert!(text.contains("event: beat\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_delays_nobody_and_skips_to_the_newest_frame() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds::default()).await;
    let (mut never_began, mut stalled, mut quick) = (served.view().await, served.view().await, served.view().await);
    for viewer in [&mut stalled, &mut quick] {
        viewer.head().await;
        viewer.frames_until(served.entries()).await;
    }
    for _ in 0..MISSED {
        served.frame().await;
        quick.frames_until(served.entries()).await;
    }
    // What the system held, and what is newest; the last may be shown twice, since more than entries is shown.
    let seen = stalled.frames_until(served.entries()).await;
    assert!(seen.len() < MISSED, "{seen:?}");
    never_began.head().await;
    let seen = never_began.frames_until(served.entries()).await;
    assert!(seen.len() < MISSED, "{seen:?}");
    // All of them go on like others.
    served.frame().await;
    for viewer in [&mut never_began, &mut stalled, &mut quick] {
        viewer.frames_until(served.entries()).await;
    }
    served.end().await;
    for viewer in [&mut never_began, &mut stalled, &mut quick] {
        assert!(viewer.end().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_comes_at_once_to_whoever_reads_while_somebody_stalls() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds::default()).await;
    let (mut stalled, mut quick) = (served.view().await, served.view().await);
    for viewer in [&mut stalled, &mut quick] {
        viewer.head().await;
        viewer.frames_until(served.entries()).await;
    }
    for _ in 0..MISSED {
        served.frame().await;
        quick.frames_until(served.entries()).await;
    }
    tokio::join!(served.end(), async {
        assert!(quick.end().await);
        // In good order, unless a frame was half out.
        stalled.end().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sends_meanwhile_is_never_answered_within_a_stream() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds::default()).await;
    // A second request at once; what is none, later; and one that announces a body and sends it piece by piece.
    let twice = Served::request("1.1", "") + &Served::request("1.1", "");
    let mut viewers = [
        served.ask(&twice).await,
        served.view().await,
        served.ask(&Served::request("1.1", "content-length: 300\r\nexpect: 100-continue\r\n")).await,
    ];
    for viewer in &mut viewers {
        assert!(viewer.head().await.starts_with("HTTP/1.1 200 "));
        viewer.frames_until(served.entries()).await;
    }
    for _ in 0..MISSED {
        for viewer in &mut viewers[..2] {
            viewer.stream.write_all(b"\0\xff no request\r\n\r\n").await.unwrap();
        }
        viewers[2].stream.write_all(b"body ").await.unwrap();
        served.frame().await;
        for viewer in &mut viewers {
            viewer.frames_until(served.entries()).await;
        }
    }
    // The next request may get an answer of its own, which must be read for the hall to end, and what is none may.
    tokio::join!(served.end(), async {
        for viewer in &mut viewers {
            assert!(viewer.end().await);
            while viewer.more().await.is_some() {}
            assert!(viewer.ahead.is_empty() || viewer.ahead.starts_with(b"HTTP/1.1 "));
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http_1_0_and_a_bidder_are_served_too() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds::default()).await;
    served.people.invite("bidder-a", "A", Role::Bidder, 0).await.unwrap();
    let name = AccountName::parse("bidder-a").unwrap();
    enrol(&served.people, &name, "A").await.unwrap();
    let token = served.people.begin_session(&name, MachineClock.now().millis()).await.unwrap();
    let bearer = format!("authorization: Bearer {}\r\n", token.text());
    let mut bidder = served.ask(&Served::request("1.1", &bearer)).await;
    let mut old = served.ask(&Served::request("1.0", "")).await;
    bidder.head().await;
    let own = bidder.event().await.unwrap();
    assert!(own.starts_with("event: mine\ndata: {"), "{own}");
    let head = old.head().await;
    assert!(head.starts_with("HTTP/1.0 200 ") && !head.contains("chunked"), "{head}");
    served.frame().await;
    let newest = format!("id: {}\n", served.entries());
    while !bidder.event().await.unwrap().starts_with(&newest) {}
    let own = bidder.event().await.unwrap();
    assert!(own.starts_with("event: mine\n") && own.contains("1800 万元"), "{own}");
    while !old.up_to("\n\n").await.unwrap().starts_with(&newest) {}
    served.end().await;
    assert!(bidder.end().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_gives_the_place_back_and_who_resumes_gets_no_frame_twice() {
    let folder = Folder::new();
    let served = Served::start(&folder, Bounds { viewers: 1, ..Bounds::default() }).await;
    let mut held = served.view().await;
    held.head().await;
    held.frames_until(served.entries()).await;
    served.frame().await;
    held.frames_until(served.entries()).await;
    let resume = Served::request("1.1", &format!("last-event-id: {}\r\n", served.entries()));
    assert!(served.ask(&resume).await.head().await.starts_with("HTTP/1.1 503 "));
    drop(held);
    let mut resumed = loop {
        let mut viewer = served.ask(&resume).await;
        if viewer.head().await.starts_with("HTTP/1.1 200 ") {
            break viewer;
        }
    };
    assert!(resumed.event().await.unwrap().starts_with("event: beat\n"));
    served.frame().await;
    resumed.frames_until(served.entries()).await;
    served.end().await;
    assert!(resumed.end().await);
}
