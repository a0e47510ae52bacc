//! What falls due and what is at risk, sent to one address that the operator names: a small signed JSON, once for each matter.
//!
//! What was sent stands in the vault, so that a restart sends nothing twice. The node that writes a pledge sends for it. The
//! address may hold a secret: only its host is ever told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landgavel_base::{Date, Instant};
use landgavel_record::canonical;
use landgavel_record::pledges::Light;
use landgavel_record::record::sha256;
use landgavel_store::{Marking, VaultError};
use serde_json::json;
use tokio::time::Instant as Beat;
use ureq::Agent;

use crate::desk::shown::Standing;
use crate::hall::Hall;
use crate::pledges::concerns::{About, Concern, concerns};
use crate::pledges::{Pledge, State};

/// Kind of record in the vault.
const SENT: &str = "reminder";
/// Between two looks, by the machine's clock.
const LOOK: Duration = Duration::from_secs(60);
/// After a failure: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));
/// Most that is sent at one look.
const AT_ONCE: usize = 20;
/// Most refusals that are kept in mind.
const REFUSED: usize = 10_000;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most days ahead.
pub const DAYS_MAX: u16 = 90;
/// The header with the hall's key and its signature over the body.
pub const SIGNATURE: &str = "landgavel-signature";
/// Name of the format.
const FORMAT: &str = "landgavel-reminder/1";

/// Where reminders go.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    url: String,
    within_days: u16,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {} days", self.host(), self.within_days)
    }
}

impl Webhook {
    /// Reads an address: over TLS, or on this machine. What falls due within so many days is sent.
    ///
    /// # Errors
    /// In words, without the address, which may hold a secret.
    pub fn parse(url: &str, within_days: u16) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_graphic();
        let rest = url.strip_prefix("https://").or_else(|| {
            let rest = url.strip_prefix("http://")?;
            ["127.0.0.1", "[::1]", "localhost"]
                .iter()
                .any(|own| rest.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
                .then_some(rest)
        });
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if host.is_none_or(|host| host.is_empty() || host.contains('@')) || !url.chars().all(is_plain) {
            return Err("expected an address such as https://office.example/hook, over TLS and without a user's name"
                .to_owned());
        }
        if within_days > DAYS_MAX {
            return Err(format!("expected at most {DAYS_MAX} days"));
        }
        Ok(Self { url: url.to_owned(), within_days })
    }

    /// The host alone.
    fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }
}

/// One reminder.
struct Reminder {
    id: String,
    body: String,
}

/// Sends reminders of a hall.
pub struct Reminders {
    hall: Arc<Hall>,
    webhook: Webhook,
    agent: Agent,
    /// What the address refused for good, by id: when it is asked again, and how long that was put off.
    refused: Mutex<BTreeMap<String, (Beat, Duration)>>,
}

impl Reminders {
    /// To an address. Proxies and redirects are not followed.
    pub fn new(hall: Arc<Hall>, webhook: Webhook) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .user_agent("landgavel")
            .build();
        Self { hall, webhook, agent: config.into(), refused: Mutex::default() }
    }

    /// Looks and sends until its task is aborted.
    pub async fn run(self) {
        let mut wait = RETRY.0;
        loop {
            match self.look().await {
                Ok(_) => {
                    wait = RETRY.0;
                    tokio::time::sleep(LOOK).await;
                }
                Err(why) => {
                    tracing::warn!(host = self.webhook.host(), why, "a reminder was not taken; it is sent again");
                    tokio::time::sleep(wait).await;
                    wait = (2 * wait).min(RETRY.1);
                }
            }
        }
    }

    /// Sends what was not sent yet; how many it were. What the address refuses for good is put off, and keeps nothing else back.
    ///
    /// # Errors
    /// In words: the address does not answer, or not now, or the store failed. What was sent stays sent.
    pub async fn look(&self) -> Result<usize, String> {
        let (mut sent, mut asked) = (0, 0);
        for pledge in self.hall.pledges() {
            for reminder in self.of(&pledge) {
                let store = &self.hall.setting().store;
                match store.vault_get(SENT, &reminder.id).await {
                    Ok(_) => continue,
                    Err(VaultError::Absent) => {}
                    Err(error) => return Err(error.to_string()),
                }
                if self.is_put_off(&reminder.id) {
                    continue;
                }
                if asked == AT_ONCE {
                    return Ok(sent);
                }
                asked += 1;
                match self.send(&reminder.body).await? {
                    200..=299 => {}
                    // It may take this very one later.
                    status @ (408 | 425 | 429 | 500..) => return Err(format!("answered with status {status}")),
                    status => {
                        tracing::warn!(
                            host = self.webhook.host(),
                            status,
                            pledge.id = pledge.id(),
                            "a reminder is refused"
                        );
                        self.put_off(reminder.id);
                        continue;
                    }
                }
                let noted = store.vault_put(SENT, &reminder.id, Marking::Plain, reminder.body.as_bytes()).await;
                noted.map_err(|error| error.to_string())?;
                sent += 1;
            }
        }
        Ok(sent)
    }

    fn is_put_off(&self, id: &str) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(id).is_some_and(|(until, _)| Beat::now() < *until)
    }

    fn put_off(&self, id: String) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        // Concerns that are no more are forgotten with all others: they are asked about once too often then.
        if refused.len() >= REFUSED {
            refused.clear();
        }
        let wait = refused.get(&id).map_or(RETRY.0, |(_, wait)| (2 * *wait).min(RETRY.1));
        refused.insert(id, (Beat::now() + wait, wait));
    }

    fn of(&self, pledge: &Pledge) -> Vec<Reminder> {
        let now = self.hall.setting().clock.now();
        let Some(shown) = pledge.shown().filter(|_| pledge.standing() == Standing::Open) else { return Vec::new() };
        let state = shown.look();
        let opened = state.record.opened();
        let today = state.today(now);
        let due = concerns(opened, today).into_iter().filter(|concern| self.is_due(concern, today));
        due.map(|concern| reminder(pledge, &state, &concern, now)).collect()
    }

    fn is_due(&self, concern: &Concern, today: Date) -> bool {
        let left = concern.day.map(|day| day.days_since_epoch() - today.days_since_epoch());
        concern.light == Light::Red || left.is_some_and(|left| left <= i32::from(self.webhook.within_days))
    }

    /// The status with which the address answers.
    async fn send(&self, body: &str) -> Result<u16, String> {
        let key = self.hall.setting().keys.hall();
        let signature = format!("{} {}", key.public(), key.sign(body.as_bytes()));
        let (agent, url, body) = (self.agent.clone(), self.webhook.url.clone(), body.to_owned());
        let answered = tokio::task::spawn_blocking(move || {
            let request = agent.post(&url).header("content-type", "application/json").header(SIGNATURE, signature);
            // What the library says may hold the address.
            request.send(body).map(|answer| answer.status().as_u16()).map_err(|_| "no answer".to_owned())
        });
        answered.await.map_err(|_| "the task broke off".to_owned())?
    }
}

fn reminder(pledge: &Pledge, state: &State, concern: &Concern, now: Instant) -> Reminder {
    let light = match concern.light {
        Light::Red => "red",
        Light::Amber => "amber",
        Light::Green => "green",
    };
    let about = match concern.about {
        About::Subject(_) => "promise",
        About::Claim(_) => "claim",
        About::Bond(_) => "bond",
        About::Demand(_) => "bond_missing",
        About::Whole => "pledge",
    };
    // Words change from day to day, the matter does not.
    let day = concern.day.map(|day| day.to_string());
    let matter = format!("{} {light} {}", concern.about.name(state.record.opened()), day.as_deref().unwrap_or("–"));
    let digest = sha256(matter.as_bytes()).to_string();
    let body = canonical::encode(&json!({
        "format": FORMAT, "origin": state.record.opening().origin, "pledge": pledge.id(), "light": light, "about": about,
        "day": day, "zh": concern.words.zh, "en": concern.words.en, "at_ms": now.millis(),
    }));
    Reminder { id: format!("{}:{}", pledge.id(), &digest[..16]), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_over_tls_or_on_this_machine_and_is_never_told_whole() {
        for good in
            ["https://office.example/hook/s3cret", "http://127.0.0.1:9/x", "http://localhost", "http://[::1]:80/"]
        {
            let webhook = Webhook::parse(good, 30).unwrap();
            assert!(!format!("{webhook:?}").contains("s3cret"));
        }
        for wrong in [
            "",
            "http://office.example/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example",
            "https://",
            "https:///x",
            "https://user:pass@office.example/",
            "ftp://office.example",
            "https://office.example/a b",
        ] {
            assert!(Webhook::parse(wrong, 30).is_err(), "{wrong}");
        }
        assert!(Webhook::parse("https://office.example/", 91).unwrap_err().contains("90"));
    }
}
