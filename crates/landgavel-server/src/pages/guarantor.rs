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
use crate::dossier::{self, Bond};

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
    paper: String,
    action: String,
    state: String,
    tone: &'static str,
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    word: String,
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
    let of = format!("{}/{}", bond.sale, bond.code);
    Row {
        sale: title.unwrap_or_else(|| bond.sale.to_string()),
        href: format!("/sales/{}", bond.sale),
        code: bond.code.clone(),
        amount: bond.terms.amount.clone(),
        until: bond.terms.valid_until.clone(),
        beneficiary: bond.terms.beneficiary.clone(),
        paper: format!("/api/v1/sales/{}/bonds/{}/paper", bond.sale, bond.code),
        action: format!("/guarantor/{of}"),
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
    match dossier::answer(&pages.hall, &room, &account, &code, form.answer == "confirm", &form.reason).await {
        Ok(_) => see_other("/guarantor", None),
        Err(why) => not_done(&pages, visitor, &why),
    }
}
