//! Names of land use codes, from the embedded list.

use landgavel_base::Bilingual;

use super::finding::Sink;
use super::tree;

const CODES: &str = include_str!("../../../../data/codes/land-use.toml");

/// The name of a code that stands once in the embedded list; a code of several classifications is unclear.
pub(crate) fn name(code: &str) -> Option<Bilingual> {
    let root = tree::read(CODES.as_bytes(), &mut Sink::default())?;
    let mut found = root.get("codes")?.items().iter().filter(|item| item.text_of("code") == Some(code));
    let (first, more) = (found.next()?, found.next());
    more.is_none().then(|| {
        let name = |language| first.get("name").and_then(|name| name.text_of(language)).unwrap_or_default();
        Bilingual::new(name("zh"), name("en"))
    })
}
