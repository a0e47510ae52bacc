//! All pledges of a hall.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use landgavel_log::note::VerifierKey;
use landgavel_store::{CreateError, Fault, SaleFile, SaleId};

use super::Hall;
use crate::desk::intake::Submission;
use crate::pledges::foundation::{self, Foundation, NotFounded};
use crate::pledges::{Node, PREFIX, Pledge};

/// Most pledges that one hall keeps open.
const PLEDGES: usize = 1000;
/// Longest id of a pledge.
const ID_MAX: usize = 64;

/// The pledges that are open, by id.
#[derive(Default)]
pub(super) struct Pledging {
    open: RwLock<BTreeMap<String, Arc<Pledge>>>,
}

/// Why a pledge was not opened.
#[derive(Debug)]
pub enum NotPledged {
    /// There is another of this id.
    Exists,
    /// Too many.
    TooMany,
    /// The id is none.
    Id,
    /// Its opening names a sale that this hall does not keep.
    Sale,
    /// Its files are no foundation.
    Foundation(NotFounded),
    /// The store failed.
    Store(Fault),
}

impl fmt::Display for NotPledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("there is another pledge of this id"),
            Self::TooMany => write!(f, "a hall keeps at most {PLEDGES} pledges"),
            Self::Id => f.write_str("an id has letters, digits, `.`, `_` and `-`"),
            Self::Sale => f.write_str("the opening names a sale that this hall does not keep"),
            Self::Foundation(why) => why.fmt(f),
            Self::Store(fault) => fault.fmt(f),
        }
    }
}

/// The journal of a pledge in the store.
fn log_of(id: &str) -> Option<SaleId> {
    let is_short = (1..=ID_MAX).contains(&id.len()) && !id.starts_with(['.', '_']);
    SaleId::parse(&format!("{PREFIX}{id}")).filter(|_| is_short)
}

impl Hall {
    /// All pledges, by id.
    pub fn pledges(&self) -> Vec<Arc<Pledge>> {
        self.pledges.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// A pledge.
    pub fn pledge(&self, id: &str) -> Option<Arc<Pledge>> {
        self.pledges.open.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The name of a pledge's log; nothing when the id is none.
    pub fn pledge_origin(&self, id: &str) -> Option<String> {
        log_of(id).map(|_| format!("{}/pledges/{id}", self.house.host))
    }

    /// The log's key under the name of a pledge's log.
    pub(super) fn pledge_key(&self, origin: &str) -> VerifierKey {
        self.setting.keys.log(origin).verifier().clone()
    }

    /// Opens a pledge from its files, of which two officers have signed the opening.
    ///
    /// # Errors
    ///
    /// [`NotPledged`].
    pub(super) async fn open_pledge(
        &self,
        id: &str,
        terms: &[u8],
        policy: &str,
        sale_outcome: &str,
        signed: &Submission,
    ) -> Result<Arc<Pledge>, NotPledged> {
        let log = log_of(id).ok_or(NotPledged::Id)?;
        if self.pledges().len() >= PLEDGES {
            return Err(NotPledged::TooMany);
        }
        let files = foundation::files(terms, policy, sale_outcome, signed);
        let pledge = self.pledge_of(id, log.clone(), &files)?;
        pledge.check().await.map_err(NotPledged::Foundation)?;
        match self.setting.store.create(&log, files).await {
            Ok(()) => Ok(self.keep_pledge(pledge)),
            Err(CreateError::Exists) => Err(NotPledged::Exists),
            Err(CreateError::Fault(fault)) => Err(NotPledged::Store(fault)),
        }
    }

    /// Opens a pledge that the store holds; one that cannot be opened is damaged.
    pub(super) fn reopen_pledge(&self, log: SaleId, files: &[SaleFile]) {
        let id = log.as_str().strip_prefix(PREFIX).unwrap_or_default().to_owned();
        match self.pledge_of(&id, log.clone(), files) {
            Ok(pledge) => drop(self.keep_pledge(pledge)),
            Err(why) => {
                tracing::error!(pledge.id = id, %why, "a pledge cannot be opened");
                self.damaged.write().unwrap_or_else(PoisonError::into_inner).insert(log, why.to_string());
            }
        }
    }

    fn pledge_of(&self, id: &str, log: SaleId, files: &[SaleFile]) -> Result<Arc<Pledge>, NotPledged> {
        let origin = self.pledge_origin(id).ok_or(NotPledged::Id)?;
        let foundation = Foundation::read(files, &self.pledge_key(&origin)).map_err(NotPledged::Foundation)?;
        let sales = format!("{}/sales/", self.house.host);
        let sale = foundation.opening.sale.origin.strip_prefix(&sales).and_then(SaleId::parse);
        let sale = sale.ok_or(NotPledged::Sale)?;
        let node = Node { name: self.house.node.clone(), lease_ms: self.house.lease_ms };
        Ok(Pledge::new(id, log, sale, self.setting.clone(), node, foundation))
    }

    fn keep_pledge(&self, pledge: Arc<Pledge>) -> Arc<Pledge> {
        let mut open = self.pledges.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.get(pledge.id()) {
            return Arc::clone(known);
        }
        open.insert(pledge.id().to_owned(), Arc::clone(&pledge));
        let task = tokio::spawn(Arc::clone(&pledge).keep());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        pledge
    }
}
