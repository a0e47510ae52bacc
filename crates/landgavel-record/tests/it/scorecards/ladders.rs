//! Ladders: where a firm stands on a day, and exactly what it lacks.

use landgavel_base::{Date, Decimal};
use landgavel_record::figures::TableFault;
use landgavel_record::ladder::{Ascent, Climb, FactsTable, Need, State, climb_json, gap_words, page, standing_words};
use landgavel_record::language::{Facts, Finding, Ladder, load_facts, load_ladder};
use proptest::prelude::*;

use crate::language::{Memory, Repository};

fn shipped() -> Ladder {
    load_ladder(&Repository, "data/ladders/cn.toml").unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn sample() -> Facts {
    load_facts(&Repository, "data/samples/facts.toml").unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd(year, month, day).expect("a day")
}

/// What `check` sees of the first firm of a table.
fn climb<T>(
    ladder: &Ladder,
    table: &FactsTable,
    day: Date,
    expired: bool,
    check: impl FnOnce(&Climb<'_>) -> T,
) -> Result<T, Vec<TableFault>> {
    let ascent = Ascent::of(ladder, table, day, expired)?;
    let surveyed = ascent.survey(table)?;
    let climb = surveyed.climb(0, table);
    Ok(check(&climb))
}

fn states(climb: &Climb<'_>) -> Vec<State> {
    climb.rungs.iter().chain(&climb.beside).map(|standing| standing.state).collect()
}

fn changed(facts: &Facts, head: &str, value: &str) -> Facts {
    let mut facts = facts.clone();
    let fact = facts.facts.iter_mut().find(|(known, _, _)| known == head).expect("a fact");
    fact.1 = value.to_owned();
    facts
}

fn need<'a>(climb: &'a Climb<'_>, rung: usize, gate: &str, alternative: usize, test: usize) -> &'a Need {
    let gap = climb.rungs[rung].gaps.iter().find(|gap| gap.id == gate).expect("a gap");
    &gap.alternatives[alternative][test]
}

/// Figures that are enough, by name; the total; figures that bring points, and how many.
type Promises = (Vec<(String, String)>, Option<Decimal>, Vec<(String, String, String)>);

#[test]
fn the_shipped_ladder_and_sample_are_sound() {
    let ladder = shipped();
    assert!(ladder.findings.is_empty(), "{:?}", ladder.findings);
    assert!(sample().is_sample);
    let ids: Vec<&str> = ladder.rungs.iter().map(|rung| rung.id.as_str()).collect();
    assert_eq!(ids, ["on-scale", "innovative", "specialised", "little-giant"]);
    let table = FactsTable::of_facts(&sample());
    let ascent = Ascent::of(&ladder, &table, day(2025, 11, 30), false).expect("a sound table");
    assert_eq!(ascent.ignored, Vec::<String>::new());
}

#[test]
fn what_is_lacking_is_told_by_gate_figure_and_amount() {
    let (ladder, table) = (shipped(), FactsTable::of_facts(&sample()));
    climb(&ladder, &table, day(2024, 8, 31), false, |climb| {
        use State::{NotReached, Reached};
        assert_eq!(states(climb), [Reached, Reached, NotReached, NotReached, Reached]);
        assert_eq!((climb.reached, climb.next), (Some(1), Some(2)));
        // 110 of 4000 is 2.75 %; 3 % of 4000 is 120.
        let share = need(climb, 2, "research", 0, 0);
        assert_eq!((share.id.as_str(), share.by.as_deref()), ("rd_share", Some("0.25")));
        let enough = share.figure.as_ref().expect("a figure that is enough");
        assert_eq!((enough.id.as_str(), enough.wanted.as_str(), enough.by.as_str()), ("rd", "120", "10"));
        // 5 + 8 + 2 + 3 | 3 + 5·(3+3 capped) + 6 + 3 | 8 | 8 + 2 + 3 + 4 = 58; two short of 60.
        let total = need(climb, 2, "points", 0, 0);
        assert_eq!((total.id.as_str(), total.by.as_deref()), ("total", Some("2")));
        let raise = total.raises.iter().find(|(raise, _)| raise.id == "net_margin").expect("a raise");
        // 260 of 4000 is 6.5 %; 8 % of 4000 is 320 and brings 8 points in place of 6.
        assert_eq!((raise.1.as_str(), raise.0.figure.as_ref().expect("a figure").wanted.as_str()), ("2", "320"));
        let gap = climb.rungs[2].gaps.iter().find(|gap| gap.id == "points").expect("a gap");
        assert_eq!(gap.alternatives.len(), 5, "points, or one of four direct conditions");
        assert!(gap.source.as_deref().expect("a source").contains("附件2"));
        assert_eq!(gap_words(gap)[2].en, "mean R&D of two years: 102.5 万元, needed ≥ 1000 万元, 897.5 万元 off");
        // Debts of 2300 in 4100: at most half of it, rounded down.
        let debts = total.raises.iter().find(|(raise, _)| raise.id == "debt_ratio").expect("a raise");
        assert_eq!((debts.0.sign, debts.0.figure.as_ref().expect("a figure").by.as_str()), ("≤", "250"));
        // The next digital level: 52 of 60.
        let digital = &climb.beside[0];
        assert_eq!(
            (digital.gaps[0].id.as_str(), digital.gaps[0].alternatives[0][0].by.as_deref()),
            ("三级", Some("8"))
        );
        assert_eq!(digital.outcome.as_ref().expect("an outcome").grade, "二级");
    })
    .expect("a sound table");
}

#[test]
fn what_the_gap_asks_for_is_enough_and_a_little_less_is_not() {
    let (ladder, facts) = (shipped(), sample());
    let at = |rd: &str| {
        let table = FactsTable::of_facts(&changed(&facts, "研发费用", rd));
        climb(&ladder, &table, day(2025, 6, 1), false, |climb| {
            climb.rungs[2].gaps.iter().any(|gap| gap.id == "research")
        })
        .expect("a sound table")
    };
    assert!(!at("120"));
    // 2.999995 % is 3 % to four places, and not 3 %; nor is what its column would round to 120.
    assert!(at("119.9998") && at("119.99999"));
}

#[test]
fn the_standard_of_the_day_is_applied_and_an_unknown_one_is_said_to_be_unknown() {
    let ladder = shipped();
    let table = FactsTable::of_csv("企业名称,main_revenue\n甲,800\n".as_bytes().to_vec());
    let state = |on| climb(&ladder, &table, on, false, |climb| climb.rungs[0].state).expect("a sound table");
    assert_eq!(state(day(2010, 12, 31)), State::Reached, "5 million from 2007");
    assert_eq!(state(day(2011, 1, 1)), State::NotReached, "20 million from 2011");
    let table = FactsTable::of_facts(&sample());
    let innovative = |on, expired| {
        climb(&ladder, &table, on, expired, |climb| {
            let standing = &climb.rungs[1];
            (standing.state, standing.is_expired, standing.version.is_some(), standing_words(standing).zh)
        })
        .expect("a sound table")
    };
    let (state, is_expired, has_version, _) = innovative(day(2026, 3, 31), false);
    assert_eq!((state, is_expired, has_version), (State::Reached, false, true));
    let (state, _, has_version, words) = innovative(day(2026, 4, 1), false);
    assert_eq!((state, has_version), (State::StandardUnknown, false));
    assert!(words.contains("2026-04-01") && words.contains("未找到"), "{words}");
    let (state, is_expired, _, words) = innovative(day(2026, 11, 30), true);
    assert_eq!((state, is_expired), (State::Reached, true));
    assert!(words.contains("已失效"), "{words}");
    // Before any standard of its kind there is none to apply, whatever is asked.
    assert_eq!(innovative(day(2020, 1, 1), true).0, State::StandardUnknown);
}

#[test]
fn a_rung_that_hangs_on_a_figure_which_was_not_given_waits_for_it() {
    let ladder = shipped();
    let mut facts = sample();
    facts.facts.retain(|(head, _, _)| head != "研发费用" && head != "digital_score");
    let table = FactsTable::of_facts(&facts);
    climb(&ladder, &table, day(2024, 1, 1), false, |climb| {
        assert_eq!(climb.rungs[1].state, State::NotReached, "the points without it are known, and too few");
        assert_eq!(need(climb, 2, "research", 0, 0).value, None);
        assert_eq!(climb.beside[0].state, State::FactsMissing);
        assert_eq!(climb.beside[0].gaps[0].id, "score");
        assert!(gap_words(&climb.beside[0].gaps[0])[0].zh.contains("未填"));
    })
    .expect("a sound table");
    facts.facts.retain(|(head, _, _)| head != "主营业务收入");
    let table = FactsTable::of_facts(&facts);
    let found = climb(&ladder, &table, day(2024, 1, 1), false, |climb| (climb.rungs[0].state, climb.reached));
    assert_eq!(found.expect("a sound table"), (State::FactsMissing, None));
}

#[test]
fn faults_name_the_line_of_the_file_that_was_given_and_are_told_once() {
    let ladder = shipped();
    let line = |head: &str| sample().facts.iter().find(|(known, _, _)| known == head).expect("a fact").2 as usize;
    let told = |table: &FactsTable| {
        let faults = climb(&ladder, table, day(2024, 1, 1), false, |_| ()).expect_err("a broken table");
        faults.iter().map(|fault| (fault.line, fault.column.clone(), fault.code.as_str())).collect::<Vec<_>>()
    };
    let cases = [("many", "text"), ("inf", "infinite"), ("-1", "below-plausible"), ("40000000000", "above-plausible")];
    for (value, code) in cases {
        let table = FactsTable::of_facts(&changed(&sample(), "营业收入", value));
        assert_eq!(told(&table), [(line("营业收入"), "营业收入".to_owned(), code)], "{value}");
    }
    let table = FactsTable::of_facts(&changed(&sample(), "资产总额", "0"));
    assert!(told(&table).iter().all(|fault| fault.1 == "debt_ratio" && fault.2 == "divisor-not-positive"));
    let csv = |text: &str| FactsTable::of_csv(text.as_bytes().to_vec());
    assert_eq!(told(&csv("企业名称,main_revenue\n甲,1\n乙,-\n")), [(3, "main_revenue".to_owned(), "text")]);
    assert_eq!(told(&csv("企业名称,main_revenue\n甲,1\n甲,2\n")), [(3, "企业名称".to_owned(), "duplicate-firm")]);
    assert_eq!(told(&csv("main_revenue\n1\n"))[0].2, "head-missing");
    let table = csv("企业名称,main_revenue,地址\n甲,1,某路\n");
    let ascent = Ascent::of(&ladder, &table, day(2024, 1, 1), false).expect("a sound table");
    assert_eq!(ascent.ignored, ["地址"]);
}

#[test]
fn the_outcome_is_a_plain_value() {
    let (ladder, table) = (shipped(), FactsTable::of_facts(&sample()));
    climb(&ladder, &table, day(2025, 1, 1), false, |climb| {
        let outcome = climb.rungs[1].outcome.clone().expect("an outcome");
        assert_eq!((outcome.card.as_str(), outcome.version.as_str()), ("cn/national/innovative-sme", "2022"));
        assert_eq!((outcome.grade.as_str(), outcome.is_evaluated), ("创新型中小企业", true));
        assert_eq!((outcome.total, outcome.subject.as_str()), (Decimal::new(7_000, 2), "样本智造公司（虚构）"));
        assert_eq!(climb_json(climb)["next"], "specialised");
    })
    .expect("a sound table");
}

#[test]
fn what_is_wrong_with_a_ladder_is_found() {
    let card = |name: &str, unit: &str| {
        format!(
            "format = \"landgavel-scorecard/1\"\nid = \"t/{name}\"\nversion = \"1\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\n\
             source = \"assumption\"\n[table]\nfirm = [\"firm\"]\n[columns.x]\nname = {{ zh = \"数\", en = \"x\" }}\nunit = \"{unit}\"\n\
             [[gates]]\nid = \"g\"\nname = {{ zh = \"门\", en = \"gate\" }}\nany_of = [\"x >= 1\"]\n\
             [grades]\nkind = \"gates\"\nqualified = \"是\"\notherwise = \"否\"\n"
        )
    };
    let load = |rungs: &str| -> Result<Ladder, Vec<Finding>> {
        let text = format!(
            "format = \"landgavel-ladder/1\"\nid = \"t\"\ntitle = {{ zh = \"梯\", en = \"ladder\" }}\nsource = \"assumption\"\nrungs = [{rungs}]\n"
        );
        let files = Memory::default()
            .with("l/ladder.toml", &text)
            .with("c/a.toml", &card("a", "万元"))
            .with("c/b.toml", &card("b", "元"));
        load_ladder(&files, "l/ladder.toml")
    };
    let rung = |id: &str, path: &str, more: &str| {
        format!("{{ id = \"{id}\", name = {{ zh = \"级\", en = \"rung\" }}, versions = [\"{path}\"]{more} }}")
    };
    let codes = |rungs: &str| -> Vec<&str> {
        load(rungs).expect_err("a broken ladder").iter().map(|finding| finding.code.as_str()).collect()
    };
    assert!(load(&rung("a", "../c/a.toml", "")).is_ok());
    assert_eq!(codes(""), ["missing-key"]);
    assert_eq!(codes(&rung("a", "../c/absent.toml", "")), ["unreadable"]);
    assert_eq!(codes(&format!("{}, {}", rung("a", "../c/a.toml", ""), rung("b", "../c/b.toml", ""))), ["duplicate-id"]);
    assert_eq!(codes(&format!("{}, {}", rung("a", "../c/a.toml", ""), rung("a", "../c/a.toml", ""))), ["duplicate-id"]);
    let pending = ", pending = { from = 09:00:00, what = { zh = \"新\", en = \"new\" } }";
    assert!(load(&rung("a", "../c/a.toml", pending)).is_err());
}

#[test]
fn facts_that_are_no_facts_are_found() {
    let codes = |facts: &str| -> Vec<&'static str> {
        let text = format!("format = \"landgavel-facts/1\"\nfirm = \"甲\"\n[facts]\n{facts}\n");
        let found = load_facts(&Memory::default().with("f.toml", &text), "f.toml");
        found.err().unwrap_or_default().iter().map(|finding| finding.code.as_str()).collect()
    };
    assert_eq!(codes("a = 1\nb = \"x\"\nc = true"), Vec::<&str>::new());
    assert_eq!(codes("a = [1]"), ["wrong-type"]);
    assert_eq!(codes("a = 2025-01-01"), ["wrong-type"]);
    assert_eq!(codes("a = 1\na = 2"), ["syntax"]);
}

#[test]
fn the_page_runs_nothing_and_says_that_a_sample_is_one() {
    let ladder = shipped();
    let mut facts = sample();
    facts.firm = "<script>甲</script>".to_owned();
    let table = FactsTable::of_facts(&facts);
    let ascent = Ascent::of(&ladder, &table, day(2025, 1, 1), false).expect("a sound table");
    let page = page(&ascent.survey(&table).expect("a sound table"), &table);
    assert!(page.contains("样本") && page.contains("&lt;script&gt;甲") && !page.contains("<script"));
    assert!(page.contains("<details open>"), "what the next rung lacks is open");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the figures: a figure that is said to be enough is enough, and a raise brings the points that it promises.
    #[test]
    fn promises_of_gaps_hold(revenue in 1_000u32..50_000, rd in 0u32..3_000, profit in 0u32..5_000, debts in 0u32..9_000, staff in 1u32..500) {
        let ladder = shipped();
        let mut facts = sample();
        let own = [("营业收入", revenue), ("研发费用", rd), ("净利润", profit), ("负债总额", debts), ("职工总数", staff)];
        for (head, value) in own {
            facts = changed(&facts, head, &value.to_string());
        }
        let on = day(2025, 1, 1);
        let of = |facts: &Facts| -> Promises {
            climb(&ladder, &FactsTable::of_facts(facts), on, false, |climb| {
                let standing = &climb.rungs[2];
                let needs = || standing.gaps.iter().flat_map(|gap| gap.alternatives.iter().flatten());
                let enough = needs().filter_map(|need| need.figure.as_ref());
                let raises = needs().flat_map(|need| &need.raises);
                let raises = raises.filter_map(|(raise, gain)| Some((raise.figure.as_ref()?, gain)));
                (
                    enough.map(|figure| (figure.name.zh.clone(), figure.wanted.clone())).collect(),
                    standing.outcome.as_ref().and_then(|outcome| outcome.total),
                    raises.map(|(figure, gain)| (figure.name.zh.clone(), figure.wanted.clone(), gain.clone())).collect(),
                )
            }).expect("sound facts")
        };
        let (enough, total, raises) = of(&facts);
        for (head, wanted) in enough {
            let (still, _, _) = of(&changed(&facts, &head, &wanted));
            prop_assert!(!still.iter().any(|(other, _)| *other == head), "{head} {wanted}");
        }
        for (head, wanted, gain) in raises {
            let (_, more, _) = of(&changed(&facts, &head, &wanted));
            let units = |total: Option<Decimal>| total.expect("a total").scaled(2).expect("two places");
            let gain = Decimal::parse(&gain).expect("a number").scaled(2).expect("two places");
            // One figure may serve two items.
            prop_assert!(units(more) >= units(total) + gain, "{head} {wanted} {gain}");
        }
    }
}
