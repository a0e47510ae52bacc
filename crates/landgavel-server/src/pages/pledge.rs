//! One pledge: promises against evidence, verdicts with their arithmetic, bonds, claims, history; and what who looks may ask.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::{Date, Money};
use landgavel_pledge::{BondForm, ClaimState, Happened, Subject};
use landgavel_record::language::format_money;
use landgavel_record::pledges::record::{Change, Role as Signs};
use landgavel_record::pledges::{
    Light, Opened, event_in_words, standing_json, status_in_words, subject_in_words, subject_light,
};

use super::Pages;
use super::chart::{Chart, charts, shape, tone};
use super::demands::demands;
use super::facts::{Fact, when};
use super::map::Map;
use super::officer_sale::{Pending, pending_of};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::pledge_act::act_in_words;
use super::pledge_forms::{Forms, PledgeForm};
use super::verifier::{Verifying, verifying_bundle};
use crate::hall::{Acts, may_add, may_see};
use crate::people::Role;
use crate::pledges::concerns::{concerns, worst};
use crate::pledges::{Past, Pledge, State as PledgeState};

/// Entries of the past on the page; the record has all.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "pledge.html")]
struct Shown {
    page: Page,
    base: String,
    binding: String,
    here: String,
    word: String,
    person: String,
    sale: String,
    light: Tag,
    terms_title: String,
    status: String,
    is_sample: bool,
    facts: Vec<Fact>,
    concerns: Vec<ConcernRow>,
    items: Vec<Item>,
    charts: Vec<Chart>,
    map: Option<Map>,
    bond_line: String,
    bonds: Vec<BondRow>,
    demands: Vec<DemandRow>,
    claims: Vec<ClaimRow>,
    history: Vec<PastRow>,
    fixed: Vec<Fact>,
    forms: Vec<PledgeForm>,
    pending: Vec<Pending>,
    you: Option<String>,
    verifying: Option<Verifying>,
    witnessed: String,
}

on_page!(Shown);

/// A light: class, shape, word.
pub(super) struct Tag {
    pub tone: &'static str,
    pub shape: &'static str,
    pub word: String,
}

pub(super) struct ConcernRow {
    pub tag: Tag,
    pub words: String,
    pub day: Option<String>,
}

/// Something that is judged, as a row.
pub(super) struct Item {
    pub name: String,
    pub tag: Tag,
    pub promised: String,
    pub shown: String,
    pub due: String,
    /// The verdict's computation, step by step.
    pub how: Option<String>,
    pub document: Option<String>,
}

struct BondRow {
    what: String,
    amount: String,
    held: String,
    released: String,
    called: String,
    lapsed: String,
    forfeited: String,
    until: String,
}

/// A demand on a bank.
struct DemandRow {
    href: String,
    words: String,
}

struct ClaimRow {
    what: String,
    tag: Tag,
    owed: String,
    amount: String,
    paid: String,
    from_bond: String,
    until: String,
}

struct PastRow {
    entry: u64,
    when: String,
    by: String,
    lines: Vec<String>,
    is_refused: bool,
}

/// The word of a pledge's light.
pub(super) fn light_tag(light: Light, visitor: &Visitor) -> Tag {
    let word = match light {
        Light::Red => visitor.say("需要处理", "needs action"),
        Light::Amber => visitor.say("临近或待办", "near or waiting"),
        Light::Green => visitor.say("正常", "in order"),
    };
    Tag { tone: tone(Some(light)), shape: shape(Some(light)), word }
}

/// Concerns as rows.
pub(super) fn concern_rows(opened: &Opened, today: Date, visitor: &Visitor) -> Vec<ConcernRow> {
    let row = |concern: &crate::pledges::concerns::Concern| ConcernRow {
        tag: light_tag(concern.light, visitor),
        words: visitor.pick(&concern.words),
        day: concern.day.map(|day| day.to_string()),
    };
    concerns(opened, today).iter().map(row).collect()
}

pub(super) async fn pledge(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(pledge) = pages.hall.pledge(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    if pledge.is_damaged() {
        return ErrorPage::damaged(&pages.site, visitor);
    }
    let Some(shown) = pledge.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let account = visitor.caller.account().cloned();
    let is_signer = account.as_ref().is_some_and(|one| matches!(one.role, Role::Officer | Role::Guarantor));
    let acts = if is_signer { Acts::of(&pages.hall, &pledge).all().await } else { Ok(Vec::new()) };
    let acts = match acts {
        Ok(acts) => acts,
        Err(why) => return super::officer::not_done(&pages, visitor, &why),
    };
    let state = shown.look();
    let opened = state.record.opened();
    let now = pages.clock.now();
    let today = state.today(now);
    let api = format!("/api/v1/pledges/{id}");
    let key = account.as_ref().and_then(|account| account.key.as_deref());
    let you = state.signs_as(key);
    let person = account.as_ref().map(|account| account.name.to_string()).unwrap_or_default();
    let forms = Forms { state: &state, visitor: &visitor, api: api.clone(), now };
    let pending = acts.iter().filter(|act| act.is_waiting()).filter_map(|act| {
        let account = account.as_ref().filter(|account| may_see(&state, account, act))?;
        let is_taken = key.is_some_and(|key| may_add(&state, now, account, key, act).is_ok());
        let what = visitor.pick(&act_in_words(opened, &act.text));
        Some(Pending {
            may_take_back: account.role == Role::Officer && !act.is_signed(),
            ..pending_of(act, what, &api, &person, is_taken)
        })
    });
    let terms = &pledge.foundation().terms;
    let room = pages.hall.room(pledge.sale().as_str());
    let title = room.map_or_else(|| terms.title.clone(), |room| room.foundation().loaded.lot.title.clone());
    let title = format!("{}{}", visitor.say("履约：", "Pledge: "), visitor.pick(&title));
    let (concerns_found, currency) = (concerns(opened, today), &opened.pledge.contract().currency);
    let page = Shown {
        base: format!("/pledges/{id}"),
        binding: format!("{api}/binding"),
        here: format!("/pledges/{id}"),
        word: visitor.caller.form_word(),
        sale: format!("/sales/{}", pledge.sale()),
        light: light_tag(worst(&concerns_found), &visitor),
        status: visitor.pick(&status_in_words(opened.pledge.status())),
        is_sample: terms.is_sample,
        facts: facts(&pages, &pledge, &state, &visitor),
        concerns: concern_rows(opened, today, &visitor),
        items: items(&state, today, &visitor),
        charts: charts(opened, today, &visitor),
        map: map(&pages, &pledge, worst(&concerns_found), &visitor),
        bond_line: bond_line(opened, currency, &visitor),
        bonds: bonds(opened, &visitor),
        demands: demand_rows(&state, &id, &visitor),
        claims: claims(opened, today, &visitor),
        history: state.history.iter().rev().take(SHOWN).map(|past| past_row(opened, past, &visitor)).collect(),
        fixed: fixed(&state, &visitor),
        forms: you.map_or_else(Vec::new, |(role, name)| forms.of(role, name)),
        pending: pending.collect(),
        you: you.map(|(role, name)| format!("{name}（{}）", role_words(role, &visitor))),
        verifying: state
            .published
            .as_ref()
            .map(|_| verifying_bundle(format!("/pledges/{id}/bundle.zip"), &pages.site, &visitor)),
        witnessed: state.published.as_ref().map_or(0, |published| published.tree.size()).to_string(),
        person,
        terms_title: visitor.pick(&terms.title),
        page: visitor.page_titled(&pages.site, title),
    };
    Page::answer(StatusCode::OK, &page)
}

pub(super) fn role_words(role: Signs, visitor: &Visitor) -> String {
    match role {
        Signs::Winner => visitor.say("竞得人", "winner"),
        Signs::Officer => visitor.say("监管人员", "officer"),
        Signs::Source => visitor.say("凭证单位", "source"),
        Signs::Guarantor => visitor.say("担保人", "guarantor"),
    }
}

fn demand_rows(state: &PledgeState, id: &str, visitor: &Visitor) -> Vec<DemandRow> {
    let opened = state.record.opened();
    let rows = demands(state).into_iter().zip(1..).map(|(demand, number)| {
        let (amount, _) = demand.amount(opened);
        let issuer = demand.bond(opened).map(|held| held.bond.issuer.clone()).unwrap_or_default();
        DemandRow {
            href: format!("/pledges/{id}/demands/{number}"),
            words: visitor.say(
                &format!("索付通知：{issuer}，{amount}，{}", demand.day),
                &format!("Demand: {issuer}, {amount}, {}", demand.day),
            ),
        }
    });
    rows.collect()
}

fn facts(pages: &Pages, pledge: &Pledge, state: &PledgeState, visitor: &Visitor) -> Vec<Fact> {
    let contract = state.record.opened().pledge.contract();
    let mut facts = vec![
        Fact::text(visitor.say("竞得人代号", "Winner's code"), contract.winner.clone()),
        Fact::number(visitor.say("成交价", "Price"), format_money(contract.price, &contract.currency)),
        Fact::number(visitor.say("面积", "Area"), super::facts::area(contract.area, visitor)),
        Fact::number(visitor.say("合同签订日", "Contract"), contract.signed.to_string()),
        Fact::number(visitor.say("截至", "As of"), state.today(pages.clock.now()).to_string()),
    ];
    if let Some(words) = state.record.opened().deposit_in_words() {
        facts.push(Fact::text(visitor.say("竞买保证金", "Bid deposit"), visitor.pick(&words)));
    }
    if let Some(parcel) =
        pages.hall.room(pledge.sale().as_str()).and_then(|room| room.foundation().loaded.parcel.clone())
    {
        facts.insert(0, Fact::text(visitor.say("坐落", "Where"), visitor.pick(&parcel.location)));
    }
    facts
}

/// The last computation of each verdict, by what it is about.
fn computations(state: &PledgeState) -> Vec<(Subject, &landgavel_pledge::Computation)> {
    let changes = state.history.iter().flat_map(|past| past.result.iter().flatten());
    changes
        .filter_map(|change| match change {
            Change::Pledge(event) => match &event.happened {
                Happened::Judged { subject, computation: Some(computation), .. } => Some((*subject, computation)),
                _ => None,
            },
            Change::Rekeyed { .. } => None,
        })
        .collect()
}

/// All that is judged: promise, evidence, verdict and why.
pub(super) fn items(state: &PledgeState, today: Date, visitor: &Visitor) -> Vec<Item> {
    let opened = state.record.opened();
    let (pledge, computed) = (&opened.pledge, computations(state));
    let standing = standing_json(opened, today);
    let told = standing["items"].as_array().cloned().unwrap_or_default();
    pledge
        .told()
        .zip(told)
        .map(|(subject, told)| {
            let (light, word) = subject_light(opened, subject, today);
            let text = |name: &str| told[name].as_str().map_or_else(|| "–".to_owned(), str::to_owned);
            let how = computed.iter().rev().find(|(of, _)| *of == subject);
            Item {
                name: visitor.pick(&subject_in_words(pledge, subject)),
                tag: Tag { tone: tone(light), shape: shape(light), word: visitor.pick(&word) },
                promised: text("promised"),
                shown: text("shown"),
                due: text("due"),
                how: how.map(|(_, computation)| visitor.pick(&opened.arithmetic(subject, computation))),
                document: pledge
                    .evidence(subject)
                    .map(|evidence| format!("{} · {}", evidence.source, evidence.document)),
            }
        })
        .collect()
}

fn bond_line(opened: &Opened, currency: &str, visitor: &Visitor) -> String {
    let pledge = &opened.pledge;
    let money = |amount: Money| format_money(amount, currency);
    let (required, held, missing) =
        (money(pledge.contract().bond.amount), money(pledge.held()), money(pledge.missing()));
    visitor.say(
        &format!("应缴 {required}，现有 {held}，欠缺 {missing}"),
        &format!("required {required}, held {held}, missing {missing}"),
    )
}

pub(super) fn form_words(form: BondForm, visitor: &Visitor) -> String {
    match form {
        BondForm::Cash => visitor.say("现金", "cash"),
        BondForm::Guarantee => visitor.say("见索即付保函", "guarantee on demand"),
    }
}

fn bond_name(index: usize, bond: &landgavel_pledge::Bond, visitor: &Visitor) -> String {
    let number = bond.number.as_ref().map_or_else(String::new, |number| format!(" · {number}"));
    format!("{}. {} · {}{number}", index + 1, form_words(bond.form, visitor), bond.issuer)
}

fn bonds(opened: &Opened, visitor: &Visitor) -> Vec<BondRow> {
    let money = |amount: Money| format_money(amount, &opened.pledge.contract().currency);
    let row = |(index, held): (usize, &landgavel_pledge::HeldBond)| BondRow {
        what: bond_name(index, &held.bond, visitor),
        amount: money(held.bond.amount),
        held: money(held.held()),
        released: money(held.released),
        called: money(held.called),
        lapsed: money(held.lapsed),
        forfeited: money(held.forfeited),
        until: held.bond.valid_until.map_or_else(|| "–".to_owned(), |day| day.to_string()),
    };
    opened.pledge.bonds().iter().enumerate().map(row).collect()
}

/// How a claim stands, in a light and a word.
pub(super) fn claim_tag(state: ClaimState, is_late: bool, visitor: &Visitor) -> Tag {
    let (light, word) = match state {
        ClaimState::Closed => (Some(Light::Green), visitor.say("已结", "closed")),
        ClaimState::Disputed => (Some(Light::Amber), visitor.say("有异议", "disputed")),
        ClaimState::Open if is_late => (Some(Light::Red), visitor.say("逾期未结", "overdue")),
        ClaimState::Open => (Some(Light::Amber), visitor.say("整改期内", "may be cured")),
    };
    Tag { tone: tone(light), shape: shape(light), word }
}

fn claims(opened: &Opened, today: Date, visitor: &Visitor) -> Vec<ClaimRow> {
    let pledge = &opened.pledge;
    let money = |amount: Money| format_money(amount, &pledge.contract().currency);
    let row = |(index, claim): (usize, &landgavel_pledge::Claim)| {
        let owed = match claim.state {
            ClaimState::Closed => Money::ZERO,
            ClaimState::Open | ClaimState::Disputed => pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed()),
        };
        ClaimRow {
            what: format!("{}. {}", index + 1, visitor.pick(&subject_in_words(pledge, claim.subject))),
            tag: claim_tag(claim.state, claim.cure_until < today, visitor),
            owed: money(owed),
            amount: money(claim.amount),
            paid: money(claim.paid),
            from_bond: money(claim.from_bond),
            until: claim.cure_until.to_string(),
        }
    };
    pledge.claims().iter().enumerate().map(row).collect()
}

fn past_row(opened: &Opened, past: &Past, visitor: &Visitor) -> PastRow {
    let lines = match &past.result {
        Ok(changes) => changes
            .iter()
            .map(|change| match change {
                Change::Pledge(event) => visitor.pick(&event_in_words(opened, &event.happened)),
                Change::Rekeyed { of, approval, .. } => visitor.say(
                    &format!("“{of}”改用新密钥：{}", approval.reason),
                    &format!("“{of}” signs with another key from now on: {}", approval.reason),
                ),
            })
            .collect(),
        Err(reason) => vec![visitor.pick(&opened.reason_in_words(*reason))],
    };
    PastRow {
        entry: past.entry,
        when: when(past.at, opened.pledge.contract().utc_offset),
        by: past.by.join("、"),
        lines,
        is_refused: past.result.is_err(),
    }
}

fn fixed(state: &PledgeState, visitor: &Visitor) -> Vec<Fact> {
    let opening = state.record.opening();
    let mut facts = vec![
        Fact::text(visitor.say("日志名称", "Name of the log"), opening.origin.clone()),
        Fact::text(visitor.say("开立文本摘要", "Digest of the opening"), state.record.digest().to_string()),
        Fact::text(visitor.say("条款文件摘要", "Digest of the terms"), opening.terms_sha256.to_string()),
        Fact::text(visitor.say("出让记录的根", "Root of the sale's record"), opening.sale.root.to_string()),
    ];
    for (role, holder) in state.record.holders() {
        facts.push(Fact::text(role_words(role, visitor), format!("{} {}", holder.name, holder.key)));
    }
    facts
}

/// The parcel in the colour of its light.
pub(super) fn map(pages: &Pages, pledge: &Arc<Pledge>, light: Light, visitor: &Visitor) -> Option<Map> {
    let room = pages.hall.room(pledge.sale().as_str())?;
    let parcel = room.foundation().loaded.parcel.as_ref()?;
    let tag = light_tag(light, visitor);
    let caption = format!(
        "{} {} {}",
        tag.shape,
        tag.word,
        visitor.say("（宗地界址，上北）", "(outline of the parcel, north up)")
    );
    Map::of(&parcel.outline, caption).map(|map| Map { tone: tag.tone, ..map })
}
