//! Tables with mistakes in them: every fault names its line and column, and nothing is lost.

use landgavel_record::figures::{Against, lines};

use super::{faults, figures, read, scores, shipped};

const CARD: &str = r#"
format = "landgavel-scorecard/1"
id = "test/small"
version = "1"
title = { zh = "小表", en = "small" }
source = "assumption"

[table]
firm = ["firm"]
group = ["industry"]

[columns.tax]
name = { zh = "税收", en = "tax" }
unit = "万元"
decimals = 2
at_least = 0
at_most = 10000

[columns.land]
name = { zh = "用地", en = "land area" }
unit = "亩"
decimals = 2

[columns.award]
name = { zh = "获奖", en = "has award" }
kind = "yes-no"

[indicators.per_mu]
name = { zh = "亩均税收", en = "tax per mu" }
of = "tax"
over = "land"

[[items]]
id = "tax"
name = { zh = "亩均税收", en = "tax per mu" }
points = 100
cap = "none"
missing = "refuse"
ways = [{ kind = "linear", of = "per_mu", base = { mean = "rows", within = "group" } }]

[[items]]
id = "award"
name = { zh = "获奖", en = "award" }
role = "bonus"
points = 5
ways = [{ kind = "choice", of = "award", points = { yes = 5 } }]

[grades]
kind = "quantile"
cuts = [{ grade = "A", to = "50 %" }, { grade = "B", to = "100 %" }]
"#;

fn codes(table: &str) -> Vec<String> {
    let card = read(CARD).expect("a sound card");
    faults(&card, table)
        .iter()
        .map(|fault| format!("{}:{}:{}", fault.line, fault.column, fault.code.as_str()))
        .collect()
}

#[test]
fn a_sound_table_is_scored_within_its_groups() {
    let card = read(CARD).expect("a sound card");
    let table = "firm,industry,tax,land,award\na,x,10,1,yes\nb,x,30,1,no\nc,y,5,1,\n\nd,y,5.00,1,否\n";
    let found = scores(&card, table);
    // Means 20 and 5: 50 + 5, 150, 100, 100.
    let told: Vec<_> = found.iter().map(|row| (row.1.as_str(), row.2, row.3.as_str())).collect();
    assert_eq!(told, [("55", Some(2), "B"), ("150", Some(1), "A"), ("100", Some(1), "A"), ("100", Some(1), "A")]);
}

#[test]
fn figures_that_are_no_numbers_are_named_by_line_and_column() {
    let cases = [
        ("abc", "text"),
        ("inf", "infinite"),
        ("-Infinity", "infinite"),
        ("NaN", "infinite"),
        ("1e5", "exponent"),
        ("\"1,234\"", "separated"),
        ("3.05%", "percent"),
        ("99999999999999999999", "number-too-large"),
        ("-", "text"),
        ("1.", "text"),
        (".5", "text"),
        ("1.2.3", "text"),
        ("--1", "text"),
        ("=1+1", "text"),
        ("١", "text"),
    ];
    for (cell, code) in cases {
        let table = format!("firm,industry,tax,land,award\na,x,1,1,\nb,x,{cell},1,\n");
        assert_eq!(codes(&table), [format!("3:tax:{code}")], "{cell}");
    }
}

#[test]
fn implausible_figures_are_faults_and_yuan_for_wan_yuan_is_asked_about() {
    assert_eq!(codes("firm,industry,tax,land,award\na,x,-0.01,1,\n"), ["2:tax:below-plausible"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,0,1,\nb,x,10000,1,\n"), Vec::<String>::new());
    let card = read(CARD).expect("a sound card");
    let found = faults(&card, "firm,industry,tax,land,award\na,x,1234567,1,\n");
    assert_eq!(found[0].code.as_str(), "above-plausible");
    assert!(found[0].zh().contains("是否把元写成了万元"), "{}", found[0].zh());
    assert!(found[0].to_string().starts_with("line 2, tax: error[above-plausible]: "));
}

#[test]
fn firms_stand_once_and_lines_have_as_many_cells_as_heads() {
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,1,\nb,x,1,1,\na,x,2,1,\n"), ["4:firm:duplicate-firm"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,1,\n\"a\",x,2,1,\n"), ["3:firm:duplicate-firm"]);
    assert_eq!(codes("firm,industry,tax,land,award\n,x,1,1,\n"), ["2:firm:firm-missing"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,1\nb,x,1,1,,\n"), ["2::wrong-width", "3::wrong-width"]);
    assert_eq!(codes("firm,industry,tax,land,award\n\"a,x,1,1,\n"), ["2::bad-quotes"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,1,maybe\n"), ["2:award:not-yes-no"]);
}

#[test]
fn heads_are_found_by_id_and_by_name_and_missing_ones_are_named() {
    assert_eq!(codes("firm,industry,税收,land area,获奖\na,x,1,1,\n"), Vec::<String>::new());
    assert_eq!(codes("firm;industry;tax;land;award\na;x;1;1;\n"), Vec::<String>::new());
    assert_eq!(codes("firm,industry,tax,award\na,x,1,\n"), ["1:land:head-missing"]);
    assert_eq!(codes("firm,industry,tax,land,tax,award\na,x,1,1,1,\n"), ["1:tax:head-twice"]);
    // A table may have both heads: the first that the card lists counts, wherever it stands.
    let card = read(CARD).expect("a sound card");
    let both = figures(&card, "firm,industry,税收,tax,land,award\na,x,2,1,1,\n", 1).expect("a sound table");
    assert_eq!(both.table().cell(0, 0).get(), Some(100));
    assert_eq!(
        codes(""),
        [
            "1:firm:head-missing",
            "1:industry:head-missing",
            "1:tax:head-missing",
            "1:land:head-missing",
            "1:award:head-missing"
        ]
    );
    assert_eq!(codes("firm,industry,tax,land,award\n"), ["0::empty-table"]);
}

#[test]
fn nothing_is_divided_by_zero() {
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,1,\nb,x,1,0,\n"), ["3:per_mu:divisor-not-positive"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,-1,\nb,x,1,1,\n"), ["2:per_mu:divisor-not-positive"]);
    assert_eq!(codes("firm,industry,tax,land,award\na,x,1,,\nb,x,1,1,\n"), ["2:tax:value-missing"]);
    // Nobody of the group pays tax: its mean is zero, which is no measure, and the item refuses what is missing.
    assert_eq!(codes("firm,industry,tax,land,award\na,x,0,1,\nb,y,1,1,\n"), ["2:tax:value-missing"]);
}

#[test]
fn a_benchmark_of_zero_is_an_error_unless_all_have_zero() {
    let card = read(&CARD.replace("at_least = 0\n", "").replace("missing = \"refuse\"\n", "")).expect("a sound card");
    let found = faults(&card, "firm,industry,tax,land,award\na,x,-5,1,\nb,x,5,1,\nc,x,0,1,\nd,y,1,1,\n");
    let told: Vec<_> =
        found.iter().map(|fault| (fault.column.as_str(), fault.code.as_str(), fault.found.as_str())).collect();
    assert_eq!(told, [("tax", "benchmark-not-positive", "x")]);
    let zeros = "firm,industry,tax,land,award\na,x,0,1,\nb,x,0,2,\nc,x,,1,\nd,y,1,1,\n";
    let figures = figures(&card, zeros, 1).expect("a sound table");
    let survey = figures.survey().expect("zeros alone");
    let why = |row| lines(&card, &survey.explain(row).expect("a sound row"))[0].why.en.clone();
    assert_eq!(why(0), "all have zero, so nothing is measured: zero");
    assert_eq!(why(2), "no value: zero");
}

#[test]
fn what_only_a_veto_looks_at_may_not_be_divided_by_zero_in_silence() {
    let rule = "[[vetoes]]\nid = \"low\"\nnot_above = \"B\"\nname = { zh = \"低效\", en = \"low\" }\nany_of = [\"per_award < 1\"]\nsource = \"assumption\"\n";
    let indicator = "[indicators.per_award]\nname = { zh = \"比\", en = \"ratio\" }\nof = \"land\"\nover = \"tax\"\n\n[[items]]\nid = \"tax\"";
    let text = format!("{}\n{rule}", CARD.replacen("[[items]]\nid = \"tax\"", indicator, 1));
    let card = read(&text).expect("a sound card");
    let found = faults(&card, "firm,industry,tax,land,award\na,x,1,1,\nb,x,0,1,\n");
    let told: Vec<_> = found.iter().map(|fault| (fault.line, fault.code.as_str())).collect();
    assert_eq!(told, [(3, "divisor-not-positive")]);
}

#[test]
fn a_figure_beyond_every_range_is_named_and_no_panic() {
    for huge in ["9223372036854775807.5", "92233720368547758.075", "9223372036854775.8075", "-92233720368547758.079"] {
        assert_eq!(codes(&format!("firm,industry,tax,land,award\na,x,1,{huge},\n")), ["2:land:number-too-large"]);
    }
}

#[test]
fn white_space_that_no_eye_sees_makes_no_second_firm() {
    let twice = "firm,industry,tax,land,award\na,x,1,1,\n\u{3000}a\u{a0},x,1,1,\n";
    assert_eq!(codes(twice), codes("firm,industry,tax,land,award\na,x,1,1,\na,x,1,1,\n"));
    assert!(!codes(twice).is_empty(), "a firm may stand once");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let card = read(CARD).expect("a sound card");
    let bytes = b"firm,industry,tax,land,award\na,\xb9\xa4,1,1,\n";
    let faults = landgavel_record::figures::Layout::of(&card, bytes).expect_err("not UTF-8");
    assert_eq!((faults[0].line, faults[0].code.as_str()), (2, "not-utf8"));
}

#[test]
fn decimals_beyond_those_kept_are_rounded_half_away_and_counted() {
    let card = read(CARD).expect("a sound card");
    let table = "firm,industry,tax,land,award\na,x,1.005,1,\nb,x,1.00499,1,\nc,x,1.0000,1,\n";
    let figures = figures(&card, table, 1).expect("a sound table");
    assert_eq!(figures.rounded, 2);
    assert_eq!(figures.table().cell(0, 0).get(), Some(101));
    assert_eq!(figures.table().cell(1, 0).get(), Some(100));
}

#[test]
fn a_table_read_in_parts_is_the_same_table() {
    let card = read(CARD).expect("a sound card");
    let mut table = String::from("firm,industry,tax,land,award\r\n");
    for row in 0..200 {
        table.push_str(&format!(
            "firm {row},{},{}.{:02},{},{}\r\n",
            row % 7,
            row * 31 % 97 + 1,
            row % 100,
            row % 5 + 1,
            row % 2
        ));
    }
    let whole = figures(&card, &table, 1).expect("a sound table");
    for parts in [2, 3, 17, 500] {
        let cut = figures(&card, &table, parts).expect("a sound table");
        assert_eq!(cut.firms(), 200);
        for row in 0..200 {
            assert_eq!(
                (cut.firm(row), cut.line(row), cut.group(row)),
                (whole.firm(row), whole.line(row), whole.group(row))
            );
            assert!((0..3).all(|column| cut.table().cell(row, column) == whole.table().cell(row, column)));
        }
    }
    // A fault keeps its line wherever the cut falls.
    let broken = table.replace("firm 150,3,", "firm 150,3,x");
    for parts in [1, 2, 5] {
        let faults = figures(&card, &broken, parts).expect_err("a broken table");
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [152]);
    }
}

fn with_parcels() -> String {
    CARD.replace("group = [\"industry\"]", "group = [\"industry\"]\nparcel = [\"parcel\"]")
}

#[test]
fn firms_on_one_parcel_are_joined_and_share_the_result() {
    let card = read(&with_parcels()).expect("a sound card");
    let table = "firm,industry,tax,land,award,parcel\na,x,10,2,yes,P1\nb,x,20,4,no,P2\nc,x,2,2,no,P1\nd,x,5,1,no,\ne,x,5,1,no,\n";
    let found = scores(&card, table);
    // P1: 12 ÷ 4 = 3; P2: 5; d and e stand alone with 5 each. Mean 4.5: 66.67 + 5, 111.11, 111.11, 111.11.
    let totals: Vec<&str> = found.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(totals, ["71.67", "111.11", "71.67", "111.11", "111.11"]);
    assert_eq!(found[0].3, found[2].3);
}

#[test]
fn a_firm_on_two_parcels_and_a_parcel_in_two_groups_are_faults() {
    let card = read(&with_parcels()).expect("a sound card");
    let two = faults(&card, "firm,industry,tax,land,award,parcel\na,x,1,1,,P1\na,x,1,1,,P2\n");
    assert_eq!((two[0].line, two[0].code.as_str()), (3, "firm-on-two-parcels"));
    let groups = faults(&card, "firm,industry,tax,land,award,parcel\na,x,1,1,,P1\nb,y,1,1,,P1\n");
    assert_eq!((groups[0].line, groups[0].code.as_str()), (3, "groups-differ"));
}

#[test]
fn a_figure_in_yuan_among_others_in_wan_yuan_is_doubted_though_it_is_plausible() {
    let card = read(&CARD.replace("at_most = 10000\n", "at_most = 100000000\n")).expect("a sound card");
    let table = |last: &str| {
        let taxes = ["3.2", "5", "0", "8.1", "2.4", last];
        let rows: String = taxes.iter().enumerate().map(|(row, tax)| format!("f{row},x,{tax},1,\n")).collect();
        format!("firm,industry,tax,land,award\n{rows}")
    };
    let doubts = |last: &str| {
        let text = table(last);
        let figures = figures(&card, &text, 1).expect("a sound table");
        figures
            .doubts()
            .into_iter()
            .map(|doubt| (doubt.line, doubt.column, doubt.found, doubt.against))
            .collect::<Vec<_>>()
    };
    assert_eq!(doubts("41000"), [(7, "tax".to_owned(), "41000".to_owned(), Against::Middle("5".to_owned()))]);
    assert_eq!(doubts("4999.99"), [], "a large firm");
    assert_eq!(doubts("90000000"), [], "a ten-thousandth of it is as far away: it is no slip of the unit");
    // With fewer figures nothing is in the middle.
    let few =
        figures(&card, "firm,industry,tax,land,award\na,x,1,1,\nb,x,41000,1,\n", 1).map(|figures| figures.doubts());
    assert_eq!(few.expect("a sound table"), []);
}

/// Firms of the Huangyan card: tax, land, value added, energy, emission, staff, research, revenue.
fn huangyan(rows: &[&str]) -> Vec<String> {
    let card = shipped("scorecards/cn/zhejiang/huangyan/on-scale/2022.toml");
    let head = "企业名称,税收实际贡献,自有用地,租入用地,租出用地,工业增加值,综合能耗（等价值）,主要污染物排放当量,年平均职工人数,研发经费支出,主营业务收入,一票否决,不参评\n";
    let rows: String = rows.iter().enumerate().map(|(row, cells)| format!("f{row},{cells}\n")).collect();
    let table = format!("{head}{rows}");
    let figures = figures(&card, &table, 1).expect("a sound table");
    figures.doubts().iter().map(|doubt| doubt.words().en).collect()
}

#[test]
fn figures_far_from_a_printed_benchmark_are_doubted_from_one_row_on() {
    let sound = "84,10,,,1000,500,1,50,20,900,,";
    assert_eq!(huangyan(&[sound]), Vec::<String>::new());
    // All money in 元: tax and value added say so, one line for each column however many rows there are.
    let yuan = "840000,10,,,10000000,500,1,50,200000,9000000,,";
    let told = huangyan(&[yuan]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("tax") && told[0].contains("84000, about ten thousand times the benchmark, 24.097; is it 元?")
    );
    let told = huangyan(&[yuan, yuan, yuan]);
    assert!(told.len() == 2 && told[0].ends_with("(3 figures of the column are so)"), "{told:?}");
    // One of three rows.
    assert_eq!(huangyan(&[sound, "840000,10,,,1000,500,1,50,20,900,,", sound]).len(), 1);
    // In 亿元: the whole column.
    let small = "0.0084,10,,,1000,500,1,50,20,900,,";
    assert!(huangyan(&[small, small])[0].contains("about a ten-thousandth of the benchmark, 24.097; is it 亿元?"));
}

#[test]
fn firms_that_are_unlike_others_are_not_doubted() {
    let sound = "84,10,,,1000,500,1,50,20,900,,";
    // A firm that pays next to nothing beside one that pays; one that pays a hundred times the benchmark; one without emissions.
    assert_eq!(huangyan(&[sound, "0.0084,10,,,1000,500,1,50,20,900,,"]), Vec::<String>::new());
    assert_eq!(huangyan(&["24097,10,,,1000,500,1,50,20,900,,"]), Vec::<String>::new());
    assert_eq!(huangyan(&["84,10,,,1000,500,0.00005,50,20,900,,"]), Vec::<String>::new());
    assert_eq!(huangyan(&["0,10,,,1000,500,1,50,20,900,,"]), Vec::<String>::new());
}

#[test]
fn a_card_may_state_what_is_usual() {
    let card = read(&CARD.replace("at_most = 10000\n", "typical = 50\n")).expect("a sound card");
    let doubts = |tax: &str| {
        let table = format!("firm,industry,tax,land,award\na,x,{tax},1,\n");
        let figures = figures(&card, &table, 1).expect("a sound table");
        figures.doubts().iter().map(|doubt| doubt.words().en).collect::<Vec<_>>()
    };
    assert_eq!(doubts("400000"), ["line 2, tax: 400000 万元 is about ten thousand times what is usual, 50; is it 元?"]);
    assert_eq!(doubts("49000"), Vec::<String>::new());
    assert!(read(&CARD.replace("at_most = 10000\n", "typical = 0\n")).is_err());
}

#[test]
fn every_bad_input_is_named_by_line_column_and_rule() {
    let cases = [
        ("b,x,,1,", "3:tax:value-missing"),
        ("b,x,-1,1,", "3:tax:below-plausible"),
        ("b,x,inf,1,", "3:tax:infinite"),
        ("b,x,-inf,1,", "3:tax:infinite"),
        ("b,x,nan,1,", "3:tax:infinite"),
        ("b,x,about 3,1,", "3:tax:text"),
        ("b,x,三十,1,", "3:tax:text"),
        ("b,x,20000,1,", "3:tax:above-plausible"),
        ("b,x,1 万元,1,", "3:tax:text"),
        ("a,x,1,1,", "3:firm:duplicate-firm"),
        (",x,1,1,", "3:firm:firm-missing"),
        ("b,x,1,0,", "3:per_mu:divisor-not-positive"),
        ("b,x,1,-3,", "3:per_mu:divisor-not-positive"),
        ("b,x,1", "3::wrong-width"),
    ];
    for (row, told) in cases {
        assert_eq!(codes(&format!("firm,industry,tax,land,award\na,x,1,1,\n{row}\n")), [told], "{row}");
    }
}
