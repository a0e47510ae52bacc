//! Pages as browsers ask for them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use landgavel_base::Bilingual;
use landgavel_record::figures::Line;
use landgavel_server::api::{Api, Bounds};
use landgavel_server::pages::{Pages, Site, VerifierPage};
use landgavel_server::people::{Directory, NewAccount};
use landgavel_server::scores::{Document, Firm, Published, Scores};
use landgavel_server::site::app;
use serde_json::json;
use tower::ServiceExt as _;

use super::stage::{Folder, Stage, rulebook};

const OWN: &str = "https://hall.invalid";
const PASSWORD: &str = "four unrelated words here";

fn site(stage: &Stage) -> (Router, Directory) {
    site_with(stage, None, Scores::default())
}

fn site_with(stage: &Stage, verifier: Option<VerifierPage>, scores: Scores) -> (Router, Directory) {
    let people = Directory::new(stage.hall.setting().store.clone());
    let pages = Pages {
        hall: Arc::clone(&stage.hall),
        people: people.clone(),
        clock: stage.clock.clone(),
        site: Arc::new(Site {
            origin: OWN.to_owned(),
            is_demo: false,
            verifier,
            printer: None,
            scores: Arc::new(scores),
        }),
    };
    (app(pages, &Api::new(Arc::clone(&stage.hall), Bounds::default()), None), people)
}

async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, String::from_utf8_lossy(&bytes).into_owned())
}

/// Without the verifier's page a hall says how to verify, and no link of it leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn who_verifies_is_told_how_where_the_hall_has_no_page_for_it() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let (app, _) = site(&stage);
    let (status, _, how) = get(&app, "/verify?lang=en").await;
    assert_eq!(status, StatusCode::OK);
    assert!(how.contains(&format!("verify {OWN}/sales/")) && how.contains("cargo xtask page"), "{how}");
    let (_, _, record) = get(&app, "/sales/p1/record?lang=en").await;
    assert!(record.contains(&format!("landgavel verify {OWN}/sales/p1/bundle.zip")), "{record}");
    assert!(!record.contains("Open the verifier"), "{record}");
}

/// The verifier's page runs its own script under its own policy; that policy is for this page alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_verifiers_page_has_its_own_policy_and_lends_it_to_no_other() {
    const POLICY: &str = "default-src 'none'; script-src 'sha256-AA=' 'wasm-unsafe-eval'; connect-src 'self'";
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let html = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    let (app, _) = site_with(&stage, Some(VerifierPage::read(html.clone().into_bytes()).unwrap()), Scores::default());
    let (_, headers, page) = get(&app, "/verify").await;
    assert_eq!(headers["content-security-policy"], format!("{POLICY}; frame-ancestors 'none'"));
    assert_eq!((page, headers.get_all("content-security-policy").iter().count()), (html, 1));
    let (_, headers, _) = get(&app, "/sales/p1/record").await;
    assert!(!headers["content-security-policy"].to_str().unwrap().contains("wasm"));
}

async fn get(app: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    ask(app, Request::get(path).body(Body::empty()).unwrap()).await
}

fn form(path: &str, origin: &str, fields: &str) -> Request<Body> {
    let request = Request::post(path).header("origin", origin);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(fields.to_owned())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_public_page_stands_in_two_languages_and_runs_nothing_foreign() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let (app, _) = site(&stage);
    for path in ["/", "/help", "/login", "/join", "/sales/p1", "/sales/p1/room", "/sales/p1/record", "/verify"] {
        for (lang, word) in [("zh", "lang=\"zh-Hans\""), ("en", "lang=\"en\"")] {
            let (status, headers, html) = get(&app, &format!("{path}?lang={lang}")).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(html.contains(word) && !html.contains("<script>") && !html.contains(" style="), "{path}");
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
            for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
                assert_eq!(headers[name], value, "{path}");
            }
            assert!(headers.contains_key("strict-transport-security") && headers.contains_key("permissions-policy"));
        }
    }
    let (status, _, html) = get(&app, "/sales/none").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("没有这一页"));
    assert_eq!(get(&app, "/sales/p1/result").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_markup_is_shown_as_text() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let (app, people) = site(&stage);
    let shown = "<script>alert(1)</script>";
    people.join(NewAccount { name: "bidder-1", shown, password: PASSWORD }, "", 0).await.unwrap();
    let entered =
        ask(&app, form("/login", OWN, &format!("name=bidder-1&password={}", PASSWORD.replace(' ', "+")))).await;
    assert_eq!(entered.0, StatusCode::SEE_OTHER);
    let cookie = entered.1["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-landgavel=") && cookie.contains("HttpOnly") && cookie.contains("; Secure"));
    let request = Request::get("/account").header("cookie", cookie.split(';').next().unwrap());
    let (status, _, html) = ask(&app, request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!html.contains("<script>alert") && html.contains("alert(1)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let (app, people) = site(&stage);
    let joining = "name=bidder-1&shown=x&password=four+unrelated+words+here";
    assert_eq!(ask(&app, form("/join", "https://evil.invalid", joining)).await.0, StatusCode::FORBIDDEN);
    let name = landgavel_server::people::AccountName::parse("bidder-1").unwrap();
    assert!(people.account(&name).await.unwrap().is_none());
    let joined = ask(&app, form("/join", OWN, joining)).await;
    assert_eq!(joined.0, StatusCode::SEE_OTHER);
    let cookie = joined.1["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut enrol = form("/account/key", OWN, "word=wrong&key=ed25519:AAAA");
    enrol.headers_mut().insert("cookie", cookie.parse().unwrap());
    assert_eq!(ask(&app, enrol).await.0, StatusCode::FORBIDDEN);
    assert!(people.account(&name).await.unwrap().unwrap().key.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_that_fails_says_not_why() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let (app, people) = site(&stage);
    people.join(NewAccount { name: "bidder-1", shown: "x", password: PASSWORD }, "", 0).await.unwrap();
    let mut answers = Vec::new();
    for name in ["bidder-1", "bidder-2"] {
        let (status, _, html) = ask(&app, form("/login", OWN, &format!("name={name}&password=wrong"))).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        answers.push(html.replace(name, ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_of_a_result_tells_no_count_of_bidders_that_the_rulebook_hides() {
    let folder = Folder::new();
    let rules = [&*rulebook(), b"\n[information]\nbidder_count = \"sale-end\"\n"].concat();
    let stage = Stage::under(&folder, &rules).await;
    stage.play("2026-04-18T10:00:00+08:00").await;
    stage.published().await;
    let (app, _) = site(&stage);
    let result = async || {
        let request = Request::get("/sales/p1/result").body(Body::empty()).unwrap();
        let (status, _, page) = ask(&app, request).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    };
    let page = result().await;
    assert!(!page.contains("名竞买人"), "{page}");
    // Nobody has won before the confirmation is signed; and what is owed each year says so.
    assert!(page.contains("竞得入选人代号") && !page.contains("竞得人代号"));
    assert!(page.contains("大写（全宗合计）：") && page.contains("大写（全宗合计，每年）："), "{page}");
    let winner = {
        let shown = stage.room.shown().unwrap();
        let state = shown.look();
        state.sale.bidder(state.sale.seats()[0].bidder).unwrap().code().to_owned()
    };
    for verb in ["qualify", "confirm"] {
        stage.ask(serde_json::from_value(json!({"do": verb, "bidder": winner})).unwrap()).await;
    }
    let page = result().await;
    assert!(page.contains("名竞买人") && page.contains("竞得人代号"), "{page}");
    // A hall without a font for papers offers none as PDF, and says so to who asks.
    assert!(!page.contains(".pdf"), "{page}");
    stage.published().await;
    for paper in ["result", "confirmation"] {
        let (status, headers, problem) = get(&app, &format!("/sales/p1/{paper}.pdf")).await;
        assert_eq!((status, &headers["landgavel-problem"]), (StatusCode::NOT_IMPLEMENTED, &"no_font".parse().unwrap()));
        assert!(headers["content-type"] == "application/problem+json" && problem.contains("请打印网页版"), "{problem}");
    }
    stage.hall.close().await;
}

/// Published scores: the list, the document under its own policy, a firm's reasons, and what is not there.
#[tokio::test(flavor = "multi_thread")]
async fn scores_are_shown_as_they_were_published() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    let line = Line {
        id: "tax".to_owned(),
        name: Bilingual::new("亩均税收", "tax per mu"),
        points: Some("60".to_owned()),
        why: Bilingual::new("41 / 40 × 60", "41 / 40 × 60"),
        holds: None,
        source: Some("sample".to_owned()),
    };
    let firm = Firm {
        name: "样本<甲>公司".to_owned(),
        group: String::new(),
        grade: "A".to_owned(),
        total: "60".to_owned(),
        rank: Some(1),
        lines: vec![line],
    };
    let published = Published {
        id: "sample".to_owned(),
        title: Bilingual::new("样本评价", "A sample scoring"),
        card: "sample@1".to_owned(),
        is_sample: true,
        document: Document::new("<style>p{}</style><p>all</p>".to_owned()),
        csv: Bytes::from_static(b"firm,grade\n"),
        counts: vec![("A".to_owned(), 1)],
        firms: vec![firm],
    };
    let app = site_with(&stage, None, Scores::new(vec![published])).0;
    let (status, _, list) = get(&app, "/scores?lang=en").await;
    assert!(status == 200 && list.contains("A sample scoring") && list.contains("href=\"/scores\""), "{list}");
    let (status, headers, whole) = get(&app, "/scores/sample").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(status == 200 && whole.contains("<p>all</p>") && policy.contains("style-src 'sha256-"), "{policy}");
    let (status, headers, csv) = get(&app, "/scores/sample/firms.csv").await;
    assert_eq!((status.as_u16(), csv.as_str()), (200, "firm,grade\n"));
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let name = "%E6%A0%B7%E6%9C%AC%3C%E7%94%B2%3E%E5%85%AC%E5%8F%B8";
    let (status, _, why) = get(&app, &format!("/scores/sample/firm?name={name}&lang=en")).await;
    assert!(status == 200 && why.contains("41 / 40 × 60") && !why.contains("<甲>"), "{why}");
    for nowhere in [
        "/scores/other",
        "/scores/sample/firm?name=x",
        "/scores/other/firms.csv",
        "/scores/sample/firm",
        "/scores/other/firm?name=x",
    ] {
        assert_eq!(get(&app, nowhere).await.0, 404, "{nowhere}");
    }
    let (plain, _) = site(&stage);
    let (_, _, home) = get(&plain, "/").await;
    assert!(!home.contains("/scores"), "nothing is published there");
}
