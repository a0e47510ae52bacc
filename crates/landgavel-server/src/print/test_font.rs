//! A font made for tests, whose glyphs are boxes, and a reader of what a PDF says.

use super::Font;

/// Characters of a font that papers can be set in.
pub const CHINESE: &str = "落槌成交确认书公示出让竞得人标的，。：（）第页共日志根·〓�/._ ";

/// A TrueType font with these characters, and letters and digits.
pub fn font(letters: &str) -> Font {
    Font::read(bytes(letters)).unwrap()
}

pub fn bytes(letters: &str) -> Vec<u8> {
    let mut letters: Vec<char> = letters.chars().chain(' '..='~').collect();
    letters.sort_unstable();
    letters.dedup();
    let count = u16::try_from(letters.len() + 1).unwrap();
    let glyph: Vec<u8> =
        [words(&[1, 0, 0, 800, 800, 3, 0]), vec![1; 4], words(&[0, 800, 0, 0x10000 - 800, 0, 0, 800, 0])].concat();
    let glyphs = usize::from(count);
    let loca: Vec<u8> =
        (0..=glyphs).flat_map(|index| u32::try_from(index * glyph.len()).unwrap().to_be_bytes()).collect();
    let metrics: Vec<u8> = std::iter::once(&' ')
        .chain(&letters)
        .flat_map(|letter| words(&[if letter.is_ascii() { 500 } else { 1000 }, 0]))
        .collect();
    let head =
        [words(&[1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 1000]), vec![0; 16], words(&[0, 0, 800, 800, 0, 8, 2, 1, 0])];
    let hhea = [words(&[1, 0, 880, 0x10000 - 120, 0, 1000]), vec![0; 22], words(&[usize::from(count)])];
    let maxp = [words(&[1, 0, usize::from(count), 4, 1]), vec![0; 22]];
    let groups: Vec<u8> = letters
        .iter()
        .zip(1_u32..)
        .flat_map(|(letter, glyph)| [u32::from(*letter), u32::from(*letter), glyph])
        .flat_map(u32::to_be_bytes)
        .collect();
    let length = u32::try_from(16 + groups.len()).unwrap();
    let cmap = [
        words(&[0, 1, 3, 10, 0, 12, 12, 0]),
        length.to_be_bytes().to_vec(),
        vec![0; 4],
        u32::try_from(letters.len()).unwrap().to_be_bytes().to_vec(),
        groups,
    ];
    let tables = [
        (b"cmap", cmap.concat()),
        (b"glyf", glyph.repeat(glyphs)),
        (b"head", head.concat()),
        (b"hhea", hhea.concat()),
        (b"hmtx", metrics),
        (b"loca", loca),
        (b"maxp", maxp.concat()),
    ];
    let mut font = words(&[1, 0, tables.len(), 0, 0, 0]);
    let mut at = 12 + 16 * tables.len();
    for (name, table) in &tables {
        font.extend_from_slice(*name);
        font.extend([0; 4]);
        font.extend(u32::try_from(at).unwrap().to_be_bytes());
        font.extend(u32::try_from(table.len()).unwrap().to_be_bytes());
        at += table.len().next_multiple_of(4);
    }
    for (_, mut table) in tables {
        table.resize(table.len().next_multiple_of(4), 0);
        font.extend(table);
    }
    font
}

fn words(words: &[usize]) -> Vec<u8> {
    words.iter().flat_map(|word| u16::try_from(*word).unwrap().to_be_bytes()).collect()
}

/// What a PDF says to who copies its text: glyphs by their map, and words that glyphs bring along.
pub fn text_of(pdf: &[u8]) -> String {
    let raw: String = pdf.iter().map(|byte| char::from(*byte)).collect();
    let map = raw.split("beginbfchar").skip(1).flat_map(|part| part.split("endbfchar").next().unwrap().lines());
    let map: std::collections::BTreeMap<u16, String> = map
        .filter_map(|line| {
            let (glyph, said) = line.trim_matches(['<', '>']).split_once("> <")?;
            let said: Vec<u16> = said
                .as_bytes()
                .chunks(4)
                .map(|four| u16::from_str_radix(std::str::from_utf8(four).unwrap(), 16).unwrap())
                .collect();
            Some((u16::from_str_radix(glyph, 16).unwrap(), String::from_utf16(&said).unwrap()))
        })
        .collect();
    let mut text = String::new();
    let mut brought: Option<String> = None;
    for line in raw.lines() {
        if let Some((_, words)) = line.split_once("/ActualText ") {
            let bytes = string(words);
            let units: Vec<u16> = bytes[2..].chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            brought = Some(String::from_utf16(&units).unwrap());
        } else if let Some(shown) = line.strip_suffix(" Tj") {
            match brought.take() {
                Some(words) => text += &words,
                None => string(shown).chunks(2).for_each(|two| text += &map[&u16::from_be_bytes([two[0], two[1]])]),
            }
        } else if line == "ET" {
            text.push('\n');
        }
    }
    text
}

/// A string as PDF writes it: in hexadecimal digits, or as characters with escapes.
fn string(text: &str) -> Vec<u8> {
    if let Some(hex) = text.strip_prefix('<') {
        let hex: String = hex.chars().take_while(char::is_ascii_hexdigit).collect();
        return (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    }
    let inner = &text[1..text.rfind(')').unwrap()];
    let mut bytes = Vec::new();
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        let byte = match (c, rest.peek()) {
            ('\\', Some('0'..='7')) => {
                let digits: String = rest.by_ref().take(3).collect();
                u8::from_str_radix(&digits, 8).unwrap()
            }
            ('\\', _) => match rest.next().unwrap() {
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                'b' => 8,
                'f' => 12,
                other => u8::try_from(other).unwrap(),
            },
            _ => u8::try_from(c).unwrap(),
        };
        bytes.push(byte);
    }
    bytes
}

#[test]
fn a_file_that_is_no_font_for_chinese_papers_is_refused_in_words() {
    assert!(Font::read(b"no font".to_vec()).unwrap_err().contains("no font"));
    assert!(Font::read(bytes("abc")).unwrap_err().contains("落"));
    for cut in [20, 200, 900] {
        let mut bytes = bytes(CHINESE);
        bytes.truncate(cut);
        assert!(Font::read(bytes).is_err(), "{cut}");
    }
}
