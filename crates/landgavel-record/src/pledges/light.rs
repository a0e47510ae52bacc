use landgavel_base::{Bilingual, Date};
use landgavel_pledge::{Subject, Verdict};

use super::Opened;
use super::words::verdict_in_words;

/// What falls due within so many days is near.
pub const NEAR_DAYS: i32 = 90;

/// How bad something is; each is told by a word, a shape and a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// It is broken, or late.
    Red,
    /// It is near, or waits for somebody.
    Amber,
    /// Nothing is due soon.
    Green,
}

/// How something that is judged stands on a day, in a word; without a light while there is nothing to look at.
pub fn subject_light(opened: &Opened, subject: Subject, today: Date) -> (Option<Light>, Bilingual) {
    let pledge = &opened.pledge;
    let say = |zh: &str, en: &str| Bilingual::new(zh, en);
    match (pledge.verdict(subject), pledge.due_of(subject)) {
        (Some(verdict @ (Verdict::Breached | Verdict::Undetermined)), _) => {
            (Some(Light::Red), verdict_in_words(verdict))
        }
        (Some(verdict @ (Verdict::Met | Verdict::Cured | Verdict::Waived)), _) => {
            (Some(Light::Green), verdict_in_words(verdict))
        }
        // That a ban ends is nothing to look at.
        (None, _) if matches!(subject, Subject::Ban(_)) => (None, say("限制期内", "in force")),
        (None, None) => (None, say("待前一节点", "waits for the step before")),
        (None, Some(due)) => {
            let left = due.days_since_epoch() - today.days_since_epoch();
            if left > NEAR_DAYS {
                (None, say("未到期", "not due yet"))
            } else {
                (Some(Light::Amber), say(&format!("还有 {left} 天"), &format!("due in {left} days")))
            }
        }
    }
}
