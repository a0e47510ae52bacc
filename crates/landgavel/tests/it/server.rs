//! A server on this machine that answers as a test wants, well or badly.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What is sent for a request.
pub enum Answer {
    /// The file, with its length.
    File(Vec<u8>),
    /// A status and nothing else.
    Status(u16),
    /// Go there.
    Redirect(String),
    /// A length is promised, and fewer or more bytes are sent.
    Promised(usize, Vec<u8>),
    /// Bytes without any length, until the connection ends.
    Endless(Vec<u8>),
    /// In chunks, whole.
    Chunked(Vec<u8>),
    /// The header, and then a byte now and then.
    Drip(Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// No HTTP at all.
    Raw(Vec<u8>),
    /// The file with headers of its own.
    With(&'static str, Vec<u8>),
}

/// When a server ends, those who wait in it go on.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.heard.notify_all();
    }

    /// Whether it rang within that time.
    fn rings_within(&self, time: Duration) -> bool {
        let rung = self.rung.lock().unwrap();
        *self.heard.wait_timeout_while(rung, time, |rung| !*rung).unwrap().0
    }
}

type Answers = dyn Fn(&str) -> Answer + Send + Sync;

struct Inside {
    answers: Box<Answers>,
    tls: Option<Arc<ServerConfig>>,
    bell: Bell,
    ends: AtomicBool,
    asked: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// A server; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    inside: Arc<Inside>,
}

impl Server {
    /// Answers requests by their path and query.
    pub fn new(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(Box::new(answers), None)
    }

    /// As `new`, over TLS with a certificate of the folder of certificates.
    pub fn tls(certificate: &str, answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let file = |name: &str| format!("{}/tests/tls/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        let certificate = CertificateDer::from_pem_file(file(certificate)).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("server-key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self::start(Box::new(answers), Some(Arc::new(config)))
    }

    fn start(answers: Box<Answers>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inside = Arc::new(Inside {
            answers,
            tls,
            bell: Bell::default(),
            ends: AtomicBool::new(false),
            asked: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.ends.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&shared)) else { continue };
                std::thread::spawn(move || shared.accept(stream));
            }
        });
        Self { address, inside }
    }

    /// The address of something on it.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.inside.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.inside.asked.lock().unwrap().clone()
    }

    /// Most requests that were being answered at one time.
    pub fn most_at_once(&self) -> usize {
        self.inside.most_at_once.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.inside.ends.store(true, Ordering::SeqCst);
        self.inside.bell.ring();
        // The listener sees that it is to end when somebody knocks.
        let _ = TcpStream::connect(self.address);
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Inside {
    fn accept(&self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                Box::new(StreamOwned::new(connection, stream))
            }
        };
        // The client may go away at any point; that is its right.
        let _ = self.converse(BufReader::new(stream));
    }

    fn converse(&self, mut stream: BufReader<Box<dyn Stream>>) -> std::io::Result<()> {
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            loop {
                let mut header = String::new();
                stream.read_line(&mut header)?;
                if header.trim().is_empty() {
                    break;
                }
            }
            self.asked.lock().unwrap().push(path.clone());
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            let goes_on = self.answer(&path, stream.get_mut());
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            if !goes_on? {
                return Ok(());
            }
        }
    }

    /// Whether the connection is used again.
    fn answer(&self, path: &str, out: &mut dyn Write) -> std::io::Result<bool> {
        let head = |length: usize, more: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{more}\r\n");
        let whole = |bytes: &[u8], more: &str| [head(bytes.len(), more).as_bytes(), bytes].concat();
        match (self.answers)(path) {
            Answer::File(bytes) => out.write_all(&whole(&bytes, ""))?,
            Answer::With(more, bytes) => out.write_all(&whole(&bytes, more))?,
            Answer::Status(status) => {
                out.write_all(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
            }
            Answer::Redirect(to) => {
                let text = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                out.write_all(text.as_bytes())?;
            }
            Answer::Promised(length, bytes) => {
                out.write_all(&[head(length, "").as_bytes(), &bytes].concat())?;
                return Ok(false);
            }
            Answer::Endless(bytes) => {
                out.write_all(&[b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", &bytes[..]].concat())?;
                return Ok(false);
            }
            Answer::Chunked(bytes) => {
                let mut text = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
                for chunk in bytes.chunks(1000) {
                    text.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    text.extend(chunk);
                    text.extend(b"\r\n");
                }
                text.extend(b"0\r\n\r\n");
                out.write_all(&text)?;
            }
            Answer::Drip(bytes) => {
                out.write_all(head(bytes.len(), "").as_bytes())?;
                for byte in &bytes {
                    out.write_all(&[*byte])?;
                    out.flush()?;
                    if self.bell.rings_within(Duration::from_millis(50)) {
                        break;
                    }
                }
                return Ok(false);
            }
            Answer::Silence => {
                self.bell.rings_within(Duration::from_secs(60));
                return Ok(false);
            }
            Answer::Raw(bytes) => {
                out.write_all(&bytes)?;
                return Ok(false);
            }
        }
        out.flush()?;
        Ok(true)
    }
}
