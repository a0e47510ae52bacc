//! A pledge as one HTML page that loads nothing and runs nothing: for the supervisor, the enterprise, its bank, the public.

use core::fmt::Write as _;

use landgavel_base::{Bilingual, Date, Money};
use landgavel_pledge::{BondForm, ClaimState, Event, Finding, Subject};

use super::Opened;
use super::light::{Light, subject_light};
use super::words::{event_in_words, status_in_words, subject_in_words};
use crate::figures::escaped;
use crate::language::format_money;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:72rem;padding:1rem}\
h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.2rem;margin:1.5rem 0 .5rem}table{border-collapse:collapse;width:100%}\
th,td{padding:.35rem .6rem;text-align:left;border-bottom:1px solid #8884;vertical-align:top}th[scope=row]{font-weight:600}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.w{overflow-x:auto}.q{opacity:.8;font-size:.875rem}\
.l{display:inline-block;padding:0 .5rem;border-radius:.25rem;border:1px solid;white-space:nowrap}\
.red{color:#b3261e;border-color:#b3261e}.amber{color:#7a5200;border-color:#7a5200}.green{color:#1b6e2d;border-color:#1b6e2d}.grey{opacity:.8}\
@media(prefers-color-scheme:dark){.red{color:#ff8a80;border-color:#ff8a80}.amber{color:#ffcf70;border-color:#ffcf70}.green{color:#7fd98f;border-color:#7fd98f}}\
progress{width:8rem;max-width:100%}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}dt{opacity:.8}dd{margin:0}\
ol{padding-left:0;list-style:none}li{margin:.35rem 0}time{font-variant-numeric:tabular-nums;opacity:.8;margin-right:.5rem}\
@media(max-width:40rem){body{padding:.75rem}th,td{padding:.3rem}.l{white-space:normal}}";

/// The page of a pledge as it stands on a day, with all that has happened.
pub fn page(opened: &Opened, title: &Bilingual, is_sample: bool, today: Date, events: &[Event]) -> String {
    let mut page = Page { opened, today, out: String::new() };
    page.head(title, is_sample);
    page.items();
    page.bonds();
    page.claims();
    page.history(events);
    page.line("</main></body></html>");
    page.out
}

struct Page<'a> {
    opened: &'a Opened,
    today: Date,
    out: String,
}

/// The class of a light.
fn class(light: Option<Light>) -> &'static str {
    match light {
        Some(Light::Red) => "red",
        Some(Light::Amber) => "amber",
        Some(Light::Green) => "green",
        None => "grey",
    }
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn money(&self, money: Money) -> String {
        escaped(&format_money(money, &self.opened.pledge.contract().currency))
    }

    fn title(&mut self, zh: &str, en: &str) {
        self.line(&format!("<h2>{zh} <span lang=\"en\">{en}</span></h2>"));
    }

    fn table(&mut self, heads: &[(&str, &str, bool)]) {
        self.out
            .push_str("<div class=\"w\" tabindex=\"0\" role=\"group\" aria-label=\"表格 table\"><table><thead><tr>");
        for (zh, en, is_number) in heads {
            let class = if *is_number { " class=\"n\"" } else { "" };
            // INVARIANT: writing to a String does not fail.
            let _ = write!(self.out, "<th{class} scope=\"col\">{zh}<br><span lang=\"en\" class=\"q\">{en}</span></th>");
        }
        self.line("</tr></thead><tbody>");
    }

    fn head(&mut self, title: &Bilingual, is_sample: bool) {
        let pledge = &self.opened.pledge;
        let contract = pledge.contract();
        let (zh, en) = (escaped(&title.zh), escaped(&title.en));
        let status = status_in_words(pledge.status());
        let (price, winner) = (self.money(contract.price), escaped(&contract.winner));
        self.line("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
        self.line(&format!(
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{zh}</title><style>{STYLE}</style></head><body><main>"
        ));
        self.line(&format!("<h1>{zh}<br><span lang=\"en\">{en}</span></h1>"));
        if is_sample {
            self.line(
                "<p><strong>样本：条款为虚构</strong> <span lang=\"en\">A sample: these terms are invented.</span></p>",
            );
        }
        let signed = contract.signed;
        let today = self.today;
        let owed = self.money(self.owed());
        let deposit = self.opened.deposit_in_words();
        let deposit = deposit.map(|words| {
            format!("{}<br><span lang=\"en\" class=\"q\">{}</span>", escaped(&words.zh), escaped(&words.en))
        });
        self.line("<dl>");
        for (zh, en, value) in [
            ("竞得人", "winner", winner),
            ("地价", "price", price),
            ("签订日", "contract", signed.to_string()),
            ("截至", "as of", today.to_string()),
            ("状态", "status", format!("{} <span lang=\"en\">{}</span>", status.zh, status.en)),
            ("索赔尚欠", "owed on claims", owed),
        ]
        .into_iter()
        .chain(deposit.map(|text| ("竞买保证金", "bid deposit", text)))
        {
            self.line(&format!("<dt>{zh} <span lang=\"en\">{en}</span></dt><dd>{value}</dd>"));
        }
        self.line("</dl>");
    }

    /// What all claims are owed on the day, late fees included.
    fn owed(&self) -> Money {
        let pledge = &self.opened.pledge;
        let open = (0..pledge.claims().len()).filter_map(|claim| pledge.claim_owed(claim, self.today));
        open.fold(Money::ZERO, |sum, owed| sum.checked_add(owed).unwrap_or(sum))
    }

    fn items(&mut self) {
        self.title("承诺与认定", "Promises and verdicts");
        self.table(&[
            ("事项", "what", false),
            ("认定", "verdict", false),
            ("承诺", "promised", true),
            ("实际", "shown", true),
            ("期限", "due", true),
        ]);
        let pledge = &self.opened.pledge;
        let subjects: Vec<Subject> = pledge.told().collect();
        for subject in subjects {
            let pledge = &self.opened.pledge;
            let name = subject_in_words(pledge, subject);
            let promised = match subject {
                Subject::Period(index, _) => {
                    pledge.contract().promises.get(usize::from(index)).map(|one| one.committed)
                }
                Subject::Milestone(_) | Subject::Duty(_) | Subject::Ban(_) | Subject::Idle => None,
            };
            let finding = pledge.evidence(subject).map(|evidence| evidence.finding);
            let shown = match finding {
                None => "–".to_owned(),
                Some(Finding::On(day)) => day.to_string(),
                Some(Finding::Halted(halted)) => halted.until.to_string(),
                Some(Finding::Figure(value)) => {
                    let bar = promised.filter(|most| *most > 0).map_or_else(String::new, |most| {
                        format!(
                            "<br><progress max=\"{most}\" value=\"{}\" aria-hidden=\"true\"></progress>",
                            value.clamp(0, most)
                        )
                    });
                    format!("{}{bar}", escaped(&self.opened.quanta(subject, value)))
                }
            };
            let promised = promised.map_or("–".to_owned(), |value| escaped(&self.opened.quanta(subject, value)));
            let due = pledge.due_of(subject).map_or("–".to_owned(), |day| day.to_string());
            let (light, words) = subject_light(self.opened, subject, self.today);
            let class = class(light);
            self.line(&format!(
                "<tr><th scope=\"row\">{}<br><span lang=\"en\" class=\"q\">{}</span></th><td><span class=\"l {class}\">{} <span lang=\"en\">{}</span></span></td><td class=\"n\">{promised}</td><td class=\"n\">{shown}</td><td class=\"n\">{due}</td></tr>",
                escaped(&name.zh),
                escaped(&name.en),
                words.zh,
                words.en
            ));
        }
        self.line("</tbody></table></div>");
    }

    fn bonds(&mut self) {
        let pledge = &self.opened.pledge;
        let (required, held, missing) =
            (self.money(pledge.contract().bond.amount), self.money(pledge.held()), self.money(pledge.missing()));
        self.title("履约保证", "Performance bond");
        self.line(&format!(
            "<p>应缴 <span lang=\"en\">required</span> {required} · 现有 <span lang=\"en\">held</span> {held} · 欠缺 <span lang=\"en\">missing</span> {missing}</p>"
        ));
        if self.opened.pledge.bonds().is_empty() {
            return;
        }
        self.table(&[
            ("保证", "bond", false),
            ("金额", "amount", true),
            ("余额", "held", true),
            ("已退", "released", true),
            ("已付", "called", true),
            ("失效", "lapsed", true),
            ("没收", "forfeited", true),
            ("有效至", "valid until", true),
        ]);
        let rows: Vec<String> = self
            .opened
            .pledge
            .bonds()
            .iter()
            .enumerate()
            .map(|(index, held)| {
                let (zh, en) = match held.bond.form {
                    BondForm::Cash => ("现金", "cash"),
                    BondForm::Guarantee => ("见索即付保函", "guarantee on demand"),
                };
                let demand = self.opened.pledge.extension_demand(index).map(|demand| {
                    let due = demand.due;
                    format!("<br><span class=\"l amber\">{due} 前展期或更换 <span lang=\"en\">extend or replace by {due}</span></span>")
                });
                let until = held.bond.valid_until.map_or("–".to_owned(), |day| day.to_string()) + &demand.unwrap_or_default();
                let amounts = [held.bond.amount, held.held(), held.released, held.called, held.lapsed, held.forfeited];
                let cells: String =
                    amounts.iter().map(|amount| format!("<td class=\"n\">{}</td>", self.money(*amount))).collect();
                format!(
                    "<tr><th scope=\"row\">{}. {zh} <span lang=\"en\" class=\"q\">{en}</span><br>{}</th>{cells}<td class=\"n\">{until}</td></tr>",
                    index + 1,
                    escaped(&held.bond.issuer)
                )
            })
            .collect();
        self.line(&rows.join("\n"));
        self.line("</tbody></table></div>");
    }

    fn claims(&mut self) {
        if self.opened.pledge.claims().is_empty() {
            return;
        }
        self.title("索赔", "Claims");
        self.table(&[
            ("索赔", "claim", false),
            ("状态", "state", false),
            ("尚欠", "still owed", true),
            ("整改期至", "cure until", true),
            ("金额", "amount", true),
            ("滞纳金", "late fees", true),
            ("已付", "paid", true),
            ("保证支付", "from the bond", true),
            ("应退", "goes back", true),
        ]);
        let pledge = &self.opened.pledge;
        let rows: Vec<String> = pledge
            .claims()
            .iter()
            .enumerate()
            .map(|(index, claim)| {
                let name = subject_in_words(pledge, claim.subject);
                let owed = match claim.state {
                    ClaimState::Closed => Money::ZERO,
                    ClaimState::Open | ClaimState::Disputed => {
                        pledge.claim_owed(index, self.today).unwrap_or_else(|| claim.owed())
                    }
                };
                let (class, zh, en) = match claim.state {
                    ClaimState::Closed => ("green", "已结", "closed"),
                    ClaimState::Disputed => ("amber", "有异议", "disputed"),
                    ClaimState::Open => ("red", "未结", "open"),
                };
                let fee = pledge.claim_fee(index, self.today).unwrap_or(claim.fee);
                let amounts = [claim.amount, fee, claim.paid, claim.from_bond, claim.refund];
                let cells: String =
                    amounts.iter().map(|amount| format!("<td class=\"n\">{}</td>", self.money(*amount))).collect();
                format!(
                    "<tr><th scope=\"row\">{}. {}<br><span lang=\"en\" class=\"q\">{}</span></th><td><span class=\"l {class}\">{zh} <span lang=\"en\">{en}</span></span></td><td class=\"n\">{}</td><td class=\"n\">{}</td>{cells}</tr>",
                    index + 1,
                    escaped(&name.zh),
                    escaped(&name.en),
                    self.money(owed),
                    claim.cure_until
                )
            })
            .collect();
        self.line(&rows.join("\n"));
        self.line("</tbody></table></div>");
    }

    fn history(&mut self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        self.title("经过", "What has happened");
        self.line("<ol>");
        for event in events {
            let day = event.at.local(self.opened.pledge.contract().utc_offset).date;
            let words = event_in_words(self.opened, &event.happened);
            self.line(&format!(
                "<li><time datetime=\"{day}\">{day}</time>{}<br><span lang=\"en\" class=\"q\">{}</span></li>",
                escaped(&words.zh),
                escaped(&words.en)
            ));
        }
        self.line("</ol>");
    }
}
