//! The hall: all sales of this store, each in its room, and the pledges that came of them.
//!
//! `room` keeps one sale open, `pace` says how often it is shown; `notice` makes what officers sign, and the policy that it fixes; `templates` are the shipped
//! rulebooks; `lot_text` writes a lot's file; `mark` keeps a signature; `drafts`, `openings` and `acts` wait for a second
//! one, `sale_acts` and `pledge_acts` say of what; `pledging` keeps all pledges open; `proxy` holds bids that were signed in advance, `bringing` brings them,
//! `keeping` has them in the vault.

mod acts;
mod bringing;
mod drafts;
mod keeping;
mod lot_text;
mod mark;
mod notice;
mod openings;
mod pace;
mod pledge_acts;
mod pledging;
mod proxy;
mod room;
mod sale_acts;
mod templates;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use landgavel_log::note::VerifierKey;
use landgavel_record::register::REGISTER;
use landgavel_store::{CreateError, Fault, SaleFile, SaleId, VaultError};
use tokio::task::JoinHandle;

pub use acts::{Act, ActStands, Acts, Answer, Docket};
pub use drafts::{Draft, Drafts, Offer, Stands, Written};
pub use lot_text::{example_calendar, lot_text, outline, read_rulebook, with_outline};
pub use mark::Mark;
pub use notice::{NoticeSettings, WitnessAt, notice_text, policy_text};
pub use openings::{AskedOpening, Opening, OpeningText, Openings, Previewed};
pub use pledge_acts::{may_add, may_see};
pub use proxy::NotLodged;
pub use room::{Frame, Room, Stored};
pub use templates::{TEMPLATES, TERMS_TEMPLATES, Template, template};

use crate::clock::{Clock as _, MachineClock};
use crate::desk::foundation::{self, Foundation, NotFounded};
use crate::desk::intake::Submission;
use crate::desk::{Ended, Setting};
use crate::not_done::NotDone;
use crate::people::{AccountName, Allowance, Directory, Limiter, Role};
use crate::pledges::PREFIX;
use crate::register::{self, Register};

/// Most sales that one hall keeps open.
const ROOMS: usize = 1000;

/// How long a lease lasts, in milliseconds, unless a house says otherwise: five renewals. A node that is held up for less
/// is not taken for dead.
pub const LEASE_MS: i64 = 15_000;

/// What this hall is called, and what it puts into notices.
#[derive(Debug, Clone)]
pub struct House {
    /// The first part of each log's name: HOST/sales/ID, HOST/pledges/ID.
    pub host: String,
    /// The name of this node in leases.
    pub node: String,
    /// How long the lease of a sale lasts, in milliseconds: when the node that writes it dies, another takes over after
    /// that. It is renewed every three seconds, so it must be longer.
    pub lease_ms: i64,
    /// Witnesses of its logs.
    pub witnesses: Vec<WitnessAt>,
    /// How many of them must have cosigned.
    pub quorum: usize,
    /// Keys of officers beside those of accounts.
    pub officers: Vec<String>,
    /// What notices fix when nobody says otherwise.
    pub notice: NoticeSettings,
}

/// All sales of a store.
pub struct Hall {
    setting: Setting,
    house: House,
    register: Arc<Register>,
    rooms: RwLock<BTreeMap<SaleId, Arc<Room>>>,
    pledges: pledging::Pledging,
    kept: Mutex<Vec<JoinHandle<()>>>,
    /// Sales that cannot be opened, and why.
    damaged: RwLock<BTreeMap<SaleId, String>>,
    identities: Limiter,
}

/// How often an account may say who it is: each time is written to the vault, and what was said before is overwritten on
/// the disk. Typing errors are corrected in fewer.
const IDENTITIES: Allowance = Allowance { burst: 20, period_ms: 60_000 };
/// Accounts whose counts are kept.
const COUNTED: usize = 10_000;

/// How long whoever publishes a sale waits for the register to name it.
const NAMED_WITHIN: Duration = Duration::from_secs(20);

/// Why a sale was not created.
#[derive(Debug)]
pub enum NotCreated {
    /// There is another of this id.
    Exists,
    /// Too many.
    TooMany,
    /// The id is none.
    Id,
    /// Its files are no foundation.
    Foundation(NotFounded),
    /// The register does not name it yet. It is stored, and published as soon as the register does.
    NotRegistered,
    /// The store failed.
    Store(Fault),
}

impl fmt::Display for NotCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("there is another sale of this id"),
            Self::TooMany => write!(f, "a hall keeps at most {ROOMS} sales"),
            Self::NotRegistered => {
                f.write_str("the sale is stored and will be published as soon as the register of sales can name it")
            }
            Self::Id => f.write_str("an id has letters, digits, `.`, `_` and `-`"),
            Self::Foundation(why) => why.fmt(f),
            Self::Store(fault) => fault.fmt(f),
        }
    }
}

impl Hall {
    /// Opens all sales of the store, each on its own.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn open(setting: Setting, house: House) -> Result<Arc<Self>, Fault> {
        let mut sales = setting.store.sales().await?;
        sales.retain(|(id, _)| !register::is_register(id));
        let log = setting.keys.log(&format!("{}{REGISTER}", house.host)).verifier().clone();
        let policy = policy_text(&log, &house.witnesses, house.quorum);
        let register = Register::new(&setting, &house.host, &house.node, policy)
            .map_err(|error| Fault::Corrupt { what: format!("the policy of the register: {error}") })?;
        let keeping = tokio::spawn(Arc::clone(&register).keep());
        let hall = Arc::new(Self {
            setting,
            house,
            register,
            rooms: RwLock::default(),
            pledges: pledging::Pledging::default(),
            kept: Mutex::new(vec![keeping]),
            damaged: RwLock::default(),
            identities: Limiter::new(IDENTITIES, COUNTED),
        });
        for (id, _) in sales {
            let files = hall.setting.store.files(&id).await?;
            if id.as_str().starts_with(PREFIX) {
                hall.reopen_pledge(id, &files);
                continue;
            }
            match hall.foundation(&id, &files) {
                Ok(foundation) => drop(hall.open_room(id, foundation)),
                Err(why) => {
                    tracing::error!(sale.id = %id, %why, "a sale cannot be opened");
                    hall.damaged.write().unwrap_or_else(PoisonError::into_inner).insert(id, why.to_string());
                }
            }
        }
        Ok(hall)
    }

    /// What every desk works with.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Counts that an account says who it is.
    ///
    /// # Errors
    ///
    /// When it does so too often.
    pub fn count_identity(&self, account: &AccountName) -> Result<(), NotDone> {
        // The machine's time: a demonstration's clock may stand still.
        let now_ms = MachineClock.now().millis();
        self.identities.take(account.as_str(), now_ms).map_err(|_| NotDone::too_many())
    }

    /// The name of a sale's log.
    pub fn origin(&self, id: &SaleId) -> String {
        format!("{}/sales/{id}", self.house.host)
    }

    /// The log's key under the name of a sale's log.
    pub fn log_key(&self, id: &SaleId) -> VerifierKey {
        self.setting.keys.log(&self.origin(id)).verifier().clone()
    }

    /// The register of all sales.
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// All rooms, by id.
    pub fn rooms(&self) -> Vec<Arc<Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The room of a sale.
    pub fn room(&self, id: &str) -> Option<Arc<Room>> {
        let id = SaleId::parse(id)?;
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Sales that cannot be opened, and why.
    pub fn damaged(&self) -> BTreeMap<SaleId, String> {
        self.damaged.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Policy and notice of a sale with these files, for officers to read and sign.
    pub fn notice(
        &self,
        id: &SaleId,
        lot_id: &str,
        rulebook: &[u8],
        lot: &[u8],
        settings: &NoticeSettings,
    ) -> (String, String) {
        let policy = policy_text(&self.log_key(id), &self.house.witnesses, self.house.quorum);
        (notice_text(&self.origin(id), lot_id, rulebook, lot, &policy, settings), policy)
    }

    /// What notices of this hall fix when nobody says otherwise; without officers.
    pub fn notice_settings(&self) -> NoticeSettings {
        self.house.notice.clone()
    }

    /// Keys and witnesses were made for a demonstration.
    pub fn is_demonstration(&self) -> bool {
        self.house.notice.is_demonstration
    }

    /// Whether a key is one of the officers' of this hall.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn is_officer(&self, key: &str) -> Result<bool, VaultError> {
        if self.house.officers.iter().any(|known| known == key) {
            return Ok(true);
        }
        let directory = Directory::new(self.setting.store.clone());
        directory.has_key(Role::Officer, key).await
    }

    /// Creates a sale from its files and a notice that two officers have signed, and opens its room. The
    /// same again is no error.
    ///
    /// # Errors
    ///
    /// [`NotCreated`].
    pub async fn create(
        &self,
        id: &str,
        rulebook: &[u8],
        lot: &[u8],
        policy: &str,
        signed: &Submission,
    ) -> Result<Arc<Room>, NotCreated> {
        let id = SaleId::parse(id).filter(register::is_sale).ok_or(NotCreated::Id)?;
        if self.rooms().len() >= ROOMS {
            return Err(NotCreated::TooMany);
        }
        let files = foundation::files(rulebook, lot, policy, signed);
        let foundation = self.foundation(&id, &files).map_err(NotCreated::Foundation)?;
        match self.setting.store.create(&id, files).await {
            Ok(()) => {
                let room = self.open_room(id, foundation);
                let named = self.register.names_at_last(room.id());
                match tokio::time::timeout(NAMED_WITHIN, named).await {
                    Ok(()) => Ok(room),
                    Err(_) => Err(NotCreated::NotRegistered),
                }
            }
            Err(CreateError::Exists) => Err(NotCreated::Exists),
            Err(CreateError::Fault(fault)) => Err(NotCreated::Store(fault)),
        }
    }

    fn foundation(&self, id: &SaleId, files: &[SaleFile]) -> Result<Foundation, NotFounded> {
        Foundation::read(files, &self.log_key(id), &self.setting.gate)
    }

    fn open_room(&self, id: SaleId, foundation: Foundation) -> Arc<Room> {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(&id) {
            return Arc::clone(room);
        }
        let register = Arc::clone(&self.register);
        let room = Room::new(id.clone(), self.setting.clone(), &self.house, register, foundation);
        rooms.insert(id, Arc::clone(&room));
        let task = tokio::spawn(Arc::clone(&room).keep());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        room
    }

    /// Ends all desks in good order.
    pub async fn close(&self) {
        self.rooms().iter().for_each(|room| room.close());
        self.pledges().iter().for_each(|pledge| pledge.close());
        self.register.close();
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for task in kept {
            let _ = task.await;
        }
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.to_string())
    }
}
