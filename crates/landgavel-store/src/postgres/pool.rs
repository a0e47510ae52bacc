//! A few connections, each opened when needed, checked, and used again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

use super::address::{Address, told};
use crate::fault::Fault;

/// How many connections a store has, beside one that listens. Appends of different sales commit together
/// only when they come on different connections; more than this a small server has no cores for.
const CONNECTIONS: usize = 8;

/// How long a statement may take on the server, so that it ends before the caller stops waiting.
const STATEMENT: &str = "12s";

/// How long a caller waits for an answer to a statement that was sent.
const ANSWER: Duration = Duration::from_secs(15);

/// How long a caller waits for a connection, with all attempts to open one.
const TURN: Duration = Duration::from_secs(10);

/// Pauses between attempts to connect, in milliseconds: a server that restarts is back within seconds.
const PAUSES_MS: [u64; 4] = [50, 200, 600, 1_500];

/// How often a reading is tried when its connection breaks.
const READINGS: usize = 3;

/// The oldest server that is tested for: 13 (130000).
const OLDEST: i64 = 130_000;

/// A value that goes to the server.
pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The connections of a store.
pub(super) struct Pool {
    address: Address,
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Session>>>,
}

/// An open connection, and what has been prepared on it.
pub(super) struct Session {
    client: Client,
    prepared: BTreeMap<&'static str, Statement>,
}

/// A connection that is lent. It goes back when dropped, unless something on it is unfinished.
pub(super) struct Lent {
    session: Option<Session>,
    idle: Arc<Mutex<Vec<Session>>>,
    is_clean: bool,
    _turn: OwnedSemaphorePermit,
}

/// What a lost connection means for what was asked on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing that lasts: it may be asked again.
    Reading,
    /// Something that lasts, which may have been done.
    Lasting,
}

impl Pool {
    pub(super) fn new(address: Address) -> Pool {
        Pool { address, turns: Arc::new(Semaphore::new(CONNECTIONS)), idle: Arc::default() }
    }

    /// Lends a connection. Whatever goes wrong here, nothing has been asked yet.
    pub(super) async fn lend(&self) -> Result<Lent, Fault> {
        match tokio::time::timeout(TURN, self.lend_in_turn()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::Unreachable { why: format!("no connection within {} s", TURN.as_secs()) }),
        }
    }

    async fn lend_in_turn(&self) -> Result<Lent, Fault> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Fault::Unreachable { why: "the store is closed".to_owned() })?;
        let session = loop {
            let found = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match found {
                Some(session) if session.client.is_closed() => drop(session),
                Some(session) => break session,
                None => break self.connect().await?,
            }
        };
        Ok(Lent { session: Some(session), idle: Arc::clone(&self.idle), is_clean: true, _turn: turn })
    }

    async fn connect(&self) -> Result<Session, Fault> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            let fault = match connect(&self.address).await {
                Ok(session) => return Ok(session),
                Err(fault) => fault,
            };
            match pauses.next() {
                Some(pause) if matches!(fault, Fault::Unreachable { .. }) => {
                    tokio::time::sleep(Duration::from_millis(*pause)).await;
                }
                _ => return Err(fault),
            }
        }
    }

    /// Reads with one statement, again when the connection breaks.
    pub(super) async fn read(&self, words: &'static str, values: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        let mut tries = 1;
        loop {
            match self.lend().await?.ask(Asked::Reading, words, values).await {
                Err(Fault::Unreachable { .. }) if tries < READINGS => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Reads at most one row.
    pub(super) async fn read_one(&self, words: &'static str, values: &[Parameter<'_>]) -> Result<Option<Row>, Fault> {
        Ok(self.read(words, values).await?.into_iter().next())
    }

    /// Writes with one statement, which is a transaction by itself.
    pub(super) async fn write(&self, words: &'static str, values: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        self.lend().await?.ask(Asked::Lasting, words, values).await
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Transaction, Fault> {
        let mut lent = self.lend().await?;
        lent.simple(Asked::Reading, "BEGIN").await?;
        lent.is_clean = false;
        Ok(Transaction(lent))
    }
}

/// A transaction. Dropped without a commit, its connection is closed, and the server rolls it back.
pub(super) struct Transaction(Lent);

impl Transaction {
    /// Asks something within the transaction. A connection that is lost here means that nothing was done.
    pub(super) async fn ask(&mut self, words: &'static str, values: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        let outcome = self.0.ask(Asked::Reading, words, values).await;
        // Whatever was asked, the transaction is open.
        self.0.is_clean = false;
        outcome
    }

    /// Asks something that gives one row.
    pub(super) async fn one(&mut self, words: &'static str, values: &[Parameter<'_>]) -> Result<Row, Fault> {
        let row = self.ask(words, values).await?.into_iter().next();
        row.ok_or_else(|| Fault::Database { why: format!("no row for: {words}") })
    }

    /// Asks statements that take no values.
    pub(super) async fn simple(&mut self, words: &str) -> Result<(), Fault> {
        let outcome = self.0.simple(Asked::Reading, words).await;
        self.0.is_clean = false;
        outcome
    }

    /// Makes it last.
    pub(super) async fn commit(mut self) -> Result<(), Fault> {
        self.0.simple(Asked::Lasting, "COMMIT").await
    }

    /// Takes everything back.
    pub(super) async fn roll_back(mut self) -> Result<(), Fault> {
        self.0.simple(Asked::Reading, "ROLLBACK").await
    }
}

impl Lent {
    /// Asks one statement, prepared when it is first asked on this connection.
    pub(super) async fn ask(
        &mut self,
        asked: Asked,
        words: &'static str,
        values: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Fault> {
        let Some(session) = &mut self.session else { return Err(gone()) };
        self.is_clean = false;
        let statement = match session.prepared.get(words) {
            Some(statement) => statement.clone(),
            None => {
                // To prepare does nothing that lasts.
                let statement = within(Asked::Reading, session.client.prepare(words)).await?;
                session.prepared.entry(words).or_insert(statement).clone()
            }
        };
        let outcome = within(asked, session.client.query(&statement, values)).await;
        self.is_clean = !session.client.is_closed() && !matches!(outcome, Err(Fault::Unknown { .. }));
        outcome
    }

    /// Asks a statement, or several, that take no values.
    pub(super) async fn simple(&mut self, asked: Asked, words: &str) -> Result<(), Fault> {
        let Some(session) = &mut self.session else { return Err(gone()) };
        self.is_clean = false;
        within(asked, session.client.batch_execute(words)).await?;
        self.is_clean = true;
        Ok(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (true, Some(session)) = (self.is_clean, self.session.take()) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
    }
}

fn gone() -> Fault {
    Fault::Unreachable { why: "the connection is gone".to_owned() }
}

async fn within<T>(asked: Asked, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(outcome) => outcome.map_err(|error| fault_of(asked, &error)),
        Err(_) => Err(lost(asked, format!("no answer within {} s", ANSWER.as_secs()))),
    }
}

fn lost(asked: Asked, why: String) -> Fault {
    match asked {
        Asked::Reading => Fault::Unreachable { why },
        Asked::Lasting => Fault::Unknown { why },
    }
}

/// What a failure of PostgreSQL means.
fn fault_of(asked: Asked, error: &Error) -> Fault {
    let why = told(error);
    let Some(code) = error.code() else {
        let is_lost =
            error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>());
        // Anything else that the server did not say is a mistake of this driver; a write may have been done.
        return if is_lost || asked == Asked::Lasting { lost(asked, why) } else { Fault::Database { why } };
    };
    match code {
        &SqlState::DISK_FULL => Fault::Full,
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Fault::Corrupt { what: why },
        // The server goes down or comes up. It may have committed before it could say so.
        &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN => lost(asked, why),
        &SqlState::CANNOT_CONNECT_NOW | &SqlState::TOO_MANY_CONNECTIONS => Fault::Unreachable { why },
        // Any other error of a statement has rolled it back.
        _ => Fault::Database { why },
    }
}

async fn connect(address: &Address) -> Result<Session, Fault> {
    let client = match &address.tls {
        None => attach(address.config.connect(NoTls).await)?,
        Some(tls) => attach(address.config.connect(tls.clone()).await)?,
    };
    let mut session = Session { client, prepared: BTreeMap::new() };
    check(&mut session).await?;
    Ok(session)
}

/// Keeps a connection going in the background; it ends when its client is dropped.
fn attach<S, T>(connected: Result<(Client, tokio_postgres::Connection<S, T>), Error>) -> Result<Client, Fault>
where
    tokio_postgres::Connection<S, T>: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (client, connection) = connected.map_err(|error| connecting(&error))?;
    // What goes wrong on it is told to whoever asks next.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// A failure to connect. A wrong password does not get right by trying again.
pub(super) fn connecting(error: &Error) -> Fault {
    match error.code() {
        Some(&SqlState::CANNOT_CONNECT_NOW | &SqlState::TOO_MANY_CONNECTIONS) | None => {
            Fault::Unreachable { why: told(error) }
        }
        Some(_) => Fault::Database { why: told(error) },
    }
}

/// Makes a commit mean what it says, and refuses a server where it can't.
async fn check(session: &mut Session) -> Result<(), Fault> {
    let settings = format!(
        "SET statement_timeout = '{STATEMENT}'; SET lock_timeout = '{STATEMENT}'; \
         SET idle_in_transaction_session_timeout = '60s'; \
         SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
    );
    within(Asked::Reading, session.client.batch_execute(&settings)).await?;
    let words = "SELECT current_setting('fsync'), current_setting('full_page_writes'), \
                 current_setting('synchronous_commit'), current_setting('server_encoding'), \
                 current_setting('server_version_num')::bigint";
    let row = within(Asked::Reading, session.client.query_one(words, &[])).await?;
    let setting = |at: usize| get::<String>(&row, at);
    for (at, name) in [(0, "fsync"), (1, "full_page_writes")] {
        if setting(at)? != "on" {
            return Err(Fault::Unsafe { what: format!("PostgreSQL runs with {name} = {}", setting(at)?) });
        }
    }
    if !["on", "remote_apply"].contains(&setting(2)?.as_str()) {
        return Err(Fault::Unsafe { what: format!("synchronous_commit stays {}", setting(2)?) });
    }
    if setting(3)? != "UTF8" {
        return Err(Fault::Unsafe { what: format!("the database is encoded in {}, not UTF8", setting(3)?) });
    }
    let version: i64 = get(&row, 4)?;
    if version < OLDEST {
        return Err(Fault::Unsafe { what: format!("PostgreSQL {version} is older than {OLDEST}") });
    }
    Ok(())
}

/// A column of a row.
pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, Fault> {
    row.try_get(at).map_err(|error| Fault::Database { why: told(&error) })
}

/// A column that counts.
pub(super) fn count(row: &Row, at: usize) -> Result<u64, Fault> {
    let number: i64 = get(row, at)?;
    u64::try_from(number).map_err(|_| Fault::Corrupt { what: format!("a count of {number}") })
}

/// A column with a digest.
pub(super) fn digest(row: &Row, at: usize) -> Result<landgavel_base::Digest, Fault> {
    let bytes: &[u8] = get(row, at)?;
    let bytes = bytes.try_into().map_err(|_| Fault::Corrupt { what: format!("a digest of {} bytes", bytes.len()) })?;
    Ok(landgavel_base::Digest(bytes))
}
