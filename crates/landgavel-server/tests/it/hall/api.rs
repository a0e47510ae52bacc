//! The API, asked as programs ask it.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use landgavel_log::durable::DurableReceipt;
use landgavel_log::proof::Proof;
use landgavel_log::tree::leaf_hash;
use landgavel_server::api::{Api, Bounds, openapi};
use landgavel_server::desk::intake::Submission;
use landgavel_server::people::Allowance;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, SALE, Stage, key, signed, time};

/// Bounds that no test meets by accident.
const WIDE: Bounds = Bounds {
    address: Allowance { burst: 100_000, period_ms: 1 },
    key: Allowance { burst: 100_000, period_ms: 1 },
    streams: Allowance { burst: 100_000, period_ms: 1 },
    viewers: 10,
};

fn command(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn body(submission: &Submission) -> String {
    let signatures: Vec<Value> =
        submission.signatures.iter().map(|(key, signature)| json!({"key": key, "signature": signature})).collect();
    json!({"command": submission.command, "signatures": signatures}).to_string()
}

async fn send(api: &Api, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let response = api.router().oneshot(request).await.unwrap();
    let status = response.status();
    (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

async fn get(api: &Api, path: &str) -> (StatusCode, Vec<u8>) {
    send(api, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn post(api: &Api, submission: &Submission) -> (StatusCode, Value) {
    let path = format!("/api/v1/sales/{SALE}/commands");
    let (status, bytes) = send(api, Request::post(path).body(Body::from(body(submission))).unwrap()).await;
    (status, serde_json::from_slice(&bytes).unwrap())
}

/// A sale in its quote period: A to E are admitted, nobody has bid.
async fn quoting(folder: &Folder) -> (Stage, Api) {
    let stage = Stage::set(folder).await;
    stage.play("2026-04-08T08:00:00+08:00").await;
    stage.published().await;
    let api = Api::new(stage.hall.clone(), WIDE);
    (stage, api)
}

fn bid(amount: &str) -> Value {
    json!({"do": "bid", "bidder": "A", "amount": amount})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_is_answered_with_a_receipt_that_holds() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let submission = stage.sign(command(bid("1800 万元")));
    let (status, answer) = post(&api, &submission).await;
    assert_eq!((status, &answer["result"]), (StatusCode::OK, &json!("accepted")), "{answer}");
    let id = landgavel_store::SaleId::parse(SALE).unwrap();
    let receipt = answer["receipt"].as_str().unwrap();
    let receipt = DurableReceipt::open(receipt.as_bytes(), &stage.hall.log_key(&id)).unwrap();
    let line = answer["line"].as_str().unwrap();
    assert_eq!((receipt.entry, receipt.leaf), (answer["entry"].as_u64().unwrap(), leaf_hash(line.as_bytes())));

    let path = format!("/api/v1/sales/{SALE}/entries/{}/proof", receipt.entry);
    assert_eq!(get(&api, &path).await.0, StatusCode::NOT_FOUND);
    stage.published().await;
    let (status, proof) = get(&api, &path).await;
    assert_eq!(status, StatusCode::OK);
    let policy = &stage.room.foundation().policy;
    Proof::parse(&proof).unwrap().verify(receipt.leaf, policy).unwrap();
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_asked_again_gets_the_same_answer_and_its_id_no_other() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let first = stage.sign(command(json!({"do": "bid", "bidder": "A", "amount": "1800 万元", "id": "x"})));
    let (_, answer) = post(&api, &first).await;
    let (status, again) = post(&api, &first).await;
    assert_eq!((status, &again["repeated"]), (StatusCode::OK, &json!(true)));
    for field in ["entry", "at_ms", "result", "receipt", "line"] {
        assert_eq!(answer[field], again[field], "{field}");
    }
    let other = stage.sign(command(json!({"do": "bid", "bidder": "A", "amount": "1820 万元", "id": "x"})));
    let (status, problem) = post(&api, &other).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("id_repeated")));

    let query =
        format!("key={}&id=x", first.signatures[0].0.replace('+', "%2B").replace('=', "%3D").replace('/', "%2F"));
    let (status, found) = get(&api, &format!("/api/v1/sales/{SALE}/commands?{query}")).await;
    let found: Value = serde_json::from_slice(&found).unwrap();
    assert_eq!((status, &found["receipt"]), (StatusCode::OK, &answer["receipt"]));
    let (status, _) = get(&api, &format!("/api/v1/sales/{SALE}/commands?{}", query.replace("id=x", "id=y"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_is_entered_with_its_reason() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    for (amount, code) in
        [("1700 万元", "bid_below_minimum"), ("1810 万元", "bid_not_on_step"), ("2360 万元", "bid_beyond_cap")]
    {
        let (status, answer) = post(&api, &stage.sign(command(bid(amount)))).await;
        assert_eq!((status, &answer["refused"]["code"]), (StatusCode::OK, &json!(code)), "{answer}");
        assert!(answer["refused"]["words"]["zh"].as_str().is_some_and(|words| !words.is_empty()));
        assert!(answer["receipt"].as_str().is_some());
    }
    // A checkpoint that this log never published; a stage that does not run.
    let mut unknown = command(bid("1800 万元"));
    unknown.insert("seen".to_owned(), json!({"root": "ab".repeat(32), "size": 3}));
    let (_, answer) = post(&api, &stage.sign(unknown)).await;
    assert_eq!(answer["refused"]["code"], "unknown_checkpoint");
    let mut other = command(bid("1800 万元"));
    other.insert("stage".to_owned(), json!("tax"));
    let (_, answer) = post(&api, &stage.sign(other)).await;
    assert_eq!(answer["refused"]["code"], "other_stage");
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_of_this_sale_is_turned_away_and_leaves_no_entry() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let before = stage.room.shown().unwrap().look().entries;
    let good = stage.sign(command(bid("1800 万元")));
    let mut cases: Vec<(Submission, StatusCode, &str)> = Vec::new();
    // Another's key; a forged signature; a signature over another text; no signature.
    let value: Value = serde_json::from_str(&good.command).unwrap();
    let mut stolen = value.clone();
    stolen["key"] = json!(key("B").public().to_string());
    cases.push((signed(&stolen, &[key("B")]), StatusCode::FORBIDDEN, "key_not_allowed"));
    let mut forged = good.clone();
    forged.signatures[0].1 = key("B").sign(good.command.as_bytes());
    cases.push((forged, StatusCode::FORBIDDEN, "signature_invalid"));
    let mut changed = good.clone();
    changed.command = good.command.replace("1800", "1820");
    cases.push((changed, StatusCode::FORBIDDEN, "signature_invalid"));
    let unsigned = Submission { signatures: Vec::new(), ..good.clone() };
    cases.push((unsigned, StatusCode::FORBIDDEN, "unsigned"));
    // Another sale, by lot and by rulebook; not canonical; no JSON; an officer's act by a bidder.
    for (field, other) in [("lot", json!("cn/elsewhere/p2")), ("rulebook", json!("00".repeat(32)))] {
        let mut elsewhere = value.clone();
        elsewhere[field] = other;
        cases.push((signed(&elsewhere, &[key("A")]), StatusCode::UNPROCESSABLE_ENTITY, "other_sale"));
    }
    let spaced = good.command.replacen(',', ", ", 1);
    let spaced = Submission {
        signatures: vec![(key("A").public().to_string(), key("A").sign(spaced.as_bytes()))],
        command: spaced,
    };
    cases.push((spaced, StatusCode::UNPROCESSABLE_ENTITY, "not_canonical"));
    let mut annul = command(json!({"do": "annul", "cause": "collusion", "reason": "x"}));
    annul.insert("key".to_owned(), json!(key("A").public().to_string()));
    let annul = Value::Object(serde_json::from_str(&stage.sign(annul).command).unwrap());
    cases.push((signed(&annul, &[key("A")]), StatusCode::FORBIDDEN, "key_not_allowed"));
    let tick = Submission { command: "{\"do\":\"tick\"}".to_owned(), signatures: Vec::new() };
    cases.push((tick, StatusCode::UNPROCESSABLE_ENTITY, "field"));
    let mut unknown_key = good.clone();
    unknown_key.signatures[0].0 = "rsa:AAAA".to_owned();
    cases.push((unknown_key, StatusCode::UNPROCESSABLE_ENTITY, "key_invalid"));
    for (submission, status, code) in cases {
        let (found, problem) = post(&api, &submission).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{problem}");
        assert!(problem["words"]["zh"].as_str().is_some_and(|words| !words.is_empty()), "{problem}");
    }
    assert_eq!(stage.room.shown().unwrap().look().entries, before);
    // Replayed: the same bytes later are the same entry.
    let (_, answer) = post(&api, &good).await;
    let (_, again) = post(&api, &good).await;
    assert_eq!(answer["entry"], again["entry"]);
    assert_eq!(stage.room.shown().unwrap().look().entries, before + 1);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_late_by_a_millisecond_is_refused_and_one_in_time_is_not() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let at = time("2026-04-17T10:00:00+08:00").millis() - 1;
    stage.go_to(landgavel_base::Instant::from_millis(at).unwrap()).await;
    let early = stage.sign(command(bid("1800 万元")));
    let late = stage.sign(command(bid("1820 万元")));
    let (_, answer) = post(&api, &early).await;
    assert_eq!(answer["result"], "accepted", "{answer}");
    stage.clock.jump_to(time("2026-04-17T10:00:00+08:00"));
    let (_, answer) = post(&api, &late).await;
    assert_eq!((&answer["result"], &answer["refused"]["code"]), (&json!("refused"), &json!("not_in_this_phase")));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_too_large_or_none_are_answered_with_a_problem() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let path = format!("/api/v1/sales/{SALE}/commands");
    let large = "x".repeat(100_000);
    for (request, status, code) in [
        (Request::post(&path).body(Body::from(large)).unwrap(), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        (Request::post(&path).body(Body::from("{")).unwrap(), StatusCode::BAD_REQUEST, "malformed"),
        (Request::post(&path).body(Body::from("{\"command\":1}")).unwrap(), StatusCode::BAD_REQUEST, "malformed"),
        (Request::get("/api/v1/sales/other").body(Body::empty()).unwrap(), StatusCode::NOT_FOUND, "not_found"),
        (Request::delete(&path).body(Body::empty()).unwrap(), StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (
            Request::get(format!("/api/v1/sales/{SALE}/mine")).body(Body::empty()).unwrap(),
            StatusCode::UNAUTHORIZED,
            "not_logged_in",
        ),
    ] {
        let (found, bytes) = send(&api, request).await;
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((found, &problem["code"]), (status, &json!(code)));
    }
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_an_address_that_ask_too_often_are_held_before_their_signatures_cost_anything() {
    let folder = Folder::new();
    let (stage, _) = quoting(&folder).await;
    let few = Allowance { burst: 2, period_ms: 3_600_000 };
    for bounds in [Bounds { key: few, ..WIDE }, Bounds { address: few, ..WIDE }] {
        let api = Api::new(stage.hall.clone(), bounds);
        let mut forged = stage.sign(command(bid("1800 万元")));
        forged.signatures[0].1 = "AAAA".to_owned();
        assert_eq!(post(&api, &forged).await.0, StatusCode::FORBIDDEN);
        assert_eq!(post(&api, &forged).await.0, StatusCode::FORBIDDEN);
        let (status, problem) = post(&api, &forged).await;
        assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")));
    }
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_read_by_nobody_before_the_sale_has_ended_while_the_policy_hides_something() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    for path in [
        format!("/api/v1/sales/{SALE}/entries"),
        format!("/sales/{SALE}/bundle.zip"),
        format!("/sales/{SALE}/log/tile/entries/000.p/2"),
    ] {
        let (status, bytes) = get(&api, &path).await;
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("hidden")), "{path}");
    }
    for path in ["checkpoint", "checkpoints.jsonl", "tile/0/000.p/2", "policy.txt"] {
        assert_eq!(get(&api, &format!("/sales/{SALE}/log/{path}")).await.0, StatusCode::OK, "{path}");
    }
    let mut annul = command(json!({"do": "annul", "cause": "collusion", "reason": "x"}));
    annul.insert("id".to_owned(), json!("end"));
    stage.ask(annul).await;
    stage.published().await;
    let (status, bytes) = get(&api, &format!("/api/v1/sales/{SALE}/entries?from=1&limit=2")).await;
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((status, answer["entries"].as_array().unwrap().len()), (StatusCode::OK, 2));
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_of_a_sale_verifies() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    stage.ask(command(json!({"do": "annul", "cause": "collusion", "reason": "x"}))).await;
    stage.published().await;
    let (status, bytes) = get(&api, &format!("/sales/{SALE}/bundle.zip")).await;
    assert_eq!(status, StatusCode::OK);
    let archive = landgavel_record::archive::Archive::open(std::io::Cursor::new(bytes)).unwrap();
    let report = landgavel_record::verify::verify(
        &archive,
        &landgavel_record::verify::Options::default(),
        &landgavel_record::verify::Alone::default(),
        &mut landgavel_record::verify::Silent,
    );
    assert_eq!(report.wrong, None);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_gets_the_newest_frame_and_each_that_follows() {
    use futures_util::StreamExt as _;
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    let path = format!("/api/v1/sales/{SALE}/stream");
    let response = api.router().oneshot(Request::get(&path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.into_body().into_data_stream();
    let first = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.starts_with("id: ") && first.contains("event: frame\ndata: {"), "{first}");
    let entries = stage.room.shown().unwrap().look().entries;
    stage.ask(command(bid("1800 万元"))).await;
    loop {
        let event = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
        if event.starts_with(&format!("id: {}\n", entries + 1)) {
            assert!(event.contains("1800 万元"), "{event}");
            break;
        }
    }
    api.close();
    while events.next().await.is_some() {}
    // As many viewers as there are places, and no more.
    let more = Api::new(stage.hall.clone(), Bounds { viewers: 1, ..WIDE });
    let held = more.router().oneshot(Request::get(&path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(get(&more, &path).await.0, StatusCode::SERVICE_UNAVAILABLE);
    drop(held);
    stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hall_tells_whether_it_is_ready_and_what_it_counts() {
    let folder = Folder::new();
    let (stage, api) = quoting(&folder).await;
    assert_eq!(get(&api, "/healthz").await.0, StatusCode::OK);
    assert_eq!(get(&api, "/readyz").await.0, StatusCode::OK);
    post(&api, &stage.sign(command(bid("1800 万元")))).await;
    let (_, metrics) = get(&api, "/metrics").await;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(metrics.contains("landgavel_commands_total{outcome=\"entered\"} 1"), "{metrics}");
    stage.hall.close().await;
}

#[test]
fn the_openapi_document_is_the_one_in_the_repository() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/generated/openapi.json");
    let made = format!("{:#}\n", openapi());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), made, "UPDATE_GOLDEN=1 writes it anew");
}
