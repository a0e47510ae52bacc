//! A demand on a bank as one HTML page that loads nothing and runs nothing, to be printed, sealed and sent.

use landgavel_base::Bilingual;

use super::Opened;
use super::demand::BankDemand;
use crate::figures::escaped;

const STYLE: &str = "\
:root{color-scheme:light}body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;margin:0 auto;max-width:46rem;padding:1rem;background:#fff;color:#111}\
h1{font-size:1.5rem;line-height:1.3;text-align:center}dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem 1rem}\
dt{color:#444}dd{margin:0;overflow-wrap:anywhere}.sum{font-size:1.25rem;font-weight:600}.q{color:#444;font-size:.875rem}\
.s{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:1rem;margin-top:3rem}.s div{border-top:1px solid #111;padding-top:.25rem}\
.b{border-bottom:1px solid #111;display:inline-block;min-width:14rem;height:1.4em}@page{size:A4;margin:20mm}@media print{body{padding:0;max-width:none}}";

impl BankDemand {
    /// The paper.
    pub fn page(&self, opened: &Opened, is_sample: bool) -> String {
        let both = |words: &Bilingual| {
            format!("{} <span lang=\"en\" class=\"q\">{}</span>", escaped(&words.zh), escaped(&words.en))
        };
        let contract = opened.pledge.contract();
        let facts: String = self
            .facts(opened)
            .iter()
            .map(|(name, value)| {
                let value = if value.zh == value.en { escaped(&value.zh) } else { both(value) };
                format!("<dt>{}</dt><dd>{value}</dd>\n", both(name))
            })
            .collect();
        let (amount, capitals) = self.amount(opened);
        let capitals = capitals.map_or_else(String::new, |words| format!("<br>{}", escaped(&words)));
        let sample = if is_sample {
            "<p><strong>样本：条款为虚构，勿据此付款</strong> <span lang=\"en\" class=\"q\">A sample: the terms are invented; do not pay on it.</span></p>\n"
        } else {
            ""
        };
        let places: String = demand_places()
            .iter()
            .map(|[zh, en]| {
                format!("<dt>{zh} <span lang=\"en\" class=\"q\">{en}</span></dt><dd><span class=\"b\"></span></dd>\n")
            })
            .collect();
        let signs: String = demand_signatures()
            .iter()
            .map(|[zh, en]| format!("<div>{zh} <span lang=\"en\" class=\"q\">{en}</span></div>"))
            .collect();
        let title = demand_title();
        let asks = demand_asks();
        format!(
            "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head><body><main>\n\
             <h1>{}<br><span lang=\"en\" class=\"q\">{}</span></h1>\n{sample}<dl>\n{facts}</dl>\n\
             <p>{}</p>\n<p>{}</p>\n<p class=\"sum\">{}{capitals}</p>\n<dl>\n{places}</dl>\n<div class=\"s\">{signs}</div>\n\
             <p class=\"q\">{} · {}</p>\n</main></body></html>\n",
            title.zh,
            title.zh,
            title.en,
            both(&self.statement),
            both(&asks),
            escaped(&amount),
            escaped(&contract.id),
            contract.signed,
        )
    }
}

/// What the paper is called.
pub fn demand_title() -> Bilingual {
    Bilingual::new("保函索付通知书", "Demand under a letter of guarantee")
}

/// What it asks for.
pub fn demand_asks() -> Bilingual {
    Bilingual::new(
        "依上列见索即付保函，请在保函约定的期限内无条件支付：",
        "Under the guarantee on demand named above, pay without condition and within the time that it states:",
    )
}

/// What the beneficiary fills in by hand.
pub fn demand_places() -> [[&'static str; 2]; 3] {
    [["收款户名", "Account holder"], ["开户银行", "Bank"], ["账号", "Account no."]]
}

/// Who signs.
pub fn demand_signatures() -> [[&'static str; 2]; 3] {
    [["受益人（盖章）", "Beneficiary"], ["经办人 / 复核人", "Officer / second officer"], ["日期", "Date"]]
}
