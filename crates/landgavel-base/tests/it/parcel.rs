use landgavel_base::{
    Area, Bilingual, Decimal, LandUse, Parcel, PlanningCondition, Position, Source, SourceNote, UnitNumber,
};

fn condition(min: Option<&str>, max: Option<&str>) -> PlanningCondition {
    PlanningCondition {
        id: "far".into(),
        name: Bilingual::new("容积率", "Floor area ratio"),
        unit: "1".into(),
        min: min.map(|text| Decimal::parse(text).unwrap()),
        max: max.map(|text| Decimal::parse(text).unwrap()),
        source: None,
    }
}

fn is_met(condition: &PlanningCondition, value: &str) -> bool {
    condition.is_met_by(Decimal::parse(value).unwrap())
}

#[test]
fn both_bounds_belong_to_the_allowed_values() {
    let range = condition(Some("2.0"), Some("2.5"));
    for (value, met) in [("1.99", false), ("2", true), ("2.25", true), ("2.500", true), ("2.501", false)] {
        assert_eq!(is_met(&range, value), met, "{value}");
    }
}

#[test]
fn a_missing_bound_allows_everything_on_its_side() {
    assert!(is_met(&condition(Some("2.0"), None), "1000"));
    assert!(is_met(&condition(None, Some("20")), "0"));
    assert!(is_met(&condition(None, None), "-1"));
}

#[test]
fn a_published_parcel_can_be_written_down() {
    // Wenling GY020108-2, 2025. Source: wl.gov.cn 59081668.
    let published = Source::Published(SourceNote { law: "出让公告".into(), ..SourceNote::default() });
    let parcel = Parcel {
        id: "GY020108-2".into(),
        name: Bilingual::new("GY020108-2", "GY020108-2"),
        location: Bilingual::new("温岭", "Wenling"),
        unit_number: Some(UnitNumber::parse("331081107218GB01022W00000000").unwrap()),
        area: Area::from_hundredths_m2(1_508_100).unwrap(),
        outline: Vec::new(),
        land_use: LandUse { code: "100102".into(), name: Bilingual::new("二类工业用地", "Industry, class 2") },
        industries: vec!["345".into()],
        term_years: 50,
        conditions: vec![PlanningCondition { source: Some(published), ..condition(Some("2.0"), None) }],
    };
    assert_eq!(parcel.area.mu().to_string(), "22.62");
    assert!(is_met(&parcel.conditions[0], "2.0"));
}

#[test]
fn a_corner_keeps_seven_places_and_stays_on_the_earth() {
    let corner = Position::parse("120.0712345 -29.3").unwrap();
    assert_eq!((corner.longitude(), corner.latitude()), (1_200_712_345, -293_000_000));
    assert!(Position::parse("180 90").is_some());
    for wrong in ["180.0000001 0", "0 90.0000001", "120.07123456 29", "120,29", "120", "", "120  29", "x 29"] {
        assert_eq!(Position::parse(wrong), None, "{wrong}");
    }
}
