use std::fmt::Write as _;

use landgavel_record::record::sha256;
use landgavel_record::words::Language;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, TextRenderingMode, UnicodeCmap};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::Sheet;
use super::font::{Embedded, Font, Glyphs};
use super::layout::{HEIGHT, Item, WIDTH, pages};

/// The font, as pages call it.
const FONT: Name<'static> = Name(b"F");
/// Hundredths of a point, in which everything is placed.
const SCALE: f32 = 0.01;
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const TYPE0: Ref = Ref::new(4);
const CID: Ref = Ref::new(5);
const DESCRIPTOR: Ref = Ref::new(6);
const FILE: Ref = Ref::new(7);
const UNICODE: Ref = Ref::new(8);
/// Pages and what is on them have the numbers from here, in turn.
const FIRST: i32 = 9;

/// A sheet as a PDF: A4, text that can be searched and copied, its title and language told to readers.
///
/// # Errors
///
/// In words, when the font cannot be cut down to what is used.
pub fn pdf(sheet: &Sheet, font: &Font) -> Result<Vec<u8>, String> {
    let mut glyphs = Glyphs::of(font)?;
    let laid = pages(sheet, &|letter| glyphs.width(letter));
    let drawn: Vec<Vec<u8>> = laid.iter().map(|page| draw(page, &mut glyphs)).collect();
    let embedded = glyphs.embed()?;
    let mut pdf = Pdf::new();
    let language = TextStr(match sheet.language {
        Language::Zh => "zh-Hans",
        Language::En => "en",
    });
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(language);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    pdf.document_info(INFO).title(TextStr(&sheet.title)).producer(TextStr("Landgavel"));
    let numbers = |index: usize| i32::try_from(index).map_or(i32::MAX, |index| FIRST + 2 * index);
    let refs: Vec<(Ref, Ref)> =
        (0..drawn.len()).map(|index| (Ref::new(numbers(index)), Ref::new(numbers(index) + 1))).collect();
    pdf.pages(PAGES).kids(refs.iter().map(|(page, _)| *page)).count(i32::try_from(refs.len()).unwrap_or(i32::MAX));
    for ((page, content), bytes) in refs.iter().zip(&drawn) {
        let mut page = pdf.page(*page);
        // A4, in points.
        page.parent(PAGES).media_box(Rect::new(0.0, 0.0, 595.28, 841.89)).contents(*content);
        page.resources().fonts().pair(FONT, TYPE0);
        page.finish();
        pdf.stream(*content, bytes);
    }
    write_font(&mut pdf, &embedded);
    let id = sha256(&drawn.concat()).0[..16].to_vec();
    pdf.set_file_id((id.clone(), id));
    Ok(pdf.finish())
}

/// Exact for every length on a page.
fn number(length: i32) -> f32 {
    length as f32
}

fn draw(page: &[Item], glyphs: &mut Glyphs<'_>) -> Vec<u8> {
    let mut content = Content::new();
    content.transform([SCALE, 0.0, 0.0, SCALE, 0.0, 0.0]).set_line_width(60.0);
    for item in page {
        match item {
            Item::Rule { x, y, width } => {
                let y = number(HEIGHT - y);
                content.move_to(number(*x), y).line_to(number(x + width), y).stroke();
            }
            Item::Frame { x, y, width, height } => {
                content.rect(number(*x), number(HEIGHT - y - height), number(*width), number(*height)).stroke();
            }
            Item::Line { x, y, size, is_strong, text } => {
                content.begin_text().set_font(FONT, number(*size));
                if *is_strong {
                    // One font is enough: its outlines are drawn a little thicker.
                    content.set_text_rendering_mode(TextRenderingMode::FillStroke).set_line_width(number(size / 35));
                } else {
                    content.set_text_rendering_mode(TextRenderingMode::Fill);
                }
                content.next_line(number(*x), number(HEIGHT - y));
                show(&mut content, text, glyphs);
                content.end_text().set_line_width(60.0);
            }
        }
    }
    content.finish().into_vec()
}

/// Shows a line. A character that its glyph does not tell brings its words along, so that it is copied as it was written.
fn show(content: &mut Content, text: &[char], glyphs: &mut Glyphs<'_>) {
    let mut run = Vec::new();
    for letter in text {
        let drawn = glyphs.take(*letter);
        if drawn.needs_words {
            flush(content, &mut run);
            let mut words = [0; 4];
            let words = TextStr(letter.encode_utf8(&mut words));
            content.begin_marked_content_with_properties(Name(b"Span")).properties().actual_text(words);
            content.show(Str(&drawn.number.to_be_bytes())).end_marked_content();
        } else {
            run.extend(drawn.number.to_be_bytes());
        }
    }
    flush(content, &mut run);
}

fn flush(content: &mut Content, run: &mut Vec<u8>) {
    if !run.is_empty() {
        content.show(Str(run));
        run.clear();
    }
}

fn write_font(pdf: &mut Pdf, font: &Embedded) {
    // Six letters mark a font of which only a part is there.
    let digest = sha256(&font.file).0;
    let mut name: String = digest[..6].iter().map(|byte| char::from(b'A' + byte % 26)).collect();
    let _ = write!(name, "+{}", font.name);
    let base = Name(name.as_bytes());
    let adobe = |ordering| SystemInfo { registry: Str(b"Adobe"), ordering: Str(ordering), supplement: 0 };
    pdf.type0_font(TYPE0)
        .base_font(base)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(CID)
        .to_unicode(UNICODE);
    let mut cid = pdf.cid_font(CID);
    cid.subtype(if font.is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
    cid.base_font(base).system_info(adobe(b"Identity")).font_descriptor(DESCRIPTOR).default_width(1000.0);
    if !font.is_cff {
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let mut widths = cid.widths();
    for (glyph, (_, width)) in &font.glyphs {
        widths.consecutive(*glyph, [number(*width)]);
    }
    widths.finish();
    cid.finish();
    let [left, bottom, right, top] = font.bounds.map(number);
    let mut descriptor = pdf.font_descriptor(DESCRIPTOR);
    descriptor
        .name(base)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(number(font.ascent))
        .descent(number(font.descent))
        .cap_height(number(font.cap_height))
        .stem_v(80.0);
    if font.is_cff {
        descriptor.font_file3(FILE);
    } else {
        descriptor.font_file2(FILE);
    }
    descriptor.finish();
    let mut file = pdf.stream(FILE, &font.file);
    if font.is_cff {
        file.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    file.finish();
    let mut unicode: UnicodeCmap<u16> = UnicodeCmap::new(Name(b"Characters"), adobe(b"UCS"));
    for (glyph, (letter, _)) in &font.glyphs {
        unicode.pair(*glyph, *letter);
    }
    let unicode = unicode.finish().into_vec();
    pdf.cmap(UNICODE, &unicode).name(Name(b"Characters")).system_info(adobe(b"UCS"));
}

const _: () = assert!(WIDTH < 1 << 24 && HEIGHT < 1 << 24, "lengths are exact as floats");

#[cfg(test)]
mod tests {
    use super::super::test_font::{CHINESE, font, text_of};
    use super::super::{Block, Source};
    use super::*;

    fn sheet(title: &str, blocks: Vec<Block>) -> Sheet {
        let source = Source {
            before: "日志".to_owned(),
            origin: "hall.invalid/sales/p1".to_owned(),
            between: "，根".to_owned(),
            root: "0123456789abcdef".repeat(4),
        };
        Sheet { language: Language::Zh, title: title.to_owned(), blocks, source }
    }

    fn printed(sheet: &Sheet) -> String {
        text_of(&pdf(sheet, &font(CHINESE)).unwrap())
    }

    #[test]
    fn words_can_be_copied_and_the_same_sheet_gives_the_same_bytes() {
        let facts = vec![("出让标的".to_owned(), "成交确认书".to_owned())];
        let sheet = sheet("成交确认书", vec![Block::Facts(facts), Block::Signatures(vec!["竞得人".to_owned()])]);
        let bytes = pdf(&sheet, &font(CHINESE)).unwrap();
        let text = text_of(&bytes);
        for said in ["成交确认书", "出让标的", "竞得人", "第 1 页，共 1 页", &"0123456789abcdef".repeat(4)]
        {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert_eq!(bytes, pdf(&sheet, &font(CHINESE)).unwrap());
        let raw = String::from_utf8_lossy(&bytes);
        assert!(
            raw.contains("/Lang (zh-Hans)") && raw.contains("/DisplayDocTitle true") && !raw.contains("CreationDate")
        );
        // Only what is used is there.
        assert!(bytes.len() < 20_000, "{}", bytes.len());
    }

    #[test]
    fn a_character_that_the_font_lacks_is_marked_and_copied_as_it_is() {
        let text = printed(&sheet("成交", vec![Block::Text("竞得人𬭎𬭎。\u{202e}".to_owned())]));
        assert!(text.contains("竞得人𬭎𬭎。�"), "{text}");
    }

    #[test]
    fn names_of_any_length_stay_on_the_page_and_every_page_names_the_root() {
        let name = "竞得人".repeat(2_000);
        let word = "a".repeat(3_000);
        let line = || Block::List { heading: name.clone(), is_numbered: true, lines: vec![name.clone(); 3] };
        let term =
            Block::Term { name: name.clone(), value: word.clone(), capitals: Some((name.clone(), word.clone())) };
        let facts = Block::Facts(vec![(name.clone(), word.clone()), (word.clone(), name.clone())]);
        let blocks = vec![Block::Notice(name.clone()), line(), term, facts, Block::Signatures(vec![word.clone(); 3])];
        let sheet = sheet(&name, blocks);
        let font = font(CHINESE);
        let laid = pages(&sheet, &|letter| Glyphs::of(&font).unwrap().width(letter));
        assert!(laid.len() > 20, "{}", laid.len());
        for page in &laid {
            for item in page {
                let (Item::Line { x, y, .. } | Item::Rule { x, y, .. } | Item::Frame { x, y, .. }) = item;
                assert!((0..WIDTH).contains(x) && (0..HEIGHT).contains(y), "{x} {y}");
            }
        }
        let text = text_of(&pdf(&sheet, &font).unwrap());
        assert_eq!(text.matches(&"0123456789abcdef".repeat(4)).count(), laid.len());
    }
}
