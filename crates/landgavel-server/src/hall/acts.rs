//! Acts that a record takes only with two signatures: the first waits here for the second.

use std::sync::Arc;

use landgavel_record::record::Fault as NotEntered;
use landgavel_store::{Content, Fault, Marking, SaleId, VaultError};
use serde_json::{Value, json};

use super::Hall;
use super::mark::{self, Mark};
use super::room::Stored;
use crate::desk::NotAnswered;
use crate::desk::intake::Submission;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role, secret_word};

/// Kind of record in the vault.
const ACTS: &str = "act";
/// Acts that are read at once.
const LISTED: usize = 200;
/// Acts of a sale that may wait at a time. What is done with stays, and takes nobody's place.
const WAITING: usize = 200;
/// Signatures that such an act needs.
const SIGNATURES: usize = 2;

/// An act of a sale or of a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its id within the record.
    pub id: String,
    /// The command that is signed.
    pub text: String,
    /// Who has signed.
    pub marks: Vec<Mark>,
    /// How it stands.
    pub stands: ActStands,
    /// The version in the vault.
    version: u64,
}

/// How an act stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActStands {
    /// It waits for the second signature, or for the desk.
    Waiting,
    /// It was entered.
    Entered {
        /// As which entry.
        entry: u64,
        /// The code with which the rules refused it.
        refused: Option<String>,
    },
    /// An officer has taken it back before two had signed.
    Withdrawn {
        /// The account; empty where it was not kept.
        by: String,
        /// How that officer is called.
        shown: String,
        /// When (milliseconds since 1970).
        at_ms: i64,
    },
    /// Two had signed, and it can be no entry.
    TurnedAway {
        /// Why, as a stable code.
        code: String,
    },
}

/// Where acts are entered: the record of a sale, or of a pledge.
pub trait Docket: Send + Sync {
    /// Its journal in the store.
    fn log(&self) -> &SaleId;

    /// Whether an act needs two signatures. The record decides; this tells whoever would sign alone.
    fn needs_two(&self, text: &str) -> bool;

    /// Whether this key may add its signature to what another has signed first, and both together would be taken.
    ///
    /// # Errors
    ///
    /// Why not.
    fn may_add(&self, hall: &Hall, account: &Account, key: &str, act: &Act) -> Result<(), NotDone>;

    /// Whether it is about this record, by a key that may sign it first, and would be taken as things stand.
    ///
    /// # Errors
    ///
    /// Why not.
    fn check(&self, hall: &Hall, text: &str, key: &str) -> Result<(), NotDone>;

    /// Asks its desk.
    fn ask(&self, signed: Submission) -> impl Future<Output = Result<Answer, NotAnswered>> + Send;

    /// What an entry says.
    fn stored(&self, entry: u64) -> impl Future<Output = Result<Stored, Fault>> + Send;
}

/// What became of a command with all its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is an entry.
    Entered {
        /// Which.
        entry: u64,
        /// The code with which the rules refused it.
        refused: Option<String>,
    },
    /// An earlier command of the same key has its id: that entry.
    Before(u64),
    /// It can be no entry.
    TurnedAway(NotEntered),
}

/// The acts of a sale or of a pledge.
pub struct Acts<D> {
    hall: Arc<Hall>,
    docket: Arc<D>,
}

impl Act {
    /// What it asks for.
    pub fn field(&self, name: &str) -> String {
        let value: Value = serde_json::from_str(&self.text).unwrap_or_default();
        value[name].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it still waits.
    pub fn is_waiting(&self) -> bool {
        self.stands == ActStands::Waiting
    }

    /// Whether all have signed that must: it is no more to be taken back, since whoever has both signatures can enter it.
    pub fn is_signed(&self) -> bool {
        self.marks.len() >= SIGNATURES
    }

    /// Whether an account has signed.
    pub fn is_signed_by(&self, account: &str) -> bool {
        self.marks.iter().any(|mark| mark.account == account)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let marks: Vec<Value> = self.marks.iter().map(Mark::json).collect();
        let stands = match &self.stands {
            ActStands::Waiting => json!({"stands": "waiting"}),
            ActStands::Withdrawn { by, shown, at_ms } => {
                json!({"stands": "withdrawn", "by": by, "shown": shown, "at_ms": at_ms})
            }
            ActStands::TurnedAway { code } => json!({"stands": "turned_away", "code": code}),
            ActStands::Entered { entry, refused } => json!({"stands": "entered", "entry": entry, "refused": refused}),
        };
        let mut value = json!({"text": self.text, "marks": marks});
        for (name, part) in stands.as_object().into_iter().flatten() {
            value[name] = part.clone();
        }
        value.to_string().into_bytes()
    }

    fn read(id: &str, bytes: &[u8], version: u64) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let stands = match value["stands"].as_str()? {
            "waiting" => ActStands::Waiting,
            "withdrawn" => ActStands::Withdrawn {
                by: text("by"),
                shown: text("shown"),
                at_ms: value["at_ms"].as_i64().unwrap_or_default(),
            },
            "turned_away" => ActStands::TurnedAway { code: text("code") },
            _ => ActStands::Entered {
                entry: value["entry"].as_u64()?,
                refused: value["refused"].as_str().map(str::to_owned),
            },
        };
        let text = value["text"].as_str()?.to_owned();
        Some(Self { id: id.to_owned(), text, marks: Mark::read_all(&value["marks"])?, stands, version })
    }
}

impl<D: Docket> Acts<D> {
    /// The acts of a sale or of a pledge.
    pub fn of(hall: &Arc<Hall>, docket: &Arc<D>) -> Self {
        Self { hall: Arc::clone(hall), docket: Arc::clone(docket) }
    }

    /// All of them, in the order in which they were begun.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn all(&self) -> Result<Vec<Act>, NotDone> {
        let prefix = self.name("");
        let read = |record: landgavel_store::Record| match &record.content {
            Content::Bytes(bytes) => Act::read(record.id.strip_prefix(&prefix)?, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        let mut acts: Vec<Act> = Vec::new();
        let mut after = prefix.clone();
        loop {
            let some = self.hall.setting().store.vault_list(ACTS, Some(&after), LISTED).await?;
            let Some(last) = some.last().filter(|last| last.id.starts_with(&prefix)) else {
                acts.extend(some.into_iter().filter_map(read));
                break;
            };
            after.clone_from(&last.id);
            acts.extend(some.into_iter().filter_map(read));
        }
        acts.sort_by_key(|act| act.marks.first().map(|mark| mark.at_ms));
        Ok(acts)
    }

    /// The first officer signs an act; it waits for the second.
    ///
    /// # Errors
    ///
    /// Why not, above all when the rules would refuse it as the sale stands.
    pub async fn begin(&self, account: &Account, text: &str, signature: &str) -> Result<Act, NotDone> {
        let key = mark::signing_officer(&self.hall, account)?;
        if !self.docket.needs_two(text) {
            let zh = "此项只需一名工作人员签名，请直接提交。";
            return Err(NotDone::new(
                Kind::Wrong,
                "one_signature",
                zh,
                "One officer's signature is enough for this; send it as a command.",
            ));
        }
        self.docket.check(&self.hall, text, &key)?;
        if self.all().await?.iter().filter(|act| act.is_waiting()).count() >= WAITING {
            return Err(NotDone::new(Kind::Conflict, "too_many_acts", "待签事项过多。", "Too many acts wait."));
        }
        let mut marks = Vec::new();
        mark::sign(&self.hall, text, &mut marks, account, signature, self.now_ms())?;
        let id = secret_word();
        let act = Act { id, text: text.to_owned(), marks, stands: ActStands::Waiting, version: 0 };
        let store = &self.hall.setting().store;
        let version = store.vault_put_if(ACTS, &self.name(&act.id), Marking::Plain, &act.to_bytes(), None).await?;
        Ok(Act { version, ..act })
    }

    /// The second officer signs the same text, and the act is entered. When two have signed and the desk did not answer, any
    /// listed officer asks again.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn sign(&self, account: &Account, id: &str, signature: &str) -> Result<Act, NotDone> {
        let mut act = self.waiting(id).await?;
        let key = mark::signing_key(&self.hall, account)?;
        self.docket.may_add(&self.hall, account, &key, &act)?;
        if !act.is_signed() {
            mark::sign(&self.hall, &act.text, &mut act.marks, account, signature, self.now_ms())?;
            act = self.put(act).await?;
        }
        self.enter(act).await
    }

    /// Takes an act back that waits for its second signature. One that has both may be at the desk by now.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn withdraw(&self, account: &Account, id: &str) -> Result<Act, NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        let act = self.waiting(id).await?;
        if act.is_signed() {
            let zh = "两人已签名，不能撤回：请再按一次使其列入记录。";
            let en = "Two have signed, so it cannot be taken back: press again to enter it.";
            return Err(NotDone::new(Kind::Conflict, "act_signed", zh, en));
        }
        let (by, shown) = (account.name.to_string(), account.shown.clone());
        self.put(Act { stands: ActStands::Withdrawn { by, shown, at_ms: self.now_ms() }, ..act }).await
    }

    /// Enters what two have signed. Whoever asks again after the desk was down gets the same entry.
    async fn enter(&self, act: Act) -> Result<Act, NotDone> {
        let answer = self.docket.ask(mark::submission(&act.text, &act.marks)).await;
        let stands = match answer {
            Ok(Answer::Entered { entry, refused }) => ActStands::Entered { entry, refused },
            Ok(Answer::Before(entry)) => self.before(&act, entry).await?,
            Ok(Answer::TurnedAway(fault)) if passes(&fault) => return Err(unanswered()),
            Ok(Answer::TurnedAway(fault)) => {
                self.end(Act { stands: ActStands::TurnedAway { code: fault.code().to_owned() }, ..act }).await?;
                let zh = format!("不能列入交易记录：{fault}");
                return Err(NotDone::told(
                    Kind::Wrong,
                    fault.code(),
                    zh,
                    format!("It cannot enter the record: the command {fault}."),
                ));
            }
            Err(NotAnswered::Busy | NotAnswered::Elsewhere | NotAnswered::Stopped) => return Err(unanswered()),
            Err(NotAnswered::NotReceived(_)) => {
                let why = NotDone::signature();
                self.end(Act { stands: ActStands::TurnedAway { code: why.code.to_owned() }, ..act }).await?;
                return Err(why);
            }
        };
        self.end(Act { stands, ..act }).await
    }

    /// What an entry of the same key and id says, which may be another command.
    async fn before(&self, act: &Act, entry: u64) -> Result<ActStands, NotDone> {
        let stored = self.docket.stored(entry).await?;
        let code = "id_repeated".to_owned();
        let is_same = stored.text == act.text;
        Ok(if is_same { ActStands::Entered { entry, refused: stored.refused } } else { ActStands::TurnedAway { code } })
    }

    /// Keeps how an act ended. Two may press at once: the desk gives both the same entry, and the first has kept it.
    async fn end(&self, act: Act) -> Result<Act, NotDone> {
        let id = act.id.clone();
        match self.put(act).await {
            Err(why) if why.code == NotDone::changed().code => {
                let act = self.get(&id).await?;
                if act.is_waiting() { Err(why) } else { Ok(act) }
            }
            kept => kept,
        }
    }

    async fn get(&self, id: &str) -> Result<Act, NotDone> {
        let record = self.hall.setting().store.vault_get(ACTS, &self.name(id)).await?;
        let act = match &record.content {
            Content::Bytes(bytes) => Act::read(id, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        act.ok_or_else(|| NotDone::from(VaultError::Absent))
    }

    async fn waiting(&self, id: &str) -> Result<Act, NotDone> {
        let act = self.get(id).await?;
        if act.is_waiting() {
            Ok(act)
        } else {
            Err(NotDone::new(Kind::Conflict, "act_closed", "此项已办结或撤回。", "The act was entered or taken back."))
        }
    }

    async fn put(&self, act: Act) -> Result<Act, NotDone> {
        let store = &self.hall.setting().store;
        let bytes = act.to_bytes();
        let version = store.vault_put_if(ACTS, &self.name(&act.id), Marking::Plain, &bytes, Some(act.version)).await?;
        Ok(Act { version, ..act })
    }

    fn name(&self, id: &str) -> String {
        format!("{}:{id}", self.docket.log())
    }

    fn now_ms(&self) -> i64 {
        self.hall.setting().clock.now().millis()
    }
}

/// Whether asking again later may be answered otherwise.
fn passes(fault: &NotEntered) -> bool {
    match fault {
        NotEntered::TimeRunsBackwards { .. }
        | NotEntered::TickOwed { .. }
        | NotEntered::NoticeNotPublished
        | NotEntered::RoundNotYet { .. } => true,
        NotEntered::Field { .. }
        | NotEntered::TickLate { .. }
        | NotEntered::EntryTooLong
        | NotEntered::Unsigned { .. }
        | NotEntered::KeyNotAllowed { .. }
        | NotEntered::AlreadyEnrolled { .. }
        | NotEntered::OtherSale { .. }
        | NotEntered::OtherPledge { .. }
        | NotEntered::IdRepeated { .. }
        | NotEntered::Source { .. }
        | NotEntered::WrongOpening { .. }
        | NotEntered::SealNotOpened { .. } => false,
    }
}

fn unanswered() -> NotDone {
    let zh = "两人已签名，但交易系统暂时没有答复；请稍后再按一次。";
    let en = "Both have signed, but the desk does not answer now. Press again in a moment.";
    NotDone::new(Kind::Store, "outcome_unknown", zh, en)
}
