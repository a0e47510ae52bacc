//! The engine by itself. Cards, tables and the oracle are tested from the record crate, which reads text.

use landgavel_base::Bilingual;
use landgavel_score::{
    Benchmark, Card, Cell, Column, ColumnId, ColumnKind, Cut, Exact, Expression, Fault, GradeId, Grading, Indicator,
    IndicatorId, Item, ItemRole, Missing, Rounding, Scope, Survey, Table, Ties, Way, ZeroDivisor, half_away,
};
use proptest::prelude::*;

fn words() -> Bilingual {
    Bilingual::new("", "")
}

/// One column, which is the indicator; 100 points against a benchmark, all in whole numbers.
fn card(benchmark: Benchmark, ties: Ties) -> Card {
    let indicator = Indicator {
        id: "x".into(),
        name: words(),
        unit: String::new(),
        decimals: 0,
        of: Expression { terms: vec![(ColumnId(0), 1)], decimals: 0 },
        over: None,
        factor: Exact::ONE,
        zero_divisor: ZeroDivisor::Refuse,
    };
    let item = Item {
        id: "x".into(),
        name: words(),
        dimension: None,
        role: ItemRole::Base,
        weight: 100,
        most: None,
        ways: vec![Way::Linear { indicator: IndicatorId(0), benchmark }],
        missing: Missing::Zero,
    };
    let cut = |grade: &str, to| Cut { grade: grade.into(), to };
    Card {
        id: "test".into(),
        version: "1".into(),
        title: words(),
        from: None,
        until: None,
        columns: vec![Column {
            id: "x".into(),
            name: words(),
            unit: String::new(),
            kind: ColumnKind::Number { decimals: 0 },
        }],
        indicators: vec![indicator],
        dimensions: Vec::new(),
        items: vec![item],
        gates: Vec::new(),
        vetoes: Vec::new(),
        exemptions: Vec::new(),
        is_grouped: false,
        points_decimals: 0,
        total_decimals: 0,
        grading: Grading::Quantile {
            cuts: vec![cut("A", 500_000), cut("B", 1_000_000)],
            rounding: Rounding::HalfUp,
            ties,
            tie_break: Vec::new(),
            scope: Scope::All,
        },
    }
}

fn table(values: &[Option<i64>]) -> Table {
    let cell = |value: &Option<i64>| value.map_or(Cell::MISSING, |value| Cell::known(value).expect("a safe integer"));
    Table::of(vec![values.iter().map(cell).collect()], vec![0; values.len()], Vec::new()).expect("one length")
}

fn totals(card: &Card, table: &Table) -> Vec<i64> {
    let survey = Survey::of(card, table).expect("a positive benchmark");
    (0..table.rows()).map(|row| survey.total(row).expect("a sound row").expect("evaluated").total).collect()
}

const ALL: Scope = Scope::All;

#[test]
fn a_mean_a_multiple_and_a_quantile_are_what_they_say() {
    let values = table(&[Some(10), Some(20), Some(30), Some(40), None]);
    assert_eq!(totals(&card(Benchmark::Fixed(20), Ties::Better), &values), [50, 100, 150, 200, 0]);
    let mean = Benchmark::MeanOfRows { times: Exact::ONE, scope: ALL };
    assert_eq!(totals(&card(mean, Ties::Better), &values), [40, 80, 120, 160, 0]);
    let twice = Benchmark::MeanOfTotals { times: Exact::new(2, 1).expect("two"), scope: ALL };
    assert_eq!(totals(&card(twice, Ties::Better), &values), [20, 40, 60, 80, 0]);
    // Three quarters of four are the third from below; anything more is the fourth.
    for (share, base) in [(1, 10), (250_000, 10), (250_001, 20), (750_000, 30), (750_001, 40), (1_000_000, 40)] {
        let quantile = Benchmark::Quantile { share, times: Exact::ONE, scope: ALL };
        assert_eq!(totals(&card(quantile, Ties::Better), &values)[3], 4_000 / base, "{share}");
    }
}

#[test]
fn equals_at_a_cut_share_the_grade_that_the_card_names() {
    // Three rows, half of them rounds up to two seats; the second and third are equal.
    let values = table(&[Some(30), Some(20), Some(20)]);
    for (ties, grades) in [(Ties::Better, [0, 0, 0]), (Ties::Worse, [0, 1, 1])] {
        let card = card(Benchmark::Fixed(20), ties);
        let survey = Survey::of(&card, &values).expect("a positive benchmark");
        let marks: Vec<_> = (0..3).map(|row| survey.mark(row).expect("a sound row")).collect();
        let graded = survey.grade(&marks);
        assert_eq!(graded.ranks, [Some(1), Some(2), Some(2)]);
        assert_eq!(graded.grades, grades.map(|grade| Some(GradeId(grade))));
    }
}

#[test]
fn a_benchmark_that_divides_by_zero_is_a_fault_and_no_panic() {
    let card = card(Benchmark::MeanOfRows { times: Exact::ONE, scope: ALL }, Ties::Better);
    let faults = Survey::of(&card, &table(&[Some(-5), Some(2)])).map(|_| ()).expect_err("no positive mean");
    assert_eq!(faults, [Fault::BenchmarkNotPositive { item: 0, group: None }]);
    // A mean and a median of zero among others than zeros: somebody has more than nothing, and no points for it would be wrong.
    let faults = Survey::of(&card, &table(&[Some(-5), Some(5), Some(0)])).map(|_| ()).expect_err("a mean of zero");
    assert_eq!(faults, [Fault::BenchmarkNotPositive { item: 0, group: None }]);
    let median = self::card(Benchmark::Quantile { share: 500_000, times: Exact::ONE, scope: ALL }, Ties::Better);
    let faults = Survey::of(&median, &table(&[Some(0), Some(0), Some(5)])).map(|_| ()).expect_err("a median of zero");
    assert_eq!(faults, [Fault::BenchmarkNotPositive { item: 0, group: None }]);
    // Nobody has a value, or all have zero: nobody is ahead of anybody, nobody is measured, and nobody fails.
    assert_eq!(totals(&card, &table(&[None, None])), [0, 0]);
    assert_eq!(totals(&card, &table(&[Some(0), Some(0)])), [0, 0]);
}

#[test]
fn figures_at_the_end_of_the_range_are_faults_and_not_wrapped() {
    let most = landgavel_base::SAFE_INTEGER_MAX;
    let card = card(Benchmark::Fixed(1), Ties::Better);
    let values = table(&[Some(most), Some(1)]);
    let survey = Survey::of(&card, &values).expect("a positive benchmark");
    assert_eq!(survey.total(0), Err(Fault::TooLarge { row: 0, item: 0 }));
    assert_eq!(survey.total(1).expect("small").expect("evaluated").total, 100);
    assert_eq!((Cell::known(most + 1), Cell::known(i64::MIN)), (None, None));
}

proptest! {
    #[test]
    fn halves_go_away_from_zero(numerator in -1_000_000i128..1_000_000, denominator in 1i128..1_000) {
        let rounded = i128::from(half_away(numerator, denominator).expect("small"));
        // The distance is at most a half, and a half lies towards zero.
        let twice = 2 * (numerator - rounded * denominator);
        prop_assert!(twice.abs() <= denominator);
        if twice.abs() == denominator {
            prop_assert!(rounded.abs() * denominator > numerator.abs());
        }
    }

    #[test]
    fn joining_rows_keeps_every_sum(values in proptest::collection::vec(proptest::option::of(-1_000i64..1_000), 1..30), seed in 1usize..5) {
        let mut units: Vec<u32> = Vec::new();
        for row in 0..values.len() {
            let next = units.iter().max().map_or(0, |last| last + 1);
            units.push(u32::try_from(row / seed).expect("few").min(next));
        }
        let joined = table(&values).merged(&card(Benchmark::Fixed(1), Ties::Better), &units).expect("small sums");
        let sum: i64 = (0..joined.rows()).filter_map(|row| joined.cell(row, 0).get()).sum();
        prop_assert_eq!(sum, values.iter().flatten().sum::<i64>());
    }
}
