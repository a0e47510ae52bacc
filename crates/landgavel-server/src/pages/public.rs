use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use landgavel_base::{Decimal, Instant};
use landgavel_record::words::{Section, rule_in_words};

use super::Pages;
use super::apply;
use super::facts::{Card, Fact, Group, area, card, parameter, stand, when};
use super::map::Map;
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::tasks::{TaskRow, waiting};
use super::verifier::{Verifying, verifying};
use crate::desk::foundation::{LOT, RULEBOOK};
use crate::desk::shown::State as SaleState;
use crate::hall::Room;
use crate::people::Role;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
    live: Vec<Card>,
    coming: Vec<Card>,
    ended: Vec<Card>,
    tasks: Vec<TaskRow>,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    page: Page,
}

#[derive(Template)]
#[template(path = "sale.html")]
struct Notice {
    page: Page,
    base: String,
    state: String,
    tone: &'static str,
    is_sample: bool,
    can_apply: bool,
    has_result: bool,
    place: String,
    land: Vec<Fact>,
    conditions: Vec<Condition>,
    terms: Vec<Fact>,
    rule: Vec<Section>,
    map: Option<Map>,
    calendar: Vec<Moment>,
    zone: String,
    fixed: Vec<Fact>,
    verifying: Option<Verifying>,
}

on_page!(Home, Help, Notice);

struct Condition {
    name: String,
    min: String,
    max: String,
    unit: String,
}

struct Moment {
    name: String,
    when: String,
    is_past: bool,
    is_next: bool,
}

pub(super) async fn home(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let (mut live, mut coming, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for room in pages.hall.rooms() {
        let Some(card) = card(&room, &visitor) else { continue };
        match card.group {
            Group::Live => live.push(card),
            Group::Coming => coming.push(card),
            Group::Ended => ended.push(card),
        }
    }
    let tasks = waiting(&pages, &visitor).await;
    let page = visitor.page(&pages.site, "土地公开出让", "Public sales of land");
    Page::answer(StatusCode::OK, &Home { page, live, coming, ended, tasks })
}

pub(super) async fn help(State(pages): State<Pages>, visitor: Visitor) -> Response {
    Page::answer(StatusCode::OK, &Help { page: visitor.page(&pages.site, "帮助", "Help") })
}

pub(super) async fn not_found(State(pages): State<Pages>, visitor: Visitor) -> Response {
    ErrorPage::not_found(&pages.site, visitor)
}

pub(super) async fn sale(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let loaded = &room.foundation().loaded;
    let stand = stand(&state, &visitor);
    let lot = state.sale.lot();
    let parcel = loaded.parcel.as_ref();
    let caption = visitor.say("宗地界址，上北", "Outline of the parcel, north up");
    let notice = Notice {
        base: format!("/sales/{id}"),
        state: stand.words,
        tone: stand.tone,
        is_sample: loaded.is_sample,
        can_apply: state.sale.is_admission_open() && visitor.caller.role().is_none_or(|role| role == Role::Bidder),
        has_result: !state.sale.seats().is_empty() || state.sale.status().is_final(),
        place: parcel.map(|parcel| visitor.pick(&parcel.location)).unwrap_or_default(),
        land: land(&room, &visitor),
        conditions: conditions(&room, &visitor),
        terms: terms(&room, &state, &visitor),
        rule: rule_in_words(&lot.rulebook, Some(lot), visitor.language),
        map: parcel.and_then(|parcel| Map::of(&parcel.outline, caption)),
        calendar: calendar(&state, &visitor, pages.clock.now()),
        zone: format!("UTC{}", lot.rulebook.utc_offset),
        fixed: fixed(&room, &state, &visitor),
        verifying: verifying(&id, &state, &pages.site, &visitor),
        page: visitor.page(&pages.site, &lot.title.zh, &lot.title.en),
    };
    Page::answer(StatusCode::OK, &notice)
}

fn land(room: &Room, visitor: &Visitor) -> Vec<Fact> {
    let Some(parcel) = &room.foundation().loaded.parcel else { return Vec::new() };
    let mut facts = vec![
        Fact::text(visitor.say("宗地编号", "Parcel"), parcel.id.clone()),
        Fact::text(visitor.say("坐落", "Where"), visitor.pick(&parcel.location)),
        Fact::number(visitor.say("面积", "Area"), area(parcel.area, visitor)),
        Fact::text(
            visitor.say("用途", "Use"),
            format!("{}（{}）", visitor.pick(&parcel.land_use.name), parcel.land_use.code),
        ),
        Fact::number(
            visitor.say("出让年限", "Term"),
            visitor.say(&format!("{} 年", parcel.term_years), &format!("{} years", parcel.term_years)),
        ),
    ];
    if let Some(number) = &parcel.unit_number {
        facts.push(Fact::text(visitor.say("不动产单元号", "Real estate unit"), number.to_string()));
    }
    if !parcel.industries.is_empty() {
        facts.push(Fact::text(
            visitor.say("准入行业（GB/T 4754）", "Industries (GB/T 4754)"),
            parcel.industries.join("、"),
        ));
    }
    facts
}

fn conditions(room: &Room, visitor: &Visitor) -> Vec<Condition> {
    let Some(parcel) = &room.foundation().loaded.parcel else { return Vec::new() };
    let bound = |bound: Option<Decimal>| bound.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let row = |condition: &landgavel_base::PlanningCondition| Condition {
        name: visitor.pick(&condition.name),
        min: bound(condition.min),
        max: bound(condition.max),
        unit: if condition.unit == "1" { "–".to_owned() } else { condition.unit.clone() },
    };
    parcel.conditions.iter().map(row).collect()
}

fn terms(room: &Room, state: &SaleState, visitor: &Visitor) -> Vec<Fact> {
    let parameters = &room.foundation().loaded.parameters;
    parameters
        .iter()
        .map(|parameter_| {
            let value = parameter_.value.as_ref().map_or_else(
                || parameter_.text.clone(),
                |value| parameter(&state.sale, value, &parameter_.text, visitor.language),
            );
            Fact::number(visitor.pick(&parameter_.meaning), value)
        })
        .collect()
}

fn calendar(state: &SaleState, visitor: &Visitor, now: Instant) -> Vec<Moment> {
    let lot = state.sale.lot();
    let next = lot.calendar.iter().filter(|moment| **moment > now).min().copied();
    let moments = lot.rulebook.calendar.iter().zip(&lot.calendar);
    moments
        .map(|(moment, at)| Moment {
            name: visitor.pick(&moment.name),
            when: when(*at, lot.rulebook.utc_offset),
            is_past: *at <= now,
            is_next: Some(*at) == next,
        })
        .collect()
}

fn fixed(room: &Room, state: &SaleState, visitor: &Visitor) -> Vec<Fact> {
    let notice = &room.foundation().notice;
    let chain = if notice.chain.is_local() {
        visitor.say("本地演示链（不能证明随机）", "a local chain (it proves no randomness)")
    } else {
        "drand quicknet".to_owned()
    };
    let mut facts = vec![
        Fact::text(visitor.say("规则文件摘要", "Digest of the rulebook"), notice.rulebook_sha256.to_string()),
        Fact::text(visitor.say("标的文件摘要", "Digest of the lot"), notice.lot_sha256.to_string()),
        Fact::text(visitor.say("日志名称", "Name of the log"), notice.origin.clone()),
        Fact::text(visitor.say("随机数来源", "Source of chance"), chain),
    ];
    for officer in &notice.officers {
        facts.push(Fact::text(
            visitor.say("工作人员密钥", "Officer's key"),
            format!("{} {}", officer.name, officer.key),
        ));
    }
    for (issuer, named) in notice.issuers.iter().zip(apply::issuers(room, &state.sale, visitor)) {
        facts.push(Fact::text(
            visitor.say("凭证认可的出证人", "Whose certificates count"),
            format!("{named} {}", issuer.key),
        ));
    }
    for commitment in &room.foundation().loaded.lot.commitments {
        facts.push(Fact::text(
            visitor.say("保密数值的承诺", "Commitment to a secret value"),
            commitment.digest.to_string(),
        ));
    }
    facts
}

/// A file on which the sale stands, byte for byte.
pub(super) async fn file(
    State(pages): State<Pages>,
    Path((id, name)): Path<(String, String)>,
    visitor: Visitor,
) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let loaded = &room.foundation().loaded;
    let bytes = match name.as_str() {
        RULEBOOK => loaded.rulebook_text.clone(),
        LOT => loaded.lot_text.clone().unwrap_or_default(),
        _ => return ErrorPage::not_found(&pages.site, visitor),
    };
    let save = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, "application/toml; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, save)], bytes).into_response()
}
