//! The board in words and as JSON.

use landgavel_base::{Bilingual, Source};
use serde_json::{Value, json};

use super::{Board, Points, Row};
use crate::figures::{format_quanta, unit_in_english};
use crate::language::{Certainty, CountyFigure, FIGURE_DECIMALS};

/// A figure with its unit, as far as it is known: `> 1100 家`.
pub fn value_words(figure: &CountyFigure, unit: &str) -> Bilingual {
    let number = format_quanta(figure.value, FIGURE_DECIMALS);
    let gap = if unit == "%" { "" } else { " " };
    let (zh, en) = match figure.certainty {
        Certainty::Exact => ("", ""),
        Certainty::Over => ("超过 ", "over "),
        Certainty::AtLeast => ("不低于 ", "at least "),
    };
    let (zh_end, en_end) = if figure.is_forecast { ("（预计）", " (expected)") } else { ("", "") };
    let unit_en = unit_in_english(unit);
    Bilingual::new(format!("{zh}{number}{gap}{unit}{zh_end}"), format!("{en}{number}{gap}{unit_en}{en_end}"))
}

/// Points, or why there are none.
pub fn points_words(board: &Board<'_>, points: Points) -> Bilingual {
    let decimals = board.card.card.points_decimals;
    match points {
        Points::NotOnCard => Bilingual::new("不计分", "not on the card"),
        Points::Missing => Bilingual::new("缺：未公布", "missing: not published"),
        Points::NotExact => Bilingual::new("不计分：不是确数", "no points: the figure is not exact"),
        Points::FieldIncomplete { missing } => Bilingual::new(
            format!("不计分：另有 {missing} 个县未公布，无从比较"),
            format!("no points: the figures of {missing} other counties are not published"),
        ),
        Points::Given { points, weight } => {
            let (points, weight) = (format_quanta(points, decimals), format_quanta(weight, decimals));
            Bilingual::new(format!("{points} 分（满分 {weight}）"), format!("{points} of {weight} points"))
        }
    }
}

/// A source in short.
pub fn source_words(source: Option<&Source>) -> String {
    match source {
        None => String::new(),
        Some(Source::Assumption) => "assumption".to_owned(),
        Some(Source::Published(note)) => {
            let more = [&note.article, &note.url];
            more.into_iter().flatten().fold(note.law.clone(), |words, part| format!("{words} {part}"))
        }
    }
}

/// What the total is, or why there is none.
pub fn total_words(board: &Board<'_>) -> Bilingual {
    let card = &board.card.card;
    let weight = |weight: i64| format_quanta(weight, card.points_decimals);
    let (given, full) = (weight(board.weight.0), weight(board.weight.1));
    match board.total {
        Some(total) => {
            let total = format_quanta(total, card.total_decimals);
            Bilingual::new(format!("总分 {total}"), format!("total {total}"))
        }
        None => Bilingual::new(
            format!("不给总分：{full} 分中 {given} 分可比，其余所需数字未公布"),
            format!("no total: of {full} points {given} can be compared; the other figures are not published"),
        ),
    }
}

/// The rank in words: among whom, and how many are missing.
pub fn rank_words(board: &Board<'_>, row: &Row<'_>) -> Option<Bilingual> {
    let (rank, of) = (row.rank?, row.peers.len());
    let missing = board.county.peers.as_ref().map(|(count, name)| {
        let missing = usize::try_from(*count).unwrap_or(usize::MAX).saturating_sub(of);
        (
            format!("；{} {count} 个中另有 {missing} 个未公布", name.zh),
            format!("; {missing} of {count} {} not published", name.en),
        )
    });
    let (zh, en) = missing.unwrap_or_default();
    Some(Bilingual::new(format!("已公布 {of} 个中第 {rank}{zh}"), format!("rank {rank} of {of} published{en}")))
}

/// The board as JSON.
pub fn board_json(board: &Board<'_>) -> Value {
    let county = board.county;
    let figure = |figure: &CountyFigure| {
        json!({
            "place": county.places[figure.place].id,
            "value": format_quanta(figure.value, FIGURE_DECIMALS),
            "is": match figure.certainty {
                Certainty::Exact => "exact",
                Certainty::Over => "over",
                Certainty::AtLeast => "at-least",
            },
            "forecast": figure.is_forecast, "from": figure.from.to_string(), "to": figure.to.to_string(),
            "computed": figure.computed.as_ref().map(|how| json!({"zh": how.zh, "en": how.en})),
            "source": source_words(figure.source.as_ref()),
        })
    };
    let decimals = board.card.card.points_decimals;
    let row = |row: &Row<'_>| {
        let (state, points, weight) = match row.points {
            Points::NotOnCard => ("not-on-card", None, None),
            Points::Missing => ("missing", None, None),
            Points::NotExact => ("not-exact", None, None),
            Points::FieldIncomplete { .. } => ("field-incomplete", None, None),
            Points::Given { points, weight } => {
                ("given", Some(format_quanta(points, decimals)), Some(format_quanta(weight, decimals)))
            }
        };
        json!({
            "id": row.id, "name": {"zh": row.name.zh, "en": row.name.en}, "unit": row.unit,
            "figure": row.figure.map(&figure),
            "reference": row.reference.map(|(reference, _)| figure(reference)),
            "ahead": row.reference.and_then(|(_, ahead)| ahead).map(|ahead| format_quanta(ahead, FIGURE_DECIMALS)),
            "peers": row.peers.iter().map(|peer| figure(peer)).collect::<Vec<_>>(),
            "rank": row.rank, "points_state": state, "points": points, "weight": weight,
        })
    };
    let sections: Vec<Value> = board
        .sections
        .iter()
        .map(|section| {
            json!({
                "name": section.name.map(|name| json!({"zh": name.zh, "en": name.en})),
                "rows": section.rows.iter().map(&row).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "id": county.id, "title": {"zh": county.title.zh, "en": county.title.en}, "is_sample": county.is_sample,
        "subject": county.places[county.subject].id,
        "card": {"id": board.card.card.id, "version": board.card.card.version},
        "sections": sections,
        "weight_compared": format_quanta(board.weight.0, decimals), "weight": format_quanta(board.weight.1, decimals),
        "total": board.total.map(|total| format_quanta(total, board.card.card.total_decimals)),
    })
}
