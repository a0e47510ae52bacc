//! The procedure by role, as pages and programs ask for it; and whoever tries what is not theirs.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use landgavel_server::people::{AccountName, Enrolment};
use serde_json::{Value, json};

use super::stage::{Folder, key};

use super::office::*;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_does_or_sees_what_another_role_may() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let (_, made) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft("own")).await;
    let id = made["draft"].as_str().unwrap();
    let of_officers = [
        (Method::GET, "/api/v1/drafts".to_owned(), Value::Null),
        (Method::POST, "/api/v1/drafts".to_owned(), draft("x")),
        (Method::GET, format!("/api/v1/drafts/{id}"), Value::Null),
        (Method::PUT, format!("/api/v1/drafts/{id}"), draft("x")),
        (Method::DELETE, format!("/api/v1/drafts/{id}"), Value::Null),
        (Method::POST, format!("/api/v1/drafts/{id}/signatures"), json!({"signature": "AAAA"})),
        (Method::POST, "/api/v1/sales/p1/acts".to_owned(), json!({"command": "{}", "signatures": []})),
    ];
    for who in ["", "bidder-1", "bank", "notary"] {
        for (method, path, body) in &of_officers {
            let (status, problem) = office.ask(who, method.clone(), path, body.clone()).await;
            let expected = if who.is_empty() { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
            // A request without any signature is told so first.
            assert!(status == expected || problem["code"] == "malformed", "{who} {path}: {status} {problem}");
        }
    }
    for who in ["bidder-1", "bank", "notary"] {
        for path in ["/officer", "/officer/drafts/new", &format!("/officer/drafts/{id}"), "/officer/sales/p1"] {
            assert_eq!(office.page(who, path).await.0, StatusCode::FORBIDDEN, "{who} {path}");
        }
        assert_eq!(office.form(who, &format!("/officer/drafts/{id}"), "then=drop").await.0, StatusCode::FORBIDDEN);
    }
    for (who, path) in
        [("officer-1", "/auditor"), ("officer-1", "/guarantor"), ("bank", "/sales/p1/apply"), ("notary", "/guarantor")]
    {
        assert_eq!(office.page(who, path).await.0, StatusCode::FORBIDDEN, "{who} {path}");
    }
    for who in ["officer-1", "bidder-1", "bank"] {
        assert_eq!(office.ask(who, Method::GET, "/api/v1/readings", Value::Null).await.0, StatusCode::FORBIDDEN);
    }
    // A role that is claimed in a request counts for nothing.
    let (_, forged) = office
        .ask(
            "",
            Method::POST,
            "/api/v1/accounts",
            json!({"name": "mallory", "password": "four unrelated words here", "role": "officer"}),
        )
        .await;
    assert_eq!(forged["role"], "bidder", "{forged}");
    let (_, drafts) = office.ask("officer-1", Method::GET, "/api/v1/drafts", Value::Null).await;
    assert_eq!(drafts["drafts"][0]["stands"], "open");
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_changes_nothing_without_the_sessions_word() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let token = office.token("officer-1").await;
    let cookie = format!("__Host-landgavel={}", token.text());
    let request = |word: Option<&str>| {
        let request = Request::post("/api/v1/drafts").header("cookie", &cookie);
        let request = word.map_or(Request::post("/api/v1/drafts").header("cookie", &cookie), |word| {
            request.header("landgavel-word", word)
        });
        request.body(Body::from(draft("own").to_string())).unwrap()
    };
    let other = office.token("officer-1").await.form_word();
    for word in [None, Some(""), Some("wrong"), Some(other.as_str())] {
        let (status, problem) = office.raw(request(word)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{word:?}");
        assert!(problem.contains("no_word"));
    }
    for path in ["/officer/drafts", "/sales/p1/apply", "/guarantor/p1/B-X", "/officer/sales/p1/identities/B-X"] {
        let request =
            Request::post(path).header("cookie", &cookie).header("content-type", "application/x-www-form-urlencoded");
        let (status, _) = office.raw(request.body(Body::from("word=&answer=confirm")).unwrap()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(office.raw(request(Some(&token.form_word()))).await.0, StatusCode::OK);
    office.stage.hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_programs_enrol_a_key_with_its_signature_for_this_session() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let name = AccountName::parse("bidder-1").unwrap();
    let (token, key) = (office.token("bidder-1").await, key("fresh"));
    let signed = |host: &str, word: &str| key.sign(Enrolment::text(host, &name, word).as_bytes());
    let put = |body: Value| {
        let request = Request::put("/api/v1/account/key").header("authorization", format!("Bearer {}", token.text()));
        office.raw(request.body(Body::from(body.to_string())).unwrap())
    };
    let public = key.public().to_string();
    let (status, problem) = put(json!({"key": public})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
    for (host, word) in [("other.invalid", token.form_word()), ("hall.invalid", "other".to_owned())] {
        let (status, problem) = put(json!({"key": public, "signature": signed(host, &word)})).await;
        assert!(status == StatusCode::FORBIDDEN && problem.contains("key_not_held"), "{problem}");
    }
    let form = |signature: &str| {
        let fields = format!("word={}&key={public}&signature={signature}&next=/account", token.form_word());
        let request = Request::post("/account/key")
            .header("cookie", format!("__Host-landgavel={}", token.text()))
            .header("content-type", "application/x-www-form-urlencoded");
        office.raw(request.body(Body::from(fields.replace('+', "%2B"))).unwrap())
    };
    assert_eq!(form("").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(office.people.account(&name).await.unwrap().unwrap().key.as_deref(), Some(public.as_str()));
    let good = signed("hall.invalid", &token.form_word());
    assert_eq!(form(&good).await.0, StatusCode::SEE_OTHER);
    let (status, told) = put(json!({"key": public, "signature": good})).await;
    assert!(status == StatusCode::OK && told.contains(&public), "{told}");
    office.stage.hall.close().await;
}
