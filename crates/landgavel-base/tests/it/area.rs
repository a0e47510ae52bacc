use landgavel_base::Area;
use proptest::prelude::*;

fn area(hundredths: u64) -> Area {
    Area::from_hundredths_m2(hundredths).unwrap()
}

#[test]
fn one_hectare_is_exactly_fifteen_mu() {
    let mu = area(1_000_000).mu();
    assert_eq!((mu.numerator, mu.denominator), (15, 1));
}

#[test]
fn published_areas_round_to_their_published_mu() {
    // Source: notices of sale of Jinhua 2024, Wenling 2025 and 2021, Yiwu 2021.
    for (hundredths, mu) in [(11_929_125, "178.94"), (1_508_100, "22.62"), (35_942_600, "539.14"), (3_498_568, "52.48")]
    {
        assert_eq!(area(hundredths).mu().to_string(), mu);
    }
}

#[test]
fn the_largest_area_is_accepted_and_one_more_is_not() {
    assert!(Area::from_hundredths_m2(Area::MAX_HUNDREDTHS).is_some());
    assert!(Area::from_hundredths_m2(Area::MAX_HUNDREDTHS + 1).is_none());
}

proptest! {
    #[test]
    fn mu_times_2000_thirds_gives_back_the_square_metres(hundredths in 0..=Area::MAX_HUNDREDTHS) {
        let mu = area(hundredths).mu();
        prop_assert_eq!(mu.numerator * 200_000, u128::from(hundredths) * 3 * mu.denominator);
    }

    #[test]
    fn hectares_are_fifteen_mu_each(hectares in 0..100_000_000u64) {
        let mu = area(hectares * 1_000_000).mu();
        prop_assert_eq!((mu.numerator, mu.denominator), (u128::from(hectares) * 15, 1));
    }

    #[test]
    fn rounding_is_off_by_at_most_half_a_place(hundredths in 0..=Area::MAX_HUNDREDTHS, places in 0..9u32) {
        let mu = area(hundredths).mu();
        let rounded = mu.round_half_up(places) * mu.denominator;
        let exact = mu.numerator * 10u128.pow(places);
        prop_assert!(2 * rounded.abs_diff(exact) <= mu.denominator);
    }
}
