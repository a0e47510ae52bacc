//! County figures and their board: what is published stands, what is not is missing, and nothing is made of it.

use landgavel_record::counties::{Board, Points, Row, board, board_json, page, value_words};
use landgavel_record::figures::format_quanta;
use landgavel_record::language::{CountyFigures, Finding, LoadedCard, load_county_figures, load_scorecard};

use crate::language::{Memory, Repository};

const SHIPPED: &str = "data/counties/cn/zhejiang/yiwu/2025-11.toml";

const CARD: &str = r#"
format = "landgavel-scorecard/1"
id = "test/counties"
version = "1"
title = { zh = "县", en = "counties" }
source = "assumption"

[table]
firm = ["county"]

[columns.growth]
name = { zh = "增速", en = "growth" }
unit = "%"
at_most = 100

[columns.output]
name = { zh = "产值", en = "output" }
unit = "亿元"
at_least = 0

[dimensions]
load = { zh = "勇挑大梁", en = "load" }

[[items]]
id = "growth"
name = { zh = "增速", en = "growth" }
dimension = "load"
points = 60
missing = "refuse"
ways = [{ kind = "min-max", of = "growth", low = "20 %", within = "all" }]

[[items]]
id = "output"
name = { zh = "产值", en = "output" }
points = 40
missing = "refuse"
ways = [{ kind = "min-max", of = "output", within = "all" }]

[grades]
kind = "quantile"
cuts = [{ grade = "A", to = "100 %" }]
"#;

const HEAD: &str = r#"
format = "landgavel-county-figures/1"
id = "test/a"
title = { zh = "<b>甲</b>", en = "a" }
sample = true
card = "card.toml"
subject = "a"
reference = "p"

[places]
a = { name = { zh = "甲", en = "A" } }
b = { name = { zh = "乙", en = "B" } }
c = { name = { zh = "丙", en = "C" } }
p = { name = { zh = "省", en = "P" }, kind = "province" }

[indicators]
growth = { name = { zh = "增速", en = "growth" }, unit = "%", meaning = { zh = "同比", en = "on the year" } }
output = { name = { zh = "产值", en = "output" }, unit = "亿元", meaning = { zh = "累计", en = "cumulative" } }
"#;

const PERIOD: &str = "from = 2025-01-01, to = 2025-11-30, source = \"assumption\"";

fn read(figures: &[(&str, &str, &str)]) -> Result<(CountyFigures, LoadedCard), Vec<Finding>> {
    let lines: Vec<String> =
        figures.iter().map(|(place, of, more)| format!("{{ place = \"{place}\", of = \"{of}\", {more} }}")).collect();
    let text = format!("figures = [{}]\n{HEAD}", lines.join(","));
    let files = Memory::default().with("a.toml", &text).with("card.toml", CARD);
    let county = load_county_figures(&files, "a.toml")?;
    assert_eq!(county.card_path, "card.toml");
    let card = load_scorecard(&files, "card.toml", &[])?;
    Ok((county, card))
}

fn exact(value: &str) -> String {
    format!("value = \"{value}\", {PERIOD}")
}

fn find<'a>(board: &'a Board<'a>, id: &str) -> &'a Row<'a> {
    board.sections.iter().flat_map(|section| &section.rows).find(|row| row.id == id).expect("a row")
}

#[test]
fn the_shipped_figures_are_those_published_and_no_rank_or_point_is_made_up() {
    let county = load_county_figures(&Repository, SHIPPED).expect("sound figures");
    assert!(county.findings.is_empty(), "{:?}", county.findings);
    assert!(!county.is_sample);
    let card = load_scorecard(&Repository, &county.card_path, &[]).expect("a sound card");
    let board = board(&county, &card).expect("plausible figures");
    let told = |id: &str| value_words(find(&board, id).figure.expect("published"), find(&board, id).unit).en;
    let expected = [
        ("value_added", "302.8 亿元"),
        ("value_growth", "12.2%"),
        ("investment", "183.9 亿元"),
        ("investment_growth", "21.1%"),
        ("rd_share", "4.94%"),
        ("ai_core", "21.25 亿元"),
        ("ai_core_growth", "128%"),
        ("projects", "82 projects"),
        ("project_growth", "28%"),
        ("on_scale_firms", "over 1100 firms"),
        ("new_specialised", "44 firms"),
        ("future_factories", "2 firms"),
        ("digital_share", "over 50%"),
        ("emerging_share", "over 50% (expected)"),
    ];
    for (id, value) in expected {
        assert_eq!(told(id), value, "{id}");
        assert!(find(&board, id).figure.expect("published").source.is_some(), "{id}");
    }
    // Artificial intelligence is told for ten months, all else for eleven.
    assert_eq!(find(&board, "ai_core").figure.expect("published").to.to_string(), "2025-10-31");
    assert_eq!(find(&board, "value_added").figure.expect("published").to.to_string(), "2025-11-30");
    let growth = find(&board, "value_growth");
    assert_eq!((growth.rank, growth.peers.len()), (Some(3), 3));
    assert_eq!(growth.reference.expect("the province").1, Some(52_000));
    assert_eq!(growth.points, Points::FieldIncomplete { missing: 42 });
    let investment = find(&board, "investment_growth");
    let (province, ahead) = investment.reference.expect("computed from what was printed");
    assert_eq!((ahead, province.computed.is_some()), (Some(120_000), true));
    assert_eq!((investment.rank, find(&board, "on_scale_firms").points), (None, Points::NotExact));
    assert_eq!((board.weight.0, format_quanta(board.weight.1, 6), board.total), (0, "100".into(), None));
}

#[test]
fn a_whole_field_is_scored_and_ranked() {
    let all = ["2", "6", "10"].map(exact);
    let figures = [
        ("a", "growth", all[1].as_str()),
        ("b", "growth", &all[2]),
        ("c", "growth", &all[0]),
        ("a", "output", &all[2]),
        ("b", "output", &all[2]),
        ("c", "output", &all[0]),
    ];
    let (county, card) = read(&figures).expect("sound figures");
    let board = board(&county, &card).expect("plausible figures");
    // Growth: 12 + 48 · (6 − 2) ÷ (10 − 2) = 36 of 60. Output: the best, 40.
    assert_eq!(find(&board, "growth").points, Points::Given { points: 36_000_000, weight: 60_000_000 });
    assert_eq!((find(&board, "growth").rank, find(&board, "output").rank), (Some(2), Some(1)));
    assert_eq!((board.total, board.weight), (Some(7_600), (100_000_000, 100_000_000)));
    assert_eq!(board_json(&board)["total"], "76");
}

#[test]
fn over_is_no_figure_to_rank_or_score_and_neither_is_a_forecast() {
    let over = format!("is = \"over\", {}", exact("6"));
    let forecast = format!("forecast = true, {}", exact("6"));
    for own in [&over, &forecast] {
        let (county, card) = read(&[("a", "growth", own), ("b", "growth", &exact("1")), ("c", "growth", &exact("2"))])
            .expect("sound figures");
        let board = board(&county, &card).expect("plausible figures");
        let row = find(&board, "growth");
        assert_eq!((row.points, row.rank, row.peers.len()), (Points::NotExact, None, 2), "{own}");
        assert_eq!(find(&board, "output").points, Points::Missing);
        assert_eq!(board.total, None);
    }
    // Nor is another's: it leaves the field incomplete.
    let (county, card) =
        read(&[("a", "growth", &exact("1")), ("b", "growth", &over), ("c", "growth", &exact("2"))]).expect("sound");
    let board = board(&county, &card).expect("plausible figures");
    assert_eq!(find(&board, "growth").points, Points::FieldIncomplete { missing: 1 });
}

#[test]
fn other_periods_and_other_kinds_of_places_are_not_compared() {
    let october = "value = \"9\", from = 2025-01-01, to = 2025-10-31, source = \"assumption\"";
    let (county, card) =
        read(&[("a", "growth", &exact("1")), ("b", "growth", october), ("p", "growth", &exact("9"))]).expect("sound");
    let board = board(&county, &card).expect("plausible figures");
    let row = find(&board, "growth");
    assert_eq!((row.rank, row.peers.len(), row.reference.expect("the province").1), (None, 1, Some(-80_000)));
}

#[test]
fn what_is_wrong_is_named_by_line_and_figure() {
    let codes = |figures: &[(&str, &str, &str)]| {
        let findings = read(figures).expect_err("a broken file");
        findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[("x", "growth", &exact("1"))]), ["unknown-place"]);
    assert_eq!(codes(&[("a", "grwth", &exact("1"))]), ["unknown-column"]);
    assert_eq!(codes(&[("a", "growth", &exact("1.23456"))]), ["bad-number"]);
    assert_eq!(codes(&[("a", "growth", &exact("inf"))]), ["bad-number"]);
    assert_eq!(codes(&[("a", "growth", &exact("1")), ("a", "growth", &exact("2"))]), ["duplicate-id"]);
    let reversed = "value = 1, from = 2025-11-30, to = 2025-01-01, source = \"assumption\"";
    assert_eq!(codes(&[("a", "growth", reversed)]), ["bad-date"]);
    let unsourced = "value = 1, from = 2025-01-01, to = 2025-11-30";
    let (county, _) = read(&[("a", "growth", unsourced)]).expect("a warning only");
    assert_eq!(county.findings[0].code.as_str(), "no-source");
    let text = format!("figures = []\n{}", HEAD.replace("subject = \"a\"", "subject = \"p\""));
    let findings = load_county_figures(&Memory::default().with("a.toml", &text), "a.toml").expect_err("a province");
    assert_eq!((findings[0].code.as_str(), findings[0].field.as_str()), ("unknown-place", "subject"));
}

#[test]
fn a_figure_that_the_card_finds_implausible_is_told_with_its_place() {
    let (county, card) = read(&[("a", "growth", &exact("1")), ("b", "growth", &exact("1220"))]).expect("sound");
    let faults = board(&county, &card).expect_err("1220 %");
    assert_eq!((faults[0].place.as_str(), faults[0].fault.code.as_str()), ("b", "above-plausible"));
}

#[test]
fn the_page_loads_and_runs_nothing_and_says_that_a_sample_is_one() {
    let (county, card) = read(&[("a", "growth", &exact("1"))]).expect("sound figures");
    let page = page(&board(&county, &card).expect("plausible figures"));
    assert!(page.contains("样本") && page.contains("&lt;b&gt;甲&lt;/b&gt;") && page.contains("未公布"));
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("<b>"));
}

/// A file of the largest size that is read, with thousands of places and figures, is told in no time to speak of.
#[test]
fn thousands_of_places_and_figures_do_not_stall() {
    let mut text = String::from("figures = [");
    for place in 0..4_000 {
        text.push_str(&format!("{{ place = \"c{place}\", of = \"growth\", value = {place}, {PERIOD} }},"));
    }
    text.push_str("]\n");
    let places: String =
        (0..4_000).map(|place| format!("c{place} = {{ name = {{ zh = \"c\", en = \"c\" }} }}\n")).collect();
    text.push_str(
        &HEAD.replace("subject = \"a\"", "subject = \"c7\"").replace("[places]\n", &format!("[places]\n{places}")),
    );
    let wide = CARD.replace("at_most = 100\n", "");
    let files = Memory::default().with("a.toml", &text).with("card.toml", &wide);
    let county = load_county_figures(&files, "a.toml").unwrap_or_else(|findings| panic!("{findings:?}"));
    let card = load_scorecard(&files, "card.toml", &[]).expect("a sound card");
    let board = board(&county, &card).expect("plausible figures");
    assert_eq!(find(&board, "growth").rank, Some(3_993));
}
