//! Play that is meant to be an equilibrium is measured, and claimed only within the limit that a study states.

use landgavel_lab::certify::measure;
use landgavel_lab::conduct::{Claim, Conduct};
use landgavel_lab::population::Types;
use landgavel_lab::report::Findings;
use landgavel_lab::simulate::Measure;
use landgavel_lab::study::Study;
use landgavel_lab::summary::summaries;
use landgavel_lab::work::{Finished, Shard, Work};

use crate::Repository;

const DESIGNS: &str = r#"
[[designs]]
id = "open"
title = { zh = "公开", en = "open" }
lot = "../lots/cn/zhejiang/wenling/gy020108-2-four-part.toml"
promise = "tax"

[[designs]]
id = "sealed-tax"
title = { zh = "密封报税", en = "sealed tax" }
lot = "lots/gy020108-2-four-part-sealed.toml"
promise = "tax"
bond = [0.1, 0.5]

[[designs]]
id = "sealed-price"
title = { zh = "密封报价", en = "sealed price" }
lot = "lots/gy020108-2-sealed-price.toml"
promise = "tax"

[[designs]]
id = "sealed-last"
title = { zh = "末轮密封", en = "sealed last quote" }
lot = "lots/gy020108-2-price-sealed-last.toml"
promise = "tax"
"#;

fn study(behaviour: &str) -> String {
    let shipped = std::fs::read_to_string(crate::root().join("studies/yiwu-four-part.toml")).unwrap();
    let start = shipped.find("[[designs]]").unwrap();
    let text = shipped[..start].replace("sales = 20000", "sales = 20000\n");
    text.replace("[objective]", &format!("[behaviour]\n{behaviour}\n\n[objective]")) + DESIGNS
}

fn work(text: &str) -> Work {
    let path = crate::root().join("studies/yiwu-four-part.toml");
    Work::new(&Repository, path.to_str().unwrap(), Study::parse(text).unwrap())
        .unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn played(work: &Work, threads: usize) -> Finished {
    let mut finished = Finished::new();
    let left = work.left(Shard::WHOLE, &finished);
    work.run(&left, threads, &mut |key, sums| finished.insert(key, sums).is_none());
    finished
}

const OPEN_PRICE: &str = r#"
format = "landgavel-study/1"
title = { zh = "报名要花钱", en = "Coming costs" }
seed = 7
sales = 400000
[population]
bidders = [2]
value = { distribution = "uniform", low = 0, high = 4000 }
productivity = { distribution = "constant", value = 30 }
delivery_spread = 0
entry_cost = 1000
source = "theory"
[behaviour]
kind = "equilibrium"
[objective]
low_price = 1
quality = 1
delivered = 1
default_at_most = 1
[[designs]]
id = "price-only"
title = { zh = "只竞价", en = "Price only" }
lot = "../lots/cn/zhejiang/wenling/gy020108-2-four-part.toml"
set = { price_cap = "9960 万元", price_start = "2000 万元", price_step = "4 万元" }
"#;

#[test]
fn who_comes_where_coming_costs_is_what_theory_says() {
    // Two bidders, values even on [0, 4], reserve 2, cost 1: those come for whom (v − 2) v / 4 ≥ 1, that is from 1 + √5 = 3.2361 on.
    let work = work(OPEN_PRICE);
    let Claim::Measured(found) = &work.conducts[0].claim else { panic!("{:?}", work.conducts[0].claim) };
    let comes: Vec<f64> = work
        .types()
        .all()
        .iter()
        .enumerate()
        .filter(|(kind, _)| !work.conducts[0].is_away(*kind))
        .map(|(_, one)| one.value)
        .collect();
    let least = comes.iter().copied().fold(f64::MAX, f64::min);
    assert!((least / 1000.0 - (1.0 + 5f64.sqrt())).abs() < 0.004, "{least}");
    assert!(found.relative < 1e-3 && found.worst < 1.0, "{found:?}");
    assert!((found.coming - (1.0 - least / 4000.0)).abs() < 1e-3, "{found:?}");
    // Nobody comes: 0.6545 of sales. Revenue, with nothing where nobody comes: 0.745356.
    let of = summaries(&played(&work, 2), 1);
    let summary = of[0].as_ref().unwrap();
    let sold = summary.sold.mean;
    assert!((sold - (1.0 - 0.6545)).abs() < 0.004, "{sold}");
    let mu = 15_081.0 * 3.0 / 2000.0;
    let revenue = sold * summary.get(Measure::Revenue).mean * mu / 1000.0;
    assert!((revenue - 0.745_356).abs() < 0.008, "{revenue}");
    // What a bidder earns on average, cost taken off: half of what winners keep, less a cost for each who comes.
    let rent = sold * summary.get(Measure::Rent).mean * mu / 2.0 - found.coming * 1000.0;
    assert!((found.earned - rent).abs() < 3.0, "{} {rent}", found.earned);
    // Where coming costs next to nothing all come who could win; where it costs more than the plot is worth, nobody does.
    let with = |cost: &str| self::work(&OPEN_PRICE.replace("entry_cost = 1000", cost));
    let coming = |work: &Work| work.certificate(0).unwrap().coming;
    let cheap = coming(&with("entry_cost = 0.001"));
    assert!((cheap - 0.5).abs() < 0.02, "{cheap}");
    assert_eq!((coming(&with("")), coming(&with("entry_cost = 2001"))), (1.0, 0.0));
    // The report says what it rests on, and other behaviours know of no entry.
    let report = Findings::new(&work, &Finished::new()).html(OPEN_PRICE);
    assert!(report.contains("coming costs 1000 (10,000 yuan") && report.contains("share that comes"));
    let bad = Study::parse(&OPEN_PRICE.replace("kind = \"equilibrium\"", "kind = \"truthful\"")).unwrap_err();
    assert_eq!(bad.place, "population.entry_cost");
    let bad = Study::parse(&OPEN_PRICE.replace("entry_cost = 1000", "budget = 5")).unwrap_err();
    assert!(bad.text.contains("expected a distribution, such as {"), "{bad}");
}

#[test]
fn open_bids_end_where_the_second_budget_or_value_does() {
    // Values and budgets even on [0, 1] and independent: the lower of them exceeds t with (1 − t)², both bidders' with (1 − t)⁴, whose integral is 1/5.
    let text = OPEN_PRICE.replace("entry_cost = 1000", "budget = { distribution = \"uniform\", low = 0, high = 4000 }");
    let work = work(&text.replace("\"2000 万元\"", "\"4 万元\"").replace("9960", "9964"));
    let found = work.certificate(0).unwrap();
    assert!(found.relative < 2e-3, "{found:?}");
    let of = summaries(&played(&work, 2), 1);
    let summary = of[0].as_ref().unwrap();
    let mu = 15_081.0 * 3.0 / 2000.0;
    let price = summary.sold.mean * summary.get(Measure::Price).mean * mu / 4000.0;
    assert!((price - 0.2).abs() < 0.002, "{price}");
    // Whoever pays more than it can is no deviation; a sealed price among short budgets is not claimed to be solved.
    let sealed = study("kind = \"equilibrium\"")
        .replace("correlation = ", "budget = { distribution = \"constant\", value = 2300 }\ncorrelation = ");
    let sealed = self::work(&sealed.replace("bond = [0.1, 0.5]", "bond = [0.1]"));
    assert!(matches!(&sealed.conducts[2].claim, Claim::Unknown(why) if why.contains("budgets")));
    assert!(sealed.certificate(0).unwrap().relative < 0.005);
    let report = Findings::new(&sealed, &Finished::new()).html("");
    assert!(report.contains("the most that a bidder can pay") && !report.contains("short budgets, "));
    let bad = Study::parse(&text.replace("high = 4000 }\nsource", "high = -4000 }\nsource")).unwrap_err();
    assert!(bad.place.starts_with("population."), "{bad}");
}

#[test]
fn who_comes_is_found_before_a_later_sealed_quote_and_not_before_a_first_one() {
    let text = study("kind = \"equilibrium\"").replace("correlation = ", "entry_cost = 60\ncorrelation = ");
    let text = text.replace("bond = [0.1, 0.5]", "bond = [0.1]").replace("bidders = [5]", "bidders = [3]");
    let work = work(&text);
    let claims: Vec<&Claim> = work.conducts.iter().map(|conduct| &conduct.claim).collect();
    for (case, claim) in claims[..2].iter().enumerate() {
        let Claim::Measured(found) = claim else { panic!("{case}: {claim:?}") };
        assert!(found.coming > 0.1 && found.coming < 0.9 && found.relative < 0.005, "{case}: {found:?}");
    }
    assert!(matches!(claims[2], Claim::Unknown(why) if why.contains("begin with open bids")), "{:?}", claims[2]);
}

#[test]
fn play_is_measured_and_earns_what_the_measurement_says() {
    let work = work(&study("kind = \"equilibrium\""));
    let finished = played(&work, 2);
    let of = summaries(&finished, work.choices.len());
    for (case, summary) in of.iter().enumerate() {
        let Claim::Measured(found) = &work.conducts[case].claim else {
            panic!("{case}: {:?}", work.conducts[case].claim)
        };
        assert!(found.epsilon >= 0.0 && found.relative < 0.005 && found.worst >= found.epsilon, "{case}: {found:?}");
        assert!(found.is_one(), "{case}: {found:?}");
        let summary = summary.as_ref().unwrap();
        let (rent, mu) = (summary.get(Measure::Rent), 15_081.0 * 3.0 / 2000.0);
        // What the winner keeps, shared by five, is what a bidder earns: one from sales played, the other from exact odds.
        let shared = rent.mean * summary.sold.mean * mu / 5.0;
        let error = 1.5 * (rent.half * mu + summary.sold.half * rent.mean * mu) / 5.0;
        assert!((shared - found.earned).abs() < error, "{case}: {shared} is not {} within {error}", found.earned);
    }
}

#[test]
fn whoever_shades_in_open_bids_is_found_out() {
    let work = work(&study("kind = \"equilibrium\""));
    let types = Types::new(&work.study.population).unwrap();
    let gain =
        |margin| measure(&work.games[0], &types, Conduct::new(&work.games[0], &types, margin), 5).unwrap().relative;
    assert!(gain(0.0) < 1e-4, "{}", gain(0.0));
    assert!(gain(0.1) > 0.05, "who stops a tenth short gains by going on: {}", gain(0.1));
}

#[test]
fn figures_are_claimed_within_the_limit_and_the_bytes_are_the_same() {
    let text = study("kind = \"equilibrium\"").replace("sales = 20000", "sales = 500");
    let text = text[..text.find("[[designs]]\nid = \"sealed-price\"").unwrap()].to_owned();
    let (one, other) = (work(&text), work(&text));
    let (alone, together) = (played(&one, 1), played(&other, 3));
    let (alone, together) = (Findings::new(&one, &alone), Findings::new(&other, &together));
    assert_eq!((alone.csv(), alone.html(&text)), (together.csv(), together.html(&text)));
    let csv = alone.csv();
    assert!(csv.lines().skip(1).all(|row| row.contains(",equilibrium,")), "{csv}");
    assert!(alone.advice()[0].best.is_some() && alone.html("").contains("ε"));

    let strict = text.replace("kind = \"equilibrium\"", "kind = \"equilibrium\"\ngain_at_most = 1e-5");
    let strict = work(&strict);
    let finished = played(&strict, 2);
    let findings = Findings::new(&strict, &finished);
    let (csv, html) = (findings.csv(), findings.html(""));
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert!(rows[1..].iter().all(|row| row.contains(",none,") && row.ends_with(",,,")), "{csv}");
    assert!(html.contains("Nothing is claimed of B") && html.contains("C 不下结论"), "{html}");
    assert!(findings.advice()[0].scores.iter().all(|(case, _)| *case == 0));
}

#[test]
fn sealed_quotes_without_an_equilibrium_are_refused() {
    let text = study("kind = \"truthful\"");
    let path = crate::root().join("studies/yiwu-four-part.toml");
    let wrong = Work::new(&Repository, path.to_str().unwrap(), Study::parse(&text).unwrap()).unwrap_err();
    assert!(wrong.place == "designs.sealed-tax.lot" && wrong.text.contains("equilibrium"), "{wrong}");
    for (behaviour, place) in [
        ("kind = \"equilibrium\"\ngain_at_most = 2", "behaviour.gain_at_most"),
        ("kind = \"shells\"\nfirms = 0", "behaviour.firms"),
        ("kind = \"shells\"\nfirms = 60", "population.bidders"),
        ("kind = \"shill\"\nto = -1", "behaviour.to"),
    ] {
        assert_eq!(Study::parse(&study(behaviour)).unwrap_err().place, place, "{behaviour}");
    }
}

#[test]
fn the_worked_studies_are_those_that_are_told_of() {
    for study in ["four-part", "lucheng"] {
        let read = |name: &str| std::fs::read_to_string(crate::root().join("docs/studies").join(name)).unwrap();
        let [text, page, table] = ["toml", "html", "csv"].map(|end| read(&format!("{study}.{end}")));
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(page.contains(&escaped), "the report is of another study: make it again");
        let path = crate::root().join(format!("docs/studies/{study}.toml"));
        let work = Work::new(&Repository, path.to_str().unwrap(), Study::parse(&text).unwrap()).unwrap();
        assert_eq!(table.lines().count(), work.choices.len() + 1);
        let place = table.lines().next().unwrap().split(',').position(|name| name == "epsilon").unwrap();
        let columns = table.lines().next().unwrap().split(',').count();
        for (case, row) in table.lines().skip(1).enumerate() {
            // Settings hold commas, so columns are counted from the end.
            let told: f64 = row.rsplit(',').nth(columns - 1 - place).unwrap().parse().unwrap();
            let found = work.certificate(case).unwrap();
            assert!((told - found.epsilon).abs() <= 1e-6 * found.earned, "{row}");
            assert!(work.no_claim(case).is_none(), "{row}");
        }
    }
}
