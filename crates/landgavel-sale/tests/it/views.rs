//! What each role sees, and from when.

use landgavel_sale::mechanism::commitment_digest;
use landgavel_sale::rulebook::*;
use landgavel_sale::{Command, View, Viewer};

use crate::build::*;
use crate::kinds::{seal, unseal};

fn amounts(view: &View) -> Vec<i64> {
    view.stages.iter().flat_map(|stage| &stage.offers).filter_map(|offer| offer.value).map(|v| v.quanta()).collect()
}

#[test]
fn the_public_sees_sealed_amounts_only_when_their_stage_has_ended() {
    let offers = [(A, "A", 100), (B, "B", 200)];
    let mut hall = Hall::with_bidders(single(StageKind::Sealed(sealed(Statistic::Best))), 2);
    seal(&mut hall, &offers);
    unseal(&mut hall, &offers[..1]);
    assert_eq!(amounts(&hall.sale.view(Viewer::Public)), Vec::<i64>::new());
    hall.act(CLOSE + 120, &Command::OpenSeal { bidder: B, amounts: Some(vec![q(200)]), salt: salt(2) });
    hall.until(CLOSE + 120);
    assert_eq!(amounts(&hall.sale.view(Viewer::Public)), vec![200, 100]);
}

#[test]
fn a_bidder_sees_its_own_sealed_amount_and_nobody_elses() {
    let offers = [(A, "A", 100), (B, "B", 200), (C, "C", 300)];
    let mut hall = Hall::with_bidders(single(StageKind::Sealed(sealed(Statistic::Best))), 3);
    seal(&mut hall, &offers);
    unseal(&mut hall, &offers[..2]);
    assert_eq!(amounts(&hall.sale.view(Viewer::Bidder(A))), vec![100]);
    assert_eq!(amounts(&hall.sale.view(Viewer::Bidder(C))), Vec::<i64>::new());
}

#[test]
fn the_officer_sees_no_identity_before_the_sale_has_ended() {
    let mut book = single(StageKind::Ascending(ascending()));
    book.information.shown[Item::Identities as usize][Role::Officer as usize] = Shown::SaleEnd;
    let mut hall = Hall::with_bidders(book, 2);
    let identities = |hall: &Hall, viewer| -> Vec<Option<String>> {
        hall.sale.view(viewer).bidders.into_iter().map(|bidder| bidder.identity).collect()
    };
    hall.act(CLOSE + 1, &bid(A, 100));
    assert_eq!(identities(&hall, Viewer::Officer), vec![None, None]);
    assert_eq!(identities(&hall, Viewer::Auditor)[1].as_deref(), Some("identity of B"));
    hall.until(CLOSE + 61);
    assert_eq!(identities(&hall, Viewer::Officer)[0].as_deref(), Some("identity of A"));
}

#[test]
fn the_auditor_sees_a_reserve_only_once_it_is_shown() {
    let reserve = Limit::Committed { lodge_by: Some(CLOSES), reveal_within: secs(60) };
    let rule = Ascending { reserve: Some(reserve), ..ascending() };
    let mut book = single(StageKind::Ascending(rule));
    book.information.shown[Item::Revealed as usize][Role::Public as usize] = Shown::SaleEnd;
    // The confirmation keeps the sale from ending at once.
    book.award.confirmation = Some(Within::Time(secs(600)));
    let mut hall = Hall::open(book);
    let (stage, secret) = (StageId(0), landgavel_sale::lot::Secret::Reserve);
    let digest = commitment_digest("test/lot", "only", "reserve", q(90), salt(9));
    hall.act(1, &apply("A"));
    hall.act(1, &Command::Commit { stage, secret, digest });
    hall.act(CLOSE + 1, &bid(A, 100));
    hall.until(CLOSE + 61);
    let seen = |hall: &Hall, viewer| hall.sale.view(viewer).stages[0].reserve;
    assert_eq!(seen(&hall, Viewer::Auditor), None);
    hall.act(CLOSE + 70, &Command::Reveal { stage, secret, value: q(90), salt: salt(9) });
    hall.until(CLOSE + 70);
    assert_eq!((seen(&hall, Viewer::Auditor), seen(&hall, Viewer::Public)), (Some(q(90)), None));
    hall.act(CLOSE + 80, &Command::Confirm { bidder: A });
    hall.until(CLOSE + 80);
    assert_eq!(seen(&hall, Viewer::Public), Some(q(90)));
}
