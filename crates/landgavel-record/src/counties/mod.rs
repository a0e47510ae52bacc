//! The scoreboard of a county (县域记分牌): published figures, each held against the province and against those peers of which the
//! same figure was published, and scored by a card only where the figures of the whole field are known.
//!
//! Nothing is filled in. A figure that nobody published is missing, "more than" is ranked nowhere, a card that measures against the
//! best and the last of a field gives no points for a part of it, and a total is given only when every item has points. Modules: `page`, `words`.

mod page;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use landgavel_base::{Bilingual, Date};
use landgavel_score::{ItemRole, Survey, Way};

use crate::figures::{Figures, Layout, TableFault, format_quanta};
use crate::language::{Certainty, CountyFigure, CountyFigures, FIGURE_DECIMALS, LoadedCard};

pub use page::page;
pub use words::{board_json, points_words, rank_words, source_words, total_words, value_words};

/// What is known of a county, line by line.
#[derive(Debug)]
pub struct Board<'a> {
    /// The figures.
    pub county: &'a CountyFigures,
    /// The card by which counties are compared.
    pub card: &'a LoadedCard,
    /// Dimensions of the card with their rows; last, without a dimension, what the card does not know.
    pub sections: Vec<Section<'a>>,
    /// Weight of the items that have points, and of all items, in quanta of points.
    pub weight: (i64, i64),
    /// The total, when every item has points, in quanta of the card's totals.
    pub total: Option<i64>,
}

/// A dimension and its rows.
#[derive(Debug)]
pub struct Section<'a> {
    /// Name of the dimension; `None` for what the card does not know.
    pub name: Option<&'a Bilingual>,
    /// Rows.
    pub rows: Vec<Row<'a>>,
}

/// What is known of one indicator.
#[derive(Debug)]
pub struct Row<'a> {
    /// Id.
    pub id: &'a str,
    /// Name.
    pub name: &'a Bilingual,
    /// Unit.
    pub unit: &'a str,
    /// What is counted, when the file says so.
    pub meaning: Option<&'a Bilingual>,
    /// The county's figure; `None` when nobody published it.
    pub figure: Option<&'a CountyFigure>,
    /// The same figure of the reference, and by how many quanta the county is ahead of it, where both are exact shares.
    pub reference: Option<(&'a CountyFigure, Option<i64>)>,
    /// Exact figures of counties for the same period, best first.
    pub peers: Vec<&'a CountyFigure>,
    /// The county's rank among them, where it is exact and not alone.
    pub rank: Option<usize>,
    /// What the card gives for it.
    pub points: Points,
}

/// What a card gives for a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// The card does not ask for it.
    NotOnCard,
    /// It was not published.
    Missing,
    /// It is not exact, or only expected.
    NotExact,
    /// The card measures a county against the whole field, and figures of some are not published.
    FieldIncomplete {
        /// Counties whose figure is not published; at least one.
        missing: usize,
    },
    /// Points, and the item's weight, in quanta of points.
    Given {
        /// Points.
        points: i64,
        /// Full points.
        weight: i64,
    },
}

/// A figure that the card does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardFault {
    /// Id of the place; empty for the whole table.
    pub place: String,
    /// What is wrong with its figure.
    pub fault: TableFault,
}

/// Compares the figures of a county by a card.
///
/// # Errors
/// Figures that the card does not take, such as implausible ones.
pub fn board<'a>(county: &'a CountyFigures, card: &'a LoadedCard) -> Result<Board<'a>, Vec<BoardFault>> {
    let index = Index::of(county);
    let points = points(&index, card)?;
    let mut sections: Vec<Section<'a>> =
        card.card.dimensions.iter().map(|(_, name)| Section { name: Some(name), rows: Vec::new() }).collect();
    sections.push(Section { name: None, rows: Vec::new() });
    let (mut given, mut full, mut sum) = (0, 0, 0);
    for (at, item) in card.card.items.iter().enumerate() {
        let Some(column) = column_of(card, at) else { continue };
        let (id, known) = (card.card.columns[column].id.as_str(), &card.card.columns[column]);
        let indicator = county.indicators.iter().position(|indicator| indicator.id == id);
        let mut row = match indicator {
            Some(indicator) => index.row(indicator),
            None => Row {
                id,
                name: &known.name,
                unit: &known.unit,
                meaning: None,
                figure: None,
                reference: None,
                peers: Vec::new(),
                rank: None,
                points: Points::Missing,
            },
        };
        let missing = field(county).saturating_sub(row.peers.len());
        row.points = match (row.figure, points.get(at).copied().flatten()) {
            (None, _) => Points::Missing,
            (Some(figure), _) if !is_exact(figure) => Points::NotExact,
            (Some(_), Some(points)) if missing == 0 => Points::Given { points, weight: item.weight },
            (Some(_), _) => Points::FieldIncomplete { missing },
        };
        if item.role == ItemRole::Base {
            full += item.weight;
        }
        if let Points::Given { points, weight } = row.points {
            let (sign, counted) = match item.role {
                ItemRole::Base => (1, weight),
                ItemRole::Bonus => (1, 0),
                ItemRole::Malus => (-1, 0),
            };
            given += counted;
            sum += sign * points;
        }
        let section = item.dimension.filter(|at| *at < sections.len()).unwrap_or(sections.len() - 1);
        sections[section].rows.push(row);
    }
    let is_known = |id: &str| sections.iter().flat_map(|section| &section.rows).any(|row| row.id == id);
    let others: Vec<usize> = (0..county.indicators.len()).filter(|at| !is_known(&county.indicators[*at].id)).collect();
    let is_whole =
        sections.iter().flat_map(|section| &section.rows).all(|row| matches!(row.points, Points::Given { .. }));
    let rows = others.into_iter().map(|indicator| index.row(indicator)).filter(|row| row.figure.is_some());
    if let Some(last) = sections.last_mut() {
        last.rows.extend(rows);
    }
    sections.retain(|section| !section.rows.is_empty());
    let coarser = 10i128.pow(u32::from(card.card.points_decimals.saturating_sub(card.card.total_decimals)));
    let total = is_whole.then(|| landgavel_score::half_away(i128::from(sum), coarser)).flatten();
    Ok(Board { county, card, sections, weight: (given, full), total })
}

/// How many counties are compared: as many as the file says, or those that it names; never one alone.
fn field(county: &CountyFigures) -> usize {
    let named = county.places.iter().filter(|place| place.is_county).count();
    let said = county.peers.as_ref().map_or(0, |(count, _)| usize::try_from(*count).unwrap_or(usize::MAX));
    named.max(said).max(2)
}

/// The column that an item of the card looks at first.
fn column_of(card: &LoadedCard, item: usize) -> Option<usize> {
    let id = card.card.items.get(item)?.ways.first().and_then(Way::indicator)?;
    let indicator = card.card.indicators.get(id.0)?;
    card.card.columns.iter().position(|column| column.id == indicator.id)
}

fn is_exact(figure: &CountyFigure) -> bool {
    figure.certainty == Certainty::Exact && !figure.is_forecast
}

/// Figures by place and indicator, then by last and first day: a file may hold thousands of each.
struct Index<'a> {
    county: &'a CountyFigures,
    figures: BTreeMap<(usize, usize), ByPeriod<'a>>,
}

/// Figures by last and first day.
type ByPeriod<'a> = BTreeMap<(Date, Date), &'a CountyFigure>;

impl<'a> Index<'a> {
    fn of(county: &'a CountyFigures) -> Self {
        let mut figures: BTreeMap<_, ByPeriod<'_>> = BTreeMap::new();
        for figure in &county.figures {
            figures.entry((figure.place, figure.indicator)).or_default().insert((figure.to, figure.from), figure);
        }
        Self { county, figures }
    }

    /// The latest figure of a place.
    fn latest(&self, place: usize, indicator: usize) -> Option<&'a CountyFigure> {
        self.figures.get(&(place, indicator))?.last_key_value().map(|(_, figure)| *figure)
    }

    /// What is known of an indicator.
    fn row(&self, indicator: usize) -> Row<'a> {
        let (county, known) = (self.county, &self.county.indicators[indicator]);
        let figure = self.latest(county.subject, indicator);
        let same = |place: usize| {
            let figure = figure?;
            self.figures.get(&(place, indicator))?.get(&(figure.to, figure.from)).copied()
        };
        let reference = county.reference.and_then(same).map(|reference| {
            let ahead = figure
                .filter(|figure| known.unit == "%" && is_exact(figure) && is_exact(reference))
                .map(|figure| figure.value - reference.value);
            (reference, ahead)
        });
        let counties = (0..county.places.len()).filter(|place| county.places[*place].is_county);
        let mut peers: Vec<&CountyFigure> = counties.filter_map(same).filter(|figure| is_exact(figure)).collect();
        peers.sort_by_key(|figure| core::cmp::Reverse(figure.value));
        let rank = figure
            .filter(|figure| is_exact(figure) && peers.len() > 1)
            .map(|figure| 1 + peers.iter().filter(|peer| peer.value > figure.value).count());
        Row {
            id: &known.id,
            name: &known.name,
            unit: &known.unit,
            meaning: Some(&known.meaning),
            figure,
            reference,
            peers,
            rank,
            points: Points::NotOnCard,
        }
    }
}

/// Points of the subject by item, from a table that is read like any other, so that every check of tables holds for it.
fn points(index: &Index<'_>, card: &LoadedCard) -> Result<Vec<Option<i64>>, Vec<BoardFault>> {
    let county = index.county;
    let counties: Vec<usize> = (0..county.places.len()).filter(|place| county.places[*place].is_county).collect();
    let text = table(index, card, &counties);
    let told = |faults: Vec<TableFault>| -> Vec<BoardFault> {
        let place = |line: usize| {
            let place = line.checked_sub(2).and_then(|row| counties.get(row)).map(|place| &county.places[*place]);
            place.map_or_else(String::new, |place| place.id.clone())
        };
        faults.into_iter().map(|fault| BoardFault { place: place(fault.line), fault }).collect()
    };
    let layout = Layout::of(card, text.as_bytes()).map_err(told)?;
    let part = layout.read_all();
    let figures = Figures::join(&layout, vec![part]).map_err(told)?;
    let survey: Survey<'_> = figures.survey().map_err(told)?;
    let subject = counties.iter().position(|place| *place == county.subject).unwrap_or_default();
    // A missing figure is told as missing; whatever else the card holds against a figure was found above.
    Ok((0..card.card.items.len())
        .map(|item| survey.item(subject, item).ok().filter(|points| points.value.is_some()).map(|points| points.points))
        .collect())
}

/// Exact figures of the counties for the subject's periods, one line per county.
fn table(index: &Index<'_>, card: &LoadedCard, counties: &[usize]) -> String {
    let county = index.county;
    let mut text = card.heads.firm.first().cloned().unwrap_or_default();
    let column = |id: &str| county.indicators.iter().position(|indicator| indicator.id == id);
    let exact = |indicator: usize| -> BTreeMap<usize, i64> {
        index.row(indicator).peers.iter().map(|peer| (peer.place, peer.value)).collect()
    };
    let columns: Vec<BTreeMap<usize, i64>> =
        card.card.columns.iter().map(|known| column(&known.id).map(exact).unwrap_or_default()).collect();
    for known in &card.card.columns {
        // INVARIANT: writing to a String does not fail.
        let _ = write!(text, ",{}", known.id);
    }
    for place in counties {
        let _ = write!(text, "\n{}", county.places[*place].id);
        for values in &columns {
            let value = values.get(place).copied();
            let _ = match value {
                Some(value) => write!(text, ",{}", format_quanta(value, FIGURE_DECIMALS)),
                None => write!(text, ","),
            };
        }
    }
    text.push('\n');
    text
}
