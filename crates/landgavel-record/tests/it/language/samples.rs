use landgavel_record::language::{Finding, format_quantity, load_lot, load_rulebook};
use landgavel_sale::rulebook::StageKind;

use super::Repository;

pub(crate) const RULEBOOK: &str = "rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml";
pub(crate) const LOT: &str = "lots/cn/zhejiang/yiwu/sample-p1.toml";

fn list(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

#[test]
fn the_sample_lot_loads_without_a_finding() {
    let loaded = load_lot(&Repository, LOT).map_err(|findings| list(&findings)).unwrap();
    assert_eq!(list(&loaded.findings), "");
    assert!(loaded.is_sample);
    assert_eq!(loaded.lot.rulebook.stages.len(), 3);
    let StageKind::Ascending(price) = &loaded.lot.rulebook.stages[0].kind else { panic!("price is ascending") };
    let attribute = loaded.lot.rulebook.attribute(price.attribute);
    assert_eq!(format_quantity(attribute, price.start.constant), "1800 万元");
    assert_eq!(loaded.lot.area.mu().to_string(), "30");
}

#[test]
fn the_sample_rulebook_loads_alone_with_its_examples() {
    let loaded = load_rulebook(&Repository, RULEBOOK).map_err(|findings| list(&findings)).unwrap();
    assert_eq!(list(&loaded.findings), "");
    assert!(loaded.parameters.iter().all(|parameter| parameter.is_example && parameter.value.is_some()));
    assert_eq!(loaded.lot.calendar.len(), loaded.lot.rulebook.calendar.len());
}
