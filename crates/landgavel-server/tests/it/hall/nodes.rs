//! Several nodes on one store: one writes a sale, the others show it and take over.

use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::Clock as _;
use landgavel_server::desk::shown::Standing;
use landgavel_server::desk::{NotAnswered, Outcome};
use landgavel_server::hall::{Hall, House, Room};
use serde_json::{Value, json};

use super::stage::{Folder, SALE, Stage, house, setting};

async fn until(room: &Room, holds: impl Fn(&Room) -> bool) {
    while !holds(room) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn frame(room: &Room) -> Value {
    serde_json::from_slice(&room.frames().borrow().json).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_shows_the_sale_and_takes_over_and_the_first_writes_no_more() {
    let folder = Folder::new();
    let first = Stage::set(&folder).await;
    first.play("2026-04-17T10:06:02+08:00").await;
    first.published().await;
    let store = first.hall.setting().store.clone();
    // The clock was set on over weeks: until its next renewal the first node's lease has lapsed.
    let now = first.clock.now().millis();
    while store.lease(first.room.id()).await.unwrap().held.is_none_or(|(_, until)| until <= now) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let second_house = House { node: "node-2".to_owned(), ..house() };
    let second = Hall::open(setting(store.clone(), Arc::clone(&first.clock)), second_house).await.unwrap();
    let room = second.room(SALE).unwrap();
    until(&room, |room| room.shown().is_some()).await;
    assert_eq!(room.standing(), Standing::Elsewhere);

    // What the first node enters the second shows, and proves.
    let bid = serde_json::from_value(json!({"do": "bid", "bidder": "B", "amount": "2320 万元"})).unwrap();
    let Outcome::Entered(entered) = first.ask(bid).await else { panic!("not entered") };
    assert!(entered.entry.result.is_ok());
    first.published().await;
    until(&room, |room| room.shown().unwrap().look().entries > entered.entry.number).await;
    until(&room, |room| frame(room)["seen"]["size"].as_u64() > Some(entered.entry.number)).await;
    for part in ["stage", "phase", "offers", "history", "next_least", "seen"] {
        assert_eq!(frame(&room)[part], first.frame()[part], "{part}");
    }
    // It takes nothing, and says so.
    let late = first.sign(serde_json::from_value(json!({"do": "bid", "bidder": "A", "amount": "2330 万元"})).unwrap());
    assert_eq!(room.ask(late.clone()).await, Err(NotAnswered::Elsewhere));
    let api = Api::new(Arc::clone(&second), Bounds::default()).router();
    let request = axum::http::Request::get("/readyz").body(axum::body::Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(api, request).await.unwrap();
    assert_eq!(response.status(), 200);

    // The lease lapses, as it does when a node hangs: the second takes over, and the first is fenced off.
    while room.standing() != Standing::Open {
        first.clock.jump_to(Instant::from_millis(first.clock.now().millis() + 16_000).unwrap());
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    let fenced = first.room.ask(late.clone()).await;
    assert!(matches!(fenced, Err(NotAnswered::Stopped | NotAnswered::Elsewhere)), "{fenced:?}");
    until(&first.room, |room| room.standing() == Standing::Elsewhere).await;
    assert!(matches!(room.ask(late).await, Ok(Outcome::Entered(_))));
    second.close().await;
    first.hall.close().await;
}
