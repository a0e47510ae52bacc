//! Frames as they come: server-sent events. A viewer holds the newest frame and nothing else, so that a slow one
//! skips frames and delays nobody.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Api, Problem, client};
use crate::hall::{Frame, Room};
use crate::people::Caller;

/// Between two signs of life at most.
const BEAT: Duration = Duration::from_secs(4);

/// Viewers of all sales together, and of one address.
pub(super) struct Places {
    all: AtomicUsize,
    most: usize,
}

impl Places {
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { all: AtomicUsize::new(0), most })
    }

    fn take(self: &Arc<Self>) -> Option<Place> {
        let taken = self.all.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(self));
        (taken < self.most).then_some(place)
    }

    pub fn taken(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }
}

/// A viewer's place, given back when it goes.
struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.all.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One viewer.
struct Viewing {
    room: Arc<Room>,
    frames: watch::Receiver<Arc<Frame>>,
    /// The code whose own frames follow the public ones.
    code: Option<String>,
    /// An own frame that waits for its turn.
    own_next: bool,
    /// When something was sent last.
    sent: Instant,
    /// Set anew only when it rings: to do so for ten thousand viewers at each frame takes the time of a core.
    beat: Pin<Box<Sleep>>,
    closing: watch::Receiver<bool>,
    _place: Place,
}

/// `GET /api/v1/sales/{sale}/stream`: the newest frame at once, then each as it comes.
pub(super) async fn stream(
    State(api): State<Api>,
    Path(sale): Path<String>,
    caller: Option<Extension<Caller>>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let room = api.room(&sale)?;
    let address = client(&request).to_string();
    api.limits.streams.take(&address, api.now_ms()).map_err(Problem::too_many)?;
    let place = api.places.take().ok_or_else(Problem::too_many_viewers)?;
    let key = caller.as_ref().and_then(|caller| caller.account()).and_then(|account| account.key.clone());
    let mut frames = room.frames();
    // Whoever resumes has the frame of its last id already.
    let seen = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<u64>().ok());
    if seen != Some(frames.borrow().entries) {
        frames.mark_changed();
    }
    let code = key.and_then(|key| room.code_of_key(&key));
    let viewing = Viewing {
        frames,
        room,
        // At once, and again after every frame: the last own frame may have been lost with the line.
        own_next: code.is_some(),
        code,
        sent: Instant::now().checked_sub(BEAT).unwrap_or_else(Instant::now),
        beat: Box::pin(sleep_until(Instant::now())),
        closing: api.closing.subscribe(),
        _place: place,
    };
    let body = Body::from_stream(unfold(viewing, next));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies shall pass each event on at once.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

async fn next(mut viewing: Viewing) -> Option<(Result<Bytes, Infallible>, Viewing)> {
    if std::mem::take(&mut viewing.own_next)
        && let Some(event) = own_event(&viewing)
    {
        return Some((Ok(event), viewing));
    }
    loop {
        tokio::select! {
            biased;
            changed = viewing.frames.changed() => {
                changed.ok()?;
                if *viewing.closing.borrow() {
                    return None;
                }
                let event = viewing.frames.borrow_and_update().event.clone();
                viewing.own_next = viewing.code.is_some();
                viewing.sent = Instant::now();
                return Some((Ok(event), viewing));
            }
            () = viewing.beat.as_mut() => {
                if *viewing.closing.borrow() {
                    return None;
                }
                let (now, due) = (Instant::now(), viewing.sent + BEAT);
                if due > now {
                    viewing.beat.as_mut().reset(due);
                    continue;
                }
                viewing.sent = now;
                viewing.beat.as_mut().reset(now + BEAT);
                let beat = viewing.room.beat().map_or_else(String::new, |beat| beat.to_string());
                return Some((Ok(Bytes::from(format!("event: beat\ndata: {beat}\n\n"))), viewing));
            }
        }
    }
}

fn own_event(viewing: &Viewing) -> Option<Bytes> {
    let own = viewing.room.own_frame(viewing.code.as_deref()?)?;
    Some(Bytes::from(format!("event: mine\ndata: {own}\n\n")))
}
