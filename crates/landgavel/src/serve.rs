use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use landgavel_beacon::Chain;
use landgavel_log::note::VerifierKey;
use landgavel_record::record::Issuer;
use landgavel_record::rounds::Rounds as _;
use landgavel_server::api::Bounds;
use landgavel_server::clock::{MachineClock, SteadyClock};
use landgavel_server::desk::{RoundSource, Rounds};
use landgavel_server::hall::WitnessAt;
use landgavel_server::pages::VerifierPage;
use landgavel_server::reminders::Webhook;
use landgavel_server::run::{Config, NotRun, RoundsFrom, WitnessedBy, serve as run};
use serde_json::json;

use crate::certificate::{in_order, parse_issuer};
use crate::client::Network;
use crate::exit::Exit;
use crate::paper_font::PaperFont;
use crate::published;
use crate::relay::Sources;

/// Run the hall: sales that people and programs take part in, until the process is asked to stop.
///
/// Everything is kept in one directory unless a database is named: keys, which only their owner may read, and the
/// record. What was acknowledged survives any end of the process.
#[derive(clap::Args)]
pub struct Arguments {
    /// Directory of keys and database; made if there is none.
    #[arg(long, value_name = "DIR", env = "LANDGAVEL_DATA")]
    data: PathBuf,
    /// Address to listen on; port 0 lets the machine pick one.
    #[arg(long, value_name = "ADDR", env = "LANDGAVEL_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Host that names the logs of its sales, such as hall.example: it stands in every record and never changes.
    #[arg(long, value_name = "HOST", env = "LANDGAVEL_ORIGIN")]
    origin: String,
    /// Where browsers see the hall: scheme, host and port, such as `https://hall.example`; forms from elsewhere are
    /// refused. `https://` and the host without.
    #[arg(long, value_name = "URL", env = "LANDGAVEL_SITE")]
    site: Option<String>,
    /// Address of a proxy that ends TLS in front of the hall, whose `X-Forwarded-For` is believed; repeatable.
    #[arg(long, value_name = "IP", env = "LANDGAVEL_PROXY", value_delimiter = ',')]
    proxy: Vec<IpAddr>,
    /// File of the verifier as one page, which `cargo xtask page` makes: the hall offers it, and with one press it verifies
    /// a sale that is over.
    #[arg(long, value_name = "FILE", env = "LANDGAVEL_VERIFIER")]
    verifier: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://…`; a file in the directory without.
    #[arg(long, value_name = "URL", env = "LANDGAVEL_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A witness of the logs: its verifier key and its address, `VKEY URL`; repeatable.
    #[arg(long, value_name = "WITNESS", value_parser = parse_witness, required_unless_present = "demonstration")]
    witness: Vec<WitnessAt>,
    /// So many witnesses must have cosigned; more than half of them without.
    #[arg(long, value_name = "COUNT")]
    quorum: Option<usize>,
    /// Key of an officer who may publish sales, beside those of accounts; repeatable.
    #[arg(long, value_name = "KEY")]
    officer: Vec<String>,
    /// Issuer whose certificates show a fact of applicants, `FACT NAME KEY`, in sales whose rules ask for the fact; repeatable.
    #[arg(long, value_parser = parse_issuer)]
    issuer: Vec<Issuer>,
    /// Relay of the public beacon quicknet, which brings draws and openings; repeatable.
    #[arg(long, value_name = "URL")]
    relay: Vec<String>,
    /// Make witnesses and a beacon here: they prove nothing to anybody, and every record says so.
    #[arg(long, conflicts_with_all = ["witness", "relay"])]
    demonstration: bool,
    /// Address to which it is sent, signed, what falls due in pledges and what is at risk; over TLS.
    #[arg(long, value_name = "URL", env = "LANDGAVEL_WEBHOOK", hide_env_values = true)]
    webhook: Option<String>,
    /// What falls due within so many days is sent there, at most 90.
    #[arg(long, value_name = "DAYS", default_value_t = 30, requires = "webhook")]
    webhook_days: u16,
    /// Form of the log on standard error.
    #[arg(long, value_enum, env = "LANDGAVEL_LOG", default_value_t = Log::Text)]
    log: Log,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Directory of scores to be shown: a folder each, which holds card.toml and a table of firms, firms.csv, firms.xlsx or
    /// firms.parquet; or county.toml, the figures of a county.
    #[arg(long, value_name = "DIR", env = "LANDGAVEL_SCORES")]
    scores: Option<PathBuf>,
    #[command(flatten)]
    font: PaperFont,
    #[command(flatten)]
    network: Network,
}

/// Form of the log.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Log {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    fn begin(self) {
        let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false);
        match self {
            Self::Text => log.init(),
            Self::Json => log.json().flatten_event(true).init(),
        }
    }
}

fn parse_witness(text: &str) -> Result<WitnessAt, String> {
    let (key, url) = text.split_once(' ').ok_or("expected a verifier key, a space and an address")?;
    let key = VerifierKey::parse(key).map_err(|error| error.to_string())?;
    Ok(WitnessAt { name: String::new(), key, url: Some(url.trim().to_owned()) })
}

/// The verifier's page of a file; why not, in words.
fn verifier(path: &Path) -> Result<VerifierPage, String> {
    let page = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    VerifierPage::read(page).map_err(|why| format!("{}: {why}", path.display()))
}

/// Relays as the hall asks them: from a thread that may wait.
struct Relays {
    addresses: Vec<String>,
    network: Network,
}

impl RoundSource for Relays {
    fn signature(&self, chain: &Chain, round: u64) -> Result<Vec<u8>, String> {
        let sources = Sources::open(None, &self.addresses, &self.network)?;
        sources.output(chain, round).map(|output| output.signature().to_vec()).map_err(|error| error.to_string())
    }
}

pub fn serve(arguments: Arguments) -> Result<Exit> {
    let mut witnesses = arguments.witness;
    for (index, witness) in witnesses.iter_mut().enumerate() {
        witness.name = format!("w{}", index + 1);
    }
    let quorum = arguments.quorum.unwrap_or(witnesses.len() / 2 + 1);
    let witnesses = if arguments.demonstration {
        WitnessedBy::Own
    } else if (1..=witnesses.len()).contains(&quorum) {
        WitnessedBy::Others { witnesses, quorum }
    } else {
        eprintln!("--quorum {quorum}: expected 1 to {}", witnesses.len());
        return Ok(Exit::WrongUse);
    };
    let rounds = match (arguments.demonstration, arguments.relay.is_empty()) {
        (true, _) => RoundsFrom::Own,
        (false, true) => RoundsFrom::Public(Rounds::HandedIn),
        (false, false) => {
            let relays = Relays { addresses: arguments.relay, network: arguments.network };
            RoundsFrom::Public(Rounds::Brought(Arc::new(relays)))
        }
    };
    let verifier = arguments.verifier.as_deref().map(verifier).transpose();
    let (verifier, printer) = match verifier.and_then(|verifier| Ok((verifier, arguments.font.printer()?))) {
        Ok(offered) => offered,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let webhook = match arguments.webhook.map(|url| Webhook::parse(&url, arguments.webhook_days)).transpose() {
        Ok(webhook) => webhook,
        Err(why) => {
            eprintln!("--webhook: {why}");
            return Ok(Exit::WrongUse);
        }
    };
    let scores = match arguments.scores.as_deref().map(published::read).transpose() {
        Ok(scores) => Arc::new(scores.unwrap_or_default()),
        Err(why) => {
            eprintln!("--scores: {why}");
            return Ok(Exit::WrongUse);
        }
    };
    let origin = arguments.site.unwrap_or_else(|| format!("https://{}", arguments.origin));
    let config = Config {
        origin: origin.trim_end_matches('/').to_owned(),
        verifier,
        printer,
        proxies: arguments.proxy,
        directory: arguments.data,
        database: arguments.database_url,
        host: arguments.origin,
        witnesses,
        rounds,
        officers: arguments.officer,
        issuers: in_order(arguments.issuer),
        is_demonstration: arguments.demonstration,
        webhook,
        scores,
    };
    arguments.log.begin();
    let announce = |address: SocketAddr| {
        if arguments.json {
            println!("{}", json!({"listen": address.to_string()}));
        } else {
            eprintln!("The hall listens at http://{address}. SIGTERM or Ctrl-C ends it in good order.");
        }
    };
    let clock = Arc::new(SteadyClock::new(MachineClock));
    match run(config, clock, arguments.listen, Bounds::default(), announce) {
        Ok(()) => Ok(Exit::Good),
        Err(error) => {
            eprintln!("landgavel: {error}");
            Ok(match error {
                NotRun::Keys(_) | NotRun::Host(_) => Exit::WrongUse,
                NotRun::Directory(..) | NotRun::Store(_) | NotRun::Listen(_) => Exit::WorldFailed,
            })
        }
    }
}
