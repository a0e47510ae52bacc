//! The straight evaluator says what the engine does, stage by stage.

use std::sync::Arc;

use landgavel_base::Digest;
use landgavel_lab::course::{Course, LegKind, compile};
use landgavel_lab::stepped::Stepped;
use landgavel_lab::straight::{Limits, evaluate};
use landgavel_sale::Lot;
use proptest::prelude::*;

const FOUR_PART: &str = "cn/zhejiang/wenling/gy020108-2-four-part.toml";

/// Limits around the ladders: below the start, on rungs, between them, far above.
fn limits(course: &Course, draws: &[u16]) -> Vec<i64> {
    let mut limits = Vec::new();
    for (index, draw) in draws.iter().enumerate() {
        let column = index % course.columns();
        let ladder = course.legs.iter().enumerate().find_map(|(leg, of)| match of.kind {
            LegKind::Ladder(ladder) if usize::from(ladder.attribute.0) == column => Some(ladder),
            LegKind::Sealed(ladder) if course.column(leg) == Some(column) => Some(ladder),
            LegKind::Ladder(_) | LegKind::Sealed(_) | LegKind::Draw => None,
        });
        // Attributes on which there are no open bids need no limit.
        let Some(ladder) = ladder else {
            limits.push(i64::MIN);
            continue;
        };
        let span = ladder.step * i64::from(ladder.top.unwrap_or(12) + 3);
        limits.push(ladder.start - ladder.step + i64::from(*draw) * span / i64::from(u16::MAX));
    }
    limits
}

fn agree(lot: &Arc<Lot>, draws: &[u16], output: [u8; 32]) {
    let course = compile(lot).unwrap();
    let draws = &draws[..draws.len() / course.columns() * course.columns()];
    let of = limits(&course, draws);
    let limits = Limits { of: &of, columns: course.columns() };
    let stepped = Stepped::new(lot, limits.bidders()).unwrap();
    let engine =
        stepped.play(limits, Digest(output)).unwrap_or_else(|why| panic!("{}: {why:?}, limits {of:?}", lot.id));
    // Of equal quotes the engine takes the first to come, which is the first by number here.
    let drawn = engine.entrants.iter().position(|entrant| Some(*entrant) == engine.winner).unwrap_or_default();
    let straight = evaluate(&course, limits, |_| u32::try_from(drawn).unwrap());
    assert_eq!(straight, engine, "limits {of:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn four_part_sales_go_as_the_engine_lets_them(
        draws in prop::collection::vec(any::<u16>(), 2..16), output in any::<[u8; 32]>()
    ) {
        agree(&crate::lot(FOUR_PART), &draws, output);
    }

    #[test]
    fn so_do_sales_with_sealed_quotes(
        draws in prop::collection::vec(40_000..=u16::MAX, 6..18), output in any::<[u8; 32]>(), which in 0usize..3
    ) {
        agree(&crate::lot_at(&crate::files("studies/lots")[which]), &draws, output);
    }

    #[test]
    fn so_do_sales_of_which_most_end_in_a_draw(
        draws in prop::collection::vec(55_000..=u16::MAX, 4..14), output in any::<[u8; 32]>()
    ) {
        agree(&crate::lot(FOUR_PART), &draws, output);
    }
}

#[test]
fn whatever_compiles_goes_as_the_engine_lets_it() {
    let mut compiled = Vec::new();
    for path in crate::files("lots").into_iter().chain(crate::files("studies/lots")) {
        let lot = crate::lot_at(&path);
        if let Ok(course) = compile(&lot) {
            for seed in 0..40u32 {
                let next = |n: u32| (seed.wrapping_mul(2_654_435_761).wrapping_add(n).wrapping_mul(40_503) >> 7) as u16;
                let draws: Vec<u16> = (0..course.columns() as u32 * 4).map(next).collect();
                agree(&lot, &draws, [seed as u8; 32]);
            }
            compiled.push(path);
        }
    }
    let sealed = compiled.iter().filter(|path| path.starts_with(crate::root().join("studies/lots"))).count();
    assert!(compiled.len() >= 6 && sealed == 3, "{compiled:?}");
}
