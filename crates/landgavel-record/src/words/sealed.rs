//! Stages of sealed bids.

use landgavel_sale::rulebook::{
    AttributeId, Bound, Direction, Forfeit, Quote, Sealed, Side, StageId, Statistic, Toward,
};

use super::limits::{carries, reserve};
use super::speech::{Article, Speech};

/// Provisions of a stage of sealed bids.
pub(super) fn sealed(article: &mut Article<'_>, id: StageId, rule: &Sealed) {
    let speech = article.speech;
    what(article, rule);
    for (index, quote) in rule.quotes.iter().enumerate() {
        let path = if rule.quotes.len() == 1 { String::new() } else { format!("quotes.{index}.") };
        bounds(article, id, quote, &path);
    }
    let window = speech.window(&rule.window, id);
    article.add(
        "window",
        format!("密封报价的提交期间{window}。期间内仅提交报价及其盐值的散列值，报价内容保密。"),
        format!(
            "Sealed bids are lodged {window}. Only the hash of the amounts and their salt is lodged; the amounts stay \
             hidden."
        ),
    );
    if rule.revisable {
        article.add(
            "revisable",
            "提交期间届满前，竞买人可以另行提交密封报价，以最后提交的为准。",
            "Until that period ends a bidder may replace its sealed bid; the last one counts.",
        );
    } else {
        article.add(
            "revisable",
            "每一竞买人只能提交一次密封报价，提交后不得更改。",
            "A bidder lodges one sealed bid and may not replace it.",
        );
    }
    opening(article, rule);
    let Some(attribute) = rule.quotes.first().map(|quote| quote.attribute) else { return };
    carries(article, id, attribute, rule.carries);
    winner(article, id, attribute, &rule.winner);
    reserve(article, id, attribute, rule.reserve.as_ref());
}

fn what(article: &mut Article<'_>, rule: &Sealed) {
    let speech = article.speech;
    let names: Vec<String> = rule.quotes.iter().map(|quote| speech.attribute_name(quote.attribute)).collect();
    let all = speech.list(&names, "和", "and");
    match names.as_slice() {
        [] => article.add("quotes", "密封报价不含任何指标。", "A sealed bid names no attribute."),
        [_] => article.add(
            "attribute",
            format!("竞买人以密封方式就{all}报价。"),
            format!("Bidders lodge sealed bids on {all}."),
        ),
        [first, ..] => article.add(
            "quotes",
            format!("竞买人以密封方式在同一份报价中就{all}报价；名次由其中的{first}决定。"),
            format!("Bidders lodge sealed bids that name {all} together; {first} decides the ranking."),
        ),
    }
}

fn bounds(article: &mut Article<'_>, id: StageId, quote: &Quote, path: &str) {
    let speech = article.speech;
    let name = speech.attribute_name(quote.attribute);
    let amount = |bound: &Bound| speech.amount(&bound.at, quote.attribute, Some(id));
    if let Some(bound) = &quote.min {
        let at = amount(bound);
        let (zh, en) =
            if bound.inclusive { ("不得低于", "at least") } else { ("须高于（不含）", "more than") };
        article.add(
            &format!("{path}min"),
            format!("{name}报价{zh}{at}，否则报价无效。"),
            format!("A bid on {name} must be {en} {at}; otherwise the bid is invalid."),
        );
    }
    if let Some(bound) = &quote.max {
        let at = amount(bound);
        let (zh, en) =
            if bound.inclusive { ("不得高于", "at most") } else { ("须低于（不含）", "less than") };
        article.add(
            &format!("{path}max"),
            format!("{name}报价{zh}{at}，否则报价无效。"),
            format!("A bid on {name} must be {en} {at}; otherwise the bid is invalid."),
        );
    }
    if quote.min.is_none() && quote.max.is_none() {
        article.add(
            path.trim_end_matches('.'),
            format!("{name}报价不设上下限。"),
            format!("A bid on {name} has no bounds."),
        );
    }
    if let Some(step) = &quote.multiple_of {
        let step = speech.amount(step, quote.attribute, Some(id));
        let from = match &quote.min {
            Some(bound) => amount(bound),
            None => speech.quantity(quote.attribute, landgavel_base::Quantity::ZERO),
        };
        article.add(
            &format!("{path}multiple_of"),
            format!("{name}报价与{from}的差额须为{step}的整数倍，否则报价无效。"),
            format!(
                "A bid on {name} must differ from {from} by a whole multiple of {step}; otherwise the bid is invalid."
            ),
        );
    }
}

fn opening(article: &mut Article<'_>, rule: &Sealed) {
    let speech = article.speech;
    let within = speech.duration(rule.open_within);
    let bond = speech.rulebook.admission.bond.as_ref();
    let costs = bond.is_some_and(|bond| bond.forfeits.contains(&Forfeit::UnopenedSeal));
    let cost = if costs { ("，竞买保证金不予退还", ", and its bid bond is forfeit") } else { ("", "") };
    article.add(
        "open_within",
        format!(
            "提交期间届满后{within}内开启密封报价；逾期未开启或者不能开启的，报价无效{}。开启所示与所提交的散列值不符的，\
             该次开启不予受理。",
            cost.0
        ),
        format!(
            "Sealed bids are opened within {within} after that period; one that is not opened by then, or does not open, is \
             invalid{}. An opening that does not match the hash is refused.",
            cost.1
        ),
    );
    article.add(
        "open_within",
        "超出界限的报价无效，不作修正，不参加排名。",
        "A bid beyond a bound is invalid; it is not corrected and not ranked.",
    );
}

fn winner(article: &mut Article<'_>, id: StageId, attribute: AttributeId, statistic: &Statistic) {
    let speech = article.speech;
    match statistic {
        Statistic::Best => match speech.direction(attribute) {
            Direction::Up => article.add(
                "winner",
                "有效报价按由高到低排名，最高者领先。",
                "Valid bids are ranked from the highest down; the highest leads.",
            ),
            Direction::Down => article.add(
                "winner",
                "有效报价按由低到高排名，最低者领先。",
                "Valid bids are ranked from the lowest up; the lowest leads.",
            ),
        },
        Statistic::Nearest { to, trim_high, trim_low, side } => {
            let (zh, en) = toward(speech, id, attribute, to);
            article.add(
                "winner",
                format!("有效报价按与{zh}的接近程度排名，最接近者领先；接近程度精确比较，不作舍入。"),
                format!("Valid bids are ranked by their nearness to {en}; the nearest leads. Nearness is compared exactly, without rounding."),
            );
            let counts = !matches!(to, Toward::Amount(_));
            trim(article, if counts { (*trim_high, *trim_low) } else { (0, 0) });
            sided(article, *side, (&zh, &en));
        }
    }
}

fn toward(speech: Speech<'_>, id: StageId, attribute: AttributeId, to: &Toward) -> (String, String) {
    match to {
        Toward::Mean => ("有效报价的算术平均值".to_owned(), "the arithmetic mean of the valid bids".to_owned()),
        Toward::Median => (
            "有效报价的中位数（报价个数为偶数的，取居中两个中较低者）".to_owned(),
            "the median of the valid bids (of an even number, the lower of the two in the middle)".to_owned(),
        ),
        Toward::Amount(amount) => {
            let amount = speech.amount(amount, attribute, Some(id));
            (amount.clone(), amount)
        }
    }
}

fn trim(article: &mut Article<'_>, (high, low): (u32, u32)) {
    let (zh, en) = match (high, low) {
        (0, 0) => return,
        (high, 0) => (format!("去掉{high}个最高报价"), format!("the {high} highest")),
        (0, low) => (format!("去掉{low}个最低报价"), format!("the {low} lowest")),
        (high, low) => {
            (format!("去掉{high}个最高报价和{low}个最低报价"), format!("the {high} highest and the {low} lowest"))
        }
    };
    article.add(
        "winner.trim",
        format!("计算前款数值时{zh}；被去掉的报价仍参加排名；去掉后没有剩余报价的，不去掉。"),
        format!(
            "For that value {en} bids are left out, but they are still ranked; if that would leave none, none is left out."
        ),
    );
}

fn sided(article: &mut Article<'_>, side: Side, (zh, en): (&str, &str)) {
    let centre = (zh.split('（').next().unwrap_or(zh), en.split(" (").next().unwrap_or(en));
    match side {
        Side::Either => {
            article.add("winner.side", "报价在其上或者在其下，不作区分。", "Bids above and below it count alike.")
        }
        Side::NotAbove => article.add(
            "winner.side",
            format!("不高于{}的报价，一律排在高于其的报价之前。", centre.0),
            format!("Bids not above {} rank before all bids above it.", centre.1),
        ),
        Side::NotBelow => article.add(
            "winner.side",
            format!("不低于{}的报价，一律排在低于其的报价之前。", centre.0),
            format!("Bids not below {} rank before all bids below it.", centre.1),
        ),
    }
}
