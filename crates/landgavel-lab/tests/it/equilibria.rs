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
fn the_worked_study_is_the_one_that_is_told_of() {
    let read = |name: &str| std::fs::read_to_string(crate::root().join("docs/studies").join(name)).unwrap();
    let (text, page, table) = (read("four-part.toml"), read("four-part.html"), read("four-part.csv"));
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    assert!(page.contains(&escaped), "the report is of another study: make it again");
    let path = crate::root().join("docs/studies/four-part.toml");
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
