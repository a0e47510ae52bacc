use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use landgavel_log::witness::{MAX_REQUEST, Refusal};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::cosigner::{Answer, Cosigner};
use crate::http::{Limits, asked_to_stop, read_body, serve};

/// Requests that are judged at a time, each on a thread that may wait for the disk.
const AT_WORK: usize = 16;

#[derive(Clone)]
struct Office {
    cosigner: Arc<Cosigner>,
    work: Arc<Semaphore>,
    within: Duration,
}

/// The paths of a witness.
pub fn router(cosigner: Arc<Cosigner>, limits: Limits) -> Router {
    let office = Office { cosigner, work: Arc::new(Semaphore::new(AT_WORK)), within: limits.body };
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(checkpoint))
        .with_state(office)
}

/// Runs a witness until the process is asked to stop. `announce` is told the address that it listens on.
///
/// # Errors
///
/// When the address cannot be listened on, or signals cannot be heard.
pub fn run(
    cosigner: Cosigner,
    address: SocketAddr,
    limits: Limits,
    announce: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let stop = asked_to_stop()?;
        let listener = TcpListener::bind(address).await?;
        announce(listener.local_addr()?);
        serve(listener, router(Arc::new(cosigner), limits), limits, stop).await;
        Ok(())
    })
}

async fn add_checkpoint(State(office): State<Office>, request: Request<Body>) -> Response {
    // A body beyond the limit is malformed, which the protocol tells by 400.
    let body = match read_body(request.into_body(), MAX_REQUEST, office.within).await {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => return refused(Refusal::Malformed),
        Err(status) => return status.into_response(),
    };
    let Ok(place) = Arc::clone(&office.work).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "busy\n").into_response();
    };
    let cosigner = office.cosigner;
    let answer = tokio::task::spawn_blocking(move || {
        let answer = cosigner.add_checkpoint(&body);
        drop(place);
        answer
    });
    match answer.await {
        Ok(Answer::Cosigned(line)) => plain(StatusCode::OK, line),
        Ok(Answer::Refused(refusal)) => refused(refusal),
        Ok(Answer::CannotKeep(why)) => {
            eprintln!("witness: cannot keep a checkpoint: {why}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn checkpoint(State(office): State<Office>, Path(origin): Path<String>) -> Response {
    match office.cosigner.latest(&origin) {
        Some(note) => plain(StatusCode::OK, note),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status, format!("{refusal}\n"));
    if matches!(refusal, Refusal::OtherSize(_)) {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/x.tlog.size"));
    }
    response
}

fn plain(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], body).into_response()
}
