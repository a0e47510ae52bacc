//! Running a hall: what it is told, what it keeps in its directory, and an end in good order.

use std::fmt;
use std::fs;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use landgavel_beacon::{Chain, LocalChain};
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_record::record::{Issuer, sha256};
use landgavel_store::{Fault, Store};
use tokio::net::TcpListener;

use crate::api::{Api, Bounds};
use crate::clock::Clock;
use crate::desk::intake::Gate;
use crate::desk::{Rounds, Setting, Witnesses};
use crate::hall::{Hall, House, LEASE_MS, NoticeSettings, WitnessAt};
use crate::http::{self, Limits, asked_to_stop};
use crate::key_file::{self, KeyFileError};
use crate::keys::{Keys, KeysError};
use crate::pages::{Pages, Printer, Site, VerifierPage};
use crate::people::Directory;
use crate::reminders::{Reminders, Webhook};
use crate::scores::Scores;
use crate::site::app;
use crate::witness::{Asker, Patience};

/// Connections at a time: viewers above all. The process must be allowed as many open files.
const CONNECTIONS: usize = 24_000;
/// Period and genesis of a local chain, as the public one has them.
const CHAIN_PERIOD_S: u32 = 3;
const CHAIN_GENESIS_S: i64 = 1_692_803_367;
/// From the freeze of a draw's entrants to its round: longer than witnesses and clocks need.
const DRAW_DELAY_MS: i64 = 30_000;
const SEAL_DELAY_MS: i64 = 15_000;
/// How long an entry may wait for witnesses before the record does not hold. A checkpoint comes each second; but what
/// was entered in the last second before a crash waits until somebody has repaired the hall, and a record must not fail for
/// an outage in which its sale was rightly paused. How long each silence was is seen in the checkpoints.
const CHECKPOINT_WITHIN_MS: i64 = 3_600_000;
const CLOCK_TOLERANCE_MS: i64 = 10_000;
/// Witnesses that a demonstration makes for itself, and how many of them must cosign.
const OWN_WITNESSES: [&str; 3] = ["one", "two", "three"];
const OWN_QUORUM: usize = 2;

/// What a hall is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where its keys are, and its database unless another is named.
    pub directory: PathBuf,
    /// The database: an address that `landgavel-store` reads. A file in the directory without.
    pub database: Option<String>,
    /// The host that names its logs, such as `hall.example`.
    pub host: String,
    /// Who witnesses its logs, and how many of them must.
    pub witnesses: WitnessedBy,
    /// Where draws and seals get their rounds from.
    pub rounds: RoundsFrom,
    /// Keys of officers who may publish sales, beside those of accounts.
    pub officers: Vec<String>,
    /// Whose certificates show facts of applicants, in the order of fact and name.
    pub issuers: Vec<Issuer>,
    /// Keys and witnesses are made for a demonstration.
    pub is_demonstration: bool,
    /// Where the pages stand: scheme, host and port, as browsers name it.
    pub origin: String,
    /// The verifier as one page, when it is at hand.
    pub verifier: Option<VerifierPage>,
    /// What makes papers as PDF, where there is a font for them.
    pub printer: Option<Arc<Printer>>,
    /// Proxies whose word on a caller's address is believed.
    pub proxies: Vec<IpAddr>,
    /// What has been published of scores.
    pub scores: Arc<Scores>,
    /// Where it is sent what falls due in pledges, and what is at risk.
    pub webhook: Option<Webhook>,
}

/// Who witnesses.
#[derive(Debug, Clone)]
pub enum WitnessedBy {
    /// Keys made in the directory: they prove nothing to anybody.
    Own,
    /// Independent ones, asked over the web.
    Others {
        /// Who, and where.
        witnesses: Vec<WitnessAt>,
        /// How many must have cosigned.
        quorum: usize,
    },
}

/// Where rounds come from.
#[derive(Clone)]
pub enum RoundsFrom {
    /// A chain with a key in the directory; records say that it is local.
    Own,
    /// The public chain, brought by what the caller gives.
    Public(Rounds),
}

impl fmt::Debug for RoundsFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Own) { "own" } else { "public" })
    }
}

/// Why a hall cannot be run.
#[derive(Debug)]
pub enum NotRun {
    /// A key.
    Keys(KeysError),
    /// The directory.
    Directory(PathBuf, io::Error),
    /// The database.
    Store(Fault),
    /// The name of the host is no name of a key.
    Host(String),
    /// The address, or the process's signals.
    Listen(io::Error),
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(error) => error.fmt(f),
            Self::Directory(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Store(fault) => fault.fmt(f),
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
            Self::Host(host) => write!(f, "“{host}” cannot name a log: expected a host such as hall.example"),
        }
    }
}

impl std::error::Error for NotRun {}

impl From<KeysError> for NotRun {
    fn from(error: KeysError) -> Self {
        Self::Keys(error)
    }
}

/// Opens the hall of a directory: its keys, its database, all its sales.
///
/// # Errors
///
/// [`NotRun`].
pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Arc<Hall>, NotRun> {
    let directory = &config.directory;
    fs::create_dir_all(directory).map_err(|error| NotRun::Directory(directory.clone(), error))?;
    let keys = Arc::new(Keys::open(directory, &config.host)?);
    if keys.log_verifier(&format!("{}/sales/x", config.host)).is_none() {
        return Err(NotRun::Host(config.host));
    }
    let database = match &config.database {
        Some(address) => address.clone(),
        None => directory.join("hall.db").to_string_lossy().into_owned(),
    };
    let store = Store::open(&database).await.map_err(NotRun::Store)?;
    let (witnesses, known, quorum) = witnesses(&config, &clock)?;
    let (rounds, chain) = match &config.rounds {
        RoundsFrom::Own => {
            let chain = own_chain(directory)?;
            (Rounds::Own(Arc::new(chain)), None)
        }
        RoundsFrom::Public(rounds) => (rounds.clone(), Some(Chain::quicknet())),
    };
    let chain = match (&rounds, chain) {
        (_, Some(chain)) => chain,
        (Rounds::Own(own), None) => own.chain().clone(),
        (Rounds::Brought(_) | Rounds::HandedIn, None) => Chain::quicknet(),
    };
    let notice = NoticeSettings {
        officers: Vec::new(),
        hall: Some(keys.hall().public()),
        chain: Arc::new(chain),
        draw_delay_ms: DRAW_DELAY_MS,
        seal_delay_ms: SEAL_DELAY_MS,
        parties: Vec::new(),
        fallback: None,
        checkpoint_within_ms: CHECKPOINT_WITHIN_MS,
        clock_tolerance_ms: CLOCK_TOLERANCE_MS,
        is_demonstration: config.is_demonstration,
        issuers: config.issuers.clone(),
    };
    let house = House {
        host: config.host.clone(),
        node: node_name(directory)?,
        lease_ms: LEASE_MS,
        witnesses: known,
        quorum,
        officers: config.officers.clone(),
        notice,
    };
    let setting = Setting { store, clock, keys, gate: Arc::new(Gate::default()), witnesses, rounds };
    Hall::open(setting, house).await.map_err(NotRun::Store)
}

fn witnesses(config: &Config, clock: &Arc<dyn Clock>) -> Result<(Witnesses, Vec<WitnessAt>, usize), NotRun> {
    match &config.witnesses {
        WitnessedBy::Own => {
            let mut keys = Vec::new();
            let mut known = Vec::new();
            for name in OWN_WITNESSES {
                let path = config.directory.join(format!("witness-{name}.key"));
                let key = read_or_make(&path, &format!("{}/witness-{name}", config.host), KeyKind::Cosignature)?;
                known.push(WitnessAt { name: name.to_owned(), key: key.verifier().clone(), url: None });
                keys.push(key);
            }
            Ok((Witnesses::Own(Arc::new(keys)), known, OWN_QUORUM))
        }
        WitnessedBy::Others { witnesses, quorum } => {
            let asker = Asker::new(Arc::clone(clock), Patience::default());
            Ok((Witnesses::Asked(Arc::new(asker)), witnesses.clone(), *quorum))
        }
    }
}

fn read_or_make(path: &Path, name: &str, kind: KeyKind) -> Result<SigningKey, NotRun> {
    let key = match key_file::read(path, kind) {
        Err(KeyFileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => key_file::make(path, name, kind),
        known => known,
    };
    key.map_err(|why| NotRun::Keys(KeysError { path: path.to_owned(), why }))
}

fn own_chain(directory: &Path) -> Result<LocalChain, NotRun> {
    let key = read_or_make(&directory.join("chain.key"), "local-chain", KeyKind::Ed25519)?;
    let seed = sha256(key.secret_text().as_bytes()).0;
    Ok(LocalChain::from_seed(seed, CHAIN_GENESIS_S, CHAIN_PERIOD_S).expect("the constants make a chain"))
}

/// The name of this node in leases: drawn once, the same after every restart.
fn node_name(directory: &Path) -> Result<String, NotRun> {
    let path = directory.join("node");
    let fault = |error: io::Error| NotRun::Directory(path.clone(), error);
    match fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(fault(error)),
    }
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| fault(io::Error::other(error)))?;
    let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(fault)?;
    writeln!(file, "{name}").and_then(|()| file.sync_all()).map_err(fault)?;
    Ok(name)
}

/// Runs a hall until the process is asked to stop. `announce` is told the address that it listens on.
///
/// # Errors
///
/// [`NotRun`].
pub fn serve(
    config: Config,
    clock: Arc<dyn Clock>,
    address: SocketAddr,
    bounds: Bounds,
    announce: impl FnOnce(SocketAddr),
) -> Result<(), NotRun> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(NotRun::Listen)?;
    runtime.block_on(async {
        let stop = asked_to_stop().map_err(NotRun::Listen)?;
        let (origin, verifier, printer) = (config.origin.clone(), config.verifier.clone(), config.printer.clone());
        let site = Site { origin, is_demo: false, verifier, printer, scores: Arc::clone(&config.scores) };
        let proxies: Arc<[IpAddr]> = config.proxies.iter().map(IpAddr::to_canonical).collect();
        let webhook = config.webhook.clone();
        let hall = open(config, Arc::clone(&clock)).await?;
        let reminding = webhook.map(|webhook| tokio::spawn(Reminders::new(Arc::clone(&hall), webhook).run()));
        let people = Directory::new(hall.setting().store.clone());
        let pages = Pages { hall: Arc::clone(&hall), people, clock, site: Arc::new(site) };
        let dress = |api: &Api| app(pages, api, None).layer(from_fn_with_state(proxies, http::believe_proxies));
        let answered = answer(hall, address, bounds, dress, announce, stop).await.map_err(NotRun::Listen);
        reminding.iter().for_each(tokio::task::JoinHandle::abort);
        answered
    })
}

/// Answers requests until `stop` is done; then ends streams and connections, lets every desk answer what waits and
/// publish the rest, and returns. `dress` makes all that is served of the API.
///
/// # Errors
///
/// When the address cannot be listened on.
pub async fn answer(
    hall: Arc<Hall>,
    address: SocketAddr,
    bounds: Bounds,
    dress: impl FnOnce(&Api) -> Router,
    announce: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    announce(listener.local_addr()?);
    let api = Api::new(Arc::clone(&hall), bounds);
    let app = dress(&api);
    let limits = Limits { connections: CONNECTIONS, ..Limits::default() };
    let ending = api.clone();
    let stop = async move {
        stop.await;
        ending.close();
    };
    http::serve(listener, app, limits, stop).await;
    hall.close().await;
    Ok(())
}
