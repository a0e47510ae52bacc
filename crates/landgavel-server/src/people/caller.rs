use super::account::{Account, AccountName};
use super::role::Role;
use super::session::Token;

/// Who calls: nobody known, or somebody who has logged in.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    account: Option<Account>,
    token: Option<Token>,
}

/// A request that would change something and did not come from one of the hall's own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsafe;

impl Caller {
    pub(super) fn known(account: Account, token: Token) -> Self {
        Self { account: Some(account), token: Some(token) }
    }

    /// The account, when somebody has logged in.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Its name.
    pub fn name(&self) -> Option<&AccountName> {
        self.account.as_ref().map(|account| &account.name)
    }

    /// Its role.
    pub fn role(&self) -> Option<Role> {
        self.account.as_ref().map(|account| account.role)
    }

    /// Whether it has this role.
    pub fn is(&self, role: Role) -> bool {
        self.role() == Some(role)
    }

    /// The token of its session.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The word for its forms; empty for nobody.
    pub fn form_word(&self) -> String {
        self.token.as_ref().map(Token::form_word).unwrap_or_default()
    }

    /// Lets a form through only if it brings the session's word.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_form(&self, word: &str) -> Result<(), Unsafe> {
        match &self.token {
            Some(token) if token.is_form_word(word) => Ok(()),
            _ => Err(Unsafe),
        }
    }
}

/// Whether a request that changes something may use a session: browsers say where it comes from, and only the hall's
/// own origin counts. `site` is `Sec-Fetch-Site`, `origin` is `Origin`, `own` the hall's.
pub fn is_same_origin(site: Option<&str>, origin: Option<&str>, own: &str) -> bool {
    match (site, origin) {
        (Some("same-origin"), origin) => origin.is_none_or(|origin| origin == own),
        (Some(_), _) => false,
        (None, Some(origin)) => origin == own,
        // No browser of the last years leaves out both; programs have no session to misuse.
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_halls_own_pages_change_something() {
        let own = "https://hall.example";
        assert!(is_same_origin(Some("same-origin"), Some(own), own));
        assert!(is_same_origin(None, Some(own), own));
        assert!(is_same_origin(Some("same-origin"), None, own));
        for (site, origin) in [
            (Some("cross-site"), Some(own)),
            (Some("same-site"), Some("https://other.hall.example")),
            (Some("same-origin"), Some("https://evil.example")),
            (Some("none"), None),
            (None, Some("null")),
            (None, Some("https://hall.example.evil.example")),
            (None, None),
        ] {
            assert!(!is_same_origin(site, origin, own), "{site:?} {origin:?}");
        }
    }

    #[test]
    fn nobody_has_no_form_word_that_counts() {
        assert_eq!(Caller::default().check_form(""), Err(Unsafe));
    }
}
