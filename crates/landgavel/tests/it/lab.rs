//! Studies from the command line: what is written, what a stopped run leaves, and what is refused.

use std::fs;

use super::{Desk, landgavel, root};

/// The shipped study with few sales, its lots named from the root.
fn study(desk: &Desk, changes: &[(&str, &str)]) -> String {
    let shipped = fs::read_to_string(root().join("studies/yiwu-four-part.toml")).unwrap();
    let lots = format!("{}/lots", root().to_str().unwrap());
    let mut text = shipped.replace("../lots", &lots).replace("sales = 20000", "sales = 200");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let path = desk.path("study.toml");
    fs::write(&path, text).unwrap();
    path
}

fn code(arguments: &[&str]) -> (Option<i32>, String) {
    let output = landgavel(arguments);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_stopped_study_goes_on_and_other_files_stay() {
    let desk = Desk::new("lab");
    let (study_path, out) = (study(&desk, &[]), desk.path("out"));
    let play = |more: &[&str]| code(&[&["lab", &*study_path, "--out", &*out], more].concat());
    assert_eq!(play(&[]).0, Some(0));
    let (csv, blocks) = (fs::read(desk.path("out/designs.csv")).unwrap(), desk.path("out/blocks.csv"));
    let columns = landgavel_record::parquet::to_csv(
        &fs::read(desk.path("out/designs.parquet")).unwrap(),
        landgavel_record::parquet::LIMITS,
    );
    // The same table, but for quotes that are not needed.
    let same = |csv: &[u8]| String::from_utf8(csv.to_vec()).unwrap().replace('"', "");
    assert_eq!(same(&columns.unwrap().csv), same(&csv));
    let page = fs::read_to_string(desk.path("out/report.html")).unwrap();
    let loads = ["<script", "<link", "src=", "url("];
    assert!(page.contains("landgavel-study/1") && loads.iter().all(|what| !page.contains(what)));
    // A run that was killed while it wrote: half of its lines, the last one cut off.
    let text = fs::read_to_string(&blocks).unwrap();
    fs::write(&blocks, &text[..text.len() / 2]).unwrap();
    fs::write(desk.path("out/blocks-of-flats.csv"), "address,flats\n").unwrap();
    assert_eq!(play(&["--threads", "3"]).0, Some(0));
    assert_eq!(fs::read(desk.path("out/designs.csv")).unwrap(), csv);
    assert_eq!(fs::read_to_string(desk.path("out/blocks-of-flats.csv")).unwrap(), "address,flats\n");
    // Two other studies in the same directory: what each finished is kept.
    for seed in ["seed = 1", "seed = 2"] {
        study(&desk, &[("seed = 2026", seed)]);
        let (ended, words) = play(&[]);
        assert_eq!((ended, words.contains("of another study")), (Some(0), true), "{words}");
    }
    let kept = fs::read_dir(&out)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".other"));
    assert_eq!(kept.count(), 2);
}

#[test]
fn shards_into_one_directory_make_the_same_tables() {
    let desk = Desk::new("lab-shards");
    let (study, whole, parts) = (study(&desk, &[]), desk.path("whole"), desk.path("parts"));
    assert_eq!(code(&["lab", &study, "--out", &whole]).0, Some(0));
    for shard in ["0/2", "1/2"] {
        assert_eq!(code(&["lab", &study, "--out", &parts, "--shard", shard]).0, Some(0));
        assert!(!fs::exists(desk.path("parts/report.html")).unwrap());
    }
    assert_eq!(code(&["lab", &study, "--out", &parts]).0, Some(0));
    let table = |folder: &str| fs::read(desk.path(&format!("{folder}/designs.csv"))).unwrap();
    assert_eq!(table("whole"), table("parts"));
}

#[test]
fn wrong_studies_and_places_are_told_with_their_codes() {
    let desk = Desk::new("lab-wrong");
    let out = desk.path("out");
    let refused = |path: &str, said: &str| {
        let (ended, words) = code(&["lab", path, "--out", &out]);
        assert_eq!(ended, Some(2), "{words}");
        assert!(words.contains(said), "{words}");
    };
    refused(&desk.path("nowhere.toml"), "nowhere.toml");
    refused(&study(&desk, &[("bidders = [5]", "bidders = [0]")]), "population.bidders");
    refused(&study(&desk, &[("promise = \"tax\"", "promise = \"rent\"")]), "designs.price-only.promise");
    fs::write(desk.path("huge.toml"), "#".repeat(3_000_000)).unwrap();
    refused(&desk.path("huge.toml"), "is larger than");
    fs::write(desk.path("bytes.toml"), [0xff, 0xfe]).unwrap();
    refused(&desk.path("bytes.toml"), "UTF-8");
    assert!(!fs::exists(&out).unwrap(), "nothing is made for a study that is refused");
    let good = study(&desk, &[]);
    fs::write(&out, "a file").unwrap();
    assert_eq!(code(&["lab", &good, "--out", &out]).0, Some(3));
    assert_eq!(code(&["lab", &good, "--out", &desk.path("other"), "--threads", "0"]).0, Some(2));
    assert_eq!(code(&["lab", &good, "--out", &desk.path("other"), "--shard", "2/2"]).0, Some(2));
}
