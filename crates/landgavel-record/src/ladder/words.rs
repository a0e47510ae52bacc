//! A climb in words and as JSON.

use landgavel_base::Bilingual;
use serde_json::{Value, json};

use super::{Climb, Gap, Need, Standing, State};
use crate::figures::unit_in_english;

/// Whether a rung is reached, and by which version.
pub fn standing_words(standing: &Standing<'_>) -> Bilingual {
    let (zh, en) = match standing.state {
        State::Reached => ("数字达到标准", "the figures meet the standard"),
        State::NotReached => ("未达到", "not reached"),
        State::FactsMissing => ("情况未填全，不能判断", "cannot be told: facts are not given"),
        State::StandardUnknown => {
            ("不能判断：当日适用的标准文本未找到", "cannot be told: the standard of that day is not known here")
        }
    };
    let (mut zh, mut en) = (zh.to_owned(), en.to_owned());
    if let Some(outcome) = standing.outcome.as_ref().filter(|outcome| !outcome.grade.is_empty()) {
        // Gates alone give no points.
        let has_points = standing.version.is_some_and(|version| !version.card.items.is_empty());
        let total = outcome.total.filter(|_| has_points).map_or_else(String::new, |total| format!(" {total}"));
        zh = format!(
            "{zh}：{}{}",
            outcome.grade,
            if total.is_empty() { String::new() } else { format!("，总分{total}") }
        );
        en = format!(
            "{en}: {}{}",
            outcome.grade,
            if total.is_empty() { String::new() } else { format!(", total{total}") }
        );
    }
    if let Some(version) = standing.version {
        let card = &version.card;
        zh = format!("{zh}（{} 版）", card.version);
        en = format!("{en} (version {})", card.version);
    }
    if standing.is_expired {
        zh.push_str("；该版已失效，仅供参考");
        en.push_str("; this version no longer holds and is for orientation only");
    }
    if let Some(pending) = &standing.rung.pending
        && (standing.is_expired || standing.state == State::StandardUnknown)
    {
        zh = format!("{zh}；{} 起：{}", pending.from, pending.what.zh);
        en = format!("{en}; from {}: {}", pending.from, pending.what.en);
    }
    Bilingual::new(zh, en)
}

/// A gap in one line per alternative, without what would bring points.
pub fn gap_words(gap: &Gap) -> Vec<Bilingual> {
    if gap.alternatives.is_empty() {
        return vec![Bilingual::new("未填", "not given")];
    }
    let line = |needs: &Vec<Need>| {
        let all: Vec<Bilingual> = needs.iter().map(need_words).collect();
        let join = |text: fn(&Bilingual) -> &str, and: &str| all.iter().map(text).collect::<Vec<_>>().join(and);
        Bilingual::new(join(|text| &text.zh, "；且 "), join(|text| &text.en, "; and "))
    };
    gap.alternatives.iter().map(line).collect()
}

/// What one value is short of.
pub fn need_words(need: &Need) -> Bilingual {
    let unit = spaced(&need.unit);
    let unit_en = spaced(unit_in_english(&need.unit));
    let (zh_now, en_now) = match &need.value {
        Some(value) => (format!("：{}{unit}", value.zh), format!(": {}{unit_en}", value.en)),
        None => ("：未填".to_owned(), ": not given".to_owned()),
    };
    let mut zh = format!("{}{zh_now}，需 {} {}{unit}", need.name.zh, need.sign, need.wanted.zh);
    let mut en = format!("{}{en_now}, needed {} {}{unit_en}", need.name.en, need.sign, need.wanted.en);
    if let Some(by) = need.by.as_ref().filter(|by| *by != "0") {
        // What two shares differ by are points, not per cent.
        let (unit, unit_en) =
            if need.unit == "%" { (" 个百分点", " points") } else { (unit.as_str(), unit_en.as_str()) };
        let (more_zh, more_en) = if need.is_strict { ("差超过", "more than ") } else { ("差", "") };
        zh = format!("{zh}，{more_zh} {by}{unit}");
        en = format!("{en}, {more_en}{by}{unit_en} off");
    }
    if let Some(enough) = &need.figure {
        let (unit, unit_en) = (spaced(&enough.unit), spaced(unit_in_english(&enough.unit)));
        let (name, wanted, by) = (&enough.name, &enough.wanted, &enough.by);
        zh = format!("{zh}（其他数字不变，{} {wanted}{unit}即可，差 {by}）", name.zh);
        en = format!("{en} (all else as it is, {} of {wanted}{unit_en} is enough, {by} off)", name.en);
    }
    Bilingual::new(zh, en)
}

fn spaced(unit: &str) -> String {
    if matches!(unit, "" | "%") { unit.to_owned() } else { format!(" {unit}") }
}

/// A climb as JSON.
pub fn climb_json(climb: &Climb<'_>) -> Value {
    let id =
        |index: Option<usize>| index.and_then(|index| climb.rungs.get(index)).map(|standing| standing.rung.id.clone());
    json!({
        "firm": climb.firm, "line": climb.line, "reached": id(climb.reached), "next": id(climb.next),
        "rungs": climb.rungs.iter().map(standing_json).collect::<Vec<_>>(),
        "beside": climb.beside.iter().map(standing_json).collect::<Vec<_>>(),
    })
}

fn standing_json(standing: &Standing<'_>) -> Value {
    let words = standing_words(standing);
    json!({
        "id": standing.rung.id, "name": both(&standing.rung.name),
        "state": match standing.state {
            State::Reached => "reached",
            State::NotReached => "not-reached",
            State::FactsMissing => "facts-missing",
            State::StandardUnknown => "standard-unknown",
        },
        "expired": standing.is_expired,
        "outcome": standing.outcome.as_ref().map(|outcome| json!({
            "card": outcome.card, "version": outcome.version, "subject": outcome.subject, "grade": outcome.grade,
            "is_evaluated": outcome.is_evaluated, "total": outcome.total.map(|total| total.to_string()), "rank": outcome.rank,
        })),
        "words": both(&words),
        "gaps": standing.gaps.iter().map(gap_json).collect::<Vec<_>>(),
    })
}

pub(crate) fn gap_json(gap: &Gap) -> Value {
    json!({
        "id": gap.id, "name": both(&gap.name), "source": gap.source,
        "alternatives": gap.alternatives.iter().map(|needs| needs.iter().map(need_json).collect()).collect::<Vec<Vec<_>>>(),
    })
}

fn need_json(need: &Need) -> Value {
    json!({
        "id": need.id, "name": both(&need.name), "unit": need.unit, "value": need.value.as_ref().map(|value| value.zh.clone()),
        "sign": need.sign, "wanted": need.wanted.zh, "is_strict": need.is_strict, "by": need.by,
        "figure": need.figure.as_ref().map(|figure| json!({
            "id": figure.id, "name": both(&figure.name), "unit": figure.unit, "wanted": figure.wanted, "by": figure.by,
        })),
        "raises": need.raises.iter().map(|(raise, gain)| json!({"gain": gain, "by": need_json(raise)})).collect::<Vec<_>>(),
    })
}

fn both(text: &Bilingual) -> Value {
    json!({"zh": text.zh, "en": text.en})
}
