//! Promise against delivery as a picture: a bar for each period, a line where the promise stands.

use landgavel_base::Bilingual;
use landgavel_pledge::{Finding, Subject};
use landgavel_record::language::format_quantity;
use landgavel_record::pledges::{Light, Opened, subject_light};

use super::page::Visitor;

/// The chart of one promise.
pub(super) struct Chart {
    pub title: String,
    pub unit: String,
    pub width: i64,
    pub bars: Vec<Bar>,
    /// Height of the promise's line.
    pub promised_y: i64,
    pub promised: String,
    /// The whole in a sentence, for who does not see it.
    pub words: String,
}

/// A period.
pub(super) struct Bar {
    pub x: i64,
    /// Middle of the bar.
    pub middle: i64,
    pub y: i64,
    pub height: i64,
    /// Where its figure stands: in the bar, or above one that is too low.
    pub figure_y: i64,
    pub tone: &'static str,
    pub label: String,
    /// The figure; a dash while nothing was shown.
    pub figure: String,
}

/// Height of the tallest bar, and where bars stand.
const TALL: i64 = 150;
pub(super) const BASE: i64 = 190;
const STEP: i64 = 92;
const LEFT: i64 = 24;

/// A chart for each promise.
pub(super) fn charts(opened: &Opened, today: landgavel_base::Date, visitor: &Visitor) -> Vec<Chart> {
    let contract = opened.pledge.contract();
    (0..contract.promises.len()).filter_map(|index| chart(opened, index, today, visitor)).collect()
}

fn chart(opened: &Opened, index: usize, today: landgavel_base::Date, visitor: &Visitor) -> Option<Chart> {
    let pledge = &opened.pledge;
    let promise = pledge.contract().promises.get(index)?;
    let attribute = opened.attributes.get(index)?;
    let quanta = |value: i64| {
        let sign = if value < 0 { "-" } else { "" };
        let quantity = landgavel_base::Quantity::new(value.saturating_abs());
        let text = quantity.map_or_else(String::new, |quantity| format_quantity(attribute, quantity));
        format!("{sign}{text}")
    };
    let number = |value: i64| {
        let text = quanta(value);
        text.strip_suffix(&attribute.unit.text).map_or(text.clone(), |number| number.trim_end().to_owned())
    };
    let short = u16::try_from(index).ok()?;
    let shown = |period: u16| match pledge.evidence(Subject::Period(short, period))?.finding {
        Finding::Figure(value) => Some(value),
        Finding::On(_) | Finding::Halted(_) => None,
    };
    let periods = pledge.contract().periods(index);
    let most = (0..periods).filter_map(shown).chain([promise.committed]).max()?.max(1);
    let height =
        |value: i64| i64::try_from(i128::from(value.max(0)) * i128::from(TALL) / i128::from(most)).unwrap_or(0);
    let mut sentences = Vec::new();
    let bars = (0..periods)
        .map(|period| {
            let x = LEFT + STEP * i64::from(period);
            let value = shown(period);
            let (light, word) = subject_light(opened, Subject::Period(short, period), today);
            let label = if periods == 1 {
                visitor.say("一次", "once")
            } else {
                visitor.say(&format!("第{}年", period + 1), &format!("year {}", period + 1))
            };
            let figure = value.map_or_else(|| "–".to_owned(), number);
            sentences.push(format!("{label}: {figure} ({})", visitor.pick(&word)));
            let tall = value.map_or(0, height);
            Bar {
                x,
                middle: x + 32,
                y: BASE - tall,
                height: tall,
                figure_y: BASE - tall + if tall >= 40 { 30 } else { -8 },
                tone: tone(light),
                label,
                figure,
            }
        })
        .collect();
    let promised = quanta(promise.committed);
    let at = Bilingual { zh: format!("承诺 {promised}"), en: format!("promised {promised}") };
    let words = format!("{}: {}; {}", visitor.pick(&promise.name), visitor.pick(&at), sentences.join("; "));
    Some(Chart {
        title: visitor.pick(&promise.name),
        unit: attribute.unit.text.clone(),
        width: (2 * LEFT + STEP * i64::from(periods)).max(300),
        bars,
        promised_y: BASE - height(promise.committed),
        promised: visitor.pick(&at),
        words,
    })
}

/// The class of a light.
pub(super) fn tone(light: Option<Light>) -> &'static str {
    match light {
        Some(Light::Red) => "bad",
        Some(Light::Amber) => "wait",
        Some(Light::Green) => "good",
        None => "none",
    }
}

/// The shape of a light: no colour carries a meaning alone.
pub(super) fn shape(light: Option<Light>) -> &'static str {
    match light {
        Some(Light::Red) => "■",
        Some(Light::Amber) => "▲",
        Some(Light::Green) => "●",
        None => "○",
    }
}
