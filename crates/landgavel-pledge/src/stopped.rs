//! Days that do not count: force majeure, or a cause of the seller's.

use alloc::vec::Vec;

use landgavel_base::Date;

/// A span that one decision stopped and none before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    from: Date,
    /// First day that counts again.
    until: Date,
    /// Which decision, from 0.
    decision: usize,
}

/// All stopped days: spans that are apart from each other, by their first day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stopped {
    pieces: Vec<Piece>,
    decisions: usize,
}

impl Stopped {
    /// Parts of a span that were not stopped before.
    fn new_parts(&self, from: Date, until: Date) -> Vec<(Date, Date)> {
        let mut parts = Vec::new();
        let mut open = from;
        for piece in self.pieces.iter().filter(|piece| piece.until > from && piece.from < until) {
            if open < piece.from {
                parts.push((open, piece.from));
            }
            open = open.max(piece.until);
        }
        if open < until {
            parts.push((open, until));
        }
        parts
    }

    /// Days of a span that were not stopped before.
    pub(crate) fn new_days(&self, from: Date, until: Date) -> i32 {
        self.new_parts(from, until).into_iter().map(|(from, until)| days(from, until)).sum()
    }

    /// All days stopped so far.
    pub(crate) fn all_days(&self) -> i32 {
        self.pieces.iter().map(|piece| days(piece.from, piece.until)).sum()
    }

    pub(crate) fn stop(&mut self, from: Date, until: Date) {
        let parts = self.new_parts(from, until);
        let decision = self.decisions;
        self.pieces.extend(parts.into_iter().map(|(from, until)| Piece { from, until, decision }));
        self.pieces.sort_unstable();
        self.decisions += 1;
    }

    /// Decisions so far.
    pub(crate) fn decisions(&self) -> usize {
        self.decisions
    }

    pub(crate) fn spans(&self) -> impl Iterator<Item = (Date, Date)> {
        self.pieces.iter().map(|piece| (piece.from, piece.until))
    }

    /// A last day, moved by the stopped days of decisions from `since` on that fall into its term: those after the day
    /// from which it runs, in spans that begin on or before the last day as far as it has moved by then.
    ///
    /// `None` beyond the calendar.
    pub(crate) fn moved(&self, runs_from: Option<Date>, last: Date, since: usize) -> Option<Date> {
        let mut moved = last;
        for piece in self.pieces.iter().filter(|piece| piece.decision >= since) {
            if piece.from > moved {
                break;
            }
            // The day of the event is not counted: a term that runs from a day has its first day after it.
            let first = runs_from.and_then(|day| day.plus_days(1)).map_or(piece.from, |first| first.max(piece.from));
            moved = moved.plus_days(days(first, piece.until).max(0))?;
        }
        Some(moved)
    }
}

fn days(from: Date, until: Date) -> i32 {
    until.days_since_epoch() - from.days_since_epoch()
}
