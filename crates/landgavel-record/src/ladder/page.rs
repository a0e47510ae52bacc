//! Climbs as one HTML page that loads nothing and runs nothing: Chinese first, English beside it.

use core::fmt::Write as _;

use landgavel_base::Bilingual;

use super::words::{gap_words, need_words, standing_words};
use super::{Climb, FactsTable, Gap, Standing, State, Surveyed};
use crate::figures::escaped;

/// Firms beyond this number are counted, not listed: a page of more opens on no telephone.
const FIRMS_MAX: usize = 500;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8885;--good:#166534;--bad:#9a3412;--open:#6b5b00}\
@media(prefers-color-scheme:dark){:root{--good:#86d7a0;--bad:#f0a377;--open:#e2cf6a}}\
body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:64rem;padding:1rem}\
h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1.05rem;margin:0}h4{font-size:1rem;margin:.75rem 0 0}\
ol.r{list-style:none;margin:0;padding:0}ol.r>li{border-left:.3rem solid var(--open);padding:.25rem 0 .25rem .9rem;margin:.6rem 0;overflow-wrap:anywhere;break-inside:avoid}\
ol.r>li.reached{border-color:var(--good)}ol.r>li.not{border-color:var(--bad)}ul{margin:.25rem 0;padding-left:1.2rem}\
li>span[lang=en],p>span[lang=en]{display:block;opacity:.85}.q{font-size:.875rem;opacity:.85}.s{border:2px solid;padding:.5rem .75rem;border-radius:.5rem}p{margin:.35rem 0}\
@media print{body{font-size:10pt;max-width:none;padding:0}section{break-inside:avoid}}";

/// The page of all firms.
pub fn page(surveyed: &Surveyed<'_>, table: &FactsTable) -> String {
    let ladder = surveyed.ladder();
    let mut out = String::from("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
    // INVARIANT: writing to a String does not fail.
    let _ = writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><main>",
        escaped(&ladder.title.zh)
    );
    let _ = writeln!(
        out,
        "<h1>{}<br><span lang=\"en\">{}</span></h1>",
        escaped(&ladder.title.zh),
        escaped(&ladder.title.en)
    );
    if table.is_sample {
        out.push_str("<p class=\"s\">样本：企业与数字均为虚构。<span lang=\"en\">A sample: the enterprise and its figures are invented.</span></p>\n");
    }
    let day = surveyed.day();
    let _ = writeln!(
        out,
        "<p>{}</p>",
        label(
            &format!("按 {day} 施行的标准。达到标准不等于已认定：认定须申报、审核。"),
            &format!(
                "By the standards in force on {day}. Meeting a standard is not yet a title: titles are applied for and granted."
            )
        )
    );
    for firm in 0..surveyed.firms().min(FIRMS_MAX) {
        section(&mut out, &surveyed.climb(firm, table));
    }
    if surveyed.firms() > FIRMS_MAX {
        let more = surveyed.firms() - FIRMS_MAX;
        let _ = writeln!(
            out,
            "<p>{}</p>",
            label(&format!("另有 {more} 家未列出。"), &format!("{more} more are not listed."))
        );
    }
    out.push_str("</main></body></html>\n");
    out
}

fn section(out: &mut String, climb: &Climb<'_>) {
    let at = climb.reached.and_then(|index| climb.rungs.get(index)).map(|standing| &standing.rung.name);
    let none = Bilingual::new("尚未站上第一级", "not yet on the first rung");
    let _ =
        writeln!(out, "<section><h2>{} — {}</h2>\n<ol class=\"r\">", escaped(&climb.firm), both(at.unwrap_or(&none)));
    for (index, standing) in climb.rungs.iter().enumerate() {
        rung(out, standing, climb.next == Some(index));
    }
    let _ = writeln!(out, "</ol>\n<h3>{}</h3>\n<ol class=\"r\">", label("另列", "Beside"));
    climb.beside.iter().for_each(|standing| rung(out, standing, true));
    out.push_str("</ol></section>\n");
}

/// A rung; what it lacks in full only for the next one, else behind a fold.
fn rung(out: &mut String, standing: &Standing<'_>, is_next: bool) {
    let (class, mark) = match standing.state {
        State::Reached => ("reached", "✓"),
        State::NotReached => ("not", "✗"),
        State::FactsMissing | State::StandardUnknown => ("open", "?"),
    };
    let _ = writeln!(
        out,
        "<li class=\"{class}\"><h3>{mark} {}</h3><p>{}</p>",
        both(&standing.rung.name),
        both(&standing_words(standing))
    );
    if !standing.gaps.is_empty() {
        let open = if is_next { " open" } else { "" };
        let _ = writeln!(out, "<details{open}><summary>{}</summary>", label("还差什么", "What is lacking"));
        standing.gaps.iter().for_each(|gap| lacking(out, gap));
        out.push_str("</details>");
    }
    out.push_str("</li>\n");
}

fn lacking(out: &mut String, gap: &Gap) {
    let _ = write!(out, "<h4>{}</h4>", both(&gap.name));
    if gap.alternatives.len() > 1 {
        let _ = write!(out, "<p class=\"q\">{}</p>", label("任一即可", "any of these is enough"));
    }
    out.push_str("<ul>");
    for (index, words) in gap_words(gap).iter().enumerate() {
        let _ = write!(out, "<li>{}", both(words));
        let needs = gap.alternatives.get(index).map_or(&[][..], Vec::as_slice);
        let raises: Vec<_> = needs.iter().flat_map(|need| &need.raises).collect();
        if !raises.is_empty() {
            let _ =
                write!(out, "<details><summary>{}</summary><ul>", label("哪里可以加分", "Where points can be gained"));
            for (raise, gain) in raises {
                let _ = write!(out, "<li>+{gain}: {}</li>", both(&need_words(raise)));
            }
            out.push_str("</ul></details>");
        }
        out.push_str("</li>");
    }
    out.push_str("</ul>");
    if let Some(source) = &gap.source {
        let _ = write!(out, "<p class=\"q\">{}</p>", escaped(source));
    }
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
