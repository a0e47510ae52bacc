//! Scoring from the command line: forms of the results, and each exit code.

use std::fs;

use serde_json::Value;

use super::{Desk, landgavel, root};

const CARD: &str = "scorecards/cn/zhejiang/huangyan/on-scale/2022.toml";
const FOLDER: &str = "scorecards/cn/zhejiang/huangyan/on-scale";
const TABLE: &str = "data/samples/firms.csv";

fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = landgavel(arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn grades_come_as_text_csv_json_and_html() {
    let (code, text, _) = said(&["score", CARD, TABLE, "--lang", "zh"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("A 1  B 2  C 0  D 1"), "{text}");
    let (_, csv, _) = said(&["score", CARD, TABLE, "--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "firm,group,total,rank,grade,tax,value,energy,emission,labour,rd");
    assert_eq!(lines[1], "样本甲公司,,114.99,1,A,45,20,20,9.999969,9.994759,10");
    assert_eq!(lines[5], "样本戊公司,,,,T,,,,,,");
    let (_, json, _) = said(&["score", CARD, TABLE, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["firms"][0]["lines"][0]["why"]["en"], "48.194 ÷ 24.097 × 30 = 60, capped at 45");
    assert_eq!(json["firms"][3]["grade"], "D", "a veto");
    let (_, html, _) = said(&["score", CARD, TABLE, "--format", "html"]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script") && !html.contains("http://"));
}

#[test]
fn a_folder_of_versions_is_asked_by_day() {
    let (code, text, _) = said(&["score", FOLDER, TABLE, "--on", "2022-06-01", "--firm", "样本丙公司"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("13 ÷ 26.01 × 30 = 14.994233"), "{text}");
    let (code, _, words) = said(&["score", FOLDER, TABLE]);
    assert_eq!(code, Some(2));
    assert!(words.contains("2021, 2022"), "{words}");
    let (code, _, words) = said(&["score", FOLDER, TABLE, "--on", "1999-01-01"]);
    assert_eq!((code, words.contains("in force")), (Some(2), true), "{words}");
    assert_eq!(said(&["score", FOLDER, TABLE, "--on", "yesterday"]).0, Some(2));
}

#[test]
fn the_answer_is_no_for_a_firm_that_is_not_there_or_does_not_qualify() {
    assert_eq!(said(&["score", CARD, TABLE, "--firm", "无此公司"]).0, Some(1));
    let desk = Desk::new("score-gates");
    let table = desk.path("table.csv");
    fs::write(&table, "企业名称,main_revenue\n甲,2000\n乙,1999.99\n").unwrap();
    let card = "scorecards/cn/national/on-scale-industry/2011.toml";
    assert_eq!(said(&["score", card, &table, "--firm", "甲"]).0, Some(0));
    let (code, text, _) = said(&["score", card, &table, "--firm", "乙", "--lang", "en"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("✗ main_revenue >= 2000 (1999.99)"), "{text}");
}

#[test]
fn faults_name_line_and_column_and_no_grade_is_printed() {
    let desk = Desk::new("score-faults");
    let broken = fs::read_to_string(root().join(TABLE)).unwrap().replace(",7900,", ",many,");
    let table = desk.path("table.csv");
    fs::write(&table, broken).unwrap();
    let (code, text, words) = said(&["score", CARD, &table, "--lang", "en"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("line 3, 工业增加值: error[text]"), "{words}");
    let (_, json, _) = said(&["score", CARD, &table, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["ok"], &json["faults"][0]["line"]), (&Value::Bool(false), &Value::from(3)));
    assert_eq!(said(&["score", CARD, &desk.path("absent.csv")]).0, Some(3));
    assert_eq!(said(&["score", &desk.path("absent.toml"), TABLE]).0, Some(2));
    assert_eq!(said(&["score", CARD, TABLE, "--set", "kap=1 %"]).0, Some(2));
}

#[test]
fn a_county_board_comes_as_text_json_and_html() {
    const COUNTY: &str = "data/counties/cn/zhejiang/yiwu/2025-11.toml";
    let (code, text, _) = said(&["score", "county", COUNTY, "--lang", "en"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("over 1100 firms") && text.contains("no total"), "{text}");
    assert!(text.contains("period: 2025-01-01 – 2025-10-31") && text.contains("source: "), "{text}");
    let (_, json, _) = said(&["score", "county", COUNTY, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["total"], &json["sections"][0]["rows"][0]["ahead"]), (&Value::Null, &Value::from("5.2")));
    let (_, html, _) = said(&["score", "county", COUNTY, "--html"]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script"));
    let desk = Desk::new("score-county");
    let broken = desk.path("county.toml");
    let card = root().join("scorecards/cn/zhejiang/county-dimensions/2025.toml");
    let figures = fs::read_to_string(root().join(COUNTY)).unwrap();
    let moved =
        figures.replace("../../../../../scorecards/cn/zhejiang/county-dimensions/2025.toml", card.to_str().unwrap());
    fs::write(&broken, moved.replace("value = \"4.94\"", "value = \"494\"")).unwrap();
    let (code, text, words) = said(&["score", "county", &broken, "--lang", "en"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("yiwu: rd_share: error[above-plausible]"), "{words}");
    assert_eq!(said(&["score", "county", &desk.path("absent.toml")]).0, Some(2));
}

#[test]
fn counties_of_a_whole_table_are_graded_by_three_dimensions() {
    let card = "scorecards/cn/zhejiang/county-dimensions/2025.toml";
    let (code, json, _) = said(&["score", card, "data/samples/counties.csv", "--json"]);
    assert_eq!(code, Some(0));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["firms"][0]["rank"], &json["firms"][0]["grade"]), (&Value::from(1), &Value::from("入选")));
    // Another weight, another order: value added above all puts the largest first.
    let arguments = ["score", card, "data/samples/counties.csv", "--json", "--set", "value_added_weight=1000"];
    let (_, json, _) = said(&arguments);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["firms"][1]["rank"], 1);
}

const FACTS: &str = "data/samples/facts.toml";

#[test]
fn the_ladder_is_told_as_text_json_and_html() {
    let (code, text, _) = said(&["score", "ladder", FACTS, "--on", "2025-11-30", "--lang", "en"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("a sample") && text.contains("R&D expenditure of 120 万元"), "{text}");
    let (_, json, _) = said(&["score", "ladder", FACTS, "--on", "2025-11-30", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["firms"][0]["reached"], &json["firms"][0]["next"]),
        (&"innovative".into(), &"specialised".into())
    );
    let (_, html, _) = said(&["score", "ladder", FACTS, "--on", "2025-11-30", "--html"]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script"));
    let (_, text, _) = said(&["score", "ladder", FACTS, "--on", "2026-11-30", "--lang", "en"]);
    assert!(text.contains("not known here"), "{text}");
    let (_, text, _) = said(&["score", "ladder", FACTS, "--on", "2026-11-30", "--last-known", "--lang", "en"]);
    assert!(text.contains("no longer holds"), "{text}");
}

#[test]
fn a_rung_is_asked_for_by_exit_code() {
    let ask = |rung: &str| said(&["score", "ladder", FACTS, "--on", "2025-11-30", "--rung", rung]).0;
    assert_eq!((ask("innovative"), ask("specialised"), ask("giant")), (Some(0), Some(1), Some(2)));
    assert_eq!(said(&["score", "ladder", FACTS, "--on", "2025-11-30", "--firm", "无此公司"]).0, Some(1));
    assert_eq!(said(&["score", "ladder", FACTS, "--on", "soon"]).0, Some(2));
    assert_eq!(said(&["score", "ladder", FACTS]).0, Some(2));
}

#[test]
fn bad_facts_name_file_line_and_rule() {
    let desk = Desk::new("score-ladder");
    let path = desk.path("facts.toml");
    let facts = fs::read_to_string(root().join(FACTS)).unwrap();
    fs::write(&path, facts.replace("\"研发费用\" = 110", "\"研发费用\" = \"-110\"")).unwrap();
    let (code, text, words) = said(&["score", "ladder", &path, "--on", "2025-11-30", "--lang", "en"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("facts.toml: line 13, 研发费用: error[below-plausible]"), "{words}");
    assert_eq!(words.matches("below-plausible").count(), 1, "{words}");
    let table = desk.path("facts.csv");
    fs::write(&table, "企业名称,主营业务收入\n甲,2000\n乙,1999\n").unwrap();
    let (code, text, _) =
        said(&["score", "ladder", &table, "--on", "2025-11-30", "--rung", "on-scale", "--lang", "en"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("main revenue: 1999 万元"), "{text}");
    assert_eq!(said(&["score", "ladder", &desk.path("absent.csv"), "--on", "2025-11-30"]).0, Some(3));
}

#[test]
fn entitlements_come_as_text_json_and_html() {
    const BOOK: &str = "policies/cn/zhejiang/yiwu/2026-01.toml";
    const FIRMS: &str = "data/samples/policy-facts.csv";
    let (code, text, _) = said(&["score", "policy", BOOK, FIRMS, "--on", "2026-11-30", "--lang", "en"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("2 more not found") && text.contains("the amount was not published"), "{text}");
    let (_, json, _) = said(&["score", "policy", BOOK, FIRMS, "--firm", "样本纺织公司（虚构）", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["firms"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&json["firms"][0]["policies"][0]["state"], &json["firms"][0]["policies"][1]["effect"]),
        (&"does-not-hold".into(), &"restraint".into())
    );
    let (_, html, _) = said(&["score", "policy", BOOK, FIRMS, "--html"]);
    assert!(html.starts_with("<!doctype html>") && !html.contains("<script"));
    let (code, _, words) = said(&["score", "policy", BOOK, FIRMS, "--on", "2025-12-31"]);
    assert_eq!((code, words.contains("not in force")), (Some(2), true), "{words}");
    assert_eq!(said(&["score", "policy", BOOK, FIRMS, "--firm", "无此公司"]).0, Some(1));
    let desk = Desk::new("score-policy");
    let table = desk.path("facts.csv");
    fs::write(&table, fs::read_to_string(root().join(FIRMS)).unwrap().replace("纺织服装", "纺织")).unwrap();
    let (code, text, words) = said(&["score", "policy", BOOK, &table, "--lang", "en"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("facts.csv: line 3, 产业: error[unknown-word]"), "{words}");
}

/// The workbook was written from the CSV by another program (XlsxWriter).
#[test]
fn a_workbook_gives_the_grades_of_its_csv() {
    const WORKBOOK: &str = "data/samples/firms.xlsx";
    let (code, csv, words) = said(&["score", CARD, WORKBOOK, "--format", "csv", "--lang", "en"]);
    assert_eq!((code, csv), (Some(0), said(&["score", CARD, TABLE, "--format", "csv"]).1));
    assert!(words.contains("read the sheet 样本企业, not: 说明"), "{words}");
    let (code, _, words) = said(&["score", CARD, WORKBOOK, "--sheet", "Sheet1", "--lang", "en"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("firms.xlsx: error[sheet-missing]") && words.contains("样本企业, 说明"), "{words}");
    let desk = Desk::new("score-workbook");
    let cut = desk.path("cut.xlsx");
    let bytes = fs::read(root().join(WORKBOOK)).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (code, _, words) = said(&["score", CARD, &cut, "--lang", "en"]);
    assert_eq!((code, words.contains("not-workbook")), (Some(2), true), "{words}");
}

/// The table was written from the CSV by another program: `COPY (FROM 'firms.csv') TO 'firms.parquet'` of DuckDB.
#[test]
fn a_table_of_parquet_gives_the_grades_of_its_csv() {
    const COLUMNS: &str = "data/samples/firms.parquet";
    let (code, csv, words) = said(&["score", CARD, COLUMNS, "--format", "csv", "--lang", "en"]);
    assert_eq!((code, csv), (Some(0), said(&["score", CARD, TABLE, "--format", "csv"]).1), "{words}");
    assert!(words.contains("stored as floats"), "{words}");
    let desk = Desk::new("score-parquet");
    let cut = desk.path("cut.parquet");
    let bytes = fs::read(root().join(COLUMNS)).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (code, _, words) = said(&["score", CARD, &cut, "--lang", "en"]);
    assert_eq!((code, words.contains("not-parquet")), (Some(2), true), "{words}");
}

#[test]
fn a_table_longer_than_its_limit_is_refused_before_it_is_held() {
    let desk = Desk::new("score-long");
    let path = desk.path("long.csv");
    // A hole of 4 GiB takes no room on the disk.
    fs::File::create(&path).unwrap().set_len(1 << 32).unwrap();
    let (code, _, words) = said(&["score", CARD, &path, "--lang", "en"]);
    assert_eq!((code, words.contains("error[table-too-large]")), (Some(2), true), "{words}");
}

#[test]
fn a_figure_that_may_be_in_yuan_is_told() {
    let desk = Desk::new("score-doubt");
    let table = desk.path("table.csv");
    fs::write(&table, "企业名称,main_revenue\n甲,2000\n乙,900\n丙,1500\n丁,3100\n戊,26000000\n").unwrap();
    let card = "scorecards/cn/national/on-scale-industry/2011.toml";
    let (code, _, words) = said(&["score", card, &table, "--lang", "en"]);
    assert_eq!(code, Some(0));
    assert!(words.contains("line 6, main_revenue: 26000000 万元 is over a thousand times"), "{words}");
    let (_, json, _) = said(&["score", card, &table, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["doubts"][0]["line"], &json["doubts"][0]["usual"]), (&Value::from(6), &Value::from("2000")));
}
