//! A whole four-part sale by hand.

use landgavel_base::{Date, Money};
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::StageId;
use landgavel_sale::{BidderId, Command, Happened, Reason, Standing, Status};

use crate::build::*;

fn admitted() -> Hall {
    let mut hall = Hall::open(four_part());
    for (id, code) in [(A, "A"), (B, "B"), (C, "C")] {
        hall.act(10, &apply(code));
        assert_eq!(hall.refused(10, &Command::Admit { bidder: id }), Reason::BondMissing);
        hall.act(10, &lodge(id));
        hall.act(10, &Command::Admit { bidder: id });
    }
    hall
}

fn price_capped() -> Hall {
    let mut hall = admitted();
    hall.act(1_100, &bid(A, 1_000));
    hall.act(1_200, &bid(B, 1_200));
    // The quotes end at 2000; the question runs to 2240.
    assert_eq!(hall.refused(2_001, &bid(A, 1_300)), Reason::NotInThisPhase);
    for bidder in [A, B] {
        hall.act(2_010, &Command::Join { bidder });
    }
    assert_eq!(hall.refused(2_241, &bid(C, 1_300)), Reason::NotJoined);
    hall.act(2_300, &bid(A, 1_400));
    let happened = hall.act(2_500, &bid(B, 1_500));
    assert_eq!(happened.last(), Some(&Happened::CapReached { bidder: B }));
    hall.act(2_600, &accept(A));
    hall.act(2_700, &accept(C));
    hall
}

fn in_draw() -> Hall {
    let mut hall = price_capped();
    // The acceptance ends at 2800, the tax stage runs with a countdown of 60 seconds.
    hall.act(2_810, &bid(C, 11));
    assert_eq!(hall.refused(2_811, &bid(C, 12)), Reason::AlreadyLeading);
    hall.act(2_820, &bid(A, 12));
    hall.act(2_830, &accept(B));
    hall.until(2_880);
    assert_eq!(*hall.sale.status(), Status::Running(StageId(2)));
    hall
}

fn drawn() -> (Hall, BidderId, BidderId) {
    let mut hall = in_draw();
    hall.act(2_900, &Command::RevealBeacon { outputs: vec![salt(7)] });
    hall.until(2_900);
    let winner = hall.winners()[0];
    let other = if winner == A { B } else { A };
    (hall, winner, other)
}

#[test]
fn both_caps_lead_to_a_draw_among_those_who_took_them() {
    let hall = in_draw();
    let ended = hall.sale.ended_stages();
    assert_eq!((ended[0].why, &ended[0].ranking[..]), (EndReason::Capped, &[B, A, C][..]));
    assert_eq!((ended[1].why, &ended[1].ranking[..]), (EndReason::Capped, &[A, B][..]));
    hall.assert_fold();
}

#[test]
fn the_drawn_bidder_is_awarded_on_the_caps_with_its_duty() {
    let (mut hall, winner, other) = drawn();
    assert!(winner == A || winner == B);
    assert_eq!(*hall.sale.status(), Status::Provisional);
    assert_eq!(hall.refused(2_950, &Command::Confirm { bidder: winner }), Reason::NotAwaitingThis);
    assert_eq!(hall.refused(2_950, &Command::Qualify { bidder: other }), Reason::NotAwaitingThis);
    hall.act(3_000, &Command::Qualify { bidder: winner });
    hall.act(4_000, &Command::Confirm { bidder: winner });
    hall.until(4_000);
    assert_eq!(*hall.sale.status(), Status::Awarded);
    let seat = &hall.sale.seats()[0];
    assert_eq!(seat.terms.values, vec![(PRICE, q(1_500)), (TAX, q(12))]);
    let duty = &hall.sale.obligations()[0];
    assert_eq!(duty.amount, Money::from_minor(75_000));
    assert_eq!(duty.due, Date::from_ymd(2026, 2, 5));
    assert_eq!(hall.refused(4_001, &bid(A, 1)), Reason::SaleOver);
    hall.assert_fold();
}

#[test]
fn a_winner_that_does_not_sign_loses_its_bond_and_the_runner_up_follows_once() {
    let (mut hall, winner, other) = drawn();
    hall.act(3_000, &Command::Qualify { bidder: winner });
    // Five working days after Monday end with the next Monday.
    hall.until(8 * 86_400 - 1);
    assert_eq!(hall.winners(), vec![winner]);
    hall.until(8 * 86_400);
    assert_eq!(hall.winners(), vec![other]);
    assert!(hall.sale.bidder(winner).unwrap().forfeited().is_some());
    hall.until(9 * 86_400);
    assert!(matches!(hall.sale.status(), Status::PassedIn(_)));
    hall.assert_fold();
}

#[test]
fn without_a_tax_bid_the_first_to_take_the_price_cap_wins() {
    let mut hall = price_capped();
    hall.until(2_900);
    assert_eq!(hall.winners(), vec![B]);
    assert_eq!(hall.sale.seats()[0].terms.values, vec![(PRICE, q(1_500)), (TAX, q(8))]);
}

#[test]
fn an_outage_gives_the_countdown_back_in_full() {
    let mut hall = price_capped();
    hall.act(2_810, &bid(C, 11));
    hall.act(2_860, &Command::Pause { evidence: "power".into() });
    assert_eq!(hall.refused(2_900, &bid(A, 12)), Reason::SalePaused);
    hall.act(5_000, &Command::Resume);
    hall.until(5_059);
    assert_eq!(*hall.sale.status(), Status::Running(StageId(1)));
    hall.until(5_060);
    assert_eq!(hall.winners(), vec![C]);
}

#[test]
fn an_unbonded_withdrawal_is_free_before_admission_closes_and_refused_to_who_has_bid() {
    let mut hall = admitted();
    hall.act(500, &Command::Withdraw { bidder: C });
    assert_eq!(hall.sale.bidder(C).unwrap().standing(), &Standing::Withdrawn);
    assert_eq!(hall.sale.bidder(C).unwrap().forfeited(), None);
    hall.act(1_100, &bid(A, 1_000));
    assert_eq!(hall.refused(1_200, &Command::Withdraw { bidder: A }), Reason::WithdrawalTooLate);
    hall.act(1_200, &Command::Withdraw { bidder: B });
    assert!(hall.sale.bidder(B).unwrap().forfeited().is_some());
}
