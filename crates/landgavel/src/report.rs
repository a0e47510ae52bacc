//! The verdict on a bundle, for people.

use std::fmt::Write as _;

use landgavel_base::Money;
use landgavel_record::language::format_money;
use landgavel_record::verify::{Caveat, Of, Report};
use serde_json::Value;

use crate::show::{Tongue, bad, columns, faint, good, note, padded, shown, width_of};

/// Columns of a check's name and of what it looked at.
const NAME: usize = 12;

/// Prints a report.
pub fn print_report(report: &Report, tongue: Tongue) {
    print!("{}", report_text(report, tongue, columns()));
}

fn report_text(report: &Report, tongue: Tongue, width: usize) -> String {
    let mut text = String::new();
    if let Some(title) = &report.subject.title {
        let _ = writeln!(text, "{}", shown(&tongue.say(&title.zh, &title.en)));
    }
    for check in report.of.checks() {
        let count = report.count(*check);
        let mark = match &report.wrong {
            Some(wrong) if wrong.check == *check => bad("✗"),
            Some(_) => faint("·"),
            None => good("✓"),
        };
        let title = check.title(report.of);
        let before = format!("  {mark} {} {count:>9}  ", padded(check.name(), NAME));
        text += &tongue.fit(&before, &title.zh, &title.en, width);
    }
    subject(&mut text, report, tongue);
    for caveat in &report.caveats {
        let words = caveat.text();
        let (zh, en) = match flag(*caveat) {
            None => (words.zh, words.en),
            Some(flag) => (format!("{}（{flag}）", words.zh), format!("{} ({flag})", words.en)),
        };
        text += &tongue.fit(&format!("  {} ", note("!")), &zh, &en, width);
    }
    match &report.wrong {
        None => {
            let (zh, en) = (format!("全部成立（{}条）", report.subject.entries), "everything holds");
            let en = format!("{en} ({} entries)", report.subject.entries);
            let _ = writeln!(text, "{}", good(&tongue.say(&zh, &en)));
            if let Some(outcome) = &report.outcome {
                text += &match report.of {
                    Of::Sale => outcome_text(outcome, tongue),
                    Of::Pledge => standing_text(outcome, tongue),
                };
            }
        }
        Some(wrong) => {
            let _ = writeln!(text, "{}", bad(&tongue.say("不成立", "it does not hold")));
            let _ = writeln!(text, "  {}", shown(&wrong.to_string()));
        }
    }
    text
}

/// The flag by which a reader brings what a caveat says is missing.
fn flag(caveat: Caveat) -> Option<&'static str> {
    match caveat {
        Caveat::PolicyFromBundle => Some("--policy"),
        Caveat::NoticeFromBundle => Some("--notice"),
        Caveat::Demonstration
        | Caveat::Sample
        | Caveat::LocalChain
        | Caveat::NumberByHand
        | Caveat::DrawNotHeld
        | Caveat::NotEnded
        | Caveat::PledgeRuns
        | Caveat::OtherOfficers
        | Caveat::WitnessedLate
        | Caveat::KeysReplaced => None,
    }
}

fn subject(text: &mut String, report: &Report, tongue: Tongue) {
    let subject = &report.subject;
    let named = [
        (tongue.word("日志", "log"), &subject.origin),
        (tongue.word("树根", "root"), &subject.root),
        match report.of {
            Of::Sale => (tongue.word("公告", "notice"), &subject.notice),
            Of::Pledge => (tongue.word("开立", "opening"), &subject.notice),
        },
    ];
    let trusted = tongue.word("信任", "trusted");
    let width = named.iter().map(|(name, _)| width_of(name)).chain([width_of(&trusted)]).max().unwrap_or(0);
    for (name, value) in &named {
        if let Some(value) = value {
            let _ = writeln!(text, "  {} {}", padded(name, width), shown(value));
        }
    }
    for key in &subject.trusted {
        let _ = writeln!(text, "  {} {}", padded(&trusted, width), shown(key));
    }
}

/// How the pledge stands, in a few lines.
fn standing_text(standing: &Value, tongue: Tongue) -> String {
    let status = match standing["status"].as_str().unwrap_or_default() {
        "discharged" => tongue.word("已解除", "discharged"),
        "taken_back" => tongue.word("土地已收回", "land taken back"),
        _ => tongue.word("履约中", "running"),
    };
    let currency = standing["currency"].as_str().unwrap_or_default();
    let money = |field: &Value| {
        let money = field.as_i64().and_then(Money::from_minor).unwrap_or(Money::ZERO);
        format_money(money, currency)
    };
    let items = standing["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |verdict: &str| items.iter().filter(|item| item["verdict"].as_str() == Some(verdict)).count();
    let met = count("met") + count("cured");
    let mut text = format!(
        "{}: {}  {}: {status}\n  {} {}/{}  {} {}\n  {} {}  {} {}  {} {}\n",
        tongue.word("竞得人", "winner"),
        shown(standing["winner"].as_str().unwrap_or_default()),
        tongue.word("状态", "status"),
        tongue.word("履约或已整改", "met or cured"),
        met,
        items.len(),
        tongue.word("违约", "breached"),
        count("breached"),
        tongue.word("履约保证应缴", "bond required"),
        money(&standing["bond_required_minor"]),
        tongue.word("现有", "held"),
        money(&standing["bond_held_minor"]),
        tongue.word("欠缺", "missing"),
        money(&standing["bond_missing_minor"]),
    );
    for (index, claim) in standing["claims"].as_array().into_iter().flatten().enumerate() {
        let _ = writeln!(
            text,
            "  {} {}  {}  {}  {} {}  {} {}",
            tongue.word("索赔", "claim"),
            index + 1,
            shown(claim["about"].as_str().unwrap_or_default()),
            money(&claim["amount_minor"]),
            tongue.word("保证支付", "from the bond"),
            money(&claim["from_bond_minor"]),
            tongue.word("尚欠", "still owed"),
            money(&claim["owed_minor"]),
        );
    }
    text
}

/// How the sale ended, in a line or two.
fn outcome_text(outcome: &Value, tongue: Tongue) -> String {
    let mut text = String::new();
    let (zh, en) = match outcome["status"].as_str().unwrap_or_default() {
        "awarded" => ("成交", "sold"),
        "provisional" => ("竞得入选人已产生，待确认", "provisional award, to be confirmed"),
        "passed_in" => ("流拍", "passed in"),
        "annulled" => ("终止", "annulled"),
        _ => ("进行中", "not ended"),
    };
    let _ = writeln!(text, "{}", tongue.say(zh, en));
    for winner in outcome["winners"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let terms = winner["terms"].as_array().map(Vec::as_slice).unwrap_or_default();
        let terms: Vec<String> =
            terms.iter().map(|term| term["value"].as_str().unwrap_or_default().to_owned()).collect();
        let code = winner["bidder"].as_str().unwrap_or_default();
        let line = format!("  {}: {code}  {}", tongue.word("竞得人", "winner"), terms.join("  "));
        let _ = writeln!(text, "{}", shown(line.trim_end()));
    }
    text
}
