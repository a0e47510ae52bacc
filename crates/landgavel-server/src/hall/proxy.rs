//! Bids that a bidder has signed in advance, one per amount: the hall brings them when the bidder is outbid, and can
//! bring nothing else. What is lodged stands in the vault before the bidder is told so, and is erased there when it is
//! taken back or of no more use. Which of them were brought the record knows: a bid that is asked again is the same entry.
//!
//! `bringing` is the task that brings them, `keeping` what stands in the vault.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// Its place among all that was lodged: who lodged first is looked at first. It names the document in the vault.
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
    /// Held by who changes what stands in the vault.
    pub(super) turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    /// What is of no more use and stands in the vault still.
    spent: BTreeSet<u64>,
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
    /// The vault failed: whether it was done nobody knows, so it is to be asked again.
    Vault(String),
}

/// Bids that were read and may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lodging {
    stage: String,
    bids: Vec<Signed>,
}

impl Lodging {
    fn bytes(&self) -> usize {
        bytes_of(&self.bids)
    }

    /// What stands in the vault.
    pub(super) fn document(&self, code: &str) -> Vec<u8> {
        let bids: Vec<Value> =
            self.bids.iter().map(|bid| json!([bid.submission.command, bid.submission.signatures])).collect();
        json!({"code": code, "stage": self.stage, "bids": bids}).to_string().into_bytes()
    }

    /// Reads it back, with the code that it is of; nothing when it is no such document. The hall has verified it before,
    /// and the desk verifies what is brought.
    pub(super) fn read(document: &[u8], attribute_of: impl Fn(&str) -> Option<Attribute>) -> Option<(String, Self)> {
        let value: Value = serde_json::from_slice(document).ok()?;
        let (code, stage) = (value["code"].as_str()?.to_owned(), value["stage"].as_str()?.to_owned());
        let attribute = attribute_of(&stage)?;
        let one = |bid: &Value| {
            let submission = Submission {
                command: bid[0].as_str()?.to_owned(),
                signatures: serde_json::from_value(bid[1].clone()).ok()?,
            };
            let command: Value = serde_json::from_str(&submission.command).ok()?;
            let text = command["amount"].as_str()?.to_owned();
            Some(Signed { amount: parse_quantity(&attribute, &text).ok()?, text, submission })
        };
        let bids = value["bids"].as_array()?.iter().map(one).collect::<Option<Vec<_>>>()?;
        Some((code, Self { stage, bids }))
    }
}

fn bytes_of(bids: &[Signed]) -> usize {
    let one = |bid: &Signed| {
        let signed = bid.submission.signatures.iter().map(|(key, signature)| key.len() + signature.len());
        size_of::<Signed>() + bid.text.len() + bid.submission.command.len() + signed.sum::<usize>()
    };
    bids.iter().map(one).sum()
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
        bytes_of(&self.bids)
    }
}

impl Kept {
    fn remove(&mut self, code: &str) -> bool {
        let Some(lodged) = self.lodged.remove(code) else { return false };
        self.bytes = self.bytes.saturating_sub(lodged.bytes());
        self.spent.insert(lodged.serial);
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

    /// The number of what is lodged next, if there is room for it.
    pub(super) fn next(&self, code: &str, lodging: &Lodging) -> Result<u64, NotLodged> {
        let mut kept = self.lock();
        let bytes = kept.bytes - kept.lodged.get(code).map_or(0, Lodged::bytes) + lodging.bytes();
        if bytes > BYTES {
            return Err(NotLodged::Full);
        }
        kept.serial += 1;
        Ok(kept.serial)
    }

    /// Keeps a bidder's bids in place of those that it lodged before.
    pub(super) fn keep(&self, code: &str, serial: u64, lodging: Lodging) {
        let mut kept = self.lock();
        kept.remove(code);
        let Lodging { stage, bids } = lodging;
        let lodged = Lodged { stage, bids, serial, gone: 0, last: None, refusals: 0 };
        kept.serial = kept.serial.max(serial);
        kept.bytes += lodged.bytes();
        kept.lodged.insert(code.to_owned(), lodged);
        self.wake.notify_one();
    }

    /// Whether a task must be begun that brings what is lodged; it is told once.
    pub(super) fn begins(&self) -> bool {
        let mut kept = self.lock();
        !kept.lodged.is_empty() && !std::mem::replace(&mut kept.is_brought, true)
    }

    /// What is to be erased from the vault, to whoever erases it.
    pub(super) fn take_spent(&self) -> BTreeSet<u64> {
        std::mem::take(&mut self.lock().spent)
    }

    /// What is still to be erased.
    pub(super) fn spend(&self, serials: impl IntoIterator<Item = u64>) {
        self.lock().spent.extend(serials);
    }

    /// Whether what has this number is lodged, or about to be erased.
    pub(super) fn knows(&self, serial: u64) -> bool {
        let kept = self.lock();
        kept.spent.contains(&serial) || kept.lodged.values().any(|lodged| lodged.serial == serial)
    }

    /// Numbers up to this one were given.
    pub(super) fn number_from(&self, serial: u64) {
        let mut kept = self.lock();
        kept.serial = kept.serial.max(serial);
    }

    /// Takes a bidder's bids back; those that were brought stand. Tells the amount of the one that is at the desk just now.
    fn cancel(&self, code: &str) -> Option<Option<String>> {
        let mut kept = self.lock();
        let asked = kept.asking.as_ref().filter(|asked| asked.code == code).map(|asked| asked.text.clone());
        kept.remove(code).then_some(asked)
    }

    /// Forgets everything, and that a task brings it; what stands in the vault is for who writes the sale now.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        kept.lodged.clear();
        kept.spent.clear();
        (kept.bytes, kept.is_brought) = (0, false);
    }

    /// Nothing that is lodged will be of use any more.
    pub(super) fn end(&self) {
        let mut kept = self.lock();
        let serials: Vec<u64> = kept.lodged.values().map(|lodged| lodged.serial).collect();
        kept.spent.extend(serials);
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
        // What is left alone is not begun anew by a restart.
        if lodged.refusals >= REFUSALS {
            kept.spent.insert(asked.serial);
        }
    }
}

impl Room {
    /// Reads a bidder's bids and verifies their signatures, which takes its time; each is verified again when it is
    /// brought, like every bid.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub(super) fn lodging(&self, code: &str, key: &str, bids: Vec<Submission>) -> Result<Lodging, NotLodged> {
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
        Ok(Lodging { stage: ground.stage, bids: read })
    }

    /// Forgets a bidder's bids. Answers the amount of the one that is at the desk just now, which may still be entered.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub(super) fn cancel(&self, code: &str) -> Result<Option<String>, NotLodged> {
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

    fn lodge(proxies: &Proxies, code: &str, bids: Vec<Signed>) -> Result<bool, NotLodged> {
        let lodging = Lodging { stage: "price".to_owned(), bids };
        let serial = proxies.next(code, &lodging)?;
        proxies.keep(code, serial, lodging);
        Ok(proxies.begins())
    }

    fn proxies(amounts: &[i64]) -> Proxies {
        let proxies = Proxies::default();
        assert_eq!(lodge(&proxies, "A", bids(amounts)), Ok(true));
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
        assert_eq!(kept.take_spent(), BTreeSet::from([1]));
        let other = proxies(&[100]);
        assert_eq!(other.due("A", Some("tax"), |_| true), None);
        assert_eq!((other.of("A", None), other.lock().bytes), (Value::Null, 0));
    }

    #[test]
    fn what_was_lodged_anew_is_not_touched_by_the_fate_of_what_was_lodged_before() {
        let proxies = proxies(&[100, 120]);
        let asked = due(&proxies, 100).unwrap();
        assert_eq!(lodge(&proxies, "A", bids(&[110, 130])), Ok(false));
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
        assert_eq!(proxies.take_spent(), BTreeSet::from([1]));
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
            assert!(lodge(&proxies, code, large(())).is_ok());
        }
        assert_eq!(proxies.lodgers(), ["C", "A"]);
        assert_eq!(lodge(&proxies, "B", large(())), Err(NotLodged::Full));
        assert!(lodge(&proxies, "C", large(())).is_ok());
        assert_eq!(proxies.lodgers(), ["A", "C"]);
        assert!(proxies.cancel("A").is_some());
        assert!(lodge(&proxies, "B", large(())).is_ok());
    }
}
