//! Results as one HTML page that loads nothing and runs nothing.

use core::fmt::Write as _;

use landgavel_score::Explanation;

use super::report::Results;
use super::words::lines;

/// Firms beyond this number are counted, not listed: a page of more opens on no telephone.
const ROWS_MAX: usize = 2_000;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:72rem;padding:1rem}\
h1{font-size:1.5rem;line-height:1.3}table{border-collapse:collapse;width:100%}th,td{padding:.35rem .6rem;text-align:left;border-bottom:1px solid #8884;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.w{overflow-x:auto}.q{opacity:.8;font-size:.875rem}\
summary{cursor:pointer;padding:.25rem 0}details table{font-size:.9rem}.b{display:inline-block;height:.75rem;background:#2563a8}\
@media(max-width:40rem){body{padding:.75rem}th,td{padding:.3rem}}";

/// The page: what card, how many of each grade, and each firm with its arithmetic.
pub fn page(results: &Results<'_>, explain: &dyn Fn(usize) -> Option<Explanation>) -> String {
    let figures = results.figures;
    let loaded = figures.card();
    let card = &loaded.card;
    let mut out = String::from("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
    // INVARIANT: writing to a String does not fail.
    let _ = writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><main>",
        escaped(&card.title.zh)
    );
    let _ = writeln!(
        out,
        "<h1>{}<br><span lang=\"en\">{}</span></h1>\n<p class=\"q\">{} · 版本 <span lang=\"en\">version</span> {} · {} 家企业 <span lang=\"en\">firms</span>，{} 个评价单元 <span lang=\"en\">units</span></p>",
        escaped(&card.title.zh),
        escaped(&card.title.en),
        escaped(&card.id),
        escaped(&card.version),
        figures.firms(),
        figures.table().rows()
    );
    out.push_str("<h2>等级 <span lang=\"en\">Grades</span></h2>\n<div class=\"w\"><table><thead><tr><th>等级 <span lang=\"en\">grade</span></th><th class=\"n\">单元 <span lang=\"en\">units</span></th><th class=\"n\">%</th></tr></thead><tbody>\n");
    let all: usize = results.graded.counts.iter().sum();
    for (name, count) in card.grading.names().iter().zip(&results.graded.counts) {
        let share = (count * 1_000).checked_div(all).unwrap_or(0);
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{count}</td><td class=\"n\">{}.{}</td></tr>",
            escaped(name),
            share / 10,
            share % 10
        );
    }
    out.push_str("</tbody></table></div>\n<h2>企业 <span lang=\"en\">Firms</span></h2>\n");
    let mut order: Vec<usize> = (0..figures.firms()).collect();
    order.sort_by_key(|firm| (figures.group(*firm).to_owned(), results.rank(*firm).unwrap_or(u32::MAX), *firm));
    for firm in order.iter().take(ROWS_MAX) {
        let explanation = explain(figures.unit(*firm));
        let exempt = explanation.as_ref().and_then(|explanation| explanation.exempt);
        let rank = results
            .rank(*firm)
            .map_or_else(String::new, |rank| format!(" · 第 {rank} 名 <span lang=\"en\">rank {rank}</span>"));
        let group = figures.group(*firm);
        let group = if group.is_empty() { String::new() } else { format!(" · {}", escaped(group)) };
        let _ = writeln!(
            out,
            "<details><summary><strong>{}</strong>{group} · {} · <strong>{}</strong>{rank}</summary>\n<div class=\"w\"><table><tbody>",
            escaped(&figures.firm(*firm)),
            results.total(*firm),
            escaped(&results.grade(*firm, exempt))
        );
        let mut before = None;
        for line in explanation.map_or_else(Vec::new, |explanation| lines(loaded, &explanation)) {
            // A source that holds for line after line is told once.
            let source = line.source.clone().filter(|_| before != Some(line.source.clone())).unwrap_or_default();
            before = Some(line.source.clone());
            let points = match (line.points, line.holds) {
                (Some(points), _) => points,
                (None, Some(true)) => "✓".into(),
                (None, _) => "✗".into(),
            };
            let same = if line.why.zh == line.why.en {
                String::new()
            } else {
                format!("<br><span lang=\"en\">{}</span>", escaped(&line.why.en))
            };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}<br><span lang=\"en\" class=\"q\">{}</span></th><td>{}{same}<br><span class=\"q\">{}</span></td><td class=\"n\">{points}</td></tr>",
                escaped(&line.name.zh),
                escaped(&line.name.en),
                escaped(&line.why.zh),
                escaped(&source)
            );
        }
        out.push_str("</tbody></table></div></details>\n");
    }
    if order.len() > ROWS_MAX {
        let more = order.len() - ROWS_MAX;
        let _ =
            writeln!(out, "<p>另有 {more} 家未列出，见 CSV。<span lang=\"en\">{more} more are in the CSV.</span></p>");
    }
    out.push_str("</main></body></html>\n");
    out
}

/// Text as it may stand in HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
