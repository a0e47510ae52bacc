//! The record of a sale: commands as they were signed, what each led to, and the notice they stand on.
//!
//! [`Record::enter`] is the one way into it, for whoever runs a sale and for whoever verifies one: it
//! checks who signed, what the signature binds, and where openings and draws come from; it lets the
//! engine decide; and it writes the entry. To verify an entry is to make it again from its command
//! and compare the bytes.

mod certificate;
mod entry;
mod fault;
pub(crate) mod fields;
mod identity;
mod intake;
mod notice;
mod received;
mod seals;
pub mod sources;
mod standing;
mod tape;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_beacon::Output;
use landgavel_sale::command::{BidderId, Command};
use landgavel_sale::event::{Event, Happened, SealContent};
use landgavel_sale::refusal::Reason;
use landgavel_sale::{Lot, Sale};

pub use certificate::{Basis, CERTIFICATE_FORMAT, CERTIFICATE_MAX, StandingCertificate};
pub(crate) use entry::{ENTRY_MAX, write_entry};
pub use entry::{Entry, Refused, entry_line, notice_line};
pub use fault::{Fault, IntakeRefusal};
pub use identity::{COMMITTED, identity_commitment, stated_identity};
pub use intake::sha256;
pub(crate) use intake::{ID_MAX, id_hash};
pub(crate) use notice::{CLOCK_TOLERANCE_MAX_MS, WITNESSED_WITHIN_MAX_MS, hex};
pub use notice::{Fallback, Notice, NoticeError, Officer, Party, RECORD_FORMAT, RECORD_FORMAT_WITH_ISSUERS};
pub use received::{NotReceived, Received, Signed};
pub use seals::{SealedAmounts, sealed_plaintext};
pub use standing::Issuer;
pub use tape::{NotTraced, Trace};

use crate::keys::PublicKey;
use intake::Asked;
use seals::Lodged;

/// Name of the format of a signed command.
pub const COMMAND_FORMAT: &str = "landgavel-command/1";

/// A sale together with what its record has bound so far.
#[derive(Clone)]
pub struct Record {
    sale: Sale,
    notice: Arc<Notice>,
    /// Bidders' keys by code.
    keys: BTreeMap<String, PublicKey>,
    /// The same keys as texts: whoever applies with one of them is asked for it among very many.
    enrolled: BTreeSet<String>,
    /// Identities of applications, where issuers' certificates speak of them: what everybody reads in the record, nobody
    /// else may state again.
    identities: BTreeSet<String>,
    /// Entries of signed commands, by the first halves of the hashes of key and id.
    ids: BTreeMap<u128, u64>,
    /// Checkpoints that bidders may have seen, by size.
    checkpoints: BTreeMap<u64, [u8; 32]>,
    /// Timelocked seals that wait to be opened.
    seals: BTreeMap<BidderId, Lodged>,
    /// Hashes of every ciphertext lodged.
    ciphertexts: BTreeSet<Digest>,
    /// The round whose signature was verified last.
    opened_by: Option<Output>,
    frozen_at: Option<Instant>,
    /// A public number, and not a chain, decided a draw.
    by_hand: bool,
    entries: u64,
    /// Time of the last entry.
    last: Instant,
}

impl Record {
    /// Opens the record of a lot; entry 0 is its notice, entered at a moment.
    pub fn open(lot: Arc<Lot>, notice: Arc<Notice>, at: Instant) -> Self {
        let sale = Sale::open(lot);
        Self {
            last: at.max(sale.last()),
            sale,
            notice,
            keys: BTreeMap::new(),
            enrolled: BTreeSet::new(),
            identities: BTreeSet::new(),
            ids: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
            seals: BTreeMap::new(),
            ciphertexts: BTreeSet::new(),
            opened_by: None,
            frozen_at: None,
            by_hand: false,
            entries: 1,
        }
    }

    /// The sale as it stands.
    pub fn sale(&self) -> &Sale {
        &self.sale
    }

    /// The notice on which the sale stands.
    pub fn notice(&self) -> &Arc<Notice> {
        &self.notice
    }

    /// Entries so far, the notice among them: the size of the log's tree.
    pub fn size(&self) -> u64 {
        self.entries
    }

    /// Time of the last entry, or of the lot's first moment if that is later: no entry may be older.
    pub fn last(&self) -> Instant {
        self.last
    }

    /// Whether a draw rests on numbers that people brought, which a record cannot prove.
    pub fn is_by_hand(&self) -> bool {
        self.by_hand
    }

    /// A checkpoint was published; bidders may name it from now on.
    pub fn published(&mut self, size: u64, root: [u8; 32]) {
        self.checkpoints.insert(size, root);
    }

    /// When the entrants of the running draw were frozen.
    pub fn frozen_at(&self) -> Option<Instant> {
        self.frozen_at
    }

    /// The round that a seal lodged now must be sealed to; `None` while no window for seals is open.
    pub fn seal_round(&self) -> Option<u64> {
        let opens = self.sale.sealing_ends()?.after(self.notice.seal_delay);
        self.notice.chain.round_at(opens.millis())
    }

    /// The round that decides the draw whose entrants are frozen.
    pub fn draw_round(&self) -> Option<u64> {
        let from = self.frozen_at?.after(self.notice.draw_delay);
        self.notice.chain.round_at(from.millis())
    }

    /// Seals that wait to be opened, with their rounds.
    pub fn waiting_seals(&self) -> impl Iterator<Item = (BidderId, u64)> + '_ {
        self.seals.iter().map(|(bidder, seal)| (*bidder, seal.round))
    }

    /// Enters a command: events, or a refusal, and the entry that says so.
    ///
    /// # Errors
    /// Why it can be no entry of this record at all. Nothing has changed then.
    pub fn enter(&mut self, received: &Received) -> Result<Entry, Fault> {
        if received.at < self.last {
            return Err(Fault::TimeRunsBackwards { last: self.last });
        }
        let asked = self.intake(received)?;
        let result = match &asked.command {
            Err(refusal) => match self.sale.due().filter(|due| *due <= received.at) {
                // What does not fit now may fit once time has done its work.
                Some(due) => return Err(Fault::TickOwed { due }),
                None => Err(Refused::Intake(*refusal)),
            },
            Ok(_) if asked.is_statement => match self.sale.due().filter(|due| *due <= received.at) {
                Some(due) => return Err(Fault::TickOwed { due }),
                None => Ok(Vec::new()),
            },
            Ok(command) => self.decide(received.at, command)?,
        };
        if !entry::fits(&self.sale, self.entries, received, &result) {
            return Err(Fault::EntryTooLong);
        }
        if let Some(id) = asked.id {
            self.ids.insert(id, self.entries);
        }
        if let Ok(events) = &result {
            self.settle(received, &asked, events);
        }
        let number = self.entries;
        self.entries += 1;
        self.last = received.at;
        let line = entry_line(&self.sale, number, received, &result);
        Ok(Entry { number, at: received.at, command: received.text().to_owned(), result, line })
    }

    fn decide(&self, at: Instant, command: &Command) -> Result<Result<Vec<Event>, Refused>, Fault> {
        // A clock that may be late could hold a stage open, or keep the next one shut.
        if let (Command::Tick, Some(due)) = (command, self.sale.due())
            && due.max(self.last) < at
        {
            return Err(Fault::TickLate { due });
        }
        match self.sale.decide(at, command) {
            Ok(events) => {
                self.no_seal_is_passed_over(command, &events)?;
                Ok(Ok(events))
            }
            // An honest hall lets time pass before it decides; else it could turn anybody away.
            Err(refusal) => match refusal.reason {
                Reason::TickDue { due } => Err(Fault::TickOwed { due }),
                Reason::TimeRunsBackwards { last } => Err(Fault::TimeRunsBackwards { last }),
                _ => Ok(Err(Refused::Engine(refusal))),
            },
        }
    }

    /// A seal is unreadable only after its opening was tried in the record, for all to repeat.
    fn no_seal_is_passed_over(&self, command: &Command, events: &[Event]) -> Result<(), Fault> {
        if matches!(command, Command::OpenSeal { .. }) {
            return Ok(());
        }
        for event in events {
            if let Happened::SealOpened { bidder, content: SealContent::Unreadable } = &event.happened
                && self.seals.contains_key(bidder)
            {
                return Err(Fault::SealNotOpened { bidder: self.code(*bidder).to_owned() });
            }
        }
        Ok(())
    }

    fn settle(&mut self, received: &Received, asked: &Asked, events: &[Event]) {
        for event in events {
            match &event.happened {
                Happened::Applied(application) => {
                    if let Some(signed) = received.signatures.first() {
                        self.keys.insert(application.code.clone(), signed.key.clone());
                        self.enrolled.insert(signed.key.text().to_owned());
                    }
                    if let Some(identity) = application.identity.as_ref().filter(|_| !self.notice.issuers.is_empty()) {
                        self.identities.insert(identity.clone());
                    }
                }
                Happened::SealLodged { bidder, .. } => {
                    self.seals.remove(bidder);
                    if let Some(lodged) = &asked.lodged {
                        self.ciphertexts.insert(lodged.hash);
                        self.seals.insert(*bidder, lodged.clone());
                    }
                }
                Happened::SealOpened { bidder, .. } | Happened::SealVoided { bidder } => {
                    self.seals.remove(bidder);
                }
                Happened::StageEnded { .. } => {
                    self.seals.clear();
                    self.frozen_at = None;
                }
                Happened::DrawFrozen { .. } => self.frozen_at = Some(event.at),
                Happened::DrawHeld { .. } => {
                    self.frozen_at = None;
                    self.by_hand |= asked.by_hand;
                }
                _ => {}
            }
            self.sale.apply(event);
        }
        if let Some(signature) = &asked.opened_by {
            self.opened_by = Some(signature.clone());
        }
    }

    fn code(&self, bidder: BidderId) -> &str {
        self.sale.bidder(bidder).map_or("", |bidder| bidder.code())
    }
}
