//! Entitlements as one HTML page that loads nothing and runs nothing: Chinese first, English beside it.

use core::fmt::Write as _;

use landgavel_base::Bilingual;
use landgavel_score::Survey;

use super::words::{catalogue_words, entitlement_words};
use super::{Entitlement, Read};
use crate::counties::source_words;
use crate::figures::escaped;
use crate::ladder::{FactsTable, State, gap_words};

/// Firms beyond this number are counted, not listed: a page of more opens on no telephone.
const FIRMS_MAX: usize = 500;

const STYLE: &str = "\
:root{color-scheme:light dark;--good:#166534;--bad:#9a3412;--open:#6b5b00}\
@media(prefers-color-scheme:dark){:root{--good:#86d7a0;--bad:#f0a377;--open:#e2cf6a}}\
body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:64rem;padding:1rem}\
h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1.05rem;margin:0}\
ul.r{list-style:none;margin:0;padding:0}ul.r>li{border-left:.3rem solid var(--open);padding:.25rem 0 .25rem .9rem;margin:.6rem 0;overflow-wrap:anywhere;break-inside:avoid}\
ul.r>li.reached{border-color:var(--good)}ul.r>li.not{border-color:var(--bad)}ul{margin:.25rem 0;padding-left:1.2rem}\
li>span[lang=en],p>span[lang=en]{display:block;opacity:.85}.q{font-size:.875rem;opacity:.85}.s{border:2px solid;padding:.5rem .75rem;border-radius:.5rem}p{margin:.35rem 0}\
@media print{body{font-size:10pt;max-width:none;padding:0}}";

/// The page of all firms.
pub fn page(read: &Read<'_>, survey: &Survey<'_>, table: &FactsTable) -> String {
    let book = read.book();
    let card = &book.card.card;
    let mut out = String::from("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
    // INVARIANT: writing to a String does not fail.
    let _ = writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><main>",
        escaped(&card.title.zh)
    );
    let _ =
        writeln!(out, "<h1>{}<br><span lang=\"en\">{}</span></h1>", escaped(&card.title.zh), escaped(&card.title.en));
    if table.is_sample || book.is_sample {
        out.push_str(
            "<p class=\"s\">样本：含虚构内容。<span lang=\"en\">A sample: invented in part or in whole.</span></p>\n",
        );
    }
    let _ = writeln!(out, "<p class=\"q\">{} {}</p>\n<ul>", escaped(&card.id), escaped(&card.version));
    catalogue_words(book).iter().for_each(|tier| {
        let _ = writeln!(out, "<li>{}</li>", both(tier));
    });
    out.push_str("</ul>\n");
    for firm in 0..read.firms().min(FIRMS_MAX) {
        let _ = writeln!(out, "<section><h2>{}</h2>\n<ul class=\"r\">", escaped(&read.firm(firm)));
        read.entitlements(survey, firm).iter().for_each(|entitlement| policy(&mut out, entitlement));
        out.push_str("</ul></section>\n");
    }
    if read.firms() > FIRMS_MAX {
        let more = read.firms() - FIRMS_MAX;
        let words = Bilingual::new(format!("另有 {more} 家未列出。"), format!("{more} more are not listed."));
        let _ = writeln!(out, "<p>{}</p>", both(&words));
    }
    out.push_str("</main></body></html>\n");
    out
}

fn policy(out: &mut String, entitlement: &Entitlement<'_>) {
    let (class, mark) = match entitlement.state {
        State::Reached => ("reached", "✓"),
        State::NotReached => ("not", "✗"),
        State::FactsMissing | State::StandardUnknown => ("open", "?"),
    };
    let known = entitlement.policy;
    let words = both(&entitlement_words(entitlement));
    let _ = writeln!(out, "<li class=\"{class}\"><h3>{mark} {}</h3><p>{words}</p><ul>", both(&known.name));
    if entitlement.state == State::Reached {
        for line in &entitlement.why {
            let _ = writeln!(out, "<li>{}</li>", both(&line.why));
        }
    }
    for gap in &entitlement.gaps {
        let words: Vec<String> = gap_words(gap).iter().map(both).collect();
        let _ = writeln!(out, "<li>{}</li>", words.join(" <strong>或 or</strong> "));
    }
    let _ = writeln!(out, "</ul><p class=\"q\">{}</p></li>", escaped(&source_words(known.source.as_ref())));
}

/// Chinese with English beside it, where they differ.
fn both(text: &Bilingual) -> String {
    if text.zh == text.en {
        return escaped(&text.zh);
    }
    format!("{} <span lang=\"en\">{}</span>", escaped(&text.zh), escaped(&text.en))
}
