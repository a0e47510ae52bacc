use std::collections::BTreeMap;
use std::fmt;

use subsetter::{GlyphRemapper, subset};
use ttf_parser::{Face, GlyphId, Permissions, RawFace, Tag, fonts_in_collection, name_id};

/// What every paper needs: a font without these is no font for it.
const NEEDED: &str = "落槌成交确认书公示出让竞得人，。：（）0123456789AaZz";
/// Stands for a character that the font does not have; printers have long used it so.
const GETA: char = '〓';

/// A font that papers are set in.
pub struct Font {
    bytes: Vec<u8>,
    /// Which face of a collection.
    index: u32,
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a font of {} bytes", self.bytes.len())
    }
}

/// The glyphs of a font that a paper uses, numbered as they come.
pub(super) struct Glyphs<'a> {
    font: &'a Font,
    face: Face<'a>,
    numbers: GlyphRemapper,
    /// What each number says to who copies it, and how wide it is in thousandths of its size.
    used: BTreeMap<u16, (char, i32)>,
}

/// What is embedded of a font.
pub(super) struct Embedded {
    pub name: String,
    /// The font with the glyphs that are used.
    pub file: Vec<u8>,
    /// Outlines of the PostScript kind, else of the TrueType kind.
    pub is_cff: bool,
    pub ascent: i32,
    pub descent: i32,
    pub cap_height: i32,
    pub bounds: [i32; 4],
    pub glyphs: BTreeMap<u16, (char, i32)>,
}

/// A character as it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    pub number: u16,
    /// Whether the glyph does not say by itself which character it stands for.
    pub needs_words: bool,
}

impl Font {
    /// Takes a file for the font of papers: of a collection the face for simplified Chinese.
    ///
    /// # Errors
    ///
    /// In words: when it is no font, lacks Chinese, or its maker does not let it be embedded.
    pub fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let faces = fonts_in_collection(&bytes).unwrap_or(1);
        let is_simplified = |index: &u32| {
            let family = Face::parse(&bytes, *index).ok().and_then(|face| named(&face, name_id::FAMILY));
            family.is_some_and(|family| family.split(' ').any(|word| word == "SC") && !family.contains("Mono"))
        };
        let index = (0..faces).find(is_simplified).unwrap_or(0);
        let font = Self { bytes, index };
        font.check()?;
        Ok(font)
    }

    fn check(&self) -> Result<(), String> {
        let face = Face::parse(&self.bytes, self.index).map_err(|error| format!("it is no font: {error}"))?;
        if let Some(lacking) = NEEDED.chars().find(|needed| face.glyph_index(*needed).is_none()) {
            return Err(format!("it has no “{lacking}”: expected a font with simplified Chinese"));
        }
        let tables = face.tables();
        if tables.cff.is_none() && tables.glyf.is_none() {
            return Err("its outlines are of no kind that is embedded: expected TrueType or CFF".to_owned());
        }
        if tables.os2.is_some()
            && (face.permissions() == Some(Permissions::Restricted) || !face.is_subsetting_allowed())
        {
            return Err("its maker does not let parts of it be embedded".to_owned());
        }
        let mut glyphs = Glyphs::of(self)?;
        for needed in NEEDED.chars() {
            glyphs.take(needed);
        }
        glyphs.embed().map(|_| ())
    }
}

fn named(face: &Face<'_>, id: u16) -> Option<String> {
    face.names().into_iter().filter(|name| name.name_id == id && name.is_unicode()).find_map(|name| name.to_string())
}

impl<'a> Glyphs<'a> {
    pub fn of(font: &'a Font) -> Result<Self, String> {
        let face = Face::parse(&font.bytes, font.index).map_err(|error| error.to_string())?;
        Ok(Self { font, face, numbers: GlyphRemapper::new(), used: BTreeMap::new() })
    }

    fn glyph(&self, letter: char) -> (GlyphId, bool) {
        match self.face.glyph_index(letter) {
            Some(glyph) => (glyph, true),
            None => (self.face.glyph_index(GETA).unwrap_or(GlyphId(0)), false),
        }
    }

    /// Thousandths of a length of the font.
    fn thousandths(&self, length: i32) -> i32 {
        length * 1000 / i32::from(self.face.units_per_em())
    }

    /// How wide a character is, in thousandths of its size.
    pub fn width(&self, letter: char) -> i32 {
        self.thousandths(i32::from(self.face.glyph_hor_advance(self.glyph(letter).0).unwrap_or(0)))
    }

    /// Draws a character: the glyph becomes part of what is embedded.
    pub fn take(&mut self, letter: char) -> Drawn {
        let (glyph, is_there) = self.glyph(letter);
        let number = self.numbers.remap(glyph.0);
        let said = if is_there { letter } else { GETA };
        let width = self.width(letter);
        let (first, _) = *self.used.entry(number).or_insert((said, width));
        Drawn { number, needs_words: first != letter }
    }

    /// What is embedded of the glyphs that were drawn.
    pub fn embed(self) -> Result<Embedded, String> {
        let whole = subset(&self.font.bytes, self.font.index, &self.numbers).map_err(|error| error.to_string())?;
        let cff =
            RawFace::parse(&whole, 0).ok().and_then(|face| face.table(Tag::from_bytes(b"CFF ")).map(<[u8]>::to_vec));
        let name = named(&self.face, name_id::POST_SCRIPT_NAME).unwrap_or_default();
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
        let bounds = self.face.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        Ok(Embedded {
            name: if name.is_empty() { "Font".to_owned() } else { name },
            is_cff: cff.is_some(),
            file: cff.unwrap_or(whole),
            ascent: self.thousandths(i32::from(self.face.ascender())),
            descent: self.thousandths(i32::from(self.face.descender())),
            cap_height: self.thousandths(i32::from(self.face.capital_height().unwrap_or(self.face.ascender()))),
            bounds: bounds.map(|length| self.thousandths(i32::from(length))),
            glyphs: self.used,
        })
    }
}
