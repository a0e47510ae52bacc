//! One client for everything that comes over HTTP: bundles, and rounds of a beacon.
//!
//! What it fetches proves itself by signatures, so the transport is asked for little: that a file is whole,
//! no larger than it may be, and comes in bounded time, or else that the reason is told.

use std::fmt;
use std::io::{Read as _, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use landgavel_record::bundle::ReadError;
use ureq::http::{Uri, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error, Timeout};

/// Redirects that are followed for one file; a mirror needs one or two.
const REDIRECTS_MAX: u32 = 5;
/// Below this many bytes a second a server is taken to hold the reader up: a slow modem of 1995 had more.
const SLOWEST_BYTES_PER_S: u64 = 1024;
/// Bytes that are read at a time.
const CHUNK: usize = 64 * 1024;
/// Most bytes of a file of certificates.
const CERTIFICATES_MAX: u64 = 1024 * 1024;

/// How to reach an address.
#[derive(clap::Args, Clone)]
pub struct Network {
    /// Give up when nothing comes for so many seconds, or less than 1 KiB a second.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600),
          help_heading = "Network")]
    timeout: u64,
    /// Certificates (PEM) of the authorities to trust for https, instead of the ones that are built in.
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    ca: Option<PathBuf>,
}

/// An http or https address.
#[derive(Clone)]
pub struct Address {
    /// Scheme, host and path, without a slash at the end.
    base: String,
    /// From the question mark on; empty without one. It goes with every file: stores put their tokens there.
    query: String,
    is_https: bool,
}

impl Address {
    /// Whether a word on the command line is meant as an address.
    pub fn is_meant(text: &str) -> bool {
        let start = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        start.starts_with("http://") || start.starts_with("https://")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or("is no address with http:// or https://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        if !host.is_ascii() {
            return Err("has a host that is not in ASCII letters: write it in its xn-- form".to_owned());
        }
        if host.contains('@') {
            return Err("has a name or password in it, which this program does not send".to_owned());
        }
        let path: String = path.split('#').next().unwrap_or_default().bytes().map(encoded).collect();
        let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let base = format!("{}://{host}{}", scheme.to_ascii_lowercase(), path.trim_end_matches('/'));
        if host.is_empty() || host.starts_with(':') {
            return Err("names no host".to_owned());
        }
        // An IPv6 address stands in brackets and has colons of its own.
        let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        if port.is_some_and(|(_, port)| port.parse::<u16>().is_err()) {
            return Err("has a port that is no number up to 65535".to_owned());
        }
        base.parse::<Uri>().map_err(|error| format!("is no address: {error}"))?;
        Ok(Self { base, query: query.to_owned(), is_https })
    }

    /// Whether it names an archive and not a directory.
    pub fn is_archive(&self) -> bool {
        self.base.to_ascii_lowercase().ends_with(".zip")
    }

    /// The address of something below it.
    pub fn below(&self, path: &str) -> Self {
        Self { base: self.named(path), ..self.clone() }
    }

    /// The address itself.
    pub fn whole(&self) -> String {
        format!("{}{}", self.base, self.query)
    }

    /// A file below it, for people.
    pub fn named(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// The address of a file below it.
    pub fn file(&self, path: &str) -> String {
        format!("{}/{path}{}", self.base, self.query)
    }
}

/// Without the query, which may hold a secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// A byte of a path as an address may have it.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Why something could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// The server says that there is nothing of this name.
    Missing,
    /// It is larger than it may be.
    TooLarge {
        /// Most bytes.
        most: usize,
    },
    /// The network, the server, or the trust in it failed.
    World(String),
}

impl From<FetchError> for ReadError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Missing => Self::Missing,
            FetchError::TooLarge { most } => Self::TooLarge { most },
            FetchError::World(why) => Self::Failed(why),
        }
    }
}

/// Fetches with limits.
pub struct Client {
    agent: Agent,
    patience: Duration,
}

impl Client {
    /// A client for an address: from https it is never led to http.
    ///
    /// # Errors
    /// The file of certificates cannot be read, in words.
    pub fn new(network: &Network, address: &Address, connections: usize) -> Result<Self, String> {
        let patience = Duration::from_secs(network.timeout);
        let mut tls = TlsConfig::builder();
        if let Some(path) = &network.ca {
            let certificates = certificates(path).map_err(|why| format!("--ca {}: {why}", path.display()))?;
            tls = tls.root_certs(RootCerts::Specific(Arc::new(certificates)));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(address.is_https)
            .max_redirects(REDIRECTS_MAX)
            .user_agent(concat!("landgavel/", env!("CARGO_PKG_VERSION")))
            // Files are hashed as they are; a packed answer would need a limit of its own.
            .accept_encoding("identity")
            .timeout_resolve(Some(patience))
            .timeout_connect(Some(patience))
            .timeout_send_request(Some(patience))
            .timeout_recv_response(Some(patience))
            .timeout_per_read(Some(patience))
            .max_idle_connections_per_host(connections)
            .tls_config(tls.build())
            .build();
        Ok(Self { agent: config.into(), patience })
    }

    /// Fetches a file of at most so many bytes; `heard` is told how many bytes have come, and of how many.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn get(
        &self,
        address: &str,
        most: usize,
        heard: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        self.download(address, most, &mut bytes, heard)?;
        Ok(bytes)
    }

    /// As [`Client::get`], into a file.
    ///
    /// # Errors
    /// Why it cannot be had, or written.
    pub fn download(
        &self,
        address: &str,
        most: usize,
        sink: &mut dyn Write,
        heard: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), FetchError> {
        let world = FetchError::World;
        let call = || {
            // Nobody may hold the reader up, however he cuts his bytes into pieces.
            let whole = u64::try_from(most).unwrap_or(u64::MAX) / SLOWEST_BYTES_PER_S;
            let whole = self.patience.saturating_add(Duration::from_secs(whole));
            self.agent.get(address).config().timeout_recv_body(Some(whole)).build().call()
        };
        // A server may close a connection just as it is used again.
        let response = call().or_else(|error| if is_broken(&error) { call() } else { Err(error) });
        let response = response.map_err(|error| world(self.words(&error)))?;
        let status = response.status();
        if matches!(status.as_u16(), 404 | 410) {
            return Err(FetchError::Missing);
        }
        if status.as_u16() != 200 {
            return Err(world(format!("the server answered {status}")));
        }
        if let Some(coding) = response.headers().get(header::CONTENT_ENCODING)
            && coding != "identity"
        {
            return Err(world(format!("the server sends it packed as {coding:?}, which was not asked for")));
        }
        let is_delimited = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING]
            .iter()
            .any(|name| response.headers().contains_key(name));
        let body = response.into_body();
        let length = body.content_length();
        if !is_delimited {
            return Err(world("the server says no length: a file cut short would look like a whole one".to_owned()));
        }
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        if length.is_some_and(|length| length > limit) {
            return Err(FetchError::TooLarge { most });
        }
        let mut reader = body.into_reader();
        let mut chunk = vec![0; CHUNK];
        let (mut done, mut window_from, mut window) = (0_u64, 0_u64, Stopwatch::now());
        loop {
            let count = reader.read(&mut chunk).map_err(|error| {
                let of = length.map_or_else(String::new, |length| format!(" of {length}"));
                world(format!("broke off after {done}{of} bytes: {}", self.io_words(&error)))
            })?;
            if count == 0 {
                return Ok(());
            }
            done += count as u64;
            if done > limit {
                return Err(FetchError::TooLarge { most });
            }
            sink.write_all(&chunk[..count]).map_err(|error| world(format!("cannot be kept: {error}")))?;
            heard(done, length);
            if window.elapsed() >= self.patience {
                if done - window_from < SLOWEST_BYTES_PER_S * self.patience.as_secs() {
                    let s = self.patience.as_secs();
                    return Err(world(format!(
                        "comes too slowly: {} bytes in {s} s, the least is {SLOWEST_BYTES_PER_S} a second",
                        done - window_from
                    )));
                }
                (window_from, window) = (done, Stopwatch::now());
            }
        }
    }

    fn io_words(&self, error: &std::io::Error) -> String {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(inner) => self.words(inner),
            None => error.to_string(),
        }
    }

    fn words(&self, error: &Error) -> String {
        let s = self.patience.as_secs();
        match error {
            Error::Timeout(Timeout::Resolve | Timeout::Connect) => format!("no connection within {s} s"),
            Error::Timeout(_) => format!("nothing came for {s} s"),
            Error::HostNotFound => "there is no such host".to_owned(),
            Error::TooManyRedirects => format!("leads on more than {REDIRECTS_MAX} times"),
            Error::RequireHttpsOnly(_) => "leads from https to an address without it, which is refused".to_owned(),
            Error::BadUri(_) => "leads to an address that is neither http nor https".to_owned(),
            Error::Protocol(error) => format!("the answer is not HTTP as it should be: {error}"),
            Error::Io(error) => match error.kind() {
                std::io::ErrorKind::ConnectionRefused => "the connection is refused".to_owned(),
                // Failed handshakes come as data that are not valid.
                std::io::ErrorKind::InvalidData => format!("TLS: {error}; --ca tells which authorities to trust"),
                _ => self.io_words(error),
            },
            Error::Rustls(error) => format!("TLS: {error}; --ca tells which authorities to trust"),
            other => other.to_string(),
        }
    }
}

/// The connection broke before anything was answered.
fn is_broken(error: &Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error, Error::Io(error)
        if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof))
}

fn certificates(path: &std::path::Path) -> Result<Vec<Certificate<'static>>, String> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(CERTIFICATES_MAX).read_to_end(&mut text).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err("holds no certificate in PEM".to_owned()) } else { Ok(found) }
}
