//! The font of papers: named by the operator, or found where systems keep one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use landgavel_server::pages::Printer;
use landgavel_server::print::Font;

/// Where Debian and its kin, Fedora, Arch and Alpine keep a font with simplified Chinese: serif first, as papers have it.
const PLACES: [&str; 6] = [
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",
];

/// The flag for it.
#[derive(clap::Args)]
pub struct PaperFont {
    /// Font with simplified Chinese (TrueType or OpenType, also a collection) in which papers are made as PDF; where none is
    /// named, that of the package fonts-noto-cjk or the like if it is installed. Without one no PDF is offered.
    #[arg(long, value_name = "FILE", env = "LANDGAVEL_FONT")]
    font: Option<PathBuf>,
}

impl PaperFont {
    /// What makes papers, if there is a font; in words, why the named one is none.
    pub fn printer(&self) -> Result<Option<Arc<Printer>>, String> {
        let printer = |font| Some(Arc::new(Printer::new(font)));
        match &self.font {
            Some(path) => read(path).map(printer),
            // One that is there and does not do is passed over: nobody has named it.
            None => Ok(PLACES.iter().find_map(|place| read(Path::new(place)).ok()).and_then(printer)),
        }
    }
}

fn read(path: &Path) -> Result<Font, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Font::read(bytes).map_err(|why| format!("{}: {why}", path.display()))
}
