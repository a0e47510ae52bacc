//! What an outage does to sealed bids.

use landgavel_base::Instant;
use landgavel_sale::event::Happened;
use landgavel_sale::rulebook::*;
use landgavel_sale::{BidderId, Command, Reason};

use crate::build::*;

/// The window of [`sealed`] closes at `CLOSE + 100`.
const END: i64 = CLOSE + 100;

fn lodge(bidder: BidderId, code: &str, amount: i64, readable_from: Option<Instant>) -> Command {
    Command::LodgeSeal { bidder, envelope: envelope(code, amount, salt(1)), readable_from }
}

fn outage(hall: &mut Hall, from: i64, to: i64) -> Vec<Happened> {
    hall.act(from, &Command::Pause { evidence: "power".into() });
    hall.act(to, &Command::Resume)
}

fn hall(resume: Resume) -> Hall {
    let mut book = single(StageKind::Sealed(sealed(Statistic::Best)));
    book.outage.resume = resume;
    Hall::with_bidders(book, 3)
}

/// A seal opens by time alone, outage or not. If the window then still stands open, the last bidder reads the
/// others; so such a seal counts as not lodged.
#[test]
fn a_seal_that_could_be_read_before_the_extended_window_closes_is_void() {
    let mut hall = hall(Resume::Remaining);
    hall.act(CLOSE + 10, &lodge(A, "A", 100, Some(at(END + 3))));
    hall.act(CLOSE + 11, &lodge(B, "B", 110, Some(at(END + 20))));
    hall.act(CLOSE + 12, &lodge(C, "C", 120, None));
    let happened = outage(&mut hall, CLOSE + 50, CLOSE + 70);
    assert_eq!(happened, [Happened::Resumed { lasted: secs(20) }, Happened::SealVoided { bidder: A }]);
    // It may be lodged again, though this rule lets nobody revise a seal.
    assert_eq!(hall.refused(CLOSE + 80, &lodge(B, "B", 115, None)), Reason::AlreadySealed);
    hall.act(CLOSE + 80, &lodge(A, "A", 130, Some(at(END + 23))));
    hall.assert_fold();
}

#[test]
fn an_outage_that_ends_before_a_seal_can_be_read_leaves_it() {
    let mut hall = hall(Resume::Remaining);
    hall.act(CLOSE + 10, &lodge(A, "A", 100, Some(at(END + 20))));
    assert_eq!(outage(&mut hall, CLOSE + 50, CLOSE + 70), [Happened::Resumed { lasted: secs(20) }]);
    // A second one counts with the first.
    let again = outage(&mut hall, CLOSE + 80, CLOSE + 81);
    assert_eq!(again, [Happened::Resumed { lasted: secs(1) }, Happened::SealVoided { bidder: A }]);
}

#[test]
fn a_window_that_starts_anew_makes_seals_to_its_old_end_void() {
    let mut hall = hall(Resume::FullPeriod);
    hall.act(CLOSE + 10, &lodge(A, "A", 100, Some(at(END + 40))));
    assert_eq!(
        outage(&mut hall, CLOSE + 41, CLOSE + 41),
        [Happened::Resumed { lasted: secs(0) }, Happened::SealVoided { bidder: A }]
    );
    hall.until(CLOSE + 141);
    assert_eq!(hall.winners(), []);
}

#[test]
fn an_outage_while_seals_are_opened_makes_none_void() {
    let mut hall = hall(Resume::FullPeriod);
    hall.act(CLOSE + 10, &lodge(A, "A", 100, Some(at(END + 3))));
    hall.until(END);
    assert_eq!(outage(&mut hall, END + 1, END + 500), [Happened::Resumed { lasted: secs(499) }]);
}
