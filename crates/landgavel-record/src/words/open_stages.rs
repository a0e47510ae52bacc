//! Stages of open bids, each better than the last.

use landgavel_sale::rulebook::{
    Against, Amount, Ascending, Ask, AskedParty, AttributeId, Close, Direction, Limit, StageId, Step, StepMode,
};

use super::limits::{cap, carries, hard_stop_words, reserve};
use super::speech::Article;
use super::terms::Terms;

/// Provisions of a stage of open bids.
pub(super) fn ascending(article: &mut Article<'_>, id: StageId, rule: &Ascending) {
    subject(article, rule.attribute, "竞买人以公开报价方式竞");
    start(article, id, rule.attribute, &rule.start);
    step(article, id, rule.attribute, &rule.step, false);
    let terms = article.speech.terms(Some(rule.attribute));
    if rule.leader_may_raise {
        article.add(
            "leader_may_raise",
            format!("持有{}的竞买人可以继续报价，改进本人报价。", terms.best),
            format!("The bidder with the {} may improve its own bid.", terms.best),
        );
    } else {
        article.add(
            "leader_may_raise",
            format!("持有{}的竞买人在他人超越之前不得再次报价。", terms.best),
            format!("The bidder with the {} may not bid again until another has overtaken it.", terms.best),
        );
    }
    carries(article, id, rule.attribute, rule.carries);
    let has_quote = rule.quote.is_some();
    cap(article, id, rule.attribute, rule.cap.as_ref(), Some(has_quote));
    reserve(article, id, rule.attribute, rule.reserve.as_ref());
    match &rule.quote {
        Some(window) => {
            let (zh, en) = (article.speech.window(window, id), article.speech.window(window, id));
            article.add("quote", format!("报价期{zh}。"), format!("The quote period runs {en}."));
        }
        None => article.add(
            "quote",
            format!("本阶段不设报价期，开始时即进入{}。", live(&rule.close)),
            "The stage has no quote period.",
        ),
    }
    ask(article, rule.ask.as_ref(), rule, terms);
    close(article, rule, terms);
}

/// What is bid.
pub(super) fn subject(article: &mut Article<'_>, attribute: AttributeId, zh: &str) {
    let name = article.speech.attribute_name(attribute);
    let better = match article.speech.direction(attribute) {
        Direction::Up => ("报价高者优先", "higher is better"),
        Direction::Down => ("报价低者优先", "lower is better"),
    };
    article.add(
        "attribute",
        format!("{zh}{name}，{}。", better.0),
        format!("Bidders bid openly on {name}; {}.", better.1),
    );
}

/// The starting value.
pub(super) fn start(article: &mut Article<'_>, id: StageId, attribute: AttributeId, start: &Amount) {
    let terms = article.speech.terms(Some(attribute));
    let value = article.speech.amount(start, attribute, Some(id));
    article.add("start", format!("{}为{value}。", terms.start), format!("The {} is {value}.", terms.start));
}

/// What a bid is measured against: while there is nothing, and once there is.
fn standing(over: Against, is_together: bool, terms: Terms) -> [(String, String); 2] {
    let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match (over, is_together) {
        (Against::Own, _) => [
            pair("竞买人本人尚无报价的", "While a bidder has no bid of its own"),
            pair("本人的现有报价", "the bidder's own standing bid"),
        ],
        (Against::Best, true) => [
            pair("本轮开始前尚无报价的", "While there was no bid before the round"),
            (format!("本轮开始前的{}", terms.best), format!("the {} from before the round", terms.best)),
        ],
        (Against::Best, false) => [
            pair("尚无报价的", "While there is no bid"),
            (format!("当前{}", terms.best), format!("the {}", terms.best)),
        ],
    }
}

/// The increment and what it allows.
pub(super) fn step(article: &mut Article<'_>, id: StageId, attribute: AttributeId, rule: &Step, is_together: bool) {
    let speech = article.speech;
    let terms = speech.terms(Some(attribute));
    let [(zh_none, en_none), (zh_over, en_over)] = standing(rule.over, is_together, terms);
    let Terms { start, step, plus, beyond, at_least, .. } = terms;
    let is_free = rule.mode == StepMode::AtLeast && rule.by == Amount::default();
    if is_free {
        article.add(
            "step",
            format!(
                "本阶段不设{step}。{zh_none}，报价须{at_least}{start}；已有报价的，报价须{beyond}{zh_over}，幅度不限。"
            ),
            format!(
                "There is no {step}. {en_none}, a bid must be {at_least} the {start}; after that, it must be {beyond} \
                 {en_over}, by any amount."
            ),
        );
    } else {
        let by = speech.amount(&rule.by, attribute, Some(id));
        article.add("step", format!("{step}为{by}。"), format!("The {step} is {by}."));
        let (zh, en) = match rule.mode {
            StepMode::Multiple => (
                format!(
                    "{zh_none}，报价须等于{start}，或者等于{start}{plus}{step}的整数倍；已有报价的，报价须等于{zh_over}\
                     {plus}{step}的整数倍，至少一倍"
                ),
                format!(
                    "{en_none}, a bid must equal the {start}, or the {start} {plus} a whole number of {step}s; after \
                     that, it must equal {en_over} {plus} a whole number of {step}s, at least one"
                ),
            ),
            StepMode::AtLeast => (
                format!(
                    "{zh_none}，报价须{at_least}{start}；已有报价的，报价须{at_least}{zh_over}{plus}一个{step}，\
                     不要求为{step}的整数倍"
                ),
                format!(
                    "{en_none}, a bid must be {at_least} the {start}; after that, it must be {at_least} {en_over} \
                     {plus} one {step}, and need not be a whole number of {step}s"
                ),
            ),
            StepMode::Exact => (
                format!("{zh_none}，报价须等于{start}；已有报价的，报价须恰等于{zh_over}{plus}一个{step}，不得跳价"),
                format!(
                    "{en_none}, a bid must equal the {start}; after that, it must equal {en_over} {plus} exactly one \
                     {step}, without jumps"
                ),
            ),
        };
        article.add("step.mode", format!("{zh}。"), format!("{en}."));
    }
    if rule.over == Against::Own {
        article.add(
            "step.over",
            format!("报价只与竞买人本人的报价比较，不要求{}他人的报价。", terms.beyond),
            format!(
                "A bid is measured against the bidder's own only; it need not be {} those of others.",
                terms.beyond
            ),
        );
    }
    adjustable(article, id, rule, terms);
}

fn adjustable(article: &mut Article<'_>, id: StageId, rule: &Step, terms: Terms) {
    let Terms { start, step, best, .. } = terms;
    if !rule.adjustable {
        article.add(
            "step.adjustable",
            format!("本阶段进行中不得调整{step}。"),
            format!("The {step} does not change while the stage runs."),
        );
        return;
    }
    let cap = article.speech.rulebook.stage(id).kind.cap();
    let must_divide = rule.mode != StepMode::AtLeast && cap.is_some_and(|cap| !cap.short_step);
    let (zh, en) = match (must_divide, cap) {
        (true, Some(_)) => (
            format!("，并须能整除当前{best}（尚无报价的，为{start}）与{}的差额（该限值尚未揭示的除外）", terms.cap),
            format!(
                ", and must divide what is left from the {best} (or, without a bid, the {start}) to the {} unless that \
                 is not revealed yet",
                terms.cap
            ),
        ),
        (_, Some(_) | None) => (String::new(), String::new()),
    };
    let (zh, en) = match cap.map(|cap| &cap.limit) {
        Some(Limit::Public(_)) => {
            (zh.replace("（该限值尚未揭示的除外）", ""), en.replace(" unless that is not revealed yet", ""))
        }
        Some(Limit::Committed { .. }) | None => (zh, en),
    };
    article.add(
        "step.adjustable",
        format!("经办人可以在本阶段进行中调整{step}，对其后的报价生效；调整后的{step}须大于零{zh}。"),
        format!(
            "The officer may change the {step} while the stage runs, for later bids; the new {step} must be more than \
             zero{en}."
        ),
    );
}

fn ask(article: &mut Article<'_>, ask: Option<&Ask>, rule: &Ascending, terms: Terms) {
    let speech = article.speech;
    let follows = rule.quote.is_some() && rule.close != Close::QuoteEnd;
    let live = live(&rule.close);
    match (ask, follows) {
        (Some(ask), true) => {
            let window = speech.duration(ask.window);
            let who = match ask.who {
                AskedParty::Quoted => ("在报价期内有有效报价的竞买人", "bidders with a valid quote"),
                AskedParty::Field => ("参加本阶段的全体竞买人", "all bidders in the stage"),
            };
            let none = match ask.who {
                AskedParty::Quoted => ("报价期内无人报价的，不予询问。", " Without any quote nobody is asked."),
                AskedParty::Field => ("", ""),
            };
            article.add(
                "ask",
                format!(
                    "报价期届满后，询问是否参加{live}，询问期{window}；{}可以在询问期内声明参加，只有声明参加者\
                     以及当时持有{}的竞买人可以在{live}中报价。无人声明参加的，不进行{live}，以报价期的{}为准。{}",
                    who.0, terms.best, terms.best, none.0
                ),
                format!(
                    "When the quote period has ended, an ask period of {window} follows, in which {} may declare that they \
                     go on; only they and the bidder with the {} may bid in the live part. If nobody declares, there is no \
                     live part and the {} of the quote period stands.{}",
                    who.1, terms.best, terms.best, none.1
                ),
            );
        }
        (Some(_), false) => article.add(
            "ask",
            "本规则虽载有询问期，但因本阶段没有报价期之后的续行竞价，不予询问。",
            "The rule names an ask period, but as no live part follows a quote period here, nobody is asked.",
        ),
        (None, true) => article.add(
            "ask",
            format!("报价期届满后不设询问期，参加本阶段的全体竞买人均可参加{live}。"),
            "There is no ask period: after the quote period the live part starts at once, for all bidders in the stage.",
        ),
        (None, false) => {}
    }
}

/// What the part after the quote period is called in Chinese.
pub(super) fn live(close: &Close) -> &'static str {
    match close {
        Close::Countdown { .. } => "限时竞价",
        Close::Hammer { .. } | Close::QuoteEnd => "现场竞价",
    }
}

fn close(article: &mut Article<'_>, rule: &Ascending, terms: Terms) {
    let speech = article.speech;
    match &rule.close {
        Close::Countdown { length, first, hard_stop } => {
            let length = speech.duration(*length);
            let (first_zh, first_en) = match first {
                None => {
                    (format!("限时竞价以{length}倒计时开始"), format!("The live part starts a countdown of {length}"))
                }
                Some(first) => {
                    let first = speech.duration(*first);
                    (
                        format!("限时竞价以{first}倒计时开始，等待首次报价"),
                        format!("The live part starts a countdown of {first} for its first bid"),
                    )
                }
            };
            article.add(
                "close",
                format!("{first_zh}；每有一次有效报价，倒计时即重新计为{length}；倒计时届满而无新的报价的，报价结束。"),
                format!(
                    "{first_en}; every valid bid restarts the countdown at {length}; bidding ends when it runs out."
                ),
            );
            hard_stop_words(article, "close.hard_stop", hard_stop.as_ref(), false);
        }
        Close::Hammer { calls, gap } => {
            let gap = speech.duration(*gap);
            article.add(
                "close",
                format!(
                    "现场竞价不设倒计时。主持人对当前{}至少报叫{calls}次，相邻两次报叫之间以及末次报叫与落槌之间均不少于{gap}；\
                     有新的有效报价的，重新报叫；落槌时报价结束。尚无报价的，同样须经报叫后方可落槌。",
                    terms.best
                ),
                format!(
                    "The live part has no countdown. The host calls the {} at least {calls} times, with at least {gap} \
                     between calls and between the last call and the hammer; every valid bid starts the calls again; \
                     bidding ends when the hammer falls. Without a bid the same calls must be made.",
                    terms.best
                ),
            );
        }
        Close::QuoteEnd => match rule.quote {
            Some(_) => article.add(
                "close",
                "报价期届满时报价结束，不延时，不再续行竞价。",
                "Bidding ends with the quote period, without extension and without a live part.",
            ),
            None => article.add(
                "close",
                "本规则规定报价随报价期结束，而本阶段不设报价期，因此本阶段不接受报价。",
                "Bidding is to end with the quote period; as there is none, the stage takes no bids.",
            ),
        },
    }
}
