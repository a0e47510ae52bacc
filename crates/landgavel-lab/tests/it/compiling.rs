use landgavel_lab::course::{LegKind, Next, compile};
use landgavel_sale::rulebook::Survivors;

#[test]
fn the_four_part_rule_is_two_ladders_and_a_draw() {
    let course = compile(&crate::lot("cn/zhejiang/wenling/gy020108-2-four-part.toml")).unwrap();
    let [price, tax, draw] = course.legs.as_slice() else { panic!("{course:?}") };
    let (LegKind::Ladder(price_ladder), LegKind::Ladder(tax_ladder)) = (price.kind, tax.kind) else { panic!() };
    assert_eq!((price_ladder.start, price_ladder.step, price_ladder.top), (1963, 20, Some(27)));
    assert_eq!((tax_ladder.start, tax_ladder.step, tax_ladder.top), (2500, 100, Some(15)));
    assert_eq!(draw.kind, LegKind::Draw);
    assert!(matches!(&price.capped, Next::Go { leg: 1, survivors: Survivors::Acceptors, at_least: 2, .. }));
    assert!(matches!(&tax.empty, Next::Go { leg: 2, survivors: Survivors::Field, .. }));
    assert_eq!((price_ladder.rung(1962), price_ladder.rung(1982), price_ladder.rung(9000)), (None, Some(0), Some(27)));
}

#[test]
fn what_only_the_engine_knows_is_named() {
    let error = compile(&crate::lot("cn/jiangsu/changzhou/2024-11-29.toml"));
    if let Err(error) = error {
        assert!(!error.stage.is_empty(), "{error}");
    }
    let sealed = compile(&crate::lot("cn/zhejiang/wenling/dx020306-4-2023.toml"));
    assert!(sealed.is_ok() || sealed.is_err_and(|error| !error.what.is_empty()));
}
