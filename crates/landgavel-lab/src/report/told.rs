//! What the page says of its own grounds: how near play is to an equilibrium, and what was assumed.

use std::fmt::Write as _;

use super::page::{heading, paragraph};
use super::words::{behaviour, escape, pair, spread};
use super::{Findings, fine};
use crate::chart::percent;
use crate::population::TYPES;

impl Findings<'_> {
    /// How near play is to an equilibrium, case by case.
    pub(super) fn play(&self, out: &mut String) {
        let found: Vec<_> =
            (0..self.work.choices.len()).filter_map(|case| Some((case, self.work.certificate(case)?))).collect();
        if found.is_empty() {
            return;
        }
        heading(out, "均衡：如何找到，有多准", "The equilibrium: how it is found, and how near it is");
        paragraph(
            out,
            "",
            &format!(
                "竞买人分 {TYPES} 类，各类机会相等，彼此独立。每人知道自己的价值和税收能力，只知道对手的分布；公开阶段看得见还剩几人。公开阶段按“再多就亏”停；密封报价在粗格上用虚拟博弈求解，再对每一类、每一个合法报价检验：最有利的单方改变平均还能多得多少，就是 ε。下表 ε 以每场万元计，也折成企业所得的比例。"
            ),
            &format!(
                "There are {TYPES} types of bidders, equally likely and independent. Each knows its own value and tax, of others only how they are spread, and in open stages how many are left. Open bids go to where the surplus is gone. Sealed quotes are solved on coarse cells by fictitious play; then, for every type and every legal amount, the best change alone is sought, and ε is what it gains on average: in ten thousand yuan for the lot, and as a share of what bidders earn."
            ),
        );
        paragraph(
            out,
            "",
            "均衡可能不止一个。这里只看对称的（同类竞买人做法相同），从三个起点求解（报一半、报最低、报尽）；三者一致才下结论，不一致就不下。没有找到别的均衡，不等于没有。",
            "There may be more than one equilibrium. Only symmetric ones are looked at (equal types do the same), from three beginnings (half, least, all that a bidder can bear); figures are claimed only where the three agree. That no other was found does not mean that there is none.",
        );
        out.push_str("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\"></th>");
        let costs = self.work.study.population.entry_cost > 0.0;
        for (zh, en) in costs.then_some(("会来的占比", "share that comes")).into_iter().chain([
            ("ε（万元）", "ε (10,000 yuan)"),
            ("占所得", "share of earnings"),
            ("得益最多的一类（万元）", "most for any type"),
            ("平均所得（万元）", "mean earnings"),
            ("密封报价平均在第几档", "mean sealed quote, as a rung"),
            ("另两个起点", "from the other beginnings"),
            ("检验的档数", "rungs examined"),
        ]) {
            let _ = write!(out, "<th scope=\"col\">{}</th>", pair(zh, en));
        }
        out.push_str("</tr></thead><tbody>");
        for (case, found) in found {
            let quote = if found.quote.is_finite() { format!("{:.2}", found.quote) } else { "–".to_owned() };
            let others: Vec<String> = found.others.iter().map(|(quote, _)| format!("{quote:.2}")).collect();
            let others = if others.is_empty() { "–".to_owned() } else { others.join(" / ") };
            let coming = if costs { format!("<td>{}</td>", percent(found.coming)) } else { String::new() };
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th>{coming}<td>{:.4}</td><td>{}</td><td>{:.2}</td><td>{:.1}</td><td>{quote}</td><td>{others}</td><td>{}</td></tr>",
                Self::name(case),
                found.epsilon,
                fine(found.relative),
                found.worst,
                found.earned,
                found.rungs
            );
        }
        out.push_str("</tbody></table></div>");
    }

    pub(super) fn assumptions(&self, out: &mut String) {
        let study = &self.work.study;
        heading(out, "假设", "What was assumed");
        out.push_str("<ul>");
        let mut item = |zh: &str, en: &str| {
            let _ = write!(out, "<li>{}</li>", pair(zh, en));
        };
        let p = &study.population;
        let (value, productivity) = (spread(&p.value), spread(&p.productivity));
        item(
            &format!("地块对竞买人的价值（万元，不计税）：{}", value.0),
            &format!("value of the plot to a bidder, net of tax, ten thousand yuan: {}", value.1),
        );
        item(
            &format!("企业的亩均税收能力（万元/亩·年）：{}", productivity.0),
            &format!("tax that a bidder gives on average, ten thousand yuan per mu and year: {}", productivity.1),
        );
        item(
            &format!("两者的相关程度（−1 至 1，按名次）：{}。越高，竞价越能选出好企业", p.correlation),
            &format!(
                "how far the two go together (from −1 to 1, by ranks, a Gaussian copula): {}. The higher, the better price picks good firms",
                p.correlation
            ),
        );
        item(
            &format!("每家实际兑现的税围绕自己的平均上下不超过 {}，均匀分布", percent(p.delivery_spread)),
            &format!("what is delivered lies within {} of a bidder's own average, evenly", percent(p.delivery_spread)),
        );
        if let Some(budget) = &p.budget {
            let (zh, en) = spread(budget);
            item(
                &format!("竞买人最多付得起的地价（万元），与价值、税收能力无关：{zh}"),
                &format!(
                    "the most that a bidder can pay for the land (10,000 yuan), which goes with neither value nor tax: {en}"
                ),
            );
        }
        if p.entry_cost > 0.0 {
            let cost = p.entry_cost;
            item(
                &format!(
                    "来一次要花 {cost} 万元（准备材料、筹措保证金），得与不得都要花；各类竞买人先知道自己、再决定来不来，来的人不知道别人来没来。这笔花费没有从企业所得中扣除"
                ),
                &format!(
                    "coming costs {cost} (10,000 yuan: a file prepared, a deposit financed), won or not; each type knows itself and decides whether it comes, and nobody knows who else has come. It is not taken off what the winner keeps"
                ),
            );
        }
        item(
            &format!("上述分布由 {TYPES} 类竞买人的表代替，每类机会相等"),
            &format!("a table of {TYPES} types, equally likely, stands for these distributions"),
        );
        let source = escape(&p.source);
        let zh = if source == "assumption" { "假设（没有人量过）".to_owned() } else { source.clone() };
        item(&format!("这些数的来源：{zh}"), &format!("where these numbers come from: {source}"));
        let (zh, en) = behaviour(study.behaviour);
        item(&format!("竞买人的做法：{zh}"), &format!("what bidders do: {en}"));
        item(
            "欠税由保证金补足，超过保证金的部分收不回",
            "a shortfall of tax is paid up to the bond; what exceeds it is lost",
        );
        let (zh, en) = if p.budget.is_some() { ("", "") } else { ("资金不足、", "short budgets, ") };
        item(
            &format!("没有考虑：价值彼此相关、{zh}跳价施压、竞得后讨价还价"),
            &format!("not modelled: values that depend on each other, {en}jump bids, bargaining after the award"),
        );
        let cases = || 0..self.work.choices.len();
        let on = |path: &str| -> String {
            cases().filter(|case| self.work.path(*case) == path).map(Self::name).collect::<Vec<_>>().join(", ")
        };
        for (path, zh, en) in [
            (
                "kernel",
                "许多场一起算（向量指令）；结果与逐场推演逐位相同",
                "many sales at once, by vector instructions; bit for bit what one sale at a time gives",
            ),
            ("straight", "逐场推演", "one sale at a time"),
            ("engine", "由出让规则引擎逐步推演，较慢", "on the engine that runs real sales, slower"),
        ] {
            let names = on(path);
            if !names.is_empty() {
                item(&format!("{names}：{zh}"), &format!("{names}: {en}"));
            }
        }
        for case in cases() {
            if let Some(why) = self.work.games[case].not_straight() {
                item(
                    &format!("{} 只能由引擎推演：{}", Self::name(case), escape(&why.to_string())),
                    &format!("{}: only the engine plays it: {}", Self::name(case), escape(&why.to_string())),
                );
            }
        }
        let unended: u64 = self.summaries.iter().flatten().map(|summary| summary.unended).sum();
        if unended > 0 {
            item(
                &format!("有 {unended} 场没有结束，算作未成交"),
                &format!("{unended} sales that the engine did not end; they count as unsold"),
            );
        }
        let o = study.objective;
        let most = percent(o.default_at_most);
        item(
            &format!(
                "目标的轻重：低地价 {}、企业质量 {}、兑现税收 {}；违约率不超过 {most}",
                o.low_price, o.quality, o.delivered
            ),
            &format!(
                "weights of the goals: low price {}, quality {}, tax delivered {}; default at most {most}",
                o.low_price, o.quality, o.delivered
            ),
        );
        item(
            &format!("每个方案模拟 {} 场，随机种子 {}：同一种子得同样的结果", study.sales, study.seed),
            &format!("{} sales for each design, seed {}: the same seed gives the same tables", study.sales, study.seed),
        );
        out.push_str("</ul>");
    }
}
