//! A whole sale with robots, for whoever wants to see how it goes.
//!
//! Everything in it is made for the demonstration by one hand: keys, witnesses, rounds, clock. Its record says so. `cast` is
//! who takes part; `robots` is how bidders play; `play` is the course of the day, `after` the years after it. `serve` knows
//! none of it.

mod after;
mod cast;
mod play;
mod robots;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use landgavel_base::Instant;
use landgavel_beacon::LocalChain;
use landgavel_store::{Fault, Store};
use tokio::sync::Notify;

use crate::clock::PacedClock;
use crate::desk::intake::Gate;
use crate::desk::{Rounds, Setting, Witnesses};
use crate::hall::{Hall, Room};
use crate::keys::Keys;
use crate::people::{AccountName, Directory, PeopleError, Role, Token};
use cast::{CHAIN_GENESIS_S, CHAIN_PERIOD_S, Cast};

pub use after::PLEDGE;
pub use cast::{SALE, VISITOR, visitor_code};
pub use play::Told;
pub use robots::COUNT as ROBOTS;

/// How a demonstration goes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How many seconds of the sale pass in one second while people bid.
    pub speed: u32,
    /// How many seconds to wait for a visitor who wants to take part.
    pub wait_s: u64,
    /// How many robots take part, at most all of them; without any, visitors have the sale to themselves.
    pub robots: usize,
}

/// A demonstration: a hall with one sale, and those who play in it.
pub struct Demo {
    hall: Arc<Hall>,
    room: Arc<Room>,
    clock: Arc<PacedClock>,
    people: Directory,
    cast: Cast,
    pace: Pace,
    door: Arc<Door>,
}

/// Where visitors of a demonstration come in.
#[derive(Default)]
pub struct Door {
    /// Wakes the sale when a visitor does not want to wait.
    begin: Notify,
    /// Visitors that have taken a bidder's account.
    visitors: AtomicUsize,
}

/// Why a demonstration could not begin.
#[derive(Debug)]
pub enum NotBegun {
    /// The store failed.
    Store(Fault),
    /// An account could not be made.
    People(PeopleError),
    /// The sale could not be created.
    Sale(String),
}

impl std::fmt::Display for NotBegun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(fault) => fault.fmt(f),
            Self::People(error) => write!(f, "the accounts were not made: {error:?}"),
            Self::Sale(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for NotBegun {}

/// Accounts that a visitor may take beside a bidder's, with their roles.
const PERSONS: [(&str, Role); 3] =
    [("officer", Role::Officer), ("guarantor", Role::Guarantor), ("auditor", Role::Auditor)];

/// Accounts that look at the pledge after the sale, with what others see of them.
const PARTIES: [(&str, Role, &str); 3] = [
    ("enterprise", Role::Bidder, "竞得企业 Winner（演示 demo）"),
    ("bank", Role::Guarantor, "样本银行 Sample Bank（演示 demo）"),
    ("bureau", Role::Source, "税务局 Tax Bureau（演示 demo）"),
];

impl Demo {
    /// Opens a hall in a folder and publishes the sale.
    ///
    /// # Errors
    /// Why it could not begin.
    pub async fn open(folder: &Path, host: &str, pace: Pace) -> Result<Self, NotBegun> {
        let store = Store::open(&folder.join("demo.db").to_string_lossy()).await.map_err(NotBegun::Store)?;
        let cast = Cast::new(host);
        let clock = Arc::new(PacedClock::new(cast.notice_at(), 1000));
        let chain = LocalChain::from_seed(cast.chain_seed(), CHAIN_GENESIS_S, CHAIN_PERIOD_S);
        let chain = Arc::new(chain.map_err(|error| NotBegun::Sale(error.to_string()))?);
        let setting = Setting {
            store: store.clone(),
            clock: clock.clone(),
            keys: Arc::new(Keys::new(cast.log_key(), &cast.hall_key())),
            gate: Arc::new(Gate::default()),
            witnesses: Witnesses::Own(Arc::new(cast.witnesses())),
            rounds: Rounds::Own(Arc::clone(&chain)),
        };
        let house = cast.house(setting.keys.hall().public(), &chain);
        let hall = Hall::open(setting, house.clone()).await.map_err(NotBegun::Store)?;
        let room = cast.publish(&hall, &house).await.map_err(NotBegun::Sale)?;
        let people = Directory::new(store);
        let visitors = (1..=cast::VISITORS).map(|number| (cast::visitor_name(number), Role::Bidder));
        for (name, role) in PERSONS.map(|(name, role)| (name.to_owned(), role)).into_iter().chain(visitors) {
            let shown = cast::shown_name(role);
            people.invite(&name, shown, role, clock_now(&clock).millis()).await.map_err(NotBegun::People)?;
        }
        for (name, role, shown) in PARTIES {
            people.invite(name, shown, role, clock_now(&clock).millis()).await.map_err(NotBegun::People)?;
        }
        Ok(Self { hall, room, clock, people, cast, pace, door: Arc::default() })
    }

    /// The hall.
    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// The people.
    pub fn people(&self) -> &Directory {
        &self.people
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<PacedClock> {
        &self.clock
    }

    /// Where visitors come in.
    pub fn door(&self) -> Arc<Door> {
        Arc::clone(&self.door)
    }
}

impl Door {
    /// A visitor does not want to wait.
    pub fn begin(&self) {
        self.begin.notify_one();
    }

    /// Lets a visitor in as one of the demonstration's persons; each bidder is another one.
    ///
    /// # Errors
    /// When there is no such person, all bidders are taken, or the vault fails.
    pub async fn enter(&self, people: &Directory, person: &str, now_ms: i64) -> Result<Token, String> {
        let name = if person == VISITOR {
            let number = self.visitors.fetch_add(1, Ordering::Relaxed) + 1;
            if number > cast::VISITORS {
                return Err("all visitors' accounts are taken".to_owned());
            }
            cast::visitor_name(number)
        } else {
            let persons = PERSONS.iter().map(|(name, _)| *name).chain(PARTIES.iter().map(|(name, _, _)| *name));
            persons.into_iter().find(|known| *known == person).ok_or("there is no such person")?.to_owned()
        };
        let name = AccountName::parse(&name).map_err(|_| "there is no such person")?;
        people.begin_session(&name, now_ms).await.map_err(|error| error.to_string())
    }
}

fn clock_now(clock: &PacedClock) -> Instant {
    use crate::clock::Clock as _;
    clock.now()
}
