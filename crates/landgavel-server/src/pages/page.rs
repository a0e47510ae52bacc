use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, COOKIE, REFRESH, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use landgavel_base::Bilingual;
use landgavel_record::words::Language;

use super::{Pages, Printer, VerifierPage};
use crate::people::{Caller, Role, Token};
use crate::scores::Scores;

/// Where the pages stand.
#[derive(Debug, Clone)]
pub struct Site {
    /// Scheme, host and port, as browsers write them in `Origin`.
    pub origin: String,
    /// Everything was made for a demonstration.
    pub is_demo: bool,
    /// The verifier as one page, when it is at hand.
    pub verifier: Option<VerifierPage>,
    /// What makes papers as PDF, where there is a font for them.
    pub printer: Option<Arc<Printer>>,
    /// What has been published of scores.
    pub scores: Arc<Scores>,
}

impl Site {
    /// Name and marks of the session's cookie. Browsers take `__Host-` only over TLS, or from their own machine.
    pub fn cookie(&self, token: &str, max_age_s: u32) -> String {
        let (name, secure) = self.cookie_name();
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
    }

    /// Host and port, which a key signs when it is enrolled.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, host)| host)
    }

    fn cookie_name(&self) -> (&'static str, &'static str) {
        if self.origin.starts_with("https://") { ("__Host-landgavel", "; Secure") } else { ("landgavel", "") }
    }
}

/// Who looks, and in which language.
pub struct Visitor {
    pub(super) language: Language,
    pub(super) caller: Caller,
    path: String,
    /// What else than a language the address asks for.
    query: String,
    /// The language was asked for on this page and is kept from now on.
    chose: bool,
}

/// A link of the main navigation.
pub(super) struct Link {
    pub href: &'static str,
    pub text: String,
    pub is_current: bool,
}

/// What every page holds beside its own content.
pub(super) struct Page {
    pub title: String,
    pub is_demo: bool,
    has_scores: bool,
    visitor: Visitor,
}

impl FromRequestParts<Pages> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        let asked = asked_language(&parts.uri);
        let kept = cookie(&parts.headers, "lang").and_then(|word| language_named(&word));
        let language = asked.or(kept).unwrap_or_else(|| preferred(&parts.headers));
        let (name, _) = pages.site.cookie_name();
        // A program brings its token in a header; a browser has it in a cookie.
        let bearer = parts.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        let token = match bearer {
            Some(value) => value.strip_prefix("Bearer ").map(str::to_owned),
            None => cookie(&parts.headers, name),
        };
        let caller = match token {
            None => Caller::default(),
            Some(token) => match pages.people.caller(Token::received(&token), pages.now_ms()).await {
                Ok(caller) => caller,
                Err(error) => {
                    tracing::error!(%error, "the vault did not say who calls");
                    return Err(StatusCode::SERVICE_UNAVAILABLE.into_response());
                }
            },
        };
        Ok(Self {
            language,
            caller,
            path: parts.uri.path().to_owned(),
            query: without_language(&parts.uri),
            chose: asked.is_some(),
        })
    }
}

fn language_named(word: &str) -> Option<Language> {
    match word {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    }
}

fn asked_language(uri: &Uri) -> Option<Language> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(language_named)
}

fn without_language(uri: &Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect::<Vec<_>>().join("&")
}

/// Chinese first: English only for who asks for it and not for Chinese.
fn preferred(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = asked.split(',').map(str::trim).find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
    if first.is_some_and(|tag| tag.starts_with("en")) { Language::En } else { Language::Zh }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

impl Visitor {
    /// One of two languages.
    pub fn say(&self, zh: &str, en: &str) -> String {
        match self.language {
            Language::Zh => zh.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    /// One of two languages of a text.
    pub fn pick(&self, text: &Bilingual) -> String {
        self.say(&text.zh, &text.en)
    }

    /// A page for this visitor.
    pub(super) fn page(self, site: &Site, zh: &str, en: &str) -> Page {
        let title = self.say(zh, en);
        self.page_titled(site, title)
    }

    /// The same visitor where an address is one language, whatever is preferred elsewhere.
    pub(super) fn in_chinese_unless_asked(self) -> Self {
        Self { language: if self.chose { self.language } else { Language::Zh }, ..self }
    }

    /// A page whose title stands already in the visitor's language.
    pub(super) fn page_titled(self, site: &Site, title: String) -> Page {
        Page { title, is_demo: site.is_demo, has_scores: !site.scores.all().is_empty(), visitor: self }
    }
}

impl Page {
    /// A page that is filled in later.
    pub fn blank() -> Self {
        let visitor = Visitor {
            language: Language::Zh,
            caller: Caller::default(),
            path: String::new(),
            query: String::new(),
            chose: false,
        };
        Self { title: String::new(), is_demo: false, has_scores: false, visitor }
    }

    pub fn say(&self, zh: &str, en: &str) -> String {
        self.visitor.say(zh, en)
    }

    pub fn lang(&self) -> &'static str {
        match self.visitor.language {
            Language::Zh => "zh-Hans",
            Language::En => "en",
        }
    }

    pub fn other_language(&self) -> &'static str {
        match self.visitor.language {
            Language::Zh => "en",
            Language::En => "zh-Hans",
        }
    }

    pub fn other_language_name(&self) -> &'static str {
        match self.visitor.language {
            Language::Zh => "English",
            Language::En => "中文",
        }
    }

    pub fn other_language_href(&self) -> String {
        let word = match self.visitor.language {
            Language::Zh => "en",
            Language::En => "zh",
        };
        let Visitor { path, query, .. } = &self.visitor;
        if query.is_empty() { format!("{path}?lang={word}") } else { format!("{path}?{query}&lang={word}") }
    }

    /// The account's name on the page, when somebody has logged in.
    pub fn person(&self) -> Option<&str> {
        self.visitor.caller.account().map(|account| account.shown.as_str())
    }

    /// The word that each form of this session brings back.
    pub fn form_word(&self) -> String {
        self.visitor.caller.form_word()
    }

    /// Whether the hall shows scores.
    pub fn has_scores(&self) -> bool {
        self.has_scores
    }

    pub fn links(&self) -> Vec<Link> {
        let mut links = vec![("/", self.say("出让", "Sales")), ("/pledges", self.say("履约", "Pledges"))];
        let mine = || ("/my/pledges", self.say("我的履约", "My pledges"));
        if self.has_scores {
            links.push(("/scores", self.say("评价", "Scores")));
        }
        match self.visitor.caller.role() {
            Some(Role::Officer) => {
                links.push(("/officer", self.say("工作台", "Desk")));
                links.push(("/officer/pledges", self.say("履约监管", "Supervision")));
            }
            Some(Role::Guarantor) => {
                links.push(("/guarantor", self.say("保函", "Guarantees")));
                links.push(mine());
            }
            Some(Role::Auditor) => links.push(("/auditor", self.say("审计", "Audit"))),
            Some(Role::Bidder | Role::Source) => links.push(mine()),
            None => {}
        }
        links.push(("/help", self.say("帮助", "Help")));
        let path = &self.visitor.path;
        links.into_iter().map(|(href, text)| Link { href, text, is_current: path == href }).collect()
    }

    /// The page as an answer.
    pub fn answer(status: StatusCode, template: &impl HasPage) -> Response {
        let html = match template.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page was not rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut answer = (status, Html(html)).into_response();
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let page = template.page();
        if page.visitor.chose {
            let kept = match page.visitor.language {
                Language::Zh => "lang=zh; Path=/; SameSite=Lax; Max-Age=31536000",
                Language::En => "lang=en; Path=/; SameSite=Lax; Max-Age=31536000",
            };
            answer.headers_mut().append(SET_COOKIE, HeaderValue::from_static(kept));
        }
        answer
    }
}

/// A template with the page that it is on.
pub(super) trait HasPage: Template {
    fn page(&self) -> &Page;
}

/// Tells templates where their page is.
macro_rules! on_page {
    ($($template:ty),* $(,)?) => {
        $(impl crate::pages::page::HasPage for $template {
            fn page(&self) -> &crate::pages::page::Page {
                &self.page
            }
        })*
    };
}
pub(super) use on_page;

#[derive(Template)]
#[template(path = "error.html")]
pub(super) struct ErrorPage {
    page: Page,
    status: u16,
    detail: String,
    can_log_in: bool,
}

on_page!(ErrorPage);

impl ErrorPage {
    /// A page that says why there is none.
    pub fn answer(site: &Site, visitor: Visitor, status: StatusCode, title: [&str; 2], detail: [&str; 2]) -> Response {
        let can_log_in = visitor.caller.account().is_none() && status == StatusCode::FORBIDDEN;
        let detail = visitor.say(detail[0], detail[1]);
        let page = visitor.page(site, title[0], title[1]);
        Page::answer(status, &ErrorPage { page, status: status.as_u16(), detail, can_log_in })
    }

    /// There is no such page.
    pub fn not_found(site: &Site, visitor: Visitor) -> Response {
        let detail = ["地址有误，或该出让不存在。", "The address is wrong, or there is no such sale."];
        Self::answer(site, visitor, StatusCode::NOT_FOUND, ["没有这一页", "There is no such page"], detail)
    }

    /// The sale is being read back.
    pub fn opening(site: &Site, visitor: Visitor) -> Response {
        let detail = [
            "正在从记录打开这宗出让，本页会自动刷新。",
            "This sale is being read from its record. The page loads again by itself.",
        ];
        let title = ["正在打开", "Opening"];
        let mut answer = Self::answer(site, visitor, StatusCode::SERVICE_UNAVAILABLE, title, detail);
        answer.headers_mut().insert(REFRESH, HeaderValue::from_static("2"));
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        answer
    }

    /// Its journal is not what was stored or signed.
    pub fn damaged(site: &Site, visitor: Visitor) -> Response {
        let detail = [
            "这份记录与已签名的内容不符，因此不予打开；监管方正在查明。",
            "This record is not what was signed, so it is not opened. The office looks into it.",
        ];
        Self::answer(site, visitor, StatusCode::SERVICE_UNAVAILABLE, ["记录已损坏", "The record is damaged"], detail)
    }

    /// Not for this visitor.
    pub fn forbidden(site: &Site, visitor: Visitor) -> Response {
        let detail =
            ["您的角色不能使用本页，或登录已过期。", "Your role cannot use this page, or your session has ended."];
        Self::answer(site, visitor, StatusCode::FORBIDDEN, ["无权访问", "Not for you"], detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_comes_first_unless_english_is_asked_for() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(value));
            preferred(&headers)
        };
        assert_eq!(preferred(&HeaderMap::new()), Language::Zh);
        assert_eq!(with("zh-CN,zh;q=0.9,en;q=0.8"), Language::Zh);
        assert_eq!(with("en-GB,en;q=0.9,zh;q=0.1"), Language::En);
        assert_eq!(with("de-DE,de;q=0.9"), Language::Zh);
        assert_eq!(asked_language(&"/x?a=1&lang=en".parse().unwrap()), Some(Language::En));
        assert_eq!(asked_language(&"/x?lang=fr".parse().unwrap()), None);
        assert_eq!(without_language(&"/x?a=1&lang=en&b=2".parse().unwrap()), "a=1&b=2");
        assert_eq!(without_language(&"/x?lang=en".parse().unwrap()), "");
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("xlang=zh; lang=en; landgavel=abc"));
        assert_eq!(cookie(&headers, "lang").as_deref(), Some("en"));
        assert_eq!(cookie(&headers, "gavel"), None);
    }
}
