use landgavel_base::{Fixture, LandOwnership, Malformed, ParcelCode, ParcelKind, UnitNumber};
use proptest::prelude::*;

/// Wenling GY020108-2. Source: wl.gov.cn 59081668.
const WENLING: &str = "331081107218GB01022W00000000";

fn refusal(text: &str) -> Malformed {
    UnitNumber::parse(text).unwrap_err()
}

#[test]
fn a_published_number_splits_into_its_parts() {
    let number = UnitNumber::parse(WENLING).unwrap();
    let parcel = number.parcel();
    assert_eq!((parcel.county(), parcel.zone(), parcel.subzone()), ("331081", "107", "218"));
    assert_eq!((parcel.ownership(), parcel.kind()), (LandOwnership::State, ParcelKind::Surface));
    assert_eq!(parcel.sequence(), "01022");
    assert_eq!((number.fixture(), number.unit()), (Fixture::None, "00000000"));
}

#[test]
fn a_bare_parcel_ends_in_w_and_eight_zeros() {
    let parcel = ParcelCode::parse(&WENLING[..19]).unwrap();
    assert_eq!(UnitNumber::bare(parcel).to_string(), WENLING);
    let error = refusal("331081107218GB01022W00000010");
    assert_eq!((error.position, error.found), (27, Some('1')));
}

#[test]
fn a_building_names_its_unit() {
    let number = UnitNumber::parse("330782001001GB00001F00010012").unwrap();
    assert_eq!((number.fixture(), number.unit()), (Fixture::Building, "00010012"));
}

#[test]
fn the_first_wrong_position_is_named_with_what_was_expected() {
    for (text, position, expected) in [
        ("33108X107218GB01022W00000000", 6, "a digit"),
        ("331081107218QB01022W00000000", 13, "G, J or Z (who owns the land)"),
        ("331081107218GK01022W00000000", 14, "one of A B C D E F G H L N S W X Y (kind of parcel)"),
        ("331081107218GB01022K00000000", 20, "F, L, Q or W (what stands on the parcel)"),
        ("331081107218gB01022W00000000", 13, "G, J or Z (who owns the land)"),
        ("331081 107218GB01022W00000000", 7, "a digit"),
        ("331081107218GB01022W000000000", 29, "the end after 28 characters"),
    ] {
        let error = refusal(text);
        assert_eq!((error.position, error.expected), (position, expected));
    }
    assert_eq!(
        refusal("3310").to_string(),
        "real estate unit number: position 5 must be a digit, but the text ends before it"
    );
    assert_eq!(refusal("１").found, Some('１'));
}

#[test]
fn a_parcel_code_has_nineteen_characters() {
    assert_eq!(ParcelCode::parse(&WENLING[..18]).unwrap_err().position, 19);
    assert_eq!(ParcelCode::parse(WENLING).unwrap_err().position, 20);
}

proptest! {
    #[test]
    fn every_number_of_the_form_is_shown_as_it_was_read(text in "[0-9]{12}[GJZ][ABCDEFGHLNSWXY][0-9]{5}(W0{8}|[FLQ][0-9]{8})") {
        prop_assert_eq!(UnitNumber::parse(&text).unwrap().to_string(), &text[..]);
        prop_assert_eq!(ParcelCode::parse(&text[..19]).unwrap().to_string(), &text[..19]);
    }

    #[test]
    fn any_text_is_read_or_refused_at_a_position_within_reach(text in ".{0,40}") {
        if let Err(error) = UnitNumber::parse(&text) {
            prop_assert!((1..=29).contains(&error.position));
            prop_assert_eq!(error.found, text.chars().nth(error.position - 1));
        }
    }
}
