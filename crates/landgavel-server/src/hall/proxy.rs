//! Bids that a bidder has signed in advance, one per amount: the hall brings them when the bidder is outbid, and can
//! bring nothing else. Kept in memory alone: a restart of the hall loses them, and the bidder's page says so.
//!
//! `bringing` is the task that brings them.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landgavel_base::Quantity;
use landgavel_record::language::parse_quantity;
use landgavel_record::record::NotReceived;
use landgavel_sale::rulebook::{Attribute, Direction, Item};
use landgavel_sale::{Standing as Admission, Status, Viewer};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Room;
use crate::desk::intake::Submission;
use crate::desk::shown::Standing;

/// Bids that one bidder may lodge: a step of a thousandth of the price still reaches its limit.
pub const BIDS: usize = 1000;
/// Most bytes of one command: a bid has a quarter of it.
const COMMAND_MAX: usize = 2048;
/// Bytes that all bidders of a sale may have lodged: some 150 bidders with all the bids that one may have.
const BYTES: usize = 128 << 20;
/// Refusals in a row after which the rest is left alone. One is no fault: a bid of somebody else came between.
const REFUSALS: u32 = 3;

/// One bid, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signed {
    amount: Quantity,
    text: String,
    submission: Submission,
}

/// What one bidder has lodged, least first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lodged {
    stage: String,
    bids: Vec<Signed>,
    /// Its place among all that was lodged: who lodged first is looked at first.
    serial: u64,
    /// How many of them the hall has brought, or could not use.
    gone: usize,
    /// The entry of the last that was brought, and the code with which it was refused.
    last: Option<(u64, Option<String>)>,
    /// Refusals since the last that was accepted.
    refusals: u32,
}

/// A bid that is at the desk, or on its way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    code: String,
    serial: u64,
    place: usize,
    text: String,
    pub(super) submission: Submission,
}

/// What became of a bid that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the record.
    Entered {
        entry: u64,
        /// The code with which it was refused.
        refused: Option<String>,
        /// It was refused for what it says, so that the others would be too.
        is_futile: bool,
    },
    /// It can be no entry.
    TurnedAway,
    /// Nothing was decided, or nobody knows: it stays lodged.
    Open,
}

/// What all bidders of a sale have lodged.
#[derive(Default)]
pub struct Proxies {
    kept: Mutex<Kept>,
    /// Somebody has lodged: no frame needs to come before it is looked at.
    wake: Notify,
}

#[derive(Default)]
struct Kept {
    lodged: BTreeMap<String, Lodged>,
    asking: Option<Asked>,
    bytes: usize,
    serial: u64,
    is_brought: bool,
}

/// Why bids are not lodged, or not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotLodged {
    /// None, too many, or one of them is no bid of this bidder in the running stage.
    Bid {
        /// Its place in the list.
        place: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// The bidder is not admitted.
    NotAdmitted,
    /// No stage runs in which amounts are shown and bid.
    NoStage,
    /// All together have lodged as much as is kept.
    Full,
    /// The sale's desk is not open on this node, so that nobody would bring them here.
    Elsewhere,
    /// There is nothing to take back.
    Nothing,
}

/// What a bid must be bound to.
struct Ground {
    lot: String,
    rulebook: String,
    stage: String,
    attribute: Attribute,
}

impl Lodged {
    fn bytes(&self) -> usize {
        let one = |bid: &Signed| {
            let signed = bid.submission.signatures.iter().map(|(key, signature)| key.len() + signature.len());
            size_of::<Signed>() + bid.text.len() + bid.submission.command.len() + signed.sum::<usize>()
        };
        self.bids.iter().map(one).sum()
    }
}

impl Kept {
    fn remove(&mut self, code: &str) -> bool {
        let Some(lodged) = self.lodged.remove(code) else { return false };
        self.bytes = self.bytes.saturating_sub(lodged.bytes());
        true
    }
}

impl Proxies {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a bidder's own stand; null when there are none. Bids below the least that is legal now are of no use.
    pub fn of(&self, code: &str, least: Option<Quantity>) -> Value {
        let kept = self.lock();
        let Some(lodged) = kept.lodged.get(code) else { return Value::Null };
        let left = lodged.bids.get(lodged.gone..).unwrap_or_default();
        let left: Vec<&Signed> = left.iter().filter(|bid| least.is_none_or(|least| bid.amount >= least)).collect();
        let (entry, refused) = lodged.last.clone().map_or((None, None), |(entry, why)| (Some(entry), why));
        json!({"stage": lodged.stage, "bids": lodged.bids.len(), "left": left.len(),
               "next": left.first().map(|bid| &bid.text), "limit": lodged.bids.last().map(|bid| &bid.text),
               "entry": entry, "refused": refused, "is_stopped": lodged.refusals >= REFUSALS})
    }

    /// Wakes when somebody has lodged.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Keeps a bidder's bids; whether a task must be begun that brings them.
    fn keep(&self, code: &str, stage: String, bids: Vec<Signed>) -> Result<bool, NotLodged> {
        let mut kept = self.lock();
        let serial = kept.serial + 1;
        let lodged = Lodged { stage, bids, serial, gone: 0, last: None, refusals: 0 };
        let bytes = kept.bytes - kept.lodged.get(code).map_or(0, Lodged::bytes) + lodged.bytes();
        if bytes > BYTES {
            return Err(NotLodged::Full);
        }
        (kept.serial, kept.bytes) = (serial, bytes);
        kept.lodged.insert(code.to_owned(), lodged);
        self.wake.notify_one();
        Ok(!std::mem::replace(&mut kept.is_brought, true))
    }

    /// Takes a bidder's bids back; those that were brought stand. Tells the amount of the one that is at the desk just now.
    fn cancel(&self, code: &str) -> Option<Option<String>> {
        let mut kept = self.lock();
        let asked = kept.asking.as_ref().filter(|asked| asked.code == code).map(|asked| asked.text.clone());
        kept.remove(code).then_some(asked)
    }

    /// Forgets everything, and that a task brings it.
    pub(super) fn clear(&self) {
        let mut kept = self.lock();
        kept.lodged.clear();
        (kept.bytes, kept.is_brought) = (0, false);
    }

    /// Who has lodged, the first one first.
    pub(super) fn lodgers(&self) -> Vec<String> {
        let kept = self.lock();
        let mut codes: Vec<(u64, &String)> = kept.lodged.iter().map(|(code, lodged)| (lodged.serial, code)).collect();
        codes.sort();
        codes.into_iter().map(|(_, code)| code.clone()).collect()
    }

    /// The bid that is due for a bidder: the least of its own that would be accepted. From here on it is at the desk. What
    /// was signed for another stage is forgotten.
    pub(super) fn due(
        &self,
        code: &str,
        stage: Option<&str>,
        mut is_legal: impl FnMut(Quantity) -> bool,
    ) -> Option<Asked> {
        let mut kept = self.lock();
        let Entry::Occupied(lodged) = kept.lodged.entry(code.to_owned()) else { return None };
        let lodged = lodged.get();
        if stage != Some(lodged.stage.as_str()) {
            kept.remove(code);
            return None;
        }
        if lodged.refusals >= REFUSALS {
            return None;
        }
        let (place, bid) = lodged.bids.iter().enumerate().skip(lodged.gone).find(|(_, bid)| is_legal(bid.amount))?;
        let asked = Asked {
            code: code.to_owned(),
            serial: lodged.serial,
            place,
            text: bid.text.clone(),
            submission: bid.submission.clone(),
        };
        kept.asking = Some(asked.clone());
        Some(asked)
    }

    /// Notes what became of a bid, if what it is of is still lodged.
    pub(super) fn settle(&self, asked: &Asked, fate: Fate) {
        let mut kept = self.lock();
        kept.asking = None;
        let Some(lodged) = kept.lodged.get_mut(&asked.code).filter(|lodged| lodged.serial == asked.serial) else {
            return;
        };
        match fate {
            Fate::Open => return,
            Fate::TurnedAway => lodged.refusals = REFUSALS,
            Fate::Entered { entry, refused, is_futile } => {
                lodged.refusals = match (&refused, is_futile) {
                    (None, _) => 0,
                    (Some(_), false) => lodged.refusals + 1,
                    (Some(_), true) => REFUSALS,
                };
                lodged.last = Some((entry, refused));
            }
        }
        lodged.gone = asked.place + 1;
    }
}

impl Room {
    /// Keeps a bidder's bids in place of those that it lodged before. Their signatures are verified here, which takes its
    /// time, and again when they are brought, like those of every bid.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub fn lodge(self: &Arc<Self>, code: &str, key: &str, bids: Vec<Submission>) -> Result<Value, NotLodged> {
        let ground = self.ground(code)?;
        if bids.is_empty() || bids.len() > BIDS {
            return Err(NotLodged::Bid { place: bids.len(), why: "expected 1 to 1000 bids" });
        }
        let (mut read, mut ids) = (Vec::new(), BTreeSet::new());
        for (place, submission) in bids.into_iter().enumerate() {
            let one = self.one(code, key, &ground, submission, &mut ids);
            read.push(one.map_err(|why| NotLodged::Bid { place, why })?);
        }
        if let Some(place) = read.windows(2).position(|pair| pair[0].amount >= pair[1].amount) {
            return Err(NotLodged::Bid { place: place + 1, why: "expected the amounts in rising order" });
        }
        if self.proxies.keep(code, ground.stage, read)? {
            tokio::spawn(Arc::clone(self).bring());
        }
        Ok(self.proxies.of(code, None))
    }

    /// Takes a bidder's bids back. Answers the amount of the one that is at the desk just now, which may still be entered.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub fn take_back(&self, code: &str) -> Result<Option<String>, NotLodged> {
        let taken = self.proxies.cancel(code);
        match (taken, self.standing()) {
            // There may be others where the sale is written.
            (_, Standing::Elsewhere) | (None, Standing::Opening | Standing::Stopped { .. }) => {
                Err(NotLodged::Elsewhere)
            }
            (Some(asked), _) => Ok(asked),
            (None, Standing::Open) => Err(NotLodged::Nothing),
        }
    }

    /// What bids of a bidder must be bound to, when it may lodge some.
    fn ground(&self, code: &str) -> Result<Ground, NotLodged> {
        let shown = self.shown().ok_or(NotLodged::Elsewhere)?;
        let state = shown.look();
        if state.desk != Standing::Open {
            return Err(NotLodged::Elsewhere);
        }
        let sale = &state.sale;
        let rulebook = &sale.lot().rulebook;
        let id = sale.bidder_named(code).ok_or(NotLodged::NotAdmitted)?;
        if sale.bidder(id).is_none_or(|bidder| *bidder.standing() != Admission::Bidder) {
            return Err(NotLodged::NotAdmitted);
        }
        let Status::Running(stage) = *sale.status() else { return Err(NotLodged::NoStage) };
        let stage = rulebook.stage(stage);
        let attribute = stage.kind.attribute().map(|attribute| rulebook.attribute(attribute));
        let attribute = attribute.filter(|attribute| attribute.direction == Direction::Up).ok_or(NotLodged::NoStage)?;
        // Where amounts are hidden, bringing a bid would tell what others have bid.
        if !sale.is_shown(Item::Amounts, Viewer::Bidder(id), false) {
            return Err(NotLodged::NoStage);
        }
        Ok(Ground {
            lot: state.notice.lot.clone(),
            rulebook: state.notice.rulebook_sha256.to_string(),
            stage: stage.id.clone(),
            attribute: attribute.clone(),
        })
    }

    fn one(
        &self,
        code: &str,
        key: &str,
        ground: &Ground,
        submission: Submission,
        ids: &mut BTreeSet<String>,
    ) -> Result<Signed, &'static str> {
        if submission.command.len() > COMMAND_MAX {
            return Err("it is longer than 2048 bytes");
        }
        let [(signer, _)] = submission.signatures.as_slice() else { return Err("expected exactly one signature") };
        let command: Value = serde_json::from_str(&submission.command).map_err(|_| "it is no command")?;
        let is = |name: &str, value: &str| command[name] == *value;
        if !is("do", "bid") || !is("bidder", code) || !is("key", key) || signer != key {
            return Err("it is no bid of this bidder's key");
        }
        if !is("lot", &ground.lot) || !is("rulebook", &ground.rulebook) {
            return Err("it is signed for another sale");
        }
        if !is("stage", &ground.stage) || !is("attribute", &ground.attribute.id) {
            return Err("it is signed for a stage that does not run");
        }
        if !command["id"].as_str().is_some_and(|id| ids.insert(id.to_owned())) {
            return Err("it has no id of its own");
        }
        let text = command["amount"].as_str().unwrap_or_default().to_owned();
        let amount = parse_quantity(&ground.attribute, &text).map_err(|_| "its amount cannot be read")?;
        let checked = self.setting().gate.check(self.setting().clock.now(), submission.clone());
        checked.map_err(|why| match why {
            NotReceived::Signature { .. } => "its signature is not valid",
            NotReceived::Text(_) | NotReceived::TooManySignatures | NotReceived::Key(_) => {
                "it is not written in its one form"
            }
        })?;
        Ok(Signed { amount, text, submission })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quanta(amount: i64) -> Quantity {
        Quantity::new(amount).unwrap()
    }

    fn bids(amounts: &[i64]) -> Vec<Signed> {
        let bid = |amount: &i64| Signed {
            amount: quanta(*amount),
            text: format!("{amount} 万元"),
            submission: Submission { command: String::new(), signatures: Vec::new() },
        };
        amounts.iter().map(bid).collect()
    }

    fn proxies(amounts: &[i64]) -> Proxies {
        let proxies = Proxies::default();
        assert_eq!(proxies.keep("A", "price".to_owned(), bids(amounts)), Ok(true));
        proxies
    }

    /// The amount that is due when at least this is asked.
    fn due(proxies: &Proxies, least: i64) -> Option<Asked> {
        proxies.due("A", Some("price"), |amount| amount >= quanta(least))
    }

    fn entered(refused: Option<&str>) -> Fate {
        Fate::Entered { entry: 7, refused: refused.map(str::to_owned), is_futile: false }
    }

    #[test]
    fn only_what_was_signed_is_brought_and_only_when_outbid() {
        let proxies = proxies(&[100, 120, 140]);
        assert_eq!(proxies.due("A", Some("price"), |_| false), None);
        let first = due(&proxies, 100).unwrap();
        assert_eq!(first.text, "100 万元");
        proxies.settle(&first, entered(None));
        // What was asked has overtaken a signed amount: it is passed over.
        let last = due(&proxies, 121).unwrap();
        assert_eq!(last.text, "140 万元");
        proxies.settle(&last, entered(None));
        assert_eq!(due(&proxies, 100), None);
        assert_eq!(proxies.of("A", None)["left"], 0);
    }

    #[test]
    fn a_bid_that_was_not_decided_stays_lodged_and_none_is_brought_in_its_place() {
        let proxies = proxies(&[100, 120]);
        let asked = due(&proxies, 100).unwrap();
        proxies.settle(&asked, Fate::Open);
        assert_eq!((due(&proxies, 100), proxies.of("A", None)["left"].clone()), (Some(asked), json!(2)));
    }

    #[test]
    fn nothing_is_brought_that_was_taken_back_or_signed_for_another_stage() {
        let kept = proxies(&[100, 120]);
        let asked = due(&kept, 100).unwrap();
        // The one that is at the desk is told; whatever becomes of it, no other follows.
        assert_eq!(kept.cancel("A"), Some(Some("100 万元".to_owned())));
        kept.settle(&asked, Fate::Open);
        assert_eq!((kept.cancel("A"), due(&kept, 100)), (None, None));
        let other = proxies(&[100]);
        assert_eq!(other.due("A", Some("tax"), |_| true), None);
        assert_eq!((other.of("A", None), other.lock().bytes), (Value::Null, 0));
    }

    #[test]
    fn what_was_lodged_anew_is_not_touched_by_the_fate_of_what_was_lodged_before() {
        let proxies = proxies(&[100, 120]);
        let asked = due(&proxies, 100).unwrap();
        assert_eq!(proxies.keep("A", "price".to_owned(), bids(&[110, 130])), Ok(false));
        proxies.settle(&asked, entered(None));
        assert_eq!(due(&proxies, 100).unwrap().text, "110 万元");
    }

    #[test]
    fn refusals_in_a_row_end_it_and_an_accepted_bid_begins_anew() {
        let proxies = proxies(&[1, 2, 3, 4, 5, 6, 7, 8]);
        for refused in [Some("late"), Some("late"), None, Some("late"), Some("late"), Some("late")] {
            proxies.settle(&due(&proxies, 0).unwrap(), entered(refused));
        }
        assert_eq!((due(&proxies, 0), proxies.of("A", None)["is_stopped"].clone()), (None, json!(true)));
        let futile = self::proxies(&[1, 2]);
        let asked = due(&futile, 0).unwrap();
        futile.settle(&asked, Fate::Entered { entry: 7, refused: Some("x".to_owned()), is_futile: true });
        assert_eq!(due(&futile, 0), None);
    }

    #[test]
    fn who_lodged_first_is_looked_at_first_and_all_together_keep_to_their_bytes() {
        let proxies = Proxies::default();
        let large = |_| {
            let mut bids = bids(&[1]);
            bids[0].submission.command = "x".repeat(BYTES / 3);
            bids
        };
        for code in ["C", "A"] {
            assert!(proxies.keep(code, "price".to_owned(), large(())).is_ok());
        }
        assert_eq!(proxies.lodgers(), ["C", "A"]);
        assert_eq!(proxies.keep("B", "price".to_owned(), large(())), Err(NotLodged::Full));
        assert!(proxies.keep("C", "price".to_owned(), large(())).is_ok());
        assert_eq!(proxies.lodgers(), ["A", "C"]);
        assert!(proxies.cancel("A").is_some());
        assert!(proxies.keep("B", "price".to_owned(), large(())).is_ok());
    }
}
