//! Articles on the rule itself, the lot, its moments and its attributes.

use landgavel_base::Quantity;
use landgavel_sale::lot::Secret;
use landgavel_sale::rulebook::{Direction, MomentId, Within};

use super::Section;
use super::speech::Speech;
use crate::amounts;

/// What the rule is, and how it counts.
pub(super) fn general(speech: &Speech<'_>) -> Section {
    let rulebook = speech.rulebook;
    let mut article = speech.article("", speech.say("总则", "General"));
    let (id, version, title) = (&rulebook.id, &rulebook.version, speech.text(&rulebook.title));
    article.add(
        "id",
        format!("本规则名称为《{title}》，标识为{id}，版本为{version}。"),
        format!("This is the rulebook “{title}”, id {id}, version {version}."),
    );
    let (currency, offset) = (&rulebook.currency, rulebook.utc_offset);
    article.add(
        "currency",
        if currency == "CNY" { "金额以人民币计。".to_owned() } else { format!("金额以{currency}计。") },
        format!("Money is in {currency}."),
    );
    article.add(
        "utc_offset",
        format!("日期和时刻按UTC{offset}计算。"),
        format!("Days and times of day are those of UTC{offset}."),
    );
    article.add(
        "engine",
        "凡规定期间，自起始时刻起（含该时刻），至截止时刻止（不含该时刻）；所称“之前”不含该时刻本身。",
        "A period includes the moment at which it starts and excludes the moment at which it ends; “before” a moment \
         excludes that moment.",
    );
    article.add(
        "engine",
        "期限以日、工作日、月或者年计算的，事件发生当日不计入，期限于最后一日结束时届满；以月或者年计算的，最后一日为\
         到期月的对应日，没有对应日的为该月末日；最后一日不是工作日的，顺延至其后第一个工作日。",
        "A term in days, working days, months or years does not count the day of the event and ends with the end of its \
         last day. A term in months or years ends on the day of the same number, or on the last day of a month that has \
         no such day. A last day that is not a working day moves to the next working day.",
    );
    article.add(
        "engine",
        "数额以其他数额的百分比或者倍数表示的，逐项向下取整至该指标的最小计量单位后相加；以金额表示的款项，逐项四舍五入至\
         货币最小单位后相加。",
        "Where an amount is a share or a multiple of other values, each share is rounded down to the quantum of the \
         attribute before they are added; in a sum of money, each share is rounded half up to the minor unit of the \
         currency before they are added.",
    );
    article.add(
        "engine",
        "报价和接受一经记入交易记录即不可撤销；先后以交易记录中的次序为准。",
        "A bid or acceptance, once in the record, cannot be taken back; earlier and later are told by the order of the \
         record.",
    );
    article.done()
}

/// The lot under the rule, when there is one.
pub(super) fn lot(speech: &Speech<'_>) -> Option<Section> {
    let lot = speech.lot?;
    let mut article = speech.article("", speech.say("出让标的", "The lot"));
    let (id, title) = (&lot.id, speech.quoted(&lot.title));
    article.add("title", format!("出让标的为{title}，标识为{id}。"), format!("The lot is {title}, id {id}."));
    let (metres, mu) = (lot.area.square_metres(), lot.area.mu());
    let is_exact = mu.denominator == 1 || 100 % mu.denominator == 0;
    let about = if is_exact { ("合", "") } else { ("约合", "about ") };
    article.add(
        "parcel.area",
        format!("出让土地面积为{metres}平方米，{}{mu}亩；按面积计算的金额以平方米数精确计算。", about.0),
        format!(
            "The area is {metres} m², {}{mu} mu; amounts per area are worked out exactly from the square metres.",
            about.1
        ),
    );
    let attempt = lot.attempt;
    article.add(
        "attempt",
        format!("本次为该标的第{attempt}次公开出让。"),
        format!("This is attempt no. {attempt} to sell the lot."),
    );
    if let Some(code) = &lot.previous_sole_applicant {
        article.add(
            "previous_sole_applicant",
            format!("上一次出让的唯一申请人代号为{code}。"),
            format!("The sole applicant of the attempt before was {code}."),
        );
    }
    for commitment in &lot.commitments {
        let (stage, terms) = (speech.stage_name(commitment.stage), speech.stage_terms(commitment.stage));
        let (secret, field) = match commitment.secret {
            Secret::Cap => (terms.cap, "cap"),
            Secret::Reserve => (terms.reserve, "reserve"),
        };
        let (id, digest) = (&speech.rulebook.stage(commitment.stage).id, commitment.digest);
        article.add(
            &format!("commitments.{id}.{field}"),
            format!("{stage}的{secret}已作承诺，其加盐散列值（SHA-256）为{digest}。"),
            format!("The {secret} of {stage} is committed; its salted hash (SHA-256) is {digest}."),
        );
    }
    let (name, (first, last)) = (lot.working_days.name(), lot.working_days.years());
    article.add(
        "working_days",
        format!("工作日按工作日历“{name}”认定，该日历覆盖{first}年至{last}年；超出覆盖年份的，期限按名义最后一日届满，不予顺延。"),
        format!(
            "Working days are those of the calendar “{name}”, which covers the years {first} to {last}; a term that \
             ends beyond them ends on its nominal last day."
        ),
    );
    Some(article.done())
}

/// The named moments.
pub(super) fn moments(speech: &Speech<'_>) -> Section {
    let mut article = speech.article("calendar", speech.say("时间安排", "Calendar"));
    if speech.lot.is_none() {
        article.add(
            "",
            "下列时点的具体时刻由出让公告载明，并须按所列次序先后发生。",
            "The notice of the lot says when each of these moments is; they follow each other in this order.",
        );
    }
    let mut before: Option<String> = None;
    for (index, moment) in (0u16..).zip(&speech.rulebook.calendar) {
        let named = speech.moment(MomentId(index));
        let (mut zh, mut en) = (named.clone(), named);
        if let (Some(within), Some(before)) = (moment.after_previous, before) {
            let (least, counting) = (speech.within(within), counted(within));
            zh.push_str(&format!("：距{before}不少于{least}{}", counting.0));
            en.push_str(&format!(": at least {least} after {before}{}", counting.1));
        }
        before = Some(speech.quoted(&moment.name));
        article.add(&moment.id, format!("{zh}。"), format!("{en}."));
    }
    article.done()
}

/// How the least time between two moments is counted.
fn counted(within: Within) -> (&'static str, &'static str) {
    match within {
        Within::Time(_) => ("", ""),
        Within::Period(_) => (
            "（自前一时点的次日起计，可以是末日的任一时刻；末日遇休假日不顺延）",
            " (counted from the day after it; any hour of the last day will do; a last day off is not moved)",
        ),
    }
}

/// What bids, terms and marks are about.
pub(super) fn attributes(speech: &Speech<'_>) -> Section {
    let mut article = speech.article("attributes", speech.say("竞买指标", "Attributes"));
    for attribute in &speech.rulebook.attributes {
        let name = speech.quoted(&attribute.name);
        let words = |quantity: Quantity| {
            amounts::quantity_in_words(attribute, quantity, &speech.rulebook.currency, speech.language)
        };
        let unit = amounts::unit_in_text(attribute, &speech.rulebook.currency, speech.language);
        let quantum = words(Quantity::new(1).expect("one is safe"));
        let better = match attribute.direction {
            Direction::Up => ("多者优", "more is better for the seller"),
            Direction::Down => ("少者优", "less is better for the seller"),
        };
        let base = match attribute.base {
            None => (String::new(), String::new()),
            Some(base) => {
                let base = words(base);
                (
                    format!("；竞得人未就该指标报价的，按基准值{base}履行"),
                    format!("; a winner that made no offer on it is bound by the base value of {base}"),
                )
            }
        };
        article.add(
            &attribute.id,
            format!("{name}：计量单位为{unit}，最小计量单位为{quantum}，{}{}。", better.0, base.0),
            format!("{name}: measured in {unit}, with a quantum of {quantum}; {}{}.", better.1, base.1),
        );
    }
    article.done()
}
