//! A completed tree to terms. Missing keys and wrong types have their findings by now.

use landgavel_base::{Money, Period, PeriodUnit, Quantity, Ratio};
use landgavel_pledge::{
    Accounting, Ban, BondForm, Delay, Direction, Formula, HaltRule, IdleRule, Party, Start, Tranche,
};
use landgavel_sale::rulebook::{self, Attribute};

use super::super::amount::{ratio, read_percent};
use super::super::build as common;
use super::super::duration::read_period;
use super::super::finding::{Code, Problem, Sink};
use super::super::shape::unknown;
use super::super::tree::Node;
use super::super::unit;
use super::{BondAmount, BondTerms, Committed, DutyTerms, MilestoneTerms, PledgeTerms, PromiseTerms, take_back};

/// The word for the day of the contract.
pub(super) const CONTRACT: &str = "contract";
/// What a value of the award is named by.
const AWARD: &str = "award.";

pub(super) fn terms(root: &Node, sink: &mut Sink) -> Option<PledgeTerms> {
    let milestone_nodes = common::items(root, "milestones");
    let promise_nodes = common::items(root, "promises");
    let ban_nodes = common::items(root, "bans");
    duplicates(&[milestone_nodes, promise_nodes, ban_nodes], sink);
    let currency = currency(root, sink);
    let ids: Vec<String> = milestone_nodes.iter().map(|node| common::text(node, "id")).collect();
    let milestones: Vec<_> =
        milestone_nodes.iter().enumerate().filter_map(|(at, node)| milestone(node, &ids[..at], sink)).collect();
    let promises: Vec<_> = promise_nodes.iter().filter_map(|node| promise(node, &ids, &currency, sink)).collect();
    let bond = root.get("bond").and_then(|node| bond(node, &promises, &currency, sink));
    let bans: Vec<_> = ban_nodes.iter().filter_map(|node| ban(node, &ids, sink)).collect();
    let idle = root.get("idle").and_then(|node| idle(node, &ids, sink));
    let halt = root.get("idle").and_then(|node| node.get("halted")).and_then(|node| halt(node, &ids, &promises, sink));
    let cure = period(root, "cure", sink)?;
    let take_back = root.get("take_back").and_then(|node| take_back::rule(node, root, cure, sink));
    Some(PledgeTerms {
        id: common::text(root, "id"),
        title: common::bilingual(root, "title"),
        is_sample: root.yes("sample"),
        price: common::text(root, "price"),
        currency,
        cure,
        bond: bond?,
        milestones,
        promises,
        bans,
        duties: root
            .get("duties")
            .map(|node| DutyTerms { signed_by: common::text(node, "signed_by"), bond: common::text(node, "bond") }),
        idle,
        halt,
        take_back,
        sources: Vec::new(),
        findings: Vec::new(),
        text: Vec::new(),
    })
}

fn currency(root: &Node, sink: &mut Sink) -> String {
    let text = common::text(root, "currency");
    if let Some(node) = root.get("currency").filter(|_| !unit::is_currency(&text)) {
        let problem = Problem::of(Code::BadUnit, format_args!("`{text}`"));
        sink.report(node.place, &node.path, problem.expected("three capital letters, such as CNY"));
    }
    text
}

/// What bonds are in practice, as a share of the price in parts per million: 10 to 20 % in Zhejiang since 2015. Source:
/// zjnews.zjol.com.cn, 2014-03-26.
pub(crate) const BOND_PRACTICE: core::ops::RangeInclusive<i64> = 100_000..=200_000;

/// The word by which commands name idle land.
pub const IDLE: &str = "idle";

/// Commands name milestones, promises and bans by their id alone, and idle land by a word: each stands once in all lists.
fn duplicates(lists: &[&[Node]], sink: &mut Sink) {
    let mut known: Vec<String> = vec![IDLE.to_owned()];
    for node in lists.iter().copied().flatten() {
        let id = common::text(node, "id");
        if known.contains(&id) && !id.is_empty() {
            let at = node.get("id").unwrap_or(node);
            let problem = Problem::of(Code::Duplicate, format_args!("`{id}`"));
            sink.report(
                at.place,
                &at.path,
                problem.expected("an id that no other milestone, promise or ban has, nor `idle`"),
            );
        }
        known.push(id);
    }
}

fn ban(node: &Node, milestones: &[String], sink: &mut Sink) -> Option<Ban> {
    let after = match node.text_of("after").unwrap_or(CONTRACT) {
        CONTRACT => Start::Signed,
        id => Start::Milestone(index(node, "after", id, milestones, Code::BadReference, sink)?),
    };
    let penalty = match node.get("penalty") {
        None => None,
        Some(_) => Some(share(node, "penalty", sink)?),
    };
    Some(Ban {
        id: common::text(node, "id"),
        name: common::bilingual(node, "name"),
        after,
        lasts: period(node, "lasts", sink)?,
        penalty,
        source: common::text(node, "signed_by"),
    })
}

fn milestone(node: &Node, before: &[String], sink: &mut Sink) -> Option<MilestoneTerms> {
    let start = match node.text_of("after").unwrap_or(CONTRACT) {
        CONTRACT => Start::Signed,
        id => Start::Milestone(index(node, "after", id, before, Code::BadReference, sink)?),
    };
    let delay = match node.get("delay") {
        None => None,
        Some(delay) => Some(Delay { per_day: share(delay, "per_day", sink)?, at_most: share(delay, "at_most", sink)? }),
    };
    let tranche = match node.get("release") {
        None => None,
        Some(release) => Some(Tranche { share: share(release, "share", sink)?, also_late: release.yes("also_late") }),
    };
    Some(MilestoneTerms {
        id: common::text(node, "id"),
        name: common::bilingual(node, "name"),
        owed_by: if node.text_of("owed_by") == Some("seller") { Party::Seller } else { Party::Winner },
        after: start,
        within: period(node, "within", sink)?,
        delay,
        tranche,
        signed_by: common::text(node, "signed_by"),
    })
}

fn promise(node: &Node, milestones: &[String], currency: &str, sink: &mut Sink) -> Option<PromiseTerms> {
    let after = index(node, "after", node.text_of("after")?, milestones, Code::BadReference, sink);
    let committed = committed(node, currency, sink);
    let fee = node.get("late_fee_per_day").map(|_| share(node, "late_fee_per_day", sink));
    let formula = match (node.text_of("shortfall")?, fee) {
        ("gap", None) => Formula::Gap,
        ("gap", Some(per_day)) => Formula::GapWithLateFee { per_day: per_day? },
        ("share-of-price", None) => Formula::ShareOfPrice,
        (_, None) => Formula::Nothing,
        (_, Some(_)) => {
            let place = node.get("late_fee_per_day")?;
            let problem =
                Problem::of(Code::UnknownKey, "`late_fee_per_day`").expected("`shortfall = \"gap\"` beside it");
            sink.report(place.place, &place.path, problem);
            return None;
        }
    };
    Some(PromiseTerms {
        id: common::text(node, "id"),
        name: common::bilingual(node, "name"),
        committed: committed?,
        direction: if node.text_of("direction") == Some("at-most") { Direction::AtMost } else { Direction::AtLeast },
        after: after?,
        years: count(node, "years"),
        evidence_within: period(node, "evidence_within", sink)?,
        formula,
        accounting: match node.text_of("accounting") {
            Some("cumulative") => Accounting::Cumulative,
            _ => Accounting::Yearly,
        },
        signed_by: common::text(node, "signed_by"),
    })
}

fn committed(node: &Node, currency: &str, sink: &mut Sink) -> Option<Committed> {
    let at = node.get("committed")?;
    let text = at.text()?;
    if let Some(id) = text.strip_prefix(AWARD) {
        return Some(Committed::Award(id.to_owned()));
    }
    let Some(unit_node) = node.get("unit") else {
        let problem = Problem::of(Code::MissingKey, "`unit`").expected("`award.ID`, or an amount with `unit`");
        sink.report(at.place, &at.path, problem);
        return None;
    };
    let unit = match unit::attribute_unit(unit_node.text()?, currency) {
        Ok(unit) => unit,
        Err(problem) => {
            sink.report(unit_node.place, &unit_node.path, problem);
            return None;
        }
    };
    let attribute = Attribute {
        id: common::text(node, "id"),
        name: common::bilingual(node, "name"),
        unit,
        decimals: count(node, "decimals").and_then(|count| u8::try_from(count).ok()).unwrap_or(2),
        direction: rulebook::Direction::Up,
        base: None,
    };
    match unit::read_quantity(&attribute, text) {
        Ok(quantity) if quantity > Quantity::ZERO => Some(Committed::Amount(attribute, quantity)),
        Ok(_) => {
            sink.report(
                at.place,
                &at.path,
                Problem::of(Code::OutOfRange, format_args!("`{text}`")).expected("more than 0"),
            );
            None
        }
        Err(problem) => {
            sink.report(at.place, &at.path, problem);
            None
        }
    }
}

fn bond(node: &Node, promises: &[PromiseTerms], currency: &str, sink: &mut Sink) -> Option<BondTerms> {
    let said = ["amount", "share_of_price", "years_of"].into_iter().filter(|key| node.has(key)).count();
    if said != 1 {
        let problem = Problem::of(Code::MissingKey, format_args!("{said} of `amount`, `share_of_price`, `years_of`"));
        sink.report(node.place, &node.path, problem.expected("exactly one of them"));
        return None;
    }
    let amount = if let Some(amount) = node.get("amount") {
        match unit::read_money(amount.text()?, currency) {
            Ok(money) if money > Money::ZERO => BondAmount::Fixed(money),
            Ok(_) => {
                let problem = Problem::of(Code::OutOfRange, "0").expected("more than 0");
                sink.report(amount.place, &amount.path, problem);
                return None;
            }
            Err(problem) => {
                sink.report(amount.place, &amount.path, problem);
                return None;
            }
        }
    } else if let Some(years_of) = node.get("years_of") {
        let ids: Vec<String> = promises.iter().map(|promise| promise.id.clone()).collect();
        let promise = index(years_of, "promise", years_of.text_of("promise")?, &ids, Code::UnknownAttribute, sink)?;
        BondAmount::YearsOf { promise, years: count(years_of, "years")? }
    } else {
        let ppm = share(node, "share_of_price", sink)?.ppm();
        if ppm == 0 {
            let at = node.get("share_of_price").unwrap_or(node);
            sink.report(at.place, &at.path, Problem::of(Code::OutOfRange, "0").expected("more than 0 %"));
            return None;
        }
        if !BOND_PRACTICE.contains(&ppm) {
            let at = node.get("share_of_price").unwrap_or(node);
            let problem = Problem::of(Code::BondBeyondPractice, format_args!("`{}`", at.text().unwrap_or_default()));
            sink.report(at.place, &at.path, problem.expected("10 % to 20 %, as in Zhejiang since 2015"));
        }
        BondAmount::OfPrice(ppm)
    };
    not_empty(node, "forms", "`cash`, `guarantee` or both", sink);
    let forms = common::items(node, "forms").iter().filter_map(|form| match form.text()? {
        "cash" => Some(BondForm::Cash),
        _ => Some(BondForm::Guarantee),
    });
    Some(BondTerms {
        amount,
        forms: forms.collect(),
        beneficiary: common::text(node, "beneficiary"),
        lodge_within: period(node, "lodge_within", sink)?,
        outlasts_by: count(node, "outlasts_by_days")?,
        warn_before: count(node, "warn_before_days")?,
        top_up_within: period(node, "top_up_within", sink)?,
    })
}

fn idle(node: &Node, milestones: &[String], sink: &mut Sink) -> Option<IdleRule> {
    let (fee_after, take_back_after) = (count(node, "fee_after_months")?, count(node, "take_back_after_months")?);
    if take_back_after <= fee_after {
        let keys = ["take_back_after_months", "fee_after_months"];
        // The one that is written there: a default stands where its table begins.
        let mut written = keys.iter().filter_map(|key| node.get(key)).filter(|one| one.place != node.place);
        let at = written.next().unwrap_or(node);
        let expected = "`take_back_after_months` (24 if left out) above `fee_after_months` (12 if left out)";
        sink.report(
            at.place,
            &at.path,
            Problem::of(Code::OutOfRange, format_args!("{fee_after} and {take_back_after}")).expected(expected),
        );
    }
    Some(IdleRule {
        start: index(node, "start", node.text_of("start")?, milestones, Code::BadReference, sink)?,
        fee_after,
        fee: share(node, "fee", sink)?,
        take_back_after,
    })
}

fn halt(node: &Node, milestones: &[String], promises: &[PromiseTerms], sink: &mut Sink) -> Option<HaltRule> {
    let ids: Vec<String> = promises.iter().map(|promise| promise.id.clone()).collect();
    Some(HaltRule {
        after: count(node, "after_months")?,
        investment: index(node, "investment", node.text_of("investment")?, &ids, Code::BadReference, sink)?,
        completion: match node.text_of("completion") {
            None => None,
            Some(id) => Some(index(node, "completion", id, milestones, Code::BadReference, sink)?),
        },
        fee: share(node, "fee", sink)?,
        source: common::text(node, "signed_by"),
    })
}

/// The place of an id in a list; a finding for one that is not there.
pub(super) fn index(node: &Node, key: &str, id: &str, known: &[String], code: Code, sink: &mut Sink) -> Option<usize> {
    let found = known.iter().position(|known| known == id);
    if found.is_none() {
        let at = node.get(key).unwrap_or(node);
        sink.report(at.place, &at.path, unknown(code, id, known.iter().map(String::as_str)));
    }
    found
}

/// A list that says nothing is a mistake: left out, it may have a meaning of its own.
pub(super) fn not_empty(node: &Node, key: &str, expected: &str, sink: &mut Sink) {
    if let Some(at) = node.get(key).filter(|_| common::items(node, key).is_empty()) {
        sink.report(at.place, &at.path, Problem::of(Code::OutOfRange, "0 entries").expected(expected));
    }
}

fn count(node: &Node, key: &str) -> Option<u16> {
    node.get(key)?.scalar()?.parse().ok()
}

pub(super) fn share(node: &Node, key: &str, sink: &mut Sink) -> Option<Ratio> {
    let at = node.get(key)?;
    let text = at.text()?;
    match read_percent(text).and_then(|exact| ratio(exact, text)) {
        Ok(ratio) if (0..=Ratio::ONE.ppm()).contains(&ratio.ppm()) => Some(ratio),
        Ok(_) => {
            sink.report(at.place, &at.path, Problem::of(Code::OutOfRange, text).expected("0 % to 100 %"));
            None
        }
        Err(problem) => {
            sink.report(at.place, &at.path, problem);
            None
        }
    }
}

pub(super) fn period(node: &Node, key: &str, sink: &mut Sink) -> Option<Period> {
    let at = node.get(key)?;
    match read_period(at.text()?) {
        Ok(Period { count: 0, .. }) => {
            sink.report(at.place, &at.path, Problem::of(Code::OutOfRange, "0").expected("at least one"));
            None
        }
        Ok(period) if period.unit == PeriodUnit::Year && period.count > 100 => {
            sink.report(at.place, &at.path, Problem::of(Code::OutOfRange, period.count).expected("at most 100 years"));
            None
        }
        Ok(period) => Some(period),
        Err(problem) => {
            sink.report(at.place, &at.path, problem);
            None
        }
    }
}
