//! What the page advises, and why not another design.

use std::fmt::Write as _;

use super::Findings;
use super::page::{heading, paragraph};
use super::words::{difference, escape, pair, points, say, say_half};
use crate::chart::percent;
use crate::simulate::Measure;
use crate::summary::{Advice, GOALS, Summary};

impl Findings<'_> {
    /// Why no design is best, in Chinese and English.
    pub fn why_none(&self, advice: &Advice) -> (String, String) {
        if advice.scores.is_empty() {
            let zh = "没有可下结论的方案：没有成交，或不知离均衡多远，或离得太远。";
            let en = "There is no design of which anything can be claimed: nothing is sold, or how near play is to an equilibrium is not known, or it is not near enough.";
            return (zh.to_owned(), en.to_owned());
        }
        let limit = percent(self.work.study.objective.default_at_most);
        (
            format!("没有一个方案的违约率不超过 {limit}。提高保证金或降低上限后再试。"),
            format!("No design keeps default within {limit}. Try larger bonds or lower caps."),
        )
    }

    pub(super) fn advise(&self, out: &mut String, advice: &Advice) {
        let n = advice.bidders;
        heading(out, &format!("建议（{n} 名竞买人）"), &format!("Advice ({n} bidders)"));
        let limit = percent(self.work.study.objective.default_at_most);
        let Some((best, summary)) = advice.best.and_then(|best| Some((best, self.summaries[best].as_ref()?))) else {
            let (zh, en) = self.why_none(advice);
            paragraph(out, " class=\"verdict\"", &zh, &en);
            self.unclaimed(out, n);
            return;
        };
        let _ = write!(out, "<div class=\"verdict\"><b>{}</b><div>{}</div></div>", Self::name(best), self.label(best));
        let of = |measure| {
            let estimate = summary.get(measure);
            format!("{} ± {}", say(measure, estimate.mean), say_half(measure, estimate.half))
        };
        let [price, promised, delivered] = [Measure::Price, Measure::Promised, Measure::Delivered].map(of);
        let [default, lottery] = [Measure::Default, Measure::Lottery].map(of);
        paragraph(
            out,
            "",
            &format!(
                "平均地价每亩 {price} 万元；承诺亩均税收 {promised} 万元/年，兑现 {delivered} 万元/年；欠额超过保证金的占 {default}；由摇号决定的占 {lottery}。"
            ),
            &format!(
                "Price {price} (10,000 yuan per mu) on average; tax promised {promised}, delivered {delivered} (10,000 yuan per mu and year); in {default} of sales the winner owes more than its bond; {lottery} are decided by lottery."
            ),
        );
        if advice.not_separable.is_empty() {
            paragraph(
                out,
                "",
                "与其余各方案的差别都大于误差。",
                "It differs from every other design by more than the error.",
            );
        } else {
            let names: Vec<String> = advice.not_separable.iter().map(|&case| Self::name(case)).collect();
            let names = names.join(", ");
            paragraph(
                out,
                "",
                &format!("与 {names} 分不出高下：差别在误差之内。"),
                &format!("Not separable from {names}: the difference is within the error."),
            );
        }
        self.why(out, advice, (best, summary), &limit);
        self.unclaimed(out, n);
    }

    /// Why the others are not chosen: what each would bring more or less, on the same bidders.
    fn why(&self, out: &mut String, advice: &Advice, (best, top): (usize, &Summary), limit: &str) {
        let _ = write!(
            out,
            "<h3>{}</h3>",
            pair(
                &format!("为什么是 {}，不是别的", Self::name(best)),
                &format!("Why {} and not another", Self::name(best))
            )
        );
        let o = self.work.study.objective;
        paragraph(
            out,
            " class=\"small\"",
            &format!(
                "每一行是与 {} 相比的差别，比的是同一批竞买人。综合分按本研究的目标打分：地价每低、企业质量和兑现税收每高各方案间的一个标准差，得 {}、{}、{} 分。",
                Self::name(best),
                o.low_price,
                o.quality,
                o.delivered
            ),
            &format!(
                "Each row is the difference from {}, on the same bidders. The score is the study's own: one standard deviation (over the designs) of lower price, better winner and more tax delivered earns {}, {} and {} points.",
                Self::name(best),
                o.low_price,
                o.quality,
                o.delivered
            ),
        );
        out.push_str("<div class=\"scroll\" tabindex=\"0\"><table class=\"cards\"><thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"text\">");
        out.push_str(&pair("方案", "Design"));
        for (zh, en) in [
            ("地价", "Price"),
            ("企业质量", "Quality"),
            ("兑现税收", "Tax delivered"),
            ("违约", "Default"),
            ("综合分", "Score"),
        ] {
            let _ = write!(out, "</th><th scope=\"col\">{}", pair(zh, en));
        }
        let _ =
            write!(out, "</th><th scope=\"col\" class=\"text\">{}</th></tr></thead><tbody>", pair("结论", "Verdict"));
        for (case, score) in advice.scores.iter().filter(|(case, _)| *case != best) {
            let Some(summary) = &self.summaries[*case] else { continue };
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td>",
                Self::name(*case),
                self.label(*case)
            );
            let measures = [
                (Measure::Price, "地价 price"),
                (Measure::Quality, "企业质量 quality"),
                (Measure::Delivered, "兑现税收 tax delivered"),
                (Measure::Default, "违约 default"),
            ];
            for (measure, name) in measures {
                let of = difference(measure, summary.less(top, measure));
                let _ = write!(out, "<td data-of=\"{name}\">{of}</td>");
            }
            let (points, zh, en) = match score {
                None => {
                    ("–".to_owned(), format!("违约超过 {limit}，不入选"), format!("left out: default exceeds {limit}"))
                }
                Some((_, away)) if away.mean + away.half >= 0.0 => {
                    (points(*away), "误差之内，分不出高下".to_owned(), "not separable: within the error".to_owned())
                }
                Some((_, away)) => {
                    let (zh, en) = reasons(&o, summary, top);
                    (points(*away), zh, en)
                }
            };
            let _ = write!(
                out,
                "<td data-of=\"综合分 score\">{points}</td><td class=\"text\">{}</td></tr>",
                pair(&zh, &en)
            );
        }
        out.push_str("</tbody></table></div>");
    }

    fn unclaimed(&self, out: &mut String, bidders: u32) {
        for case in (0..self.work.choices.len()).filter(|case| self.work.choices[*case].bidders == bidders) {
            if let Some((zh, en)) = self.work.no_claim(case) {
                let name = Self::name(case);
                paragraph(
                    out,
                    "",
                    &format!("{name} 不下结论：{}。", escape(&zh)),
                    &format!("Nothing is claimed of {name}: {}.", escape(&en)),
                );
            }
        }
    }
}

/// In which goals a design falls short of the best, and in which it is ahead.
fn reasons(objective: &crate::study::Objective, summary: &Summary, top: &Summary) -> (String, String) {
    let weights = [objective.low_price, objective.quality, objective.delivered];
    let (mut ahead, mut behind) = (Vec::new(), Vec::new());
    for ((measure, up), weight) in GOALS.into_iter().zip(weights) {
        let away = summary.less(top, measure);
        if weight > 0.0 && away.mean.abs() > away.half {
            let list = if (away.mean > 0.0) == up { &mut ahead } else { &mut behind };
            list.push(match measure {
                Measure::Price if away.mean > 0.0 => ("地价高", "a higher price"),
                Measure::Price => ("地价低", "a lower price"),
                Measure::Quality if away.mean > 0.0 => ("企业好", "a better winner"),
                Measure::Quality => ("企业差", "a worse winner"),
                _ if away.mean > 0.0 => ("兑现税收多", "more tax delivered"),
                _ => ("兑现税收少", "less tax delivered"),
            });
        }
    }
    let join = |list: &[(&'static str, &'static str)]| -> (String, String) {
        let (zh, en): (Vec<&str>, Vec<&str>) = list.iter().copied().unzip();
        (zh.join("、"), en.join(", "))
    };
    let (ahead, behind) = (join(&ahead), join(&behind));
    if behind.0.is_empty() {
        return ("总分较低".to_owned(), "a lower score in sum".to_owned());
    }
    if ahead.0.is_empty() {
        return (format!("{}，没有一项更好", behind.0), format!("{}, and nothing better", behind.1));
    }
    (format!("{}；{}，不抵", behind.0, ahead.0), format!("{}; {} does not outweigh it", behind.1, ahead.1))
}
