//! The outcome of a sale as text and as JSON.

use std::fmt::Write as _;

use landgavel_base::capital_amount;
use landgavel_record::language::{format_money, format_quantity};
use landgavel_sale::outcome::{EndReason, PassInReason};
use landgavel_sale::{EndedStage, Sale, Seat, Status};
use serde_json::Value;

use crate::show::{Tongue, good, padded, shown, width_of};

fn reason(why: EndReason) -> (&'static str, &'static str) {
    match why {
        EndReason::Settled => ("已决出", "settled"),
        EndReason::Capped => ("触及上限", "cap reached"),
        EndReason::Empty => ("无有效报价", "no offer"),
        EndReason::BelowReserve => ("未达底价", "below reserve"),
        EndReason::Overdue => ("逾期未公开", "overdue"),
        EndReason::Tied => ("并列", "tied"),
    }
}

fn best_text(sale: &Sale, ended: &EndedStage) -> String {
    let rulebook = &sale.lot().rulebook;
    let attribute = rulebook.stage(ended.stage).kind.attribute().map(|id| rulebook.attribute(id));
    match (attribute, ended.best) {
        (Some(attribute), Some(best)) => format_quantity(attribute, best),
        _ => "–".to_owned(),
    }
}

/// The table of stages and the award, for people.
pub fn outcome_text(sale: &Sale, is_sample: bool, refusals: &[Value], tongue: Tongue, width: usize) -> String {
    let mut text = String::new();
    let lot = sale.lot();
    let _ = writeln!(text, "{}", shown(&tongue.say(&lot.title.zh, &lot.title.en)));
    if is_sample {
        text += &tongue.fit("", "样本，非真实出让", "A sample: invented, not a real sale", width);
    }
    let head = [("阶段", "stage"), ("竞买人", "field"), ("最优", "best"), ("结束原因", "why"), ("领先", "leader")];
    let mut rows = vec![head.map(|(zh, en)| tongue.word(zh, en))];
    for ended in sale.ended_stages() {
        let (zh, en) = reason(ended.why);
        let leader = ended
            .ahead
            .first()
            .or(ended.ranking.first())
            .and_then(|&id| sale.bidder(id))
            .map_or("–", |bidder| bidder.code());
        let stage = lot.rulebook.stage(ended.stage);
        rows.push([
            shown(&tongue.word(&stage.title.zh, &stage.title.en)),
            ended.field.len().to_string(),
            best_text(sale, ended),
            tongue.word(zh, en),
            shown(leader),
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| width_of(&row[column])).max().unwrap_or(0)).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| padded(cell, width)).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    let _ = writeln!(text, "{}", status_text(sale, tongue));
    for seat in sale.seats() {
        award_text(&mut text, sale, seat, tongue, width);
    }
    if !refusals.is_empty() {
        let _ = writeln!(text, "{}:", tongue.say("不予接受", "refused"));
        for refusal in refusals {
            let words = |language: &str| shown(refusal[language].as_str().unwrap_or_default());
            text += &tongue.fit(&format!("  #{:<4} ", refusal["entry"].to_string()), &words("zh"), &words("en"), width);
        }
    }
    text
}

fn status_text(sale: &Sale, tongue: Tongue) -> String {
    match sale.status() {
        Status::Awarded => good(&tongue.say("成交", "sold")),
        Status::Provisional => tongue.say("竞得入选人已产生，待确认", "provisional award, to be confirmed"),
        Status::PassedIn(why) => format!("{}: {}", tongue.say("流拍", "passed in"), pass_in_text(sale, why, tongue)),
        Status::Annulled { cause } => format!("{}: {}", tongue.say("终止", "annulled"), shown(cause)),
        Status::Admitting => tongue.say("尚未开始", "no stage has begun"),
        Status::Running(stage) => {
            let stage = &sale.lot().rulebook.stage(*stage).title;
            let (zh, en) = (format!("进行中，等待“{}”", stage.zh), format!("“{}” waits for somebody to act", stage.en));
            tongue.say(&zh, &en)
        }
    }
}

fn pass_in_text(sale: &Sale, why: &PassInReason, tongue: Tongue) -> String {
    match why {
        PassInReason::NoBidder => tongue.word("无人竞买", "nobody was admitted"),
        PassInReason::TooFewBidders => tongue.word("竞买人不足", "too few bidders"),
        PassInReason::SoleBidder => tongue.word("仅一人竞买", "a sole bidder"),
        PassInReason::Stage { stage, why } => {
            let (zh, en) = reason(*why);
            let title = &sale.lot().rulebook.stage(*stage).title;
            tongue.say(&format!("{}{zh}", title.zh), &format!("{}: {en}", title.en))
        }
        PassInReason::WinnerFailed => tongue.word("竞得入选人未确认", "the winner failed"),
    }
}

fn award_text(text: &mut String, sale: &Sale, seat: &Seat, tongue: Tongue, width: usize) {
    let lot = sale.lot();
    let currency = &lot.rulebook.currency;
    let code = sale.bidder(seat.bidder).map_or("", |bidder| bidder.code());
    let _ = writeln!(text, "{}: {}", tongue.word("竞得人", "winner"), shown(code));
    for (attribute, value) in &seat.terms.values {
        let attribute = lot.rulebook.attribute(*attribute);
        let name = tongue.word(&attribute.name.zh, &attribute.name.en);
        let _ = writeln!(text, "  {}: {}", shown(&name), format_quantity(attribute, *value));
        let mut more = Vec::new();
        if let Some(total) = attribute.lot_money(*value, lot.area) {
            more.push((tongue.word("全宗", "per lot"), format_money(total, currency)));
            if currency == "CNY" {
                more.push((tongue.word("大写", "in capitals"), capital_amount(total)));
            } else if let Some(each) = total.scale_half_up(100, i128::from(lot.area.hundredths_m2())) {
                more.push((tongue.word("每平方米", "per m²"), format_money(each, currency)));
            }
        }
        // A mu is a measure of China's land; elsewhere nobody counts in it.
        if let Some(each) = attribute.mu_money(*value, lot.area).filter(|_| currency == "CNY") {
            more.push((tongue.word("每亩", "per mu"), format_money(each, currency)));
        }
        let column = more.iter().map(|(name, _)| width_of(name)).max().unwrap_or(0);
        for (name, value) in more {
            let _ = writeln!(text, "    {}  {value}", padded(&name, column));
        }
    }
    for arisen in sale.obligations().iter().filter(|arisen| arisen.bidder == seat.bidder) {
        let Some(rule) = usize::try_from(arisen.obligation).ok().and_then(|i| lot.rulebook.obligations.get(i)) else {
            continue;
        };
        let amount = arisen.amount.map(|money| format!(" {}", format_money(money, currency))).unwrap_or_default();
        let due = arisen.due.map(|date| format!(" ≤ {date}")).unwrap_or_default();
        let _ = writeln!(text, "  {} [{}]{amount}{due}", tongue.word("义务", "duty"), rule.id);
        text.push_str(&tongue.fit("    ", &shown(&rule.text.zh), &shown(&rule.text.en), width));
    }
}
