//! One behaviour per kind of stage.

use landgavel_base::Digest;
use landgavel_sale::outcome::PassInReason;
use landgavel_sale::rulebook::*;
use landgavel_sale::{BidderId, Command, Reason, Status};

use crate::build::*;

pub fn seal(hall: &mut Hall, offers: &[(BidderId, &str, i64)]) {
    for (index, &(bidder, code, amount)) in (1u8..).zip(offers) {
        let envelope = envelope(code, amount, salt(index));
        hall.act(CLOSE + 10, &Command::LodgeSeal { bidder, envelope, readable_from: None });
    }
}

pub fn unseal(hall: &mut Hall, offers: &[(BidderId, &str, i64)]) {
    for (index, &(bidder, _, amount)) in (1u8..).zip(offers) {
        hall.act(CLOSE + 110, &Command::OpenSeal { bidder, amounts: Some(vec![q(amount)]), salt: salt(index) });
    }
    hall.until(CLOSE + 110);
}

#[test]
fn ascending_sells_to_the_highest_bid_when_the_countdown_has_run_out() {
    let mut hall = Hall::with_bidders(single(StageKind::Ascending(ascending())), 2);
    assert_eq!(hall.refused(CLOSE, &bid(A, 90)), Reason::BidBelowMinimum { least: q(100) });
    hall.act(CLOSE + 50, &bid(A, 100));
    assert_eq!(hall.refused(CLOSE + 100, &bid(B, 115)), Reason::BidNotOnStep { step: q(10) });
    hall.act(CLOSE + 109, &bid(B, 120));
    hall.until(CLOSE + 168);
    assert_eq!(hall.sold_for(), None);
    hall.until(CLOSE + 169);
    assert_eq!(hall.sold_for(), Some((B, 120)));
}

#[test]
fn sealed_bids_go_to_the_nearest_to_their_mean() {
    let offers = [(A, "A", 100), (B, "B", 200), (C, "C", 600)];
    let mut hall = Hall::with_bidders(single(StageKind::Sealed(sealed(nearest_mean()))), 3);
    seal(&mut hall, &offers);
    unseal(&mut hall, &offers);
    assert_eq!(hall.sold_for(), Some((B, 200)));
}

#[test]
fn a_sealed_bid_opens_only_with_what_was_lodged() {
    let mut hall = Hall::with_bidders(single(StageKind::Sealed(sealed(Statistic::Best))), 2);
    seal(&mut hall, &[(A, "A", 100), (B, "B", 90)]);
    let forged = Command::OpenSeal { bidder: A, amounts: Some(vec![q(900)]), salt: salt(1) };
    assert_eq!(hall.refused(CLOSE + 110, &forged), Reason::CommitmentMismatch);
    hall.act(CLOSE + 110, &Command::OpenSeal { bidder: B, amounts: Some(vec![q(90)]), salt: salt(2) });
    hall.until(CLOSE + 150);
    assert_eq!(hall.sold_for(), Some((B, 90)));
}

#[test]
fn descending_sells_to_the_first_to_stop_the_clock() {
    let mut hall = Hall::with_bidders(single(StageKind::Descending(descending())), 2);
    hall.act(CLOSE + 65, &accept(B));
    hall.until(CLOSE + 65);
    assert_eq!(hall.sold_for(), Some((B, 180)));
}

#[test]
fn rounds_together_go_on_until_one_is_left() {
    let mut hall = Hall::with_bidders(single(StageKind::Rounds(rounds(RoundOrder::Together))), 3);
    hall.act(CLOSE + 10, &bid(A, 100));
    hall.act(CLOSE + 20, &bid(B, 130));
    assert_eq!(hall.refused(CLOSE + 30, &bid(B, 140)), Reason::AlreadyBidThisRound);
    // C was silent and is out.
    assert_eq!(hall.refused(CLOSE + 71, &bid(C, 150)), Reason::NotEntrant);
    hall.act(CLOSE + 72, &bid(A, 150));
    hall.until(CLOSE + 130);
    assert_eq!(hall.sold_for(), Some((A, 150)));
}

#[test]
fn rounds_in_turn_ask_the_worst_standing_offer_first() {
    let rule = Rounds { pause: secs(0), ..rounds(RoundOrder::InTurn) };
    let mut hall = Hall::with_bidders(single(StageKind::Rounds(rule)), 2);
    assert_eq!(hall.refused(CLOSE + 1, &bid(B, 100)), Reason::NotYourTurn);
    hall.act(CLOSE + 2, &bid(A, 100));
    hall.act(CLOSE + 3, &bid(B, 110));
    assert_eq!(hall.refused(CLOSE + 4, &bid(B, 120)), Reason::NotYourTurn);
    hall.act(CLOSE + 5, &bid(A, 120));
    hall.until(CLOSE + 65);
    assert_eq!(hall.sold_for(), Some((A, 120)));
}

#[test]
fn score_leaves_out_the_extreme_marks() {
    let mut hall = Hall::with_bidders(single(StageKind::Score(score())), 2);
    for bidder in [A, B] {
        hall.act(CLOSE + 10, &Command::FileScheme { bidder, documents: Digest([1; 32]) });
    }
    let marks = [("x", A, 100), ("y", A, 50), ("z", A, 0), ("x", B, 60), ("y", B, 60), ("z", B, 55)];
    for (judge, bidder, points) in marks {
        let mark = Command::GiveMark { judge: judge.into(), bidder, criterion: "scheme".into(), points: q(points) };
        hall.act(CLOSE + 120, &mark);
    }
    hall.until(CLOSE + 120);
    assert_eq!(hall.sold_for(), Some((B, 60)));
}

#[test]
fn unmarked_schemes_end_the_stage_overdue() {
    let mut hall = Hall::with_bidders(single(StageKind::Score(score())), 2);
    hall.act(CLOSE + 10, &Command::FileScheme { bidder: A, documents: Digest([1; 32]) });
    hall.until(CLOSE + 200);
    assert!(matches!(hall.sale.status(), Status::PassedIn(PassInReason::Stage { .. })));
}

#[test]
fn fixed_goes_to_the_first_to_take_the_posted_value() {
    let mut hall = Hall::with_bidders(single(StageKind::Fixed(fixed_price())), 2);
    hall.act(CLOSE + 10, &accept(B));
    hall.act(CLOSE + 11, &accept(A));
    assert_eq!(hall.refused(CLOSE + 12, &accept(A)), Reason::AlreadyAccepted);
    hall.until(CLOSE + 100);
    assert_eq!(hall.sold_for(), Some((B, 500)));
}

#[test]
fn first_goes_to_the_earliest() {
    let mut hall = Hall::with_bidders(single(StageKind::First(first())), 2);
    hall.act(CLOSE + 10, &accept(B));
    hall.until(CLOSE + 10);
    assert_eq!(hall.winners(), vec![B]);
}

#[test]
fn a_draw_gives_the_same_order_for_the_same_beacon() {
    let run = || {
        let mut hall = Hall::with_bidders(single(StageKind::Draw(draw())), 5);
        hall.act(CLOSE + 5, &Command::RevealBeacon { outputs: vec![salt(3)] });
        hall.until(CLOSE + 5);
        hall.winners()
    };
    assert_eq!(run(), run());
    assert_eq!(run().len(), 1);
}

#[test]
fn a_hammer_falls_after_three_calls_since_the_last_bid() {
    let close = Close::Hammer { calls: 3, gap: secs(2) };
    let mut hall = Hall::with_bidders(single(StageKind::Ascending(Ascending { close, ..ascending() })), 2);
    hall.act(CLOSE + 1, &bid(A, 100));
    hall.act(CLOSE + 2, &Command::CallBid);
    assert!(matches!(hall.refused(CLOSE + 3, &Command::CallBid), Reason::TooSoon { .. }));
    hall.act(CLOSE + 4, &Command::CallBid);
    hall.act(CLOSE + 5, &bid(B, 110));
    assert_eq!(hall.refused(CLOSE + 20, &Command::FallHammer), Reason::CallsMissing { missing: 3 });
    for second in [21, 23, 25] {
        hall.act(CLOSE + second, &Command::CallBid);
    }
    assert!(matches!(hall.refused(CLOSE + 26, &Command::FallHammer), Reason::TooSoon { .. }));
    hall.act(CLOSE + 27, &Command::FallHammer);
    hall.until(CLOSE + 27);
    assert_eq!(hall.sold_for(), Some((B, 110)));
}
