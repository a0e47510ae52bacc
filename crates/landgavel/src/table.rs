//! The outcome of a sale as text and as JSON.

use std::fmt::Write as _;

use landgavel_base::capital_amount;
use landgavel_record::language::{format_money, format_quantity};
use landgavel_sale::outcome::{EndReason, PassInReason};
use landgavel_sale::{EndedStage, Sale, Seat, Status};
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

fn reason(why: EndReason) -> (&'static str, &'static str) {
    match why {
        EndReason::Settled => ("竞得", "settled"),
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

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The table of stages and the award, for people.
pub fn outcome_text(sale: &Sale, is_sample: bool, refusals: &[Value]) -> String {
    let mut text = String::new();
    let lot = sale.lot();
    let _ = writeln!(text, "{} · {}", lot.title.zh, lot.title.en);
    if is_sample {
        let _ = writeln!(text, "样本，非真实出让 · A sample: invented, not a real sale");
    }
    let mut rows = vec![["阶段 stage", "竞买人 field", "最优 best", "结束原因 why", "领先 leader"].map(str::to_owned)];
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
            format!("{} {}", stage.title.zh, stage.title.en),
            ended.field.len().to_string(),
            best_text(sale, ended),
            format!("{zh} {en}"),
            leader.to_owned(),
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| padded(cell, width)).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    let _ = writeln!(text, "{}", status_text(sale));
    for seat in sale.seats() {
        award_text(&mut text, sale, seat);
    }
    if !refusals.is_empty() {
        let _ = writeln!(text, "拒绝 · refused:");
        for refusal in refusals {
            let _ = writeln!(text, "  #{} {}", refusal["entry"], refusal["detail"].as_str().unwrap_or(""));
        }
    }
    text
}

fn status_text(sale: &Sale) -> String {
    match sale.status() {
        Status::Awarded => "成交 · sold".to_owned(),
        Status::Provisional => "竞得入选人已产生，待确认 · provisional award, to be confirmed".to_owned(),
        Status::PassedIn(why) => format!("流拍 · passed in: {}", pass_in_text(sale, why)),
        Status::Annulled { cause } => format!("终止 · annulled: {cause}"),
        Status::Admitting => "尚未开始 · no stage has begun".to_owned(),
        Status::Running(stage) => {
            format!("进行中 · stage “{}” waits for somebody to act", sale.lot().rulebook.stage(*stage).id)
        }
    }
}

fn pass_in_text(sale: &Sale, why: &PassInReason) -> String {
    match why {
        PassInReason::NoBidder => "无人竞买 nobody was admitted".to_owned(),
        PassInReason::TooFewBidders => "竞买人不足 too few bidders".to_owned(),
        PassInReason::SoleBidder => "仅一人竞买 a sole bidder".to_owned(),
        PassInReason::Stage { stage, why } => {
            let (zh, en) = reason(*why);
            format!("{} {zh} {en}", sale.lot().rulebook.stage(*stage).title.zh)
        }
        PassInReason::WinnerFailed => "竞得入选人未确认 the winner failed".to_owned(),
    }
}

fn award_text(text: &mut String, sale: &Sale, seat: &Seat) {
    let lot = sale.lot();
    let code = sale.bidder(seat.bidder).map_or("", |bidder| bidder.code());
    let _ = writeln!(text, "竞得人 winner: {code}");
    for (attribute, value) in &seat.terms.values {
        let attribute = lot.rulebook.attribute(*attribute);
        let _ = writeln!(text, "  {} {}: {}", attribute.name.zh, attribute.name.en, format_quantity(attribute, *value));
        let currency = &lot.rulebook.currency;
        if let Some(total) = attribute.lot_money(*value, lot.area) {
            let _ = writeln!(text, "    全宗 per lot: {}", format_money(total, currency));
            if currency == "CNY" {
                let _ = writeln!(text, "    大写 in capitals: {}", capital_amount(total));
            } else if let Some(each) = total.scale_half_up(100, i128::from(lot.area.hundredths_m2())) {
                let _ = writeln!(text, "    每平方米 per m²: {}", format_money(each, currency));
            }
        }
        // A mu is a measure of China's land; elsewhere nobody counts in it.
        if let Some(each) = attribute.mu_money(*value, lot.area).filter(|_| currency == "CNY") {
            let _ = writeln!(text, "    每亩 per mu: {}", format_money(each, currency));
        }
    }
    for arisen in sale.obligations().iter().filter(|arisen| arisen.bidder == seat.bidder) {
        let Some(rule) = usize::try_from(arisen.obligation).ok().and_then(|i| lot.rulebook.obligations.get(i)) else {
            continue;
        };
        let amount =
            arisen.amount.map(|money| format!(" {}", format_money(money, &lot.rulebook.currency))).unwrap_or_default();
        let due = arisen.due.map(|date| format!(" ≤ {date}")).unwrap_or_default();
        let _ = writeln!(text, "  义务 duty [{}]{amount}{due}: {} · {}", rule.id, rule.text.zh, rule.text.en);
    }
}
