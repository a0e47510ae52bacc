//! A tape: what a record needs of its entries to stand where it stood, without deciding them again.
//!
//! Nearly all entries of a busy sale are single bids and refusals. Of those the tape holds what they changed;
//! of all others, that they are to be entered again. A tape is no evidence: whoever wrote it is believed. So a
//! hall believes its own, and a verifier none.

use landgavel_base::{Instant, Quantity};
use landgavel_sale::command::BidderId;
use landgavel_sale::event::{Event, Happened};

use super::{Entry, Received, Record};

/// What is kept of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// A bid stood, and nothing else happened.
    Bid {
        /// When.
        at: Instant,
        /// Whose.
        bidder: BidderId,
        /// How much.
        amount: Quantity,
        /// Hash of key and id.
        id: u128,
    },
    /// A signed command was refused.
    Refused {
        /// When.
        at: Instant,
        /// Hash of key and id.
        id: u128,
    },
    /// It is entered again from its line.
    Whole,
}

/// A trace that cannot be of this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTraced;

/// Tags of the written form.
const WHOLE: u8 = 0;
const BID: u8 = 1;
const REFUSED: u8 = 2;

impl Trace {
    /// What to keep of an entry that a command made.
    pub fn of(received: &Received, entry: &Entry) -> Self {
        let Some(signed) = received.signatures.first() else { return Self::Whole };
        let id = super::intake::id_hash(signed.key.text(), received.field("id"));
        match entry.result.as_deref() {
            Ok([Event { at, happened: Happened::BidPlaced { bidder, amount } }]) => {
                Self::Bid { at: *at, bidder: *bidder, amount: *amount, id }
            }
            Ok(_) => Self::Whole,
            Err(_) => Self::Refused { at: entry.at, id },
        }
    }

    /// Adds its written form.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Whole => bytes.push(WHOLE),
            Self::Bid { at, bidder, amount, id } => {
                bytes.push(BID);
                bytes.extend(at.millis().to_be_bytes());
                bytes.extend(bidder.0.to_be_bytes());
                bytes.extend(amount.quanta().to_be_bytes());
                bytes.extend(id.to_be_bytes());
            }
            Self::Refused { at, id } => {
                bytes.push(REFUSED);
                bytes.extend(at.millis().to_be_bytes());
                bytes.extend(id.to_be_bytes());
            }
        }
    }

    /// Reads one from the front of some bytes; gives what follows too. Nothing for bytes that are none.
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (tag, rest) = bytes.split_first()?;
        match *tag {
            WHOLE => Some((Self::Whole, rest)),
            BID => {
                let (at, rest) = take::<8>(rest)?;
                let (bidder, rest) = take::<4>(rest)?;
                let (amount, rest) = take::<8>(rest)?;
                let (id, rest) = take::<16>(rest)?;
                let trace = Self::Bid {
                    at: Instant::from_millis(i64::from_be_bytes(at))?,
                    bidder: BidderId(u32::from_be_bytes(bidder)),
                    amount: Quantity::new(i64::from_be_bytes(amount))?,
                    id: u128::from_be_bytes(id),
                };
                Some((trace, rest))
            }
            REFUSED => {
                let (at, rest) = take::<8>(rest)?;
                let (id, rest) = take::<16>(rest)?;
                let at = Instant::from_millis(i64::from_be_bytes(at))?;
                Some((Self::Refused { at, id: u128::from_be_bytes(id) }, rest))
            }
            _ => None,
        }
    }
}

fn take<const LENGTH: usize>(bytes: &[u8]) -> Option<([u8; LENGTH], &[u8])> {
    bytes.split_first_chunk::<LENGTH>().map(|(first, rest)| (*first, rest))
}

impl Record {
    /// Takes over what an entry changed; its id is taken over with [`Record::remember`]. Gives the event, when
    /// there was one.
    ///
    /// # Errors
    /// When the trace cannot be of this record, or is of an entry that must be entered again.
    pub fn retrace(&mut self, trace: &Trace) -> Result<Option<Event>, NotTraced> {
        let event = match trace {
            Trace::Whole => return Err(NotTraced),
            Trace::Bid { at, bidder, amount, .. } => {
                if *at < self.last || self.sale.bidder(*bidder).is_none() || self.sale.period().is_none() {
                    return Err(NotTraced);
                }
                Some(Event { at: *at, happened: Happened::BidPlaced { bidder: *bidder, amount: *amount } })
            }
            Trace::Refused { .. } => None,
        };
        if let Some(event) = &event {
            self.sale.apply(event);
        }
        let (Trace::Bid { at, .. } | Trace::Refused { at, .. }) = trace else { return Err(NotTraced) };
        self.last = (*at).max(self.last);
        self.entries += 1;
        Ok(event)
    }

    /// Takes over the ids of retraced entries, with their numbers; all at once, since building a map of a
    /// million ids one by one takes most of a start.
    pub fn remember(&mut self, ids: Vec<(u128, u64)>) {
        let mut all: Vec<(u128, u64)> = std::mem::take(&mut self.ids).into_iter().chain(ids).collect();
        all.sort_unstable();
        self.ids = all.into_iter().collect();
    }
}
