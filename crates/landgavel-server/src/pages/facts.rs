use landgavel_base::{Instant, UtcOffset};
use landgavel_record::amounts::{instant_in_words, money_in_words};
use landgavel_record::language::{ParameterValue, format_quantity};
use landgavel_record::words::Language;
use landgavel_sale::{Sale, Status};

use super::page::Visitor;
use crate::desk::shown::{Standing, State};
use crate::hall::Room;

/// A name and its value.
pub(super) struct Fact {
    pub name: String,
    pub value: String,
    pub is_number: bool,
}

impl Fact {
    pub fn text(name: String, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), is_number: false }
    }

    pub fn number(name: String, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), is_number: true }
    }
}

/// How a sale stands, in a word, with the tone of its tag.
pub(super) struct Stand {
    pub words: String,
    pub tone: &'static str,
    pub group: Group,
}

/// Where a sale stands on the first page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Coming,
    Live,
    Ended,
}

pub(super) fn stand(state: &State, visitor: &Visitor) -> Stand {
    let (zh, en, tone, group) = match state.sale.status() {
        _ if matches!(state.desk, Standing::Stopped { .. }) && !state.sale.status().is_final() => {
            ("暂停受理", "not taking commands", "bad", Group::Live)
        }
        _ if state.sale.is_paused() => ("交易暂停", "stands still", "wait", Group::Live),
        Status::Admitting => ("报名与资格审查", "applications", "wait", Group::Coming),
        Status::Running(_) => ("竞价中", "bidding", "live", Group::Live),
        Status::Provisional => ("已产生竞得入选人", "provisional winner", "good", Group::Live),
        Status::Awarded => ("已成交", "sold", "good", Group::Ended),
        Status::PassedIn(_) => ("流拍", "passed in", "", Group::Ended),
        Status::Annulled { .. } => ("已撤销", "annulled", "bad", Group::Ended),
    };
    Stand { words: visitor.say(zh, en), tone, group }
}

/// A moment in the sale's own zone, whose name stands elsewhere on the page; whole minutes without their seconds.
pub(super) fn when(instant: Instant, offset: UtcOffset) -> String {
    let words = instant_in_words(instant, offset);
    let moment = words.split_once(" UTC").map_or(words.as_str(), |(moment, _)| moment);
    let minutes = moment.strip_suffix(":00").filter(|minutes| minutes.matches(':').count() == 1);
    minutes.unwrap_or(moment).to_owned()
}

/// The next full second: people need no milliseconds of what is still to come.
fn to_the_second(instant: Instant) -> Instant {
    Instant::from_millis(instant.millis().div_euclid(1000) * 1000 + 1000)
        .filter(|_| instant.millis() % 1000 != 0)
        .unwrap_or(instant)
}

/// A parameter of the lot in words.
pub(super) fn parameter(sale: &Sale, value: &ParameterValue, text: &str, language: Language) -> String {
    let rulebook = &sale.lot().rulebook;
    match value {
        ParameterValue::Money(money) => money_in_words(*money, &rulebook.currency, language),
        ParameterValue::Quantity(attribute, quantity) => format_quantity(rulebook.attribute(*attribute), *quantity),
        ParameterValue::Duration(_)
        | ParameterValue::Period(_)
        | ParameterValue::Count(_)
        | ParameterValue::Percent(_) => text.to_owned(),
    }
}

/// A sale as a card.
pub(super) struct Card {
    pub href: String,
    pub title: String,
    pub place: String,
    pub area: String,
    pub state: String,
    pub tone: &'static str,
    pub figure: Option<Fact>,
    pub when: Option<Fact>,
    pub group: Group,
}

/// The card of a room; nothing while it is read back.
pub(super) fn card(room: &Room, visitor: &Visitor) -> Option<Card> {
    let shown = room.shown()?;
    let state = shown.look();
    let loaded = &room.foundation().loaded;
    let stand = stand(&state, visitor);
    let (lot, offset) = (state.sale.lot(), state.sale.lot().rulebook.utc_offset);
    let view = state.sale.view(landgavel_sale::Viewer::Public);
    let best = view.stages.last().and_then(|stage| {
        let value = stage.offers.first().and_then(|offer| offer.value).or(stage.start)?;
        let attribute = lot.rulebook.attribute(lot.rulebook.stage(stage.stage).kind.attribute()?);
        Some(Fact::number(visitor.pick(&attribute.name), format_quantity(attribute, value)))
    });
    let due = state.sale.due().filter(|_| !state.sale.status().is_final());
    Some(Card {
        href: format!("/sales/{}", room.id()),
        title: visitor.pick(&lot.title),
        place: loaded.parcel.as_ref().map(|parcel| visitor.pick(&parcel.location)).unwrap_or_default(),
        area: area(lot.area, visitor),
        state: stand.words,
        tone: stand.tone,
        figure: best,
        when: due.map(|due| Fact::number(visitor.say("下一时点", "Next moment"), when(to_the_second(due), offset))),
        group: stand.group,
    })
}

/// Square metres and mu.
pub(super) fn area(area: landgavel_base::Area, visitor: &Visitor) -> String {
    let (m2, mu) = (area.square_metres(), area.mu());
    visitor.say(&format!("{m2} 平方米（{mu} 亩）"), &format!("{m2} m² ({mu} mu)"))
}
