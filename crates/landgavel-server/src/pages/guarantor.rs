//! A guarantor's guarantees: which name it, and whether it stands behind them.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::Pages;
use super::door::see_other;
use super::officer::not_done;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::api::saved;
use crate::dossier::{self, Bond, Reply};

#[derive(Template)]
#[template(path = "guarantor.html")]
struct Guarantees {
    page: Page,
    lacks_code: bool,
    waiting: Vec<Row>,
    answered: Vec<Row>,
}

on_page!(Guarantees);

struct Row {
    sale: String,
    href: String,
    code: String,
    amount: String,
    until: String,
    beneficiary: String,
    of: String,
    past: Vec<String>,
    paper: String,
    action: String,
    state: String,
    tone: &'static str,
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    word: String,
    #[serde(default)]
    of: String,
    answer: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn list(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let Some(account) = visitor.caller.account().cloned() else { return see_other("/login?next=/guarantor", None) };
    match dossier::guarantees(&pages.hall, &account).await {
        Ok(bonds) => {
            let (waiting, answered): (Vec<&Bond>, Vec<&Bond>) = bonds.iter().partition(|bond| bond.answer.is_none());
            let rows = |bonds: Vec<&Bond>| bonds.into_iter().map(|bond| row(&pages, bond, &visitor)).collect();
            let page = Guarantees {
                lacks_code: !account.has_code() && !pages.hall.is_demonstration(),
                waiting: rows(waiting),
                answered: rows(answered),
                page: visitor.page(&pages.site, "保函", "Guarantees"),
            };
            Page::answer(StatusCode::OK, &page)
        }
        Err(why) => not_done(&pages, visitor, &why),
    }
}

fn row(pages: &Pages, bond: &Bond, visitor: &Visitor) -> Row {
    let room = pages.hall.room(bond.sale.as_str());
    let title = room.map(|room| visitor.pick(&room.foundation().loaded.lot.title));
    let (state, tone) = match &bond.answer {
        None => (visitor.say("待确认", "waits"), "wait"),
        Some(answer) if answer.confirms => (visitor.say("已确认", "confirmed"), "good"),
        Some(answer) => {
            (visitor.say(&format!("已否认：{}", answer.reason), &format!("denied: {}", answer.reason)), "bad")
        }
    };
    let at = format!("/guarantor/{}/{}", bond.sale, bond.code);
    Row {
        sale: title.unwrap_or_else(|| bond.sale.to_string()),
        href: format!("/sales/{}", bond.sale),
        code: bond.code.clone(),
        amount: bond.terms.amount.clone(),
        until: bond.terms.valid_until.clone(),
        beneficiary: bond.terms.beneficiary.clone(),
        of: bond.digest(),
        past: past_lines(bond, visitor),
        paper: format!("{at}/paper"),
        action: at,
        state,
        tone,
    }
}

pub(super) async fn answer(
    State(pages): State<Pages>,
    Path((sale, code)): Path<(String, String)>,
    visitor: Visitor,
    Form(form): Form<AnswerForm>,
) -> Response {
    let account = visitor.caller.account().filter(|_| visitor.caller.check_form(&form.word).is_ok()).cloned();
    let (Some(account), Some(room)) = (account, pages.hall.room(&sale)) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    let reply = Reply { of: &form.of, confirms: form.answer == "confirm", reason: &form.reason };
    match dossier::answer(&pages.hall, &room, &account, &code, reply).await {
        Ok(_) => see_other("/guarantor", None),
        Err(why) => not_done(&pages, visitor, &why),
    }
}

/// What was said of the bonds whose place this one took.
pub(super) fn past_lines(bond: &Bond, visitor: &Visitor) -> Vec<String> {
    let line = |past: &dossier::Past| {
        let (amount, by, paper) = (&past.amount, &past.guarantor, past.sha256.get(..8).unwrap_or_default());
        if past.answer.confirms {
            let en = format!("An earlier one was confirmed: {amount}, {by}, paper {paper}…");
            return visitor.say(&format!("此前一份已确认：{amount}，{by}，凭证 {paper}…"), &en);
        }
        let why = &past.answer.reason;
        visitor.say(
            &format!("此前一份被否认：{amount}，{by}，凭证 {paper}…，理由：{why}"),
            &format!("An earlier one was denied: {amount}, {by}, paper {paper}…, because: {why}"),
        )
    };
    bond.past.iter().map(line).collect()
}

#[derive(Deserialize)]
pub(super) struct PaperForm {
    word: String,
    #[serde(default)]
    reason: String,
}

/// The paper of a bond, for its guarantor and for officers: asked for by a form, since it leaves a trace.
pub(super) async fn paper(
    State(pages): State<Pages>,
    Path((sale, code)): Path<(String, String)>,
    visitor: Visitor,
    Form(form): Form<PaperForm>,
) -> Response {
    let account = visitor.caller.account().filter(|_| visitor.caller.check_form(&form.word).is_ok()).cloned();
    let (Some(account), Some(room)) = (account, pages.hall.room(&sale)) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    match dossier::paper(&pages.hall, &room, &account, &code, &form.reason).await {
        Ok((kind, bytes)) => saved(kind, bytes),
        Err(why) => not_done(&pages, visitor, &why),
    }
}
