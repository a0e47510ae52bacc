//! The engine against a spreadsheet-style oracle that shares no code with it: plain fractions, plain sorting.

use landgavel_record::language::LoadedCard;
use proptest::prelude::*;

use super::{figures, read, scores};

const CARD: &str = r#"
format = "landgavel-scorecard/1"
id = "test/oracle"
version = "1"
title = { zh = "表", en = "card" }
source = "assumption"
[table]
firm = ["firm"]
group = ["industry"]
[columns.tax]
name = { zh = "税收", en = "tax paid" }
decimals = 2
[columns.land]
name = { zh = "用地", en = "land area" }
decimals = 1
[columns.heads]
name = { zh = "人数", en = "staff" }
decimals = 0
[indicators.per_mu]
name = { zh = "亩均", en = "per mu" }
decimals = 3
of = "tax"
over = "land"
[[items]]
id = "totals"
name = { zh = "甲", en = "by totals" }
points = 50
cap = "150 %"
ways = [{ kind = "linear", of = "per_mu", base = { mean = "totals", times = "1.2", within = "group" } }]
[[items]]
id = "rows"
name = { zh = "乙", en = "by rows" }
points = 30
cap = "none"
ways = [{ kind = "linear", of = "per_mu", base = { mean = "rows", within = "all" } }]
[[items]]
id = "spread"
name = { zh = "丙", en = "spread" }
points = 20
ways = [{ kind = "min-max", of = "heads", low = "20 %", within = "group" }]
[rounding]
points = 4
total = 2
[grades]
kind = "quantile"
cuts = [{ grade = "A", to = "30 %" }, { grade = "B", to = "70 %" }, { grade = "C", to = "100 %" }]
rounding = "ROUNDING"
ties = "TIES"
"#;

#[derive(Debug, Clone)]
struct Firm {
    group: u8,
    tax: i64,
    land: i64,
    heads: i64,
}

fn firms() -> impl Strategy<Value = Vec<Firm>> {
    let firm = (0u8..3, 1i64..100_000, 1i64..5_000, 0i64..20).prop_map(|(group, tax, land, heads)| Firm {
        group,
        tax,
        land,
        heads,
    });
    proptest::collection::vec(firm, 1..40)
}

/// Half away from zero, for numbers that are not negative.
fn round(numerator: i128, denominator: i128) -> i128 {
    (numerator * 2 + denominator) / (denominator * 2)
}

/// Totals in hundredths.
fn totals(firms: &[Firm]) -> Vec<i128> {
    // Thousandths of 万元 per mu: (tax/100) ÷ (land/10) · 1000 = tax·100 ÷ land.
    let value = |firm: &Firm| round(i128::from(firm.tax) * 100, i128::from(firm.land));
    let all: i128 = firms.iter().map(value).sum();
    let count = firms.len() as i128;
    let each = firms.iter().map(|firm| {
        let peers: Vec<&Firm> = firms.iter().filter(|other| other.group == firm.group).collect();
        let tax: i128 = peers.iter().map(|peer| i128::from(peer.tax)).sum();
        let land: i128 = peers.iter().map(|peer| i128::from(peer.land)).sum();
        // Ten-thousandths of points: 500,000 · value ÷ (tax·100 ÷ land · 12 ÷ 10).
        let by_totals = round(500_000 * value(firm) * land * 10, tax * 100 * 12).min(750_000);
        let by_rows = round(300_000 * value(firm) * count, all);
        let least = peers.iter().map(|peer| peer.heads).min().expect("itself");
        let greatest = peers.iter().map(|peer| peer.heads).max().expect("itself");
        let spread = match i128::from(greatest - least) {
            0 => 200_000,
            span => round(40_000 * span + 160_000 * i128::from(firm.heads - least), span),
        };
        round(by_totals + by_rows + spread, 100)
    });
    each.collect()
}

/// Grades by counting who is ahead.
fn grade(firms: &[Firm], totals: &[i128], me: usize, rounding: &str, ties: &str) -> &'static str {
    let peers: Vec<usize> = (0..firms.len()).filter(|other| firms[*other].group == firms[me].group).collect();
    let count = peers.len();
    let ahead = peers.iter().filter(|other| totals[**other] > totals[me]).count();
    let equal = peers.iter().filter(|other| totals[**other] == totals[me]).count();
    let place = if ties == "better" { ahead + 1 } else { ahead + equal };
    let seats = |tenths: usize| match rounding {
        "down" => count * tenths / 10,
        "up" => (count * tenths).div_ceil(10),
        _ => (count * tenths + 5) / 10,
    };
    match place {
        place if place <= seats(3) => "A",
        place if place <= seats(7) => "B",
        _ => "C",
    }
}

fn card(rounding: &str, ties: &str) -> LoadedCard {
    read(&CARD.replace("ROUNDING", rounding).replace("TIES", ties)).expect("a sound card")
}

fn table(firms: &[Firm]) -> String {
    let mut out = String::from("firm,industry,tax,land,heads\n");
    for (index, Firm { group, tax, land, heads }) in firms.iter().enumerate() {
        out.push_str(&format!(
            "f{index},g{group},{}.{:02},{}.{},{heads}\n",
            tax / 100,
            tax % 100,
            land / 10,
            land % 10
        ));
    }
    out
}

proptest! {
    #[test]
    fn totals_and_grades_are_the_oracle_s(firms in firms(), rounding in 0usize..3, ties in 0usize..2) {
        let (rounding, ties) = (["half-up", "down", "up"][rounding], ["better", "worse"][ties]);
        let expected = totals(&firms);
        let found = scores(&card(rounding, ties), &table(&firms));
        for (index, (_, total, rank, grade_found)) in found.into_iter().enumerate() {
            let cents = expected[index];
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
            prop_assert_eq!(total, text);
            let ahead = (0..firms.len()).filter(|other| firms[*other].group == firms[index].group && expected[*other] > cents).count();
            prop_assert_eq!(rank.map(|rank| rank as usize), Some(ahead + 1));
            prop_assert_eq!(&grade_found, grade(&firms, &expected, index, rounding, ties));
        }
    }

    /// Every explanation adds up: its lines are the total, before the one rounding at its end.
    #[test]
    fn lines_add_up_to_the_total(firms in firms()) {
        let card = card("half-up", "better");
        let text = table(&firms);
        let figures = figures(&card, &text, 1).expect("a sound table");
        let survey = figures.survey().expect("positive benchmarks");
        for row in 0..firms.len() {
            let explanation = survey.explain(row).expect("a sound row");
            let sum: i64 = explanation.items.iter().map(|points| points.points).sum();
            let total = explanation.total.expect("evaluated");
            prop_assert_eq!(sum, total.sum);
            prop_assert_eq!(survey.total(row).expect("a sound row"), Some(total));
        }
    }

    /// The order of the rows decides nothing but the order of the answers.
    #[test]
    fn order_of_rows_does_not_matter(firms in firms(), turn in 0usize..40) {
        let card = card("half-up", "worse");
        let before = scores(&card, &table(&firms));
        let mut turned = firms.clone();
        let turn = turn % firms.len();
        turned.rotate_left(turn);
        let mut after = scores(&card, &table(&turned));
        after.rotate_right(turn);
        for (one, other) in before.iter().zip(&after) {
            prop_assert_eq!((&one.1, one.2, &one.3), (&other.1, other.2, &other.3));
        }
    }
}
