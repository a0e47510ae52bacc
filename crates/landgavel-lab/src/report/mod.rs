//! What a study found: a table for programs and a page for people.

mod advice;
mod columns;
mod page;
mod ranking;
mod told;
mod words;

use std::fmt::Write as _;

pub use columns::blocks;

use crate::conduct::{Certificate, Claim};
use crate::simulate::Measure;
use crate::study::{Behaviour, Choice};
use crate::summary::{Advice, Estimate, Summary, advise, summaries};
use crate::work::{Finished, Work};

/// Why a case's figures are not claimed, in Chinese and English.
pub type NoClaim = (String, String);

impl Work {
    /// How near a case's play is to an equilibrium, where it is meant to be one and that is known.
    pub fn certificate(&self, case: usize) -> Option<&Certificate> {
        match &self.conducts[case].claim {
            Claim::Measured(certificate) => Some(certificate),
            Claim::NotMeant | Claim::Unknown(_) => None,
        }
    }

    /// Why nothing is claimed of a case; `None` = its figures stand.
    pub fn no_claim(&self, case: usize) -> Option<NoClaim> {
        let Behaviour::Equilibrium { gain_at_most } = self.study.behaviour else { return None };
        match &self.conducts[case].claim {
            Claim::NotMeant => None,
            Claim::Unknown(why) => Some((
                format!("离均衡多远不得而知（{why}）"),
                format!("how near this is to an equilibrium is not known: {why}"),
            )),
            Claim::Measured(found) if found.relative.is_nan() || found.relative > gain_at_most => {
                let (is, most) = (fine(found.relative), fine(gain_at_most));
                Some((
                    format!("单方改变报价平均还能多得 {is}，超过规定的 {most}"),
                    format!(
                        "a bidder that deviates still gains {is} on average, more than the {most} that the study allows"
                    ),
                ))
            }
            Claim::Measured(found) if !found.is_one() => Some((
                "从不同起点找到的均衡不是同一个".to_owned(),
                "from different beginnings different equilibria are found".to_owned(),
            )),
            Claim::Measured(_) => None,
        }
    }
}

/// A small share as a percentage.
fn fine(share: f64) -> String {
    if share < 1e-5 { "< 0.001 %".to_owned() } else { format!("{:.3} %", share * 100.0) }
}

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
                work.no_claim(case).is_none().then_some(())?;
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

    /// What varies in a case, in the words of its rulebook: Chinese, and English. Empty where nothing does.
    pub fn setting(&self, case: usize) -> (String, String) {
        let (choice, game) = (&self.work.choices[case], &self.work.games[case]);
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for (id, value) in &choice.set {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let names = game.name_of(id);
            zh.push(format!("{} {value}", names.0));
            let value = value.replace("万元/亩·年", "(10,000 yuan per mu and year)").replace("万元", "(10,000 yuan)");
            en.push(format!("{} {value}", names.1));
        }
        if let Some(bond) = choice.bond {
            let share = (bond * 1e4).round() / 1e2;
            zh.push(format!("履约保证金为地价的 {share} %"));
            en.push(format!("bond {share} % of the price"));
        }
        (zh.join("，"), en.join(", "))
    }

    /// What a case is, in English, in a line.
    pub fn title(&self, case: usize) -> String {
        let choice = &self.work.choices[case];
        let design = &self.work.study.designs[choice.design];
        let label = choice.label();
        if label.is_empty() { design.title.en.clone() } else { format!("{} ({label})", design.title.en) }
    }

    /// A line per case; means and half-widths of 95 % intervals. Of a case that claims nothing the figures are left empty.
    pub fn csv(&self) -> String {
        let mut out = COLUMNS.join(",");
        for measure in Measure::ALL {
            let _ = write!(out, ",{0},{0}_half", measure.as_str());
        }
        out.push('\n');
        for row in self.rows() {
            let setting = row.setting.replace('"', "\"\"");
            let _ = write!(
                out,
                "{},{},\"{setting}\",{},{},{},{}",
                row.case, row.design, row.bidders, row.sales, row.path, row.claim
            );
            match row.certificate {
                Some(found) => {
                    let _ = write!(out, ",{},{},{}", found.epsilon, found.relative, found.worst);
                }
                None => out.push_str(",,,"),
            }
            for estimate in row.of {
                let _ = match estimate {
                    Some(Estimate { mean, half }) => write!(out, ",{mean},{half}"),
                    None => out.write_str(",,"),
                };
            }
            out.push('\n');
        }
        out
    }

    /// The rows of the table, one for each case that is finished.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let row = |(case, choice): (usize, &Choice)| {
            let summary = self.summaries[case].as_ref()?;
            let (certificate, is_claimed) = (self.work.certificate(case), self.work.no_claim(case).is_none());
            let claim = match (certificate, is_claimed) {
                (Some(_), true) => "equilibrium",
                (None, true) => "behaviour",
                (_, false) => "none",
            };
            let mut of = [None; 1 + Measure::ALL.len()];
            if is_claimed {
                let all = std::iter::once(summary.sold).chain(summary.of);
                of.iter_mut().zip(all).for_each(|(of, estimate)| *of = Some(estimate));
            }
            Some(Row {
                case: Self::name(case),
                design: &self.work.study.designs[choice.design].id,
                setting: choice.label(),
                bidders: choice.bidders,
                sales: summary.sales,
                path: self.work.path(case),
                claim,
                certificate,
                of,
            })
        };
        self.work.choices.iter().enumerate().filter_map(row).collect()
    }
}

/// The first columns of the table of designs; after them each measure with its half-width.
pub const COLUMNS: [&str; 12] = [
    "case",
    "design",
    "setting",
    "bidders",
    "sales",
    "path",
    "claim",
    "epsilon",
    "epsilon_share",
    "epsilon_worst",
    "sold",
    "sold_half",
];

/// A finished case in the table.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Its short name.
    pub case: String,
    /// Id of its design.
    pub design: &'a str,
    /// What varies in it.
    pub setting: String,
    /// How many bid.
    pub bidders: u32,
    /// Sales played.
    pub sales: u64,
    /// How they were played.
    pub path: &'static str,
    /// What its figures are: of an `equilibrium`, of a `behaviour`, or `none`.
    pub claim: &'static str,
    /// How near to an equilibrium it is, where it is meant to be one and that is known.
    pub certificate: Option<&'a Certificate>,
    /// The share sold, and every measure; `None` where nothing is claimed.
    pub of: [Option<Estimate>; 1 + Measure::ALL.len()],
}
