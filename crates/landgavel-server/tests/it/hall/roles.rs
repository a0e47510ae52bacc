//! The procedure by role, as pages and programs ask for it; and whoever tries what is not theirs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, StatusCode};
use landgavel_record::canonical;
use landgavel_sale::Status;
use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::{Clock as _, MachineClock, PacedClock};
use landgavel_server::desk::Outcome;
use landgavel_server::hall::{Drafts, Hall, Written};
use landgavel_server::pages::{Pages, Site};
use landgavel_server::people::{Account, AccountName, Directory, Enrolment, PeopleError, Role};
use landgavel_server::site::app;
use landgavel_store::Store;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, Stage, house, key, lot_file, rulebook, setting, time};

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
struct Office {
    stage: Stage,
    app: Router,
    people: Directory,
}

impl Office {
    async fn open(folder: &Folder) -> Self {
        let office = Self::around(Stage::set(folder).await);
        for (name, role) in PEOPLE {
            office.people.invite(name, &format!("{name} <script>alert(1)</script>"), role, 0).await.unwrap();
            let account = AccountName::parse(name).unwrap();
            enrol(&office.people, &account, name).await.unwrap();
        }
        office
    }

    fn around(stage: Stage) -> Self {
        let people = Directory::new(stage.hall.setting().store.clone());
        let pages = Pages {
            hall: Arc::clone(&stage.hall),
            people: people.clone(),
            clock: stage.clock.clone(),
            site: Arc::new(Site { origin: OWN.to_owned(), is_demo: false, verifier: None }),
        };
        let app = app(pages, &Api::new(Arc::clone(&stage.hall), Bounds::default()), None);
        Self { stage, app, people }
    }

    /// A session begun now, by the machine's clock, which sessions go by.
    async fn token(&self, who: &str) -> landgavel_server::people::Token {
        let now_ms = MachineClock.now().millis();
        self.people.begin_session(&AccountName::parse(who).unwrap(), now_ms).await.unwrap()
    }

    async fn raw(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As a program asks; nobody when `who` is empty.
    async fn ask(&self, who: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token(who).await.text()));
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (status, text) = self.raw(request.body(body).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn page(&self, who: &str, path: &str) -> (StatusCode, String) {
        let token = self.token(who).await;
        let request = Request::get(path).header("cookie", format!("__Host-landgavel={}", token.text()));
        self.raw(request.body(Body::empty()).unwrap()).await
    }

    /// A form as a page of the hall sends it.
    async fn form(&self, who: &str, path: &str, fields: &str) -> (StatusCode, String) {
        let token = self.token(who).await;
        let request = Request::post(path)
            .header("cookie", format!("__Host-landgavel={}", token.text()))
            .header("content-type", "application/x-www-form-urlencoded");
        self.raw(request.body(Body::from(format!("word={}&{fields}", token.form_word()))).unwrap()).await
    }

    async fn signs(&self, who: &str, path: &str, text: &str) -> (StatusCode, Value) {
        let signed = key(who);
        let body = json!({"key": signed.public().to_string(), "signature": signed.sign(text.as_bytes())});
        self.ask(who, Method::POST, path, body).await
    }

    /// Applies as the bidder and signs the application; its code.
    async fn applies(&self) -> String {
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

    async fn hands_in(&self, query: &str, bytes: &[u8]) -> (StatusCode, Value) {
        let request = Request::put(format!("/api/v1/sales/p1/bond?{query}"))
            .header("authorization", format!("Bearer {}", self.token("bidder-1").await.text()));
        let (status, text) = self.raw(request.body(Body::from(bytes.to_vec())).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap())
    }
}

/// As the holder of a key enrols it.
async fn enrol(people: &Directory, account: &AccountName, of: &str) -> Result<Account, PeopleError> {
    let (key, host, word) = (key(of), "hall.invalid", "word");
    let signature = key.sign(Enrolment::text(host, account, word).as_bytes());
    people.enrol(account, &Enrolment { key: key.public().text(), signature: &signature, host, word }).await
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn draft(sale: &str) -> Value {
    json!({"sale": sale, "rulebook": text(rulebook()), "lot": text(lot_file())})
}

/// A guarantee of the bank, long enough for the rule.
const LETTER: &str =
    "form=guarantee&amount=360%20%E4%B8%87%E5%85%83&guarantor=bank&valid_until=2027-01-31&beneficiary=B&on_demand=yes";

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_published_by_two_officers_and_by_no_one_twice() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let (status, made) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft("own")).await;
    assert_eq!((status, &made["is_sound"]), (StatusCode::OK, &json!(true)), "{made}");
    let path = format!("/api/v1/drafts/{}", made["draft"].as_str().unwrap());
    let signing = format!("{path}/signatures");
    let notice = made["notice"].as_str().unwrap().to_owned();

    // A signature over another text, or by another's key, is none.
    let (status, problem) = office.signs("officer-1", &signing, "{}").await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signature_invalid")));
    let (status, told) = office.signs("officer-1", &signing, &notice).await;
    assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!("open")), "{told}");
    assert!(office.stage.hall.room("own").is_none());
    let (status, problem) = office.signs("officer-1", &signing, &notice).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signed_by_same")));

    // With another key it is still the same person; and it cannot take a key that another officer has.
    let first = AccountName::parse("officer-1").unwrap();
    assert!(enrol(&office.people, &first, "officer-2").await.is_err());
    enrol(&office.people, &first, "spare").await.unwrap();
    let spare = json!({"signature": key("spare").sign(notice.as_bytes())});
    let (status, problem) = office.ask("officer-1", Method::POST, &signing, spare).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("key_not_listed")));

    // A change drops the signature; an old version changes nothing.
    let (status, problem) = office.ask("officer-2", Method::PUT, &path, draft("own")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("changed_meanwhile")));
    let mut change = draft("own");
    change["version"] = told["version"].clone();
    let (status, changed) = office.ask("officer-2", Method::PUT, &path, change).await;
    assert_eq!((status, &changed["signatures"]), (StatusCode::OK, &json!([])), "{changed}");
    enrol(&office.people, &first, "officer-1").await.unwrap();
    let (_, told) = office.ask("officer-1", Method::GET, &path, Value::Null).await;
    let notice = told["notice"].as_str().unwrap().to_owned();
    assert_eq!(office.signs("officer-1", &signing, &notice).await.0, StatusCode::OK);

    // What waits survives a restart.
    office.stage.hall.close().await;
    let clock = Arc::clone(&office.stage.clock);
    drop(office);
    let office = Office::around(Stage::at(&folder, clock).await);
    let (_, tasks) = office.ask("officer-2", Method::GET, "/api/v1/tasks", Value::Null).await;
    assert_eq!(tasks["tasks"][0]["kind"], "sign_notice", "{tasks}");
    let (status, told) = office.signs("officer-2", &signing, &notice).await;
    assert_eq!((status, &told["stands"]), (StatusCode::OK, &json!("published")), "{told}");
    assert_eq!(office.ask("", Method::GET, "/api/v1/sales", Value::Null).await.1["sales"].as_array().unwrap().len(), 2);
    let (status, problem) = office.ask("officer-1", Method::POST, "/api/v1/drafts", draft("own")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("sale_exists")));
    office.stage.hall.close().await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn annulment_is_entered_with_two_officers_signatures_and_not_before() {
    let folder = Folder::new();
    let office = Office::open(&folder).await;
    let notice = Arc::clone(&office.stage.room.foundation().notice);
    let annul = |cause: &str| {
        canonical::encode(&json!({"do": "annul", "cause": cause, "reason": "示例", "format": "landgavel-command/1",
            "lot": notice.lot, "rulebook": notice.rulebook_sha256.to_string(), "id": "annul-1",
            "key": key("officer-1").public().to_string()}))
    };
    let signed = |text: &str| {
        json!({"command": text, "signatures": [{"key": key("officer-1").public().to_string(),
                                     "signature": key("officer-1").sign(text.as_bytes())}]})
    };
    let path = "/api/v1/sales/p1/acts";
    // What the rules would refuse is said before anybody waits for it.
    let (status, problem) = office.ask("officer-1", Method::POST, path, signed(&annul("whim"))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("cause_not_listed")), "{problem}");
    let text = annul("collusion");
    let alone = office.ask("officer-1", Method::POST, "/api/v1/sales/p1/commands", signed(&text)).await;
    assert_eq!((alone.0, &alone.1["code"]), (StatusCode::FORBIDDEN, &json!("unsigned")), "{}", alone.1);
    let (status, act) = office.ask("officer-1", Method::POST, path, signed(&text)).await;
    assert_eq!((status, &act["result"]), (StatusCode::OK, &json!("pending")), "{act}");
    let signing = format!("{path}/{}/signatures", act["act"].as_str().unwrap());
    let (status, problem) = office.signs("officer-1", &signing, &text).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("signed_by_same")));
    for who in ["bidder-1", "bank", "notary"] {
        assert_eq!(office.signs(who, &signing, &text).await.0, StatusCode::FORBIDDEN, "{who}");
    }
    assert_eq!(*office.stage.room.shown().unwrap().look().sale.status(), Status::Admitting);
    let (_, page) = office.page("officer-2", "/officer/sales/p1?lang=en").await;
    assert!(page.contains("data-cosign") && page.contains("Bribery or collusion"));
    let (status, told) = office.signs("officer-2", &signing, &text).await;
    assert_eq!((status, &told["result"]), (StatusCode::OK, &json!("accepted")), "{told}");
    office.stage.until(|room| matches!(room.shown().unwrap().look().sale.status(), Status::Annulled { .. })).await;
    assert_eq!(office.signs("officer-2", &signing, &text).await.0, StatusCode::CONFLICT);
    office.stage.hall.close().await;
}

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
async fn outside_a_demonstration_nobody_signs_without_one_time_codes() {
    let folder = Folder::new();
    let clock = Arc::new(PacedClock::new(time("2026-03-01T09:00:00+08:00"), 0));
    let store = Store::open(&folder.store()).await.unwrap();
    let mut house = house();
    house.notice.is_demonstration = false;
    let hall = Hall::open(setting(store.clone(), clock), house).await.unwrap();
    let people = Directory::new(store);
    let name = AccountName::parse("officer-1").unwrap();
    people.invite("officer-1", "x", Role::Officer, 0).await.unwrap();
    let account = enrol(&people, &name, "officer-1").await.unwrap();
    let drafts = Drafts::of(&hall);
    let written = Written { sale: "own".to_owned(), rulebook: text(rulebook()), lot: text(lot_file()) };
    let draft = drafts.begin(&account, written).await.unwrap();
    let (notice, _) = drafts.text(&draft).await.unwrap().unwrap();
    let signature = key("officer-1").sign(notice.as_bytes());
    assert_eq!(drafts.sign(&account, &draft.id, &signature).await.unwrap_err().code, "no_code");
    let secret = people.offer_code(&name).await.unwrap();
    let account = people.confirm_code(&name, &secret.code(0), 0).await.unwrap();
    assert_eq!(drafts.sign(&account, &draft.id, &signature).await.unwrap().signatures(), 1);
    hall.close().await;
}
