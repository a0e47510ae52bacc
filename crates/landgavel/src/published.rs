//! Scores that a hall shows, from the files of an office: read and computed once, before the hall opens.

use std::fs;
use std::path::{Path, PathBuf};

use landgavel_base::Bilingual;
use landgavel_record::counties::{board, page as county_page};
use landgavel_record::figures::{Results, TableFault, csv_head, csv_rows, lines, page};
use landgavel_record::language::{Files, Finding, load_county_figures, load_scorecard};
use landgavel_server::scores::{Document, Firm, PUBLISHED_MAX, Published, Scores};

use crate::disk::{Disk, print_findings};
use crate::score::{csv, fault_line, marks, notes, read as read_table};
use crate::show::Tongue;

/// Most firms of all scorings together: each is held in memory with its arithmetic.
const FIRMS_MAX: usize = 20_000;
/// Largest table in bytes, read before its firms are counted.
const TABLE_MAX: u64 = 64 << 20;
/// Names of a table, in the order in which they are looked for.
const TABLES: [&str; 3] = ["firms.csv", "firms.xlsx", "firms.parquet"];
const EXPECTED: &str = "expected either county.toml, or card.toml with one of firms.csv, firms.xlsx, firms.parquet";

/// All folders of a directory.
///
/// # Errors
/// In words: what cannot be read, with its place.
pub fn read(directory: &Path) -> Result<Scores, String> {
    let cannot = |error: std::io::Error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(directory).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let mut folders: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).filter(|path| path.is_dir()).collect();
    if folders.len() > PUBLISHED_MAX {
        return Err(format!("{}: {} folders, at most {PUBLISHED_MAX}", directory.display(), folders.len()));
    }
    folders.sort();
    let mut all = Vec::new();
    let mut room = FIRMS_MAX;
    for folder in &folders {
        let published = folder_of(folder, room)?;
        room -= published.firms.len();
        all.push(published);
    }
    Ok(Scores::new(all))
}

fn folder_of(folder: &Path, room: usize) -> Result<Published, String> {
    let id = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(is_word) {
        return Err(format!("{}: expected a name of small letters, digits and hyphens", folder.display()));
    }
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let county = path("county.toml");
    let tables = TABLES.map(path);
    let mut held = tables.iter().chain([&county]).filter(|path| Path::new(path).exists());
    let (Some(one), None) = (held.next(), held.next()) else {
        return Err(format!("{}: {EXPECTED}", folder.display()));
    };
    if *one == county {
        return county_of(&Disk, id, &county);
    }
    if fs::metadata(one).is_ok_and(|file| file.len() > TABLE_MAX) {
        return Err(format!("{one}: at most {TABLE_MAX} bytes are read"));
    }
    let bytes = csv(one, None, Tongue::Both).map_err(|error| format!("{error:#}"))?;
    let bytes = bytes.map_err(|faults| faulty(one, &faults))?;
    grades_of(&Disk, id, &path("card.toml"), (one, &bytes), room)
}

fn grades_of(
    files: &dyn Files,
    id: &str,
    card: &str,
    (table, bytes): (&str, &[u8]),
    room: usize,
) -> Result<Published, String> {
    let loaded = load_scorecard(files, card, &[]).map_err(|findings| in_words(&findings))?;
    let fault = |faults: Vec<TableFault>| faulty(table, &faults);
    let figures = read_table(&loaded, bytes).map_err(fault)?;
    if figures.firms() > room {
        return Err(format!("{table}: {} firms, at most {FIRMS_MAX} are shown in all scorings", figures.firms()));
    }
    print_findings(&loaded.findings);
    if figures.rounded > 0 || !figures.doubts().is_empty() {
        eprintln!("{table}:");
    }
    notes(&figures, Tongue::Both);
    let survey = figures.survey().map_err(fault)?;
    let marks = marks(&figures, &survey).map_err(fault)?;
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    let explain = |unit: usize| survey.explain(unit).ok();
    let firm = |firm: usize| {
        let explanation = explain(figures.unit(firm));
        let exempt = explanation.as_ref().and_then(|explanation| explanation.exempt);
        Firm {
            name: figures.firm(firm),
            group: figures.group(firm).to_owned(),
            grade: results.grade(firm, exempt),
            total: results.total(firm),
            rank: results.rank(firm),
            lines: explanation.map_or_else(Vec::new, |explanation| lines(&loaded, &explanation)),
        }
    };
    let mut csv = csv_head(&results, true).into_bytes();
    csv.extend(csv_rows(&results, 0..figures.firms(), &|unit| survey.exemption(unit), Some(&explain)));
    let names = loaded.card.grading.names().into_iter().map(str::to_owned);
    Ok(Published {
        id: id.to_owned(),
        title: loaded.card.title.clone(),
        card: format!("{}@{}", loaded.card.id, loaded.card.version),
        is_sample: false,
        document: Document::new(page(&results, &explain)),
        csv: csv.into(),
        counts: names.zip(results.graded.counts.iter().copied()).collect(),
        firms: (0..figures.firms()).map(firm).collect(),
    })
}

fn county_of(files: &dyn Files, id: &str, path: &str) -> Result<Published, String> {
    let county = load_county_figures(files, path).map_err(|findings| in_words(&findings))?;
    let card = load_scorecard(files, &county.card_path, &[]).map_err(|findings| in_words(&findings))?;
    print_findings(&county.findings);
    print_findings(&card.findings);
    let board = board(&county, &card).map_err(|faults| {
        let told =
            faults.iter().map(|fault| format!("{path}: {}: {}", fault.place, fault_line(&fault.fault, Tongue::Both)));
        told.collect::<Vec<_>>().join("\n")
    })?;
    Ok(Published {
        id: id.to_owned(),
        title: county.title.clone(),
        card: format!("{}@{}", card.card.id, card.card.version),
        is_sample: county.is_sample,
        document: Document::new(county_page(&board)),
        csv: Vec::new().into(),
        counts: Vec::new(),
        firms: Vec::new(),
    })
}

fn in_words(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn faulty(path: &str, faults: &[TableFault]) -> String {
    faults.iter().map(|fault| format!("{path}: {}", fault_line(fault, Tongue::Both))).collect::<Vec<_>>().join("\n")
}

/// What the demonstration shows: a scoring of invented firms, and the published figures of a county.
pub fn samples() -> Scores {
    let title =
        Bilingual::new("样本企业评价（2031 年，数字为虚构）", "Scoring of sample firms (2031, invented figures)");
    let grades = grades_of(&Carried, "sample-2031", CARD, ("firms-2031.csv", TABLE.as_bytes()), FIRMS_MAX);
    let grades = grades.map(|published| Published { title, is_sample: true, ..published });
    let county = county_of(&Carried, "yiwu-2025-11", COUNTY);
    // INVARIANT: they are part of the program, and a test loads them.
    Scores::new([grades, county].into_iter().flatten().collect())
}

const CARD: &str = "scorecards/cn/zhejiang/huangyan/on-scale/2022.toml";
const COUNTY: &str = "data/counties/cn/zhejiang/yiwu/2025-11.toml";
const TABLE: &str = include_str!("../../../data/samples/firms-2031.csv");

struct Carried;

impl Files for Carried {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let text = match path {
            CARD => include_str!("../../../scorecards/cn/zhejiang/huangyan/on-scale/2022.toml"),
            COUNTY => include_str!("../../../data/counties/cn/zhejiang/yiwu/2025-11.toml"),
            path if path.ends_with("county-dimensions/2025.toml") => {
                include_str!("../../../scorecards/cn/zhejiang/county-dimensions/2025.toml")
            }
            _ => return Err("the program does not carry this file".to_owned()),
        };
        Ok(text.as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_demonstration_shows_is_whole() {
        let scores = samples();
        let ids: Vec<&str> = scores.all().iter().map(|published| published.id.as_str()).collect();
        assert_eq!(ids, ["sample-2031", "yiwu-2025-11"]);
        let firm = scores.get("sample-2031").unwrap().firm("样本丁公司").unwrap();
        assert_eq!((firm.grade.as_str(), firm.lines.is_empty()), ("A", false));
        let county = &scores.get("yiwu-2025-11").unwrap().document.html;
        assert!(String::from_utf8_lossy(county).contains("302.8"));
    }

    /// Every fault is told with its place, and none is passed over.
    #[test]
    fn what_cannot_be_shown_is_told_with_its_place() {
        let table = include_str!("../../../data/samples/firms-2031.csv");
        let card = include_str!("../../../scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
        let told = |files: &[(&str, &str)]| {
            let folder = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            read(folder.path()).map(|scores| scores.all().len())
        };
        assert_eq!(told(&[]), Ok(0));
        assert_eq!(told(&[("a/card.toml", card), ("a/firms.csv", table), ("notes.txt", "")]), Ok(1));
        let broken = table.replacen("4819.4", "many", 1);
        for (files, expected) in [
            (&[("a/card.toml", card)][..], EXPECTED),
            (&[("a/firms.csv", table), ("a/firms.xlsx", table), ("a/card.toml", card)][..], EXPECTED),
            (&[("a/firms.csv", table), ("a/county.toml", "")][..], EXPECTED),
            (&[("a/firms.csv", table)][..], "card.toml"),
            (&[("A b/firms.csv", table)][..], "small letters"),
            (&[("a/card.toml", card), ("a/firms.csv", "")][..], "firms.csv"),
            (&[("a/card.toml", card), ("a/firms.csv", &broken)][..], "line 3, 税收实际贡献"),
            (&[("a/county.toml", "format = 1")][..], "county.toml"),
        ] {
            let why = told(files).expect_err(expected);
            assert!(why.contains(expected), "{why}");
        }
        let missing = read(Path::new("/nowhere/at/all")).expect_err("no directory");
        assert!(missing.starts_with("/nowhere/at/all: "), "{missing}");
    }
}
