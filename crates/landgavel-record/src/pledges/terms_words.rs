//! Terms of a pledge in words, as far as a file states them: what is only known from an award is named by its attribute.

use landgavel_base::{Bilingual, Period};
use landgavel_pledge::{Accounting, Direction, Forfeit, Formula, Ground, Party, Start};

use super::steps::percent;
use crate::amounts::period_in_words;
use crate::language::{
    BondAmount, Committed, MilestoneTerms, PledgeTerms, PromiseTerms, format_money, format_quantity,
};
use crate::words::Language;

fn both(zh: String, en: String) -> Bilingual {
    Bilingual { zh, en }
}

fn period(period: Period) -> Bilingual {
    both(period_in_words(period, Language::Zh), period_in_words(period, Language::En))
}

/// Joins what is said of one thing.
fn joined(parts: &[Bilingual]) -> Bilingual {
    let join = |of: fn(&Bilingual) -> &str, mark: &str| parts.iter().map(of).collect::<Vec<_>>().join(mark);
    both(join(|one| &one.zh, "，"), join(|one| &one.en, ", "))
}

/// Each clause in a line.
pub fn terms_in_words(terms: &PledgeTerms) -> Vec<Bilingual> {
    let mut lines = vec![bond(terms)];
    lines.extend(terms.milestones.iter().map(|one| milestone(terms, one)));
    lines.extend(terms.promises.iter().map(|one| promise(terms, one)));
    for ban in &terms.bans {
        let (from, lasts) = (start(terms, ban.after), period(ban.lasts));
        let cost = ban.penalty.map(|share| percent(share.ppm()));
        let (zh, en) = cost.map_or_else(Default::default, |share| {
            (format!("，违反付地价 {share}"), format!(", doing it costs {share} of the price"))
        });
        lines.push(both(
            format!("限制{}：自{}起 {}{zh}；凭证：{}", ban.name.zh, from.zh, lasts.zh, ban.source),
            format!("ban on {}: {} from {}{en}; shown by {}", ban.name.en, lasts.en, from.en, ban.source),
        ));
    }
    lines.extend(rest(terms));
    lines
}

fn bond(terms: &PledgeTerms) -> Bilingual {
    let bond = &terms.bond;
    let amount = match bond.amount {
        BondAmount::Fixed(money) => {
            let money = format_money(money, &terms.currency);
            both(money.clone(), money)
        }
        BondAmount::OfPrice(ppm) => {
            let share = percent(ppm);
            both(format!("地价的 {share}"), format!("{share} of the price"))
        }
        BondAmount::YearsOf { promise, years } => {
            let name = terms.promises.get(promise).map(|promise| promise.name.clone()).unwrap_or_default();
            both(format!("{years} 年的{}", name.zh), format!("{years} years of {}", name.en))
        }
    };
    let within = period(bond.lodge_within);
    both(
        format!("履约保证：{}，合同签订后 {} 内提交，受益人 {}", amount.zh, within.zh, bond.beneficiary),
        format!("performance bond: {}, within {} of the contract, for {}", amount.en, within.en, bond.beneficiary),
    )
}

fn start(terms: &PledgeTerms, start: Start) -> Bilingual {
    match start {
        Start::Signed => Bilingual::new("合同签订", "the contract"),
        Start::Milestone(index) => terms.milestones.get(index).map(|one| one.name.clone()).unwrap_or_default(),
    }
}

fn milestone(terms: &PledgeTerms, one: &MilestoneTerms) -> Bilingual {
    let (from, within) = (start(terms, one.after), period(one.within));
    let mut parts = vec![both(
        format!("{}：{}后 {} 内", one.name.zh, from.zh, within.zh),
        format!("{}: within {} of {}", one.name.en, within.en, from.en),
    )];
    if one.owed_by == Party::Seller {
        parts.push(Bilingual::new("由出让人履行", "owed by the seller"));
    }
    if let Some(delay) = one.delay {
        let (day, most) = (percent(delay.per_day.ppm()), percent(delay.at_most.ppm()));
        parts.push(both(
            format!("逾期每日付地价 {day}，至多 {most}"),
            format!("each day late costs {day} of the price, {most} at most"),
        ));
    }
    if let Some(tranche) = one.tranche {
        let share = percent(tranche.share.ppm());
        let late = match tranche.also_late {
            true => Bilingual::new("（逾期亦退）", " (also when it comes late)"),
            false => Bilingual::default(),
        };
        parts.push(both(format!("退还保证 {share}{}", late.zh), format!("{share} of the bond goes back{}", late.en)));
    }
    parts.push(both(format!("凭证：{}", one.signed_by), format!("shown by {}", one.signed_by)));
    joined(&parts)
}

fn promise(terms: &PledgeTerms, one: &PromiseTerms) -> Bilingual {
    let bound = match one.direction {
        Direction::AtLeast => "≥",
        Direction::AtMost => "≤",
    };
    let committed = match &one.committed {
        Committed::Award(id) => both(format!("竞得的 {id}"), format!("the award's {id}")),
        Committed::Amount(attribute, value) => {
            let text = format_quantity(attribute, *value);
            both(text.clone(), text)
        }
    };
    let after = start(terms, Start::Milestone(one.after));
    let mut parts = vec![both(
        format!("{} {bound} {}", one.name.zh, committed.zh),
        format!("{} {bound} {}", one.name.en, committed.en),
    )];
    parts.push(match one.years {
        None => both(format!("自{}计，一次", after.zh), format!("once, at {}", after.en)),
        Some(years) => both(format!("自{}起 {years} 年", after.zh), format!("for {years} years from {}", after.en)),
    });
    if one.years.is_some() {
        parts.push(match one.accounting {
            Accounting::Yearly => Bilingual::new("逐年考核", "each year by itself"),
            Accounting::Cumulative => Bilingual::new("累计考核", "summed over the years"),
        });
    }
    parts.push(match one.formula {
        Formula::Gap => Bilingual::new("差额补缴", "what is missing is paid"),
        Formula::GapWithLateFee { per_day } => {
            let share = percent(per_day.ppm());
            both(
                format!("差额补缴，未付部分每日 {share}"),
                format!("what is missing is paid, and {share} of what is unpaid for each day"),
            )
        }
        Formula::ShareOfPrice => Bilingual::new("按差额比例付地价", "the share that is missing is paid of the price"),
        Formula::Nothing => Bilingual::new("不涉及金钱", "no money is owed"),
    });
    parts.push(both(format!("凭证：{}", one.signed_by), format!("shown by {}", one.signed_by)));
    joined(&parts)
}

/// What is a ground for taking back.
fn ground(terms: &PledgeTerms, ground: Ground) -> Bilingual {
    let name = match ground {
        Ground::Milestone(index) => terms.milestones.get(index).map(|one| one.name.clone()),
        Ground::Promise(index) => terms.promises.get(index).map(|one| one.name.clone()),
        Ground::Ban(index) => {
            terms.bans.get(index).map(|ban| both(format!("限制{}", ban.name.zh), format!("ban on {}", ban.name.en)))
        }
    };
    name.unwrap_or_default()
}

/// Duties of the sale, idle land, work that was halted, and taking back.
fn rest(terms: &PledgeTerms) -> Vec<Bilingual> {
    let mut lines = Vec::new();
    if let Some(duties) = &terms.duties {
        let source = &duties.signed_by;
        lines.push(both(
            format!("出让中产生的有期限的义务一并监管；凭证：{source}"),
            format!("dated duties that arose in the sale are part of the pledge; shown by {source}"),
        ));
    }
    if let Some(idle) = terms.idle {
        let from = start(terms, Start::Milestone(idle.start));
        let (fee, after, back) = (percent(idle.fee.ppm()), idle.fee_after, idle.take_back_after);
        lines.push(both(
            format!("闲置土地：{}逾期 {after} 个月，付地价 {fee}；{back} 个月，可无偿收回", from.zh),
            format!(
                "idle land: {fee} of the price when {} is {after} months late; taken back without payment after {back}",
                from.en
            ),
        ));
    }
    if let Some(halt) = &terms.halt {
        let (fee, after, source) = (percent(halt.fee.ppm()), halt.after, &halt.source);
        lines.push(both(
            format!("中止开发：满 {after} 个月且开发不足三分之一或投资不足四分之一，付地价 {fee}；凭证：{source}"),
            format!(
                "halted work: {fee} of the price after {after} months with less than a third built or a quarter invested; shown by {source}"
            ),
        ));
    }
    if let Some(rule) = &terms.take_back {
        let (rectify, per_year, from) =
            (period(rule.rectify), percent(rule.per_year.ppm()), start(terms, rule.used_from));
        let forfeits = match rule.forfeits {
            Forfeit::Unmet => Bilingual::new("未达节点的部分", "the parts of milestones that were not met"),
            Forfeit::All => Bilingual::new("全部", "all of it"),
        };
        let grounds: Vec<_> = rule.grounds.iter().map(|one| ground(terms, *one)).collect();
        let list = |of: fn(&Bilingual) -> &str, mark: &str| grounds.iter().map(of).collect::<Vec<_>>().join(mark);
        let (names_zh, names_en) = (list(|one| &one.zh, "、"), list(|one| &one.en, ", "));
        lines.push(both(
            format!(
                "违约收回（事由：{names_zh}）：整改 {} 后，按地价付款，自{}起每年减 {per_year}；没收保证：{}",
                rectify.zh, from.zh, forfeits.zh
            ),
            format!(
                "taking back after a breach of {names_en}: after {} to make it good, against the price less {per_year} for each year from {}; forfeited of the bond: {}",
                rectify.en, from.en, forfeits.en
            ),
        ));
    }
    let cure = period(terms.cure);
    lines.push(both(format!("索赔后整改期：{}", cure.zh), format!("time to cure after a claim: {}", cure.en)));
    lines
}
