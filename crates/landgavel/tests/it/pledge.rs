//! Pledges from the command line: from the record of a sale to what the bond pays.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Desk, landgavel, root};

const TERMS: &str = "pledges/cn/zhejiang/sample/four-part.toml";
const COMMANDS: &str = "pledges/cn/zhejiang/sample/four-part.jsonl";
const SALE: &str = "golden/1/four-part.zip";

fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = landgavel(arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn with_commands(desk: &Desk, lines: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let path = desk.path("commands.jsonl");
    fs::write(&path, lines).unwrap();
    let mut arguments = vec!["pledge", TERMS, "--sale", SALE, "--commands", &path];
    arguments.extend(more);
    said(&arguments)
}

/// By hand: 15,081 m² are 22.6215 mu. Completion 19 days late: 19 × 1 ‰ × 2503 = 47.557 万元. Year 2: 2.5 × 22.6215 =
/// 56.55375; 20 days later 1 ‰ a day more: 1.131075. Year 3: 9 × 22.6215 = 203.5935; 50 days: 10.179675; the bond holds
/// 250.3 − 2 × 30 % of it = 100.12, and 203.5935 + 10.179675 − 100.12 = 113.653175.
#[test]
fn from_the_record_of_a_sale_to_what_the_bond_pays() {
    let (code, json, words) =
        said(&["pledge", TERMS, "--sale", SALE, "--commands", COMMANDS, "--until", "2033-10-20", "--json"]);
    assert_eq!(code, Some(1), "{words}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["winner"].as_str(), json["price"].as_i64()), (Some("D"), Some(2_503_000_000)));
    let claims: Vec<_> = json["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| ["amount", "late_fee", "paid", "from_bond", "owed"].map(|field| claim[field].as_i64().unwrap()))
        .collect();
    assert_eq!(claims[0], [47_557_000, 0, 47_557_000, 0, 0]);
    assert_eq!(claims[1], [56_553_750, 1_131_075, 57_684_825, 0, 0]);
    assert_eq!(claims[2], [203_593_500, 10_179_675, 0, 100_120_000, 113_653_175]);
    let verdict = |id: &str, at: usize| {
        let items = json["items"].as_array().unwrap().iter();
        let of_id: Vec<&Value> = items.filter(|item| item["id"] == id).collect();
        of_id[at]["verdict"].as_str().map(str::to_owned)
    };
    assert_eq!(verdict("completion", 0).as_deref(), Some("cured"));
    assert_eq!(
        ["met", "cured", "breached"].map(Some),
        [0, 1, 2].map(|at| verdict("tax", at)).each_ref().map(Option::as_deref)
    );
    assert_eq!(verdict("tax", 3), None);
    assert_eq!(json["refused"].as_array().unwrap().len(), 0);
    let (_, text, _) = said(&["--lang", "zh", "pledge", TERMS, "--sale", SALE, "--commands", COMMANDS]);
    assert!(text.contains("差额 9 万元/亩·年，× 22.6215 亩，= 203.5935 万元"), "{text}");
    assert!(text.contains("样本：条款为虚构"), "{text}");
    let (code, page, _) = said(&["pledge", TERMS, "--sale", SALE, "--commands", COMMANDS, "--html"]);
    assert_eq!(code, Some(1));
    assert!(page.starts_with("<!doctype html>") && !page.contains("<script") && !page.contains("http"), "{page}");
    assert!(page.contains("113.653175 万元") && page.contains("样本银行"), "{page}");
}

/// 40 − 31 = 9 万元 a mu on 22.6215 mu are 203.5935; the guarantee held two fifths of 250.3 when it was called.
#[test]
fn a_bank_gets_a_demand_that_names_its_letter_the_breach_and_the_sum() {
    let run = |more: &[&str]| {
        said(&[&["--lang", "en", "pledge", TERMS, "--sale", SALE, "--commands", COMMANDS][..], more].concat())
    };
    let (code, page, _) = run(&["--demand", "1"]);
    assert_eq!(code, Some(1));
    for words in ["样保2026-001", "100.12 万元", "壹佰万壹仟贰佰元整", "203.5935", "2033-09-30", "勿据此付款"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let (code, nothing, words) = run(&["--demand", "2"]);
    assert_eq!((code, nothing.as_str()), (Some(2), ""));
    assert!(words.contains("Expected: a number from 1 to 1."), "{words}");
    let (_, json, _) = run(&["--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let demand = &json["demands"][0];
    assert_eq!((&demand["amount"], &demand["number"]), (&100_120_000.into(), &"样保2026-001".into()));
}

#[test]
fn terms_and_cards_are_checked_like_rules_and_a_thin_bond_is_warned_of() {
    let (code, text, words) = said(&["--lang", "zh", "check", TERMS]);
    assert_eq!((code, words.as_str()), (Some(0), ""));
    for line in [
        "履约保证：地价的 10 %，合同签订后 10个工作日 内提交",
        "动工：交地后 6个月 内，逾期每日付地价 0.1 %，至多 20 %，退还保证 30 %",
        "亩均税收 ≥ 竞得的 tax，自达产起 5 年，逐年考核，差额补缴，未付部分每日 0.1 %",
        "中止开发：满 12 个月",
        "违约收回（事由：动工、竣工、达产、亩均税收、限制土地转让、出租）",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let (code, text, _) = said(&["--lang", "en", "check", CARD]);
    assert_eq!((code, text.contains("in force from 2023-01-01")), (Some(0), true), "{text}");
    let desk = Desk::new("thin-bond");
    let path = desk.path("terms.toml");
    let terms = fs::read_to_string(root().join(TERMS)).unwrap();
    for (share, is_warned) in [("9.9999 %", true), ("10 %", false), ("20 %", false), ("20.0001 %", true)] {
        fs::write(&path, terms.replace("share_of_price = \"10 %\"", &format!("share_of_price = \"{share}\""))).unwrap();
        let (code, _, words) = said(&["check", &path]);
        assert_eq!((code, words.contains("bond-beyond-practice")), (Some(0), is_warned), "{share}: {words}");
        let (_, text, _) = said(&["--lang", "en", "pledge", &path, "--sale", SALE]);
        assert_eq!(text.contains("10 to 20 % are usual"), is_warned, "{share}: {text}");
    }
    // As an editor of Windows may write it; and with the duties of the sale.
    fs::write(&path, format!("\u{feff}{terms}\n[duties]\nsigned_by = \"x\"\n")).unwrap();
    let (code, text, words) = said(&["--lang", "en", "check", &path]);
    assert_eq!((code, words.as_str()), (Some(0), ""));
    assert!(text.contains("dated duties that arose in the sale are part of the pledge; shown by x"), "{text}");
    fs::write(&path, terms.replace("after = \"completion\"", "after = \"moon\"")).unwrap();
    let (code, text, words) = said(&["check", &path]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("bad-reference") && words.contains("`moon`"), "{words}");
}

#[test]
fn the_record_of_a_pledge_verifies_like_that_of_a_sale() {
    let desk = Desk::new("pledge-bundle");
    let (out, zip) = (desk.path("pledge"), desk.path("pledge.zip"));
    let arguments = ["pledge", TERMS, "--sale", SALE, "--commands", COMMANDS, "--out", &out, "--zip", &zip];
    let (code, _, words) = said(&arguments);
    assert_eq!((code, words.contains("landgavel verify")), (Some(1), true), "{words}");
    for bundle in [&out, &zip] {
        let (code, text, words) = said(&["--lang", "en", "verify", bundle]);
        assert_eq!(code, Some(0), "{words}");
        assert!(text.contains("everything holds (20 entries)"), "{text}");
        assert!(text.contains("claim 3  tax  203.5935 万元  from the bond 100.12 万元"), "{text}");
    }
    // A pledge is opened from a sale, not from a pledge.
    let (code, _, words) = said(&["pledge", TERMS, "--sale", &out]);
    assert_eq!((code, words.contains("expected that of a sale")), (Some(2), true), "{words}");
    // Neither a sale's bundle nor a file is written over.
    let sale = desk.path("sale");
    fs::create_dir(&sale).unwrap();
    fs::write(desk.path("sale/bundle.json"), "{\"format\":\"landgavel-bundle/1\"}\n").unwrap();
    let (_, _, words) = said(&["pledge", TERMS, "--sale", SALE, "--out", &sale]);
    assert!(words.contains("a bundle of another kind"), "{words}");
    let (_, _, words) = said(&["pledge", TERMS, "--sale", SALE, "--out", &zip]);
    assert!(words.contains("cannot be a bundle's directory"), "{words}");
    // One figure of the standing changed.
    let path = desk.path("pledge/standing.json");
    let standing = fs::read_to_string(&path).unwrap();
    fs::write(&path, standing.replace("\"from_bond_minor\":100120000", "\"from_bond_minor\":100120001")).unwrap();
    let (code, text, _) = said(&["--lang", "en", "verify", &out]);
    assert_eq!((code, text.contains("[outcome/other_outcome]")), (Some(1), true), "{text}");
    // A line that cannot be read leaves no half of a bundle behind.
    let (before, other) = (desk.path("other"), desk.path("other.partial"));
    let (code, _, _) =
        with_commands(&desk, "{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"jump\"}", &["--out", &before]);
    assert_eq!((code, fs::exists(&before).unwrap(), fs::exists(&other).unwrap()), (Some(2), false, false));
}

#[test]
fn commands_come_from_a_pipe_too() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landgavel"));
    let input = fs::File::open(root().join(COMMANDS)).unwrap();
    command.args(["pledge", TERMS, "--sale", SALE, "--commands", "-", "--json"]).current_dir(root()).stdin(input);
    let json: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!(json["claims"][2]["from_bond"], 100_120_000);
    // A real pipe, by the name that a shell gives it.
    let mut command = Command::new(env!("CARGO_BIN_EXE_landgavel"));
    let arguments = ["pledge", TERMS, "--sale", SALE, "--commands", "/dev/stdin", "--json"];
    command.args(arguments).current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(&fs::read(root().join(COMMANDS)).unwrap()).unwrap();
    let json: Value = serde_json::from_slice(&running.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(json["claims"][2]["from_bond"], 100_120_000);
    let (code, out, words) = said(&["pledge", TERMS, "--sale", SALE, "--commands", "pledges"]);
    assert_eq!((code, out.as_str(), words.contains("is a directory")), (Some(2), "", true), "{words}");
}

#[test]
fn a_pledge_that_is_only_opened_owes_nothing_yet() {
    let (code, json, _) = said(&["pledge", TERMS, "--sale", SALE, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json["bond_required"].as_i64()), (Some(0), Some(250_300_000)));
    assert_eq!(json["signed"], "2026-04-23");
    // Ten working days after the contract the bond is overdue.
    let (code, text, _) = said(&["--lang", "en", "pledge", TERMS, "--sale", SALE, "--until", "2026-05-12"]);
    assert_eq!((code, text.contains("bond missing: 250.3 万元, overdue")), (Some(1), true), "{text}");
    assert!(text.contains("waits for the step before"), "{text}");
}

#[test]
fn evidence_that_does_not_fit_is_refused_and_told_with_its_line() {
    let desk = Desk::new("pledge-refused");
    let document = "0".repeat(64);
    let handover = |source: &str, on: &str| {
        format!(
            "{{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"evidence\",\"about\":\"handover\",\"on\":\"{on}\",\"source\":\"{source}\",\"document\":\"{document}\"}}\n"
        )
    };
    let early = format!(
        "{{\"at\":\"2026-06-02T10:00:00+08:00\",\"do\":\"evidence\",\"about\":\"tax\",\"year\":1,\"figure\":\"1\",\"source\":\"税务局（样本）\",\"document\":\"{document}\"}}\n"
    );
    let bond = "{\"at\":\"2026-05-01T10:00:00+08:00\",\"do\":\"bond\",\"form\":\"cash\",\"amount\":\"1 SGD\",\"currency\":\"SGD\",\"issuer\":\"x\"}\n";
    let lines = [
        bond,
        &handover("路人", "2026-05-20"),
        &handover("自然资源局（样本）", "2027-05-20"),
        &handover("自然资源局（样本）", "2026-04-22"),
        &handover("自然资源局（样本）", "2026-05-20"),
        &handover("自然资源局（样本）", "2026-05-21"),
        &early,
    ]
    .concat();
    let (_, json, words) = with_commands(&desk, &lines, &["--json"]);
    let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{words}"));
    let refused: Vec<_> = json["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["code"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        (1, "bond_in_other_currency"),
        (2, "wrong_source"),
        (3, "evidence_of_future"),
        (4, "before_contract"),
        (6, "evidence_already_entered"),
        (7, "evidence_too_early"),
    ];
    assert_eq!(refused, expected.map(|(line, code)| (line, code.to_owned())));
    // However many are refused, the first are listed and the rest is counted.
    let (_, json, words) = with_commands(&desk, &bond.repeat(2_000), &["--json"]);
    let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{words}"));
    assert_eq!((json["refused"].as_array().unwrap().len(), json["refused_count"].as_u64()), (50, Some(2_000)));
}

#[test]
fn what_cannot_be_read_names_line_and_field() {
    let desk = Desk::new("pledge-unread");
    for (line, expected) in [
        ("{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"jump\"}", ":1: do: “jump” is none of the commands"),
        ("{\"at\":\"2026-06-01\",\"do\":\"tick\"}", ":1: at: “2026-06-01” is not a moment"),
        ("{\"at\":\"2020-06-01T10:00:00+08:00\",\"do\":\"tick\"}", ":1: at: is older"),
        (
            "{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"pay\",\"claim\":0,\"amount\":\"1 元\"}",
            ":1: claim: is no number",
        ),
        ("{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"pay\",\"claim\":1,\"amount\":\"1\"}", ":1: amount: "),
        (
            "{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"waive\",\"about\":\"gold\"}",
            ":1: about: “gold” is nothing of this pledge",
        ),
        ("{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"waive\",\"about\":\"tax\"}", ":1: year: is missing"),
        ("{\"at\":\"2026-06-01T10:00:00+08:00\",\"do\":\"tick\",\"bid\":\"1\"}", ":1: bid: “tick” has no such field"),
        ("not json", ":1: at: the header row"),
        ("{", ":1: the line breaks off"),
    ] {
        let (code, out, words) = with_commands(&desk, line, &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{line}");
        assert!(words.contains(expected), "{line}: {words}");
    }
}

#[test]
fn a_sale_that_does_not_hold_or_was_not_awarded_opens_no_pledge() {
    let (code, _, words) = said(&["pledge", TERMS, "--sale", "golden/1/passed-in.zip"]);
    assert_eq!((code, words.contains("not ended in an award")), (Some(2), true), "{words}");
    // Awarded, and without the tax that the terms name.
    let (code, _, words) = said(&["pledge", TERMS, "--sale", "golden/1/open-bidding.zip"]);
    assert_eq!((code, words.contains("“tax”")), (Some(2), true), "{words}");
    let (code, _, words) = said(&["pledge", TERMS, "--sale", SALE, "--winner", "A"]);
    assert_eq!((code, words.contains("expected one of D")), (Some(2), true), "{words}");
    let desk = Desk::new("pledge-broken");
    // A bond of so many yuan is none for a sale in euros.
    let terms = desk.path("euros.toml");
    let text = fs::read_to_string(root().join(TERMS)).unwrap();
    fs::write(&terms, text.replace("committed = \"award.tax\"", "committed = \"1 元/亩·年\"\nunit = \"元/亩·年\""))
        .unwrap();
    let (code, _, words) = said(&["pledge", &terms, "--sale", "golden/1/three-winners.zip", "--winner", "A"]);
    assert_eq!((code, words.contains("are in CNY, the sale in EUR")), (Some(2), true), "{words}");
    let mut bytes = fs::read(root().join(SALE)).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    let broken = desk.path("broken.zip");
    fs::write(&broken, bytes).unwrap();
    assert_eq!(said(&["pledge", TERMS, "--sale", &broken]).0, Some(2));
}

#[test]
fn terms_with_mistakes_are_named_by_line_and_field() {
    let desk = Desk::new("pledge-terms");
    let good = fs::read_to_string(root().join(TERMS)).unwrap();
    for (from, to, expected) in [
        ("after = \"handover\"", "after = \"nowhere\"", "milestones.start.after"),
        ("share_of_price = \"10 %\"", "", "bond"),
        ("share_of_price = \"10 %\"", "share_of_price = \"110 %\"", "bond.share_of_price"),
        ("committed = \"350 万元/亩\"", "committed = \"350 m2\"", "promises.investment.committed"),
        ("unit = \"万元/亩\"", "", "promises.investment.committed"),
        (
            "shortfall = \"share-of-price\"",
            "shortfall = \"share-of-price\"\nlate_fee_per_day = \"0.1 %\"",
            "late_fee_per_day",
        ),
        ("cure = \"30 days\"", "cure = \"soon\"", "cure"),
        ("price = \"price\"", "price = \"price\"\ncurrency = \"gold\"", "currency"),
        ("id = \"completion\"", "id = \"start\"", "duplicate-id"),
        ("start = \"start\"", "start = \"begin\"", "idle.start"),
        ("forms = [\"cash\", \"guarantee\"]", "forms = [\"gold\"]", "bond.forms"),
        ("forms = [\"cash\", \"guarantee\"]", "forms = []", "bond.forms"),
        ("share_of_price = \"10 %\"", "share_of_price = \"0 %\"", "Expected: more than 0 %"),
        ("grounds = [\"start\",", "grounds = [] # [", "take_back.grounds"),
        ("grounds = [\"start\",", "grounds = [\"handover\",", "the seller owes this milestone"),
        ("start = \"start\"", "start = \"start\"\ntake_back_after_months = 12", "idle.take_back_after_months"),
        ("start = \"start\"", "start = \"start\"\nfee_after_months = 24", "idle.fee_after_months"),
    ] {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        let path = desk.path("terms.toml");
        fs::write(&path, text).unwrap();
        let (code, _, words) = said(&["pledge", &path, "--sale", SALE]);
        assert_eq!(code, Some(2), "{to}");
        assert!(words.contains(expected), "{to}: {words}");
    }
}

const ISSUER: &str = "grade 经济和信息化局（样本） ed25519:9VeP0NGIkM/41oujjRe4gXmzvAjwhhK7LFWZh5uibKQ=";
const CARD: &str = "scorecards/cn/zhejiang/huangyan/on-scale/2022.toml";
const LATER: &str = "lots/cn/zhejiang/sample/graded-2034.toml";

/// The firm that fell short of its promise had grade A two years before, and has B.
#[test]
fn the_grade_of_a_firm_that_fell_short_shuts_it_out_of_a_later_sale() {
    for (table, grade) in [("data/samples/firms-2031.csv", "A"), ("data/samples/firms-2033.csv", "B")] {
        let (_, json, words) = said(&["score", CARD, table, "--firm", "样本丁公司", "--json"]);
        let json: Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{words}"));
        assert_eq!(json["grade"], grade, "{table}");
    }
    let desk = Desk::new("later-sale");
    let out = desk.path("later");
    let commands = LATER.replace(".toml", ".commands.jsonl");
    let (code, json, words) =
        said(&["run", LATER, "--commands", &commands, "--issuer", ISSUER, "--out", &out, "--json"]);
    assert_eq!(code, Some(0), "{words}");
    let json: Value = serde_json::from_str(&json).unwrap();
    let codes: Vec<&str> =
        json["refusals"].as_array().unwrap().iter().map(|refused| refused["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["certificate_contradicts", "certificate_not_valid_now", "certificate_missing", "prerequisite_not_met"]
    );
    let (code, text, _) = said(&["--lang", "en", "verify", &out]);
    assert_eq!((code, text.contains("winner: J")), (Some(0), true), "{text}");
    let told = json["refusals"][2]["en"].as_str().unwrap();
    assert_eq!(told, "It brings no certificate of a fact that this sale asks to be certified.");
    // The winner's deposit in cash is a fifth of the price of 1,500 万元: all of it is earnest money.
    let terms = fs::read_to_string(root().join("pledges/cn/zhejiang/sample/four-part.toml")).unwrap();
    let promised = terms.replace("\"award.tax\"", "\"30 万元/亩·年\"\nunit = \"万元/亩·年\"");
    let path = desk.path("terms.toml");
    fs::write(&path, promised).unwrap();
    let (code, json, words) = said(&["pledge", &path, "--sale", &out, "--json"]);
    assert_eq!(code, Some(0), "{words}");
    let json: Value = serde_json::from_str(&json).unwrap();
    let deposit = &json["deposit"];
    assert_eq!(
        (&deposit["amount"], &deposit["earnest"], &deposit["prepayment"]),
        (&300_000_000.into(), &300_000_000.into(), &0.into())
    );
    // Without the issuer the same file would have everybody turned away.
    let (code, _, words) = said(&["run", LATER, "--commands", &commands, "--out", &desk.path("plain")]);
    assert_eq!(code, Some(2));
    assert!(words.contains("certificates: this sale names no issuer. Expected: --issuer 'FACT NAME KEY'"), "{words}");
}

#[test]
fn a_certificate_is_issued_from_a_table_and_checked() {
    let desk = Desk::new("certificate");
    let key = desk.path("issuer.key");
    let (code, public, words) = said(&["certificate", "key", &key, "--name", "issuer.example"]);
    assert_eq!(code, Some(0), "{words}");
    let (code, _, words) = said(&["certificate", "key", &key, "--name", "issuer.example"]);
    assert_eq!((code, words.contains("never written over")), (Some(2), true), "{words}");
    let salt = "a".repeat(64);
    let issue = |table: &str, firm: &str, from: &str, until: &str| {
        let days = ["--issued", from, "--valid-until", until];
        let who = ["--firm", firm, "--lot", "cn/sample", "--code", "A", "--salt", &salt, "--key", &key];
        said(&[&["certificate", "issue", CARD, table], &who[..], &days].concat())
    };
    let table = "data/samples/firms-2033.csv";
    let (code, certificate, words) = issue(table, "样本丁公司", "2034-01-15", "2034-12-31");
    assert_eq!(code, Some(0), "{words}");
    let path = desk.path("grade.json");
    fs::write(&path, &certificate).unwrap();
    let issuer = format!("grade {}", public.trim());
    let (code, text, _) = said(&["--lang", "en", "certificate", "check", &path, "--issuer", &issuer]);
    assert_eq!((code, text.contains("grade = B  2034-01-15 – 2034-12-31")), (Some(0), true), "{text}");
    let (code, ..) = said(&["certificate", "check", &path, "--issuer", ISSUER]);
    assert_eq!(code, Some(1));
    fs::write(&path, certificate.replace("2034-12-31", "2035-12-31")).unwrap();
    let (code, ..) = said(&["certificate", "check", &path, "--issuer", &issuer]);
    assert_eq!(code, Some(1));
    fs::write(&path, "{}").unwrap();
    let (code, _, words) = said(&["certificate", "check", &path, "--issuer", &issuer]);
    assert_eq!((code, words.contains("text: is missing")), (Some(2), true), "{words}");
    // A version that is not in force on the day of issue; a folder, of which the right one is taken.
    let versions = |card: &str, issued: &str, more: &[&str]| {
        let who = ["--firm", "样本丁公司", "--lot", "cn/sample", "--code", "A", "--salt", &salt, "--key", &key];
        let days = ["--issued", issued, "--valid-until", "2034-12-31", "--lang", "en"];
        said(&[&["certificate", "issue", card, table], &who[..], &days, more].concat())
    };
    let old = CARD.replace("2022.toml", "2021.toml");
    let (code, text, words) = versions(&old, "2034-01-15", &[]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(words.contains("version 2021 is no longer in force since 2023-01-01, not on 2034-01-15"), "{words}");
    let (code, _, words) = versions(CARD, "2022-12-31", &[]);
    assert_eq!((code, words.contains("is in force from 2023-01-01 on")), (Some(2), true), "{words}");
    assert_eq!(versions(&old, "2034-01-15", &["--out-of-force"]).0, Some(0));
    assert_eq!(versions(&old, "2034-01-15", &["--on", "2022-06-30"]).0, Some(0));
    let digest = |path: &str| landgavel_record::record::sha256(&fs::read(root().join(path)).unwrap()).to_string();
    let folder = CARD.trim_end_matches("/2022.toml");
    let (code, text, words) = versions(folder, "2034-01-15", &[]);
    assert_eq!((code, text.contains(&digest(CARD))), (Some(0), true), "{words}");
    let (code, text, words) = versions(folder, "2022-06-30", &[]);
    assert_eq!((code, text.contains(&digest(&old))), (Some(0), true), "{words}");
    // Nobody of that name, no grade, days the wrong way round, a table that cannot be used.
    assert_eq!(issue(table, "路人公司", "2034-01-15", "2034-12-31").0, Some(1));
    assert_eq!(issue(table, "样本丁公司", "2034-01-15", "2034-01-14").0, Some(2));
    assert_eq!(issue("data/samples/counties.csv", "样本丁公司", "2034-01-15", "2034-12-31").0, Some(2));
    let missing =
        ["certificate", "issue", CARD, table, "--firm", "样本丁公司", "--identity", "sha256:1", "--key", &key];
    let (code, _, words) = said(&[&missing[..], &["--issued", "2034-01-15", "--valid-until", "2034-12-31"]].concat());
    assert_eq!((code, words.contains("--identity: expected sha256:")), (Some(2), true), "{words}");
}
