use landgavel_record::example::play;
use landgavel_record::language::{Files, Loaded, load_lot, load_rulebook, read_working_calendar};
use landgavel_record::words::{Language, render_markdown, render_text, rule_in_words};

use crate::samples::{P1, PLOTS, Sample, TINY};
use crate::tape::{Tape, mangle};

struct Texts {
    rulebook: Vec<u8>,
    lot: Vec<u8>,
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { &self.lot } else { &self.rulebook }.clone())
    }
}

/// A rulebook, lot or calendar of any bytes or changed from a good one. What is accepted can be said in words
/// and played to its end.
///
/// # Panics
/// When it can't.
pub fn rules(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let kind = tape.byte() % 6;
    let sample: &Sample = [&TINY, &P1, &PLOTS][usize::from(kind % 3)];
    let mut texts = Texts { rulebook: sample.rulebook.into(), lot: sample.lot.into() };
    match tape.byte() % 5 {
        0 => texts.rulebook = tape.rest().to_vec(),
        1 => texts.lot = tape.rest().to_vec(),
        2 => drop(read_working_calendar(tape.rest(), "calendar.toml")),
        3 => lines(&mut texts.rulebook, &mut tape),
        _ => lines(&mut texts.lot, &mut tape),
    }
    let loaded = if kind < 3 { load_lot(&texts, "lot.toml") } else { load_rulebook(&texts, "rulebook.toml") };
    match loaded {
        Ok(loaded) => told(&loaded),
        Err(findings) => assert!(findings.iter().any(|finding| !finding.to_string().is_empty())),
    }
}

fn told(loaded: &Loaded) {
    let example = play(&loaded.lot);
    for language in [Language::Zh, Language::En] {
        let sections = rule_in_words(&loaded.lot.rulebook, Some(&loaded.lot), language);
        assert!(!render_text(&sections, language).is_empty() && !render_markdown(&sections, language).is_empty());
        let _ = example.lines(language);
    }
}

/// Changes whole lines, or bytes within one.
pub(super) fn lines(text: &mut Vec<u8>, tape: &mut Tape<'_>) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    while !tape.is_empty() && !lines.is_empty() {
        let (kind, place) = (tape.byte() % 8, tape.below(lines.len()));
        match kind {
            0 => drop(lines.remove(place)),
            1 => lines.insert(place, lines[place].clone()),
            2 => {
                let other = tape.below(lines.len());
                lines.swap(place, other);
            }
            3 => lines[place] = tape.take(40).to_vec(),
            4 => {
                // The value of another line under this key.
                let other = lines[tape.below(lines.len())].clone();
                let equals = |line: &[u8]| line.iter().position(|byte| *byte == b'=');
                if let (Some(key), Some(value)) = (equals(&lines[place]), equals(&other)) {
                    lines[place] = [&lines[place][..key], &other[value..]].concat();
                }
            }
            5 => number(&mut lines[place], tape),
            _ => mangle(&mut lines[place], tape),
        }
    }
    *text = lines.join(&b'\n');
}

/// Puts an extreme number in place of the first one.
fn number(line: &mut Vec<u8>, tape: &mut Tape<'_>) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let value = line.iter().position(|byte| *byte == b'=').unwrap_or(0);
    let Some(from) = line[value..].iter().position(is_digit).map(|at| at + value) else { return };
    let to = line[from..].iter().position(|byte| !is_digit(byte)).map_or(line.len(), |at| at + from);
    drop(line.splice(from..to, tape.edge().to_string().into_bytes()));
}

/// Changes of each sample, and small texts.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for kind in 0..6 {
        seeds.push(vec![kind, 3]);
        seeds.push(vec![kind, 3, 6, 0, 9, 0, 0, 1, 2]);
        seeds.push(vec![kind, 4, 5, 0, 12, 9]);
        seeds.push(vec![kind, 3, 4, 0, 20, 0, 30]);
    }
    for (kind, text) in [(3, TINY.rulebook), (0, TINY.rulebook)] {
        seeds.push([vec![kind, 0], text.into()].concat());
    }
    seeds.push([vec![0, 1], TINY.lot.into()].concat());
    seeds.push(b"\x00\x02format = \"landgavel-working-calendar/1\"\nid = \"x\"\n".to_vec());
    seeds
}
