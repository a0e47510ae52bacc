//! Servers that answer what a test says, whatever is asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// What it does with a request.
pub enum Reply {
    /// A status and a body.
    Status(u16, String),
    /// A head without end, and never a body.
    Hangs,
    /// A body that never ends.
    Floods,
    /// A way to somewhere else.
    Redirects(String),
}

type Script = dyn Fn(&str) -> Reply + Send + Sync;

/// A server that is stopped when it is dropped.
pub struct Liar {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Liar {
    pub fn start(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ends) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (Arc::clone(&asked), Arc::clone(&ends));
        let script: Arc<Script> = Arc::new(script);
        let thread = std::thread::spawn(move || {
            // Connections that hang are held until the server ends.
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                count.fetch_add(1, Ordering::SeqCst);
                held.extend(answer(stream, &*script));
            }
        });
        Liar { address, asked, ends, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Reads one request and answers it; gives the stream back if it is to stay open.
fn answer(mut stream: TcpStream, script: &Script) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    match script(&String::from_utf8_lossy(&body)) {
        Reply::Status(status, body) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
            None
        }
        Reply::Hangs => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-").ok()?;
            Some(stream)
        }
        Reply::Floods => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
            // Ends when the client has had enough.
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
            None
        }
        Reply::Redirects(to) => {
            let head = format!("HTTP/1.1 307 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).ok()?;
            None
        }
    }
}
