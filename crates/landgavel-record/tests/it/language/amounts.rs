use landgavel_base::{Bilingual, Money, Quantity};
use landgavel_record::language::{
    ParameterValue, format_money, format_quantity, join, load_lot, load_rulebook, parse_money, parse_quantity,
    working_calendar,
};
use landgavel_sale::rulebook::{Attribute, Direction, Per, Reference, StageKind, Unit, UnitKind};
use proptest::prelude::*;

use super::{Memory, Repository, samples};

fn attribute(text: &str, kind: UnitKind, decimals: u8) -> Attribute {
    Attribute {
        id: "x".into(),
        name: Bilingual::new("x", "x"),
        unit: Unit { text: text.into(), kind },
        decimals,
        direction: Direction::Up,
        base: None,
    }
}

fn wan(decimals: u8) -> Attribute {
    attribute("万元", UnitKind::Money { minor_per_unit: 1_000_000, per: Per::Lot, yearly: false }, decimals)
}

#[test]
fn quantities_are_exact_in_any_unit_of_the_measure() {
    let price = wan(2);
    let read = |text: &str| parse_quantity(&price, text).map(Quantity::quanta);
    assert_eq!(read("1820"), Ok(182_000));
    assert_eq!(read("1820 万元"), Ok(182_000));
    assert_eq!(read("0.01 亿元"), Ok(10_000));
    assert_eq!(read("18200000 元"), Ok(182_000));
    assert_eq!(read("10 thousand-CNY"), Ok(100));
    for refused in
        ["", "-1", "1.", ".5", "1e3", "1 820", "1,820", "0.001", "1 元", "1 SGD", "1 万元/亩", "1 万元/年", "1 亩"]
    {
        assert!(read(refused).is_err(), "{refused}");
    }
    let tax = attribute("万元/亩·年", UnitKind::Money { minor_per_unit: 1_000_000, per: Per::Mu, yearly: true }, 2);
    // 15 元/m² and year are exactly 10,000 元/亩 and year.
    assert_eq!(parse_quantity(&tax, "15 元/m2·年").map(Quantity::quanta), Ok(100));
    assert!(parse_quantity(&tax, "1 元/m2·年").is_err());
    let area = attribute("m2", UnitKind::Area { numerator: 100, denominator: 1 }, 2);
    assert_eq!(parse_quantity(&area, "3 亩").map(Quantity::quanta), Ok(200_000));
    assert!(parse_quantity(&area, "1 亩").is_err());
}

#[test]
fn money_is_read_and_shown() {
    let fen = |minor: i64| Money::from_minor(minor).unwrap();
    assert_eq!(parse_money("360 万元", "CNY"), Ok(fen(360_000_000)));
    assert_eq!(parse_money("0.05 元", "CNY"), Ok(fen(5)));
    assert_eq!(parse_money("2 crore-INR", "INR"), Ok(fen(2_000_000_000)));
    assert_eq!(parse_money("7 JPY", "JPY"), Ok(fen(7)));
    for refused in ["360", "0.001 元", "1 SGD", "1 万元/亩", "99999999999 亿元"] {
        assert!(parse_money(refused, "CNY").is_err(), "{refused}");
    }
    assert_eq!(format_money(fen(360_000_000), "CNY"), "360 万元");
    assert_eq!(format_money(fen(123_456_789), "CNY"), "123.456789 万元");
    assert_eq!(format_money(fen(1_050), "CNY"), "10.5 元");
    assert_eq!(format_money(fen(1_050), "SGD"), "10.5 SGD");
}

#[test]
fn paths_are_joined_by_text_alone() {
    assert_eq!(join("lots/cn/a.toml", "../../rulebooks/b.toml"), "rulebooks/b.toml");
    assert_eq!(join("/x/lots/a.toml", "./b.toml"), "/x/lots/b.toml");
    assert_eq!(join("a.toml", "b.toml"), "b.toml");
    assert_eq!(join("a.toml", "../b.toml"), "../b.toml");
    assert_eq!(join("a/b.toml", "/c.toml"), "/c.toml");
    assert_eq!(join("/a.toml", "../../b.toml"), "/b.toml");
}

#[test]
fn calendars_are_carried() {
    assert_eq!(working_calendar("cn").unwrap().years(), (2019, 2026));
    assert_eq!(working_calendar("weekdays").unwrap().years(), (1970, 2200));
    assert!(working_calendar("nowhere").is_none());
}

const STAGE: &str = "[[stages]]
id = \"two\"
title = { zh = \"二\", en = \"two\" }
kind = \"sealed\"
attribute = \"price\"
window = { closes = \"30 min\" }
open_within = \"30 min\"
";

/// The lower bound of a sealed bid with this expression: constant and parts in ppm.
fn bound(expression: &str) -> Result<(i64, Vec<(i64, Reference)>), String> {
    let base = include_str!("base.toml");
    let end = base.find("[award]").unwrap();
    let text = format!("{}{STAGE}min = \"{expression}\"\n{}", &base[..end], &base[end..]);
    let text = text.replace("exits = { empty = { back = \"price\" } }", "exits = { settled = \"next\" }");
    let text = text.replace(
        "[admission]\n",
        "[parameters.share]\nof = \"percent\"\nmeaning = \"x\"\nexample = \"12.5 %\"\n\n[admission]\n",
    );
    let loaded = load_rulebook(&Memory::default().with("r.toml", &text), "r.toml")
        .map_err(|findings| findings.iter().map(|finding| format!("{finding}\n")).collect::<String>())?;
    let StageKind::Sealed(sealed) = &loaded.lot.rulebook.stages[2].kind else { return Err("sealed".into()) };
    let at = &sealed.quotes[0].min.as_ref().ok_or("no bound")?.at;
    Ok((at.constant.quanta(), at.parts.iter().map(|part| (part.share.ppm(), part.of)).collect()))
}

#[test]
fn expressions_fold_constants_and_keep_references() {
    use landgavel_sale::rulebook::{AttributeId, StageId};
    let first = StageId(0);
    assert_eq!(bound("1000 万元 + 0.1 亿元"), Ok((2000, vec![])));
    assert_eq!(bound("120 % of $start"), Ok((1200, vec![])));
    assert_eq!(bound("$share of 1003 万元"), Ok((125, vec![])), "rounded down");
    assert_eq!(
        bound("price.cap + 2 x price.step"),
        Ok((0, vec![(1_000_000, Reference::Cap(first)), (2_000_000, Reference::Step(first))]))
    );
    assert_eq!(bound("price.best - 5 万元"), Ok((-5, vec![(1_000_000, Reference::Best(first))])));
    assert_eq!(
        bound("price.cap - 10 % of own.price"),
        Ok((0, vec![(1_000_000, Reference::Cap(first)), (-100_000, Reference::Own(AttributeId(0)))]))
    );
    for refused in [
        "",
        "+",
        "price.cap +",
        "% of price.cap",
        "0.00001 % of price.cap",
        "two.best",
        "tax.start",
        "5 万元 - 6 万元",
        "$share",
        "1 2",
        "price . cap",
        "start",
    ] {
        assert!(bound(refused).is_err(), "{refused}");
    }
}

#[test]
fn values_of_the_lot_replace_the_examples() {
    let loaded = load_lot(&Repository, samples::LOT).unwrap();
    let value = |id: &str| loaded.parameters.iter().find(|parameter| parameter.id == id).unwrap();
    assert!(!value("bid_bond").is_example);
    assert_eq!(value("bid_bond").value, Some(ParameterValue::Money(Money::from_minor(360_000_000).unwrap())));
    assert_eq!(value("bid_bond").text, "360 万元");
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(quanta in 0..=landgavel_base::SAFE_INTEGER_MAX, decimals in 0u8..=9) {
        let attribute = wan(decimals);
        let quantity = Quantity::new(quanta).unwrap();
        prop_assert_eq!(parse_quantity(&attribute, &format_quantity(&attribute, quantity)), Ok(quantity));
    }

    #[test]
    fn shown_money_reads_back(minor in 0..=landgavel_base::SAFE_INTEGER_MAX) {
        for currency in ["CNY", "SGD", "JPY", "KWD"] {
            let money = Money::from_minor(minor).unwrap();
            prop_assert_eq!(parse_money(&format_money(money, currency), currency), Ok(money));
        }
    }

    #[test]
    fn any_expression_gives_an_answer(text in "[a-z0-9$%. +x×-]{0,30}|[ -~万元亩年]{0,20}") {
        let _ = bound(&text.replace(['"', '\\'], ""));
    }
}
