//! Where everything stands. Lengths are hundredths of a point, so that integers do.

use super::lines::lines;
use super::{Block, Sheet};

pub(super) const WIDTH: i32 = 59_528;
pub(super) const HEIGHT: i32 = 84_189;
const SIDE: i32 = 6_800;
const TOP: i32 = 7_800;
/// Text ends here; under it stands the foot of the page.
const END: i32 = HEIGHT - 8_600;
const ROOM: i32 = WIDTH - 2 * SIDE;

/// Sizes of type.
const TITLE: i32 = 2_000;
const HEADING: i32 = 1_350;
const BODY: i32 = 1_100;
const SMALL: i32 = 850;
/// Between two blocks.
const GAP: i32 = 900;
/// Names of facts.
const NAMES: i32 = 11_500;
/// What stands before the lines of a list.
const INDENT: i32 = 2_200;
/// Places to sign.
const SIGN_SPACE: i32 = 7_000;
const SIGN_GAP: i32 = 2_400;
/// Lines of what is written under one.
const LABEL_LINES: i32 = 3;

/// Something on a page; `y` counts from its top.
pub(super) enum Item {
    Line { x: i32, y: i32, size: i32, is_strong: bool, text: Vec<char> },
    Rule { x: i32, y: i32, width: i32 },
    Frame { x: i32, y: i32, width: i32, height: i32 },
}

/// Sets a sheet on pages. `width` tells how wide a character is, in thousandths of its size.
pub(super) fn pages(sheet: &Sheet, width: &dyn Fn(char) -> i32) -> Vec<Vec<Item>> {
    let mut setter = Setter { width, pages: vec![Vec::new()], y: TOP };
    setter.title(&sheet.title);
    for block in &sheet.blocks {
        setter.block(block, sheet.colon());
        setter.y += GAP;
    }
    setter.feet(sheet);
    setter.pages
}

struct Setter<'a> {
    width: &'a dyn Fn(char) -> i32,
    pages: Vec<Vec<Item>>,
    y: i32,
}

/// From line to line.
fn leading(size: i32) -> i32 {
    size * 8 / 5
}

impl Setter<'_> {
    fn put(&mut self, item: Item) {
        self.pages.last_mut().expect("there is a first page").push(item);
    }

    /// Begins a page unless so much still fits.
    fn need(&mut self, height: i32) {
        if self.y + height > END && self.y > TOP {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
    }

    fn length(&self, text: &[char], size: i32) -> i32 {
        text.iter().map(|c| (self.width)(*c) * size / 1000).sum()
    }

    fn broken(&self, text: &str, room: i32, size: i32) -> Vec<Vec<char>> {
        lines(text, room, |c| (self.width)(c) * size / 1000)
    }

    fn line(&mut self, x: i32, size: i32, is_strong: bool, text: Vec<char>) {
        self.need(leading(size));
        let y = self.y + size;
        self.put(Item::Line { x, y, size, is_strong, text });
        self.y += leading(size);
    }

    fn paragraph(&mut self, x: i32, size: i32, is_strong: bool, text: &str) {
        for line in self.broken(text, SIDE + ROOM - x, size) {
            self.line(x, size, is_strong, line);
        }
    }

    fn title(&mut self, title: &str) {
        for line in self.broken(title, ROOM, TITLE) {
            let x = SIDE + (ROOM - self.length(&line, TITLE)) / 2;
            self.line(x, TITLE, true, line);
        }
        self.y += 2 * GAP;
    }

    fn block(&mut self, block: &Block, colon: &str) {
        match block {
            Block::Notice(text) => self.notice(text),
            Block::Text(text) => self.paragraph(SIDE, BODY, false, text),
            Block::Facts(facts) => facts.iter().for_each(|(name, value)| self.fact(name, value)),
            Block::Term { name, value, capitals } => {
                self.need(2 * leading(BODY));
                self.paragraph(SIDE, BODY, true, &format!("{name}{colon}{value}"));
                if let Some((of, capitals)) = capitals {
                    self.paragraph(SIDE, BODY, false, &format!("{of}{colon}{capitals}"));
                }
            }
            Block::List { heading, is_numbered, lines } => self.list(heading, *is_numbered, lines),
            Block::Signatures(places) => self.signatures(places),
        }
    }

    fn notice(&mut self, text: &str) {
        let lines = self.broken(text, ROOM - 2 * GAP, BODY);
        let height = leading(BODY) * i32::try_from(lines.len()).unwrap_or(1) + GAP;
        self.need(height);
        // One that no page holds stands without its frame.
        if self.y + height <= END {
            let y = self.y;
            self.put(Item::Frame { x: SIDE, y, width: ROOM, height });
        }
        self.y += GAP / 2;
        lines.into_iter().for_each(|line| self.line(SIDE + GAP, BODY, true, line));
        self.y += GAP / 2;
    }

    /// A name beside its value; both go on together on the next page.
    fn fact(&mut self, name: &str, value: &str) {
        let mut names = self.broken(name, NAMES - GAP, BODY).into_iter();
        let mut values = self.broken(value, ROOM - NAMES, BODY).into_iter();
        loop {
            let (name, value) = (names.next(), values.next());
            if name.is_none() && value.is_none() {
                return;
            }
            self.need(leading(BODY));
            let y = self.y + BODY;
            for (x, text) in [(SIDE, name), (SIDE + NAMES, value)] {
                if let Some(text) = text {
                    self.put(Item::Line { x, y, size: BODY, is_strong: false, text });
                }
            }
            self.y += leading(BODY);
        }
    }

    fn list(&mut self, heading: &str, is_numbered: bool, lines: &[String]) {
        // A heading never stands alone at the end of a page.
        self.need(leading(HEADING) + 2 * leading(BODY));
        self.paragraph(SIDE, HEADING, true, heading);
        for (index, line) in lines.iter().enumerate() {
            self.need(leading(BODY));
            let mark = if is_numbered { format!("{}.", index + 1) } else { "·".to_owned() };
            let y = self.y + BODY;
            self.put(Item::Line { x: SIDE, y, size: BODY, is_strong: false, text: mark.chars().collect() });
            self.paragraph(SIDE + INDENT, BODY, false, line);
        }
    }

    fn signatures(&mut self, places: &[String]) {
        let count = i32::try_from(places.len().max(1)).unwrap_or(1);
        let width = (ROOM - SIGN_GAP * (count - 1)) / count;
        self.need(SIGN_SPACE + (LABEL_LINES + 1) * leading(BODY));
        self.y += SIGN_SPACE;
        let top = self.y;
        for (place, index) in places.iter().zip(0..) {
            let x = SIDE + index * (width + SIGN_GAP);
            self.put(Item::Rule { x, y: top, width });
            for (text, below) in self.broken(place, width, BODY).into_iter().zip(1..=LABEL_LINES) {
                self.put(Item::Line { x, y: top + below * leading(BODY), size: BODY, is_strong: false, text });
            }
        }
        self.y = top + (LABEL_LINES + 1) * leading(BODY);
    }

    /// Under every page the record that it comes from, and which page of how many it is.
    fn feet(&mut self, sheet: &Sheet) {
        let source = &sheet.source;
        let of_log = format!("{}{}{}", source.before, source.origin, source.between);
        let mut foot = self.broken(&of_log, ROOM, SMALL);
        // A name of any length leaves room for the root.
        foot.truncate(2);
        foot.extend(self.broken(&source.root, ROOM, SMALL).into_iter().take(2));
        let count = self.pages.len();
        for index in 0..count {
            let number = sheet.page_of(index + 1, count).chars().collect::<Vec<_>>();
            let right = WIDTH - SIDE - self.length(&number, SMALL);
            let mut y = END + 1_200;
            let page = &mut self.pages[index];
            page.push(Item::Rule { x: SIDE, y, width: ROOM });
            for text in &foot {
                y += leading(SMALL);
                page.push(Item::Line { x: SIDE, y, size: SMALL, is_strong: false, text: text.clone() });
            }
            page.push(Item::Line { x: right, y: y + leading(SMALL), size: SMALL, is_strong: false, text: number });
        }
    }
}
