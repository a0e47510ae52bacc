//! A demonstration under an address, from its beginning until whoever watches ends it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::api::{Api, Bounds};
use crate::demo::{Demo, NotBegun, Pace, Told};
use crate::http::{Limits, asked_to_stop, serve};
use crate::pages::{Pages, Printer, Site, VerifierPage};
use crate::scores::Scores;
use crate::site::app;

/// Why there is no demonstration.
#[derive(Debug)]
pub enum NotShown {
    /// The address or the threads could not be had.
    Io(io::Error),
    /// The hall did not begin.
    NotBegun(NotBegun),
}

impl std::fmt::Display for NotShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NotBegun(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotShown {}

impl From<io::Error> for NotShown {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Shown {
    /// It is open at this address.
    Open(SocketAddr),
    /// Something happened in the sale.
    Told(Told),
    /// The sale did not go on.
    Stuck(String),
}

/// What its pages offer beside the sale.
#[derive(Default)]
pub struct Offers {
    /// The verifier as one page.
    pub verifier: Option<VerifierPage>,
    /// What makes papers as PDF.
    pub printer: Option<Arc<Printer>>,
    /// Published scores.
    pub scores: Scores,
}

/// Connections at a time: viewers hold one each.
const CONNECTIONS: usize = 4096;

/// Shows a demonstration until it is asked to stop, or until the sale has ended if `once`.
///
/// # Errors
/// [`NotShown`].
pub fn show(
    folder: &Path,
    listen: SocketAddr,
    pace: Pace,
    once: bool,
    offers: Offers,
    tell: impl Fn(Shown) + Send + Sync + 'static,
) -> Result<(), NotShown> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let demo = Demo::open(folder, "demo.invalid", pace).await.map_err(NotShown::NotBegun)?;
        let Offers { verifier, printer, scores } = offers;
        let origin = format!("http://{address}");
        let site = Site { origin, is_demo: true, verifier, printer, scores: Arc::new(scores) };
        let pages = Pages {
            hall: Arc::clone(demo.hall()),
            people: demo.people().clone(),
            clock: demo.clock().clone(),
            site: Arc::new(site),
        };
        let api = Api::new(Arc::clone(demo.hall()), Bounds::default());
        let router = app(pages, &api, Some(demo.door()));
        tell(Shown::Open(address));
        let (hall, tell) = (Arc::clone(demo.hall()), Arc::new(tell));
        let telling = Arc::clone(&tell);
        let play = async move {
            if let Err(why) = demo.play(|told| telling(Shown::Told(told))).await {
                tell(Shown::Stuck(why));
            }
        };
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        let player = tokio::spawn(async move {
            play.await;
            // Nobody listens when the server has stopped before.
            let _ = ended.send(());
        });
        let signals = asked_to_stop()?;
        let stop = async move {
            if once {
                tokio::select! {
                    () = signals => {}
                    _ = end => {}
                }
            } else {
                signals.await;
            }
            api.close();
        };
        let limits = Limits { connections: CONNECTIONS, ..Limits::default() };
        serve(listener, router, limits, stop).await;
        player.abort();
        hall.close().await;
        Ok(())
    })
}
