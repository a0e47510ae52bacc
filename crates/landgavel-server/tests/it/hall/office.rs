//! A hall with people of every role, as pages and programs ask it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::{Clock as _, MachineClock};
use landgavel_server::desk::Outcome;
use landgavel_server::pages::{Pages, Site};
use landgavel_server::people::{Account, AccountName, Directory, Enrolment, PeopleError, Role};
use landgavel_server::site::app;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, Stage, key, lot_file, rulebook};

const OWN: &str = "https://hall.invalid";
const PEOPLE: [(&str, Role); 6] = [
    ("officer-1", Role::Officer),
    ("officer-2", Role::Officer),
    ("bank", Role::Guarantor),
    ("other-bank", Role::Guarantor),
    ("notary", Role::Auditor),
    ("bidder-1", Role::Bidder),
];

/// A hall with people of every role, each with a key of its name.
pub struct Office {
    pub stage: Stage,
    pub app: Router,
    pub people: Directory,
}

impl Office {
    pub async fn open(folder: &Folder) -> Self {
        Self::filled(Stage::set(folder).await).await
    }

    /// With the same people around any sale.
    pub async fn filled(stage: Stage) -> Self {
        let office = Self::around(stage);
        for (name, role) in PEOPLE {
            office.people.invite(name, &format!("{name} <script>alert(1)</script>"), role, 0).await.unwrap();
            let account = AccountName::parse(name).unwrap();
            enrol(&office.people, &account, name).await.unwrap();
        }
        office
    }

    pub fn around(stage: Stage) -> Self {
        let people = Directory::new(stage.hall.setting().store.clone());
        let pages = Pages {
            hall: Arc::clone(&stage.hall),
            people: people.clone(),
            clock: stage.clock.clone(),
            site: Arc::new(Site {
                origin: OWN.to_owned(),
                is_demo: false,
                verifier: None,
                printer: None,
                scores: Arc::default(),
            }),
        };
        let app = app(pages, &Api::new(Arc::clone(&stage.hall), Bounds::default()), None);
        Self { stage, app, people }
    }

    /// A session begun now, by the machine's clock, which sessions go by.
    pub async fn token(&self, who: &str) -> landgavel_server::people::Token {
        let now_ms = MachineClock.now().millis();
        self.people.begin_session(&AccountName::parse(who).unwrap(), now_ms).await.unwrap()
    }

    pub async fn raw(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As a program asks; nobody when `who` is empty.
    pub async fn ask(&self, who: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token(who).await.text()));
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (status, text) = self.raw(request.body(body).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub async fn page(&self, who: &str, path: &str) -> (StatusCode, String) {
        let token = self.token(who).await;
        let request = Request::get(path).header("cookie", format!("__Host-landgavel={}", token.text()));
        self.raw(request.body(Body::empty()).unwrap()).await
    }

    /// A form as a page of the hall sends it.
    pub async fn form(&self, who: &str, path: &str, fields: &str) -> (StatusCode, String) {
        let token = self.token(who).await;
        let request = Request::post(path)
            .header("cookie", format!("__Host-landgavel={}", token.text()))
            .header("content-type", "application/x-www-form-urlencoded");
        self.raw(request.body(Body::from(format!("word={}&{fields}", token.form_word()))).unwrap()).await
    }

    pub async fn signs(&self, who: &str, path: &str, text: &str) -> (StatusCode, Value) {
        let signed = key(who);
        let body = json!({"key": signed.public().to_string(), "signature": signed.sign(text.as_bytes())});
        self.ask(who, Method::POST, path, body).await
    }

    /// Applies as the bidder and signs the application; its code.
    pub async fn applies(&self) -> String {
        let said = json!({"company": "样例企业", "credit_code": "91350100M000100Y43", "contact": "某人"});
        let (status, told) = self.ask("bidder-1", Method::POST, "/api/v1/sales/p1/application", said).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let facts = json!({"industry": "C345"});
        let command = json!({"do": "apply", "bidder": told["bidder"], "identity": told["identity"],
                             "group": told["group"], "facts": facts});
        let outcome = self.stage.ask(serde_json::from_value(command).unwrap()).await;
        assert!(matches!(outcome, Outcome::Entered(written) if written.entry.result.is_ok()));
        told["bidder"].as_str().unwrap().to_owned()
    }

    pub async fn hands_in(&self, terms: &Value, bytes: &[u8]) -> (StatusCode, Value) {
        let request = Request::put("/api/v1/sales/p1/bond")
            .header("authorization", format!("Bearer {}", self.token("bidder-1").await.text()))
            .header("landgavel-terms", ascii(terms));
        let (status, text) = self.raw(request.body(Body::from(bytes.to_vec())).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap())
    }
}

/// As the holder of a key enrols it.
pub async fn enrol(people: &Directory, account: &AccountName, of: &str) -> Result<Account, PeopleError> {
    let (key, host, word) = (key(of), "hall.invalid", "word");
    let signature = key.sign(Enrolment::text(host, account, word).as_bytes());
    people.enrol(account, &Enrolment { key: key.public().text(), signature: &signature, host, word }).await
}

pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

pub fn draft(sale: &str) -> Value {
    json!({"sale": sale, "rulebook": text(rulebook()), "lot": text(lot_file())})
}

/// JSON as a header may hold it.
pub fn ascii(value: &Value) -> String {
    let escaped = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) };
    value.to_string().chars().map(escaped).collect()
}

/// A guarantee of the bank, long enough for the rule.
pub fn letter() -> Value {
    json!({"form": "guarantee", "amount": "360 万元", "guarantor": "bank", "valid_until": "2027-01-31",
           "beneficiary": "B", "on_demand": "yes"})
}

/// The same with another field.
pub fn letter_with(name: &str, value: &str) -> Value {
    let mut letter = letter();
    letter[name] = json!(value);
    letter
}
