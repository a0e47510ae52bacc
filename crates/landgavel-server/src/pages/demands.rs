//! Demands on the banks behind a pledge, for the screen and as PDF: what was called of a guarantee, as its issuer is told.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_record::pledges::record::Change;
use landgavel_record::pledges::{
    BankDemand, bank_demands, demand_asks, demand_places, demand_signatures, demand_title,
};
use landgavel_record::words::Language;

use super::Pages;
use super::page::{ErrorPage, Page, Visitor};
use super::papers::{Paper, on_paper};
use crate::api::Problem;
use crate::pledges::{Pledge, State as PledgeState};
use crate::print::{Block, Sheet, Source};

/// All demands of a pledge, in order.
pub(super) fn demands(state: &PledgeState) -> Vec<BankDemand> {
    let changes = state.history.iter().flat_map(|past| past.result.iter().flatten());
    let events = changes.filter_map(|change| match change {
        Change::Pledge(event) => Some(event),
        Change::Rekeyed { .. } => None,
    });
    bank_demands(state.record.opened(), events)
}

pub(super) async fn demand(
    State(pages): State<Pages>,
    Path((id, number)): Path<(String, usize)>,
    visitor: Visitor,
) -> Response {
    let Some(pledge) = pages.hall.pledge(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = pledge.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let Some(sheet) = sheet(&pledge, &state, number, &visitor) else {
        return ErrorPage::not_found(&pages.site, visitor);
    };
    let language = match visitor.language {
        Language::Zh => "zh",
        Language::En => "en",
    };
    let pdf = pages.site.printer.as_ref().map(|_| format!("/pledges/{id}/demands/{number}/pdf?lang={language}"));
    let links = vec![(visitor.say("返回履约页", "Back to the pledge"), format!("/pledges/{id}"))];
    let page = visitor.page_titled(&pages.site, sheet.title.clone());
    Page::answer(StatusCode::OK, &Paper { page, links, sheet, pdf, verifying: None })
}

pub(super) async fn demand_pdf(
    State(pages): State<Pages>,
    Path((id, number)): Path<(String, usize)>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let visitor = visitor.in_chinese_unless_asked();
    let pledge = pages.hall.pledge(&id).ok_or_else(|| Problem::not_found(format!("there is no pledge {id}")))?;
    let sheet = {
        let shown = pledge.shown().ok_or_else(Problem::opening)?;
        let state = shown.look();
        let none = || Problem::not_found("there is no such demand");
        let sheet = sheet(&pledge, &state, number, &visitor).ok_or_else(none)?;
        // A paper is handed on: the root on it must cover what it says.
        if state.published.as_ref().is_none_or(|published| published.tree.size() < state.entries) {
            return Err(Problem::not_witnessed_yet());
        }
        sheet
    };
    on_paper(&pages, sheet, &format!("{id}-demand-{number}")).await
}

/// The demand of a number from 1.
fn sheet(pledge: &Pledge, state: &PledgeState, number: usize, visitor: &Visitor) -> Option<Sheet> {
    let opened = state.record.opened();
    let all = demands(state);
    let demand = all.get(number.checked_sub(1)?)?;
    let mut blocks = Vec::new();
    if pledge.foundation().terms.is_sample {
        let words = visitor
            .say("示例文书：条款为虚构，勿据此付款。", "A sample paper: the terms are invented; do not pay on it.");
        blocks.push(Block::Notice(words));
    }
    let facts = demand.facts(opened);
    blocks.push(Block::Facts(facts.iter().map(|(name, value)| (visitor.pick(name), visitor.pick(value))).collect()));
    blocks.push(Block::Text(visitor.pick(&demand.statement)));
    blocks.push(Block::Text(visitor.pick(&demand_asks())));
    let (value, capitals) = demand.amount(opened);
    let capitals = capitals.map(|capitals| (visitor.say("大写", "In capitals"), capitals));
    blocks.push(Block::Term { name: visitor.say("索付金额", "Amount demanded"), value, capitals });
    let blank = |[zh, en]: &[&str; 2]| (visitor.say(zh, en), "＿".repeat(16));
    blocks.push(Block::Facts(demand_places().iter().map(blank).collect()));
    blocks.push(Block::Signatures(demand_signatures().iter().map(|[zh, en]| visitor.say(zh, en)).collect()));
    let root = state.published.as_ref().map(|published| landgavel_base::Digest(published.tree.root().0).to_string());
    let source = Source {
        before: visitor.say("本文书由公开的履约记录生成。日志 ", "Made from the public record of the pledge. Log "),
        origin: state.record.opening().origin.clone(),
        between: visitor.say("，根 ", ", root "),
        root: root.unwrap_or_else(|| "–".to_owned()),
    };
    Some(Sheet { language: visitor.language, title: visitor.pick(&demand_title()), blocks, source })
}
