use landgavel_base::Ratio;
use proptest::prelude::*;

#[test]
fn percentages_are_shown_without_trailing_zeros() {
    for (ppm, text) in [
        (0, "0 %"),
        (375_000, "37.5 %"),
        (1_000_000, "100 %"),
        (1, "0.0001 %"),
        (10_010, "1.001 %"),
        (-5_000, "-0.5 %"),
        (-1_030_000, "-103 %"),
    ] {
        assert_eq!(Ratio::from_ppm(ppm).unwrap().to_string(), text);
    }
}

#[test]
fn ratios_beyond_a_million_wholes_are_refused() {
    assert!(Ratio::from_ppm(Ratio::MAX_PPM).is_some());
    assert!(Ratio::from_ppm(Ratio::MAX_PPM + 1).is_none());
    assert!(Ratio::from_ppm(-Ratio::MAX_PPM - 1).is_none());
}

proptest! {
    #[test]
    fn the_shown_percentage_reads_back(ppm in -Ratio::MAX_PPM..=Ratio::MAX_PPM) {
        let shown = Ratio::from_ppm(ppm).unwrap().to_string();
        let number = shown.strip_suffix(" %").unwrap();
        let magnitude = number.trim_start_matches('-');
        let (whole, places) = magnitude.split_once('.').unwrap_or((magnitude, ""));
        prop_assert!(!places.ends_with('0') && places.len() <= 4);
        let read = format!("{whole}{places:0<4}").parse::<i64>().unwrap();
        prop_assert_eq!(if number.starts_with('-') { -read } else { read }, ppm);
    }
}
