//! Frames as they come: server-sent events. A viewer holds the newest frame and nothing else, so that a slow one
//! skips frames and delays nobody.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Method, Request, Version};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

use super::fan::Fan;
use super::{Api, Problem, client};
use crate::hall::{Frame, Room};
use crate::line::{Lender, Loan};
use crate::people::Caller;

/// Between two signs of life at most.
pub(super) const BEAT: Duration = Duration::from_secs(4);

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

/// One viewer by itself: with frames of its own, or on a connection that cannot be lent.
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

impl Viewing {
    fn new(
        room: Arc<Room>,
        frames: watch::Receiver<Arc<Frame>>,
        code: Option<String>,
        closing: watch::Receiver<bool>,
        place: Place,
    ) -> Self {
        Self {
            frames,
            room,
            // At once, and again after every frame: the last own frame may have been lost with the line.
            own_next: code.is_some(),
            code,
            sent: Instant::now().checked_sub(BEAT).unwrap_or_else(Instant::now),
            beat: Box::pin(sleep_until(Instant::now())),
            closing,
            _place: place,
        }
    }
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
    let code = key.and_then(|key| room.code_of_key(&key));
    // Whoever resumes has the frame of its last id already.
    let seen = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<u64>().ok());
    if seen != Some(frames.borrow().entries) {
        frames.mark_changed();
    }
    let closing = api.closing.subscribe();
    let body = match lender(&request).filter(|_| code.is_none()) {
        Some(lender) => Body::from_stream(Crowd::new(lender, api.fans.of(&room), room, frames, closing, place)),
        None => Body::from_stream(unfold(Viewing::new(room, frames, code, closing, place), next)),
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies shall pass each event on at once.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

/// What can be lent to the fan: the answer goes in chunks, and nothing of the request is still to come.
fn lender(request: &Request<Body>) -> Option<Lender> {
    let is_plain = request.method() == Method::GET && request.version() == Version::HTTP_11;
    let lender = request.extensions().get::<Lender>().cloned();
    lender.filter(|_| is_plain && request.body().is_end_stream())
}

/// One viewer of many who see the same: its first piece goes by way of the library, all others by the fan.
struct Crowd {
    first: Option<Bytes>,
    shown: u64,
    lender: Lender,
    loan: Option<Loan>,
    fan: Arc<Fan>,
    frames: watch::Receiver<Arc<Frame>>,
    closing: watch::Receiver<bool>,
    _place: Place,
}

impl Crowd {
    fn new(
        lender: Lender,
        fan: Arc<Fan>,
        room: Arc<Room>,
        mut frames: watch::Receiver<Arc<Frame>>,
        closing: watch::Receiver<bool>,
        place: Place,
    ) -> Self {
        let is_new = frames.has_changed().unwrap_or(true);
        let frame = Arc::clone(&frames.borrow_and_update());
        let first = if is_new { frame.event.clone() } else { Bytes::from(beat_event(&room)) };
        Self { first: Some(first), shown: frame.number, lender, loan: None, fan, frames, closing, _place: place }
    }
}

impl Stream for Crowd {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(first) = this.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(first)));
        }
        if this.loan.is_none() {
            this.loan = this.lender.ask(this.shown);
            if let Some(loan) = &this.loan {
                this.fan.take(loan.share());
            }
        }
        let Some(loan) = &this.loan else {
            return Poll::Ready(Some(Err(io::Error::other("a bug: the line of a viewer is lent already"))));
        };
        let newest = || {
            let frame = this.frames.borrow();
            (frame.number, frame.chunk.clone())
        };
        // A server that stops looks after each of its connections, this one too, once this has changed.
        let is_ending = *this.closing.borrow();
        loan.poll(context, newest, is_ending).map(|given_back| given_back.err().map(Err))
    }
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
                return Some((Ok(Bytes::from(beat_event(&viewing.room))), viewing));
            }
        }
    }
}

/// A sign of life.
pub(super) fn beat_event(room: &Room) -> String {
    let beat = room.beat().map_or_else(String::new, |beat| beat.to_string());
    format!("event: beat\ndata: {beat}\n\n")
}

fn own_event(viewing: &Viewing) -> Option<Bytes> {
    let own = viewing.room.own_frame(viewing.code.as_deref()?)?;
    Some(Bytes::from(format!("event: mine\ndata: {own}\n\n")))
}
