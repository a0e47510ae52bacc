//! The board as one HTML page that loads nothing and runs nothing: Chinese first, English beside it.

use core::fmt::Write as _;

use landgavel_base::Bilingual;

use super::words::{points_words, rank_words, source_words, total_words, value_words};
use super::{Board, Points, Row};
use crate::figures::{escaped, format_quanta};
use crate::language::{CountyFigure, FIGURE_DECIMALS};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8885;--soft:#8882;--bar:#2563a8;--own:#9a3412}\
@media(prefers-color-scheme:dark){:root{--bar:#7ab3ee;--own:#f0a377}}\
body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:76rem;padding:1rem}\
h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}h2{font-size:1.2rem;margin:1.75rem 0 .5rem}h3{font-size:1rem;margin:0}\
.g{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:.75rem}\
article{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;break-inside:avoid}\
.v{font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums;margin:.25rem 0}.q{font-size:.875rem;opacity:.85}\
dl{margin:.5rem 0 0;display:grid;grid-template-columns:5.5rem minmax(0,1fr);gap:.15rem .75rem;font-size:.9rem}dt{opacity:.85}dd{margin:0;overflow-wrap:anywhere}\
p>span[lang=en],dd>span[lang=en]{display:block;opacity:.85}.m{border-style:dashed}ul{list-style:none;margin:.25rem 0 0;padding:0;font-size:.9rem}\
li{display:grid;grid-template-columns:6.5rem 1fr 3.5rem;gap:.5rem;align-items:center}\
li svg{display:block;width:100%;height:.6rem;fill:var(--bar)}li.o svg{fill:var(--own)}li.o{font-weight:600}\
.n{text-align:right;font-variant-numeric:tabular-nums}.s{border:2px solid;padding:.5rem .75rem;border-radius:.5rem}\
@media print{body{font-size:10pt;max-width:none;padding:0}.g{grid-template-columns:1fr 1fr}article{border-color:#999}}";

/// The page.
pub fn page(board: &Board<'_>) -> String {
    let county = board.county;
    let mut out = String::from("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
    // INVARIANT: writing to a String does not fail.
    let _ = writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><main>",
        escaped(&county.title.zh)
    );
    let _ = writeln!(
        out,
        "<h1>{}<br><span lang=\"en\">{}</span></h1>",
        escaped(&county.title.zh),
        escaped(&county.title.en)
    );
    if county.is_sample {
        out.push_str(
            "<p class=\"s\">样本：数字均为虚构。<span lang=\"en\">A sample: every figure is invented.</span></p>\n",
        );
    }
    let card = &board.card.card;
    let _ = writeln!(
        out,
        "<p>{}</p>\n<p class=\"q\">{} {}</p>",
        both(&total_words(board)),
        escaped(&card.id),
        escaped(&card.version)
    );
    for section in &board.sections {
        let other = Bilingual::new("其他已公布数字", "Other published figures");
        let _ = writeln!(out, "<section><h2>{}</h2>\n<div class=\"g\">", both(section.name.unwrap_or(&other)));
        for row in &section.rows {
            article(&mut out, board, row);
        }
        out.push_str("</div></section>\n");
    }
    out.push_str("</main></body></html>\n");
    out
}

fn article(out: &mut String, board: &Board<'_>, row: &Row<'_>) {
    let county = board.county;
    let class = if row.figure.is_none() { " class=\"m\"" } else { "" };
    let missing = Bilingual::new("未公布", "not published");
    let value = row.figure.map_or(missing, |figure| value_words(figure, row.unit));
    let _ = writeln!(out, "<article{class}><h3>{}</h3>\n<p class=\"v\">{}</p>", both(row.name), both(&value));
    if let Some(meaning) = row.meaning {
        let _ = writeln!(out, "<p class=\"q\">{}</p>", both(meaning));
    }
    if row.peers.len() > 1 {
        bars(out, board, row);
    }
    out.push_str("<dl>");
    if let Some(figure) = row.figure {
        let _ = write!(out, "<dt>{}</dt><dd>{} – {}</dd>", label("期间", "period"), figure.from, figure.to);
    }
    if let Some((reference, ahead)) = row.reference {
        let name = both(&county.places[reference.place].name);
        let mut words = both(&value_words(reference, row.unit));
        if let Some(how) = &reference.computed {
            let _ = write!(words, "（{}）", both(how));
        }
        if let Some(ahead) = ahead {
            let sign = if ahead > 0 { "+" } else { "" };
            let ahead = format_quanta(ahead, FIGURE_DECIMALS);
            let _ =
                write!(words, "，{}", label(&format!("相差 {sign}{ahead} 个百分点"), &format!("{sign}{ahead} points")));
        }
        let _ = write!(out, "<dt>{name}</dt><dd>{words}</dd>");
    }
    if let Some(rank) = rank_words(board, row) {
        let _ = write!(out, "<dt>{}</dt><dd>{}</dd>", label("名次", "rank"), both(&rank));
    }
    if row.points != Points::NotOnCard {
        let words = both(&points_words(board, row.points));
        let _ = write!(out, "<dt>{}</dt><dd>{words}</dd>", label("得分", "points"));
    }
    if let Some(figure) = row.figure {
        let source = source_words(figure.source.as_ref());
        let _ = write!(out, "<dt>{}</dt><dd class=\"q\">{}</dd>", label("出处", "source"), escaped(&source));
    }
    out.push_str("</dl></article>\n");
}

/// Exact figures of the same period as bars, the county's own marked by its weight too.
fn bars(out: &mut String, board: &Board<'_>, row: &Row<'_>) {
    let county = board.county;
    let reference = row.reference.map(|(reference, _)| reference);
    let mut all: Vec<&CountyFigure> = row.peers.iter().copied().chain(reference).collect();
    all.sort_by_key(|figure| core::cmp::Reverse(figure.value));
    let most = all.iter().map(|figure| figure.value).max().unwrap_or(1).max(1);
    out.push_str("<ul>");
    for figure in all {
        let width = figure.value.max(0).saturating_mul(100) / most;
        let own = if figure.place == county.subject { " class=\"o\"" } else { "" };
        let name = &county.places[figure.place].name;
        let value = format_quanta(figure.value, FIGURE_DECIMALS);
        let _ = write!(
            out,
            "<li{own}><span>{}</span><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{width}\" height=\"1\"/></svg><span class=\"n\">{value}</span></li>",
            both(name)
        );
    }
    out.push_str("</ul>\n");
}

fn label(zh: &str, en: &str) -> String {
    both(&Bilingual::new(zh, en))
}

/// Chinese with English beside it, where they differ.
fn both(text: &Bilingual) -> String {
    if text.zh == text.en {
        return escaped(&text.zh);
    }
    format!("{} <span lang=\"en\">{}</span>", escaped(&text.zh), escaped(&text.en))
}
