//! What a rulebook hides is told by nothing that the hall sends: two sales that differ in hidden amounts alone look the
//! same to everybody who must not see them.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use landgavel_server::api::{Api, Bounds};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, SALE, Stage, rulebook};

/// The amounts of A; of B and C nothing differs.
const AMOUNTS: [&str; 2] = ["1820 万元", "1900 万元"];

fn command(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// What cannot be the same: digests and signatures over the hidden amounts themselves.
fn masked(mut value: Value) -> Value {
    for path in ["/seen/root", "/binding/seen/root", "/receipt"] {
        if let Some(place) = value.pointer_mut(path) {
            *place = json!("masked");
        }
    }
    value
}

/// Everything that the public, a bystander, and the one whose bid is refused get to see.
async fn all_that_is_told(amount: &str, hidden: &str) -> Vec<(&'static str, Value)> {
    let folder = Folder::new();
    let rules = [&*rulebook(), format!("\n[information]\namounts = {hidden}\n").as_bytes()].concat();
    let stage = Stage::under(&folder, &rules).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let api = Api::new(stage.hall.clone(), Bounds::default());
    let send = async |bidder: &str, amount: &str, id: &str| {
        let submission = stage.sign(command(json!({"do": "bid", "bidder": bidder, "amount": amount, "id": id})));
        let (key, signature) = &submission.signatures[0];
        let signatures = json!([{"key": key, "signature": signature}]);
        let body = json!({"command": submission.command, "signatures": signatures}).to_string();
        let request = Request::post(format!("/api/v1/sales/{SALE}/commands")).body(Body::from(body)).unwrap();
        let bytes = to_bytes(api.router().oneshot(request).await.unwrap().into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    assert_eq!(send("A", amount, "1").await["result"], "accepted");
    let below = send("C", "1800 万元", "2").await;
    assert_eq!(below["refused"]["code"], "bid_below_minimum");
    let again = send("C", "1800 万元", "2").await;
    assert_eq!(again["repeated"], true);
    stage.until(|room| room.own_frame("C").is_some()).await;
    stage.published().await;
    let entries = stage.room.shown().unwrap().look().entries;
    stage.until(|_| stage.frame()["seen"]["size"] == entries).await;
    let own = |code| stage.room.own_frame(code).unwrap();
    let told = vec![
        ("public", stage.frame()),
        ("bidder who has not bid", own("B")),
        ("bidder whose bid was refused", own("C")),
        ("answer", below),
        ("answer again", again),
    ];
    stage.hall.close().await;
    told.into_iter().map(|(who, value)| (who, masked(value))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sales_that_differ_in_hidden_amounts_alone_look_the_same() {
    for hidden in ["\"sale-end\"", "\"never\""] {
        let (one, other) = (all_that_is_told(AMOUNTS[0], hidden).await, all_that_is_told(AMOUNTS[1], hidden).await);
        for ((who, one), (_, other)) in one.iter().zip(&other) {
            assert_eq!(one, other, "{who} under {hidden}");
            let text = one.to_string();
            assert!(!AMOUNTS.iter().any(|amount| text.contains(amount)), "{who}: {text}");
        }
        // Nobody is kept from bidding by what is hidden.
        assert!(one[1].1["can"].as_array().unwrap().contains(&json!("bid")), "{}", one[1].1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_amounts_are_shown_the_same_comparison_finds_them() {
    let shown = "\"at-once\"";
    let (one, other) = (all_that_is_told(AMOUNTS[0], shown).await, all_that_is_told(AMOUNTS[1], shown).await);
    for ((who, one), (_, other)) in one.iter().zip(&other) {
        assert_ne!(one, other, "{who}");
    }
}
