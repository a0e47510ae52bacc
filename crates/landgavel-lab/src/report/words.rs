//! What the page says that does not depend on figures, and how figures are written.

use crate::chart;
use crate::simulate::Measure;
use crate::study::{Behaviour, Spread};
use crate::summary::Estimate;

/// Chinese and English.
pub(super) type Pair = (&'static str, &'static str);

/// Names of the measures, with their units.
pub(super) const TITLES: [(Measure, Pair); 8] = [
    (Measure::Price, ("地价（万元/亩）", "Price (10,000 yuan per mu)")),
    (Measure::Promised, ("承诺亩均税收（万元/亩·年）", "Tax promised (10,000 yuan per mu and year)")),
    (Measure::Delivered, ("兑现亩均税收（万元/亩·年）", "Tax delivered (10,000 yuan per mu and year)")),
    (Measure::Quality, ("企业质量", "Quality of the winner")),
    (Measure::Default, ("违约", "Default")),
    (Measure::Lottery, ("由摇号决定", "Decided by lottery")),
    (Measure::Rent, ("企业所得（万元/亩）", "What the winner keeps (10,000 yuan per mu)")),
    (Measure::Revenue, ("政府所得（万元/亩）", "What the city gets (10,000 yuan per mu)")),
];

/// The same in a word, for the heads of tables.
pub(super) const SHORT: [Pair; 8] = [
    ("地价", "Price"),
    ("承诺税收", "Tax promised"),
    ("兑现税收", "Tax delivered"),
    ("企业质量", "Quality"),
    ("违约", "Default"),
    ("摇号", "Lottery"),
    ("企业所得", "Winner keeps"),
    ("政府所得", "City gets"),
];

/// Words that a reader may not know.
pub(super) const EXPLAINED: [(Pair, Pair); 11] = [
    (
        ("地价", "price"),
        (
            "竞得人为土地付出的价款，折到每亩。越低，企业负担越轻。",
            "What the winner pays for the land, per mu. The lower, the lighter the load on the firm.",
        ),
    ),
    (
        ("承诺亩均税收", "tax promised"),
        (
            "竞得人承诺每年每亩交的税；没有竞税就是公告的准入指标。",
            "Tax per mu and year that the winner promises; where tax is not bid on, the indicator in the notice.",
        ),
    ),
    (
        ("兑现亩均税收", "tax delivered"),
        (
            "投产后实际交的税。它围绕企业自己的平均水平上下波动。",
            "Tax that is in fact paid once the plant runs. It varies around the firm's own average.",
        ),
    ),
    (
        ("企业质量", "quality"),
        (
            "竞得人的平均税收能力，占当场竞买人中最高者的比例。100 % 表示最好的企业拿到了地。",
            "The winner's average tax, as a share of the best bidder's at that sale. 100 % means that the best firm got the land.",
        ),
    ),
    (
        ("违约", "default"),
        (
            "少交的税加起来超过保证金（或保函）的场次所占的比例。超出部分收不回来。",
            "Share of sales in which the shortfall of tax exceeds the bond or guarantee. What exceeds it is lost.",
        ),
    ),
    (
        ("由摇号决定", "decided by lottery"),
        ("最后靠摇号分出胜负的场次所占的比例。", "Share of sales that lots decide in the end."),
    ),
    (
        ("企业所得、政府所得", "what the winner keeps, what the city gets"),
        (
            "企业所得：地块对它的价值减去地价和补交的欠额。政府所得：地价加补交的欠额。",
            "The winner keeps the plot's value to it less the price and what it pays for shortfalls; the city gets these two.",
        ),
    ),
    (
        ("± 与区间", "± and intervals"),
        (
            "± 后面是 95 % 置信区间的一半：同样的假设下重做一遍，平均数有 95 % 的把握落在这个范围里。图上的横线、竖线是同一个区间。",
            "± is half of a 95 % confidence interval: under the same assumptions, a repetition would find the mean within it 95 times in 100. The bars in pictures are the same interval.",
        ),
    ),
    (
        ("前沿", "frontier"),
        (
            "同时看地价低、企业质量高、兑现税收多三个目标，没有别的方案能样样不差、至少一样更好的方案。违约超过规定的不算。图中实心点在前沿上，空心点不在。",
            "Designs that no other one matches in all three goals (low price, good winner, tax delivered) and beats in one. Designs over the limit on default do not count. Filled points are on the frontier, hollow ones are not.",
        ),
    ),
    (
        ("均衡", "equilibrium"),
        (
            "每个竞买人都已按对手的报价办法选了对自己最有利的报价，谁单独改变都多得不了什么。",
            "Every bidder already does what is best for it, given what the others do: none gains by changing alone.",
        ),
    ),
    (
        ("ε（偏离得益）", "ε, the gain of deviating"),
        (
            "检验均衡的尺子：在更细的格子上替每一类竞买人找最有利的改变，平均还能多得多少。越接近零，越像真正的均衡。",
            "The measure of an equilibrium: for every type of bidder the best change is sought on a finer grid, and ε is what it gains on average. The nearer to nought, the nearer to an equilibrium.",
        ),
    ),
];

/// How the study's bidders bid.
pub(super) fn behaviour(behaviour: Behaviour) -> (String, String) {
    match behaviour {
        Behaviour::Truthful => (
            "出到再多就亏为止（价值各自独立、公开出价时这是弱占优的，不用猜对手）".to_owned(),
            "bids up to where the surplus is gone: weakly dominant with private values and open bids, so nothing is learned and no equilibrium is claimed".to_owned(),
        ),
        Behaviour::Shaded { by } => (format!("各留价值的 {} 作余地", chart::percent(by)), format!("each keeps {} of its value as a margin", chart::percent(by))),
        Behaviour::Equilibrium { gain_at_most } => (
            format!("均衡：公开出价到再多就亏为止；密封报价取近似均衡。偏离得益（ε）超过企业所得的 {} 就不下结论", super::fine(gain_at_most)),
            format!("an equilibrium: open bids up to where the surplus is gone, sealed quotes as an approximate equilibrium has them. Where deviating gains more than {} of what bidders earn, nothing is claimed", super::fine(gain_at_most)),
        ),
        Behaviour::Ring { members, tickets: false } => (
            format!("前 {members} 名串通，只由最强者出价"),
            format!("the first {members} collude: only the strongest of them bids"),
        ),
        Behaviour::Ring { members, tickets: true } => (
            format!("前 {members} 名串通：平时只由最强者出价；外人把价顶到上限后，各成员都接受上限，多占摇号的签"),
            format!("the first {members} collude: only the strongest bids up; once outsiders have driven it to the cap, every member takes the cap for a ticket in the draw"),
        ),
        Behaviour::Shells { firms } => (
            format!("第一名竞买人另有 {firms} 家自己的公司（“马甲”），价格到上限时都接受上限，多占摇号的签"),
            format!("the first bidder has {firms} more firms of its own, which take caps for tickets in the draw"),
        ),
        Behaviour::Shill { to } => (
            format!("出让方暗中有人抬价，最高到 {to} 万元；由它“竞得”算没有成交"),
            format!("the seller secretly bids too, up to {to}; what it wins is not sold"),
        ),
    }
}

/// A distribution in words, Chinese and English.
pub(super) fn spread(spread: &Spread) -> (String, String) {
    match spread {
        Spread::Constant { value } => (format!("恒为 {value}"), format!("always {value}")),
        Spread::Uniform { low, high } => (format!("{low} 至 {high} 均匀分布"), format!("even from {low} to {high}")),
        Spread::Normal { mean, sd, variance } => {
            let sd = sd.or(variance.map(f64::sqrt)).unwrap_or_default();
            (format!("正态分布，均值 {mean}，标准差 {sd}"), format!("normal, mean {mean}, standard deviation {sd}"))
        }
        Spread::LogNormal { median, sigma } => (
            format!(
                "一半低于 {median}，三分之二在 {:.0} 至 {:.0} 之间（对数正态分布，对数标准差 {sigma}）",
                median / sigma.exp(),
                median * sigma.exp()
            ),
            format!(
                "half below {median}, two thirds between {:.0} and {:.0} (log-normal, sigma {sigma})",
                median / sigma.exp(),
                median * sigma.exp()
            ),
        ),
        Spread::Exponential { mean } => (format!("指数分布，均值 {mean}"), format!("exponential, mean {mean}")),
        Spread::Table { values } => {
            (format!("取自 {} 个值的表", values.len()), format!("from a table of {} values", values.len()))
        }
    }
}

/// Whether a measure is a share.
pub(super) fn is_share(measure: Measure) -> bool {
    matches!(measure, Measure::Quality | Measure::Default | Measure::Lottery)
}

/// A value of a measure.
pub(super) fn say(measure: Measure, value: f64) -> String {
    if is_share(measure) { chart::percent(value) } else { chart::plain(value) }
}

/// Half of an interval, without the unit: with two digits where one would be nought.
pub(super) fn say_half(measure: Measure, half: f64) -> String {
    let half = if is_share(measure) { half * 100.0 } else { half };
    chart::half_width(half)
}

/// A mean with its interval.
pub(super) fn with_half(measure: Measure, of: Estimate) -> String {
    let half =
        if of.half.is_finite() { format!("<small>±{}</small>", say_half(measure, of.half)) } else { String::new() };
    format!("{}{half}", say(measure, of.mean))
}

/// A difference with its interval and its sign.
pub(super) fn difference(measure: Measure, of: Estimate) -> String {
    let sign = if of.mean >= 0.0 { "+" } else { "−" };
    let (size, unit) = if is_share(measure) { (of.mean.abs() * 100.0, " %") } else { (of.mean.abs(), "") };
    format!("{sign}{size:.1}{unit}<small>±{}</small>", say_half(measure, of.half))
}

/// A score's difference with its interval.
pub(super) fn points(of: Estimate) -> String {
    let sign = if of.mean >= 0.0 { "+" } else { "−" };
    format!("{sign}{:.2}<small>±{:.2}</small>", of.mean.abs(), of.half)
}

/// Text in HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Both languages, each in its own element.
pub(super) fn pair(zh: &str, en: &str) -> String {
    format!("<span lang=\"zh\">{zh}</span><span lang=\"en\">{en}</span>")
}

pub(super) const STYLE: &str = include_str!("page.css");
