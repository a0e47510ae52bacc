//! Articles on the award and on the duties that arise from it.

use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{
    AttributeId, AwardRule, Direction, ObligationRule, Obligor, PayRule, Silence, StageId, Trigger, Uniform,
};

use super::Section;
use super::speech::{Article, Speech, Whose};
use crate::amounts;

/// From the last stage to the confirmation of sale.
pub(super) fn award(speech: &Speech<'_>) -> Section {
    let rule = &speech.rulebook.award;
    let mut article = speech.article("award", speech.say("竞得与成交", "Award"));
    let count = rule.winners;
    article.add(
        "winners",
        format!("竞得入选人为{count}人。"),
        if count == 1 { "There is one winner.".to_owned() } else { format!("There are {count} winners.") },
    );
    pays(&mut article, rule);
    qualification(&mut article, rule);
    confirmation(&mut article, rule);
    cascade(&mut article, rule);
    article.done()
}

fn pays(article: &mut Article<'_>, rule: &AwardRule) {
    let speech = article.speech;
    for (attribute, pay) in &rule.pays {
        let name = speech.attribute_name(*attribute);
        let (zh, en) = pay_words(speech, *attribute, pay, rule.winners);
        let id = &speech.attribute(*attribute).id;
        article.add(
            &format!("pays.{id}"),
            format!("竞得入选人就{name}的成交值，{zh}。"),
            format!("For {name} a winner is bound by {en}."),
        );
    }
    let unnamed = speech.rulebook.attributes.len() > rule.pays.len();
    if unnamed {
        let other = if rule.pays.is_empty() {
            ("各指标", "every attribute")
        } else {
            ("其他指标", "every other attribute")
        };
        article.add(
            "pays",
            format!("竞得入选人就{}，以其本人最后的有效报价或者接受的数额为成交值；未报价的，以该指标的基准值为成交值，没有基准值的，不产生该指标的成交值。", other.0),
            format!(
                "For {} a winner is bound by its own last valid offer or acceptance; without one, by the base value of the \
                 attribute, if it has one.",
                other.1
            ),
        );
    }
}

fn pay_words(speech: Speech<'_>, attribute: AttributeId, pay: &PayRule, winners: u32) -> (String, String) {
    let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match pay {
        PayRule::Own => pair("为其本人的报价", "its own offer"),
        PayRule::Second if winners == 1 => pair(
            "为排名第二者的报价；没有第二名的，为其本人的报价",
            "the offer of the second in the ranking, or without one by its own",
        ),
        PayRule::Second | PayRule::Uniform(Uniform::HighestRejected) => pair(
            "统一为未竞得者中排名最前者的报价；没有未竞得者的，为竞得入选人中排名最后者的报价",
            "the offer of the best of those who did not win, or, if nobody lost, by that of the last of the winners",
        ),
        PayRule::Uniform(Uniform::LowestAccepted) => {
            pair("统一为竞得入选人中排名最后者的报价", "the offer of the last of the winners, the same for all")
        }
        PayRule::Amount { amount, when: None } => {
            let amount = speech.amount(amount, attribute, None);
            (format!("不论报价多少，均为{amount}"), format!("{amount}, whatever it offered"))
        }
        PayRule::Amount { amount, when: Some((stage, why)) } => {
            let amount = speech.amount(amount, attribute, None);
            let (zh, en) = stage_ending_words(speech, *stage, *why);
            (
                format!("{zh}的，不论报价多少，均为{amount}；否则为其本人的报价"),
                format!("{amount}, whatever it offered, if {en}; otherwise by its own offer"),
            )
        }
    }
}

fn qualification(article: &mut Article<'_>, rule: &AwardRule) {
    let Some(qualification) = rule.qualification else {
        article.add(
            "qualification",
            "对竞得入选人不再进行资格后审。",
            "There is no examination of the provisional winner.",
        );
        return;
    };
    let within = article.speech.within(qualification.within);
    article.add(
        "qualification.within",
        format!("产生竞得入选人后，出让人的经办人在{within}内进行资格后审，作出合格或者不合格的决定；不合格的，应当说明理由，该竞得入选人丧失竞得资格。"),
        format!(
            "The seller's officer examines each provisional winner within {within} and finds it qualified or not; who is not \
             qualified, for stated reasons, loses its place."
        ),
    );
    match qualification.silence {
        Silence::Qualifies => article.add(
            "qualification.silence",
            "期限届满未作决定的，视为合格。",
            "Without a decision in time it is qualified.",
        ),
        Silence::Disqualifies => article.add(
            "qualification.silence",
            "期限届满未作决定的，视为不合格。",
            "Without a decision in time it is not qualified.",
        ),
    }
}

fn confirmation(article: &mut Article<'_>, rule: &AwardRule) {
    let from = if rule.qualification.is_some() {
        ("资格后审合格后", "after it is qualified")
    } else {
        ("成为竞得入选人后", "after it has become the provisional winner")
    };
    match rule.confirmation {
        Some(within) => {
            let within = article.speech.within(within);
            article.add(
                "confirmation",
                format!("竞得入选人应当在{}{within}内签订成交确认书；期限届满未签订，或者经声明、认定不签订的，视为违约，丧失竞得资格。", from.0),
                format!(
                    "The provisional winner signs the confirmation of sale within {within} {}; if it does not, or declares or \
                     is found not to, it is in default and loses its place.",
                    from.1
                ),
            );
            let (zh, en) = if rule.winners == 1 {
                (
                    "竞得入选人签订成交确认书的，成交，竞得入选人成为竞得人。",
                    "When the provisional winner has signed, the lot is sold and it is the winner.",
                )
            } else {
                (
                    "全部竞得入选人签订成交确认书的，成交，竞得入选人成为竞得人。",
                    "When every provisional winner has signed, the lot is sold and they are the winners.",
                )
            };
            article.add("confirmation", zh, en);
        }
        None => article.add(
            "confirmation",
            format!(
                "不另行签订成交确认书；竞得入选人{}即为竞得人，成交。",
                if rule.qualification.is_some() { "资格后审合格的，" } else { "" }
            ),
            format!(
                "No confirmation of sale is signed; the award is final at once{}.",
                if rule.qualification.is_some() { " when the provisional winner is qualified" } else { "" }
            ),
        ),
    }
}

fn cascade(article: &mut Article<'_>, rule: &AwardRule) {
    let can_fail = rule.qualification.is_some() || rule.confirmation.is_some();
    if !can_fail && rule.cascade.is_none() {
        return;
    }
    match rule.cascade {
        Some(cascade) => {
            let most = cascade.at_most;
            article.add(
                "cascade",
                format!("竞得入选人丧失竞得资格的，由最终排名中其后的竞买人依次递补，适用本条各款；递补累计最多{most}次。"),
                format!(
                    "If a provisional winner loses its place, the next of the final ranking takes it and this article applies \
                     to it; this happens at most {most} {}.",
                    if most == 1 { "time" } else { "times in all" }
                ),
            );
            article.add(
                "cascade",
                "没有竞得入选人可以递补而全部丧失竞得资格的，本次出让流拍。",
                "If all have lost their places and nobody can follow, the lot is passed in.",
            );
        }
        None if rule.winners == 1 => article.add(
            "cascade",
            "竞得入选人丧失竞得资格的，不由其他竞买人递补，本次出让流拍。",
            "If the provisional winner loses its place, nobody follows it and the lot is passed in.",
        ),
        None => article.add(
            "cascade",
            "竞得入选人丧失竞得资格的，不由其他竞买人递补；全部丧失的，本次出让流拍。",
            "If a provisional winner loses its place, nobody follows it; if all have lost theirs, the lot is passed in.",
        ),
    }
}

/// Duties that arise from the sale.
pub(super) fn obligations(speech: &Speech<'_>) -> Section {
    let mut article = speech.article("obligations", speech.say("成交后的义务", "Obligations"));
    if speech.rulebook.obligations.is_empty() {
        article.add("", "本规则不设定成交后的其他义务。", "No further duties arise from the sale under this rule.");
    }
    for rule in &speech.rulebook.obligations {
        let (zh, en) = obligation(speech, rule);
        article.add(&rule.id, zh, en);
    }
    article.done()
}

fn obligation(speech: &Speech<'_>, rule: &ObligationRule) -> (String, String) {
    let (zh_text, en_text) = (rule.text.zh.trim_end_matches('。'), rule.text.en.trim_end_matches('.'));
    let triggers: Vec<(String, String)> = rule.triggers.iter().map(|trigger| trigger_words(*speech, trigger)).collect();
    let (zh_when, en_when) = if triggers.is_empty() {
        ("本项义务于成交时产生".to_owned(), "in every sale".to_owned())
    } else {
        let zh: Vec<String> = triggers.iter().map(|trigger| trigger.0.clone()).collect();
        let en: Vec<String> = triggers.iter().map(|trigger| trigger.1.clone()).collect();
        (format!("成交且{}的，产生本项义务", zh.join("，并且")), format!("if {}", en.join(", and ")))
    };
    let (zh_who, en_who) = match rule.obligor {
        Obligor::Winner => ("竞得人", "the winner"),
        Obligor::Seller => ("出让人", "the seller"),
    };
    let (mut zh, mut en) = (
        format!("{zh_text}。{zh_when}；义务人为{zh_who}"),
        format!("{en_text}. This duty arises {en_when}; it is owed by {en_who}"),
    );
    if let Some(amount) = &rule.amount {
        let amount = speech.money_rule(amount, Whose::Winner);
        zh.push_str(&format!("；金额为{amount}"));
        en.push_str(&format!(", in the amount of {amount}"));
    }
    match rule.due {
        Some(due) => {
            let due = amounts::period_in_words(due, speech.language);
            zh.push_str(&format!("；自成交之日起{due}内履行。"));
            en.push_str(&format!("; it is due within {due} of the award."));
        }
        None => {
            zh.push_str("；本规则不规定履行期限。");
            en.push_str("; the rule sets no date for it.");
        }
    }
    (zh, en)
}

/// That a stage was held and how it ended.
fn stage_ending_words(speech: Speech<'_>, stage: StageId, why: Option<EndReason>) -> (String, String) {
    let (terms, stage) = (speech.stage_terms(stage), speech.stage_name(stage));
    let (zh, en) = match why {
        None => ("已经进行并结束".to_owned(), "was held and has ended".to_owned()),
        Some(EndReason::Capped) => (format!("因达到{}而结束", terms.cap), format!("ended at its {}", terms.cap)),
        Some(EndReason::Settled) => {
            ("以有领先者而未达到限值的结果结束".to_owned(), "ended with a leader and without reaching a cap".to_owned())
        }
        Some(EndReason::Empty) => ("因无人有效报价而结束".to_owned(), "ended without a valid offer".to_owned()),
        Some(EndReason::BelowReserve) => {
            (format!("因未达到{}而结束", terms.reserve), format!("ended below its {}", terms.reserve))
        }
        Some(EndReason::Overdue) => {
            ("因应予揭示者逾期而结束".to_owned(), "ended because something was not shown in time".to_owned())
        }
        Some(EndReason::Tied) => ("因并列而结束".to_owned(), "ended in a tie".to_owned()),
    };
    (format!("{stage}{zh}"), format!("{stage} {en}"))
}

fn trigger_words(speech: Speech<'_>, trigger: &Trigger) -> (String, String) {
    match trigger {
        Trigger::StageEnded { stage, why } => stage_ending_words(speech, *stage, *why),
        Trigger::Premium { stage, share, inclusive } => {
            let (terms, name) = (speech.stage_terms(*stage), speech.stage_name(*stage));
            let share = amounts::percent(*share);
            let (zh_reach, en_reach) = if *inclusive {
                (format!("达到或者超过该{}的{share}", terms.start), format!("by {share} of it or more"))
            } else {
                (format!("超过该{}的{share}（不含本数）", terms.start), format!("by more than {share} of it"))
            };
            let attribute = speech.rulebook.stage(*stage).kind.attribute();
            let what = attribute.map(|attribute| speech.attribute_name(attribute)).unwrap_or_default();
            (
                format!("竞得人的{what}成交值{}{name}{}的部分{zh_reach}", terms.beyond, terms.start),
                format!(
                    "the winner's award value of {what} is {} the {} of {name} {en_reach}",
                    terms.beyond, terms.start
                ),
            )
        }
        Trigger::Reached { attribute, at } => {
            let (name, at) = (speech.attribute_name(*attribute), speech.amount(at, *attribute, None));
            let (zh, en) = match speech.direction(*attribute) {
                Direction::Up => ("达到或者高于", "at least"),
                Direction::Down => ("达到或者低于", "at most"),
            };
            (format!("竞得人的{name}成交值{zh}{at}"), format!("the winner's award value of {name} is {en} {at}"))
        }
    }
}
