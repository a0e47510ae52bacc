//! Connections with limits, and an end in good order.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use axum::middleware::Next;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::line::Line;

/// What a server bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; further ones wait to be taken.
    pub connections: usize,
    /// The head of a request must have come within this time; also how long an idle connection stays open.
    pub head: Duration,
    /// The body of a request must have come within this time after its head.
    pub body: Duration,
    /// What is being answered when the server stops has this time to end.
    pub ending: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            ending: Duration::from_secs(10),
        }
    }
}

/// Where a request came from, in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Names of the header in which a proxy tells for whom it asks; the last address is the one that it saw itself.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Takes the caller's address from a proxy that is trusted: behind one, all callers would share one allowance. From
/// anybody else the header says nothing.
pub async fn believe_proxies(
    State(proxies): State<Arc<[IpAddr]>>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let is_proxy = |address: &IpAddr| proxies.contains(&address.to_canonical());
    let peer = request.extensions().get::<ClientAddress>().map(|peer| peer.0);
    if peer.as_ref().is_some_and(is_proxy) {
        let told = request.headers().get_all(FORWARDED_FOR).into_iter();
        let told: Vec<&str> = told.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
        // Whoever calls may write what it likes to the left of what the proxies wrote.
        if let Some(caller) = told.into_iter().rev().map_while(address).find(|address| !is_proxy(address)) {
            request.extensions_mut().insert(ClientAddress(caller));
        }
    }
    next.run(request).await
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse().ok()
}

/// Answers requests until `stop` is done; then takes no more, and lets those that it has end.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let taken = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            taken = taken => taken,
            () = &mut stop => break,
        };
        let Ok((stream, address)) = accepted else {
            // No handles left, or the like: what holds them ends within the limits above.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // What is sent goes at once: a frame must not wait until the one before it was acknowledged.
        let _ = stream.set_nodelay(true);
        let inner = TowerToHyperService::new(app.clone());
        let line = Line::new(stream);
        let lender = line.lender();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ClientAddress(address.ip()));
            request.extensions_mut().insert(lender.clone());
            inner.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .serve_connection(TokioIo::new(line), service);
        let connection = open.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off is its own affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(limits.ending, open.shutdown()).await;
}

/// The body of a request, of at most so many bytes, within a time.
///
/// # Errors
///
/// The status that tells why not: 408 too slow, else 413. A body that breaks off is told the same, and nobody
/// is there to hear it.
pub async fn read_body(body: Body, most: usize, within: Duration) -> Result<Bytes, StatusCode> {
    match timeout(within, to_bytes(body, most)).await {
        Ok(body) => body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Done when the process is asked to end: SIGTERM, or Ctrl-C.
///
/// # Errors
///
/// When signals cannot be heard.
pub fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
