//! Scores that an office has published: made before the hall starts, by whoever starts it, and shown as they are.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use landgavel_base::Bilingual;
use landgavel_record::figures::Line;
use landgavel_record::record::sha256;

/// Most scorings and scoreboards that a hall shows.
pub const PUBLISHED_MAX: usize = 200;

/// All of them, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Scores(Vec<Published>);

/// A scoring of enterprises, or the scoreboard of a county.
#[derive(Debug, Clone)]
pub struct Published {
    /// What it is called in its address.
    pub id: String,
    /// What it is called on pages.
    pub title: Bilingual,
    /// Id and version of the card by which it was made.
    pub card: String,
    /// Its figures are invented.
    pub is_sample: bool,
    /// All of it, as one page.
    pub document: Document,
    /// The table of a scoring with every firm's points, as CSV; empty for a county.
    pub csv: Bytes,
    /// Grades and how many units have them, for a scoring.
    pub counts: Vec<(String, usize)>,
    /// The firms of a scoring, in the order of their names.
    pub firms: Vec<Firm>,
}

/// What became of a firm.
#[derive(Debug, Clone)]
pub struct Firm {
    /// As the table names it.
    pub name: String,
    /// Its industry, where the card compares within industries.
    pub group: String,
    /// Its grade; empty when it is not evaluated.
    pub grade: String,
    /// Its points.
    pub total: String,
    /// Its rank within its group, where there is one.
    pub rank: Option<u32>,
    /// The arithmetic.
    pub lines: Vec<Line>,
}

/// A page that loads and runs nothing, and brings its own style.
#[derive(Debug, Clone)]
pub struct Document {
    /// The page; every answer shares it.
    pub html: Bytes,
    /// The content security policy under which its style holds, and nothing else does.
    pub policy: String,
}

impl Document {
    /// Of a page with one style in its head.
    pub fn new(html: String) -> Self {
        let style =
            html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map(|(style, _)| style);
        let hash = style.map_or_else(String::new, |style| {
            format!("style-src 'sha256-{}'; ", STANDARD.encode(sha256(style.as_bytes()).0))
        });
        let policy = format!("default-src 'none'; {hash}base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        Self { html: html.into(), policy }
    }
}

impl Scores {
    /// Sorts them, and the firms of each.
    pub fn new(mut published: Vec<Published>) -> Self {
        published.sort_by(|a, b| a.id.cmp(&b.id));
        for one in &mut published {
            one.firms.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Self(published)
    }

    /// All.
    pub fn all(&self) -> &[Published] {
        &self.0
    }

    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<&Published> {
        self.0.iter().find(|published| published.id == id)
    }
}

impl Published {
    /// The firm of this name.
    pub fn firm(&self, name: &str) -> Option<&Firm> {
        self.firms.binary_search_by(|firm| firm.name.as_str().cmp(name)).ok().map(|at| &self.firms[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_may_use_its_own_style_and_nothing_else() {
        let policy = Document::new("<style>p{}</style><p>".to_owned()).policy;
        // printf 'p{}' | openssl dgst -sha256 -binary | base64
        let own = "default-src 'none'; style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; ";
        assert!(policy.starts_with(own), "{policy}");
        assert!(!Document::new("<p>".to_owned()).policy.contains("style-src"));
    }
}
