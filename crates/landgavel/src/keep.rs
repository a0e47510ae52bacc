use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use landgavel_server::clock::MachineClock;
use landgavel_server::export::Bundle;
use landgavel_store::{Census, SaleId, Store};
use serde_json::json;

use crate::exit::Exit;

/// Where a hall keeps what it must not lose, as `serve` is told.
#[derive(clap::Args)]
pub struct Place {
    /// Directory of the hall, with its database unless another is named.
    #[arg(long, value_name = "DIR", env = "LANDGAVEL_DATA", required_unless_present = "database_url")]
    data: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://…`; a file in the directory without.
    #[arg(long, value_name = "URL", env = "LANDGAVEL_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Place {
    fn address(&self) -> Result<String> {
        match (&self.database_url, &self.data) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(directory)) => Ok(directory.join("hall.db").to_string_lossy().into_owned()),
            (None, None) => bail!("neither a directory nor a database was named"),
        }
    }

    /// Opens what is there: a mistyped path must not look like an empty hall.
    async fn open(&self) -> Result<Store> {
        let address = self.address()?;
        let path = address.strip_prefix("sqlite:").unwrap_or(&address);
        if !address.starts_with("postgres") && !Path::new(path).exists() {
            bail!("{path}: there is no such database");
        }
        Ok(Store::open(&address).await?)
    }

    /// Opens it, or makes it.
    async fn make(&self) -> Result<Store> {
        if let (None, Some(directory)) = (&self.database_url, &self.data) {
            std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
        }
        Ok(Store::open(&self.address()?).await?)
    }
}

/// Write all that a hall holds into one file, as of one moment; the hall may run meanwhile.
///
/// The file is an SQLite database, whichever database the hall has, and is checked before it gets its name. The keys in
/// the hall's directory are not in it: keep copies of them elsewhere.
#[derive(clap::Args)]
pub struct Backup {
    #[command(flatten)]
    place: Place,
    /// File to write; it must not be there yet.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Fill an empty database from a backup, all or nothing.
#[derive(clap::Args)]
pub struct Restore {
    #[command(flatten)]
    place: Place,
    /// The backup.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Write the bundle of a sale, up to its last witnessed checkpoint, without the hall running.
///
/// It is the archive that the hall publishes. Before a sale has ended it holds what the rules still hide: it is for
/// whoever may see the database anyway.
#[derive(clap::Args)]
pub struct Export {
    #[command(flatten)]
    place: Place,
    /// Id of the sale, as in the hall's addresses.
    sale: String,
    /// Archive to write; it must not be there yet.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn backup(arguments: &Backup) -> Result<Exit> {
    run(async {
        let census = arguments.place.open().await?.backup(&arguments.file).await?;
        tell(&census, &format!("written to {}", arguments.file.display()), arguments.json);
        Ok(Exit::Good)
    })
}

pub fn restore(arguments: &Restore) -> Result<Exit> {
    run(async {
        if !arguments.file.exists() {
            bail!("{}: there is no such file", arguments.file.display());
        }
        let census = arguments.place.make().await?.restore(&arguments.file).await?;
        tell(&census, &format!("restored from {}", arguments.file.display()), arguments.json);
        Ok(Exit::Good)
    })
}

pub fn export(arguments: &Export) -> Result<Exit> {
    let Some(sale) = SaleId::parse(&arguments.sale) else {
        eprintln!("{}: an id has letters, digits, `.`, `_` and `-`", arguments.sale);
        return Ok(Exit::WrongUse);
    };
    run(async {
        let store = arguments.place.open().await?;
        let bundle = match Bundle::of(&store, &sale, &MachineClock).await {
            Ok(bundle) => bundle,
            Err(why) => {
                eprintln!("{sale}: {why}");
                return Ok(Exit::No);
            }
        };
        let entries = bundle.size();
        let written = write(bundle, &arguments.file).await;
        written.with_context(|| arguments.file.display().to_string())?;
        if arguments.json {
            println!("{}", json!({"sale": sale.as_str(), "entries": entries}));
        } else {
            eprintln!("{entries} entries of {sale} are in {}", arguments.file.display());
        }
        Ok(Exit::Good)
    })
}

/// What is not whole does not keep its name.
async fn write(bundle: Bundle, path: &Path) -> Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut pieces = bundle.archive();
    while let Some(piece) = pieces.recv().await {
        let written = piece.and_then(|piece| file.write_all(&piece));
        if let Err(error) = written {
            drop(file);
            let _ = std::fs::remove_file(path);
            return Err(error.into());
        }
    }
    Ok(file.sync_all()?)
}

fn tell(census: &Census, what: &str, as_json: bool) {
    let entries: u64 = census.sales.iter().map(|(_, head)| head.size).sum();
    if as_json {
        let census = json!({
            "sales": census.sales.len(), "entries": entries, "checkpoints": census.checkpoints,
            "records": census.records, "documents": census.documents, "digest": census.digest.to_string(),
        });
        println!("{census}");
    } else {
        eprintln!(
            "{} sales with {entries} entries and {} checkpoints, {} records and {} documents of the vault {what}; digest {}",
            census.sales.len(),
            census.checkpoints,
            census.records,
            census.documents,
            census.digest
        );
    }
}

fn run(work: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
