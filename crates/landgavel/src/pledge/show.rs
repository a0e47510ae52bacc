use landgavel_pledge::ClaimState;
use landgavel_record::language::{PledgeTerms, format_money};
use landgavel_record::pledges::{bank_demands, event_in_words, page, standing_json, status_in_words, subject_in_words};
use serde_json::{Value, json};

use super::Arguments;
use super::run::Run;
use crate::show::{Tongue, bad, columns, faint, good, note, shown};

impl Run {
    pub fn print(&self, arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) {
        let standing = standing_json(self.opened(), self.today(arguments));
        if arguments.json {
            let events = self.happened.iter().map(|event| {
                let words = event_in_words(self.opened(), &event.happened);
                json!({"at_ms": event.at.millis(), "zh": words.zh, "en": words.en})
            });
            let mut all = standing;
            all["events"] = events.collect();
            let demands = bank_demands(self.opened(), &self.happened);
            all["demands"] = demands.iter().map(|demand| demand.json(self.opened())).collect();
            all["refused"] = json!(self.refused);
            all["refused_count"] = json!(self.refused_count);
            all["sample"] = json!(terms.is_sample);
            println!("{all:#}");
            return;
        }
        if arguments.html {
            print!("{}", page(self.opened(), &terms.title, terms.is_sample, self.today(arguments), &self.happened));
            self.print_refused(arguments, tongue);
            return;
        }
        self.print_text(&standing, arguments, terms, tongue);
        self.print_refused(arguments, tongue);
    }

    fn print_text(&self, standing: &Value, arguments: &Arguments, terms: &PledgeTerms, tongue: Tongue) {
        let pledge = &self.opened().pledge;
        let contract = pledge.contract();
        let width = columns();
        let money = |amount| format_money(amount, &contract.currency);
        print!("{}", tongue.fit("", &terms.title.zh, &terms.title.en, width));
        if terms.is_sample {
            println!("{}", note(&tongue.say("样本：条款为虚构", "a sample: these terms are invented")));
        }
        let status = status_in_words(pledge.status());
        println!(
            "{}: {}  {}: {}  {}: {}  {}: {}",
            tongue.word("竞得人", "winner"),
            shown(&contract.winner),
            tongue.word("地价", "price"),
            money(contract.price),
            tongue.word("签订日", "contract"),
            contract.signed,
            tongue.word("状态", "status"),
            tongue.word(&status.zh, &status.en),
        );
        if let Some(words) = self.opened().bond_note() {
            println!("{}", note(&tongue.say(&words.zh, &words.en)));
        }
        for (subject, due) in pledge.owed_by_seller(self.today(arguments)) {
            let name = subject_in_words(pledge, subject);
            let (zh, en) =
                (format!("出让人逾期：{} {due}", name.zh), format!("the seller is late: {}, due {due}", name.en));
            println!("{}", note(&tongue.say(&zh, &en)));
        }
        if let Some(words) = self.opened().deposit_in_words() {
            print!("{}", tongue.fit("", &words.zh, &words.en, width));
        }
        println!();
        for event in &self.happened {
            let at = event.at.local(contract.utc_offset).date;
            let words = event_in_words(self.opened(), &event.happened);
            print!(
                "{}",
                tongue.fit(&format!("{}  ", faint(&at.to_string())), &shown(&words.zh), &shown(&words.en), width)
            );
        }
        println!("\n{}", tongue.word("承诺与认定", "promises and verdicts"));
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or("–").to_owned();
        for item in standing["items"].as_array().into_iter().flatten() {
            let mark = match item["verdict"].as_str() {
                Some("met" | "cured" | "waived") => {
                    good(&tongue.word(&text(item, "verdict_zh"), &text(item, "verdict_en")))
                }
                Some(_) => bad(&tongue.word(&text(item, "verdict_zh"), &text(item, "verdict_en"))),
                None if item["kind"] == "ban" => faint(&tongue.word("限制期内", "in force")),
                None if item["due"].is_null() => faint(&tongue.word("待前一节点", "waits for the step before")),
                None => faint(&tongue.word("未到期", "not due yet")),
            };
            println!(
                "  {}  {} {}  {} {}  {} {}  {mark}",
                tongue.word(&text(item, "zh"), &text(item, "en")),
                tongue.word("承诺", "promised"),
                text(item, "promised"),
                tongue.word("实际", "shown"),
                text(item, "shown"),
                tongue.word("期限", "due"),
                text(item, "due"),
            );
        }
        println!(
            "\n{}: {}  {}: {}  {}: {}",
            tongue.word("履约保证应缴", "bond required"),
            money(contract.bond.amount),
            tongue.word("现有", "held"),
            money(pledge.held()),
            tongue.word("欠缺", "missing"),
            money(pledge.missing()),
        );
        let today = self.today(arguments);
        for (index, claim) in pledge.claims().iter().enumerate() {
            let name = subject_in_words(pledge, claim.subject);
            let owed = match claim.state {
                ClaimState::Closed => landgavel_base::Money::ZERO,
                ClaimState::Open | ClaimState::Disputed => {
                    pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed())
                }
            };
            println!(
                "{} {}  {}  {} {}  {} {}  {} {}  {} {}",
                tongue.word("索赔", "claim"),
                index + 1,
                tongue.word(&name.zh, &name.en),
                tongue.word("金额", "amount"),
                money(claim.amount),
                tongue.word("已付", "paid"),
                money(claim.paid),
                tongue.word("保证支付", "from the bond"),
                money(claim.from_bond),
                tongue.word("尚欠", "still owed"),
                money(owed),
            );
        }
    }

    fn print_refused(&self, arguments: &Arguments, tongue: Tongue) {
        for refused in &self.refused {
            let line = format!("{}:{}: ", arguments.commands.as_deref().unwrap_or("-"), refused["line"]);
            let text = |field: &str| refused[field].as_str().unwrap_or_default();
            eprint!("{}", tongue.fit(&line, text("zh"), text("en"), columns()));
        }
        let more = self.refused_count - u64::try_from(self.refused.len()).unwrap_or(0);
        if more > 0 {
            eprintln!("{}", tongue.say(&format!("另有 {more} 项被拒绝"), &format!("{more} more were refused")));
        }
    }
}
