//! Many sales at once say of each sale what the straight evaluator and the engine say, at every level of the machine.

use landgavel_base::Digest;
use landgavel_lab::chance::Seed;
use landgavel_lab::course::{Course, Ladder, Leg, LegKind, Next, compile};
use landgavel_lab::level::Level;
use landgavel_lab::many::plain::{Plain, UNIT, revenue};
use landgavel_lab::many::{Crowd, Even, Many, NotMany, Tally, pick};
use landgavel_lab::stepped::Stepped;
use landgavel_lab::straight::{Limits, evaluate};
use landgavel_sale::rulebook::{AttributeId, StageId, Survivors};
use proptest::prelude::*;

const FOUR_PART: &str = "cn/zhejiang/wenling/gy020108-2-four-part.toml";

/// Every level tells of each sale what the straight evaluator does, and counts what it tells.
fn agree(course: &Course, many: &Many, from: u64, sales: u64) {
    let mut expected = Vec::new();
    for sale in from..from + sales {
        let (heights, lots) = many.sale(sale);
        let of = many.limits(&heights);
        let limits = Limits { of: &of, columns: course.columns() };
        expected.push(evaluate(course, limits, |entrants| pick(lots, entrants)));
    }
    let ladders: Vec<_> = course
        .legs
        .iter()
        .filter_map(|leg| match leg.kind {
            LegKind::Ladder(ladder) => Some(ladder),
            LegKind::Sealed(_) | LegKind::Draw => None,
        })
        .collect();
    let mut counts = Tally { sales, ..Tally::default() };
    for outcome in &expected {
        counts.sold += u64::from(outcome.winner.is_some());
        counts.drawn += u64::from(!outcome.entrants.is_empty());
        for (number, ladder) in ladders.iter().enumerate() {
            if let Some(amount) = outcome.terms[usize::from(ladder.attribute.0)] {
                counts.offers[number] += 1;
                counts.heights[number] += u64::try_from((amount - ladder.start) / ladder.step + 1).unwrap();
            }
        }
    }
    for level in Level::here() {
        assert_eq!(many.outcomes(level, from..from + sales), expected, "{level:?}");
        assert_eq!(many.tally(level, from..from + sales), counts, "{level:?}");
    }
}

fn four_part() -> Course {
    compile(&crate::lot(FOUR_PART)).unwrap()
}

fn next(legs: usize) -> impl Strategy<Value = Next> {
    let end = prop_oneof![Just(Next::Win), Just(Next::PassIn)].boxed();
    let survivors = prop_oneof![Just(Survivors::Acceptors), Just(Survivors::Active), Just(Survivors::Field)];
    let go = (0..legs, survivors, 0u32..4, end.clone());
    prop_oneof![
        end,
        go.prop_map(|(leg, survivors, at_least, otherwise)| {
            Next::Go { leg, survivors, at_least, otherwise: Box::new(otherwise) }
        })
    ]
}

/// Rules that nobody wrote: up to four legs, exits to any later one.
fn courses() -> impl Strategy<Value = Course> {
    let leg = (any::<bool>(), 1i64..5, prop::option::of(0u32..6), next(8), next(8), next(8));
    prop::collection::vec(leg, 1..5).prop_map(|legs| {
        let count = legs.len();
        let later = |next: Next, from: usize| match next {
            Next::Go { leg, survivors, at_least, otherwise } if from + 1 < count => {
                Next::Go { leg: from + 1 + leg % (count - from - 1), survivors, at_least, otherwise }
            }
            Next::Go { otherwise, .. } => *otherwise,
            end => end,
        };
        let made = legs.into_iter().enumerate().map(|(number, (is_draw, step, top, settled, capped, empty))| {
            let id = u16::try_from(number).unwrap();
            let ladder = Ladder { attribute: AttributeId(id), start: 7, step, top };
            Leg {
                stage: StageId(id),
                kind: if is_draw { LegKind::Draw } else { LegKind::Ladder(ladder) },
                settled: later(settled, number),
                capped: later(capped, number),
                empty: later(empty, number),
                tied: None,
            }
        });
        Course { legs: made.collect(), attributes: count }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_rule_goes_at_every_level_as_one_sale_at_a_time(
        course in courses(), bidders in 1usize..20, seed: u64, from in 0u64..1 << 40, low in 0u32..3, count in 1u32..9
    ) {
        // Only rules that draw once: the straight evaluator asks for lots once.
        let draws = course.legs.iter().filter(|leg| leg.kind == LegKind::Draw).count();
        prop_assume!(draws <= 1);
        let even = vec![Even { low, count }; course.legs.len() - draws];
        let many = Many::new(&course, Crowd::Even(even), bidders, Seed(seed)).unwrap();
        agree(&course, &many, from, 37);
    }

    #[test]
    fn types_go_at_every_level_as_one_sale_at_a_time(
        types in prop::collection::vec((0u32..40, 0u32..20), 1..50), bidders in 1usize..=64, seed: u64, from: u32
    ) {
        let types = types.into_iter().map(|(price, tax)| price | tax << 16).collect();
        let course = four_part();
        let many = Many::new(&course, Crowd::Types(types), bidders, Seed(seed)).unwrap();
        agree(&course, &many, u64::from(from), 37);
    }
}

#[test]
fn the_four_part_rule_goes_at_every_level_as_on_the_engine() {
    let lot = crate::lot(FOUR_PART);
    let course = compile(&lot).unwrap();
    let even = vec![Even { low: 0, count: 36 }, Even { low: 0, count: 20 }];
    let many = Many::new(&course, Crowd::Even(even), 5, Seed(7)).unwrap();
    let stepped = Stepped::new(&lot, 5).unwrap();
    let told: Vec<_> = Level::here().into_iter().map(|level| many.outcomes(level, 0..300)).collect();
    for sale in 0..300 {
        let of = many.limits(&many.sale(sale).0);
        let mut engine = stepped.play(Limits { of: &of, columns: course.columns() }, Digest([9; 32])).unwrap();
        for told in &told {
            let told = &told[usize::try_from(sale).unwrap()];
            if !told.entrants.is_empty() {
                // The engine draws from its beacon: any entrant may win, so only who draws is compared.
                assert!(told.winner.is_some_and(|winner| told.entrants.contains(&winner)));
                engine.winner = told.winner;
            }
            assert_eq!(*told, engine, "sale {sale}");
        }
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    let even = vec![Even { low: 0, count: 36 }, Even { low: 0, count: 20 }];
    let many = Many::new(&four_part(), Crowd::Even(even), 5, Seed(3)).unwrap();
    for level in Level::here() {
        let whole = many.tally(level, 0..100_003);
        assert_eq!(many.tally(level, 0..33_331).and(many.tally(level, 33_331..100_003)), whole);
    }
}

#[test]
fn plain_auctions_raise_what_the_textbook_says_at_every_level() {
    // Revenue of first and second price among n even values is (n − 1)/(n + 1) (Vickrey 1961).
    let sales = 200_000;
    for (bidders, expected) in [(2, 1.0 / 3.0), (3, 0.5), (5, 2.0 / 3.0), (10, 9.0 / 11.0)] {
        for plain in [Plain::FirstPrice, Plain::SecondPrice, Plain::English] {
            let sums: Vec<u64> =
                Level::here().into_iter().map(|level| revenue(plain, bidders, Seed(5), level, 3..3 + sales)).collect();
            assert!(sums.windows(2).all(|pair| pair[0] == pair[1]), "{plain:?} {bidders}: {sums:?}");
            // On the ladder prices are rungs counted from 1, and on average half a rung above the runner-up's value.
            let (unit, above) = if plain == Plain::English { (100.0, 1.5) } else { (f64::from(UNIT), 0.0) };
            let mean = (sums[0] as f64 / sales as f64 - above) / unit;
            // Five standard deviations of the mean; and on the ladder that the winner may be on the runner-up's rung.
            let room = if plain == Plain::English { 0.006 } else { 0.003 };
            assert!((mean - expected).abs() < room, "{plain:?} {bidders}: {mean}, {expected}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let course = four_part();
    let even = |count| vec![Even { low: 0, count }; 2];
    let make = |crowd, bidders| Many::new(&course, crowd, bidders, Seed(1)).map(|_| ());
    assert_eq!(make(Crowd::Even(even(36)), 0), Err(NotMany::Bidders));
    assert_eq!(make(Crowd::Even(even(36)), 65), Err(NotMany::Bidders));
    assert_eq!(make(Crowd::Even(even(0)), 5), Err(NotMany::Crowd));
    assert_eq!(make(Crowd::Even(even(1 << 20)), 5), Err(NotMany::Crowd));
    assert_eq!(make(Crowd::Even(even(9)[..1].to_vec()), 5), Err(NotMany::Crowd));
    assert_eq!(make(Crowd::Types(Vec::new()), 5), Err(NotMany::Crowd));
}
