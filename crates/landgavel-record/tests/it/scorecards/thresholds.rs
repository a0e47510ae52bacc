//! Bounds are held against the figures themselves: no rounding carries anybody over one, and what is told agrees.

use landgavel_record::figures::lines;

use super::{figures, read};

const CARD: &str = r#"
format = "landgavel-scorecard/1"
id = "test/bounds"
version = "1"
title = { zh = "界限", en = "bounds" }
source = "assumption"

[table]
firm = ["firm"]
parcel = ["parcel"]

[columns.output]
name = { zh = "产值", en = "value of output" }
unit = "万元"

[columns.rd]
name = { zh = "研发", en = "spent on research" }
decimals = 2

[columns.revenue]
name = { zh = "收入", en = "all revenue" }
decimals = 0

[indicators.share]
name = { zh = "占比", en = "share of research" }
unit = "%"
of = "rd"
over = "revenue"
times = 100

[[items]]
id = "steps"
name = { zh = "分档", en = "by steps" }
points = 10
ways = [{ kind = "steps", of = "share", steps = [{ bound = 3, points = 10 }, { bound = 2, points = 6 }] }]

[[items]]
id = "units"
name = { zh = "每满", en = "by units" }
points = 10
ways = [{ kind = "per-unit", of = "output", each = 500, points = 2 }]

[[gates]]
id = "share"
name = { zh = "占比", en = "share" }
any_of = ["share >= 3"]

[[gates]]
id = "output"
name = { zh = "产值", en = "output" }
any_of = ["output >= 1000"]

[[gates]]
id = "small"
name = { zh = "小", en = "small" }
any_of = ["output < 2000"]

[[gates]]
id = "little"
name = { zh = "低", en = "little" }
any_of = ["share <= 7"]

[grades]
kind = "gates"
qualified = "yes"
otherwise = "no"
"#;

/// Points of the two items, whether each gate holds, and the words of all of them.
fn told(rows: &str) -> (Vec<String>, Vec<bool>, Vec<String>) {
    told_by(CARD, rows)
}

fn told_by(card: &str, rows: &str) -> (Vec<String>, Vec<bool>, Vec<String>) {
    let card = read(card).expect("a sound card");
    let table = format!("firm,parcel,output,rd,revenue\n{rows}");
    let figures = figures(&card, &table, 1).expect("a sound table");
    let survey = figures.survey().expect("no benchmark");
    let explanation = survey.explain(0).expect("a sound row");
    let told = lines(&card, &explanation);
    let gates: Vec<bool> = told.iter().filter_map(|line| line.holds).collect();
    assert_eq!(survey.mark(0).expect("a sound row").qualifies, gates.iter().all(|holds| *holds));
    let points = told.iter().filter_map(|line| line.points.clone()).collect();
    (points, gates, told.into_iter().map(|line| line.why.en).collect())
}

#[test]
fn a_quotient_just_short_of_a_bound_does_not_reach_it_and_is_told_with_more_digits() {
    let (points, gates, words) = told("a,,1000,2999.96,100000\n");
    assert_eq!((points, gates), (vec!["6".into(), "4".into()], vec![false, true, true, true]));
    assert_eq!(words[0], "2.99996: the step gives 6");
    assert_eq!(words[2], "✗ share >= 3 (2.99996)");
    // A quotient that does not end: cut, never rounded up to the bound.
    let (_, gates, words) = told("a,,1000,8999.99,299999.7\n");
    assert_eq!((gates[0], words[2].as_str()), (false, "✗ share >= 3 (2.9999996666663333…)"));
}

#[test]
fn a_quotient_just_beyond_a_bound_is_beyond_it() {
    let (_, gates, words) = told("a,,1000,7000.01,100000\n");
    assert_eq!((gates[3], words[5].as_str()), (false, "✗ share <= 7 (7.00001)"));
    let (points, gates, words) = told("a,,1000,3000,100000\n");
    assert_eq!((points[0].as_str(), gates[0], words[2].as_str()), ("10", true, "✓ share >= 3 (3)"));
}

#[test]
fn a_figure_with_more_decimals_than_its_column_keeps_is_carried_over_no_bound() {
    let (points, gates, words) = told("a,,999.99996,3000,100000\n");
    assert_eq!((points[1].as_str(), gates[1]), ("2", false));
    assert_eq!(words[1], "999.99996: 2 for each full 500, 2 in all");
    assert_eq!(words[3], "✗ output >= 1000 (999.99996)");
    let (_, gates, words) = told("a,,1999.99999,3000,100000\n");
    assert_eq!((gates[2], words[4].as_str()), (true, "✓ output < 2000 (1999.99999)"));
    // Ten decimals and more are how a computer writes 1000 after adding up.
    let (_, gates, _) = told("a,,999.9999999999,3000,100000\n");
    assert!(gates[1]);
}

#[test]
fn what_firms_of_one_parcel_have_beyond_their_decimals_is_added_too() {
    // 499.99996 and 500.00003 are 999.99999, though each is rounded to 500.
    let (_, gates, words) = told("a,P,499.99996,1500,50000\nb,P,500.00003,1500,50000\n");
    assert_eq!((gates[1], words[3].as_str()), (false, "✗ output >= 1000 (999.99999)"));
}

#[test]
fn figures_at_the_end_of_the_range_are_compared_without_wrapping() {
    let (_, gates, _) = told("a,,900719925474.0991,1,1\n");
    assert_eq!(gates[1..3], [true, false]);
}

/// A divisor that is rounded too may put the rounded quotient as far from the quotient as one likes: units are not counted one by
/// one from there.
#[test]
fn units_of_a_quotient_with_a_rounded_divisor_are_found_at_once() {
    let card = CARD.replace(r#"of = "output", each = 500"#, r#"of = "share", each = 1"#);
    let (_, _, words) = told_by(&card, "a,,1000,90000000,0.5\n");
    assert!(words[1].contains("2 for each full 1, 36000000000 in all"), "{}", words[1]);
}
