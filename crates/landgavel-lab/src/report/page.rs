//! The page: one file that loads nothing and runs nothing.

use std::fmt::Write as _;

use super::words::{EXPLAINED, SHORT, STYLE, TITLES, escape, is_share, pair, say, with_half};
use super::{Findings, fine};
use crate::chart::{Mark, dots, percent, points};
use crate::simulate::Measure;
use crate::summary::{Advice, GOALS, Summary, frontier};

impl Findings<'_> {
    /// The page. `text` is the study as written; the page carries it, so that whoever has the page can play it again.
    pub fn html(&self, text: &str) -> String {
        let study = &self.work.study;
        let mut out = String::new();
        let (zh, en) = (escape(&study.title.zh), escape(&study.title.en));
        let _ = write!(
            out,
            "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{zh} {en}</title><style>{STYLE}</style></head><body>"
        );
        for (id, label) in [("both", "中文与英文 both languages"), ("zh", "只看中文"), ("en", "English only")]
        {
            let checked = if id == "both" { " checked" } else { "" };
            let _ = write!(
                out,
                "<input class=\"tongue\" type=\"radio\" name=\"tongue\" id=\"{id}\" aria-label=\"{label}\"{checked}>"
            );
        }
        out.push_str("<main><div class=\"tongues\" aria-hidden=\"true\"><label for=\"zh\">中文</label><label for=\"en\">English</label><label for=\"both\">中 + En</label></div>");
        let _ = write!(out, "<h1>{}</h1>", pair(&zh, &en));
        paragraph(
            &mut out,
            " class=\"lead\"",
            "这是模拟，不是已举行的出让。它的结论只在下面写明的假设之内成立。",
            "This is a simulation, not sales that were held. What it finds holds within the assumptions below and no further.",
        );
        for note in &study.notes {
            paragraph(&mut out, "", &escape(&note.zh), &escape(&note.en));
        }
        for advice in &self.advice {
            self.advise(&mut out, advice);
        }
        for advice in &self.advice {
            self.pictures(&mut out, advice);
        }
        self.table(&mut out);
        self.play(&mut out);
        self.assumptions(&mut out);
        heading(&mut out, "名词", "Words");
        out.push_str("<dl>");
        for (name, what) in EXPLAINED {
            let _ = write!(out, "<dt>{}</dt><dd>{}</dd>", pair(name.0, name.1), pair(what.0, what.1));
        }
        out.push_str("</dl>");
        heading(&mut out, "研究文件", "The study as written");
        let _ =
            write!(out, "<details><summary>{}</summary><pre>{}</pre></details>", pair("展开", "Show"), escape(text));
        out.push_str("</main></body></html>\n");
        out
    }

    fn cases(&self, advice: &Advice) -> Vec<(usize, &Summary)> {
        advice.scores.iter().filter_map(|(case, _)| Some((*case, self.summaries[*case].as_ref()?))).collect()
    }

    pub(super) fn label(&self, case: usize) -> String {
        let design = &self.work.study.designs[self.work.choices[case].design];
        let (zh, en) = self.setting(case);
        let whole = |title: &str, setting: &str| {
            let setting =
                if setting.is_empty() { String::new() } else { format!("<small>{}</small>", escape(setting)) };
            format!("{}{setting}", escape(title))
        };
        pair(&whole(&design.title.zh, &zh), &whole(&design.title.en, &en))
    }

    fn pictures(&self, out: &mut String, advice: &Advice) {
        let cases = self.cases(advice);
        // What defaults too often is no choice.
        let is_allowed = |case: usize| advice.scores.iter().any(|(other, score)| *other == case && score.is_some());
        let allowed: Vec<_> = cases.iter().copied().filter(|(case, _)| is_allowed(*case)).collect();
        let front = frontier(&allowed);
        let n = advice.bidders;
        heading(out, &format!("三个目标的前沿（{n} 名竞买人）"), &format!("The frontier of three goals ({n} bidders)"));
        let names: Vec<String> = front.iter().map(|&case| Self::name(case)).collect();
        let names = names.join(", ");
        paragraph(
            out,
            "",
            &format!(
                "地价低、企业质量高、兑现税收多，三者难以兼得。在 {names} 之间选择，得此必失彼；空心点是其余方案：要么有一个方案样样不比它差，要么违约超过规定。"
            ),
            &format!(
                "Low price, a good winner and tax delivered cannot all be had. Among {names} one goal is paid for with another; hollow points are the others: matched in all three by some design, or in default too often."
            ),
        );
        let marks = |x: Measure, y: Measure| -> Vec<Mark> {
            let mark = |(case, summary): &(usize, &Summary)| Mark {
                name: Self::name(*case),
                x: summary.get(x),
                y: summary.get(y),
                is_chosen: advice.best == Some(*case),
                is_frontier: front.contains(case),
            };
            cases.iter().map(mark).collect()
        };
        out.push_str("<div class=\"charts\">");
        let [price, quality, delivered] = GOALS.map(|(measure, _)| measure);
        for (x, y) in [(price, delivered), (price, quality), (quality, delivered)] {
            let [(x_zh, x_en), (y_zh, y_en)] = [x, y].map(short);
            let scale: [&dyn Fn(f64) -> String; 2] = [&|value| say(x, value), &|value| say(y, value)];
            let arrow = |measure: Measure| if measure == price { "←" } else { "→" };
            let (across, up) = (format!("{x_zh} {x_en} {}", arrow(x)), format!("↑ {y_zh} {y_en}"));
            if let Some(svg) = points(&format!("{x_zh} – {y_zh} · {x_en} – {y_en}"), &across, &up, &marks(x, y), scale)
            {
                let words = pair(&format!("{x_zh}与{y_zh}"), &format!("{x_en} and {y_en}"));
                let _ = write!(out, "<figure><figcaption>{words}</figcaption>{svg}</figure>");
            }
        }
        out.push_str("</div>");
        paragraph(
            out,
            " class=\"small\"",
            "箭头指向更好的方向；深色是建议的方案。",
            "Arrows point to the better side; the dark one is advised.",
        );
        let _ = write!(out, "<h3>{}</h3><div class=\"charts\">", pair("逐项比较", "Measure by measure"));
        for (measure, (zh, en)) in TITLES {
            if let Some(svg) = dots(
                &format!("{zh} · {en}"),
                &marks(measure, measure),
                |value| say(measure, value),
                if is_share(measure) { 100.0 } else { 1.0 },
            ) {
                let _ = write!(out, "<figure><figcaption>{}</figcaption>{svg}</figure>", pair(zh, en));
            }
        }
        out.push_str("</div>");
    }

    fn table(&self, out: &mut String) {
        heading(out, "全部方案", "All designs");
        let _ = write!(
            out,
            "<div class=\"scroll\" tabindex=\"0\"><table class=\"cards\"><thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"text\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th>",
            pair("方案", "Design"),
            pair("竞买人", "Bidders"),
            pair("成交", "Sold")
        );
        for (zh, en) in SHORT {
            let _ = write!(out, "<th scope=\"col\">{}</th>", pair(zh, en));
        }
        let shows_gain = (0..self.work.choices.len()).any(|case| self.work.certificate(case).is_some());
        if shows_gain {
            let _ = write!(out, "<th scope=\"col\">{}</th>", pair("ε 偏离得益", "ε, gain of deviating"));
        }
        out.push_str("</tr></thead><tbody>");
        let chosen: Vec<usize> = self.advice.iter().filter_map(|advice| advice.best).collect();
        for (case, choice) in self.work.choices.iter().enumerate() {
            let class = if chosen.contains(&case) { " class=\"chosen\"" } else { "" };
            let _ = write!(
                out,
                "<tr{class}><th scope=\"row\">{}</th><td class=\"text\">{}</td><td data-of=\"竞买人 bidders\">{}</td>",
                Self::name(case),
                self.label(case),
                choice.bidders
            );
            match (&self.summaries[case], self.work.no_claim(case)) {
                (None, _) => {
                    let _ = write!(out, "<td colspan=\"9\" class=\"text\">{}</td>", pair("未完成", "not finished"));
                }
                (_, Some((zh, en))) => {
                    let _ = write!(
                        out,
                        "<td colspan=\"9\" class=\"text\">{}</td>",
                        pair(&format!("不下结论：{}", escape(&zh)), &format!("no claim: {}", escape(&en)))
                    );
                }
                (Some(summary), None) => {
                    let _ = write!(out, "<td data-of=\"成交 sold\">{}</td>", percent(summary.sold.mean));
                    for ((measure, _), (zh, en)) in TITLES.into_iter().zip(SHORT) {
                        let of = with_half(measure, summary.get(measure));
                        let _ = write!(out, "<td data-of=\"{zh} {en}\">{of}</td>");
                    }
                }
            }
            if shows_gain {
                let gain = self.work.certificate(case).map_or("–".to_owned(), |found| fine(found.relative));
                let _ = write!(out, "<td data-of=\"ε\">{gain}</td>");
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
        paragraph(
            out,
            " class=\"small\"",
            "地价与所得：万元/亩；税收：万元/亩·年。± 为 95 % 置信区间的半宽，由 100 组各自独立的出让之间的差异得出。各方案用同一批竞买人比较。",
            "Price, and what winner and city get: 10,000 yuan per mu; tax: 10,000 yuan per mu and year. ± is half the width of a 95 % confidence interval, from the spread over 100 independent blocks of sales. All designs meet the same bidders.",
        );
    }
}

/// A goal in a word.
fn short(measure: Measure) -> (&'static str, &'static str) {
    match measure {
        Measure::Price => ("地价", "price"),
        Measure::Quality => ("企业质量", "quality"),
        _ => ("兑现税收", "tax delivered"),
    }
}

pub(super) fn heading(out: &mut String, zh: &str, en: &str) {
    let _ = write!(out, "<h2>{}</h2>", pair(zh, en));
}

/// A paragraph in both languages; the texts are HTML.
pub(super) fn paragraph(out: &mut String, attributes: &str, zh: &str, en: &str) {
    let _ = write!(out, "<p{attributes}>{}</p>", pair(zh, en));
}
