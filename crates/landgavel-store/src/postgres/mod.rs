//! The store in a PostgreSQL database, for several nodes. Replication is PostgreSQL's own.

mod address;
mod follow;
mod journal;
mod lease;
mod pool;
mod portable;
mod shelf;
mod vault;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::fault::Fault;
use crate::name::SaleId;
use crate::watchers::Watchers;

use address::Address;
use pool::{Pool, get};

/// The version of the tables.
const VERSION: i64 = 1;

const SCHEMA: &str = include_str!("schema.sql");
const SHELF: &str = include_str!("shelf.sql");

/// "LGav", as in the head of an SQLite store: under this lock tables are made by one node at a time.
const MAKING: &str = "SELECT pg_advisory_xact_lock(x'4c476176'::bigint)";

/// A store in a PostgreSQL database. Copies of it are the same store.
#[derive(Clone)]
pub struct Postgres {
    pool: Arc<Pool>,
    watchers: Arc<Watchers>,
    /// Sales whose followers in other processes are to be woken.
    grown: mpsc::Sender<SaleId>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects, and makes the tables where there are none.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub(crate) async fn open(url: &str) -> Result<Postgres, Fault> {
        let address = Address::parse(url)?;
        let pool = Arc::new(Pool::new(address.clone()));
        recognise(&pool).await?;
        let watchers = Arc::new(Watchers::default());
        let grown = follow::start(&pool, &watchers, address);
        Ok(Postgres { pool, watchers, grown })
    }
}

/// Makes the tables in a database without them; refuses another program's or a newer version's.
async fn recognise(pool: &Pool) -> Result<(), Fault> {
    let mut transaction = pool.begin().await?;
    transaction.ask(MAKING, &[]).await?;
    let words = "SELECT to_regnamespace('landgavel') IS NOT NULL, to_regclass('landgavel.store') IS NOT NULL";
    let row = transaction.one(words, &[]).await?;
    match (get(&row, 0)?, get(&row, 1)?) {
        (false, false) => transaction.simple(SCHEMA).await?,
        (true, false) => {
            return Err(Fault::Foreign { what: "a schema called landgavel without a store in it".to_owned() });
        }
        (_, true) => {
            let row = transaction.one("SELECT version FROM landgavel.store", &[]).await?;
            match get(&row, 0)? {
                VERSION => {}
                found if found > VERSION => return Err(Fault::Newer { found, known: VERSION }),
                found => return Err(Fault::Foreign { what: format!("a store of version {found}") }),
            }
        }
    }
    transaction.simple(SHELF).await?;
    match transaction.commit().await {
        // The tables are there or not; whoever opens next sees which.
        Err(Fault::Unknown { why }) => Err(Fault::Unreachable { why }),
        outcome => outcome,
    }
}
