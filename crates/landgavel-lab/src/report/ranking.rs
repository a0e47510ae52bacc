//! Every case in its place, with the error of that place.

use std::fmt::Write as _;

use super::Findings;

impl Findings<'_> {
    /// Cases per number of bidders, the highest score first: each with its distance from the best, the half-width of that distance's
    /// interval (widened for the number of cases), and a verdict: `best`, `not-separable`, `worse`, `defaults` (beyond the limit),
    /// `no-claim` or `unsold` (nothing was).
    pub fn ranking(&self) -> String {
        let mut out = "bidders,rank,case,design,setting,score,less,less_half,verdict\n".to_owned();
        for advice in &self.advice {
            let mut scores = advice.scores.clone();
            let height = |score: &Option<(f64, crate::summary::Estimate)>| score.map_or(f64::NEG_INFINITY, |of| of.0);
            scores.sort_by(|a, b| height(&b.1).total_cmp(&height(&a.1)));
            for (rank, (case, score)) in (1u32..).zip(scores) {
                let verdict = match score {
                    None => "defaults",
                    Some(_) if advice.best == Some(case) => "best",
                    Some(_) if advice.not_separable.contains(&case) => "not-separable",
                    Some(_) => "worse",
                };
                let rank = score.map_or_else(String::new, |_| rank.to_string());
                let figures = score
                    .map_or_else(|| ",,".to_owned(), |(score, away)| format!("{score},{},{}", away.mean, away.half));
                self.line(&mut out, advice.bidders, &rank, case, &figures, verdict);
            }
            let is_scored = |case: usize| advice.scores.iter().any(|(scored, _)| *scored == case);
            let cases = self.work.choices.iter().enumerate().filter(|(_, choice)| choice.bidders == advice.bidders);
            for (case, _) in cases.filter(|(case, _)| !is_scored(*case)) {
                let verdict = if self.work.no_claim(case).is_some() { "no-claim" } else { "unsold" };
                self.line(&mut out, advice.bidders, "", case, ",,", verdict);
            }
        }
        out
    }

    fn line(&self, out: &mut String, bidders: u32, rank: &str, case: usize, figures: &str, verdict: &str) {
        let choice = &self.work.choices[case];
        let design = &self.work.study.designs[choice.design].id;
        let setting = choice.label().replace('"', "\"\"");
        let name = Self::name(case);
        let _ = writeln!(out, "{bidders},{rank},{name},{design},\"{setting}\",{figures},{verdict}");
    }
}
