//! Each test fails without the fix of a bug that was found.

use landgavel_sale::event::PhaseName;
use landgavel_sale::mechanism::commitment_digest;
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::*;
use landgavel_sale::{Command, Happened, Reason, Status, Viewer};

use crate::build::*;

/// Any bond, decided by the rule; the stage runs 100 seconds after applications close.
fn bonded(kind: StageKind) -> Rulebook {
    let mut book = single(kind);
    book.admission.bond = Some(bond_rule());
    book
}

#[test]
fn a_bond_does_not_let_anybody_in_after_applications_have_closed() {
    let mut hall = Hall::open(bonded(StageKind::Fixed(fixed_price())));
    for (id, code) in [(A, "A"), (B, "B")] {
        hall.act(10, &apply(code));
        hall.act(10, &lodge(id));
    }
    hall.act(10, &apply("C"));
    assert_eq!(hall.refused(CLOSE + 10, &lodge(C)), Reason::BondTooLate { until: at(CLOSE) });
}

#[test]
fn a_bond_does_not_let_anybody_in_after_admission_has_closed_even_if_it_is_in_time() {
    let mut book = bonded(StageKind::Fixed(fixed_price()));
    book.admission.bond.as_mut().unwrap().lodge_by = Some(QUOTE_ENDS);
    let mut hall = Hall::open(book);
    hall.act(10, &apply("A"));
    hall.act(10, &lodge(A));
    hall.act(10, &apply("B"));
    assert_eq!(hall.refused(CLOSE + 10, &lodge(B)), Reason::OutsideApplicationWindow);
}

#[test]
fn the_entrants_of_a_draw_stay_as_they_were_frozen() {
    let order = |withdraws: bool| {
        let mut book = bonded(StageKind::Draw(draw()));
        book.award.winners = 3;
        let mut hall = Hall::open(book);
        for (id, code) in [(A, "A"), (B, "B"), (C, "C")] {
            hall.act(10, &apply(code));
            hall.act(10, &lodge(id));
        }
        hall.until(CLOSE);
        if withdraws {
            hall.act(CLOSE + 5, &Command::Withdraw { bidder: A });
        }
        let drawn = hall.act(CLOSE + 10, &Command::RevealBeacon { outputs: vec![salt(3)] });
        hall.until(CLOSE + 10);
        assert_eq!(hall.winners().contains(&A), !withdraws);
        drawn
    };
    assert_eq!(order(true), order(false));
}

#[test]
fn a_late_entrant_does_not_bring_back_who_is_out_of_the_rounds() {
    let mut book = single(StageKind::Rounds(rounds(RoundOrder::Together)));
    book.admission.open_until = Some(StageId(0));
    let mut hall = Hall::with_bidders(book, 3);
    hall.act(CLOSE + 10, &bid(A, 100));
    hall.act(CLOSE + 20, &bid(B, 110));
    hall.act(CLOSE + 75, &apply("D"));
    assert_eq!(hall.refused(CLOSE + 76, &bid(C, 150)), Reason::NotEntrant);
    hall.act(CLOSE + 77, &bid(landgavel_sale::BidderId(3), 150));
}

#[test]
fn a_provisional_winner_cannot_withdraw_and_keep_its_seat() {
    let mut book = single(StageKind::First(first()));
    book.admission.withdraw_until = Some(QUOTE_ENDS);
    book.award.confirmation = Some(Within::Time(secs(5_000)));
    let mut hall = Hall::with_bidders(book, 2);
    hall.act(CLOSE + 10, &accept(A));
    hall.until(CLOSE + 10);
    assert_eq!(hall.winners(), vec![A]);
    assert_eq!(hall.refused(CLOSE + 20, &Command::Withdraw { bidder: A }), Reason::WithdrawalTooLate);
    hall.act(CLOSE + 20, &Command::Withdraw { bidder: B });
}

#[test]
fn a_hard_stop_holds_after_an_outage_too() {
    let close = Close::Countdown { length: secs(600), first: None, hard_stop: Some(HardStop::At(QUOTE_ENDS)) };
    let mut hall = Hall::with_bidders(single(StageKind::Ascending(Ascending { close, ..ascending() })), 2);
    hall.act(QUOTE_END - 450, &bid(A, 100));
    hall.act(QUOTE_END - 100, &Command::Pause { evidence: "power".into() });
    hall.act(QUOTE_END - 50, &Command::Resume);
    // The stop moves by the 50 seconds of the outage, and no further.
    hall.until(QUOTE_END + 49);
    assert_eq!(*hall.sale.status(), Status::Running(StageId(0)));
    hall.until(QUOTE_END + 50);
    assert_eq!(hall.sold_for(), Some((A, 100)));
}

#[test]
fn a_descending_clock_shows_its_floor_even_when_the_step_does_not_divide_the_way() {
    let rule = Descending { floor: fixed(175), ..descending() };
    let mut hall = Hall::with_bidders(single(StageKind::Descending(rule)), 2);
    // 200, 190, 180, 175.
    hall.act(CLOSE + 100, &accept(B));
    hall.until(CLOSE + 100);
    assert_eq!(hall.sold_for(), Some((B, 175)));
}

#[test]
fn a_cap_shown_during_the_question_is_offered_to_the_others() {
    let hidden = Cap { limit: Limit::Committed { lodge_by: Some(CLOSES), reveal_within: secs(60) }, ..cap(0, 300) };
    let rule = Ascending {
        cap: Some(hidden),
        quote: Some(Window { opens: Some(CLOSES), closes: WindowEnd::At(QUOTE_ENDS) }),
        ask: Some(Ask { window: secs(100), who: AskedParty::Field }),
        ..ascending()
    };
    let mut hall = Hall::open(single(StageKind::Ascending(rule)));
    let secret = landgavel_sale::lot::Secret::Cap;
    let stage = StageId(0);
    let digest = commitment_digest("test/lot", "only", "cap", q(120), salt(9));
    hall.act(1, &apply("A"));
    hall.act(1, &apply("B"));
    hall.act(2, &Command::Commit { stage, secret, digest });
    hall.act(CLOSE + 10, &bid(A, 150));
    let happened = hall.act(QUOTE_END + 10, &Command::Reveal { stage, secret, value: q(120), salt: salt(9) });
    assert_eq!(happened.last(), Some(&Happened::CapReached { bidder: A }));
    hall.act(QUOTE_END + 20, &accept(B));
    hall.until(QUOTE_END + 310);
    assert_eq!(hall.sale.ended_stages()[0].why, EndReason::Capped);
    assert_eq!(hall.sale.ended_stages()[0].ranking, vec![A, B]);
    assert_eq!(hall.sold_for(), Some((A, 120)));
}

#[test]
fn a_cap_shown_in_the_pause_between_rounds_begins_no_further_round() {
    let hidden = Cap { limit: Limit::Committed { lodge_by: Some(CLOSES), reveal_within: secs(60) }, ..cap(0, 0) };
    let rule = Rounds { cap: Some(hidden), ..rounds(RoundOrder::Together) };
    let mut hall = Hall::open(single(StageKind::Rounds(rule)));
    let (stage, secret) = (StageId(0), landgavel_sale::lot::Secret::Cap);
    let digest = commitment_digest("test/lot", "only", "cap", q(120), salt(9));
    hall.act(1, &apply("A"));
    hall.act(1, &apply("B"));
    hall.act(2, &Command::Commit { stage, secret, digest });
    hall.act(CLOSE + 10, &bid(A, 100));
    hall.act(CLOSE + 10, &bid(B, 130));
    hall.act(CLOSE + 65, &Command::Reveal { stage, secret, value: q(120), salt: salt(9) });
    hall.until(CLOSE + 66);
    assert_eq!(hall.sold_for(), Some((B, 120)));
}

#[test]
fn no_turn_begins_for_who_is_out_of_the_rounds() {
    let rule = Rounds { pause: secs(0), ..rounds(RoundOrder::InTurn) };
    let mut hall = Hall::with_bidders(single(StageKind::Rounds(rule)), 3);
    hall.act(CLOSE + 1, &bid(A, 100));
    hall.act(CLOSE + 2, &bid(B, 110));
    // C lets its turn pass, and with it the sale.
    hall.act(CLOSE + 70, &bid(A, 120));
    let turns = hall.events.iter().filter(|event| {
        matches!(event.happened, Happened::PhaseBegan { phase: PhaseName::Turn { round: 2, bidder: C } })
    });
    assert_eq!(turns.count(), 0);
}

#[test]
fn who_may_not_bid_is_shown_no_legal_amounts() {
    let mut hall = Hall::with_bidders(single(StageKind::Rounds(rounds(RoundOrder::Together))), 3);
    hall.act(CLOSE + 1, &bid(A, 100));
    hall.act(CLOSE + 2, &bid(B, 110));
    hall.until(CLOSE + 75);
    let legal = |bidder| hall.sale.view(Viewer::Bidder(bidder)).legal;
    assert_eq!(legal(A).map(|legal| legal.least), Some(q(120)));
    assert_eq!(legal(C), None);
    assert_eq!(legal(landgavel_sale::BidderId(9)), None);
}

/// Sealed bids for two places, a tie for the last of them broken by a draw.
fn tied_for_the_last_place() -> Rulebook {
    let mut book = rulebook(vec![
        stage("only", StageKind::Sealed(sealed(Statistic::Best))),
        stage("lottery", StageKind::Draw(draw())),
    ]);
    book.award.winners = 2;
    book.stages[0].exits.tied = Tie::Exit(go(1, Survivors::Tied, 2, Exit::Win));
    book
}

fn seal_and_open(hall: &mut Hall, offers: &[(landgavel_sale::BidderId, &str, i64)]) {
    for (byte, (bidder, code, amount)) in (1u8..).zip(offers) {
        let envelope = envelope(code, *amount, salt(byte));
        hall.act(CLOSE + 10, &Command::LodgeSeal { bidder: *bidder, envelope, readable_from: None });
    }
    for (byte, (bidder, _, amount)) in (1u8..).zip(offers) {
        let amounts = Some(vec![q(*amount)]);
        hall.act(CLOSE + 110, &Command::OpenSeal { bidder: *bidder, amounts, salt: salt(byte) });
    }
}

#[test]
fn who_is_better_than_a_tie_for_the_last_place_does_not_draw_lots() {
    for byte in 0..20 {
        let mut hall = Hall::with_bidders(tied_for_the_last_place(), 3);
        seal_and_open(&mut hall, &[(A, "A", 200), (B, "B", 100), (C, "C", 100)]);
        hall.until(CLOSE + 110);
        let drawn = hall.act(CLOSE + 120, &Command::RevealBeacon { outputs: vec![salt(byte)] });
        assert!(
            drawn.iter().any(|event| matches!(event, Happened::DrawHeld { order, .. } if order.len() == 2)),
            "{drawn:?}"
        );
        hall.until(CLOSE + 120);
        let winners = hall.winners();
        assert_eq!((winners.len(), winners[0]), (2, A), "the better bid keeps its place");
    }
}

#[test]
fn a_tie_break_that_fails_leaves_the_certain_places_sold() {
    let mut hall = Hall::with_bidders(tied_for_the_last_place(), 3);
    seal_and_open(&mut hall, &[(A, "A", 200), (B, "B", 100), (C, "C", 100)]);
    hall.until(CLOSE + 100_000);
    assert_eq!(hall.winners(), [A]);
}

#[test]
fn a_sealed_reserve_is_not_shown_while_bids_come_in() {
    let mut rule = sealed(Statistic::Best);
    rule.reserve = Some(Limit::Committed { lodge_by: None, reveal_within: secs(60) });
    let mut lot = lot(single(StageKind::Sealed(rule)));
    let (stage, secret) = (StageId(0), landgavel_sale::lot::Secret::Reserve);
    let name = lot.rulebook.stages[0].id.clone();
    let digest = commitment_digest(&lot.id, &name, "reserve", q(90), salt(9));
    lot.commitments.push(landgavel_sale::lot::Commitment { stage, secret, digest });
    let mut hall = Hall::of(lot);
    hall.act(10, &apply("A"));
    hall.until(CLOSE);
    let reveal = Command::Reveal { stage, secret, value: q(90), salt: salt(9) };
    assert_eq!(hall.refused(CLOSE + 10, &reveal), Reason::RevealTooEarly);
}

#[test]
fn a_falling_amount_is_not_bid_below_zero() {
    let mut rule = ascending();
    (rule.start, rule.cap) = (fixed(15), None);
    let mut book = single(StageKind::Ascending(rule));
    book.attributes[usize::from(PRICE.0)].direction = Direction::Down;
    let mut hall = Hall::with_bidders(book, 2);
    hall.act(CLOSE + 1, &bid(A, 15));
    let legal = hall.sale.view(Viewer::Bidder(B)).legal.unwrap();
    assert_eq!(legal.least, q(5));
    assert_eq!(hall.refused(CLOSE + 2, &bid(B, -5)), Reason::BidBeyondCap { cap: q(0) });
    hall.act(CLOSE + 3, &bid(B, 5));
    assert_eq!(hall.sale.view(Viewer::Bidder(A)).legal, None, "nothing is left to bid");
    hall.until(CLOSE + 100);
    assert_eq!(hall.sold_for(), Some((B, 5)));
}
