//! Policy books: who is entitled to what, why, and why not.

use landgavel_record::figures::TableFault;
use landgavel_record::ladder::{FactsTable, State, gap_words};
use landgavel_record::language::{Finding, PolicyBook, load_policy_book};
use landgavel_record::policies::{Entitlement, Read, catalogue_words, entitlement_json, entitlement_words, page};

use crate::language::{Memory, Repository};

fn shipped() -> PolicyBook {
    load_policy_book(&Repository, "policies/cn/zhejiang/yiwu/2026-01.toml")
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn csv(text: &str) -> FactsTable {
    FactsTable::of_csv(text.as_bytes().to_vec())
}

fn entitlements<T>(
    book: &PolicyBook,
    table: &FactsTable,
    firm: usize,
    check: impl FnOnce(&[Entitlement<'_>]) -> T,
) -> Result<T, Vec<TableFault>> {
    let read = Read::of(book, table)?;
    let survey = read.survey(table)?;
    Ok(check(&read.entitlements(&survey, firm)))
}

const BOOK: &str = r#"
format = "landgavel-policy-book/1"
id = "test"
version = "1"
title = { zh = "<b>政策</b>", en = "policies" }
source = "assumption"
sample = true

[[tiers]]
id = "t"
name = { zh = "层", en = "tier" }
count = 3

[[industries]]
id = "a"
name = { zh = "甲业", en = "a" }
tier = "t"
source = "assumption"

[[industries]]
id = "b"
name = { zh = "乙业", en = "b" }
tier = "t"
source = "assumption"

[[zones]]
id = "z"
name = { zh = "某园", en = "z" }
source = "assumption"

[table]
firm = ["firm"]

[columns.revenue]
name = { zh = "营业收入", en = "revenue" }
unit = "万元"
at_least = 0

[columns.rd]
name = { zh = "研发费用", en = "R&D" }
unit = "万元"

[indicators.share]
name = { zh = "占比", en = "share" }
unit = "%"
of = "rd"
over = "revenue"
times = 100

[[policies]]
id = "all"
name = { zh = "全部", en = "all" }
benefit = { zh = "人人有", en = "for all" }
amount = { zh = "10 万元", en = "100,000 yuan" }
source = "assumption"

[[policies]]
id = "some"
name = { zh = "部分", en = "some" }
benefit = { zh = "有的有", en = "for some" }
industries = ["a", "b"]
zones = ["z"]
any_of = ["share >= 3", "revenue >= 1000"]
source = "assumption"
"#;

fn read(text: &str) -> Result<PolicyBook, Vec<Finding>> {
    load_policy_book(&Memory::default().with("book.toml", text), "book.toml")
}

#[test]
fn the_shipped_book_says_what_was_published_and_what_was_not() {
    let book = shipped();
    assert!(book.card.findings.is_empty(), "{:?}", book.card.findings);
    assert_eq!((book.card.card.id.as_str(), book.card.card.version.as_str()), ("cn/zhejiang/yiwu", "2026-01"));
    let tiers: Vec<String> = catalogue_words(&book).into_iter().map(|tier| tier.zh).collect();
    assert_eq!(
        tiers,
        [
            "四大新兴产业：信息光电、新能源汽车及零部件；另有 2 个未找到",
            "四大优势产业：纺织服装、日用品、机械电子；另有 1 个未找到",
            "X 未来产业：人工智能",
        ]
    );
    assert!(book.policies.iter().all(|policy| policy.amount.is_none()), "no amount was published");
    assert!(book.policies.iter().all(|policy| policy.source.is_some()));
}

#[test]
fn firms_of_the_sample_are_entitled_for_reasons() {
    let book = shipped();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/samples/policy-facts.csv"));
    let table = csv(&text.expect("a sample"));
    let states = |firm| {
        entitlements(&book, &table, firm, |all| {
            all.iter().map(|found| (found.policy.id.clone(), found.state)).collect::<Vec<_>>()
        })
        .expect("a sound table")
    };
    let of = |firm: usize, id: &str| states(firm).into_iter().find(|(known, _)| known == id).expect("a policy").1;
    assert_eq!(of(0, "first-in-line"), State::Reached);
    assert_eq!(of(0, "optoelectronics"), State::Reached);
    assert_eq!(of(0, "vehicles"), State::NotReached);
    assert_eq!(of(0, "title"), State::Reached);
    assert_eq!((of(1, "differential-prices"), of(1, "on-scale")), (State::Reached, State::Reached));
    assert_eq!(of(2, "first-in-line"), State::FactsMissing, "its grade was not given");
    assert_eq!(of(2, "high-tax-park"), State::FactsMissing);
    assert_eq!(of(1, "high-tax-park"), State::NotReached);
    entitlements(&book, &table, 0, |all| {
        let own = all.iter().find(|found| found.policy.id == "optoelectronics").expect("a policy");
        let why: Vec<&str> = own.why.iter().map(|line| line.why.zh.as_str()).collect();
        assert_eq!(why.len(), 2);
        assert!(why[0].contains("✓ industry = 信息光电 (信息光电)"), "{}", why[0]);
        assert!(entitlement_words(own).en.contains("the amount was not published"));
        assert_eq!(entitlement_json(own)["state"], "holds");
        let grown = all.iter().find(|found| found.policy.id == "on-scale").expect("a policy");
        assert_eq!(gap_words(&grown.gaps[0])[0].zh, "上年主营业务收入：8700 万元，需 < 2000 万元，差超过 6700 万元");
    })
    .expect("a sound table");
}

#[test]
fn every_condition_of_a_policy_must_hold_and_what_is_lacking_is_told() {
    let book = read(BOOK).expect("a sound book");
    let state = |row: &str| {
        let table = csv(&format!("firm,产业,园区,revenue,rd\nx,{row}\n"));
        entitlements(&book, &table, 0, |all| {
            assert_eq!(all[0].state, State::Reached, "it has no condition");
            assert!(entitlement_words(&all[0]).zh.contains("10 万元"));
            (all[1].state, all[1].gaps.iter().map(|gap| gap.id.clone()).collect::<Vec<_>>())
        })
        .expect("a sound table")
    };
    assert_eq!(state("甲业,某园,1000,0"), (State::Reached, Vec::new()));
    assert_eq!(state("乙业,某园,500,15"), (State::Reached, Vec::new()));
    assert_eq!(state("其他,某园,1000,0"), (State::NotReached, vec!["some/industry".into()]));
    assert_eq!(state("甲业,其他,1000,0"), (State::NotReached, vec!["some/zone".into()]));
    assert_eq!(state("甲业,某园,500,14"), (State::NotReached, vec!["some".into()]));
    assert_eq!(state("甲业,,1000,0"), (State::FactsMissing, vec!["some/zone".into()]));
    assert_eq!(state(",其他,1000,0").0, State::NotReached, "whatever the industry, the zone is another");
    let table = csv("firm,产业,园区,revenue,rd\nx,甲业,某园,500,14\n");
    entitlements(&book, &table, 0, |all| {
        let words = gap_words(&all[1].gaps[0]);
        assert_eq!(words[0].zh, "占比：2.8%，需 ≥ 3%，差 0.2 个百分点（其他数字不变，研发费用 15 万元即可，差 1）");
        assert_eq!(words[1].zh, "营业收入：500 万元，需 ≥ 1000 万元，差 500 万元");
    })
    .expect("a sound table");
}

#[test]
fn bad_facts_are_named_by_line_and_rule() {
    let book = read(BOOK).expect("a sound book");
    let told = |row: &str| {
        let table = csv(&format!("firm,产业,园区,revenue,rd\nx,甲业,某园,1,1\n{row}\n"));
        let faults = entitlements(&book, &table, 0, |_| ()).expect_err("a broken table");
        (faults[0].line, faults[0].column.clone(), faults[0].code.as_str())
    };
    assert_eq!(told("y,丙业,某园,1,1"), (3, "产业".into(), "unknown-word"));
    assert_eq!(told("y,甲业,某园,-1,1"), (3, "revenue".into(), "below-plausible"));
    assert_eq!(told("y,甲业,某园,0,1"), (3, "share".into(), "divisor-not-positive"));
    assert_eq!(told("x,甲业,某园,1,1"), (3, "firm".into(), "duplicate-firm"));
}

#[test]
fn what_is_wrong_with_a_book_is_found() {
    let codes = |from: &str, to: &str| -> Vec<&'static str> {
        assert!(BOOK.contains(from), "{from}");
        let found = read(&BOOK.replacen(from, to, 1));
        found.map_or_else(|findings| findings, |book| book.card.findings).iter().map(|f| f.code.as_str()).collect()
    };
    assert_eq!(codes("industries = [\"a\", \"b\"]", "industries = [\"a\", \"c\"]"), ["unknown-word"]);
    assert_eq!(codes("zones = [\"z\"]", "zones = [\"y\"]"), ["unknown-word"]);
    assert_eq!(codes("tier = \"t\"", "tier = \"s\""), ["unknown-word", "unknown-word"]);
    assert_eq!(codes("share >= 3", "shard >= 3"), ["unknown-column"]);
    assert_eq!(codes("share >= 3", "share about 3"), ["bad-condition"]);
    assert_eq!(codes("id = \"some\"", "id = \"all\""), ["duplicate-id"]);
    assert_eq!(codes("zh = \"甲业\"", "zh = \"甲 业\""), ["bad-condition"]);
    assert_eq!(codes("count = 3", "count = 0"), ["out-of-range"]);
}

#[test]
fn the_page_runs_nothing_and_says_that_a_sample_is_one() {
    let book = read(BOOK).expect("a sound book");
    let table = csv("firm,产业,园区,revenue,rd\n<i>x</i>,其他,某园,500,14\n");
    let read = Read::of(&book, &table).expect("a sound table");
    let page = page(&read, &read.survey(&table).expect("a sound table"), &table);
    assert!(page.contains("样本") && page.contains("&lt;i&gt;x") && page.contains("另有 1 个未找到"));
    assert!(!page.contains("<script") && !page.contains("<i>x"));
}
