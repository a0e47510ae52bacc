//! The register: one more log of the hall, which names each sale that was published and each outcome.
//!
//! It stands in the store's journal under a name that no sale can have. Whoever has something to enter takes its lease,
//! enters and gives the lease back, so that every node of a hall can; `keep` has it witnessed, shows what others entered,
//! and enters what a crash left out. `book` is what it says, read back from the journal.

mod book;
mod keep;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use landgavel_base::Digest;
use landgavel_log::note::{Note, VerifierKey};
use landgavel_log::policy::{Policy, PolicyError};
use landgavel_log::witnessed::judge;
use landgavel_record::record::sha256;
use landgavel_record::register::{REGISTER, REGISTER_JSON, Register as Entries, RegisterEntry, Says, ending_of};
use landgavel_store::{AppendError, Batch, Fault, Fence, SaleId, Store};
use tokio::sync::{Mutex, Notify, watch};

use crate::clock::Clock;
use crate::desk::shown::Published;
use crate::desk::{Publisher, Setting};
use crate::pledges::PREFIX;
use book::Book;

/// Its name in the store. No sale can be created under it.
const NAME: &str = "_register";
/// How long its lease lasts at most, in milliseconds; it is held while entries are stored.
const LEASE_MS: i64 = 10_000;
/// Between two attempts to have the lease, and how many: another node that dies with it holds it for its length.
const AGAIN: Duration = Duration::from_millis(100);
const ATTEMPTS: u32 = 150;

/// The register of a hall.
pub struct Register {
    store: Store,
    clock: Arc<dyn Clock>,
    name: SaleId,
    host: String,
    holder: String,
    policy: String,
    publisher: Publisher,
    book: Mutex<Book>,
    shown: watch::Sender<Arc<Shown>>,
    /// Something was entered here.
    entered: Notify,
    closing: watch::Sender<bool>,
}

/// What everybody may see of a register.
pub struct Shown {
    /// What it says, as far as it is stored.
    pub entries: Entries,
    /// How far witnesses have seen it.
    pub witnessed: Option<WitnessedAt>,
    /// Its files, by path: up to there, if readers believe that by the policy among them, or else up to where they do.
    pub files: BTreeMap<String, Bytes>,
    /// Why nothing can be entered.
    pub damaged: Option<String>,
}

/// A checkpoint of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WitnessedAt {
    /// Entries that it covers.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// Why something was not entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRegistered {
    /// The register says something else of the sale.
    Contradicts(String),
    /// It cannot be had now.
    Unavailable(String),
}

impl fmt::Display for NotRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradicts(why) | Self::Unavailable(why) => write!(f, "the register: {why}"),
        }
    }
}

impl From<Fault> for NotRegistered {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault.to_string())
    }
}

/// Whether an id is the register's own in the store.
pub fn is_register(id: &SaleId) -> bool {
    id.as_str() == NAME
}

/// Whether an id is that of a sale: not the register's, and not that of a pledge.
pub fn is_sale(id: &SaleId) -> bool {
    !is_register(id) && !id.as_str().starts_with(PREFIX)
}

/// What an entry would change.
enum Stands {
    /// It is said already.
    Said,
    /// It is new.
    New,
}

impl Register {
    /// The register of a host, whose checkpoints this policy believes. Nothing is read yet.
    ///
    /// # Errors
    ///
    /// When the policy is none.
    ///
    /// # Panics
    ///
    /// When the host names no key; whoever opens a hall has checked that.
    pub fn new(setting: &Setting, host: &str, holder: &str, policy: String) -> Result<Arc<Self>, PolicyError> {
        let parsed = Policy::parse(&policy)?;
        let key = setting.keys.log(&format!("{host}{REGISTER}"));
        let publisher = Publisher {
            key: Arc::new(key),
            policy: Arc::new(parsed),
            witnesses: setting.witnesses.clone(),
            clock: Arc::clone(&setting.clock),
            store: setting.store.clone(),
        };
        let book = Book::new(host);
        let shown = Shown { entries: book.entries.clone(), witnessed: None, files: BTreeMap::new(), damaged: None };
        Ok(Arc::new(Self {
            store: setting.store.clone(),
            clock: Arc::clone(&setting.clock),
            name: SaleId::parse(NAME).expect("it is a name"),
            host: host.to_owned(),
            holder: holder.to_owned(),
            policy,
            publisher,
            book: Mutex::new(book),
            shown: watch::Sender::new(Arc::new(shown)),
            entered: Notify::new(),
            closing: watch::Sender::new(false),
        }))
    }

    /// What everybody may see.
    pub fn shown(&self) -> Arc<Shown> {
        self.shown.borrow().clone()
    }

    /// The key of its log.
    pub fn log_key(&self) -> &VerifierKey {
        self.publisher.key.verifier()
    }

    /// Whether it names a sale.
    pub fn names(&self, sale: &SaleId) -> bool {
        self.shown.borrow().entries.sale(sale.as_str()).is_some()
    }

    /// Waits until it names a sale.
    pub async fn names_at_last(&self, sale: &SaleId) {
        let mut shown = self.shown.subscribe();
        // Its sender is the register's own.
        let _ = shown.wait_for(|shown| shown.entries.sale(sale.as_str()).is_some()).await;
    }

    /// Enters the notice of a sale; it is durable when this answers. Again is no error.
    ///
    /// # Errors
    ///
    /// [`NotRegistered`].
    pub async fn notice(&self, sale: &SaleId, root: Digest) -> Result<(), NotRegistered> {
        self.enter(vec![Says::Notice { sale: sale.to_string(), root }]).await
    }

    /// Whether it names a sale with this notice, as far as anything is stored; nothing is entered.
    ///
    /// # Errors
    ///
    /// [`NotRegistered`].
    pub async fn has_notice(&self, sale: &SaleId, root: Digest) -> Result<bool, NotRegistered> {
        let mut book = self.book.lock().await;
        self.catch_up(&mut book).await?;
        let says = Says::Notice { sale: sale.to_string(), root };
        Ok(matches!(stands(&book.entries, &says)?, Stands::Said))
    }

    /// Enters what a sale has come to with a published checkpoint, if that is final.
    ///
    /// # Errors
    ///
    /// [`NotRegistered`].
    pub async fn outcome(&self, sale: &SaleId, published: &Published) -> Result<(), NotRegistered> {
        let Some(ending) = ending_of(&published.outcome) else { return Ok(()) };
        let (size, root) = (published.tree.size(), Digest(published.tree.root().0));
        let outcome = sha256(published.outcome.as_bytes());
        self.enter(vec![Says::Outcome { sale: sale.to_string(), size, root, ending, outcome }]).await
    }

    /// Lets it end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Enters what is new of it.
    async fn enter(&self, all: Vec<Says>) -> Result<(), NotRegistered> {
        let shown = self.shown();
        // What is shown is stored: who asks for it again waits for nobody.
        if shown.damaged.is_none() && new_of(&shown.entries, &all)?.is_empty() {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            if self.attempt(&all).await? {
                return Ok(());
            }
            // Another node holds the lease, and may have died with it: whoever asks for something else does not wait for that.
            tokio::time::sleep(AGAIN).await;
        }
        Err(NotRegistered::Unavailable("another node holds its lease".to_owned()))
    }

    /// Enters what is new of it, if the lease can be had now; tells whether nothing is left of it.
    async fn attempt(&self, all: &[Says]) -> Result<bool, NotRegistered> {
        let mut book = self.book.lock().await;
        self.catch_up(&mut book).await?;
        if new_of(&book.entries, all)?.is_empty() {
            self.show_grown(&book);
            return Ok(true);
        }
        let now = self.clock.now().millis();
        let Some(fence) = self.store.take(&self.name, &self.holder, now, LEASE_MS).await? else { return Ok(false) };
        let appended = self.append(&mut book, &fence, all).await;
        let _ = self.store.release(&fence).await;
        match appended {
            Ok(()) => {
                self.show(&book, None);
                self.entered.notify_one();
                Ok(true)
            }
            // Another node was faster: what it entered is read, and the rest tried again.
            Err(AppendError::Moved { .. } | AppendError::Fenced { .. }) => Ok(false),
            Err(AppendError::Full) => Err(Fault::Full.into()),
            Err(AppendError::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn append(&self, book: &mut Book, fence: &Fence, all: &[Says]) -> Result<(), AppendError> {
        let at = book.entries.last().map_or(self.clock.now(), |last| last.max(self.clock.now()));
        let policy = [self.names_policy()];
        // The policy goes in front, whoever asks for what.
        let others = all.iter().filter(|says| !matches!(says, Says::Policy { .. })).cloned().collect::<Vec<_>>();
        let new = [&policy[..], &others].into_iter().flat_map(|all| new_of(&book.entries, all).unwrap_or_default());
        let lines: Vec<Vec<u8>> = new.map(|says| RegisterEntry { at, says }.line(&self.host).into_bytes()).collect();
        let head = self.store.append(fence, book.head, Batch::of(lines.clone())).await?;
        book.take(&lines).map_err(|why| AppendError::Fault(Fault::Corrupt { what: why }))?;
        book.head = head;
        Ok(())
    }

    fn names_policy(&self) -> Says {
        Says::Policy { policy: self.own_policy() }
    }

    /// The digest under which the register names this node's policy.
    fn own_policy(&self) -> Digest {
        sha256(self.policy.as_bytes())
    }

    /// Whether readers believe a checkpoint by the policy that is served with it: its witnesses are those of the policy, and
    /// the last entry about the policy that it covers names this one.
    fn is_believed(&self, book: &Book, at: WitnessedAt, note: &str) -> bool {
        let is_witnessed = Note::parse(note.as_bytes()).is_ok_and(|note| judge(&note, &self.publisher.policy).is_ok());
        is_witnessed && book.policy_at(at.size) == Some(self.own_policy())
    }

    /// Reads what others entered.
    async fn catch_up(&self, book: &mut Book) -> Result<(), NotRegistered> {
        if let Some(why) = &self.shown.borrow().damaged {
            return Err(NotRegistered::Unavailable(why.clone()));
        }
        book.catch_up(&self.store, &self.name).await.map_err(|error| match error {
            book::NotRead::Store(fault) => fault.into(),
            book::NotRead::Damaged(why) => {
                self.damage(&why);
                NotRegistered::Unavailable(why)
            }
        })
    }

    fn damage(&self, why: &str) {
        tracing::error!(log = self.log_key().name(), why, "the register cannot be used");
        self.shown.send_modify(|shown| {
            let Shown { entries, witnessed, .. } = &**shown;
            let damaged = Some(why.to_owned());
            // What contradicts itself is not handed out.
            *shown =
                Arc::new(Shown { entries: entries.clone(), witnessed: *witnessed, files: BTreeMap::new(), damaged });
        });
    }

    /// Shows what is stored, where it is more than what is shown.
    fn show_grown(&self, book: &Book) {
        if self.shown.borrow().entries.size() < book.entries.size() {
            self.show(book, None);
        }
    }

    /// Shows what is stored; a checkpoint brings the files up to it.
    fn show(&self, book: &Book, checkpoint: Option<(WitnessedAt, &str)>) {
        self.shown.send_modify(|shown| {
            let (witnessed, files) = match checkpoint {
                None => (shown.witnessed, shown.files.clone()),
                // What was believed stays until there is something newer to believe.
                Some((at, note)) if !self.is_believed(book, at, note) => (Some(at), shown.files.clone()),
                Some((at, note)) => {
                    let mut files = book.tiles(at.size);
                    files.insert("register.json".to_owned(), Bytes::from_static(REGISTER_JSON.as_bytes()));
                    files.insert("policy.txt".to_owned(), Bytes::from(self.policy.clone()));
                    files.insert("checkpoint".to_owned(), Bytes::from(note.to_owned()));
                    (Some(at), files)
                }
            };
            *shown = Arc::new(Shown { entries: book.entries.clone(), witnessed, files, damaged: None });
        });
    }
}

/// What of it is new.
fn new_of(entries: &Entries, all: &[Says]) -> Result<Vec<Says>, NotRegistered> {
    let mut new = Vec::new();
    for says in all {
        if let Stands::New = stands(entries, says)? {
            new.push(says.clone());
        }
    }
    Ok(new)
}

/// Whether something is new, said already, or against what is said.
fn stands(entries: &Entries, says: &Says) -> Result<Stands, NotRegistered> {
    let contradicts = |why: String| Err(NotRegistered::Contradicts(why));
    match says {
        Says::Policy { policy } => Ok(if entries.policy() == Some(*policy) { Stands::Said } else { Stands::New }),
        Says::Notice { sale, root } => match entries.sale(sale) {
            None => Ok(Stands::New),
            Some(known) if known.notice == *root => Ok(Stands::Said),
            Some(known) => {
                contradicts(format!("entry {} names another notice of {sale} than the sale's journal has", known.entry))
            }
        },
        Says::Outcome { sale, size, root, outcome, .. } => {
            let known = entries.sale(sale).and_then(|known| known.outcome);
            match known {
                None => Ok(Stands::New),
                Some(known) if known.size == *size && known.root != *root => contradicts(format!(
                    "entry {} names another root of {sale} after {size} entries than the sale's journal has",
                    known.entry
                )),
                // Refusals and statements that follow an ending change nothing of it.
                Some(known) if known.outcome == *outcome => Ok(Stands::Said),
                Some(known) => {
                    contradicts(format!("entry {} names another outcome of {sale} than the sale has", known.entry))
                }
            }
        }
    }
}
