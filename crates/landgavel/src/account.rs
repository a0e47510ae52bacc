use std::path::PathBuf;

use anyhow::{Result, anyhow};
use landgavel_server::clock::{Clock as _, MachineClock};
use landgavel_server::people::{AccountName, Directory, PeopleError, Role};
use landgavel_store::{Store, VaultError};
use serde_json::json;

use crate::exit::Exit;

/// Where the hall keeps its accounts.
#[derive(clap::Args)]
pub struct Where {
    /// Directory of the hall, as `serve` has it.
    #[arg(long, value_name = "DIR", env = "LANDGAVEL_DATA")]
    data: PathBuf,
    /// Database, as `serve` has it.
    #[arg(long, value_name = "URL", env = "LANDGAVEL_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Accounts of a hall. The hall may run meanwhile.
#[derive(clap::Subcommand)]
pub enum Account {
    /// Invite somebody: prints the path of a page, which works once and is its holder's way in.
    Invite {
        #[command(flatten)]
        place: Where,
        /// Name under which it logs in.
        name: String,
        /// What it may do.
        #[arg(long, value_enum)]
        role: Invited,
        /// How others see it, such as an office.
        #[arg(long, value_name = "TEXT")]
        shown: String,
    },
    /// List all whom the operator has invited.
    List {
        #[command(flatten)]
        place: Where,
    },
    /// Close an account; its sessions end at once.
    Close {
        #[command(flatten)]
        place: Where,
        /// Its name.
        name: String,
    },
}

/// Roles that an operator gives. Bidders register by themselves.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Invited {
    /// Drafts, publishes, admits; two make four eyes.
    Officer,
    /// A bank or insurer that stands behind guarantees.
    Guarantor,
    /// Reads all that the rules allow, changes nothing.
    Auditor,
    /// A bureau or inspector that signs what was delivered.
    Source,
}

impl Invited {
    fn role(self) -> Role {
        match self {
            Self::Officer => Role::Officer,
            Self::Guarantor => Role::Guarantor,
            Self::Auditor => Role::Auditor,
            Self::Source => Role::Source,
        }
    }
}

pub fn account(account: Account) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(run(account))
}

async fn open(place: &Where) -> Result<Directory> {
    std::fs::create_dir_all(&place.data)?;
    let file = || place.data.join("hall.db").to_string_lossy().into_owned();
    let address = place.database_url.clone().unwrap_or_else(file);
    Ok(Directory::new(Store::open(&address).await.map_err(|fault| anyhow!("{fault}"))?))
}

async fn run(account: Account) -> Result<Exit> {
    match account {
        Account::Invite { place, name, role, shown } => {
            let now_ms = MachineClock.now().millis();
            match open(&place).await?.invite(&name, &shown, role.role(), now_ms).await {
                Ok(invitation) => {
                    let name = name.trim().to_ascii_lowercase();
                    let path = format!("/invitation/{name}/{invitation}");
                    if place.json {
                        println!("{}", json!({"name": name, "role": role.role().as_str(), "path": path}));
                    } else {
                        println!("{path}");
                        eprintln!("Give it to {name} alone: whoever opens it first chooses the password.");
                    }
                    Ok(Exit::Good)
                }
                Err(PeopleError::Taken) => no(&format!("there is an account “{name}” already")),
                Err(PeopleError::Name) => {
                    no(&format!("“{name}” is no account name: expected 3 to 32 letters, digits, dots or dashes"))
                }
                Err(error) => Err(anyhow!("{error:?}")),
            }
        }
        Account::List { place } => {
            let directory = open(&place).await?;
            for role in Role::ALL.into_iter().filter(|role| !role.is_open()) {
                for one in directory.accounts(role).await.map_err(|error| anyhow!("{error}"))? {
                    if place.json {
                        let told = json!({"name": one.name.as_str(), "role": role.as_str(), "shown": one.shown,
                                          "key": one.key, "has_code": one.has_code()});
                        println!("{told}");
                    } else {
                        let key = one.key.as_deref().unwrap_or("no key");
                        println!("{}\t{role}\t{}\t{key}", one.name, one.shown);
                    }
                }
            }
            Ok(Exit::Good)
        }
        Account::Close { place, name } => {
            let Ok(known) = AccountName::parse(&name) else { return no(&format!("“{name}” is no account name")) };
            match open(&place).await?.close(&known).await {
                Ok(_) => Ok(Exit::Good),
                Err(PeopleError::Vault(VaultError::Absent)) => no(&format!("there is no account “{name}”")),
                Err(error) => Err(anyhow!("{error:?}")),
            }
        }
    }
}

fn no(why: &str) -> Result<Exit> {
    eprintln!("landgavel: {why}");
    Ok(Exit::WrongUse)
}
