//! Every shipped rulebook and lot, played as a whole sale by the invented bidders of the worked example.

use std::path::{Path, PathBuf};

use landgavel_record::example::play;
use landgavel_record::language::{Files, load_lot, load_rulebook};
use landgavel_record::words::{Language, render_text, rule_in_words};
use landgavel_sale::event::Happened;

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let (mut stack, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// How each stage ended, the award, and the duties: what a reader compares with the rule.
fn endings(path: &Path) -> String {
    let name = path.to_str().unwrap();
    let loaded = if name.contains("/lots/") { load_lot(&Disk, name) } else { load_rulebook(&Disk, name) };
    let loaded = loaded.unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
    let example = play(&loaded.lot);
    assert!(example.sale.status().is_final(), "{name}: the example does not end: {:?}", example.sale.status());
    let (zh, en) = (example.lines(Language::Zh), example.lines(Language::En));
    assert_eq!(zh.len(), en.len(), "{name}");
    assert!(zh.iter().zip(&en).all(|(zh, en)| !zh.text.is_empty() && zh.at == en.at), "{name}");
    let mut narrator = landgavel_record::words::Narrator::new(&loaded.lot, Language::En);
    let codes = |bidder| example.sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
    let mut out = String::new();
    for event in &example.events {
        let text = narrator.tell(&codes, event);
        let is_told = matches!(
            event.happened,
            Happened::StageEnded { .. }
                | Happened::ProvisionallyAwarded { .. }
                | Happened::ObligationArose { .. }
                | Happened::Awarded
                | Happened::PassedIn { .. }
        );
        if is_told {
            out.push_str(&format!("  {text}\n"));
        }
    }
    out
}

#[test]
fn every_shipped_rule_is_played_to_its_end_as_the_golden_file_says() {
    let mut text = String::new();
    for path in files("rulebooks").iter().chain(&files("lots")) {
        let root = std::fs::canonicalize(root()).unwrap();
        let full = std::fs::canonicalize(path).unwrap();
        text.push_str(&format!("{}\n{}\n", full.strip_prefix(root).unwrap().display(), endings(path)));
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/examples.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    for (kept, now) in kept.split("\n\n").zip(text.split("\n\n")) {
        assert_eq!(kept, now, "UPDATE_GOLDEN=1 writes tests/golden/examples.txt anew");
    }
    assert_eq!(kept.len(), text.len(), "UPDATE_GOLDEN=1 writes tests/golden/examples.txt anew");
}

#[test]
fn an_example_is_the_same_each_time() {
    let path = root().join("rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml");
    let lot = load_rulebook(&Disk, path.to_str().unwrap()).unwrap().lot;
    assert_eq!(play(&lot).events, play(&lot).events);
}

/// Rules that differ most; their words are read whenever they change.
const READ: [(&str, &str); 5] = [
    ("four-part", "cn/zhejiang/yiwu/four-part/2026-01"),
    ("changzhou", "cn/jiangsu/changzhou/price-then-tax/2024-11"),
    ("hong-kong-tender", "hk/tender/reserve-on-closing-day/2023"),
    ("ukraine-dutch", "ua/prozorro-sale/dutch-hybrid/2018"),
    ("hsiidc", "in/hsiidc/e-auction/2024"),
];

#[test]
fn rules_read_in_words_as_the_golden_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/words");
    for (name, rulebook) in READ {
        let path = root().join("rulebooks").join(format!("{rulebook}.toml"));
        let lot = load_rulebook(&Disk, path.to_str().unwrap()).unwrap().lot;
        let text = |language| render_text(&rule_in_words(&lot.rulebook, None, language), language);
        let text = format!("{}\n{}", text(Language::Zh), text(Language::En));
        let golden = folder.join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&golden, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&golden).unwrap_or_default();
        for (number, (kept, now)) in (1..).zip(kept.lines().zip(text.lines())) {
            assert_eq!(kept, now, "{name}.txt:{number}: UPDATE_GOLDEN=1 writes it anew");
        }
        assert_eq!(kept.len(), text.len(), "{name}.txt: UPDATE_GOLDEN=1 writes it anew");
    }
}
