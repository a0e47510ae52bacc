//! Bids that a bidder has signed in advance, one per amount: the hall brings them when the bidder is outbid, and can
//! bring nothing else. Kept in memory alone: after a restart the bidder's page lodges them again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landgavel_record::language::parse_quantity;
use landgavel_sale::rulebook::Direction;
use serde_json::{Value, json};

use super::Room;
use crate::desk::intake::Submission;
use crate::desk::{NotAnswered, Outcome};

/// Bids that one bidder may lodge: a step of a thousandth of the price still reaches its limit.
pub const BIDS: usize = 1000;
/// Bidders that may have lodged some.
const LODGERS: usize = 10_000;

/// One bid, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signed {
    quanta: i64,
    text: String,
    submission: Submission,
}

/// What one bidder has lodged, least first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lodged {
    stage: String,
    bids: Vec<Signed>,
    /// How many of them the hall has brought, or passed over.
    gone: usize,
    /// The entry of the last that was brought, and the code with which it was refused.
    last: Option<(u64, Option<String>)>,
}

/// What all bidders of a sale have lodged.
#[derive(Default)]
pub struct Proxies {
    lodged: Mutex<BTreeMap<String, Lodged>>,
    is_kept: Mutex<bool>,
}

/// Why bids are not lodged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotLodged {
    /// None, too many, or one of them is no bid of this bidder in the running stage.
    Bid {
        /// Its place in the list.
        place: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// No stage runs in which amounts are shown and bid.
    NoStage,
    /// Too many bidders have lodged some.
    Full,
}

impl Proxies {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Lodged>> {
        self.lodged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a bidder's own stand; null when there are none.
    pub fn of(&self, code: &str) -> Value {
        let lodged = self.lock();
        let Some(lodged) = lodged.get(code) else { return Value::Null };
        let left = lodged.bids.get(lodged.gone..).unwrap_or_default();
        let (entry, refused) = lodged.last.clone().map_or((None, None), |(entry, why)| (Some(entry), why));
        json!({"stage": lodged.stage, "bids": lodged.bids.len(), "left": left.len(),
               "next": left.first().map(|bid| &bid.text), "limit": lodged.bids.last().map(|bid| &bid.text),
               "entry": entry, "refused": refused})
    }

    /// Takes a bidder's bids back; those that were brought stand.
    pub fn cancel(&self, code: &str) -> bool {
        self.lock().remove(code).is_some()
    }

    /// The bid that is due for a bidder by its own frame: it is outbid, and the least of its bids that reaches what
    /// is asked is taken out.
    fn due(&self, code: &str, mine: &Value) -> Option<Signed> {
        let can_bid = mine["can"].as_array().is_some_and(|can| can.iter().any(|verb| verb == "bid"));
        let least = mine["legal"]["least"]["quanta"].as_i64().filter(|_| can_bid && mine["leads"] == false)?;
        let mut all = self.lock();
        let lodged = all.get_mut(code)?;
        if mine["binding"]["stage"] != *lodged.stage {
            all.remove(code);
            return None;
        }
        let passed = lodged.bids.iter().skip(lodged.gone).take_while(|bid| bid.quanta < least).count();
        let found = lodged.bids.get(lodged.gone + passed).cloned();
        lodged.gone = (lodged.gone + passed + usize::from(found.is_some())).min(lodged.bids.len());
        found
    }

    fn brought(&self, code: &str, entry: u64, refused: Option<String>) {
        if let Some(lodged) = self.lock().get_mut(code) {
            lodged.last = Some((entry, refused));
        }
    }
}

impl Room {
    /// Keeps a bidder's bids in place of those that it lodged before. Their signatures are verified when they are brought,
    /// like those of every bid.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub fn lodge(self: &Arc<Self>, code: &str, key: &str, bids: Vec<Submission>) -> Result<Value, NotLodged> {
        let mine = self.own_frame(code).ok_or(NotLodged::NoStage)?;
        let stage = mine["binding"]["stage"].as_str().filter(|_| !mine["leads"].is_null());
        let stage = stage.ok_or(NotLodged::NoStage)?.to_owned();
        if bids.is_empty() || bids.len() > BIDS {
            return Err(NotLodged::Bid { place: bids.len(), why: "expected 1 to 1000 bids" });
        }
        let mut read = Vec::new();
        for (place, submission) in bids.into_iter().enumerate() {
            read.push(self.one(code, key, &stage, submission).map_err(|why| NotLodged::Bid { place, why })?);
        }
        if read.windows(2).any(|pair| pair[0].quanta >= pair[1].quanta) {
            return Err(NotLodged::Bid { place: 0, why: "expected the amounts in rising order" });
        }
        {
            let mut all = self.proxies.lock();
            if all.len() >= LODGERS && !all.contains_key(code) {
                return Err(NotLodged::Full);
            }
            all.insert(code.to_owned(), Lodged { stage, bids: read, gone: 0, last: None });
        }
        let mut is_kept = self.proxies.is_kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *is_kept, true) {
            tokio::spawn(Arc::clone(self).bring());
        }
        Ok(self.proxies.of(code))
    }

    fn one(&self, code: &str, key: &str, stage: &str, submission: Submission) -> Result<Signed, &'static str> {
        let command: Value = serde_json::from_str(&submission.command).map_err(|_| "it is no command")?;
        let is = |name: &str, value: &str| command[name] == *value;
        if !is("do", "bid") || !is("bidder", code) || !is("key", key) {
            return Err("it is no bid of this bidder's key");
        }
        if !is("stage", stage) {
            return Err("it is signed for a stage that does not run");
        }
        let shown = self.shown().ok_or("the sale is being read back")?;
        let state = shown.look();
        let rulebook = &state.sale.lot().rulebook;
        let attribute =
            rulebook.stages.iter().find(|known| known.id == *stage).and_then(|known| known.kind.attribute());
        let text = command["amount"].as_str().unwrap_or_default().to_owned();
        let attribute = attribute.map(|id| rulebook.attribute(id)).filter(|known| known.direction == Direction::Up);
        let attribute = attribute.ok_or("bids in advance are for amounts that rise")?;
        let quantity = parse_quantity(attribute, &text).map_err(|_| "its amount cannot be read")?;
        Ok(Signed { quanta: quantity.quanta(), text, submission })
    }

    /// Brings what is due after each frame, for as long as anything is lodged.
    async fn bring(self: Arc<Self>) {
        let mut frames = self.frames();
        frames.mark_changed();
        while frames.changed().await.is_ok() && !self.is_closing() {
            frames.mark_unchanged();
            let codes: Vec<String> = self.proxies.lock().keys().cloned().collect();
            for code in codes {
                let due = self.own_frame(&code).and_then(|mine| self.proxies.due(&code, &mine));
                if let Some(bid) = due {
                    self.bring_one(&code, bid).await;
                }
            }
        }
    }

    async fn bring_one(&self, code: &str, bid: Signed) {
        // A desk that is busy is asked again with the same bid, which is entered once.
        for wait_ms in [0, 200, 1000, 5000] {
            tokio::time::sleep(std::time::Duration::from_millis(wait_ms)).await;
            match self.ask(bid.submission.clone()).await {
                Ok(Outcome::Entered(written)) => {
                    let refused = written.entry.result.as_ref().err().map(|refused| refused.code().to_owned());
                    return self.proxies.brought(code, written.entry.number, refused);
                }
                Ok(Outcome::Before(entry)) => return self.proxies.brought(code, entry, None),
                Ok(Outcome::TurnedAway(_)) | Err(NotAnswered::NotReceived(_)) => return,
                Err(NotAnswered::Busy | NotAnswered::Stopped | NotAnswered::Elsewhere) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(amounts: &[i64]) -> Proxies {
        let bid = |quanta: &i64| Signed {
            quanta: *quanta,
            text: format!("{quanta} 万元"),
            submission: Submission { command: String::new(), signatures: Vec::new() },
        };
        let proxies = Proxies::default();
        let bids = amounts.iter().map(bid).collect();
        proxies.lock().insert("A".to_owned(), Lodged { stage: "price".to_owned(), bids, gone: 0, last: None });
        proxies
    }

    fn mine(least: i64, leads: bool) -> Value {
        json!({"can": ["bid"], "leads": leads, "legal": {"least": {"quanta": least}}, "binding": {"stage": "price"}})
    }

    #[test]
    fn only_what_was_signed_is_brought_and_only_when_outbid() {
        let proxies = proxies(&[100, 120, 140]);
        assert_eq!(proxies.due("A", &mine(100, true)), None);
        assert_eq!(proxies.due("A", &mine(100, false)).map(|bid| bid.quanta), Some(100));
        // What was asked has overtaken a signed amount: it is passed over.
        assert_eq!(proxies.due("A", &mine(121, false)).map(|bid| bid.quanta), Some(140));
        assert_eq!(proxies.due("A", &mine(160, false)), None);
        assert_eq!(proxies.of("A")["left"], 0);
    }

    #[test]
    fn nothing_is_brought_that_was_taken_back_or_signed_for_another_stage() {
        let kept = proxies(&[100]);
        assert!(kept.cancel("A") && !kept.cancel("A"));
        assert_eq!(kept.due("A", &mine(100, false)), None);
        let other = proxies(&[100]);
        let mut tax = mine(100, false);
        tax["binding"]["stage"] = json!("tax");
        assert_eq!(other.due("A", &tax), None);
        assert_eq!(other.of("A"), Value::Null);
        let mut unseen = mine(100, false);
        unseen["leads"] = Value::Null;
        assert_eq!(proxies(&[100]).due("A", &unseen), None);
    }
}
