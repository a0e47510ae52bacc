//! Caps, reserves, carried offers and hard stops of a stage.

use landgavel_sale::rulebook::{AttributeId, Cap, HardStop, Limit, StageId};

use super::speech::Article;
use super::terms::Terms;

/// Whether offers of earlier stages count; said where there are any.
pub(super) fn carries(article: &mut Article<'_>, id: StageId, attribute: AttributeId, carries: bool) {
    let speech = article.speech;
    let name = speech.attribute_name(attribute);
    let earlier = &speech.rulebook.stages[..usize::from(id.0)];
    if carries {
        article.add(
            "carries",
            format!("竞买人在此前最近一个以{name}报价的阶段中的有效报价，在本阶段视为其现有报价。"),
            format!(
                "A bidder's valid offer from the latest earlier stage with offers on {name} stands in this stage too."
            ),
        );
    } else if earlier.iter().any(|stage| stage.kind.attribute() == Some(attribute)) {
        article.add(
            "carries",
            format!("此前各阶段中的{name}报价，在本阶段不作为报价。"),
            format!("Offers on {name} from earlier stages do not stand in this stage."),
        );
    }
}

/// `has_quote` is `None` for rounds.
pub(super) fn cap(
    article: &mut Article<'_>,
    id: StageId,
    attribute: AttributeId,
    cap: Option<&Cap>,
    has_quote: Option<bool>,
) {
    let speech = article.speech;
    let terms = speech.terms(Some(attribute));
    let Terms { cap: name, beyond, .. } = terms;
    let Some(rule) = cap else {
        article.add("cap", format!("本阶段不设{name}。"), format!("There is no {name}."));
        return;
    };
    match &rule.limit {
        Limit::Public(amount) => {
            let value = speech.amount(amount, attribute, Some(id));
            article.add(
                "cap",
                format!("{name}为{value}。报价不得{beyond}{name}。"),
                format!("The {name} is {value}. No bid may be {beyond} it."),
            );
        }
        Limit::Committed { .. } => {
            committed(article, "cap", name, &rule.limit);
            article.add(
                "cap",
                format!(
                    "{name}揭示之前，报价不受其限制；揭示时，报价已达到或者{beyond}{name}的竞买人均视为接受{name}，\
                     并按{name}成交；揭示之后，报价不得{beyond}{name}。"
                ),
                format!(
                    "Until it is revealed, the {name} does not limit bids. When it is revealed, every bidder whose bid is \
                     at or {beyond} it has accepted it and is bound by the {name} alone; after that, no bid may be \
                     {beyond} it."
                ),
            );
        }
    }
    if rule.short_step {
        article.add(
            "cap.short_step",
            format!("报价等于{name}的，不受{}的限制。", terms.step),
            format!("A bid equal to the {name} is legal whatever the {}.", terms.step),
        );
    } else {
        article.add(
            "cap.short_step",
            format!("报价等于{name}的，同样须符合{}的规定。", terms.step),
            format!("A bid equal to the {name} must keep to the {} like any other.", terms.step),
        );
    }
    acceptance(article, rule, name, has_quote);
}

fn acceptance(article: &mut Article<'_>, rule: &Cap, name: &str, has_quote: Option<bool>) {
    let speech = article.speech;
    let holds = rule.holds_through_quote && has_quote == Some(true);
    if holds {
        article.add(
            "cap.holds_through_quote",
            format!("在报价期内达到{name}的，报价期不提前结束；报价期届满前，参加本阶段的其他竞买人可以接受{name}。"),
            format!(
                "If the {name} is reached in the quote period, the period runs on to its end, and until then the others \
                 in the stage may accept the {name}."
            ),
        );
    } else if has_quote == Some(true) {
        article.add(
            "cap.holds_through_quote",
            format!("在报价期内达到{name}的，报价期即时结束。"),
            format!("If the {name} is reached in the quote period, that period ends at once."),
        );
    }
    let from = match (has_quote, holds) {
        (None, _) => ("自该轮结束时起算", "counted from the end of that round"),
        (Some(_), true) => (
            "自达到时起算（在报价期内达到的，自报价期届满时起算）",
            "counted from that moment or, if it was reached in the quote period, from the end of that period",
        ),
        (Some(_), false) => ("自达到时起算", "counted from that moment"),
    };
    if rule.acceptance.millis() > 0 {
        let length = speech.duration(rule.acceptance);
        article.add(
            "cap.acceptance",
            format!(
                "达到{name}的，不再接受其他数额的报价，并给予{length}的接受期，{}；接受期内，参加本阶段的其他竞买人均可接受\
                 {name}，以声明或者等额报价的方式作出。接受期届满，报价结束。",
                from.0
            ),
            format!(
                "Once the {name} is reached, no bid of another amount is taken, and an acceptance period of {length} is given, \
                 {}; in it any other bidder in the stage may accept the {name}, by declaring so or by bidding it. Bidding \
                 ends with that period.",
                from.1
            ),
        );
    } else {
        let others = match (has_quote, holds) {
            (None, _) => ("同一轮内其后接受者除外，", ", except later in the same round"),
            (Some(_), true) => ("报价期内接受者除外，", ", except in the quote period"),
            (Some(_), false) => ("", ""),
        };
        article.add(
            "cap.acceptance",
            format!("达到{name}的，报价结束，不设接受期；{}其他竞买人不得再接受{name}。", others.0),
            format!(
                "Once the {name} is reached, bidding ends without an acceptance period; no other bidder may accept the \
                 {name}{}.",
                others.1
            ),
        );
    }
}

/// A value kept secret behind its hash.
fn committed(article: &mut Article<'_>, field: &str, name: &str, limit: &Limit) {
    let speech = article.speech;
    let Limit::Committed { lodge_by, reveal_within } = limit else { return };
    let lodged = match lodge_by {
        None => ("其加盐散列值载于出让公告".to_owned(), "its salted hash stands in the notice".to_owned()),
        Some(moment) => {
            let moment = speech.moment(*moment);
            (format!("其加盐散列值须在{moment}之前提交"), format!("its salted hash must be lodged before {moment}"))
        }
    };
    let within = speech.duration(*reveal_within);
    article.add(
        field,
        format!(
            "{name}事先保密，{}；本阶段有报价的，须在报价结束后{within}内揭示{name}及其盐值，与散列值相符的方为有效；\
             无人报价的，无须揭示。",
            lodged.0
        ),
        format!(
            "The {name} is kept secret; {}. If there is any bid, it and its salt must be revealed within {within} after \
             bidding has ended and must match the hash; without a bid it need not be revealed.",
            lodged.1
        ),
    );
}

/// The value that must be met for a sale.
pub(super) fn reserve(article: &mut Article<'_>, id: StageId, attribute: AttributeId, reserve: Option<&Limit>) {
    let speech = article.speech;
    let terms = speech.terms(Some(attribute));
    let Terms { reserve: name, cap, at_least, .. } = terms;
    match reserve {
        None => {
            article.add("reserve", format!("本阶段不设{name}。"), format!("There is no {name}."));
            return;
        }
        Some(Limit::Public(amount)) => {
            let value = speech.amount(amount, attribute, Some(id));
            article.add("reserve", format!("{name}为{value}。"), format!("The {name} is {value}."));
        }
        Some(limit @ Limit::Committed { .. }) => committed(article, "reserve", name, limit),
    }
    let has_cap = speech.rulebook.stage(id).kind.cap().is_some();
    let except = if has_cap {
        (format!("；达到{cap}的，不再与{name}比较"), format!("; once the {cap} is reached, the {name} does not matter"))
    } else {
        (String::new(), String::new())
    };
    article.add(
        "reserve",
        format!("领先报价须{at_least}{name}{}。", except.0),
        format!("The leading bid must be {at_least} the {name}{}.", except.1),
    );
}

/// The end that no bid can move.
pub(super) fn hard_stop_words(article: &mut Article<'_>, field: &str, stop: Option<&HardStop>, is_rounds: bool) {
    let what = if is_rounds { ("轮次", "rounds go on") } else { ("倒计时", "the countdown says") };
    let when = match stop {
        None => {
            let until = if is_rounds {
                ("不设强制截止时刻", "There is no hard stop")
            } else {
                ("限时竞价不设强制截止时刻", "There is no hard stop for the live part")
            };
            article.add(field, format!("{}。", until.0), format!("{}.", until.1));
            return;
        }
        Some(HardStop::At(moment)) => {
            let moment = article.speech.moment(*moment);
            (moment.clone(), moment)
        }
        Some(HardStop::Daily(millis)) => {
            let time = time_of_day(*millis);
            (format!("本阶段开始后的首个{time}"), format!("the first {time} after the start of the stage"))
        }
    };
    article.add(
        field,
        format!("无论{}如何，至{}一律停止报价。", what.0, when.0),
        format!("However long {}, bidding stops at {}.", what.1, when.1),
    );
}

/// A time of day: `17:00:00`.
fn time_of_day(millis: u32) -> String {
    let seconds = millis / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
