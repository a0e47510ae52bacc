//! Applications and bonds, from the bidder by the guarantor to the officer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use landgavel_server::desk::Outcome;
use landgavel_server::dossier::{Said, apply, code_of};
use landgavel_server::people::AccountName;
use landgavel_store::Content;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, Stage, rulebook, time};

use super::office::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_bond_goes_from_the_bidder_by_its_guarantor_to_the_officer() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    assert_eq!(office.hands_in(&letter(), b"%PDF-1.7").await.0, StatusCode::FORBIDDEN);
    let code = office.applies().await;

    // What it is counts, not what it calls itself; and what the rule refuses is said at once.
    for (terms, bytes, refusal) in [
        (letter(), &b"<html>"[..], "paper_kind"),
        (letter_with("on_demand", ""), b"%PDF-", "bond_on_demand"),
        (letter_with("valid_until", "2026-04-30"), b"%PDF-", "bond_expires_too_early"),
        (letter_with("amount", "300 万元"), b"%PDF-", "bond_too_small"),
        (letter_with("guarantor", "nobody"), b"%PDF-", "guarantor"),
        (letter_with("beneficiary", ""), b"%PDF-", "bond_letter"),
    ] {
        let (_, problem) = office.hands_in(&terms, bytes).await;
        assert_eq!(problem["code"], refusal, "{terms}: {problem}");
    }
    let (status, told) = office.hands_in(&letter(), b"%PDF-1.7 letter").await;
    assert_eq!((status, &told["is_backed"]), (StatusCode::OK, &json!(false)), "{told}");
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains(&code) && !page.contains("data-command=\"bond\""));

    // Only the guarantor that it names answers, once.
    let answer = format!("/api/v1/sales/p1/bonds/{code}/answer");
    let confirms = json!({"of": told["digest"], "confirms": true});
    for who in ["other-bank", "officer-1", "bidder-1", "notary"] {
        assert_eq!(office.ask(who, Method::POST, &answer, confirms.clone()).await.0, StatusCode::FORBIDDEN, "{who}");
    }
    let (_, listed) = office.ask("bank", Method::GET, "/api/v1/guarantees", Value::Null).await;
    assert_eq!(listed["guarantees"][0]["bidder"], json!(code));
    let paper = format!("/api/v1/sales/p1/bonds/{code}/paper");
    let reason = || json!({"reason": "check"});
    let token = office.token("bank").await;
    let request = Request::post(&paper).header("authorization", format!("Bearer {}", token.text()));
    let request = request.body(Body::from(reason().to_string())).unwrap();
    assert_eq!(office.raw(request).await, (StatusCode::OK, "%PDF-1.7 letter".to_owned()));
    assert_eq!(office.ask("other-bank", Method::POST, &paper, reason()).await.0, StatusCode::FORBIDDEN);
    // Who reads it says why; and no link that a browser follows by itself leaves a trace.
    let (_, problem) = office.ask("bank", Method::POST, &paper, json!({})).await;
    assert_eq!(problem["code"], "reason");
    assert_eq!(office.ask("bank", Method::GET, &paper, Value::Null).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let (status, denied) = office
        .ask("bank", Method::POST, &answer, json!({"of": told["digest"], "confirms": false, "reason": "unknown"}))
        .await;
    assert_eq!((status, &denied["is_backed"]), (StatusCode::OK, &json!(false)));
    assert_eq!(office.ask("bank", Method::POST, &answer, confirms.clone()).await.0, StatusCode::CONFLICT);

    // A denied one is replaced, and the new one needs an answer of its own.
    let better = office.hands_in(&letter(), b"%PDF-1.7 better").await.1;
    assert_eq!((&better["answer"], &better["past"][0]["answer"]["reason"]), (&Value::Null, &json!("unknown")));
    let form = format!("answer=confirm&of={}", better["digest"].as_str().unwrap());
    let form = office.form("bank", &format!("/guarantor/p1/{code}"), &form).await;
    assert_eq!(form.0, StatusCode::SEE_OTHER);
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains("data-command=\"bond\"") && !page.contains("data-command=\"admit\""));
    let bond = json!({"do": "bond", "bidder": code, "form": "guarantee", "amount": "360 万元",
                      "valid_until": "2027-01-31T23:59:59+08:00", "issuer": "bank"});
    for command in [bond, json!({"do": "admit", "bidder": code})] {
        let outcome = office.stage.ask(serde_json::from_value(command).unwrap()).await;
        assert!(matches!(outcome, Outcome::Entered(written) if written.entry.result.is_ok()));
    }
    assert_eq!(office.hands_in(&letter(), b"%PDF-").await.0, StatusCode::CONFLICT);
    assert_eq!(office.hands_in(&letter(), b"%PDF-").await.1["code"], "no_application");

    // The rule hides identities from officers until the end; the auditor reads at once, and leaves a trace.
    let identity = format!("/api/v1/sales/p1/identities/{code}");
    for path in [&identity, &paper] {
        let (status, problem) = office.ask("officer-1", Method::POST, path, reason()).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("hidden")), "{path}");
    }
    let (status, told) = office.ask("notary", Method::POST, &identity, Value::Null).await;
    assert_eq!((status, &told["company"], &told["is_committed"]), (StatusCode::OK, &json!("样例企业"), &json!(true)));
    let (_, readings) = office.ask("notary", Method::GET, "/api/v1/readings", Value::Null).await;
    let readers: Vec<&str> =
        readings["readings"].as_array().unwrap().iter().map(|one| one["who"].as_str().unwrap()).collect();
    assert_eq!(readers, ["bank", "notary"]);
    let (_, page) = office.page("notary", "/auditor").await;
    assert!(page.contains(&format!("identity of {code}")));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_markup_stay_text_and_wrong_identities_are_told() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    let said = "company=%3Cscript%3Ealert(1)%3C/script%3E&credit_code=12&contact=x&group=";
    let (status, page) = office.form("bidder-1", "/sales/p1/apply", said).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;alert(1)"), "{page}");
    office.stage.published().await;
    let code = office.applies().await;
    // Names of guarantors stand in the form for bonds.
    let (_, page) = office.page("bidder-1", "/sales/p1/apply").await;
    assert!(page.contains(&code) && page.contains("bank &#60;script") && !page.contains("<script>alert"));
    let (_, told) = office
        .ask(
            "bidder-1",
            Method::POST,
            "/api/v1/sales/p1/application",
            json!({"company": "A", "credit_code": "12345", "contact": "B"}),
        )
        .await;
    assert_eq!(told["code"], "already_applied");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_of_a_hundred_megabytes_is_refused_before_it_has_come() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    office.applies().await;
    const MEGABYTE: usize = 1 << 20;
    for says_length in [true, false] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let pieces = futures_util::stream::iter((0..100).map(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<Bytes, std::io::Error>(Bytes::from(vec![b'%'; MEGABYTE]))
        }));
        let mut request = Request::put("/api/v1/sales/p1/bond")
            .header("landgavel-terms", ascii(&letter()))
            .header("authorization", format!("Bearer {}", office.token("bidder-1").await.text()));
        if says_length {
            request = request.header("content-length", 100 * MEGABYTE);
        }
        let (status, problem) = office.raw(request.body(Body::from_stream(pieces)).unwrap()).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
        let most = if says_length { 0 } else { 12 };
        assert!(sent.load(Ordering::SeqCst) <= most, "{} MB were read", sent.load(Ordering::SeqCst));
    }
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_signs_another_group_than_the_hall_gave_is_shown_to_the_officer() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let said =
        json!({"company": "样例企业", "credit_code": "91350100M000100Y43", "contact": "某人", "group": "某集团"});
    let (_, told) = office.ask("bidder-1", Method::POST, "/api/v1/sales/p1/application", said).await;
    // Under one control with others, it signs that it stands alone.
    let command = json!({"do": "apply", "bidder": told["bidder"], "identity": told["identity"], "group": "G-alone",
                         "facts": {"industry": "C345"}});
    office.stage.ask(serde_json::from_value(command).unwrap()).await;
    let (_, page) = office.page("officer-1", "/officer/sales/p1?lang=en").await;
    assert!(page.contains("The signed digest or group is not what the hall gave"));
    let identity = format!("/api/v1/sales/p1/identities/{}", told["bidder"].as_str().unwrap());
    let (status, told) = office.ask("notary", Method::POST, &identity, Value::Null).await;
    assert_eq!((status, &told["group"], &told["is_committed"]), (StatusCode::OK, &json!("某集团"), &json!(false)));
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_said_twice_at_once_is_kept_once_and_is_the_one_that_was_answered() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let account = AccountName::parse("bidder-1").unwrap();
    let account = office.people.account(&account).await.unwrap().unwrap();
    let (hall, room) = (&office.stage.hall, &office.stage.room);
    let said = |company: &str| Said {
        company: company.to_owned(),
        credit_code: "91350100M000100Y43".to_owned(),
        contact: "某人".to_owned(),
        group: String::new(),
    };
    // The first time the other's stayed as nobody's; later it overwrote the one that was answered.
    for round in 0..3 {
        let companies = [format!("甲{round}"), format!("乙{round}")];
        let (one, two) = tokio::join!(
            apply(hall, room, &account, said(&companies[0])),
            apply(hall, room, &account, said(&companies[1]))
        );
        let last = code_of(&hall.setting().store, room.id(), &account.name).await.unwrap().unwrap();
        assert!([one.ok(), two.ok()].into_iter().flatten().any(|application| application == last));
        let kept = hall.setting().store.vault_list("identity", None, 100).await.unwrap();
        let kept: Vec<_> = kept.iter().filter(|record| !matches!(record.content, Content::Erased { .. })).collect();
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert!(kept[0].id.contains(&last.commitment));
    }
    hall.close().await;
}

/// The command by which an officer enters a bond, as its page has it signed.
async fn entering(office: &Office, told: &Value) -> Value {
    let shown = office.stage.room.shown().unwrap();
    let command = json!({"do": "bond", "bidder": told["bidder"], "form": "guarantee", "amount": told["amount"],
        "valid_until": "2027-01-31T23:59:59+08:00", "issuer": told["issuer"],
        "note": format!("landgavel-bond/1 sha256:{}", told["digest"].as_str().unwrap())});
    drop(shown);
    let signed = office.stage.sign(serde_json::from_value(command).unwrap());
    let signatures: Vec<Value> =
        signed.signatures.iter().map(|(key, signature)| json!({"key": key, "signature": signature})).collect();
    json!({"command": signed.command, "signatures": signatures})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bond_is_confirmed_as_it_was_seen_and_after_that_none_takes_its_place() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let code = office.applies().await;
    let bonds = format!("/api/v1/sales/p1/bonds/{code}");
    let (_, seen) = office.hands_in(&letter(), b"%PDF-1.7 good").await;
    // Its bidder puts another paper, or other terms, in the place of what the guarantor looked at.
    let (_, swapped) = office.hands_in(&letter(), b"%PDF-1.7 forged").await;
    assert_ne!(seen["digest"], swapped["digest"]);
    let answer = |of: &Value| json!({"of": of, "confirms": true});
    let (status, problem) = office.ask("bank", Method::POST, &format!("{bonds}/answer"), answer(&seen["digest"])).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("bond_changed")), "{problem}");
    let of = answer(&swapped["digest"]);
    assert_eq!(office.ask("bank", Method::POST, &format!("{bonds}/answer"), of).await.0, StatusCode::OK);
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains(swapped["digest"].as_str().unwrap()));

    let confirmation = format!("{bonds}/confirmation");
    let (status, problem) = office.ask("officer-1", Method::POST, &confirmation, entering(&office, &seen).await).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("bond_changed")), "{problem}");
    for who in ["bidder-1", "bank", "notary"] {
        let (status, _) = office.ask(who, Method::POST, &confirmation, entering(&office, &swapped).await).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{who}");
    }
    // The command alone, as an officer's program brings it, goes the same way; and nobody else's holds the bond fast.
    let commands = "/api/v1/sales/p1/commands";
    let (status, problem) = office.ask("", Method::POST, commands, entering(&office, &seen).await).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("bond_changed")), "{problem}");
    let mut forged = entering(&office, &swapped).await;
    forged["signatures"][0]["signature"] = json!("A".repeat(88));
    let (status, problem) = office.ask("", Method::POST, commands, forged).await;
    assert!(status.is_client_error(), "{problem}");
    let kept = landgavel_server::dossier::bond_of(&office.stage.hall.setting().store, office.stage.room.id(), &code);
    assert!(kept.await.unwrap().unwrap().taken.is_none());
    let (status, told) = office.ask("", Method::POST, commands, entering(&office, &swapped).await).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    // The officer decides on this paper: none takes its place before the applicant is admitted.
    let (status, problem) = office.hands_in(&letter(), b"%PDF-1.7 other").await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("bond_confirmed")), "{problem}");
    office.stage.hall.close().await;
}

/// Each time is written to the vault and overwrites what was said before: without a limit one account kept the disk busy.
#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_said_again_a_few_times_and_then_not_for_a_while() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let said = json!({"company": "样例企业", "credit_code": "91350100M000100Y43", "contact": "某人"});
    let say = async || office.ask("bidder-1", Method::POST, "/api/v1/sales/p1/application", said.clone()).await;
    let mut times = 0;
    let (status, problem) = loop {
        let (status, told) = say().await;
        if status != StatusCode::OK || times > 100 {
            break (status, told);
        }
        times += 1;
    };
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")), "{problem}");
    assert!((10..=25).contains(&times), "{times}");
    let form = "company=%E7%94%B2&credit_code=91350100M000100Y43&contact=x&group=";
    assert_eq!(office.form("bidder-1", "/sales/p1/apply", form).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_of_an_issuer_is_marked_and_cash_has_none() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    office.applies().await;
    let mut typed = letter_with("guarantor", "");
    typed["issuer"] = json!("某银行");
    let (_, told) = office.hands_in(&typed, b"%PDF-1.7").await;
    assert_eq!((&told["issuer"], &told["is_self_declared"]), (&json!("某银行"), &json!(true)), "{told}");
    let (_, page) = office.page("officer-1", "/officer/sales/p1?lang=en").await;
    assert!(page.contains("self-declared"));
    typed["form"] = json!("cash");
    let (_, told) = office.hands_in(&typed, b"%PDF-1.7").await;
    assert_eq!((&told["issuer"], &told["is_self_declared"]), (&json!(""), &json!(false)), "{told}");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_not_read_of_whom_it_would_not_be_taken_and_of_few_at_once() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let request = async |terms: Value, pieces: usize| {
        let counted = Arc::clone(&sent);
        let stream = futures_util::stream::iter((0..pieces).map(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<Bytes, std::io::Error>(Bytes::from_static(b"%PDF-1.7"))
        }));
        let request = Request::put("/api/v1/sales/p1/bond")
            .header("landgavel-terms", ascii(&terms))
            .header("authorization", format!("Bearer {}", office.token("bidder-1").await.text()));
        (request, stream)
    };
    // Without an application, and with terms that the rule refuses, not a byte.
    let (head, body) = request(letter(), 1).await;
    assert_eq!(office.raw(head.body(Body::from_stream(body)).unwrap()).await.0, StatusCode::FORBIDDEN);
    office.applies().await;
    let (head, body) = request(letter_with("amount", "300 万元"), 1).await;
    assert_eq!(office.raw(head.body(Body::from_stream(body)).unwrap()).await.0, StatusCode::CONFLICT);
    assert_eq!(sent.load(Ordering::SeqCst), 0);
    // Eight that never end take all places; the ninth is told to come back.
    let mut held = Vec::new();
    for _ in 0..8 {
        let (head, body) = request(letter(), 1).await;
        let body = futures_util::StreamExt::chain(body, futures_util::stream::pending());
        let (app, request) = (office.app.clone(), head.body(Body::from_stream(body)).unwrap());
        held.push(tokio::spawn(async move { app.oneshot(request).await }));
    }
    while sent.load(Ordering::SeqCst) < 8 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let (status, problem) = office.hands_in(&letter(), b"%PDF-1.7").await;
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")));
    for task in held {
        task.abort();
        let _ = task.await;
    }
    assert_eq!(office.hands_in(&letter(), b"%PDF-1.7").await.0, StatusCode::OK);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_waits_until_its_own_moment_and_no_longer() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let waits = async |who: &str| {
        let (_, told) = office.ask(who, Method::GET, "/api/v1/tasks", Value::Null).await;
        told["tasks"].as_array().unwrap().iter().map(|task| (task["kind"].clone(), task["until_ms"].clone())).collect()
    };
    let until = |kind: &str, at: &str| vec![(json!(kind), json!(time(at).millis()))];
    let (bond_due, apply_closes) = ("2026-04-03T16:00:00+08:00", "2026-04-03T17:00:00+08:00");
    let said = json!({"company": "样例企业", "credit_code": "91350100M000100Y43", "contact": "某人"});
    office.ask("bidder-1", Method::POST, "/api/v1/sales/p1/application", said).await;
    let tasks: Vec<(Value, Value)> = waits("bidder-1").await;
    assert_eq!(tasks, until("sign_application", apply_closes));
    let code = office.applies().await;
    let tasks: Vec<(Value, Value)> = waits("bidder-1").await;
    assert_eq!(tasks, until("lodge_bond", bond_due));
    let (_, told) = office.hands_in(&letter(), b"%PDF-1.7").await;
    let tasks: Vec<(Value, Value)> = waits("bank").await;
    assert_eq!(tasks, until("answer_guarantee", bond_due));
    let answer = json!({"of": told["digest"], "confirms": false, "reason": "x"});
    office.ask("bank", Method::POST, &format!("/api/v1/sales/p1/bonds/{code}/answer"), answer).await;
    office.hands_in(&letter_with("guarantor", "other-bank"), b"%PDF-1.7").await;
    let mut own = letter_with("guarantor", "");
    own["issuer"] = json!("某银行");
    // When bonds are no more taken, nothing of them waits any more.
    let tasks: Vec<(Value, Value)> = waits("other-bank").await;
    assert_eq!(tasks, until("answer_guarantee", bond_due));
    office.hands_in(&own, b"%PDF-1.7").await;
    let tasks: Vec<(Value, Value)> = waits("officer-1").await;
    assert_eq!(tasks, until("confirm_bond", bond_due));
    office.hands_in(&letter_with("guarantor", "other-bank"), b"%PDF-1.7").await;
    office.stage.go_to(time(bond_due)).await;
    for who in ["other-bank", "officer-1", "bidder-1"] {
        let tasks: Vec<(Value, Value)> = waits(who).await;
        assert!(tasks.is_empty(), "{who}: {tasks:?}");
    }
    office.stage.hall.close().await;
}

/// Where a rulebook admits bidders until a stage ends, what there is to decide waits while the stage runs.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_decided_of_latecomers_waits_while_their_stage_runs() {
    let folder = Folder::new();
    let text = text(rulebook());
    let late = text
        .replace("decide_until = \"admitted\"\n", "open_until = \"price\"\n")
        .replace("lodge_by = \"bond_due\"\n", "");
    let late = late.replace("withdraw_until = \"apply_closes\"\n", "");
    assert_eq!(text.lines().count() - late.lines().count(), 2);
    let office = Office::filled(Stage::under(&folder, late.as_bytes()).await).await;
    office.stage.play("2026-04-08T09:00:01+08:00").await;
    office.stage.published().await;
    office.stage.until(|_| office.stage.frame()["status"] == "running").await;
    let waits = async |who: &str| {
        let (_, told) = office.ask(who, Method::GET, "/api/v1/tasks", Value::Null).await;
        told["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!waits("officer-1").await.contains(&"confirm_bond".to_owned()));
    let (_, page) = office.page("bidder-1", "/sales/p1").await;
    assert!(page.contains("/sales/p1/apply"), "{page}");
    let code = office.applies().await;
    assert_eq!(waits("bidder-1").await, ["lodge_bond"]);
    let (_, page) = office.page("bidder-1", "/sales/p1/apply").await;
    assert!(!page.contains("报名已截止"), "{page}");
    let mut own = letter_with("guarantor", "");
    own["issuer"] = json!("某银行");
    let (status, told) = office.hands_in(&own, b"%PDF-1.7").await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert!(waits("officer-1").await.contains(&"confirm_bond".to_owned()));
    let confirmation = format!("/api/v1/sales/p1/bonds/{code}/confirmation");
    let (status, told) = office.ask("officer-1", Method::POST, &confirmation, entering(&office, &told).await).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    assert!(waits("officer-1").await.contains(&"decide".to_owned()));
    office.stage.hall.close().await;
}
