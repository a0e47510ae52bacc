//! Items that are left out: what the others count for more stands in a line of its own, and all lines add up.

use landgavel_record::figures::{Results, csv_head, csv_rows, json, lines, page};

use super::{figures, read};

const CARD: &str = r#"
format = "landgavel-scorecard/1"
id = "test/left-out"
version = "1"
title = { zh = "剔除", en = "left out" }
source = "assumption"

[table]
firm = ["firm"]

[columns.a]
name = { zh = "甲", en = "figure a" }

[columns.b]
name = { zh = "乙", en = "figure b" }

[columns.more]
name = { zh = "加", en = "figure more" }
blank = "zero"

[columns.less]
name = { zh = "扣", en = "figure less" }
blank = "zero"

[[items]]
id = "a"
name = { zh = "甲", en = "a" }
points = 60
cap = "150 %"
missing = "renormalise"
ways = [{ kind = "linear", of = "a", base = "20" }]

[[items]]
id = "b"
name = { zh = "乙", en = "b" }
points = 40
cap = "100 %"
missing = "renormalise"
ways = [{ kind = "linear", of = "b", base = "10" }]

[[items]]
id = "more"
name = { zh = "加", en = "bonus" }
role = "bonus"
points = 10
ways = [{ kind = "per-unit", of = "more", each = 1, points = 5 }]

[[items]]
id = "less"
name = { zh = "扣", en = "malus" }
role = "malus"
points = 8
ways = [{ kind = "per-unit", of = "less", each = 1, points = 5 }]

[grades]
kind = "bands"
bands = [{ grade = "A", from = 60 }]
otherwise = "B"
"#;

/// Points of all lines, the total, and the words of the line that converts.
fn told(row: &str) -> (Vec<String>, String, Option<String>) {
    let card = read(CARD).expect("a sound card");
    let table = format!("firm,a,b,more,less\n{row}\n");
    let figures = figures(&card, &table, 1).expect("a sound table");
    let survey = figures.survey().expect("fixed benchmarks");
    let explanation = survey.explain(0).expect("a sound row");
    let told = lines(&card, &explanation);
    let conversion = told.iter().find(|line| line.id == "left_out_converted").map(|line| line.why.en.clone());
    let points: Vec<String> = told.into_iter().filter_map(|line| line.points).collect();
    let marks = vec![survey.mark(0).expect("a sound row")];
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    let explain = |unit: usize| survey.explain(unit).ok();
    let csv = csv_rows(&results, 0..1, &|unit| survey.exemption(unit), Some(&explain));
    let csv = String::from_utf8(csv).expect("text");
    assert!(csv_head(&results, true).ends_with(",a,b,more,less,left_out_converted\n"));
    let last = csv.trim_end().rsplit(',').next().expect("a cell").to_owned();
    assert_eq!(last, if conversion.is_some() { points[4].clone() } else { String::new() }, "{csv}");
    if let Some(words) = &conversion {
        assert!(json(&results, &explain).to_string().contains(words.as_str()));
        assert!(page(&results, &explain).contains(words.as_str()));
    }
    (points, results.total(0), conversion)
}

#[test]
fn points_that_are_converted_have_a_line_with_factor_and_result() {
    // 60 of the 60 points that are left are 100 of 100: 60 + 0 + 10 − 5 + 40 = 105.
    let (points, total, words) = told("v,20,,2,1");
    assert_eq!(points, ["60", "0", "10", "-5", "40"]);
    assert_eq!((total.as_str(), words.as_deref()), ("105", Some("base points: 60 × 100 ÷ 60 = 100")));
    // 30 · 100 ÷ 40, and a malus of nothing is 0.
    let (points, total, words) = told("v,,7.5,,");
    assert_eq!(points, ["0", "30", "0", "0", "45"]);
    assert_eq!((total.as_str(), words.as_deref()), ("75", Some("base points: 30 × 100 ÷ 40 = 75")));
}

#[test]
fn nothing_is_converted_where_nothing_or_everything_is_left_out() {
    assert_eq!(told("v,20,5,,"), (["60", "20", "0", "0"].map(str::to_owned).to_vec(), "80".to_owned(), None));
    let (points, total, words) = told("v,,,1,");
    assert_eq!(points, ["0", "0", "5", "0", "0"]);
    assert_eq!((total.as_str(), words.as_deref()), ("5", Some("every base item is left out: zero")));
}
