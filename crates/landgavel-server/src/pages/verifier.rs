//! The verifier as one page, which a hall hands out as it was given it, and where its pages lead to it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use landgavel_record::record::sha256;
use landgavel_record::words::Language;

use super::Pages;
use super::page::{Page, Site, Visitor, on_page};
use crate::desk::shown::State as SaleState;

/// How the page tells its policy to browsers, as `cargo xtask page` writes it.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
/// What the policy must say, and what it must not: then the page runs what it was built with and sends nothing away.
const SAYS: [&str; 3] = ["default-src 'none'", "script-src 'sha256-", "connect-src 'self'"];
const NEVER_SAYS: [&str; 3] = ["'unsafe-inline'", "'unsafe-eval'", "http"];

/// The page of `cargo xtask page`, with the policy that it brings.
#[derive(Debug, Clone)]
pub struct VerifierPage {
    bytes: Vec<u8>,
    policy: HeaderValue,
    digest: String,
}

impl VerifierPage {
    /// Takes a file for the verifier's page.
    ///
    /// # Errors
    ///
    /// In words, when the file is no such page or its policy would let it do more than the page needs.
    pub fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let text = std::str::from_utf8(&bytes).map_err(|_| "it is no text".to_owned())?;
        let policy = text.split_once(POLICY).and_then(|(_, rest)| rest.split_once('"')).map(|(policy, _)| policy);
        let policy = policy.ok_or("it has no policy: expected the page that `cargo xtask page` makes")?;
        let parts = || policy.split(';').map(str::trim);
        if let Some(said) = SAYS.iter().find(|said| !parts().any(|part| part.starts_with(**said))) {
            return Err(format!("its policy does not say {said}"));
        }
        if let Some(said) = NEVER_SAYS.iter().find(|said| policy.contains(**said)) {
            return Err(format!("its policy says {said}"));
        }
        let policy = HeaderValue::from_str(&format!("{policy}; frame-ancestors 'none'"));
        let policy = policy.map_err(|_| "its policy is no header".to_owned())?;
        let digest = sha256(&bytes).to_string();
        Ok(Self { bytes, policy, digest })
    }
}

/// What pages say of verifying a sale: where one press does it, and what the page is known by.
pub(super) struct Verifying {
    /// The record of the sale.
    pub bundle: String,
    /// The verifier with this record; nothing where the hall has no page of it.
    pub at_once: Option<String>,
    /// SHA-256 of the verifier's page.
    pub digest: Option<String>,
}

/// How to verify a sale; nothing before its record is whole and open to everybody.
pub(super) fn verifying(id: &str, state: &SaleState, site: &Site, visitor: &Visitor) -> Option<Verifying> {
    let is_over = state.sale.status().is_final();
    let is_witnessed = state.published.as_ref().is_some_and(|published| published.tree.size() == state.entries);
    (is_over && is_witnessed).then(|| verifying_bundle(format!("/sales/{id}/bundle.zip"), site, visitor))
}

/// How to verify the bundle at a path of this hall.
pub(super) fn verifying_bundle(bundle: String, site: &Site, visitor: &Visitor) -> Verifying {
    let language = match visitor.language {
        Language::Zh => "zh",
        Language::En => "en",
    };
    let at_once = site.verifier.as_ref().map(|_| format!("/verify#{language}&bundle={bundle}"));
    Verifying { bundle, at_once, digest: site.verifier.as_ref().map(|page| page.digest.clone()) }
}

/// How to verify where the hall has no page for it.
#[derive(Template)]
#[template(path = "no-verifier.html")]
struct NoVerifier {
    page: Page,
    site: String,
}

on_page!(NoVerifier);

/// The verifier: one page that needs nothing else, so it may be kept and used offline.
pub(super) async fn verifier(State(pages): State<Pages>, visitor: Visitor) -> Response {
    match &pages.site.verifier {
        // The page has a policy of its own, which permits what it holds and nothing else.
        Some(page) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
                (CONTENT_SECURITY_POLICY, page.policy.clone()),
            ];
            (headers, page.bytes.clone()).into_response()
        }
        None => {
            let site = pages.site.origin.clone();
            let page = visitor.page(&pages.site, "验证一份记录", "Verify a record");
            Page::answer(StatusCode::OK, &NoVerifier { page, site })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "default-src 'none'; script-src 'sha256-AA=' 'wasm-unsafe-eval'; connect-src 'self'";

    fn page(policy: &str) -> Result<VerifierPage, String> {
        VerifierPage::read(format!("<!doctype html>{POLICY}{policy}\"><p>").into_bytes())
    }

    #[test]
    fn a_page_is_served_with_its_own_policy_and_in_nobodys_frame() {
        let policy = page(GOOD).unwrap().policy;
        assert_eq!(policy.to_str().unwrap(), format!("{GOOD}; frame-ancestors 'none'"));
    }

    #[test]
    fn a_file_that_is_no_verifier_or_would_let_more_in_is_refused_in_words() {
        assert!(VerifierPage::read(b"<p>".to_vec()).unwrap_err().contains("cargo xtask page"));
        assert!(VerifierPage::read(vec![0xff]).is_err());
        for said in SAYS {
            assert!(page(&GOOD.replace(said, "img-src")).unwrap_err().contains(said));
        }
        for said in NEVER_SAYS {
            assert!(page(&format!("{GOOD} {said}")).unwrap_err().contains(said));
        }
        assert!(page(&format!("{GOOD}\n")).is_err());
    }
}
