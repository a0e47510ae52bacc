//! Stages of open bids in rounds.

use landgavel_sale::rulebook::{Inactive, RoundEnd, RoundOrder, Rounds, StageId};

use super::limits::{cap, carries, hard_stop_words, reserve};
use super::open_stages::{start, step, subject};
use super::speech::Article;

/// Provisions of a stage in rounds.
pub(super) fn rounds(article: &mut Article<'_>, id: StageId, rule: &Rounds) {
    let is_together = rule.order == RoundOrder::Together;
    subject(article, rule.attribute, "竞买人分轮公开竞");
    start(article, id, rule.attribute, &rule.start);
    step(article, id, rule.attribute, &rule.step, is_together);
    carries(article, id, rule.attribute, rule.carries);
    cap(article, id, rule.attribute, rule.cap.as_ref(), None);
    reserve(article, id, rule.attribute, rule.reserve.as_ref());
    round_order(article, rule);
    round_ends(article, rule);
}

fn round_order(article: &mut Article<'_>, rule: &Rounds) {
    let speech = article.speech;
    let terms = speech.terms(Some(rule.attribute));
    let (length, pause) = (speech.duration(rule.length), speech.duration(rule.pause));
    match rule.order {
        RoundOrder::Together => {
            let (zh, en) = match rule.ends_on {
                RoundEnd::Time => ("至时长届满结束", "and ends when its time is over"),
                RoundEnd::FirstBid => ("至首次有效报价或者时长届满时结束", "and ends with the first valid bid or when its time is over"),
            };
            article.add(
                "order",
                format!("每轮时长{length}，{zh}；参加本阶段的竞买人在每轮内均可报价一次。"),
                format!("Each round lasts {length} {en}; in each round every bidder in the stage may bid once."),
            );
        }
        RoundOrder::InTurn => article.add(
            "order",
            format!(
                "每轮由竞买人依次报价，尚无报价者在先，其后按现有报价自{}至{}的次序；报价相同的，后报价者先行。每人每次时长{length}，\
                 报价后或者时长届满即轮至下一人。",
                terms.worst, terms.best
            ),
            format!(
                "In each round the bidders bid in turn: first those without a bid, then from the {} to the {}, of equal bids \
                 the later first. A turn lasts {length} and ends with a bid or when its time is over.",
                terms.worst, terms.best
            ),
        ),
    }
    if rule.pause.millis() > 0 {
        article.add("pause", format!("两轮之间间歇{pause}。"), format!("Between rounds there is a pause of {pause}."));
    } else {
        article.add("pause", "两轮之间不设间歇。", "There is no pause between rounds.");
    }
}

fn round_ends(article: &mut Article<'_>, rule: &Rounds) {
    match rule.max_rounds {
        Some(most) => {
            article.add("max_rounds", format!("本阶段最多进行{most}轮。"), format!("There are at most {most} rounds."))
        }
        None => article.add("max_rounds", "轮数不设上限。", "The number of rounds has no limit."),
    }
    if rule.silence_ends || rule.max_rounds.is_none() {
        article.add("silence_ends", "一轮内无人报价的，报价结束。", "A round without a bid ends the bidding.");
    } else {
        article.add(
            "silence_ends",
            "一轮内无人报价的，仍进入下一轮。",
            "A round without a bid does not end the bidding; the next round follows.",
        );
    }
    match rule.inactive {
        Inactive::Stay => article.add(
            "inactive",
            "在一轮内未报价的竞买人，仍可在以后各轮报价。",
            "A bidder that did not bid in a round may bid in later ones.",
        ),
        Inactive::Out => article.add(
            "inactive",
            "在一轮内未报价的竞买人，自下一轮起不得再报价，领先者除外；一轮内仅有一人报价的，报价结束。",
            "A bidder that did not bid in a round is out from the next one on, unless it leads; a round with a single \
             bid ends the bidding.",
        ),
    }
    hard_stop_words(article, "hard_stop", rule.hard_stop.as_ref(), true);
}
