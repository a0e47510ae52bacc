//! The steps of a computation in words.

use landgavel_base::{Area, Bilingual};
use landgavel_pledge::{Computation, Step, Subject};

use super::Opened;

impl Opened {
    /// A computation on one line, every step of it.
    pub fn arithmetic(&self, subject: Subject, computation: &Computation) -> Bilingual {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        let mut add = |one: String, other: String| {
            zh.push(one);
            en.push(other);
        };
        for step in &computation.steps {
            match step {
                Step::Committed(value) => {
                    let value = self.quanta(subject, *value);
                    add(format!("承诺 {value}"), format!("promised {value}"));
                }
                Step::Actual(value) => {
                    let value = self.quanta(subject, *value);
                    add(format!("实际 {value}"), format!("actual {value}"));
                }
                Step::Gap(value) => {
                    let value = self.quanta(subject, *value);
                    add(format!("差额 {value}"), format!("missing {value}"));
                }
                // The unit of the figures says it already.
                Step::FenPerQuantum(_) => {}
                Step::Area(area) => {
                    let text = area_in_mu(*area);
                    add(format!("× {text} 亩"), format!("× {text} mu"));
                }
                Step::Price(price) => {
                    let price = self.money(*price);
                    add(format!("地价 {price}"), format!("price {price}"));
                }
                Step::Unpaid(unpaid) => {
                    let unpaid = self.money(*unpaid);
                    add(format!("未付 {unpaid}"), format!("unpaid {unpaid}"));
                }
                Step::Days(days) => add(format!("{days} 日"), format!("{days} days")),
                Step::Share(share) => {
                    let share = percent(share.ppm());
                    add(format!("× {share}"), format!("× {share}"));
                }
                Step::AtMost(most) => {
                    let most = self.money(*most);
                    add(format!("上限 {most}"), format!("at most {most}"));
                }
                Step::PerYear(share) => {
                    let share = percent(share.ppm());
                    add(format!("每年折旧 {share}"), format!("{share} off for each year"));
                }
                Step::Years(years) => add(format!("已用 {years} 年"), format!("{years} years begun")),
                Step::Less(less) => {
                    let less = self.money(*less);
                    add(format!("− {less}"), format!("− {less}"));
                }
                Step::Halted(days) => add(format!("中止 {days} 日"), format!("{days} days without work")),
                Step::Built(built, of) => {
                    let (built, of) = (area_in_m2(*built), area_in_m2(*of));
                    add(
                        format!("已开发 {built}，应开发 {of} 的三分之一"),
                        format!("{built} built on, a third of {of} needed"),
                    );
                }
                Step::Of(invested, of) => {
                    let (invested, of) = (self.money(*invested), self.money(*of));
                    add(
                        format!("已投资 {invested}，总投资 {of} 的 25 %"),
                        format!("{invested} invested, a quarter of {of} needed"),
                    );
                }
                Step::Invested(invested) => {
                    let invested = self.money(*invested);
                    add(format!("已投资 {invested}"), format!("invested {invested}"));
                }
                Step::Buildings(worth) => {
                    let worth = self.money(*worth);
                    add(format!("建筑物 + {worth}"), format!("buildings + {worth}"));
                }
                Step::Amount(amount) => {
                    let amount = self.money(*amount);
                    add(format!("= {amount}"), format!("= {amount}"));
                }
            }
        }
        Bilingual::new(zh.join("，"), en.join(", "))
    }
}

pub(super) fn percent(ppm: i64) -> String {
    crate::figures::format_quanta(ppm, 4) + " %"
}

/// A hundredth of a square metre is 0.000015 mu: six places are exact.
fn area_in_mu(area: Area) -> String {
    let mu = area.mu();
    let millionths = mu.numerator * 1_000_000 / mu.denominator.max(1);
    crate::figures::format_quanta(i64::try_from(millionths).unwrap_or(i64::MAX), 6)
}

pub(super) fn area_in_m2(area: Area) -> String {
    crate::figures::format_quanta(i64::try_from(area.hundredths_m2()).unwrap_or(i64::MAX), 2) + " m²"
}
