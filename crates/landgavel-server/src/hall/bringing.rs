//! Brings bids that were signed in advance: one task per sale, one bid at a time, each decided on what the one before
//! it came to, so that bids of several bidders do not spoil each other.

use std::sync::Arc;
use std::time::Duration;

use landgavel_record::record::Refused;
use landgavel_sale::command::Command;
use landgavel_sale::rulebook::Item;
use landgavel_sale::{Status, Viewer};

use super::Room;
use super::proxy::{Asked, Fate};
use crate::desk::shown::Standing;
use crate::desk::{NotAnswered, Outcome};

/// After a desk did not decide, when no frame comes before.
const AGAIN: Duration = Duration::from_millis(500);

/// What a turn through all lodgers came to.
enum Turn {
    /// Nothing more is due.
    Done,
    /// The desk did not decide.
    Again,
    /// Another node writes the sale.
    Elsewhere,
    /// The sale has ended: nothing will ever be due.
    Over,
}

impl Room {
    /// Brings what is due after each frame and each lodging, until the sale has ended or is written elsewhere.
    pub(super) async fn bring(self: Arc<Self>) {
        let mut frames = self.frames();
        while !self.is_closing() {
            frames.mark_unchanged();
            let mut turn = self.bring_due().await;
            match turn {
                Turn::Elsewhere => return self.proxies.forget(),
                Turn::Over => self.proxies.end(),
                Turn::Done | Turn::Again => {}
            }
            let failed = {
                // Whoever takes bids back is told when they are erased, and not while they are about to be.
                let _turn = self.proxies.turn.lock().await;
                self.erase_spent().await
            };
            if failed.is_some() {
                turn = Turn::Again;
            }
            if matches!(turn, Turn::Over) {
                return;
            }
            tokio::select! {
                changed = frames.changed() => if changed.is_err() { return },
                () = self.proxies.woken() => {}
                () = self.closed() => return,
                () = tokio::time::sleep(AGAIN), if matches!(turn, Turn::Again) => {}
            }
        }
    }

    /// One bid of each at most: everybody sees a frame before there is another.
    async fn bring_due(&self) -> Turn {
        if let Some(over) = self.over() {
            return over;
        }
        for code in self.proxies.lodgers() {
            // From what is due to its way to the desk nothing waits, so nothing that was taken back gets there.
            let Some(asked) = self.due(&code) else { continue };
            let fate = self.fate(&asked).await;
            let is_open = fate == Fate::Open;
            self.proxies.settle(&asked, fate);
            if is_open {
                return Turn::Again;
            }
        }
        Turn::Done
    }

    fn over(&self) -> Option<Turn> {
        let shown = self.shown()?;
        let state = shown.look();
        match &state.desk {
            Standing::Elsewhere => Some(Turn::Elsewhere),
            _ => state.sale.status().is_final().then_some(Turn::Over),
        }
    }

    /// The least of a bidder's bids that the rules would take now, unless it leads.
    fn due(&self, code: &str) -> Option<Asked> {
        let shown = self.shown()?;
        let state = shown.look();
        let sale = &state.sale;
        if state.desk != Standing::Open {
            return None;
        }
        let stage = match sale.status() {
            Status::Running(stage) => Some(sale.lot().rulebook.stage(*stage).id.as_str()),
            _ => None,
        };
        let bidder = sale.bidder_named(code)?;
        let now = self.setting().clock.now().max(sale.last());
        let is_shown = sale.is_shown(Item::Amounts, Viewer::Bidder(bidder), false);
        let legal = sale.legal_bid(bidder).filter(|_| is_shown && sale.leader() != Some(bidder));
        self.proxies.due(code, stage, |amount| {
            legal.is_some_and(|legal| amount >= legal.least)
                && sale.decide(now, &Command::PlaceBid { bidder, amount }).is_ok()
        })
    }

    async fn fate(&self, asked: &Asked) -> Fate {
        match self.ask(asked.submission.clone()).await {
            Ok(Outcome::Entered(written)) => {
                let result = written.entry.result.as_ref();
                Fate::Entered {
                    entry: written.entry.number,
                    refused: result.err().map(|refused| refused.code().to_owned()),
                    is_futile: matches!(result, Err(Refused::Intake(_))),
                }
            }
            // An answer to it was lost before.
            Ok(Outcome::Before(entry)) => match self.stored(entry).await {
                Ok(stored) => Fate::Entered { entry, refused: stored.refused, is_futile: false },
                Err(_) => Fate::Open,
            },
            Ok(Outcome::TurnedAway(_)) | Err(NotAnswered::NotReceived(_)) => Fate::TurnedAway,
            Err(NotAnswered::Busy | NotAnswered::Stopped | NotAnswered::Elsewhere) => Fate::Open,
        }
    }
}
