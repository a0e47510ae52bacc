//! Joining, logging in and out, keys and codes.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header::{HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use super::Pages;
use super::facts::{Card, card};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::tasks::{TaskRow, waiting};
use crate::dossier::code_of;
use crate::http::ClientAddress;
use crate::people::{AccountName, Enrolment, LoginError, NewAccount, PasswordError, PeopleError, Role, is_same_origin};

/// A session's cookie lives no longer than the session.
const COOKIE_S: u32 = 12 * 60 * 60;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    page: Page,
    wrong: Option<String>,
    name: String,
    next: String,
}

#[derive(Template)]
#[template(path = "join.html")]
struct Join {
    page: Page,
    wrong: Option<String>,
    action: String,
    invitation: Option<String>,
    name: String,
    shown: String,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Page,
    shown: String,
    role: String,
    person: String,
    key: Option<String>,
    has_code: bool,
    offer: Option<Offer>,
    told: Option<String>,
    wrong: Option<String>,
    sales: Vec<Card>,
    tasks: Vec<TaskRow>,
    must_have_code: bool,
}

on_page!(Login, Join, Account);

struct Offer {
    qr: String,
    base32: String,
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    name: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct JoinForm {
    name: String,
    shown: String,
    password: String,
}

#[derive(Deserialize)]
pub(super) struct Word {
    pub word: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    digits: String,
}

/// Where to go after log-in: a path of this hall and nothing else.
fn local(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if is_local { next } else { "/account" }
}

pub(super) fn see_other(path: &str, cookie: Option<String>) -> Response {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer.headers_mut().insert(LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

pub(super) fn comes_from_us(headers: &HeaderMap, pages: &Pages) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    is_same_origin(text("sec-fetch-site"), text(ORIGIN.as_str()), &pages.site.origin)
}

pub(super) async fn login_form(State(pages): State<Pages>, Query(query): Query<Next>, visitor: Visitor) -> Response {
    let next = local(&query.next).to_owned();
    let page = visitor.page(&pages.site, "登录", "Log in");
    Page::answer(StatusCode::OK, &Login { page, wrong: None, name: String::new(), next })
}

pub(super) async fn log_in(
    State(pages): State<Pages>,
    extensions: Extensions,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<LoginForm>,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let now = pages.now_ms();
    let entered = pages.people.log_in(&form.name, &form.password, &form.code, &address(&extensions), now).await;
    let (status, wrong) = match entered {
        Ok((_, token)) => {
            return see_other(local(&form.next), Some(pages.site.cookie(token.text(), COOKIE_S)));
        }
        Err(LoginError::Wrong) => (
            StatusCode::UNAUTHORIZED,
            visitor.say("账户名、口令或验证码不正确。", "Name, password or code is not right."),
        ),
        Err(LoginError::TooMany(wait_ms)) => {
            let seconds = wait_ms / 1000 + 1;
            let words = visitor.say(
                &format!("尝试次数过多，请 {seconds} 秒后再试。"),
                &format!("Too many tries. Please wait {seconds} seconds."),
            );
            (StatusCode::TOO_MANY_REQUESTS, words)
        }
        Err(LoginError::Vault(error)) => {
            tracing::error!(%error, "log-in failed");
            (StatusCode::SERVICE_UNAVAILABLE, visitor.say("暂时无法登录。", "Log-in is not possible at the moment."))
        }
    };
    let next = local(&form.next).to_owned();
    let page = visitor.page(&pages.site, "登录", "Log in");
    Page::answer(status, &Login { page, wrong: Some(wrong), name: form.name, next })
}

pub(super) async fn log_out(State(pages): State<Pages>, visitor: Visitor, Form(form): Form<Word>) -> Response {
    if visitor.caller.check_form(&form.word).is_err() {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    if let Some(token) = visitor.caller.token()
        && let Err(error) = pages.people.log_out(token, pages.now_ms()).await
    {
        tracing::error!(%error, "a session was not ended");
    }
    see_other("/", Some(pages.site.cookie("", 0)))
}

pub(super) async fn join_form(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let page = visitor.page(&pages.site, "注册为竞买人", "Register as a bidder");
    let (wrong, invitation) = (None, None);
    let form = Join { page, wrong, action: "/join".to_owned(), invitation, name: String::new(), shown: String::new() };
    Page::answer(StatusCode::OK, &form)
}

fn why(visitor: &Visitor, error: &PeopleError) -> String {
    let [zh, en] = match error {
        PeopleError::Name => ["账户名不合要求。", "The account name is not of the right form."],
        PeopleError::Taken => ["账户名已被使用。", "Somebody has this account name."],
        PeopleError::Password(PasswordError::TooShort) => {
            ["口令少于 12 个字符。", "The password has fewer than 12 characters."]
        }
        PeopleError::Password(PasswordError::TooLong) => ["口令过长。", "The password is too long."],
        PeopleError::Password(PasswordError::Common) => {
            ["口令太容易被猜到。", "The password is among those that are guessed first."]
        }
        PeopleError::Invitation => ["邀请无效或已使用。", "The invitation is not valid, or was used."],
        PeopleError::Code => ["验证码不正确。", "The code is not right."],
        PeopleError::Key => ["密钥无效。", "The key is none."],
        PeopleError::KeyNotHeld => [
            "签名不能证明您持有此密钥，请刷新后重试。",
            "The signature does not show that you hold this key. Reload and try again.",
        ],
        PeopleError::KeyTaken => [
            "另一账户已登记此密钥；每人须用自己的浏览器与密钥。",
            "Another account signs with this key. Each person uses a browser and key of their own.",
        ],
        PeopleError::TooMany(_) => {
            ["此网络地址办理次数过多，请稍后再试。", "Too many tries from this address. Please wait a little."]
        }
        PeopleError::Vault(_) => ["暂时无法办理。", "This is not possible at the moment."],
    };
    visitor.say(zh, en)
}

fn status(error: &PeopleError) -> StatusCode {
    let is_limit = matches!(error, PeopleError::TooMany(_));
    if is_limit { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY }
}

fn address(extensions: &Extensions) -> String {
    extensions.get::<ClientAddress>().map_or_else(String::new, |address| address.0.to_string())
}

pub(super) async fn join(
    State(pages): State<Pages>,
    extensions: Extensions,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<JoinForm>,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let now = pages.now_ms();
    let new = NewAccount { name: &form.name, shown: &form.shown, password: &form.password };
    match pages.people.join(new, &address(&extensions), now).await {
        Ok(account) => begin(&pages, &account.name, now).await,
        Err(error) => {
            let wrong = Some(why(&visitor, &error));
            let page = visitor.page(&pages.site, "注册为竞买人", "Register as a bidder");
            let action = "/join".to_owned();
            let (name, shown) = (form.name, form.shown);
            Page::answer(status(&error), &Join { page, wrong, action, invitation: None, name, shown })
        }
    }
}

async fn begin(pages: &Pages, name: &AccountName, now_ms: i64) -> Response {
    match pages.people.begin_session(name, now_ms).await {
        Ok(token) => see_other("/account", Some(pages.site.cookie(token.text(), COOKIE_S))),
        Err(error) => {
            tracing::error!(%error, "a session was not begun");
            see_other("/login", None)
        }
    }
}

pub(super) async fn invitation_form(
    State(pages): State<Pages>,
    Path((name, secret)): Path<(String, String)>,
    visitor: Visitor,
) -> Response {
    let page = visitor.page(&pages.site, "接受邀请", "Accept the invitation");
    let action = format!("/invitation/{name}/{secret}");
    Page::answer(
        StatusCode::OK,
        &Join { page, wrong: None, action, invitation: Some(secret), name, shown: String::new() },
    )
}

pub(super) async fn accept(
    State(pages): State<Pages>,
    Path((name, secret)): Path<(String, String)>,
    extensions: Extensions,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<JoinForm>,
) -> Response {
    if !comes_from_us(&headers, &pages) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let new = NewAccount { name: &name, shown: &form.shown, password: &form.password };
    let now = pages.now_ms();
    match pages.people.accept(&secret, new, &address(&extensions), now).await {
        Ok(account) => begin(&pages, &account.name, now).await,
        Err(error) => {
            let wrong = Some(why(&visitor, &error));
            let page = visitor.page(&pages.site, "接受邀请", "Accept the invitation");
            let action = format!("/invitation/{name}/{secret}");
            let form = Join { page, wrong, action, invitation: Some(secret), name, shown: form.shown };
            Page::answer(status(&error), &form)
        }
    }
}

fn role_name(visitor: &Visitor, role: Role) -> String {
    match role {
        Role::Officer => visitor.say("工作人员", "Officer"),
        Role::Bidder => visitor.say("竞买人", "Bidder"),
        Role::Guarantor => visitor.say("担保人", "Guarantor"),
        Role::Auditor => visitor.say("审计人", "Auditor"),
        Role::Source => visitor.say("凭证单位", "Source of evidence"),
    }
}

/// The account page, with what was just done or went wrong.
async fn show(pages: &Pages, visitor: Visitor, told: Option<String>, wrong: Option<String>) -> Response {
    let Some(account) = visitor.caller.account().cloned() else { return see_other("/login?next=/account", None) };
    let offered = match pages.people.offered_code(&account.name).await {
        Ok(offered) => offered.filter(|_| !account.has_code()),
        Err(error) => {
            tracing::error!(%error, "the vault did not answer");
            None
        }
    };
    let issuer = visitor.say("落槌", "Landgavel");
    let offer = offered.map(|secret| {
        let address = secret.address(&issuer, account.name.as_str());
        let qr = QrCode::new(address).map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).build());
        Offer { qr: qr.map(without_declaration).unwrap_or_default(), base32: secret.base32() }
    });
    let mut sales = Vec::new();
    for room in pages.hall.rooms() {
        let has_applied =
            code_of(&pages.hall.setting().store, room.id(), &account.name).await.is_ok_and(|one| one.is_some());
        if has_applied || account.key.as_deref().and_then(|key| room.code_of_key(key)).is_some() {
            sales.extend(card(&room, &visitor));
        }
    }
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Account {
        shown: account.shown.clone(),
        role: role_name(&visitor, account.role),
        person: account.name.to_string(),
        key: account.key.clone(),
        has_code: account.has_code(),
        offer,
        told,
        wrong,
        sales,
        tasks: waiting(pages, &visitor).await,
        must_have_code: matches!(account.role, Role::Officer | Role::Guarantor | Role::Source),
        page: visitor.page(&pages.site, "我的账户", "My account"),
    };
    Page::answer(status, &page)
}

/// An SVG inside a page has no XML declaration.
fn without_declaration(svg: String) -> String {
    match svg.find("<svg") {
        Some(start) => svg[start..].to_owned(),
        None => svg,
    }
}

pub(super) async fn account(State(pages): State<Pages>, visitor: Visitor) -> Response {
    show(&pages, visitor, None, None).await
}

pub(super) async fn enrol(State(pages): State<Pages>, visitor: Visitor, Form(form): Form<Word>) -> Response {
    let Some(name) = visitor.caller.name().cloned().filter(|_| visitor.caller.check_form(&form.word).is_ok()) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    // The form's word is the session's, which was just checked.
    let enrolment = Enrolment { key: &form.key, signature: &form.signature, host: pages.site.host(), word: &form.word };
    match pages.people.enrol(&name, &enrolment).await {
        Ok(_) => see_other(local(&form.next), None),
        Err(error) => {
            let wrong = why(&visitor, &error);
            show(&pages, visitor, None, Some(wrong)).await
        }
    }
}

pub(super) async fn offer_code(State(pages): State<Pages>, visitor: Visitor, Form(form): Form<Word>) -> Response {
    let Some(name) = visitor.caller.name().cloned().filter(|_| visitor.caller.check_form(&form.word).is_ok()) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    match pages.people.offer_code(&name).await {
        Ok(_) => see_other("/account", None),
        Err(error) => {
            let wrong = why(&visitor, &error);
            show(&pages, visitor, None, Some(wrong)).await
        }
    }
}

pub(super) async fn confirm_code(State(pages): State<Pages>, visitor: Visitor, Form(form): Form<Word>) -> Response {
    let Some(name) = visitor.caller.name().cloned().filter(|_| visitor.caller.check_form(&form.word).is_ok()) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    match pages.people.confirm_code(&name, &form.digits, pages.now_ms()).await {
        Ok(_) => see_other("/account", None),
        Err(error) => {
            let wrong = why(&visitor, &error);
            show(&pages, visitor, None, Some(wrong)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_log_in_nobody_is_sent_elsewhere() {
        assert_eq!(local("/sales/x/room"), "/sales/x/room");
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "", "account"]
        {
            assert_eq!(local(elsewhere), "/account", "{elsewhere}");
        }
    }
}
