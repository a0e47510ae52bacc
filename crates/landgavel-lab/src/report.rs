//! What a study found: a table for programs and a page for people.

use std::fmt::Write as _;

use crate::chart::{Mark, bars, points};
use crate::simulate::Measure;
use crate::study::{Behaviour, Spread};
use crate::summary::{Advice, Estimate, Summary, advise, summaries};
use crate::work::{Finished, Work};

/// A study's findings.
#[derive(Debug)]
pub struct Findings<'a> {
    work: &'a Work,
    summaries: Vec<Option<Summary>>,
    advice: Vec<Advice>,
}

impl<'a> Findings<'a> {
    /// From what is finished.
    pub fn new(work: &'a Work, finished: &Finished) -> Self {
        let summaries = summaries(finished, work.choices.len());
        let mut numbers = work.study.population.bidders.clone();
        numbers.sort_unstable();
        numbers.dedup();
        let advice = numbers.into_iter().map(|bidders| {
            let of = |(case, summary): (usize, &'_ Option<Summary>)| {
                (work.choices[case].bidders == bidders).then_some(())?;
                summary.as_ref().filter(|summary| summary.of[0].mean.is_finite()).map(|_| case)
            };
            let cases: Vec<usize> = summaries.iter().enumerate().filter_map(of).collect();
            let with: Vec<(usize, &Summary)> =
                cases.iter().filter_map(|&case| summaries[case].as_ref().map(|summary| (case, summary))).collect();
            advise(work.study.objective, bidders, &with)
        });
        let advice = advice.collect();
        Self { work, summaries, advice }
    }

    /// What is recommended, per number of bidders.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    /// Short name of a case in charts: A, B, … by its place.
    pub fn name(case: usize) -> String {
        let letter = u8::try_from(case % 26).map_or('?', |index| char::from(b'A' + index));
        if case < 26 { letter.to_string() } else { format!("{letter}{}", case / 26) }
    }

    /// What a case is, in English, in a line.
    pub fn title(&self, case: usize) -> String {
        let choice = &self.work.choices[case];
        let design = &self.work.study.designs[choice.design];
        let label = choice.label();
        if label.is_empty() { design.title.en.clone() } else { format!("{} ({label})", design.title.en) }
    }

    /// A line per case; means and half-widths of 95 % intervals.
    pub fn csv(&self) -> String {
        let mut out = "case,design,setting,bidders,sales,path,sold,sold_half".to_owned();
        for measure in Measure::ALL {
            let _ = write!(out, ",{0},{0}_half", measure.as_str());
        }
        out.push('\n');
        for (case, choice) in self.work.choices.iter().enumerate() {
            let Some(summary) = &self.summaries[case] else { continue };
            let path = if self.work.games[case].not_straight().is_some() { "engine" } else { "straight" };
            let design = &self.work.study.designs[choice.design].id;
            let setting = choice.label().replace('"', "\"\"");
            let _ =
                write!(out, "{},{design},\"{setting}\",{},{},{path}", Self::name(case), choice.bidders, summary.sales);
            for estimate in std::iter::once(&summary.sold).chain(&summary.of) {
                let _ = write!(out, ",{},{}", estimate.mean, estimate.half);
            }
            out.push('\n');
        }
        out
    }

    /// The page: one file that loads nothing.
    ///
    /// `text` is the study as written; the page carries it, so that whoever has the page can play it again.
    pub fn html(&self, text: &str) -> String {
        let study = &self.work.study;
        let mut out = String::new();
        let title = format!("{} {}", escape(&study.title.zh), escape(&study.title.en));
        let _ = write!(
            out,
            "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><main>"
        );
        let _ = write!(out, "<h1>{}<span lang=\"en\">{}</span></h1>", escape(&study.title.zh), escape(&study.title.en));
        both(
            &mut out,
            "p class=\"lead\"",
            "这是模拟，不是已举行的出让。它的结论只在下面写明的假设之内成立。",
            "This is a simulation, not sales that were held. What it finds holds within the assumptions below and no further.",
        );
        for note in &study.notes {
            both(&mut out, "p", &escape(&note.zh), &escape(&note.en));
        }
        for advice in &self.advice {
            self.advise(&mut out, advice);
        }
        for advice in &self.advice {
            self.pictures(&mut out, advice);
        }
        self.table(&mut out);
        self.assumptions(&mut out);
        heading(&mut out, "研究文件", "The study as written");
        let _ = write!(out, "<pre>{}</pre>", escape(text));
        out.push_str("</main></body></html>\n");
        out
    }

    fn advise(&self, out: &mut String, advice: &Advice) {
        let n = advice.bidders;
        heading(out, &format!("{n} 名竞买人：建议"), &format!("{n} bidders: the advice"));
        let limit = percent(self.work.study.objective.default_at_most);
        let Some(best) = advice.best else {
            both(
                out,
                "p class=\"verdict\"",
                &format!("没有一个方案的违约率不超过 {limit}。提高保证金或降低上限后再试。"),
                &format!("No design keeps default within {limit}. Try larger bonds or lower caps."),
            );
            return;
        };
        let choice = &self.work.choices[best];
        let design = &self.work.study.designs[choice.design];
        let label = choice.label();
        let tail = if label.is_empty() { String::new() } else { format!(" · <code>{}</code>", escape(&label)) };
        let name = Self::name(best);
        both(
            out,
            "p class=\"verdict\"",
            &format!("<b>{name}</b> {}{tail}", escape(&design.title.zh)),
            &format!("<b>{name}</b> {}{tail}", escape(&design.title.en)),
        );
        if let Some(summary) = &self.summaries[best] {
            let get = |measure| summary.get(measure).mean;
            let (price, promised, delivered) = (get(Measure::Price), get(Measure::Promised), get(Measure::Delivered));
            let (default, lottery) = (percent(get(Measure::Default)), percent(get(Measure::Lottery)));
            both(
                out,
                "p",
                &format!(
                    "平均地价每亩 {price:.1} 万元；承诺亩均税收 {promised:.1} 万元/年，兑现 {delivered:.1} 万元/年；欠额超过保证金的占 {default}；{lottery} 的出让由摇号决定。"
                ),
                &format!(
                    "Price {price:.1} (10,000 yuan per mu) on average; tax promised {promised:.1}, delivered {delivered:.1} (10,000 yuan per mu and year); {default} owe more than their bond; {lottery} of sales end in a lottery."
                ),
            );
        }
        if advice.not_separable.is_empty() {
            both(
                out,
                "p",
                "与其余各方案的差别都大于误差。",
                "It differs from every other design by more than the error.",
            );
        } else {
            let names: Vec<String> = advice.not_separable.iter().map(|&case| Self::name(case)).collect();
            let names = names.join(", ");
            both(
                out,
                "p",
                &format!("与 {names} 分不出高下：差别在误差之内。"),
                &format!("Not separable from {names}: the difference is within the error."),
            );
        }
        let over: Vec<String> =
            advice.scores.iter().filter(|(_, score)| score.is_none()).map(|(case, _)| Self::name(*case)).collect();
        if !over.is_empty() {
            let names = over.join(", ");
            both(
                out,
                "p",
                &format!("违约率超过 {limit}，未入选：{names}。"),
                &format!("Left out, since default exceeds {limit}: {names}."),
            );
        }
    }

    fn pictures(&self, out: &mut String, advice: &Advice) {
        let cases: Vec<(usize, &Summary)> =
            advice.scores.iter().filter_map(|(case, _)| Some((*case, self.summaries[*case].as_ref()?))).collect();
        let mark = |case: usize, x: Estimate, y: Estimate| Mark {
            name: Self::name(case),
            x,
            y,
            is_chosen: advice.best == Some(case),
        };
        let n = advice.bidders;
        heading(out, &format!("{n} 名竞买人：图"), &format!("{n} bidders: pictures"));
        let frontier: Vec<Mark> = cases
            .iter()
            .map(|(case, summary)| mark(*case, summary.get(Measure::Price), summary.get(Measure::Delivered)))
            .collect();
        out.push_str("<figure>");
        if let Some(svg) = points(
            "低地价与高兑现 · low price against tax delivered",
            "地价 万元/亩 · price",
            "兑现 万元/亩·年 · delivered",
            &frontier,
        ) {
            out.push_str(&svg);
        }
        out.push_str("</figure><div class=\"charts\">");
        for (measure, title) in TITLES {
            let marks: Vec<Mark> =
                cases.iter().map(|(case, summary)| mark(*case, summary.get(measure), summary.get(measure))).collect();
            if let Some(svg) = bars(title, &marks) {
                let _ = write!(out, "<figure>{svg}</figure>");
            }
        }
        out.push_str("</div>");
    }

    fn table(&self, out: &mut String) {
        heading(out, "全部方案", "All designs");
        out.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\">方案 design</th><th scope=\"col\">竞买人 n</th><th scope=\"col\">成交 sold</th>");
        for (_, title) in TITLES {
            let _ = write!(out, "<th scope=\"col\">{title}</th>");
        }
        out.push_str("</tr></thead><tbody>");
        let chosen: Vec<usize> = self.advice.iter().filter_map(|advice| advice.best).collect();
        for (case, choice) in self.work.choices.iter().enumerate() {
            let design = &self.work.study.designs[choice.design];
            let class = if chosen.contains(&case) { " class=\"chosen\"" } else { "" };
            let _ = write!(
                out,
                "<tr{class}><th scope=\"row\">{}</th><td>{}<span lang=\"en\">{}</span><code>{}</code></td><td>{}</td>",
                Self::name(case),
                escape(&design.title.zh),
                escape(&design.title.en),
                escape(&choice.label()),
                choice.bidders
            );
            match &self.summaries[case] {
                None => out.push_str("<td colspan=\"9\">未完成 not finished</td>"),
                Some(summary) => {
                    let _ = write!(out, "<td>{}</td>", percent(summary.sold.mean));
                    for (measure, _) in TITLES {
                        let Estimate { mean, half } = summary.get(measure);
                        let is_share = matches!(measure, Measure::Quality | Measure::Default | Measure::Lottery);
                        let text = if is_share {
                            format!("{}<small>±{}</small>", percent(mean), percent(half))
                        } else {
                            format!("{mean:.2}<small>±{half:.2}</small>")
                        };
                        let _ = write!(out, "<td>{text}</td>");
                    }
                }
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
        both(
            out,
            "p class=\"small\"",
            "± 为 95% 区间的半宽，由 100 组各自独立的出让之间的差异得出。各方案用同一批竞买人比较。",
            "± is half the width of a 95 % interval, from the spread over 100 independent blocks of sales. All designs meet the same bidders.",
        );
    }

    fn assumptions(&self, out: &mut String) {
        let study = &self.work.study;
        heading(out, "假设", "What was assumed");
        out.push_str("<ul>");
        let mut item = |zh: &str, en: &str| {
            let _ = write!(out, "<li>{zh}<span lang=\"en\">{en}</span></li>");
        };
        let p = &study.population;
        item(
            &format!("地块价值（万元，税外）：{}", spread(&p.value).0),
            &format!("value of the plot, net of tax, ten thousand yuan: {}", spread(&p.value).1),
        );
        item(
            &format!("亩均税收能力（万元/亩·年）：{}", spread(&p.productivity).0),
            &format!("tax that a bidder gives on average, per mu and year: {}", spread(&p.productivity).1),
        );
        item(
            &format!("二者的秩相关：{}", p.correlation),
            "rank correlation of the two (a Gaussian copula): whether price picks good firms depends on it",
        );
        item(
            &format!("兑现围绕各自平均上下 {}", percent(p.delivery_spread)),
            "what is delivered lies so far around a bidder's average, evenly",
        );
        item(&format!("这些数的来源：{}", escape(&p.source)), "where these numbers come from");
        let behaviour = match study.behaviour {
            Behaviour::Truthful => ("出到再多就亏为止（私人价值、公开出价下的弱占优策略）".to_owned(), "bids up to where the surplus is gone: weakly dominant with private values and open bids, so nothing is learned and no equilibrium is claimed".to_owned()),
            Behaviour::Shaded { by } => (format!("各留价值的 {} 作余地", percent(by)), "each keeps a margin of its value".to_owned()),
            Behaviour::Ring { members } => (format!("前 {members} 名串通，只由最强者出价"), "the first so many collude: only the strongest of them bids".to_owned()),
        };
        item(&format!("行为：{}", behaviour.0), &behaviour.1);
        item("欠额由保证金补足，超过保证金的部分收不回", "a shortfall is paid up to the bond; what exceeds it is lost");
        for case in 0..self.work.choices.len() {
            if let Some(why) = self.work.games[case].not_straight() {
                item(
                    &format!("{} 由规则引擎逐步推演，较慢", Self::name(case)),
                    &format!("played on the engine, slower: {}", escape(&why.to_string())),
                );
            }
        }
        let unended: u64 = self.summaries.iter().flatten().map(|summary| summary.unended).sum();
        if unended > 0 {
            item(
                &format!("有 {unended} 场没有结束，未计入"),
                "sales that the engine did not end; they count as unsold",
            );
        }
        let o = study.objective;
        item(
            &format!(
                "目标：低地价 {}、企业质量 {}、兑现税收 {}；违约率不超过 {}",
                o.low_price,
                o.quality,
                o.delivered,
                percent(o.default_at_most)
            ),
            "the objective: weights on low price, quality of the winner and tax delivered, each in standard deviations over the designs; and the most default",
        );
        item(
            &format!("每个方案 {} 场，种子 {}", study.sales, study.seed),
            "sales per design, and the seed: the same seed gives the same tables",
        );
        out.push_str("</ul>");
    }
}

const TITLES: [(Measure, &str); 8] = [
    (Measure::Price, "地价 万元/亩 · price"),
    (Measure::Promised, "承诺税收 · promised"),
    (Measure::Delivered, "兑现税收 · delivered"),
    (Measure::Quality, "企业质量 · quality"),
    (Measure::Default, "违约 · default"),
    (Measure::Lottery, "摇号 · lottery"),
    (Measure::Rent, "企业所得 · rent"),
    (Measure::Revenue, "政府所得 · revenue"),
];

const STYLE: &str = "body{margin:0;background:#fafafa;color:#263238;font:16px/1.65 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif}main{max-width:1080px;margin:0 auto;padding:2rem 1rem 4rem}h1{font-size:1.9rem;line-height:1.3}h2{margin-top:2.5rem;border-bottom:2px solid #b0bec5;padding-bottom:.25rem}[lang=en]{display:block;color:#546e7a;font-size:.9em;font-weight:400}.lead{font-size:1.05rem;border-inline-start:4px solid #006064;padding-inline-start:1rem}.verdict{font-size:1.25rem}.verdict b{display:inline-block;min-width:1.6em;text-align:center;background:#006064;color:#fff;border-radius:.3em;margin-inline-end:.3em}.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:1rem}figure{margin:0;background:#fff;border:1px solid #cfd8dc;padding:.5rem;overflow-x:auto}figure svg{width:100%;max-width:44rem;height:auto;display:block;margin:0 auto}.scroll{overflow-x:auto}table{border-collapse:collapse;background:#fff;font-variant-numeric:tabular-nums}th,td{padding:.4rem .6rem;border-bottom:1px solid #cfd8dc;text-align:end;vertical-align:top;white-space:nowrap}td:nth-child(2){text-align:start;min-width:16em;white-space:normal}thead th{font-size:.8rem;text-align:end;white-space:normal}small{display:block;color:#546e7a}code,pre{font-size:.85em;color:#37474f}pre{overflow-x:auto;background:#fff;border:1px solid #cfd8dc;padding:1rem}.chosen{background:#e0f2f1}.small{font-size:.9rem}@media print{body{background:#fff}figure{break-inside:avoid}}@media(prefers-color-scheme:dark){body{background:#12181b;color:#eceff1}[lang=en],small,code,pre{color:#b0bec5}table,pre{background:#1c2529}figure{background:#eceff1}.chosen{background:#00363a}}";

fn heading(out: &mut String, zh: &str, en: &str) {
    let _ = write!(out, "<h2>{zh}<span lang=\"en\">{en}</span></h2>");
}

/// A paragraph in both languages; the texts are HTML.
fn both(out: &mut String, tag: &str, zh: &str, en: &str) {
    let name = tag.split(' ').next().unwrap_or(tag);
    let _ = write!(out, "<{tag}>{zh}<span lang=\"en\">{en}</span></{name}>");
}

/// A distribution in words, Chinese and English.
fn spread(spread: &Spread) -> (String, String) {
    match spread {
        Spread::Constant { value } => (format!("恒为 {value}"), format!("always {value}")),
        Spread::Uniform { low, high } => (format!("{low} 至 {high} 均匀分布"), format!("even from {low} to {high}")),
        Spread::Normal { mean, sd, variance } => {
            let sd = sd.or(variance.map(f64::sqrt)).unwrap_or_default();
            (format!("正态分布，均值 {mean}，标准差 {sd}"), format!("normal, mean {mean}, standard deviation {sd}"))
        }
        Spread::LogNormal { median, sigma } => (
            format!("对数正态分布，中位数 {median}，对数标准差 {sigma}"),
            format!("log-normal, median {median}, sigma {sigma}"),
        ),
        Spread::Exponential { mean } => (format!("指数分布，均值 {mean}"), format!("exponential, mean {mean}")),
        Spread::Table { values } => {
            (format!("取自 {} 个值的表", values.len()), format!("from a table of {} values", values.len()))
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
