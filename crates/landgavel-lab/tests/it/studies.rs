//! Studies: the shipped one, the same bytes on any number of threads, and what is refused.

use landgavel_lab::bidder::Bidder;
use landgavel_lab::report::Findings;
use landgavel_lab::simulate::{Case, Ended, Measure};
use landgavel_lab::study::Study;
use landgavel_lab::work::{Finished, Shard, Work, line, read_line};

use crate::Repository;

const SHIPPED: &str = "studies/yiwu-four-part.toml";

fn text() -> String {
    std::fs::read_to_string(crate::root().join(SHIPPED)).unwrap()
}

fn work(text: &str) -> Work {
    let path = crate::root().join(SHIPPED);
    Work::new(&Repository, path.to_str().unwrap(), Study::parse(text).unwrap())
        .unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn played(work: &Work, shards: u64, threads: usize) -> Finished {
    let mut finished = Finished::new();
    for index in 0..shards {
        let left = work.left(Shard { index, of: shards }, &finished);
        work.run(&left, threads, &mut |key, sums| {
            // Through the file of blocks and back.
            let (again, read) = read_line(&line(key, &sums)).unwrap();
            finished.insert(again, read);
            true
        });
    }
    finished
}

#[test]
fn threads_and_shards_change_nothing() {
    let work = work(&text().replace("sales = 20000", "sales = 1000"));
    let none = Finished::new();
    let mut shared: Vec<_> = (0..3).flat_map(|index| work.left(Shard { index, of: 3 }, &none)).collect();
    shared.sort_unstable();
    assert_eq!(shared, work.left(Shard::WHOLE, &none), "each block is in one shard");
    let one = played(&work, 1, 1);
    let many = played(&work, 3, 3);
    assert_eq!(one, many);
    let (one, many) = (Findings::new(&work, &one), Findings::new(&work, &many));
    assert_eq!((one.csv(), one.html("")), (many.csv(), many.html("")));
    assert!(one.advice()[0].best.is_some());
    assert_eq!(one.csv().lines().count(), work.choices.len() + 1);
}

#[test]
fn a_larger_bond_never_brings_more_default() {
    // Caps alike, bonds of 10 % and 20 %: who stands behind more promises less recklessly.
    let work = work(&text().replace("sales = 20000", "sales = 2000"));
    let findings_of = played(&work, 1, 2);
    let csv = Findings::new(&work, &findings_of).csv();
    let default = |row: &str| row.rsplit(',').nth(7).unwrap().parse::<f64>().unwrap();
    let rows: Vec<&str> = csv.lines().filter(|row| row.contains("four-part")).collect();
    assert_eq!(rows.len(), 8);
    for pair in rows.chunks(2) {
        assert!(pair[0].contains("bond = 10 %") && pair[1].contains("bond = 20 %"));
        assert!(default(pair[0]) > default(pair[1]), "{pair:?}");
    }
}

#[test]
fn an_unfinished_study_reports_what_is_finished() {
    let work = work(&text().replace("sales = 20000", "sales = 100"));
    let mut finished = Finished::new();
    let left = work.left(Shard::WHOLE, &finished);
    work.run(&left, 1, &mut |key, sums| {
        finished.insert(key, sums);
        finished.len() < 150
    });
    let findings = Findings::new(&work, &finished);
    assert_eq!(findings.csv().lines().count(), 2, "one case is whole");
    assert!(findings.html("<script>").contains("not finished"));
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let good = text();
    let population = good.find("[population]").unwrap();
    for (from, to, place) in [
        ("format = \"landgavel-study/1\"", "format = \"landgavel-study/2\"", "format"),
        ("sales = 20000", "sales = 0", "sales"),
        ("sales = 20000", "sales = 1000000000000", "sales"),
        ("bidders = [5]", "bidders = []", "population.bidders"),
        ("bidders = [5]", "bidders = [0]", "population.bidders"),
        ("bidders = [5]", "bidders = [65]", "population.bidders"),
        ("distribution = \"log-normal\", median = 2600, sigma = 0.2", "distribution = \"zipf\"", "line"),
        ("median = 2600, sigma = 0.2", "median = -1, sigma = 0.2", "population.value"),
        (
            "distribution = \"log-normal\", median = 2600, sigma = 0.2",
            "distribution = \"normal\", mean = 1, variance = -1",
            "population.value",
        ),
        ("correlation = 0.5", "correlation = 1.5", "population.correlation"),
        ("delivery_spread = 0.4", "delivery_spread = nan", "population.delivery_spread"),
        ("bond = [0.1, 0.2]", "bond = [-0.1]", "designs.four-part.bond"),
        ("default_at_most = 0.25", "default_at_most = 25", "objective.default_at_most"),
        ("id = \"cap-tax\"", "id = \"price-only\"", "designs.price-only.id"),
        ("seed = 2026", "seed = 2026\nspeed = 3", "line"),
        ("median = 2600, sigma = 0.2", "median = 2600, sigma = 9", "population.value"),
        ("median = 30, sigma = 0.3", "median = 1e300, sigma = 0.3", "population.productivity"),
    ] {
        assert!(good.contains(from), "{from}");
        let wrong = Study::parse(&good.replacen(from, to, 1)).unwrap_err();
        // Most say the field; what is no study at all says the line alone.
        let is_there = if place == "line" { wrong.rule == "syntax" } else { wrong.place == place };
        assert!(is_there, "{to}: {wrong}");
        let line = good[..good.find(from).unwrap()].matches('\n').count() + 1;
        assert!(wrong.line.is_some_and(|at| at.abs_diff(line) <= 1), "{to}: {wrong}");
    }
    // Lists that multiply: refused before one case is made.
    let many = |list: &str| vec![list; 20_000].join(",");
    let lists = good.replacen("[5]", &format!("[{}]", many("5")), 1);
    let lists = lists.replacen("bond = [0.1, 0.2]", &format!("bond = [{}]", many("0.1")), 1);
    assert_eq!(Study::parse(&lists).unwrap_err().place, "designs");
    assert!(Study::parse(&good[..population]).is_err());
    let none = Study::parse(&good[..good.find("[[designs]]").unwrap()]).unwrap_err();
    assert_eq!(none.place, "designs");
}

#[test]
fn a_lot_that_is_not_there_or_does_not_compile_is_named() {
    let lots = [
        ("../lots/cn/zhejiang/wenling/gy020108-2-four-part.toml", "../lots/nowhere.toml", "designs.price-only.lot"),
        ("price_cap = \"9963 万元\"", "price_cap = \"1 万元\"", "designs.price-only.lot"),
        ("promise = \"tax\"\nset = { price_cap", "promise = \"rent\"\nset = { price_cap", "designs.price-only.promise"),
    ];
    for (from, to, place) in lots {
        let study = Study::parse(&text().replacen(from, to, 1)).unwrap();
        let path = crate::root().join(SHIPPED);
        let wrong = Work::new(&Repository, path.to_str().unwrap(), study).unwrap_err();
        assert_eq!(wrong.place, place, "{wrong}");
    }
    // Where it stands in the lot or its rulebook, and which rule it breaks.
    let study = Study::parse(&text().replacen("price_cap = \"9963 万元\"", "price_cap = \"1 万元\"", 1)).unwrap();
    let wrong = Work::new(&Repository, crate::root().join(SHIPPED).to_str().unwrap(), study).unwrap_err();
    assert!(wrong.file.as_deref().is_some_and(|file| file.ends_with(".toml")) && wrong.line.is_some(), "{wrong:?}");
    assert!(!["value", "syntax"].contains(&&*wrong.rule) && wrong.text.contains("price"), "{wrong:?}");
}

#[test]
fn advice_follows_the_objective_and_says_what_it_cannot_tell_apart() {
    let objective = "low_price = 1\nquality = 1\ndelivered = 1\ndefault_at_most = 0.25";
    let advised = |goal: &str| {
        let text = text().replacen(objective, goal, 1).replace("sales = 20000", "sales = 2000");
        let text = text[..text.find("[[designs]]\nid = \"four-part\"").unwrap()].to_owned();
        // The same design under another name.
        let twin = text[text.find("[[designs]]\nid = \"cap-lottery\"").unwrap()
            ..text.find("[[designs]]\nid = \"cap-tax\"").unwrap()]
            .replacen("cap-lottery", "twin", 1);
        let work = work(&(text + "\n" + &twin));
        let finished = played(&work, 1, 2);
        let advice = Findings::new(&work, &finished).advice()[0].clone();
        let id = |case: &usize| work.study.designs[work.choices[*case].design].id.clone();
        (advice.best.as_ref().map(id), advice.not_separable.iter().map(id).collect::<Vec<_>>(), advice.scores)
    };
    let (best, ..) = advised("low_price = 0\nquality = 1\ndelivered = 0\ndefault_at_most = 1");
    assert_eq!(best.as_deref(), Some("price-only"), "without a cap the best firm wins most often");
    let (best, equal, scores) = advised("low_price = 1\nquality = 0\ndelivered = 0\ndefault_at_most = 0.15");
    // Both designs with lots alone cost the same and default little; one is named, the other not told apart.
    let (best, pair) = (best.unwrap(), ["cap-lottery".to_owned(), "twin".to_owned()]);
    assert!(
        pair.contains(&best) && equal.iter().all(|id| pair.contains(id) && *id != best) && equal.len() == 1,
        "{best} {equal:?}"
    );
    assert!(scores.iter().any(|(_, score)| score.is_none()), "some default too often");
    let (best, _, scores) = advised("low_price = 1\nquality = 1\ndelivered = 1\ndefault_at_most = 0");
    assert!(best.is_none() && scores.iter().all(|(_, score)| score.is_none()));
}

#[test]
fn bidders_stop_where_their_surplus_is_gone() {
    let work = work(&text());
    // The four-part rule as the lot has it: cap 25.03 million, tax from 25, bond 20 %.
    let case = work
        .choices
        .iter()
        .position(|choice| choice.label().ends_with("tax_cap = 40 万元/亩·年, bond = 20 %"))
        .unwrap();
    let game = &work.games[case];
    let cap = 2303.0;
    for (value, productivity) in [(2310.0, 30.0), (2400.0, 24.0), (2600.0, 30.0), (2320.0, 45.0), (9000.0, 20.0)] {
        let bidder = Bidder { value, productivity, spread: 0.4, budget: f64::INFINITY };
        let mut limits = [0; 2];
        game.limits_of(&bidder, 0.0, &mut limits);
        let at_limit = limits[0] as f64;
        let kept = |price: f64| value - price - bidder.cost(25.0, game.terms(price));
        assert!(kept(at_limit) > -2.0 && kept(at_limit + 3.0) < 0.0, "{bidder:?}: {at_limit}");
        let cost = |promise: i64| bidder.cost(promise as f64 / 100.0, game.terms(cap));
        assert!(limits[1] < 2500 || cost(limits[1]) <= value - cap, "{bidder:?}: {limits:?}");
        assert!(limits[1] == 4000 || cost((limits[1] + 100).max(2500)) > value - cap, "{bidder:?}: {limits:?}");
    }
    let mut limits = [0; 2];
    game.limits_of(&Bidder { value: 2000.0, productivity: 30.0, spread: 0.4, budget: f64::INFINITY }, 0.0, &mut limits);
    assert!(limits[0] <= 2000 && limits[1] < 2500, "who cannot pay the cap promises nothing: {limits:?}");
}

#[test]
fn many_sales_at_once_give_the_bits_of_one_at_a_time() {
    let truthful = text();
    let shaded = text().replace("[objective]", "[behaviour]\nkind = \"shaded\"\nby = 0.1\n\n[objective]");
    let crowded = text().replace("bidders = [5]", "bidders = [1, 2, 9, 40]");
    for text in [truthful, shaded, crowded] {
        let work = work(&text);
        for case in 0..work.choices.len() {
            assert_eq!(work.path(case), "kernel");
            let case = work.case(case);
            // From the middle of a vector to the middle of another.
            assert_eq!(case.play(13..1_501), case.play_each(13..1_501), "{}", case.bidders);
        }
    }
    let ring = text().replace("[objective]", "[behaviour]\nkind = \"ring\"\nmembers = 2\n\n[objective]");
    let work = work(&ring);
    assert!((0..work.choices.len()).all(|case| work.path(case) == "straight"), "groups act sale by sale");
}

#[test]
fn every_sale_is_told_as_it_is_counted() {
    let work = work(&text());
    for case in [0, work.choices.len() - 1] {
        let case = work.case(case);
        let (mut told, mut one_by_one) = (Vec::new(), Vec::new());
        case.each(13..400, |ended| told.push(ended));
        Case { kernel: None, ..case }.each(13..400, |ended| one_by_one.push(ended));
        assert!(told.len() == 387 && told == one_by_one, "both ways tell of the same sales");
        let mut sums = [0.0; Measure::ALL.len()];
        for ended in &told {
            let Ended::Sold(sold) = ended else { continue };
            assert!(sold.winner < 5 && work.types().all()[sold.kind].value > 0.0);
            sums.iter_mut().zip(sold.of).for_each(|(sum, one)| *sum += one);
        }
        assert_eq!(case.play(13..400).of, sums);
    }
}

#[test]
fn a_study_is_stopped_while_it_is_made_ready() {
    let study = Study::parse(&text()).unwrap();
    let path = crate::root().join(SHIPPED);
    let stopped = Work::prepare(&Repository, path.to_str().unwrap(), study, &|made, _| made < 2).unwrap_err();
    assert_eq!(stopped.rule, landgavel_lab::work::STOPPED);
}

#[test]
fn the_shipped_sweep_has_five_hundred_rulebooks_and_a_ranking_tells_its_error() {
    let sweep = std::fs::read_to_string(crate::root().join("studies/sweep-500.toml")).unwrap();
    let study = Study::parse(&sweep).unwrap();
    assert_eq!((study.choices().len(), study.sales), (500, 100_000_000));
    // A few of them, with fewer sales.
    let few = sweep
        .replace("sales = 100000000", "sales = 5000")
        .replace(", 0.125, 0.15, 0.175, 0.2]", ", 0.2]")
        .replace(", \"2203 万元\", \"2303 万元\", \"2403 万元\"", "")
        .replace(", \"2603 万元\", \"2703 万元\", \"2803 万元\", \"2903 万元\", \"3003 万元\"", "")
        .replace("\"10 万元\", ", "");
    let sweep = work(&few);
    assert!((0..sweep.choices.len()).all(|case| sweep.path(case) == "kernel"));
    let finished = played(&sweep, 1, 2);
    let findings = Findings::new(&sweep, &finished);
    let ranking = findings.ranking();
    let rows: Vec<Vec<&str>> = ranking.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 20);
    let verdict = |row: &[&str]| row[row.len() - 1].to_owned();
    let number = |row: &[&str], from_end: usize| row[row.len() - from_end].parse::<f64>().unwrap();
    assert_eq!(rows.iter().filter(|row| verdict(row) == "best").count(), 1);
    assert!(rows[0][1] == "1" && verdict(&rows[0]) == "best");
    for pair in rows.windows(2).filter(|pair| verdict(&pair[1]) != "defaults") {
        assert!(number(&pair[0], 4) >= number(&pair[1], 4), "the higher score first");
        let within = number(&pair[1], 3) + number(&pair[1], 2) >= 0.0;
        assert_eq!(verdict(&pair[1]), if within { "not-separable" } else { "worse" });
    }
    assert!(rows.iter().any(|row| verdict(row) == "defaults") && rows.iter().any(|row| verdict(row) == "worse"));
    // Where nobody can bear the start, nothing is sold; the cases have rows all the same.
    let poor = work(&few.replace("median = 2600", "median = 260"));
    let finished = played(&poor, 1, 2);
    let findings = Findings::new(&poor, &finished);
    let ranking = findings.ranking();
    assert_eq!(ranking.lines().filter(|row| row.ends_with(",,,unsold")).count(), 20, "{ranking}");
    assert!(findings.why_none(&findings.advice()[0]).1.contains("nothing is sold"));
}
