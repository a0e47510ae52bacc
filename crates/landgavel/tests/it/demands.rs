//! The paper that goes to a bank says what is true on its day, and all of it.

use std::fs;

use super::{Desk, landgavel, root};

const TERMS: &str = "pledges/cn/zhejiang/sample/four-part.toml";
const COMMANDS: &str = "pledges/cn/zhejiang/sample/four-part.jsonl";
const SALE: &str = "golden/1/four-part.zip";

/// The first lines of the sample's commands, and others after them.
fn lines(count: usize, more: &[String]) -> String {
    let sample = fs::read_to_string(root().join(COMMANDS)).unwrap();
    let sample = sample.lines().filter(|line| line.starts_with('{')).take(count).map(str::to_owned);
    sample.chain(more.iter().cloned()).map(|line| line + "\n").collect()
}

fn line(at: &str, what: &str) -> String {
    format!("{{\"at\":\"{at}:00:00+08:00\",{what}}}")
}

fn evidence(at: &str, about: &str, on: &str, source: &str) -> String {
    let document = "9".repeat(64);
    let what = format!("\"about\":\"{about}\",\"on\":\"{on}\",\"source\":\"{source}\",\"document\":\"{document}\"");
    line(at, &format!("\"do\":\"evidence\",{what}"))
}

fn approved(at: &str, what: &str) -> String {
    line(at, &format!("{what},\"officer\":\"甲\",\"second_officer\":\"乙\",\"reason\":\"r\""))
}

fn paper(commands: &str, expected: &[&str]) -> String {
    let desk = Desk::new(&format!("demand-{}-{}", commands.len(), expected.len()));
    let path = desk.path("commands.jsonl");
    fs::write(&path, commands).unwrap();
    let output = landgavel(&["pledge", TERMS, "--sale", SALE, "--commands", &path, "--demand", "1"]);
    let (page, words) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    for words_of_page in expected {
        assert!(page.contains(words_of_page), "{words_of_page}: {page}{words}");
    }
    page
}

/// 203.5935 at 1 ‰ a day for 50 days are 10.179675; together 213.773175, of which the bond still holds 100.12.
#[test]
fn a_demand_tells_late_fee_sum_remainder_and_the_letter_of_amendment() {
    paper(
        &lines(13, &[]),
        &[
            "滞纳金共 10.179675 万元（算至 2033-10-20：未付 203.5935 万元，50 日，× 0.1 %，= 10.179675 万元）",
            "尚欠共计 203.5935 万元 + 10.179675 万元 = 213.773175 万元，其中本保函支付 100.12 万元",
            "，113.653175 万元 保证不足，由申请人另付。",
            "113.653175 万元 is beyond what the bonds hold and asked of the applicant.",
            "修改函SHA-256（2029-10-15 录入，延期至 2036-12-31）",
            "6cbaf9789b9e697a67b06f948af7b5ff09556d299d098b9729c5211ae6de4fe6",
        ],
    );
}

/// On 10.5 the 10 days until 1 万元 was paid cost 0.105; then 10.5 + 0.105 − 1 = 9.605 are unpaid for 82 days: 0.78761.
#[test]
fn a_demand_keeps_what_was_notified_and_tells_what_was_settled_and_paid() {
    let more = [
        line("2033-09-10T10", "\"do\":\"pay\",\"claim\":3,\"amount\":\"1 万元\""),
        line("2033-09-15T10", &format!("\"do\":\"dispute\",\"claim\":3,\"statement\":\"{}\"", "9".repeat(64))),
        approved("2033-10-20T10", "\"do\":\"settle\",\"claim\":3,\"amount\":\"10.5 万元\""),
        line("2033-12-01T11", "\"do\":\"call-bond\",\"claim\":3"),
    ];
    let page = paper(
        &lines(12, &more),
        &[
            "第3项索赔 203.5935 万元（承诺 40 万元/亩·年，实际 31 万元/亩·年，差额 9 万元/亩·年，× 22.6215 亩，= 203.5935 万元） 已于 2033-08-31 通知申请人",
            "申请人于 2033-09-15 提出异议。2033-10-20 经异议裁定为 10.5 万元，付款期至 2033-11-19 届满。",
            "On 2033-10-20 the dispute was settled at 10.5 万元; the time to pay it ended on 2033-11-19.",
            "滞纳金共 8926.1 元（按裁定数额重计至此前末次付款日：1050 元；算至 2033-12-01：未付 9.605 万元，82 日，× 0.1 %，= 7876.1 元）",
            "申请人至今已付 1 万元。",
            "尚欠共计 10.5 万元 + 8926.1 元 − 1 万元 = 10.39261 万元，全部由本保函支付。",
            "<p class=\"sum\">10.39261 万元",
        ],
    );
    assert!(!page.contains("索赔 10.5 万元"), "{page}");
}

/// A start that nobody shows costs up to 20 % of 2503; shown to be 19 days late it costs 47.557.
#[test]
fn a_demand_after_a_reduction_has_the_arithmetic_of_each_amount_beside_it() {
    let more = [
        evidence("2027-06-20T10", "start", "2026-12-09", "自然资源局（样本）"),
        line("2027-07-20T10", "\"do\":\"call-bond\",\"claim\":1"),
    ];
    paper(
        &lines(2, &more),
        &[
            "第1项索赔 500.6 万元（地价 2503 万元，200 日，× 0.1 %，上限 500.6 万元，= 500.6 万元） 已于 2027-06-08 通知申请人",
            "2027-06-20 依其后出具的凭证减为 47.557 万元（地价 2503 万元，19 日，× 0.1 %，上限 500.6 万元，= 47.557 万元）。",
            "Owed in all on 2027-07-20: 47.557 万元, all of it demanded under this guarantee.",
        ],
    );
}

/// Five years of use have begun: 2503 less 10 % is 2252.7. Two parts of 30 % went back, and 100.12 is left of 250.3.
#[test]
fn what_is_forfeited_of_a_guarantee_is_demanded_of_its_issuer() {
    let letter = "7".repeat(64);
    let more = [
        evidence("2028-05-10T10", "completion", "2028-05-10", "住房和城乡建设局（样本）"),
        line(
            "2029-10-15T10",
            &format!("\"do\":\"extend-bond\",\"bond\":1,\"valid_until\":\"2037-12-31\",\"letter\":\"{letter}\""),
        ),
        approved("2031-01-10T10", "\"do\":\"take-back\",\"amount\":\"2252.7 万元\""),
    ];
    paper(
        &lines(3, &more),
        &[
            "土地已于 2031-01-10 收回，事由：申请人未履行“达产”。",
            "没收当时所持的全部履约保证，为 100.12 万元（未了结的索赔先行受偿）；本保函承担其中 100.12 万元。",
            "The land was taken back on 2031-01-10. Ground: The applicant is in breach of “output attainment”.",
            "all that the bonds then held is forfeited",
            "<p class=\"sum\">100.12 万元",
        ],
    );
}

#[test]
fn where_nothing_was_called_there_is_no_demand() {
    let output = landgavel(&["--lang", "en", "pledge", TERMS, "--sale", SALE, "--demand", "1"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(words.contains("there is no demand on a bank") && !words.contains("to 0"), "{words}");
}
