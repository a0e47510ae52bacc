//! How nodes hear of each other's appends.
//!
//! An append does not notify by itself: PostgreSQL lets only one notifying transaction commit at a time,
//! over all sales. So it is told afterwards, once for what was appended within a few milliseconds. A
//! notification can be lost with its connection, so followers also look at every watched head now and then.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_postgres::{AsyncMessage, NoTls};

use super::address::Address;
use super::pool::{Pool, connecting, count, digest, get};
use crate::fault::Fault;
use crate::journal::Head;
use crate::name::SaleId;
use crate::watchers::Watchers;

/// For so long appends are collected into one notification: unseen by people, and one in twenty commits.
const GATHER: Duration = Duration::from_millis(5);

/// How often all watched heads are read, whatever was notified.
const LOOK: Duration = Duration::from_millis(500);

/// After a lost connection, the first and the longest pause before the next attempt.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The most sales that wait to be told, and the most notifications that wait to be read. What does not
/// fit is found by looking.
const QUEUE: usize = 1_024;

/// Starts what tells and what listens. Both end when the store is dropped.
pub(super) fn start(pool: &Arc<Pool>, watchers: &Arc<Watchers>, address: Address) -> mpsc::Sender<SaleId> {
    let (grown, queue) = mpsc::channel(QUEUE);
    tokio::spawn(tell(Arc::downgrade(pool), queue));
    let (heard, named) = mpsc::channel(QUEUE);
    tokio::spawn(listen(address, heard, Arc::downgrade(watchers)));
    tokio::spawn(look(Arc::downgrade(pool), Arc::downgrade(watchers), named));
    grown
}

async fn tell(pool: Weak<Pool>, mut queue: mpsc::Receiver<SaleId>) {
    while let Some(first) = queue.recv().await {
        tokio::time::sleep(GATHER).await;
        let mut sales = BTreeSet::from([first]);
        while let Ok(sale) = queue.try_recv() {
            sales.insert(sale);
        }
        let Some(pool) = pool.upgrade() else { return };
        let names: Vec<&str> = sales.iter().map(SaleId::as_str).collect();
        // Nobody waits for this to be on the disk.
        let words = "WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) \
                     SELECT pg_notify('landgavel', name) FROM relaxed, unnest($1::text[]) AS given (name)";
        // When it fails, followers find out by looking.
        drop(pool.read(words, &[&names]).await);
    }
}

async fn listen(address: Address, heard: mpsc::Sender<String>, watchers: Weak<Watchers>) {
    let mut pause = PAUSE;
    while watchers.strong_count() > 0 {
        let begun = match &address.tls {
            None => hear(address.config.connect(NoTls).await, &heard, &watchers).await,
            Some(tls) => hear(address.config.connect(tls.clone()).await, &heard, &watchers).await,
        };
        pause = if begun { PAUSE } else { LONGEST_PAUSE.min(pause * 2) };
        tokio::time::sleep(pause).await;
    }
}

/// Listens until the connection is lost; whether it had begun.
async fn hear<S, T>(
    connected: Result<(tokio_postgres::Client, tokio_postgres::Connection<S, T>), tokio_postgres::Error>,
    heard: &mpsc::Sender<String>,
    watchers: &Weak<Watchers>,
) -> bool
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio_postgres::tls::TlsStream + Unpin,
{
    let Ok((client, mut connection)) = connected.map_err(|error| connecting(&error)) else { return false };
    let mut begins = std::pin::pin!(client.batch_execute("LISTEN landgavel"));
    let mut has_begun = false;
    let mut alive = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            outcome = &mut begins, if !has_begun => match outcome {
                Ok(()) => has_begun = true,
                Err(_) => return false,
            },
            message = poll_fn(|context| connection.poll_message(context)) => match message {
                // A full queue is no loss: what is named in it is read, and the rest is found by looking.
                Some(Ok(AsyncMessage::Notification(note))) => drop(heard.try_send(note.payload().to_owned())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return has_begun,
            },
            _ = alive.tick() => if watchers.strong_count() == 0 {
                return has_begun;
            },
        }
    }
}

/// Reads the heads of sales that were named, and now and then of all that are watched.
async fn look(pool: Weak<Pool>, watchers: Weak<Watchers>, mut named: mpsc::Receiver<String>) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut names = BTreeSet::new();
        let is_tick = tokio::select! {
            name = named.recv() => match name {
                Some(name) => {
                    names.insert(name);
                    false
                }
                None => return,
            },
            _ = ticks.tick() => true,
        };
        while let Ok(name) = named.try_recv() {
            names.insert(name);
        }
        let (Some(pool), Some(watchers)) = (pool.upgrade(), watchers.upgrade()) else { return };
        let watched = watchers.watched();
        let asked: Vec<&str> =
            watched.iter().map(SaleId::as_str).filter(|name| is_tick || names.contains(*name)).collect();
        if asked.is_empty() {
            continue;
        }
        // While the database is gone there is nothing to announce; the next look tries again.
        let Ok(heads) = heads(&pool, &asked).await else { continue };
        for (sale, head) in heads {
            watchers.announce(&sale, head);
        }
    }
}

async fn heads(pool: &Pool, names: &[&str]) -> Result<Vec<(SaleId, Head)>, Fault> {
    let words = "SELECT sale_id, size, chain FROM landgavel.journal_sale JOIN landgavel.head USING (sale_no) \
                 WHERE sale_id = ANY ($1)";
    let rows = pool.read(words, &[&names]).await?;
    let mut heads = Vec::with_capacity(rows.len());
    for row in &rows {
        let name: &str = get(row, 0)?;
        let head = Head { size: count(row, 1)?, chain: digest(row, 2)? };
        heads.extend(SaleId::parse(name).map(|sale| (sale, head)));
    }
    Ok(heads)
}
