//! For whoever runs the hall: whether it lives, whether it is ready, and what it counts.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Api;
use super::reads::JSON;
use crate::desk::shown::{Standing, State};
use crate::desk::{NotAnswered, Outcome};
use crate::hall::Room;
use crate::pledges::PREFIX;

/// Bounds of the histogram of answers, in milliseconds.
const BOUNDS_MS: [u64; 9] = [1, 2, 5, 10, 20, 50, 100, 500, 2000];

/// What the API counts.
#[derive(Default)]
pub struct Metrics {
    entered: AtomicU64,
    refused: AtomicU64,
    repeated: AtomicU64,
    turned_away: AtomicU64,
    not_received: AtomicU64,
    busy: AtomicU64,
    elsewhere: AtomicU64,
    unknown: AtomicU64,
    within: [AtomicU64; BOUNDS_MS.len()],
    slower: AtomicU64,
    sum_us: AtomicU64,
}

impl Metrics {
    pub(super) fn asked(&self, outcome: &Result<Outcome, NotAnswered>, took: Duration) {
        let counter = match outcome {
            Ok(Outcome::Entered(written)) if written.entry.result.is_ok() => &self.entered,
            Ok(Outcome::Entered(_)) => &self.refused,
            Ok(Outcome::Before(_)) => &self.repeated,
            Ok(Outcome::TurnedAway(_)) => &self.turned_away,
            Err(NotAnswered::NotReceived(_)) => &self.not_received,
            Err(NotAnswered::Busy) => &self.busy,
            Err(NotAnswered::Elsewhere) => &self.elsewhere,
            Err(NotAnswered::Stopped) => &self.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(micros, Ordering::Relaxed);
        match BOUNDS_MS.iter().position(|bound| micros <= bound * 1000) {
            Some(place) => self.within[place].fetch_add(1, Ordering::Relaxed),
            None => self.slower.fetch_add(1, Ordering::Relaxed),
        };
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "# HELP landgavel_commands_total Commands asked, by what became of them.");
        let _ = writeln!(text, "# TYPE landgavel_commands_total counter");
        for (outcome, counter) in [
            ("entered", &self.entered),
            ("refused", &self.refused),
            ("repeated", &self.repeated),
            ("turned_away", &self.turned_away),
            ("not_received", &self.not_received),
            ("busy", &self.busy),
            ("elsewhere", &self.elsewhere),
            ("unknown", &self.unknown),
        ] {
            let count = counter.load(Ordering::Relaxed);
            let _ = writeln!(text, "landgavel_commands_total{{outcome=\"{outcome}\"}} {count}");
        }
        let _ = writeln!(text, "# HELP landgavel_answer_ms Time from a verified request to its durable answer.");
        let _ = writeln!(text, "# TYPE landgavel_answer_ms histogram");
        let mut count = 0;
        for (bound, within) in BOUNDS_MS.iter().zip(&self.within) {
            count += within.load(Ordering::Relaxed);
            let _ = writeln!(text, "landgavel_answer_ms_bucket{{le=\"{bound}\"}} {count}");
        }
        count += self.slower.load(Ordering::Relaxed);
        let _ = writeln!(text, "landgavel_answer_ms_bucket{{le=\"+Inf\"}} {count}");
        let sum = self.sum_us.load(Ordering::Relaxed);
        let _ = writeln!(text, "landgavel_answer_ms_sum {}.{:03}", sum / 1000, sum % 1000);
        let _ = writeln!(text, "landgavel_answer_ms_count {count}");
        text
    }
}

/// `GET /healthz`: the process answers.
pub(super) async fn health() -> Response {
    ([(CONTENT_TYPE, JSON)], "{\"alive\":true}").into_response()
}

fn standing(standing: &Standing) -> (&'static str, bool) {
    match standing {
        Standing::Opening => ("opening", false),
        Standing::Open => ("open", true),
        Standing::Elsewhere => ("elsewhere", true),
        Standing::Stopped { .. } => ("stopped", false),
    }
}

/// `GET /readyz`: every sale and pledge is open here or on another node. Words only: why one is not stands in the log, since anybody
/// may ask; and a sale that nobody is to hear of yet counts without its name.
pub(super) async fn ready(extract::State(api): extract::State<Api>) -> Response {
    let mut sales = serde_json::Map::new();
    let mut is_ready = true;
    for room in api.hall.rooms() {
        let (word, is_good) = standing(&room.standing());
        is_ready &= is_good;
        if room.is_public() {
            sales.insert(room.id().to_string(), Value::from(word));
        }
    }
    for pledge in api.hall.pledges() {
        let (word, is_good) = if pledge.is_damaged() { ("damaged", false) } else { standing(&pledge.standing()) };
        is_ready &= is_good;
        sales.insert(pledge.log().to_string(), Value::from(word));
    }
    for id in api.hall.damaged().into_keys() {
        is_ready = false;
        // Pledges are public from their opening on.
        if api.hall.register().names(&id) || id.as_str().starts_with(PREFIX) {
            sales.insert(id.to_string(), Value::from("damaged"));
        }
    }
    let register = match api.hall.register().shown().damaged {
        Some(_) => "damaged",
        None => "open",
    };
    is_ready &= register == "open";
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CONTENT_TYPE, JSON)], json!({"ready": is_ready, "register": register, "sales": sales}).to_string())
        .into_response()
}

/// `GET /metrics`: for Prometheus.
pub(super) async fn metrics(extract::State(api): extract::State<Api>) -> Response {
    let mut text = api.metrics.text();
    let _ = writeln!(text, "# HELP landgavel_entries Entries stored, by sale.\n# TYPE landgavel_entries gauge");
    let mut rooms = api.hall.rooms();
    rooms.retain(|room| room.is_public());
    for room in &rooms {
        let entries = room.shown().map_or(0, |shown| shown.look().entries);
        let _ = writeln!(text, "landgavel_entries{{sale=\"{}\"}} {entries}", room.id());
    }
    let _ = writeln!(
        text,
        "# HELP landgavel_desk_open Whether a sale takes commands here.\n# TYPE landgavel_desk_open gauge"
    );
    for room in &rooms {
        let is_open = u8::from(room.standing() == Standing::Open);
        let _ = writeln!(text, "landgavel_desk_open{{sale=\"{}\"}} {is_open}", room.id());
    }
    gauge(&mut text, &rooms, "landgavel_entries_witnessed", "Entries that a published checkpoint covers.", |state| {
        state.published.as_ref().map_or(0, |published| published.tree.size())
    });
    gauge(&mut text, &rooms, "landgavel_paused", "Whether a sale stands still.", |state| {
        u64::from(state.sale.is_paused())
    });
    let _ = writeln!(text, "# HELP landgavel_viewers Viewers on streams.\n# TYPE landgavel_viewers gauge");
    let _ = writeln!(text, "landgavel_viewers {}", api.places.taken());
    let steps = api.hall.setting().clock.steps_back();
    let _ = writeln!(text, "# HELP landgavel_clock_steps_back_total Steps back of the machine's clock, held.");
    let _ = writeln!(text, "# TYPE landgavel_clock_steps_back_total counter");
    let _ = writeln!(text, "landgavel_clock_steps_back_total {steps}");
    let steps = api.hall.setting().clock.step_since(0).map_or(0, |step| step.count);
    let _ = writeln!(text, "# HELP landgavel_clock_steps_forward_total Steps forward of the machine's clock, noticed.");
    let _ = writeln!(text, "# TYPE landgavel_clock_steps_forward_total counter");
    let _ = writeln!(text, "landgavel_clock_steps_forward_total {steps}");
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// A number of each sale.
fn gauge(text: &mut String, rooms: &[Arc<Room>], name: &str, help: &str, of: impl Fn(&State) -> u64) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for room in rooms {
        let value = room.shown().map_or(0, |shown| of(&shown.look()));
        let _ = writeln!(text, "{name}{{sale=\"{}\"}} {value}", room.id());
    }
}
