use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use landgavel_server::clock::MachineClock;
use landgavel_server::export::Bundle;
use landgavel_store::{Census, SaleId, Store, file_of};
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
        if let Some(path) = file_of(&address).map_err(|fault| WrongUse(fault.to_string()))?
            && !Path::new(path).exists()
        {
            return Err(WrongUse(format!("{path}: there is no such database")).into());
        }
        Ok(Store::open(&address).await?)
    }

    /// Opens it, or makes it.
    async fn make(&self) -> Result<Store> {
        file_of(&self.address()?).map_err(|fault| WrongUse(fault.to_string()))?;
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
        if arguments.file.exists() {
            return Err(WrongUse(format!("{}: is there already", arguments.file.display())).into());
        }
        let census = arguments.place.open().await?.backup(&arguments.file).await?;
        tell(&census, &format!("written to {}", arguments.file.display()), arguments.json);
        Ok(Exit::Good)
    })
}

pub fn restore(arguments: &Restore) -> Result<Exit> {
    run(async {
        if !arguments.file.exists() {
            return Err(WrongUse(format!("{}: there is no such file", arguments.file.display())).into());
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

/// What is not whole gets no name; only its owner may read it.
async fn write(bundle: Bundle, path: &Path) -> Result<()> {
    if path.exists() {
        return Err(WrongUse("is there already; name a file that is not".to_owned()).into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut pieces = bundle.archive();
    while let Some(piece) = pieces.recv().await {
        file.write_all(&piece?)?;
    }
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// What was asked cannot be done so: the caller's mistake, not the world's.
#[derive(Debug)]
struct WrongUse(String);

impl std::fmt::Display for WrongUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}

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
    let done = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work);
    match done {
        Err(error) if error.chain().any(|cause| cause.is::<WrongUse>()) => {
            eprintln!("landgavel: {error:#}");
            Ok(Exit::WrongUse)
        }
        other => other,
    }
}
