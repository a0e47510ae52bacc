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

use super::stage::{Folder, time};

use super::office::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_bond_goes_from_the_bidder_by_its_guarantor_to_the_officer() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    assert_eq!(office.hands_in(LETTER, b"%PDF-1.7").await.0, StatusCode::FORBIDDEN);
    let code = office.applies().await;

    // What it is counts, not what it calls itself; and what the rule refuses is said at once.
    for (query, bytes, refusal) in [
        (LETTER.to_owned(), &b"<html>"[..], "paper_kind"),
        (LETTER.replace("on_demand=yes", ""), b"%PDF-", "bond_on_demand"),
        (LETTER.replace("2027-01-31", "2026-04-30"), b"%PDF-", "bond_expires_too_early"),
        (LETTER.replace("360", "300"), b"%PDF-", "bond_too_small"),
        (LETTER.replace("guarantor=bank", "guarantor=nobody"), b"%PDF-", "guarantor"),
        (LETTER.replace("beneficiary=B", ""), b"%PDF-", "bond_letter"),
    ] {
        let (_, problem) = office.hands_in(&query, bytes).await;
        assert_eq!(problem["code"], refusal, "{query}: {problem}");
    }
    let (status, told) = office.hands_in(LETTER, b"%PDF-1.7 letter").await;
    assert_eq!((status, &told["is_backed"]), (StatusCode::OK, &json!(false)), "{told}");
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains(&code) && !page.contains("data-command=\"bond\""));

    // Only the guarantor that it names answers, once.
    let answer = format!("/api/v1/sales/p1/bonds/{code}/answer");
    for who in ["other-bank", "officer-1", "bidder-1", "notary"] {
        assert_eq!(
            office.ask(who, Method::POST, &answer, json!({"confirms": true})).await.0,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    let (_, listed) = office.ask("bank", Method::GET, "/api/v1/guarantees", Value::Null).await;
    assert_eq!(listed["guarantees"][0]["bidder"], json!(code));
    let paper = format!("/api/v1/sales/p1/bonds/{code}/paper");
    let token = office.token("bank").await;
    let request = Request::get(&paper).header("authorization", format!("Bearer {}", token.text()));
    assert_eq!(office.raw(request.body(Body::empty()).unwrap()).await, (StatusCode::OK, "%PDF-1.7 letter".to_owned()));
    assert_eq!(office.ask("other-bank", Method::GET, &paper, Value::Null).await.0, StatusCode::FORBIDDEN);
    let (status, denied) =
        office.ask("bank", Method::POST, &answer, json!({"confirms": false, "reason": "unknown"})).await;
    assert_eq!((status, &denied["is_backed"]), (StatusCode::OK, &json!(false)));
    assert_eq!(office.ask("bank", Method::POST, &answer, json!({"confirms": true})).await.0, StatusCode::CONFLICT);

    // A denied one is replaced, and the new one needs an answer of its own.
    assert_eq!(office.hands_in(LETTER, b"%PDF-1.7 better").await.1["answer"], Value::Null);
    let form = office.form("bank", &format!("/guarantor/p1/{code}"), "answer=confirm").await;
    assert_eq!(form.0, StatusCode::SEE_OTHER);
    let (_, page) = office.page("officer-1", "/officer/sales/p1").await;
    assert!(page.contains("data-command=\"bond\"") && !page.contains("data-command=\"admit\""));
    let bond = json!({"do": "bond", "bidder": code, "form": "guarantee", "amount": "360 万元",
                      "valid_until": "2027-01-31T23:59:59+08:00", "issuer": "bank"});
    for command in [bond, json!({"do": "admit", "bidder": code})] {
        let outcome = office.stage.ask(serde_json::from_value(command).unwrap()).await;
        assert!(matches!(outcome, Outcome::Entered(written) if written.entry.result.is_ok()));
    }
    assert_eq!(office.hands_in(LETTER, b"%PDF-").await.0, StatusCode::CONFLICT);

    // The rule hides identities from officers until the end; the auditor reads at once, and leaves a trace.
    let identity = format!("/api/v1/sales/p1/identities/{code}");
    for path in [&identity, &paper] {
        let method = if path == &identity { Method::POST } else { Method::GET };
        let (status, problem) = office.ask("officer-1", method, path, Value::Null).await;
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
        let mut request = Request::put(format!("/api/v1/sales/p1/bond?{LETTER}"))
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
