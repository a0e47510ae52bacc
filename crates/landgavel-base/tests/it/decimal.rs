use core::cmp::Ordering;

use landgavel_base::Decimal;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn places_are_kept_as_written() {
    for text in ["0", "2", "2.0", "2.50", "0.001", "-1.5", "-0.5", "357.14", "9007199254740991"] {
        assert_eq!(decimal(text).to_string(), text);
    }
    assert_eq!((decimal("2.50").units(), decimal("2.50").places()), (250, 2));
}

#[test]
fn equal_values_may_differ_in_text() {
    assert_ne!(decimal("2.0"), decimal("2"));
    assert_eq!(decimal("2.0").compare(decimal("2")), Ordering::Equal);
    assert_eq!(decimal("-0.1").compare(decimal("0")), Ordering::Less);
    assert_eq!(decimal("10").compare(decimal("9.999")), Ordering::Greater);
}

#[test]
fn texts_that_would_be_shown_otherwise_are_refused() {
    for (text, position) in [
        ("", 1),
        ("-", 2),
        (".5", 1),
        ("5.", 3),
        ("02", 2),
        ("-00", 3),
        ("-0", 1),
        ("-0.0", 1),
        ("1.2.3", 4),
        ("+1", 1),
        ("1e3", 2),
        ("--1", 2),
        ("1 ", 2),
        ("9007199254740992", 16),
        ("0.1234567890", 12),
    ] {
        assert_eq!(Decimal::parse(text).unwrap_err().position, position, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_that_is_read_is_shown_as_it_was(text in "-?[0-9.]{0,18}") {
        if let Ok(number) = Decimal::parse(&text) {
            prop_assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn every_number_is_read_as_shown(units in -9_007_199_254_740_991i64..=9_007_199_254_740_991, places in 0..=9u8) {
        let number = Decimal::new(units, places).unwrap();
        prop_assert_eq!(Decimal::parse(&number.to_string()), Ok(number));
    }
}
