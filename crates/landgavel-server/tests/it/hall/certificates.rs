//! A sale of the hall that believes certificates and nobody's word.

use axum::http::{Method, StatusCode};
use landgavel_base::{Digest, FactValue};
use landgavel_record::record::{Basis, Issuer, StandingCertificate};
use landgavel_record::wire::read_date;
use landgavel_server::desk::Outcome;
use serde_json::{Value, json};

use super::office::Office;
use super::stage::{Folder, Stage, key, time};

fn certificate(identity: &str) -> Value {
    let day = |text| read_date(text).unwrap();
    let certificate = StandingCertificate {
        fact: "industry".to_owned(),
        value: FactValue::Text("C345".to_owned()),
        identity: identity.to_owned(),
        issuer: "统计局".to_owned(),
        issued: day("2026-01-01"),
        valid_until: day("2026-12-31"),
        basis: Basis { card: "card".to_owned(), card_sha256: Digest([1; 32]), table_sha256: Digest([2; 32]) },
    };
    let text = certificate.text();
    json!({"signature": key("statistics").sign(text.as_bytes()), "text": text})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_brings_the_certificate_that_the_notice_asks_for() {
    let folder = Folder::new();
    let issuer = Issuer { fact: "industry".to_owned(), name: "统计局".to_owned(), key: key("statistics").public() };
    let office = Office::filled(Stage::with_issuers(&folder, vec![issuer]).await).await;
    office.stage.go_to(time("2026-03-25T09:00:00+08:00")).await;
    office.stage.published().await;
    let said = json!({"company": "样例企业", "credit_code": "91350100M000100Y43", "contact": "某人"});
    let (status, told) = office.ask("bidder-1", Method::POST, "/api/v1/sales/p1/application", said).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let (_, page) = office.page("bidder-1", "/sales/p1/apply?lang=en").await;
    assert!(page.contains("data-type=\"certificates\"") && page.contains("统计局"), "{page}");
    // Everybody reads on the notice whose certificates count, and with which key.
    let (_, notice) = office.page("bidder-1", "/sales/p1?lang=en").await;
    let issuer_key = key("statistics").public().to_string();
    assert!(notice.contains("Whose certificates count") && notice.contains(&issuer_key), "{notice}");
    let mut command = json!({"do": "apply", "bidder": told["bidder"], "identity": told["identity"],
                             "group": told["group"], "facts": {"industry": "C345"}});
    let code = |outcome: Outcome| match outcome {
        Outcome::Entered(written) => written.entry.result.as_ref().map(|_| ()).map_err(|refused| refused.code()),
        other => panic!("{other:?}"),
    };
    let bare = office.stage.ask(serde_json::from_value(command.clone()).unwrap()).await;
    assert_eq!(code(bare), Err("certificate_missing"));
    command["certificates"] = json!([certificate("sha256:other")]);
    let strange = office.stage.ask(serde_json::from_value(command.clone()).unwrap()).await;
    assert_eq!(code(strange), Err("certificate_invalid"));
    // As `landgavel certificate issue --identity` takes it, and as records should state it.
    assert!(
        told["identity"].as_str().unwrap().strip_prefix("sha256:").is_some_and(|hex| Digest::from_hex(hex).is_some())
    );
    command["certificates"] = json!([certificate(told["identity"].as_str().unwrap())]);
    let good = office.stage.ask(serde_json::from_value(command).unwrap()).await;
    assert_eq!(code(good), Ok(()));
    office.stage.hall.close().await;
}
