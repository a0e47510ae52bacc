use landgavel_base::{Money, SAFE_INTEGER_MAX};
use proptest::prelude::*;

fn money(minor: i64) -> Money {
    Money::from_minor(minor).unwrap()
}

#[test]
fn a_fifth_of_the_starting_price_is_exact() {
    // 20 % of 1,963 万元. Source: Wenling GY020108-2, 2025.
    assert_eq!(money(1_963_000_000).scale_half_up(20, 100), Some(money(392_600_000)));
}

#[test]
fn halves_round_away_from_zero() {
    assert_eq!(money(1).scale_half_up(1, 2), Some(money(1)));
    assert_eq!(money(-1).scale_half_up(1, 2), Some(money(-1)));
    assert_eq!(money(1).scale_half_up(1, 3), Some(Money::ZERO));
}

#[test]
fn a_denominator_that_is_not_positive_is_refused() {
    assert_eq!(money(1).scale_half_up(1, 0), None);
    assert_eq!(money(1).scale_half_up(1, -1), None);
}

#[test]
fn sums_beyond_the_safe_range_are_none() {
    assert_eq!(money(SAFE_INTEGER_MAX).checked_add(money(1)), None);
    assert_eq!(money(-SAFE_INTEGER_MAX).checked_sub(money(1)), None);
    assert_eq!(Money::from_minor(SAFE_INTEGER_MAX + 1), None);
    assert_eq!(Money::from_minor(i64::MIN), None);
}

proptest! {
    #[test]
    fn scaling_by_one_changes_nothing(minor in -SAFE_INTEGER_MAX..=SAFE_INTEGER_MAX, one in 1..i128::from(u32::MAX)) {
        prop_assert_eq!(money(minor).scale_half_up(one, one), Some(money(minor)));
    }

    #[test]
    fn scaling_is_off_by_at_most_half_a_fen(
        minor in -1_000_000_000_000i64..1_000_000_000_000,
        numerator in -1000i128..1000,
        denominator in 1i128..1_000_000,
    ) {
        let scaled = money(minor).scale_half_up(numerator, denominator).unwrap();
        let exact = i128::from(minor) * numerator;
        prop_assert!(2 * (i128::from(scaled.minor()) * denominator - exact).abs() <= denominator);
    }

    #[test]
    fn scaling_keeps_the_sign_symmetric(minor in 0i64..1_000_000_000_000, numerator in 0i128..1000, denominator in 1i128..1000) {
        let positive = money(minor).scale_half_up(numerator, denominator).unwrap();
        let negative = money(-minor).scale_half_up(numerator, denominator).unwrap();
        prop_assert_eq!(positive.minor(), -negative.minor());
    }

    #[test]
    fn what_is_added_can_be_taken_away(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000) {
        prop_assert_eq!(money(a).checked_add(money(b)).unwrap().checked_sub(money(b)), Some(money(a)));
    }
}
